"""Hand out what was seen, changed and told, as records of plain JSON; reads in short pages.

Record types: version, change and alert. `kind` says in one word what a change or an alert claims,
`kinds` are our own names; times are ISO 8601, UTC.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from storage import history, outbox, rows
from storage.database import Database
from storage.glance import ChangeRow
from storage.models import Article as ArticleRow
from storage.models import Change as ChangeModel
from storage.models import Version as VersionRow
from storage.texts import unpacked
from storage.types import ChangeKind, MessageKind, SentMessage, VersionState

PAGE_ROWS: Final = 200
"""Rows read at once: an open read keeps SQLite from shortening its journal."""

Record = dict[str, Any]
T = TypeVar("T")

_PRESENCE: Final = {
    ChangeKind.NEW: "new",
    ChangeKind.GONE: "deleted",
    ChangeKind.BACK: "restored",
    ChangeKind.MOVED: "moved",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFilter:
    """What is handed out."""

    topic: str | None = None  # only articles on it
    since: datetime | None = None  # seen, decided or sent at or after
    with_unconfirmed: bool = False  # provisional versions too, and those seen once


def export(database: Database, *, what: ExportFilter | None = None) -> Iterator[Record]:
    """Give all records: versions article by article, then changes and alerts as they came."""
    wanted = what or ExportFilter()
    yield from _versions(database, wanted)
    yield from _changes(database, wanted)
    yield from _alerts(database, wanted)


def claim(kinds: Sequence[ChangeKind]) -> str:
    """Say in one word what a change claims: new, edit, headline, deleted, moved or restored."""
    for kind in kinds:
        if kind in _PRESENCE:
            return _PRESENCE[kind]
    return "headline" if tuple(kinds) == (ChangeKind.HEADLINE,) else "edit"


def claims(kinds: Sequence[ChangeKind]) -> list[tuple[str, tuple[ChangeKind, ...]]]:
    """Part the kinds of a change: whether the article stands there, and what it says."""
    parts: list[tuple[str, tuple[ChangeKind, ...]]]
    parts = [(_PRESENCE[kind], (kind,)) for kind in kinds if kind in _PRESENCE]
    content = tuple(kind for kind in kinds if kind not in _PRESENCE)
    if content or not parts:
        parts.append((claim(content), content))
    return parts


def _paged(
    database: Database, read: Callable[[Session, Any], Sequence[T]], key: Callable[[T], Any]
) -> Iterator[T]:
    """Go through a list in pages, each in a look of its own at the database."""
    after: Any = None
    while True:
        with database.reading() as tx:
            found = read(tx, after)
        yield from found
        if not found:
            return
        after = key(found[-1])


# -- versions ------------------------------------------------------------------------------------


def _versions(database: Database, wanted: ExportFilter) -> Iterator[Record]:
    texts: dict[int, str] = {}
    article_id = 0
    pages = _paged(database, _read_versions, lambda row: (row[0].article_id, row[0].number))
    for version, article in pages:
        if version.article_id != article_id:
            article_id = version.article_id
            texts.clear()
        # A base is an earlier version of the same article, so it was unpacked just before.
        texts[version.id] = unpacked(version, base=texts.get(version.base_id or 0))
        if _is_wanted(version, article, wanted):
            yield _version_record(version, article, texts[version.id])


def _read_versions(
    tx: Session, after: tuple[int, int] | None
) -> Sequence[tuple[VersionRow, ArticleRow]]:
    statement = select(VersionRow, ArticleRow).join(
        ArticleRow, ArticleRow.id == VersionRow.article_id
    )
    if after is not None:
        place = tuple_(VersionRow.article_id, VersionRow.number)
        statement = statement.where(place > after)
    statement = statement.order_by(VersionRow.article_id, VersionRow.number).limit(PAGE_ROWS)
    return [(version, article) for version, article in tx.execute(statement)]


def _is_wanted(version: VersionRow, article: ArticleRow, wanted: ExportFilter) -> bool:
    if wanted.topic is not None and wanted.topic not in rows.names(article.topics):
        return False
    if wanted.since is not None and version.seen_at < wanted.since:
        return False
    return wanted.with_unconfirmed or version.state == VersionState.CONFIRMED.value


def _version_record(version: VersionRow, article: ArticleRow, plain: str) -> Record:
    return {
        "type": "version",
        "url": article.url,
        "fetched_at": _iso(version.seen_at),
        "title": version.title,
        "text": plain,
        "article": article.id,
        "version": version.id,
        "number": version.number,
        "state": version.state,
        "language": version.language,
        "authors": list(version.authors),
        "published": _iso(version.published),
        "modified": _iso(version.modified),
        "is_partial": version.is_partial,
        "is_feed_only": version.is_feed_only,
        "verdicts": list(version.verdicts),
    }


# -- changes -------------------------------------------------------------------------------------


def _changes(database: Database, wanted: ExportFilter) -> Iterator[Record]:
    def read(tx: Session, after: int | None) -> list[ChangeRow]:
        ids = select(ChangeModel.id).order_by(ChangeModel.id).limit(PAGE_ROWS)
        if after is not None:
            ids = ids.where(ChangeModel.id > after)
        return history.changes_by_id(tx, tx.scalars(ids).all())

    for row in _paged(database, read, lambda row: row.change.id):
        if _is_told(row, wanted) and not _is_before(row.change.decided_at, wanted):
            yield from _change_records(row)


def _is_told(row: ChangeRow, wanted: ExportFilter) -> bool:
    return wanted.topic is None or wanted.topic in row.topics


def _is_before(when: datetime, wanted: ExportFilter) -> bool:
    return wanted.since is not None and when < wanted.since


def _change_records(row: ChangeRow) -> Iterator[Record]:
    change = row.change
    for kind, kinds in claims(change.kinds):
        yield {
            "type": "change",
            "url": row.article.url,
            "kind": kind,
            "kinds": [str(name) for name in kinds],
            "at": _iso(change.decided_at),
            "stood_at": _iso(change.stood_at),
            "seen_at": _iso(change.seen_at),
            "article": change.article_id,
            "change": change.id,
            "from_version": change.from_version,
            "to_version": change.to_version,
            "title": row.article.title,
            "outlet": row.article.outlet.name,
            "topics": list(row.topics),
            "weight": str(change.weight),
            "reason": change.reason,
            "disclosure": str(change.disclosure),
            "baseline": str(change.baseline) if change.baseline else None,
            "note": change.note,
            "details": [{**asdict(detail), "kind": str(detail.kind)} for detail in change.details],
        }


# -- alerts --------------------------------------------------------------------------------------


def _alerts(database: Database, wanted: ExportFilter) -> Iterator[Record]:
    def read(tx: Session, after: int | None) -> list[SentMessage]:
        return outbox.sent_messages(tx, after_id=after or 0, limit=PAGE_ROWS)

    for message in _paged(database, read, lambda message: message.id):
        if message.kind is not MessageKind.TEST and not _is_before(message.sent_at, wanted):
            yield from _alert_records(database, message, wanted)


def _alert_records(
    database: Database, message: SentMessage, wanted: ExportFilter
) -> Iterator[Record]:
    """One record a change or article the message names; one without address if it names none."""
    head: Record = {
        "type": "alert",
        "at": _iso(message.sent_at),
        "channel": message.channel,
        "message": message.key,
    }
    if message.kind is not MessageKind.ALERT:
        head["summary"] = True
    with database.reading() as tx:
        named = history.changes_by_id(tx, message.change_ids)
        articles = history.articles_by_id(tx, message.article_ids)
    told = [row for row in named if _is_told(row, wanted)]
    for row in told:
        yield {
            **head,
            "url": row.article.url,
            "kind": claim(row.change.kinds),
            "kinds": [str(kind) for kind in row.change.kinds],
            "change": row.change.id,
        }
    for article in articles.values():
        if wanted.topic is None or wanted.topic in article.topics:
            yield {**head, "url": article.url, "kind": "new", "article": article.id}
    if not named and not articles and wanted.topic is None:
        yield head


def _iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()
