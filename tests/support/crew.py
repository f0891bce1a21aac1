"""A crawl engine with a memory in the place of a store, and the page it mostly reads."""

from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from crawler.clock import Clock
from crawler.engine import Engine
from crawler.equipment import FetchLimits, make_equipment
from storage.types import (
    Due,
    DuePage,
    DueSource,
    Lead,
    Observation,
    Purpose,
    SourceKind,
    SourceRound,
    Validators,
)
from tests.support.site import article_page

PARAGRAPHS = (
    "The delegations of Ukraine and Russia met in Istanbul on Monday for a second round of peace talks.",
    "Officials said the two sides agreed on another exchange of prisoners and on a date to meet again.",
    "A spokesman said that a ceasefire of thirty days was still being discussed by both delegations.",
    "The meeting at the palace lasted a little more than one hour and ended without a joint statement.",
)
PAGE = article_page("Second round of talks ends in Istanbul", PARAGRAPHS)
LOOPBACK = (ip_network("127.0.0.1/32"),)


@dataclass
class Memory:
    """Keeps what a crawl gave."""

    observations: dict[str, Observation] = field(default_factory=dict)
    rounds: list[SourceRound] = field(default_factory=list)

    async def record(self, observation: Observation) -> None:
        """Keep an observation by its address."""
        self.observations[observation.url] = observation

    async def record_round(self, round_: SourceRound) -> None:
        """Keep a round."""
        self.rounds.append(round_)


class Crew:
    """An engine, and what it brought."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.memory = Memory()

    async def look(
        self, *urls: str, validators: Validators | None = None, **facts: object
    ) -> tuple[Any, Any]:
        """Look at addresses; give what was seen at the first, and how the crawl ended."""
        pages = tuple(
            DuePage(
                url=url,
                purpose=Purpose.NEW,
                validators=validators or Validators(),
                lead=Lead(url=url),
                **facts,  # type: ignore[arg-type]
            )
            for url in urls
        )
        result = await self.engine.crawl(Due(site="test", pages=pages), sink=self.memory)
        return self.memory.observations.get(urls[0]), result

    async def read(
        self, url: str, kind: SourceKind = SourceKind.AUTO, **facts: object
    ) -> list[SourceRound]:
        """Read a source; give all rounds so far."""
        source = DueSource(name="s", url=url, kind=kind, validators=Validators(), **facts)  # type: ignore[arg-type]
        await self.engine.crawl(Due(site="test", sources=(source,)), sink=self.memory)
        return self.memory.rounds


def make_crew() -> Crew:
    """An engine for loopback, with time a hundred times as fast; its equipment is to be closed."""
    limits = FetchLimits(timeout_s=2.0, most_bytes=2 * 1024 * 1024)
    equipment = make_equipment(
        clock=Clock(speed=100.0), allow_networks=LOOPBACK, limits=limits, workers=1
    )
    return Crew(Engine(equipment))
