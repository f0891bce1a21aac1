"""What vanished from a feed or sitemap out of its turn: deleted, moved or withdrawn, so it is looked at now."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.leads import bring_forward
from storage.models import FurtherSource, Page, Source
from storage.types import Outcome, SourceKind, SourceRound

MOST_LISTED: Final = 2_000  # entries that are remembered of a list: those we knew last
_MOST_VANISHED: Final = (
    3  # or a part of it, whichever is more: a list that shuffles says nothing by it
)
_PART: Final = {SourceKind.FEED: 1 / 5, SourceKind.SITEMAP: 1 / 100}


def vanished(
    before: Sequence[int], now: Sequence[int], kind: SourceKind = SourceKind.FEED
) -> list[int]:
    """Give what a list no longer shows though it still shows something that stood further down.

    What falls off its end has only grown old. A sitemap may begin with the oldest: there something
    has to stand further up, too. Where much is gone at once the list was made in another way, or
    shows a choice of its own at each read.

    Args:
        before: Ids in the order of the read before.
        now: Ids of this read, in any order.
        kind: A feed or a sitemap.
    """
    shown = set(now)
    places = [place for place, id_ in enumerate(before) if id_ in shown]
    if not places:
        return []
    first = places[0] if kind is SourceKind.SITEMAP else 0
    gone = [id_ for id_ in before[first : places[-1]] if id_ not in shown]
    return gone if len(gone) <= max(_MOST_VANISHED, len(before) * _PART[kind]) else []


def follow(
    tx: Session, row: Source | FurtherSource, round_: SourceRound, *, listed: Sequence[int]
) -> int:
    """Bring forward the pages that a list shows no more out of their turn; keep what it shows now.

    Args:
        tx: The unit of work.
        row: Whose list it is.
        round_: The read.
        listed: Ids of the articles' pages that it lists, in its order: `Offered.listed`.

    Returns:
        How many are looked at now.
    """
    kind = round_.resolved_kind
    if round_.outcome is not Outcome.CONTENT or kind is None or kind not in _PART:
        return 0
    gone = vanished(row.listed, listed, kind)
    latest = set(sorted(listed)[-MOST_LISTED:])
    row.listed = [id_ for id_ in listed if id_ in latest]
    pages = tx.execute(select(Page.id, Page.article_id).where(Page.id.in_(gone))).all()
    articles = {article_id for _, article_id in pages if article_id is not None}
    if articles:
        bring_forward(tx, articles=articles, bare=(), at=round_.seen_at)
    return len(articles)
