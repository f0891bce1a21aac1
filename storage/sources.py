"""Own the sources: their rows, and what is due at which site.

How often a source is read is the caller's to say; what a round over one brought is kept by
`record_round`, what an address turned out to hold by `storage.recording`, and how a source does is
told by `storage.source_status`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    case,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from storage.fetchstate import lead_of, validators_of
from storage.further import due_further, forget_further, is_trying, make_further_due
from storage.models import Article, FurtherSource, Page, Site, Source, UtcDateTime, Version
from storage.polls import asked_with, forget_validators
from storage.rounds import (
    FirstRound,
    end_first_rounds,
    first_rounds,
    mark_announced,
    record_round,
)
from storage.shape_counts import shapes_of
from storage.shapes import Shapes
from storage.sites import save_no_more, site_ids
from storage.source_status import SourceStatus, status, statuses
from storage.types import Due, DuePage, DueSource, Purpose, SourceKind, SourceSpec

__all__ = [  # rounds and status are modules of their own; callers find all about sources here
    "FirstRound",
    "SourceStatus",
    "SyncReport",
    "due",
    "due_sites",
    "end_first_rounds",
    "first_rounds",
    "make_due",
    "mark_announced",
    "next_due",
    "next_dues",
    "record_round",
    "status",
    "statuses",
    "sync",
]


# -- rows follow the configuration ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What became of the sources when the configuration was read: their names."""

    added: tuple[str, ...] = ()  # new, or back after they were removed or switched off
    removed: tuple[str, ...] = ()  # no longer named, or switched off
    changed: tuple[str, ...] = ()


def sync(tx: Session, specs: Sequence[SourceSpec], *, now: datetime) -> SyncReport:
    """Let the rows follow the configuration; what is no longer named keeps its history.

    A source that is new, back, or offers other addresses than before (another address, kind or
    path rule) is due now and begins its first round: what it holds by then is no news.
    """
    rows = {row.name: row for row in tx.scalars(select(Source))}
    sites = site_ids(tx, {spec.site for spec in specs})
    found: dict[str, list[str]] = {"added": [], "removed": [], "changed": [], "": []}
    for spec in specs:
        row = rows.pop(spec.name, None)
        if row is None:
            row = Source(name=spec.name, added_at=now, is_configured=False, is_enabled=False)
            tx.add(row)
        elif (row.url, row.kind, row.is_feed_only) != (spec.url, spec.kind, spec.is_feed_only):
            forget_further(tx, row)
        found[_follow(row, spec, site_id=sites[spec.site], now=now)].append(spec.name)
    for row in rows.values():
        if row.is_configured and row.is_enabled:
            found["removed"].append(row.name)
        row.is_configured = False
    tx.flush()
    return SyncReport(
        added=tuple(found["added"]),
        removed=tuple(found["removed"]),
        changed=tuple(found["changed"]),
    )


def _follow(row: Source, spec: SourceSpec, *, site_id: int, now: datetime) -> str:
    """Make one row say what the configuration says; tell whether that added, removed or changed it."""
    was_watched = bool(row.is_configured and row.is_enabled)
    offers = (spec.url, spec.kind.value, list(spec.allow), list(spec.deny), spec.is_feed_only)
    offers_else = (row.url, row.kind, row.allow, row.deny, row.is_feed_only) != offers
    every_s = None if spec.every is None else int(spec.every.total_seconds())
    shown = (spec.outlet.name, spec.outlet.language, spec.outlet.country, spec.outlet.control)
    says = (every_s, list(spec.topics), *shown)
    said = (row.every_s, row.topics, row.outlet, row.language, row.country, row.control)
    is_sooner = every_s is not None and (row.every_s is None or every_s < row.every_s)
    row.site_id, row.is_configured, row.is_enabled = site_id, True, spec.is_enabled
    row.url, row.kind, row.allow, row.deny, row.is_feed_only = offers
    row.every_s, row.topics = every_s, list(spec.topics)
    row.outlet, row.language, row.country, row.control = shown
    if not spec.is_enabled:
        return "removed" if was_watched else ""
    if offers_else or not was_watched:
        _start_afresh(row, now=now, forgets_kind=offers_else)
        return "changed" if was_watched else "added"
    if is_sooner and row.last_checked_at is not None and row.next_check_at is not None:
        sooner = row.last_checked_at + timedelta(seconds=every_s or 0)
        row.next_check_at = min(row.next_check_at, sooner)
    return "changed" if says != said else ""


def _start_afresh(row: Source, *, now: datetime, forgets_kind: bool) -> None:
    row.next_check_at = now
    row.first_round_began_at = row.first_round_ended_at = row.announced_at = None
    row.failures = 0
    forget_validators(row)
    if forgets_kind:
        row.resolved_kind = ""
        row.rhythm = {}


# -- what is due ---------------------------------------------------------------------------------

_IS_ON_TOPIC = Article.topics != ""


