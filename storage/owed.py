"""Changes with all that telling them needs: the article, its outlet and topics, both versions."""

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from storage import history, rows
from storage.models import Change as ChangeRow
from storage.types import Article, Change, OwedChange, Version

_AT_ONCE = 500  # ids in one statement; SQLite allows no end of them


def to_owed(
    tx: Session, changes: Sequence[ChangeRow], *, with_versions: bool = False
) -> list[OwedChange]:
    """Give rows of changes in words, in their order.

    Args:
        tx: Unit of work.
        changes: Rows.
        with_versions: Whether the texts are read too; a long list does without.
    """
    articles = articles_by_id(tx, {row.article_id for row in changes})
    versions = _versions(tx, changes) if with_versions else {}
    return [
        OwedChange(
            change=_to_change(row),
            article=articles[row.article_id],
            old=versions.get(row.from_id or 0),
            new=versions.get(row.to_id or 0),
            topics=rows.names(row.topics),
        )
        for row in changes
        if row.article_id in articles
    ]


def _to_change(row: ChangeRow) -> Change:
    names = row.__table__.columns.keys()
    return rows.change({f"c_{name}": getattr(row, name) for name in names})


def _versions(tx: Session, changes: Sequence[ChangeRow]) -> dict[int, Version]:
    ids = {id_ for row in changes for id_ in (row.from_id, row.to_id) if id_ is not None}
    return history.versions_by_id(tx, ids)


def articles_by_id(tx: Session, ids: Collection[int]) -> dict[int, Article]:
    """Give any number of articles by their ids; unknown ones are left out."""
    wanted = sorted(ids)
    found: dict[int, Article] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        found.update(history.articles_by_id(tx, wanted[start : start + _AT_ONCE]))
    return found
