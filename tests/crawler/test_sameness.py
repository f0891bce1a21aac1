"""The cheap comparison: noise is the same page, and nothing a reader could see is."""

import random
import string
from functools import cache
from pathlib import Path

import lxml.etree
import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.article import extract_article, marked_by
from crawler.extraction.sameness import is_same, make_mark

PAGES = Path(__file__).parent / "pages"
URL = "https://harbour.example/news/41"
BODY = (
    "The delegations met in Istanbul on Monday for a second round of talks, the ministry said.",
    "Officials said that 52 drones had been shot down during the night over four regions.",
    "“We did not come here to sign anything,” the head of the delegation told reporters.",
    "A third round is possible within two weeks if both sides send their lists in time.",
)
ADDED = "The meeting ended without a joint statement, a spokeswoman said late on Monday."
TITLE = "Second round of talks ends in Istanbul"


def page(
    *paragraphs: str,
    title: str = TITLE,
    declared: str = "",
    after: str = "",
    noise: int = 0,
    style: str = "article",
) -> bytes:
    """A news page in one of four builds; `noise` is all that differs from fetch to fetch."""
    rest = random.Random(noise)
    token = "".join(rest.choices(string.ascii_letters, k=12))
    related = "".join(
        f'<li class="rel-item"><a href="/n/{rest.randrange(999)}">{rest.choice(BODY)[:60]}</a></li>'
        for _ in range(4)
    )
    text = "".join(f"<p>{p}</p>" for p in paragraphs) + after
    counters = (
        f'<div class="meta"><span>{noise * 7} views</span> <span>{noise} comments</span></div>'
    )
    beside = (
        f'<div class="related"><h3>Related</h3><ul>{related}</ul></div>'
        f'<form class="comments"><label>{noise % 9} + {noise % 7} = </label></form>'
    )
    head = (
        f"<head><meta charset=utf-8><title>{declared or title} - The Harbour Post</title>"
        f'<meta name="csrf" content="{token}"><meta property="og:title" content="{declared or title}"></head>'
    )
    builds = {
        "article": f"<article><h1>{title}</h1>{counters}<div class=body>{text}</div>{beside}</article>",
        "main": f'<main id="m{token}"><header><h1>{title}</h1></header><div>{text}</div>{counters}</main>{beside}',
        "table": f"<table><tr><td><h1>{title}</h1>{counters}<div id=text>{text}</div>{beside}</td></tr></table>",
        "magazine": f'<article class="post"><h1 class="t">{title}</h1><div class="post-text"><div class="in">{text}</div></div></article>{counters}{beside}',
    }
    return (
        f"<!doctype html><html lang=en>{head}<body><nav><a href=/>Home</a></nav>{builds[style]}"
        f"<script>var t='{token}',r={rest.random()};</script><footer>{token}</footer></body></html>"
    ).encode()


STYLES = ("article", "main", "table", "magazine")


def mark_of(body: bytes) -> str:
    return make_mark(body, "text/html; charset=utf-8", marked_by(read(body)), rules="1")


def read(body: bytes):
    return extract_article(body, url=URL)


@pytest.mark.parametrize("style", STYLES)
def test_what_differs_at_every_fetch_is_the_same_page(style: str) -> None:
    mark = mark_of(page(*BODY, style=style))
    assert 0 < len(mark) <= 200
    assert all(is_same(page(*BODY, noise=n, style=style), mark, rules="1") for n in (3, 41, 700))


EDITS = {
    "typo": {"paragraphs": (BODY[0].replace("ministry", "minstry"), *BODY[1:])},
    "number": {"paragraphs": (BODY[0], BODY[1].replace("52", "49"), *BODY[2:])},
    "quote": {"paragraphs": (*BODY[:2], BODY[2].replace("sign", "discuss"), BODY[3])},
    "paragraph added last": {"paragraphs": (*BODY, ADDED)},
    "paragraph added first": {"paragraphs": (ADDED, *BODY)},
    "paragraph added inside": {"paragraphs": (*BODY[:2], ADDED, *BODY[2:])},
    "paragraph removed": {"paragraphs": BODY[:3]},
    "paragraphs swapped": {"paragraphs": (BODY[1], BODY[0], *BODY[2:])},
    "headline": {"title": TITLE.replace("ends", "fails")},
    "correction last": {"paragraphs": (*BODY, "Correction: 49 drones were shot down, not 52.")},
    "correction in a box": {"after": '<div class="correction"><p>Correction: it was 49.</p></div>'},
    "correction in small": {"after": "<p><small>Correction: it was 49 drones.</small></p>"},
    "inside the last paragraph": {"paragraphs": (*BODY[:3], f"{BODY[3]} {ADDED}")},
    "an element inside a paragraph": {"paragraphs": (*BODY[:3], f"{BODY[3]} <b>{ADDED}</b>")},
    "a list": {"after": "<ul><li>49 drones</li><li>four regions</li></ul>"},
    "bare text": {"after": ADDED},
    "rewritten": {"paragraphs": (ADDED, *BODY[2:])},
    "breaking": {"title": f"UPDATE: {TITLE}", "paragraphs": (ADDED, *BODY)},
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_no_edit_is_the_same_page(edit: dict[str, object], style: str) -> None:
    facts = {"paragraphs": BODY, **edit}
    edited = page(*facts.pop("paragraphs"), **facts, noise=9, style=style)  # type: ignore[misc, arg-type]
    assert not is_same(edited, mark_of(page(*BODY, style=style)), rules="1")


HEADLINES = (
    (
        "Second round in Istanbul ends with 52 points",
        "Second round in Istanbul ends with 49 points",
    ),
    ("UPD 12:40. Second round ends in Istanbul", "UPD 14:05. Second round ends in Istanbul"),
    ("Second round of talks ends in Istanbul", "Second round of talks fails in Istanbul"),
    ("Live: Second round ends in Istanbul", "Video: Second round ends in Istanbul"),
)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("before", "after"), HEADLINES)
def test_a_headline_may_change_where_it_is_only_shown(style: str, before: str, after: str) -> None:
    for declared in (before, "Second round ends in Istanbul", "Second round of talks in Istanbul"):
        mark = mark_of(page(*BODY, title=before, declared=declared, style=style))
        edited = page(*BODY, title=after, declared=declared, style=style, noise=9)
        assert not is_same(edited, mark, rules="1")
        assert is_same(page(*BODY, title=before, declared=declared, style=style), mark, rules="1")


