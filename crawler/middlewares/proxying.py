"""Go through a proxy, guarded, and tell its failures from those of the page.

SOCKS reaches into aiohttp-socks, whose connector would connect to any address: it is given a connection
to the proxy that the address guard has judged. It is pinned to its minor for that.
"""

import asyncio
import os
import socket
from collections.abc import Iterator
from ssl import SSLContext, SSLError
from typing import Any, Final, cast

import aiohttp
from aiohttp_socks import ProxyConnector, ProxyType
from aiohttp_socks.connector import _ResponseHandler  # pyright: ignore[reportPrivateUsage]
from python_socks import ProxyConnectionError
from python_socks import ProxyError as SocksError
from python_socks.async_.asyncio.v2 import Proxy as SocksClient
from python_socks.async_.asyncio.v2._stream import AsyncioSocketStream
from scrapy.http import Response

from crawler.middlewares.guard import AddressBlockedError, AddressGuard
from crawler.proxy import SOCKS, Proxy, ProxyDownError, ProxyError

CONNECT_S: Final = 10.0
"""How long connecting to a proxy may take; then it is the proxy that is slow, and no page."""

_LOGIN_ASKED: Final = 407
_FIRST_ERROR: Final = 400
_MOST_CAUSES: Final = 8
_OF_PROXY: Final = (
    aiohttp.ClientConnectorDNSError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ClientConnectorSSLError,
)


# -- SOCKS ----------------------------------------------------------------------------------------


class GuardedSocks(ProxyConnector):
    """Connections through one SOCKS proxy, which is sent names as they are."""

    def __init__(self, proxy: Proxy, guard: AddressGuard, **options: Any) -> None:  # noqa: ANN401 - aiohttp's
        super().__init__(proxy.host, proxy.port, **options)
        self._proxy = proxy
        self._guard = guard

    async def _connect_via_proxy(  # noqa: PLR0917 - the signature is the library's
        self,
        host: str,
        port: int,
        ssl: SSLContext | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - as above
    ) -> Any:  # noqa: ANN401 - as above
        own = self._proxy
        client = SocksClient(
            ProxyType.SOCKS5,
            own.host,
            own.port,
            username=own.user or None,
            password=own.password or None,
            rdns=True,
            forward=_Dialler(own, self._guard, within_s=timeout or CONNECT_S),
        )
        stream = await client.connect(dest_host=host, dest_port=port, dest_ssl=ssl)
        protocol = _ResponseHandler(loop=self._loop, writer=stream.writer)
        transport: Any = stream.writer.transport
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        return transport, protocol


class _Dialler(SocksClient):
    """Connects to the proxy itself, by sockets that the guard has made."""

    def __init__(self, proxy: Proxy, guard: AddressGuard, *, within_s: float) -> None:
        super().__init__(ProxyType.SOCKS5, proxy.host, proxy.port)
        self._guard = guard
        self._within_s = within_s

    async def connect(  # noqa: PLR0917 - the signature is the library's
        self,
        dest_host: str,
        dest_port: int,
        dest_ssl: SSLContext | None = None,  # noqa: ARG002 - as above
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - as above
        **_: Any,  # noqa: ANN401 - as above
    ) -> AsyncioSocketStream:
        """Connect to one of the addresses of the proxy.

        Raises:
            ProxyConnectionError: None of them answers.
            AddressBlockedError: One of them is not allowed.
        """
        try:
            async with asyncio.timeout(self._within_s):
                made = await self._open(dest_host, dest_port)
        except TimeoutError:
            raise ProxyConnectionError(None, f"no answer within {self._within_s:.0f} s") from None
        reader, writer = await asyncio.open_connection(sock=made)
        return AsyncioSocketStream(asyncio.get_running_loop(), reader, writer)

    async def _open(self, host: str, port: int) -> socket.socket:
        loop = asyncio.get_running_loop()
        failed = OSError("it has no address")
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise ProxyConnectionError(None, "its name is not found") from error
        for info in found:
            made = self._guard(cast("Any", info))
            try:
                await loop.sock_connect(made, info[4])
            except OSError as error:
                made.close()
                failed = error
            except BaseException:
                made.close()
                raise
            else:
                return made
        raise ProxyConnectionError(failed.errno, _why(failed)) from failed


