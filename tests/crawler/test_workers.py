"""Pages are read in other processes, several at a time, and one that breaks spoils no other."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from crawler.errors import ReadingError
from crawler.reading import PageJob
from crawler.workers import ReadingPool
from tests.support.crew import PAGE

NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)


class Deadly(bytes):
    """A body that ends the process that takes it up."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (9,)


SLOW = b"<html><body>" + b"<p>One more paragraph of it.</p>" * 50_000


def job(number: int, body: bytes = PAGE.encode()) -> PageJob:
    return PageJob(
        body=body,
        url=f"https://news.example/{number}",
        content_type="text/html; charset=utf-8",
        fetched_at=NOW,
    )


@pytest.fixture
async def pool() -> AsyncIterator[ReadingPool]:
    made = ReadingPool(workers=1)
    yield made
    made.close()


async def test_pages_that_come_together_are_all_read(pool: ReadingPool) -> None:
    readings = await asyncio.gather(*(pool.read_page(job(n)) for n in range(40)))
    assert {reading.content.title for reading in readings if reading.content} == {
        "Second round of talks ends in Istanbul"
    }
    assert len(readings) == 40


async def test_a_page_on_which_a_worker_dies_spoils_no_other(pool: ReadingPool) -> None:
    jobs = [job(0), *(job(n, Deadly(b"x") if n == 5 else PAGE.encode()) for n in range(1, 9))]
    readings = await asyncio.gather(*(pool.read_page(one) for one in jobs), return_exceptions=True)
    failed = [n for n, reading in enumerate(readings) if isinstance(reading, BaseException)]
    assert failed == [5]
    assert isinstance(readings[5], ReadingError)
    assert "https://news.example/5: the process that read it died" in str(readings[5])


async def test_a_page_that_takes_too_long_is_named() -> None:
    pool = ReadingPool(workers=1, timeout_s=0.001)
    try:
        with pytest.raises(ReadingError, match=r"news\.example/7: reading it took longer"):
            await pool.read_page(job(7, SLOW))
    finally:
        pool.close()


async def test_who_waits_when_the_pool_ends_is_told(pool: ReadingPool) -> None:
    waiting = [asyncio.ensure_future(pool.read_page(job(n))) for n in range(30)]
    await asyncio.sleep(0)
    pool.close()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert len(done) == 30
