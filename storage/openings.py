"""What an opening message is made from: the stock that first rounds, a sleep or a new topic brought.

What was there before is never news; it is counted here, and told once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, exists, false, func, or_, select
from sqlalchemy.orm import Session

from storage import facts, rounds
from storage.models import Article as ArticleRow
from storage.models import Message, Source
from storage.models import Version as VersionRow
from storage.owed import articles_by_id
from storage.types import Article, MessageKind, Opening, OpeningReason

NEWEST = 10
SAME_SLEEP = timedelta(days=1)  # what comes to light so long after is of the same sleep
TOPICS_CHANGED = "topics_changed"  # the fact that says that the topics are others than before
_TOLD_AS_FAILING = "opening_failed"  # source id -> when the round began that was told as failing


# -- first rounds --------------------------------------------------------------------------------


def first_round_due(tx: Session, *, now: datetime) -> list[int]:
    """Give the sources whose first round is to be told now: those that began together.

    Returns:
        Their ids; none while one of them is still being read and 10 minutes have not passed.
    """
    rounds.end_first_rounds(tx, now=now)
    waiting = [row for row in _untold(tx) if not _told_as_failing(tx, row)]
    begun = [row.first_round_began_at for row in waiting if row.first_round_began_at]
    if not begun:
        return []
    began = min(begun)
    ends = began + rounds.FIRST_ROUND_FOR
    together = [
        row for row in waiting if row.added_at <= began or (row.first_round_began_at or ends) < ends
    ]
    done = all(row.first_round_ended_at and not _fails(row) for row in together)
    return [row.id for row in together] if done or now >= ends else []


def _untold(tx: Session) -> Sequence[Source]:
    return tx.scalars(
        select(Source).where(Source.announced_at.is_(None), Source.is_enabled, Source.is_configured)
    ).all()


def has_untold(tx: Session) -> bool:
    """Is there a source whose first round began and was not told yet?"""
    begun = Source.first_round_began_at.is_not(None)
    untold = Source.announced_at.is_(None) & Source.is_enabled & Source.is_configured
    return bool(tx.scalar(select(exists().where(untold, begun))))


def _fails(source: Source) -> bool:
    """Was it asked in this round, in vain?"""
    began, success = source.first_round_began_at, source.last_success_at
    return began is not None and (success is None or success < began)


def announce(tx: Session, source_ids: Sequence[int], *, now: datetime) -> None:
    """Keep that these sources' first rounds have been told.

    One that failed was told as failing: when it answers one day, its stock is told then.
    """
    failed = dict(facts.get(tx, _TOLD_AS_FAILING) or {})
    for row in tx.scalars(select(Source).where(Source.id.in_(source_ids))):
        if _fails(row):
            failed[str(row.id)] = _began(row)
        else:
            failed.pop(str(row.id), None)
            row.announced_at = now
    facts.put(tx, _TOLD_AS_FAILING, failed)


def _told_as_failing(tx: Session, source: Source) -> bool:
    told = facts.get(tx, _TOLD_AS_FAILING) or {}
    return told.get(str(source.id)) == _began(source)


def _began(source: Source) -> str:
    return source.first_round_began_at.isoformat() if source.first_round_began_at else ""


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
        read=_names(row for row in sources if row.first_round_began_at and not _fails(row)),
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
    value = facts.get(tx, TOPICS_CHANGED)
    return bool(value) and "told_at" not in value


def topics_told(tx: Session, *, now: datetime) -> None:
    """Keep that the channels were told of the change of topics."""
    value = facts.get(tx, TOPICS_CHANGED)
    if value:
        facts.put(tx, TOPICS_CHANGED, {**value, "told_at": now.isoformat()})


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
