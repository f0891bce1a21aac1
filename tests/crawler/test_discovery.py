"""Sources' bytes and what is read out of them: one saved answer and one expectation file per case."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.autodiscovery import sniff
from crawler.discovery.feeds import read_feed
from crawler.discovery.markup import MAX_LEADS, MAX_TITLE, iso_time, plain_text
from crawler.discovery.opml import OpmlEntry, read_opml, write_opml
from crawler.discovery.sections import read_section
from crawler.discovery.sitemaps import read_sitemap
from crawler.errors import DiscoveryError
from storage.types import Lead, SourceKind

HERE = Path(__file__).parent
FEED_URL = "https://news.example/feeds/world.xml"


def cases(folder: str) -> list[Any]:
    found = sorted((HERE / folder).glob("*.expect.json"))
    return [pytest.param(path, id=path.name.removesuffix(".expect.json")) for path in found]


def check(path: Path, read: Callable[[bytes], Any]) -> None:
    body = path.with_name(path.name.removesuffix(".expect.json")).read_bytes()
    expected = json.loads(path.read_text(encoding="utf-8"))
    if "error" in expected:
        with pytest.raises(DiscoveryError, match=expected["error"]):
            read(body)
        return
    reading = read(body)
    for name in {"title", "warning", "feeds", "feed_anchors", "sections", "children"} & set(
        expected
    ):
        found = getattr(reading, name)
        assert (list(found) if isinstance(found, tuple) else found) == expected[name]
    if "leads" in expected:
        assert [lead.url for lead in reading.leads] == [lead["url"] for lead in expected["leads"]]
        for lead, wanted in zip(reading.leads, expected["leads"], strict=True):
            assert shown(lead) == shown(lead) | wanted
    if "absent" in expected:
        assert expected["absent"] not in repr(reading)


def shown(lead: Lead) -> dict[str, Any]:
    def time(when: datetime | None) -> str | None:
        return when.isoformat() if when else None

    return {
        "url": lead.url,
        "title": lead.title,
        "summary": lead.summary,
        "guid": lead.guid,
        "published": time(lead.published),
        "updated": time(lead.updated),
    }


@pytest.mark.parametrize("path", cases("feeds"))
def test_a_feed_gives_its_good_entries(path: Path) -> None:
    check(path, lambda body: read_feed(body, content_type="text/xml", url=FEED_URL))


@pytest.mark.parametrize("path", cases("sitemaps"))
def test_a_sitemap_gives_its_own_addresses(path: Path) -> None:
    check(path, lambda body: read_sitemap(body, url="https://news.example/sitemap.xml"))


@pytest.mark.parametrize("path", cases("sections"))
def test_a_section_gives_its_article_links(path: Path) -> None:
    check(
        path, lambda body: read_section(body, content_type="text/html", url="https://news.example/")
    )


KINDS = {"feeds": SourceKind.FEED, "sitemaps": SourceKind.SITEMAP}


@pytest.mark.parametrize("path", [*cases("feeds"), *cases("sitemaps"), *cases("sections")])
def test_the_kind_of_a_source_is_told_from_its_bytes(path: Path) -> None:
    body = path.with_name(path.name.removesuffix(".expect.json")).read_bytes()
    expected = json.loads(path.read_text(encoding="utf-8"))
    kind = sniff(body, "")
    if "kind" in expected:
        assert kind == expected["kind"]
    elif path.parent.name in KINDS and "error" not in expected:
        assert kind is KINDS[path.parent.name]


def test_the_address_tells_a_front_page_from_an_article() -> None:
    body = (HERE / "sections" / "article-with-related.html").read_bytes()
    assert sniff(body, "text/html", url="https://news.example/") is SourceKind.SECTION
    assert (
        sniff(body, "text/html", url="https://news.example/news/12345-a-story") is SourceKind.PAGE
    )


# -- bounds --------------------------------------------------------------------------------------


def test_a_feed_of_many_entries_is_bounded() -> None:
    items = "".join(
        f"<item><title>T {i}</title><link>https://news.example/{i}</link></item>"
        for i in range(3000)
    )
    reading = read_feed(f"<rss><channel>{items}</channel></rss>".encode(), url=FEED_URL)
    assert len(reading.leads) == MAX_LEADS
    assert reading.warning == "3,000 entries are listed; 1,000 were taken"


def test_a_sitemap_of_many_addresses_gives_the_newest() -> None:
    rows = "".join(
        f"<url><loc>https://news.example/{i}</loc><lastmod>{1990 + i // 100}-01-01</lastmod></url>"
        for i in range(3000)
    )
    reading = read_sitemap(
        f"<urlset>{rows}</urlset>".encode(), url="https://news.example/sitemap.xml"
    )
    assert len(reading.leads) == MAX_LEADS
    assert reading.leads[0].url == "https://news.example/2900"
    assert "3,000 addresses are listed" in reading.warning


def test_a_page_of_many_links_is_bounded() -> None:
    links = "".join(
        f'<h2><a href="/news/{i + 10000}-a-story-of-today">A story of today {i}</a></h2>'
        for i in range(6000)
    )
    reading = read_section(
        f"<html><body>{links}</body></html>".encode(), url="https://news.example/"
    )
    assert len(reading.leads) == MAX_LEADS
    assert "exceeds the limit of 5,000 links" in reading.warning


def test_titles_and_summaries_are_bounded() -> None:
    long = "talks " * 60_000
    body = f"<rss><channel><item><title>{long}</title><link>/1</link><description>{long}</description></item></channel></rss>"
    (lead,) = read_feed(body.encode(), url=FEED_URL).leads
    assert len(lead.title) <= MAX_TITLE
    assert len(lead.summary) <= 600
    assert lead.title.endswith("…")


def test_a_sitemap_that_unpacks_without_end_is_refused() -> None:
    import gzip

    bomb = gzip.compress(b"<urlset>" + b" " * 51_000_000)
    with pytest.raises(DiscoveryError, match="more than 50 MB"):
        read_sitemap(bomb, url="https://news.example/sitemap.xml.gz")


@pytest.mark.parametrize(
    "read", [read_feed, read_sitemap, read_section], ids=["feed", "sitemap", "section"]
)
def test_no_bytes_make_a_reader_raise_anything_else(read: Callable[..., Any]) -> None:
    @given(st.one_of(st.binary(max_size=300), pieces))
    def reads(body: bytes) -> None:
        with suppress(DiscoveryError):
            reading = read(body, url="https://news.example/x")
            assert all(lead.url.startswith("http") for lead in reading.leads)
        assert sniff(body, "") in SourceKind

    reads()


pieces = st.lists(
    st.sampled_from([
        "<rss>", "<channel>", "<item>", "</item>", "<title>x</title>", "<link>/a</link>", "<link/>", "<entry>", "<feed>", "<!DOCTYPE x [", "]>",
        "<urlset>", "<url>", "<loc>/a</loc>", "</url>", "<sitemapindex>", "<sitemap>", "<html>", "<a href='/news/12345-a-b-c'>one two three four</a>",
        "<base href='//x'>", "<h2>", "&nbsp;", "&", "<![CDATA[", "]]>", "{", '{"items":[{"url":"/a"}]}', "\x00", "é", "<?xml version='1.0' encoding='x'?>",
    ]),
    max_size=12,
).map(lambda parts: "".join(parts).encode())  # fmt: skip


# -- pieces --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2025-07-23T10:00:00Z", "2025-07-23T10:00:00+00:00"),
        ("2025-07-23T10:00:00.123+03:00", "2025-07-23T07:00:00+00:00"),
        ("2025-07-23 10:00", "2025-07-23T10:00:00+00:00"),
        ("20250723T100000Z", "2025-07-23T10:00:00+00:00"),
        ("2025-07", "2025-07-01T00:00:00+00:00"),
        ("2025-07-23T10:00+03", "2025-07-23T07:00:00+00:00"),
        ("0000-13-45T99:99", None),
        ("2025-02-30", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_a_time_is_read_or_left_out(text: str | None, wanted: str | None) -> None:
    when = iso_time(text)
    assert (when.isoformat() if when else None) == wanted


@given(st.text(max_size=200))
def test_plain_text_never_raises_and_is_one_line(text: str) -> None:
    plain = plain_text(text, 50)
    assert len(plain) <= 50
    assert "\n" not in plain
    assert plain == plain.strip()


ENTRIES = (
    OpmlEntry(url="https://news.example/rss", title='Harbour "Times" & <more>', home="https://news.example/", language="en"),
    OpmlEntry(url="https://kabar.example/feed?id=1&b=2", title="Kabar", home="", language="id"),
)  # fmt: skip


def test_a_list_that_is_written_is_read_back() -> None:
    assert read_opml(write_opml(ENTRIES, title="Mine & yours")) == ENTRIES


def test_groups_of_a_list_are_flattened() -> None:
    body = b'<opml version="1.0"><body><outline text="Group"><outline text="One" xmlUrl="https://news.example/rss"/><outline text="No feed"/><outline title="Two" xmlUrl="javascript:x"/></outline></body></opml>'
    assert [entry.title for entry in read_opml(body)] == ["One"]


@pytest.mark.parametrize("body", [b"", b"<html/>", b"<opml><body/></opml>", b"{}"])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(DiscoveryError):
        read_opml(body, url="list.opml")


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.text(max_size=40)),
        max_size=5,
        unique_by=lambda pair: pair[0],
    )
)
def test_any_titles_survive_a_list(pairs: list[tuple[int, str]]) -> None:
    entries = [
        OpmlEntry(
            url=f"https://news.example/{number}", title=" ".join(plain_text(title, 40).split())
        )
        for number, title in pairs
    ]
    if entries:
        assert [entry.url for entry in read_opml(write_opml(entries, title="x"))] == [
            entry.url for entry in entries
        ]
