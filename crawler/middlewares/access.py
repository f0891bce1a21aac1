"""Send a source's login and headers to its own origin, and to no other: a redirect takes none of them along."""

from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.access import Accesses, origin_of


class AccessMiddleware:
    """Sets the headers of the origin that is asked; takes away those of every other."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "AccessMiddleware":
        """Make it (Scrapy's way)."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Judge a request by the address it goes to, also one that follows a redirect."""
        spider: Any = self.crawler.spider
        access: Accesses = spider.equipment.access
        for name in access.names:
            request.headers.pop(name, None)
        for name, value in access.headers.get(origin_of(request.url), {}).items():
            request.headers[name] = value
