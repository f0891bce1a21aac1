"""What a look, a round and a page of the viewer cost does not grow with the history.

Only `parley status` counts all there is.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from storage import history, outbox, recording, search, sources
from storage.database import Database
from storage.history import ArticleFilter
from storage.look import LookRules
from storage.types import Lead, Observation, Outcome, SourceSpec
from tests.support.desk import article_text
from tests.support.rows import DAY, HOUR, NOON, read_round, spec

FEW = 12_000  # so many that what is bounded (the latest 2,000 of a site) is at its bound
SITES = 5
RULES = LookRules(next_look=lambda _: HOUR)
LATER = NOON + DAY
_CHUNK = 100  # instructions of SQLite's machine

_PLACES = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)"


def write(database: Database, many: int) -> None:
    """Sites with articles of one version each, copied in the database from one of each site."""
    with database.transaction() as tx:
        named: list[SourceSpec] = [spec("news"), *(spec(f"s{n}", _home(n)) for n in range(SITES))]
        sources.sync(tx, named, now=NOON)
        for number in range(SITES):
            url = f"{_home(number)}0"
            content = article_text(f"The council of town {number} met on Monday.", title="Meeting")
            seen = Observation(url=url, seen_at=NOON, outcome=Outcome.CONTENT, content=content)
            recording.record(tx, seen, rules=RULES)
        tx.execute(text("UPDATE page SET source_id = site_id, next_check_at = NULL"))
        for table, changed in _COPIED.items():
            _copy(tx.connection(), table, changed, many=many // SITES)
        tx.execute(text(f"{_PLACES} {_INDEXED}"), {"many": many - SITES})
        tx.execute(text("ANALYZE"))


_INDEXED = (
    "INSERT INTO search (rowid, text) "
    "SELECT 1 + i % 5 + 1000 * (1 + (i - 1) / 5), 'council ' || i FROM n"
)


def _home(number: int) -> str:
    return f"https://site-{number}.example/"


_COPIED = {
    "article": {"id": "a.id + 1000 * i", "url": "a.url || '-' || i", "title": "a.title || i", "newest_id": "a.newest_id + 1000 * i"},
    "version": {"id": "a.id + 1000 * i", "article_id": "a.article_id + 1000 * i"},
    "address": {"id": "a.id + 1000 * i", "article_id": "a.article_id + 1000 * i", "url": "a.url || '-' || i"},
    "page": {
        "id": "a.id + 1000 * i",
        "url": "a.url || '-' || i",
        "article_id": "a.article_id + 1000 * i",
        "next_check_at": "datetime(a.found_at, '+' || (2 * i) || ' minutes') || '.000000'",
    },
    "change": {"id": "a.id + 1000 * i", "article_id": "a.article_id + 1000 * i", "to_id": "a.to_id + 1000 * i"},
}  # fmt: skip


def _copy(connection: Connection, table: str, changed: dict[str, str], *, many: int) -> None:
    names = [row[1] for row in connection.execute(text(f'PRAGMA table_info("{table}")'))]
    taken = ", ".join(changed.get(name, f'a."{name}"') for name in names)
    into = ", ".join(f'"{name}"' for name in names)
    statement = f'{_PLACES} INSERT INTO "{table}" ({into}) SELECT {taken} FROM "{table}" a, n'
    connection.execute(text(statement), {"many": many})


# -- what is done ---------------------------------------------------------------------------------


def look(tx: Session, url: str, *, words: str = "") -> None:
    content = article_text(f"The council met {words}.", title=f"Meeting {words}")
    at = LATER + HOUR
    seen = Observation(url=url, seen_at=at, outcome=Outcome.CONTENT, content=content)
    recording.record(tx, seen, rules=RULES)


def look_unmodified(tx: Session) -> None:
    url = f"{_home(3)}0-7"
    seen = Observation(url=url, seen_at=LATER, outcome=Outcome.NOT_MODIFIED)
    recording.record(tx, seen, rules=RULES)


def offer(tx: Session) -> None:
    leads = [Lead(url=f"{_home(3)}{f'0-{n}' if n % 2 else f'new-{n}'}") for n in range(1, 60)]
    sources.record_round(
        tx, read_round(*leads, at=LATER, source="s3"), next_read=lambda _: LATER + HOUR
    )


DONE: dict[str, Callable[[Session], object]] = {
    "which-sites-are-due": lambda tx: sources.due_sites(tx, now=LATER, limit=16),
    "when-anything-is-due": sources.next_dues,
    "what-is-due-at-a-site": lambda tx: sources.due(tx, "site-3.example", now=LATER, budget=50),
    "a-round": offer,
    "an-unmodified-article": look_unmodified,
    "an-edited-article": lambda tx: look(tx, f"{_home(3)}0-7", words="in the evening"),
    "a-new-article": lambda tx: look(tx, f"{_home(3)}another-piece-12345", words="at noon"),
    "the-newest-articles": lambda tx: history.articles(tx, ArticleFilter(), limit=50),
    "the-newest-changes": lambda tx: history.changes(tx, ArticleFilter(), limit=50),
    "the-versions-of-an-article": lambda tx: history.versions(tx, 1001),
    "a-search-for-a-rare-word": lambda tx: search.search(tx, "1234"),
    "what-is-told-next": lambda tx: outbox.unrouted(tx, limit=50),
    "an-address": lambda tx: history.article(tx, f"{_home(3)}0-7"),
}


def instructions(database: Database, work: Callable[[Session], object]) -> int:
    """Count what SQLite's machine does for it, in hundreds of instructions."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    with database.transaction() as tx:
        raw = tx.connection().connection.driver_connection
        assert raw is not None
        raw.set_progress_handler(tick, _CHUNK)
        work(tx)
        tx.flush()
        raw.set_progress_handler(None, _CHUNK)
        tx.rollback()
    return count


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return made(tmp_path_factory.mktemp("few"), FEW)


@pytest.fixture(scope="module", params=[60_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def many(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Database:
    return made(tmp_path_factory.mktemp("many"), request.param)


def made(folder: Path, articles: int) -> Database:
    database = Database(f"sqlite:///{folder / 'parley.db'}")
    database.prepare()
    write(database, articles)
    return database


@pytest.mark.parametrize("name", DONE)
def test_it_costs_no_more_among_many(few: Database, many: Database, *, name: str) -> None:
    before, after = (instructions(database, DONE[name]) for database in (few, many))
    print(f"{name}: {before} and {after} hundred instructions")
    assert after <= 3 * before + 20
