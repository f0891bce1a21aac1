"""Judge a look by all that is known of its article and site, and keep what it teaches about both.

What a look means is `storage.suspicion`'s to say, what is done about it `storage.recording`'s.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from storage import commons, volatility
from storage.commons import Common
from storage.keys import HEADLINE, fold_text, is_apart, place_key, text_key
from storage.look import Look
from storage.models import Article as ArticleRow
from storage.models import Site
from storage.models import Version as VersionRow
from storage.places import placed, wrapping_of
from storage.suspicion import (
    MOST_KEYS,
    Judgement,
    Known,
    Stand,
    Verdict,
    judge_look,
    without_volatile,
)
from storage.texts import read_blocks
from storage.types import Block

LONGEST_HOLD: Final = timedelta(days=1)  # and longer than noise rests on this site
_LONGER: Final = 1.1
_SHARED: Final = "plsh"  # kinds of keys that mean the same on several articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict, and what the page is like around it."""

    verdict: Verdict
    wrapping: str
    is_rewrapped: bool  # in another way than at the last look that was believed
    own: tuple[Block, ...]  # what stands there without the site's own, also where it is rewrapped


@dataclass(frozen=True, slots=True)
class _Case:
    """One look, with the texts that are compared."""

    look: Look
    article: ArticleRow
    site: Site
    newest: VersionRow
    pending: VersionRow | None
    seen: tuple[Block, ...]  # placed
    old: tuple[Block, ...]
    waiting: tuple[Block, ...]
    wrapping: str
    is_rewrapped: bool
    foreign: Common  # what is the site's however its pages are wrapped

    @property
    def every(self) -> tuple[Block, ...]:
        return (*self.seen, *self.old, *self.waiting)


def first_blocks(look: Look, article: ArticleRow) -> tuple[Block, ...]:
    """Give what an article says at its first look, without what is the site's; the site learns of it."""
    tx, blocks = look.tx, look.content.blocks
    site = tx.get_one(Site, article.site_id)
    usual = volatility.usual_wrappings(site)
    article.wrapping = wrapping_of(blocks, usual=usual)
    volatility.count_wrapping(site, article.wrapping)
    seen = placed(blocks, usual={article.wrapping, *usual})
    volatility.met(site, _places(seen), at=look.at)
    commons.count(tx, article, seen, at=look.at, is_rewrapped=False)
    return own_blocks(look, article)


def own_blocks(look: Look, article: ArticleRow) -> tuple[Block, ...]:
    """Give what stands there without what is known as noise or as the site's."""
    site = look.tx.get_one(Site, article.site_id)
    usual = {article.wrapping, *volatility.usual_wrappings(site)}
    seen = placed(look.content.blocks, usual=usual)
    return without_volatile(seen, foreign_keys(look.tx, article, seen, at=look.at)) or seen


def foreign_keys(
    tx: Session, article: ArticleRow, blocks: Sequence[Block], *, at: datetime
) -> frozenset[str]:
    """Give the keys by which blocks among these are known as noise or as the site's."""
    site = tx.get_one(Site, article.site_id)
    common = commons.common_among(tx, site.id, blocks, is_rewrapped=False)
    return common.texts | volatility.noise_on(site, at=at) | frozenset(article.volatile)


def judge(look: Look, article: ArticleRow) -> Judged:
    """Judge a look that gave a text."""
    case = _case(look, article)
    verdict = _judged(case)
    if _teaches(case, verdict):
        verdict = _judged(case)  # what it taught is known now
    own = case.seen
    if case.is_rewrapped:
        own = placed(look.content.blocks, usual={case.wrapping})
    foreign = case.foreign.texts | _noise_of(case)
    return Judged(
        verdict=verdict,
        wrapping=case.wrapping,
        is_rewrapped=case.is_rewrapped,
        own=without_volatile(own, foreign),
    )


def _case(look: Look, article: ArticleRow) -> _Case:
    tx, blocks = look.tx, look.content.blocks
    site = tx.get_one(Site, article.site_id)
    newest = tx.get_one(VersionRow, article.newest_id)
    pending = tx.get(VersionRow, article.pending_id) if article.pending_id else None
    usual = {article.wrapping, *volatility.usual_wrappings(site)}
    now = wrapping_of(blocks, usual=usual)
    is_rewrapped = bool(article.wrapping) and bool(now) and now != article.wrapping
    old, waiting = read_blocks(tx, newest), read_blocks(tx, pending) if pending else ()
    seen = placed(blocks, usual={now} if is_rewrapped else usual, is_strict=is_rewrapped)
    every = (*seen, *old, *waiting)
    return _Case(
        look=look,
        article=article,
        site=site,
        newest=newest,
        pending=pending,
        seen=seen,
        old=old,
        waiting=waiting,
        wrapping=now,
        is_rewrapped=is_rewrapped,
        foreign=commons.common_among(tx, site.id, every, is_rewrapped=False),
    )


