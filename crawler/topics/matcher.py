"""Decide whether an article is on a topic, and say why in the article's own words. Pure.

The packaged topic asks where an act of talking meets the two sides: in the headline, in the first
sentences, hardly in the rest. A topic of one's own asks that each of its groups has a term in the
headline, or in one sentence and its neighbours.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

from crawler.topics.folding import fold, sentences
from crawler.topics.lexicon import Finding, Terms, build_terms, packaged
from storage.types import TopicVerdict

MAX_TEXT: Final = 200_000
"""Characters of a text that are read; the point of an article never stands behind them."""

MAX_REASONS: Final = 6

_MAX_TITLE: Final = 1000
_ACTS: Final = ("peace", "negotiation", "weak")
_SIDES: Final = ("russia", "ukraine")
_WORDS_SHOWN: Final = 2
_REPEATS: Final = 3  # sentences at the beginning that may repeat the headline
_LONG_ENOUGH: Final = 20

_Units = Sequence[tuple[str, dict[str, list[str]]]]  # (name of the unit, group → words found)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much counts what; read from `lexicon/weights.toml`."""

    threshold: float
    units: Mapping[str, float]
    sides: Mapping[str, Mapping[str, float]]
    borrowed: Mapping[str, float]
    carried: Mapping[str, float]
    elsewhere: float
    war_headline: float


@dataclass(frozen=True, slots=True, eq=False)
class Topic:
    """What is looked for: a packaged word list, groups of one's own, or both.

    Made by `load_topic`, which keeps it: a worker gets the definition and builds it once.
    """

    name: str
    threshold: float  # of the score
    lexicon: Terms | None
    weights: Weights | None
    groups: Terms | None
    group_names: tuple[str, ...] = ()


def load_topic(
    name: str, *, lexicon: str | None, groups: Mapping[str, Sequence[str]], threshold: float
) -> Topic:
    """Give a topic by its definition; the same definition gives the same object.

    Args:
        name: What the verdicts are called.
        lexicon: A packaged word list ("talks"), or None.
        groups: Terms by group; a `*` at a term's end stands for any ending.
        threshold: From which score, 0 to 1, an article is on the topic.
    """
    fixed = tuple((group, tuple(terms)) for group, terms in groups.items())
    return _load(name, lexicon, groups=fixed, threshold=threshold)


def judge(topic: Topic, *, title: str, text: str, language: str) -> TopicVerdict:
    """Say whether a title and a text are on a topic, with at most six reasons.

    `language` is not relied on, whatever a page claims: all languages are looked for at once.
    """
    del language
    units = _units(title[:_MAX_TITLE], text[:MAX_TEXT])
    scores: list[tuple[float, list[str]]] = []
    if topic.lexicon is not None and topic.weights is not None:
        scores.append(_judge_talks(topic.lexicon, topic.weights, units))
    if topic.groups is not None:
        scores.append(_judge_groups(topic.groups, topic.group_names, units))
    score = min((points for points, _ in scores), default=0.0)
    reasons = [reason for _, why in scores for reason in why]
    return TopicVerdict(
        topic=topic.name,
        is_on_topic=bool(scores) and score >= topic.threshold,
        score=round(score, 3),
        reasons=tuple(reasons[:MAX_REASONS]),
    )


@lru_cache(maxsize=64)
def _load(
    name: str,
    lexicon: str | None,
    *,
    groups: tuple[tuple[str, tuple[str, ...]], ...],
    threshold: float,
) -> Topic:
    terms, raw = packaged(lexicon) if lexicon else (None, {})
    own = {group: [_own_term(term) for term in written] for group, written in groups}
    return Topic(
        name=name,
        threshold=threshold,
        lexicon=terms,
        weights=_weights(raw) if terms else None,
        groups=build_terms(own) if own else None,
        group_names=tuple(own),
    )


def _own_term(term: str) -> str:
    """Write a user's term (`grain*`, `Black Sea`) in the lexicon's way; signs of that way are not theirs."""
    plain = term.strip().lstrip("=~")
    return plain.rstrip("*") if plain.endswith("*") or " " in plain else "=" + plain


