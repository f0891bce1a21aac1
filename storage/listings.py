"""What vanished from a feed out of its turn: deleted, moved or withdrawn, so it is looked at now."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.leads import bring_forward
from storage.models import FurtherSource, Page, Source
from storage.types import Outcome, SourceKind, SourceRound

MOST_LISTED: Final = 300  # entries that are remembered of a feed
_MOST_VANISHED: Final = 3  # and no more than every fifth: a feed that shuffles says nothing by it
_SHARE: Final = 5


def vanished(before: Sequence[int], now: Sequence[int]) -> list[int]:
    """Give what a list no longer shows though it still shows something that stood further down.

    What falls off its end has only grown old. Where much is gone at once the list was made in
    another way, or shows a choice of its own at each read.

    Args:
        before: Ids in the order of the read before.
        now: Ids of this read, in any order.
    """
    shown = set(now)
    last = max((place for place, id_ in enumerate(before) if id_ in shown), default=0)
    gone = [id_ for id_ in before[:last] if id_ not in shown]
    return gone if len(gone) <= max(_MOST_VANISHED, len(before) // _SHARE) else []


def follow(tx: Session, row: Source | FurtherSource, round_: SourceRound) -> int:
    """Bring forward the pages that a feed lists no more out of their turn; keep what it lists now.

    Returns:
        How many are looked at now.
    """
    if round_.outcome is not Outcome.CONTENT or round_.resolved_kind is not SourceKind.FEED:
        return 0
    urls = [lead.url for lead in round_.leads[:MOST_LISTED]]
    rows = tx.execute(select(Page.url, Page.id).where(Page.url.in_(urls)))
    ids = {row.url: row.id for row in rows}
    now = [ids[url] for url in urls if url in ids]
    gone = vanished(row.listed, now)
    row.listed = now
    pages = tx.execute(select(Page.id, Page.article_id).where(Page.id.in_(gone))).all()
    articles = {article_id for _, article_id in pages if article_id is not None}
    if articles:
        bring_forward(tx, articles=articles, bare=(), at=round_.seen_at)
    return len(articles)
