"""Route what is owed, gather it into messages, send them, remember how that went.

The only part of alerts that acts: what is told when is `rules` and `digest`, how it reads is `render`,
how it travels is `delivery`. One dispatcher at a time works on a database; the daemon's claim on the
database sees to that.
"""

import asyncio
import random
import secrets
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol, TypeVar

import structlog
from sqlalchemy.orm import Session

from scheduler.alerts import digest, rules
from scheduler.alerts.delivery import Delivery
from scheduler.alerts.errors import AlertError
from scheduler.alerts.forms import RenderContext, Rendered
from scheduler.alerts.letters import DeliveryResult, Letter
from scheduler.alerts.render import render_alert
from scheduler.alerts.render_many import render_opening, render_summary
from scheduler.alerts.words import alert_subject
from scheduler.config import AlertsConfig, ChannelConfig, Config, policy_for
from storage import openings, outbox
from storage.database import Database, Writer
from storage.errors import StorageError
from storage.types import (
    DeliveryMode,
    Message,
    MessageKind,
    OpenDelivery,
    Opening,
    OwedChange,
)

log = structlog.get_logger()
T = TypeVar("T")

ROUTE_AT_ONCE: Final = 200  # changes in one transaction
MOST_STUCK: Final = 3  # messages that do not get out before no new ones are made for a channel
MOST_CHANNELS_AT_ONCE: Final = 8
_OVER_THE_CAP: Final = "over the cap of single messages; it goes into the next summary"
_NO_ADDRESS: Final = "The channel's address cannot be read; `parley doctor` says why."
_EMPTY: Final = "What it was to tell is no longer stored."


class Clock(Protocol):
    """The part of the clock we use."""

    def now(self) -> datetime:
        """Give the time, aware UTC."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What one run did."""

    routed: int = 0
    made: int = 0
    sent: int = 0
    failed: int = 0


