import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from storage.database import Database, insert_missing
from storage.errors import (
    DatabaseFullError,
    DatabaseUnavailableError,
    SchemaTooNewError,
)
from storage.faults import explain
from storage.migrations import VERSION_TABLE
from storage.models import Fact, Site
from tests.support.databases import PostgresServer
from tests.support.privileges import common_folder, without_privileges

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def site(name: str) -> Site:
    return Site(name=name)


def names(database: Database) -> list[str]:
    with database.reading() as tx:
        return list(tx.scalars(select(Site.name).order_by(Site.name)))


def pragma(database: Database, name: str, *, reads: bool = False) -> object:
    with database.reading() if reads else database.transaction() as tx:
        return tx.scalar(text(f"PRAGMA {name}"))


# -- units of work -------------------------------------------------------------------------------


def test_a_unit_of_work_is_kept_whole(database: Database) -> None:
    with database.transaction() as tx:
        tx.add(site("a.example"))
        tx.add(site("b.example"))
    assert names(database) == ["a.example", "b.example"]


def test_a_unit_of_work_that_raises_leaves_nothing(database: Database) -> None:
    def half(tx: Session) -> None:
        tx.add(site("a.example"))
        tx.flush()
        raise KeyError

    with pytest.raises(KeyError), database.transaction() as tx:
        half(tx)
    assert names(database) == []


def test_a_reader_sees_what_was_there_when_it_began(database: Database) -> None:
    with database.reading() as tx:
        assert tx.scalar(select(Site.name)) is None
        with database.transaction() as writing:
            writing.add(site("a.example"))
        assert tx.scalar(select(Site.name)) is None
    assert names(database) == ["a.example"]


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseFullError), database.reading() as tx:
        insert_missing(tx, Site, [{"name": "a.example"}], unique="name")


def test_a_time_comes_back_aware_and_in_utc(database: Database) -> None:
    with database.transaction() as tx:
        tx.add(Site(name="a.example", last_visit_at=NOON))
    with database.reading() as tx:
        found = tx.scalar(select(Site.last_visit_at))
    assert found == NOON
    assert found.utcoffset().total_seconds() == 0


def test_our_own_mistake_is_not_blamed_on_the_database(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.add_all([site("a.example"), site("a.example")])


def test_an_error_never_shows_the_values(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.transaction() as tx:
        tx.add_all([Site(name="a.example", lease_owner="a secret"), site("a.example")])
    assert "a secret" not in str(caught.value)


def test_only_missing_rows_are_inserted(database: Database) -> None:
    with database.transaction() as tx:
        tx.add(Site(name="a.example", requests=7))
        tx.flush()
        rows = [{"name": "a.example"}, {"name": "b.example"}]
        assert insert_missing(tx, Site, rows, unique="name") == ["b.example"]
        assert insert_missing(tx, Site, [], unique="name") == []
        assert tx.scalar(select(Site.requests).where(Site.name == "a.example")) == 7
        assert tx.scalar(select(Site.noise).where(Site.name == "b.example")) == {}


# -- SQLite's settings ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("journal_mode", "wal", id="readers-and-a-writer-at-once"),
        pytest.param("auto_vacuum", 2, id="space-can-be-given-back"),
        pytest.param("synchronous", 2, id="what-was-sent-survives-a-power-loss"),
        pytest.param("foreign_keys", 1, id="keys-hold"),
        pytest.param("busy_timeout", 10_000, id="others-are-waited-for"),
    ],
)
def test_an_sqlite_file_is_set_up_for_us(
    sqlite_database: Database, name: str, value: object
) -> None:
    assert pragma(sqlite_database, name) == value


def test_sqlite_readers_are_query_only(sqlite_database: Database) -> None:
    assert pragma(sqlite_database, "query_only", reads=True) == 1


def test_an_sqlite_write_takes_its_lock_at_once(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as tx:
        tx.scalar(select(Site.name))
        other = sqlite3.connect(sqlite_database.path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


# -- making and upgrading ------------------------------------------------------------------------


def test_a_new_file_is_made_and_made_once(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "parley.db"))
    database.prepare()
    with database.transaction() as tx:
        tx.add(site("a.example"))
    database.prepare()
    database.check()
    assert names(database) == ["a.example"]
    database.close()


def test_two_processes_may_make_the_same_database_at_once(tmp_path: Path) -> None:
    code = "import sys; from storage.database import Database; Database(sys.argv[1]).prepare()"
    path = str(tmp_path / "parley.db")
    running = [subprocess.Popen([sys.executable, "-c", code, path]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    database = Database(path)
    database.check()
    database.close()


def test_an_empty_postgres_database_is_made_ours(postgres: PostgresServer) -> None:
    url = postgres.create_empty()
    database = Database(url)
    with pytest.raises(DatabaseUnavailableError, match="tables are missing"):
        database.check()
    database.prepare()
    database.check()
    database.close()
    postgres.drop(url)


def test_an_up_to_date_database_is_opened_without_alembic(sqlite_database: Database) -> None:
    code = (
        "import sys; from storage.database import Database\n"
        "Database(sys.argv[1]).prepare()\n"
        "sys.exit('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(sqlite_database.path)]
    subprocess.run(command, timeout=60, check=True)


def test_a_database_of_a_newer_version_is_left_alone(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    for refuses in (database.prepare, database.check):
        with pytest.raises(SchemaTooNewError, match=r"newer Parleywatch.*9999.*upgrade"):
            refuses()


def test_a_postgres_that_holds_others_tables_is_shared_unless_names_clash(
    postgres: PostgresServer,
) -> None:
    url = postgres.create_empty()
    database = Database(url)
    with database.transaction() as tx:
        tx.execute(text("CREATE TABLE article (id int)"))
    with pytest.raises(DatabaseUnavailableError, match=r"another program \(article"):
        database.prepare()
    with database.transaction() as tx:
        tx.execute(text("ALTER TABLE article RENAME TO invoice"))
    database.prepare()
    database.close()
    postgres.drop(url)


# -- what can be wrong ---------------------------------------------------------------------------


def foreign_file(folder: Path) -> str:
    path = folder / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE invoice (id int)")
    connection.close()
    return str(path)


def text_file(folder: Path) -> str:
    path = folder / "notes.txt"
    path.write_text("These are notes, and long enough to be read as a header. " * 20)
    return str(path)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda p: str(p / "no" / "parley.db"), "no does not exist; create it", id="missing-folder"),
        pytest.param(str, "is a folder", id="a-folder"),
        pytest.param(text_file, "not a database", id="not-a-database"),
        pytest.param(foreign_file, r"another program \(invoice", id="another-programs"),
        pytest.param(lambda p: text_file(p) + "/parley.db", "does not exist", id="a-file-as-folder"),
    ],
)  # fmt: skip
def test_an_unusable_file_is_named_with_what_to_do(
    tmp_path: Path, make: Callable[[Path], str], words: str
) -> None:
    path = make(tmp_path)
    database = Database(path)
    with pytest.raises(DatabaseUnavailableError, match=words) as caught:
        database.prepare()
    assert str(caught.value).startswith(path)
    database.close()


def test_a_file_that_is_not_there_yet_is_not_made_by_looking(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "parley.db"))
    with pytest.raises(DatabaseUnavailableError, match="no database yet"):
        database.check()
    with (
        pytest.raises(DatabaseUnavailableError, match="cannot be opened"),
        database.reading() as tx,
    ):
        tx.scalar(select(Site.name))
    assert list(tmp_path.iterdir()) == []
    database.close()


def test_a_file_without_tables_is_named(tmp_path: Path) -> None:
    path = tmp_path / "parley.db"
    path.touch()
    database = Database(str(path))
    with (
        pytest.raises(DatabaseUnavailableError, match="no tables of ours yet"),
        database.reading() as tx,
    ):
        tx.scalar(select(Site.name))
    database.close()


@pytest.mark.parametrize(
    ("folder_mode", "mode", "advice"),
    [
        pytest.param(0o777, 0o444, "the right to write", id="read-only"),
        pytest.param(0o555, 0o666, "the right to write", id="folder"),
        pytest.param(0o777, 0o000, "may read and write", id="unreadable"),
    ],
)
def test_a_file_we_have_no_right_to_write_is_named(
    sqlite_template: Path, *, folder_mode: int, mode: int, advice: str
) -> None:
    refused = pytest.raises(sqlite3.OperationalError)
    with common_folder() as above:
        folder = above / "data"
        folder.mkdir()
        path = Path(shutil.copy(sqlite_template, folder / "parley.db"))
        path.chmod(mode)
        folder.chmod(folder_mode)
        try:
            with refused as caught, without_privileges():
                write_once(path)
        finally:
            folder.chmod(0o755)
    told = explain(DBAPIError("", None, caught.value), where="parley.db")
    assert f"this user {advice} the file and its folder" in str(told)


def write_once(path: Path) -> None:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as connection:
        connection.execute("UPDATE site SET requests = 1")


def limit_pages(database: Database, spare: int) -> None:
    """Let the disk be full after so many more pages; the next connection takes it up."""
    with sqlite3.connect(database.path) as connection:
        used = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.close()
    event.listen(
        database._writing,
        "connect",
        lambda raw, _: raw.execute(f"PRAGMA max_page_count={used + spare}"),
    )


def test_a_full_disk_is_named_and_nothing_stored_is_lost(sqlite_database: Database) -> None:
    limit_pages(sqlite_database, 3)
    with sqlite_database.transaction() as tx:
        tx.add(site("a.example"))
    full = pytest.raises(DatabaseFullError, match="disk is full; free some space")
    with full, sqlite_database.transaction() as tx:
        tx.add_all(Fact(key=f"k{n}", value={"x": "y" * 4000}) for n in range(20))
    assert names(sqlite_database) == ["a.example"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param("postgresql://u:s3cret@127.0.0.1:1/x", "does not answer", id="nobody-listens"),
        pytest.param("postgresql://u:s3cret@host.invalid/x", "does not answer", id="no-such-host"),
    ],
)
def test_a_server_that_does_not_answer_is_named_without_its_password(url: str, words: str) -> None:
    database = Database(url)
    with pytest.raises(DatabaseUnavailableError, match=words) as caught:
        database.prepare()
    assert "s3cret" not in str(caught.value)
    assert "***" in str(caught.value)
    database.close()


