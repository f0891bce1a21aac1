"""When an address is looked at again, learned from what its outlet does. Pure: spans in, a span out.

The rule starts from a curve and bends it by two records.

*The curve.* Edits come early and thin out, so the gap grows with the time since the article last
changed (its publication counts) and, for an article that was edited late, with its age: between a
floor and a ceiling it follows a power of their geometric mean. Two rules are known for a source that
thins out like 1/t: least mean delay for the looks spent lets the gap grow with its square root
(Coffman, Liu and Weber, "Optimal robot scheduling for web search engines", 1998), the same chance of
a change at each look lets it grow in proportion. Neither is what a reader wants, half of the changes
within minutes and nearly all within hours; three quarters, the mean of both, gave the fewest looks
for that. From the fifth day on, when what is left to come is one change in thirty, the gap grows
faster.

*The records.* Changes of an article are taken for a Poisson process whose rate is a product: what is
usual at its age, times a factor of the outlet at that age, times a factor of the article. The factors
are unknown with a Gamma distribution of mean one, which makes what we know after n changes where e
were usual a Gamma again, of mean (shape + n) / (shape + e): the Gamma-Poisson pair (Gelman et al.,
"Bayesian Data Analysis", section 2.6), used on page changes by Cho and Garcia-Molina, "Estimating
frequency of change", 2003. An outlet's factor in an age band starts from its factor over all bands,
so that what is learned early serves the later bands. With nothing learned both factors are one.
Their product is kept between a fifth and five and divides the gap by its power of 0.6 (a half would
be the least mean delay): bad luck slows looks, it never ends them.

An article that was old when it was found is looked at twice a day for three days all the same: nobody
knows yet what moves on its pages by itself.

What is usual stands in `USUAL`: 0.7 changes an article in thirty days, four in ten of them in the
first hour, eight in ten in the first day (the published counts: a third of the articles changed, most
once or twice).
"""

import zlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:  # SQLAlchemy comes with it
    from storage.look import LookFacts

HOUR_S: Final = 3600.0
DAY_S: Final = 86_400.0

FLOOR_S: Final = 4.75 * 60.0
CEILING_S: Final = 2 * DAY_S
LOOK_ON_S: Final = 30 * DAY_S  # since the last change; deletions come late
NEW_TO_US_S: Final = 3 * DAY_S  # an old article that was found just now ...
NEW_TO_US_CEILING_S: Final = 12 * HOUR_S  # ... is looked at this often, until its site is known
FEWEST_LOOKS: Final = 3  # at an article that was old when it was found
OFF_TOPIC_AT_S: Final = (HOUR_S, 12 * HOUR_S)  # after its publication, then on a signal only
UNSURE_FROM: Final = 0.35  # a score from here to the threshold (0.5) is watched like one above
BACKOFF_CEILING_S: Final = 6 * HOUR_S
TRIES_AT_A_NEW_ADDRESS: Final = 6  # that never showed an article

# The curve: the gap is GAP_AT_AN_HOUR_S at one hour and grows with the power GROWTH of the time.
GAP_AT_AN_HOUR_S: Final = HOUR_S / 5.8
GROWTH: Final = 0.75
WEIGHT_OF_CHANGE: Final = 0.45  # of the time since the change against the age, in their mean
LATE_S: Final = 4 * DAY_S
LATE_GROWTH: Final = 2.0  # added to GROWTH from LATE_S on

# What is usual: ends of the age bands, and changes an article has in each.
BANDS_S: Final = (HOUR_S, 6 * HOUR_S, DAY_S, 3 * DAY_S, 7 * DAY_S, 30 * DAY_S)
USUAL: Final = (0.266, 0.168, 0.14, 0.049, 0.035, 0.042)

# The records: shapes of the Gamma distributions, in changes, and how much a factor moves the gap.
OUTLET_SHAPE: Final = 4.0
BAND_SHAPE: Final = 6.0
ARTICLE_SHAPE: Final = 0.25  # small: most articles never change, a few change ten times
INFLUENCE: Final = 0.6
MOST_FACTOR: Final = 5.0
MEMORY: Final = 400.0  # usual changes a band remembers; outlets change their ways

_SPREAD: Final = 0.1
_OFF_TOPIC_SPREAD: Final = 0.3
_STATE: Final = "edits"
_EDGES_S: Final = tuple(pairwise((0.0, *BANDS_S[:-1], inf)))
_RATES: Final = tuple(
    usual / (end - start)
    for usual, (start, end) in zip(USUAL, pairwise((0.0, *BANDS_S)), strict=True)
)

Mode = Literal["topic", "all"]


def next_check(  # noqa: PLR0917 - the form all such rules share
    age_s: float,
    since_change_s: float,
    looks: int,  # noqa: ARG001 - part of the form all rules share
    changes: int,
    site_record: dict[str, Any],
) -> float:
    """Seconds until the next look at an article, by the full curve; learns from the look just made.

    Args:
        age_s: Since it was published, or found where nobody says.
        since_change_s: Since its last noticed change; publication counts.
        looks: At this article so far, the one just made included.
        changes: Looks that noticed a change.
        site_record: What is kept of the site. `last`, where it is given, is the look just made:
            `age_s`, `gap_s` since the look before (0: there was none) and `changed`. The rule keeps
            what it learned under `edits`; it survives JSON.
    """
    last = site_record.get("last")
    if last:
        learn(site_record, age_s=last["age_s"], gap_s=last["gap_s"], changed=bool(last["changed"]))
    seen, usual = _record(site_record)
    outlet = (OUTLET_SHAPE + sum(seen)) / (OUTLET_SHAPE + sum(usual))
    band = _band(age_s)
    in_band = (BAND_SHAPE * outlet + seen[band]) / (BAND_SHAPE + usual[band])
    due = outlet * sum(usual_changes(0.0, age_s))
    article = (ARTICLE_SHAPE + changes) / (ARTICLE_SHAPE + due)
    factor = min(MOST_FACTOR, max(1 / MOST_FACTOR, in_band * article))
    gap_s = _curve(age_s, since_change_s) / factor**INFLUENCE
    return min(CEILING_S, max(FLOOR_S, gap_s))


