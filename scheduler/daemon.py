"""The process that runs for months: starts everything in order, ends it in order, loses nothing between."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from crawler.clock import Clock
from crawler.engine import Engine
from crawler.reading import TopicDefinition
from scheduler import assembly, jobs
from scheduler.alerts.dispatcher import Dispatcher
from scheduler.config import Config
from scheduler.errors import ConfigError
from scheduler.paths import RULES
from scheduler.timetable import Timetable
from scheduler.viewer import ViewerProcess
from storage import facts, leases, openings, outbox, rejudging, sources
from storage.database import Database, Writer
from storage.sources import SyncReport
from storage.types import TopicVerdict

log = structlog.stdlib.get_logger()

CLAIM_S = 60.0  # real seconds a killed daemon's claim holds, where nobody can see that it is dead
STOP_WITHIN_S = 9.0
_LAST_MESSAGE_S = 2.0
_UPKEEP = timedelta(minutes=1)
_ALERTS = timedelta(seconds=5)
_PRUNING = timedelta(hours=6)
_TIMETABLE_FACT, _RELOAD_FACT, _TOPICS_FACT = "timetable", "reload", "topics"
_SHOWN_ENTRIES = 500


def owner_name() -> str:
    """Name this process, so that another can tell whether it still lives."""
    return f"process {os.getpid()} on {socket.gethostname()}"


def process_of(owner: str) -> int | None:
    """Read the number of a daemon's process; None where it runs on another machine."""
    words = owner.split()
    on_this_machine = len(words) == 4 and words[3] == socket.gethostname()  # noqa: PLR2004 - the form above
    return int(words[1]) if on_this_machine and words[1].isdigit() else None


