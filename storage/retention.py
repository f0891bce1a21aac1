"""Let go of what nobody asked to keep: texts of articles on no topic, and old decisions.

An address stays known after its article was let go of, so that it is not found as new again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from storage.database import insert_missing
from storage.models import Address, Article, Change, Decision, Page, Version

DECISIONS_FOR: Final = timedelta(days=90)
"""So long a decision is kept; the newest one about an article that is still here for ever."""

_VACUUM_PAGES: Final = 5_000
"""SQLite pages given back to the disk each time: 20 MB, a fraction of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneReport:
    """What was let go of, and whether as much again may be waiting."""

    articles: int = 0
    versions: int = 0
    decisions: int = 0
    has_more: bool = False  # prune again, in another unit of work


def prune(
    tx: Session, *, now: datetime, keep_off_topic: timedelta | None, limit: int = 500
) -> PruneReport:
    """Delete articles that never were on a topic and rested for `keep_off_topic`.

    With them go their versions, changes and entries in the search index. An article one of whose
    changes was on a topic stays, also when its newest version is on none.

    Args:
        tx: The unit of work.
        now: Aware UTC.
        keep_off_topic: None keeps them for ever.
        limit: At most so many articles, and so many decisions, at once; others wait to write.
    """
    articles: Sequence[int] = ()
    versions = 0
    if keep_off_topic is not None:
        articles = _resting(tx, before=now - keep_off_topic, limit=limit)
    if articles:
        _leave_tombstones(tx, articles, now=now)
        versions = _delete_articles(tx, articles)
    decisions = _delete_decisions(tx, before=now - DECISIONS_FOR, limit=limit)
    _give_space_back(tx)
    return PruneReport(
        articles=len(articles),
        versions=versions,
        decisions=decisions,
        has_more=max(len(articles), decisions) >= limit,
    )


def _resting(tx: Session, *, before: datetime, limit: int) -> Sequence[int]:
    was_on_topic = exists().where(Change.article_id == Article.id, Change.topics != "")
    return tx.scalars(
        select(Article.id)
        .where(
            Article.topics == "",
            Article.found_at < before,
            Article.changed_at < before,
            Article.pending_id.is_(None),
            ~was_on_topic,
        )
        .order_by(Article.id)
        .limit(limit)
    ).all()


def _leave_tombstones(tx: Session, articles: Sequence[int], *, now: datetime) -> None:
    reason = "on no topic and unchanged for long; its texts were deleted"
    mine = Page.article_id.in_(articles)
    urls = tx.scalars(select(Page.url).where(mine)).all()
    tx.execute(
        update(Page)
        .where(mine)
        .values(
            article_id=None,
            next_check_at=None,
            is_confirming=False,
            lead_title="",
            lead_summary="",
            last_reason=reason,
        )
        .execution_options(synchronize_session=False)
    )
    _keep_addresses(tx, articles, now=now, reason=reason)
    tx.add_all(Decision(url=url, at=now, what="let go", reason=reason) for url in urls)
    tx.flush()


def _keep_addresses(tx: Session, articles: Sequence[int], *, now: datetime, reason: str) -> None:
    """Leave a page for each address of the article that had none."""
    rows = tx.execute(
        select(Address.url, Article.site_id, Article.source_id)
        .join(Article, Article.id == Address.article_id)
        .where(Article.id.in_(articles))
    )
    pages = {
        url: {
            "url": url,
            "site_id": site_id,
            "source_id": source_id,
            "found_at": now,
            "looks": 1,
            "last_reason": reason,
        }
        for url, site_id, source_id in rows
    }
    insert_missing(tx, Page, list(pages.values()), unique="url")


def _delete_articles(tx: Session, articles: Sequence[int]) -> int:
    versions = tx.scalars(select(Version.id).where(Version.article_id.in_(articles))).all()
    key = "rowid" if tx.get_bind().dialect.name == "sqlite" else "version_id"
    if versions:
        tx.execute(
            text(f"DELETE FROM search WHERE {key} = :version"),  # noqa: S608 - our own column's name
            [{"version": version} for version in versions],
        )
    # Versions, changes, addresses, decisions and deliveries go with it: the schema says so.
    tx.execute(
        delete(Article).where(Article.id.in_(articles)).execution_options(synchronize_session=False)
    )
    tx.expire_all()
    return len(versions)


def _delete_decisions(tx: Session, *, before: datetime, limit: int) -> int:
    later = aliased(Decision)
    is_overtaken = exists().where(later.url == Decision.url, later.id > Decision.id)
    old = (
        select(Decision.id)
        .where(Decision.at < before, or_(Decision.article_id.is_(None), is_overtaken))
        .limit(limit)
    )
    deleted = tx.execute(
        delete(Decision)
        .where(Decision.id.in_(old))
        .returning(Decision.id)
        .execution_options(synchronize_session=False)
    )
    return len(deleted.all())


def _give_space_back(tx: Session) -> None:
    if tx.get_bind().dialect.name != "sqlite":
        return
    free = tx.scalar(text("PRAGMA freelist_count")) or 0
    connection = tx.connection()
    for _ in range(min(free, _VACUUM_PAGES)):
        # Python's driver takes one step of it, which is one page, whatever number is asked for.
        connection.exec_driver_sql("PRAGMA incremental_vacuum(1)")
