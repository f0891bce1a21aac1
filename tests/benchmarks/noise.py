"""Noise against edits: 500 pages on 50 sites of the farm over 48 virtual hours, 25 of them edited once.

    python -m tests.benchmarks.noise                                # all rows: about an hour of CPU
    python -m tests.benchmarks.noise --preset noise-1h --hard-share 0.30 --seed 11 --show 10
    python -m tests.benchmarks.noise --noise-period 600,3600,0,86400 --hard-share 0.30

The clocks of farm and product are driven together from one due time to the next, so that a row takes
only what its visits cost. Visits, upkeep, rules of looks and storage are those of the daemon.
"""

import argparse
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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import structlog

from crawler.clock import Clock
from crawler.config import FetchConfig, SourceConfig
from crawler.engine import Engine
from scheduler import assembly, jobs
from scheduler.config import Config
from storage import history, sources
from storage.database import Database, Writer
from storage.export import export
from storage.history import ArticleFilter
from tests.benchmarks.farm import free_port
from tests.support.shared import shared

PRESETS = ("noise-fetch", "noise-10m", "noise-1h", "noise-1d", "noise-banner")
HARD_SHARES = (0.15, 0.30)
EDITS_AT_S = (108_000, 600)  # the presets' own, and right after the first looks
HOURS = 48.0
STEP = timedelta(seconds=30)  # what is due within it is done together
_UPKEEP = timedelta(minutes=1)
_SECTIONS = 8


@dataclass(frozen=True, kw_only=True)
class Row:
    """One world: its noise, its share of sites with noise inside the body, when its edits come."""

    preset: str
    hard_share: float
    edits_at_s: int
    seed: int
    periods: str = ""
    hours: float = HOURS
    sites: int = 50
    articles: int = 500
    edits: int = 25

    @property
    def name(self) -> str:
        noise = f"periods {self.periods}" if self.periods else self.preset.removeprefix("noise-")
        return f"{noise}, {self.hard_share:.0%} hard, edits at {self.edits_at_s / 3600:.1f} h"

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
    waits_min: list[float] = field(default_factory=list)  # from the first sight to the decision
    delays_min: list[float] = field(default_factory=list)  # from the edit to the decision
    requests: int = 0
    took_s: float = 0.0
    missed: list[str] = field(default_factory=list)


class DrivenClock(Clock):
    """A clock that stands still until it is moved; waiting in it is real."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, to: datetime) -> None:
        self._now = max(self._now, to)


class World:
    """The farm as a process whose clock is moved by us."""

    def __init__(self, row: Row, folder: Path) -> None:
        self.port = free_port()
        self.events = folder / "events.jsonl"
        tool = str(shared("tools/sitefarm/farm.py"))
        more = ["--port", str(self.port), "--events", str(self.events), "--max-seconds", "7200"]
        self.process = subprocess.Popen(
            [sys.executable, tool, *row.options(), *more], stdout=subprocess.DEVNULL
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


@contextmanager
def world(row: Row, folder: Path) -> Iterator[World]:
    made = World(row, folder)
    try:
        made.await_ready()
        yield made
    finally:
        made.process.terminate()
        made.process.wait(20)


def config_of(found: World, database: Path) -> Config:
    """The settings of the product: every site's feed and sections once a day, looks at all articles."""
    watched: list[SourceConfig] = []
    for site in found.ask("/sites"):
        number = site["site"]
        urls = [(site["feed"], "feed")]
        urls += [(f"{site['base']}section/{n}/", "section") for n in range(_SECTIONS)]
        watched += [
            SourceConfig(name=f"farm {number} {n}", url=url, kind=kind, every="1d")  # type: ignore[arg-type]
            for n, (url, kind) in enumerate(urls)
        ]
    given = {
        "database": f"sqlite:///{database}",
        "allow_networks": (ip_network("127.0.0.0/8"),),
        "timezone": "UTC",
        "sources": tuple(watched),
        "recheck": "all",
        "fetch": FetchConfig(pace="0s", daily_requests=100_000),  # type: ignore[arg-type]
    }
    return Config.model_construct(**{**dict(Config(timezone="UTC")), **given})


