"""Real proxies on loopback: HTTP with CONNECT, over TLS or plain, and SOCKS 5; each keeps what it was asked."""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_SOCKS_NAME, _SOCKS_IPV4 = 3, 1


@dataclass
class Proxying:
    """One running proxy."""

    scheme: str
    login: str = ""  # user:password it asks for; "" asks for none
    names: dict[str, str] = field(default_factory=dict)  # what its resolver knows
    refuses: int = 0  # the status or the SOCKS reply it gives to every target
    port: int = 0
    asked: list[str] = field(default_factory=list)  # host:port of every target, as it was sent
    headers: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """Its address, with the login it asks for."""
        login = f"{self.login}@" if self.login else ""
        return f"{self.scheme}://{login}127.0.0.1:{self.port}"

    @property
    def hosts(self) -> list[str]:
        """The hosts it was asked for."""
        return [one.rpartition(":")[0] for one in self.asked]

    async def reach(self, host: str, port: int) -> Streams:
        """Connect to a target as this proxy does: by its own resolver."""
        return await asyncio.open_connection(self.names.get(host, host), port)


@contextlib.asynccontextmanager
async def http_proxy(
    *, tls: ssl.SSLContext | None = None, **facts: object
) -> AsyncIterator[Proxying]:
    """Run an HTTP proxy; `facts` are the fields of `Proxying`."""
    proxy = Proxying(scheme="https" if tls else "http", **facts)  # type: ignore[arg-type]
    async with _serve(proxy, _http, tls):
        yield proxy


@contextlib.asynccontextmanager
async def socks_proxy(**facts: object) -> AsyncIterator[Proxying]:
    """Run a SOCKS 5 proxy; `facts` are the fields of `Proxying`."""
    proxy = Proxying(scheme="socks5h", **facts)  # type: ignore[arg-type]
    async with _serve(proxy, _socks, None):
        yield proxy


@contextlib.asynccontextmanager
async def tls_site(body: str, tls: ssl.SSLContext) -> AsyncIterator[tuple[int, list[str]]]:
    """Serve one page over TLS at every path but robots.txt; give its port, and the paths it is asked for."""
    paths: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await _head(reader)
        paths.append(head[0].split()[1])
        status = "404 Not Found" if paths[-1] == "/robots.txt" else "200 OK"
        data = body.encode()
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode()
            + data
        )

    server = Proxying(scheme="https")
    async with _serve(server, lambda _, reader, writer: answer(reader, writer), tls):
        yield server.port, paths


_Handler = Callable[[Proxying, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def _serve(
    proxy: Proxying, handle: _Handler, tls: ssl.SSLContext | None
) -> AsyncIterator[None]:
    open_: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            await handle(proxy, reader, writer)
            await writer.drain()
        await _end(writer)

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task that is cancelled before it began closes nothing: its connection is known from here on.
        proxy.connections += 1
        task = asyncio.create_task(one(reader, writer))
        open_[task] = writer
        task.add_done_callback(lambda done: None if done.cancelled() else open_.pop(done, None))

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
        left = dict(open_)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for writer in left.values():
            await _end(writer)
        await server.wait_closed()


async def _end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await writer.wait_closed()


async def _head(reader: asyncio.StreamReader) -> list[str]:
    return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]


# -- HTTP -----------------------------------------------------------------------------------------


async def _http(
    proxy: Proxying, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    line, *lines = await _head(reader)
    method, target, _ = line.split()
    headers = {
        name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)
    }
    proxy.headers.append(headers)
    wanted = base64.b64encode(proxy.login.encode()).decode()
    if proxy.login and headers.get("proxy-authorization") != f"Basic {wanted}":
        writer.write(_refusal(407, 'Proxy-Authenticate: Basic realm="here"\r\n'))
        return
    parts = urlsplit(target if "://" in target else f"//{target}")
    host, port = parts.hostname or "", parts.port or 80
    proxy.asked.append(f"{host}:{port}")
    if proxy.refuses:
        writer.write(_refusal(proxy.refuses, "Proxy-Status: here; error=connection_refused\r\n"))
        return
    there = await proxy.reach(host, port)
    if method == "CONNECT":
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    else:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        kept = [
            f"{n}: {v}" for n, v in headers.items() if not n.startswith(("proxy-", "connection"))
        ]
        there[1].write(
            "\r\n".join([f"{method} {path} HTTP/1.1", *kept, "Connection: close", "", ""]).encode()
        )
    await _both_ways((reader, writer), there)


def _refusal(status: int, more: str) -> bytes:
    return f"HTTP/1.1 {status} No\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()


# -- SOCKS ----------------------------------------------------------------------------------------


async def _socks(
    proxy: Proxying, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    _, count = await reader.readexactly(2)
    methods = await reader.readexactly(count)
    method = 2 if proxy.login else 0
    if method not in methods:
        writer.write(b"\x05\xff")
        return
    writer.write(bytes((5, method)))
    if proxy.login and not await _may_enter(proxy, reader, writer):
        return
    _, _, _, kind = await reader.readexactly(4)
    if kind == _SOCKS_NAME:
        host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
    else:
        size = 4 if kind == _SOCKS_IPV4 else 16
        host = ".".join(map(str, await reader.readexactly(size)))
    port = int.from_bytes(await reader.readexactly(2), "big")
    proxy.asked.append(f"{host}:{port}")
    if proxy.refuses:
        writer.write(bytes((5, proxy.refuses, 0, 1, 0, 0, 0, 0, 0, 0)))
        return
    there = await proxy.reach(host, port)
    writer.write(bytes((5, 0, 0, 1, 0, 0, 0, 0, 0, 0)))
    await _both_ways((reader, writer), there)


async def _may_enter(
    proxy: Proxying, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    await reader.readexactly(1)
    said = [(await reader.readexactly((await reader.readexactly(1))[0])).decode() for _ in range(2)]
    is_known = ":".join(said) == proxy.login
    writer.write(bytes((1, 0 if is_known else 1)))
    return is_known


async def _both_ways(here: Streams, there: Streams) -> None:
    """Copy until one side ends."""
    ways = [
        asyncio.create_task(_copy(here[0], there[1])),
        asyncio.create_task(_copy(there[0], here[1])),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        there[1].close()  # before anything that may be cancelled once more
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        await _end(there[1])


async def _copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            to.write(data)
            await to.drain()
