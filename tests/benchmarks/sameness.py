"""How often the cheap comparison suffices on the farm's pages, and what it costs against one lxml parse.

    python -m tests.benchmarks.sameness --seed 5

Each page is read in full once, and fetched twice more with other noise; nothing is edited.
"""

import argparse
import json
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import lxml.html

from crawler.extraction.article import extract_article, marked_by
from crawler.extraction.sameness import is_same, make_mark
from tests.benchmarks.noise import Row, farm


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def took_ms(work: Callable[[], object]) -> float:
    """CPU of the quickest of three runs."""
    times: list[float] = []
    for _ in range(3):
        began = time.process_time()
        work()
        times.append(1000 * (time.process_time() - began))
    return min(times)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--articles", type=int, default=200)
    options = parser.parse_args()
    row = Row(
        preset="noise-fetch",
        hard_share=0.15,
        edits_at_s=100_000,
        seed=options.seed,
        sites=40,
        articles=options.articles,
    )
    counts = {"ordinary": [0, 0], "hard": [0, 0]}
    cheap, parse, full, marks = [], [], [], []
    with tempfile.TemporaryDirectory() as folder, farm(row, Path(folder)) as found:
        events = map(json.loads, found.events.read_text(encoding="utf-8").splitlines())
        is_hard = {e["base"].rstrip("/"): e["hard"] for e in events if e["type"] == "site"}
        listed = get(f"http://127.0.0.1:{found.port}/urls").decode().split()
        for url in listed[: options.articles]:
            body = get(url)
            reading = extract_article(body, url=url)
            if reading.content is None:
                continue
            mark = make_mark(body, "text/html; charset=utf-8", marked_by(reading), rules="")
            again = [get(url), get(url)]
            kind = "hard" if is_hard["/".join(url.split("/")[:3])] else "ordinary"
            counts[kind][0] += len(again)
            counts[kind][1] += sum(is_same(one, mark, rules="") for one in again)
            marks.append(len(mark))
            cheap.append(took_ms(lambda b=again[0], m=mark: is_same(b, m, rules="")))
            parse.append(took_ms(lambda b=again[0]: lxml.html.fromstring(b)))
            full.append(took_ms(lambda b=again[0], u=url: extract_article(b, url=u)))
    for kind, (fetches, same) in counts.items():
        print(f"{kind} sites: {same} of {fetches} refetches need no full reading")
    print(
        f"cheap comparison {sum(cheap) / sum(parse):.2f} x one lxml parse, full reading {sum(full) / sum(parse):.2f} x"
    )
    print(f"mark: median {statistics.median(marks):.0f} letters, longest {max(marks)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