async def drive(row: Row, found: World, database: Database, *, config: Config) -> int:
    """Let the product watch the world for the row's hours; gives the number of requests."""
    clock = DrivenClock(found.now())
    end = clock.now() + timedelta(hours=row.hours)
    engine = Engine(assembly.equipment(config, clock))
    async with Writer(database) as writer:
        now = clock.now()
        specs = assembly.source_specs(config)
        await writer.do(lambda tx: sources.sync(tx, specs, now=now))
        visits = jobs.Visits(engine, writer)
        visits.configure(config)
        kept_at, shown_at = clock.now(), time.monotonic()
        while (dues := await writer.do(sources.next_dues)) and min(dues.values()) < end:
            to = max(clock.now() + timedelta(seconds=1), min(dues.values()) + STEP / 2)
            found.move(to)
            clock.move(to)
            await asyncio.gather(*(visits.visit(site) for site, at in dues.items() if at <= to))
            if clock.now() - kept_at >= _UPKEEP:
                kept_at = clock.now()
                await jobs.upkeep(writer, kept_at)
            if time.monotonic() - shown_at > 20:
                shown_at = time.monotonic()
                left = (end - clock.now()).total_seconds() / 3600
                print(f"  {row.name}: {left:.1f} virtual hours to go", file=sys.stderr, flush=True)
        clock.move(end)
        await jobs.upkeep(writer, end)
    await engine.equipment.close()
    return int(found.ask("/stats")["requests"])


def run_row(row: Row, folder: Path, *, show: int = 0) -> Found:
    """Run one row and score it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "parley.db"
    path.unlink(missing_ok=True)
    database = Database(f"sqlite:///{path}")
    database.prepare()
    result, began = Found(row=row), time.monotonic()
    with world(row, folder) as found:
        result.requests = asyncio.run(drive(row, found, database, config=config_of(found, path)))
        (folder / "stats.json").write_text(json.dumps(found.ask("/stats")), encoding="utf-8")
        exported = folder / "export.jsonl"
        with exported.open("w", encoding="utf-8") as out:
            for record in export(database):
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
    result.scores = score(found.events, exported, folder, show=show)
    _add_waits(result, database, found.events)
    result.took_s = time.monotonic() - began
    database.close()
    return result


def score(events: Path, exported: Path, folder: Path, *, show: int) -> dict[str, Any]:
    out = folder / "row.json"
    command = [sys.executable, str(shared("tools/sitefarm/score.py")), "--events", str(events)]
    command += ["--export", str(exported), "--times", "virtual", "--json", str(out)]
    command += ["--stats", str(folder / "stats.json"), "--show", str(show)]
    shown = subprocess.run(command, check=False, capture_output=True, text=True)
    if show:
        print(shown.stdout)
    if not out.exists():
        raise SystemExit(f"the scorer failed: {shown.stderr[-2000:]}")
    return json.loads(out.read_text(encoding="utf-8"))


def _add_waits(result: Found, database: Database, events: Path) -> None:
    edited = {
        event["url"]: datetime.fromtimestamp(event["t"], UTC)
        for event in map(json.loads, events.read_text(encoding="utf-8").splitlines())
        if event["type"] == "edit"
    }
    with database.reading() as tx:
        rows = history.changes(tx, ArticleFilter(), limit=100_000)
    told: set[str] = set()
    for row in rows:
        change, url = row.change, row.article.url
        if url not in edited or change.seen_at < edited[url]:
            continue
        told.add(url)
        result.waits_min.append((change.decided_at - change.seen_at).total_seconds() / 60)
        result.delays_min.append((change.decided_at - edited[url]).total_seconds() / 60)
    result.missed = sorted(set(edited) - told)


def shown(result: Found) -> str:
    """The row as a line."""
    figures = result.scores
    causes = figures.get("false_by_cause", {})
    told = ", ".join(f"{count} {cause}" for cause, count in causes.items()) or "none"
    named = figures.get("named_rightly")
    wait = _quantiles(result.waits_min)
    delay = _quantiles(result.delays_min)
    return (
        f"{result.row.name}: edits {figures['edits_found']} of {result.row.edits}"
        f" (named rightly {named}), false: {told}; waited {wait} min, after the edit {delay} min;"
        f" {result.requests} requests, {result.took_s:.0f} s"
    )


def _quantiles(values: Sequence[float]) -> str:
    if not values:
        return "-"
    ordered = sorted(values)
    last = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"{statistics.median(ordered):.1f} (p95 {last:.0f})"


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
            hours=options.hours,
        )
        for preset in presets
        for share in shares
        for at in times
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=PRESETS)
    parser.add_argument("--hard-share", type=float)
    parser.add_argument("--edits-at", type=int, help="virtual seconds after the start")
    parser.add_argument("--noise-period", default="", help="seconds, or a list dealt to the sites")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--hours", type=float, default=HOURS)
    parser.add_argument("--show", type=int, default=0, help="print so many false and missed ones")
    parser.add_argument("--keep", type=Path, help="a folder for stores, exports and events")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    results: list[Found] = []
    with tempfile.TemporaryDirectory() as made:
        for number, row in enumerate(rows_of(options)):
            folder = (options.keep or Path(made)) / f"row-{number}"
            results.append(run_row(row, folder, show=options.show))
            print(shown(results[-1]), flush=True)
    if options.json:
        lines = [{"row": result.row.name, **result.scores} for result in results]
        options.json.write_text(json.dumps(lines, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
