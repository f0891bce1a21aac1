"""Messages say what was seen, completely, in text and in HTML, and nothing fetched gets out of hand."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scheduler
from scheduler.alerts import words
from scheduler.alerts.forms import RenderContext, Rendered
from scheduler.alerts.render import render_alert, render_test
from scheduler.alerts.render_many import render_opening, render_summary
from storage.types import (
    ChangeKind,
    Detail,
    Disclosure,
    Opening,
    OpeningReason,
    Outlet,
    OwedChange,
    Weight,
)
from tests.support.owed import DRONES, NOON, article, owed, version

KYIV = RenderContext(timezone="Europe/Kyiv", topic_titles={"talks": "Russia-Ukraine talks"})
TASS = Outlet(name="TASS", language="ru", country="RU", control="state")
K = ChangeKind


class Page(HTMLParser):
    """What a mail program would make of the HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def words(self) -> str:
        return " ".join(self.text.split())


def plain(text: str) -> str:
    return re.sub("[\u2068\u2069]", "", " ".join(text.split()))


# -- subjects ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ({}, "52 → 49 drones · Lapak Asik (id) · no note seen"),
        (
            {"kinds": (K.HEADLINE,), "disclosure": Disclosure.UNKNOWN},
            "Headline changed · Lapak Asik (id)",
        ),
        (
            {
                "kinds": (K.GONE,),
                "details": (),
                "disclosure": Disclosure.UNKNOWN,
                "note": "answered 404 at 4 looks since 2026-11-25 09:10 UTC",
                "article": article(outlet=TASS),
            },
            "Gone (404) · TASS (ru, state)",
        ),
        (
            {"kinds": (K.CORRECTION,), "disclosure": Disclosure.NOTED},
            "Correction · Lapak Asik (id) · note seen",
        ),
        (
            {"kinds": (K.QUOTE,), "disclosure": Disclosure.NOTED},
            "Quote changed · Lapak Asik (id) · update noted",
        ),
    ],
)
def test_a_subject_says_what_who_and_how_disclosed(change: dict[str, Any], subject: str) -> None:
    assert render_alert(owed(**change), context=KYIV).subject == subject


texts = st.text(max_size=200)


@given(texts, texts, texts, st.sampled_from(Disclosure), st.sampled_from(ChangeKind))
def test_no_subject_is_too_long_or_loses_outlet_or_disclosure(  # noqa: PLR0917
    label: str, name: str, title: str, disclosure: Disclosure, kind: ChangeKind
) -> None:
    one = owed(
        kinds=(kind,),
        details=(Detail(kind=kind, before="a", after="b", label=label),),
        disclosure=disclosure,
        article=article(title=title, outlet=Outlet(name=name, language="id", control="state")),
    )
    subject = words.alert_subject([one])
    assert len(subject) <= 70
    assert subject.isprintable() or not re.search(r"[\r\n\x00-\x1f]", subject)
    assert subject.endswith(words.disclosure(one.change))
    assert "(id, state)" in subject
    if len(words.clean(name)) <= 8:
        assert words.clean(name) in subject


# -- bodies --------------------------------------------------------------------------------------


def both(rendered: Rendered) -> list[str]:
    return [plain(rendered.text), plain(Page(rendered.html).words())]


@pytest.mark.parametrize(
    "part",
    [
        "Pada malam itu [-52-] pesawat nirawak ditembak jatuh.",
        "Pada malam itu {+49+} pesawat nirawak ditembak jatuh.",
        "Before",
        "After",
        "Seen 13:45, changed by 14:00 (Kyiv), 25 Nov 2026.",
        "No note seen",
        "Why it is on Russia-Ukraine talks: judul: rusia + ukraina",
        "https://lapak.example/a",
        "parley show v12",
        "parley diff v11 v12",
    ],
)
def test_text_and_html_are_each_complete(part: str) -> None:
    for form in both(render_alert(owed(), context=KYIV)):
        assert part in form


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            {"kinds": (K.PARAGRAPH_REMOVED,)},
            "Stood there at 13:45 and not at 14:00 (Kyiv), 25 Nov 2026.",
        ),
        (
            {"stood_at": NOON - timedelta(hours=15)},
            "Seen 24 Nov 2026 23:00, changed by 25 Nov 2026 14:00 (Kyiv).",
        ),
        ({"kinds": (K.NEW,), "stood_at": None}, "First seen 14:00 (Kyiv), 25 Nov 2026."),
        (
            {"kinds": (K.GONE,), "note": "answered 404 at 4 looks since 2026-11-25 09:10 UTC"},
            "Answered 404 at 4 looks since 11:10.",
        ),
        ({"note": "seen once, at 2026-11-24 09:10 UTC"}, "Seen once, at 24 Nov 2026 11:10."),
        ({"kinds": (K.MOVED,), "note": "now at https://x.example/b"}, "Now at https://x.example/b"),
    ],
)
def test_times_are_the_readers_and_claim_only_looks(change: dict[str, Any], line: str) -> None:
    for form in both(render_alert(owed(**change), context=KYIV)):
        assert line in form


