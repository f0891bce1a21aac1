"""The address of a proxy: which are taken, and how one is shown without its login. Connects to nothing."""

import base64
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from crawler.errors import FetchError, OwnFaultError

SOCKS: Final = "socks5h"
SCHEMES: Final = ("http", "https", SOCKS)
DIRECT: Final = frozenset({"", "none"})
"""What a source writes to be fetched without the proxy of all others."""

META: Final = "parley_proxy"
"""Where a request carries its proxy; what follows a redirect inherits it."""

_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_LONGEST_SECRET: Final = 255  # bytes, of a name and of a password (RFC 1929)
_EXAMPLE: Final = "http://proxy.example.org:3128"
_REFUSED: Final = {
    "socks5": "socks5:// would have every name looked up on this machine, past the proxy; "
    "write socks5h://, which sends the name",
    "socks4": "socks4:// takes no names; write socks5h:// for a proxy that speaks SOCKS 5",
    "socks4a": "socks4a:// is not spoken; write socks5h:// for a proxy that speaks SOCKS 5",
}


class ProxyError(FetchError):
    """The proxy, and not the publisher, kept us from a page."""


class ProxyDownError(ProxyError, OwnFaultError):
    """The proxy serves no request of ours at all: nothing is said about any publisher."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Through what a request goes; the login is a secret."""

    scheme: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """Its address without the login: `http://proxy.example.org:3128`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def authorization(self) -> str:
        """The value of Proxy-Authorization; "" where there is no login."""
        if not self.user:
            return ""
        return f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode('ascii')}"


def read_proxy(found: str) -> Proxy | None:
    """Read the address of a proxy; None where it says to go without one.

    Raises:
        ValueError: With a sentence that does not show the address, which may hold a password.
    """
    text = found.strip()
    if text.lower() in DIRECT:
        return None
    parts = _split(text)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port is None:
        raise ValueError("names no port; write it after the host, such as :3128")
    if not port or not _HOST.fullmatch(parts.hostname or ""):
        raise ValueError(_unreadable())
    return Proxy(
        scheme=parts.scheme,
        host=parts.hostname or "",
        port=port,
        user=_secret(parts.username, is_socks=parts.scheme == SOCKS),
        password=_secret(parts.password, is_socks=parts.scheme == SOCKS),
    )


def check_proxy(found: str) -> str:
    """Give what stands for a proxy as it was written, once it can be read.

    Raises:
        ValueError: With a sentence that does not show it.
    """
    proxy = read_proxy(found)
    if proxy is None:
        return ""
    if proxy.scheme == SOCKS and proxy.user and not proxy.password:
        raise ValueError("has a user name and no password; SOCKS wants both, user:password@")
    if proxy.scheme != SOCKS and ":" in proxy.user:
        raise ValueError("has a colon in the user name, which cannot be sent; use another")
    return found.strip()


def _split(text: str) -> SplitResult:
    scheme, has_scheme, _ = text.partition("://")
    known = scheme.lower() if has_scheme else ""
    if known in _REFUSED:
        raise ValueError(_REFUSED[known])
    if known and known not in SCHEMES and re.fullmatch(r"[a-z][a-z0-9+.-]{0,20}", known):
        raise ValueError(f"{known}:// is no proxy we know; write http://, https:// or socks5h://")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(_unreadable()) from None
    if not known or not text.isprintable() or " " in text:
        raise ValueError(_unreadable())
    if (
        parts.path not in {"", "/"}
        or parts.query
        or parts.fragment
        or "@" in (parts.password or "")
    ):
        raise ValueError(
            "has more after the port than an address of a proxy can; leave it out, and in a password "
            "write / as %2F, # as %23 and ? as %3F"
        )
    return parts


def _secret(found: str | None, *, is_socks: bool) -> str:
    text = unquote(found or "")
    if not text.isprintable() or (is_socks and len(text.encode()) > _LONGEST_SECRET):
        raise ValueError("has a user name or password that cannot be sent; use a shorter one")
    return text


def _unreadable() -> str:
    return f"is not the address of a proxy; write one such as {_EXAMPLE}"
