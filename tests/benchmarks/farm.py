"""Run the real daemon on the site farm and print the scorer's table, its memory and where its CPU went.

    python -m tests.benchmarks.farm --sites 20 --articles 400 --speed 60 --seed 7 --minutes 12

The product is given the sites' feed and section addresses and nothing else, or with `--home-pages`
only their home pages. Figures are of one run on one machine: compare them as ratios.
"""

import argparse
import contextlib
import json
import os
import re
import runpy
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from tests.support.inbox import Hook, webhook
from tests.support.shared import shared

GRACE_S = 7200
_SECTIONS = 8
_CHANGES = frozenset({"edit", "move", "delete", "unpublish", "restore"})


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Farm:
    """The farm as a process; ends by itself."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.port = free_port()
        self.events = folder / "events.jsonl"
        tool = shared("tools/sitefarm/farm.py")
        seconds = options.minutes * 60 + 300
        self.process = subprocess.Popen(
            [
                *(sys.executable, str(tool), "--sites", str(options.sites)),
                *("--articles", str(options.articles), "--seed", str(options.seed)),
                *("--speed", str(options.speed), "--port", str(self.port), "--stall", "5"),
                *("--events", str(self.events), "--max-seconds", str(seconds)),
            ],
            stdout=subprocess.DEVNULL,
        )
        self.await_ready()

    def ask(self, path: str) -> object:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return json.loads(answer.read())

    def await_ready(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if self.ask("/now")["speed"]:  # it answers before its clock runs
                    return
            except OSError:
                self.process.poll()
        raise SystemExit("the farm did not start")


def write_config(farm: Farm, hook: Hook, folder: Path, *, options: argparse.Namespace) -> Path:
    lines = [
        'timezone = "UTC"',
        'allow_networks = ["127.0.0.0/8"]',
        f'recheck = "{options.recheck}"',
        *([f'keep_off_topic = "{options.keep_off_topic}"'] if options.keep_off_topic else []),
        "[absence]",  # a deletion is sure within three hours, of which the first look takes some
        'over = "2h"',
        "[viewer]",
        "enabled = false",
        "[[channels]]",
        'name = "desk"',
        f'address = "{hook.address()}"',
    ]
    for site in farm.ask("/sites"):
        base, number = site["base"], site["site"]
        if options.home_pages:
            lines += source(f"farm {number}", base, "auto", every="10m", language=site["lang"])
            continue
        lines += source(
            f"farm {number} feed", site["feed"], "feed", every="10m", language=site["lang"]
        )
        for section in range(_SECTIONS):
            url = f"{base}section/{section}/"
            lines += source(
                f"farm {number} section {section}",
                url,
                "section",
                every="60m",
                language=site["lang"],
            )
    path = folder / "parley.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def source(name: str, url: str, kind: str, *, every: str, language: str) -> list[str]:
    return [
        "[[sources]]",
        f'name = "{name}"',
        f'url = "{url}"',
        f'kind = "{kind}"',
        f'every = "{every}"',
        f'language = "{language}"',
    ]


def stored(folder: Path) -> dict[str, float]:
    """How much the database holds by now: articles, versions, and bytes in use."""
    path = folder / "parley.db"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        one = lambda query: database.execute(query).fetchone()[0]  # noqa: E731
        pages = one("PRAGMA page_count") - one("PRAGMA freelist_count")
        return {
            "articles": one("SELECT count(*) FROM article"),
            "versions": one("SELECT count(*) FROM version"),
            "database_mib": pages * one("PRAGMA page_size") / 2**20,
        }


class Product:
    """`parley run` as a process, in the farm's time."""

    def __init__(self, config: Path, farm: Farm, folder: Path) -> None:
        self.config, self.folder = config, folder
        self.log = (folder / "parley.log").open("wb")
        now = farm.ask("/now")
        clock = f"{now['virtual']},{now['real']}"
        command = ["run", "--speed", str(now["speed"]), "--clock", clock]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scheduler.cli.app", "-c", str(config), *command],
            stdout=self.log,
            stderr=self.log,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": ""},
        )
        self.ps = psutil.Process(self.process.pid)

    def figures(self) -> dict[str, float]:
        """Memory and CPU of the daemon, its threads and its workers."""
        workers = [child for child in self.ps.children(recursive=True) if child.is_running()]
        threads = self.ps.threads()
        main = next(t for t in threads if t.id == self.ps.pid)
        times = [child.cpu_times() for child in workers]  # with those of workers that were replaced
        return {
            "rss_mib": self.ps.memory_info().rss / 2**20,
            "workers": len(workers),
            "workers_rss_mib": sum(child.memory_info().rss for child in workers) / 2**20,
            "cpu_loop_s": main.user_time + main.system_time,
            "cpu_threads_s": sum(
                t.user_time + t.system_time for t in threads if t.id != self.ps.pid
            ),
            "cpu_workers_s": sum(
                t.user + t.system + t.children_user + t.children_system for t in times
            ),
        }

    def end(self) -> float:
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        return time.monotonic() - began

    def export(self, folder: Path) -> Path:
        path = folder / "export.jsonl"
        with path.open("wb") as out:
            command = [sys.executable, "-m", "scheduler.cli.app", "-c", str(self.config), "export"]
            subprocess.run([*command, "--format", "jsonl"], stdout=out, check=True)
        return path


