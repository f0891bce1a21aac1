"""Send a message to an address, whatever service stands behind it, and give its answer in words.

The only module, with `plugins`, that knows Apprise; it is loaded in a thread when first needed,
because that takes a second and 40 MiB. When to send, and what to remember, is the dispatcher's.
"""

import asyncio
import contextvars
import logging
import threading
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from scheduler.alerts.chat import fit, safe
from scheduler.alerts.errors import AlertError
from scheduler.alerts.letters import Answer, DeliveryResult, Letter, on_its_way
from scheduler.alerts.secrets import RedactingFilter, kind_of, parts_to_hide, redact, shown
from scheduler.alerts.words import clean, cut

if TYPE_CHECKING:
    from types import ModuleType

TIMEOUT_S: Final = 60.0
_LOGGERS: Final = ("apprise", "urllib3.connectionpool", "urllib3.util.retry")
_LONGEST_DETAIL: Final = 400
_LARGEST: Final = 8_000  # characters of text that a chat gets at most
_loading = threading.Lock()
_filter = RedactingFilter()


class _Target(Protocol):
    """The part of an Apprise plugin we use."""

    service_name: str
    body_maxlen: int
    title_maxlen: int
    overflow_mode: str

    def notify(self, **message: object) -> bool: ...


class _Reply(Protocol):
    """The part of Apprise's result we use."""

    def __bool__(self) -> bool: ...
    def logs(self) -> Iterator[Any]: ...
    @property
    def timeout_count(self) -> int: ...


class _Sender(Protocol):
    """The part of an Apprise object we use."""

    async def async_notify(self, **message: object) -> _Reply: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """How a call went: did the other side take it, did it answer in time, what did Apprise say?"""

    ok: bool
    is_late: bool = False
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An address that is loaded and can be sent to."""

    service: str  # its name, for people
    sender: _Sender
    target: _Target
    is_ours: bool  # one of our own plugins: it takes the whole letter
    hidden: frozenset[str]


class Delivery:
    """Sends letters; loads each address once."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S) -> None:
        """Give up waiting for an answer after `timeout_s` real seconds."""
        self._timeout_s = timeout_s
        self._lines: dict[str, Line] = {}

    async def load(self, address: str) -> Line:
        """Load an address without sending anything.

        Raises:
            AlertError: It does not load; says its kind and what to check, never its secret.
        """
        if address not in self._lines:
            self._lines[address] = await asyncio.to_thread(_load, address, self._timeout_s)
        return self._lines[address]

    async def deliver(self, address: str, letter: Letter) -> DeliveryResult:
        """Send a letter and wait for the answer.

        Raises:
            AlertError: The address does not load.
        """
        line = await self.load(address)
        answer = Answer()
        token = on_its_way.set((letter, answer))
        try:
            send = _send_ours if line.is_ours else _send_stock
            outcome = await send(line, _message(line, letter), timeout_s=self._timeout_s)
        finally:
            on_its_way.reset(token)
        return _result(line, outcome, answer)


async def deliver(address: str, letter: Letter) -> DeliveryResult:
    """Send one letter to an address that is not needed again."""
    return await Delivery().deliver(address, letter)