def _judged(case: _Case) -> Verdict:
    known = _known(case)
    newest, pending = case.newest, case.pending
    return judge_look(
        Stand(title=case.look.content.title, blocks=case.seen),
        newest=Stand(title=newest.title, blocks=case.old),
        pending=Stand(title=pending.title, blocks=case.waiting) if pending else None,
        looks_before=case.article.pending_looks,
        known=known,
    )


def _known(case: _Case) -> Known:
    tx, article, at = case.look.tx, case.article, case.look.at
    common = case.foreign
    if case.is_rewrapped:
        common = commons.common_among(tx, case.site.id, case.every, is_rewrapped=True)
    volatile = common.texts | _noise_of(case)
    differing = _differing(case)
    if not differing:
        return Known(volatile=volatile)
    teasers = commons.teasers_among(tx, case.site.id, differing)
    are_noise = HEADLINE in volatile
    volatile |= {text_key(b.text) for b in differing if are_noise or is_apart(b)} & teasers
    trusted = volatility.trusted_on(tx, article, _places(differing), at=at)
    longest = max(LONGEST_HOLD, _LONGER * volatility.period_of(case.site))
    return Known(
        volatile=volatile,
        trusted=frozenset() if case.is_rewrapped else trusted,
        lines=common.lines,
        teasers=teasers,
        is_ripe=article.doubted_since is not None and at - article.doubted_since > longest,
    )


def _noise_of(case: _Case) -> frozenset[str]:
    return volatility.noise_on(case.site, at=case.look.at) | frozenset(case.article.volatile)


def _differing(case: _Case) -> list[Block]:
    """Give the blocks that are not in all of the texts that are compared."""
    sides = [side for side in (case.seen, case.old, case.waiting) if side]
    texts = [{fold_text(block.text) for block in side} for side in sides]
    common = set.intersection(*texts) if texts else set[str]()
    return [block for block in case.every if fold_text(block.text) not in common]


def _places(blocks: Collection[Block]) -> frozenset[str]:
    return frozenset(place_key(block.place) for block in blocks if is_apart(block))


def _teaches(case: _Case, verdict: Verdict) -> bool:
    """Keep what a verdict teaches.

    Returns:
        Whether the site has noise that it was not known for.
    """
    article, site, at = case.article, case.site, case.look.at
    new = [key for key in verdict.learned if key not in article.volatile]
    if new:
        article.volatile = [*article.volatile, *new][-MOST_KEYS:]
    tx = case.look.tx
    roles = [key for key in verdict.learned if key[0] in _SHARED]
    became = volatility.moved(tx, article, roles, at=at, is_proved=True)
    is_news = case.pending is None or verdict.doubts_more
    weak = [key for key in verdict.doubted if is_news and key not in roles]
    became = volatility.moved(tx, article, weak, at=at, is_proved=False) or became
    if became or roles:
        volatility.rested(site, _rest_of(case))
    if verdict.judgement is Judgement.SUSPECTED and case.pending is None:
        came = [block for block in _differing(case) if block in case.seen]
        volatility.met(site, _places(came), at=at)
        commons.count(tx, article, came, at=at, is_rewrapped=case.is_rewrapped)
    return became


def _rest_of(case: _Case) -> timedelta:
    """Say for how long what moved was seen to stand still before."""
    last = case.look.page.last_seen_at or case.look.at
    stood_at = case.article.pending_stood_at if case.pending else last
    spans = [(stood_at or last) - case.newest.seen_at]
    if case.pending is not None:
        spans.append(last - case.pending.seen_at)
    return max(spans)


def rewrapped(tx: Session, article: ArticleRow, judged: Judged) -> None:
    """Keep how the page of an article is wrapped by now."""
    if judged.wrapping and judged.wrapping != article.wrapping:
        site = tx.get_one(Site, article.site_id)
        volatility.count_wrapping(site, judged.wrapping, before=article.wrapping)
        article.wrapping = judged.wrapping