def is_alive(pid: int) -> bool:
    """Say whether a process of this machine lives."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Daemon:
    """One database, one configuration at a time, one clock."""

    def __init__(
        self, config: Config, *, clock: Clock, load: Callable[[], Config] | None = None
    ) -> None:
        self.config = config
        self.clock = clock
        self.owner = owner_name()
        self._load = load
        self._database = Database(config.database)
        self._writer = Writer(self._database)
        self._engine = Engine(assembly.equipment(config, clock), owner=self.owner)
        self._timetable = Timetable(clock, on_fault=jobs.fault_logger())
        self._visits = jobs.Visits(self._engine, self._writer)
        self._dispatcher = Dispatcher(self._database, self._writer, clock, config=config)
        self._viewer = ViewerProcess(config)
        self._telling = asyncio.Lock()
        self._judging: asyncio.Task[None] | None = None
        self._seen_file_at = _changed_at(config)

    # -- from start to end -----------------------------------------------------------------------

    async def run(self, stop: asyncio.Event, announce: Callable[[str], None]) -> int:
        """Run until `stop` is set.

        Raises:
            DaemonRunningError: Another daemon runs on this database.
            StorageError: The database cannot be used.
        """
        await asyncio.to_thread(self._database.prepare)
        self._writer.start()
        try:
            await self._writer.do(self._claim)
            await self._begin(announce)
            await stop.wait()
        finally:
            await self._end()
        return 0

    def _claim(self, tx: Session) -> None:
        held = facts.daemon(tx)
        pid = process_of(held.owner) if held and held.owner != self.owner else None
        if held and pid is not None and not is_alive(pid):
            facts.release_daemon(tx, held.owner)
            leases.release_all(tx, held.owner)
            log.warning("claim_taken_over", of=held.owner)
        facts.claim_daemon(tx, self.owner, now=self.clock.now(), for_s=CLAIM_S * self.clock.speed)

    async def _begin(self, announce: Callable[[str], None]) -> None:
        self._visits.slept_since = await jobs.note_sleep(self._writer, self.clock.now())
        await self._apply(self.config)
        self._timetable.start()
        self._timetable.every("upkeep", self._span(_UPKEEP), self._upkeep)
        self._timetable.every("alerts", self._span(_ALERTS), self._tell)
        self._timetable.every("pruning", _PRUNING, self._prune)
        await self._upkeep()
        viewer = await self._viewer.start()
        announce(self._ready(viewer))

    def _ready(self, viewer: str) -> str:
        on = sum(source.enabled for source in self.config.sources)
        lines = [f"Watching {on} source{'' if on == 1 else 's'}."]
        if not self.config.channels:
            lines.append(
                "No channel is set: changes are kept; read them with `parley list`, or add one with "
                "`parley channels add`."
            )
        if viewer:
            lines.append(f"Read the history at {viewer}")
        return "\n".join(lines)

    async def _end(self) -> None:
        """End within ten seconds: no new visits, let what runs finish, then the rest."""
        self._timetable.pause()
        if self._judging is not None:
            self._judging.cancel()
        async with asyncio.timeout(STOP_WITHIN_S):
            await asyncio.gather(self._engine.stop(5.0), self._viewer.stop())
            await self._visits.ended()
            await self._told()
            await self._writer.do(lambda tx: facts.release_daemon(tx, self.owner))
            await self._writer.close()
            await self._engine.equipment.close()
        self._timetable.close()
        self._database.close()
        log.info("daemon_ended")

    def _span(self, span: timedelta) -> timedelta:
        """A span of the clock, never shorter than two real seconds."""
        return max(span, timedelta(seconds=2 * self.clock.speed))

    # -- the configuration -----------------------------------------------------------------------

    async def _apply(self, config: Config) -> None:
        """Let everything follow a configuration that is known to be good."""
        self.config = config
        now = self.clock.now()
        topics = assembly.topic_definitions(config.topics)
        fingerprint = assembly.topics_fingerprint(topics)

        def work(tx: Session) -> tuple[SyncReport, bool]:
            report = sources.sync(tx, assembly.source_specs(config), now=now)
            outbox.sync_channels(tx, [channel.name for channel in config.channels], now=now)
            known = facts.get(tx, _TOPICS_FACT)
            return report, known is not None and known["fingerprint"] != fingerprint

        report, topics_changed = await self._writer.do(work)
        self._visits.configure(config)
        self._dispatcher.use(config)
        self._engine.equipment.topics = topics
        self._engine.equipment.access = assembly.accesses(config)
        self._engine.equipment.site_rules = tuple(rules.of_site for rules in config.site_rules)
        log.info(
            "sources_followed",
            added=len(report.added),
            removed=len(report.removed),
            changed=len(report.changed),
        )
        if topics_changed:
            self._judging = asyncio.create_task(self._judge_anew(fingerprint))
        else:
            await self._writer.do(partial(_put_topics, fingerprint))

    async def _judge_anew(self, fingerprint: str) -> None:
        """Judge what is stored by topics that have changed; told once, in one message."""
        topics, after, changed = self._engine.equipment.topics, 0, 0
        while True:
            found = await self._writer.do(lambda tx, at=after: rejudging.batch(tx, after_id=at))
            if not found:
                break
            verdicts = await asyncio.to_thread(_judge, found, topics)
            now = self.clock.now()
            changed += await self._writer.do(partial(rejudging.apply, verdicts=verdicts, now=now))
            after = found[-1].article_id
        now = self.clock.now()
        await self._writer.do(partial(_put_topics, fingerprint, changed_at=now))
        log.info("topics_judged_anew", articles_changed=changed)

    async def reload(self) -> None:
        """Read the configuration again; a broken one is refused, the old one stays."""
        if self._load is None:
            return
        try:
            config = await asyncio.to_thread(self._load)
        except ConfigError as error:
            log.warning("reload_refused", problems=list(error.problems))
            outcome: dict[str, object] = {"ok": False, "problems": list(error.problems)}
        else:
            await self._apply(config)
            await self._arm()
            log.info("reloaded")
            outcome = {"ok": True, "problems": list(_needs_restart(self._viewer.config, config))}
        self._seen_file_at = _changed_at(self.config)
        outcome["at"] = self.clock.now().isoformat()
        await self._writer.do(lambda tx: facts.put(tx, _RELOAD_FACT, outcome))

    # -- what is done again and again ------------------------------------------------------------

    async def _upkeep(self) -> None:
        now = self.clock.now()
        await self._writer.do(self._claim)
        self._visits.slept_since = await jobs.note_sleep(self._writer, now)
        await jobs.upkeep(self._writer, now)
        await self._arm()
        await self._writer.do(self._put_timetable)
        await self._viewer.keep()
        changed_at = _changed_at(self.config)
        if changed_at != self._seen_file_at:
            self._seen_file_at = changed_at
            log.warning("config_changed", what_to_do="run `parley reload` to use it")

    async def _tell(self) -> None:
        async with self._telling:
            await self._dispatcher.run_once()

    async def _told(self) -> None:
        """Let a message that is being sent go out; one that hangs is taken up at the next start."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_MESSAGE_S), self._telling:
                pass

    async def _prune(self) -> None:
        await jobs.prune(self._writer, self.config, self.clock.now())

    async def _arm(self) -> None:
        """Set a timer for every site at which something is due, at its earliest time."""
        dues = await self._writer.do(sources.next_dues)
        set_at = {entry.name: entry.at for entry in self._timetable.entries()}
        now = self.clock.now()
        for site, at in dues.items():
            name = _visit_name(site)
            if site not in self._visits.running and (name not in set_at or set_at[name] > at):
                due_at = max(at, now)  # what was due while nothing ran is not late
                self._timetable.at(name, due_at, partial(self._visit, site, due_at))

    async def _visit(self, site: str, due_at: datetime) -> None:
        again_at = await self._visits.visit(site, due_at)
        if again_at is not None:
            self._timetable.at(_visit_name(site), again_at, partial(self._visit, site, again_at))

    def _put_timetable(self, tx: Session) -> None:
        entries = self._timetable.entries()
        shown = [{"name": e.name, "at": e.at.isoformat()} for e in entries[:_SHOWN_ENTRIES]]
        running = sorted(self._visits.running)
        facts.put(
            tx,
            _TIMETABLE_FACT,
            {
                "at": self.clock.now().isoformat(),
                "entries": shown,
                "all": len(entries),
                "running": running,
                "overruns": self._timetable.overruns,
                "late": self._visits.overruns.late,
                "latest_s": self._visits.overruns.latest.total_seconds(),
                "unfinished": self._visits.overruns.unfinished,
            },
        )


