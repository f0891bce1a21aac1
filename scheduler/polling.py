"""When a source is read next: by its publishing rhythm, around the interval that the settings ask for. Pure.

The wait follows the rate at which a source brings what nothing else brought before it. The least mean
delay for the reads spent is had when the number of reads grows with the square root of that rate
(Coffman, Liu and Weber, "Optimal robot scheduling for web search engines", 1998), so the wait is
`every` for a source that brings one new article in ten intervals, and falls or grows with the root of
its rate against that: to half of `every` at the fastest, to twice at the slowest. Where only articles
on a topic are watched on, an article counts as much as their share among the outlet's.

What brings nothing of its own, because a feed always had it before, is read in case that ends: a home
page beside a feed that is complete, a second feed with the same entries, a section. Its wait grows in
proportion, so that each read may expect as much, up to twelve times `every`; up to three times before
that feed has shown that it brings anything. Where several stand beside that feed they take turns: most of
what it lacks would be in more than one of them. If all showed the same, each could wait as many times
longer as there are of them, if each showed other things not at all; it is the root of their number, the
mean of both, to twice at most.

The rate is unknown; what was brought lately in how long is weighed against `every` as if half an
article had been brought at the usual rate before (a Gamma prior with that shape; where the rest of the
family has shown that it brings things, a fifth of one).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from math import sqrt
from typing import Final

from crawler.cronline import CronLine
from crawler.windows import Window
from scheduler.recheck import spread
from storage.rhythm import ReadFacts, Rhythm
from storage.types import SourceKind

FASTEST: Final = 0.5
SLOWEST: Final = 2.0
IDLE: Final = 12.0
"""Bounds of the wait, in intervals: of a source with something of its own, and of one without."""

BESIDE_A_FEED: Final = 3.0  # of one without, before anything was brought by the feed either
MOST_TURNS: Final = (
    2.0  # by which what stands beside a feed waits longer where it is not alone there
)

USUAL: Final = 0.1  # new articles in one interval, at which the wait is the interval
SHAPE: Final = 0.5
IDLE_SHAPE: Final = 0.2
LEAST_WORTH: Final = 0.05  # of a new article
OWN_SHARE: Final = 0.1  # of what its family brings, for a source to count as having something own
ENOUGH: Final = 1.0  # brought by the family, to say so

TRY_AGAIN: Final = timedelta(days=7)  # what never was there
LONGEST_BACKOFF: Final = timedelta(hours=6)
_JITTER: Final = 0.1
_FIRST_JITTER: Final = 2 / 3


def poll_gap(
    every: timedelta,
    rhythm: Rhythm,
    *,
    others: float,
    worth: float = 1.0,
    beside_feed: int = 0,
) -> timedelta:
    """Say how long a source that works waits for its next read.

    Args:
        every: The interval the settings ask for.
        rhythm: What it brought lately before others did.
        others: What the rest of its family brought, as far as that works.
        worth: How much a new article counts, from 0 to 1.
        beside_feed: How many, itself included, stand beside a feed of its family that works; 0: it is
            that feed, or there is none.
    """
    family = rhythm.brought + others
    has_shown = family >= ENOUGH
    if rhythm.brought <= OWN_SHARE * family and (has_shown or beside_feed):
        longest = IDLE if has_shown else BESIDE_A_FEED
        wait = min(longest, max(FASTEST, _too_slow(every, rhythm, shape=IDLE_SHAPE)))
        return every * wait * min(MOST_TURNS, sqrt(max(1, beside_feed)))
    ratio = _too_slow(every, rhythm, shape=SHAPE) / max(LEAST_WORTH, worth)
    return every * min(SLOWEST, max(FASTEST, sqrt(ratio)))


def _too_slow(every: timedelta, rhythm: Rhythm, *, shape: float) -> float:
    """Give by how much the usual rate is above that of a source."""
    usual_per_s = USUAL / every.total_seconds()
    per_s = (shape + rhythm.brought) / (shape / usual_per_s + rhythm.span_s)
    return usual_per_s / per_s


def backoff(every: timedelta, *, failures: int) -> timedelta:
    """Say how long a source waits after failures: its interval, doubled from the second one on."""
    longest = max(every, LONGEST_BACKOFF)
    return min(longest, every * 2 ** min(max(0, failures - 1), 20))


def next_read_at(
    facts: ReadFacts,
    *,
    every: timedelta | None,
    cron: CronLine | None,
    window: Window | None,
    next_fire: Callable[[CronLine, datetime], datetime],
    counts_off_topic: bool = True,
) -> datetime:
    """Say when a source is read next; a time outside its window becomes the next one inside.

    Waits are moved a little, by name and time, so that sources fall out of step and stay so.

    Args:
        facts: What its last read gave.
        every: Its interval; None where a cron line says when.
        cron: Its cron line.
        window: When it may be read; None: always.
        next_fire: Says when a cron line fires after a time.
        counts_off_topic: Whether articles on no topic are watched on like the others.
    """
    if facts.via and not facts.has_worked:
        at = facts.at + TRY_AGAIN * spread(1.0, facts.via, part=_JITTER)
    elif cron is not None:
        at = next_fire(cron, facts.at)
    else:
        assert every is not None  # noqa: S101 - the settings give one where there is no cron line
        worth = 1.0 if counts_off_topic else facts.topic_share
        at = facts.at + _wait(facts, every, worth=worth)
    return window.opens(at) if window else at


def _wait(facts: ReadFacts, every: timedelta, *, worth: float) -> timedelta:
    if facts.kind is SourceKind.PAGE and not facts.failures:
        return every
    if facts.failures:
        wait = backoff(every, failures=facts.failures)
    elif not facts.is_in_step:  # many were read at once, at a start or after a sleep
        return every * spread(0.75, f"{facts.source} {facts.via}", part=_FIRST_JITTER)
    else:
        wait = poll_gap(
            every,
            facts.rhythm,
            others=facts.others,
            worth=worth,
            beside_feed=facts.beside_feed,
        )
    return wait * spread(1.0, f"{facts.source} {facts.via} {facts.at}", part=_JITTER)
