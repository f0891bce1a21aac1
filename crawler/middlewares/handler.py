"""The download handler: one HTTP session for all visits, a guard at every connect, whole bodies only.

What goes through a SOCKS proxy has a session for each proxy.

It reaches into Scrapy's aiohttp handler, which is marked experimental: Scrapy is pinned to its minor,
and the tests of this module tell when an upgrade breaks it.
"""

import asyncio
import errno
import os
import re
import zlib
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from scrapy import Request
from scrapy.core.downloader.handlers import _aiohttp
from scrapy.core.downloader.handlers._base_streaming import BaseStreamingDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    DownloadCancelledError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.utils import ssl as scrapy_ssl
from yarl import URL

from crawler.middlewares.compression import is_whole, unknown_coding
from crawler.middlewares.guard import AddressBlockedError, AddressGuard
from crawler.middlewares.outage import NetworkDownError, Outage
from crawler.middlewares.proxying import CONNECT_S, GuardedSocks, failure_of, spoken_by
from crawler.proxy import META, SOCKS, Proxy

_TLS = re.compile(r" ssl:(?:<[^>]*>|\w+)")  # aiohttp names an object of its own in what people read
_CONNECTIONS = 64
_LONGEST_HEADER = 64 * 1024  # bytes; browsers take as much, aiohttp 8 KiB
_CONNECTIONS_PER_HOST = 4
_SUCCESS = range(200, 300)


class Network:
    """What all visits share of the network: the session, the guard and the requests under way."""

    def __init__(self, guard: AddressGuard) -> None:
        self.guard = guard
        self.outage = Outage()
        self.is_stopping = False
        self._tls: Any = None
        self._sessions: dict[Proxy | None, aiohttp.ClientSession] = {}
        self._under_way: set[asyncio.Task[Response]] = set()

    def tls(self, crawler: Crawler) -> Any:  # noqa: ANN401 - Scrapy's own type
        """Give the TLS context, made at the first call."""
        if self._tls is None:
            self._tls = scrapy_ssl._make_ssl_context(crawler.settings)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        return self._tls

    async def request(
        self,
        method: str,
        url: str | URL,
        *,
        proxy: Proxy | None,
        headers: list[tuple[str, str]],
        **more: Any,  # noqa: ANN401 - aiohttp's
    ) -> aiohttp.ClientResponse:
        """Ask as aiohttp's session does, straight or through a proxy; its login goes to it alone."""
        total: float = more["timeout"].total
        more["timeout"] = aiohttp.ClientTimeout(total=total, sock_connect=min(CONNECT_S, total / 2))
        if proxy is None:
            return await self._session(None).request(method, url, headers=headers, **more)
        if proxy.scheme == SOCKS:
            return await self._session(proxy).request(method, url, headers=headers, **more)
        login = [("Proxy-Authorization", proxy.authorization)] if proxy.user else []
        if str(url).startswith("https:"):
            more["proxy_headers"] = login
        else:
            headers = [*headers, *login]
        return await self._session(None).request(
            method, url, headers=headers, proxy=proxy.shown, **more
        )

    def _session(self, socks: Proxy | None) -> aiohttp.ClientSession:
        """Give the session of a SOCKS proxy, or that of all else; made at the first call."""
        if socks not in self._sessions:
            self._sessions[socks] = aiohttp.ClientSession(
                connector=self._connector(socks),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                max_line_size=_LONGEST_HEADER,
                max_field_size=_LONGEST_HEADER,
                response_class=_aiohttp._ClientResponse,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            )
        return self._sessions[socks]

    def _connector(self, socks: Proxy | None) -> aiohttp.BaseConnector:
        limits = {"limit": _CONNECTIONS, "limit_per_host": _CONNECTIONS_PER_HOST}
        if socks is not None:
            return GuardedSocks(socks, self.guard, **limits)
        return aiohttp.TCPConnector(socket_factory=self.guard, **limits)  # pyright: ignore[reportArgumentType]

    def judge(self, error: Exception, request: Request) -> NetworkDownError | None:
        """Say that our own network is down, where this failure shows that it is."""
        if isinstance(error, DownloadCancelledError | AddressBlockedError):
            return None
        return self.outage.judge(error, urlsplit(request.url).netloc, now=datetime.now(UTC))

    async def run(self, download: Coroutine[object, object, Response]) -> Response:
        """Await a download so that `abort` can end it.

        Raises:
            DownloadCancelledError: We are stopping; nothing is said about the publisher.
        """
        if self.is_stopping:
            download.close()
            raise DownloadCancelledError("stopping")
        task: asyncio.Task[Response] = asyncio.ensure_future(download)
        self._under_way.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if self.is_stopping:
                raise DownloadCancelledError("stopping") from None
            raise
        finally:
            self._under_way.discard(task)

    def abort(self) -> None:
        """End every request under way, and refuse new ones."""
        self.is_stopping = True
        for task in tuple(self._under_way):
            task.cancel()

    async def close(self) -> None:
        """Close the sessions."""
        for session in self._sessions.values():
            await session.close()


