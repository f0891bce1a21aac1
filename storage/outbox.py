"""What is owed to whom: changes to route, deliveries to gather, messages to send, and how that went.

Decides nothing: which change reaches whom is `scheduler.alerts.rules`'s, when is the dispatcher's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from storage.errors import NotFoundError
from storage.models import Change as ChangeRow
from storage.models import Channel, Delivery
from storage.models import Message as MessageRow
from storage.owed import to_owed
from storage.types import (
    ChannelHealth,
    DeliveryMode,
    DeliveryState,
    Message,
    MessageKind,
    OpenDelivery,
    OwedChange,
    Route,
    SentMessage,
)

LONGEST_ERROR = 500
REMOVED = "The channel was taken out of the configuration before this could be sent."


# -- channels ------------------------------------------------------------------------------------


def sync_channels(tx: Session, names: Sequence[str], *, now: datetime) -> list[str]:
    """Follow the configuration: a new channel starts now; what a removed one was owed is given up.

    Returns:
        The names of the new channels.
    """
    known = set(tx.scalars(select(Channel.name)))
    added = [name for name in dict.fromkeys(names) if name not in known]
    tx.add_all(Channel(name=name, since=now) for name in added)
    for name in known - set(names):
        tx.execute(delete(Channel).where(Channel.name == name))
        tx.execute(delete(Delivery).where(Delivery.channel == name, Delivery.message_id.is_(None)))
        tx.execute(
            update(MessageRow)
            .where(MessageRow.channel == name, MessageRow.state == DeliveryState.OWED.value)
            .values(state=DeliveryState.GIVEN_UP.value, error=REMOVED)
        )
    tx.flush()
    return added


def channels_since(tx: Session) -> dict[str, datetime]:
    """Say since when each channel is told."""
    return dict(tx.execute(select(Channel.name, Channel.since)).all())


def last_summary_at(tx: Session, channel: str) -> datetime:
    """Say when a channel's last summary was made or due, or since when it is told."""
    row = _channel(tx, channel)
    return row.last_summary_at or row.since


def note_summary(tx: Session, channel: str, *, now: datetime) -> None:
    """Keep that a summary was due now, whether there was anything to say or not."""
    _channel(tx, channel).last_summary_at = now


def _channel(tx: Session, name: str) -> Channel:
    row = tx.scalar(select(Channel).where(Channel.name == name))
    if row is None:
        raise NotFoundError(f"There is no channel {name}; `parley doctor` lists those there are.")
    return row


# -- routing -------------------------------------------------------------------------------------


def unrouted(tx: Session, *, limit: int) -> list[OwedChange]:
    """Give the changes nobody has decided about yet, oldest first, without their versions."""
    found = tx.scalars(
        select(ChangeRow).where(ChangeRow.routed_at.is_(None)).order_by(ChangeRow.id).limit(limit)
    ).all()
    return to_owed(tx, found)


def has_unrouted(tx: Session) -> bool:
    """Is there a change nobody has decided about yet?"""
    return bool(tx.scalar(select(exists().where(ChangeRow.routed_at.is_(None)))))


def route(tx: Session, change_id: int, routes: Sequence[Route], *, now: datetime) -> None:
    """Keep how a change reaches each channel; a second call for the same change does nothing."""
    claimed = tx.execute(
        update(ChangeRow)
        .where(ChangeRow.id == change_id, ChangeRow.routed_at.is_(None))
        .values(routed_at=now)
        .returning(ChangeRow.id)
    ).all()
    if not claimed:
        return
    tx.add_all(
        Delivery(
            change_id=change_id,
            channel=found.channel,
            mode=found.mode.value,
            reason=found.reason,
            created_at=now,
        )
        for found in routes
    )
    tx.flush()


def open_deliveries(
    tx: Session, channel: str, mode: DeliveryMode, *, limit: int = 2000
) -> list[OpenDelivery]:
    """Give what a channel is owed in one mode and no message carries yet, oldest decision first."""
    found = tx.execute(
        select(ChangeRow, Delivery)
        .join(Delivery, Delivery.change_id == ChangeRow.id)
        .where(
            Delivery.channel == channel,
            Delivery.message_id.is_(None),
            Delivery.mode == mode.value,
        )
        .order_by(ChangeRow.decided_at, ChangeRow.id)
        .limit(limit)
    )
    deliveries = {change.id: (change, delivery) for change, delivery in found}
    owed = to_owed(tx, [change for change, _ in deliveries.values()])
    return [_open(deliveries[one.change.id][1], one) for one in owed]


def _open(row: Delivery, owed: OwedChange) -> OpenDelivery:
    return OpenDelivery(
        id=row.id, mode=DeliveryMode(row.mode), created_at=row.created_at, owed=owed
    )


def has_waiting(tx: Session, channel: str) -> bool:
    """Is a channel owed anything that no message carries yet?"""
    waiting = (
        (Delivery.channel == channel)
        & Delivery.message_id.is_(None)
        & (Delivery.mode != DeliveryMode.HISTORY.value)
    )
    return bool(tx.scalar(select(exists().where(waiting))))


