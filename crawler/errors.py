"""What can go wrong between an address and an observation; each text says where, what, what to do.

CrawlerError
├── DiscoveryError        a source's bytes are not what its kind says: no feed, no sitemap, no page
└── FetchError            a request brought nothing that may be read
    └── AddressBlockedError   the address guard refused: not a public address, and not allowed
"""


class CrawlerError(Exception):
    """Anything below; its text says where, what, and what to do."""


class DiscoveryError(CrawlerError):
    """A source's bytes are not what its kind says."""

    def __init__(self, url: str, problem: str) -> None:
        self.url = url
        self.problem = problem
        super().__init__(f"{url}: {problem}" if url else problem)


class FetchError(CrawlerError):
    """A request brought nothing that may be read."""


class AddressBlockedError(FetchError):
    """The address guard refused to connect."""
