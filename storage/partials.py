"""Articles of which not all is open: when a page with headline and lead only gets a history, and of what.

A page that shows a pay wall is blocked and gives no version. One that has shown nothing but headline
and lead at several looks over hours is that outlet's way: what is open is kept as a partial version.
Partial is compared with partial only, what a feed says with what it said before; that an article
opens or closes is never a change.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import case, func, select

from storage import steps
from storage.keys import fold_text
from storage.look import Look
from storage.models import Article as ArticleRow
from storage.models import Page
from storage.models import Version as VersionRow
from storage.types import ArticleState, Outcome, VersionState

FEWEST_LOOKS: Final = 3  # in a row that showed headline and lead only
LEAST_TIME: Final = timedelta(hours=2)  # from the first to the last of them
FEWEST_LOOKS_WHERE_OPEN: Final = 5  # where most articles of the site are open: a wall may pass
LEAST_TIME_WHERE_OPEN: Final = timedelta(hours=6)
LOOK_AGAIN: Final = timedelta(hours=1)  # at the latest, until a page has shown its way
_MORE: Final = 1.5  # a text this much longer than the open part is the whole article


def taken_as_text(look: Look) -> Look:
    """Count a look at an open part; where that is all the page ever shows, take it as its text.

    Returns:
        The look itself, or one with the outcome CONTENT and the open part as its content.
    """
    seen, page = look.observation, look.page
    if seen.teaser is None or seen.outcome is not Outcome.BLOCKED:
        return look
    page.teaser_looks += 1
    page.teaser_since = page.teaser_since or look.at
    newest = _newest(look, page.article_id)
    if not (newest is not None and newest.is_partial) and not _is_enough(look):
        return look
    content = replace(seen.teaser, is_partial=True)
    taken = replace(
        seen,
        outcome=Outcome.CONTENT,
        content=content,
        teaser=None,
        reason=steps.open_part(len(content.blocks)),
    )
    return replace(look, observation=taken)


def taken_as_part(look: Look, article: ArticleRow) -> Look:
    """Take a text for the open part of a partial article, if it is hardly more than that.

    The page may show its open part at one look with the pay box and at another without.
    """
    newest = _newest(look, article.id)
    content = look.content
    if newest is None or not newest.is_partial or content.is_partial or content.is_feed_only:
        return look
    if len(content.text) > _MORE * newest.text_length:
        return look
    part = replace(content, is_partial=True)
    return replace(look, observation=replace(look.observation, content=part))


def is_open(look: Look) -> bool:
    """Say whether the page showed the whole article: it was read so, or is as it was then."""
    if look.observation.outcome is not Outcome.NOT_MODIFIED:
        return look.content_is_whole
    newest = _newest(look, look.page.article_id)
    return newest is not None and not (newest.is_partial or newest.is_feed_only)


def has_turned(look: Look, article: ArticleRow) -> bool:
    """Say whether another part of the article is known now than before, or the whole of it."""
    newest, content = _newest(look, article.id), look.content
    return newest is not None and (newest.is_partial, newest.is_feed_only) != (
        content.is_partial,
        content.is_feed_only,
    )


def turn(look: Look, article: ArticleRow) -> tuple[bool, list[int]]:
    """Go on with the last version that shows as much of the article as this look does.

    Returns:
        Whether there is one to compare the look with, else its text is kept without a change; and
        the ids of changes that are sure: a suspicion whose headline stands there still.
    """
    tx, content = look.tx, look.content
    changes = _end_suspicion(look, article)
    word = "only headline and lead are open now" if content.is_partial else "open as a whole now"
    word = steps.FEED_ONLY if content.is_feed_only else word
    look.note("open part", word, article)
    before = tx.scalar(
        select(VersionRow)
        .where(
            VersionRow.article_id == article.id,
            VersionRow.state == VersionState.CONFIRMED.value,
            VersionRow.is_partial == content.is_partial,
            VersionRow.is_feed_only == content.is_feed_only,
        )
        .order_by(VersionRow.number.desc())
        .limit(1)
    )
    if before is not None:
        article.newest_id = before.id
        return True, changes
    version = steps.add_version(look, article, content.blocks)
    steps.confirm_version(tx, article, version)
    return False, changes


def _end_suspicion(look: Look, article: ArticleRow) -> list[int]:
    """Tell a suspicion by what can be seen of it from here: its headline."""
    pending = look.tx.get(VersionRow, article.pending_id) if article.pending_id else None
    if pending is None:
        return []
    newest = look.tx.get_one(VersionRow, article.newest_id)
    now = fold_text(look.content.title)
    if fold_text(pending.title) == now != fold_text(newest.title):
        return steps.confirm_pending(look.tx, article, at=look.at, baseline=None)
    steps.close_pending(look.tx, article, VersionState.SEEN_ONCE)
    return []


def _newest(look: Look, article_id: int | None) -> VersionRow | None:
    article = look.tx.get(ArticleRow, article_id) if article_id else None
    return look.tx.get(VersionRow, article.newest_id) if article and article.newest_id else None


def _is_enough(look: Look) -> bool:
    page = look.page
    lasted = look.at - (page.teaser_since or look.at)
    if page.teaser_looks >= FEWEST_LOOKS_WHERE_OPEN and lasted >= LEAST_TIME_WHERE_OPEN:
        return True
    is_usual = page.teaser_looks >= FEWEST_LOOKS and lasted >= LEAST_TIME
    return is_usual and not _is_mostly_open(look)


def _is_mostly_open(look: Look) -> bool:
    """Say whether the site showed more articles whole than in part."""
    whole, part = look.tx.execute(
        select(
            func.count(case((VersionRow.is_partial.is_(False), 1))),
            func.count(case((VersionRow.is_partial.is_(True), 1))),
        )
        .select_from(ArticleRow)
        .join(VersionRow, VersionRow.id == ArticleRow.newest_id)
        .where(
            ArticleRow.site_id == look.page.site_id,
            ArticleRow.state == ArticleState.LIVE.value,
        )
    ).one()
    waiting = look.tx.scalar(
        select(func.count())
        .select_from(Page)
        .where(Page.site_id == look.page.site_id, Page.article_id.is_(None), Page.teaser_looks > 0)
    )
    return whole > part + (waiting or 0)
