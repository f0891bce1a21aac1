"""What every visit shares: the clock, the HTTP session, the readers, robots.txt, and where results go."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from crawler.access import Accesses
from crawler.clock import Clock
from crawler.extraction.site_rules import SiteRules
from crawler.middlewares.guard import AddressGuard, IPNetwork
from crawler.middlewares.handler import Network
from crawler.middlewares.robots import Rules, rules_key
from crawler.reading import TopicDefinition
from crawler.workers import ReadingPool
from storage.types import Observation, SourceRound
from storage.urls import site_of

_MOST_HOSTS = 5_000


class Sink(Protocol):
    """Where a visit's results go: the database, or the memory of a command that stores nothing."""

    def record(self, observation: Observation) -> Awaitable[object]:
        """Take what one look at an article gave."""
        ...

    def record_round(self, round_: SourceRound) -> Awaitable[object]:
        """Take what one look at a source gave."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """How politely and how long a visit fetches; spans in the clock's time."""

    pace: timedelta = timedelta(seconds=1)  # between two requests to one site
    concurrency: int = 2
    timeout_s: float = 30.0  # real seconds
    most_bytes: int = 10 * 1024 * 1024
    most_requests: int = 50
    daily_requests: int = 2000  # of a site; beyond, only sources and articles on a topic
    budget_s: float = 60.0  # of a visit, real seconds after `Clock.limit_s`


@dataclass(slots=True, kw_only=True)
class Equipment:
    """Shared by all visits of one process."""

    clock: Clock
    pool: ReadingPool
    network: Network
    limits: FetchLimits = field(default_factory=FetchLimits)
    topics: tuple[TopicDefinition, ...] = (TopicDefinition(name="talks"),)
    user_agent: str = ""
    access: Accesses = field(default_factory=Accesses)
    site_rules: tuple[SiteRules, ...] = ()
    robots: OrderedDict[str, Rules] = field(default_factory=OrderedDict[str, Rules])
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict[str, asyncio.Lock])

    def robots_lock(self, host: str) -> asyncio.Lock:
        """Give the lock under which one host's robots.txt is fetched once."""
        while len(self.robots) > _MOST_HOSTS:
            self._locks.pop(self.robots.popitem(last=False)[0], None)
        return self._locks.setdefault(host, asyncio.Lock())

    def known_rules(self, url: str, *, source: str) -> Rules | None:
        """Give what is known of a site's robots.txt on the way by which a source is fetched."""
        return self.robots.get(rules_key(site_of(url), self.access.way_to(url, source=source)))

    def paced_s(self, span_s: float) -> float:
        """Real seconds for a wait between requests."""
        return span_s / self.clock.speed

    async def close(self) -> None:
        """End the readers and the session."""
        await asyncio.to_thread(self.pool.close)
        await self.network.close()


def make_equipment(
    *,
    clock: Clock,
    allow_networks: Iterable[IPNetwork] = (),
    limits: FetchLimits | None = None,
    topics: Iterable[TopicDefinition] = (TopicDefinition(name="talks"),),
    user_agent: str = "",
    workers: int = 2,
) -> Equipment:
    """Put together what visits share."""
    return Equipment(
        clock=clock,
        pool=ReadingPool(workers=workers),
        network=Network(AddressGuard(allow_networks)),
        limits=limits or FetchLimits(),
        topics=tuple(topics),
        user_agent=user_agent,
    )
