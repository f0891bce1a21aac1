"""What a page declares is read however it is written; times keep their zone, people are told from rubbish."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from crawler.extraction.article import extract_article
from crawler.extraction.authors import clean_names
from crawler.extraction.dates import read_date, read_line
from crawler.extraction.language import detect_language, script_of
from crawler.extraction.structured import article_of, text_field, things_of
from storage.types import ArticleContent

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
KYIV = timezone(timedelta(hours=3))
JAKARTA = timezone(timedelta(hours=7))
TEXT = (
    "<p>The delegations sat for four hours and agreed on nine of the twelve points, she said.</p>"
    * 4
)


def content(head: str, body: str = TEXT, *, lang: str = "en") -> ArticleContent:
    page = f'<html lang="{lang}"><head><meta charset=utf-8>{head}</head><body>{body}</body></html>'
    found = extract_article(page.encode(), url="https://harbour.example/envoys", fetched_at=NOW)
    assert found.content is not None, found.wall
    return found.content


@pytest.mark.parametrize(
    ("raw", "when"),
    [
        ("2026-05-03T14:05:09+03:00", datetime(2026, 5, 3, 14, 5, 9, tzinfo=KYIV)),
        ("2026-05-03T14:05:09.123Z", datetime(2026, 5, 3, 14, 5, 9, tzinfo=UTC)),
        ("2026-05-03 14:05:09 +0300", datetime(2026, 5, 3, 14, 5, 9, tzinfo=KYIV)),
        ("2026-05-03T14:05+03", datetime(2026, 5, 3, 14, 5, tzinfo=KYIV)),
        ("2026-05-03", datetime(2026, 5, 3, tzinfo=UTC)),
        ("1777817109", datetime.fromtimestamp(1777817109, UTC)),
        ("03.05.2026 14:05", datetime(2026, 5, 3, 14, 5, tzinfo=UTC)),
        ("Sun, 03 May 2026 14:05:09 +0300", datetime(2026, 5, 3, 14, 5, 9, tzinfo=KYIV)),
        ("not a date", None),
        ("2026-13-45", None),
        ("2031-01-01", None),
        ("0001-01-01T00:00:00Z", None),
    ],
)
def test_a_claimed_time_is_read(raw: str, when: datetime | None) -> None:
    assert read_date(raw, now=NOW) == when


@pytest.mark.parametrize(
    ("line", "language", "when"),
    [
        ("Published 3 May 2026, 14:05", "en", datetime(2026, 5, 3, 14, 5, tzinfo=UTC)),
        ("Опубліковано 3 травня 2026, 14:05", "uk", datetime(2026, 5, 3, 14, 5, tzinfo=UTC)),
        ("Diperbarui 3 Mei 2026", "id", datetime(2026, 5, 3, tzinfo=UTC)),
        ("Minggu, 3 Mei 2026 | 14:05 WIB", "id", datetime(2026, 5, 3, 14, 5, tzinfo=JAKARTA)),
        ("Minggu, 03/05/2026 14:05 WIB", "id", datetime(2026, 5, 3, 14, 5, tzinfo=JAKARTA)),
        ("3 мая 2026 г. в 14:05 МСК", "ru", datetime(2026, 5, 3, 14, 5, tzinfo=KYIV)),
        ("No date here", "en", None),
    ],
)
def test_a_shown_line_is_read(line: str, language: str, when: datetime | None) -> None:
    assert read_line(line, now=NOW, language=language) == when


AT = datetime(2026, 5, 3, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "shown",
    [
        '<i itemprop="datePublished" content="2026-05-03T14:05:00Z">3 May</i>',
        '<div itemprop="datePublished">2026-05-03T14:05Z</div>',
        '<div itemscope style="display:none"><b itemprop="datePublished">2026-05-03T14:05Z</b></div>',
        '<time datetime="2026-05-03">3 May 2026, 14:05</time>',
        '<div class="news-date">03.05.2026 14:05</div>',
        "<div><span>Published: 3 May 2026, 14:05 | views: 33</span></div>",
    ],
)
def test_a_time_that_is_only_marked_or_shown_is_found(shown: str) -> None:
    clock = "<div>Wednesday, 6 May 2026, 09:00</div>"
    body = f"{clock}<div><h1>Envoys agree on nine points</h1>{shown}<div>{TEXT}</div></div>"
    assert content("<title>Envoys agree on nine points</title>", body).published == AT


def test_a_day_told_in_the_text_is_not_when_it_was_published() -> None:
    told = "<p>The envoys met on 3 March 2026, the statement says.</p>"
    body = f"<div><h1>Envoys agree on nine points</h1>{told}{TEXT}</div>"
    assert content("<title>Envoys agree on nine points</title>", body).published is None


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (["By Mary Lund and Jan Kos"], ("Mary Lund", "Jan Kos")),
        (["Mary Lund, Jan Kos", "Mary Lund"], ("Mary Lund", "Jan Kos")),
        (["Von Anna Klein"], ("Anna Klein",)),
        (["Автор: Ирина Лаптева"], ("Ирина Лаптева",)),
        (["Mary Lund | Chief correspondent"], ("Mary Lund", "Chief correspondent")),
        (["https://social.example/mary"], ()),
        (["admin"], ()),
        (["undefined", ""], ()),
        (["Mary Lund (Geneva)"], ("Mary Lund",)),
    ],
)
def test_people_are_taken_from_a_byline(raw: list[str], names: tuple[str, ...]) -> None:
    assert clean_names(raw) == names


@pytest.mark.parametrize(
    "script",
    [
        '{"@type":"NewsArticle","headline":"Envoys meet"}',
        '[{"@type":"WebSite","name":"Post"},{"@type":["Article"],"headline":"Envoys meet"}]',
        '{"@graph":[{"@type":"WebPage","name":"x"},{"@type":"http://schema.org/NewsArticle","headline":"Envoys meet"}]}',
        '{"@type":"NewsArticle","headline":"Envoys meet",}',
        '{"@type":"NewsArticle","headline":"Envoys meet","articleBody":"a\nb\tc"}',
        '<!-- {"@type":"NewsArticle","headline":"Envoys meet"} -->',
        '{"@type":"NewsArticle","headline":"Envoys meet","description":"a "b" c"}',
        '{"@type":"NewsArticle","headline":"Envoys&nbsp;meet"}',
    ],
)
def test_structured_data_is_read_however_broken(script: str) -> None:
    found = text_field(article_of(things_of([script])), "headline")
    assert " ".join(found.split()) == "Envoys meet"


def test_the_visible_headline_is_the_title() -> None:
    head = '<title>Old words - Post</title><meta property="og:title" content="Old words">'
    found = content(head, "<div><h1>New words for the talks</h1>" + TEXT + "</div>")
    assert found.titles.h1 == "New words for the talks" or found.title == "Old words"


def test_an_outlet_name_in_an_h1_is_not_the_title() -> None:
    head = '<title>Envoys agree to meet again | Harbour Post</title><meta property="og:title" content="Envoys agree to meet again">'
    body = f"<header><h1>Harbour Post</h1></header><article><h2>Envoys agree to meet again</h2>{TEXT}</article>"
    assert content(head, body).title == "Envoys agree to meet again"


def test_a_declared_kicker_belongs_to_the_title() -> None:
    head = '<meta property="og:title" content="Geneva talks: Envoys agree to meet again">'
    found = content(head, f"<h1>Envoys agree to meet again</h1>{TEXT}")
    assert found.title == "Geneva talks: Envoys agree to meet again"
    assert found.titles.h1 == "Envoys agree to meet again"


def test_a_lone_surrogate_in_structured_data_can_be_stored() -> None:
    head = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Envoys \\ud800 meet","author":"Mary \\udfff Lund"}</script>'
    found = content(head)
    assert found.titles.declared.encode()
    assert "".join(found.authors).encode() is not None
    assert found.title.encode()


@pytest.mark.parametrize(
    ("lang", "text", "language"),
    [
        ("en", "停火谈判将于周四继续举行，双方代表团表示。" * 6, "zh"),
        ("en-US", "代表団は木曜日に会談を続けると述べた。" * 6, "ja"),
        ("", "Die Gespräche über die Waffenruhe wurden am Donnerstag fortgesetzt, erklärte das Ministerium. " * 4, "de"),
        ("en", "Delegasi kedua negara akan bertemu lagi pada hari Kamis untuk membahas gencatan senjata. " * 4, "id"),
        ("uk-UA", "Переговори триватимуть у четвер, повідомив представник делегації після зустрічі. " * 4, "uk"),
        ("in", "Delegasi kedua negara akan bertemu lagi pada hari Kamis untuk membahas gencatan senjata. " * 4, "id"),
    ],
)  # fmt: skip
def test_the_language_is_declared_or_detected(lang: str, text: str, language: str) -> None:
    assert (
        content("<title>x</title>", f"<h1>Envoys</h1><p>{text}</p>", lang=lang).language == language
    )


def test_a_script_of_its_own_names_the_language() -> None:
    assert script_of("회담은 목요일에 계속될 것이라고 대표단이 말했다") == "ko"
    assert script_of("The talks go on") == ""


def test_too_little_text_names_no_language() -> None:
    assert detect_language("OK") == ""
