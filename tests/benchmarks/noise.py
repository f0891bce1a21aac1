"""Noise against edits: 500 pages on 50 sites of the farm over 48 virtual hours, 25 of them edited once.

    python -m tests.benchmarks.noise                                # all 20 rows: about an hour and a half
    python -m tests.benchmarks.noise --preset noise-1h --hard-share 0.30 --edits-at 600 --seed 11 --show 10
    python -m tests.benchmarks.noise --noise-period 600,3600,0,86400 --hard-share 0.30 --strange

The clocks of farm and product are driven together from one due time to the next, so that a row takes
only what its visits cost. Visits, upkeep, rules of looks and storage are those of the daemon.
With `--strange` the lines inside the body are such as no rule of reading knows (`noise_world`).
"""

import argparse
import ast
import asyncio
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Protocol

import structlog

from crawler.clock import Clock
from crawler.config import FetchConfig, SourceConfig
from crawler.engine import Engine
from scheduler import assembly, jobs
from scheduler.config import Config
from storage import counts, history, sources
from storage.database import Database, Writer
from storage.export import export
from storage.history import ArticleFilter
from storage.types import ChangeKind
from tests.benchmarks.farm import free_port
from tests.support.shared import shared

PRESETS = ("noise-fetch", "noise-10m", "noise-1h", "noise-1d", "noise-banner")
HARD_SHARES = (0.15, 0.30)
EDITS_AT_S = (108_000, 600)  # the presets' own, and right after the first looks
HOURS = 48.0
MOST_FALSE_OF_HARD = 0.02  # changes for each article on sites with noise inside the body
STEP = timedelta(seconds=30)  # what is due within it is done together
_UPKEEP = timedelta(minutes=1)
_SECTIONS = 8
_SHOWN_EVERY_S = 20.0
_MOST_SHOWN = 100_000


@dataclass(frozen=True, kw_only=True)
class Row:
    """One world: its noise, its share of sites with noise inside the body, when its edits come."""

    preset: str
    hard_share: float
    edits_at_s: int
    seed: int
    periods: str = ""
    has_strange_lines: bool = False
    hours: float = HOURS
    sites: int = 50
    articles: int = 500
    edits: int = 25

    @property
    def name(self) -> str:
        noise = f"periods {self.periods}" if self.periods else self.preset.removeprefix("noise-")
        if self.has_strange_lines:
            noise += ", strange lines"
        return f"{noise}, {self.hard_share:.0%} hard, edits at {self.edits_at_s / 3600:.1f} h"

    @property
    def has_box(self) -> bool:
        return self.preset == "noise-banner"

    def options(self) -> list[str]:
        given = [*("--preset", self.preset), *("--hard-share", str(self.hard_share))]
        given += [*("--edits-at", str(self.edits_at_s)), *("--edits", str(self.edits))]
        given += [*("--sites", str(self.sites)), *("--articles", str(self.articles))]
        given += ["--seed", str(self.seed)]
        return [*given, "--noise-period", self.periods] if self.periods else given


@dataclass
class Found:
    """What a row gave."""

    row: Row
    scores: dict[str, Any] = field(default_factory=dict)
    false: Counter[str] = field(default_factory=Counter)  # by kind of site
    hard_articles: int = 0
    waits_min: list[float] = field(default_factory=list)  # from the first sight to the decision
    delays_min: list[float] = field(default_factory=list)  # from the edit to the decision
    open_suspicions: int = 0
    took_s: float = 0.0

    @property
    def faults(self) -> list[str]:
        """The goals this row misses."""
        told, faults = self.scores, []
        if told["edits_found"] < self.row.edits or told["named_rightly"] != 1.0:
            faults.append(f"{told['edits_found']} edits, {told['named_rightly']} named rightly")
        if self.false["ordinary"] > 0 or self.false["box"] > 1:
            faults.append(f"ordinary sites: {self.false['ordinary']} + {self.false['box']} (box)")
        if self.false["hard"] > MOST_FALSE_OF_HARD * self.hard_articles:
            faults.append(f"hard sites: {self.false['hard']} on {self.hard_articles} articles")
        return faults

    def figures(self) -> dict[str, Any]:
        return {
            "row": self.row.name,
            "seed": self.row.seed,
            "faults": self.faults,
            "false": dict(self.false),
            "hard_articles": self.hard_articles,
            "waited_min": quantiles(self.waits_min),
            "after_edit_min": quantiles(self.delays_min),
            "open_suspicions": self.open_suspicions,
            "took_s": round(self.took_s, 1),
            **self.scores,
        }


