import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage.database import Database, Writer
from storage.errors import DatabaseFullError, DatabaseUnavailableError, NotFoundError
from storage.models import Fact, Site


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[Writer]:
    async with Writer(database) as writer:
        yield writer


def add(name: str) -> Callable[[Session], str]:
    def work(tx: Session) -> str:
        tx.add(Site(name=name))
        tx.flush()
        return name

    return work


def fail(tx: Session) -> None:
    tx.add(Site(name="half.example"))
    tx.flush()
    raise NotFoundError("as this unit pleases")


def names(database: Database) -> list[str]:
    with database.reading() as tx:
        return sorted(tx.scalars(select(Site.name)))


class Gate:
    """Holds the writer's thread at one unit, until the test has handed over the others."""

    def __init__(self) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()

    def __call__(self, tx: Session) -> None:  # noqa: ARG002
        self.entered.set()
        assert self.opened.wait(10)


async def in_one_batch(writer: Writer, *works: Callable[[Session], object]) -> list[object]:
    """Do the works in one commit: they queue up while the thread is held."""
    gate = Gate()
    async with asyncio.TaskGroup() as tasks:
        held = tasks.create_task(writer.do(gate))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        results = [asyncio.ensure_future(writer.do(work)) for work in works]
        await asyncio.wait(results, timeout=0)
        gate.opened.set()
        await held
    return await asyncio.gather(*results, return_exceptions=True)


async def test_a_unit_is_committed_when_its_caller_hears_of_it(
    writer: Writer, database: Database
) -> None:
    assert await writer.do(add("a.example")) == "a.example"
    assert names(database) == ["a.example"]


async def test_units_that_queue_up_share_a_commit(writer: Writer, database: Database) -> None:
    commits = 0

    @event.listens_for(database._writing, "commit")
    def count(_: object) -> None:
        nonlocal commits
        commits += 1

    wanted = [f"{n:02}.example" for n in range(50)]
    assert await in_one_batch(writer, *map(add, wanted)) == wanted
    assert commits == 2  # the gate's and the batch's
    assert names(database) == wanted


async def test_a_unit_that_raises_fails_alone(writer: Writer, database: Database) -> None:
    results = await in_one_batch(writer, add("a.example"), fail, add("b.example"))
    assert results[0] == "a.example"
    assert isinstance(results[1], NotFoundError)
    assert results[2] == "b.example"
    assert names(database) == ["a.example", "b.example"]


async def test_a_unit_that_breaks_a_constraint_fails_alone(
    writer: Writer, database: Database
) -> None:
    results = await in_one_batch(writer, add("a.example"), add("a.example"), add("b.example"))
    assert isinstance(results[1], IntegrityError)
    assert names(database) == ["a.example", "b.example"]


async def test_a_unit_sees_what_the_one_before_it_stored_and_no_stale_rows(writer: Writer) -> None:
    def visit(tx: Session) -> int:
        row = tx.scalars(select(Site)).one()
        # Behind the session's back, as a bulk update of another module would be.
        tx.connection().execute(text("UPDATE site SET requests = requests + 1"))
        return row.requests

    await writer.do(add("a.example"))
    assert await in_one_batch(writer, visit, visit, visit) == [0, 1, 2]


async def test_a_savepoint_inside_a_unit_works(writer: Writer, database: Database) -> None:
    def work(tx: Session) -> None:
        tx.add(Site(name="a.example"))
        tx.flush()
        with pytest.raises(IntegrityError), tx.begin_nested():
            tx.add(Site(name="a.example"))

    await writer.do(work)
    assert names(database) == ["a.example"]


async def test_closing_stores_what_was_handed_over(database: Database) -> None:
    writer = Writer(database)
    writer.start()
    gate = Gate()
    works = [gate, *(add(f"{n:03}.example") for n in range(250))]
    waiting = [asyncio.ensure_future(writer.do(work)) for work in works]
    assert await asyncio.to_thread(gate.entered.wait, 10)
    gate.opened.set()
    await writer.close()
    await asyncio.gather(*waiting)
    assert len(names(database)) == 250
    with pytest.raises(RuntimeError, match="not running"):
        await writer.do(add("late.example"))


async def test_a_full_queue_makes_the_caller_wait_not_the_loop(sqlite_database: Database) -> None:
    async with Writer(sqlite_database, waiting=2) as writer:
        gate = Gate()
        waiting = [asyncio.ensure_future(writer.do(work)) for work in (gate, *map(add, "abc"))]
        assert await asyncio.to_thread(gate.entered.wait, 10)
        await asyncio.wait(waiting, timeout=0)  # and the loop still turns
        assert writer._slots.locked()
        assert not any(one.done() for one in waiting)
        gate.opened.set()
        await asyncio.gather(*waiting)
    assert names(sqlite_database) == ["a", "b", "c"]


async def test_a_cancelled_caller_takes_no_slot_with_it(sqlite_database: Database) -> None:
    async with Writer(sqlite_database, waiting=1) as writer:
        gate = Gate()
        cancelled = asyncio.ensure_future(writer.do(gate))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        cancelled.cancel()
        gate.opened.set()
        assert await asyncio.wait_for(writer.do(add("a.example")), 10) == "a.example"
    assert cancelled.cancelled()


async def test_a_full_disk_fails_the_whole_batch_and_the_writer_lives_on(
    sqlite_database: Database,
) -> None:
    with sqlite3.connect(sqlite_database.path) as connection:
        used = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.close()
    limit = used + 3

    @event.listens_for(sqlite_database._writing, "begin")
    def set_limit(connection: object) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={limit}")  # type: ignore[attr-defined]

    def fill(tx: Session) -> None:
        tx.add_all(Fact(key=f"k{n}", value={"x": "y" * 4000}) for n in range(20))

    async with Writer(sqlite_database) as writer:
        results = await in_one_batch(writer, add("a.example"), fill, add("b.example"))
        assert [type(result) for result in results] == [DatabaseFullError] * 3
        assert names(sqlite_database) == []
        limit = used + 1000
        assert await writer.do(add("c.example")) == "c.example"
    assert names(sqlite_database) == ["c.example"]


async def test_a_commit_that_fails_fails_its_whole_batch(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as tx:
        tx.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        tx.execute(
            text("CREATE TABLE child (p INT REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
        )

    def orphan(tx: Session) -> None:  # noticed when everything is committed, not before
        tx.execute(text("INSERT INTO child VALUES (7)"))

    async with Writer(sqlite_database) as writer:
        results = await in_one_batch(writer, add("a.example"), orphan)
        assert [type(result) for result in results] == [IntegrityError] * 2
        assert names(sqlite_database) == []
        await writer.do(add("b.example"))
    assert names(sqlite_database) == ["b.example"]


async def test_a_lost_connection_fails_the_batch_and_the_writer_lives_on(
    postgres_database: Database,
) -> None:
    def kill(tx: Session) -> None:
        tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    async with Writer(postgres_database) as writer:
        results = await in_one_batch(writer, add("a.example"), kill, add("b.example"))
        assert [type(result) for result in results] == [DatabaseUnavailableError] * 3
        await writer.do(add("c.example"))
    assert names(postgres_database) == ["c.example"]
