"""Run the hostile rig's cases on the product, each in a process of its own, and let its checker judge.

    python -m tests.hostile.adapter --groups html,charset --out results
    python -m tests.hostile.adapter --only 'feed-*' -v

Starts the rig on a free range of ports, writes its manifest for them, runs the cases (three at a
time), and prints what the rig's check.py says. A case that dies or hangs has lines that say so.
"""

import argparse
import fnmatch
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.support.shared import shared

Record = dict[str, Any]

JOBS = 3
_PORTS = 11
_ROOT = Path(__file__).parents[2]
_SPARE_S = 30  # to start and to end


def rig_tool(name: str) -> str:
    """The path of one of the rig's programs."""
    return str(shared("tools/hostile") / name)


def free_range() -> int:
    """Find a port P so that P to P+10 are free on the addresses of the rig."""
    for _ in range(200):
        port = random.randrange(20000, 55000, 16)
        places = itertools.product(("127.0.0.1", "127.0.0.3"), range(port, port + _PORTS))
        if all(is_free(host, number) for host, number in places):
            return port
    raise OSError("no free range of ports")


def is_free(host: str, port: int) -> bool:
    """Whether somebody could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def read_manifest(port: int, *, groups: Sequence[str], only: Sequence[str]) -> Record:
    """Ask the rig for its manifest, and keep the cases that are wanted."""
    command = [sys.executable, rig_tool("server.py"), "--port", str(port), "--manifest"]
    ran = subprocess.run(command, capture_output=True, check=True, text=True)
    manifest = json.loads(ran.stdout)
    manifest["cases"] = [
        case
        for case in manifest["cases"]
        if (not groups or case["group"] in groups)
        and (not only or any(fnmatch.fnmatch(case["id"], glob) for glob in only))
    ]
    return manifest


@contextmanager
def rig(port: int, *, log: Path, netns: bool) -> Iterator[None]:
    """Serve the cases while the block runs."""
    command = [sys.executable, rig_tool("server.py"), "--port", str(port), "--log", str(log)]
    command += ["--max-seconds", "7200", *(["--netns"] if netns else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            if '"ready"' not in server.stdout.readline():
                raise RuntimeError("the rig did not start")
            yield
        finally:
            server.terminate()


def run_case(case: Record, control: str) -> list[Record]:
    """Run a case in a process of its own; a round that it did not survive has a line too."""
    rounds = [n["n"] for n in case["rounds"]]
    times = sum(n["times"] for n in case["rounds"])
    limit_s = case["limits"]["max_seconds"] * min(times, 4) + _SPARE_S
    command = [sys.executable, "-m", "tests.hostile.one_case"]
    command += ["--case", json.dumps(case), "--control", control]
    with subprocess.Popen(
        command,
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=limit_s)
            how = f"died with {process.returncode}: {err[-600:]}"
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            how = f"hung for {limit_s} s: {err[-300:]}"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # a worker that outlived it
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    done = {line["round"] for line in lines}
    return lines + [_crashed(case, n, how) for n in rounds if n not in done]


def _crashed(case: Record, number: int, how: str) -> Record:
    return {
        "url": case["url"],
        "round": number,
        "outcome": "crashed",
        "reason": how,
        "versions": [],
        "alerts": [],
        "seconds": case["limits"]["max_seconds"],
        "rss_mb": 0,
    }


def may_run(case: Record, *, netns: bool) -> bool:
    """Say whether a case can run here."""
    return netns or not {"netns", "dns"} & set(case["needs"])


def run(
    *,
    folder: Path,
    groups: Sequence[str] = (),
    only: Sequence[str] = (),
    jobs: int = JOBS,
    netns: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run the wanted cases; gives what check.py said, its files stay in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_range()
    manifest = read_manifest(port, groups=groups, only=only)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    log, results = folder / "requests.jsonl", folder / "results.jsonl"
    cases = [case for case in manifest["cases"] if may_run(case, netns=netns)]
    with (
        rig(port, log=log, netns=netns),
        results.open("w", encoding="utf-8") as out,
        ThreadPoolExecutor(jobs) as pool,
    ):
        for lines in pool.map(lambda case: run_case(case, manifest["control"]), cases):
            out.writelines(json.dumps(line) + "\n" for line in lines)
    command = [sys.executable, rig_tool("check.py"), "--manifest", str(folder / "manifest.json")]
    command += [
        "--results",
        str(results),
        "--log",
        str(log),
        "--json",
        str(folder / "verdict.json"),
    ]
    return subprocess.run([*command, "-v"], capture_output=True, text=True, check=False)


def main() -> int:
    """Run what the arguments name; exits with 1 when a case failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", default="", help="names of groups, with commas between")
    parser.add_argument("--only", action="append", default=[], help="a glob of case ids")
    parser.add_argument("--out", type=Path, default=Path("hostile-results"))
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--netns", action="store_true", help="inside the rig's netns.sh --dns")
    parser.add_argument("-v", "--verbose", action="store_true", help="also what passed")
    options = parser.parse_args()
    checked = run(
        folder=options.out,
        groups=[name for name in options.groups.split(",") if name],
        only=options.only,
        jobs=options.jobs,
        netns=options.netns,
    )
    for line in checked.stdout.splitlines():
        if options.verbose or not line.startswith("PASS"):
            print(line)
    print(checked.stderr, end="")
    return checked.returncode


if __name__ == "__main__":
    sys.exit(main())
