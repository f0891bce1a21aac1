import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.recheck import (
    CEILING_S,
    DAY_S,
    FLOOR_S,
    HOUR_S,
    INFLUENCE,
    MEMORY,
    MOST_FACTOR,
    USUAL,
    learn,
    next_check,
    next_look,
    spread,
    usual_changes,
)
from storage.look import LookFacts

MINUTE_S = 60.0
MOST_BENT = MOST_FACTOR**INFLUENCE

WATCHED = [(HOUR_S, HOUR_S), (6 * HOUR_S, 5 * HOUR_S), (DAY_S, 18 * HOUR_S), (2 * DAY_S, DAY_S)]

ages = st.floats(min_value=0.0, max_value=400 * DAY_S)
parts = st.floats(min_value=0.0, max_value=1.0)
# Age, and time since the change: half of the ages within the first days.
times = st.tuples(st.one_of(ages, st.floats(0.0, 4 * DAY_S)), parts).map(
    lambda drawn: (drawn[0], drawn[0] * drawn[1])
)
counts = st.integers(min_value=0, max_value=1_000)
looks = st.builds(
    lambda age_s, part, changed: {"age_s": age_s, "gap_s": age_s * part, "changed": changed},
    ages,
    parts,
    st.booleans(),
)
records = st.lists(looks, max_size=30).map(lambda found: taught(*found))


def taught(*seen: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for look in seen:
        learn(record, **look)
    return record


def outlet(*, every: int) -> dict[str, Any]:
    """A site of which 200 articles were watched for two days; each `every`th look saw a change."""
    record: dict[str, Any] = {}
    for number in range(200):
        for look, (age_s, gap_s) in enumerate(WATCHED):
            is_hit = every > 0 and (number + look) % every == 0
            learn(record, age_s=age_s, gap_s=gap_s, changed=is_hit)
    return record


def gap(age_s: float, since_s: float | None = None, changes: int = 0, **record: Any) -> float:
    return next_check(age_s, age_s if since_s is None else since_s, 5, changes, dict(record))


def facts(**given: Any) -> LookFacts:
    usual: dict[str, Any] = {
        "url": "https://news.example/a",
        "age_s": HOUR_S,
        "known_s": HOUR_S,
        "since_change_s": HOUR_S,
        "gap_s": 0.0,
        "has_changed": False,
        "looks": 3,
        "changes": 0,
        "failures": 0,
        "is_on_topic": True,
        "topic_score": 1.0,
        "is_article": True,
        "site_record": {},
    }
    return LookFacts(**usual | given)


# -- the curve -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "bounds"),
    [
        pytest.param((0, 0), (FLOOR_S, FLOOR_S), id="new"),
        pytest.param((900, 900), (FLOOR_S, 6 * MINUTE_S), id="quarter-of-an-hour"),
        pytest.param((6 * HOUR_S, 6 * HOUR_S), (HOUR_S / 2, 2 * HOUR_S), id="six-hours"),
        pytest.param((DAY_S, DAY_S), (2 * HOUR_S, 5 * HOUR_S), id="a-day"),
        pytest.param((DAY_S, 0), (FLOOR_S, FLOOR_S), id="just-changed"),
        pytest.param((DAY_S, HOUR_S), (900, HOUR_S), id="changed-an-hour-ago"),
        pytest.param((29 * DAY_S, 29 * DAY_S), (DAY_S, CEILING_S), id="a-month"),
    ],
)
def test_the_gap_grows_with_the_time_since_the_change(
    times: tuple[float, float], bounds: tuple[float, float]
) -> None:
    age_s, since_s = times
    assert bounds[0] <= gap(age_s, since_s, changes=int(since_s < age_s)) <= bounds[1]


@given(times, counts, records)
def test_the_gap_stays_between_floor_and_ceiling(
    time: tuple[float, float], changes: int, record: dict[str, Any]
) -> None:
    assert FLOOR_S <= next_check(*time, 9, changes, record) <= CEILING_S


@given(times, parts, records)
def test_a_later_change_never_makes_the_gap_longer(
    time: tuple[float, float], part: float, record: dict[str, Any]
) -> None:
    age_s, since_s = time
    assert next_check(age_s, since_s * part, 9, 2, record) <= next_check(*time, 9, 2, record)


@given(times, st.tuples(counts, counts).map(sorted), records)
def test_more_changes_never_make_the_gap_longer(
    time: tuple[float, float], changes: list[int], record: dict[str, Any]
) -> None:
    few, many = (next_check(*time, 9, number, record) for number in changes)
    assert many <= few


@given(ages, ages)
def test_with_nothing_learned_an_older_article_waits_no_less(a: float, b: float) -> None:
    assert gap(min(a, b)) <= gap(max(a, b)) + 1e-6


