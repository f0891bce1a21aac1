"""What `parley status` shows, gathered in one reading of the database."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from storage import counts, facts, outbox, sources
from storage.database import Database
from storage.sources import SourceStatus
from storage.types import ChannelHealth


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
    oldest_wait: str
    confirming: str  # in words: how long changes waited to be sure
    sources: tuple[SourceStatus, ...]
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
        return Status(
            now=clock_now,
            daemon=claim.owner if claim and claim.until > now else "",
            articles=stored.articles,
            on_topic=stored.on_topic,
            versions=stored.versions,
            changes=stored.changes,
            suspicions=stored.suspicions,
            oldest_wait=f"{wait} min" if stored.oldest_suspicion else "",
            confirming=_confirming(stored.confirm_waits_s),
            sources=tuple(sources.statuses(tx)),
            channels=tuple(outbox.health(tx)),
            timetable=table,
        )


def _confirming(waits_s: tuple[float, ...]) -> str:
    if not waits_s:
        return "No change has waited for its second look yet."
    ordered = sorted(waits_s)
    middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    return (
        f"Second looks: half of the last {len(ordered)} changes were sure within "
        f"{middle / 60:.0f} min, 19 of 20 within {late / 60:.0f} min."
    )
