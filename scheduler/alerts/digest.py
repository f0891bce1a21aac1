"""Decide which changes share a message, which go out now, and which wait for a summary. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from storage.types import ChangeKind, OpenDelivery, OwedChange, Weight

SAME_MESSAGE = timedelta(minutes=1)  # changes of one article decided so close are one message
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=3)
SLEEP_QUIET = timedelta(minutes=10)  # after a sleep: so long nothing new came to light …
SLEEP_LIMIT = timedelta(hours=1)  # … or so long in all

_WEIGHTS = {Weight.MAJOR: 0, Weight.MINOR: 1, Weight.TRIVIAL: 2}
_KINDS = (
    ChangeKind.GONE,
    ChangeKind.CORRECTION,
    ChangeKind.NUMBER,
    ChangeKind.QUOTE,
    ChangeKind.HEADLINE,
    ChangeKind.NAME,
    ChangeKind.DATE,
    ChangeKind.BACK,
    ChangeKind.REVERTED,
    ChangeKind.PARAGRAPH_REMOVED,
    ChangeKind.NEW,
    ChangeKind.PARAGRAPH_ADDED,
    ChangeKind.UPDATE,
    ChangeKind.LIVE_ENTRY,
    ChangeKind.MOVED,
    ChangeKind.PARAGRAPH_MOVED,
    ChangeKind.WORDING,
    ChangeKind.TYPOGRAPHY,
)
_RANK = {kind: rank for rank, kind in enumerate(_KINDS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a summary: one kind of news."""

    title: str
    entries: tuple[OwedChange, ...]


_SECTIONS = ("Gone or back", "Changed: major", "New articles", "Changed: minor", "Other changes")


def lead_kind(owed: OwedChange) -> ChangeKind:
    """Give the kind of a change that weighs most."""
    return min(owed.change.kinds, key=lambda kind: _RANK[kind], default=ChangeKind.WORDING)


def importance(owed: OwedChange) -> tuple[int, int, float]:
    """Give what changes are sorted by: the most important first, then the latest."""
    change = owed.change
    return _WEIGHTS[change.weight], _RANK[lead_kind(owed)], -change.decided_at.timestamp()


def section_of(owed: OwedChange) -> str:
    """Name the part of a summary a change stands in."""
    kinds = owed.change.kinds
    if ChangeKind.GONE in kinds or ChangeKind.BACK in kinds:
        return _SECTIONS[0]
    if ChangeKind.NEW in kinds:
        return _SECTIONS[2]
    return {
        Weight.MAJOR: _SECTIONS[1],
        Weight.MINOR: _SECTIONS[3],
        Weight.TRIVIAL: _SECTIONS[4],
    }[owed.change.weight]


def sections(owed: Sequence[OwedChange]) -> tuple[Section, ...]:
    """Group changes by kind of news, each group the most important first."""
    ordered = sorted(owed, key=lambda one: (_SECTIONS.index(section_of(one)), importance(one)))
    return tuple(
        Section(title=title, entries=tuple(entries))
        for title, entries in groupby(ordered, section_of)
    )


# -- what goes out now ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of the changes that are to be told at once."""

    alerts: tuple[tuple[OpenDelivery, ...], ...]  # one message each, the most important first
    deferred: tuple[OpenDelivery, ...]  # over the cap: these wait for a summary


def plan_alerts(
    waiting: Sequence[OpenDelivery], *, sent: tuple[int, int], caps: tuple[int, int]
) -> Plan:
    """Choose what is told at once.

    Args:
        waiting: What is to be told.
        sent: Messages of the last hour and the last day.
        caps: How many there may be in an hour and in a day.

    Returns:
        No more messages than the caps allow; where something is over, one place is left for the
        summary that will tell it.
    """
    groups = sorted(_groups(waiting), key=lambda group: min(importance(d.owed) for d in group))
    room = max(0, min(cap - count for cap, count in zip(caps, sent, strict=True)))
    if len(groups) > room:
        room = max(0, room - 1)
    return Plan(
        alerts=tuple(groups[:room]),
        deferred=tuple(delivery for group in groups[room:] for delivery in group),
    )


def _groups(waiting: Sequence[OpenDelivery]) -> list[tuple[OpenDelivery, ...]]:
    groups: list[list[OpenDelivery]] = []
    latest: dict[int, list[OpenDelivery]] = {}
    for delivery in sorted(waiting, key=lambda d: (d.owed.change.decided_at, d.owed.change.id)):
        change = delivery.owed.change
        group = latest.get(change.article_id)
        if group and change.decided_at - group[0].owed.change.decided_at < SAME_MESSAGE:
            group.append(delivery)
            continue
        latest[change.article_id] = [delivery]
        groups.append(latest[change.article_id])
    return [tuple(group) for group in groups]


# -- when ----------------------------------------------------------------------------------------


def sleep_is_over(waiting: Sequence[OpenDelivery], *, now: datetime) -> bool:
    """Has everything come to light that happened while nobody was looking?"""
    if not waiting:
        return False
    came = [delivery.created_at for delivery in waiting]
    return now >= min(max(came) + SLEEP_QUIET, min(came) + SLEEP_LIMIT)


def retry_after(attempts: int, *, jitter: float) -> timedelta:
    """Say how long to wait after this many failed attempts: twice as long each time.

    Args:
        attempts: 1 after the first.
        jitter: 0 to 1, so that channels that failed together do not come back together.

    Returns:
        About a minute first, never more than six hours.
    """
    span = FIRST_RETRY * 2 ** min(max(0, attempts - 1), 20)
    return min(span, LONGEST_RETRY) * (0.75 + 0.25 * jitter)


def is_hopeless(created_at: datetime, *, now: datetime) -> bool:
    """Has a message been tried for so long that it is given up?"""
    return now - created_at >= GIVE_UP_AFTER
