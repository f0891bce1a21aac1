"""When an article that does not answer is said to be gone, and when it is back."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from storage import addresses, steps
from storage.look import Look
from storage.models import Article as ArticleRow
from storage.models import Page
from storage.types import ArticleState, ChangeKind, Outcome

LONGEST_SUSPENSION: Final = timedelta(days=3)
"""After this an article is said to be gone although most of its site is."""

_SEVERAL: Final = 3  # articles of a site; fewer may well be taken down together


def taken_as_missing(look: Look) -> Look:
    """Take the text of another article, to which an article's address redirects, as its absence.

    Returns:
        The look itself, or one with the outcome GONE.
    """
    if look.observation.outcome is not Outcome.CONTENT:
        return look
    other = addresses.other_article(look)
    if not other:
        return look
    reason = f"leads to another article, {other}"
    gone = replace(look.observation, outcome=Outcome.GONE, reason=reason, content=None)
    return replace(look, observation=gone)


def went_missing(look: Look, article: ArticleRow) -> list[int]:
    """Count a look at which the article was not there; when they are enough, say that it is gone.

    While most of the site's articles are missing the site has a fault, or moves house: nothing is said.

    Returns:
        The ids of the changes that are now sure: a GONE, or none.
    """
    page, rules = look.page, look.rules
    since = page.missing_since or look.at
    if page.missing_looks < rules.absence_looks or look.at - since < rules.absence_over:
        article.state = ArticleState.MISSING.value
        look.note("missing", look.observation.reason, article)
        return []
    if look.at - since < LONGEST_SUSPENSION and _is_sitewide(look, since):
        article.state = ArticleState.MISSING.value
        reason = f"{look.observation.reason}, as do most articles of this site: watched further"
        look.note("missing", reason, article)
        return []
    article.state = ArticleState.GONE.value
    remark = (
        f"{look.observation.reason} at {page.missing_looks} looks since {since:%Y-%m-%d %H:%M} UTC"
    )
    look.note("gone", remark, article)
    return [
        steps.add_presence(
            look,
            article,
            ChangeKind.GONE,
            seen_at=since,
            remark=remark,
        )
    ]


def _is_sitewide(look: Look, since: datetime) -> bool:
    """Say whether more articles of the site are missing than were seen since this one is."""
    is_missing = Page.missing_since.is_not(None)
    missing, seen = look.tx.execute(
        select(
            func.count().filter(is_missing),
            func.count().filter(~is_missing, Page.last_seen_at >= since),
        )
        .select_from(Page)
        .join(ArticleRow, ArticleRow.id == Page.article_id)
        .where(Page.site_id == look.page.site_id, ArticleRow.state != ArticleState.GONE.value)
    ).one()
    return missing >= _SEVERAL and missing > seen


def came_back(look: Look, article: ArticleRow) -> list[int]:
    """Take an article as there again; tell it where it had been told gone."""
    if article.state == ArticleState.LIVE.value:
        return []
    was_gone = article.state == ArticleState.GONE.value
    article.state = ArticleState.LIVE.value
    if not was_gone:
        look.note("there again", "before its absence was sure", article)
        return []
    look.note("back", "answers again", article)
    return [steps.add_presence(look, article, ChangeKind.BACK, remark="answers again")]
