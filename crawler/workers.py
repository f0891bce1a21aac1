"""Processes that read pages: a time and memory limit each, a stuck or dead one is replaced."""

import asyncio
import contextlib
import gc
import multiprocessing
import resource
import signal
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TypeVar

from pebble import ProcessExpired, ProcessPool

from crawler.errors import ReadingError
from crawler.reading import (
    PageJob,
    PageReading,
    SourceJob,
    SourceReading,
    read_page,
    read_source,
)

_Job = TypeVar("_Job")
_Reading = TypeVar("_Reading")
_MEMORY_BYTES = 1536 * 1024 * 1024
_TASKS_EACH = 2000  # then the worker is replaced: whatever leaked is gone


def _begin() -> None:
    """Bound the worker's memory, and leave Ctrl-C to the daemon."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, hard))
    gc.freeze()


class ReadingPool:
    """Reads pages and sources in other processes."""

    def __init__(self, *, workers: int = 2, timeout_s: float = 20.0) -> None:
        self._timeout_s = timeout_s
        self._workers = workers
        self._pool: ProcessPool | None = None

    async def read_page(self, job: PageJob) -> PageReading:
        """Read a page.

        Raises:
            ReadingError: It took too long or too much memory, or the worker died on it.
        """
        return await self._run(read_page, job, job.url)

    async def read_source(self, job: SourceJob) -> SourceReading:
        """Read a source's answer.

        Raises:
            DiscoveryError: It is not what its kind says.
            ReadingError: It took too long or too much memory, or the worker died on it.
        """
        return await self._run(read_source, job, job.url)

    async def _run(self, work: Callable[[_Job], _Reading], job: _Job, url: str) -> _Reading:
        future = self._started().schedule(work, args=(job,), timeout=self._timeout_s)
        try:
            return await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeoutError) as error:
            raise ReadingError(
                f"{url}: reading it took longer than {self._timeout_s:g} s"
            ) from error
        except MemoryError as error:
            raise ReadingError(f"{url}: reading it took too much memory") from error
        except ProcessExpired as error:
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
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None
