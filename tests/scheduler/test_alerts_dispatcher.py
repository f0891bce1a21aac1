"""What is owed reaches the channels: once, in time, within the caps, and after a kill too."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from scheduler.alerts.delivery import Delivery
from scheduler.alerts.dispatcher import Dispatcher
from scheduler.alerts.letters import DeliveryResult, Letter
from scheduler.config import AlertsConfig, ChannelConfig, Config
from storage import models, openings, outbox
from storage.database import Database, Writer
from storage.types import Baseline, ChangeKind, Disclosure, Weight
from tests.support.inbox import Hook, Inbox, text_of
from tests.support.newsdesk import HandClock, Newsdesk, config_for

NEW = {"kinds": [ChangeKind.NEW], "weight": Weight.MINOR, "details": [], "stood_at": None}
MINOR = {"kinds": [ChangeKind.WORDING], "weight": Weight.MINOR}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def desk(sqlite_database: Database, clock: HandClock) -> Newsdesk:
    found = Newsdesk(database=sqlite_database, clock=clock)
    found.set_up()
    return found


Start = Callable[..., Dispatcher]


@pytest.fixture
async def start(desk: Newsdesk) -> AsyncIterator[Start]:
    """Give a way to start dispatchers on the desk's database, each like a process of its own."""
    async with AsyncExitStack() as stack:
        writer = await stack.enter_async_context(Writer(desk.database))

        def make(config: Config, delivery: Delivery | None = None) -> Dispatcher:
            return Dispatcher(
                desk.database,
                writer,
                desk.clock,
                config=config,
                delivery=delivery,
                jitter=lambda: 1.0,
            )

        yield make


@pytest.fixture
async def running(desk: Newsdesk, inbox: Inbox, start: Start) -> Dispatcher:
    """A dispatcher with one mail channel that has been there for an hour."""
    dispatcher = start(config_for(inbox.address()))
    await dispatcher.run_once()
    desk.clock.pass_(hours=1)
    await dispatcher.run_once()
    return dispatcher