def defer_to_summary(tx: Session, delivery_ids: Sequence[int], *, reason: str) -> None:
    """Let changes that were to be told at once wait for the next summary."""
    _set_mode(tx, delivery_ids, mode=DeliveryMode.SUMMARY, reason=reason)


def keep_in_history(tx: Session, delivery_ids: Sequence[int], *, reason: str) -> None:
    """Let changes that were owed stay untold."""
    _set_mode(tx, delivery_ids, mode=DeliveryMode.HISTORY, reason=reason)


def _set_mode(tx: Session, ids: Sequence[int], *, mode: DeliveryMode, reason: str) -> None:
    tx.execute(update(Delivery).where(Delivery.id.in_(ids)).values(mode=mode.value, reason=reason))


# -- messages ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message that is to be made."""

    key: str
    channel: str
    kind: MessageKind
    subject: str


def make_message(
    tx: Session,
    new: NewMessage,
    *,
    deliveries: Sequence[int],
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> int:
    """Make a message that carries these deliveries; it is owed from now on.

    Returns:
        Its id.
    """
    row = MessageRow(
        key=new.key,
        channel=new.channel,
        kind=new.kind.value,
        state=DeliveryState.OWED.value,
        subject=new.subject,
        created_at=now,
        next_try_at=now,
        facts=facts or {},
    )
    tx.add(row)
    tx.flush()
    tx.execute(update(Delivery).where(Delivery.id.in_(deliveries)).values(message_id=row.id))
    return row.id


def sent_counts(tx: Session, channel: str, now: datetime) -> tuple[int, int]:
    """Count a channel's messages of the last hour and the last day; those still owed count too."""
    at = func.coalesce(MessageRow.sent_at, MessageRow.created_at)
    counted = select(func.count()).where(
        MessageRow.channel == channel,
        MessageRow.kind != MessageKind.TEST.value,
        MessageRow.state != DeliveryState.GIVEN_UP.value,
    )
    hour, day = (
        tx.scalar(counted.where(at > now - span)) or 0
        for span in (timedelta(hours=1), timedelta(days=1))
    )
    return hour, day


def delivered_counts(tx: Session, channel: str, now: datetime) -> tuple[int, int]:
    """Count the messages that went out to a channel in the last hour and the last day."""
    counted = select(func.count()).where(
        MessageRow.channel == channel,
        MessageRow.kind != MessageKind.TEST.value,
        MessageRow.state == DeliveryState.SENT.value,
    )
    hour, day = (
        tx.scalar(counted.where(MessageRow.sent_at > now - span)) or 0
        for span in (timedelta(hours=1), timedelta(days=1))
    )
    return hour, day


def stuck_messages(tx: Session, channel: str) -> int:
    """Count a channel's messages that are not out yet; 0 while none of them has failed."""
    owed = (MessageRow.channel == channel) & (MessageRow.state == DeliveryState.OWED.value)
    failing = tx.scalar(select(exists().where(owed, MessageRow.attempts > 0)))
    return (tx.scalar(select(func.count()).where(owed)) or 0) if failing else 0


def due_messages(tx: Session, now: datetime, *, limit: int = 200) -> list[Message]:
    """Give the messages that are to be tried now, oldest first."""
    found = tx.scalars(
        select(MessageRow)
        .where(MessageRow.state == DeliveryState.OWED.value, MessageRow.next_try_at <= now)
        .order_by(MessageRow.id)
        .limit(limit)
    )
    return [_to_message(row) for row in found]


def message(tx: Session, message_id: int) -> Message:
    """Give a message as it stands.

    Raises:
        NotFoundError: There is none with this id.
    """
    row = tx.get(MessageRow, message_id)
    if row is None:
        raise NotFoundError(f"There is no message {message_id}.")
    return _to_message(row)


def _to_message(row: MessageRow) -> Message:
    return Message(
        id=row.id,
        key=row.key,
        channel=row.channel,
        kind=MessageKind(row.kind),
        state=DeliveryState(row.state),
        subject=row.subject,
        created_at=row.created_at,
        attempts=row.attempts,
        may_have_arrived=bool(row.facts.get("may_have_arrived")),
        accepted=tuple(row.facts.get("accepted", ())),
        error=row.error,
        sent_at=row.sent_at,
        next_try_at=row.next_try_at,
    )


def message_changes(tx: Session, message_id: int, *, with_versions: bool) -> list[OwedChange]:
    """Give the changes a message carries, oldest decision first.

    Args:
        tx: Unit of work.
        message_id: Whose.
        with_versions: Whether the texts are read too; a long summary does without.
    """
    found = tx.scalars(
        select(ChangeRow)
        .join(Delivery, Delivery.change_id == ChangeRow.id)
        .where(Delivery.message_id == message_id)
        .order_by(ChangeRow.decided_at, ChangeRow.id)
    ).all()
    return to_owed(tx, found, with_versions=with_versions)


# -- how sending went ----------------------------------------------------------------------------


def mark_sending(tx: Session, message_id: int) -> bool:
    """Claim a message for sending; committed before the first byte goes out.

    Returns:
        False when somebody else has it.
    """
    claimed = tx.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id, MessageRow.state == DeliveryState.OWED.value)
        .values(state=DeliveryState.SENDING.value, attempts=MessageRow.attempts + 1)
        .returning(MessageRow.id)
    ).all()
    return bool(claimed)


