"""Versions and the changes between them, as rows: added, rewritten, confirmed, closed."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from storage import judging, search
from storage.changes import classify
from storage.keys import fold_text
from storage.look import Look
from storage.models import Article as ArticleRow
from storage.models import Change, Source
from storage.models import Version as VersionRow
from storage.suspicion import without_volatile
from storage.texts import read_blocks, write_text
from storage.types import (
    Baseline,
    Block,
    ChangeKind,
    Classified,
    Disclosure,
    VersionState,
    VersionText,
    Weight,
)

FEED_ONLY = "only headline and summary of the feed are known"
LOOK_BACK = (
    8  # versions among which a text that returns is recognised; A/B tests alternate within these
)


# -- versions ------------------------------------------------------------------------------------


def add_version(
    look: Look, article: ArticleRow, blocks: Sequence[Block], *, seen_at: datetime | None = None
) -> VersionRow:
    """Store what stands there now as a provisional version, at once; `seen_at` if not first seen now."""
    tx = look.tx
    last = tx.scalar(select(func.max(VersionRow.number)).where(VersionRow.article_id == article.id))
    version = VersionRow(
        article_id=article.id,
        number=(last or 0) + 1,
        state=VersionState.PROVISIONAL.value,
        seen_at=seen_at or look.at,
    )
    _fill(look, version, blocks=blocks, base_id=article.newest_id)
    tx.add(version)
    tx.flush()
    return version


def rewrite_pending(look: Look, article: ArticleRow, blocks: Sequence[Block]) -> None:
    """Let a provisional version say what its confirming look saw; it stays dated to its first sight."""
    pending = look.tx.get_one(VersionRow, article.pending_id)
    _fill(look, pending, blocks=blocks, base_id=article.newest_id)


def _fill(look: Look, version: VersionRow, *, blocks: Sequence[Block], base_id: int | None) -> None:
    content = look.content
    version.title = content.title
    version.authors = list(content.authors)
    version.published = content.published
    version.modified = content.modified
    version.language = content.language
    version.captions = list(content.captions)
    version.verdicts = [asdict(verdict) for verdict in look.observation.verdicts]
    if [block.text for block in blocks] != [block.text for block in content.blocks]:
        _judge_anew(look, version, blocks)
    version.is_partial = content.is_partial
    version.is_feed_only = content.is_feed_only
    version.extractor = content.extractor
    write_text(look.tx, version, blocks, base_id=base_id)


def _judge_anew(look: Look, version: VersionRow, blocks: Sequence[Block]) -> None:
    """Judge what is kept of a text: the site's lines before it made it look like another subject."""
    if look.rules.judge is not None:
        verdicts = look.rules.judge(
            [verdict["topic"] for verdict in version.verdicts],
            title=version.title,
            text="\n".join(block.text for block in blocks),
            language=version.language,
        )
        version.verdicts = [asdict(verdict) for verdict in verdicts]


def open_part(paragraphs: int) -> str:
    """Say how much of a paywalled article is open."""
    if paragraphs == 1:
        return "only the first paragraph is open"
    return f"only the first {paragraphs} paragraphs are open"


def _open_part_of(version: VersionRow) -> str:
    if version.is_feed_only:
        return FEED_ONLY
    return open_part(len(version.block_kinds.split())) if version.is_partial else ""


def confirm_version(tx: Session, article: ArticleRow, version: VersionRow) -> None:
    """Make a version the newest one that is believed."""
    known = set[str]()
    if article.newest_id is not None:
        before = tx.get_one(VersionRow, article.newest_id)
        known = {before.title, *(block.text for block in read_blocks(tx, before))}
    said = (version.title, *(block.text for block in read_blocks(tx, version)))
    added = [text for text in said if text not in known]
    search.index(tx, version.id, "\n".join(added))
    version.state = VersionState.CONFIRMED.value
    article.newest_id = version.id
    _end_suspicion(article)
    article.versions += 1
    article.title = version.title
    article.language = version.language or article.language
    article.topics = topics_word(version.verdicts)
    tx.flush()


def topics_word(verdicts: Sequence[dict[str, Any]]) -> str:
    """Write the topics that verdicts say yes to, as `Article.topics` keeps them."""
    names = [v["topic"] for v in verdicts if v["is_on_topic"]]
    return f" {' '.join(names)} " if names else ""


