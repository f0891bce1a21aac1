"""Keep to robots.txt as RFC 9309 says: the status counts, rules expire, an unreachable file forbids for a time.

It is fetched the way its pages are: a proxy gets the rules a publisher shows that proxy, and no other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest, StopDownload
from scrapy.http import Response

from crawler.errors import OwnFaultError
from crawler.proxy import META, Proxy

KEEP = timedelta(hours=24)  # RFC 9309, section 2.4
KEEP_UNREACHABLE = timedelta(minutes=10)
MOST_BYTES = 500 * 1024  # RFC 9309, section 2.5
LONGEST_DELAY_S = 30.0
_MOST_SITEMAPS = 100
_AGENT = "Parleywatch"
_FIRST_REDIRECT, _FIRST_CLIENT_ERROR, _FIRST_SERVER_ERROR = 300, 400, 500


class RobotsForbidsError(IgnoreRequest):
    """The publisher's robots.txt asks us not to fetch this."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one host's robots.txt says, and until when we believe it."""

    until: datetime
    parsed: Protego | None  # None: everything is forbidden, see `reason`
    reason: str = ""

    def refusal(self, url: str) -> str:
        """Say why a page may not be fetched; "" when it may."""
        if self.parsed is None:
            return self.reason
        return "" if self.parsed.can_fetch(url, _AGENT) else "robots.txt asks us not to fetch this"

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps it names, as they are written there."""
        return tuple(islice(self.parsed.sitemaps, _MOST_SITEMAPS)) if self.parsed else ()

    @property
    def delay_s(self) -> float:
        """Seconds between requests the publisher asks for, capped; 0 where it asks for none."""
        asked = self.parsed.crawl_delay(_AGENT) if self.parsed else None
        return min(float(asked or 0.0), LONGEST_DELAY_S)


def read_rules(status: int, body: bytes, *, now: datetime) -> Rules:
    """Read an answer to a request for robots.txt (RFC 9309, section 2.3.1)."""
    if status >= _FIRST_SERVER_ERROR or status == 429:  # noqa: PLR2004 - Too Many Requests is no "no rules"
        return Rules(
            now + KEEP_UNREACHABLE,
            None,
            f"robots.txt answered {status}: all is forbidden for a time",
        )
    text = "" if status >= _FIRST_REDIRECT else body[:MOST_BYTES].decode("utf-8-sig", "replace")
    return Rules(now + KEEP, Protego.parse(text))


def rules_key(host: str, proxy: Proxy | None) -> str:
    """Name the rules of a host as they are shown to who comes this way."""
    return f"{host} by {proxy.shown}" if proxy else host


class RobotsMiddleware:
    """Fetches each host's robots.txt once, through the same guard, and keeps to it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RobotsMiddleware":
        """Make it (Scrapy's way)."""
        made = cls(crawler)
        crawler.signals.connect(made.count_bytes, signal=signals.bytes_received)
        return made

    def count_bytes(self, data: bytes, request: Request) -> None:
        """Stop at the part of a long robots.txt that counts (RFC 9309, section 2.5).

        Raises:
            StopDownload: What has come is enough; it is read.
        """
        if request.meta.get("is_robots"):
            request.meta["robots_bytes"] = request.meta.get("robots_bytes", 0) + len(data)
            if request.meta["robots_bytes"] > MOST_BYTES:
                raise StopDownload(fail=False)

    @property
    def _equipment(self) -> Any:  # noqa: ANN401 - Equipment imports this module
        spider: Any = self.crawler.spider
        return spider.equipment

    async def process_request(self, request: Request) -> None:
        """Let a request pass, or refuse it.

        Raises:
            RobotsForbidsError: robots.txt forbids it, or could not be read.
            OwnFaultError: Nobody could be asked.
        """
        if request.meta.get("is_robots"):
            return
        rules = await self._rules(request)
        refusal = rules.refusal(request.url)
        if refusal:
            raise RobotsForbidsError(refusal)
        if rules.delay_s:
            self._slow_down(rules.delay_s)

    def _slow_down(self, delay_s: float) -> None:
        engine = self.crawler.engine
        for slot in engine.downloader.slots.values():
            slot.delay = max(slot.delay, self._equipment.paced_s(delay_s))

    async def _rules(self, request: Request) -> Rules:
        equipment = self._equipment
        host = rules_key(urlsplit(request.url).netloc, request.meta.get(META))
        async with equipment.robots_lock(host):
            known = equipment.robots.get(host)
            if known is None or known.until <= equipment.clock.now():
                known = await self._fetch(request, equipment.clock.now())
                equipment.robots[host] = known
        return known

    async def _fetch(self, request: Request, now: datetime) -> Rules:
        parts = urlsplit(request.url)
        url = f"{parts.scheme}://{parts.netloc}/robots.txt"
        meta = {"is_robots": True, "download_maxsize": 0, META: request.meta.get(META)}
        ask = Request(url, priority=1000, meta=meta, dont_filter=True)
        engine = self.crawler.engine
        try:
            answer: Response = await engine.download_async(ask)
        except (DownloadCancelledError, OwnFaultError):
            raise  # nothing was learned about the publisher
        except Exception as error:  # noqa: BLE001 - whatever failed, the file could not be read
            return Rules(now + KEEP_UNREACHABLE, None, f"robots.txt could not be read: {error}")
        return read_rules(answer.status, answer.body, now=now)
