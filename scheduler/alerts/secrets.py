"""Keep the secrets of channel addresses out of logs, errors and the database. Pure.

An address is shown as its kind only: `mailtos://…`.
"""

import logging
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

HIDDEN: Final = "…"
_SHORTEST: Final = 5  # shorter parts of an address are words like "no", not secrets
_ADDRESS: Final = re.compile(r"\b([a-z][a-z0-9+.-]{1,30})://[^\s'\"<>]+", re.IGNORECASE)
_HEADER: Final = re.compile(r"(\+|%2B)([A-Za-z0-9-]+)=[^\s&'\"]+")
_OPEN_KINDS: Final = frozenset(
    {"mailto", "mailtos", "json", "jsons"}
)  # host and user are no secrets
_PLAIN_SETTINGS: Final = frozenset(
    {"mode", "format", "from", "to", "name", "smtp", "cc", "bcc", "reply", "verify", "cto", "rto"}
)


def kind_of(address: str) -> str:
    """Give the kind of an address, without anything else of it: `mailtos`."""
    kind, found, _ = address.partition("://")
    return kind.lower() if found and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]{0,30}", kind) else "?"


def shown(address: str) -> str:
    """Give an address as it may be shown: `mailtos://…`."""
    return f"{kind_of(address)}://{HIDDEN}"


def parts_to_hide(address: str) -> frozenset[str]:
    """Give the parts of an address that must not be seen anywhere, as written and decoded."""
    is_open = kind_of(address) in _OPEN_KINDS
    try:
        parts = urlsplit(address)
        host, password, user = parts.hostname or "", parts.password or "", parts.username or ""
    except ValueError:
        return frozenset({address.partition("://")[2]})
    found = {password}
    found.update(segment for segment in parts.path.split("/") if "@" not in segment)
    found.update(
        value for key, value in parse_qsl(parts.query) if key.lower() not in _PLAIN_SETTINGS
    )
    if not is_open:
        found.add(user)
        found.update(() if "." in host or host == "localhost" else (host,))
    both = {form for part in found for form in (part, unquote(part))}
    return frozenset(part for part in both if len(part) >= _SHORTEST or part == password != "")


def redact(text: str, hide: Iterable[str] = ()) -> str:
    """Take out of a text the parts to hide, and everything that looks like an address or a token."""
    for part in sorted(hide, key=len, reverse=True):
        text = text.replace(part, HIDDEN)
    return _HEADER.sub(rf"\1\2={HIDDEN}", _ADDRESS.sub(_hide_address, text))


def _hide_address(found: re.Match[str]) -> str:
    return f"{found[1]}://{HIDDEN}"


class RedactingFilter(logging.Filter):
    """Redacts what a library logs; knows the parts to hide of every address that was loaded."""

    def __init__(self) -> None:
        super().__init__()
        self._hide: frozenset[str] = frozenset()

    def hide(self, parts: Iterable[str]) -> None:
        """Hide these parts from now on."""
        self._hide |= frozenset(parts)

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the message of a record; let every record pass."""
        record.msg = redact(record.getMessage(), self._hide)
        record.args = ()
        record.exc_info = None  # a traceback repeats addresses
        return True
