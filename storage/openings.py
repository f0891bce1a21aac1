"""What an opening message is made from: the stock that first rounds, a sleep or a new topic brought.

What was there before is never news; it is counted here, and told once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, false, func, or_, select, update
from sqlalchemy.orm import Session

from storage.models import Article as ArticleRow
from storage.models import Fact, Message, Source
from storage.models import Version as VersionRow
from storage.owed import articles_by_id
from storage.types import Article, MessageKind, Opening, OpeningReason

FIRST_ROUND_LIMIT = timedelta(minutes=10)  # after that the message tells what is known so far
NEWEST = 10
TOPICS_CHANGED = "topics_changed"  # the fact that says that the topics are others than before


# -- first rounds --------------------------------------------------------------------------------


def first_round_due(tx: Session, *, now: datetime) -> list[int]:
    """Give the sources whose first round is to be told now: those that began together.

    Returns:
        Their ids; none while one of them is still being read and 10 minutes have not passed.
    """
    waiting = tx.scalars(
        select(Source).where(Source.announced_at.is_(None), Source.is_enabled, Source.is_configured)
    ).all()
    begun = [row.first_round_began_at for row in waiting if row.first_round_began_at]
    if not begun:
        return []
    began = min(begun)
    ends = began + FIRST_ROUND_LIMIT
    together = [
        row for row in waiting if row.added_at <= began or (row.first_round_began_at or ends) < ends
    ]
    done = all(row.first_round_ended_at or _fails(row) for row in together)
    return [row.id for row in together] if done or now >= ends else []


def _fails(source: Source) -> bool:
    return source.failures > 0 and source.last_success_at is None


def announce(tx: Session, source_ids: Sequence[int], *, now: datetime) -> None:
    """Keep that these sources' first rounds have been told."""
    tx.execute(update(Source).where(Source.id.in_(source_ids)).values(announced_at=now))


def first_round(tx: Session, source_ids: Sequence[int], *, topics: Sequence[str]) -> Opening:
    """Say what the first rounds of these sources brought, for a channel told of these topics."""
    sources = tx.scalars(select(Source).where(Source.id.in_(source_ids)).order_by(Source.id)).all()
    mine = ArticleRow.source_id.in_(source_ids)
    return _opening(tx, OpeningReason.FIRST_ROUND, sources, within=mine, topics=topics)


def everything(tx: Session, *, topics: Sequence[str]) -> Opening:
    """Say what is on the topics now that they have changed, over all that is known."""
    sources = tx.scalars(
        select(Source).where(Source.is_enabled, Source.is_configured).order_by(Source.id)
    ).all()
    return _opening(tx, OpeningReason.TOPICS, sources, within=None, topics=topics)


def after_sleep(tx: Session, *, since: datetime | None) -> Opening:
    """Say which outlets answer after a sleep; what changed is carried by the message itself."""
    sources = tx.scalars(
        select(Source).where(Source.is_enabled, Source.is_configured).order_by(Source.id)
    ).all()
    return Opening(
        reason=OpeningReason.SLEEP,
        read=_names(row for row in sources if not row.failures),
        failing=tuple((_name(row), row.last_reason) for row in sources if row.failures),
        since=since,
    )


def _opening(
    tx: Session,
    reason: OpeningReason,
    sources: Sequence[Source],
    *,
    within: ColumnElement[bool] | None,
    topics: Sequence[str],
) -> Opening:
    counted = select(func.count()).select_from(ArticleRow)
    if within is not None:
        counted = counted.where(within)
    on_topic = on_topics(topics)
    return Opening(
        reason=reason,
        read=_names(row for row in sources if not _fails(row) and row.last_checked_at),
        failing=tuple((_name(row), row.last_reason) for row in sources if _fails(row)),
        unfinished=_names(
            row for row in sources if not row.first_round_ended_at and not _fails(row)
        ),
        found=tx.scalar(counted) or 0,
        on_topic=tx.scalar(counted.where(on_topic)) or 0,
        newest=_newest(tx, within, on_topic),
    )


def _name(source: Source) -> str:
    return source.outlet or source.name


def _names(found: Iterable[Source]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_name(row) for row in found))


def on_topics(topics: Sequence[str]) -> ColumnElement[bool]:
    """Build the condition that an article is on one of these topics; on any where none is named."""
    if not topics:
        return ArticleRow.topics != ""
    return or_(false(), *(ArticleRow.topics.contains(f" {t} ", autoescape=True) for t in topics))


def _newest(
    tx: Session, within: ColumnElement[bool] | None, on_topic: ColumnElement[bool]
) -> tuple[Article, ...]:
    # A claimed date in the future would stand on top for ever: it counts as found.
    at = case(
        (VersionRow.published < ArticleRow.found_at, VersionRow.published),
        else_=ArticleRow.found_at,
    )
    found = (
        select(ArticleRow.id)
        .join(VersionRow, VersionRow.id == ArticleRow.newest_id)
        .where(on_topic)
        .order_by(at.desc(), ArticleRow.id.desc())
        .limit(NEWEST)
    )
    if within is not None:
        found = found.where(within)
    return _articles(tx, list(tx.scalars(found)))


def _articles(tx: Session, ids: Sequence[int]) -> tuple[Article, ...]:
    found = articles_by_id(tx, ids)
    return tuple(found[id_] for id_ in ids if id_ in found)


# -- topics --------------------------------------------------------------------------------------


def topics_changed(tx: Session) -> bool:
    """Have the topics changed since the channels were last told what is on them?"""
    row = tx.get(Fact, TOPICS_CHANGED)
    return row is not None and bool(row.value) and "told_at" not in row.value


def topics_told(tx: Session, *, now: datetime) -> None:
    """Keep that the channels were told of the change of topics."""
    row = tx.get(Fact, TOPICS_CHANGED)
    if row is not None:
        row.value = {**row.value, "told_at": now.isoformat()}


# -- keeping it in a message ---------------------------------------------------------------------


def to_facts(opening: Opening) -> dict[str, Any]:
    """Give an opening as a message keeps it."""
    return {
        "opening": {
            "reason": opening.reason.value,
            "read": list(opening.read),
            "failing": [list(pair) for pair in opening.failing],
            "unfinished": list(opening.unfinished),
            "found": opening.found,
            "on_topic": opening.on_topic,
            "newest": [article.id for article in opening.newest],
            "since": opening.since.isoformat() if opening.since else None,
        }
    }


def of_message(tx: Session, message_id: int) -> Opening:
    """Give what an opening message says."""
    kept = tx.get_one(Message, message_id).facts["opening"]
    return Opening(
        reason=OpeningReason(kept["reason"]),
        read=tuple(kept["read"]),
        failing=tuple((name, why) for name, why in kept["failing"]),
        unfinished=tuple(kept["unfinished"]),
        found=kept["found"],
        on_topic=kept["on_topic"],
        newest=_articles(tx, kept["newest"]),
        since=datetime.fromisoformat(kept["since"]) if kept["since"] else None,
    )


def slept_lately(tx: Session, channel: str, *, since: datetime) -> bool:
    """Was this channel already told what a sleep brought, after `since`?"""
    found = tx.scalars(
        select(Message.facts).where(
            Message.channel == channel,
            Message.kind == MessageKind.OPENING.value,
            Message.created_at > since,
        )
    )
    return any(
        facts.get("opening", {}).get("reason") == OpeningReason.SLEEP.value for facts in found
    )