def learn(site_record: dict[str, Any], *, age_s: float, gap_s: float, changed: bool) -> None:
    """Count a look for its site: what was usual in the time since the look before, and what came.

    A change between two looks happened at an unknown moment; it is counted for the middle.
    """
    if not gap_s > 0:
        return
    seen, usual = _record(site_record)
    for band, changes in enumerate(usual_changes(max(0.0, age_s - gap_s), age_s)):
        usual[band] += changes
    if changed:
        seen[_band(max(0.0, age_s - gap_s / 2))] += 1.0
    for band, changes in enumerate(usual):
        if changes > MEMORY:
            seen[band] *= 0.5
            usual[band] *= 0.5
    site_record[_STATE] = {
        "seen": [round(n, 3) for n in seen],
        "usual": [round(n, 9) for n in usual],
    }


def usual_changes(from_s: float, to_s: float) -> tuple[float, ...]:
    """Say how many changes are usual between two ages of one article, in each age band."""
    return tuple(
        rate * max(0.0, min(to_s, end) - max(from_s, start))
        for rate, (start, end) in zip(_RATES, _EDGES_S, strict=True)
    )


def _record(site_record: Mapping[str, Any]) -> tuple[list[float], list[float]]:
    """Give changes seen and changes that were usual, by band; zeros where nothing was learned."""
    state = site_record.get(_STATE) or {}
    nothing = [0.0] * len(USUAL)
    seen, usual = (list(state.get(key) or nothing) for key in ("seen", "usual"))
    # A record of other bands, from another release, is begun anew.
    return (seen, usual) if len(seen) == len(usual) == len(USUAL) else (nothing, list(nothing))


def _band(age_s: float) -> int:
    return next(band for band, (_, end) in enumerate(_EDGES_S) if age_s < end)


def _curve(age_s: float, since_change_s: float) -> float:
    time_s = max(1.0, since_change_s) ** WEIGHT_OF_CHANGE * max(1.0, age_s) ** (
        1 - WEIGHT_OF_CHANGE
    )
    gap_s = GAP_AT_AN_HOUR_S * (time_s / HOUR_S) ** GROWTH
    return gap_s * max(1.0, time_s / LATE_S) ** LATE_GROWTH


# -- the daemon's looks --------------------------------------------------------------------------


def next_look(facts: "LookFacts", *, mode: Mode) -> timedelta | None:
    """Say how long to wait for the next look; None: not again without a signal.

    What the look taught is kept in the facts' `site_record`.
    """
    if facts.failures:
        return _after_failure(facts)
    if not facts.is_article:
        return None
    last = {"age_s": facts.age_s, "gap_s": facts.gap_s, "changed": facts.has_changed}
    if mode == "topic" and not facts.is_on_topic and facts.topic_score < UNSURE_FROM:
        learn(facts.site_record, age_s=facts.age_s, gap_s=facts.gap_s, changed=facts.has_changed)
        return _off_topic(facts)
    record = {**facts.site_record, "last": last}
    gap_s = next_check(
        facts.age_s, facts.since_change_s, facts.looks, facts.changes, site_record=record
    )
    facts.site_record.update({_STATE: record[_STATE]} if _STATE in record else {})
    if facts.since_change_s >= LOOK_ON_S and facts.looks >= FEWEST_LOOKS:
        return None
    if facts.known_s < NEW_TO_US_S:
        gap_s = min(gap_s, NEW_TO_US_CEILING_S)
    gap_s = max(FLOOR_S, spread(gap_s, f"{facts.url} {facts.looks}", part=_SPREAD))
    return timedelta(seconds=gap_s)


def look_rule(mode: Mode) -> "Callable[[LookFacts], timedelta | None]":
    """Give the rule of a configuration."""
    return lambda facts: next_look(facts, mode=mode)


def spread(span: float, key: str, *, part: float) -> float:
    """Move a span by up to half of `part` either way, always the same way for one key.

    What was found at one moment is so not due at one moment again.
    """
    place = zlib.crc32(key.encode()) / 2**32  # from 0 to 1
    return span * (1 + part * (place - 0.5))


def _off_topic(facts: "LookFacts") -> timedelta | None:
    times = (spread(at_s, facts.url, part=_OFF_TOPIC_SPREAD) for at_s in OFF_TOPIC_AT_S)
    left = (at_s - facts.age_s for at_s in times)
    return next((timedelta(seconds=left_s) for left_s in left if left_s > FLOOR_S), None)


def _after_failure(facts: "LookFacts") -> timedelta | None:
    if not facts.is_article and facts.failures >= TRIES_AT_A_NEW_ADDRESS:
        return None
    wait_s = min(BACKOFF_CEILING_S, 300.0 * 2.0 ** min(facts.failures - 1, 10))
    return timedelta(seconds=wait_s)
