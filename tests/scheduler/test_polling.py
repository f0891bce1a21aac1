"""When a source is read next: by what it brings, around the interval of the settings."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cronline import read_cron
from crawler.windows import read_window
from scheduler.polling import FASTEST, IDLE, SLOWEST, backoff, next_read_at, poll_gap
from scheduler.timetable import next_fire
from storage.rhythm import ReadFacts, Rhythm, rhythm_of, with_read
from storage.types import SourceKind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TEN = 10 * MINUTE
DAY_S = 86_400.0


@pytest.mark.parametrize(
    ("brought", "span_s", "others", "minutes"),
    [
        pytest.param(0, 0, 0, 10, id="nothing-known-yet"),
        pytest.param(14.4, DAY_S, 0, 10, id="one-in-ten-intervals"),
        pytest.param(58, DAY_S, 0, 5, id="four-in-ten"),
        pytest.param(2000, DAY_S, 0, 5, id="a-wire-service"),
        pytest.param(9, DAY_S, 0, 12.5, id="nine-a-day"),
        pytest.param(0, 3 * DAY_S, 0, 20, id="nothing-for-days-and-nobody-else-brings-more"),
        pytest.param(0, HOUR.seconds, 30, 40, id="nothing-of-its-own-in-an-hour"),
        pytest.param(0, 2 * HOUR.seconds, 30, 70, id="nothing-of-its-own-in-two-hours"),
        pytest.param(0, 3 * DAY_S, 30, 120, id="nothing-of-its-own-in-days"),
        pytest.param(20, 3 * DAY_S, 30, 14.6, id="some-that-the-feed-lacks"),
    ],
)
def test_the_wait_follows_what_a_source_brings(
    brought: float, span_s: float, *, others: float, minutes: float
) -> None:
    wait = poll_gap(TEN, Rhythm(brought=brought, span_s=span_s), others=others)
    assert wait == pytest.approx(minutes * MINUTE, rel=0.03)


@pytest.mark.parametrize(
    ("brought", "span_s", "others", "minutes"),
    [
        pytest.param(0, 0, 0, 10, id="nothing-known-yet"),
        pytest.param(0, 20 * 60, 0, 20, id="nothing-in-twenty-minutes"),
        pytest.param(0, 9 * HOUR.seconds, 0, 30, id="nothing-from-anybody-in-hours"),
        pytest.param(1, 9 * HOUR.seconds, 0, 20, id="what-the-feed-lacked"),
        pytest.param(0, 9 * HOUR.seconds, 3, 120, id="the-feed-brings-all"),
    ],
)
def test_what_stands_beside_a_feed_waits_for_it_to_show_what_it_brings(
    brought: float, span_s: float, *, others: float, minutes: float
) -> None:
    rhythm = Rhythm(brought=brought, span_s=span_s)
    wait = poll_gap(TEN, rhythm, others=others, beside_feed=1)
    assert wait == pytest.approx(minutes * MINUTE, rel=0.03)


@pytest.mark.parametrize(("worth", "minutes"), [(1.0, 5), (0.5, 7.1), (0.1, 15.8), (0.0, 20)])
def test_where_topics_are_watched_articles_count_by_the_share_that_is_on_them(
    worth: float, minutes: float
) -> None:
    wait = poll_gap(TEN, Rhythm(brought=58, span_s=DAY_S), others=0, worth=worth)
    assert wait == pytest.approx(minutes * MINUTE, rel=0.03)


@pytest.mark.parametrize(
    ("beside_feed", "minutes"), [(0, 120), (1, 120), (2, 170), (4, 240), (12, 240)]
)
def test_what_stands_beside_a_feed_takes_turns(*, beside_feed: int, minutes: float) -> None:
    idle = Rhythm(brought=0, span_s=3 * DAY_S)
    wait = poll_gap(TEN, idle, others=30, beside_feed=beside_feed)
    assert wait == pytest.approx(minutes * MINUTE, rel=0.03)


@pytest.mark.parametrize("beside_feed", [1, 4])
def test_what_brings_something_of_its_own_takes_no_turns(beside_feed: int) -> None:
    own = Rhythm(brought=20, span_s=3 * DAY_S)
    assert poll_gap(TEN, own, others=30, beside_feed=beside_feed) == poll_gap(TEN, own, others=30)


@given(
    every_s=st.integers(10, 31 * 86_400),
    brought=st.floats(0, 1e5),
    span_s=st.floats(0, 1e7),
    others=st.floats(0, 1e5),
)
def test_the_wait_stays_within_its_bounds(
    every_s: int, *, brought: float, span_s: float, others: float
) -> None:
    every = timedelta(seconds=every_s)
    factor = poll_gap(every, Rhythm(brought=brought, span_s=span_s), others=others) / every
    assert FASTEST - 1e-6 <= factor <= IDLE + 1e-6
    if others == 0:
        assert factor <= SLOWEST + 1e-6


@given(st.floats(0, 1000), st.floats(0, 1000), st.floats(0, 1e6))
def test_who_brings_more_waits_no_longer(less: float, more: float, span_s: float) -> None:
    less, more = sorted((less, more))
    waits = [poll_gap(TEN, Rhythm(brought=n, span_s=span_s), others=0) for n in (less, more)]
    assert waits[1] <= waits[0]


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 10), (2, 20), (4, 80), (9, 360), (2000, 360)]
)
def test_a_failing_source_is_asked_less_often(failures: int, minutes: int) -> None:
    assert backoff(TEN, failures=failures) == minutes * MINUTE


def test_a_source_of_every_day_is_not_asked_more_often_for_failing() -> None:
    assert backoff(DAY, failures=5) == DAY


# -- a rhythm -------------------------------------------------------------------------------------


def test_what_a_source_brought_fades() -> None:
    record: dict[str, Any] = {}
    for _ in range(144):
        record = with_read(record, brought=1, gap=TEN)
    busy = rhythm_of(record)
    assert busy.per_day == pytest.approx(144, rel=0.01)
    for _ in range(6):
        record = with_read(record, brought=0, gap=DAY)
    assert rhythm_of(record).brought < busy.brought / 7


def test_a_site_rebuilt_does_not_look_busy_for_days() -> None:
    assert rhythm_of(with_read({}, brought=900, gap=TEN)).brought == 20


def test_a_rhythm_is_not_told_from_minutes() -> None:
    assert rhythm_of(with_read({}, brought=1, gap=TEN)).per_day is None


# -- the next read --------------------------------------------------------------------------------


def facts(**given: Any) -> ReadFacts:
    """A source that was read on time, brings the usual and is called news."""
    usual: dict[str, Any] = {
        "source": "news",
        "via": "",
        "at": NOON,
        "kind": SourceKind.FEED,
        "failures": 0,
        "has_worked": True,
        "is_in_step": True,
        "rhythm": Rhythm(brought=14.4, span_s=DAY_S),
        "others": 0.0,
    }
    return ReadFacts(**{**usual, **given})


def wait(read: ReadFacts, *, every: timedelta | None = TEN, **given: Any) -> timedelta:
    settings: dict[str, Any] = {"cron": None, "window": None, "next_fire": next_fire, **given}
    return next_read_at(read, every=every, **settings) - read.at


def test_sources_read_at_one_moment_fall_out_of_step() -> None:
    waits = [wait(facts(source=f"source {n}", is_in_step=False)) for n in range(100)]
    assert all(TEN / 2 <= one <= TEN for one in waits)
    assert max(waits) - min(waits) > TEN * 0.45


def test_no_two_waits_are_quite_the_same() -> None:
    waits = [wait(facts(at=NOON + n * TEN)) for n in range(50)]
    assert all(0.95 * TEN <= one <= 1.05 * TEN for one in waits)
    assert len(set(waits)) > 40


def test_a_guess_that_failed_is_tried_again_in_a_week() -> None:
    guess = facts(via="https://news.example/rss", failures=1, has_worked=False, is_in_step=False)
    assert 6.5 * DAY < wait(guess) < 7.5 * DAY
    assert 6.5 * DAY < wait(guess, every=None, cron=read_cron("0 6 * * * UTC")) < 7.5 * DAY


def test_a_single_page_is_looked_at_as_often_as_the_settings_say() -> None:
    assert wait(facts(kind=SourceKind.PAGE, is_in_step=False)) == TEN


def test_a_cron_line_is_kept_to_the_minute() -> None:
    assert wait(facts(), every=None, cron=read_cron("30 12 * * * UTC")) == 30 * MINUTE


@pytest.mark.parametrize(
    ("window", "opens"),
    [
        pytest.param("06:00-12:05 UTC", NOON + 18 * HOUR, id="closed-when-it-would-be-read"),
        pytest.param("06:00-23:00 UTC", None, id="open"),
        pytest.param("00:00-24:00 UTC", None, id="always"),
        pytest.param("20:00-04:00 UTC", NOON + 8 * HOUR, id="over-midnight"),
    ],
)
def test_a_source_is_read_within_its_window(window: str, opens: datetime | None) -> None:
    found = wait(facts(), window=read_window(window))
    assert found == wait(facts()) if opens is None else NOON + found == opens
