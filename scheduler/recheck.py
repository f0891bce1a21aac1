"""When an address is looked at again. Pure: spans in, a span out.

An article is looked at by the time since it last changed (its publication counts): edits come early
and thin out, so the gap grows with that time. A gap of an eighth of it, between five minutes and eight
hours, gave 139 fetches per noticed change, a median delay of 5 and a 95th percentile of 224 minutes on
30 days of the site farm (design, decision 4).
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, Literal

from storage.look import LookFacts

FLOOR_S: Final = 5 * 60.0
CEILING_S: Final = 8 * 3600.0
PART: Final = 8.0  # the gap is this part of the time since the last change
LOOK_ON_S: Final = 30 * 86_400.0  # deletions come late
DAY_S: Final = 86_400.0
FEWEST_LOOKS: Final = 3  # at an article that was old when it was found
OFF_TOPIC_GAPS_S: Final = (3600.0, 11 * 3600.0)  # at about 1 and 12 hours, then on a signal only
BACKOFF_CEILING_S: Final = 6 * 3600.0
TRIES_AT_A_NEW_ADDRESS: Final = 6  # that never showed an article

Mode = Literal["topic", "all"]


def next_check(  # noqa: PLR0917 - the form all such rules share
    age_s: float,
    since_change_s: float,
    looks: int,  # noqa: ARG001 - part of the form all rules share
    changes: int,  # noqa: ARG001
    site_record: Mapping[str, Any],  # noqa: ARG001
) -> float:
    """Seconds until the next look at an article, by the full curve.

    Args:
        age_s: Since it was found.
        since_change_s: Since its last noticed change, or since it was published.
        looks: At this article so far, the one just made included.
        changes: Looks that noticed a change.
        site_record: What is known of the site's articles; not used yet.
    """
    gap_s = min(CEILING_S, max(FLOOR_S, since_change_s / PART))
    return gap_s if age_s < LOOK_ON_S else max(gap_s, DAY_S)


def next_look(facts: LookFacts, *, mode: Mode) -> timedelta | None:
    """Say how long to wait for the next look; None: not again without a signal."""
    if facts.failures:
        return _after_failure(facts)
    if not facts.is_article:
        return None
    if mode == "topic" and not facts.is_on_topic:
        return _off_topic(facts.looks)
    if facts.age_s >= LOOK_ON_S and facts.looks >= FEWEST_LOOKS:
        return None
    gap_s = next_check(facts.age_s, facts.since_change_s, facts.looks, facts.changes, {})
    return timedelta(seconds=gap_s)


def look_rule(mode: Mode) -> Callable[[LookFacts], timedelta | None]:
    """Give the rule of a configuration."""
    return lambda facts: next_look(facts, mode=mode)


def _off_topic(looks: int) -> timedelta | None:
    if looks > len(OFF_TOPIC_GAPS_S):
        return None
    return timedelta(seconds=OFF_TOPIC_GAPS_S[max(0, looks - 1)])


def _after_failure(facts: LookFacts) -> timedelta | None:
    if not facts.is_article and facts.failures >= TRIES_AT_A_NEW_ADDRESS:
        return None
    wait_s = min(BACKOFF_CEILING_S, FLOOR_S * 2.0 ** min(facts.failures - 1, 10))
    return timedelta(seconds=wait_s)


def source_wait(every: timedelta, *, failures: int) -> timedelta:
    """Say how long to wait for a source's next round: its interval, doubled at each failure up to six hours."""
    if failures <= 0:
        return every
    longest = max(every, timedelta(seconds=BACKOFF_CEILING_S))
    return min(longest, every * 2 ** min(failures, 10))
