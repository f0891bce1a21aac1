"""Which change reaches whom, at once, in the summary or not at all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.alerts import digest
from scheduler.alerts.rules import ChannelRules, is_kept, routes
from scheduler.config import AlertsConfig
from storage.types import (
    Baseline,
    ChangeKind,
    DeliveryMode,
    OpenDelivery,
    OwedChange,
    Weight,
)
from tests.support.owed import NOON, owed

NOW, SUMMARY, HISTORY = DeliveryMode.NOW, DeliveryMode.SUMMARY, DeliveryMode.HISTORY
NEW = {"kinds": (ChangeKind.NEW,), "weight": Weight.MINOR}


def channel(**fields: Any) -> ChannelRules:
    given = {"name": "desk", "policy": AlertsConfig(), "since": NOON - timedelta(hours=1), **fields}
    return ChannelRules(**given)


@pytest.mark.parametrize(
    ("change", "to", "mode"),
    [
        pytest.param({}, {}, NOW, id="major-on-topic"),
        pytest.param(NEW, {}, SUMMARY, id="new"),
        pytest.param({"weight": Weight.MINOR}, {}, SUMMARY, id="minor"),
        pytest.param({"weight": Weight.TRIVIAL}, {}, HISTORY, id="trivial"),
        pytest.param({"topics": ()}, {}, HISTORY, id="off-topic"),
        pytest.param(
            {"kinds": (ChangeKind.GONE,), "weight": Weight.MINOR}, {}, NOW, id="gone-is-major"
        ),
        pytest.param(
            {"kinds": (ChangeKind.BACK,), "weight": Weight.TRIVIAL}, {}, NOW, id="back-is-major"
        ),
        pytest.param({"baseline": Baseline.FIRST_ROUND}, {}, HISTORY, id="first-round"),
        pytest.param({"baseline": Baseline.SLEEP}, {}, SUMMARY, id="sleep"),
        pytest.param(
            {"baseline": Baseline.SLEEP}, {"told_of_sleep": True}, HISTORY, id="sleep-was-told"
        ),
        pytest.param({}, {"since": NOON}, HISTORY, id="before-the-channel"),
        pytest.param({}, {"topics": ("grain",)}, HISTORY, id="another-topic"),
        pytest.param({"topics": ("talks", "grain")}, {"topics": ("grain",)}, NOW, id="its-topic"),
        pytest.param(NEW, {"policy": AlertsConfig(now=("major", "new"))}, NOW, id="own-policy"),
        pytest.param(
            {"topics": ()},
            {"policy": AlertsConfig(summary=("off-topic", "new", "minor"))},
            SUMMARY,
            id="off-topic-on-request",
        ),
    ],
)
def test_a_change_takes_the_way_the_policy_names(
    change: dict[str, Any], to: dict[str, Any], mode: DeliveryMode
) -> None:
    (found,) = routes(owed(**change), [channel(**to)])
    assert found.mode is mode
    assert found.reason


def test_every_channel_gets_its_own_way() -> None:
    found = routes(owed(), [channel(name="a"), channel(name="b", topics=("grain",))])
    assert [(r.channel, r.mode) for r in found] == [("a", NOW), ("b", HISTORY)]


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({}, True),
        ({"weight": Weight.TRIVIAL}, True),
        ({"topics": ()}, False),
        ({"baseline": Baseline.FIRST_ROUND}, False),
    ],
)
def test_stock_and_what_is_off_topic_leaves_no_row(change: dict[str, Any], kept: bool) -> None:
    one = owed(**change)
    assert is_kept(one, routes(one, [channel()])[0]) is kept


# -- gathering -----------------------------------------------------------------------------------


def delivery(number: int, **fields: Any) -> OpenDelivery:
    one = owed(id=number, **fields)
    return OpenDelivery(id=number, mode=NOW, created_at=one.change.decided_at, owed=one)


kinds = st.sampled_from([k for k in ChangeKind if k is not ChangeKind.NEW])
deliveries = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 300), kinds, st.sampled_from(Weight)), max_size=40
).map(
    lambda items: [
        delivery(
            number,
            article_id=article,
            decided_at=NOON + timedelta(seconds=second),
            kinds=(kind,),
            weight=weight,
        )
        for number, (article, second, kind, weight) in enumerate(items, start=1)
    ]
)


@given(deliveries, st.tuples(st.integers(0, 8), st.integers(0, 8)), st.integers(1, 8))
def test_nothing_is_lost_and_no_cap_broken(
    waiting: list[OpenDelivery], sent: tuple[int, int], cap: int
) -> None:
    plan = digest.plan_alerts(waiting, sent=sent, caps=(cap, cap))
    told = [d.id for group in plan.alerts for d in group]
    assert sorted([*told, *(d.id for d in plan.deferred)]) == [d.id for d in waiting]
    room = max(0, cap - max(sent))
    assert len(plan.alerts) + bool(plan.deferred) <= max(room, bool(plan.deferred))
    for group in plan.alerts:
        assert len({d.owed.article.id for d in group}) == 1
    ranks = [min(digest.importance(d.owed) for d in group) for group in plan.alerts]
    assert ranks == sorted(ranks)


@given(deliveries)
def test_a_summary_names_every_change_once_the_most_important_first(
    waiting: list[OpenDelivery],
) -> None:
    changes: list[OwedChange] = [d.owed for d in waiting]
    found = digest.sections(changes)
    assert sorted(e.change.id for s in found for e in s.entries) == [c.change.id for c in changes]
    assert len({s.title for s in found}) == len(found)
    for section in found:
        assert list(section.entries) == sorted(section.entries, key=digest.importance)


@given(st.integers(1, 100), st.floats(0, 1))
def test_waits_grow_to_six_hours_and_no_further(attempts: int, jitter: float) -> None:
    wait = digest.retry_after(attempts, jitter=jitter)
    assert timedelta(seconds=45) <= wait <= timedelta(hours=6)
    assert wait <= digest.retry_after(attempts + 1, jitter=1)


def test_after_three_days_a_message_is_hopeless() -> None:
    made = datetime(2026, 11, 20, tzinfo=UTC)
    assert not digest.is_hopeless(made, now=made + timedelta(days=2, hours=23))
    assert digest.is_hopeless(made, now=made + timedelta(days=3))