def close_pending(tx: Session, article: ArticleRow, state: VersionState) -> None:
    """End a suspicion that did not hold: keep what stood there once, drop noise."""
    pending_id = article.pending_id
    _end_suspicion(article)
    if pending_id is None:
        return
    if state is VersionState.NOISE:
        drop_version(tx, pending_id)
    else:
        tx.get_one(VersionRow, pending_id).state = state.value
    tx.flush()


def drop_version(tx: Session, version_id: int | None) -> None:
    """Delete a version that was never believed."""
    if version_id is not None:
        tx.execute(delete(VersionRow).where(VersionRow.id == version_id))


def _end_suspicion(article: ArticleRow) -> None:
    article.pending_id = None
    article.pending_looks = 0
    article.pending_is_held = False
    article.doubted_since = None


def note_same(look: Look, article: ArticleRow, kept: Sequence[Block]) -> None:
    """Follow what a look that brought no change tells of the newest version.

    A modified date that moved while the text stayed discloses no later edit.
    """
    newest = look.tx.get_one(VersionRow, article.newest_id)
    if look.content.modified:
        newest.modified = look.content.modified
    leave_out(look, article, kept=kept)


def leave_out(look: Look, article: ArticleRow, *, kept: Sequence[Block]) -> None:
    """Let blocks that turned out to be noise or the site's, which are not `kept`, leave the newest text."""
    newest = look.tx.get_one(VersionRow, article.newest_id)
    blocks = read_blocks(look.tx, newest)
    texts = {fold_text(block.text) for block in kept}
    own = [block for block in blocks if fold_text(block.text) in texts]
    if own and len(own) < len(blocks):
        _rewrite(look, article, own)


def read_anew(look: Look, article: ArticleRow) -> bool:
    """Take a text that other rules of ours gave as what the newest version says: never an edit.

    Returns:
        Whether it did: the newest version was read by rules of another number.
    """
    newest = look.tx.get_one(VersionRow, article.newest_id)
    if newest.extractor == look.content.extractor:
        return False
    close_pending(look.tx, article, VersionState.NOISE)
    _fill(look, newest, blocks=judging.own_blocks(look, article), base_id=newest.base_id)
    article.title = newest.title
    article.topics = topics_word(newest.verdicts)
    return True


def take_anew(look: Look, article: ArticleRow, blocks: Sequence[Block]) -> None:
    """Take a page that is wrapped in another way, and says the same, as what the newest version says."""
    if blocks:
        _rewrite(look, article, blocks)


def _rewrite(look: Look, article: ArticleRow, blocks: Sequence[Block]) -> None:
    newest = look.tx.get_one(VersionRow, article.newest_id)
    write_text(look.tx, newest, blocks, base_id=newest.base_id)
    _judge_anew(look, newest, blocks)
    article.topics = topics_word(newest.verdicts)


# -- changes -------------------------------------------------------------------------------------


def add_new(
    look: Look, article: ArticleRow, version: VersionRow, *, baseline: Baseline | None
) -> int:
    """Write that an article is new to us, since its first version was seen."""
    change = Change(
        article_id=article.id,
        to_id=version.id,
        kinds=[ChangeKind.NEW.value],
        weight=Weight.MINOR.value,
        reason="a new article",
        disclosure=Disclosure.UNKNOWN.value,
        details=[],
        seen_at=version.seen_at,
        decided_at=look.at,
        baseline=baseline.value if baseline else "",
        topics=article.topics,
        note=_open_part_of(version),
    )
    return _add(look.tx, change, article)


def found_as(look: Look) -> Baseline | None:
    """Say why an article that is new to us is no news; None: it is."""
    word = look.page.baseline
    return Baseline(word) if word else look.baseline(look.page.last_seen_at)


def add_presence(
    look: Look,
    article: ArticleRow,
    kind: ChangeKind,
    *,
    remark: str,
    seen_at: datetime | None = None,
) -> int:
    """Write that an article went, came back or moved."""
    weight = Weight.TRIVIAL if kind is ChangeKind.MOVED else Weight.MAJOR
    change = Change(
        article_id=article.id,
        from_id=article.newest_id,
        to_id=article.newest_id,
        kinds=[kind.value],
        weight=weight.value,
        reason={"gone": "the article is gone", "back": "the article is back"}.get(
            kind.value, "the article has another address"
        ),
        disclosure=Disclosure.UNKNOWN.value,
        details=[],
        note=remark,
        stood_at=look.page.last_seen_at,
        seen_at=seen_at or look.at,
        decided_at=look.at,
        baseline=(look.baseline(look.page.last_seen_at) or ""),
        topics=article.topics,
    )
    return _add(look.tx, change, article)


