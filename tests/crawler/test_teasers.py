"""What a pay wall leaves open is the lead, and nothing that stands at or below the wall."""

import pytest

from crawler.extraction.article import extract_article
from storage.types import WallKind

LEAD = "The delegations met in Istanbul on Monday for a second round of talks, the ministry said."
NEXT = "Officials on both sides said that the lists for the next exchange were complete."
OTHER = "The harbour wall will be raised by a metre before the winter storms, the council decided."


def page(body: str, *, head: str = "") -> bytes:
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>Talks resume - The Post</title>"
        f'<meta name="description" content="{LEAD}">{head}</head><body><nav><a href=/>Home</a></nav>'
        f"<main><article><h1>Talks resume</h1>{body}</article></main></body></html>"
    ).encode()


CLOSED = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Talks resume","isAccessibleForFree":false}</script>'
BOX = "<div class=paywall><p>Subscribe to continue reading this article.</p><button>Subscribe</button></div>"


@pytest.mark.parametrize(
    ("body", "open_part"),
    [
        (f"<p>{LEAD}</p>{BOX}", [LEAD]),
        (f"<p>{LEAD}</p><p>{NEXT}</p>{BOX}", [LEAD, NEXT]),
        (f"<p class=lead>{LEAD}</p>{BOX}<div class=more><h2>More</h2><p>{OTHER}</p></div>", [LEAD]),
    ],
)
def test_the_open_part_stands_above_the_box(body: str, open_part: list[str]) -> None:
    found = extract_article(page(body, head=CLOSED), url="https://post.example/talks")
    assert found.content is None
    assert found.wall is not None
    assert found.wall.kind is WallKind.PAYWALL
    assert found.teaser is not None
    assert found.teaser.title == "Talks resume"
    assert [block.text for block in found.teaser.blocks] == open_part


def test_a_consent_page_leaves_nothing_open() -> None:
    body = "<p>We value your privacy. Accept all cookies and personal data use to continue. Manage consent.</p>"
    assert extract_article(page(body), url="https://post.example/talks").teaser is None
