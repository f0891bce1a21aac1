"""Turn an observation into history: articles, versions and changes. The only writer of history.

One call is one unit of work: the version, the change and what is owed (a change that is not routed
yet) are committed together or not at all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import absence, addresses, judging, parameters, partials, steps, twins, volatility
from storage.decisions import note
from storage.judging import Judged
from storage.look import Look, LookFacts, LookRules
from storage.models import Article as ArticleRow
from storage.models import Page, Site
from storage.models import Version as VersionRow
from storage.outages import put_off_page
from storage.shape_counts import count_read, is_hopeless
from storage.suspicion import Judgement, Verdict
from storage.types import (
    ArticleState,
    Observation,
    Outcome,
    VersionState,
    WallKind,
)

LONGEST_STAY_AWAY = timedelta(days=1)  # a Retry-After beyond a day is capped
HELD_GAP = timedelta(minutes=20)  # at least, between looks at what is held
LEAST_STAND = timedelta(
    hours=1
)  # what stood so long, and longer than noise, is told after one look


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of an observation."""

    article_id: int | None
    change_ids: tuple[int, ...] = ()
    next_check_at: datetime | None = None
    is_confirming: bool = False


def record(tx: Session, observation: Observation, *, rules: LookRules) -> Recorded:
    """Write what one look gave.

    Returns:
        The article and the changes that are now sure; when the address is looked at next.
    """
    page = tx.scalar(select(Page).where(Page.url == observation.url))
    if page is None:
        page = addresses.new_page(tx, observation.url, now=observation.seen_at)
    if observation.is_ours:
        again_at = put_off_page(tx, page, observation)
        return Recorded(article_id=page.article_id, next_check_at=again_at)
    look = partials.taken_as_text(Look(tx=tx, page=page, observation=observation, rules=rules))
    look = absence.taken_as_missing(look)
    observation = look.observation
    seen_before = page.last_seen_at
    page.last_checked_at = look.at
    _stay_away(look)
    changes = twins.part(look) + _WRITERS[observation.outcome](look)
    page.last_outcome = observation.outcome.value
    page.last_reason = observation.reason
    if observation.outcome in _SEEN:
        _saw(look)
    article = tx.get(ArticleRow, page.article_id) if page.article_id else None
    if article is not None and article.doubted_since is not None:
        page.etag = page.last_modified = page.body_hash = ""  # its text is asked for again
    main = addresses.main_page(tx, article) if article else page
    if look.observation.outcome is Outcome.CONTENT:
        page.mark = look.observation.mark if main is page and _is_settled(look, article) else ""
    is_next_look = main is page and observation.outcome in _SEEN and seen_before is not None
    gap = look.at - seen_before if is_next_look and seen_before else timedelta(0)
    _plan(look, main, article, facts=_facts(look, main, article, gap=gap, changed=bool(changes)))
    if main is not page:
        page.next_check_at = None
        if page.looks == 1:  # a second address of a known article: does the first still answer?
            main.next_check_at = look.at
        if page.twin_version_id is not None:
            page.next_check_at = look.at + twins.LOOK_AGAIN
            page.etag = page.last_modified = page.body_hash = ""  # its text will be asked for
    tx.flush()
    return Recorded(
        article_id=page.article_id,
        change_ids=tuple(changes),
        next_check_at=main.next_check_at,
        is_confirming=main.is_confirming,
    )


def _is_settled(look: Look, article: ArticleRow | None) -> bool:
    """Say whether the next look may be compared by a mark: this one is what is believed, whole and calm."""
    return (
        article is not None
        and article.pending_id is None
        and not article.volatile
        and look.content_is_whole
    )


def _stay_away(look: Look) -> None:
    wait = look.observation.retry_after
    if wait is not None:
        site = look.tx.get_one(Site, look.page.site_id)
        site.stay_away_until = look.at + min(wait, LONGEST_STAY_AWAY)


def _saw(look: Look) -> None:
    page, given = look.page, look.observation.validators
    page.last_seen_at = look.at
    page.looks += 1
    page.failures = 0
    page.missing_since = None
    page.missing_looks = 0
    if partials.is_open(look):
        page.teaser_looks = 0
        page.teaser_since = None
    if look.observation.outcome is Outcome.CONTENT or given.etag or given.last_modified:
        page.etag, page.last_modified = given.etag, given.last_modified
    if given.body_hash:
        page.body_hash = given.body_hash


# -- a look that gave a text ---------------------------------------------------------------------


def _record_content(look: Look) -> list[int]:
    article, moved = addresses.find_article(look)
    if article is None:
        return [_record_first(look)]
    changes = [moved] if moved else []
    if look.own_url != article.url:
        return changes  # a second address says nothing of the first: that one is looked at next
    changes += absence.came_back(look, article)
    article.looks += 1
    look = partials.taken_as_part(look, article)
    if partials.has_turned(look, article):
        is_comparable, told = partials.turn(look, article)
        changes += told
        if not is_comparable:
            return changes
    if steps.read_anew(look, article):
        look.note("read anew", f"by rules {look.content.extractor} of ours: no edit", article)
        return changes
    judged = judging.judge(look, article)
    look.note(judged.verdict.judgement.value, judged.verdict.reason, article)
    return changes + _act(look, article, judged)


