"""How rightly `classify` names the site farm's edits, judged by the farm's own scorer.

    python -m tests.benchmarks.naming --seeds 1 2 3

Needs the tools of $PARLEY_SHARED (else ../shared). The texts are taken from the farm's log, not
from its pages: extraction and confirmation are left out, so that only the names are measured.
"""

import argparse
import importlib
import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from storage.changes import classify
from storage.types import Block, BlockKind, VersionText

EDITS = [
    "typo",
    "number",
    "quote",
    "para_add",
    "para_remove",
    "headline",
    "correction",
    "rewrite",
    "breaking",
]
FARM = Path(os.environ.get("PARLEY_SHARED", "../shared")) / "tools" / "sitefarm"


def events_of(seed: int) -> list[dict[str, Any]]:
    """Run a farm, have it make 300 edits of each kind, and take its log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"--sites 60 --articles 1500 --seed {seed} --port {port} --calm --frozen --speed 0"
    command = [sys.executable, str(FARM / "farm.py"), *options.split(), "--max-seconds", "120"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as farm:
        try:
            assert farm.stdout is not None
            farm.stdout.readline()  # it says so when it serves
            for kind in EDITS:
                _ask(port, f"edit?n=300&of=1500&kind={kind}")
            return [json.loads(line) for line in _ask(port, "events").splitlines()]
        finally:
            farm.terminate()


def _ask(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=60) as answer:
        return answer.read().decode()


def version_of(event: dict[str, Any]) -> VersionText:
    """The text an event left on its page."""
    texts = event["text"].split("\n")
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts)
    return VersionText(title=event["title"], blocks=blocks, language=event["lang"])


def main() -> None:
    """Print, per kind of edit, how many were named rightly and what they were called."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    seeds = parser.parse_args().seeds
    sys.path.insert(0, str(FARM))
    score = importlib.import_module("score")
    rightly: Counter[str] = Counter()
    edits: Counter[str] = Counter()
    names: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for seed in seeds:
        last: dict[int, dict[str, Any]] = {}
        for event in (event for event in events_of(seed) if "art" in event):
            before = last.get(event["art"])
            last[event["art"]] = event
            if before is None or event["type"] != "edit":
                continue
            classified = classify(version_of(before), version_of(event))
            given = {kind.value for kind in classified.kinds} if classified else {"(none)"}
            edits[event["kind"]] += 1
            rightly[event["kind"]] += score.rightly(event, given, before["text"])
            names[event["kind"]].update(given)
    for kind, count in edits.items():
        print(f"{kind:12} {rightly[kind]}/{count}  {dict(names[kind])}")
    print(f"mean of kinds {sum(rightly[k] / n for k, n in edits.items()) / len(edits):.4f}")


if __name__ == "__main__":
    main()
