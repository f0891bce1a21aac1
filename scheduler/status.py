"""What `parley status` shows, gathered in one reading of the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from storage import counts, facts, outbox, sources
from storage.database import Database
from storage.sources import SourceStatus
from storage.types import ChannelHealth

COUNTED: Final = timedelta(days=7)
"""Requests and changes are counted over so long; a source that was added later, since then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the watching costs the publishers, and what it brings."""

    requests_per_day: float | None  # None: not known in the first hour
    requests_per_change: float | None  # None: no change was noticed


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the watching goes."""

    now: datetime
    daemon: str  # which process runs; "" where none does
    articles: int
    on_topic: int
    versions: int
    changes: int  # after an article's first version
    suspicions: int
    held: int
    oldest_wait: str
    confirming: str  # in words: how long changes waited to be sure
    sources: tuple[SourceStatus, ...]
    costs: Mapping[str, Cost]  # by the name of the source
    cost: Cost  # of all
    channels: tuple[ChannelHealth, ...]
    timetable: dict[str, Any] | None


def gather(database: Database) -> Status:
    """Read how the watching goes."""
    now = datetime.now(UTC)
    with database.reading() as tx:
        claim = facts.daemon(tx)
        table = facts.get(tx, "timetable")
        stored = counts.count(tx)
        alive = facts.last_alive(tx)
        clock_now = max(alive, now) if alive else now
        wait = (
            int((clock_now - stored.oldest_suspicion).total_seconds() // 60)
            if stored.oldest_suspicion
            else 0
        )
        found = tuple(sources.statuses(tx, since=clock_now - COUNTED))
        days = {source.name: _days(source, clock_now) for source in found}
        return Status(
            now=clock_now,
            daemon=claim.owner if claim and claim.until > now else "",
            articles=stored.articles,
            on_topic=stored.on_topic,
            versions=stored.versions,
            changes=stored.changes,
            suspicions=stored.suspicions,
            held=stored.held,
            oldest_wait=f"{wait} min" if stored.oldest_suspicion else "",
            confirming=_confirming(stored.confirm_waits_s),
            sources=found,
            costs={
                one.name: cost_of(one.requests, one.changes, days=days[one.name]) for one in found
            },
            cost=cost_of(
                sum(one.requests for one in found),
                sum(one.changes for one in found),
                days=max(days.values(), default=0.0),
            ),
            channels=tuple(outbox.health(tx)),
            timetable=table,
        )


def cost_of(requests: int, changes: int, *, days: float) -> Cost:
    """Say what was paid in so many days, and for what."""
    return Cost(
        requests_per_day=requests / days if days >= 1 / 24 else None,
        requests_per_change=requests / changes if changes else None,
    )


def _days(source: SourceStatus, now: datetime) -> float:
    """Count the days for which a source's requests were counted; the ledger knows whole days only."""
    since = (now - COUNTED).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(0.0, (now - max(since, source.added_at)) / timedelta(days=1))


def _confirming(waits_s: tuple[float, ...]) -> str:
    if not waits_s:
        return "No change has waited for its second look yet."
    ordered = sorted(waits_s)
    middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    return (
        f"Second looks: half of the last {len(ordered)} changes were sure within "
        f"{middle / 60:.0f} min, 19 of 20 within {late / 60:.0f} min."
    )
