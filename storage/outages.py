"""What failed on our side, at our proxy or network: put off what was due, and blame no source, page or article for it."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.decisions import note
from storage.models import FurtherSource, Page, Source
from storage.rhythm import NextRead, ReadFacts, rhythm_of
from storage.types import Observation, SourceKind, SourceRound

AGAIN: Final = timedelta(minutes=5)
"""After so long what was due is tried again."""


def put_off_page(tx: Session, page: Page, observation: Observation) -> datetime:
    """Let a page stay as due as it was; why it was not looked at is kept.

    Returns:
        When it is looked at next.
    """
    article_id = page.article_id
    what, reason = observation.outcome.value, observation.reason
    note(tx, page.url, observation.seen_at, what=what, reason=reason, article_id=article_id)
    page.next_check_at = again_at = observation.seen_at + AGAIN
    tx.flush()
    return again_at


def put_off_source(
    tx: Session, source: Source, round_: SourceRound, *, next_read: NextRead
) -> None:
    """Let a source, or a further one it led to, be read at its next time, as if it had just been."""
    source.last_reason = round_.reason
    if round_.via:
        row = tx.scalar(
            select(FurtherSource).where(
                FurtherSource.source_id == source.id, FurtherSource.url == round_.via
            )
        )
        if row is not None:
            row.next_check_at = round_.seen_at + AGAIN
    else:
        facts = ReadFacts(
            source=source.name,
            via="",
            at=round_.seen_at,
            kind=SourceKind(source.resolved_kind or source.kind),
            failures=source.failures,
            has_worked=source.last_success_at is not None,
            is_in_step=False,
            rhythm=rhythm_of(source.rhythm),
            others=0.0,
        )
        source.next_check_at = next_read(facts)
    tx.flush()
