"""Keep what a round over one source brought: its leads as pages, its validators, its health.

What was there before is never news: while a source's first round runs, and in its first round after
a long sleep of ours, the pages it offers carry the reason why.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from storage.database import insert_missing
from storage.errors import NotFoundError
from storage.models import Article, Page, Source
from storage.sites import site_ids, stay_away
from storage.types import Baseline, Lead, Outcome, SourceKind, SourceRound
from storage.urls import site_of

FIRST_ROUND_FOR: Final = timedelta(minutes=10)
"""After so long a first round counts as ended, whatever is still unread or failing."""

MAX_URL: Final = 2_000
"""Longer addresses are not kept: PostgreSQL cannot index them."""

_LONGEST_STAY_AWAY: Final = timedelta(days=1)
_FURTHEST_AHEAD: Final = timedelta(days=1)  # a claimed date beyond that is no date
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_SNIFF_AGAIN_AFTER: Final = 3  # failures in a row: perhaps it is no feed any more
_CHUNK: Final = 500
_SUCCESS: Final = frozenset({Outcome.CONTENT, Outcome.NOT_MODIFIED})


def record_round(
    tx: Session,
    round_: SourceRound,
    *,
    next_check_at: datetime | None,
    slept_since: datetime | None = None,
) -> list[str]:
    """Keep what one look at a source brought.

    New leads become pages that are due now. A known one is looked at soon if the source says that
    it was updated since, or names it otherwise than before.

    Args:
        tx: The unit of work.
        round_: What the look gave; the addresses of its leads are normalised.
        next_check_at: When the source is read next; None: when a cron line says.
        slept_since: When we began to look again after more than a day; a source not read
            successfully since then offers what is no news.

    Returns:
        The addresses that were not known before.

    Raises:
        NotFoundError: No source has that name.
    """
    source = tx.scalar(select(Source).where(Source.name == round_.source))
    if source is None:
        raise NotFoundError(f"{round_.source}: no source has this name.")
    is_success = round_.outcome in _SUCCESS
    if round_.via:
        return _record_announced_feed(tx, source, round_, slept_since=slept_since)
    _keep_first_round(source, round_, is_success=is_success)
    baseline = _baseline(source, slept_since)
    if is_success:
        _succeeded(source, round_)
    else:
        _failed(source, round_)
    source.last_checked_at = round_.seen_at
    source.next_check_at = next_check_at
    if round_.retry_after is not None:
        until = round_.seen_at + min(round_.retry_after, _LONGEST_STAY_AWAY)
        stay_away(tx, site_of(source.url), until=until)
    new = _keep_leads(tx, source, round_, baseline=baseline)
    if new:
        source.last_new_at = round_.seen_at
    tx.flush()
    return new


def _record_announced_feed(
    tx: Session, source: Source, round_: SourceRound, *, slept_since: datetime | None
) -> list[str]:
    """Keep the leads of a feed that a front page announces; the front page's own state stays."""
    if round_.outcome not in _SUCCESS:
        source.warning = f"{round_.via}: {round_.reason}"
        return []
    new = _keep_leads(tx, source, round_, baseline=_baseline(source, slept_since))
    if new:
        source.last_new_at = round_.seen_at
    tx.flush()
    return new


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


def _succeeded(source: Source, round_: SourceRound) -> None:
    source.failures = 0
    source.last_reason = round_.reason
    source.last_success_at = round_.seen_at
    if round_.resolved_kind is not None:
        source.resolved_kind = round_.resolved_kind.value
    given = round_.validators
    if round_.outcome is Outcome.CONTENT:
        source.warning = round_.warning
        source.found_feeds = list(round_.found_feeds)
        source.body_hash = given.body_hash
    if round_.outcome is Outcome.CONTENT or given.etag or given.last_modified:
        source.etag, source.last_modified = given.etag, given.last_modified


def _failed(source: Source, round_: SourceRound) -> None:
    source.failures += 1
    source.last_reason = round_.reason
    if source.kind == SourceKind.AUTO.value and source.failures == _SNIFF_AGAIN_AFTER:
        source.resolved_kind = ""
        source.etag = source.last_modified = source.body_hash = ""


# -- its leads -----------------------------------------------------------------------------------


def _keep_leads(
    tx: Session, source: Source, round_: SourceRound, *, baseline: Baseline | None
) -> list[str]:
    leads: dict[str, Lead] = {}
    for lead in round_.leads:
        if len(lead.url) <= MAX_URL and site_of(lead.url):
            leads.setdefault(lead.url, lead)
    new: list[str] = []
    for chunk in _chunks(list(leads.values())):
        known = _known(tx, [lead.url for lead in chunk])
        pairs = [(lead, known[lead.url]) for lead in chunk if lead.url in known]
        _keep_known(tx, source, pairs, at=round_.seen_at)
        fresh = [lead for lead in chunk if lead.url not in known]
        new += _add_pages(tx, source, fresh, at=round_.seen_at, baseline=baseline)
    return new


