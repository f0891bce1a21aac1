"""Read a cron line with its zone, such as "0 6 * * mon Europe/Kyiv". Pure: no clock, no timers.

Weekdays follow cron (0 and 7 are Sunday); what fires when, also in the nights when clocks change, is
the timetable's to say.
"""

import re
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
EXAMPLE: Final = '"0 6 * * mon Europe/Kyiv"'


@dataclass(frozen=True, slots=True, kw_only=True)
class CronLine:
    """When something happens: the values of each field, ascending; () means every one."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]  # of the month, from 1
    months: tuple[int, ...]
    weekdays: tuple[str, ...]  # sun, mon, …: names, because 0 is not Sunday everywhere
    zone: str

    @property
    def timezone(self) -> ZoneInfo:
        """The zone in which the hours are meant."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """One of the five fields: its name in a message, its range, and the names it knows."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_MINUTE = _Field(name="minute", low=0, high=59)
_HOUR = _Field(name="hour", low=0, high=23)
_DAY = _Field(name="day of the month", low=1, high=31)
_MONTH = _Field(name="month", low=1, high=12, names=MONTHS)
_WEEKDAY = _Field(name="weekday", low=0, high=7, names=WEEKDAYS)


def read_cron(line: str) -> CronLine:
    """Read five cron fields and a named zone.

    Raises:
        ValueError: With a sentence that says what is wrong and shows a right line.
    """
    words = line.split()
    if len(words) == len(("minute", "hour", "day", "month", "weekday")):
        raise ValueError(f"{line!r} names no time zone; write {EXAMPLE}")
    if len(words) != len(("minute", "hour", "day", "month", "weekday", "zone")):
        raise ValueError(
            f"{line!r} is not a cron line; write minute, hour, day, month, weekday and a zone: "
            f"{EXAMPLE}"
        )
    if not is_zone(words[5]):
        raise ValueError(f"{words[5]!r} is not a time zone; write one such as Europe/Kyiv")
    days, weekdays = _read_field(words[2], _DAY), _read_field(words[4], _WEEKDAY)
    if days and weekdays:
        # cron would mean "either", most readers think "both": nobody has to guess here
        raise ValueError(f"{line!r} names a day of the month and a weekday; leave one of them *")
    return CronLine(
        minutes=_read_field(words[0], _MINUTE),
        hours=_read_field(words[1], _HOUR),
        days=days,
        months=_read_field(words[3], _MONTH),
        weekdays=tuple(name for at, name in enumerate(WEEKDAYS) if {at, at or 7} & set(weekdays)),
        zone=words[5],
    )


def is_zone(name: str) -> bool:
    """Say whether this is a time zone by name, such as Europe/Kyiv or UTC."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+/-]{1,60}", name):
        return False
    try:
        ZoneInfo(name)  # cheaper than the list of all zones, which is read from hundreds of files
    except (ValueError, OSError, LookupError):
        return False
    return True


def _read_field(text: str, field: _Field) -> tuple[int, ...]:
    if text == "*":
        return ()
    values: set[int] = set()
    for part in text.split(","):
        values.update(_read_part(part, field))
    return tuple(sorted(values))


def _read_part(part: str, field: _Field) -> range:
    span, slash, step_text = part.partition("/")
    step = _read_step(step_text, part, field) if slash else 1
    if span == "*":
        high = field.high - 1 if field is _WEEKDAY else field.high  # 7 is Sunday a second time
        return range(field.low, high + 1, step)
    first, dash, last = span.partition("-")
    low = _read_value(first, part, field)
    if not dash:
        if slash:
            raise ValueError(f"{part!r} is not a {field.name} of a cron line; write */{step_text}")
        return range(low, low + 1)
    high = _read_value(last, part, field)
    if high == 0 and field is _WEEKDAY:
        high = 7  # fri-sun
    if high < low:
        raise ValueError(f"{part!r} runs backwards; write the earlier {field.name} first")
    return range(low, high + 1, step)


def _read_step(text: str, part: str, field: _Field) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len("59") and int(text) > 0):
        raise ValueError(
            f"{part!r} has no step after the slash; write */5 for every fifth {field.name}"
        )
    return int(text)


def _read_value(text: str, part: str, field: _Field) -> int:
    if text.lower() in field.names:
        return field.names.index(text.lower()) + (1 if field is _MONTH else 0)
    if text.isascii() and text.isdigit() and len(text) <= len("59"):
        value = int(text)
        if field.low <= value <= field.high:
            return value
    raise ValueError(
        f"{part!r} is not a {field.name} of a cron line; write {field.low} to {field.high}, "
        "a list 1,2, a range 1-5, a step */5 or *"
    )
