"""Serve the viewer: the app with `/healthz`, and the process that answers until it is told to stop.

`parley serve` is this, also where the daemon starts it as its child. It opens the database for
reading only; the daemon's health is read from its last heartbeat.
"""

import os
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scheduler.config import Config
from scheduler.errors import CommandError
from scheduler.manual_pages import manual
from storage import facts
from storage.database import Database
from storage.errors import StorageError
from storage.web.app import create_viewer

_STOP_WITHIN_S: Final = 3
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def hosts_for(config: Config, host: str) -> tuple[str, ...]:
    """The names under which the viewer may be asked: loopback, its own, that of `base_url`."""
    public = urlsplit(config.base_url).hostname if config.base_url else None
    own = () if host in {"0.0.0.0", "::"} else (host,)  # noqa: S104 - names nobody can ask for
    return tuple(dict.fromkeys([*_LOOPBACK, *own, *([public] if public else [])]))


def make_app(database: Database, config: Config, *, host: str) -> Starlette:
    """The viewer with a page that tells whether it can read, and when the daemon was last alive."""

    def show_health(_: Request) -> Response:
        try:
            with database.reading() as tx:
                alive = facts.last_alive(tx)
        except StorageError as error:
            return JSONResponse({"status": "failing", "reason": str(error)}, status_code=503)
        last = alive.isoformat() if alive else None
        return JSONResponse({"status": "ok", "daemon_last_alive": last})

    app = create_viewer(
        database, hosts=hosts_for(config, host), timezone=config.timezone, manual=manual()
    )
    app.router.routes.insert(0, Route("/healthz", show_health))
    return app


def open_port(host: str, port: int) -> socket.socket:
    """Listen at an address; port 0 takes a free one.

    Raises:
        CommandError: It cannot be had, with a sentence that says why.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        reason = (os.strerror(error.errno) if error.errno else str(error)).lower()
        raise CommandError(
            f"{host}:{port}: the viewer cannot listen there ({reason}); stop what uses the port, "
            "or set another `port` under [viewer]."
        ) from None


def address_of(listening: socket.socket) -> str:
    """The web address of a listening socket, as a browser on this machine takes it."""
    bound, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bound) or str(bound)  # noqa: S104 - compared
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def serve(
    app: Starlette,
    listening: socket.socket,
    *,
    ready: Callable[[str], None],
    with_parent: bool = False,
) -> None:
    """Answer until SIGTERM or SIGINT; then end within seconds.

    Args:
        app: What answers.
        listening: Where, from `open_port`.
        ready: Called with the address once requests are accepted.
        with_parent: End too when the standard input closes: whoever started us has gone.
    """
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_STOP_WITHIN_S,
            limit_concurrency=200,
            ws="none",
        ),
        ready=lambda: ready(address_of(listening)),
    )
    if with_parent:
        threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that says when it is ready, and for which a signal is a proper end."""

    def __init__(self, config: uvicorn.Config, *, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop at SIGTERM or SIGINT; uvicorn's own raises the signal again when all is done."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _end_with_parent(server: uvicorn.Server) -> None:
    # os.read, because a buffered reader's lock in a daemon thread is fatal at the interpreter's end
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    server.should_exit = True


def serve_forever(
    config: Config,
    *,
    host: str | None = None,
    port: int | None = None,
    ready: Callable[[str], None],
    with_parent: bool = False,
) -> None:
    """Serve the viewer of these settings until told to stop.

    Raises:
        CommandError: The port cannot be had.
        StorageError: The database cannot be read.
    """
    where = host or config.viewer.host
    database = Database(config.database)
    database.check()
    with open_port(where, config.viewer.port if port is None else port) as listening:
        try:
            app = make_app(database, config, host=where)
            serve(app, listening, ready=ready, with_parent=with_parent)
        finally:
            database.close()
