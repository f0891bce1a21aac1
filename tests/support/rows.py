"""Rows for storage's tests, with everything that does not matter filled in."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import sources
from storage.codec import pack, text_hash
from storage.models import Article, Page, Source, Version
from storage.sites import site_row
from storage.types import Lead, Outcome, Outlet, SourceKind, SourceRound, SourceSpec
from storage.urls import site_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def spec(name: str = "news", url: str = "https://news.example/feed", **fields: Any) -> SourceSpec:
    """A source as the configuration names it."""
    given: dict[str, Any] = {
        "kind": SourceKind.FEED,
        "every": 10 * MINUTE,
        "outlet": Outlet(name="News"),
        **fields,
    }
    return SourceSpec(name=name, url=url, site=site_of(url), **given)


def read_round(
    *leads: Lead, at: datetime = NOON, source: str = "news", **fields: Any
) -> SourceRound:
    """A look at a source that worked."""
    given: dict[str, Any] = {"outcome": Outcome.CONTENT, "status": 200, **fields}
    return SourceRound(source=source, seen_at=at, leads=leads, **given)


def lead(name: str = "a", **fields: Any) -> Lead:
    """A lead to a page of the news."""
    return Lead(url=f"https://news.example/{name}", **fields)


def add_page(tx: Session, name: str = "a", **fields: Any) -> Page:
    """A page of the news, due at noon, of the source `news` if there is one."""
    url = f"https://news.example/{name}"
    source_id = tx.scalar(select(Source.id).where(Source.name == "news"))
    given = {"source_id": source_id, "found_at": NOON, "next_check_at": NOON, **fields}
    page = Page(url=url, site_id=site_row(tx, site_of(url)).id, **given)
    tx.add(page)
    tx.flush()
    return page


def add_article(
    tx: Session,
    name: str = "a",
    *,
    text: str = "A text.",
    page: dict[str, Any] | None = None,
    **fields: Any,
) -> Article:
    """An article with one version, and its page."""
    row = add_page(tx, name, **{"looks": 1, **(page or {})})
    given = {"found_at": NOON, "changed_at": NOON, "title": name, "versions": 1, **fields}
    article = Article(url=row.url, site_id=row.site_id, source_id=row.source_id, **given)
    tx.add(article)
    tx.flush()
    version = Version(
        article_id=article.id,
        number=1,
        state="confirmed",
        seen_at=article.found_at,
        title=name,
        authors=[],
        captions=[],
        verdicts=[],
        extractor=1,
        block_kinds="p",
        text_hash=text_hash(text),
        text_length=len(text),
        text=pack(text, base=None),
    )
    tx.add(version)
    tx.flush()
    article.newest_id = version.id
    row.article_id = article.id
    tx.flush()
    return article


def settled_source(tx: Session, *, now: datetime = NOON, **fields: Any) -> None:
    """A source whose first round is long over."""
    sources.sync(tx, [spec(**fields)], now=now - DAY)
    sources.record_round(tx, read_round(at=now - DAY), next_read=lambda _: now)
    sources.end_first_rounds(tx, now=now - DAY)
