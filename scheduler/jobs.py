"""What is done when something is due: a visit, upkeep, judging anew. Thin: the work is elsewhere."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from crawler.engine import Engine
from scheduler.assembly import look_rules, next_reads
from scheduler.config import Config
from storage import commons, facts, recording, retention, sources
from storage.database import Writer
from storage.errors import LeaseHeldError, StorageError
from storage.requests import forget_requests
from storage.types import VisitReport

log = structlog.stdlib.get_logger()

LONG_SLEEP = timedelta(days=1)
_SLEPT = "slept_since"
_AGAIN_WHEN_HELD = timedelta(seconds=30)
_AGAIN_WHEN_IDLE = timedelta(seconds=30)  # a visit that could do nothing is not repeated at once
_AGAIN_AT_ONCE = timedelta(seconds=1)
_LATE = timedelta(minutes=1)
_REQUESTS_KEPT = timedelta(days=31)


@dataclass(slots=True)
class Overruns:
    """What did not come in time since the start."""

    late: int = 0  # visits that began more than a minute after they were due
    latest: timedelta = timedelta(0)
    unfinished: int = 0  # visits whose budget was spent before all was done

    def note_begin(self, late_by: timedelta) -> None:
        """Count a visit that begins so long after it was due."""
        if late_by > _LATE:
            self.late += 1
            self.latest = max(self.latest, late_by)


class Visits:
    """Visits sites, a bounded number at once, and says when each is due again."""

    def __init__(self, engine: Engine, writer: Writer) -> None:
        self._engine = engine
        self._writer = writer
        self._running: set[str] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.slept_since: datetime | None = None
        self.overruns = Overruns()
        self.configure(Config())

    def configure(self, config: Config) -> None:
        """Take the settings; visits under way keep the old ones."""
        self.config = config
        self._next_read = next_reads(config)
        self._slots = asyncio.Semaphore(config.fetch.visits)

    @property
    def running(self) -> frozenset[str]:
        """The sites that are being visited, or wait for their turn."""
        return frozenset(self._running)

    async def visit(self, site: str, due_at: datetime) -> datetime | None:
        """Visit a site for which a timer was set.

        Returns:
            When something is due there again; None: never.
        """
        clock = self._engine.equipment.clock
        self._running.add(site)
        self._idle.clear()
        try:
            async with self._slots:
                self.overruns.note_begin(clock.now() - due_at)
                report = await self._visit(site)
            now = clock.now()
            if report is None:
                return now + _AGAIN_WHEN_HELD
            return await self._next(site, report, now)
        finally:
            self._running.discard(site)
            if not self._running:
                self._idle.set()

    async def ended(self) -> None:
        """Wait until no visit is under way, and each has given its lease back."""
        await self._idle.wait()

    async def _visit(self, site: str) -> VisitReport | None:
        try:
            report = await self._engine.visit(
                site,
                writer=self._writer,
                rules=look_rules(self.config, slept_since=self.slept_since),
                next_read=self._next_read,
            )
        except LeaseHeldError as error:
            log.info("visit_skipped", site=site, reason=str(error))
            return None
        except StorageError as error:
            log.warning("visit_failed", site=site, reason=str(error))
            return None
        log.info(
            "site_visited",
            site=site,
            requests=report.requests,
            observations=report.observations,
            ended=report.ended_because,
            failures=len(report.failures),
            **({"first_failure": report.failures[0]} if report.failures else {}),
        )
        return report

    async def _next(self, site: str, report: VisitReport, now: datetime) -> datetime | None:
        due = await self._writer.do(lambda tx: sources.next_due(tx, site))
        if due is None:
            return None
        self.overruns.unfinished += report.ended_because == "budget"
        did_something = report.observations or report.rounds
        return max(due, now + (_AGAIN_AT_ONCE if did_something else _AGAIN_WHEN_IDLE))


async def note_sleep(writer: Writer, now: datetime) -> datetime | None:
    """Find out how long nobody looked; after more than a day, what changed meanwhile is no news.

    Returns:
        Looks before this time are from before the sleep; None: there was none.
    """

    def work(tx: Session) -> datetime | None:
        alive = facts.last_alive(tx)
        if alive is not None and now - alive > LONG_SLEEP:
            facts.put(tx, _SLEPT, {"at": now.isoformat()})
            log.info("sleep_noticed", since=alive.isoformat())
        facts.heartbeat(tx, now)
        known = facts.get(tx, _SLEPT)
        return datetime.fromisoformat(known["at"]) if known else None

    return await writer.do(work)


async def upkeep(writer: Writer, now: datetime) -> None:
    """End first rounds that are done, and tell suspicions nobody could look at again in time."""
    await writer.do(lambda tx: sources.end_first_rounds(tx, now=now))
    promoted = await writer.do(lambda tx: recording.promote_overdue(tx, now=now))
    if promoted:
        log.warning("suspicions_told_unconfirmed", changes=len(promoted))


async def prune(writer: Writer, config: Config, now: datetime) -> None:
    """Let go of what the settings keep no longer."""
    keep = config.keep_off_topic
    report = await writer.do(lambda tx: retention.prune(tx, now=now, keep_off_topic=keep))
    await writer.do(lambda tx: commons.forget_rare(tx, now=now))
    await writer.do(lambda tx: forget_requests(tx, before=(now - _REQUESTS_KEPT).date()))
    log.info("history_pruned", report=str(report))


def fault_logger() -> Callable[[str, BaseException], None]:
    """Give what the timetable tells of a job that failed."""

    def told(name: str, error: BaseException) -> None:
        log.error("job_failed", job=name, error=type(error).__name__, reason=str(error))

    return told
