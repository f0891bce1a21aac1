"""Look at an address once, politely, and say what stands there; stores nothing."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from crawler.clock import Clock
from crawler.engine import Engine
from crawler.identity import normalise_url
from scheduler.assembly import equipment
from scheduler.config import Config
from storage.types import (
    Due,
    DuePage,
    DueSource,
    Lead,
    Observation,
    Outcome,
    Purpose,
    SourceKind,
    SourceRound,
    TopicVerdict,
    Validators,
)
from storage.urls import site_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport:
    """What stands at an address, or why nothing could be read there."""

    url: str
    kind: SourceKind | None = None  # None: nothing could be read
    problem: str = ""  # in words, "" where something was read
    warning: str = ""
    title: str = ""  # of a single article
    verdicts: tuple[TopicVerdict, ...] = ()
    leads: tuple[Lead, ...] = ()
    feeds: tuple[str, ...] = ()  # announced by a front page


@dataclass(slots=True)
class _Memory:
    """A sink that only remembers."""

    observations: list[Observation] = field(default_factory=list[Observation])

    async def record(self, observation: Observation) -> None:
        self.observations.append(observation)

    async def record_round(self, round_: SourceRound) -> None:
        pass  # the crawl's result has the rounds


@contextlib.asynccontextmanager
async def probing(config: Config, clock: Clock) -> AsyncGenerator[Engine]:
    """Open what looks at addresses, and close it."""
    tools = equipment(config, clock)
    engine = Engine(tools, owner="parley add")
    try:
        yield engine
    finally:
        await engine.stop()
        await tools.close()


async def probe(engine: Engine, url: str, *, kind: SourceKind = SourceKind.AUTO) -> ProbeReport:
    """Look at one address; where it is no article after all, look for links to some."""
    url = normalise_url(url) or url
    if kind is SourceKind.PAGE:
        return await _probe_page(engine, url)
    report = await _probe_source(engine, url, kind=kind)
    if report.kind is not SourceKind.PAGE:
        return report
    page = await _probe_page(engine, url)
    if page.kind is not None:
        return page
    section = await _probe_source(engine, url, kind=SourceKind.SECTION)
    return section if section.leads else page


async def _probe_source(engine: Engine, url: str, *, kind: SourceKind) -> ProbeReport:
    source = DueSource(name=url, url=url, kind=kind, validators=Validators())
    result = await engine.crawl(Due(site=site_of(url), sources=(source,)), sink=_Memory())
    if not result.spider.rounds:
        reason = result.errors[0] if result.errors else "it did not answer"
        return ProbeReport(url=url, problem=reason)
    found = result.spider.rounds[0]
    if found.outcome is not Outcome.CONTENT:
        return ProbeReport(url=url, problem=found.reason)
    return ProbeReport(
        url=url,
        kind=found.resolved_kind,
        leads=found.leads,
        feeds=found.found_feeds,
        warning=found.warning,
    )


async def _probe_page(engine: Engine, url: str) -> ProbeReport:
    memory = _Memory()
    page = DuePage(url=url, purpose=Purpose.NEW, validators=Validators(), lead=Lead(url=url))
    await engine.crawl(Due(site=site_of(url), pages=(page,)), sink=memory)
    seen = memory.observations[0] if memory.observations else None
    if seen is None or seen.content is None:
        return ProbeReport(url=url, problem=seen.reason if seen else "it did not answer")
    return ProbeReport(
        url=url, kind=SourceKind.PAGE, title=seen.content.title, verdicts=seen.verdicts
    )