def test_a_link_to_the_comparison_stands_there_only_with_a_base_url() -> None:
    linked = render_alert(owed(), context=replace(KYIV, base_url="https://p.example/"))
    assert "https://p.example/compare/11/12" in linked.text
    assert ("a", "https://p.example/compare/11/12") in [
        (tag, attrs.get("href")) for tag, attrs in Page(linked.html).tags
    ]
    assert "/compare/" not in render_alert(owed(), context=KYIV).text


def test_foreign_words_are_isolated_and_named_by_language() -> None:
    arabic = "مسودة من 28 بندا"
    detail = Detail(kind=K.NUMBER, before=arabic, after=arabic.replace("28", "19"), label="28 → 19")
    one = owed(details=(detail,), new=version(12, language="ar"), article=article(title=arabic))
    rendered = render_alert(one, context=KYIV)
    assert f"\u2068{arabic}\u2069" in rendered.text
    spans = [attrs for tag, attrs in Page(rendered.html).tags if tag == "bdi"]
    assert {"dir": "auto", "lang": "ar"} in spans
    assert all(attrs.get("dir") == "auto" for attrs in spans)


def test_a_repeat_says_so_in_every_form() -> None:
    rendered = render_alert(owed(), context=replace(KYIV, repeat=True))
    for form in (*both(rendered), rendered.brief):
        assert "may have reached you before" in form


def test_a_long_block_shows_what_differs() -> None:
    filler = "kata " * 800
    detail = Detail(kind=K.NUMBER, before=f"{filler}52 {filler}", after=f"{filler}49 {filler}")
    text = render_alert(owed(details=(detail,)), context=KYIV).text
    assert "[-52-]" in text
    assert "{+49+}" in text
    assert len(text) < 3000


def test_two_differences_in_one_sentence_show_it_once() -> None:
    quote = replace(DRONES, kind=K.QUOTE, label="")
    text = plain(render_alert(owed(details=(DRONES, quote)), context=KYIV).text)
    assert "Number changed: 52 → 49 drones Quote changed Before: " in text
    assert text.count("Before: ") == text.count("After: ") == 1


def test_many_differences_are_counted() -> None:
    details = tuple(replace(DRONES, before=f"{DRONES.before} {n}") for n in range(20))
    text = render_alert(owed(details=details), context=KYIV).text
    assert text.count("[-52-]") == 8
    assert "and 12 more differences." in text


FORBIDDEN = re.compile(r"deleted by|stealth|censor|silent", re.IGNORECASE)


@pytest.mark.parametrize("kind", list(ChangeKind))
@pytest.mark.parametrize("disclosure", list(Disclosure))
def test_our_words_claim_only_what_was_seen(kind: ChangeKind, disclosure: Disclosure) -> None:
    one = owed(kinds=(kind,), disclosure=disclosure)
    for form in both(render_alert(one, context=KYIV)):
        assert not FORBIDDEN.search(form)


# -- hostile text --------------------------------------------------------------------------------

EVIL = "<script>alert(1)</script><img src=x onerror=a> \u202eevil\u2069\u2066 \r\nBcc: x@example.org\x00\ud800"


def evil() -> OwedChange:
    detail = Detail(kind=K.NUMBER, before=EVIL, after=f"{EVIL} more", label=EVIL)
    return owed(
        details=(detail,),
        note=EVIL,
        reason=EVIL,
        article=article(
            title=EVIL, url=f"javascript:{EVIL}", outlet=Outlet(name=EVIL, language='"><b>')
        ),
        new=version(12, language='"><b>', title=EVIL),
    )


def every_form() -> list[Rendered]:
    opening = Opening(
        reason=OpeningReason.FIRST_ROUND,
        read=(EVIL,),
        failing=((EVIL, EVIL),),
        found=1,
        on_topic=1,
        newest=(evil().article,),
    )
    context = replace(KYIV, topic_titles={"talks": EVIL})
    return [
        render_alert(evil(), context=context),
        render_alert([evil(), evil()], context=context),
        render_summary([evil(), owed()], context=context, at=NOON),
        render_opening(opening, [evil()], context=context),
        render_test(EVIL, context=context, at=NOON),
    ]


