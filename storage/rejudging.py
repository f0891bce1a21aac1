"""Judge stored articles anew when the topics have changed: no change, no alert, only what they are on now."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Article, Page, Version
from storage.steps import topics_word
from storage.texts import read_text
from storage.types import TopicVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The newest version of an article, as it is judged."""

    article_id: int
    version_id: int
    title: str
    text: str
    language: str


def batch(tx: Session, *, after_id: int, limit: int = 100) -> list[Judged]:
    """Give the newest versions of the articles after an id, in the order of ids."""
    rows = tx.execute(
        select(Article.id, Version)
        .join(Version, Version.id == Article.newest_id)
        .where(Article.id > after_id)
        .order_by(Article.id)
        .limit(limit)
    ).all()
    return [
        Judged(
            article_id=article_id,
            version_id=version.id,
            title=version.title,
            text=read_text(tx, version.id),
            language=version.language,
        )
        for article_id, version in rows
    ]


def apply(
    tx: Session, verdicts: Sequence[tuple[int, tuple[TopicVerdict, ...]]], *, now: datetime
) -> int:
    """Keep new verdicts, (version id, verdicts) each; what came onto a topic is looked at again.

    Returns:
        How many articles are on other topics than before.
    """
    changed = 0
    for version_id, given in verdicts:
        version = tx.get(Version, version_id)
        article = tx.get(Article, version.article_id) if version else None
        if version is None or article is None or article.newest_id != version_id:
            continue  # changed meanwhile: judged by the new topics already
        version.verdicts = [asdict(verdict) for verdict in given]
        before, article.topics = article.topics, topics_word(version.verdicts)
        if before != article.topics:
            changed += 1
            _look_again(tx, article, now)
    tx.flush()
    return changed


def _look_again(tx: Session, article: Article, now: datetime) -> None:
    page = tx.scalar(select(Page).where(Page.url == article.url))
    if page is not None and article.topics and page.next_check_at is None:
        page.next_check_at = now