def _record_first(look: Look) -> int:
    article = addresses.new_article(look)
    version = steps.add_version(look, article, judging.first_blocks(look, article))
    steps.confirm_version(look.tx, article, version)
    look.note("stored", "first version", article)
    count_read(look.tx, look.page, is_article=True)
    parameters.note_article(look.tx, look.page)
    return steps.add_new(look, article, version, baseline=steps.found_as(look))


def _act(look: Look, article: ArticleRow, judged: Judged) -> list[int]:
    """Do what the judgement says."""
    verdict = judged.verdict
    match verdict.judgement:
        case Judgement.SUSPECTED | Judgement.HELD:
            _suspect(look, article, verdict)
        case Judgement.CONFIRMED:
            judging.rewrapped(look.tx, article, judged)
            return _believe(look, article, verdict)
        case Judgement.SEEN_ONCE:
            steps.close_pending(look.tx, article, VersionState.SEEN_ONCE)
            judging.rewrapped(look.tx, article, judged)
        case Judgement.SAME | Judgement.NOISE:
            steps.close_pending(look.tx, article, VersionState.NOISE)
            if judged.is_rewrapped:
                steps.take_anew(look, article, judged.own)
            steps.note_same(look, article, judged.own)
            judging.rewrapped(look.tx, article, judged)
    return []


def _suspect(look: Look, article: ArticleRow, verdict: Verdict) -> None:
    """Keep what differs until a next look; what is the article's own is dated to its first sight."""
    if article.pending_id is None:
        article.pending_id = steps.add_version(look, article, verdict.seen).id
        article.pending_looks = 0
    else:
        steps.rewrite_pending(look, article, verdict.seen)
        article.pending_looks += verdict.judgement is Judgement.SUSPECTED
    if verdict.is_first:
        look.tx.get_one(VersionRow, article.pending_id).seen_at = look.at
        article.pending_stood_at = look.page.last_seen_at
        article.pending_looks = 0
    article.pending_is_held = verdict.judgement is Judgement.HELD
    if not verdict.doubted:
        article.doubted_since = None
    elif article.doubted_since is None or verdict.doubts_more:
        article.doubted_since = look.at


def _believe(look: Look, article: ArticleRow, verdict: Verdict) -> list[int]:
    """Tell what is the article's own; what is doubtful beside it goes on as a suspicion."""
    stood_at, since = article.pending_stood_at, article.doubted_since
    steps.leave_out(look, article, kept=verdict.before)
    steps.rewrite_pending(look, article, verdict.blocks)
    changes = steps.confirm_pending(look.tx, article, at=look.at, baseline=look.baseline(stood_at))
    if verdict.doubted:
        since = look.at if since is None or verdict.doubts_more else since
        article.pending_id = steps.add_version(look, article, verdict.seen, seen_at=since).id
        article.pending_stood_at = stood_at
        article.pending_is_held = True
        article.doubted_since = since
    return changes


# -- looks that gave no text ---------------------------------------------------------------------


def _record_unmodified(look: Look) -> list[int]:
    """The same bytes as at the last look: a suspicion that stood there still does."""
    article = look.tx.get(ArticleRow, look.page.article_id) if look.page.article_id else None
    if article is None:
        return []
    changes = absence.came_back(look, article)
    article.looks += 1
    if article.pending_id is not None and article.doubted_since is None:
        look.note("confirmed", "the very same bytes again", article)
        baseline = look.baseline(article.pending_stood_at)
        changes += steps.confirm_pending(look.tx, article, at=look.at, baseline=baseline)
    return changes


def _record_gone(look: Look) -> list[int]:
    page = look.page
    page.missing_looks += 1
    page.missing_since = page.missing_since or look.at
    article = look.tx.get(ArticleRow, page.article_id) if page.article_id else None
    is_gone = article is not None and article.state == ArticleState.GONE.value
    if article is None or is_gone:
        look.note("still gone" if is_gone else "missing", look.observation.reason)
        return []
    return absence.went_missing(look, article)


def _record_trouble(look: Look) -> list[int]:
    """A wall or a failure is the source's health, never a version."""
    look.page.failures += 1
    if _is_none(look) and look.page.failures == 1:
        count_read(look.tx, look.page, is_article=False)
    look.note(look.observation.outcome.value, look.observation.reason)
    return []


def _is_none(look: Look) -> bool:
    """Say whether an address that never showed an article showed something else now."""
    is_none = look.observation.reason.startswith(WallKind.NOT_AN_ARTICLE)
    return is_none and look.page.article_id is None


