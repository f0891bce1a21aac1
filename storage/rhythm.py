"""How much a source brings, and what its next read is reckoned from. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from typing import Any, Final

from storage.types import SourceKind

MEMORY: Final = timedelta(days=3)
"""What a source brought fades from its rhythm within so long (by a factor of e)."""

_BROUGHT, _SPAN = "brought", "span_s"
_MOST_AT_ONCE: Final = 20  # a source that was rebuilt does not look busy for days


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What a source brought lately before others did: new leads and claimed updates, and in how long."""

    brought: float = 0.0
    span_s: float = 0.0

    @property
    def per_day(self) -> float | None:
        """How many a day; None before it has been watched for an hour."""
        return self.brought * 86_400 / self.span_s if self.span_s >= 3600 else None  # noqa: PLR2004 - an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFacts:
    """What a source's next read is reckoned from, when one has just been made."""

    source: str  # name of the configured source
    via: str  # address of the further source; "" for the source itself
    at: datetime
    kind: SourceKind
    failures: int  # in a row
    has_worked: bool  # ever
    is_in_step: bool  # read on time; False: the first read, or a late one
    rhythm: Rhythm
    others: float  # brought lately by the rest of the source's family, as far as that works
    beside_feed: int = 0  # so many stand beside a feed that works, as `further.beside_feed` says
    topic_share: float = 1.0  # of the site's latest articles, those on a topic


NextRead = Callable[[ReadFacts], datetime | None]
"""When a source is read next; None: not again by itself."""


def rhythm_of(record: Mapping[str, Any]) -> Rhythm:
    """Read back what `with_read` wrote."""
    return Rhythm(brought=record.get(_BROUGHT, 0.0), span_s=record.get(_SPAN, 0.0))


def with_read(record: Mapping[str, Any], *, brought: int, gap: timedelta) -> dict[str, Any]:
    """Add one read to a rhythm; what came before fades."""
    old = rhythm_of(record)
    left = exp(-gap / MEMORY)
    return {
        _BROUGHT: round(old.brought * left + min(brought, _MOST_AT_ONCE), 4),
        _SPAN: round(old.span_s * left + gap.total_seconds(), 1),
    }