class _Known(NamedTuple):
    """What is compared of a page that is there already."""

    id: int
    url: str
    article_id: int | None
    next_check_at: datetime | None
    is_confirming: bool
    last_checked_at: datetime | None
    found_at: datetime
    lead_title: str
    lead_summary: str
    lead_published: datetime | None
    lead_updated: datetime | None
    source_id: int | None
    is_watched: bool | None  # by the source that owns it; None: it has none


def _chunks(leads: Sequence[Lead]) -> Iterator[Sequence[Lead]]:
    for start in range(0, len(leads), _CHUNK):
        yield leads[start : start + _CHUNK]


def _known(tx: Session, urls: Sequence[str]) -> dict[str, _Known]:
    # Columns, not rows of the session: a sitemap names thousands of pages each time.
    rows = tx.execute(
        select(
            Page.id,
            Page.url,
            Page.article_id,
            Page.next_check_at,
            Page.is_confirming,
            Page.last_checked_at,
            Page.found_at,
            Page.lead_title,
            Page.lead_summary,
            Page.lead_published,
            Page.lead_updated,
            Page.source_id,
            Source.is_enabled & Source.is_configured,
        )
        .outerjoin(Source, Source.id == Page.source_id)
        .where(Page.url.in_(urls))
    )
    return {row.url: row for row in map(_Known._make, rows)}


def _add_pages(
    tx: Session,
    source: Source,
    leads: Sequence[Lead],
    *,
    at: datetime,
    baseline: Baseline | None,
) -> list[str]:
    if not leads:
        return []
    sites = site_ids(tx, {site_of(lead.url) for lead in leads})
    rows = [
        {
            "url": lead.url,
            "site_id": sites[site_of(lead.url)],
            "source_id": source.id,
            "found_at": at,
            "next_check_at": at,
            "baseline": "" if baseline is None else baseline.value,
            "lead_title": lead.title,
            "lead_summary": lead.summary,
            "lead_published": lead.published,
            "lead_updated": lead.updated,
        }
        for lead in leads
    ]
    added = set(insert_missing(tx, Page, rows, unique="url"))
    return [lead.url for lead in leads if lead.url in added]


def _keep_known(
    tx: Session, source: Source, pairs: Sequence[tuple[Lead, _Known]], *, at: datetime
) -> None:
    values: list[dict[str, Any]] = []
    sooner: list[_Known] = []
    for lead, page in pairs:
        if page.article_id is None and page.next_check_at is None:
            continue  # given up or let go: not found as new again, and its texts stay deleted
        is_own = page.source_id == source.id or not page.is_watched
        claims = _later_claims(lead, page, is_own=is_own, at=at)
        is_renamed = "lead_title" in claims and bool(page.lead_title)
        is_updated = "lead_updated" in claims and _is_later(lead.updated, page)
        if is_own and page.source_id != source.id:
            claims["source_id"] = source.id
        if claims:
            values.append({"id": page.id, **claims})
        if (is_renamed or is_updated) and not page.is_confirming:
            sooner.append(page)
    for value in values:
        tx.execute(
            update(Page)
            .where(Page.id == value.pop("id"))
            .values(**value)
            .execution_options(synchronize_session="fetch")
        )
    if sooner:
        _bring_forward(tx, sooner, at=at)


def _later_claims(lead: Lead, page: _Known, *, is_own: bool, at: datetime) -> dict[str, Any]:
    """Give what a lead claims now and did not before.

    Titles and summaries are the owner's only: two sources that name a page differently would
    otherwise have it looked at after each of their rounds.
    """
    claims: dict[str, Any] = {}
    if is_own and lead.title and lead.title != page.lead_title:
        claims["lead_title"] = lead.title
    if is_own and lead.summary and lead.summary != page.lead_summary:
        claims["lead_summary"] = lead.summary
    if lead.published is not None and page.lead_published is None:
        claims["lead_published"] = lead.published
    known = page.lead_updated or _LONG_AGO
    if lead.updated is not None and known < lead.updated <= at + _FURTHEST_AHEAD:
        claims["lead_updated"] = lead.updated
    return claims


def _is_later(updated: datetime | None, page: _Known) -> bool:
    """Tell whether an update was claimed that our last look may not have seen."""
    seen = page.lead_updated or page.last_checked_at or page.found_at
    return updated is not None and updated > seen


def _bring_forward(tx: Session, pages: Sequence[_Known], *, at: datetime) -> None:
    """Make pages due now; an article is looked at under its present address."""
    articles = {page.article_id for page in pages if page.article_id is not None}
    bare = [page.id for page in pages if page.article_id is None]
    present = select(Article.url).where(Article.id.in_(articles))
    tx.execute(
        update(Page)
        .where(
            or_(Page.id.in_(bare), Page.url.in_(present)),
            or_(Page.next_check_at.is_(None), Page.next_check_at > at),
            Page.is_confirming.is_(False),
        )
        .values(next_check_at=at)
        .execution_options(synchronize_session="fetch")
    )


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
    unread = func.count(Page.id).filter(Page.last_checked_at.is_(None))
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
        .outerjoin(Page, _found_in_first_round() & Page.last_checked_at.is_(None))
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