def due_sites(tx: Session, *, now: datetime, limit: int) -> list[str]:
    """Name the sites at which something is due, longest due first.

    Not those that are being visited, nor those that asked us to stay away. One statement, two
    look-ups in an index per site.
    """
    free = and_(
        or_(Site.lease_until.is_(None), Site.lease_until <= now),
        or_(Site.stay_away_until.is_(None), Site.stay_away_until <= now),
    )
    found = [(at, site) for site, at in _earliest(tx, free).items() if at <= now]
    return [site for _, site in sorted(found)[:limit]]


def next_due(tx: Session, site: str) -> datetime | None:
    """Say when something is due at a site, not before we may ask it again; None: never."""
    return _earliest(tx, Site.name == site).get(site)


def is_left(tx: Session, site: str, *, since: datetime) -> bool:
    """Say whether an address of a site waits for its confirming look, or for its first since a time.

    So does a further source that was found and not tried yet.
    """
    waits = or_(Page.is_confirming, Page.last_checked_at.is_(None), Page.last_checked_at < since)
    is_read_again = and_(Page.fed_by != "", Page.is_confirming, Page.last_checked_at >= since)
    return is_trying(tx, site) or (
        tx.scalar(
            select(Page.id)
            .join(Site, Site.id == Page.site_id)
            .outerjoin(Source, Source.id == Page.source_id)
            .where(
                Site.name == site,
                Page.next_check_at.is_not(None),
                or_(is_read_again, and_(_may_be_looked_at(), waits)),
            )
            .limit(1)
        )
        is not None
    )


def next_dues(tx: Session) -> dict[str, datetime]:
    """Say for every site when something is due there, as `next_due` does."""
    return _earliest(tx, Site.id.is_not(None))


def make_due(tx: Session, names: Sequence[str], *, now: datetime, recent: timedelta) -> list[str]:
    """Make sources due now, and the articles they offered that were found or changed lately.

    Args:
        tx: The unit of work.
        names: Of the sources; names no source has are left out.
        now: Aware UTC.
        recent: How long ago an article may have been found or changed.

    Returns:
        The sites at which something is due by that.
    """
    rows = tx.scalars(select(Source).where(Source.name.in_(names), Source.is_enabled)).all()
    for row in rows:
        row.next_check_at = now
    ids = [row.id for row in rows]
    make_further_due(tx, ids, now=now)
    pages = tx.scalars(
        select(Page)
        .join(Article, and_(Article.id == Page.article_id, Article.url == Page.url))
        .where(
            Page.source_id.in_(ids),
            or_(Article.found_at >= now - recent, Article.changed_at >= now - recent),
        )
    ).all()
    for page in pages:
        page.next_check_at = now
    tx.flush()
    found = {row.site_id for row in rows} | {page.site_id for page in pages}
    save_no_more(tx, found)
    return list(tx.scalars(select(Site.name).where(Site.id.in_(found)).order_by(Site.name)))


def due(tx: Session, site: str, *, now: datetime, budget: int) -> Due:
    """Give what one visit does, in its order: sources, confirmations, rechecks, new leads, the rest.

    Where the day's requests are used up, only sources and articles on a topic are due.

    Args:
        tx: The unit of work.
        site: Host and port.
        now: Aware UTC.
        budget: At most so many requests; what is left stays due.
    """
    row = tx.scalar(select(Site).where(Site.name == site))
    if row is None or (row.stay_away_until is not None and row.stay_away_until > now):
        return Due(site=site)
    sources = _due_sources(tx, row, now=now)[: max(0, budget)]
    is_saving = row.saving_until is not None and row.saving_until > now
    pages = _due_pages(
        tx,
        Page.site_id == row.id if not is_saving else and_(Page.site_id == row.id, _IS_ON_TOPIC),
        now=now,
        limit=budget - len(sources),
    )
    return Due(site=site, sources=sources, pages=pages)


def _is_watched() -> ColumnElement[bool]:
    return and_(Source.is_enabled, Source.is_configured)


def _may_be_looked_at() -> ColumnElement[bool]:
    # A page of a source that was switched off (its robots.txt or terms forbid it) is not fetched.
    is_fetched = or_(Page.source_id.is_(None), and_(_is_watched(), Source.is_feed_only.is_(False)))
    return and_(Page.fed_by == "", is_fetched)


