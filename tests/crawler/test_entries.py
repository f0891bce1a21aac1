"""What a feed says of its entries, in each shape that publishers write, as the text of an article."""

import json
from datetime import UTC, datetime
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.entries import MOST_TEXT, read_texts
from crawler.errors import DiscoveryError
from storage.types import ArticleContent

FEED = "https://paper.example/feed"
PAGE = "https://paper.example/news/bridge"
LEAD = "The council voted for the bridge on Monday, by 21 votes to 19."
MORE = "Work is to begin in spring. The bridge will cost 40 million."
FOOT = (
    f'<p>The post <a href="{PAGE}">Council votes for the bridge</a> appeared first on '
    '<a href="https://paper.example">The Paper</a>.</p>'
)


def rss(inside: str, *, channel: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>The Paper</title>'
        f"{channel}<item><title>Council votes for the bridge</title><link>{PAGE}</link>{inside}"
        "</item></channel></rss>"
    )


def atom(inside: str) -> str:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>The Paper</title><entry>'
        f'<title>Council votes for the bridge</title><link href="{PAGE}"/><id>{PAGE}</id>'
        f"<updated>2026-03-01T12:00:00Z</updated>{inside}</entry></feed>"
    )


def json_feed(**said: object) -> str:
    item = {"id": PAGE, "url": PAGE, "title": "Council votes for the bridge", **said}
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": "P", "items": [item]}
    )


def described(markup: str) -> str:
    return rss(f"<description>{escape(markup)}</description>")


def in_full(markup: str) -> str:
    return rss(
        f"<description>{escape(LEAD[:20])}</description>"
        f"<content:encoded><![CDATA[{markup}]]></content:encoded>"
    )


def said(body: str) -> ArticleContent:
    (found,) = read_texts(body.encode(), url=FEED, wanted={PAGE})
    assert found.url == PAGE
    return found.content


@pytest.mark.parametrize(
    ("body", "paragraphs"),
    [
        pytest.param(described(LEAD), [LEAD], id="plain-text"),
        pytest.param(described(f"<p>{LEAD}</p><p>{MORE}</p>"), [LEAD, MORE], id="paragraphs"),
        pytest.param(
            described(f'<img src="/a.jpg" alt="A bridge"><b>{LEAD}</b>'), [LEAD], id="picture-first"
        ),
        pytest.param(described(f"{LEAD}\n\n{MORE}"), [LEAD, MORE], id="empty-line-between"),
        pytest.param(described(escape(f"<p>{LEAD}</p>")), [LEAD], id="escaped-twice"),
        pytest.param(
            rss(f"<description><![CDATA[<p>{LEAD}</p>]]></description>"), [LEAD], id="cdata"
        ),
        pytest.param(
            described(f'<p>{LEAD} <a href="{PAGE}">Read more</a></p>'),
            [LEAD],
            id="read-more-inside",
        ),
        pytest.param(
            described(f'<p>{LEAD}</p><p><a href="{PAGE}">Continue reading</a></p>'),
            [LEAD],
            id="read-more-below",
        ),
        pytest.param(
            described(f'<p>{LEAD}</p><div><a href="{PAGE}?utm_source=rss">More &raquo;</a></div>'),
            [LEAD],
            id="read-more-that-is-tracked",
        ),
        pytest.param(described(f"<p>{LEAD}</p>{FOOT}"), [LEAD], id="where-it-appeared-first"),
        pytest.param(
            described(f'<p>As <a href="{PAGE}">we wrote</a>: {LEAD}</p>'),
            [f"As we wrote: {LEAD}"],
            id="link-to-itself-in-a-sentence",
        ),
        pytest.param(
            described("<p>The council voted [&hellip;]</p>"), ["The council voted…"], id="cut"
        ),
        pytest.param(
            described("The council voted ..."), ["The council voted…"], id="cut-with-dots"
        ),
        pytest.param(in_full(f"<p>{LEAD}</p><p>{MORE}</p>"), [LEAD, MORE], id="content-encoded"),
        pytest.param(in_full(f"<p>{LEAD}</p>{FOOT}"), [LEAD], id="content-encoded-with-foot"),
        pytest.param(in_full('<img src="/a.jpg">'), [LEAD[:20]], id="content-without-text"),
        pytest.param(
            in_full(f"<script>alert(1)</script><p>{LEAD}</p><style>p {{}}</style>"),
            [LEAD],
            id="scripts",
        ),
        pytest.param(atom(f"<summary>{LEAD}</summary>"), [LEAD], id="atom-summary"),
        pytest.param(
            atom(f'<content type="html">{escape(f"<p>{LEAD}</p><p>{MORE}</p>")}</content>'),
            [LEAD, MORE],
            id="atom-content",
        ),
        pytest.param(
            atom(
                '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
                f"<p>{LEAD}</p></div></content>"
            ),
            [LEAD],
            id="atom-xhtml",
        ),
        pytest.param(json_feed(summary=LEAD), [LEAD], id="json-summary"),
        pytest.param(json_feed(content_text=f"{LEAD}\n\n{MORE}"), [LEAD, MORE], id="json-text"),
        pytest.param(
            json_feed(summary="x", content_html=f"<p>{LEAD}</p><p>{MORE}</p>"),
            [LEAD, MORE],
            id="json-html",
        ),
        pytest.param(rss(""), [], id="headline-only"),
    ],
)
def test_the_text_of_an_entry_is_what_a_reader_sees(body: str, paragraphs: list[str]) -> None:
    content = said(body)
    assert content.title == "Council votes for the bridge"
    assert [block.text for block in content.blocks] == paragraphs
    assert content.is_feed_only