class Dispatcher:
    """Brings what is owed to the channels; `run_once` does all that is due now."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        clock: Clock,
        *,
        config: Config,
        delivery: Delivery | None = None,
        jitter: Callable[[], float] = random.random,  # noqa: S311 - spreads retries, guards nothing
    ) -> None:
        """Work on `database` through `writer`, in the time of `clock`; `jitter` gives 0 to 1."""
        self._database = database
        self._writer = writer
        self._clock = clock
        self._delivery = delivery or Delivery()
        self._jitter = jitter
        self._config = config
        self._is_settled = False

    @property
    def config(self) -> Config:
        """The settings in use."""
        return self._config

    def use(self, config: Config) -> None:
        """Take other settings from the next run on."""
        self._config = config
        self._is_settled = False

    async def run_once(self) -> Sent:
        """Route, gather and send all that is due now.

        Raises:
            StorageError: The database refused; what was being sent is taken up by the next run.
        """
        try:
            return await self._run()
        except BaseException:
            self._is_settled = False  # a message may be left as "sending"
            raise

    async def _run(self) -> Sent:
        await self._settle()
        routed = await self._route()
        made = await self._open()
        for channel in self._config.channels:
            made += await self._gather(channel)
        sent, failed = await self._send()
        return Sent(routed=routed, made=made, sent=sent, failed=failed)

    async def _read(self, work: Callable[[Session], T]) -> T:
        def read() -> T:
            with self._database.reading() as tx:
                return work(tx)

        return await asyncio.to_thread(read)

    # -- beginning -------------------------------------------------------------------------------

    async def _settle(self) -> None:
        """Follow the configuration; take up what a killed dispatcher left behind."""
        if self._is_settled:
            return
        now = self._clock.now()
        names = [channel.name for channel in self._config.channels]
        added = await self._writer.do(lambda tx: outbox.sync_channels(tx, names, now=now))
        for name in added:
            log.info("channel_added", channel=name)
        left = await self._writer.do(lambda tx: outbox.recover_sending(tx, now=now))
        if left:
            log.warning("messages_recovered", count=len(left), reason="sending was interrupted")
        self._is_settled = True

    # -- routing ---------------------------------------------------------------------------------

    async def _route(self) -> int:
        total = 0
        while await self._read(outbox.has_unrouted):
            now = self._clock.now()
            count = await self._writer.do(lambda tx, now=now: self._route_some(tx, now))
            total += count
            if not count:
                break
        return total

    def _route_some(self, tx: Session, now: datetime) -> int:
        since = outbox.channels_since(tx)
        channels = [
            rules.ChannelRules(
                name=channel.name,
                policy=self._policy(channel),
                since=since[channel.name],
                topics=channel.topics,
                told_of_sleep=openings.slept_lately(
                    tx, channel.name, since=now - openings.SAME_SLEEP
                ),
            )
            for channel in self._config.channels
            if channel.name in since
        ]
        found = outbox.unrouted(tx, limit=ROUTE_AT_ONCE)
        for owed in found:
            routes = [r for r in rules.routes(owed, channels) if rules.is_kept(owed, r)]
            outbox.route(tx, owed.change.id, routes, now=now)
        return len(found)

    def _policy(self, channel: ChannelConfig) -> AlertsConfig:
        return policy_for(self._config.alerts, channel)

    # -- what was there before -------------------------------------------------------------------

    async def _open(self) -> int:
        """Make the messages that tell what was there before."""
        now = self._clock.now()
        if not await self._read(lambda tx: openings.has_untold(tx) or openings.topics_changed(tx)):
            return 0
        return await self._writer.do(lambda tx: self._open_channels(tx, now))

    def _open_channels(self, tx: Session, now: datetime) -> int:
        sources = openings.first_round_due(tx, now=now)
        topics_changed = openings.topics_changed(tx)
        if not sources and not topics_changed:
            return 0
        for channel in self._config.channels:
            topics = channel.topics
            opening = (
                openings.first_round(tx, sources, topics=topics)
                if sources
                else openings.everything(tx, topics=topics)
            )
            self._make_opening(tx, channel, opening, now=now)
        openings.announce(tx, sources, now=now)
        openings.topics_told(tx, now=now)  # a first round tells what is on the topics, too
        return len(self._config.channels)

    def _make_opening(
        self,
        tx: Session,
        channel: ChannelConfig,
        opening: Opening,
        *,
        now: datetime,
        deliveries: Sequence[OpenDelivery] = (),
    ) -> None:
        owed = [delivery.owed for delivery in deliveries]
        subject = render_opening(opening, owed, context=self._context(channel)).subject
        new = self._new(channel, MessageKind.OPENING, subject=subject, now=now)
        ids = [delivery.id for delivery in deliveries]
        outbox.make_message(tx, new, deliveries=ids, now=now, facts=openings.to_facts(opening))

    def _new(
        self, channel: ChannelConfig, kind: MessageKind, *, subject: str, now: datetime
    ) -> outbox.NewMessage:
        key = f"{now:%Y%m%d%H%M%S}.{secrets.token_hex(8)}"
        return outbox.NewMessage(key=key, channel=channel.name, kind=kind, subject=subject)

    # -- gathering -------------------------------------------------------------------------------

    async def _gather(self, channel: ChannelConfig) -> int:
        """Make the messages of one channel that are due: singly, after a sleep, in the summary."""
        now = self._clock.now()
        every = self._config.alerts.summary_every
        is_due = await self._read(
            lambda tx: (
                outbox.has_waiting(tx, channel.name)
                or now >= outbox.last_summary_at(tx, channel.name) + every
            )
        )
        if not is_due:
            return 0
        return await self._writer.do(lambda tx: self._gather_in(tx, channel, now))

    def _gather_in(self, tx: Session, channel: ChannelConfig, now: datetime) -> int:
        if outbox.stuck_messages(tx, channel.name) >= MOST_STUCK:
            return 0  # nothing gets out: what is owed waits, and shares messages when it does
        made = self._make_alerts(tx, channel, now)
        summed = outbox.open_deliveries(tx, channel.name, DeliveryMode.SUMMARY)
        slept = [d for d in summed if d.owed.change.baseline is not None]
        if digest.sleep_is_over(slept, now=now):
            since = min(filter(None, (d.owed.change.stood_at for d in slept)), default=None)
            opening = openings.after_sleep(tx, since=since)
            self._make_opening(tx, channel, opening, now=now, deliveries=slept)
            made += 1
        rest = [d for d in summed if d.owed.change.baseline is None]
        return made + self._make_summary(tx, channel, rest, now=now)

    def _make_alerts(self, tx: Session, channel: ChannelConfig, now: datetime) -> int:
        waiting = outbox.open_deliveries(tx, channel.name, DeliveryMode.NOW)
        if not waiting:
            return 0
        policy = self._policy(channel)
        plan = digest.plan_alerts(
            waiting,
            sent=outbox.sent_counts(tx, channel.name, now),
            caps=(policy.max_per_hour, policy.max_per_day),
        )
        for group in plan.alerts:
            subject = alert_subject([delivery.owed for delivery in group])
            new = self._new(channel, MessageKind.ALERT, subject=subject, now=now)
            outbox.make_message(tx, new, deliveries=[d.id for d in group], now=now)
        if plan.deferred:
            ids = [delivery.id for delivery in plan.deferred]
            outbox.defer_to_summary(tx, ids, reason=_OVER_THE_CAP)
            log.info(
                "changes_deferred", channel=channel.name, count=len(ids), reason="over the cap"
            )
        return len(plan.alerts)

    def _make_summary(
        self,
        tx: Session,
        channel: ChannelConfig,
        waiting: Sequence[OpenDelivery],
        *,
        now: datetime,
    ) -> int:
        policy = self._policy(channel)
        if now < outbox.last_summary_at(tx, channel.name) + policy.summary_every:
            return 0
        hour, day = outbox.sent_counts(tx, channel.name, now)
        if waiting and (hour >= policy.max_per_hour or day >= policy.max_per_day):
            return 0  # due, but the cap stands: it goes out when there is room
        outbox.note_summary(tx, channel.name, now=now)
        if not waiting:
            return 0
        owed = [delivery.owed for delivery in waiting]
        subject = render_summary(owed, context=self._context(channel), at=now).subject
        new = self._new(channel, MessageKind.SUMMARY, subject=subject, now=now)
        outbox.make_message(tx, new, deliveries=[d.id for d in waiting], now=now)
        return 1

    # -- sending ---------------------------------------------------------------------------------

    async def _send(self) -> tuple[int, int]:
        now = self._clock.now()
        due = await self._read(lambda tx: outbox.due_messages(tx, now))
        by_channel: dict[str, list[Message]] = {}
        for message in due:
            by_channel.setdefault(message.channel, []).append(message)
        room = asyncio.Semaphore(MOST_CHANNELS_AT_ONCE)
        counts: list[tuple[int, int]] = []

        async def send(messages: Sequence[Message]) -> None:
            async with room:
                counts.append(await self._send_channel(messages))

        try:
            async with asyncio.TaskGroup() as tasks:
                for messages in by_channel.values():
                    tasks.create_task(send(messages))
        except* StorageError as group:
            raise group.exceptions[0] from None
        return sum(sent for sent, _ in counts), sum(failed for _, failed in counts)

    async def _send_channel(self, messages: Sequence[Message]) -> tuple[int, int]:
        """Send one channel's messages in order; after a failure the rest waits for the next run."""
        sent = 0
        channel = self._config.channel(messages[0].channel)
        for message in messages:
            if channel is None or not await self._may_send(channel, message):
                continue
            if not await self._send_one(channel, message):
                return sent, 1
            sent += 1
        return sent, 0

    async def _may_send(self, channel: ChannelConfig, message: Message) -> bool:
        """Do the caps leave room, also for what piled up while nothing got out?"""
        if message.kind not in {MessageKind.ALERT, MessageKind.SUMMARY}:
            return True
        policy, now = self._policy(channel), self._clock.now()
        hour, day = await self._read(lambda tx: outbox.delivered_counts(tx, channel.name, now))
        return hour < policy.max_per_hour and day < policy.max_per_day

    async def _send_one(self, channel: ChannelConfig, message: Message) -> bool:
        if digest.is_hopeless(message.created_at, now=self._clock.now()):
            await self._give_up(message, message.error or "It could not be sent in time.")
            return True
        rendered = await self._render(channel, message)
        if rendered is None:
            await self._give_up(message, _EMPTY)
            return True
        if not await self._writer.do(lambda tx: outbox.mark_sending(tx, message.id)):
            return True
        result = await self._deliver(channel, message, rendered)
        if result.ok:
            now = self._clock.now()
            await self._writer.do(lambda tx: outbox.mark_sent(tx, message.id, now=now))
            log.info(
                "message_sent",
                channel=channel.name,
                message=message.key,
                kind=message.kind.value,
                answer=result.detail,
            )
            return True
        await self._failed(channel, message, result)
        return False

    async def _deliver(
        self, channel: ChannelConfig, message: Message, rendered: Rendered
    ) -> DeliveryResult:
        if channel.address is None:
            return DeliveryResult(ok=False, detail=_NO_ADDRESS)
        letter = Letter(
            rendered=rendered,
            key=message.key,
            channel=channel.name,
            at=self._clock.now(),
            repeat=message.may_have_arrived,
            accepted=frozenset(message.accepted),
        )
        try:
            return await self._delivery.deliver(channel.address.get_secret_value(), letter)
        except AlertError as error:
            return DeliveryResult(ok=False, detail=str(error))
        except Exception as error:  # noqa: BLE001 - a service's plugin may raise anything
            # No traceback: its lines and values may hold the address, and with it the secret.
            place = traceback.extract_tb(error.__traceback__)[-1]
            log.error(  # noqa: TRY400
                "delivery_crashed",
                channel=channel.name,
                message=message.key,
                reason=type(error).__name__,
                place=f"{place.filename}:{place.lineno}",
            )
            return DeliveryResult(ok=False, detail=f"internal error: {type(error).__name__}")

    async def _failed(
        self, channel: ChannelConfig, message: Message, result: DeliveryResult
    ) -> None:
        now = self._clock.now()
        wait = digest.retry_after(message.attempts + 1, jitter=self._jitter())
        failure = outbox.Failure(
            error=result.detail,
            may_have_arrived=result.may_have_arrived,
            accepted=result.accepted,
        )
        await self._writer.do(
            lambda tx: outbox.mark_failed(tx, message.id, failure, retry_at=now + wait)
        )
        log.warning(
            "message_failed",
            channel=channel.name,
            message=message.key,
            attempts=message.attempts + 1,
            retry_s=round(wait.total_seconds()),
            reason=result.detail,
        )

    async def _give_up(self, message: Message, reason: str) -> None:
        await self._writer.do(lambda tx: outbox.give_up(tx, message.id, error=reason))
        log.error("message_given_up", channel=message.channel, message=message.key, reason=reason)

    # -- writing ---------------------------------------------------------------------------------

    async def _render(self, channel: ChannelConfig, message: Message) -> Rendered | None:
        """Write a message from what is stored; None where nothing of it is left."""
        with_versions = message.kind is MessageKind.ALERT

        def read(tx: Session) -> tuple[list[OwedChange], Opening | None]:
            owed = outbox.message_changes(tx, message.id, with_versions=with_versions)
            is_opening = message.kind is MessageKind.OPENING
            return owed, openings.of_message(tx, message.id) if is_opening else None

        owed, opening = await self._read(read)
        context = replace(self._context(channel), repeat=message.may_have_arrived)
        if opening is not None:
            return render_opening(opening, owed, context=context)
        if not owed:
            return None
        if message.kind is MessageKind.ALERT:
            return render_alert(owed, context=context)
        return render_summary(owed, context=context, at=message.created_at)

    def _context(self, channel: ChannelConfig) -> RenderContext:
        titles = {name: topic.title or name for name, topic in self._config.topics.items()}
        return RenderContext(
            timezone=self._config.timezone,
            base_url=self._config.base_url,
            topic_titles=titles,
            policy=self._policy(channel),
            topics=channel.topics,
        )
