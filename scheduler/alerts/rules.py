"""Decide which change reaches which channel, at once, in the summary, or not at all. Pure.

The default policy stands in `scheduler.config.AlertsConfig`. What was there before is never news: a
change of a first round or a sleep is only counted in the opening message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduler.config import AlertsConfig, Word
from storage.types import Baseline, ChangeKind, DeliveryMode, OwedChange, Route, Weight

_ALWAYS_MAJOR = frozenset({ChangeKind.GONE, ChangeKind.BACK})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRules:
    """What one channel is told: its policy, its topics (none: all), and since when."""

    name: str
    policy: AlertsConfig
    since: datetime
    topics: tuple[str, ...] = ()
    told_of_sleep: bool = False  # its one message after the last sleep has gone out


def routes(owed: OwedChange, channels: Sequence[ChannelRules]) -> tuple[Route, ...]:
    """Say for every channel how a change reaches it, and which rule says so."""
    return tuple(_route(owed, channel) for channel in channels)


def _route(owed: OwedChange, channel: ChannelRules) -> Route:
    mode, reason = _before_policy(owed, channel) or _by_policy(owed, channel)
    return Route(channel=channel.name, mode=mode, reason=reason)


def _before_policy(owed: OwedChange, channel: ChannelRules) -> tuple[DeliveryMode, str] | None:
    change = owed.change
    if change.baseline is Baseline.FIRST_ROUND:
        return DeliveryMode.HISTORY, "it was there when its source was first read"
    if change.decided_at <= channel.since:
        return DeliveryMode.HISTORY, "it was decided before the channel was added"
    if change.baseline is Baseline.SLEEP and channel.told_of_sleep:
        return DeliveryMode.HISTORY, "the one message after the sleep has gone out"
    return None


def _by_policy(owed: OwedChange, channel: ChannelRules) -> tuple[DeliveryMode, str]:
    word = policy_word(owed, channel.topics)
    mode = _mode(word, channel.policy)
    if mode is DeliveryMode.NOW and owed.change.baseline is Baseline.SLEEP:
        return DeliveryMode.SUMMARY, f"{word}, but it happened while nobody was looking"
    return mode, f"{word} changes are told {_WHEN[mode]}"


_WHEN = {
    DeliveryMode.NOW: "at once",
    DeliveryMode.SUMMARY: "in the summary",
    DeliveryMode.HISTORY: "to nobody; they are in the history",
}


def _mode(word: Word, policy: AlertsConfig) -> DeliveryMode:
    if word in policy.now:
        return DeliveryMode.NOW
    return DeliveryMode.SUMMARY if word in policy.summary else DeliveryMode.HISTORY


def policy_word(owed: OwedChange, topics: Sequence[str]) -> Word:
    """Name a change as the policy does, for a channel told of these topics (none: all)."""
    if not is_on_topic(owed, topics):
        return "off-topic"
    change = owed.change
    if ChangeKind.NEW in change.kinds:
        return "new"
    if change.weight is Weight.MAJOR or _ALWAYS_MAJOR.intersection(change.kinds):
        return "major"
    return "minor" if change.weight is Weight.MINOR else "trivial"


def is_on_topic(owed: OwedChange, topics: Sequence[str]) -> bool:
    """Was the article on one of these topics when it changed; on any, where none is named?"""
    return bool(set(owed.topics) & set(topics)) if topics else bool(owed.topics)


def is_kept(owed: OwedChange, route: Route) -> bool:
    """Is a route worth a row? That stock and what is off every topic is not told goes without."""
    if route.mode is not DeliveryMode.HISTORY:
        return True
    return bool(owed.topics) and owed.change.baseline is not Baseline.FIRST_ROUND
