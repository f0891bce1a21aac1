"""No bytes make extraction raise, hang or give text that cannot be stored."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.extraction.article import Extraction, extract_article

PAGES = [path.read_bytes() for path in sorted((Path(__file__).parent / "pages").glob("*.html"))]
PIECES = [b"<div>", b"</div>", b"<p", b">", b"<table><tr>", b"&#xd800;", b"&#0;", b"<script>", b"</body>", b"\x00", b"\xff\xfe",
          b"<!--", b"-->", b"<article>", b"<h1>", b"<a href='//['>", b"]]>", b"<svg>", b"<template>", b"<form>", b'{"@type":']  # fmt: skip


def read(body: bytes) -> Extraction:
    return extract_article(body, url="https://harbour.example/envoys")


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    body = bytearray(draw(st.sampled_from(PAGES)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(body)))
        cut = draw(st.integers(0, 400))
        body[at : at + cut] = draw(st.sampled_from(PIECES)) * draw(st.integers(0, 6))
    return bytes(body)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_a_mutated_page_is_read_or_refused(body: bytes) -> None:
    found = read(body)
    assert (found.content is None) != (found.wall is None)
    if found.content is not None:
        content = found.content
        for text in (
            content.title,
            content.text,
            *content.authors,
            *content.captions,
            content.canonical,
        ):
            assert "\x00" not in text
            assert text.encode() is not None
        assert all(block.text and "\n" not in block.text for block in content.blocks)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2000))
def test_random_bytes_are_no_article_or_text(body: bytes) -> None:
    found = read(body)
    assert (found.content is None) != (found.wall is None)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_the_same_bytes_give_the_same_article(body: bytes) -> None:
    assert read(body) == read(body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<div>" * 100_000 + b"text", id="nested-divs"),
        pytest.param(b"<b><i>" * 50_000 + b"text", id="unclosed-inline"),
        pytest.param(b"<table><tr><td>" * 5_000 + b"text", id="nested-tables"),
        pytest.param(b"<p>x</p>" * 300_000, id="many-elements"),
        pytest.param(
            b"<div " + b" ".join(b'a%d="x"' % n for n in range(100_000)) + b">text</div>",
            id="many-attributes",
        ),
        pytest.param(b"&" * 2_000_000, id="ampersands"),
        pytest.param(b"<p>" + b"word " * 600_000 + b"</p>", id="one-paragraph"),
        pytest.param(
            b"<style>"
            + b"a{b:c} " * 700_000
            + b"</style><h1>Envoys</h1><p>"
            + b"word " * 60
            + b"</p>",
            id="a-huge-style",
        ),
        pytest.param(b"<a href=x>" * 60_000, id="unclosed-links"),
        pytest.param(
            b"<script type='application/ld+json'>" + b"[" * 200_000 + b"</script>", id="nested-json"
        ),
        pytest.param(
            b"<h1>" + b"a b " * 200_000 + b"</h1><title>" + b"b a " * 200_000 + b"</title><p>x</p>",
            id="endless-titles",
        ),
        pytest.param((b"<p>" + b"1 " * 190 + b"= </p>") * 2_000, id="lines-that-tease-rules"),
    ],
)
def test_a_hostile_page_ends_in_time(body: bytes) -> None:
    began = time.process_time()
    found = read(body)
    assert time.process_time() - began < 10
    assert (found.content is None) != (found.wall is None)
