"""The lists everybody opens first, newest changes and articles, as plain SQL.

Plain, because `parley list` then reads SQLite without loading SQLAlchemy, which takes longer than
the query itself. `storage.history` runs the same statements through SQLAlchemy, on both databases.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from storage import rows
from storage.migrations import REVISIONS, VERSION_TABLE
from storage.types import Article, ArticleState, Change, Weight

Parameters: TypeAlias = dict[str, Any]
Run: TypeAlias = Callable[[str, Parameters], Iterable[Mapping[str, Any]]]

MOST_ROWS: Final = 1000
"""No list is longer, whatever is asked for."""

ARTICLE_COLUMNS: Final = """
a.id AS a_id, a.url AS a_url, a.state AS a_state, a.found_at AS a_found_at, a.title AS a_title,
a.language AS a_language, a.topics AS a_topics, a.versions AS a_versions,
a.changed_at AS a_changed_at, s.name AS s_name, s.outlet AS s_outlet, s.language AS s_language,
s.country AS s_country, s.control AS s_control, t.name AS t_name"""

CHANGE_COLUMNS: Final = """
c.id AS c_id, c.article_id AS c_article_id, c.from_id AS c_from_id, c.to_id AS c_to_id,
c.kinds AS c_kinds, c.weight AS c_weight, c.reason AS c_reason, c.disclosure AS c_disclosure,
c.details AS c_details, c.note AS c_note, c.stood_at AS c_stood_at, c.seen_at AS c_seen_at,
c.decided_at AS c_decided_at, c.baseline AS c_baseline, c.topics AS c_topics"""

FROM_ARTICLE: Final = """
FROM article a LEFT JOIN source s ON s.id = a.source_id JOIN site t ON t.id = a.site_id"""

FROM_CHANGE: Final = """
FROM change c JOIN article a ON a.id = c.article_id
LEFT JOIN source s ON s.id = a.source_id JOIN site t ON t.id = a.site_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFilter:
    """Which articles or changes are listed; every part that is None lets all pass."""

    topic: str | None = None
    is_on_topic: bool | None = None  # on any topic; False: on none
    source: str | None = None  # a source's name, or its outlet's
    language: str | None = None
    state: ArticleState | None = None
    since: datetime | None = None  # changed, or decided, at or after
    weights: tuple[Weight, ...] = ()  # changes only; () = all
    is_new: bool | None = None  # changes only: first sight of an article, or a later step
    article_ids: tuple[int, ...] | None = None
    change_ids: tuple[int, ...] | None = None  # changes only


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A change and the article it happened to; `topics` are those of the moment it happened."""

    change: Change
    article: Article
    topics: tuple[str, ...] = ()


def like(text: str) -> str:
    """A LIKE pattern that finds `text` anywhere, whatever signs are in it (ESCAPE '!')."""
    for sign in ("!", "%", "_"):
        text = text.replace(sign, "!" + sign)
    return f"%{text}%"


def _topic_terms(wanted: ArticleFilter, column: str) -> tuple[list[str], Parameters]:
    terms: list[str] = []
    values: Parameters = {}
    if wanted.topic is not None:
        terms.append(f"{column} LIKE :topic ESCAPE '!'")
        values["topic"] = like(f" {wanted.topic} ")
    if wanted.is_on_topic is not None:
        terms.append(f"{column} {'<>' if wanted.is_on_topic else '='} ''")
    return terms, values


def _article_terms(wanted: ArticleFilter) -> tuple[list[str], Parameters]:
    terms: list[str] = []
    values: Parameters = {}
    if wanted.source is not None:
        terms.append("(s.name = :source OR s.outlet = :source)")
        values["source"] = wanted.source
    for column, value in (("language", wanted.language), ("state", wanted.state)):
        if value is not None:
            terms.append(f"a.{column} = :{column}")
            values[column] = str(value)
    if wanted.article_ids is not None:
        term, marks = _one_of("a.id", wanted.article_ids)
        terms.append(term)
        values |= marks
    return terms, values


def _one_of(column: str, found: Sequence[object]) -> tuple[str, Parameters]:
    name = column.replace(".", "_")
    marks = {f"{name}_{number}": value for number, value in enumerate(found)}
    if not marks:
        return "1 = 0", {}
    return f"{column} IN ({', '.join(':' + mark for mark in marks)})", marks


def _change_terms(wanted: ArticleFilter) -> tuple[list[str], Parameters]:
    terms: list[str] = []
    values: Parameters = {}
    for column, found in (("c.weight", wanted.weights or None), ("c.id", wanted.change_ids)):
        if found is not None:
            term, marks = _one_of(column, [getattr(value, "value", value) for value in found])
            terms.append(term)
            values |= marks
    if wanted.is_new is not None:
        terms.append(f"CAST(c.kinds AS TEXT) {'' if wanted.is_new else 'NOT '}LIKE '%\"new\"%'")
    return terms, values


def changes_query(
    wanted: ArticleFilter, *, before_id: int | None, limit: int
) -> tuple[str, Parameters]:
    """The statement that lists changes, newest first, older than the change `before_id`."""
    terms, values = _article_terms(wanted)
    for more, bound in (_topic_terms(wanted, "c.topics"), _change_terms(wanted)):
        terms += more
        values |= bound
    if wanted.since is not None:
        terms.append("c.decided_at >= :since")
        values["since"] = wanted.since
    if before_id is not None:
        terms.append("c.id < :before_id")
        values["before_id"] = before_id
    return _select(f"{CHANGE_COLUMNS}, {ARTICLE_COLUMNS}{FROM_CHANGE}", terms, "c.id"), {
        **values,
        "limit": min(limit, MOST_ROWS),
    }


def articles_query(
    wanted: ArticleFilter, *, before_id: int | None, limit: int
) -> tuple[str, Parameters]:
    """The statement that lists articles, newest first, older than the article `before_id`."""
    terms, values = article_terms(wanted)
    if before_id is not None:
        terms.append("a.id < :before_id")
        values["before_id"] = before_id
    return _select(f"{ARTICLE_COLUMNS}{FROM_ARTICLE}", terms, "a.id"), {
        **values,
        "limit": min(limit, MOST_ROWS),
    }


def article_terms(wanted: ArticleFilter) -> tuple[list[str], Parameters]:
    """The conditions a filter puts on articles, and the values they name."""
    terms, values = _article_terms(wanted)
    more, bound = _topic_terms(wanted, "a.topics")
    if wanted.since is not None:
        more.append("a.changed_at >= :since")
        bound["since"] = wanted.since
    return terms + more, values | bound


def _select(what: str, terms: list[str], key: str) -> str:
    where = f" WHERE {' AND '.join(terms)}" if terms else ""
    # Only our own column names and `:names` are ever joined into it; values are always bound.
    return f"SELECT {what}{where} ORDER BY {key} DESC LIMIT :limit"


def changes(
    run: Run, wanted: ArticleFilter, *, before_id: int | None = None, limit: int = 30
) -> list[ChangeRow]:
    """List changes, newest first: those with an id below `before_id`, at most `limit`."""
    statement, values = changes_query(wanted, before_id=before_id, limit=limit)
    return [
        ChangeRow(
            change=rows.change(row), article=rows.article(row), topics=rows.names(row["c_topics"])
        )
        for row in run(statement, values)
    ]


def articles(
    run: Run, wanted: ArticleFilter, *, before_id: int | None = None, limit: int = 30
) -> list[Article]:
    """List articles, newest first: those with an id below `before_id`, at most `limit`."""
    statement, values = articles_query(wanted, before_id=before_id, limit=limit)
    return [rows.article(row) for row in run(statement, values)]


def sqlite_value(value: object) -> object:
    """A value as SQLite stores it: times as UTC without a zone, the way SQLAlchemy writes them."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value


def sqlite_runner(connection: sqlite3.Connection) -> Run:
    """Run statements on a plain SQLite connection."""
    connection.row_factory = sqlite3.Row

    def run(statement: str, values: Parameters) -> Iterable[Mapping[str, Any]]:
        bound = {name: sqlite_value(value) for name, value in values.items()}
        return [dict(row) for row in connection.execute(statement, bound)]

    return run


def open_sqlite(path: Path) -> sqlite3.Connection | None:
    """Open a database file for reading only; None if it is not there, not ours or not up to date.

    What is wrong with it, and bringing it up to date, is `storage.database`'s.
    """
    if not path.is_file():
        return None
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)
    try:
        revision = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608 - our own name
    except sqlite3.Error:
        revision = None
    if revision == (REVISIONS[-1],):
        return connection
    connection.close()
    return None
