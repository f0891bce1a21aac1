"""Where else a publisher may list its articles, from what its pages say and from where lists usually are."""

import time

import pytest

from crawler.discovery.feeds import read_feed
from crawler.discovery.search import further_sources, of_index, of_page, usual_feeds
from crawler.discovery.sections import read_section
from crawler.errors import DiscoveryError
from crawler.reading import SourceJob, read_source
from storage.kinds import FoundBy, FurtherSource
from storage.shapes import Shapes
from storage.types import SourceKind

HOME = "https://news.example/"


def read(*names: str) -> tuple[FurtherSource, ...]:
    feeds = [f"https://news.example/rss/{name}.xml" for name in names]
    return of_page(feeds=feeds, anchors=(), sections=("https://news.example/world/",))


def urls(found: tuple[FurtherSource, ...], *found_by: FoundBy) -> list[str]:
    return [
        one.url.removeprefix("https://news.example") for one in found if one.found_by in found_by
    ]


def test_a_home_page_leads_to_all_it_names_and_to_the_usual_places() -> None:
    found = further_sources(HOME, read=read("all"), robots=["https://news.example/map.xml"])
    assert urls(found, FoundBy.HEAD) == ["/rss/all.xml"]
    assert urls(found, FoundBy.SECTION) == ["/world/"]
    assert urls(found, FoundBy.ROBOTS) == ["/map.xml"]
    assert urls(found, FoundBy.USUAL)[:2] == ["/feed/", "/rss.xml"]
    assert len({one.url for one in found}) == len(found)


def test_what_is_announced_is_no_guess() -> None:
    announced = of_page(feeds=["https://news.example/feed/"], anchors=(), sections=())
    found = further_sources(HOME, read=announced, robots=())
    assert [one.found_by for one in found if one.url.endswith("/feed/")] == [FoundBy.HEAD]


@pytest.mark.parametrize(
    ("section", "feeds"),
    [
        ("https://news.example/world/", ["/rss/world.xml"]),
        ("https://news.example/en/world", ["/rss/world.xml"]),
        ("https://news.example/sport/", []),
        ("https://news.example/wor/", []),
    ],
)
def test_a_section_leads_only_to_the_feeds_that_name_it(section: str, feeds: list[str]) -> None:
    found = further_sources(section, read=read("all", "world"), robots=["/map.xml"])
    assert urls(found, *FoundBy) == feeds


def test_sitemaps_of_other_publishers_are_left_out_and_news_go_first() -> None:
    robots = [
        "https://news.example/sitemap-images.xml",
        "https://other.example/news.xml",
        "/sitemap.xml",
        "https://maps.news.example/sitemap-articles.xml",
        "https://news.example/google-news.xml",
        "ftp://news.example/map.xml",
    ]
    found = further_sources(HOME, read=(), robots=robots)
    assert [one.url for one in found if one.found_by is FoundBy.ROBOTS] == [
        "https://news.example/google-news.xml",
        "https://maps.news.example/sitemap-articles.xml",
        "https://news.example/sitemap.xml",
        "https://news.example/sitemap-images.xml",
    ]


def test_of_an_index_the_sitemaps_of_new_articles_are_chosen() -> None:
    names = ["tags", "images", "2026-03", "2026-02", "2026-01", "news"]
    found = of_index([f"https://news.example/sitemap-{name}.xml" for name in names])
    assert urls(found, FoundBy.INDEX) == [
        "/sitemap-news.xml",
        "/sitemap-2026-03.xml",
        "/sitemap-2026-02.xml",
    ]


@pytest.mark.parametrize(
    ("home", "first"),
    [
        ("https://News.example/", "https://news.example/feed/"),
        ("https://news.example/en/", "https://news.example/en/feed/"),
        ("http://news.example:8080", "http://news.example:8080/feed/"),
    ],
)
def test_the_usual_places_begin_with_those_of_the_language(home: str, first: str) -> None:
    assert usual_feeds(home)[0] == first


def test_what_has_no_host_has_no_usual_places() -> None:
    assert usual_feeds("mailto:x") == ()


# -- what is known of a site's addresses ----------------------------------------------------------


def page(*paths: str) -> bytes:
    links = "".join(
        f'<h2><a href="{path}">A headline of some words, number {n}</a></h2>'
        for n, path in enumerate(paths)
    )
    return f"<html><body><main>{links}</main></body></html>".encode()


def section_leads(body: bytes, shapes: Shapes) -> list[str]:
    reading = read_section(body, url=HOME, known=shapes)
    return [lead.url.removeprefix("https://news.example") for lead in reading.leads]


def test_addresses_built_as_articles_are_go_first_and_others_are_left_out() -> None:
    body = page("/gallery/ships-of-the-harbour", "/video/4471882", "/w/a", "/news/tram-runs-again")
    known = Shapes(articles=frozenset({"/news/s"}), others=frozenset({"/video/n"}))
    assert section_leads(body, Shapes()) == [
        "/gallery/ships-of-the-harbour",
        "/video/4471882",
        "/news/tram-runs-again",
    ]
    assert section_leads(body, known) == ["/news/tram-runs-again", "/gallery/ships-of-the-harbour"]


def test_a_short_address_is_an_article_where_articles_have_short_ones() -> None:
    body = page("/w/odesa", "/w/lviv")
    assert section_leads(body, Shapes()) == []
    assert section_leads(body, Shapes(articles=frozenset({"/w/w"}))) == ["/w/odesa", "/w/lviv"]


def test_what_never_is_an_article_is_left_out_of_feeds_too() -> None:
    items = "".join(f"<item><link>{HOME}{path}</link></item>" for path in ("video/4471882", "a"))
    job = SourceJob(
        body=f"<rss><channel>{items}</channel></rss>".encode(),
        url=HOME + "rss",
        content_type="text/xml",
        kind=SourceKind.FEED,
        shapes=Shapes(others=frozenset({"/video/n"})),
    )
    assert [lead.url for lead in read_source(job).leads] == [HOME + "a"]


def test_a_sitemap_gives_no_front_page_and_no_service_of_the_site() -> None:
    paths = ("", "tag/ships", "search", "a.jpg", "news/tram-runs-again")
    rows = "".join(f"<url><loc>{HOME}{path}</loc></url>" for path in paths)
    body = f"<urlset>{rows}</urlset>".encode()
    job = SourceJob(body=body, url=HOME, content_type="text/xml", kind=SourceKind.SITEMAP)
    assert [lead.url for lead in read_source(job).leads] == [HOME + "news/tram-runs-again"]


# -- feeds are read in memory, by a parser that cleans nothing -------------------------------------


@pytest.mark.parametrize(
    "markup",
    ["&lt;" * 60_000, "&lt;a " * 40_000, "&lt;div&gt;" * 40_000, "&lt;!--" * 40_000, "<![CDATA[" + "<b " * 60_000 + "]]>"],
    ids=["brackets", "anchors", "boxes", "comments", "cdata"],
)  # fmt: skip
def test_hostile_markup_in_an_entry_takes_no_time(markup: str) -> None:
    entry = f"<item><title>T</title><link>/a</link><description>{markup}</description></item>"
    began = time.process_time()
    reading = read_feed(f"<rss><channel>{entry}</channel></rss>".encode(), url=HOME)
    assert [lead.title for lead in reading.leads] == ["T"]
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "body", [b"/etc/hostname", b"https://news.example/rss", b"file:///etc/hostname"]
)
def test_a_path_or_an_address_in_the_place_of_a_feed_is_not_opened(body: bytes) -> None:
    with pytest.raises(DiscoveryError, match="not a feed"):
        read_feed(body, url=HOME)
