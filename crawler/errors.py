"""What can go wrong between an address and an observation; each text says where, what, what to do.

CrawlerError
├── DiscoveryError        a source's bytes are not what its kind says: no feed, no sitemap, no page
├── ReadingError          a worker process could not read a page within its time and memory
└── FetchError            a request brought nothing that may be read (see also `proxy.ProxyError`)
    └── OwnFaultError     by a fault on our side (`proxy.ProxyDownError`, `outage.NetworkDownError`)

(`middlewares.guard.AddressBlockedError` and `middlewares.robots.RobotsForbidsError` speak Scrapy's
language, because they pass through it.)
"""


class CrawlerError(Exception):
    """Anything below; its text says where, what, and what to do."""


class DiscoveryError(CrawlerError):
    """A source's bytes are not what its kind says."""

    def __init__(self, url: str, problem: str) -> None:
        self.url = url
        self.problem = problem
        super().__init__(f"{url}: {problem}" if url else problem)

    def __reduce__(self) -> tuple[type["DiscoveryError"], tuple[str, str]]:
        """Travel between processes with both facts."""
        return DiscoveryError, (self.url, self.problem)


class ReadingError(CrawlerError):
    """A page or source could not be read within its time and memory."""


class FetchError(CrawlerError):
    """A request brought nothing that may be read."""


class OwnFaultError(FetchError):
    """It was our own side that failed: nothing is said about any publisher."""
