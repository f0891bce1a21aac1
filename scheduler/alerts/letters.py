"""What is handed to a plugin besides text, and what it hands back. Knows no Apprise.

Apprise carries a title and a body; a stable Message-ID, our own text part and our own JSON travel
beside it, in the context of the call.
"""

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.alerts.forms import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message on its way to one channel."""

    rendered: Rendered
    key: str  # stable: the left part of the Message-ID
    channel: str
    at: datetime
    repeat: bool = False  # it may have arrived before
    accepted: frozenset[str] = frozenset()  # marks of recipients that have it


@dataclass(slots=True)
class Answer:
    """What the other side said, in words without secrets."""

    lines: list[str] = field(default_factory=list[str])
    accepted: list[str] = field(default_factory=list[str])
    may_have_arrived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """How sending a message went; `detail` is the other side's answer in words."""

    ok: bool
    detail: str
    may_have_arrived: bool = False  # the answer was lost on the way
    accepted: tuple[str, ...] = ()  # marks of the recipients that took it


on_its_way: ContextVar[tuple[Letter, Answer] | None] = ContextVar("on_its_way", default=None)


def recipient_mark(address: str) -> str:
    """Give what is remembered of a recipient: enough to know them again, not to write to them."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:16]
