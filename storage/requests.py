"""Count the requests that each source and its articles take, by day (UTC)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.models import Source, SourceDay


def count_requests(tx: Session, asked: Sequence[tuple[str, int]], *, at: datetime) -> None:
    """Add the requests of a visit to the day's; `asked` holds pairs of a source's name and a number."""
    numbers = {name: number for name, number in asked if name}
    day = at.astimezone(UTC).date().isoformat()
    ids = tx.execute(select(Source.id, Source.name).where(Source.name.in_(numbers))).all()
    for source_id, name in ids:
        added = tx.execute(
            update(SourceDay)
            .where(SourceDay.source_id == source_id, SourceDay.day == day)
            .values(requests=SourceDay.requests + numbers[name])
            .execution_options(synchronize_session="fetch")
            .returning(SourceDay.source_id)
        ).first()
        if added is None:
            tx.add(SourceDay(source_id=source_id, day=day, requests=numbers[name]))
    tx.flush()


def forget_requests(tx: Session, *, before: date) -> None:
    """Forget what was counted before a day."""
    tx.execute(delete(SourceDay).where(SourceDay.day < before.isoformat()))