def _judge(
    found: Sequence[rejudging.Judged], topics: Sequence[TopicDefinition]
) -> list[tuple[int, tuple[TopicVerdict, ...]]]:
    judge, names = assembly.judge_of(topics), [topic.name for topic in topics]
    return [
        (one.version_id, judge(names, title=one.title, text=one.text, language=one.language))
        for one in found
    ]


def _visit_name(site: str) -> str:
    return f"visit {site}"


def _put_topics(fingerprint: str, tx: Session, *, changed_at: datetime | None = None) -> None:
    facts.put(tx, _TOPICS_FACT, {"fingerprint": fingerprint})
    if changed_at is not None:
        facts.put(tx, openings.TOPICS_CHANGED, {"at": changed_at.isoformat()})


def _changed_at(config: Config) -> float:
    """When the settings were changed last, or the rules beside them."""
    if config.path is None:
        return 0.0
    rules = config.path.parent / RULES
    latest = 0.0
    for path in (config.path, rules, *rules.glob("*.toml")):
        with contextlib.suppress(OSError):
            latest = max(latest, path.stat().st_mtime)
    return latest


def _needs_restart(old: Config, new: Config) -> list[str]:
    """Name what a reload cannot change while it runs."""
    followed = {"proxy": None, "proxy_env": None, "proxy_file": None}  # at once, like the sources
    old = old.model_copy(update={"fetch": old.fetch.model_copy(update=followed)})
    new = new.model_copy(update={"fetch": new.fetch.model_copy(update=followed)})
    return [
        f"{name} takes effect at the next start of `parley run`"
        for name in ("database", "fetch", "allow_networks", "viewer", "contact")
        if getattr(old, name) != getattr(new, name)
    ]


async def run(
    config: Config,
    *,
    clock: Clock | None = None,
    stop: asyncio.Event | None = None,
    announce: Callable[[str], None] = print,
    load: Callable[[], Config] | None = None,
) -> int:
    """Run the daemon until it is told to stop: by `stop`, SIGTERM or SIGINT; SIGHUP reloads.

    Args:
        config: The settings to begin with.
        clock: Whose time everything is in; the wall's by default.
        stop: Set to end it.
        announce: Told, once it is ready, where to read and what to do next.
        load: Reads the settings again for a reload.

    Returns:
        The exit code.
    """
    stop = stop or asyncio.Event()
    daemon = Daemon(config, clock=clock or Clock(), load=load)
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = loop.create_task(daemon.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload)
    try:
        return await daemon.run(stop, announce)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.remove_signal_handler(number)
