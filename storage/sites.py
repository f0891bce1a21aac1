"""Sites as rows: the host and port that are visited as one, and when to stay away from them."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import case, literal, or_, select, update
from sqlalchemy.orm import Session

from storage.database import insert_missing
from storage.models import Site, UtcDateTime
from storage.requests import count_requests
from storage.types import VisitReport


def site_row(tx: Session, name: str) -> Site:
    """Give the row of a site, made where it is missing."""
    site = tx.scalar(select(Site).where(Site.name == name))
    if site is None:
        insert_missing(tx, Site, [{"name": name}], unique="name")
        site = tx.scalars(select(Site).where(Site.name == name)).one()
    return site


def site_ids(tx: Session, names: Collection[str]) -> dict[str, int]:
    """Give the ids of sites by name; those that are missing are made."""
    insert_missing(tx, Site, [{"name": name} for name in sorted(set(names))], unique="name")
    return dict(iter(tx.execute(select(Site.name, Site.id).where(Site.name.in_(names)))))


def stay_away(tx: Session, site: str, *, until: datetime) -> None:
    """Ask nothing of a site before `until`; a later time that is there already stays."""
    tx.execute(
        update(Site)
        .where(
            Site.name == site,
            or_(Site.stay_away_until.is_(None), Site.stay_away_until < until),
        )
        .values(stay_away_until=until)
        .execution_options(synchronize_session="fetch")
    )


def save_no_more(tx: Session, ids: Collection[int]) -> None:
    """Let everything go on at these sites, because a person asks for it."""
    tx.execute(
        update(Site)
        .where(Site.id.in_(ids))
        .values(saving_until=None)
        .execution_options(synchronize_session="fetch")
    )


def record_visit(tx: Session, report: VisitReport, *, daily_requests: int | None = None) -> None:
    """Keep what a visit cost a site, and whether anything there answered.

    Args:
        tx: The unit of work.
        report: What the visit did.
        daily_requests: After so many in a day (UTC) only sources and articles on a topic are looked
            at until the next; None: no such limit.
    """
    failures = Site.failures + 1 if report.requests else Site.failures
    day = report.ended_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    counted_on = day.date().isoformat()
    on_day = case((Site.counted_on == counted_on, Site.requests_on_day), else_=0) + report.requests
    tomorrow = literal(day + timedelta(days=1), UtcDateTime())
    is_spent = on_day >= daily_requests if daily_requests is not None else literal(value=False)
    tx.execute(
        update(Site)
        .where(Site.name == report.site)
        .values(
            last_visit_at=report.ended_at,
            requests=Site.requests + report.requests,
            counted_on=counted_on,
            requests_on_day=on_day,
            saving_until=case((is_spent, tomorrow), else_=None),
            failures=0 if report.statuses else failures,
        )
        .execution_options(synchronize_session="fetch")
    )
    count_requests(tx, report.requests_for, at=report.ended_at)
