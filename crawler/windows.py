"""Read when a source may be looked at, such as "06:00-23:30 Europe/Kyiv". Pure: no clock, no timers.

A window is half-open: the minute it begins belongs to it, the minute it ends does not. One that ends
before it begins goes on over midnight; one that ends where it begins is the whole day.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from crawler.cronline import is_zone

EXAMPLE: Final = '"06:00-23:30 Europe/Kyiv"'
_HOURS: Final = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_DAY_MINUTES: Final = 24 * 60
_STEPS: Final = 2 * _DAY_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of each day, in minutes of the wall clock of a zone; `end` is not in it."""

    begin: int  # 0 to 1439
    end: int  # 0 to 1440
    zone: str

    @property
    def is_always(self) -> bool:
        """Whether it is the whole day."""
        return self.begin == self.end % _DAY_MINUTES

    def holds(self, at: datetime) -> bool:
        """Say whether a time lies in it; an hour that comes twice is in it twice."""
        if self.is_always:
            return True
        wall = at.astimezone(ZoneInfo(self.zone))
        minute = wall.hour * 60 + wall.minute
        if self.begin < self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end

    def opens(self, at: datetime) -> datetime:
        """Give the time itself if it lies in the window, else the minute at which it next opens.

        An opening that the spring clock leaps over is the first minute after the leap.
        """
        if self.holds(at):
            return at
        zone = ZoneInfo(self.zone)
        day = at.astimezone(zone).date()
        begins = time(self.begin // 60, self.begin % 60)
        for days in range(3):
            wall = datetime.combine(day + timedelta(days=days), begins)
            found = placed(wall, zone)
            if found >= at and self.holds(found):
                return found
        return at  # no zone leaps over a whole window twice in a row


def read_window(text: str) -> Window:
    """Read two times of the day and a named zone.

    Raises:
        ValueError: With a sentence that says what is wrong and shows a right window.
    """
    words = text.split()
    found = _HOURS.fullmatch(words[0]) if words else None
    if found is None or len(words) > 2:  # noqa: PLR2004 - hours and zone
        raise ValueError(f"{text!r} is not a window of the day; write {EXAMPLE}")
    if len(words) == 1:
        raise ValueError(f"{text!r} names no time zone; write {EXAMPLE}")
    if not is_zone(words[1]):
        raise ValueError(f"{words[1]!r} is not a time zone; write one such as Europe/Kyiv")
    hours = [int(part) for part in found.groups()]
    begin, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if max(hours[1], hours[3]) > 59 or begin >= _DAY_MINUTES or end > _DAY_MINUTES:  # noqa: PLR2004 - minutes
        raise ValueError(f"{words[0]!r} has no such time of the day; write 00:00 to 24:00")
    return Window(begin=begin, end=end, zone=words[1])


def placed(wall: datetime, zone: ZoneInfo) -> datetime:
    """Place a wall time in time; one that does not exist becomes the next minute that does."""
    for minutes in range(_STEPS):
        local = (wall + timedelta(minutes=minutes)).replace(tzinfo=zone, fold=0)
        utc = local.astimezone(UTC)
        if utc.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
            return utc
    raise ValueError("no such time")
