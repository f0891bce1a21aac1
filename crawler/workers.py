"""Processes that read pages: a time and memory limit each, a stuck or dead one is replaced."""

import asyncio
import contextlib
import gc
import multiprocessing
import resource
import signal
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import TypeVar

from pebble import ProcessExpired, ProcessPool

from crawler.errors import ReadingError
from crawler.reading import (
    FedEntry,
    FeedJob,
    PageJob,
    PageReading,
    SourceJob,
    SourceReading,
    read_feed_entries,
    read_pages,
    read_source,
)

_Job = TypeVar("_Job")
_Reading = TypeVar("_Reading")
_MEMORY_BYTES = 1536 * 1024 * 1024
_TASKS_EACH = 2000  # then the worker is replaced: whatever leaked is gone
MOST_PAGES = 16  # in one call
_MOST_BYTES = 4_000_000  # of pages in one call


def _begin() -> None:
    """Bound the worker's memory, and leave Ctrl-C to the daemon."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, hard))
    gc.freeze()


@dataclass(slots=True)
class _Waiting:
    """A page that waits for a worker."""

    job: PageJob
    read: asyncio.Future[PageReading] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class ReadingPool:
    """Reads pages and sources in other processes; pages that wait at the same time share a call."""

    def __init__(self, *, workers: int = 2, timeout_s: float = 20.0) -> None:
        self._timeout_s = timeout_s
        self._workers = workers
        self._pool: ProcessPool | None = None
        self._waiting: deque[_Waiting] = deque()
        self._calls: set[asyncio.Task[None]] = set()

    async def read_page(self, job: PageJob) -> PageReading:
        """Read a page.

        Raises:
            ReadingError: It took too long or too much memory, or the worker died on it.
        """
        waiting = _Waiting(job)
        self._waiting.append(waiting)
        self._call_next()
        return await waiting.read

    async def read_source(self, job: SourceJob) -> SourceReading:
        """Read a source's answer.

        Raises:
            DiscoveryError: It is not what its kind says.
            ReadingError: It took too long or too much memory, or the worker died on it.
        """
        return await self._run(read_source, job, job.url)

    async def read_entries(self, job: FeedJob) -> tuple[FedEntry, ...]:
        """Read what a feed says of some of its entries.

        Raises:
            DiscoveryError: It is no feed.
            ReadingError: It took too long or too much memory, or the worker died on it.
        """
        return await self._run(read_feed_entries, job, job.url)

    def _call_next(self) -> None:
        """Give what waits to a worker that has nothing to do; all that came while none had goes at once."""
        while self._waiting and len(self._calls) < self._workers:
            batch = [self._waiting.popleft()]
            size = len(batch[0].job.body)
            share = -(-len(self._waiting) // (self._workers - len(self._calls)))
            while self._waiting and len(batch) < min(MOST_PAGES, share + 1):
                size += len(self._waiting[0].job.body)
                if size > _MOST_BYTES:
                    break
                batch.append(self._waiting.popleft())
            call = asyncio.create_task(self._call(batch))
            self._calls.add(call)
            call.add_done_callback(self._called)

    def _called(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        self._call_next()

    async def _call(self, batch: list[_Waiting]) -> None:
        """Read some pages in one call; where that fails, each alone, so that one cannot spoil the others."""
        jobs = tuple(waiting.job for waiting in batch)
        try:
            readings = await self._run(read_pages, jobs, jobs[0].url)
        except ReadingError as error:
            if len(batch) == 1:
                _fail(batch[0], error)
                return
            for waiting in batch:
                await self._call([waiting])
            return
        except asyncio.CancelledError:
            _cancel(batch)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            for waiting in batch:
                _fail(waiting, error)
            return
        for waiting, reading in zip(batch, readings, strict=True):
            if isinstance(reading, ReadingError):
                _fail(waiting, reading)
            elif not waiting.read.done():
                waiting.read.set_result(reading)

    async def _run(self, work: Callable[[_Job], _Reading], job: _Job, url: str) -> _Reading:
        pool = self._started()
        try:
            future = pool.schedule(work, args=(job,), timeout=self._timeout_s)
            return await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeoutError) as error:
            raise ReadingError(
                f"{url}: reading it took longer than {self._timeout_s:g} s"
            ) from error
        except MemoryError as error:
            raise ReadingError(f"{url}: reading it took too much memory") from error
        except ProcessExpired as error:
            raise ReadingError(f"{url}: the process that read it died") from error
        except (BrokenProcessPool, RuntimeError) as error:
            # A process that dies while it takes up a job takes the whole pool with it.
            if self._pool is pool:
                self._stop()
            raise ReadingError(f"{url}: the process that read it died") from error

    def _started(self) -> ProcessPool:
        if self._pool is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["crawler.reading"])
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=_TASKS_EACH,
                context=context,
                initializer=_begin,
            )
        return self._pool

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        _cancel(self._waiting)
        self._waiting.clear()
        self._stop()

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None


def _fail(waiting: _Waiting, error: Exception) -> None:
    if not waiting.read.done():
        waiting.read.set_exception(error)


def _cancel(some: Iterable[_Waiting]) -> None:
    for waiting in some:
        waiting.read.cancel()
