"""When everything fails at once it is our own network, and no publisher is blamed for it."""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from crawler.middlewares.outage import SEVERAL, Outage
from storage.types import Outcome
from tests.support.crew import PAGE, Crew
from tests.support.site import Site

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def key(host: str) -> ConnectionKey:
    return ConnectionKey(host, 443, True, True, None, None, None)


def unnamed(host: str, number: int = socket.EAI_NONAME) -> Exception:
    return aiohttp.ClientConnectorDNSError(key(host), OSError(number, "name not known"))


def unreached(host: str, number: int = errno.EHOSTUNREACH) -> Exception:
    return aiohttp.ClientConnectorError(key(host), OSError(number, "no way"))


def deaf(_: str) -> Exception:
    return aiohttp.ConnectionTimeoutError("no connection")


@pytest.mark.parametrize("fail", [unnamed, unreached, deaf])
def test_several_hosts_in_a_row_that_nothing_reaches_are_our_network(fail) -> None:
    outage = Outage()
    outage.note_answer(NOON)
    told = [outage.judge(fail(f"{n}"), f"{n}", now=NOON + MINUTE) for n in range(SEVERAL + 1)]
    assert [one is not None for one in told] == [False, False, True, True]


def test_one_host_that_fails_again_and_again_is_the_publishers() -> None:
    outage = Outage()
    outage.note_answer(NOON)
    assert not any(outage.judge(deaf("a"), "a", now=NOON + n * MINUTE) for n in range(9))


@pytest.mark.parametrize(
    "answer",
    [
        lambda outage: outage.note_answer(NOON),
        lambda outage: outage.judge(unreached("x", errno.ECONNREFUSED), "x", now=NOON),
    ],
    ids=["an-answer", "a-refusal"],
)
def test_whoever_answers_shows_that_our_network_works(answer) -> None:
    outage = Outage()
    for host in "ab":
        outage.judge(deaf(host), host, now=NOON)
    answer(outage)
    assert outage.judge(deaf("c"), "c", now=NOON) is None


@pytest.mark.parametrize(
    "error", [unreached("a", errno.ENETUNREACH), unnamed("a", socket.EAI_AGAIN)]
)
def test_no_network_at_all_is_known_from_the_first_failure_unless_somebody_just_answered(
    error: Exception,
) -> None:
    assert Outage().judge(error, "a", now=NOON) is not None
    outage = Outage()
    outage.note_answer(NOON)
    assert outage.judge(error, "a", now=NOON + MINUTE) is None
    assert outage.judge(error, "a", now=NOON + 6 * MINUTE) is not None


@contextmanager
def deaf_host() -> Iterator[str]:
    """A place whose connections never come about: its queue is full, and nobody takes from it."""
    with socket.socket() as listener, ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/a"


async def test_sites_that_cannot_be_reached_all_at_once_are_not_blamed(crew: Crew) -> None:
    with ExitStack() as hosts:
        urls = [hosts.enter_context(deaf_host()) for _ in range(4)]
        blamed: list[bool] = []
        for url in urls:
            await crew.look(url)
            seen = crew.memory.observations[url]
            assert seen.outcome is Outcome.FAILED
            blamed.append(not seen.is_ours)
        assert blamed == [True, True, False, False]
        assert "network of this machine" in crew.memory.observations[urls[-1]].reason
        with Site() as site:
            url = site.publish("/a", PAGE)
            await crew.look(url)
            assert crew.memory.observations[url].outcome is Outcome.CONTENT
            await crew.look(urls[0])
            assert not crew.memory.observations[urls[0]].is_ours