def _weights(raw: Mapping[str, object]) -> Weights:
    table = cast("Mapping[str, Mapping[str, float]]", raw)
    sides = cast("Mapping[str, Mapping[str, float]]", raw["sides"])
    return Weights(
        threshold=cast("float", raw["threshold"]),
        units=table["unit"],
        sides=sides,
        borrowed=table["borrowed"],
        carried=table["carried"],
        elsewhere=table["doubt"]["elsewhere"],
        war_headline=table["doubt"]["war_headline"],
    )


# -- units ---------------------------------------------------------------------------------------


def _units(title: str, text: str) -> list[str]:
    """Give the headline and the sentences, without those that only repeat the headline or each other."""
    headline = fold(title)
    seen: set[str] = set()
    kept: list[str] = []
    for at, part in enumerate(sentences(text)):
        folded = fold(part[:_MAX_TITLE]).strip()
        repeats = folded in seen or (at < _REPEATS and _is_in(folded, headline))
        if not repeats:
            seen.add(folded)
            kept.append(part)
    return [title, *kept]


def _is_in(sentence: str, headline: str) -> bool:
    """Say whether a sentence is the headline again, perhaps without an outlet's name at its end."""
    return sentence == headline.strip() or (len(sentence) >= _LONG_ENOUGH and sentence in headline)


def _by_group(found: Iterable[Finding]) -> dict[str, list[str]]:
    groups: dict[str, dict[str, None]] = {}
    for one in found:
        groups.setdefault(one.group, {})[one.words] = None
    return {group: list(named) for group, named in groups.items()}


# -- the packaged topic --------------------------------------------------------------------------


def _judge_talks(terms: Terms, weights: Weights, units: Sequence[str]) -> tuple[float, list[str]]:
    found = _found_units(terms, weights, units)
    missing = _missing(found)
    if missing:
        return 0.0, [missing]
    total, body, evidence = 0.0, 0.0, list[tuple[float, str]]()
    for at, (where, groups) in enumerate(found):
        points, why = _points(weights, where, groups)
        if at == 0 and not why:
            points, why = _lone_headline(weights, found)
        if where in {"first", "lead"}:
            points, why = max((points, why), _carried(weights, found, at=at))
        if where == "body":
            points = min(points, weights.units["body_most"] - body)
            body += points
        total += points
        if why:
            evidence.append((points, f"{_place(at, where)}: {why}"))
    evidence.sort(key=lambda pair: -abs(pair[0]))
    score = max(0.0, min(1.0, total / (2 * weights.threshold)))
    return score, [why for _, why in evidence] or [
        "both sides are named, but no act of talking beside them"
    ]


def _found_units(terms: Terms, weights: Weights, units: Sequence[str]) -> _Units:
    """Find the terms of each unit, up to where later sentences can add nothing."""
    among = terms.spaceless_in("\n".join(units))
    lead = int(weights.units["lead_sentences"])
    found: list[tuple[str, dict[str, list[str]]]] = []
    body = 0.0
    for at, unit in enumerate(units):
        where, groups = _kind(at, lead), _by_group(terms.find(unit, among=among))
        found.append((where, groups))
        body += _points(weights, where, groups)[0] if where == "body" else 0.0
        if body >= weights.units["body_most"] and not _missing(found):
            break
    return found


def _kind(at: int, lead: int) -> str:
    if at == 0:
        return "headline"
    if at == 1:
        return "first"
    return "lead" if at <= lead else "body"


def _missing(found: _Units) -> str:
    """Say what an article on the talks cannot do without: Ukraine, and Russia or a word of peace."""
    seen = {group for _, groups in found for group in groups}
    if "ukraine" not in seen:
        return "no word for Ukraine"
    if not seen & {"russia", "peace"}:
        return "no word for Russia or for peace"
    return ""


