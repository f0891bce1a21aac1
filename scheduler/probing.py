"""Look at an address once, politely, and say what stands there; stores nothing."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from crawler.clock import Clock
from crawler.engine import Engine
from crawler.identity import normalise_url
from scheduler.assembly import equipment
from scheduler.config import Config
from storage.candidates import MOST, Candidate, Try, next_tries
from storage.kinds import FoundBy, FurtherSource
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

_MOST_STEPS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedSource:
    """A further source that an address led to, and what came of trying it."""

    url: str
    kind: SourceKind
    found_by: FoundBy
    state: Try
    problem: str = ""  # in words, where it does not work
    leads: int = 0
    shared: int = 0  # of the leads of the address itself, how many it lists too


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport:
    """What stands at an address, or why nothing could be read there; and what it led to."""

    url: str
    kind: SourceKind | None = None  # None: nothing could be read
    problem: str = ""  # in words, "" where something was read
    warning: str = ""
    title: str = ""  # of a single article
    verdicts: tuple[TopicVerdict, ...] = ()
    leads: tuple[Lead, ...] = ()
    further: tuple[FurtherSource, ...] = ()
    tried: tuple[TriedSource, ...] = ()


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


async def search(engine: Engine, report: ProbeReport) -> ProbeReport:
    """Try what an address led to, in the order and as sparingly as the daemon does."""
    states: dict[str, TriedSource] = {}
    further = dict[str, FurtherSource]()
    _add(further, report.further)
    for _ in range(_MOST_STEPS):
        candidates = [
            Candidate(further=one, state=states[url].state if url in states else Try.RESERVE)
            for url, one in further.items()
        ]
        urls = next_tries(candidates, is_covered=_is_covered(report, states.values()))
        if not urls:
            break
        for found in await _try(engine, report, [further[url] for url in urls]):
            one = further[found.url]
            states[found.url] = _tried(one, found, report)
            if one.found_by is not FoundBy.INDEX:
                _add(further, found.further)
    return replace(report, tried=tuple(states[url] for url in further if url in states))


def _add(known: dict[str, FurtherSource], more: Iterable[FurtherSource]) -> None:
    for one in more:
        of_kind = sum(other.found_by is one.found_by for other in known.values())
        if of_kind < MOST[one.found_by]:
            known.setdefault(one.url, one)


async def _try(
    engine: Engine, report: ProbeReport, further: Sequence[FurtherSource]
) -> list[ProbeReport]:
    """Read several further sources in one crawl, which keeps the pace between them."""
    site = site_of(report.url)
    sources = tuple(
        DueSource(
            name=one.url, url=one.url, kind=one.kind, validators=Validators(), home=report.url
        )
        for one in further
    )
    tools = engine.equipment
    await asyncio.sleep(tools.paced_s(tools.limits.pace.total_seconds()))
    result = await engine.crawl(Due(site=site, sources=sources), sink=_Memory())
    rounds = {round_.source: round_ for round_ in result.spider.rounds}
    return [_report(one.url, rounds.get(one.url)) for one in further]


def _tried(one: FurtherSource, found: ProbeReport, home: ProbeReport) -> TriedSource:
    works = bool(found.leads or found.further)
    own = {lead.url for lead in home.leads}
    return TriedSource(
        url=one.url,
        kind=found.kind or one.kind,
        found_by=one.found_by,
        state=Try.WORKS if works else Try.FAILED,
        problem="" if works else found.problem or "it lists no address of this publisher",
        leads=len(found.leads),
        shared=len(own & {lead.url for lead in found.leads}),
    )


def _is_covered(home: ProbeReport, tried: Iterable[TriedSource]) -> bool:
    """Say whether one of them lists most of what the home page lists now."""
    return not home.leads or any(2 * one.shared >= len(home.leads) for one in tried)


async def _probe_source(engine: Engine, url: str, *, kind: SourceKind) -> ProbeReport:
    source = DueSource(
        name=url, url=url, kind=kind, validators=Validators(), leads_on=kind is SourceKind.AUTO
    )
    result = await engine.crawl(Due(site=site_of(url), sources=(source,)), sink=_Memory())
    found = next(iter(result.spider.rounds), None)
    report = _report(url, found)
    return replace(report, problem=result.errors[0]) if result.errors and not found else report


def _report(url: str, round_: SourceRound | None) -> ProbeReport:
    if round_ is None:
        return ProbeReport(url=url, problem="it did not answer")
    if round_.outcome is not Outcome.CONTENT:
        return ProbeReport(url=url, problem=round_.reason, further=round_.further)
    return ProbeReport(
        url=url,
        kind=round_.resolved_kind,
        leads=round_.leads,
        further=round_.further,
        warning=round_.warning,
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