def _earliest(tx: Session, which: ColumnElement[bool]) -> dict[str, datetime]:
    of_site = (Source.site_id == Site.id, _is_watched())
    source_at = (
        select(func.min(Source.next_check_at)).where(*of_site).correlate(Site).scalar_subquery()
    )
    further_at = (
        select(func.min(FurtherSource.next_check_at))
        .join(Source, Source.id == FurtherSource.source_id)
        .where(*of_site)
        .correlate(Site)
        .scalar_subquery()
    )
    pages = select(Page.next_check_at).outerjoin(Source, Source.id == Page.source_id)
    on_topic = pages.join(Article, Article.id == Page.article_id).where(_IS_ON_TOPIC)
    on_topic_at = case((Site.saving_until.is_not(None), _earliest_page(on_topic)), else_=None)
    found: dict[str, datetime] = {}
    rows = tx.execute(
        select(
            *(Site.name, Site.stay_away_until, Site.saving_until),
            *(source_at, type_coerce(further_at, UtcDateTime())),
            *(_earliest_page(pages), type_coerce(on_topic_at, UtcDateTime())),
        ).where(which)
    )
    for name, stay_away_until, saving_until, of_source, of_further, of_page, of_topic in rows:
        rest_at = max(of_page, saving_until) if of_page and saving_until else of_page
        times = [at for at in (of_source, of_further, rest_at, of_topic) if at is not None]
        if times:
            found[name] = max(min(times), stay_away_until or min(times))
    return found


def _earliest_page(pages: Select[datetime | None]) -> ScalarSelect[datetime | None]:
    return (
        pages.where(Page.site_id == Site.id, Page.next_check_at.is_not(None), _may_be_looked_at())
        .order_by(Page.next_check_at)
        .limit(1)
        .correlate(Site)
        .scalar_subquery()
    )


def _due_sources(tx: Session, site: Site, *, now: datetime) -> tuple[DueSource, ...]:
    """Give the sources that are read now: each after its feeds and sitemaps, before its sections."""
    rows = tx.scalars(
        select(Source)
        .where(Source.site_id == site.id, _is_watched())
        .order_by(Source.next_check_at, Source.id)
    ).all()
    due = {row.id: row for row in rows if row.next_check_at and row.next_check_at <= now}
    further = due_further(tx, site, rows, due=due, now=now)
    shapes = shapes_of(site)
    found: list[DueSource] = []
    for row in rows:
        family = further.get(row.id, [])
        found += [one for one in family if one.kind is not SourceKind.SECTION]
        found += [_due_source(row, shapes, now=now)] if row.id in due else []
        found += [one for one in family if one.kind is SourceKind.SECTION]
    return tuple(found)


def _due_source(row: Source, shapes: Shapes, *, now: datetime) -> DueSource:
    return DueSource(
        name=row.name,
        url=row.url,
        kind=SourceKind(row.resolved_kind or row.kind),
        validators=asked_with(row, now=now),
        allow=tuple(row.allow),
        deny=tuple(row.deny),
        leads_on=row.kind == SourceKind.AUTO.value,
        is_feed_only=row.is_feed_only,
        topics=tuple(row.topics),
        shapes=shapes,
    )


_MOST_UNHURRIED: Final = 12
"""Pages of a first round's stock and off-topic rechecks in one visit: so a long list of them keeps
neither this site's feeds nor other sites waiting; what is left is due at the next turn."""

_PURPOSES = (Purpose.CONFIRM, Purpose.RECHECK, Purpose.NEW, Purpose.REST)


def _due_pages(
    tx: Session, which: ColumnElement[bool], *, now: datetime, limit: int
) -> tuple[DuePage, ...]:
    rank = case(
        (Page.is_confirming, _PURPOSES.index(Purpose.CONFIRM)),
        (_IS_ON_TOPIC, _PURPOSES.index(Purpose.RECHECK)),
        (Page.looks == 0, _PURPOSES.index(Purpose.NEW)),
        else_=_PURPOSES.index(Purpose.REST),
    )
    # A date in the future must not keep a page in front for ever.
    appeared_at = case(
        (Page.lead_published < Page.found_at, Page.lead_published), else_=Page.found_at
    )
    is_new = and_(Page.looks == 0, Page.article_id.is_(None))
    is_part = or_(Version.is_partial, Version.is_feed_only)
    newest_at = func.coalesce(case((is_new, appeared_at)), Article.changed_at, Page.found_at)
    rows = tx.execute(
        select(Page, rank, Source.topics, Source.name, Version.text_length, is_part)
        .outerjoin(Source, Source.id == Page.source_id)
        .outerjoin(Article, Article.id == Page.article_id)
        .outerjoin(Version, Version.id == Article.newest_id)
        .where(which, Page.next_check_at <= now, _may_be_looked_at())
        .order_by(rank, newest_at.desc(), Page.next_check_at, Page.id)
        .limit(max(0, limit))
    ).all()
    unhurried = [row for row in rows if _is_unhurried(row[0], _PURPOSES[row[1]])]
    waiting = {row[0].id for row in unhurried[_MOST_UNHURRIED:]}
    return tuple(
        DuePage(
            url=page.url,
            purpose=_PURPOSES[place],
            validators=validators_of(page),
            lead=lead_of(page),
            topics=tuple(topics or ()),
            usual_length=length,
            is_partial=bool(is_partial),
            mark=page.mark,
            source=name or "",
        )
        for page, place, topics, name, length, is_partial in rows
        if page.id not in waiting
    )


def _is_unhurried(page: Page, purpose: Purpose) -> bool:
    return purpose is Purpose.REST or (purpose is Purpose.NEW and bool(page.baseline))