def confirm_pending(
    tx: Session, article: ArticleRow, *, at: datetime, baseline: Baseline | None, remark: str = ""
) -> list[int]:
    """Believe a suspicion: its version becomes the newest, and the step to it a change.

    Returns:
        The change's id; none where no reader could see a difference.
    """
    old = tx.get_one(VersionRow, article.newest_id)
    new = tx.get_one(VersionRow, article.pending_id)
    recent = _recent(tx, article)
    earlier = [r.text_hash for r in recent if r.id != old.id and _same_title(r, new)]
    said = (*read_blocks(tx, old), *read_blocks(tx, new))
    foreign = judging.foreign_keys(tx, article, said, at=at)
    before_after = (_text(tx, row, without=foreign) for row in (old, new))
    classified = classify(*before_after, earlier=earlier)
    if classified is None:
        close_pending(tx, article, VersionState.NOISE)
        return []
    classified = _calmed(classified, old, new, recent=recent)
    before = article.topics
    stood_at = article.pending_stood_at
    confirm_version(tx, article, new)
    change = Change(
        article_id=article.id,
        from_id=old.id,
        to_id=new.id,
        kinds=[kind.value for kind in classified.kinds],
        weight=classified.weight.value,
        reason=classified.reason,
        disclosure=classified.disclosure.value,
        details=[asdict(detail) for detail in classified.details],
        note=remark or _open_part_of(new),
        stood_at=stood_at,
        seen_at=new.seen_at,
        decided_at=at,
        baseline=baseline.value if baseline else "",
        topics=_joined(before, article.topics),
    )
    return [_add(tx, change, article)]


def _add(tx: Session, change: Change, article: ArticleRow) -> int:
    tx.add(change)
    article.changed_at = max(article.changed_at, change.seen_at)
    _source_has_news(tx, article, change)
    tx.flush()
    return change.id


def _source_has_news(tx: Session, article: ArticleRow, change: Change) -> None:
    if change.kinds == [ChangeKind.NEW.value] and article.source_id is not None:
        source = tx.get(Source, article.source_id)
        if source is not None:
            source.last_new_at = change.seen_at


def _joined(a: str, b: str) -> str:
    names = dict.fromkeys((*a.split(), *b.split()))
    return f" {' '.join(names)} " if names else ""


def _text(tx: Session, row: VersionRow, *, without: frozenset[str]) -> VersionText:
    return VersionText(
        title=row.title,
        blocks=without_volatile(read_blocks(tx, row), without),
        modified=row.modified,
        published=row.published,
        language=row.language,
    )


def _recent(tx: Session, article: ArticleRow) -> list[VersionRow]:
    return list(
        tx.scalars(
            select(VersionRow)
            .where(
                VersionRow.article_id == article.id,
                VersionRow.state == VersionState.CONFIRMED.value,
            )
            .order_by(VersionRow.number.desc())
            .limit(LOOK_BACK)
        )
    )


def _same(a: VersionRow, b: VersionRow) -> bool:
    return a.text_hash == b.text_hash and _same_title(a, b)


def _same_title(a: VersionRow, b: VersionRow) -> bool:
    return fold_text(a.title) == fold_text(b.title)


def _calmed(
    classified: Classified, old: VersionRow, new: VersionRow, *, recent: Sequence[VersionRow]
) -> Classified:
    """Two texts that alternate are told once: from the third step on, the step is trivial."""
    same_as_new = [r for r in recent if _same(r, new)]
    same_as_old = [r for r in recent if _same(r, old) and r.id != old.id]
    if not (same_as_new and same_as_old):
        return classified
    return Classified(
        kinds=classified.kinds,
        weight=Weight.TRIVIAL,
        reason=f"alternates with version {same_as_new[0].number}; told once",
        disclosure=classified.disclosure,
        details=classified.details,
    )
