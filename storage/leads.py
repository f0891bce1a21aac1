"""Turn what a source offered into pages: new ones, and known ones that it says were updated.

Which source is read when, and how it does, is `storage.rounds`' and `storage.further`'s.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from storage import idents, parameters
from storage.database import insert_missing
from storage.models import Article, Page, Source
from storage.sites import site_ids
from storage.types import Baseline, Lead
from storage.urls import site_of

_Row = TypeVar("_Row")

MAX_URL: Final = 2_000
"""Longer addresses are not kept: PostgreSQL cannot index them."""

_FURTHEST_AHEAD: Final = timedelta(days=1)  # a claimed date beyond that is no date
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_CHUNK: Final = 500
_SAYS_IT_OF_ALL: Final = 10  # that many claimed updates at once, and most of its pages: a habit


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a round's leads came to: addresses not known before, and pages now looked at sooner.

    Of what is looked at sooner only what counts for the source: see `Taking.counts_off_topic`.
    """

    new: tuple[str, ...] = ()
    sooner: int = 0
    listed: tuple[int, ...] = ()  # ids of the articles' pages among all leads, in their order


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """Who offers, and which leads make pages that were not known before; all may tell of known ones."""

    further_id: int | None = None  # the further source; None: the source itself
    baseline: Baseline | None = None
    dated_from: datetime | None = None  # only those that claim a later date; None: all
    most: int | None = None  # that are looked at from one read; None: all
    is_archive: bool = False  # it lists all there ever was, not what is new
    is_stock: bool = (
        False  # what is over `most` is never news: it rests until somebody else offers it
    )

    counts_off_topic: bool = True  # claimed updates of articles on no topic count for the source

    def takes(self, lead: Lead) -> bool:
        """Say whether a lead to an unknown address is taken."""
        if self.dated_from is None:
            return True
        claimed = lead.published or lead.updated
        return claimed is not None and claimed >= self.dated_from


def keep_leads(
    tx: Session,
    source: Source,
    leads: Sequence[Lead],
    *,
    at: datetime,
    taking: Taking,
) -> Offered:
    """Keep what a source offered.

    New leads become pages that are due now. A known one is looked at soon if the source says that it
    was updated since, or names it otherwise than before.
    """
    distinct: dict[str, Lead] = {}
    for lead in leads:
        if len(lead.url) <= MAX_URL and site_of(lead.url):
            distinct.setdefault(lead.url, lead)
    known = _known(tx, list(distinct))
    fresh = [
        lead
        for lead in distinct.values()
        if lead.url not in known
        and taking.takes(lead)
        and not parameters.is_known_otherwise(tx, lead.url)
    ]
    pairs = [(lead, known[lead.url]) for lead in distinct.values() if lead.url in known]
    sooner = _keep_known(tx, source, pairs, at=at, taking=taking)
    new: list[str] = []
    for chunk in _chunks(fresh[: taking.most]):
        new += _add_pages(tx, source, chunk, at=at, due_at=at, taking=taking)
    if taking.is_stock and taking.most is not None:
        for chunk in _chunks(fresh[taking.most :]):
            _add_pages(tx, source, chunk, at=at, due_at=None, taking=taking)
    listed = tuple(page.id for _, page in pairs if page.article_id is not None)
    return Offered(new=tuple(new), sooner=sooner, listed=listed)


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
    named_by: int | None
    guid: str
    is_watched: bool | None  # by the source that owns it; None: it has none


def _chunks(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]


def _known(tx: Session, urls: Sequence[str]) -> dict[str, _Known]:
    # Columns, not rows of the session: a sitemap names thousands of pages each time.
    known: dict[str, _Known] = {}
    for chunk in _chunks(urls):
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
                Page.named_by,
                Page.guid,
                Source.is_enabled & Source.is_configured,
            )
            .outerjoin(Source, Source.id == Page.source_id)
            .where(Page.url.in_(chunk))
        )
        known |= {row.url: row for row in map(_Known._make, rows)}
    return known


