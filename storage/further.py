"""Own the further sources: what a source led to, how each does, and which are tried or rest.

Their leads and articles are the configured source's; only their reads have a record of their own.
Which candidate is tried next is `storage.candidates`' rule.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage import listings, polls
from storage.candidates import MOST, Candidate, Try, next_tries
from storage.kinds import FoundBy, FurtherSource
from storage.leads import Offered, Taking, keep_leads
from storage.models import FurtherSource as Row
from storage.models import Site, Source
from storage.rhythm import NextRead, ReadFacts, rhythm_of
from storage.shape_counts import shapes_of
from storage.shapes import Shapes
from storage.types import Baseline, DueSource, Outcome, SourceKind, SourceRound

MOST_AT_FIRST: Final = 120
"""Addresses that are looked at from one read of a source; the rest of its stock is left alone."""

BROKEN_AFTER: Final = 3
"""Failures in a row after which a further source counts for nothing."""

_STOCK_OF_SITEMAP: Final = timedelta(days=3)
_LATE_IN_SITEMAP: Final = timedelta(days=1)  # publishers list some articles long after their date
_MOST_OF_SITEMAP: Final = 100  # new addresses taken from one read
_NEEDED_SHARE: Final = 0.8  # of what a source's family brings, for feeds and sitemaps to cover it
_ENOUGH_BROUGHT: Final = 5.0
_READ_JUST_NOW: Final = timedelta(minutes=1)


# -- what is known -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherStatus:
    """A further source and how it does: for status and lists."""

    url: str
    kind: SourceKind
    found_by: FoundBy
    state: Try
    next_check_at: datetime | None
    last_checked_at: datetime | None
    last_success_at: datetime | None
    last_new_at: datetime | None
    failures: int
    last_reason: str
    warning: str
    per_day: float | None  # what it brings before others do


def further_statuses(tx: Session, source_ids: Sequence[int]) -> dict[int, list[FurtherStatus]]:
    """Give the further sources of each source, in their order."""
    found: dict[int, list[FurtherStatus]] = {}
    for row in tx.scalars(select(Row).where(Row.source_id.in_(source_ids)).order_by(*_ORDER)):
        found.setdefault(row.source_id, []).append(
            FurtherStatus(
                url=row.url,
                kind=SourceKind(row.kind),
                found_by=FoundBy(row.found_by),
                state=_state(row),
                next_check_at=row.next_check_at,
                last_checked_at=row.last_checked_at,
                last_success_at=row.last_success_at,
                last_new_at=row.last_new_at,
                failures=row.failures,
                last_reason=row.last_reason,
                warning=row.warning,
                per_day=rhythm_of(row.rhythm).per_day,
            )
        )
    return found


_ORDER: Final = (Row.place, Row.id)


def family_of(tx: Session, source: Source) -> list[Row]:
    """Give what a source led to, in the order in which it is tried and read."""
    return list(tx.scalars(select(Row).where(Row.source_id == source.id).order_by(*_ORDER)))


def _state(row: Row) -> Try:
    if row.last_success_at is not None and row.failures < BROKEN_AFTER:
        return Try.WORKS
    if row.last_checked_at is not None:
        return Try.FAILED
    return Try.RESERVE if row.next_check_at is None else Try.DUE


# -- a read --------------------------------------------------------------------------------------


def record_further(
    tx: Session,
    source: Source,
    round_: SourceRound,
    *,
    next_read: NextRead,
    taking: Taking,
) -> Offered:
    """Keep what one read of a further source brought; the source's own state stays."""
    family = family_of(tx, source)
    row = next((row for row in family if row.url == round_.via), None)
    if row is None:
        return Offered()  # let go of while it was read
    is_first = row.last_success_at is None
    offered = Offered()
    if is_first and round_.outcome is Outcome.CONTENT and not (round_.leads or round_.further):
        round_ = _as_failure(round_)
    if round_.outcome in polls.SUCCESS:
        if round_.resolved_kind is not None:
            row.kind = round_.resolved_kind.value
        taking = _taking(row, round_, taking)
        offered = keep_leads(tx, source, round_.leads, at=round_.seen_at, taking=taking)
    was_late = is_late(row, round_.seen_at)
    listings.follow(tx, row, round_, listed=offered.listed)
    polls.note_read(row, round_, offered)
    if offered.new and not is_first:
        row.last_new_at = round_.seen_at
    row.next_check_at = next_read(
        ReadFacts(
            source=source.name,
            via=row.url,
            at=round_.seen_at,
            kind=SourceKind(row.kind),
            failures=row.failures,
            has_worked=row.last_success_at is not None,
            is_in_step=not (is_first or was_late),
            rhythm=rhythm_of(row.rhythm),
            others=brought_by(family, but=row) + rhythm_of(source.rhythm).brought,
            beside_feed=beside_feed(family, but=row),
            topic_share=polls.topic_share(tx, source.site_id),
        )
    )
    if row.failures == BROKEN_AFTER - 1 and source.next_check_at is not None:
        source.next_check_at = min(source.next_check_at, round_.seen_at)  # it has to stand in
    if row.found_by != FoundBy.INDEX:
        keep_further(tx, source, round_, family=family)
    elif round_.further:
        row.warning = "it lists further sitemaps: an index in an index is not followed"
    advance(source, family, at=round_.seen_at)
    return offered


