"""Own a source's rounds: what one look at it brought, and its first round, which is never news.

What its leads become is `storage.leads`', what it leads to is `storage.further`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from storage import further, listings, polls
from storage.errors import NotFoundError
from storage.leads import Offered, Taking, keep_leads
from storage.models import Page, Source
from storage.outages import put_off_source
from storage.rhythm import NextRead, ReadFacts, rhythm_of
from storage.shape_counts import count_fed
from storage.sites import stay_away
from storage.types import Baseline, SourceKind, SourceRound
from storage.urls import site_of

FIRST_ROUND_FOR: Final = timedelta(minutes=10)
"""After so long a first round counts as ended, whatever is still unread or failing."""

_LONGEST_STAY_AWAY: Final = timedelta(days=1)
_SNIFF_AGAIN_AFTER: Final = 3  # failures in a row: perhaps it is no feed any more


def record_round(
    tx: Session,
    round_: SourceRound,
    *,
    next_read: NextRead,
    slept_since: datetime | None = None,
    counts_off_topic: bool = True,
) -> list[str]:
    """Keep what one look at a source, or at a further source it led to, brought.

    Args:
        tx: The unit of work.
        round_: What the look gave; the addresses of its leads are normalised.
        next_read: Says when it is read next.
        slept_since: When we began to look again after more than a day; a source not read
            successfully since then offers what is no news.
        counts_off_topic: Whether a claimed update of an article on no topic makes its source worth
            more reads; the article is looked at for it all the same.

    Returns:
        The addresses that were not known before.

    Raises:
        NotFoundError: No source has that name.
    """
    source = tx.scalar(select(Source).where(Source.name == round_.source))
    if source is None:
        raise NotFoundError(f"{round_.source}: no source has this name.")
    if round_.is_ours:
        _keep_first_round(source, round_, is_success=False)
        put_off_source(tx, source, round_, next_read=next_read)
        return []
    if round_.retry_after is not None:
        until = round_.seen_at + min(round_.retry_after, _LONGEST_STAY_AWAY)
        stay_away(tx, site_of(round_.via or source.url), until=until)
    if round_.via:
        baseline = _baseline(source, slept_since)
        offered = further.record_further(
            tx,
            source,
            round_,
            next_read=next_read,
            taking=Taking(baseline=baseline, counts_off_topic=counts_off_topic),
        )
    else:
        is_success = round_.outcome in polls.SUCCESS
        _keep_first_round(source, round_, is_success=is_success)
        baseline = _baseline(source, slept_since)
        taking = Taking(baseline=baseline, counts_off_topic=counts_off_topic)
        offered = _record_own(tx, source, round_, next_read=next_read, taking=taking)
    if offered.new:
        source.last_new_at = round_.seen_at
    if round_.resolved_kind is SourceKind.FEED:
        count_fed(tx, offered.new)
    tx.flush()
    return list(offered.new)


def _record_own(
    tx: Session,
    source: Source,
    round_: SourceRound,
    *,
    next_read: NextRead,
    taking: Taking,
) -> Offered:
    is_success = round_.outcome in polls.SUCCESS
    taking = replace(
        taking,
        most=further.MOST_AT_FIRST,
        is_archive=round_.resolved_kind is SourceKind.SITEMAP,
        is_stock=source.last_success_at is None,
    )
    offered = keep_leads(tx, source, round_.leads, at=round_.seen_at, taking=taking)
    is_first = source.last_success_at is None
    is_late = further.is_late(source, round_.seen_at)
    listings.follow(tx, source, round_, listed=offered.listed)
    polls.note_read(source, round_, offered)
    if is_success and round_.resolved_kind is not None:
        source.resolved_kind = round_.resolved_kind.value
    elif source.kind == SourceKind.AUTO.value and source.failures == _SNIFF_AGAIN_AFTER:
        source.resolved_kind = ""
        polls.forget_validators(source)
    family = further.family_of(tx, source)
    source.next_check_at = next_read(
        ReadFacts(
            source=source.name,
            via="",
            at=round_.seen_at,
            kind=SourceKind(source.resolved_kind or source.kind),
            failures=source.failures,
            has_worked=source.last_success_at is not None,
            is_in_step=not (is_first or is_late),
            rhythm=rhythm_of(source.rhythm),
            others=further.brought_by(family),
            beside_feed=further.beside_feed(family),
            topic_share=polls.topic_share(tx, source.site_id),
        )
    )
    further.keep_further(tx, source, round_, family=family)
    further.advance(source, family, at=round_.seen_at)
    return offered


# -- the source ----------------------------------------------------------------------------------


def _keep_first_round(source: Source, round_: SourceRound, *, is_success: bool) -> None:
    """Begin the first round, or end one that nobody ended in time."""
    began, ended = source.first_round_began_at, source.first_round_ended_at
    if began is None:
        source.first_round_began_at = round_.seen_at
    elif not _was_read_since(source, began):
        if is_success and ended is not None:
            # It was down for its whole first round: what it offers now is still its stock.
            source.first_round_began_at, source.first_round_ended_at = round_.seen_at, None
    elif ended is None and round_.seen_at >= began + FIRST_ROUND_FOR:
        source.first_round_ended_at = round_.seen_at


def _was_read_since(source: Source, when: datetime) -> bool:
    return source.last_success_at is not None and source.last_success_at >= when


def _baseline(source: Source, slept_since: datetime | None) -> Baseline | None:
    if source.first_round_ended_at is None:
        return Baseline.FIRST_ROUND
    if slept_since is not None and not _was_read_since(source, slept_since):
        return Baseline.SLEEP
    return None


# -- first rounds --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRound:
    """How far a source's first round has come, until the opening message has told of it."""

    source: str
    added_at: datetime
    began_at: datetime | None  # None: not read yet
    ended_at: datetime | None
    is_over: bool  # ended, or began so long ago that nobody waits for it
    is_failing: bool  # not read successfully in this round
    pages: int  # it found
    unread: int  # of these
    last_reason: str


