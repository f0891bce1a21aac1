"""`scrapy list` and `scrapy crawl`: the same pipeline, with and without a database."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.clock import Clock
from storage import leases
from storage.database import Database
from storage.sites import site_row
from tests.crawler.test_engine import PAGE
from tests.support.site import Entry, Site

ROOT = Path(__file__).parents[2]


def scrapy(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def crawl(name: str, url: str, *more: str) -> subprocess.CompletedProcess[str]:
    allow = ("-s", "PARLEY_ALLOW_NETWORKS=127.0.0.0/8")
    return scrapy("crawl", name, "-a", f"url={url}", *allow, *more)


def test_scrapy_list_names_the_spiders() -> None:
    assert scrapy("list").stdout.split() == ["feed", "page", "section", "sitemap"]


def test_a_page_without_a_database_comes_out_as_a_line_of_json() -> None:
    with Site() as site:
        ran = crawl("page", site.publish("/a", PAGE), "-O", "-:jsonl")
    (line,) = ran.stdout.splitlines()
    found = json.loads(line)
    assert found["outcome"] == "content"
    assert found["content"]["title"] == "Second round of talks ends in Istanbul"


@pytest.mark.parametrize("more", [(), ("-a", "url=ftp://paper.example/a")], ids=["none", "ftp"])
def test_a_crawl_without_an_address_says_what_to_write(more: tuple[str, ...]) -> None:
    ran = scrapy("crawl", "page", *more)
    assert "is not an http(s) address; write -a url=https://" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_feed_with_a_database_stores_its_articles(tmp_path: Path) -> None:
    where = tmp_path / "parley.db"
    with Site() as site:
        site.publish("/a", PAGE)
        feed = site.publish_feed("/feed", [Entry(link="/a", title="Second round ends")])
        ran = crawl("feed", feed, "-s", f"PARLEY_DATABASE={where}")
    assert "Traceback" not in ran.stderr
    with sqlite3.connect(where) as database:
        assert database.execute("select count(*) from version").fetchone() == (1,)
        assert database.execute("select lease_owner from site").fetchone() == ("",)


def test_a_site_that_is_being_visited_is_left_alone(sqlite_database: Database) -> None:
    clock = Clock()
    with Site() as site:
        url = site.publish("/a", PAGE)
        with sqlite_database.transaction() as tx:
            site_row(tx, site.site)
            leases.claim(tx, site.site, owner="the daemon", now=clock.now(), for_s=600)
        ran = crawl("page", url, "-s", f"PARLEY_DATABASE={sqlite_database.path}")
        assert "is being visited by the daemon" in ran.stderr
        assert site.requests == ()
