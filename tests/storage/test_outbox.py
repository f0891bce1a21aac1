"""What is owed is kept once, claimed once and counted right, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from storage import models, openings, outbox
from storage.database import Database
from storage.errors import NotFoundError
from storage.export import export
from storage.types import (
    ChangeKind,
    DeliveryMode,
    DeliveryState,
    MessageKind,
    OpeningReason,
    Route,
)
from tests.support import histories
from tests.support.histories import Written, at

NOW = at(400)
ALERT = outbox.NewMessage(key="k1", channel="desk", kind=MessageKind.ALERT, subject="s")


@pytest.fixture
def written(database: Database) -> dict[str, Written]:
    """A history nobody was told of, and two channels."""
    with database.transaction() as tx:
        found = histories.newsroom(tx)
        tx.execute(update(models.Change).values(routed_at=None))
        outbox.sync_channels(tx, ["desk", "web"], now=at(-1000))
    return found


def route(database: Database, change_id: int, mode: DeliveryMode = DeliveryMode.NOW) -> None:
    with database.transaction() as tx:
        routes = [Route(channel="desk", mode=mode, reason="because")]
        outbox.route(tx, change_id, routes, now=NOW)


def test_an_owed_change_comes_with_article_outlet_and_topics(
    database: Database, written: dict[str, Written]
) -> None:
    with database.reading() as tx:
        found = {one.change.id: one for one in outbox.unrouted(tx, limit=100)}
    one = found[written["id"].change_ids[1]]
    assert one.change.kinds == (ChangeKind.NUMBER, ChangeKind.QUOTE)
    assert one.change.details[0].label == "52 → 49"
    assert one.article.outlet.name == "Lapak Asik"
    assert one.topics == ("talks",)
    assert list(found) == sorted(found)


def test_a_message_brings_the_texts_before_and_after(
    database: Database, written: dict[str, Written]
) -> None:
    change_id = written["id"].change_ids[1]
    route(database, change_id)
    with database.transaction() as tx:
        ids = [d.id for d in outbox.open_deliveries(tx, "desk", DeliveryMode.NOW)]
        message = outbox.make_message(tx, ALERT, deliveries=ids, now=NOW)
    with database.reading() as tx:
        (one,) = outbox.message_changes(tx, message, with_versions=True)
        assert outbox.open_deliveries(tx, "desk", DeliveryMode.NOW) == []
    assert one.old is not None
    assert one.new is not None
    assert "52 pesawat" in one.old.text
    assert "49 pesawat" in one.new.text
    assert one.new.verdicts[0].reasons == histories.INDONESIAN.reasons


def test_a_change_is_routed_once(database: Database, written: dict[str, Written]) -> None:
    change_id = written["en"].change_ids[1]
    for _ in range(2):
        route(database, change_id)
    with database.reading() as tx:
        assert len(outbox.open_deliveries(tx, "desk", DeliveryMode.NOW)) == 1
        assert change_id not in [one.change.id for one in outbox.unrouted(tx, limit=100)]
        assert outbox.has_waiting(tx, "desk")
        assert not outbox.has_waiting(tx, "web")


def test_what_is_kept_in_the_history_waits_for_nobody(
    database: Database, written: dict[str, Written]
) -> None:
    route(database, written["en"].change_ids[1], DeliveryMode.HISTORY)
    with database.reading() as tx:
        assert not outbox.has_waiting(tx, "desk")


def test_a_new_channel_starts_now_and_a_known_one_stays(database: Database) -> None:
    with database.transaction() as tx:
        assert outbox.sync_channels(tx, ["a"], now=at(0)) == ["a"]
        assert outbox.sync_channels(tx, ["a", "b"], now=at(10)) == ["b"]
        assert outbox.channels_since(tx) == {"a": at(0), "b": at(10)}
        assert outbox.sync_channels(tx, ["b"], now=at(20)) == []
        assert outbox.sync_channels(tx, ["b", "a"], now=at(30)) == ["a"]
        assert outbox.channels_since(tx) == {"a": at(30), "b": at(10)}


def test_a_summary_is_due_from_when_the_channel_began(database: Database) -> None:
    with database.transaction() as tx:
        outbox.sync_channels(tx, ["a"], now=at(0))
        assert outbox.last_summary_at(tx, "a") == at(0)
        outbox.note_summary(tx, "a", now=at(60))
        assert outbox.last_summary_at(tx, "a") == at(60)
        with pytest.raises(NotFoundError):
            outbox.last_summary_at(tx, "nobody")


def make(database: Database, key: str, *, minute: float = 0, **fields: object) -> int:
    new = outbox.NewMessage(
        key=key,
        channel=str(fields.get("channel", "desk")),
        kind=MessageKind(str(fields.get("kind", "alert"))),
        subject="s",
    )
    with database.transaction() as tx:
        return outbox.make_message(tx, new, deliveries=[], now=at(minute))


def test_a_message_is_claimed_by_one(database: Database) -> None:
    id_ = make(database, "a")
    with database.transaction() as tx:
        assert outbox.mark_sending(tx, id_)
    with database.transaction() as tx:
        assert not outbox.mark_sending(tx, id_)
        assert outbox.due_messages(tx, at(1)) == []


def test_a_failed_message_is_due_again_and_remembers_who_has_it(database: Database) -> None:
    id_ = make(database, "a")
    failure = outbox.Failure(error="x" * 900, may_have_arrived=True, accepted=("one",))
    with database.transaction() as tx:
        outbox.mark_sending(tx, id_)
        outbox.mark_failed(tx, id_, failure, retry_at=at(5))
    with database.transaction() as tx:
        outbox.mark_sending(tx, id_)
        outbox.mark_failed(tx, id_, outbox.Failure(error="y", accepted=("two",)), retry_at=at(9))
    with database.reading() as tx:
        assert outbox.due_messages(tx, at(8)) == []
        (found,) = outbox.due_messages(tx, at(9))
    assert (found.attempts, found.may_have_arrived, found.accepted) == (2, True, ("one", "two"))
    assert found.error == "y"


def test_a_message_found_as_sending_may_have_arrived(database: Database) -> None:
    id_ = make(database, "a")
    with database.transaction() as tx:
        outbox.mark_sending(tx, id_)
    with database.transaction() as tx:
        assert outbox.recover_sending(tx, now=at(3)) == [id_]
        assert outbox.recover_sending(tx, now=at(3)) == []
        found = outbox.message(tx, id_)
    assert (found.state, found.may_have_arrived, found.key) == (DeliveryState.OWED, True, "a")


def test_caps_count_what_is_sent_and_owed_but_not_tests_and_lost_causes(database: Database) -> None:
    make(database, "old", minute=-1600)
    make(database, "today", minute=-200)
    make(database, "now", minute=-5)
    make(database, "test", minute=-5, kind="test")
    make(database, "other", minute=-5, channel="web")
    lost = make(database, "lost", minute=-5)
    with database.transaction() as tx:
        outbox.give_up(tx, lost, error="never")
        assert outbox.sent_counts(tx, "desk", at(0)) == (1, 2)
        assert outbox.delivered_counts(tx, "desk", at(0)) == (0, 0)


def test_health_says_how_each_channel_goes(database: Database) -> None:
    with database.transaction() as tx:
        outbox.sync_channels(tx, ["desk", "web"], now=at(0))
    sent, lost = make(database, "a"), make(database, "b")
    make(database, "c")
    with database.transaction() as tx:
        outbox.mark_sent(tx, sent, now=at(2))
        outbox.give_up(tx, lost, error="550 no such user")
        desk, web = outbox.health(tx)
    assert (desk.owed, desk.given_up, desk.last_sent_at) == (1, 1, at(2))
    assert desk.last_error == "550 no such user"
    assert (web.owed, web.last_sent_at) == (0, None)


def test_sent_messages_come_page_by_page_with_their_changes(
    database: Database, written: dict[str, Written]
) -> None:
    changes = [written["en"].change_ids[1], written["uk"].change_ids[1]]
    for change_id in changes:
        route(database, change_id, DeliveryMode.SUMMARY)
    with database.transaction() as tx:
        ids = [d.id for d in outbox.open_deliveries(tx, "desk", DeliveryMode.SUMMARY)]
        new = outbox.NewMessage(key="k", channel="desk", kind=MessageKind.SUMMARY, subject="s")
        message = outbox.make_message(tx, new, deliveries=ids, now=NOW)
        outbox.mark_sent(tx, message, now=NOW)
    make(database, "unsent")
    with database.reading() as tx:
        (found,) = outbox.sent_messages(tx)
        assert outbox.sent_messages(tx, after_id=found.id) == []
    assert sorted(found.change_ids) == sorted(changes)
    told = [r for r in export(database) if r["type"] == "alert"]
    assert {(r["channel"], r["message"], r["summary"]) for r in told} == {("desk", "k", True)}


# -- openings ------------------------------------------------------------------------------------


def begin(database: Database, **fields: object) -> None:
    values = {
        "added_at": at(-1),
        "first_round_began_at": at(0),
        "first_round_ended_at": None,
        "last_success_at": at(1),
        "announced_at": None,
        **fields,
    }
    with database.transaction() as tx:
        tx.execute(update(models.Source).values(**values))


@pytest.mark.usefixtures("written")
def test_first_rounds_are_due_when_all_ended_or_after_ten_minutes(database: Database) -> None:
    begin(database)
    with database.transaction() as tx:
        source = tx.scalars(select(models.Source)).first()
        assert source is not None
        source.last_success_at = None
    with database.transaction() as tx:
        assert openings.has_untold(tx)
        assert openings.first_round_due(tx, now=at(9)) == []
        due = openings.first_round_due(tx, now=at(10))
        assert len(due) == 5
        openings.announce(tx, due, now=at(10))
        assert openings.first_round_due(tx, now=at(11)) == []


def test_an_opening_counts_lists_and_is_kept(
    database: Database, written: dict[str, Written]
) -> None:
    begin(database, first_round_ended_at=at(2))
    with database.transaction() as tx:
        due = openings.first_round_due(tx, now=at(3))
        opening = openings.first_round(tx, due, topics=("talks",))
        assert (opening.found, opening.on_topic) == (6, 5)
        assert len(opening.read) == 5
        assert written["sport"].article_id not in [a.id for a in opening.newest]
        assert opening.newest[0].id == written["ar"].article_id  # the one found last
        none = openings.first_round(tx, due, topics=("grain",))
        assert (none.found, none.on_topic, none.newest) == (6, 0, ())
        new = outbox.NewMessage(key="o", channel="desk", kind=MessageKind.OPENING, subject="s")
        facts = openings.to_facts(opening)
        id_ = outbox.make_message(tx, new, deliveries=[], now=at(3), facts=facts)
        outbox.mark_sent(tx, id_, now=at(3))
    with database.reading() as tx:
        assert openings.of_message(tx, id_) == opening
        assert outbox.sent_messages(tx)[0].article_ids == tuple(a.id for a in opening.newest)


@pytest.mark.usefixtures("written")
def test_a_sleep_is_told_once_a_day(database: Database) -> None:
    with database.transaction() as tx:
        opening = openings.after_sleep(tx, since=at(-3000))
        assert opening.reason is OpeningReason.SLEEP
        new = outbox.NewMessage(key="o", channel="desk", kind=MessageKind.OPENING, subject="s")
        facts = openings.to_facts(opening)
        outbox.make_message(tx, new, deliveries=[], now=at(0), facts=facts)
        assert openings.slept_lately(tx, "desk", since=at(-5))
        assert not openings.slept_lately(tx, "desk", since=at(0) + timedelta(seconds=1))
        assert not openings.slept_lately(tx, "web", since=at(-5))