# -- what its failures say ------------------------------------------------------------------------


def failure_of(error: BaseException, proxy: Proxy) -> ProxyError | None:
    """Say what a failed request tells of the proxy; None where it tells of the page."""
    for cause in _causes(error):
        found = _blocked(cause, proxy) or _refused(cause, proxy) or _unconnected(cause, proxy)
        if found is not None:
            return found
    return None


def spoken_by(response: Response, proxy: Proxy) -> ProxyError | None:
    """Say what an answer is where the proxy itself gave it (plain http only); None: the page did.

    A proxy that answers in the place of a page names itself (RFC 9209), asks for its login, or is Squid.
    """
    if proxy.scheme == SOCKS or not response.url.startswith("http:"):
        return None
    if response.status == _LOGIN_ASKED:
        return _login(proxy)
    status = (response.headers.get("Proxy-Status") or b"").decode("latin-1")
    squid = (response.headers.get("X-Squid-Error") or b"").decode("latin-1")
    if response.status < _FIRST_ERROR or not (squid or "error=" in status):
        return None
    said = squid.partition(" ")[0] or status.partition("error=")[2].partition(";")[0]
    return ProxyError(
        f"the proxy {proxy.shown} did not reach it: {response.status} {said[:60]}".strip()
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if one is None:
            return
        yield one
        one = one.__cause__ or one.__context__


def _blocked(error: BaseException, proxy: Proxy) -> ProxyError | None:
    if not isinstance(error, AddressBlockedError):
        return None
    return ProxyDownError(
        f"the proxy {proxy.shown} is at {error.address}, which is not a public address; add "
        f'"{error.address}" to allow_networks to use it'
    )


def _refused(error: BaseException, proxy: Proxy) -> ProxyError | None:
    """Tell of a proxy that was reached, and did not do what we asked."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        if error.status == _LOGIN_ASKED:
            return _login(proxy)
        return ProxyError(
            f"the proxy {proxy.shown} did not reach it: {error.status} {error.message[:60]}".strip()
        )
    if isinstance(error, aiohttp.ClientConnectionError) and isinstance(error.__cause__, TypeError):
        # What older Pythons raise inside TLS for any fault of the inner one.
        return ProxyError(
            f"no TLS with the page came about through the proxy {proxy.shown}; its certificate "
            "may not hold"
        )
    if isinstance(error, SocksError):
        said = str(error).strip() or "it ended the connection"
        if error.error_code is None:  # no reply to our request: it came to none
            return ProxyDownError(f"the proxy {proxy.shown} does not serve us: {said[:120]}")
        return ProxyError(f"the proxy {proxy.shown} did not reach it: {said[:120]}")
    return None


def _unconnected(error: BaseException, proxy: Proxy) -> ProxyError | None:
    """Tell of a proxy that was not reached."""
    why = ""
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        why = _why(error.os_error)
    elif isinstance(error, ProxyConnectionError):
        why = str(error.strerror or error)
    elif isinstance(error, aiohttp.ConnectionTimeoutError) and proxy.scheme != SOCKS:
        why = f"no answer within {CONNECT_S:.0f} s"
    elif isinstance(error, _OF_PROXY) and (error.host, error.port) == (proxy.host, proxy.port):
        is_name = isinstance(error, aiohttp.ClientConnectorDNSError)
        why = "its name is not found" if is_name else f"its certificate does not hold: {error}"
    return ProxyDownError(f"the proxy {proxy.shown} cannot be reached: {why}") if why else None


def _login(proxy: Proxy) -> ProxyDownError:
    said = (
        "refused its login (407); correct the user and password in its address"
        if proxy.user
        else "asks for a login (407); write user:password@ in front of its host"
    )
    return ProxyDownError(f"the proxy {proxy.shown} {said}")


def _why(error: OSError) -> str:
    if isinstance(error, SSLError) or not error.errno:
        return (error.strerror or str(error) or "no reason given")[:200]
    return os.strerror(error.errno).lower()
