"""Words and shapes for the pages: times in the reader's zone, labels, what is folded. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from storage.diff import BlockOp, BlockPair, Op, Span, diff_words
from storage.glance import ChangeRow
from storage.history import VersionHead
from storage.types import (
    Baseline,
    Change,
    ChangeKind,
    Detail,
    Disclosure,
    Outlet,
    VersionState,
)

LONGEST_DETAIL: Final = 3_000
"""Characters of a detail that are compared and shown; the whole is on the comparison's page."""

_PRESENCE: Final = frozenset({
    ChangeKind.NEW, ChangeKind.GONE, ChangeKind.BACK, ChangeKind.MOVED,
})  # fmt: skip
_DISCLOSURE: Final = {
    Disclosure.NOTED: "noted by the publisher",
    Disclosure.UNNOTED: "no note seen",
    Disclosure.UNKNOWN: "disclosure unknown",
}
_BASELINE: Final = {
    Baseline.FIRST_ROUND: "was there before we looked",
    Baseline.SLEEP: "while nobody was looking",
}
_STATE: Final = {
    VersionState.CONFIRMED: "Stood there at more than one look.",
    VersionState.PROVISIONAL: "Waits for a second look before it counts.",
    VersionState.SEEN_ONCE: "Stood there at one look only; the text before it stood there again after.",
    VersionState.NOISE: "Differed again at once: not an edit.",
}
_BLOCK: Final = {
    BlockOp.INSERT: "new paragraph",
    BlockOp.DELETE: "left out",
    BlockOp.CHANGE: "changed",
}


def words(name: str) -> str:
    """A kind's name as words."""
    return name.replace("_", " ")


def disclosure_words(disclosure: Disclosure) -> str:
    """Whether the publisher said so, in words that claim only what was seen."""
    return _DISCLOSURE[disclosure]


def baseline_words(baseline: Baseline) -> str:
    """Why a change is no news."""
    return _BASELINE[baseline]


def state_words(state: VersionState) -> str:
    """What became of a version that no change led to."""
    return _STATE[state]


def outlet_words(outlet: Outlet) -> str:
    """What stands beside an outlet's name: language, country, who controls it."""
    return ", ".join(part for part in (outlet.language, outlet.country, outlet.control) if part)


def is_edit(change: Change) -> bool:
    """Did the text change, and not only whether or where the article stands?"""
    return any(kind not in _PRESENCE for kind in change.kinds)


def has_comparison(change: Change) -> bool:
    """Are there two versions to be compared?"""
    return change.from_version is not None and change.from_version != change.to_version


def best_place(row: ChangeRow) -> str:
    """The page that shows a change best: the comparison, or the article."""
    if has_comparison(row.change):
        return f"/compare/{row.change.from_version}/{row.change.to_version}"
    return f"/articles/{row.article.id}"


def is_web(url: str) -> bool:
    """May an address be a link? `javascript:` and its like may not."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def clean(value: object) -> object:
    """Take out of a text what no page may hold: control signs and halves of a sign."""
    if isinstance(value, str) and not value.isprintable():
        kept = (
            c for c in value if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs", "Cn"}
        )
        return type(value)("".join(kept))
    return value


# -- times ---------------------------------------------------------------------------------------


def local(when: datetime, zone: ZoneInfo) -> str:
    """A time in the reader's zone."""
    there = when.astimezone(zone)
    return f"{there.day} {there:%b %Y, %H:%M}"


def clock(when: datetime, zone: ZoneInfo) -> str:
    """The time of day in the reader's zone, where the day stands above."""
    return f"{when.astimezone(zone):%H:%M}"


def day(when: datetime, zone: ZoneInfo) -> str:
    """A day in the reader's zone."""
    there = when.astimezone(zone)
    return f"{there:%A} {there.day} {there:%B %Y}"


def utc(when: datetime) -> str:
    """A time for machines."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_words(when: datetime) -> str:
    """A time in UTC, to be read."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def by_day(found: Sequence[ChangeRow], zone: ZoneInfo) -> list[tuple[str, list[ChangeRow]]]:
    """Part a list of changes by the day on which they were decided."""
    parted = groupby(found, key=lambda row: day(row.change.decided_at, zone))
    return [(name, list(rows)) for name, rows in parted]


# -- differences ---------------------------------------------------------------------------------


def detail_spans(detail: Detail) -> list[Span]:
    """A detail word by word."""
    return diff_words(detail.before[:LONGEST_DETAIL], detail.after[:LONGEST_DETAIL])


def block_spans(pair: BlockPair) -> list[Span]:
    """A block word by word: a new one is all new, one that is left out is all gone."""
    if pair.spans:
        return list(pair.spans)
    op = {BlockOp.INSERT: Op.INSERT, BlockOp.DELETE: Op.DELETE}.get(pair.op, Op.EQUAL)
    return [Span(op=op, text=pair.new if pair.new is not None else pair.old or "")]


def block_words(pair: BlockPair) -> str:
    """What became of a block."""
    if pair.op is BlockOp.MOVE:
        return "stood here, moved elsewhere" if pair.new is None else "stands here now"
    return _BLOCK.get(pair.op, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Blocks that stand together: unchanged ones are folded away."""

    is_equal: bool
    pairs: tuple[BlockPair, ...]


def folded(pairs: Sequence[BlockPair]) -> list[Group]:
    """Part a comparison into what changed and what did not."""
    parted = groupby(pairs, key=lambda pair: pair.op is BlockOp.EQUAL)
    return [Group(is_equal=is_equal, pairs=tuple(found)) for is_equal, found in parted]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineItem:
    """A version (with the number of the believed one before it), or an article's going or coming."""

    at: datetime
    head: VersionHead | None = None
    before: int | None = None
    change: Change | None = None


def timeline(heads: Sequence[VersionHead], changes: Sequence[Change]) -> list[TimelineItem]:
    """An article's versions and events, newest first."""
    items = [
        TimelineItem(at=head.seen_at, head=head, before=_number_before(heads, head))
        for head in heads
    ]
    events = [change for change in changes if not is_edit(change) and not has_comparison(change)]
    items += [
        TimelineItem(at=change.seen_at, change=change)
        for change in events
        if ChangeKind.NEW not in change.kinds
    ]
    return sorted(items, key=lambda item: item.at, reverse=True)


def _number_before(heads: Sequence[VersionHead], head: VersionHead) -> int | None:
    earlier = (
        other.number
        for other in heads
        if other.number < head.number and other.state is VersionState.CONFIRMED
    )
    return max(earlier, default=None)