def _points(weights: Weights, where: str, groups: Mapping[str, list[str]]) -> tuple[float, str]:
    """Weigh one unit; nothing where no act meets a side."""
    act = next((name for name in _ACTS if name in groups), None)
    named = [side for side in _SIDES if side in groups]
    if act is None or not named:
        return 0.0, ""
    both = len(named) == len(_SIDES)
    shown = _shown(groups, (*named, act))
    if "elsewhere" in groups and not both:
        return 0.0, f"{shown}, but about {_shown(groups, ('elsewhere',))}"
    points = weights.units[where] * weights.sides["both" if both else named[0]][act]
    if "elsewhere" in groups and act != "peace":
        points *= weights.elsewhere
        shown += f", beside {_shown(groups, ('elsewhere',))}"
    return points, shown


def _lone_headline(weights: Weights, found: _Units) -> tuple[float, str]:
    """Weigh a headline in which no act meets a side, by what the first sentence says.

    "28-point plan published" is about the sides that follow; a headline of strikes is about strikes.
    """
    groups = found[0][1]
    first = found[1][1] if len(found) > 1 else {}
    if groups.get("war") and not _is_calm(found):
        return weights.war_headline, f"strikes, no talks: {_shown(groups, ('war',))}"
    act = next((name for name in _ACTS if name in groups), None)
    foreign = "elsewhere" in groups or "elsewhere" in first
    if act is None or foreign or not all(side in first for side in _SIDES):
        return 0.0, ""
    points = weights.units["headline"] * weights.borrowed[act]
    return points, _shown(groups, (act,)) if points else ""


def _carried(weights: Weights, found: _Units, *, at: int) -> tuple[float, str]:
    """Weigh a sentence of the lead with the sides that were named before it: "They agreed on a truce"."""
    where, unit = found[at]
    before = [groups for _, groups in found[:at]] if at > 1 else [found[0][1]]
    near = [unit, *before[:2]]
    # Further down, talks without a side beside them may be anybody's; a truce is the war's.
    acts = _ACTS[:2] if where == "first" else _ACTS[:1]
    act = next((name for name in acts if name in unit), None)
    named = all(any(side in groups for groups in near) for side in _SIDES)
    if act is None or not named or any("elsewhere" in groups for groups in near):
        return 0.0, ""
    points = weights.units[where] * weights.carried[act]
    return points, _shown(unit, (*(side for side in _SIDES if side in unit), act))


def _is_calm(found: _Units) -> bool:
    """Say whether the first sentence tells of talks between both sides, under a headline of strikes."""
    first = found[1][1] if len(found) > 1 else {}
    return all(side in first for side in _SIDES) and ("peace" in first or "negotiation" in first)


def _shown(groups: Mapping[str, list[str]], names: Sequence[str]) -> str:
    return " + ".join(" / ".join(_longest(groups[name])[:_WORDS_SHOWN]) for name in names)


def _longest(found: Sequence[str]) -> list[str]:
    """Leave out words that another finding holds: `damai` beside `rencana damai`."""
    return [one for one in found if not any(one != other and one in other for other in found)]


def _place(at: int, where: str) -> str:
    return {"headline": "headline", "first": "first sentence"}.get(where, f"sentence {at}")


# -- topics of one's own -------------------------------------------------------------------------


def _judge_groups(
    terms: Terms, names: Sequence[str], units: Sequence[str]
) -> tuple[float, list[str]]:
    """Score 1 where the headline or a sentence with its neighbours has a term of every group.

    Where not, the score is half the share of groups that occur at all: below every sensible threshold.
    """
    among = terms.spaceless_in("\n".join(units))
    found = [_by_group(terms.find(unit, among=among)) for unit in units]
    near = [(0, 1), *((max(1, at - 1), at + 2) for at in range(1, len(found)))]
    reasons: list[str] = []
    for at, (begin, end) in enumerate(near):
        merged = _by_group(
            Finding(g, w) for one in found[begin:end] for g, ws in one.items() for w in ws
        )
        if all(name in merged for name in names):
            place = "headline" if at == 0 else f"sentence {at}"
            reasons.append(f"{place}: {_shown(merged, names)}")
        if len(reasons) >= MAX_REASONS:
            break
    if reasons:
        return 1.0, reasons
    seen = [name for name in names if any(name in one for one in found)]
    absent = [name for name in names if name not in seen]
    if absent:
        return 0.5 * len(seen) / len(names) * 0.9, [f"no term of: {', '.join(absent)}"]
    return 0.45, ["all groups occur, but never near each other"]