def _as_failure(round_: SourceRound) -> SourceRound:
    return SourceRound(
        source=round_.source,
        seen_at=round_.seen_at,
        outcome=Outcome.FAILED,
        reason=round_.warning or "it lists no address of this publisher",
        status=round_.status,
        via=round_.via,
    )


def _taking(row: Row, round_: SourceRound, taking: Taking) -> Taking:
    """Say what to take: of a sitemap, which lists the whole archive, only what was dated lately."""
    is_first = row.last_success_at is None
    taking = replace(
        taking,
        further_id=row.id,
        baseline=Baseline.FIRST_ROUND if is_first else taking.baseline,
        most=MOST_AT_FIRST,
        is_stock=is_first,
    )
    if row.kind != SourceKind.SITEMAP:
        return taking
    since = round_.seen_at - _STOCK_OF_SITEMAP
    if row.last_success_at is not None:
        since = max(since, row.last_success_at - _LATE_IN_SITEMAP)
    return replace(taking, dated_from=since, most=_MOST_OF_SITEMAP, is_archive=True)


def is_late(row: Row | Source, at: datetime) -> bool:
    """Say whether a read came so late that others probably came with it, as after a sleep."""
    due_at, before = row.next_check_at, row.last_checked_at
    return due_at is not None and before is not None and at - due_at > due_at - before


def brought_by(rows: Iterable[Row], *, but: Row | None = None) -> float:
    """Add up what further sources that work brought lately."""
    return sum(
        rhythm_of(row.rhythm).brought
        for row in rows
        if row is not but and _state(row) is Try.WORKS and row.failures < BROKEN_AFTER - 1
    )


def beside_feed(family: Sequence[Row], *, but: Row | None = None) -> int:
    """Count what works beside the feed that brings most, the source itself included.

    None stands beside it where there is no such feed, nor beside `but` where that is it.
    """
    main = main_feed(family)
    if main is None or main is but:
        return 0
    return 1 + sum(_state(row) is Try.WORKS for row in family if row is not main)


# -- candidates ----------------------------------------------------------------------------------


def keep_further(tx: Session, source: Source, round_: SourceRound, *, family: list[Row]) -> None:
    """Keep what a round led to, in `family` too; it waits in reserve until `advance` has it tried."""
    if round_.outcome is Outcome.NOT_MODIFIED or (not round_.further and not round_.via):
        return
    listed_by = round_.via or source.url
    offered = {one.url for one in round_.further}
    for row in tuple(family):
        is_gone = row.found_by == FoundBy.INDEX and row.listed_by == listed_by
        if row.url not in offered and (is_gone or _is_dead(row)):
            family.remove(row)
            tx.delete(row)
    known = {row.url for row in family} | {source.url}
    count = {found_by: sum(row.found_by == found_by for row in family) for found_by in FoundBy}
    for place, one in enumerate(round_.further):
        if one.url in known or count[one.found_by] >= MOST[one.found_by]:
            continue
        count[one.found_by] += 1
        known.add(one.url)
        family.append(
            Row(
                source_id=source.id,
                url=one.url,
                kind=one.kind.value,
                found_by=one.found_by.value,
                listed_by=listed_by if one.found_by is FoundBy.INDEX else "",
                place=_PLACES.index(one.found_by) * 100 + place,
                found_at=round_.seen_at,
                failures=0,
                rhythm={},
            )
        )
        tx.add(family[-1])
    family.sort(key=lambda row: row.place)


_PLACES: Final = tuple(FoundBy)


def _is_dead(row: Row) -> bool:
    return row.failures >= BROKEN_AFTER and row.found_by != FoundBy.USUAL


