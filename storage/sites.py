"""Sites as rows: the host and port that are visited as one, and when to stay away from them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from storage.database import insert_missing
from storage.models import Site
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


def record_visit(tx: Session, report: VisitReport) -> None:
    """Keep what a visit cost a site, and whether anything there answered."""
    failures = Site.failures + 1 if report.requests else Site.failures
    tx.execute(
        update(Site)
        .where(Site.name == report.site)
        .values(
            last_visit_at=report.ended_at,
            requests=Site.requests + report.requests,
            failures=0 if report.statuses else failures,
        )
        .execution_options(synchronize_session="fetch")
    )
