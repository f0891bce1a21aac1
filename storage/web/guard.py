"""What every answer of the viewer carries, and which requests it answers at all.

A page of another site may make a browser ask for ours by a name it chose (DNS rebinding): only
requests for a known host are answered, and only those that read.
"""

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_READING: Final = frozenset({"GET", "HEAD"})


def host_of(header: str) -> str:
    """The name in a Host header, without its port, lower case."""
    name = header.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0].removeprefix("[")
    return name.rpartition(":")[0] or name if name.count(":") == 1 else name


class Guard:
    """Refuses what does not read or asks for an unknown host; adds the headers to all else."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        """Answer for these hosts only; their ports do not matter."""
        self._app = app
        self._hosts = frozenset(host.lower().strip("[]") for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) != 1 or host_of(hosts[0]) not in self._hosts:
            text = (
                "This viewer does not answer to that name. Use the address it printed at its start."
            )
            return PlainTextResponse(text, status_code=421)
        if scope["method"] not in _READING:
            return PlainTextResponse(
                "Nothing can be changed here.", status_code=405, headers={"Allow": "GET, HEAD"}
            )
        return None
