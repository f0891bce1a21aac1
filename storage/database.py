"""Own the engines, the transactions and the one writer thread; knows nothing of what is stored.

On SQLite a write takes its lock at once (BEGIN IMMEDIATE): a transaction that reads first and then
writes fails as "locked" after 0 s, whatever the timeout. Readers have an engine of their own, which
cannot write.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from storage.errors import DatabaseUnavailableError, SchemaTooNewError
from storage.faults import explain
from storage.migrations import REVISIONS, VERSION_TABLE
from storage.models import Base

T = TypeVar("T")

BUSY_TIMEOUT_S: Final = 10.0
"""How long a write on SQLite waits for another process's write."""

_MIGRATION_LOCK: Final = (
    0x7061726C6579  # any number, the same for everybody: PostgreSQL's advisory lock
)
_CONNECT_TIMEOUT_S: Final = 10


class Database:
    """One database: SQLite in a file, or PostgreSQL. Opens nothing before it is used."""

    def __init__(self, url: str) -> None:
        """Take an SQLAlchemy URL, or the path of an SQLite file.

        Raises:
            DatabaseUnavailableError: Neither SQLite nor PostgreSQL, or not an address at all.
        """
        self._url = _read_url(url)
        self.dialect: str = self._url.get_backend_name()
        self.path: Path | None = (
            Path(self._url.database or "") if self.dialect == "sqlite" else None
        )

    @property
    def url_shown(self) -> str:
        """The database as people may see it: a path, or an address without its password."""
        if self.path is not None:
            return str(self.path)
        secret = [key for key in self._url.query if "pass" in key.lower()]
        return self._url.difference_update_query(secret).render_as_string(hide_password=True)

    # -- units of work ---------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Generator[Session]:
        """Open one unit of work; committed at its end, undone if anything is raised.

        Raises:
            DatabaseUnavailableError: The database cannot be opened, or is locked for long.
            DatabaseFullError: It cannot be written to.
        """
        with (
            self.explained(),
            Session(self._writing, expire_on_commit=False) as tx,
            tx.begin(),
        ):
            yield tx

    @contextmanager
    def reading(self) -> Generator[Session]:
        """Open one look at the database: a single snapshot, in which nothing can be written.

        Keep it short: an open look stops SQLite from shortening its journal.
        """
        with self.explained(), Session(self._reading, expire_on_commit=False) as tx, tx.begin():
            yield tx

    @contextmanager
    def writing_connection(self) -> Generator[Connection]:
        """Open one transaction without a session: what the `Writer` shares among its units."""
        with self.explained(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def explained(self) -> Generator[None]:
        """Turn what the database refuses into our own errors, with a sentence."""
        try:
            yield
        except DBAPIError as error:
            told = explain(error, where=self.url_shown)
            if told is None:
                raise
            raise told from error

    # -- making and upgrading --------------------------------------------------------------------

    def prepare(self) -> None:
        """Make the tables, or bring them up to date; cheap when they already are.

        Raises:
            DatabaseUnavailableError: It cannot be opened, or belongs to another program.
            DatabaseFullError: It cannot be written to.
            SchemaTooNewError: A newer version of the program has written it.
        """
        if self._is_current():
            return
        if self.path is not None:
            self._check_place(self.path)
        engine = self._engine(sqlite_mode="rwc", enforces=False)
        try:
            with self.explained():
                if self.path is not None:
                    _set_up_file(engine)
                with engine.begin() as connection:
                    self._upgrade(connection)
        finally:
            engine.dispose()

    def check(self) -> None:
        """Make sure that the database is there and up to date; changes nothing.

        Raises:
            DatabaseUnavailableError: It is not there, cannot be opened, or is not up to date.
            SchemaTooNewError: A newer version of the program has written it.
        """
        if self.path is not None:
            self._check_place(self.path)
            if not self.path.exists():
                raise DatabaseUnavailableError(
                    f"{self.path}: there is no database yet; `parley run` makes it."
                )
        if not self._is_current():
            raise DatabaseUnavailableError(
                f"{self.url_shown}: its tables are missing or of an older version;"
                " `parley doctor` brings them up to date."
            )

    def close(self) -> None:
        """Close every connection; the next use opens new ones."""
        for name in ("_writing", "_reading"):
            engine = self.__dict__.pop(name, None)
            if isinstance(engine, Engine):
                engine.dispose()

    def _is_current(self) -> bool:
        if self.path is not None and not self.path.is_file():
            return False
        with self.explained(), self._reading.begin() as connection:
            revision = self._revision(connection)
        return revision == REVISIONS[-1]

    def _revision(self, connection: Connection) -> str | None:
        """Give the database's revision, None for an empty one."""
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        revision = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 - our own name
        if revision is None or revision in REVISIONS:
            return revision
        raise SchemaTooNewError(
            f"{self.url_shown}: a newer Parleywatch has written this database (schema {revision},"
            f" this one knows {REVISIONS[-1]}); upgrade the program, or restore a backup made before."
        )

    def _upgrade(self, connection: Connection) -> None:
        if self.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        revision = self._revision(connection)  # again: another process may have been faster
        if revision == REVISIONS[-1]:
            return
        if revision is None:
            self._refuse_foreign(connection)
        _run_alembic(connection)
        if self.dialect == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise DatabaseUnavailableError(
                    f"{self.url_shown}: the upgrade found rows of {broken[0]} that hang in the air,"
                    " and was undone; restore a backup."
                )

    def _refuse_foreign(self, connection: Connection) -> None:
        found = set(inspect(connection).get_table_names())
        if self.dialect == "postgresql":  # others may share it, as long as the names differ
            found &= {*Base.metadata.tables, "search"}
        if found:
            raise DatabaseUnavailableError(
                f"{self.url_shown}: holds tables of another program ({min(found)}, …);"
                " name an empty or new database as `database`."
            )

    @staticmethod
    def _check_place(path: Path) -> None:
        if path.is_dir():
            raise DatabaseUnavailableError(f"{path}: is a folder; name a file in it as `database`.")
        if not path.parent.is_dir():
            raise DatabaseUnavailableError(
                f"{path}: the folder {path.parent} does not exist; create it,"
                " or name another place as `database`."
            )

    # -- engines ---------------------------------------------------------------------------------

    @cached_property
    def _writing(self) -> Engine:
        return self._engine(sqlite_mode="rw", enforces=True, pooled=True)

    @cached_property
    def _reading(self) -> Engine:
        if self.path is not None:
            return _sqlite_reader(self._url)
        return self._writing.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    def _engine(self, *, sqlite_mode: str, enforces: bool, pooled: bool = False) -> Engine:
        if self.path is not None:
            return _sqlite_writer(self._url, mode=sqlite_mode, enforces=enforces, pooled=pooled)
        options: dict[str, Any] = {"pool_pre_ping": True} if pooled else {"poolclass": NullPool}
        defaults = {"connect_timeout": _CONNECT_TIMEOUT_S, "application_name": "parleywatch"}
        return create_engine(
            self._url,
            hide_parameters=True,  # no page text in logs
            connect_args={k: v for k, v in defaults.items() if k not in self._url.query},
            **options,
        )


def insert_missing(
    tx: Session, model: type[Base], rows: Sequence[Mapping[str, Any]], *, unique: str
) -> list[Any]:
    """Insert the rows whose `unique` column is not there yet; give the values of the new ones."""
    if not rows:
        return []
    table = model.__table__
    insert = sqlite.insert if tx.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(model).on_conflict_do_nothing(index_elements=[unique])
    return list(tx.scalars(statement.returning(table.c[unique]), [dict(row) for row in rows]))


# -- SQLite ------------------------------------------------------------------------------------------


def _sqlite_writer(url: URL, *, mode: str, enforces: bool, pooled: bool) -> Engine:
    engine = _sqlite_engine(url, mode=mode, pooled=pooled)
    # A batch migration rebuilds tables by drop and rename: with keys enforced it would cascade.
    keys = "ON" if enforces else "OFF"

    @event.listens_for(engine, "connect")
    def _prepare_connection(connection: sqlite3.Connection, _: object) -> None:
        # FULL: NORMAL may forget at power loss that an alert was sent. Group commit pays for it.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA foreign_keys={keys}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _sqlite_reader(url: URL) -> Engine:
    engine = _sqlite_engine(
        url, mode="rw", pooled=True
    )  # "ro" cannot open a journal left by a crash

    @event.listens_for(engine, "connect")
    def _prepare_connection(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _sqlite_engine(url: URL, *, mode: str, pooled: bool) -> Engine:
    address = f"{Path(url.database or '').as_uri()}?mode={mode}"

    def connect() -> sqlite3.Connection:
        # The timeout is SQLite's busy_timeout; without isolation level the driver begins nothing itself.
        return sqlite3.connect(
            address, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )

    options: dict[str, Any] = {} if pooled else {"poolclass": NullPool}
    return create_engine(url, creator=connect, hide_parameters=True, **options)


def _set_up_file(engine: Engine) -> None:
    """Set what an SQLite file keeps for good. The order matters: auto_vacuum before anything is written."""
    try:
        with closing(engine.raw_connection()) as raw:
            cursor = raw.cursor()
            cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.close()
    except sqlite3.Error as error:  # SQLAlchemy wraps none of these, not even a failure to open
        raise DBAPIError.instance(None, None, error, sqlite3.Error) from error


def _run_alembic(connection: Connection) -> None:
    # Imported here: half a second that only a database behind pays.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "storage:migrations")
    command.upgrade(config, "head")


def _read_url(given: str) -> URL:
    if "://" not in given:
        return URL.create("sqlite", database=str(Path(given).expanduser().resolve()))
    try:
        url = make_url(given)
        backend = url.get_backend_name()
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError):
        backend, url = "", URL.create("sqlite")
    if given.startswith("postgres://"):
        return _read_url("postgresql" + given.removeprefix("postgres"))
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return URL.create("sqlite", database=str(Path(url.database).expanduser().resolve()))
    scheme = given.split("://", maxsplit=1)[
        0
    ]  # and no more of it: what follows may hold a password
    raise DatabaseUnavailableError(
        f"database = {scheme}://…: is neither an SQLite file nor a PostgreSQL; write a path,"
        " sqlite:////folder/parley.db or postgresql://user@host/name."
    )


# -- the writer --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Unit:
    """One caller's work and what it waits on."""

    work: Callable[[Session], Any]
    done: "asyncio.Future[Any]"
    value: Any = None
    error: BaseException | None = None


class Writer:
    """The one thread that writes: each caller's unit in its own SAVEPOINT, many to one commit.

    A unit that raises fails alone. If the database itself refuses (disk full, connection lost, the
    commit fails), every caller of that batch is told so, and the writer goes on with the next.
    """

    def __init__(self, database: Database, *, batch: int = 100, waiting: int = 400) -> None:
        """Commit at most `batch` units at once; let at most `waiting` units queue up."""
        self._database = database
        self._batch = batch
        self._slots = asyncio.Semaphore(waiting)
        self._queue: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closing = False

    def start(self) -> None:
        """Start the thread; call it inside the running loop."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    async def do(self, work: Callable[[Session], T]) -> T:
        """Do one unit of work; resolves when it is committed.

        A caller that is cancelled no longer waits, but what it handed over is still stored.

        Raises:
            StorageError: The database refused; nothing of the unit is stored.
        """
        await self._slots.acquire()  # a full queue slows the caller, not the loop
        if self._is_closing or self._loop is None:
            self._slots.release()
            raise RuntimeError("the writer is not running")
        unit = _Unit(work=work, done=self._loop.create_future())
        self._queue.put(unit)
        return await unit.done

    async def close(self) -> None:
        """Store what was handed over, then end the thread."""
        self._is_closing = True
        if self._thread is not None:
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # -- in the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        is_last = False
        while not is_last:
            units, is_last = self._take()
            if units:
                self._commit(units)
                self._tell(units)

    def _take(self) -> tuple[list[_Unit], bool]:
        """Wait for a unit and take what else is there; True with the last ones."""
        units: list[_Unit] = []
        found = self._queue.get()
        while found is not None:
            units.append(found)
            if len(units) >= self._batch:
                return units, False
            try:
                found = self._queue.get_nowait()
            except queue.Empty:
                return units, False
        return units, True

    def _commit(self, units: Sequence[_Unit]) -> None:
        try:
            with self._database.writing_connection() as connection:
                for unit in units:
                    self._do_one(connection, unit)
        except Exception as error:  # noqa: BLE001 - the top of the thread: every caller is told
            for unit in units:
                unit.error = error

    def _do_one(self, connection: Connection, unit: _Unit) -> None:
        # A session of its own: a unit finds nothing of another's in it.
        tx = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        try:
            unit.value = unit.work(tx)
            tx.commit()
        except Exception as error:
            if _ends_transaction(connection, error):
                raise  # without closing: SQLite may have undone the savepoint already
            unit.error = error
        tx.close()

    def _tell(self, units: Sequence[_Unit]) -> None:
        if self._loop is None or self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._resolve, units)

    # -- in the loop -----------------------------------------------------------------------------

    def _resolve(self, units: Sequence[_Unit]) -> None:
        for unit in units:
            self._slots.release()
            if unit.done.done():
                continue
            if unit.error is not None:
                unit.done.set_exception(unit.error)
            else:
                unit.done.set_result(unit.value)


def _ends_transaction(connection: Connection, error: Exception) -> bool:
    """Tell whether the whole batch is lost with this unit: the database refused, not the unit."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or explain(error, where="") is not None:
        return True
    raw = connection.connection.dbapi_connection
    return isinstance(raw, sqlite3.Connection) and not raw.in_transaction
