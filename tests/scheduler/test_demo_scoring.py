"""The demo's score: what the log backs is right, all else is false."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.demo.scoring import score
from scheduler.demo.stories import Deed, Happening

BEGAN = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
TALKS, PIER = "http://127.0.0.1:1/talks", "http://127.0.0.1:1/pier"
ARTICLES = {TALKS: "a/talks", PIER: "a/pier"}


def at(minutes: float) -> datetime:
    return BEGAN + timedelta(minutes=minutes)


def happening(
    minutes: float, does: Deed, article: str = "a/talks", *, stock: bool = False
) -> Happening:
    return Happening(
        at=at(minutes),
        article=article,
        does=does,
        is_on_topic=article == "a/talks",
        title="T",
        is_stock=stock,
    )


LOG = (
    happening(-60, Deed.PUBLISH, stock=True),
    happening(-60, Deed.PUBLISH, "a/pier", stock=True),
    happening(30, Deed.EDIT),
    happening(40, Deed.EDIT, "a/pier"),
    happening(60, Deed.DELETE),
)


def version(url: str, minutes: float) -> dict:
    return {
        "type": "version",
        "url": url,
        "fetched_at": at(minutes).isoformat(),
        "title": "T",
        "text": "x",
    }


def change(url: str, minutes: float, *kinds: str) -> dict:
    return {
        "type": "change",
        "url": url,
        "kind": kinds[0],
        "kinds": list(kinds),
        "at": at(minutes).timestamp(),
    }


def alert(
    url: str, minutes: float, kind: str = "edit", *, summary: bool = False, message: int = 1
) -> dict:
    row = {"type": "alert", "url": url, "kind": kind, "at": at(minutes).isoformat()}
    return row | {"channel": "terminal", "message": message, "summary": summary}


STOCK = [version(TALKS, 1), version(PIER, 1), change(TALKS, 1, "new"), change(PIER, 1, "new")]
TRUE_STORY = [
    *STOCK,
    version(TALKS, 35),
    change(TALKS, 35, "number"),
    alert(TALKS, 36, message=2),
    version(PIER, 45),
    change(PIER, 45, "number"),
    change(TALKS, 70, "gone"),
    alert(TALKS, 250, "gone", message=3),
    {
        "type": "alert",
        "kind": "opening",
        "at": at(5).isoformat(),
        "channel": "terminal",
        "message": 1,
    },
]


def test_a_true_story_has_nothing_false() -> None:
    result = score(TRUE_STORY, LOG, articles=ARTICLES)
    assert result.line == "demo: 2 articles, 4 versions, 3 changes, 3 alerts, 0 false"


def test_what_became_of_each_event_is_told() -> None:
    outcomes = score(TRUE_STORY, LOG, articles=ARTICLES).outcomes
    assert [outcome.words for outcome in outcomes] == [
        "told at once",
        "kept in the history, not told",
        "told at once",
    ]


def test_what_was_not_seen_is_said() -> None:
    outcomes = score(STOCK, LOG, articles=ARTICLES).outcomes
    assert {outcome.words for outcome in outcomes} == {"not seen before the demo ended"}


def test_a_summary_counts_as_told() -> None:
    rows = [*STOCK, change(TALKS, 35, "wording"), alert(TALKS, 90, summary=True)]
    assert score(rows, LOG, articles=ARTICLES).outcomes[0].words == "told in a summary"


@pytest.mark.parametrize(
    "planted",
    [
        pytest.param(change(TALKS, 10, "wording"), id="an-edit-before-the-edit"),
        pytest.param(change(TALKS, 200, "number"), id="an-edit-told-twice"),
        pytest.param(change(PIER, 200, "gone"), id="gone-though-it-stands"),
        pytest.param(change(PIER, 200, "moved"), id="moved-though-it-stands"),
        pytest.param(change(PIER, 200, "new"), id="new-a-second-time"),
        pytest.param(change("http://127.0.0.1:1/about", 5, "new"), id="not-an-article"),
        pytest.param(alert(PIER, 46), id="an-alert-off-the-topic"),
        pytest.param(alert(PIER, 46, summary=True), id="a-summary-line-off-the-topic"),
        pytest.param(alert(TALKS, 3, "new"), id="an-alert-about-the-stock"),
        pytest.param(alert(TALKS, 80), id="an-alert-told-twice"),
        pytest.param(alert("http://127.0.0.1:1/about", 5), id="an-alert-about-nothing"),
    ],
)
def test_one_false_claim_is_counted(planted: dict) -> None:
    result = score([*TRUE_STORY, planted], LOG, articles=ARTICLES)
    assert result.line.endswith(" 1 false")
    assert result.false[0].reason


def test_an_alert_about_a_false_change_is_the_same_falsehood() -> None:
    planted = [change(TALKS, 10, "number") | {"change": 7}, alert(TALKS, 11) | {"change": 7}]
    assert score([*TRUE_STORY, *planted], LOG, articles=ARTICLES).line.endswith(" 1 false")


def test_one_change_may_cover_two_edits() -> None:
    log = (*LOG, happening(32, Deed.EDIT))
    result = score(TRUE_STORY, log, articles=ARTICLES)
    assert not result.false
    assert "not seen before the demo ended" not in {outcome.words for outcome in result.outcomes}


def test_tracking_parameters_do_not_matter() -> None:
    rows = [version(f"{TALKS}?utm_source=rss", 1), version(f"{TALKS}/", 2)]
    assert score(rows, LOG, articles=ARTICLES).articles == 1
