"""A real browser without a window: opens a page at a width, measures it and takes its picture."""

import base64
import re
import shutil
import tempfile
from asyncio import StreamReader, create_subprocess_exec, subprocess, timeout, wait_for
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

WAIT_S = 60.0
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--remote-debugging-port=0"),
)
HOW_TO_INSTALL = "there is no browser here; `apt-get install chromium` installs one"


def browser_path() -> str | None:
    """Where a browser is, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Browser:
    """One page of a browser that was started for this test."""

    socket: ClientWebSocketResponse
    session: str = ""
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask the browser something; gives its answer."""
        number = next(self._ids)
        asked: dict[str, Any] = {"id": number, "method": method, "params": params}
        await self.socket.send_json(asked | ({"sessionId": self.session} if self.session else {}))
        while True:
            said = await self.socket.receive_json(timeout=WAIT_S)
            if said.get("id") == number:
                assert "error" not in said, said
                return said["result"]

    async def event(self, method: str) -> None:
        """Wait until the browser says that this has happened."""
        while (await self.socket.receive_json(timeout=WAIT_S)).get("method") != method:
            pass

    async def open(self, url: str, *, width: int, height: int = 900, dark: bool = False) -> None:
        """Open a page as a screen of that width shows it."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        await self.call("Page.enable")
        await self.call("Page.navigate", url=url)
        await self.event("Page.loadEventFired")

    async def measure(self, expression: str) -> Any:
        """Give the value of an expression in the page."""
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    async def picture(self, *, whole: bool = False) -> bytes:
        """Take a picture (PNG): of the screen, or of the whole page."""
        shot = await self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        return base64.b64decode(shot["data"])


async def _address(said: StreamReader) -> str:
    async for line in said:
        found = re.search(rb"DevTools listening on (ws://\S+)", line)
        if found:
            return found[1].decode()
    raise AssertionError("the browser did not start")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Start a browser with a profile of its own, and end it."""
    path = browser_path()
    assert path is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await create_subprocess_exec(
            path,
            *FLAGS,
            f"--user-data-dir={profile}",
            "about:blank",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            assert process.stderr is not None
            address = await wait_for(_address(process.stderr), WAIT_S)
            async with ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
                found = Browser(socket)
                made = await found.call("Target.createTarget", url="about:blank")
                attached = await found.call(
                    "Target.attachToTarget", targetId=made["targetId"], flatten=True
                )
                found.session = attached["sessionId"]
                yield found
                found.session = ""
                await found.call("Browser.close")
            async with timeout(WAIT_S):
                await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
