"""The one place where crawling meets storage: what a spider yields is recorded, or the visit learns why not."""

from datetime import timedelta
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from sqlalchemy.orm import Session

from crawler.clock import Clock
from storage import leases, sources
from storage.database import Writer
from storage.feed_only import record_entries
from storage.look import LookRules
from storage.recording import Recorded, record
from storage.rhythm import NextRead
from storage.types import Lease, Observation, SourceRound


class StorePipeline:
    """Hands observations and rounds to the spider's sink, in the order they come."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "StorePipeline":
        """Make it (Scrapy's way)."""
        return cls(crawler)

    async def process_item(self, item: object) -> object:
        """Record what a look gave; the visit goes on only when it is committed."""
        spider: Any = self.crawler.spider
        if not await spider.store(item):
            raise DropItem(str(spider.store_error))
        return item


class Recorder:
    """The sink of a visit with a database: every write is fenced by the visit's lease."""

    def __init__(
        self,
        writer: Writer,
        clock: Clock,
        *,
        lease: Lease,
        rules: LookRules,
        next_read: NextRead,
    ) -> None:
        self._writer = writer
        self._clock = clock
        self._lease = lease
        self._rules = rules
        self._next_read = next_read
        self.recorded: list[Recorded] = []
        self.new_urls: list[str] = []

    async def record(self, observation: Observation) -> None:
        """Write an observation.

        Raises:
            LeaseLostError: Somebody else visits this site by now; nothing was written.
        """

        def work(tx: Session) -> Recorded:
            leases.check(tx, self._lease, now=self._clock.now())
            return record(tx, observation, rules=self._rules)

        self.recorded.append(await self._writer.do(work))

    async def record_round(self, round_: SourceRound) -> None:
        """Write what a source offered.

        Raises:
            LeaseLostError: Somebody else visits this site by now; nothing was written.
        """

        def work(tx: Session) -> tuple[list[str], list[Recorded]]:
            leases.check(tx, self._lease, now=self._clock.now())
            new_urls = sources.record_round(
                tx,
                round_,
                next_read=self._next_read,
                slept_since=self._rules.slept_since,
                counts_off_topic=self._rules.counts_off_topic,
            )
            return new_urls, record_entries(tx, round_, rules=self._rules)

        new_urls, recorded = await self._writer.do(work)
        self.new_urls.extend(new_urls)
        self.recorded.extend(recorded)

    async def renew(self, for_: timedelta) -> None:
        """Keep the lease for longer."""

        def work(tx: Session) -> Lease:
            return leases.renew(tx, self._lease, now=self._clock.now(), for_s=for_.total_seconds())

        self._lease = await self._writer.do(work)