# -- worlds --------------------------------------------------------------------------------------


class World(Protocol):
    """Sites whose clock is moved by us."""

    def now(self) -> datetime:
        """What time it is there."""
        ...

    def move(self, to: datetime) -> None:
        """Let it be later."""
        ...

    def sources(self) -> list[SourceConfig]:
        """What is watched of it."""
        ...


class Farm:
    """The farm as a process."""

    def __init__(self, row: Row, folder: Path) -> None:
        self.port = free_port()
        self.events = folder / "events.jsonl"
        tool = [str(shared("tools/sitefarm/farm.py"))]
        if row.has_strange_lines:
            tool = ["-m", "tests.benchmarks.noise_world"]
        more = ["--port", str(self.port), "--events", str(self.events), "--max-seconds", "7200"]
        self.process = subprocess.Popen(
            [sys.executable, *tool, *row.options(), *more], stdout=subprocess.DEVNULL
        )

    def ask(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return json.loads(answer.read())

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.ask("/now")["virtual"], UTC)

    def await_ready(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                self.now()
            except OSError:
                threading.Event().wait(0.1)
            else:
                return
        raise SystemExit("the farm did not start")

    def move(self, to: datetime) -> None:
        seconds = (to - self.now()).total_seconds()
        if seconds > 0:
            self.ask(f"/advance?seconds={seconds:.3f}")

    def sources(self) -> list[SourceConfig]:
        """Each site's feed and sections, read once a day: nothing new is published."""
        watched: list[SourceConfig] = []
        for site in self.ask("/sites"):
            urls = [(site["feed"], "feed")]
            urls += [(f"{site['base']}section/{n}/", "section") for n in range(_SECTIONS)]
            watched += [
                SourceConfig(name=f"farm {site['site']} {n}", url=url, kind=kind, every="1d")  # type: ignore[arg-type]
                for n, (url, kind) in enumerate(urls)
            ]
        return watched


@contextmanager
def farm(row: Row, folder: Path) -> Iterator[Farm]:
    made = Farm(row, folder)
    try:
        made.await_ready()
        yield made
    finally:
        made.process.terminate()
        made.process.wait(20)


# -- the product ---------------------------------------------------------------------------------


class DrivenClock(Clock):
    """A clock that stands still until it is moved; waiting in it is real."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, to: datetime) -> None:
        self._now = max(self._now, to)


def config_of(world: World, database: str) -> Config:
    """The settings of the product: looks at all articles, as fast as the machine can."""
    given = {
        "database": database,
        "allow_networks": (ip_network("127.0.0.0/8"),),
        "timezone": "UTC",
        "sources": tuple(world.sources()),
        "recheck": "all",
        "fetch": FetchConfig(pace="0s", daily_requests=100_000),  # type: ignore[arg-type]
    }
    return Config.model_construct(**{**dict(Config(timezone="UTC")), **given})


async def drive(
    world: World,
    database: Database,
    *,
    config: Config,
    hours: float,
    progress: Callable[[float], None] = lambda _: None,
) -> None:
    """Let the product watch a world for so many of its hours, from due time to due time."""
    clock = DrivenClock(world.now())
    end = clock.now() + timedelta(hours=hours)
    engine = Engine(assembly.equipment(config, clock))
    async with Writer(database) as writer:
        specs, began = assembly.source_specs(config), clock.now()
        await writer.do(lambda tx: sources.sync(tx, specs, now=began))
        visits = jobs.Visits(engine, writer)
        visits.configure(config)
        kept_at = clock.now()
        while (dues := await writer.do(sources.next_dues)) and min(dues.values()) < end:
            to = max(clock.now() + timedelta(seconds=1), min(dues.values()) + STEP / 2)
            world.move(to)
            clock.move(to)
            await asyncio.gather(*(visits.visit(site, at) for site, at in dues.items() if at <= to))
            if clock.now() - kept_at >= _UPKEEP:
                kept_at = clock.now()
                await jobs.upkeep(writer, kept_at)
            progress((end - clock.now()).total_seconds() / 3600)
        clock.move(end)
        await jobs.upkeep(writer, end)
    await engine.equipment.close()


def run_row(row: Row, folder: Path, *, show: int = 0) -> Found:
    """Run one row and score it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "parley.db"
    path.unlink(missing_ok=True)
    database = Database(f"sqlite:///{path}")
    database.prepare()
    result, began = Found(row=row), time.monotonic()
    with farm(row, folder) as world:
        config = config_of(world, f"sqlite:///{path}")
        asyncio.run(
            drive(world, database, config=config, hours=row.hours, progress=Progress(row.name))
        )
        (folder / "stats.json").write_text(json.dumps(world.ask("/stats")), encoding="utf-8")
        exported = folder / "export.jsonl"
        with exported.open("w", encoding="utf-8") as out:
            for record in export(database):
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
    score(result, world.events, exported, show=show)
    add_waits(result, database, world.events)
    result.took_s = time.monotonic() - began
    database.close()
    return result


class Progress:
    """Says from time to time how much of a row is left."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown_at = time.monotonic()

    def __call__(self, hours_left: float) -> None:
        if time.monotonic() - self._shown_at > _SHOWN_EVERY_S:
            self._shown_at = time.monotonic()
            print(f"  {self._name}: {hours_left:.1f} virtual hours to go", file=sys.stderr)


# -- scoring -------------------------------------------------------------------------------------


def score(result: Found, events: Path, exported: Path, *, show: int) -> None:
    """Add what the farm's scorer says; its false changes by the kind of site they happened on."""
    out = exported.with_name("row.json")
    command = [sys.executable, str(shared("tools/sitefarm/score.py")), "--events", str(events)]
    command += ["--export", str(exported), "--times", "virtual", "--json", str(out)]
    command += ["--stats", str(exported.with_name("stats.json")), "--show", str(_MOST_SHOWN)]
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    if told.returncode:
        raise SystemExit(f"the scorer failed: {told.stderr[-2000:]}")
    result.scores = json.loads(out.read_text(encoding="utf-8"))
    records = read_events(events)
    hard = {r["base"]: r["hard"] for r in records if r["type"] == "site"}
    hard_numbers = {r["site"] for r in records if r["type"] == "site" and r["hard"]}
    result.hard_articles = len(
        {r["art"] for r in records if r.get("site") in hard_numbers and "art" in r}
    )
    lines = told.stdout.splitlines()
    for line in lines:
        if line.startswith("false: "):
            why, _, _, _, base, _ = ast.literal_eval(line.removeprefix("false: "))
            kind = "hard" if hard[base] else "box" if "box" in why else "ordinary"
            result.false[kind] += 1
    shown = [line for line in lines if line.startswith(("false: ", "missed: "))]
    print("\n".join(shown[:show]), end="\n" if shown[:show] else "")


def read_events(events: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]


def add_waits(result: Found, database: Database, events: Path) -> None:
    """Add how long changes waited to be sure, and how many still wait."""
    edited = {
        event["url"]: datetime.fromtimestamp(event["t"], UTC)
        for event in read_events(events)
        if event["type"] == "edit"
    }
    with database.reading() as tx:
        rows = history.changes(tx, ArticleFilter(), limit=_MOST_SHOWN)
        result.open_suspicions = counts.count(tx).suspicions
    for row in rows:
        change, url = row.change, row.article.url
        if ChangeKind.NEW in change.kinds or url not in edited or change.seen_at < edited[url]:
            continue
        result.waits_min.append((change.decided_at - change.seen_at).total_seconds() / 60)
        result.delays_min.append((change.decided_at - edited[url]).total_seconds() / 60)


def quantiles(values: Sequence[float]) -> tuple[float, float] | None:
    """The median and the 95th percentile."""
    if not values:
        return None
    ordered = sorted(values)
    last = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return round(statistics.median(ordered), 1), round(last, 1)


def shown(result: Found) -> str:
    """The row as a line."""
    told, false = result.scores, result.false
    waited, after = quantiles(result.waits_min), quantiles(result.delays_min)
    return (
        f"{result.row.name}, seed {result.row.seed}: {told['edits_found']} of {result.row.edits}"
        f" edits, kinds {told['named_rightly']}; false: {false['ordinary']} ordinary,"
        f" {false['box']} box, {false['hard']} hard of {result.hard_articles} articles;"
        f" minutes (median, p95): waited {waited}, after the edit {after};"
        f" {told['requests']} requests, {told['pages_answered_200']} pages,"
        f" {result.open_suspicions} suspicions open, {result.took_s:.0f} s"
    )


def summary(results: Sequence[Found]) -> list[str]:
    """A line for each goal."""
    edits, found = (
        sum(some)
        for some in (
            [r.row.edits for r in results],
            [r.scores["edits_found"] for r in results],
        )
    )
    named = sum(r.scores["named_rightly"] == 1.0 for r in results)
    hard, articles = sum(r.false["hard"] for r in results), sum(r.hard_articles for r in results)
    ordinary = sum(r.false["ordinary"] for r in results)
    boxes = max((r.false["box"] for r in results), default=0)
    worst = max((r.false["hard"] / max(1, r.hard_articles) for r in results), default=0.0)
    return [
        f"edits found: {found} of {edits} (goal: all)",
        f"rows with every kind named rightly: {named} of {len(results)} (goal: all)",
        f"false changes on ordinary sites: {ordinary} (goal: 0), for the box {boxes} a row (goal: 1 at most)",
        f"false changes on hard sites: {hard} on {articles} articles, at worst {worst:.1%} (goal: 2 %)",
        *(
            f"MISSED {r.row.name}, seed {r.row.seed}: {'; '.join(r.faults)}"
            for r in results
            if r.faults
        ),
    ]


# -- the command ---------------------------------------------------------------------------------


def rows_of(options: argparse.Namespace) -> list[Row]:
    presets = [options.preset] if options.preset else list(PRESETS)
    shares = [options.hard_share] if options.hard_share is not None else list(HARD_SHARES)
    times = [options.edits_at] if options.edits_at is not None else list(EDITS_AT_S)
    if options.noise_period:
        presets = ["noise-fetch"]
    return [
        Row(
            preset=preset,
            hard_share=share,
            edits_at_s=at,
            seed=options.seed,
            periods=options.noise_period,
            has_strange_lines=options.strange,
            hours=options.hours,
            sites=options.sites,
            articles=options.articles,
            edits=options.edits,
        )
        for preset in presets
        for share in shares
        for at in times
    ]


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=PRESETS)
    parser.add_argument("--hard-share", type=float)
    parser.add_argument("--edits-at", type=int, help="virtual seconds after the start")
    parser.add_argument("--noise-period", default="", help="seconds, or a list dealt to the sites")
    parser.add_argument("--strange", action="store_true", help="lines that no rule knows")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--hours", type=float, default=HOURS)
    parser.add_argument("--sites", type=int, default=50)
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--edits", type=int, default=25)
    parser.add_argument("--show", type=int, default=0, help="print so many false and missed ones")
    parser.add_argument("--keep", type=Path, help="a folder for stores, exports and events")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def main() -> int:
    options = parsed()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    results: list[Found] = []
    with tempfile.TemporaryDirectory() as made:
        for number, row in enumerate(rows_of(options)):
            folder = (options.keep or Path(made)) / f"row-{number}"
            results.append(run_row(row, folder, show=options.show))
            print(shown(results[-1]), flush=True)
            if options.json:
                told = [result.figures() for result in results]
                options.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    print("\n".join(summary(results)))
    return 1 if any(result.faults for result in results) else 0


if __name__ == "__main__":
    raise SystemExit(main())
