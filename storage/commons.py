"""What stands on several articles of a site is the site's, not any article's: boxes, leads, appeals.

Counted, once an article, is what stands apart from the article's own text, by what it says; and lines
of any place by how they begin and by their words besides the figures. A plain paragraph among an
article's own may be an agency's background, which many articles share: it stays theirs, unless the
page has just been wrapped in another way, when everything foreign comes and goes at once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from storage.keys import SHORT_CHARS, fold_text, is_apart, line_keys, text_key
from storage.models import Article, Page, SiteBlock, Version
from storage.types import Block, BlockKind

SEVERAL: Final = 3  # articles that share a block
MOSTLY: Final = (
    3  # inside at most every third article: a short article's own place is easily mistaken
)
MOST_BLOCKS: Final = 80  # counted of one page
MOST_ROWS: Final = 400  # of one site; those on one article only make room, the oldest first
KEEP_RARE: Final = timedelta(days=14)  # a block that is on fewer articles is forgotten after this
_ROOM: Final = 100
_MOST_HEADLINES: Final = 2000
_LEAST_HEADLINE: Final = 20  # characters; shorter ones are said in passing
_MOST_OF_IT: Final = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Keys that several articles of a site share: of texts that are the site's, and of lines."""

    texts: frozenset[str]
    lines: frozenset[str]


def count(
    tx: Session, article: Article, blocks: Sequence[Block], *, at: datetime, is_rewrapped: bool
) -> None:
    """Count what an article shows; repeated for the same article in a row, it counts once.

    Args:
        tx: The unit of work.
        article: Which.
        blocks: Of its page, placed.
        at: When they were seen.
        is_rewrapped: The page is wrapped in another way than before: its paragraphs are counted, too.
    """
    keys: dict[str, bool] = {}
    for block in blocks[:MOST_BLOCKS]:
        if is_apart(block) or is_rewrapped:
            keys[text_key(block.text)] = not is_apart(block)
        else:
            keys |= dict.fromkeys(line_keys(block.text), True)
    if keys:
        _count(tx, article, keys, at=at)


def _count(tx: Session, article: Article, keys: Mapping[str, bool], *, at: datetime) -> None:
    is_of_site = SiteBlock.site_id == article.site_id
    known = set(tx.scalars(select(SiteBlock.key).where(is_of_site, SiteBlock.key.in_(keys))))
    tx.add_all(
        SiteBlock(site_id=article.site_id, key=key, articles=0, inside=0, seen_at=at)
        for key in keys
        if key not in known
    )
    tx.flush()
    others = or_(SiteBlock.last_article_id.is_(None), SiteBlock.last_article_id != article.id)
    own = [key for key, is_inside in keys.items() if is_inside]
    tx.execute(
        update(SiteBlock)
        .where(is_of_site, SiteBlock.key.in_(keys), others)
        .values(
            articles=SiteBlock.articles + 1,
            inside=SiteBlock.inside + case((SiteBlock.key.in_(own), 1), else_=0),
            last_article_id=article.id,
            seen_at=at,
        )
        .execution_options(synchronize_session=False)
    )
    if len(known) < len(keys):
        _make_room(tx, article.site_id)


def _make_room(tx: Session, site_id: int) -> None:
    of_site = SiteBlock.site_id == site_id
    rows = tx.scalar(select(func.count()).select_from(SiteBlock).where(of_site)) or 0
    if rows <= MOST_ROWS:
        return
    oldest = (
        select(SiteBlock.key)
        .where(of_site)
        .order_by(SiteBlock.articles >= SEVERAL, SiteBlock.seen_at)
        .limit(rows - MOST_ROWS + _ROOM)
    )
    gone = list(tx.scalars(oldest))
    tx.execute(
        delete(SiteBlock)
        .where(of_site, SiteBlock.key.in_(gone))
        .execution_options(synchronize_session=False)
    )


def common_among(
    tx: Session, site_id: int, blocks: Sequence[Block], *, is_rewrapped: bool
) -> Common:
    """Give the keys by which these blocks are known on several articles of a site.

    Args:
        tx: The unit of work.
        site_id: The site.
        blocks: Of the page, and of the versions it is compared with.
        is_rewrapped: The page is wrapped in another way than before: then paragraphs count, too.
    """
    asked = {key for b in blocks for key in (text_key(b.text), *line_keys(b.text))}
    rows = tx.execute(
        select(SiteBlock.key, SiteBlock.articles, SiteBlock.inside).where(
            SiteBlock.site_id == site_id,
            SiteBlock.key.in_(asked),
            SiteBlock.articles >= SEVERAL,
        )
    ).all()
    texts = {
        key
        for key, articles, inside in rows
        if key.startswith("t") and (is_rewrapped or inside * MOSTLY <= articles)
    }
    lines = {key for key, _, _ in rows if not key.startswith("t")}
    return Common(texts=frozenset(texts), lines=frozenset(lines))


def teasers_among(tx: Session, site_id: int, blocks: Collection[Block]) -> frozenset[str]:
    """Give the keys of short paragraphs that are hardly more than the headline of an article."""
    lines = {
        fold_text(block.text)
        for block in blocks
        if block.kind is BlockKind.PARAGRAPH and _LEAST_HEADLINE <= len(block.text) <= SHORT_CHARS
    }
    if not lines:
        return frozenset()
    headlines = _headlines(tx, site_id)
    return frozenset(
        text_key(line)
        for line in lines
        if any(len(h) >= _MOST_OF_IT * len(line) and h in line for h in headlines)
    )


def _headlines(tx: Session, site_id: int) -> set[str]:
    """Give headlines that the site's articles have or had, and those of addresses that it offers."""
    latest = (
        select(Article.id)
        .where(Article.site_id == site_id)
        .order_by(Article.id.desc())
        .limit(_MOST_HEADLINES)
    )
    told = tx.scalars(select(Version.title).where(Version.article_id.in_(latest)))
    offered = tx.scalars(
        select(Page.lead_title)
        .where(Page.site_id == site_id)
        .order_by(Page.id.desc())
        .limit(_MOST_HEADLINES)
    )
    return {fold_text(title) for title in (*told, *offered) if len(title) >= _LEAST_HEADLINE}


def forget_rare(tx: Session, *, now: datetime) -> int:
    """Let go of blocks that never came to be on several articles; gives how many."""
    gone = tx.execute(
        delete(SiteBlock).where(SiteBlock.articles < SEVERAL, SiteBlock.seen_at < now - KEEP_RARE)
    )
    return gone.rowcount  # pyright: ignore[reportAttributeAccessIssue]
