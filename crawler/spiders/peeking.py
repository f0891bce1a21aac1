"""A spider that keeps one answer as it came: for `parley try`, which stores nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from scrapy.http import Response

from crawler.spiders.visiting import VisitSpider
from storage.types import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """Status, headers that matter and body of one request."""

    url: str  # that answered, after redirects
    status: int
    content_type: str
    body: bytes
    fetched_at: datetime


class PeekSpider(VisitSpider):
    """Fetches one page."""

    name = ""  # not for `scrapy crawl`
    fetched: FetchedPage | None = None

    async def parse_page(self, response: Response) -> AsyncIterator[Observation]:
        """Keep the answer; yield nothing."""
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        self.fetched = FetchedPage(
            url=response.url,
            status=response.status,
            content_type=kind,
            body=response.body,
            fetched_at=self.equipment.clock.now(),
        )
        return
        yield  # makes this an iterator, as Scrapy and the base class want it
