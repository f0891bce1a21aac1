"""A scriptable publisher on loopback: tests publish, edit, delete and move pages, and read its request log."""

import json
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from typing import Literal, Self
from urllib.parse import urljoin

from scheduler.demo.serving import Answer, Asked, LoopbackServer, unless_modified

FeedFormat = Literal["rss", "atom", "json"]
FEED_TYPES: Mapping[str, str] = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One request as it arrived, and the status it was answered with; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    at_s: float  # monotonic


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed; `link` is a path or an address."""

    link: str
    title: str
    published: datetime | None = None
    updated: datetime | None = None
    summary: str = ""


def article_page(
    title: str,
    paragraphs: Iterable[str],
    *,
    language: str = "en",
    published: datetime | None = None,
    modified: datetime | None = None,
    around: str = "",
) -> str:
    """A plain news page; `around` stands beside the article (boilerplate, noise)."""
    dates = "".join(
        f'<meta property="article:{name}_time" content="{when.isoformat()}">'
        for name, when in (("published", published), ("modified", modified))
        if when
    )
    text = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"{dates}</head><body><nav><a href='/'>Home</a></nav>"
        f"<main><article><h1>{escape(title)}</h1>\n{text}</article></main>{around}"
        "<footer><p>All rights reserved.</p></footer></body></html>"
    )


def front_page(entries: Iterable[Entry], *, title: str = "A paper", head: str = "") -> str:
    """A home or section page: headlines that link to articles."""
    items = "\n".join(
        f'<article class="teaser"><h2><a href="{escape(entry.link)}">{escape(entry.title)}</a></h2>'
        f"<p>{escape(entry.summary)}</p></article>"
        for entry in entries
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head>'
        f"<body><header><a href='/'>{escape(title)}</a></header><main>{items}</main></body></html>"
    )


def feed(entries: Iterable[Entry], *, base: str, form: FeedFormat = "rss") -> str:
    """A feed of these entries in one of three formats."""
    return {"rss": _rss, "atom": _atom, "json": _json_feed}[form](list(entries), base)


def _rss(entries: list[Entry], base: str) -> str:
    items = "".join(
        f"<item><title>{escape(e.title)}</title><link>{escape(urljoin(base, e.link))}</link>"
        f"<guid>{escape(urljoin(base, e.link))}</guid><description>{escape(e.summary)}</description>"
        + (f"<pubDate>{format_datetime(e.published)}</pubDate>" if e.published else "")
        + "</item>"
        for e in entries
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>A paper</title>'
        f"<link>{base}/</link><description>News</description>{items}</channel></rss>"
    )


def _atom(entries: list[Entry], base: str) -> str:
    def entry(e: Entry) -> str:
        updated = e.updated or e.published or datetime(2026, 1, 1, tzinfo=UTC)
        published = f"<published>{e.published.isoformat()}</published>" if e.published else ""
        return (
            f'<entry><title>{escape(e.title)}</title><link href="{escape(urljoin(base, e.link))}"/>'
            f"<id>{escape(urljoin(base, e.link))}</id><updated>{updated.isoformat()}</updated>{published}"
            f"<summary>{escape(e.summary)}</summary></entry>"
        )

    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>A paper</title>'
        f"<id>{base}/</id><updated>2026-01-01T00:00:00Z</updated>{''.join(map(entry, entries))}</feed>"
    )


def _json_feed(entries: list[Entry], base: str) -> str:

    items = [
        {
            "id": urljoin(base, e.link),
            "url": urljoin(base, e.link),
            "title": e.title,
            "summary": e.summary,
        }
        | ({"date_published": e.published.isoformat()} if e.published else {})
        | ({"date_modified": e.updated.isoformat()} if e.updated else {})
        for e in entries
    ]
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": "A paper", "items": items}
    )


@dataclass(slots=True)
class _Page:
    """What stands at one path: `once` is answered first, one a request; then `answer`."""

    answer: Answer
    has_etag: bool = False
    once: list[Answer] = field(default_factory=list)


class Site:
    """One publisher: `with Site() as site: site.publish("/a", article_page("T", ["…"]))`."""

    def __init__(self, *, host: str = "127.0.0.1") -> None:
        self._pages: dict[str, _Page] = {}
        self._log: list[LoggedRequest] = []
        self._news = threading.Condition()
        self._server = LoopbackServer(self._answer, host=host)

    # -- where -----------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Without a path: `http://127.0.0.1:40001`."""
        return self._server.url

    @property
    def site(self) -> str:
        """Host and port, as `storage.urls.site_of` writes them."""
        return f"{self._server.host}:{self._server.port}"

    def at(self, path: str) -> str:
        """The whole address of a path."""
        return self.url + path

    # -- what stands there -----------------------------------------------------------------------

    def publish(
        self,
        path: str,
        body: str | bytes,
        *,
        content_type: str = "text/html; charset=utf-8",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        etag: bool = False,
    ) -> str:
        """Put a page at a path (over what was there) and return its address.

        With `etag` it answers 304 while the body stays, with a `Last-Modified` in `headers` while that does.
        """
        sent = tuple((headers or {}).items())
        answer = Answer(status=status, body=_bytes(body), content_type=content_type, headers=sent)
        return self.publish_answer(path, answer, etag=etag)

    def publish_answer(self, path: str, answer: Answer, *, etag: bool = False) -> str:
        """Put any answer at a path: a slow one (`delay_s`), one that is cut off (`cut_after`)."""
        with self._news:
            self._pages[path] = _Page(answer, etag)
        return self.at(path)

    def publish_feed(
        self, path: str, entries: Iterable[Entry], *, form: FeedFormat = "rss", etag: bool = False
    ) -> str:
        """Put a feed at a path and return its address."""
        body = feed(entries, base=self.url, form=form)
        return self.publish(path, body, content_type=FEED_TYPES[form], etag=etag)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a string that stands in the page; everything else about the page stays."""
        with self._news:
            page = self._pages[path]
            text = page.answer.body.decode()
            if old not in text:
                raise AssertionError(f"{path} does not hold {old!r}")
            page.answer = replace(page.answer, body=text.replace(old, new).encode())

    def delete(self, path: str, *, status: int = 404, body: str = "<h1>Not found</h1>") -> None:
        """Take a page away: 404 or 410 from now on."""
        self.publish(path, body, status=status)

    def move(self, path: str, to: str, *, status: int = 301) -> str:
        """Put the page at another path and redirect from the old one; return the new address."""
        with self._news:
            self._pages[to] = self._pages[path]
        self.redirect(path, to, status=status)
        return self.at(to)

    def redirect(self, path: str, to: str, *, status: int = 301) -> None:
        """Redirect from a path to a path or an address."""
        self.publish(path, "", status=status, headers={"Location": to})

    def answer_once(self, path: str, *answers: Answer) -> None:
        """Give these answers to the next requests for the path, one each; then go on as before."""
        with self._news:
            self._pages.setdefault(path, _Page(Answer(status=404))).once.extend(answers)

    def robots(self, text: str, *, status: int = 200) -> None:
        """Publish robots.txt; without it the site answers 404 there."""
        self.publish("/robots.txt", text, content_type="text/plain; charset=utf-8", status=status)

    # -- what was asked --------------------------------------------------------------------------

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """Everything that was asked so far, oldest first."""
        with self._news:
            return tuple(self._log)

    def requests_to(self, path: str) -> tuple[LoggedRequest, ...]:
        """The requests for one path."""
        return tuple(request for request in self.requests if request.path == path)

    def forget_requests(self) -> None:
        """Empty the log."""
        with self._news:
            self._log.clear()

    def wait_for(self, path: str, *, count: int = 1, timeout_s: float = 10.0) -> None:
        """Wait until the path was asked for `count` times."""

        def was_asked() -> bool:
            return sum(request.path == path for request in self._log) >= count

        with self._news:
            if not self._news.wait_for(was_asked, timeout_s):
                raise TimeoutError(f"{path} was not asked for {count} times within {timeout_s} s")

    # -- life ------------------------------------------------------------------------------------

    def close(self) -> None:
        """End every connection and free the port."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self, asked: Asked) -> Answer:
        with self._news:
            answer = unless_modified(asked, self._stands_there(asked.path))
            self._log.append(
                LoggedRequest(
                    method=asked.method,
                    path=asked.path,
                    query=asked.query,
                    headers=asked.headers,
                    body=asked.body,
                    status=answer.status,
                    at_s=time.monotonic(),
                )
            )
            self._news.notify_all()
        return answer

    def _stands_there(self, path: str) -> Answer:
        page = self._pages.get(path)
        if page is None:
            return Answer(status=404, body=b"<h1>Not found</h1>")
        if page.once:
            return page.once.pop(0)
        if not page.has_etag:
            return page.answer
        tag = f'"{sha256(page.answer.body).hexdigest()[:16]}"'
        return replace(page.answer, headers=(*page.answer.headers, ("ETag", tag)))


def _bytes(body: str | bytes) -> bytes:
    return body.encode() if isinstance(body, str) else body