def _add_pages(
    tx: Session,
    source: Source,
    leads: Sequence[Lead],
    *,
    at: datetime,
    due_at: datetime | None,
    taking: Taking,
) -> list[str]:
    sites = site_ids(tx, {site_of(lead.url) for lead in leads})
    rows = [
        {
            "url": lead.url,
            "site_id": sites[site_of(lead.url)],
            "source_id": source.id,
            "found_at": at,
            "next_check_at": due_at,
            "named_by": taking.further_id,
            "number": idents.number_in(lead.url),
            "guid": idents.guid_key(lead.guid),
            "baseline": "" if taking.baseline is None else taking.baseline.value,
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
    tx: Session,
    source: Source,
    pairs: Sequence[tuple[Lead, _Known]],
    *,
    at: datetime,
    taking: Taking,
) -> int:
    """Keep what is claimed of known pages.

    Returns:
        How many that count for the source are looked at sooner for it.
    """
    wanted: list[_Known] = []
    renamed: list[_Known] = []
    updated: list[_Known] = []
    for lead, page in pairs:
        if page.article_id is None and page.next_check_at is None:
            if page.last_checked_at is not None:
                continue  # given up or let go: not found as new again, and its texts stay deleted
            if not taking.is_archive:
                wanted.append(page)
        claims = _claims(source, lead, page, at=at, taking=taking)
        if claims:
            tx.execute(
                update(Page)
                .where(Page.id == page.id)
                .values(**claims)
                .execution_options(synchronize_session="fetch")
            )
        if "lead_title" in claims and page.lead_title:
            renamed.append(page)
        elif "lead_updated" in claims and _is_later(lead.updated, page):
            updated.append(page)
    if len(updated) >= _SAYS_IT_OF_ALL and 2 * len(updated) > len(pairs):
        updated = []  # whoever dates every entry by the hour of the asking says nothing by it
    sooner = [page for page in (*wanted, *renamed, *updated) if not page.is_confirming]
    if not sooner:
        return 0
    articles = {page.article_id for page in sooner if page.article_id is not None}
    bare = [page.id for page in sooner if page.article_id is None]
    bring_forward(tx, articles=articles, bare=bare, at=at)
    counted = len(articles) if taking.counts_off_topic else _on_topic(tx, articles)
    return len(bare) + counted


def _on_topic(tx: Session, articles: Collection[int]) -> int:
    of_these = Article.id.in_(articles), Article.topics != ""
    return tx.scalar(select(func.count(Article.id)).where(*of_these)) or 0


def _claims(
    source: Source, lead: Lead, page: _Known, *, at: datetime, taking: Taking
) -> dict[str, Any]:
    """Give what changes of a known page by what a lead says, and by who says it."""
    is_left = page.source_id != source.id and not page.is_watched
    owner = (page.source_id, page.named_by)
    is_own = is_left or owner == (source.id, taking.further_id)
    claims = _later_claims(lead, page, is_own=is_own, at=at)
    if is_left:
        claims |= {"source_id": source.id, "named_by": taking.further_id}
    return claims


def _later_claims(lead: Lead, page: _Known, *, is_own: bool, at: datetime) -> dict[str, Any]:
    """Give what a lead claims now and did not before.

    Titles and summaries are the owner's only, who offered it first: a home page and a feed that name
    it differently would otherwise have it looked at after each of their rounds.
    """
    claims: dict[str, Any] = {}
    if is_own and lead.title and lead.title != page.lead_title:
        claims["lead_title"] = lead.title
    if is_own and lead.summary and lead.summary != page.lead_summary:
        claims["lead_summary"] = lead.summary
    if lead.guid and not page.guid:
        claims["guid"] = idents.guid_key(lead.guid)
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


def bring_forward(
    tx: Session, *, articles: Collection[int], bare: Collection[int], at: datetime
) -> None:
    """Make articles due now, each at its present address, and pages that are of none.

    Not those that wait for a confirming look: theirs has its own time.
    """
    present = select(Article.url).where(Article.id.in_(articles))
    tx.execute(
        update(Page)
        .where(
            or_(Page.id.in_(bare), Page.url.in_(present)),
            or_(Page.next_check_at.is_(None), Page.next_check_at > at),
            Page.is_confirming.is_(False),
            Page.fed_by == "",
        )
        .values(next_check_at=at)
        .execution_options(synchronize_session="fetch")
    )
