"""Run the newsroom and the real daemon together for a while, and score what was recorded.

Knows no terminal: what is to be shown goes to an `Audience`. Everything lies in one temporary folder
that is gone at the end, however the end comes.
"""

import asyncio
import json
import signal
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from crawler.clock import Clock
from scheduler.config import Config, load_config
from scheduler.demo.newsroom import Newsroom, ReceivedAlert
from scheduler.demo.scoring import Score, score
from scheduler.demo.stories import Happening, ScriptedEvent, World, load_world
from storage.database import Database

SPAN: Final = timedelta(minutes=330)  # a deletion is believed after three hours
OVERHEAD_S: Final = 5.0  # of starting and ending, at the speed of the wall
LATEST_BEGIN: Final = 0.7  # of the time is left when the newsroom begins at the latest
TICK_S: Final = 0.2
LONGEST_END_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long the demo takes, and what happens in it."""

    seconds: float = 75.0
    span: timedelta = SPAN  # of the demo's clock
    script: Sequence[ScriptedEvent] | None = None  # None: the one that comes with the demo

    @property
    def run_s(self) -> float:
        """Real seconds the daemon runs."""
        return max(self.seconds - OVERHEAD_S, 1.0)

    @property
    def speed(self) -> float:
        """How many times as fast as the wall the demo's clock runs."""
        return self.span.total_seconds() / self.run_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who is shown what; every function is called from the loop's thread."""

    opened: Callable[[World, Plan, Config], None]
    happened: Callable[[Happening, World], None]
    told: Callable[[ReceivedAlert], None]
    announced: Callable[[str], None]
    passed: Callable[[float, datetime], None]  # share of the whole, and the demo's time


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How the demo went."""

    score: Score
    world: World
    was_stopped: bool
    exit_code: int  # of the daemon
    trespasses: int  # requests that robots.txt forbids


@dataclass(slots=True)
class _Stage:
    """What the parts of a running demo share."""

    clock: Clock
    newsroom: Newsroom
    audience: Audience
    alerts: asyncio.Queue[ReceivedAlert]
    shown: int = 0
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def show_news(self) -> None:
        """Show what happened and what was told since the last time, in this order."""
        happenings = [happening for happening in self.newsroom.log() if not happening.is_stock]
        for happening in happenings[self.shown :]:
            self.audience.happened(happening, self.newsroom.world)
        self.shown = len(happenings)
        while not self.alerts.empty():
            self.audience.told(self.alerts.get_nowait())
            self.newsroom.begin_script()  # the first message says that what was there has been read


async def play(plan: Plan, audience: Audience) -> Played:
    """Run the demo to its end, or until a signal ends it earlier."""
    loop = asyncio.get_running_loop()
    clock = Clock(speed=plan.speed, virtual=(Clock().now() - plan.span).timestamp())
    world = load_world(clock.now(), script=plan.script)
    alerts: asyncio.Queue[ReceivedAlert] = asyncio.Queue()

    def received(alert: ReceivedAlert) -> None:
        loop.call_soon_threadsafe(alerts.put_nowait, alert)

    with (
        tempfile.TemporaryDirectory(prefix="parley-demo-") as folder,
        Newsroom(world, now=clock.now, on_alert=received) as newsroom,
    ):
        config = write_config(newsroom, Path(folder))
        audience.opened(world, plan, config)
        stage = _Stage(clock=clock, newsroom=newsroom, audience=audience, alerts=alerts)
        exit_code, was_stopped = await _run(stage, plan, config)
        stage.show_news()
        return Played(
            score=await asyncio.to_thread(score_database, config.database, newsroom),
            world=newsroom.world,
            was_stopped=was_stopped,
            exit_code=exit_code,
            trespasses=len(newsroom.trespasses),
        )


async def _run(stage: _Stage, plan: Plan, config: Config) -> tuple[int, bool]:
    from scheduler.daemon import run  # noqa: PLC0415 - Scrapy and all: only for the demo itself

    with _signals(stage.stop):
        async with asyncio.TaskGroup() as group:
            daemon = group.create_task(
                run(config, clock=stage.clock, stop=stage.stop, announce=stage.audience.announced)
            )
            was_stopped = await _watch(stage, plan, daemon)
            stage.stop.set()
            async with asyncio.timeout(LONGEST_END_S):
                exit_code = await daemon
    return exit_code, was_stopped


async def _watch(stage: _Stage, plan: Plan, daemon: asyncio.Task[int]) -> bool:
    """Show what happens until the time is over; say whether it ended before."""
    now_s = asyncio.get_running_loop().time
    end_s = now_s() + plan.run_s
    while not daemon.done() and not stage.stop.is_set():
        left_s = end_s - now_s()
        if left_s <= 0:
            return False
        stage.show_news()
        if left_s < plan.run_s * LATEST_BEGIN:
            stage.newsroom.begin_script()
        stage.audience.passed(1 - left_s / plan.run_s, stage.clock.now())
        await asyncio.wait({daemon}, timeout=min(TICK_S, left_s))
    return True


@contextmanager
def _signals(stop: asyncio.Event) -> Generator[None]:
    """Let Ctrl-C and SIGTERM end the demo in order: what it opened is closed, its folder removed."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def write_config(newsroom: Newsroom, folder: Path) -> Config:
    """Write the `parley.toml` of the demo, and read it as the daemon would."""
    path = folder / "parley.toml"
    path.write_text(config_text(newsroom), encoding="utf-8")
    return load_config(path, {})


def config_text(newsroom: Newsroom) -> str:
    """The settings of the demo: four home pages and a feed to watch, a webhook to tell."""
    head = (
        'allow_networks = ["127.0.0.0/8"]\nrecheck = "all"\n\n'
        "[viewer]\nenabled = false\n\n"
        f'[[channels]]\nname = "terminal"\naddress = {_toml(newsroom.channel_address)}\n'
    )
    sources = [
        _source(
            {
                "name": outlet.name,
                "url": newsroom.feed(key) if outlet.feed == "json" else newsroom.home(key),
                "language": outlet.language,
                "country": outlet.country,
                "control": outlet.control,
            }
        )
        for key, outlet in newsroom.world.outlets.items()
    ]
    return "\n".join([head, *sources])


def _source(keys: dict[str, str]) -> str:
    lines = "".join(f"{key} = {_toml(value)}\n" for key, value in keys.items())
    return f"[[sources]]\n{lines}"


def _toml(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def score_database(url: str, newsroom: Newsroom) -> Score:
    """Score what stands in the demo's database."""
    from storage.export import export  # noqa: PLC0415 - read only at the end

    database = Database(url)
    try:
        rows: list[dict[str, Any]] = list(export(database))
    finally:
        database.close()
    articles = {newsroom.address(key): key for key in newsroom.world.pieces}
    return score(rows, newsroom.log(), articles=articles)
