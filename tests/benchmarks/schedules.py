"""How many looks the rule of rechecking needs, on thirty virtual days of the site farm (a shared tool).

    python -m tests.benchmarks.schedules                     # seeds 11, 12, 13; outlets alike, then different
    python -m tests.benchmarks.schedules --seeds 31 --peers  # with the rows of the schedules others use

Needs the tools of $PARLEY_SHARED (else ../shared); some three minutes a seed. The farm's event log is
a time line; the shared `schedules.py` walks it with `scheduler.recheck:next_check`, the function that
the daemon calls, learning from nothing. Beside it stands the best fixed curve of the same log, found
by a search: gap = (time since the last change) / k between a floor and a ceiling, with no worse a
median and 95th percentile than ours.
"""

import argparse
import json
import math
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from tests.benchmarks.farm import free_port
from tests.support.shared import shared

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
DAYS = 30
RULE = "scheduler.recheck:next_check"
FLOORS_S = [minutes * MINUTE for minutes in (2, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9)]
CEILINGS_S = [hours * HOUR for hours in (3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 10, 12, 16, 24, 48, 72)]
MOST_K = 40.0


# -- the farm's time line ------------------------------------------------------------------------


def make_log(folder: Path, *, seed: int, spread: float) -> Path:
    """Let a farm live for thirty virtual days, at once."""
    log, port = folder / f"events-{seed}-{spread:g}.jsonl", free_port()
    command = [
        *(sys.executable, str(shared("tools/sitefarm/farm.py")), "--sites", "50"),
        *("--articles", "50", "--seed", str(seed), "--site-spread", str(spread)),
        *("--port", str(port), "--events", str(log)),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as farm:
        try:
            await_farm(farm, port)
            ask(port, f"/advance?seconds={DAYS * DAY:.0f}")
            ask(port, "/quit")
            farm.wait(60)
        finally:
            farm.kill()
    return log


def ask(port: int, path: str) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method="POST")
    with urllib.request.urlopen(request, timeout=300) as answer:
        answer.read()


