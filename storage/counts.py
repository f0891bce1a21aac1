"""How much is stored, and how long changes waited to be sure: the numbers of `parley status`."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from storage.models import Article, Change, Version
from storage.types import ChangeKind, VersionState

_RECENT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is stored."""

    articles: int
    on_topic: int
    versions: int  # believed ones
    changes: int  # after an article's first version
    suspicions: int  # that wait for a second look, or are held
    held: int  # of these: they may be the site's, and are watched for up to a day
    oldest_suspicion: datetime | None
    confirm_waits_s: tuple[float, ...]  # of the last changes of texts, from first sight to sure


def count(tx: Session) -> Counts:
    """Count what is stored; a fixed number of statements."""
    believed = Version.state == VersionState.CONFIRMED.value
    later = Change.stood_at.is_not(None)
    pending = (
        select(
            func.count(),
            func.min(Version.seen_at),
            func.count(case((Article.pending_is_held.is_(True), 1))),
        )
        .select_from(Article)
        .join(Version, Version.id == Article.pending_id)
    )
    suspicions, oldest, held = tx.execute(pending).one()
    return Counts(
        articles=_count(tx, select(func.count()).select_from(Article)),
        on_topic=_count(tx, select(func.count()).select_from(Article).where(Article.topics != "")),
        versions=_count(tx, select(func.count()).select_from(Version).where(believed)),
        changes=_count(tx, select(func.count()).select_from(Change).where(later)),
        suspicions=suspicions,
        held=held,
        oldest_suspicion=oldest,
        confirm_waits_s=_waits(tx),
    )


def _count(tx: Session, statement: Select[int]) -> int:
    return tx.scalar(statement) or 0


def _waits(tx: Session) -> tuple[float, ...]:
    presence = {
        ChangeKind.NEW.value,
        ChangeKind.GONE.value,
        ChangeKind.BACK.value,
        ChangeKind.MOVED.value,
    }
    rows = tx.execute(
        select(Change.kinds, Change.seen_at, Change.decided_at)
        .where(Change.stood_at.is_not(None))
        .order_by(Change.id.desc())
        .limit(_RECENT)
    ).all()
    return tuple(
        (row.decided_at - row.seen_at).total_seconds()
        for row in rows
        if not presence & set(row.kinds)
    )