def first_rounds(tx: Session, *, now: datetime) -> list[FirstRound]:
    """Give the first rounds of the sources no opening message has told of, by name."""
    unread = func.count(Page.id).filter(_is_unread())
    rows = tx.execute(
        select(Source, func.count(Page.id), unread)
        .outerjoin(Page, _found_in_first_round())
        .where(Source.is_enabled, Source.is_configured, Source.announced_at.is_(None))
        .group_by(Source.id)
        .order_by(Source.name)
    )
    return [
        FirstRound(
            source=row.name,
            added_at=row.added_at,
            began_at=row.first_round_began_at,
            ended_at=row.first_round_ended_at,
            is_over=_is_over(row, now),
            is_failing=row.first_round_began_at is None
            or not _was_read_since(row, row.first_round_began_at),
            pages=pages,
            unread=left,
            last_reason=row.last_reason,
        )
        for row, pages, left in rows
    ]


def end_first_rounds(tx: Session, *, now: datetime) -> list[str]:
    """End the first rounds of which every page has been looked at, or that began too long ago.

    Returns:
        The names of the sources whose first round is now over.
    """
    rows = tx.execute(
        select(Source, func.count(Page.id))
        .outerjoin(Page, _found_in_first_round() & _is_unread())
        .where(Source.first_round_began_at.is_not(None), Source.first_round_ended_at.is_(None))
        .group_by(Source.id)
        .order_by(Source.name)
    )
    ended: list[str] = []
    for row, unread in rows:
        began = row.first_round_began_at
        is_read = began is not None and _was_read_since(row, began) and unread == 0
        if is_read or _is_over(row, now):
            row.first_round_ended_at = now
            ended.append(row.name)
    tx.flush()
    return ended


def mark_announced(tx: Session, names: Sequence[str], *, now: datetime) -> None:
    """Note that an opening message tells of these sources, so that none tells of them again."""
    tx.execute(
        update(Source)
        .where(Source.name.in_(names))
        .values(announced_at=now)
        .execution_options(synchronize_session="fetch")
    )


def _is_unread() -> ColumnElement[bool]:
    return Page.last_checked_at.is_(None) & Page.next_check_at.is_not(None)


def _found_in_first_round() -> ColumnElement[bool]:
    return (
        (Page.source_id == Source.id)
        & (Page.baseline == Baseline.FIRST_ROUND.value)
        & (Page.found_at >= Source.first_round_began_at)
    )


def _is_over(row: Source, now: datetime) -> bool:
    if row.first_round_ended_at is not None:
        return True
    return (
        row.first_round_began_at is not None and now >= row.first_round_began_at + FIRST_ROUND_FOR
    )