def await_farm(farm: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and farm.poll() is None:
        try:
            ask(port, "/now")
        except OSError:
            continue
        return
    raise SystemExit("the farm did not start")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLine:
    """What happened to the articles published in a log, each found within ten minutes."""

    articles: list[tuple[float, list[float]]]  # found at, changes after that
    changes: int
    before_first_look: int
    end: float

    @classmethod
    def read(cls, log: Path) -> "TimeLine":
        published: dict[int, float] = {}
        changes: dict[int, list[float]] = {}
        end, early = 0.0, 0
        with log.open(encoding="utf-8") as lines:
            for event in map(json.loads, lines):
                what = event["type"]
                if what == "clock":
                    end = max(end, event["t"])
                elif what == "publish" and not event["initial"]:
                    published[event["art"]] = event["t"]
                elif what in ("edit", "delete", "unpublish") and event["art"] in published:
                    changes.setdefault(event["art"], []).append(event["t"])
        chance, articles = random.Random(1), []  # as the shared tool draws it
        for article, at in published.items():
            found = at + chance.uniform(0, 600)
            times = sorted(changes.get(article, ()))
            missed = bisect_left(times, found)
            early += missed
            articles.append((found, times[missed:]))
        count = sum(map(len, changes.values()))
        return cls(articles=articles, changes=count, before_first_look=early, end=end)


# -- fixed curves --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a curve costs and notices."""

    name: str
    looks: int
    noticed: int
    median_min: float
    p95_min: float

    def keeps(self, *, median_min: float, p95_min: float) -> bool:
        return self.median_min <= median_min and self.p95_min <= p95_min


def follow(line: TimeLine, *, floor_s: float, ceiling_s: float, k: float) -> Row:
    """Follow a curve over a time line; its looks after a change are the same each time."""
    after, at = [0.0], 0.0
    while at <= DAYS * DAY:
        at += min(ceiling_s, max(floor_s, at / k))
        after.append(at)
    looks, delays = 0, list[float]()
    for found, times in line.articles:
        last_at = min(line.end, found + DAYS * DAY)
        begun, place = found, 0
        while place < len(times):
            number = bisect_left(after, times[place] - begun)
            if number >= len(after) or begun + after[number] > last_at:
                break
            looks += number
            begun += after[number]
            seen = bisect_right(times, begun)
            delays += [begun - when for when in times[place:seen]]
            place = seen
        looks += bisect_right(after, last_at - begun)  # the first look of all is among them
    delays.sort()
    return Row(
        name=f"since change / {k:.2f}, {floor_s / MINUTE:g} min to {ceiling_s / HOUR:g} h",
        looks=looks,
        noticed=len(delays),
        median_min=statistics.median(delays) / MINUTE,
        p95_min=delays[int(0.95 * len(delays))] / MINUTE,
    )


def best_fixed(line: TimeLine, *, median_min: float, p95_min: float) -> Row | None:
    """Find the fixed curve with the fewest looks that keeps to these delays."""
    best: Row | None = None
    for floor_s, ceiling_s in product(FLOORS_S, CEILINGS_S):
        found = _smallest_k(
            line,
            floor_s=floor_s,
            ceiling_s=ceiling_s,
            goal={"median_min": median_min, "p95_min": p95_min},
            most=best.looks if best else None,
        )
        if found is not None and (best is None or found.looks < best.looks):
            best = found
    return best


def _smallest_k(
    line: TimeLine,
    *,
    floor_s: float,
    ceiling_s: float,
    goal: dict[str, float],
    most: int | None,
) -> Row | None:
    """Halve the range of k: a larger one looks more often and later never."""
    low, high, best = 1.0, MOST_K, None
    while high / low > 1.01:
        k = math.sqrt(low * high)
        row = follow(line, floor_s=floor_s, ceiling_s=ceiling_s, k=k)
        if row.keeps(**goal):
            high, best = k, row
        elif most is not None and row.looks > most:
            return best
        else:
            low = k
    return best


# -- the tables ----------------------------------------------------------------------------------


def ours(log: Path, *, peers: bool) -> dict[str, float]:
    """Run the shared tool with our rule; it prints its table."""
    rows = log.with_suffix(".rows.json")
    tool = str(shared("tools/sitefarm/peers/schedules.py"))
    command = [sys.executable, tool, str(log), "--next-check", RULE, "--json", str(rows)]
    subprocess.run(command if peers else [*command, "--only-next"], check=True)
    told = json.loads(rows.read_text(encoding="utf-8"))
    row = next(row for row in told["rows"] if row["name"] == RULE)
    on = next((row for row in told["rows"] if row["name"] == "looks go on"), {"yes": False})
    return {**row, "articles": told["articles"], "goes_on": on["yes"]}


def compare(line: TimeLine, row: dict[str, float]) -> Iterator[str]:
    """Say what the rule notices of what can be noticed, and what the best fixed curve would cost."""
    looks = row["fetches_per_article"] * row["articles"]
    noticed = row["share_noticed"] * line.changes
    possible = line.changes - line.before_first_look
    yield f"  of what can be noticed: {noticed / possible:.4f}; looks go on: {row['goes_on']}"
    goals = (
        ("at our median and p95", row["median_min"], row["p95_min"]),
        ("at 5 and 220 minutes", 5.0, 220.0),
    )
    for name, median_min, p95_min in goals:
        best = best_fixed(line, median_min=median_min, p95_min=p95_min)
        if best is None:
            yield f"  best fixed curve {name}: none"
            continue
        yield (
            f"  best fixed curve {name}: {best.name}: {best.looks / best.noticed:.1f} looks a change, "
            f"median {best.median_min:.2f}, p95 {best.p95_min:.0f}; ours takes "
            f"{100 * (1 - looks / best.looks):.1f} % fewer looks"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--spreads", type=float, nargs="+", default=[1.0, 5.0])
    parser.add_argument("--peers", action="store_true", help="the schedules others use, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for spread, seed in product(options.spreads, options.seeds):
            print(f"\nseed {seed}, outlets differ by {spread:g}", flush=True)
            log = make_log(Path(folder), seed=seed, spread=spread)
            row = ours(log, peers=options.peers)
            for text in compare(TimeLine.read(log), row):
                print(text, flush=True)
            log.unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
