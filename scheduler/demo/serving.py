"""Serve answers over HTTP/1.1 on a loopback port; what is answered is the caller's to say.

Closing ends every connection and waits for every thread: no port and no thread is left behind.
"""

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

MAX_BODY_B = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. `delay_s` (real seconds) passes before it; after `cut_after` bytes of body the line drops."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    delay_s: float = 0.0
    cut_after: int | None = None


def unless_modified(asked: Asked, answer: Answer) -> Answer:
    """Turn an answer into 304 when the request repeats its ETag or its Last-Modified (RFC 9110, 13.2.2)."""
    sent = {name.lower(): value for name, value in answer.headers}
    if answer.status != HTTPStatus.OK:
        return answer
    if "if-none-match" in asked.headers:
        wanted = [tag.strip() for tag in asked.headers["if-none-match"].split(",")]
        is_same = sent.get("etag", "") in wanted
    else:
        since = asked.headers.get("if-modified-since")
        is_same = since is not None and since == sent.get("last-modified")
    return replace(answer, status=HTTPStatus.NOT_MODIFIED, body=b"") if is_same else answer


class _Server(ThreadingHTTPServer):
    """Threads that are joined at the end, and connections that can be ended from outside."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, host: str, answer: Callable[[Asked], Answer]) -> None:
        self.answer = answer
        self.closing = threading.Event()
        self.open_sockets: set[socket.socket] = set()
        self.lock = threading.Lock()
        super().__init__((host, 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that went away in the middle is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "newsroom"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def setup(self) -> None:
        super().setup()
        with self.server.lock:
            self.server.open_sockets.add(self.connection)
            is_late = self.server.closing.is_set()
        if is_late:
            self.connection.shutdown(socket.SHUT_RDWR)

    def finish(self) -> None:
        with self.server.lock:
            self.server.open_sockets.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Stay silent; who wants a log keeps one in `answer`."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY_B)
        asked = Asked(
            method=self.command,
            path=parts.path or "/",
            query=parts.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
        )
        answer = self.server.answer(asked)
        if answer.delay_s and self.server.closing.wait(answer.delay_s):
            self.close_connection = True
            return
        self._send(answer)

    do_HEAD = do_POST = do_GET  # noqa: N815 - the names are the base class's

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        has_body = answer.status not in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
        if has_body:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if has_body and self.command != "HEAD":
            self.wfile.write(answer.body[: answer.cut_after])
        self.wfile.flush()
        if answer.cut_after is not None:
            self.close_connection = True


class LoopbackServer:
    """A running HTTP server on a free loopback port."""

    def __init__(self, answer: Callable[[Asked], Answer], *, host: str = "127.0.0.1") -> None:
        """Bind a port and serve at once; `answer` is called from several threads."""
        self._server = _Server(host, answer)
        self.host = host
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name=f"http-{self.port}",
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """The address without a path: `http://127.0.0.1:40001`."""
        return f"http://{self.host}:{self.port}"

    def close(self) -> None:
        """End every connection, free the port, wait for the threads."""
        server = self._server
        server.closing.set()
        server.shutdown()
        self._thread.join()
        with server.lock:
            for connection in server.open_sockets:
                _hang_up(connection)
        server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster
