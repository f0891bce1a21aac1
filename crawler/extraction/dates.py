"""Read the times a publisher claims, with their zone; which of them is shown is `metadata`'s to say."""

# ruff: noqa: PLR2004 - lengths and shares of heuristics say what they are where they stand

import re
import warnings
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib import import_module
from typing import Any, Final

from crawler.extraction.page import Node

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*"
    r"(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{1,2})?)?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"^\d{10}(?:\d{3})?$")
_DAY_FIRST = re.compile(r"^(\d{1,2})[./](\d{1,2})[./](\d{4})(?:\D{1,4}(\d{1,2})[:.](\d{2}))?")
_IN_LINE = re.compile(
    r"\b\d{4}-\d{2}-\d{2}|\b\d{1,2}[./]\d{1,2}[./]\d{4}|\b\d{1,2}\.? [^\W\d]{3,12}\.?,? \d{4}|[^\W\d]{3,12} \d{1,2}, \d{4}"
)
_TIME_BEHIND = re.compile(
    r"(?:(?:\s(?:г|р)\.?)?\W{1,4}(?:at|um|à|a las|alle|o|om|kl\.?|klo|pukul|jam|saat|в|о|об|às)?\s*)"
    r"(\d{1,2}[:.]\d{2}(?!\d)(?:\s?[ap]m)?(?:\s?(?:wib|wita|wit|msk|мск|gmt|utc|cest|cet|eest|eet)\b)?)",
    re.IGNORECASE,
)
_ZONE = re.compile(r"\b(wib|wita|wit|msk|мск|gmt|utc|cest|cet|eest|eet)\b", re.IGNORECASE)
_ZONES: Final = {"wib": 7, "wita": 8, "wit": 9, "msk": 3, "мск": 3, "gmt": 0, "utc": 0, "cest": 2, "cet": 1, "eest": 3, "eet": 2}  # fmt: skip
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_LEEWAY: Final = timedelta(days=2)


def read_date(raw: str, *, now: datetime | None, language: str = "") -> datetime | None:
    """Read one claimed time.

    Args:
        raw: ISO 8601 in the many ways it is written, epoch seconds, or words.
        now: When the page was fetched: a claim later than two days after it is a mistake.
        language: Two letters, for words; empty when unknown.

    Returns:
        An aware time in the zone that stood there (UTC where none did), or None.
    """
    raw = raw.strip()[:120]
    if not raw:
        return None
    found = _read_iso(raw) or _read_epoch(raw) or _read_words(raw, now=now, language=language)
    if found is None or found < _EARLIEST or (now is not None and found > now + _LEEWAY):
        return None
    return found


def read_line(line: str, *, now: datetime | None, language: str = "") -> datetime | None:
    """Read the time out of a line such as `Published 3 May 2026, 14:05`."""
    found = _IN_LINE.search(line[:200])
    if found is None:
        return None
    day = found[0]
    time = _TIME_BEHIND.match(line, found.end())
    when = read_date(f"{day} {time[1]}" if time else day, now=now, language=language)
    return when or read_date(line[found.start() : 200], now=now, language=language)


def _read_iso(raw: str) -> datetime | None:
    match = _ISO.match(raw)
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    try:
        when = datetime.fromisoformat(
            f"{year}-{int(month):02}-{int(day):02}T{int(hour or 0):02}:{minute or '00'}:{second or '00'}"
        )
        return when.replace(tzinfo=_zone(zone))
    except ValueError:
        return None


def _zone(zone: str | None) -> tzinfo | None:
    if not zone or zone.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    sign, digits = zone[0], zone[1:].replace(":", "")
    hours, minutes = (digits[:2], digits[2:]) if len(digits) > 2 else (digits, "00")
    return datetime.fromisoformat(f"2000-01-01T00:00:00{sign}{int(hours):02}:{minutes}").tzinfo


def _read_epoch(raw: str) -> datetime | None:
    if not _EPOCH.match(raw):
        return None
    return datetime.fromtimestamp(int(raw[:10]), UTC)


def _read_words(raw: str, *, now: datetime | None, language: str) -> datetime | None:
    zone = _ZONE.search(raw)
    when = _read_local(_ZONE.sub("", raw), now=now, language=language)
    if zone is None or when is None:
        return when
    return when.replace(tzinfo=timezone(timedelta(hours=_ZONES[zone[1].casefold()])))


def _read_local(raw: str, *, now: datetime | None, language: str) -> datetime | None:
    if match := _DAY_FIRST.match(raw):
        day, month, year, hour, minute = match.groups()
        try:
            return datetime(
                int(year), int(month), int(day), int(hour or 0), int(minute or 0), tzinfo=UTC
            )
        except ValueError:
            return None
    if not any(character.isdigit() for character in raw):
        return None
    return _with_dateparser(raw, now=now, language=language)


def _with_dateparser(raw: str, *, now: datetime | None, language: str) -> datetime | None:
    import dateparser  # noqa: PLC0415 - heavy, and only for dates in words

    settings: dict[str, Any] = {"TIMEZONE": "UTC", "RETURN_AS_TIMEZONE_AWARE": True}
    if now is not None:
        settings["RELATIVE_BASE"] = now.replace(tzinfo=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return dateparser.parse(
                raw, languages=[language] if language else None, settings=settings
            )
        except (ValueError, OverflowError, TypeError, AttributeError):
            return None


@cache
def load_readers() -> None:
    """Load what reads dates in words, which takes longer than ten pages: at a worker's start, not at some page."""
    import_module("htmldate")  # heavy, and needed only where pages are read
    _with_dateparser("3 May 2026", now=None, language="en")


def guess_date(root: Node, *, url: str, now: datetime | None) -> datetime | None:
    """The day an article seems to be from where nothing declares it; without a time of day."""
    import htmldate  # noqa: PLC0415 - heavy, and only where nothing is declared
    import lxml.etree  # noqa: PLC0415 - as above
    import lxml.html  # noqa: PLC0415 - as above

    latest = (now + _LEEWAY).replace(tzinfo=None) if now is not None else None
    try:
        # It takes elements of lxml.html only.
        found = htmldate.find_date(
            lxml.html.document_fromstring(lxml.etree.tostring(root)),
            extensive_search=False,
            original_date=True,
            url=url,
            max_date=latest,
        )
    except Exception:  # noqa: BLE001 - a guess over hostile bytes by another's code
        return None
    return read_date(found, now=now) if found else None
