"""One visit to one site: what is due there, fetched in one crawl under the site's lease.

Hides how Scrapy runs: without a reactor in the caller's asyncio loop, one crawl a visit, all crawls on
one HTTP session.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings
from sqlalchemy.orm import Session

from crawler import settings as our_settings
from crawler.equipment import Equipment, Sink
from crawler.errors import CrawlerError, FetchError
from crawler.pipelines import Recorder
from crawler.spiders.peeking import FetchedPage, PeekSpider
from crawler.spiders.visiting import VisitSpider, due_page
from storage import leases, sources
from storage.database import Writer
from storage.errors import LeaseLostError
from storage.look import LookRules
from storage.rhythm import NextRead
from storage.sites import record_visit
from storage.types import Due, Lease, VisitReport
from storage.urls import site_of

_STATUS = "downloader/response_status_count/"
_LEASE_S = 120.0
_STOP_PIECE_S = 0.1
_GRACEFUL_PART = 0.4  # of the time to stop; what hangs after that is cut off
_QUIET = ("scrapy.core.downloader.handlers._base_streaming", "scrapy.core.scraper")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlResult:
    """What one crawl did."""

    spider: VisitSpider
    requests: int
    statuses: tuple[tuple[int, int], ...]
    errors: tuple[str, ...]


class Engine:
    """Runs crawls, and ends them in order."""

    def __init__(self, equipment: Equipment, *, owner: str = "parley") -> None:
        for name in _QUIET:  # "experimental" at every crawl; failures that are observations already
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.equipment = equipment
        self.owner = owner
        self._runner = AsyncCrawlerRunner(self._settings())

    def _settings(self) -> Settings:
        limits = self.equipment.limits
        settings = Settings()
        settings.setmodule(our_settings, priority="project")
        own: dict[str, Any] = {
            "DOWNLOAD_DELAY": self.equipment.paced_s(limits.pace.total_seconds()),
            "CONCURRENT_REQUESTS_PER_DOMAIN": limits.concurrency,
            "DOWNLOAD_TIMEOUT": limits.timeout_s,
            "DOWNLOAD_MAXSIZE": limits.most_bytes,
            "USER_AGENT": self.equipment.user_agent or our_settings.user_agent(),
            "LOG_ENABLED": False,
        }
        for key, value in own.items():
            settings.set(key, value, priority="cmdline")
        return settings

    async def fetch(self, url: str) -> FetchedPage:
        """Fetch one page as a visit would, and give its bytes.

        Raises:
            FetchError: It did not answer, or may not be fetched.
        """
        due = Due(site=site_of(url), pages=(due_page(url),))
        result = await self.crawl(due, sink=None, spider=PeekSpider)
        if not isinstance(result.spider, PeekSpider) or result.spider.fetched is None:
            raise FetchError(f"{url}: {next(iter(result.errors), 'it did not answer')}")
        return result.spider.fetched

    async def crawl(
        self, due: Due, *, sink: Sink | None, spider: type[VisitSpider] = VisitSpider
    ) -> CrawlResult:
        """Fetch what is due, handing results to the sink as they come."""
        crawler: Crawler = self._runner.create_crawler(spider)
        await self._runner.crawl(crawler, due=due, equipment=self.equipment, sink=sink)
        ran = crawler.spider
        stats: dict[str, Any] = crawler.stats.get_stats() if crawler.stats else {}
        if not isinstance(ran, VisitSpider):
            raise CrawlerError(
                f"the crawl of {due.site} did not start: {stats.get('finish_reason')}"
            )
        return CrawlResult(
            spider=ran,
            requests=int(stats.get("downloader/request_count", 0)),
            statuses=tuple(
                sorted(
                    (int(key.removeprefix(_STATUS)), int(count))
                    for key, count in stats.items()
                    if key.startswith(_STATUS)
                )
            ),
            errors=tuple(ran.failures),
        )

    async def visit(
        self, site: str, *, writer: Writer, rules: LookRules, next_read: NextRead
    ) -> VisitReport:
        """Visit a site once.

        Raises:
            LeaseHeldError: Somebody else visits it at the moment.
        """
        clock = self.equipment.clock
        began_at = clock.now()
        async with self._leased(site, writer) as lease:
            recorder = Recorder(writer, clock, lease=lease, rules=rules, next_read=next_read)
            most = self.equipment.limits.most_requests
            due = await writer.do(lambda tx: sources.due(tx, site, now=began_at, budget=most))
            async with asyncio.TaskGroup() as tasks:
                keeping = tasks.create_task(self._keep(recorder))
                result = await self.crawl(due, sink=recorder)
                keeping.cancel()
        report = VisitReport(
            site=site,
            began_at=began_at,
            ended_at=clock.now(),
            requests=result.requests,
            statuses=result.statuses,
            rounds=tuple(result.spider.rounds),
            observations=len(recorder.recorded),
            requests_for=tuple(result.spider.requests_for.items()),
            failures=tuple(result.errors[:20]),
            ended_because=self._because(result.spider, due),
        )
        daily = self.equipment.limits.daily_requests
        await writer.do(lambda tx: record_visit(tx, report, daily_requests=daily))
        return report

    def _because(self, spider: VisitSpider, due: Due) -> str:
        if spider.store_error is not None:
            return (
                "lease lost" if isinstance(spider.store_error, LeaseLostError) else "storage failed"
            )
        if self.equipment.network.is_stopping:
            return "stopped"
        return "budget" if spider.requests_left < 0 and due.pages else "done"

    @contextlib.asynccontextmanager
    async def _leased(self, site: str, writer: Writer) -> AsyncGenerator[Lease]:
        clock = self.equipment.clock
        lease_s = self._lease_span().total_seconds()

        def claim(tx: Session) -> Lease:
            return leases.claim(tx, site, owner=self.owner, now=clock.now(), for_s=lease_s)

        lease = await writer.do(claim)
        try:
            yield lease
        finally:
            await writer.do(lambda tx: leases.release(tx, lease))

    def _lease_span(self) -> timedelta:
        """The lease's length in the clock's time; in real seconds it never falls below the floor."""
        clock = self.equipment.clock
        return timedelta(seconds=clock.limit_s(_LEASE_S) * clock.speed)

    async def _keep(self, recorder: Recorder) -> None:
        """Renew the lease while the visit lasts."""
        while True:
            await self.equipment.clock.sleep(self._lease_span() / 3)
            with contextlib.suppress(LeaseLostError):  # the next write says so
                await recorder.renew(self._lease_span())

    async def stop(self, within_s: float = 8.0) -> bool:
        """End all crawls: first let requests under way finish, then abort them.

        Returns:
            Whether every crawl has ended.
        """
        if await self._stop_all(within_s * _GRACEFUL_PART):
            return True
        self.equipment.network.abort()
        return await self._stop_all(within_s * (1 - _GRACEFUL_PART))

    async def _stop_all(self, within_s: float) -> bool:
        # `runner.stop()` in the first milliseconds of a crawl is swallowed and the crawl never ends
        # (Scrapy 2.19.0): each engine is stopped by itself, once it has started.
        active: set[asyncio.Task[None]] = self._runner._active  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        end = time.monotonic() + within_s
        stopping: set[asyncio.Task[None]] = set()
        while active and time.monotonic() < end:
            for crawler in tuple(self._runner.crawlers):
                engine: Any = crawler._engine  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
                if engine is not None and engine._starting and not engine._stopping:  # noqa: SLF001
                    stopping.add(asyncio.ensure_future(engine.stop_async()))
            await asyncio.wait(tuple(active), timeout=_STOP_PIECE_S)
        for task in stopping:
            if task.done() and not task.cancelled():
                task.exception()
        return not active
