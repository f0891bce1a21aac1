"""The user's rules for a publisher's pages: what they do, how mistakes are told, and that they are no edit."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.config import SourceConfig
from crawler.errors import ReadingError
from crawler.extraction.article import Extraction, extract_article
from crawler.extraction.site_rules import SiteRules, rules_for
from crawler.identity import normalise_url
from crawler.reading import PageJob, read_page
from scheduler import manual_pages
from scheduler.cli import app
from scheduler.errors import ConfigError
from scheduler.rule_files import read_rule_files
from storage.database import Database
from storage.types import ChangeKind, SourceKind
from tests.support.site import Site
from tests.support.watch import Watch

NOW = datetime(2026, 11, 25, tzinfo=UTC)
BODY = (
    "<p>The delegations of Ukraine and Russia sat for four hours and agreed on nine points.</p>"
    "<div class=ticker>Live now: 12 watch</div>"
    "<p>Weather in Kyiv: 12 degrees and rain for the whole of the day, says the service.</p>"
    "<aside class=facts><p>Nine points were agreed upon, three are left for the next round.</p></aside>"
    "<p>Another round of talks is possible within two weeks, said the ministry on Monday.</p>"
)


def page(body: str = BODY) -> str:
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>World: Talks resume - The Post</title></head><body>"
        '<h1>World: <span class=headline>Talks resume</span></h1><div class=byline><a href="/m">Mary Lund</a></div>'
        '<time class=published datetime="2026-11-02T10:00:00+02:00">long ago</time>'
        f"<div class=story>{body}</div><div class=more><p>The harbour wall will be raised by a metre.</p></div></body></html>"
    )


RULES = {
    "article": "div.story",
    "keep": ("aside.facts",),
    "drop": ("div.ticker",),
    "title_from": "h1 .headline",
    "date_from": "time.published@datetime",
    "authors_from": ".byline a",
}


def read(body: str, **rules: object) -> Extraction:
    site = SiteRules(name="post.toml", domain="post.example", **rules)  # type: ignore[arg-type]
    return extract_article(body.encode(), url="https://post.example/41", site=site)


def text_with(**rules: object) -> str:
    content = read(page(), **rules).content
    assert content is not None
    return content.text


def test_a_users_rules_say_what_the_article_is() -> None:
    found = read(page(), **RULES)
    content = found.content
    assert content is not None
    assert (content.title, content.authors) == ("Talks resume", ("Mary Lund",))
    assert content.published == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert "Nine points were agreed upon" in content.text
    assert "12 watch" not in content.text
    assert "harbour wall" not in content.text
    assert ("post.toml: drop div.ticker", "Live now: 12 watch") in [
        (piece.rule, piece.text) for piece in found.dropped
    ]


def test_each_rule_does_its_part_alone() -> None:
    assert "12 watch" not in text_with(drop=("div.ticker",))
    assert "Nine points were agreed upon" in text_with(keep=("aside.facts",))
    assert "harbour wall" not in text_with(article="div.story")
    assert text_with(article=".nowhere") == text_with()


KEPT = {
    "a foreign name": '<div class="related newsletter"><p>{}</p></div>',
    "a foreign tag": "<aside><p>{}</p></aside>",
    "a form": "<form><p>{}</p></form>",
    "a list of links": "<ul><li><a href=/a>{}</a></li><li><a href=/b>The list of names</a></li></ul>",
    "a linked headline": "<section><h3><a href=/a>{}</a></h3></section>",
    "a caption": "<figure><img src=a.png><figcaption>{}</figcaption></figure>",
    "hidden": '<div style="display:none">{}</div>',
    "what scripts replace": "<noscript><p>{}</p></noscript>",
}


@pytest.mark.parametrize("text", ["The full list of points, as signed", "Read also: the points"])
@pytest.mark.parametrize("markup", KEPT.values(), ids=KEPT)
def test_what_is_kept_stays_whatever_it_is_and_says(markup: str, text: str) -> None:
    kept = f'<div data-keep="1">{markup.format(text)}</div>'
    outside = page().replace("<h1>", f"<nav><div>{kept}</div></nav><h1>")
    for place, body in (("inside", page(BODY + kept)), ("outside", outside)):
        content = read(body, keep=("[data-keep]",)).content
        assert content is not None
        assert text in [block.text for block in content.blocks], place
        assert "The delegations of Ukraine and Russia" in content.text
        assert "harbour wall" not in content.text


def test_what_is_kept_stays_in_the_order_of_the_page() -> None:
    body = page().replace("<h1>", "<nav class=facts>Above the rest it says this.</nav><h1>")
    body = body.replace("<div class=more>", "<footer class=facts>Below it says that.</footer>tail")
    content = read(body, keep=(".facts",), article="div.story").content
    assert content is not None
    texts = [block.text for block in content.blocks]
    assert (texts[0], texts[-1]) == ("Above the rest it says this.", "Below it says that.")
    assert "tail" not in content.text


def test_a_part_that_is_kept_is_the_article() -> None:
    found = read(page(), keep=("div.more", "div.story")).content
    assert found is not None
    assert "harbour wall" in found.text
    assert "Nine points were agreed upon" in found.text


def test_several_places_are_put_together_without_what_stands_between() -> None:
    body = page().replace("<div class=more>", "between<div class=more>")
    content = read(body, article="div.story, div.more").content
    assert content is not None
    assert "harbour wall" in content.text
    assert "between" not in content.text


def test_names_are_read_before_what_holds_them_goes() -> None:
    content = read(page(), drop=(".byline", "h1"), authors_from=".byline a", title_from="h1 span")
    assert content.content is not None
    assert content.content.authors == ("Mary Lund",)
    assert content.content.title == "Talks resume"


IN_A_SCRIPT = (
    "<html lang=en><head><title>Talks resume</title></head><body><h1>Talks resume</h1>"
    "<b class=x>Ann Ek</b><div id=app></div><script type=application/json>{}</script></body></html>"
)
CLOSED = (
    '<html lang=en><head><title>Talks resume</title><script type="application/ld+json">'
    '{"@type":"NewsArticle","headline":"Talks resume","isAccessibleForFree":false}</script></head>'
    "<body><h1>Talks resume</h1><b class=x>Ann Ek</b><article><p>The delegations of Ukraine and Russia "
    "sat for four hours and agreed on nine points.</p><div class=paywall>Subscribe to read on</div>"
    "</article></body></html>"
)


@pytest.mark.parametrize("closed", [False, True])
def test_rules_count_for_texts_in_scripts_and_for_what_a_pay_wall_leaves(closed: bool) -> None:
    told = {"title": "Talks resume", "body": BODY, "headline": "Talks resume"}
    body = CLOSED if closed else IN_A_SCRIPT.format(json.dumps({"article": told}))
    site = SiteRules(name="x", domain="post.example", authors_from="b.x")
    found = extract_article(body.encode(), url="https://post.example/41", site=site)
    content = found.teaser if closed else found.content
    assert content is not None
    assert content.authors == ("Ann Ek",)
    assert content.extractor == site.extractor


def test_another_name_of_the_file_is_no_other_rule() -> None:
    one, other = (SiteRules(name=name, domain="a.example", drop=("b",)) for name in "xy")
    assert one.extractor == other.extractor
    assert one.extractor != SiteRules(name="x", domain="a.example", drop=("i",)).extractor


def test_lines_that_go_are_told_with_the_pattern() -> None:
    job = PageJob(
        body=page().encode(),
        url="https://post.example/41",
        content_type="text/html",
        fetched_at=NOW,
        ignore=("^Another round",),
        site=SiteRules(name="post.toml", domain="post.example", drop_lines=("^Weather in ",)),
    )
    told = {piece.rule: piece.text for piece in read_page(job).dropped}
    assert told["post.toml: drop_lines ^Weather in "].startswith("Weather in Kyiv")
    assert told["ignore_patterns ^Another round"].startswith("Another round of talks")
    everything = SiteRules(name="post.toml", domain="post.example", drop_lines=("\\w",))
    with pytest.raises(ReadingError, match=r"post\.toml: drop_lines leave nothing"):
        read_page(replace(job, site=everything))


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://post.example/a", True),
        ("https://www.post.example/a", True),
        ("https://en.post.example:8080/a", True),
        ("https://outpost.example/a", False),
        ("https://post.example.org/a", False),
    ],
)
def test_rules_are_for_a_domain_and_those_below_it(url: str, *, fits: bool) -> None:
    rules = SiteRules(name="x", domain="post.example")
    assert (rules_for([rules], url, NOW) is rules) is fits


def test_the_nearest_domain_and_the_latest_day_count() -> None:
    days = [datetime(2026, month, 1, tzinfo=UTC) for month in (10, 11, 12)]
    all_rules = [
        SiteRules(name="wide", domain="post.example"),
        *(SiteRules(name=f"{day:%m}", domain="en.post.example", valid_from=day) for day in days),
    ]
    found = rules_for(all_rules, "https://en.post.example/a", NOW)
    assert found is not None
    assert found.name == "11"


def block_of_manual(kind: str, name: str) -> str:
    text = manual_pages.read_page("rules")
    found = re.search(rf"<!-- {kind}: {name} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def manual_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the manual's rules and their saved page."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parley.toml").write_text("")
    rules = tmp_path / "rules"
    (rules / "saved").mkdir(parents=True)
    (rules / "post.toml").write_text(block_of_manual("example", "rules"))
    (rules / "saved" / "post-41.html").write_text(page())
    return rules


def test_the_rules_of_the_manual_pass_their_own_test(
    manual_rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["rules", "test"]) == 0
    assert "1 saved page read as expected." in capsys.readouterr().out
    assert app.run(["rules", "list"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split() for line in told][1:] == [["post.toml", "post.example", "2026-11-01", "1"]]
    changed = page(BODY.replace("Nine points", "Ten points"))
    (manual_rules / "saved" / "post-41.html").write_text(changed)
    assert app.run(["rules", "test", "rules/post.toml"]) == 1
    told = capsys.readouterr()
    assert "expected  contains: Nine points were agreed upon" in told.out
    assert "found     only: Ten points were agreed upon, three are left" in told.out
    assert "1 of 1 saved page not read as expected." in told.err


def test_a_saved_page_that_fails_is_told_as_the_manual_shows(
    manual_rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = manual_rules / "post.toml"
    others = ("keep = ", "drop_lines = ", "title_from = ")
    lines = rules.read_text().splitlines(keepends=True)
    rules.write_text("".join(line for line in lines if not line.startswith(others)))
    assert app.run(["rules", "test"]) == 1
    assert capsys.readouterr().out == block_of_manual("output", "rules test")


@pytest.mark.parametrize(
    ("saved", "found"),
    [
        (None, "No such file or directory"),
        ("", "not an article (the answer is empty)"),
        ("<h1>Page not found</h1><p>404</p>", "soft 404 ("),
    ],
)
def test_a_saved_page_that_cannot_be_read_fails(
    manual_rules: Path, capsys: pytest.CaptureFixture[str], *, saved: str | None, found: str
) -> None:
    path = manual_rules / "saved" / "post-41.html"
    path.unlink() if saved is None else path.write_text(saved)
    assert app.run(["rules", "test"]) == 1
    told = capsys.readouterr().out
    assert f"        page      expected  an article\n                  found     {found}" in told


def test_what_cannot_be_listed_or_tested_is_a_sentence(
    manual_rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["rules", "test", "other.toml"]) == 2
    assert "no rules 'other.toml'; `parley rules list` shows the files." in capsys.readouterr().err
    (manual_rules / "post.toml").write_text('domain = "post.example"\n')
    assert app.run(["rules", "test"]) == 0
    assert "No saved page to test; add a [[check]]" in capsys.readouterr().out
    (manual_rules / "post.toml").unlink()
    for command in ("list", "test"):
        assert app.run(["rules", command]) == 1
        assert "there are no rules in rules; `parley help rules` shows" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("WWW.Post.Example", "https://post.example/a"),
        ("новини.укр", "https://xn--b1amarcd.xn--j1amh/a"),
        ("post.example.", "https://www.post.example/a"),
    ],
)
def test_a_domain_may_be_written_as_people_do(tmp_path: Path, written: str, url: str) -> None:
    (tmp_path / "a.toml").write_text(f'domain = "{written}"\n', encoding="utf-8")
    (rules,) = read_rule_files(tmp_path)
    assert rules.of_site.fits(normalise_url(url) or "", NOW)


def test_all_mistakes_of_all_files_are_told_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'domain = "http://x"\ndrop = ["div..x", "a|b", "p::before"]\nkeeep = 1\ntitle_from = "@x"\n[[check]]\n'
    )
    (tmp_path / "b.toml").write_text(
        'domain = "b.example"\ndrop_lines = ["("]\nvalid_from = "soon"\n'
    )
    (tmp_path / "c.toml").write_text("domain = ")
    with pytest.raises(ConfigError) as caught:
        read_rule_files(tmp_path)
    told = "\n".join(caught.value.problems)
    for part in (
        "domain: 'http://x' is not a domain; write one such as post.example. (line 1)",
        "drop.1: 'div..x' is not a CSS selector",
        "drop.2: 'a|b' is not a CSS selector",
        "drop.3: 'p::before' is not a CSS selector",
        "title_from: '@x' is not a CSS selector",
        "check.1.page: is missing",
        "keeep: is not a setting; did you mean keep? (line 3)",
        "drop_lines.1: '(' is not a regular expression",
        "valid_from: 'soon' is no date; write 2026-11-25. (line 3)",
        "c.toml: at the end: this is not TOML",
    ):
        assert part in told


async def test_new_rules_are_no_edit_and_an_edit_after_them_is_told(
    sqlite_database: Database, tmp_path: Path
) -> None:
    rules = tmp_path / "local.toml"
    with Site() as site:
        watch = Watch(sqlite_database)
        source = SourceConfig(name="Post", url=site.at("/41"), kind=SourceKind.PAGE)
        site.publish("/41", page())
        watch.follow(source)
        await watch.check()
        before = watch.newest(watch.articles()[0]).text
        assert "12 watch" in before
        rules.write_text(
            'domain = "127.0.0.1"\ndrop = ["div.ticker"]\ndrop_lines = ["^Weather in "]\n'
        )
        watch.follow(source, site_rules=read_rule_files(tmp_path))
        site.publish("/41", page(BODY.replace("12 watch", "14 watch")))
        assert await watch.check() == []
        assert "watch" not in watch.newest(watch.articles()[0]).text
        assert "Weather" not in watch.newest(watch.articles()[0]).text
        site.publish("/41", page(BODY.replace("nine points", "ten points")))
        (change,) = await watch.check()
        assert ChangeKind.WORDING in change.kinds or ChangeKind.NUMBER in change.kinds
