"""The one clock: the wall's, or one that runs faster from a given moment."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from crawler.clock import FLOOR_S, Clock


def test_a_machine_that_slept_is_not_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)  # it stands still while a laptop sleeps
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_a_faster_clock_runs_from_the_moment_it_is_given() -> None:
    clock = Clock(speed=3600.0, virtual=1_000_000.0, real=time.time() - 10.0)
    passed = clock.now() - datetime.fromtimestamp(1_000_000.0, UTC)
    assert timedelta(hours=9.9) < passed < timedelta(hours=12)
    when = clock.now() + timedelta(hours=1)
    assert abs(clock.real(when) - datetime.now(UTC) - timedelta(seconds=1)) < timedelta(seconds=0.5)


@pytest.mark.parametrize(
    ("speed", "span_s", "real_s"), [(1.0, 30.0, 30.0), (60.0, 30.0, FLOOR_S), (60.0, 1200.0, 20.0)]
)
def test_a_limit_never_falls_below_the_floor(speed: float, span_s: float, real_s: float) -> None:
    assert Clock(speed=speed).limit_s(span_s) == real_s
