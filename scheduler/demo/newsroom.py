"""Run the outlets as real servers on loopback, and receive the alerts a reader would get.

What stands on a page is `stories`' to say and how it looks `pages`'; here are addresses, requests and answers.
"""

import json
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, cast

from scheduler.demo import pages
from scheduler.demo.pages import Noise, View
from scheduler.demo.serving import Answer, Asked, LoopbackServer, unless_modified
from scheduler.demo.stories import DemoOutlet, Happening, Piece, World

ROBOTS = "User-agent: *\nDisallow: /search\nDisallow: /wp-admin/\nDisallow: /newsletter\n"
PLAIN_PAGES = frozenset(
    {"/about", "/about/", "/privacy", "/search", "/tentang", "/pedoman", "/redaktsiia", "/pro-nas"}
)
FORBIDDEN = ("/search", "/wp-admin/", "/newsletter")
ALERTS_PATH = "/alerts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to one outlet, and its answer."""

    outlet: str
    path: str
    status: int
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedAlert:
    """One message as the webhook brought it."""

    subject: str
    text: str
    fields: dict[str, Any]


class Newsroom:
    """Every outlet on a port of its own (only 127.0.0.1 exists everywhere), and a webhook for alerts."""

    def __init__(
        self,
        world: World,
        *,
        now: Callable[[], datetime],
        on_alert: Callable[[ReceivedAlert], None] | None = None,
    ) -> None:
        """Open the ports; `now` is the clock of the world, `on_alert` is called in a server thread."""
        self.world = world
        self._now = now
        self._on_alert = on_alert
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._alerts: list[ReceivedAlert] = []
        self._exits = ExitStack()
        with ExitStack() as exits:  # a port that cannot be opened closes those before it
            self._servers = {
                key: exits.enter_context(LoopbackServer(partial(self._answer, outlet)))
                for key, outlet in world.outlets.items()
            }
            self._receiver = exits.enter_context(LoopbackServer(self._receive))
            self._exits = exits.pop_all()

    # -- addresses -------------------------------------------------------------------------------

    def home(self, outlet: str) -> str:
        """The address of an outlet's front page."""
        return f"{self._servers[outlet].url}/"

    def feed(self, outlet: str) -> str:
        """The address of an outlet's feed."""
        return self._servers[outlet].url + self.world.outlets[outlet].feed_path

    @property
    def channel_address(self) -> str:
        """The webhook as a channel's address."""
        return f"json://127.0.0.1:{self._receiver.port}{ALERTS_PATH}"

    def address(self, article: str) -> str:
        """The address of an article, standing or not."""
        piece = self.world.ever(article)
        return self._view(self.world.outlets[piece.outlet], ()).link(piece).url

    # -- what happened ---------------------------------------------------------------------------

    def begin_script(self) -> None:
        """Let the script run from now on; it runs once."""
        if self.world.script_began_at is None:
            self.world = replace(self.world, script_began_at=self._now())

    def log(self) -> tuple[Happening, ...]:
        """What happened so far."""
        return self.world.log(self._now())

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request so far."""
        with self._lock:
            return tuple(self._requests)

    @property
    def trespasses(self) -> tuple[Request, ...]:
        """The requests that robots.txt forbids."""
        return tuple(request for request in self.requests if request.path.startswith(FORBIDDEN))

    @property
    def alerts(self) -> tuple[ReceivedAlert, ...]:
        """Every message received so far."""
        with self._lock:
            return tuple(self._alerts)

    # -- life ------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close every port."""
        self._exits.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- answers ---------------------------------------------------------------------------------

    def _view(self, outlet: DemoOutlet, pieces: tuple[Piece, ...]) -> View:
        return View(outlet=outlet, base=self._servers[outlet.key].url, pieces=pieces)

    def _answer(self, outlet: DemoOutlet, asked: Asked) -> Answer:
        with self._lock:
            noise = Noise(len(self._requests))
        own = [p for p in self.world.pieces_at(self._now()).values() if p.outlet == outlet.key]
        newest_first = sorted(own, key=lambda piece: str(piece.published), reverse=True)
        view = self._view(outlet, tuple(newest_first))
        answer = unless_modified(asked, _page(view, asked.path, noise))
        with self._lock:
            self._requests.append(
                Request(
                    outlet=outlet.key,
                    path=asked.path,
                    status=answer.status,
                    user_agent=asked.headers.get("user-agent", ""),
                )
            )
        return answer

    def _receive(self, asked: Asked) -> Answer:
        if asked.method != "POST" or not asked.path.startswith(ALERTS_PATH):
            return Answer(status=HTTPStatus.NOT_FOUND)
        alert = read_alert(asked.body)
        if alert is None:
            return Answer(status=HTTPStatus.BAD_REQUEST)
        with self._lock:
            self._alerts.append(alert)
        if self._on_alert is not None:
            self._on_alert(alert)
        return Answer(body=b"{}", content_type="application/json")


def read_alert(body: bytes) -> ReceivedAlert | None:
    """Read a webhook's body; None when it is no message."""
    try:
        read = json.loads(body)
    except ValueError:
        return None
    if not isinstance(read, dict):
        return None
    fields = cast("dict[str, Any]", read)
    text = fields.get("text") or fields.get("message")
    subject = fields.get("subject") or fields.get("title")
    if not isinstance(text, str) or not isinstance(subject, str):
        return None
    return ReceivedAlert(subject=subject, text=text, fields=fields)


def _page(view: View, path: str, noise: Noise) -> Answer:
    outlet = view.outlet
    if path == "/robots.txt":
        return Answer(body=ROBOTS.encode(), content_type="text/plain; charset=utf-8")
    if path == "/comments/feed/" and outlet.key == "corridor":
        return _validated(view, pages.empty_feed(view), "application/rss+xml; charset=utf-8")
    if outlet.feed and path == outlet.feed_path:
        return _validated(view, *pages.feed(view))
    if path in PLAIN_PAGES:
        return Answer(body=pages.plain_page(view, path.strip("/")).encode())
    by_path = {view.path(piece): piece for piece in view.pieces}
    if path in by_path:
        piece = by_path[path]
        return _validated(view, pages.article_page(view, piece, noise), piece=piece)
    sections = {f"/{where}/": name for name, where in outlet.sections.items()} | {"/": ""}
    if path in sections:
        return _validated(view, pages.list_page(view, noise, section=sections[path]))
    return Answer(status=HTTPStatus.NOT_FOUND, body=pages.plain_page(view, "404").encode())


def _validated(
    view: View,
    body: str,
    content_type: str = "text/html; charset=utf-8",
    *,
    piece: Piece | None = None,
) -> Answer:
    """Add the validators this outlet sends: over the article alone, or over all it shows."""
    headers: list[tuple[str, str]] = []
    shown = View(outlet=view.outlet, base=view.base, pieces=(piece,)) if piece else view
    if view.outlet.has_etag:
        headers.append(("ETag", pages.state_tag(shown, content_type)))
    if view.outlet.has_last_modified and shown.pieces:
        newest = max(p.modified or p.published for p in shown.pieces if p.published)
        headers.append(("Last-Modified", format_datetime(newest, usegmt=True)))
    return Answer(body=body.encode(), content_type=content_type, headers=tuple(headers))
