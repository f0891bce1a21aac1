"""Spiders that run by themselves, as `scrapy crawl NAME -a url=…`: the same pipeline, with or without a database."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any, ClassVar

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from sqlalchemy.orm import Session

from crawler.access import Accesses
from crawler.clock import Clock
from crawler.equipment import make_equipment
from crawler.identity import normalise_url
from crawler.pipelines import Recorder
from crawler.proxy import read_proxy
from crawler.spiders.visiting import VisitSpider, due_page, due_source
from storage import leases
from storage.database import Database, Writer
from storage.look import LookRules
from storage.types import Due, Lease, SourceKind, SourceRound
from storage.urls import site_of

_LEASE_S = 600.0
_DAY = timedelta(days=1)
_NO_ADDRESS = "-a url=%s is not an http(s) address; write -a url=https://…"


class StandaloneSpider(VisitSpider):
    """Reads one address of its kind; stores when `PARLEY_DATABASE` (setting or environment) names where."""

    name = ""  # not for `scrapy crawl`: its subclasses are
    kind: ClassVar[SourceKind] = SourceKind.AUTO

    def __init__(self, *, url: str = "", **facts: object) -> None:
        """Take the address to read; where it is none, that is said at the start and nothing is read."""
        address = normalise_url(url)
        self.is_refused = address is None
        self.url = address or url
        self._writer: Writer | None = None
        self._lease: Lease | None = None
        super().__init__(due=self._due(), **facts)

    def _due(self) -> Due:
        if self.is_refused:
            return Due(site="")
        if self.kind is SourceKind.PAGE:
            return Due(site=site_of(self.url), pages=(due_page(self.url),))
        return Due(site=site_of(self.url), sources=(due_source(self.url, self.kind),))

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: object, **kwargs: object) -> "StandaloneSpider":
        """Make it with equipment of its own (Scrapy's way)."""
        allow = [ip_network(n) for n in crawler.settings.getlist("PARLEY_ALLOW_NETWORKS")]
        equipment = make_equipment(clock=Clock(), allow_networks=allow)
        equipment.access = Accesses(proxy=read_proxy(crawler.settings.get("PARLEY_PROXY") or ""))
        kwargs.setdefault("equipment", equipment)
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.close_equipment, signals.spider_closed)
        where = crawler.settings.get("PARLEY_DATABASE") or os.environ.get("PARLEY_DATABASE", "")
        spider.database_url = where
        return spider

    database_url: str = ""

    async def start(self) -> AsyncIterator[Any]:
        """Open the database, where there is one, and ask for the address."""
        if self.is_refused:
            self.logger.critical(_NO_ADDRESS, self.url)
            return
        if self.database_url:
            await self._open(self.database_url)
        else:
            self.logger.info("PARLEY_DATABASE is not set: items go to the feed export only")
        async for request in super().start():
            yield request

    async def _open(self, url: str) -> None:
        database = Database(url)
        database.prepare()
        clock = self.equipment.clock
        self._writer = writer = Writer(database)
        writer.start()

        def claim(tx: Session) -> Lease:
            owner = f"scrapy crawl {self.name}, process {os.getpid()}"
            return leases.claim(tx, self.due.site, owner=owner, now=clock.now(), for_s=_LEASE_S)

        self._lease = lease = await writer.do(claim)
        rules = LookRules(next_look=lambda _: _DAY)
        self.sink = _ArticlesOnly(
            writer, clock, lease=lease, rules=rules, next_read=lambda facts: facts.at + _DAY
        )

    async def parse_source(self, response: Response) -> AsyncIterator[Any]:
        """Yield the round, and requests for what it offered that is on the same budget."""
        async for found in super().parse_source(response):
            yield found
            if isinstance(found, SourceRound):
                for request in self._follow(found):
                    yield request

    def _follow(self, round_: SourceRound) -> list[Any]:
        requests: list[Any] = []
        for rank, lead in enumerate(round_.leads):
            if not self.may_go_on():
                break
            requests.append(self.page_request(due_page(lead.url, title=lead.title), rank=rank))
        return requests

    async def close_equipment(self) -> None:
        """Give the lease back and end the workers."""
        if self._writer is not None:
            lease = self._lease
            if lease is not None:
                await self._writer.do(lambda tx: leases.release(tx, lease))
            await self._writer.close()
        await self.equipment.close()


class _ArticlesOnly(Recorder):
    """Keeps articles; what a source offered is the daemon's to keep, which knows the source by name."""

    async def record_round(self, round_: SourceRound) -> None:
        """Keep nothing."""


class PageSpider(StandaloneSpider):
    """`scrapy crawl page -a url=…`: one article."""

    name = "page"
    kind = SourceKind.PAGE


class FeedSpider(StandaloneSpider):
    """`scrapy crawl feed -a url=…`: a feed and its articles."""

    name = "feed"
    kind = SourceKind.FEED


class SectionSpider(StandaloneSpider):
    """`scrapy crawl section -a url=…`: a home or section page and its articles."""

    name = "section"
    kind = SourceKind.SECTION


class SitemapSpider(StandaloneSpider):
    """`scrapy crawl sitemap -a url=…`: a sitemap and its articles."""

    name = "sitemap"
    kind = SourceKind.SITEMAP
