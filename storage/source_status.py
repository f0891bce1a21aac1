"""Tell how each source does: when it answered, what it brought, what it cost, and what stands in its way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from storage.errors import NotFoundError
from storage.further import FurtherStatus, further_statuses
from storage.models import Article, Change, Page, Site, Source, SourceDay
from storage.rhythm import rhythm_of
from storage.types import Outcome, Outlet, SourceKind

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """A source, its timetable, its health and its yield: for status, doctor and the viewer."""

    name: str
    url: str
    site: str
    kind: SourceKind
    resolved_kind: SourceKind | None
    outlet: Outlet
    topics: tuple[str, ...]
    every: timedelta | None  # None: a cron line says when
    is_enabled: bool
    is_configured: bool
    added_at: datetime
    next_check_at: datetime | None
    last_checked_at: datetime | None
    last_success_at: datetime | None  # of the source, or of what it led to
    last_new_at: datetime | None  # when it last offered an address that was not known
    last_article_at: datetime | None  # when its newest article was found
    failures: int  # in a row
    last_reason: str
    warning: str
    further: tuple[FurtherStatus, ...]
    per_day: float | None  # addresses and updates it brings; None: not known yet
    first_round_began_at: datetime | None
    first_round_ended_at: datetime | None
    announced_at: datetime | None
    stay_away_until: datetime | None
    visited_by: str  # who holds the lease on its site; "" for nobody
    pages: int
    articles: int
    on_topic: int
    feed_only: int  # of the articles: their pages may not be fetched
    requests: int  # of it and its articles, in the time that was asked for
    changes: int  # noticed in that time, after an article's first version
    blocked: tuple[tuple[str, int], ...]  # why its pages could not be read, and how many


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """What was counted of all sources, by their ids."""

    pages: Mapping[int | None, tuple[int, int]]  # all, and those known from a feed only
    articles: Mapping[int | None, tuple[int, int, datetime | None]]
    requests: Mapping[int, int]
    changes: Mapping[int | None, int]
    blocked: Mapping[int | None, list[tuple[str, int]]]
    further: Mapping[int, list[FurtherStatus]] = field(
        default_factory=dict[int, list[FurtherStatus]]
    )


def statuses(tx: Session, *, since: datetime | None = None) -> list[SourceStatus]:
    """Give every source, those no longer configured too, by name; a fixed number of statements.

    Args:
        tx: The unit of work.
        since: From when requests and changes are counted; None: all.
    """
    return _statuses(tx, Source.id.is_not(None), since=since or _EVER)


def status(tx: Session, name: str) -> SourceStatus:
    """Give one source.

    Raises:
        NotFoundError: No source has that name.
    """
    found = _statuses(tx, Source.name == name, since=_EVER)
    if not found:
        raise NotFoundError(f"{name}: no source has this name; `parley sources` lists them.")
    return found[0]


def _statuses(tx: Session, which: ColumnElement[bool], *, since: datetime) -> list[SourceStatus]:
    rows = tx.execute(
        select(Source, Site)
        .join(Site, Site.id == Source.site_id)
        .where(which)
        .order_by(Source.name)
    ).all()
    counted = _count(tx, which, since=since, ids=[row.id for row, _ in rows])
    return [_status(row, site, counted) for row, site in rows]


def _count(tx: Session, which: ColumnElement[bool], *, since: datetime, ids: list[int]) -> _Counted:
    on_topic = func.coalesce(func.sum(case((Article.topics != "", 1), else_=0)), 0)
    pages = (
        select(Page.source_id, func.count(), func.count(case((Page.fed_by != "", Page.article_id))))
        .join(Source, Source.id == Page.source_id)
        .where(which)
        .group_by(Page.source_id)
    )
    articles = (
        select(Article.source_id, func.count(), on_topic, func.max(Article.found_at))
        .join(Source, Source.id == Article.source_id)
        .where(which)
        .group_by(Article.source_id)
    )
    requests = (
        select(SourceDay.source_id, func.sum(SourceDay.requests))
        .join(Source, Source.id == SourceDay.source_id)
        .where(which, SourceDay.day >= since.date().isoformat())
        .group_by(SourceDay.source_id)
    )
    changes = (
        select(Article.source_id, func.count())
        .select_from(Change)
        .join(Article, Article.id == Change.article_id)
        .join(Source, Source.id == Article.source_id)
        .where(which, Change.stood_at.is_not(None), Change.seen_at >= since)
        .group_by(Article.source_id)
    )
    return _Counted(
        pages={row[0]: (row[1], row[2]) for row in tx.execute(pages)},
        articles={row[0]: (row[1], row[2], row[3]) for row in tx.execute(articles)},
        requests={row[0]: int(row[1]) for row in tx.execute(requests)},
        changes=dict(iter(tx.execute(changes))),
        blocked=_blocked(tx, which),
        further=further_statuses(tx, ids),
    )


def _blocked(tx: Session, which: ColumnElement[bool]) -> dict[int | None, list[tuple[str, int]]]:
    """Count the pages that stand behind something, by what it is; the commonest first."""
    rows = tx.execute(
        select(Page.source_id, Page.last_reason, func.count())
        .join(Source, Source.id == Page.source_id)
        .where(which, Page.last_outcome == Outcome.BLOCKED.value, Page.next_check_at.is_not(None))
        .group_by(Page.source_id, Page.last_reason)
    )
    found: dict[int | None, dict[str, int]] = {}
    for source_id, reason, count in rows:
        kinds = found.setdefault(source_id, {})
        kind = reason.partition(":")[0].partition(" (")[0]  # "paywall: …", "access denied (403)"
        kinds[kind] = kinds.get(kind, 0) + count
    return {
        source_id: sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
        for source_id, kinds in found.items()
    }


def _status(row: Source, site: Site, counted: _Counted) -> SourceStatus:
    articles, on_topic, last_article_at = counted.articles.get(row.id, (0, 0, None))
    pages, feed_only = counted.pages.get(row.id, (0, 0))
    further = tuple(counted.further.get(row.id, ()))
    successes = [row.last_success_at, *(one.last_success_at for one in further)]
    brought = [rhythm_of(row.rhythm).per_day, *(one.per_day for one in further)]
    known = [per_day for per_day in brought if per_day is not None]
    return SourceStatus(
        name=row.name,
        url=row.url,
        site=site.name,
        kind=SourceKind(row.kind),
        resolved_kind=SourceKind(row.resolved_kind) if row.resolved_kind else None,
        outlet=Outlet(
            name=row.outlet or row.name,
            language=row.language,
            country=row.country,
            control=row.control,
        ),
        topics=tuple(row.topics),
        every=None if row.every_s is None else timedelta(seconds=row.every_s),
        is_enabled=row.is_enabled,
        is_configured=row.is_configured,
        added_at=row.added_at,
        next_check_at=row.next_check_at,
        last_checked_at=row.last_checked_at,
        last_success_at=max((at for at in successes if at), default=None),
        last_new_at=row.last_new_at,
        last_article_at=last_article_at,
        failures=row.failures,
        last_reason=row.last_reason,
        warning=row.warning,
        further=further,
        per_day=sum(known) if known else None,
        first_round_began_at=row.first_round_began_at,
        first_round_ended_at=row.first_round_ended_at,
        announced_at=row.announced_at,
        stay_away_until=site.stay_away_until,
        visited_by=site.lease_owner,
        pages=pages,
        articles=articles,
        on_topic=on_topic,
        feed_only=feed_only,
        requests=counted.requests.get(row.id, 0),
        changes=counted.changes.get(row.id, 0),
        blocked=tuple(counted.blocked.get(row.id, ())),
    )
