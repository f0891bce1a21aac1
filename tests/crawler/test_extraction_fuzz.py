"""Reading a page never fails, hangs or eats memory, whatever was done to it: 20,000 broken pages."""

import gzip
import multiprocessing
import resource
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from crawler.reading import PageJob, TopicDefinition, read_page
from tests.support.cms import BUILDS, LANGUAGES, pieces
from tests.support.mutations import mutated
from tests.support.shared import shared

RUNS, SAMPLE = 20_000, 400
LONGEST_S = 10.0
MOST_GROWN_MIB = 400
"""By how much the peak of a process may grow while it reads thousands of pages."""

_BATCH = 250
_NOW = datetime(2026, 11, 25, tzinfo=UTC)


@dataclass(frozen=True)
class Batch:
    """What reading the pages of some seeds gave."""

    failures: tuple[str, ...]
    slowest: tuple[float, int]  # seconds, seed
    peak_mib: float


@cache
def own_pages() -> tuple[bytes, ...]:
    written = (
        path.read_bytes() for path in sorted((Path(__file__).parent / "pages").glob("*.html"))
    )
    built = (
        build(pieces(language)[number]).html.encode()
        for language in LANGUAGES
        for number, build in enumerate(BUILDS.values())
    )
    return (*written, *built)


@cache
def bench_pages() -> tuple[bytes, ...]:
    folder = shared("tools/extraction/dev/html")
    return tuple(
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in sorted(folder.iterdir())
    )


def read_seeds(seeds: Sequence[int], *, with_bench: bool) -> Batch:
    """Read the page of each seed as a worker of the daemon does."""
    pages = own_pages() + (bench_pages() if with_bench else ())
    failures: list[str] = []
    slowest = (0.0, -1)
    for seed in seeds:
        job = PageJob(
            body=mutated(seed, pages),
            url=f"https://site.example/news/{seed}",
            content_type="text/html; charset=utf-8",
            fetched_at=_NOW,
            topics=(TopicDefinition(name="talks"),),
        )
        began = time.perf_counter()
        try:
            reading = read_page(job)
            read_page(PageJob(**{**_fields(job), "mark": reading.mark}))
        except Exception as error:  # noqa: BLE001 - every kind is a finding
            failures.append(f"seed {seed}: {type(error).__name__}: {error}")
            continue
        slowest = max(slowest, (time.perf_counter() - began, seed))
        if reading.wall is not None and "could not be read" in reading.wall.reason:
            failures.append(f"seed {seed}: {reading.wall.reason}")
    return Batch(
        tuple(failures), slowest, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    )


def _fields(job: PageJob) -> dict[str, object]:
    return {
        name: getattr(job, name) for name in ("body", "url", "content_type", "fetched_at", "topics")
    }


def read_many(runs: int, *, with_bench: bool, workers: int) -> list[Batch]:
    batches = [range(at, min(at + _BATCH, runs)) for at in range(0, runs, _BATCH)]
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        calls = [pool.submit(read_seeds, batch, with_bench=with_bench) for batch in batches]
        return [call.result(timeout=LONGEST_S * _BATCH) for call in calls]


def check(batches: Sequence[Batch]) -> None:
    failures = [failure for batch in batches for failure in batch.failures]
    assert not failures, failures[:20]
    seconds, seed = max(batch.slowest for batch in batches)
    assert seconds < LONGEST_S, f"seed {seed} took {seconds:.1f} s"
    first = min(batch.peak_mib for batch in batches)
    grown = max(batch.peak_mib for batch in batches) - first
    print(
        f"{len(batches)} batches, slowest {seconds:.2f} s (seed {seed}), peak {first + grown:.0f} MiB"
    )
    assert grown < MOST_GROWN_MIB


def test_broken_pages_are_read_or_refused_with_a_reason() -> None:
    check([read_seeds(range(SAMPLE), with_bench=False)])


@pytest.mark.long
@pytest.mark.shared
def test_twenty_thousand_broken_pages() -> None:
    check(read_many(RUNS, with_bench=True, workers=2))
