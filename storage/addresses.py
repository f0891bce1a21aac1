"""Which article an address leads to: the rows of pages, addresses and articles, and moves between them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import idents, joining, judging, search, steps
from storage.keys import fold_text
from storage.look import Look
from storage.models import Address, Page, Site
from storage.models import Article as ArticleRow
from storage.models import Version as VersionRow
from storage.sites import site_row
from storage.texts import read_blocks
from storage.types import ArticleState, Block, ChangeKind
from storage.urls import site_of

MOST_NAMESAKES: Final = 20  # articles that may be the same which each search gives
FEWEST_EQUAL: Final = 3  # blocks
MOSTLY_EQUAL: Final = 2 / 3  # of the blocks, or of their characters
_MOST_TITLES: Final = 500  # of a site's latest articles; older ones are found by what they say
_ASKED: Final = 2  # paragraphs by which articles are searched
_LEAST_ASKED: Final = 40  # characters


def new_page(tx: Session, url: str, *, now: datetime) -> Page:
    """Make the row of an address nobody offered: one that was asked for by hand, or moved to."""
    site: Site = site_row(tx, site_of(url))
    page = Page(
        url=url,
        site_id=site.id,
        number=idents.number_in(url),
        guid="",
        found_at=now,
        looks=0,
        failures=0,
        missing_looks=0,
    )
    tx.add(page)
    tx.flush()
    return page


def main_page(tx: Session, article: ArticleRow) -> Page:
    """Give the page at which an article is looked at: that of its present address."""
    page = tx.scalar(select(Page).where(Page.url == article.url))
    if page is None:
        page = new_page(tx, article.url, now=article.found_at)
        page.article_id = article.id
    return page


def new_article(look: Look) -> ArticleRow:
    """Make an article from its first look; its address is the one that answered."""
    tx, page, content, url = look.tx, look.page, look.content, look.own_url
    article = add_article(tx, page, url, title=content.title, language=content.language, at=look.at)
    if url != page.url:
        _hand_over(look, url).article_id = article.id
        tx.add(
            Address(
                article_id=article.id,
                url=page.url,
                from_at=look.at,
                to_at=look.at,
            )
        )
    tx.flush()
    return article


def add_article(
    tx: Session, page: Page, url: str, *, title: str, language: str, at: datetime
) -> ArticleRow:
    """Make the rows of an article that was first seen at a time, at this address."""
    article = ArticleRow(
        url=url,
        site_id=site_row(tx, site_of(url)).id,
        source_id=page.source_id,
        found_at=at,
        changed_at=at,
        title=title,
        language=language,
        versions=0,
        looks=1,
        volatile=[],
        pending_looks=0,
    )
    tx.add(article)
    tx.flush()
    page.article_id = article.id
    tx.add(Address(article_id=article.id, url=url, from_at=at))
    return article


def keep_address(
    tx: Session, article: ArticleRow, url: str, *, from_at: datetime, to_at: datetime | None
) -> None:
    """Keep that an article has or had an address; one it had before counts from its first time."""
    of_both = Address.article_id == article.id, Address.url == url
    had = tx.scalar(select(Address).where(*of_both))
    if had is None:
        tx.add(Address(article_id=article.id, url=url, from_at=from_at, to_at=to_at))
    else:
        had.to_at = to_at


def _hand_over(look: Look, url: str) -> Page:
    """Let the page of another address take over what was known of this one."""
    tx, page, now = look.tx, look.page, look.at
    main = tx.scalar(select(Page).where(Page.url == url)) or new_page(tx, url, now=now)
    main.source_id = main.source_id or page.source_id
    main.baseline = main.baseline or page.baseline
    main.lead_title = main.lead_title or page.lead_title
    main.lead_published = main.lead_published or page.lead_published
    main.looks = max(main.looks, page.looks)
    main.last_seen_at = main.last_seen_at or page.last_seen_at or now
    return main


def find_article(look: Look) -> tuple[ArticleRow | None, int | None]:
    """Find the article an observation is of; tell, as a change, when it has moved.

    Returns:
        The article (None: a new one) and the id of a MOVED change (None: it did not move).
    """
    tx, page, url = look.tx, look.page, look.own_url
    known = tx.get(ArticleRow, page.article_id) if page.article_id else None
    at_new = _article_at(tx, url) if url != page.url else known
    if known is None:
        found, reason = at_new, f"leads to {url}"
        if found is None:
            found, reason = _same_text(look), "nearly the same text as at another address"
            if found is None and url == page.url and not page.fed_by:
                found, reason = idents.namesake(tx, page)
            if found is not None and url == page.url:
                version = steps.add_version(look, found, judging.own_blocks(look, found))
                page.twin_version_id = version.id
        if found is not None:
            page.article_id = found.id
            look.note("same article", reason, found)
        return found, None
    if at_new is not None and at_new.id != known.id:
        return _joined(look, known, at_new) if _says_the_same(look, known) else (known, None)
    if url in (page.url, known.url):
        return known, None
    return known, move(look, known)


def other_article(look: Look) -> str:
    """Name another article's address to which a known one's redirects; "": it does not, or is the same."""
    tx, page, url = look.tx, look.page, look.own_url
    known = tx.get(ArticleRow, page.article_id) if page.article_id else None
    if known is None or known.url != page.url or look.observation.final_url in ("", page.url):
        return ""
    other = _article_at(tx, url)
    if other is None or other.id == known.id or _says_the_same(look, known):
        return ""
    return other.url


def _says_the_same(look: Look, article: ArticleRow) -> bool:
    return _likeness(look, article) is not None


def _joined(look: Look, known: ArticleRow, other: ArticleRow) -> tuple[ArticleRow, int | None]:
    """Make one of two articles, because an address of one leads to the other, which has its text."""
    older, younger = sorted((known, other), key=lambda article: (article.found_at, article.id))
    look.note("same article", f"leads to {look.own_url}, which has its text", known)
    joining.join(look.tx, older, younger)
    return older, None if older.url == look.own_url else move(look, older)


def _likeness(look: Look, article: ArticleRow) -> float | None:
    """Give by how much a look's text is an article's, at most 1; None: they are two pieces.

    It may have been edited meanwhile, and the site's boxes may stand on one of the pages only.
    """
    tx = look.tx
    before = _texts_of(read_blocks(tx, tx.get_one(VersionRow, article.newest_id)))
    if len(before & _texts_of(look.content.blocks)) < FEWEST_EQUAL:
        return None
    now = _texts_of(judging.own_blocks(look, article))
    shares = [_equal_share(now, before, size=size) for size in (_one, len)]
    return max(shares) if max(shares) >= MOSTLY_EQUAL else None


def _equal_share(now: set[str], before: set[str], *, size: Callable[[str], int]) -> float:
    equal, gone, come = (sum(map(size, s)) for s in (before & now, before - now, now - before))
    return equal / max(1, equal + max(gone, come))


def _one(_: str) -> int:
    return 1


def _same_text(look: Look) -> ArticleRow | None:
    """Find the living article of this site that says the same, or most nearly so.

    One piece at a second address: moved, perhaps edited on the way, without our having seen the
    redirect yet; or listed twice. A weekly title over another text is another article.
    """
    found: dict[float, ArticleRow] = {}
    for row in _alike(look):
        likeness = _likeness(look, row)
        if likeness is not None:
            found.setdefault(likeness, row)
    return found[max(found)] if found else None


def _texts_of(blocks: Sequence[Block]) -> set[str]:
    return {fold_text(block.text) for block in blocks}


def _alike(look: Look) -> list[ArticleRow]:
    """Give living articles of this site that share long paragraphs or the headline, likeliest first."""
    site_id = site_row(look.tx, site_of(look.own_url)).id
    by_length = sorted((block.text for block in look.content.blocks), key=len)
    asked = [text for text in by_length[-_ASKED:] if len(text) >= _LEAST_ASKED]
    queries = [asked, *([text] for text in asked)] if len(asked) > 1 else [asked]
    ids = dict.fromkeys(
        id_
        for passages in queries
        for id_ in search.article_ids(look.tx, passages, site_id=site_id, limit=MOST_NAMESAKES)
    )
    if fold_text(look.content.title):
        latest = (
            select(ArticleRow.id, ArticleRow.title)
            .where(ArticleRow.site_id == site_id)
            .order_by(ArticleRow.id.desc())
            .limit(_MOST_TITLES)
            .subquery()
        )
        namesakes = select(latest.c.id).where(latest.c.title == look.content.title)
        ids |= dict.fromkeys(
            look.tx.scalars(namesakes.order_by(latest.c.id.desc()).limit(MOST_NAMESAKES))
        )
    rows = [look.tx.get_one(ArticleRow, id_) for id_ in ids]
    return [row for row in rows if row.state != ArticleState.GONE.value]


def _article_at(tx: Session, url: str) -> ArticleRow | None:
    article_id = tx.scalar(select(Page.article_id).where(Page.url == url))
    if article_id is None:
        article_id = tx.scalar(
            select(Address.article_id)
            .where(Address.url == url)
            .order_by(Address.id.desc())
            .limit(1)
        )
    return tx.get(ArticleRow, article_id) if article_id else None


def move(look: Look, article: ArticleRow) -> int:
    """Give an article its new address; the old ones stay known, with their times."""
    tx, now, old = look.tx, look.at, article.url
    article.url = look.own_url
    for row in tx.scalars(
        select(Address).where(Address.article_id == article.id, Address.to_at.is_(None))
    ):
        row.to_at = now
    keep_address(tx, article, article.url, from_at=now, to_at=None)
    main = _hand_over(look, article.url)
    main.article_id = article.id
    steps.drop_version(tx, main.twin_version_id)
    main.twin_version_id = None
    main.last_checked_at = now
    look.note("moved", f"{old} now leads to {article.url}", article)
    return steps.add_presence(
        look,
        article,
        ChangeKind.MOVED,
        remark=f"now at {article.url}",
    )
