"""Ask nothing more through a proxy that was found down in this visit: its pages stay due, and wait for it."""

from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.proxy import META


class DownedProxyMiddleware:
    """Fails a request at once where an earlier one of the crawl found its proxy down."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "DownedProxyMiddleware":
        """Make it (Scrapy's way)."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let a request pass, or repeat what is known of its proxy.

        Raises:
            ProxyDownError: It is down.
        """
        spider: Any = self.crawler.spider
        known = spider.proxies_down.get(request.meta.get(META))
        if known is not None:
            raise type(known)(str(known))
