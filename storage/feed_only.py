"""Own the articles whose pages may not be fetched: what a feed says of each is its text ("feed only").

Each read of the feed is a look at the entries that stand in it. One that dropped off its end says
nothing. Why a page may not be fetched is the reader's to say; what a look means is `storage.recording`'s.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.cuts import align
from storage.look import LookRules
from storage.models import Article, FurtherSource, Page, Source, Version
from storage.polls import forget_validators
from storage.recording import Recorded, record
from storage.texts import read_blocks, write_text
from storage.types import Lead, Observation, Outcome, SourceRound

_CHUNK: Final = 500


def record_entries(tx: Session, round_: SourceRound, *, rules: LookRules) -> list[Recorded]:
    """Keep what a read of a feed tells of articles whose pages may not be fetched.

    To be called after the round itself was recorded, in the same unit of work. While an edit waits for
    its second look, the feed is read again in time for it.

    Returns:
        What became of the entries that were not as they were before.
    """
    source = tx.scalar(select(Source).where(Source.name == round_.source))
    if source is None:
        return []
    feed = round_.via or source.url
    if round_.outcome is Outcome.NOT_MODIFIED:
        _seen_again(tx, source, feed, at=round_.seen_at)
    if round_.outcome is not Outcome.CONTENT:
        return []
    leads = [lead for lead in round_.leads if lead.closed is not None]
    pages = _pages(tx, {lead.url for lead in leads} | {look.url for look in round_.looks})
    for lead in leads:
        if lead.url in pages:
            _follow(pages[lead.url], lead, source=source, feed=feed, at=round_.seen_at)
    fed = [(pages[look.url], look) for look in round_.looks if look.url in pages]
    fed = [(page, look) for page, look in fed if page.fed_by == feed]
    recorded = [one for page, look in fed if (one := _look(tx, page, look, rules=rules))]
    _read_sooner(tx, source, (page for page, _ in fed), via=round_.via)
    return recorded


def _pages(tx: Session, urls: Iterable[str]) -> dict[str, Page]:
    wanted = sorted(urls)
    chunks = [wanted[n : n + _CHUNK] for n in range(0, len(wanted), _CHUNK)]
    rows = [row for chunk in chunks for row in tx.scalars(select(Page).where(Page.url.in_(chunk)))]
    return {row.url: row for row in rows}


def _follow(page: Page, lead: Lead, *, source: Source, feed: str, at: datetime) -> None:
    """Let a page be read from the first feed that announces it while it is closed, and be fetched once open."""
    is_anothers = source.is_feed_only and page.source_id != source.id
    if lead.closed and not page.fed_by and not is_anothers:
        _turn(page, fed_by=feed, next_check_at=None)
    elif not lead.closed and page.fed_by:
        _turn(page, fed_by="", next_check_at=at)


def _turn(page: Page, *, fed_by: str, next_check_at: datetime | None) -> None:
    """Look at a page in another way from now on; what was known of its bytes is of no use for that."""
    page.fed_by, page.next_check_at = fed_by, next_check_at
    page.is_confirming = False
    page.etag = page.last_modified = page.body_hash = page.mark = ""
    page.failures = page.missing_looks = 0
    page.missing_since = None


def _look(tx: Session, page: Page, look: Observation, *, rules: LookRules) -> Recorded | None:
    """Write what an entry says, unless it says what it said before."""
    if page.article_id is None and page.looks:
        return None  # let go of: its texts stay deleted
    if page.is_confirming and page.next_check_at and look.seen_at < page.next_check_at:
        return None  # read by somebody else's timetable, too soon for a second look
    is_same = page.body_hash == look.validators.body_hash
    if page.article_id is not None and is_same and not page.is_confirming:
        page.last_seen_at = page.last_checked_at = look.seen_at
        page.looks += 1
        return None
    reason = look.reason or page.last_reason
    return record(tx, replace(_as_long_as_known(tx, page, look), reason=reason), rules=rules)


def _as_long_as_known(tx: Session, page: Page, look: Observation) -> Observation:
    """Let a summary end where it did before; one that goes on where it was cut off is kept so, silently."""
    article = tx.get(Article, page.article_id) if page.article_id else None
    newest = tx.get(Version, article.newest_id) if article and article.newest_id else None
    if newest is None or not newest.is_feed_only or look.content is None:
        return look
    aligned = align(look.content.blocks, read_blocks(tx, newest))
    if not aligned.goes_on:
        return replace(look, content=replace(look.content, blocks=aligned.blocks))
    write_text(tx, newest, look.content.blocks, base_id=newest.base_id)
    return look


def _seen_again(tx: Session, source: Source, feed: str, *, at: datetime) -> None:
    """An unchanged feed still says what it said when it was last read."""
    mine = (Page.source_id == source.id) & (Page.fed_by == feed)
    last = tx.scalar(select(func.max(Page.last_seen_at)).where(mine))
    if last is None:
        return
    tx.execute(
        update(Page)
        .where(mine, Page.last_seen_at == last)
        .values(last_seen_at=at, last_checked_at=at)
        .execution_options(synchronize_session="fetch")
    )


def _read_sooner(tx: Session, source: Source, pages: Iterable[Page], *, via: str) -> None:
    """Bring the next read forward to the first second look, and ask for all of the feed then."""
    times: Sequence[datetime] = [
        page.next_check_at for page in pages if page.is_confirming and page.next_check_at
    ]
    if not times:
        return
    is_it = (FurtherSource.source_id == source.id) & (FurtherSource.url == via)
    row = tx.scalar(select(FurtherSource).where(is_it)) if via else source
    if row is None:
        return
    row.next_check_at = min((row.next_check_at or times[0], *times))
    forget_validators(row)
    tx.flush()
