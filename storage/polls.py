"""What sources and further sources have in common: how a read of one went."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.fetchstate import validators_of
from storage.leads import Offered
from storage.models import Article, FurtherSource, Source
from storage.rhythm import with_read
from storage.types import Outcome, SourceRound, Validators

_LATEST: Final = 200  # articles

SUCCESS: Final = frozenset({Outcome.CONTENT, Outcome.NOT_MODIFIED})


def note_read(row: Source | FurtherSource, round_: SourceRound, offered: Offered) -> None:
    """Keep how a read went: success or failure, and what it adds to the rhythm."""
    if round_.outcome in SUCCESS:
        if row.last_success_at is not None:  # what it held at first is its stock, not its rhythm
            gap = max(timedelta(0), round_.seen_at - row.last_success_at)
            brought = len(offered.new) + offered.sooner
            row.rhythm = with_read(row.rhythm, brought=brought, gap=gap)
        _note_success(row, round_, offered)
    else:
        row.failures += 1
        row.last_reason = round_.reason
    row.last_checked_at = round_.seen_at


def _note_success(row: Source | FurtherSource, round_: SourceRound, offered: Offered) -> None:
    row.failures = 0
    row.last_reason = round_.reason
    row.last_success_at = round_.seen_at
    given = round_.validators
    if round_.outcome is Outcome.CONTENT:
        has_stood_still = (given.etag, given.last_modified) == (row.etag, row.last_modified)
        if offered.new and has_stood_still and (given.etag or given.last_modified):
            row.has_bad_validators = True
        row.warning = round_.warning
        row.body_hash = given.body_hash
    if round_.outcome is Outcome.CONTENT or given.etag or given.last_modified:
        row.etag, row.last_modified = given.etag, given.last_modified


def asked_with(row: Source | FurtherSource, *, now: datetime) -> Validators:
    """Give what a read repeats, so that it is answered only where something is new.

    The first read of each day (UTC) repeats nothing, so that validators which stand still while new
    entries come are found out; a source that has shown such ones is never asked with any again.
    """
    is_first_of_day = row.last_checked_at is None or row.last_checked_at.date() != now.date()
    if row.has_bad_validators or is_first_of_day:
        return Validators(body_hash=row.body_hash)
    return validators_of(row)


def topic_share(tx: Session, site_id: int) -> float:
    """Say which part of a site's latest articles is on a topic; near 1 where hardly any is known."""
    latest = select(Article.topics).where(Article.site_id == site_id)
    topics = tx.scalars(latest.order_by(Article.id.desc()).limit(_LATEST)).all()
    return (1 + sum(bool(words) for words in topics)) / (1 + len(topics))


def forget_validators(row: Source | FurtherSource) -> None:
    """Ask for all of it at the next read."""
    row.etag = row.last_modified = row.body_hash = ""
    row.has_bad_validators = False
