"""Own the right to visit a site: one holder at a time, fenced by a token, on both databases.

Each step is one UPDATE … WHERE, so that two processes cannot both believe that they hold it.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from storage.database import insert_missing
from storage.errors import LeaseHeldError, LeaseLostError
from storage.models import Site
from storage.types import Lease


def claim(tx: Session, site: str, *, owner: str, now: datetime, for_s: float) -> Lease:
    """Take the lease on a site; a site never heard of is made.

    Args:
        tx: The unit of work.
        site: Host and port, as `storage.urls.site_of` gives it.
        owner: Who visits, in words that help a person: "daemon on host, pid 123".
        now: Aware UTC.
        for_s: Seconds until others may take it if it is not renewed.

    Raises:
        LeaseHeldError: Somebody else visits the site.
    """
    insert_missing(tx, Site, [{"name": site}], unique="name")
    until = now + timedelta(seconds=for_s)
    token = tx.scalar(
        update(Site)
        .where(Site.name == site, or_(Site.lease_until.is_(None), Site.lease_until <= now))
        .values(lease_owner=owner, lease_until=until, lease_token=Site.lease_token + 1)
        .returning(Site.lease_token)
        .execution_options(synchronize_session=False)
    )
    if token is None:
        held_by = tx.scalar(select(Site.lease_owner).where(Site.name == site))
        raise LeaseHeldError(site, held_by or "somebody else")
    return Lease(site=site, owner=owner, token=token, until=until)


def renew(tx: Session, lease: Lease, *, now: datetime, for_s: float) -> Lease:
    """Keep the lease for another `for_s` seconds from now.

    Raises:
        LeaseLostError: It ran out, or somebody else took it.
    """
    until = now + timedelta(seconds=for_s)
    _update_held(tx, lease, now=now, until=until)
    return Lease(site=lease.site, owner=lease.owner, token=lease.token, until=until)


def check(tx: Session, lease: Lease, *, now: datetime) -> None:
    """Make sure, until this unit of work ends, that the lease is ours.

    Raises:
        LeaseLostError: It ran out, or somebody else took it; store nothing.
    """
    _update_held(tx, lease, now=now, until=None)


def release_all(tx: Session, owner: str) -> None:
    """Give back every lease of an owner that is known to be dead."""
    tx.execute(
        update(Site)
        .where(Site.lease_owner == owner)
        .values(lease_until=None, lease_owner="")
        .execution_options(synchronize_session="fetch")
    )


def release(tx: Session, lease: Lease) -> None:
    """Give the lease back; nothing happens if it was lost."""
    tx.execute(
        update(Site)
        .where(*_is_ours(lease))
        .values(lease_owner="", lease_until=None)
        .execution_options(synchronize_session=False)
    )


def _update_held(tx: Session, lease: Lease, *, now: datetime, until: datetime | None) -> None:
    # Without a new time it writes what is there: the row is locked, and nobody takes it meanwhile.
    held = tx.scalar(
        update(Site)
        .where(*_is_ours(lease), Site.lease_until > now)
        .values(lease_until=Site.lease_until if until is None else until)
        .returning(Site.id)
        .execution_options(synchronize_session=False)
    )
    if held is None:
        raise LeaseLostError(lease.site)


def _is_ours(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return Site.name == lease.site, Site.lease_token == lease.token
