"""Fixtures that more than one package's tests use."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.support.databases import (
    PostgresServer,
    copy_sqlite,
    make_sqlite_template,
    postgres_server,
)
from tests.support.shared import SHARED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the shared tools exactly the tests that need them skip, and say so."""
    if SHARED is None:
        reason = "needs the shared tools: set PARLEY_SHARED to their folder"
        for item in items:
            if item.get_closest_marker("shared"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI everything is there, so a test that skips has failed."""
    report = yield
    allowed = SHARED is None and item.get_closest_marker("shared") is not None
    if report.skipped and os.environ.get("CI") == "true" and not allowed:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One real PostgreSQL server for all tests of this process; started when first asked for."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables, to be copied."""
    return make_sqlite_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An SQLite database with all tables and no rows."""
    database = copy_sqlite(sqlite_template, tmp_path)
    yield database
    database.close()


@pytest.fixture
def postgres_database(postgres: PostgresServer) -> Iterator[Database]:
    """A PostgreSQL database with all tables and no rows."""
    url = postgres.create()
    database = Database(url)
    yield database
    database.close()
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A database with all tables and no rows: each test runs on SQLite and on PostgreSQL."""
    name = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    return request.getfixturevalue(name)
