"""Make one article of two that turned out to be one: the older takes over all the younger one had."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from storage import steps
from storage.models import Address, Change, Decision, Page
from storage.models import Article as ArticleRow
from storage.models import Version as VersionRow
from storage.types import ChangeKind, VersionState

TAKEN_FOR_ANOTHER: Final = "taken for another article at first"


def join(tx: Session, older: ArticleRow, younger: ArticleRow) -> None:
    """Give the older article the versions, changes, addresses and decisions of the younger one.

    Nothing that was stored or told is lost: the younger one's versions follow the older one's, and
    that it was told as new stays in the history, with a note. Both are the same publisher's.
    """
    for article in (older, younger):
        steps.close_pending(tx, article, VersionState.NOISE)
    last = tx.scalar(select(func.max(VersionRow.number)).where(VersionRow.article_id == older.id))
    if _newest_at(tx, younger) >= _newest_at(tx, older):
        older.newest_id, older.title, older.topics = (
            younger.newest_id,
            younger.title,
            younger.topics,
        )
    older.versions += younger.versions
    older.changed_at = max(older.changed_at, younger.changed_at)
    for change in tx.scalars(select(Change).where(Change.article_id == younger.id)):
        change.article_id = older.id
        if change.kinds == [ChangeKind.NEW.value]:
            change.note = change.note or TAKEN_FOR_ANOTHER
    tx.flush()
    tx.execute(
        update(VersionRow)
        .where(VersionRow.article_id == younger.id)
        .values(article_id=older.id, number=VersionRow.number + (last or 0))
    )
    for model in (Decision, Page):
        tx.execute(update(model).where(model.article_id == younger.id).values(article_id=older.id))
    _take_addresses(tx, older, younger)
    tx.expire_all()
    tx.execute(delete(ArticleRow).where(ArticleRow.id == younger.id))


def _newest_at(tx: Session, article: ArticleRow) -> datetime:
    return tx.get_one(VersionRow, article.newest_id).seen_at


def _take_addresses(tx: Session, older: ArticleRow, younger: ArticleRow) -> None:
    had = set(tx.scalars(select(Address.url).where(Address.article_id == older.id)))
    for row in tx.scalars(select(Address).where(Address.article_id == younger.id)):
        if row.url in had:
            tx.delete(row)
        else:
            row.article_id = older.id
    tx.flush()
