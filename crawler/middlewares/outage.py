"""Tell an outage of our own network from one of a publisher: then everything fails at once."""

import errno
import socket
from datetime import datetime, timedelta
from typing import Final

import aiohttp

from crawler.errors import OwnFaultError

SEVERAL: Final = 3
"""Hosts in a row that no connection reaches, while nobody answers: no chance, but our network."""

_QUIET: Final = timedelta(minutes=5)
_UNREACHED: Final = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH})
_NO_ROUTE: Final = frozenset({errno.ENETUNREACH, errno.ENETDOWN})


class NetworkDownError(OwnFaultError):
    """This machine reaches nobody: nothing is said about any publisher."""


class Outage:
    """Remembers which hosts were not reached since anybody answered."""

    def __init__(self) -> None:
        self._unreached: set[str] = set()
        self._answered_at: datetime | None = None

    def note_answer(self, now: datetime) -> None:
        """Somebody answered, or refused: our network works."""
        self._unreached.clear()
        self._answered_at = now

    def judge(self, error: BaseException, host: str, *, now: datetime) -> NetworkDownError | None:
        """Say that our network is down, where a failed request shows that it is.

        Args:
            error: What the request failed with.
            host: That was asked.
            now: Aware UTC.
        """
        cause = error.__cause__ or error
        if not _is_unreached(cause):
            if not isinstance(error, TimeoutError) and not isinstance(cause, TimeoutError):
                self.note_answer(now)
            return None
        self._unreached.add(host)
        is_quiet = self._answered_at is None or now - self._answered_at > _QUIET
        if is_quiet and _is_ours(cause):
            return NetworkDownError("this machine has no network: no address can be reached")
        if len(self._unreached) >= SEVERAL:
            return NetworkDownError(
                f"the network of this machine seems to be down: {len(self._unreached)} sites in a "
                "row could not be reached"
            )
        return None


def _is_unreached(cause: BaseException) -> bool:
    if isinstance(cause, aiohttp.ClientConnectorDNSError | aiohttp.ConnectionTimeoutError):
        return True
    return isinstance(cause, aiohttp.ClientConnectorError) and cause.errno in _UNREACHED


def _is_ours(cause: BaseException) -> bool:
    """Say whether an error tells of our own end: no route at all, or no server of names that answers."""
    if isinstance(cause, aiohttp.ClientConnectorDNSError):
        return cause.errno == socket.EAI_AGAIN
    return isinstance(cause, aiohttp.ClientConnectorError) and cause.errno in _NO_ROUTE