def show_progress(minutes: float, product: Product) -> dict[str, float]:
    """Wait, saying each minute how it goes; gives the figures of the last look."""
    figures: dict[str, float] = {}
    for minute in range(1, int(minutes) + 1):
        try:
            code = product.process.wait(60)
            raise SystemExit(f"the daemon ended by itself with {code}")
        except subprocess.TimeoutExpired:
            figures = product.figures() | stored(product.folder)
            print(
                f"minute {minute}: "
                + ", ".join(f"{name} {value:.1f}" for name, value in figures.items()),
                flush=True,
            )
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=20)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--speed", type=float, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--minutes", type=int, default=12)
    parser.add_argument("--recheck", choices=["topic", "all"], default="all")
    parser.add_argument("--keep-off-topic", default="", help="as in the settings, such as 6h")
    parser.add_argument("--home-pages", action="store_true", help="the home pages are all it gets")
    parser.add_argument("--keep", type=Path, help="a folder for log, export and events")
    parser.add_argument("--show", type=int, default=0, help="print so many false and missed ones")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made, webhook() as hook:
        folder = options.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        farm = Farm(options, folder)
        product = Product(write_config(farm, hook, folder, options=options), farm, folder)
        try:
            figures = show_progress(options.minutes, product)
            stopped_s = product.end()
            stats = farm.ask("/stats")
            (folder / "stats.json").write_text(json.dumps(stats), encoding="utf-8")
        finally:
            if product.process.poll() is None:
                product.process.kill()
            farm.process.terminate()
        export = product.export(folder)
        command = [sys.executable, str(shared("tools/sitefarm/score.py"))]
        command += ["--events", str(farm.events), "--export", str(export), "--times", "virtual"]
        command += ["--stats", str(folder / "stats.json"), "--grace", str(GRACE_S)]
        command += ["--show", str(options.show)]
        code = subprocess.run(command, check=False).returncode
        show_topic_edits(command, folder)
        show_walls(folder, stats)
        show_costs(figures, stats, stopped_s)
        days = (options.minutes * 60 * options.speed) / 86_400
        print(f"requests a site and day: {stats['requests'] / options.sites / days:.0f}")
        return code


def show_topic_edits(command: list[str], folder: Path) -> None:
    """Score again with the edits of on-topic articles alone."""
    events = folder / "events.jsonl"
    kept = [
        line
        for line in events.read_text("utf-8").splitlines()
        if (row := json.loads(line))["type"] not in _CHANGES or row["label"] == "topic"
    ]
    of_topic = folder / "topic-events.jsonl"
    of_topic.write_text("\n".join(kept) + "\n", encoding="utf-8")
    asked = [str(of_topic) if part == str(events) else part for part in command]
    said = subprocess.run(asked, check=False, capture_output=True, text=True).stdout
    print("of the edits of on-topic articles alone:")
    for line in said.splitlines():
        if line.startswith(("edits", "change_recall", "by_kind", "change_latency")):
            print(f"  {line}")


def show_walls(folder: Path, stats: dict) -> None:
    """Count what is kept of the sites' walls: versions with a wall's words, and open parts."""
    walls = runpy.run_path(str(shared("tools/sitefarm/farm.py")))["PAY"].values()
    words = [said.decode() for wall in walls for said in re.findall(rb">([^<>%]{20,})", wall)]
    rows = (json.loads(line) for line in (folder / "export.jsonl").open(encoding="utf-8"))
    versions = [row for row in rows if row["type"] == "version"]
    kept = sum(any(said in row["text"] for said in words) for row in versions)
    parts = sum(row["is_partial"] for row in versions)
    shown = stats["by_class"].get("wall", {}).get("200", 0)
    print(f"walls shown {shown}, stored as versions {kept}; versions of open parts {parts}")


def show_costs(figures: dict[str, float], stats: dict, stopped_s: float) -> None:
    pages = stats["by_class"].get("article", {}).get("200", 0)
    print(f"stopped in {stopped_s:.1f} s; memory {figures['rss_mib']:.0f} MiB of the daemon,")
    print(f"  {figures['workers_rss_mib']:.0f} MiB of {figures['workers']:.0f} helper processes")
    for name, what in (
        ("cpu_loop_s", "fetching and timetable (the loop)"),
        ("cpu_threads_s", "storage (the threads)"),
        ("cpu_workers_s", "reading pages (the workers)"),
    ):
        per_page = 1000 * figures[name] / stats["requests"]
        print(f"CPU {what}: {figures[name]:.1f} s, {per_page:.2f} ms a request ({pages} pages)")


if __name__ == "__main__":
    raise SystemExit(main())
