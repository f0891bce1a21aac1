"""When cron lines fire over both nights of the year, and that timers run once, in the clock's time."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

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
    ],
)  # fmt: skip
def test_a_cron_line_fires_once_in_both_nights(
    line: str, *, after: str, until: str, expected: list[str]
) -> None:
    assert fires(line, after, until) == expected


def test_a_line_that_never_fires_says_so() -> None:
    with pytest.raises(ValueError, match="never fires"):
        next_fire(read_cron("0 0 31 2 * UTC"), datetime(2026, 1, 1, tzinfo=UTC))


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
