"""Decide which of the further sources a source led to are tried next. Pure.

In few requests: what the publisher announces first, guesses only where nothing announced works, and
sections only where feeds and sitemaps do not bring what the home page brings.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.kinds import FoundBy, FurtherSource
from storage.types import SourceKind

MOST: Final = {
    FoundBy.HEAD: 5,
    FoundBy.ANCHOR: 3,
    FoundBy.ROBOTS: 5,
    FoundBy.INDEX: 3,
    FoundBy.USUAL: 30,
    FoundBy.SECTION: 8,
}
"""How many of a kind are kept; of those over it the first are."""

_GUESSES_AT_ONCE: Final = 2
_STEPS: Final = {
    SourceKind.FEED: ((FoundBy.HEAD,), (FoundBy.ANCHOR,), (FoundBy.USUAL,)),
    SourceKind.SITEMAP: ((FoundBy.ROBOTS, FoundBy.INDEX), (FoundBy.USUAL,)),
}


class Try(StrEnum):
    """How far a candidate has come."""

    RESERVE = "reserve"  # not tried, and not to be tried yet
    DUE = "due"  # to be tried next
    WORKS = "works"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A further source that was found, and how far it has come."""

    further: FurtherSource
    state: Try


def next_tries(candidates: Sequence[Candidate], *, is_covered: bool) -> tuple[str, ...]:
    """Name those in reserve that are to be tried now, in order.

    Args:
        candidates: All of one source, those to be tried first in front.
        is_covered: Feeds and sitemaps that work bring what the home page brings.
    """
    urls: list[str] = []
    for kind in _STEPS:
        urls += _next_of_kind([one for one in candidates if _kind(one) is kind], kind)
    is_trying = bool(urls) or any(one.state is Try.DUE for one in candidates)
    works = any(one.state is Try.WORKS and _kind(one) in _STEPS for one in candidates)
    if not is_trying and not (works and is_covered):
        urls += _in_reserve(candidates, (FoundBy.SECTION,))
    return tuple(urls)


def _next_of_kind(candidates: Sequence[Candidate], kind: SourceKind) -> list[str]:
    """Give the first step that is not over; what works or is being tried makes later ones needless."""
    for step in _STEPS[kind]:
        waiting = _in_reserve(candidates, step)
        states = {one.state for one in candidates if one.further.found_by in step}
        is_settled = bool(states & {Try.DUE, Try.WORKS})
        if waiting and step == (FoundBy.USUAL,):
            return [] if is_settled else waiting[:_GUESSES_AT_ONCE]
        if waiting or is_settled:
            return waiting
    return []


def _in_reserve(candidates: Iterable[Candidate], found_by: tuple[FoundBy, ...]) -> list[str]:
    return [
        one.further.url
        for one in candidates
        if one.state is Try.RESERVE and one.further.found_by in found_by
    ]


def _kind(candidate: Candidate) -> SourceKind:
    return candidate.further.kind