def test_a_missing_postgres_database_is_named(postgres: PostgresServer) -> None:
    database = Database(postgres.url("nowhere"))
    with pytest.raises(DatabaseUnavailableError, match="no such database or user on that server"):
        database.prepare()
    database.close()


def test_a_lost_connection_is_named_and_the_next_unit_has_a_new_one(
    postgres_database: Database,
) -> None:
    kill = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(DatabaseUnavailableError), postgres_database.transaction() as tx:
        tx.execute(kill)
    with postgres_database.transaction() as tx:
        tx.add(site("a.example"))
    assert names(postgres_database) == ["a.example"]


def test_a_read_only_postgres_is_named(postgres_database: Database) -> None:
    with pytest.raises(DatabaseFullError, match="read-only"), postgres_database.transaction() as tx:
        tx.execute(text("SET TRANSACTION READ ONLY; INSERT INTO fact VALUES ('k', '{}')"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param("/data/parley.db", "/data/parley.db", id="path"),
        pytest.param("sqlite:////data/parley.db", "/data/parley.db", id="sqlite-url"),
        pytest.param("postgres://me@db/news", "postgresql+psycopg://me@db/news", id="no-password"),
        pytest.param("postgresql://me:s3c@db/news", "postgresql+psycopg://me:***@db/news", id="password"),
        pytest.param(
            "postgresql+psycopg://me@/n?host=/run&password=s3c", "postgresql+psycopg://me@/n?host=%2Frun", id="password-as-option"
        ),
    ],
)  # fmt: skip
def test_a_database_is_shown_without_its_password(url: str, shown: str) -> None:
    assert Database(url).url_shown == shown


@pytest.mark.parametrize(
    "url",
    ["mysql://u:s3cret@h/d", "sqlite://", "sqlite:///:memory:", "nonsense://u:s3cret@", "://s3cret", "postgresql://u:s3cret@h:x/d"],
)  # fmt: skip
def test_another_kind_of_database_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(DatabaseUnavailableError, match="neither an SQLite file nor") as caught:
        Database(url)
    assert "s3cret" not in str(caught.value)