_SEEN = (Outcome.CONTENT, Outcome.NOT_MODIFIED)
_WRITERS = {
    Outcome.CONTENT: _record_content,
    Outcome.NOT_MODIFIED: _record_unmodified,
    Outcome.GONE: _record_gone,
    Outcome.BLOCKED: _record_trouble,
    Outcome.FAILED: _record_trouble,
}


# -- when next -----------------------------------------------------------------------------------


def _plan(look: Look, page: Page, article: ArticleRow | None, *, facts: LookFacts) -> None:
    """Set when the address is looked at next, and what for; keep what the rule learned."""
    outcome, rules = look.observation.outcome, look.rules
    # Asked at every look: it learns from each. A feed is read on a timetable of its own.
    usual = None if page.fed_by else rules.next_look(facts)
    if article is not None:
        _keep_rhythm(look.tx.get_one(Site, page.site_id), facts.site_record)
    page.is_confirming = bool(article and article.pending_id)
    is_gone = article is not None and article.state == ArticleState.GONE.value
    gap: timedelta | None
    if article is not None and page.is_confirming and outcome in _SEEN:
        gap = _confirming_gap(look, article, usual)
    elif outcome is Outcome.GONE and not is_gone:
        gap = rules.absence_over / max(1, rules.absence_looks - 1)
        if article is None and page.missing_looks > rules.absence_looks:
            gap = None  # it never was an article
    elif _is_none(look) and is_hopeless(look.tx, page):
        gap = None
    else:
        gap = usual
    if look.observation.teaser is not None and article is None:
        gap = min(usual or partials.LOOK_AGAIN, partials.LOOK_AGAIN)
    page.next_check_at = None if gap is None else look.at + gap


def _confirming_gap(look: Look, article: ArticleRow, usual: timedelta | None) -> timedelta:
    """Say when a suspicion is looked at again: soon; what is held, ever more rarely."""
    if not article.pending_is_held or article.doubted_since is None:
        return look.rules.confirm_after
    gap = max(HELD_GAP, look.at - article.doubted_since)
    return gap if usual is None else min(gap, usual)


def _keep_rhythm(site: Site, record: dict[str, Any]) -> None:
    if record != site.rhythm:
        site.rhythm = record


def _facts(
    look: Look, page: Page, article: ArticleRow | None, *, gap: timedelta, changed: bool
) -> LookFacts:
    now = look.at
    born = min(page.lead_published or page.found_at, page.found_at)
    changed_at = article.changed_at if article and article.versions > 1 else born
    is_on_topic = bool(article and article.topics.strip())
    return LookFacts(
        url=page.url,
        age_s=max(0.0, (now - born).total_seconds()),
        known_s=max(0.0, (now - page.found_at).total_seconds()),
        since_change_s=max(0.0, (now - max(born, changed_at)).total_seconds()),
        gap_s=max(0.0, gap.total_seconds()),
        has_changed=changed,
        looks=page.looks,
        changes=max(0, article.versions - 1) if article else 0,
        failures=page.failures,
        is_on_topic=is_on_topic,
        topic_score=1.0 if is_on_topic else _topic_score(look.tx, article),
        is_article=article is not None,
        site_record=dict(look.tx.get_one(Site, page.site_id).rhythm),
    )


def _topic_score(tx: Session, article: ArticleRow | None) -> float:
    newest = tx.get(VersionRow, article.newest_id) if article and article.newest_id else None
    return max((float(v["score"]) for v in newest.verdicts), default=0.0) if newest else 0.0


# -- what nobody looked at in time ---------------------------------------------------------------


def promote_overdue(
    tx: Session, *, now: datetime, overdue_after: timedelta = timedelta(minutes=30)
) -> list[int]:
    """Tell suspicions that got no second look in time, as "seen once" (design, decision 6).

    Only where what they replace had stood still over looks an hour apart, and for longer than noise
    does on that site; the others wait for their look, as does what is held.
    """
    rows = tx.execute(
        select(ArticleRow, VersionRow.seen_at, Site)
        .join(VersionRow, VersionRow.id == ArticleRow.pending_id)
        .join(Page, Page.url == ArticleRow.url)
        .join(Site, Site.id == ArticleRow.site_id)
        .where(
            VersionRow.seen_at < now - overdue_after,
            Page.last_seen_at < now - overdue_after,
            ArticleRow.doubted_since.is_(None),
        )
    ).all()
    changes: list[int] = []
    for article, at, site in rows:
        if not _stood_long(tx, article, site):
            continue
        reason = "no second look in time: told as seen once"
        note(tx, article.url, now, what="confirmed", reason=reason, article_id=article.id)
        remark = f"seen once, at {at:%Y-%m-%d %H:%M} UTC"
        changes += steps.confirm_pending(tx, article, at=now, baseline=None, remark=remark)
    return changes


def _stood_long(tx: Session, article: ArticleRow, site: Site) -> bool:
    newest = tx.get_one(VersionRow, article.newest_id)
    stood = (article.pending_stood_at or newest.seen_at) - newest.seen_at
    return stood >= max(LEAST_STAND, volatility.period_of(site))