def mark_sent(tx: Session, message_id: int, *, now: datetime) -> None:
    """Keep that a message went out."""
    row = tx.get_one(MessageRow, message_id)
    row.state = DeliveryState.SENT.value
    row.sent_at = now
    row.next_try_at = None
    row.error = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a message did not get out; `error` holds no secret."""

    error: str
    may_have_arrived: bool = False
    accepted: tuple[str, ...] = ()  # hashes of the recipients that took it


def mark_failed(tx: Session, message_id: int, failure: Failure, *, retry_at: datetime) -> None:
    """Keep that a message did not get out, and when it is tried again."""
    row = tx.get_one(MessageRow, message_id)
    row.state = DeliveryState.OWED.value
    row.next_try_at = retry_at
    row.error = failure.error[:LONGEST_ERROR]
    facts = dict(row.facts)
    if failure.may_have_arrived:
        facts["may_have_arrived"] = True
    if failure.accepted:
        facts["accepted"] = sorted({*facts.get("accepted", ()), *failure.accepted})
    row.facts = facts


def give_up(tx: Session, message_id: int, *, error: str) -> None:
    """Keep that a message is not tried any more, and why."""
    row = tx.get_one(MessageRow, message_id)
    row.state = DeliveryState.GIVEN_UP.value
    row.next_try_at = None
    row.error = error[:LONGEST_ERROR]


def recover_sending(tx: Session, *, now: datetime) -> list[int]:
    """Take up messages that were being sent when the last dispatcher died: they may have gone out.

    Returns:
        Their ids.
    """
    found = tx.scalars(
        select(MessageRow).where(MessageRow.state == DeliveryState.SENDING.value)
    ).all()
    for row in found:
        row.state = DeliveryState.OWED.value
        row.next_try_at = now
        row.facts = {**row.facts, "may_have_arrived": True}
    tx.flush()
    return [row.id for row in found]


# -- for status and exports ----------------------------------------------------------------------


def health(tx: Session) -> list[ChannelHealth]:
    """Say how sending to each channel goes, by name."""
    return [_health(tx, row) for row in tx.scalars(select(Channel).order_by(Channel.name))]


def _health(tx: Session, row: Channel) -> ChannelHealth:
    mine = MessageRow.channel == row.name
    states = dict(
        tx.execute(
            select(MessageRow.state, func.count()).where(mine).group_by(MessageRow.state)
        ).all()
    )
    waiting = select(func.count()).where(
        Delivery.channel == row.name,
        Delivery.message_id.is_(None),
        Delivery.mode != DeliveryMode.HISTORY.value,
    )
    last_error = (
        select(MessageRow.error)
        .where(mine, MessageRow.error != "")
        .order_by(MessageRow.id.desc())
        .limit(1)
    )
    return ChannelHealth(
        channel=row.name,
        since=row.since,
        owed=states.get(DeliveryState.OWED.value, 0) + states.get(DeliveryState.SENDING.value, 0),
        waiting=tx.scalar(waiting) or 0,
        given_up=states.get(DeliveryState.GIVEN_UP.value, 0),
        last_sent_at=tx.scalar(select(func.max(MessageRow.sent_at)).where(mine)),
        last_error=tx.scalar(last_error) or "",
    )


def sent_messages(tx: Session, *, after_id: int = 0, limit: int = 500) -> list[SentMessage]:
    """Give messages that went out, by id, a page at a time."""
    found = tx.scalars(
        select(MessageRow)
        .where(MessageRow.id > after_id, MessageRow.state == DeliveryState.SENT.value)
        .order_by(MessageRow.id)
        .limit(limit)
    ).all()
    carried: dict[int, list[int]] = {row.id: [] for row in found}
    for message_id, change_id in tx.execute(
        select(Delivery.message_id, Delivery.change_id)
        .where(Delivery.message_id.in_(carried))
        .order_by(Delivery.change_id)
    ):
        carried[message_id or 0].append(change_id)
    return [_sent(row, carried[row.id]) for row in found]


def _sent(row: MessageRow, change_ids: list[int]) -> SentMessage:
    opening = row.facts.get("opening", {})
    return SentMessage(
        id=row.id,
        key=row.key,
        channel=row.channel,
        kind=MessageKind(row.kind),
        subject=row.subject,
        sent_at=row.sent_at or row.created_at,
        change_ids=tuple(change_ids),
        article_ids=tuple(opening.get("newest", ())),
    )
