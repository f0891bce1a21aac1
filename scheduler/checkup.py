"""Test what must be right before a long run: settings, database, places, port, clock, sources, channels.

Each finding is a sentence with what to do; printing is `scheduler.cli.doctor`'s.
"""

import asyncio
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crawler.clock import Clock
from scheduler.config import ChannelConfig, Config, load_config
from scheduler.errors import ConfigError
from storage.database import Database
from storage.errors import StorageError

if TYPE_CHECKING:  # Scrapy comes with it
    from scheduler.probing import ProbeReport

_FREE_BYTES: Final = 1_000_000_000
_LATEST_CHECK: Final = timedelta(days=1)


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found, and what to do about it."""

    state: State
    about: str
    text: str
    todo: str = ""


def _ok(about: str, text: str) -> Finding:
    return Finding(state=State.OK, about=about, text=text)


def _warn(about: str, text: str, todo: str = "") -> Finding:
    return Finding(state=State.WARN, about=about, text=text, todo=todo)


def _fail(about: str, text: str, todo: str = "") -> Finding:
    return Finding(state=State.FAIL, about=about, text=text, todo=todo)


# -- settings -------------------------------------------------------------------------------------


def check_settings(asked: Path | None) -> tuple[Config | None, list[Finding]]:
    """Read the settings; None where they cannot be used."""
    try:
        config = load_config(asked)
    except ConfigError as error:
        return None, [_fail("settings", problem) for problem in error.problems]
    findings = [_ok("settings", f"{config.path} ({config.how})")]
    findings += [_warn("settings", warning) for warning in config.warnings]
    return config, findings


def check_here(config: Config, *, now: datetime) -> Iterator[Finding]:
    """Test what can be tested without the network."""
    yield from _check_places(config)
    is_open = False
    database = Database(config.database)
    try:
        for finding in _check_database(config, database):
            is_open = is_open or finding.state is State.OK
            yield finding
        yield from _check_clock(config, database if is_open else None, now=now)
        yield from _check_sources(config, database if is_open else None, now=now)
        yield from _check_channels(config)
        yield _check_port(config, database if is_open else None, now=now)
    finally:
        database.close()
    yield _ok("browser", "none is needed; pages are read without one")


def _check_places(config: Config) -> Iterator[Finding]:
    folder = config.data_folder
    if not folder.exists() and os.access(_existing(folder), os.W_OK):
        yield _ok("data", f"{folder} (made when it is needed)")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        todo = f"make it yours (chown or chmod), or name another place as database in {config.shown_path()}"
        yield _fail("data", f"{folder}: no permission to write", todo)
        return
    free = shutil.disk_usage(folder).free
    if free < _FREE_BYTES:
        yield _warn("data", f"{folder}: only {free // 1_000_000} MB are free", "free some space")
    else:
        yield _ok("data", f"{folder} ({free // 1_000_000_000} GB free)")


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _check_database(config: Config, database: Database) -> Iterator[Finding]:
    try:
        if database.path is not None and config.data_folder in database.path.parents:
            config.data_folder.mkdir(parents=True, exist_ok=True)
        database.prepare()
        with database.transaction():
            pass
    except (StorageError, OSError) as error:
        yield _fail("database", str(error))
        return
    yield _ok(
        "database", f"{database.url_shown} ({database.dialect}) opens, its tables are up to date"
    )


def _check_clock(config: Config, database: Database | None, *, now: datetime) -> Iterator[Finding]:
    from storage import facts  # noqa: PLC0415 - SQLAlchemy is loaded by now in any case

    if database is not None:
        with database.reading() as tx:
            alive = facts.last_alive(tx)
        if alive is not None and alive > now + timedelta(minutes=5):
            yield _fail(
                "clock",
                f"says {now:%Y-%m-%d %H:%M} UTC, but the history goes to {alive:%Y-%m-%d %H:%M} UTC",
                "set the clock of this machine",
            )
            return
    yield _ok("clock", f"{now:%Y-%m-%d %H:%M} UTC; you read times of {config.timezone}")


# -- sources and channels without the network -----------------------------------------------------


def _check_sources(
    config: Config, database: Database | None, *, now: datetime
) -> Iterator[Finding]:
    from storage.sources import statuses  # noqa: PLC0415 - as above

    on = [source for source in config.sources if source.enabled]
    if not on:
        yield _warn("sources", "there is none to look at", "parley add https://…")
        return
    off = len(config.sources) - len(on)
    yield _ok("sources", f"{len(on)} to look at" + (f", {off} switched off" if off else ""))
    if database is None:
        return
    with database.reading() as tx:
        known = {status.name: status for status in statuses(tx)}
    for source in on:
        status = known.get(source.name)
        if status is None or status.last_checked_at is None:
            continue
        if status.failures:
            last = (
                f"{status.last_success_at:%Y-%m-%d %H:%M} UTC"
                if status.last_success_at
                else "never"
            )
            text = f"{status.last_reason or 'failed'}; {status.failures} in a row, last answered {last}"
            yield _warn(source.name, text, f"parley check {source.name!r}, or parley sources pause")
        elif status.last_reason or status.warning:
            yield _warn(source.name, status.last_reason or status.warning)
        else:
            yield _ok(source.name, f"answered {_hours(now - status.last_checked_at)} ago")


def _hours(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes} min" if span < timedelta(hours=2) else f"{minutes // 60} h"


def _check_channels(config: Config) -> Iterator[Finding]:
    if not config.channels:
        todo = "parley channels add (until then: parley list, parley serve)"
        yield _warn("channels", "there is none; changes are kept and not told", todo)
    for channel in config.channels:
        yield _check_channel(channel)


def _check_channel(channel: ChannelConfig) -> Finding:
    about = f"channel {channel.name}"
    if channel.address is None:
        return _fail(about, "its address cannot be read", "see the settings above")
    from scheduler.trial_message import loading_problem  # noqa: PLC0415 - Apprise, 0.5 s

    problem = asyncio.run(loading_problem(channel.address.get_secret_value()))
    if problem:
        return _fail(about, problem, "parley channels remove it, then parley channels add")
    return _ok(about, "its address loads")


def _check_port(config: Config, database: Database | None, *, now: datetime) -> Finding:
    viewer = config.viewer
    where = f"{viewer.host} port {viewer.port}"
    if not viewer.enabled:
        return _ok("viewer", "switched off")
    if _can_listen(viewer.host, viewer.port):
        return _ok("viewer", f"{where} is free")
    if database is not None and _daemon_runs(database, now=now):
        return _ok("viewer", f"{where} is taken, by the parley that runs")
    todo = f"stop what uses it, or set another port under [viewer] in {config.shown_path()}"
    return _fail("viewer", f"{where} is in use or not to be had", todo)


def _can_listen(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _daemon_runs(database: Database, *, now: datetime) -> bool:
    from storage import facts  # noqa: PLC0415 - as above

    with database.reading() as tx:
        claim = facts.daemon(tx)
    return claim is not None and claim.until > now


# -- live -----------------------------------------------------------------------------------------


async def check_live(config: Config, clock: Clock, *, tell: Callable[[Finding], None]) -> None:
    """Fetch every source once and send a test to every channel, telling each as it ends."""
    from scheduler.probing import probe, probing  # noqa: PLC0415 - Scrapy comes with it

    slots = asyncio.Semaphore(config.fetch.visits)
    async with probing(config, clock) as engine, asyncio.TaskGroup() as tasks:

        async def look(name: str, url: str) -> None:
            source = config.source(name)
            async with slots:
                report = await probe(engine, url, kind=source.kind) if source else None
            tell(_live_finding(name, url, report))

        for source in config.sources:
            if source.enabled:
                tasks.create_task(look(source.name, source.url))
    for channel in config.channels:
        if channel.address is not None:
            tell(await _test_channel(config, channel, at=clock.now()))


def _live_finding(name: str, url: str, report: "ProbeReport | None") -> Finding:
    if report is None or report.kind is None:
        problem = report.problem if report else "not there"
        todo = "correct its url, or parley sources pause"
        return _fail(name, f"{problem or 'did not answer'} ({url})", todo)
    if report.title:
        return _ok(name, f"one article: {report.title}")
    if report.leads:
        return _ok(name, f"a {report.kind} with {len(report.leads)} addresses")
    return _warn(name, f"a {report.kind} with no articles ({url})", "name a section or a feed")


async def _test_channel(config: Config, channel: ChannelConfig, *, at: datetime) -> Finding:
    from scheduler.trial_message import send_test  # noqa: PLC0415 - Apprise, 0.5 s

    assert channel.address is not None  # noqa: S101 - asked by the caller
    result = await send_test(config, channel.name, channel.address.get_secret_value(), at=at)
    about = f"channel {channel.name}"
    return (
        _ok(about, f"test sent. {result.detail}".strip())
        if result.ok
        else _fail(about, result.detail)
    )
