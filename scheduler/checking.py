"""Look now, as `parley check` does: the daemon's own visits, repeated until every suspicion is decided."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from crawler.clock import Clock
from crawler.engine import Engine
from crawler.identity import normalise_url
from scheduler import assembly
from scheduler.config import Config
from scheduler.daemon import owner_name
from scheduler.errors import CommandError
from storage import fetchstate, sources
from storage.database import Database, Writer
from storage.errors import LeaseHeldError
from storage.types import VisitReport
from storage.urls import site_of

CONFIRM_AFTER = timedelta(seconds=20)  # a forced run makes its confirming looks itself
RECENT = timedelta(days=2)  # articles of a source that are looked at with it
_MOST_ROUNDS = 40  # of one site in one run; a site offers 50 requests a visit

Progress = Callable[[str, VisitReport | None, str], None]
"""Told after each visit: the site, what it did (None: it was not made), and why not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be looked at: sources by name, and addresses."""

    sources: tuple[str, ...]
    urls: tuple[str, ...]


def wanted(config: Config, words: Sequence[str]) -> Wanted:
    """Sort words into sources and addresses; none at all means every source.

    Raises:
        CommandError: A word is neither.
    """
    if not words:
        return Wanted(sources=tuple(s.name for s in config.sources if s.enabled), urls=())
    names, urls = list[str](), list[str]()
    for word in words:
        url = normalise_url(word) if "://" in word else None
        known = config.source(word) or next((s for s in config.sources if s.url == word), None)
        if known is not None:
            names.append(known.name)
        elif url is not None:
            urls.append(url)
        else:
            raise CommandError(
                f"{word!r} is neither a source of the settings nor an address; "
                "`parley sources list` shows the names.",
                exit_code=2,
            )
    return Wanted(sources=tuple(names), urls=tuple(urls))


@contextlib.asynccontextmanager
async def checker(config: Config, clock: Clock) -> AsyncGenerator["Checker"]:
    """Open what looks, and close it."""
    database = Database(config.database)
    await asyncio.to_thread(database.prepare)
    writer = Writer(database)
    writer.start()
    engine = Engine(assembly.equipment(config, clock), owner=owner_name())
    try:
        yield Checker(config, clock, writer=writer, engine=engine)
    finally:
        await engine.stop(3.0)
        await writer.close()
        await engine.equipment.close()
        database.close()


class Checker:
    """Visits sites until what was asked for has been looked at and decided."""

    def __init__(self, config: Config, clock: Clock, *, writer: Writer, engine: Engine) -> None:
        self.config = config
        self.clock = clock
        self._writer = writer
        self._engine = engine
        self._next_read = assembly.next_reads(config)
        rules = assembly.look_rules(config)
        self._rules = replace(rules, confirm_after=min(rules.confirm_after, CONFIRM_AFTER))

    async def check(self, asked: Wanted, progress: Progress) -> None:
        """Look at what was asked for, at several sites at once."""
        sites = await self._writer.do(lambda tx: self._ask(tx, asked))
        slots = asyncio.Semaphore(self.config.fetch.visits)

        async def one(site: str) -> None:
            async with slots:
                await self._until_decided(site, progress)

        async with asyncio.TaskGroup() as tasks:
            for site in sites:
                tasks.create_task(one(site))

    def _ask(self, tx: Session, asked: Wanted) -> list[str]:
        """Make what was asked for due now.

        Returns:
            The sites to visit.
        """
        now = self.clock.now()
        sources.sync(tx, assembly.source_specs(self.config), now=now)
        sites = dict.fromkeys(sources.make_due(tx, asked.sources, now=now, recent=RECENT))
        fetchstate.ask(tx, asked.urls, now=now)
        sites.update(dict.fromkeys(site_of(url) for url in asked.urls))
        return list(sites)

    async def _until_decided(self, site: str, progress: Progress) -> None:
        since = self.clock.now()
        for _ in range(_MOST_ROUNDS):
            try:
                report = await self._engine.visit(
                    site, writer=self._writer, rules=self._rules, next_read=self._next_read
                )
            except LeaseHeldError as error:
                progress(site, None, str(error))
                return
            progress(site, report, "")
            is_left = await self._writer.do(lambda tx: sources.is_left(tx, site, since=since))
            if not is_left and report.ended_because != "budget":
                return
            again_at = await self._writer.do(lambda tx: sources.next_due(tx, site))
            ahead = again_at - self.clock.now() if again_at else None
            if ahead is None or ahead > 2 * CONFIRM_AFTER or report.ended_because == "stopped":
                return
            await self.clock.sleep(ahead)