# -- what is learned -----------------------------------------------------------------------------


@pytest.mark.parametrize("age_s", [2 * HOUR_S, 12 * HOUR_S, 1.5 * DAY_S])
def test_an_outlet_that_edits_more_is_looked_at_more_often(age_s: float) -> None:
    gaps = [gap(age_s, **outlet(every=every)) for every in (0, 8, 2)]
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[0] > gap(age_s) > gaps[2]


def test_what_an_outlet_does_at_one_age_counts_most_there() -> None:
    record = taught(*[{"age_s": HOUR_S, "gap_s": HOUR_S, "changed": False}] * 100)
    for _ in range(60):  # this outlet edits in its second day
        learn(record, age_s=2 * DAY_S, gap_s=DAY_S, changed=True)
    early, late = (
        next_check(age_s, age_s, 9, 0, dict(record)) / gap(age_s)
        for age_s in (HOUR_S - 1, 2 * DAY_S)
    )
    assert late < 1
    assert late < early


@given(times, counts, records)
def test_what_is_learned_has_bounds(
    time: tuple[float, float], changes: int, record: dict[str, Any]
) -> None:
    bent, opposite = next_check(*time, 9, changes, record), next_check(*time, 9, 0, {})
    assert bent <= max(FLOOR_S, opposite * MOST_BENT**2 * 1.001)
    assert min(CEILING_S, opposite) <= max(FLOOR_S, bent * MOST_BENT**2 * 1.001)


def test_years_without_a_change_do_not_end_the_looks() -> None:
    record = taught(*[{"age_s": 30 * DAY_S, "gap_s": 30 * DAY_S, "changed": False}] * 5_000)
    assert gap(HOUR_S, **record) <= 45 * MINUTE_S
    assert gap(29 * DAY_S, **record) <= CEILING_S


def test_an_outlet_may_change_its_ways() -> None:
    record: dict[str, Any] = {}
    for changed, articles in ((False, 5_000), (True, 1_000)):
        for _ in range(articles):
            for age_s, gap_s in WATCHED:
                learn(record, age_s=age_s, gap_s=gap_s, changed=changed)
    assert gap(2 * HOUR_S, **record) < gap(2 * HOUR_S)
    assert max(record["edits"]["usual"]) <= MEMORY + 1


@given(records, looks)
def test_what_is_learned_survives_json(record: dict[str, Any], look: dict[str, Any]) -> None:
    kept = json.loads(json.dumps(record))
    for one in (record, kept):
        learn(one, **look)
    assert kept == record
    assert len(json.dumps(record)) <= 500


@pytest.mark.parametrize(
    "record",
    [{"edits": {}}, {"edits": {"seen": [1.0], "usual": [1.0]}}, {"edits": None, "other": 1}],
    ids=["empty", "other-bands", "nothing"],
)
def test_a_record_that_is_not_of_this_release_counts_for_nothing(record: dict[str, Any]) -> None:
    assert gap(HOUR_S, **record) == gap(HOUR_S)


def test_the_first_look_teaches_nothing() -> None:
    assert taught({"age_s": DAY_S, "gap_s": 0.0, "changed": True}) == {}


@given(ages, ages)
def test_what_is_usual_adds_up(a: float, b: float) -> None:
    start, end = sorted((a, b))
    whole, first, second = (
        sum(usual_changes(*ends)) for ends in ((0, end), (0, start), (start, end))
    )
    assert whole == pytest.approx(first + second)
    assert sum(usual_changes(0, 30 * DAY_S)) == pytest.approx(sum(USUAL))


def test_the_look_just_made_is_learned_from() -> None:
    last = {"age_s": HOUR_S, "gap_s": 600.0, "changed": True}
    record: dict[str, Any] = {"last": last}
    next_check(HOUR_S, 0.0, 3, 1, record)
    assert record["edits"] == taught(last)["edits"]


# -- the daemon's looks --------------------------------------------------------------------------


@given(times.filter(lambda time: time[0] < 30 * DAY_S), st.integers(0, 500), records)
def test_a_followed_article_is_looked_at_for_a_month(
    time: tuple[float, float], seen: int, record: dict[str, Any]
) -> None:
    age_s, since_s = time
    look = facts(
        age_s=age_s, since_change_s=since_s, changes=seen // 9, looks=seen, site_record=record
    )
    for mode in ("topic", "all"):
        wait = next_look(look, mode=mode)
        assert wait is not None
        assert FLOOR_S <= wait.total_seconds() <= CEILING_S * 1.05


