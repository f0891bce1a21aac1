"""What was decided about an address and why, kept only where it differs from the decision before."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Decision

LONGEST_REASON = 500


def note(
    tx: Session, url: str, at: datetime, *, what: str, reason: str, article_id: int | None = None
) -> None:
    """Keep a decision, unless the last one about this address said the same."""
    reason = reason[:LONGEST_REASON]
    last = tx.execute(
        select(Decision.what, Decision.reason)
        .where(Decision.url == url)
        .order_by(Decision.id.desc())
        .limit(1)
    ).first()
    if last is not None and (last.what, last.reason) == (what, reason):
        return
    tx.add(Decision(url=url, article_id=article_id, at=at, what=what, reason=reason))
    tx.flush()
