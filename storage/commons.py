"""What stands on several articles of a site is the site's, not any article's: boxes, leads, appeals.

Counted by what a block says, once an article. A plain paragraph among an article's own may be an
agency's background, which many articles share: it stays theirs, unless the page has just been
wrapped in another way, when everything foreign comes and goes at once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, case, delete, or_, select, update
from sqlalchemy.orm import Session

from storage.database import insert_missing
from storage.models import Article, SiteBlock
from storage.suspicion import block_key, is_own_paragraph
from storage.types import Block

SEVERAL = 3  # articles that share a block
MOSTLY = 3  # inside at most every third article: a short article's own place is easily mistaken
MOST_BLOCKS = 80  # counted of one page
KEEP_RARE = timedelta(days=14)  # a block that is on fewer articles is forgotten after this


def count(
    tx: Session, article: Article, blocks: Sequence[Block], *, wrapping: str, at: datetime
) -> None:
    """Count that an article shows these blocks; repeated for the same article in a row, it counts once.

    `wrapping` is that of the page they stand on (`storage.suspicion.wrapping_of`).
    """
    site_id, article_id = article.site_id, article.id
    keys = {f"{site_id}:{block_key(block.text)}": block for block in blocks[:MOST_BLOCKS]}
    if not keys:
        return
    rows = [{"key": key, "articles": 0, "inside": 0, "seen_at": at} for key in keys]
    insert_missing(tx, SiteBlock, rows, unique="key")
    others = or_(SiteBlock.last_article_id.is_(None), SiteBlock.last_article_id != article_id)
    own = [key for key, block in keys.items() if is_own_paragraph(block, wrapping)]
    tx.execute(
        update(SiteBlock)
        .where(SiteBlock.key.in_(keys), others)
        .values(
            articles=SiteBlock.articles + 1,
            inside=SiteBlock.inside + case((SiteBlock.key.in_(own), 1), else_=0),
            last_article_id=article_id,
            seen_at=at,
        )
        .execution_options(synchronize_session=False)
    )


def keys_among(
    tx: Session, site_id: int, blocks: Sequence[Block], *, is_rewrapped: bool
) -> frozenset[str]:
    """Give the keys of those blocks that are the site's.

    Args:
        tx: The unit of work.
        site_id: The site.
        blocks: Of the page, and of the versions it is compared with.
        is_rewrapped: The page is wrapped in another way than before: then paragraphs count, too.
    """
    asked = {f"{site_id}:{block_key(block.text)}" for block in blocks}
    wanted = and_(SiteBlock.key.in_(asked), SiteBlock.articles >= SEVERAL)
    if not is_rewrapped:
        wanted = and_(wanted, SiteBlock.inside * MOSTLY <= SiteBlock.articles)
    found = tx.scalars(select(SiteBlock.key).where(wanted)).all()
    return frozenset(key.partition(":")[2] for key in found)


def forget_rare(tx: Session, *, now: datetime) -> int:
    """Let go of blocks that never came to be on several articles; gives how many."""
    gone = tx.execute(
        delete(SiteBlock).where(SiteBlock.articles < SEVERAL, SiteBlock.seen_at < now - KEEP_RARE)
    )
    return gone.rowcount  # pyright: ignore[reportAttributeAccessIssue]
