"""Sites as rows: the host and port that are visited as one."""

from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Site


def site_of(url: str) -> str:
    """Name the site of an address: its host, with the port where one is given, in lower case."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def site_row(tx: Session, name: str) -> Site:
    """Give the row of a site, made where it is missing."""
    site = tx.scalar(select(Site).where(Site.name == name))
    if site is None:
        site = Site(
            name=name, volatile_places={}, lease_owner="", lease_token=0, failures=0, requests=0
        )
        tx.add(site)
        tx.flush()
    return site