@pytest.mark.parametrize(
    ("body", "authors"),
    [
        (rss("<dc:creator>Anna Kos and Ben Dahl</dc:creator>"), ("Anna Kos", "Ben Dahl")),
        (rss("<author>anna@paper.example (Anna Kos)</author>"), ("Anna Kos",)),
        (atom("<author><name>Anna Kos</name></author>"), ("Anna Kos",)),
        (json_feed(authors=[{"name": "Anna Kos"}, {"name": "Ben Dahl"}]), ("Anna Kos", "Ben Dahl")),
        (json_feed(author={"name": "Anna Kos"}), ("Anna Kos",)),
        (json_feed(authors="Anna"), ()),
    ],
)
def test_authors_are_read(body: str, authors: tuple[str, ...]) -> None:
    assert said(body).authors == authors


def test_dates_and_language_are_those_of_the_entry_and_its_feed() -> None:
    content = said(atom(f"<published>2026-03-01T10:00:00Z</published><summary>{LEAD}</summary>"))
    assert content.published == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert content.modified == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert content.language == "en"
    short = rss("<description>Ja.</description>", channel="<language>de-AT</language>")
    assert said(short.replace("Council votes for the bridge", "Graz 99")).language == "de"


def test_only_the_entries_that_are_wanted_are_read_each_address_once() -> None:
    twice = described(LEAD).replace(
        "</item>", f"</item><item><title>B</title><link>{PAGE}</link></item>"
    )
    found = list(read_texts(twice.encode(), url=FEED, wanted={PAGE, "https://paper.example/other"}))
    assert [one.content.title for one in found] == ["Council votes for the bridge"]


def test_an_entry_without_a_headline_is_left_out() -> None:
    bare = described(LEAD).replace("<title>Council votes for the bridge</title>", "")
    assert list(read_texts(bare.encode(), url=FEED, wanted={PAGE})) == []


def test_the_text_is_bounded_in_whole_paragraphs() -> None:
    content = said(in_full(f"<p>{LEAD}</p>" + f"<p>{MORE * 30}</p>" * 40))
    assert len(content.text) <= MOST_TEXT + len(content.blocks)
    assert content.blocks[-1].text == MORE * 30


@pytest.mark.parametrize("body", [b"", b"<html><p>No feed</p></html>", b"{}", b"[1]"])
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(DiscoveryError):
        list(read_texts(body, url=FEED, wanted={PAGE}))


@given(st.text(alphabet=st.sampled_from('<>/ab&;"p .\n[…]='), max_size=60))
def test_no_markup_makes_the_reader_raise(markup: str) -> None:
    for block in said(described(markup)).blocks:
        assert block.text == " ".join(block.text.split())
