"""The one clock: everything stored, waited for or compared is its time.

Without options it is the wall's, because the monotonic one stands still while a laptop sleeps.

`--speed X` makes it run X times as fast (demo, tests, benchmarks). Time-outs, a visit's budget and
the lease never fall below `FLOOR_S` real seconds.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta

FLOOR_S = 10.0


class Clock:
    """Tells the time, and waits in it."""

    def __init__(
        self, *, speed: float = 1.0, virtual: float | None = None, real: float | None = None
    ) -> None:
        """Run `speed` times as fast, from `virtual` epoch seconds at the real epoch second `real`."""
        began = time.time() if real is None else real
        self._virtual_began = began if virtual is None else virtual
        self._monotonic_began = time.monotonic() - (time.time() - began)
        self._is_the_walls = speed == 1.0 and virtual is None
        self.speed = speed

    def now(self) -> datetime:
        """The time, aware UTC."""
        if self._is_the_walls:
            return datetime.now(UTC)
        passed_s = (time.monotonic() - self._monotonic_began) * self.speed
        return datetime.fromtimestamp(self._virtual_began + passed_s, UTC)

    def real(self, when: datetime) -> datetime:
        """Say when, on the wall, this clock will show `when`."""
        return datetime.now(UTC) + (when - self.now()) / self.speed

    def real_s(self, span: timedelta) -> float:
        """Real seconds a span of this clock takes."""
        return span.total_seconds() / self.speed

    def limit_s(self, span_s: float) -> float:
        """Real seconds for a limit (time-out, budget, lease): scaled, but never below the floor."""
        return max(span_s / self.speed, min(span_s, FLOOR_S))

    async def sleep(self, span: timedelta) -> None:
        """Wait for a span of this clock."""
        await asyncio.sleep(max(0.0, self.real_s(span)))
