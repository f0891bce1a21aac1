"""Own what is known of an address as an address: who offered it, when it is looked at next.

What a look at it gave is `storage.recording`'s to write.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.database import insert_missing
from storage.errors import StorageError
from storage.models import FurtherSource, Page, Site, Source
from storage.sites import save_no_more, site_ids
from storage.types import Baseline, Lead, Validators
from storage.urls import site_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """An address: where it was found, what its last look gave, when the next one is."""

    url: str
    site: str
    source: str  # name; "" for one that a person gave
    article_id: int | None
    found_at: datetime
    baseline: Baseline | None
    lead: Lead
    next_check_at: datetime | None  # None: not looked at again
    is_confirming: bool
    looks: int  # that gave content or "not modified"
    failures: int  # in a row
    last_checked_at: datetime | None
    last_seen_at: datetime | None
    last_outcome: str
    last_reason: str
    missing_since: datetime | None
    missing_looks: int
    validators: Validators


def page_state(tx: Session, url: str) -> PageState | None:
    """Give what is known of an address, None for one never offered."""
    row = tx.execute(
        select(Page, Site.name, Source.name)
        .join(Site, Site.id == Page.site_id)
        .outerjoin(Source, Source.id == Page.source_id)
        .where(Page.url == url)
    ).one_or_none()
    return None if row is None else _state(row[0], row[1], row[2] or "")


def set_next_check(tx: Session, url: str, at: datetime | None) -> None:
    """Set when an address is looked at next; None: not again. An unknown address is left alone."""
    plan_pages(tx, {url: at})


def plan_pages(tx: Session, times: Mapping[str, datetime | None]) -> None:
    """Set when each address is looked at next; None: not again."""
    for url, at in times.items():
        tx.execute(
            update(Page)
            .where(Page.url == url)
            .values(next_check_at=at)
            .execution_options(synchronize_session="fetch")
        )


def ask(tx: Session, urls: Sequence[str], *, now: datetime) -> list[str]:
    """Make addresses a person named due now; give those that were not known before.

    Args:
        tx: The unit of work.
        urls: Normalised addresses.
        now: Aware UTC.

    Raises:
        StorageError: One of them has no host.
    """
    nowhere = next((url for url in urls if not site_of(url)), None)
    if nowhere is not None:
        raise StorageError(f"{nowhere}: has no host; write the whole address, with https://.")
    sites = site_ids(tx, {site_of(url) for url in urls})
    rows = [
        {"url": url, "site_id": sites[site_of(url)], "found_at": now, "next_check_at": now}
        for url in dict.fromkeys(urls)
    ]
    save_no_more(tx, sites.values())
    new = insert_missing(tx, Page, rows, unique="url")
    plan_pages(tx, dict.fromkeys(urls, now))
    return new


def validators_of(row: Page | Source | FurtherSource) -> Validators:
    """Give what a conditional request for a row repeats."""
    return Validators(etag=row.etag, last_modified=row.last_modified, body_hash=row.body_hash)


def lead_of(row: Page) -> Lead:
    """Give what a source last claimed about an address."""
    return Lead(
        url=row.url,
        title=row.lead_title,
        published=row.lead_published,
        updated=row.lead_updated,
        summary=row.lead_summary,
    )


def _state(row: Page, site: str, source: str) -> PageState:
    return PageState(
        url=row.url,
        site=site,
        source=source,
        article_id=row.article_id,
        found_at=row.found_at,
        baseline=Baseline(row.baseline) if row.baseline else None,
        lead=lead_of(row),
        next_check_at=row.next_check_at,
        is_confirming=row.is_confirming,
        looks=row.looks,
        failures=row.failures,
        last_checked_at=row.last_checked_at,
        last_seen_at=row.last_seen_at,
        last_outcome=row.last_outcome,
        last_reason=row.last_reason,
        missing_since=row.missing_since,
        missing_looks=row.missing_looks,
        validators=validators_of(row),
    )