class GuardedHandler(_aiohttp.AiohttpDownloadHandler):
    """Scrapy's aiohttp handler on the shared sessions."""

    def __init__(self, crawler: Crawler) -> None:
        BaseStreamingDownloadHandler.__init__(self, crawler)  # skips the session per crawl
        spider: Any = crawler.spider
        self._network: Network = spider.equipment.network
        self._session: Any = self._network
        self._ssl_context = self._network.tls(crawler)
        self._cap = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    async def download_request(self, request: Request) -> Response:
        """Fetch, and refuse a compressed body that ends early.

        Raises:
            ResponseDataLossError: The body is cut short or is not what its encoding says.
            AddressBlockedError: The address is neither public nor allowed.
            ProxyError: It was the proxy that failed.
            NetworkDownError: This machine reaches nobody.
        """
        response = await self._fetch(request)
        encoding = (response.headers.get("Content-Encoding") or b"").decode("latin-1")
        is_cut = "download_stopped" in response.flags  # by us
        if not encoding or not response.body or request.method == "HEAD" or is_cut:
            return response
        if response.status in _SUCCESS and (unknown := unknown_coding(encoding)):
            raise ResponseDataLossError(f"its content encoding {unknown!r} is not known")
        try:
            whole = is_whole(encoding, response.body, cap=self._cap)
        except (zlib.error, ValueError) as error:
            raise ResponseDataLossError(f"the body is not {encoding}: {error}") from error
        if not whole:
            raise ResponseDataLossError(f"the {encoding} body ends early")
        return response

    async def _fetch(self, request: Request) -> Response:
        proxy: Proxy | None = request.meta.get(META)
        if proxy is not None:
            self._network.guard.judge_literal(_host(request.url))
        try:
            response = await self._network.run(super().download_request(request))
        except Exception as error:
            if proxy is None and (down := self._network.judge(error, request)):
                raise down from error
            if proxy is not None and (failure := failure_of(error, proxy)):
                raise failure from error
            if said := _malformed(error):
                raise ResponseDataLossError(f"the answer is malformed: {said}") from error
            within_s = float(request.meta.get("download_timeout", 0))
            error.args = (_in_words(error, within_s=within_s),)
            raise
        self._network.outage.note_answer(datetime.now(UTC))
        if proxy is not None and (failure := spoken_by(response, proxy)):
            raise failure
        return response

    def _extract_proxy_url_with_creds(self, request: Request) -> Any:  # noqa: ANN401 - what `Network.request` takes
        return request.meta.get(META)

    async def close(self) -> None:
        """Leave the sessions open: they are everybody's."""


def _host(url: str) -> str:
    """Give the host as it will be sent: aiohttp turns other forms of digits into plain ones."""
    try:
        return URL(url).raw_host or ""
    except ValueError:
        return ""  # aiohttp refuses it for the same reason


def _in_words(error: Exception, *, within_s: float) -> str:
    """Say what kept an answer from coming: what aiohttp says of it is written for programmers."""
    cause = error.__cause__
    if isinstance(cause, aiohttp.ConnectionTimeoutError):
        return "timed out: no connection came about"
    if isinstance(error, DownloadTimeoutError):
        return f"timed out: the answer took longer than {within_s:g} s"
    if isinstance(cause, aiohttp.ClientConnectorError) and not isinstance(
        cause, aiohttp.ClientSSLError
    ):
        number = cause.errno or 0
        if number in errno.errorcode:
            return f"Cannot connect to host {cause.host}:{cause.port}: {os.strerror(number)}"
    return _TLS.sub("", str(error))


def _malformed(error: BaseException) -> str:
    """What aiohttp could not read in an answer, in one line; "" where that is not what happened."""
    causes = (error, error.__cause__, error.__context__)
    found = next((one for one in causes if isinstance(one, aiohttp.ClientResponseError)), None)
    return (found.message or str(found)).strip().partition("\n")[0][:200] if found else ""