def test_an_article_that_changed_within_a_month_is_looked_at_on() -> None:
    old = {"age_s": 90 * DAY_S, "looks": 40, "changes": 1}
    assert next_look(facts(**old, since_change_s=31 * DAY_S), mode="topic") is None
    assert next_look(facts(**old, since_change_s=20 * DAY_S), mode="topic") is not None
    assert next_look(facts(**old | {"looks": 1}, since_change_s=90 * DAY_S), mode="topic")


def at_hours(**given: Any) -> Iterator[float]:
    """When an article is looked at, in hours after it was found."""
    at_s, seen = 0.0, 1
    while seen < 100:
        look = facts(
            age_s=at_s, known_s=at_s, since_change_s=at_s, looks=seen, site_record={}, **given
        )
        wait = next_look(look, mode="topic")
        if wait is None:
            return
        at_s, seen = at_s + wait.total_seconds(), seen + 1
        yield at_s / HOUR_S


def test_an_off_topic_article_is_looked_at_after_an_hour_and_twelve() -> None:
    found = list(at_hours(is_on_topic=False, topic_score=0.2))
    assert found == [pytest.approx(1, rel=0.16), pytest.approx(12, rel=0.16)]


@pytest.mark.parametrize(
    ("score", "is_followed"), [(0.0, False), (0.34, False), (0.35, True), (0.49, True)]
)
def test_an_article_close_to_a_topic_is_followed(score: float, *, is_followed: bool) -> None:
    assert (len(list(at_hours(is_on_topic=False, topic_score=score))) > 20) == is_followed


def test_a_confirmation_is_not_one_of_the_two_looks_off_the_topic() -> None:
    look = facts(is_on_topic=False, topic_score=0.1, age_s=HOUR_S + 240, looks=4, site_record={})
    wait = next_look(look, mode="topic")
    assert wait is not None
    assert wait > timedelta(hours=8)


def test_an_article_off_topic_that_was_old_when_it_was_found_waits_for_a_signal() -> None:
    look = facts(is_on_topic=False, topic_score=0.1, age_s=5 * DAY_S, known_s=0.0, looks=1)
    assert next_look(look, mode="topic") is None


def test_all_are_followed_where_that_is_set() -> None:
    look = facts(is_on_topic=False, topic_score=0.0, age_s=3 * DAY_S)
    assert next_look(look, mode="topic") is None
    assert next_look(look, mode="all") is not None


@pytest.mark.parametrize("score", [0.1, 0.4, 1.0])
def test_every_look_teaches(score: float) -> None:
    look = facts(
        is_on_topic=score >= 0.5, topic_score=score, gap_s=600.0, has_changed=True, site_record={}
    )
    next_look(look, mode="topic")
    assert sum(look.site_record["edits"]["seen"]) == 1
    assert "last" not in look.site_record


@pytest.mark.parametrize(
    ("failures", "is_article", "minutes"),
    [(1, True, 5), (3, True, 20), (20, True, 360), (5, False, 80), (6, False, None)],
)
def test_failures_put_a_look_off(failures: int, minutes: int | None, *, is_article: bool) -> None:
    wait = next_look(facts(failures=failures, is_article=is_article), mode="topic")
    assert wait == (None if minutes is None else timedelta(minutes=minutes))


def test_what_never_was_an_article_is_let_go() -> None:
    assert next_look(facts(is_article=False), mode="all") is None


# -- due work is spread --------------------------------------------------------------------------


@given(st.floats(min_value=1.0, max_value=1e6), st.text(), parts)
def test_a_span_is_moved_by_half_its_part_at_most(span: float, key: str, part: float) -> None:
    moved = spread(span, key, part=part)
    assert span * (1 - part / 2) - 1e-6 <= moved <= span * (1 + part / 2) + 1e-6
    assert moved == spread(span, key, part=part)


def test_what_was_found_at_one_moment_is_not_due_at_one_moment() -> None:
    waits = [
        next_look(
            facts(url=f"https://news.example/{n}", is_on_topic=False, topic_score=0.1, age_s=0.0),
            mode="topic",
        )
        for n in range(300)
    ]
    seconds = [wait.total_seconds() for wait in waits if wait]
    assert len(seconds) == 300
    tenths = [int((s - 0.85 * HOUR_S) / (0.3 * HOUR_S) * 10) for s in seconds]
    assert max(tenths.count(tenth) for tenth in range(10)) < 60


def test_an_old_article_found_just_now_is_looked_at_twice_a_day() -> None:
    age_s = 20 * DAY_S
    fresh = next_look(facts(age_s=age_s, since_change_s=age_s, known_s=DAY_S), mode="all")
    known = next_look(facts(age_s=age_s, since_change_s=age_s, known_s=5 * DAY_S), mode="all")
    assert fresh is not None
    assert known is not None
    assert fresh <= timedelta(hours=13) < known