def advance(source: Source, family: Sequence[Row], *, at: datetime) -> None:
    """Have the next candidates tried where those before them did not do, and what works read in step."""
    candidates = [
        Candidate(
            further=FurtherSource(
                url=row.url, kind=SourceKind(row.kind), found_by=FoundBy(row.found_by)
            ),
            state=_state(row),
        )
        for row in family
    ]
    wanted = set(next_tries(candidates, is_covered=_is_covered(source, family)))
    for row in family:
        if row.url in wanted:
            row.next_check_at = at
    main = main_feed(family)
    if main is not None:
        working = [row for row in family if row is not main and _state(row) is Try.WORKS]
        for row in (source, *working):
            _wait_for(main, row, at=at)


def _wait_for(main: Row, row: Row | Source, *, at: datetime) -> None:
    """Put a read off until that of the feed that brings more: it goes first anyway, see `due_further`."""
    if not _brings_more(main, row) or row.next_check_at is None or main.next_check_at is None:
        return
    if at < row.next_check_at < main.next_check_at:
        row.next_check_at = main.next_check_at


def _brings_more(main: Row, row: Row | Source) -> bool:
    return rhythm_of(main.rhythm).brought >= rhythm_of(row.rhythm).brought


def _is_covered(source: Source, rows: Sequence[Row]) -> bool:
    """Say whether feeds and sitemaps bring what the home page brings, as far as anybody knows."""
    own, others = rhythm_of(source.rhythm).brought, brought_by(rows)
    return own + others < _ENOUGH_BROUGHT or others >= _NEEDED_SHARE * (own + others)


def forget_further(tx: Session, source: Source) -> None:
    """Let go of all a source led to, because it is another one now."""
    tx.execute(delete(Row).where(Row.source_id == source.id))


# -- what is due ---------------------------------------------------------------------------------


def due_further(
    tx: Session,
    site: Site,
    watched: Iterable[Source],
    *,
    due: Collection[int],
    now: datetime,
) -> dict[int, list[DueSource]]:
    """Give the further sources that are read in a visit, by their source, in their order.

    Those that are due; and before them, and before each source in `due`, the feed that brings most:
    whoever comes first counts as having brought it, so that only what that feed lacks makes others
    worth a read.
    """
    sources = {source.id: source for source in watched}
    families: dict[int, list[Row]] = {}
    for row in tx.scalars(select(Row).where(Row.source_id.in_(sources)).order_by(*_ORDER)):
        families.setdefault(row.source_id, []).append(row)
    shapes = shapes_of(site)
    return {
        source_id: [_due(sources[source_id], row, shapes, now=now) for row in rows]
        for source_id, family in families.items()
        if (rows := _due_of(sources[source_id], family, now=now, is_due=source_id in due))
    }


def is_trying(tx: Session, site: str) -> bool:
    """Say whether something that a site's sources led to is to be tried next."""
    found = (
        select(Row.id)
        .join(Source, Source.id == Row.source_id)
        .join(Site, Site.id == Source.site_id)
        .where(Site.name == site, Source.is_enabled, Source.is_configured)
        .where(Row.next_check_at.is_not(None), Row.last_checked_at.is_(None))
    )
    return tx.scalar(found.limit(1)) is not None


def make_further_due(tx: Session, source_ids: Sequence[int], *, now: datetime) -> None:
    """Have the further sources read now that work, as a person asks for it."""
    for row in tx.scalars(select(Row).where(Row.source_id.in_(source_ids))):
        if _state(row) is Try.WORKS:
            row.next_check_at = now
    tx.flush()


def _due_of(source: Source, family: Sequence[Row], *, now: datetime, is_due: bool) -> list[Row]:
    due = [row for row in family if row.next_check_at is not None and row.next_check_at <= now]
    main = main_feed(family)
    if main is None:
        return due
    rest = [row for row in due if row is not main]
    others: list[Row | Source] = [source, *rest] if is_due else [*rest]
    is_old = main.last_checked_at is None or now - main.last_checked_at >= _READ_JUST_NOW
    is_drawn = is_old and any(_brings_more(main, one) for one in others)
    return [main, *rest] if main in due or is_drawn else rest


def main_feed(family: Sequence[Row]) -> Row | None:
    """Give the feed that works and brings most, at first the one that stands in front."""
    working = [row for row in family if row.last_success_at is not None and not row.failures]
    feeds = [row for row in working if row.kind == SourceKind.FEED]
    return max(feeds, key=lambda row: (rhythm_of(row.rhythm).brought, -row.place), default=None)


def _due(source: Source, row: Row, shapes: Shapes, *, now: datetime) -> DueSource:
    return DueSource(
        name=source.name,
        url=row.url,
        kind=SourceKind(row.kind),
        validators=polls.asked_with(row, now=now),
        allow=tuple(source.allow),
        deny=tuple(source.deny),
        home=source.url,
        is_feed_only=source.is_feed_only,
        topics=tuple(source.topics),
        shapes=shapes,
    )
