"""The part of the day in which a source is looked at, over midnight and over both nights of the year."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.windows import Window, read_window

ZONES = ("Europe/Kyiv", "America/New_York", "Asia/Jakarta", "UTC")


def at(text: str, zone: str = "Europe/Kyiv", *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("window", "when", "is_in"),
    [
        ("06:00-23:30", "2026-06-01T05:59:59", False),
        ("06:00-23:30", "2026-06-01T06:00", True),
        ("06:00-23:30", "2026-06-01T23:29:59", True),
        ("06:00-23:30", "2026-06-01T23:30", False),
        ("22:00-06:00", "2026-06-01T21:59", False),
        ("22:00-06:00", "2026-06-01T22:00", True),
        ("22:00-06:00", "2026-06-01T00:00", True),
        ("22:00-06:00", "2026-06-01T06:00", False),
        ("00:00-24:00", "2026-06-01T23:59:59", True),
        ("08:00-08:00", "2026-06-01T07:59", True),
        ("18:00-24:00", "2026-06-01T23:59", True),
        ("18:00-24:00", "2026-06-01T00:00", False),
        ("18:00-00:00", "2026-06-01T23:59", True),
    ],
)
def test_a_window_is_half_open(window: str, when: str, is_in: bool) -> None:
    assert read_window(f"{window} Europe/Kyiv").holds(at(when)) is is_in


@pytest.mark.parametrize(
    ("window", "when", "opens"),
    [
        pytest.param("06:00-23:00 Europe/Kyiv", at("2026-06-01T12:00"), at("2026-06-01T12:00"), id="open"),
        pytest.param("06:00-23:00 Europe/Kyiv", at("2026-06-01T23:00"), at("2026-06-02T06:00"), id="tomorrow"),
        pytest.param("06:00-23:00 Europe/Kyiv", at("2026-06-01T03:00"), at("2026-06-01T06:00"), id="today"),
        pytest.param("22:00-02:00 Europe/Kyiv", at("2026-06-01T02:00"), at("2026-06-01T22:00"), id="tonight"),
        pytest.param("03:30-05:00 Europe/Kyiv", at("2026-03-29T01:00"), at("2026-03-29T04:00"), id="the-leap-takes-its-beginning"),
        pytest.param("03:10-03:50 Europe/Kyiv", at("2026-03-29T01:00"), at("2026-03-30T03:10"), id="the-leap-takes-all-of-it"),
        pytest.param("03:30-05:00 Europe/Kyiv", at("2026-10-25T02:00"), at("2026-10-25T03:30"), id="the-hour-that-comes-twice"),
        pytest.param("02:30-05:00 America/New_York", at("2026-03-08T01:00", "America/New_York"), at("2026-03-08T03:00", "America/New_York"), id="new-york-in-spring"),
        pytest.param("01:30-05:00 America/New_York", at("2026-11-01T00:30", "America/New_York"), at("2026-11-01T01:30", "America/New_York"), id="new-york-in-autumn"),
        pytest.param("06:00-23:00 Asia/Jakarta", at("2026-10-25T02:00", "Asia/Jakarta"), at("2026-10-25T06:00", "Asia/Jakarta"), id="jakarta-has-no-such-night"),
    ],
)  # fmt: skip
def test_a_closed_window_opens_at_its_hour(window: str, when: datetime, opens: datetime) -> None:
    assert read_window(window).opens(when) == opens


def test_an_hour_that_comes_twice_is_in_it_twice() -> None:
    window = read_window("03:00-04:00 Europe/Kyiv")
    assert window.holds(at("2026-10-25T03:30", fold=0))
    assert window.holds(at("2026-10-25T03:30", fold=1))


@given(
    now=st.datetimes(
        datetime.fromisoformat("2025-01-01"),
        datetime.fromisoformat("2028-01-01"),
        timezones=st.just(UTC),
    ),
    begin=st.integers(0, 1439),
    end=st.integers(0, 1440),
    zone=st.sampled_from(ZONES),
)
def test_a_window_opens_within_two_days(now: datetime, *, begin: int, end: int, zone: str) -> None:
    window = Window(begin=begin, end=end, zone=zone)
    opens = window.opens(now)
    assert window.holds(opens)
    assert now <= opens <= now + timedelta(days=2, hours=2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("06:00-23:00", "names no time zone"),
        ("6-23 UTC", "is not a window of the day"),
        ("06:00-23:00 Mars/Olympus", "is not a time zone"),
        ("06:00-24:01 UTC", "has no such time of the day"),
        ("24:00-06:00 UTC", "has no such time of the day"),
        ("06:60-07:00 UTC", "has no such time of the day"),
        ("", "is not a window of the day"),
    ],
)
def test_what_is_no_window_is_told(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_window(text)
