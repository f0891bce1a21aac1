"""`parley run` as a process of its own, in a folder of its own, with a fast clock."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

WAIT_S = 60.0
_AS_ANYBODY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def parley(
    *arguments: str, folder: Path, check: bool = True, as_anybody: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run one command of the command line; as anybody, root too may write only where its rights say so."""
    ran = subprocess.run(
        [
            *(_AS_ANYBODY if as_anybody and os.geteuid() == 0 else ()),
            *(
                sys.executable,
                "-m",
                "scheduler.cli.app",
                "-c",
                str(folder / "parley.toml"),
                *arguments,
            ),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_S,
    )
    if check and ran.returncode != 0:
        raise AssertionError(f"parley {' '.join(arguments)}: {ran.stderr}\n{ran.stdout}")
    return ran


class Daemon:
    """Starts `parley run`, waits until it is ready, and ends it as asked."""

    def __init__(self, folder: Path, *, speed: float = 120.0) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "scheduler.cli.app", "-c", str(folder / "parley.toml")),
                *("run", "--speed", str(speed)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as out:
            for line in out:
                self._lines.put(line.rstrip())
        self._lines.put(None)

    def wait_for(self, words: str, *, timeout_s: float = WAIT_S) -> str:
        """Wait until it says a line with these words; gives the line."""
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                break
            self.said.append(line)
            if words in line:
                return line
        raise AssertionError(f"no line with {words!r}:\n" + "\n".join(self.said[-40:]))

    def ready(self) -> Self:
        """Wait until it watches."""
        self.wait_for("Stop with Ctrl-C")
        return self

    def kill(self) -> None:
        """End it with -9."""
        self.process.kill()
        self.process.wait(WAIT_S)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Ask it to end; gives its exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(WAIT_S), time.monotonic() - began

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()
        self._reader.join(WAIT_S)
