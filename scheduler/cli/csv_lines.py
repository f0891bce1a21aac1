"""How exported records become lines of a table that a spreadsheet can open: nothing in them runs there."""

import csv
import json
from collections.abc import Iterable
from typing import IO, Any, Final

from scheduler.cli.output import harmless

COLUMNS: Final = (
    "type", "url", "kind", "kinds", "title", "outlet", "article", "version", "number", "change",
    "from_version", "to_version", "at", "stood_at", "seen_at", "fetched_at", "published", "modified",
    "authors", "language", "topics", "weight", "state", "is_partial", "is_feed_only", "baseline", "disclosure",
    "reason", "note", "channel", "message", "summary", "details", "verdicts", "text",
)  # fmt: skip
"""The names that records have, those first that tell most."""

_BYTE_ORDER_MARK: Final = "\ufeff"  # without it a spreadsheet takes UTF-8 for an old encoding
_FORMULA: Final = frozenset("=+-@＝＋－＠")
_LONGEST_CELL: Final = 32_000  # characters; spreadsheets cut at 32,767


def write_csv(records: Iterable[dict[str, Any]], output: IO[str]) -> None:
    """Write a line of names and a line for each record (RFC 4180, with bare line feeds)."""
    output.write(_BYTE_ORDER_MARK)
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in records:
        writer.writerow([cell(record.get(name)) for name in COLUMNS])


def cell(value: object) -> str:
    """Give a value as text that steers no terminal; a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    text = value if isinstance(value, str) else _listed(value)
    text = "\n".join(harmless(line) for line in text.splitlines()).lstrip()
    if len(text) > _LONGEST_CELL:
        text = text[:_LONGEST_CELL] + "…"
    return f"'{text}" if text[:1] in _FORMULA else text


def _listed(value: object) -> str:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):  # pyright: ignore[reportUnknownVariableType]
        return "; ".join(value)  # pyright: ignore[reportUnknownArgumentType]
    return json.dumps(value, ensure_ascii=False)
