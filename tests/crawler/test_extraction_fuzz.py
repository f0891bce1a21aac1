"""Reading a page never fails, hangs or eats memory, whatever was done to it: 20,000 broken pages."""

import gc
import gzip
import multiprocessing
import os
import resource
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import psutil
import pytest

from crawler import workers as reading_pool
from crawler.reading import PageJob, TopicDefinition, read_page
from tests.support.cms import BUILDS, LANGUAGES, pieces
from tests.support.mutations import CONTENT_TYPES, mutated
from tests.support.portals.builds import page
from tests.support.portals.written import written
from tests.support.shared import shared

RUNS, SAMPLE = 20_000, 300
LONGEST_S = 10.0
MOST_MIB = 900
"""At its peak, of a process that reads thousands of pages; the pool's own limit is 1,536 MiB of addresses."""
MOST_LEAKED_MIB = 150
"""By how much a process may be larger after its last batch than after its first: what it remembers fills up."""

_BATCH = 250
_NOW = datetime(2026, 11, 25, tzinfo=UTC)


@dataclass(frozen=True)
class Batch:
    """What reading the pages of some seeds gave."""

    process: int
    failures: tuple[str, ...]
    slowest: tuple[float, int]  # seconds of CPU, seed
    peak_mib: float  # of the process so far
    left_mib: float  # when the batch was done


@cache
def own_pages() -> tuple[bytes, ...]:
    saved = (path.read_bytes() for path in sorted((Path(__file__).parent / "pages").glob("*.html")))
    portals = (page(article) for article in written())
    built = (
        build(pieces(language)[number]).html.encode()
        for language in LANGUAGES
        for number, build in enumerate(BUILDS.values())
    )
    return (*saved, *built, *portals)


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
    read_page(_job(0, pages[0]))  # loads what is loaded once
    failures: list[str] = []
    slowest = (0.0, -1)
    for seed in seeds:
        job = _job(seed, mutated(seed, pages))
        began = time.process_time()
        try:
            reading = read_page(job)
            again = read_page(replace(job, mark=reading.mark))
        except Exception as error:  # noqa: BLE001 - every kind is a finding
            failures.append(f"seed {seed}: {type(error).__name__}: {error}")
            continue
        slowest = max(slowest, (time.process_time() - began, seed))
        if not (again.is_same or again == reading):
            failures.append(f"seed {seed}: the same bytes were read in two ways")
        if reading.wall is not None and "could not be read" in reading.wall.reason:
            failures.append(f"seed {seed}: {reading.wall.reason}")
    gc.collect()
    return Batch(
        process=os.getpid(),
        failures=tuple(failures),
        slowest=slowest,
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        left_mib=psutil.Process().memory_info().rss / 2**20,
    )


def _job(seed: int, body: bytes) -> PageJob:
    return PageJob(
        body=body,
        url=f"https://site.example/news/{seed}",
        content_type=CONTENT_TYPES[seed % len(CONTENT_TYPES)],
        fetched_at=_NOW,
        topics=(TopicDefinition(name="talks"),),
    )


def read_many(runs: int, *, with_bench: bool, workers: int) -> list[Batch]:
    batches = [range(at, min(at + _BATCH, runs)) for at in range(0, runs, _BATCH)]
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=reading_pool._begin) as pool:
        calls = [pool.submit(read_seeds, batch, with_bench=with_bench) for batch in batches]
        return [call.result(timeout=LONGEST_S * _BATCH) for call in calls]


def check(batches: Sequence[Batch]) -> None:
    failures = [failure for batch in batches for failure in batch.failures]
    assert not failures, failures[:20]
    seconds, seed = max(batch.slowest for batch in batches)
    assert seconds < LONGEST_S, f"seed {seed} took {seconds:.1f} s"
    peak, leaked = max(batch.peak_mib for batch in batches), leaked_mib(batches)
    print(
        f"slowest {seconds:.2f} s (seed {seed}), peak {peak:.0f} MiB, left behind {leaked:.0f} MiB"
    )
    assert peak < MOST_MIB
    assert leaked < MOST_LEAKED_MIB


def leaked_mib(batches: Sequence[Batch]) -> float:
    """By how much a process grew at most, from the end of its first batch to the end of its last."""
    sizes: dict[int, list[float]] = {}
    for batch in batches:
        sizes.setdefault(batch.process, []).append(batch.left_mib)
    return max(left[-1] - left[0] for left in sizes.values())


def test_broken_pages_are_read_or_refused_with_a_reason() -> None:
    check(read_many(SAMPLE, with_bench=False, workers=1))


@pytest.mark.long
@pytest.mark.shared
def test_twenty_thousand_broken_pages() -> None:
    check(read_many(RUNS, with_bench=True, workers=2))


def pages_of_long_names() -> Iterator[bytes]:
    """Each with other names, as long as a name may be."""
    text = "<p>The delegations sat for four hours and agreed on nine of the twelve points.</p>" * 9
    for number in range(40):
        boxes = "".join(f'<div class="n{number} m{n} {"x" * 15_000}">a</div>' for n in range(300))
        yield f"<h1>Envoys agree on nine points</h1><div>{text}</div>{boxes}".encode()


def read_all(pages: Sequence[bytes]) -> float:
    """By how many MiB the process is larger when all are read than after the first."""
    read_page(_job(0, pages[0]))
    before = psutil.Process().memory_info().rss
    for number, body in enumerate(pages):
        read_page(_job(number, body))
    gc.collect()
    return (psutil.Process().memory_info().rss - before) / 2**20


def test_long_names_of_elements_are_not_remembered() -> None:
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(1, mp_context=context, initializer=reading_pool._begin) as pool:
        assert pool.submit(read_all, tuple(pages_of_long_names())).result(timeout=60) < 150