def test_other_rules_make_another_page() -> None:
    assert not is_same(page(*BODY), mark_of(page(*BODY)), rules="2")


@pytest.mark.parametrize("charset", ["cp1251", "koi8-r", "utf-8"])
def test_bytes_that_are_no_utf_8_are_compared_too(charset: str) -> None:
    body = tuple(
        f"Делегации встретились в Стамбуле, раунд {n}, сообщило министерство." for n in range(6)
    )
    raw = [
        page(*body, title="Второй раунд", noise=n).decode().encode(charset, "replace")
        for n in (0, 5)
    ]
    raw = [one.replace(b"charset=utf-8", f"charset={charset}".encode()) for one in raw]
    mark = make_mark(raw[0], f"text/html; charset={charset}", marked_by(read(raw[0])), rules="")
    assert is_same(raw[1], mark, rules="")
    assert not is_same(
        raw[1].replace("раунд 3".encode(charset), "раунд 4".encode(charset)), mark, rules=""
    )


@given(st.text(max_size=200), st.binary(max_size=300))
def test_any_mark_and_any_page_give_an_answer(mark: str, body: bytes) -> None:
    assert not is_same(body, mark, rules="1")


# -- whatever is done to a page's text -----------------------------------------------------------

SENTENCES = ("It was 49 drones.", ADDED, "Upd: 7 dead", "“Never,” he said, and left the hall.")
WAYS = ("text", "behind", "inside", "paragraph", "box", "removed", "swapped")


@cache
def known_pages() -> list[tuple[str, bytes, str]]:
    """Our own pages that have a mark, written out by lxml, so that an edit is the only difference."""
    found: list[tuple[str, bytes, str]] = []
    for path in sorted(PAGES.glob("*.html")):
        tree = lxml.html.document_fromstring(path.read_bytes())
        body = lxml.etree.tostring(tree, method="html", encoding="utf-8")
        seen = read(body)
        mark = make_mark(body, "", marked_by(seen), rules="") if seen.content else ""
        if mark:
            found.append((path.name, body, mark))
    return found


def said(body: bytes) -> tuple[str, list[str]]:
    content = read(body).content
    return (
        (content.title, [" ".join(b.text.split()) for b in content.blocks]) if content else ("", [])
    )


def own_elements(tree: lxml.html.HtmlElement, texts: list[str]) -> list[lxml.html.HtmlElement]:
    """What stands in the element around the article's paragraphs, below the headline."""
    starts = {text[:40] for text in texts}
    hits = [
        n
        for n in tree.iter("p", "li", "blockquote")
        if " ".join(n.text_content().split())[:40] in starts
    ]
    if len(hits) < 2:
        return []
    around = [a for a in hits[0].iterancestors() if all(a in set(h.iterancestors()) for h in hits)]
    inside = [n for n in around[0].iter() if isinstance(n.tag, str) and n is not around[0]]
    headings = [n for n in inside if n.tag == "h1"]
    return inside[inside.index(headings[-1]) + 1 :] if headings else inside


def edit(node: lxml.html.HtmlElement, way: str, sentence: str) -> None:
    match way:
        case "text":
            node.text = f"{node.text or ''} {sentence}"
        case "behind":
            node.tail = f"{node.tail or ''} {sentence}"
        case "inside":
            lxml.etree.SubElement(node, "em").text = sentence
        case "paragraph":
            new = lxml.etree.Element("p")
            new.text = sentence
            node.addnext(new)
        case "box":
            new = lxml.etree.Element("div", {"class": "correction"})
            lxml.etree.SubElement(new, "p").text = sentence
            node.addnext(new)
        case "removed":
            node.getparent().remove(node)
        case _:
            if (other := node.getnext()) is not None:
                other.addnext(node)


@given(st.data())
def test_what_a_full_reading_would_tell_is_never_the_same_page(data: st.DataObject) -> None:
    _, body, mark = data.draw(st.sampled_from(known_pages()))
    before = said(body)
    tree = lxml.html.document_fromstring(body)
    nodes = own_elements(tree, before[1])
    if not nodes:
        return
    node = nodes[data.draw(st.integers(0, len(nodes) - 1))]
    edit(node, data.draw(st.sampled_from(WAYS)), data.draw(st.sampled_from(SENTENCES)))
    edited = lxml.etree.tostring(tree, method="html", encoding="utf-8")
    if is_same(edited, mark, rules=""):
        assert said(edited) == before
