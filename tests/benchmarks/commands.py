"""What commands that people wait for cost: CPU as multiples of a Python that does nothing.

    python -m tests.benchmarks.commands

Rounds are interleaved, so that a busy machine slows down everything alike; figures are medians.
The settings are those that `parley init --yes` writes. Exits with 1 where a goal is missed.
"""

import argparse
import compileall
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from storage.database import Database
from tests.support.histories import many

ROOT = Path(__file__).parents[2]
_PARLEY = (sys.executable, "-m", "scheduler.cli.app")
# compiled files must be found and, once, be written
_ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


class Measured(NamedTuple):
    """A command and how many bare starts it may cost."""

    name: str
    command: tuple[str, ...]
    most: float


def cpu_s(command: tuple[str, ...]) -> float:
    """Seconds of CPU, user and system, that a command and its children took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, env=_ENVIRONMENT, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write_database(config: Path, articles: int) -> None:
    """Write the default settings, and a database of so many articles beside them."""
    subprocess.run(
        [*_PARLEY, "init", "--yes", str(config)], cwd=ROOT, stdout=subprocess.DEVNULL, check=True
    )
    database = Database(str(config.parent / "parley.db"))
    database.prepare()
    with database.transaction() as tx:
        many(tx, articles)
    database.close()


def measure(config: Path, rounds: int) -> bool:
    """Print the table; say whether every goal is met."""
    bare = Measured("python -c pass", (sys.executable, "-c", "pass"), 1.0)
    asked = [
        bare,
        Measured("parley --help", (*_PARLEY, "--help"), 5.0),
        Measured("parley list", (*_PARLEY, "-c", str(config), "list"), 25.0),
        Measured("parley list --articles", (*_PARLEY, "-c", str(config), "list", "--articles"), 25),
    ]
    took: dict[str, list[float]] = {one.name: [] for one in asked}
    for number in range(rounds + 1):  # the first, which warms up, does not count
        for one in asked:
            seconds = cpu_s(one.command)
            if number:
                took[one.name].append(seconds)
    unit = statistics.median(took[bare.name])
    is_good = True
    print(f"{'command':24} {'CPU ms':>8} {'starts':>8} {'goal':>6}")
    for one in asked:
        median = statistics.median(took[one.name])
        is_good &= median / unit <= one.most
        print(f"{one.name:24} {median * 1000:8.1f} {median / unit:8.1f} {one.most:6.0f}")
    return is_good


def main() -> None:
    """Compile, write the database, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    for package in ("crawler", "scheduler", "storage"):
        compileall.compile_dir(ROOT / package, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "parley.toml"
        write_database(config, options.articles)
        is_good = measure(config, options.rounds)
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