@pytest.mark.parametrize("rendered", every_form())
def test_what_was_fetched_is_only_ever_text(rendered: Rendered) -> None:
    page = Page(rendered.html)
    tags = {tag for tag, _ in page.tags}
    assert tags <= {
        *("html", "head", "meta", "title", "body", "div", "h1", "h2", "p", "b", "bdi", "a"),
        *("blockquote", "del", "ins"),
    }
    for _, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on") or name == "src"]
        assert not (attrs.get("href") or "https://").startswith("javascript")
    assert not re.search(r"[\r\n\x00\ud800\u202e]", rendered.subject)
    assert not re.search(r"[\r\x00\ud800\u202e\u2066]", rendered.text + rendered.brief)
    assert rendered.text.count("\u2068") == rendered.text.count("\u2069")
    rendered.text.encode()
    rendered.html.encode()
    json.dumps(rendered.json, ensure_ascii=False).encode()


@given(texts, texts, texts)
def test_no_text_breaks_a_message(before: str, after: str, title: str) -> None:
    detail = Detail(kind=K.WORDING, before=before, after=after)
    rendered = render_alert(owed(details=(detail,), article=article(title=title)), context=KYIV)
    rendered.text.encode()
    assert Page(rendered.html).tags


# -- many ----------------------------------------------------------------------------------------


def test_a_summary_lists_at_most_sixty_and_counts_the_rest() -> None:
    many = [owed(id=n, article_id=n, weight=Weight.MINOR) for n in range(1, 101)]
    rendered = render_summary(many, context=KYIV, at=NOON)
    assert rendered.subject == "Summary: 100 changes · 14:00"
    assert rendered.text.count("parley show v12") == 60
    assert "And 40 more changes: parley list shows them." in rendered.text
    assert len(rendered.json["changes"]) == 100


def test_an_opening_says_what_will_be_sent_from_now_on() -> None:
    opening = Opening(
        reason=OpeningReason.FIRST_ROUND,
        read=("A", "B"),
        found=1200,
        on_topic=41,
        newest=(article(),),
    )
    rendered = render_opening(opening, context=KYIV)
    assert rendered.subject == "Now watching 2 outlets: 1,200 articles, 41 on topic"
    for form in both(rendered):
        assert "Read (2): A, B" in form
        assert "41 of them on Russia-Ukraine talks" in form
        assert "At most 6 messages an hour and 40 a day" in form
        assert "In a summary every hour, if there is anything: new articles; minor changes" in form


# -- JSON ----------------------------------------------------------------------------------------


def names_in(value: object) -> set[str]:
    match value:
        case dict():
            return set(value).union(*(names_in(v) for v in value.values()))
        case list():
            return set().union(*(names_in(v) for v in value))
        case _:
            return set()


def test_the_manual_names_every_field_of_the_json() -> None:
    page = (Path(scheduler.__file__).parent / "manual" / "alerts.md").read_text(encoding="utf-8")
    found = dict(render_alert(owed(), context=KYIV).json)
    found["changes"][0].pop("why_on_topic")  # its names are topics
    sent = {"message", "channel", "sent_at", "may_have_arrived_before", "why_on_topic"}
    assert not {name for name in names_in(found) | sent if f"`{name}`" not in page}


def test_the_json_has_both_texts_and_utc_times() -> None:
    change = render_alert(owed(), context=KYIV).json["changes"][0]
    assert change["details"][0]["before"] == DRONES.before
    assert change["details"][0]["after"] == DRONES.after
    assert change["seen_at"] == "2026-11-25T12:00:00Z"
    assert change["why_on_topic"] == {"talks": ["judul: rusia + ukraina"]}


# -- words ---------------------------------------------------------------------------------------


@given(st.text(max_size=300), st.integers(1, 100))
def test_cutting_keeps_the_limit_and_the_beginning(text: str, limit: int) -> None:
    found = words.cut(text, limit)
    assert len(found) <= limit
    if len(text) <= limit:
        assert found == text


@given(st.text(max_size=300))
def test_clean_text_is_one_line_and_stays_clean(text: str) -> None:
    found = words.clean(text)
    assert "\n" not in found
    assert words.clean(found) == found
    found.encode()
