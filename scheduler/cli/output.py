"""How commands print: tables that stay plain text, times people can read, JSON for machines.

Whatever came from the network is made harmless for a terminal here (`harmless`).
"""

import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

_WIDE: Final = {"W", "F"}
_GAP: Final = "  "
_NARROWEST: Final = 8
_DIRECTION_SIGNS: Final = frozenset(
    "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c"
)


def is_terminal() -> bool:
    """Say whether a person reads the output."""
    return sys.stdout.isatty()


def has_colour() -> bool:
    """Say whether colours are wanted: a terminal, and no NO_COLOR."""
    return is_terminal() and not os.environ.get("NO_COLOR")


def harmless(text: str) -> str:
    """Give text without anything that steers a terminal; line breaks and tabs become blanks."""
    folded = "".join(" " if sign in "\n\r\t" else sign for sign in text)
    return "".join(
        sign
        for sign in folded
        if unicodedata.category(sign) not in {"Cc", "Cs"} and sign not in _DIRECTION_SIGNS
    )


def width_of(text: str) -> int:
    """Count the columns a text takes on a terminal."""
    return sum(
        2 if unicodedata.east_asian_width(sign) in _WIDE else 1
        for sign in text
        if not unicodedata.combining(sign)
    )


def cut(text: str, columns: int) -> str:
    """Give at most so many columns of a text, with … where something is left out."""
    if width_of(text) <= columns:
        return text
    kept = ""
    for sign in text:
        if width_of(kept + sign) > columns - 1:
            break
        kept += sign
    return kept.rstrip() + "…"


def wrapped(text: str) -> str:
    """Break a line between words where a terminal ends; what begins with blanks goes on after them.

    Colours (ours: fetched text has none left) take no room.
    """
    columns = shutil.get_terminal_size().columns
    if not is_terminal() or width_of(text) <= columns:
        return text
    indent = " " * (len(text) - len(text.lstrip(" ")))
    lines: list[str] = []
    line, used = "", 0
    for word in text[len(indent) :].split(" "):
        width = width_of(click.unstyle(word))
        if line and len(indent) + used + 1 + width > columns:
            lines.append(indent + line)
            line, used = word, width
        else:
            line, used = (f"{line} {word}", used + 1 + width) if line else (word, width)
    return "\n".join([*lines, indent + line])


def table(
    rows: Sequence[Sequence[str]], *, heads: Sequence[str], whole: Collection[str] = ()
) -> str:
    """Write rows in columns; on a terminal the widest are cut so that rows fit, `whole` ones last."""
    cells = [[harmless(cell) for cell in row] for row in rows]
    widths = [max(width_of(text) for text in column) for column in zip(heads, *cells, strict=True)]
    if is_terminal():
        widths = _narrowed(widths, [head in whole for head in heads])
    lines = [_line(row, widths) for row in cells]
    head = _line([head.upper() for head in heads], widths)
    return "\n".join([click.style(head, bold=True) if has_colour() else head, *lines])


def _narrowed(widths: list[int], is_whole: list[bool]) -> list[int]:
    room = shutil.get_terminal_size().columns - len(_GAP) * (len(widths) - 1)
    widths = list(widths)
    for kept in ([n for n, whole in enumerate(is_whole) if whole], []):
        cuttable = [n for n in range(len(widths)) if n not in kept]
        while sum(widths) > room and cuttable:
            widest = max(cuttable, key=lambda n: widths[n])
            if widths[widest] <= _NARROWEST:
                break
            widths[widest] -= 1
    return widths


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cut(text, width) for text, width in zip(row, widths, strict=True)]
    padded = [
        text + " " * (width - width_of(text)) for text, width in zip(cells, widths, strict=True)
    ]
    return _GAP.join(padded).rstrip()


def counted(number: int, one: str, many: str) -> str:
    """Write a number with its noun: "1 address", "3 addresses"."""
    return f"{number} {one if number == 1 else many}"


def local_time(when: datetime | None, zone: str) -> str:
    """Write a time as people read it, with its zone: "2026-11-25 14:05 EET"; "never" for None."""
    if when is None:
        return "never"
    return when.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %Z")


def ago(when: datetime | None, *, now: datetime) -> str:
    """Write how long ago something was: "3 min ago"; "never" for None, "in 3 min" for the future."""
    if when is None:
        return "never"
    span = now - when
    if span < timedelta(0):
        return f"in {_span(-span)}"
    return f"{_span(span)} ago"


def _span(span: timedelta) -> str:
    total_s = int(span.total_seconds())
    for unit, size_s in (("d", 86400), ("h", 3600), ("min", 60)):
        if total_s >= size_s * (2 if unit == "d" else 1):
            return f"{total_s // size_s} {unit}"
    return f"{total_s} s"


def emit_json(value: object) -> None:
    """Print a value as JSON: dataclasses as objects, times in UTC, text as it is."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def json_line(value: object) -> str:
    """Write a value as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:  # noqa: ANN401 - json's contract
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
