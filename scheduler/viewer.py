"""The viewer as a child process of the daemon: `parley serve`, started again when it dies.

A process of its own, because the crawl loop's lag (tens of milliseconds and more) has no place in
front of a reader, and because a fault there must not end the watching.
"""

import asyncio
import re
import sys

import structlog

from scheduler.config import Config

log = structlog.stdlib.get_logger()

_READY_WITHIN_S = 20.0
_END_WITHIN_S = 3.0
_MOST_STARTS_IN_A_ROW = 5
_ADDRESS = re.compile(r"https?://\S+")


class ViewerProcess:
    """Starts, watches and ends the viewer."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.address = ""
        self._process: asyncio.subprocess.Process | None = None
        self._starts = 0
        self._drain: asyncio.Task[None] | None = None

    @property
    def _is_wanted(self) -> bool:
        return self.config.viewer.enabled and self.config.path is not None

    async def start(self) -> str:
        """Start it.

        Returns:
            Its address; "" where it is switched off or could not start.
        """
        if not self._is_wanted:
            return ""
        self._starts += 1
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "scheduler.cli.app",
            "-c",
            str(self.config.path),
            "serve",
            "--with-parent",
            stdin=asyncio.subprocess.PIPE,  # closed by our end, even kill -9: the viewer ends with us
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is the daemon's; it ends the viewer in order
        )
        self.address = await self._ready(process)
        if self.address:
            self._drain = asyncio.create_task(_read_on(process))
        return self.address

    async def _ready(self, process: asyncio.subprocess.Process) -> str:
        said: list[str] = []
        try:
            async with asyncio.timeout(_READY_WITHIN_S):
                address = await _address_said(process, said)
        except TimeoutError:
            said.append("it did not answer in time")
            address = ""
        if not address:
            log.warning("viewer_not_started", reason=" ".join(said)[-300:])
        return address

    async def keep(self) -> None:
        """Start it again if it died; after some tries in a row it is left alone, and said so."""
        process = self._process
        if process is None or process.returncode is None:
            self._starts = min(self._starts, 1)
            return
        if self._starts == _MOST_STARTS_IN_A_ROW:
            log.error(
                "viewer_given_up", code=process.returncode, what_to_do="read the warnings above"
            )
            self._starts += 1
        elif self._starts < _MOST_STARTS_IN_A_ROW:
            log.warning("viewer_died", code=process.returncode)
            await self.start()

    async def stop(self) -> None:
        """End it."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(_END_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._drain is not None:
            self._drain.cancel()


async def _address_said(process: asyncio.subprocess.Process, said: list[str]) -> str:
    """Read what the viewer says until it names its address, or ends."""
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    while line := (await process.stdout.readline()).decode(errors="replace").strip():
        said.append(line)
        found = _ADDRESS.search(line)
        if found:
            return found.group().rstrip(".")
    return ""


async def _read_on(process: asyncio.subprocess.Process) -> None:
    """Keep the pipe empty; what the viewer says of itself goes to our log."""
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    while line := await process.stdout.readline():
        log.info("viewer_said", line=line.decode(errors="replace").strip())