async def test_a_major_change_is_mailed_at_once_with_both_numbers(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    desk.change(disclosure=Disclosure.UNNOTED)
    assert (await running.run_once()).sent == 1
    mail = inbox.wait()
    assert mail["Subject"].startswith("52 → 49 drones · ")
    assert mail["Subject"].endswith(" · no note seen")
    assert "[-52" in text_of(mail)
    assert "{+49" in text_of(mail)
    assert "(Kyiv)" in text_of(mail)
    await running.run_once()
    assert len(inbox.mails) == 1


async def test_a_channel_is_told_of_nothing_that_was_decided_before_it_was_added(
    desk: Newsdesk, inbox: Inbox, start: Start
) -> None:
    desk.change()
    desk.clock.pass_(minutes=1)
    dispatcher = start(config_for(inbox.address()))
    assert (await dispatcher.run_once()).sent == 0
    desk.clock.pass_(minutes=1)
    desk.change(1)
    assert (await dispatcher.run_once()).sent == 1


async def test_without_a_channel_nothing_is_sent_and_nothing_lost(
    desk: Newsdesk, start: Start
) -> None:
    dispatcher = start(config_for())
    change_id = desk.change()
    await dispatcher.run_once()
    assert desk.rows(models.Delivery) == []
    assert desk.rows(models.Change)[-1].id == change_id
    assert desk.rows(models.Change)[-1].routed_at is not None


async def test_seven_major_changes_make_five_mails_and_one_summary(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    for number in range(7):
        desk.change(number, kinds=[ChangeKind.NUMBER])
    desk.change(7, kinds=[ChangeKind.GONE], details=[], note="answered 404 at 4 looks")
    await running.run_once()
    assert len(inbox.mails) == 5
    assert inbox.mails[0]["Subject"].startswith("Gone (404) · ")  # the most important first
    desk.clock.pass_(minutes=61)
    await running.run_once()
    assert len(inbox.mails) == 6
    assert inbox.mails[5]["Subject"].startswith("Summary: 3 changes")
    assert text_of(inbox.mails[5]).count("parley show") == 3


async def test_no_hour_and_no_day_brings_more_mails_than_the_caps(
    desk: Newsdesk, running: Dispatcher
) -> None:
    sent_at = []
    for step in range(30):  # ten hours with nine changes in each
        for number in range(3):
            desk.change((step * 3 + number) % 12)
        result = await running.run_once()
        sent_at += [desk.clock.now()] * result.sent
        desk.clock.pass_(minutes=20)
    assert len(sent_at) > 30
    for at in sent_at:
        assert sum(at <= other < at + timedelta(hours=1) for other in sent_at) <= 6
        assert sum(at <= other < at + timedelta(days=1) for other in sent_at) <= 40
    desk.clock.pass_(days=2)
    await running.run_once()
    assert not [row for row in desk.rows(models.Delivery) if row.message_id is None]


async def test_changes_of_one_article_within_a_minute_share_a_mail(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    desk.change()
    desk.clock.pass_(seconds=30)
    desk.change(kinds=[ChangeKind.QUOTE])
    desk.clock.pass_(seconds=90)
    desk.change(kinds=[ChangeKind.NAME])
    await running.run_once()
    subjects = [mail["Subject"] for mail in inbox.mails]
    assert len(subjects) == 2
    assert any("+ 1 more" in subject for subject in subjects)


async def test_new_articles_and_minor_changes_come_in_one_summary_an_hour(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    desk.change(0, **NEW)
    desk.change(1, **NEW)
    desk.change(2, **MINOR)
    desk.change(3, kinds=[ChangeKind.TYPOGRAPHY], weight=Weight.TRIVIAL)
    desk.change(4, topics="")
    await running.run_once()
    assert inbox.mails == []
    desk.clock.pass_(hours=1)
    await running.run_once()
    assert [mail["Subject"].partition(" · ")[0] for mail in inbox.mails] == [
        "Summary: 1 change, 2 new articles"
    ]
    text = text_of(inbox.mails[0])
    assert text.index("New articles (2)") < text.index("Changed: minor (1)")


async def test_a_summary_with_nothing_in_it_is_not_sent(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    for _ in range(5):
        desk.clock.pass_(hours=1)
        await running.run_once()
    assert inbox.mails == []


# -- what was there before -----------------------------------------------------------------------


def begin_first_rounds(tx: Session, desk: Newsdesk, **fields: object) -> None:
    """Let all sources begin their first round now."""
    now = desk.clock.now()
    values = {
        "added_at": now - timedelta(minutes=1),
        "first_round_began_at": now,
        "first_round_ended_at": None,
        "announced_at": None,
        "last_success_at": now,
        **fields,
    }
    tx.execute(update(models.Source).values(**values))


async def test_first_rounds_that_began_together_are_told_in_one_message(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    with desk.database.transaction() as tx:
        begin_first_rounds(tx, desk)
        first = tx.scalars(select(models.Source).order_by(models.Source.id)).first()
        assert first is not None
        first.last_success_at = None
        first.failures, first.last_reason = 1, "answered 503"
    for number in range(6):
        desk.change(number, baseline=Baseline.FIRST_ROUND, **NEW)
    await running.run_once()
    assert inbox.mails == []  # one source has not answered yet
    desk.clock.pass_(minutes=10)
    await running.run_once()
    desk.clock.pass_(hours=2)
    await running.run_once()
    assert len(inbox.mails) == 1
    assert inbox.mails[0]["Subject"] == "Now watching 4 outlets: 12 articles, 12 on topic"
    text = text_of(inbox.mails[0])
    assert "Read (4)" in text
    assert "answered 503" in text
    assert text.count("\n* ") == 10
    assert "From now on" in text
    assert "At once: major changes" in text


async def test_first_rounds_that_all_ended_are_told_without_waiting(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    with desk.database.transaction() as tx:
        begin_first_rounds(tx, desk)
    await running.run_once()
    await running.run_once()
    assert [mail["Subject"].partition(":")[0] for mail in inbox.mails] == ["Now watching 5 outlets"]


async def test_a_source_that_was_down_is_told_of_when_it_answers(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    with desk.database.transaction() as tx:
        begin_first_rounds(tx, desk, last_success_at=None, last_reason="refused the connection")
    desk.clock.pass_(minutes=11)
    await running.run_once()
    await running.run_once()
    assert [mail["Subject"].partition(":")[0] for mail in inbox.mails] == ["Now watching 0 outlets"]
    desk.clock.pass_(hours=3)
    with desk.database.transaction() as tx:
        now = desk.clock.now()
        one = tx.scalars(select(models.Source)).first()
        assert one is not None
        one.first_round_began_at = one.last_success_at = now
        one.first_round_ended_at = None
    await running.run_once()
    assert inbox.mails[1]["Subject"].startswith("Now watching 1 outlet:")


async def test_what_a_sleep_brought_is_told_in_one_message(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    for number in range(8):
        desk.change(number, baseline=Baseline.SLEEP)
        await running.run_once()
        desk.clock.pass_(minutes=1)
    assert inbox.mails == []
    desk.clock.pass_(minutes=10)
    await running.run_once()
    assert [mail["Subject"] for mail in inbox.mails] == ["Awake again: 8 changes meanwhile"]
    desk.change(9, baseline=Baseline.SLEEP)  # a page that was looked at late
    for _ in range(3):
        desk.clock.pass_(hours=1)
        await running.run_once()
    assert len(inbox.mails) == 1


async def test_changed_topics_are_told_in_one_message(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    from storage import facts

    with desk.database.transaction() as tx:
        facts.put(tx, openings.TOPICS_CHANGED, {"at": "2026-11-24T12:00:00+00:00"})
    await running.run_once()
    await running.run_once()
    assert [mail["Subject"] for mail in inbox.mails] == ["New topics: 12 articles, 12 on topic"]


# -- trouble -------------------------------------------------------------------------------------


class PulledPlugError(BaseException):
    """Somebody pulled the plug."""


class PulledPlug(Delivery):
    """Sends, and then never comes back to say so."""

    async def deliver(self, address: str, letter: Letter) -> DeliveryResult:
        await super().deliver(address, letter)
        raise PulledPlugError


async def test_a_message_that_was_being_sent_is_sent_again_and_says_so(
    desk: Newsdesk, inbox: Inbox, start: Start
) -> None:
    config = config_for(inbox.address())
    await start(config).run_once()
    desk.clock.pass_(minutes=1)
    desk.change()
    with pytest.raises(BaseExceptionGroup, match="unhandled"):
        await start(config, PulledPlug()).run_once()
    inbox.wait()
    assert [row.state for row in desk.rows(models.Message)] == ["sending"]

    desk.clock.pass_(minutes=5)
    await start(config).run_once()
    assert [row.state for row in desk.rows(models.Message)] == ["sent"]
    before, after = inbox.mails
    assert before["Message-ID"] == after["Message-ID"]
    assert "may have reached you before" not in text_of(before)
    assert "may have reached you before" in text_of(after)


async def test_a_kill_between_the_change_and_its_mail_loses_nothing(
    desk: Newsdesk, inbox: Inbox, start: Start
) -> None:
    config = config_for(inbox.address())
    await start(config).run_once()
    desk.clock.pass_(minutes=1)
    desk.change()
    await start(config).run_once()
    await start(config).run_once()
    assert len(inbox.mails) == 1
    assert "may have reached you before" not in text_of(inbox.mails[0])


async def test_a_failing_channel_is_tried_again_later_each_time_with_the_same_id(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    inbox.refuse_at = "data"
    desk.change()
    waits = []
    for _ in range(6):
        assert (await running.run_once()).sent == 0
        row = desk.rows(models.Message)[-1]
        assert row.state == "owed"
        assert "554 5.7.1 refused as spam" in row.error
        waits.append((row.next_try_at - desk.clock.now()) / timedelta(minutes=1))
        desk.clock.at = row.next_try_at
    assert waits == [1, 2, 4, 8, 16, 32]
    inbox.refuse_at = ""
    assert (await running.run_once()).sent == 1
    assert inbox.wait()["Message-ID"].startswith(f"<{desk.rows(models.Message)[-1].key}@")


async def test_a_message_is_given_up_after_three_days_for_all_to_see(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    inbox.refuse_at = "rcpt"
    desk.change()
    for _ in range(200):
        await running.run_once()
        if desk.rows(models.Message)[-1].state == "given up":
            break
        desk.clock.pass_(hours=1)
    with desk.database.reading() as tx:
        health = outbox.health(tx)[0]
    assert health.given_up == 1
    assert health.last_error == "desk@example.org: 550 no such user"


async def test_one_failing_channel_does_not_hold_up_another(
    desk: Newsdesk, inbox: Inbox, *, hook: Hook, start: Start
) -> None:
    inbox.refuse_at = "rcpt"
    dispatcher = start(config_for(inbox.address(), hook.address()))
    await dispatcher.run_once()
    desk.clock.pass_(minutes=1)
    desk.change()
    result = await dispatcher.run_once()
    assert (result.sent, result.failed) == (1, 1)
    assert hook.requests[0]["changes"][0]["details"][0]["label"] == "52 → 49 drones"


async def test_what_piles_up_while_nothing_gets_out_becomes_one_summary(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    inbox.refuse_at = "rcpt"
    for hour in range(30):
        desk.change(hour % 12)
        await running.run_once()
        desk.clock.pass_(hours=1)
    assert len(desk.rows(models.Message)) <= 4
    inbox.refuse_at = ""
    for _ in range(12):
        desk.clock.pass_(hours=1)
        await running.run_once()
    assert len(inbox.mails) < 15
    assert not [row for row in desk.rows(models.Delivery) if row.message_id is None]
    assert {row.state for row in desk.rows(models.Message)} == {"sent"}


async def test_a_bad_address_says_its_kind_and_no_secret(
    desk: Newsdesk, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    dispatcher = start(config_for("slak://TOKEN-abcdef/secret-room"))
    await dispatcher.run_once()
    desk.clock.pass_(minutes=1)
    desk.change()
    await dispatcher.run_once()
    error = desk.rows(models.Message)[-1].error
    assert error.startswith("slak://… is no kind of address that Apprise knows")
    assert "TOKEN" not in error + caplog.text


async def test_a_channel_taken_out_of_the_file_is_sent_nothing_more(
    desk: Newsdesk, inbox: Inbox, running: Dispatcher
) -> None:
    inbox.refuse_at = "rcpt"
    desk.change()
    await running.run_once()
    running.use(config_for())
    await running.run_once()
    inbox.refuse_at = ""
    running.use(config_for(inbox.address()))
    desk.clock.pass_(hours=1)
    await running.run_once()
    assert inbox.mails == []
    assert desk.rows(models.Message)[-1].error == outbox.REMOVED


async def test_a_channel_is_told_only_of_its_topics_and_by_its_own_policy(
    desk: Newsdesk, inbox: Inbox, *, hook: Hook, start: Start
) -> None:
    config = config_for(inbox.address(), hook.address(), alerts=AlertsConfig(max_per_hour=10))
    mail, web = config.channels
    channels = (
        ChannelConfig(**{**mail.model_dump(), "topics": ("grain",)}),
        ChannelConfig(**{**web.model_dump(), "now": ("major", "new")}),
    )
    dispatcher = start(config_for(channels=channels))
    await dispatcher.run_once()
    desk.clock.pass_(minutes=1)
    desk.change(0)
    desk.change(1, topics=" talks grain ")
    desk.change(2, **NEW)
    await dispatcher.run_once()
    assert len(inbox.mails) == 1
    assert len(hook.requests) == 3
