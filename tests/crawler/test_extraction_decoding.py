"""The same bytes give the same characters, whatever a label says of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.article import extract_article
from crawler.extraction.decoding import decode

RUSSIAN = "<p>Переговоры продолжатся в четверг, сообщил представитель делегации. «Мы близки», — сказал он.</p>"
PLAIN = "<p>Переговоры продолжатся в четверг, сообщил представитель делегации после встречи.</p>"
GERMAN = "<p>Die Gespräche über die Waffenruhe wurden fortgesetzt, erklärte das Außenministerium für Äußeres.</p>"
JAPANESE = "<p>代表団は木曜日に会談を続けると述べた。停戦の条件はまだ決まっていない。</p>"


@pytest.mark.parametrize(
    ("text", "codec", "content_type", "meta"),
    [
        pytest.param(
            RUSSIAN, "utf-8", "text/html; charset=iso-8859-1", "", id="a-header-lies-of-utf8"
        ),
        pytest.param(RUSSIAN, "cp1251", "", "", id="nobody-names-cp1251"),
        pytest.param(
            RUSSIAN,
            "cp1251",
            "text/html; charset=windows-1251",
            "koi8-r",
            id="header-wins-over-meta",
        ),
        pytest.param(
            RUSSIAN, "cp1251", "text/html; charset=koi8-r", "", id="a-wrong-header-is-seen"
        ),
        pytest.param(PLAIN, "koi8-r", "", "koi8-r", id="koi8"),
        pytest.param(RUSSIAN, "utf-16-le", "", "", id="utf16-without-a-mark"),
        pytest.param(GERMAN, "cp1252", "text/html; charset=iso-8559-1", "", id="a-misspelt-latin1"),
        pytest.param(
            GERMAN, "utf-8", "text/html; charset=utf8mb4", "", id="the-name-of-a-database"
        ),
        pytest.param(GERMAN, "cp1252", "text/html; charset=hex", "", id="a-codec-that-is-no-text"),
        pytest.param(
            GERMAN, "utf-8", "text/html; charset=" + "x" * 10_000, "", id="an-endless-name"
        ),
        pytest.param(JAPANESE, "cp932", "", "Shift_JIS", id="shift-jis"),
        pytest.param(JAPANESE, "euc_jp", "text/html; charset=euc-jp", "", id="euc-jp"),
    ],
)
def test_a_page_is_decoded(text: str, codec: str, *, content_type: str, meta: str) -> None:
    head = f'<html><head><meta charset="{meta}"></head>' if meta else "<html>"
    found = decode((head + text * 3).encode(codec), content_type=content_type)
    assert text in found


@pytest.mark.parametrize("label", ["windows-1251", "iso-8859-1", "utf-8", "koi8-r", ""])
def test_a_label_that_flips_changes_nothing(label: str) -> None:
    body = (RUSSIAN * 3).encode("cp1251")
    assert decode(body, content_type=f"text/html; charset={label}") == RUSSIAN * 3


def test_a_late_label_is_found() -> None:
    body = f"<html><head><!--{'x' * 3000}--><meta charset='windows-1251'></head>{RUSSIAN}".encode(
        "cp1251"
    )
    assert RUSSIAN in decode(body)


def test_a_few_broken_bytes_do_not_make_another_encoding() -> None:
    assert "Переговоры" in decode(RUSSIAN.encode() + b"\xff\xc0\xaf")


@given(st.binary(max_size=600), st.text(max_size=60))
def test_decoding_never_raises_and_gives_text_that_can_be_stored(
    body: bytes, content_type: str
) -> None:
    text = decode(body, content_type=content_type)
    assert "\x00" not in text
    assert text.encode() is not None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a&#2;b", "ab"),
        ("a&#x0002;b", "ab"),
        ("a&#31b", "ab"),
        ("a&#xFFFF;&#65534;&#xD800;b", "ab"),
        ("a&#10;b", "a&#10;b"),
        ("&#25; &#250; &#1087;", " &#250; &#1087;"),
        ("&#x1F600;", "&#x1F600;"),
        ("&#99999999;&#12345678901;", "&#99999999;&#12345678901;"),
    ],
)
def test_a_reference_to_what_no_text_may_hold_is_left_out(written: str, expected: str) -> None:
    assert decode(written.encode()) == expected


def test_a_page_with_such_references_is_read() -> None:
    paragraph = (
        "<p>The delegations met in Istanbul on Monday and agreed on nine of twelve points.</p>"
    )
    page = f"<h1>Nine points</h1><main>{paragraph * 6}<aside>Ads</aside>tail &#2; text</main>"
    found = extract_article(page.encode(), url="https://news.example/a")
    assert found.content is not None, found.wall
