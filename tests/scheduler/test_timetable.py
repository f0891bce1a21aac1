"""When cron lines fire over both nights of the year, and that timers run once, in the clock's time."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.clock import Clock
from crawler.cronline import read_cron
from scheduler.timetable import Timetable, next_fire


def fires(line: str, after: str, until: str) -> list[str]:
    cron = read_cron(line)
    zone = ZoneInfo(cron.zone)
    at = datetime.fromisoformat(after).replace(tzinfo=zone).astimezone(UTC)
    end = datetime.fromisoformat(until).replace(tzinfo=zone).astimezone(UTC)
    found: list[str] = []
    while True:
        at = next_fire(cron, at)
        if at >= end:
            return found
        found.append(at.astimezone(zone).strftime("%d %H:%M %Z"))


@pytest.mark.parametrize(
    ("line", "after", "until", "expected"),
    [
        ("30 3 * * * Europe/Kyiv", "2026-03-28T12:00", "2026-03-30T12:00", ["29 04:00 EEST", "30 03:30 EEST"]),
        ("30 3 * * * Europe/Kyiv", "2026-10-24T12:00", "2026-10-26T12:00", ["25 03:30 EEST", "26 03:30 EET"]),
        ("30 2 * * * America/New_York", "2026-03-07T12:00", "2026-03-09T12:00", ["08 03:00 EDT", "09 02:30 EDT"]),
        ("30 1 * * * America/New_York", "2026-10-31T12:00", "2026-11-02T12:00", ["01 01:30 EDT", "02 01:30 EST"]),
        ("30 2 * * * Asia/Jakarta", "2026-03-28T12:00", "2026-03-30T12:00", ["29 02:30 WIB", "30 02:30 WIB"]),
        ("0 0 * * mon Europe/Kyiv", "2026-10-25T12:00", "2026-11-03T12:00", ["26 00:00 EET", "02 00:00 EET"]),
        ("0 0 * * 1 Europe/Kyiv", "2026-03-29T12:00", "2026-03-31T12:00", ["30 00:00 EEST"]),
        ("0 6 * * 0 America/New_York", "2026-11-01T00:00", "2026-11-02T00:00", ["01 06:00 EST"]),
        ("0,30 3 * * * Europe/Kyiv", "2026-03-29T00:00", "2026-03-30T00:00", ["29 04:00 EEST"]),
        ("0 * * * * Europe/Kyiv", "2026-03-29T01:30", "2026-03-29T05:30", ["29 02:00 EET", "29 04:00 EEST", "29 05:00 EEST"]),
        ("0 * * * * Europe/Kyiv", "2026-10-25T01:30", "2026-10-25T05:30", ["25 02:00 EEST", "25 03:00 EEST", "25 04:00 EET", "25 05:00 EET"]),
        ("0 * * * * America/New_York", "2026-03-08T00:30", "2026-03-08T04:30", ["08 01:00 EST", "08 03:00 EDT", "08 04:00 EDT"]),
        ("0 * * * * America/New_York", "2026-11-01T00:30", "2026-11-01T03:30", ["01 01:00 EDT", "01 02:00 EST", "01 03:00 EST"]),
        ("0 * * * * Asia/Jakarta", "2026-10-25T00:30", "2026-10-25T04:30", ["25 01:00 WIB", "25 02:00 WIB", "25 03:00 WIB", "25 04:00 WIB"]),
        ("0 0 * * mon America/New_York", "2026-03-08T12:00", "2026-03-16T12:00", ["09 00:00 EDT", "16 00:00 EDT"]),
        ("0 0 * * mon America/New_York", "2026-11-01T12:00", "2026-11-09T12:00", ["02 00:00 EST", "09 00:00 EST"]),
        ("0 0 * * mon Asia/Jakarta", "2026-10-25T12:00", "2026-11-03T12:00", ["26 00:00 WIB", "02 00:00 WIB"]),
        ("0 2 * * 7 America/New_York", "2026-10-31T12:00", "2026-11-02T00:00", ["01 02:00 EST"]),
        ("0 0 29 2 * Europe/Kyiv", "2026-01-01T00:00", "2028-03-01T00:00", ["29 00:00 EET"]),
    ],
)  # fmt: skip
def test_a_cron_line_fires_once_in_both_nights(
    line: str, *, after: str, until: str, expected: list[str]
) -> None:
    assert fires(line, after, until) == expected


def test_a_line_that_never_fires_says_so() -> None:
    with pytest.raises(ValueError, match="never fires"):
        next_fire(read_cron("0 0 31 2 * UTC"), datetime(2026, 1, 1, tzinfo=UTC))


@given(
    after=st.datetimes(
        datetime.fromisoformat("2025-01-01"),
        datetime.fromisoformat("2028-01-01"),
        timezones=st.just(UTC),
    ),
    hour=st.integers(0, 23),
    zone=st.sampled_from(
        ["Europe/Kyiv", "America/New_York", "Asia/Jakarta", "Australia/Lord_Howe"]
    ),
)
def test_a_daily_line_fires_once_on_every_day(after: datetime, *, hour: int, zone: str) -> None:
    cron = read_cron(f"30 {hour} * * * {zone}")
    first = next_fire(cron, after)
    second = next_fire(cron, first)
    days = [at.astimezone(ZoneInfo(zone)).date() for at in (first, second)]
    assert after < first <= after + timedelta(hours=25.5)
    assert days[1] - days[0] == timedelta(days=1)


async def test_a_timer_whose_time_is_long_past_runs_all_the_same() -> None:
    clock, ran = Clock(), asyncio.Event()
    timetable = Timetable(clock, on_fault=lambda *_: None)

    async def call() -> None:
        ran.set()

    timetable.at("visit", clock.now() - timedelta(days=3), call)
    timetable.start()
    await asyncio.wait_for(ran.wait(), 10)
    timetable.close()


async def test_what_falls_due_while_it_still_runs_is_counted_and_done_after_it() -> None:
    clock, running, most = Clock(), 0, 0
    began, passed, may_end, done = (asyncio.Event() for _ in range(4))
    timetable = Timetable(clock, on_fault=lambda *_: None)

    async def call() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if began.is_set():
            done.set()
        began.set()
        await may_end.wait()
        running -= 1

    async def passed_by() -> None:
        passed.set()

    timetable.start()
    timetable.at("visit", clock.now(), call)
    await asyncio.wait_for(began.wait(), 10)
    timetable.at("visit", clock.now(), call)
    timetable.at("after it", clock.now() + timedelta(milliseconds=5), passed_by)
    await asyncio.wait_for(passed.wait(), 10)
    may_end.set()
    await asyncio.wait_for(done.wait(), 10)
    timetable.close()
    assert (timetable.overruns, most) == (1, 1)


async def test_a_timer_runs_in_the_clocks_time_and_repeats() -> None:
    clock, ran, done = Clock(speed=600.0), [], asyncio.Event()
    timetable = Timetable(clock, on_fault=lambda *_: None)

    async def call() -> None:
        ran.append(clock.now())
        if len(ran) == 3:
            done.set()

    timetable.start()
    began = clock.now()
    timetable.every("upkeep", timedelta(seconds=60), call)
    assert [line.name for line in timetable.entries()] == ["upkeep"]
    await asyncio.wait_for(done.wait(), 10)
    timetable.close()
    assert ran[2] - began >= timedelta(seconds=180)


async def test_a_fault_is_told_and_the_next_run_comes() -> None:
    clock, told, again = Clock(speed=600.0), [], asyncio.Event()
    timetable = Timetable(clock, on_fault=lambda name, error: told.append((name, str(error))))
    runs = 0

    async def call() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise RuntimeError("no")
        again.set()

    timetable.start()
    timetable.every("upkeep", timedelta(seconds=30), call)
    await asyncio.wait_for(again.wait(), 10)
    timetable.close()
    assert told == [("upkeep", "no")]