async def _send_ours(line: Line, message: dict[str, object], *, timeout_s: float) -> _Outcome:
    """Call one of our plugins in a thread that does not hold up the end of the program."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bool] = loop.create_future()
    context = contextvars.copy_context()

    def finish(outcome: bool | Exception) -> None:  # noqa: FBT001 - called by the loop
        if done.done():
            return
        if isinstance(outcome, Exception):
            done.set_exception(outcome)
        else:
            done.set_result(outcome)

    def call() -> None:
        outcome: bool | Exception
        try:
            outcome = context.run(line.target.notify, **message)
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            outcome = error
        with suppress(RuntimeError):  # nobody waits any more
            loop.call_soon_threadsafe(finish, outcome)

    threading.Thread(target=call, name="delivery", daemon=True).start()
    try:
        async with asyncio.timeout(timeout_s):
            return _Outcome(ok=await done)
    except TimeoutError:
        return _Outcome(ok=False, is_late=True)


async def _send_stock(line: Line, message: dict[str, object], *, timeout_s: float) -> _Outcome:  # noqa: ARG001 - Apprise knows it
    reply = await line.sender.async_notify(**message)
    said = () if reply else tuple(str(entry.message) for entry in reply.logs())[-1:]
    return _Outcome(ok=bool(reply), is_late=reply.timeout_count > 0, said=said)


def _message(line: Line, letter: Letter) -> dict[str, object]:
    rendered = letter.rendered
    if line.is_ours:
        return {"title": rendered.subject, "body": rendered.text, "body_format": "text"}
    # Where a service has no title, Apprise puts ours in front of the text.
    beside = 0 if line.target.title_maxlen > 0 else len(rendered.subject) + 2
    room = min(line.target.body_maxlen, _LARGEST) - beside
    return {
        "title": safe(rendered.subject),
        "body": fit(rendered, room=room),
        "body_format": "text",
    }


def _result(line: Line, outcome: _Outcome, answer: Answer) -> DeliveryResult:
    said = [*(answer.lines or outcome.said), *(["no answer in time"] if outcome.is_late else [])]
    detail = redact("; ".join(dict.fromkeys(said)), line.hidden)
    fallback = "accepted" if outcome.ok else "the service did not take it, and did not say why"
    return DeliveryResult(
        ok=outcome.ok,
        detail=cut(clean(detail), _LONGEST_DETAIL) or fallback,
        may_have_arrived=answer.may_have_arrived or outcome.is_late,
        accepted=tuple(answer.accepted),
    )


# -- loading -------------------------------------------------------------------------------------


@cache
def _apprise() -> "ModuleType":
    with warnings.catch_warnings():
        # It imports what Python is about to drop; that is for its authors to read.
        warnings.simplefilter("ignore", DeprecationWarning)
        import apprise  # noqa: PLC0415 - see the module's first sentence

        from scheduler.alerts import plugins  # noqa: PLC0415 - imports Apprise

    plugins.register()
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.addFilter(_filter)
        logger.setLevel(logging.WARNING)
    return apprise


def _load(address: str, timeout_s: float) -> Line:
    hidden = parts_to_hide(address)
    _filter.hide(hidden)
    with _loading, _explained(address):  # its registry is not made for threads
        apprise = _apprise()
        asset = apprise.AppriseAsset(
            app_id="Parleywatch",
            app_desc="Parleywatch",
            app_url="",
            http_redirects=False,
            storage_mode="memory",
            service_timeout=timeout_s,
            allow_templates=False,
        )
        target = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=False)
        if target is None:
            raise AlertError(_not_loading(address))
        return _line(apprise, asset, target, hidden)


def _line(apprise: Any, asset: object, target: Any, hidden: frozenset[str]) -> Line:  # noqa: ANN401, PLR0917 - Apprise
    from scheduler.alerts import plugins  # noqa: PLC0415 - imports Apprise

    target.overflow_mode = "split"  # what is too long for one message becomes two, not none
    sender = apprise.Apprise(asset=asset)
    sender.add(target)
    return Line(
        service=str(target.service_name),
        sender=cast("_Sender", sender),
        target=cast("_Target", target),
        is_ours=isinstance(target, plugins.ParleyMail | plugins.ParleyWebhook),
        hidden=hidden,
    )


@contextmanager
def _explained(address: str) -> Generator[None]:
    try:
        yield
    except AlertError:
        raise
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything; its text may hold the secret
        reason = str(error) if type(error).__name__ == "UnsupportedError" else ""
        raise AlertError(_not_loading(address, reason)) from None


def _not_loading(address: str, reason: str = "") -> str:
    kind = kind_of(address)
    if reason:
        return f"{shown(address)} cannot be used: {reason}."
    if kind not in _apprise().manager_plugins.NotificationManager():
        return (
            f"{shown(address)} is no kind of address that Apprise knows; write one such as "
            "mailtos://, matrixs:// or jsons:// (`parley channels add` builds one)."
        )
    return (
        f"{shown(address)} does not load: a part is missing or wrong. Check host, user, password or "
        "token and recipients, or let `parley channels add` build it again."
    )
