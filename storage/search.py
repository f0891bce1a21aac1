"""Find what was ever published, at the version that brought it; excerpts come from the stored text.

What a word is, `storage.words` decides; here are the two databases' ways to keep and find them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from storage import history
from storage.types import Article, VersionState
from storage.words import Piece, Term, excerpt, fold, postgresql_match, sqlite_match, terms

INDEXED_CHARACTERS: Final = 200_000
"""More of one version is not indexed: PostgreSQL takes 1 MB of words a row."""

MOST_HITS: Final = 200

_PASSAGE_WORDS: Final = 40

_INSERT: Final = {
    "sqlite": "INSERT OR REPLACE INTO search (rowid, text) VALUES (:id, :words)",
    "postgresql": (
        "INSERT INTO search (version_id, words) VALUES (:id, to_tsvector('simple', :words)) "
        "ON CONFLICT (version_id) DO UPDATE SET words = excluded.words"
    ),
}
_DELETE: Final = {
    "sqlite": "DELETE FROM search WHERE rowid IN :ids",
    "postgresql": "DELETE FROM search WHERE version_id IN :ids",
}
_FOUND: Final = {
    "sqlite": "SELECT f.rowid AS id FROM search f WHERE f.search MATCH :query",
    "postgresql": (
        "SELECT f.version_id AS id FROM search f WHERE f.words @@ to_tsquery('simple', :query)"
    ),
}


def _dialect(tx: Session) -> str:
    return tx.get_bind().dialect.name


def index(tx: Session, version_id: int, plain: str) -> None:
    """Make a version findable by these words: all of a first version, of a later one what is new."""
    words = fold(plain[:INDEXED_CHARACTERS])
    if words:
        tx.execute(text(_INSERT[_dialect(tx)]), {"id": version_id, "words": words})


def forget(tx: Session, version_ids: Collection[int]) -> None:
    """Take versions out of the index."""
    if version_ids:
        statement = text(_DELETE[_dialect(tx)]).bindparams(bindparam("ids", expanding=True))
        tx.execute(statement, {"ids": list(version_ids)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A version in which all was found that was asked for."""

    article: Article
    version_id: int
    number: int
    seen_at: datetime
    title: str
    snippet: tuple[Piece, ...]


def _query(tx: Session, wanted: Sequence[Term]) -> tuple[str, str]:
    dialect = _dialect(tx)
    matches = sqlite_match(wanted) if dialect == "sqlite" else postgresql_match(wanted)
    return _FOUND[dialect], matches


def search(tx: Session, query: str, limit: int = 30, *, before_id: int | None = None) -> list[Hit]:
    """Find versions, newest first: ids below `before_id`; a query without words finds nothing.

    Noise is never found. Three statements, however much is found.
    """
    wanted = terms(query)
    if not wanted:
        return []
    found, matches = _query(tx, wanted)
    statement = text(
        f"SELECT v.id FROM version v WHERE v.id IN ({found}) AND v.state <> :noise"  # noqa: S608 - ours
        f"{'' if before_id is None else ' AND v.id < :before'} ORDER BY v.id DESC LIMIT :limit"
    )
    values = {"query": matches, "noise": VersionState.NOISE.value, "limit": min(limit, MOST_HITS)}
    if before_id is not None:
        values["before"] = before_id
    ids = [int(row[0]) for row in tx.execute(statement, values)]
    if not ids:
        return []
    versions = history.versions_by_id(tx, ids)
    articles = history.articles_by_id(tx, {version.article_id for version in versions.values()})
    return [
        Hit(
            article=articles[version.article_id],
            version_id=version.id,
            number=version.number,
            seen_at=version.seen_at,
            title=version.title,
            snippet=excerpt([version.title, *(block.text for block in version.blocks)], wanted),
        )
        for version in (versions[id_] for id_ in ids)
    ]


def article_ids(
    tx: Session, passages: Sequence[str], *, site_id: int, limit: int
) -> tuple[int, ...]:
    """The articles of a site of which a version says these passages word by word; the newest `limit`."""
    folded = [tuple(fold(passage).split()[:_PASSAGE_WORDS]) for passage in passages]
    wanted = [Term(words=words) for words in folded if words]
    if not wanted:
        return ()
    found, matches = _query(tx, wanted)
    statement = text(
        "SELECT DISTINCT v.article_id FROM version v "  # noqa: S608 - ours
        f"JOIN article a ON a.id = v.article_id WHERE v.id IN ({found}) AND a.site_id = :site "
        "AND v.state <> :noise ORDER BY v.article_id DESC LIMIT :limit"
    )
    values = {"query": matches, "noise": VersionState.NOISE.value, "limit": limit}
    return tuple(int(row[0]) for row in tx.execute(statement, values | {"site": site_id}))
