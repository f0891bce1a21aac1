"""Decide what one more look at an article means: the same, a suspicion, an edit, or noise. Pure.

No extractor is good enough to tell noise from edits by rules alone, so time tells them apart: what
differs is suspected first and believed only when it still stands there at the next look. A block
that differs at every look is volatile; its keys are remembered, and it is never asked again.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from rapidfuzz.distance import Indel
from rapidfuzz.fuzz import ratio

from storage.types import Block, BlockKind

MOST_KEYS = 16  # per article: eight bytes each and their marks stay near 200 bytes
MOST_CONFIRMING_LOOKS = (
    3  # a text that differs at each of these is volatile, whatever it looks like
)
ALIKE_PERCENT = (
    60.0  # an edit of an edit keeps more than this of its text; a rotating teaser does not
)
FEW_BLOCKS = 2  # a lead-in or place that more blocks share may be the article's own
SHORT_CHARS = 220  # lines that are noise by nature (counters, teasers) are short


class Judgement(StrEnum):
    """What a look means."""

    SAME = "same"
    SUSPECTED = "suspected"  # differs from the newest version: look again soon
    CONFIRMED = "confirmed"  # a suspicion still stands there
    SEEN_ONCE = "seen once"  # back as before: the suspicion stood there at one look only
    NOISE = "noise"  # what differed, differed again
    HELD = "held"  # still there, but the page around it changed: a redesign is waited out


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A text as it is compared: the visible title and the blocks."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do: the judgement, the text without volatile blocks, and keys newly known as volatile."""

    judgement: Judgement
    blocks: tuple[Block, ...]
    learned: tuple[str, ...] = ()
    reason: str = ""


def fold_text(text: str) -> str:
    """Make texts comparable that look alike: NFC, no invisible characters, single blanks."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return " ".join(visible.split())


_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_DIGITS = re.compile(r"\d+")


def _key(mark: str, text: str) -> str:
    return mark + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


def _skeleton(text: str) -> str:
    return _DIGITS.sub("0", fold_text(text).casefold())


def _lead_in(text: str) -> str:
    """Words before a colon at the start of a short line ("Read also:"), "" where there are none."""
    head, colon, _ = fold_text(text)[:48].partition(":")
    return _DIGITS.sub("0", head.casefold()) if colon and len(text) <= SHORT_CHARS else ""


def block_key(text: str) -> str:
    """Name a block by what it says: the key by which what is the site's is known on its articles.

    Digits count: "80 drones" on one article and "47 drones" on another are not the same block.
    """
    return _key("t", fold_text(text))


def wrapping_of(blocks: Sequence[Block]) -> str:
    """Name the place at which most of an article's paragraphs stand; "" where places are not known."""
    places = Counter(block.place for block in blocks if block.kind is BlockKind.PARAGRAPH)
    place = places.most_common(1)[0][0] if places else ""
    return _key("w", place) if place else ""


def is_own_paragraph(block: Block, wrapping: str) -> bool:
    """Say whether a block is a paragraph where most of the article's paragraphs stand."""
    return block.kind is BlockKind.PARAGRAPH and _key("w", block.place) == wrapping


def volatile_keys(block: Block, *, among: Sequence[Block]) -> tuple[str, ...]:
    """Name a block that turned out to be noise, so that its next form is known again.

    Always its skeleton (digits folded). Its lead-in or its place only where that does not name the
    article's own text as well: at most two blocks among these share it.
    """
    keys = [_key("s", _skeleton(block.text))]
    lead_in = _lead_in(block.text)
    if lead_in and sum(_lead_in(other.text) == lead_in for other in among) <= FEW_BLOCKS:
        keys.append(_key("l", lead_in))
    if block.place and _is_rare(block.place, among):
        keys.append(_key("p", block.place))
    return tuple(keys)


def _is_rare(place: str, among: Sequence[Block]) -> bool:
    shared = sum(block.place == place for block in among)
    return shared <= FEW_BLOCKS and len(among) - shared > FEW_BLOCKS


def without_volatile(blocks: Sequence[Block], keys: Collection[str]) -> tuple[Block, ...]:
    """Leave out what is known to be noise here."""
    if not keys:
        return tuple(blocks)
    return tuple(block for block in blocks if not _is_volatile(block, keys, blocks))


def _is_volatile(block: Block, keys: Collection[str], among: Sequence[Block]) -> bool:
    if block_key(block.text) in keys or _key("s", _skeleton(block.text)) in keys:
        return True
    lead_in = _lead_in(block.text)
    if lead_in and _key("l", lead_in) in keys:
        return True
    return bool(block.place) and _key("p", block.place) in keys and _is_rare(block.place, among)


def judge_look(
    seen: Stand,
    *,
    newest: Stand,
    pending: Stand | None,
    looks_before: int,
    volatile: Collection[str],
) -> Verdict:
    """Judge a look that gave a text.

    Args:
        seen: What stands there now, blocks with their places.
        newest: The newest version that is believed.
        pending: The suspicion that waits for this look; None where there is none.
        looks_before: Confirming looks at this suspicion that differed again.
        volatile: Keys of what is noise on this article and its site.
    """
    now = Stand(title=seen.title, blocks=without_volatile(seen.blocks, volatile))
    before = Stand(title=newest.title, blocks=without_volatile(newest.blocks, volatile))
    if _texts(now) == _texts(before):
        return _as_before(now, pending, volatile)
    if pending is None:
        return Verdict(
            judgement=Judgement.SUSPECTED, blocks=now.blocks, reason=_difference(before, now)
        )
    suspected = Stand(title=pending.title, blocks=without_volatile(pending.blocks, volatile))
    if _texts(now) == _texts(suspected):
        return Verdict(judgement=Judgement.CONFIRMED, blocks=now.blocks, reason="still there")
    return _judge_third_text(now, before=before, suspected=suspected, looks_before=looks_before)


def _as_before(now: Stand, pending: Stand | None, volatile: Collection[str]) -> Verdict:
    """The text stands as before: nothing was suspected, or it went, or it is known as noise by now."""
    if pending is None:
        judgement = Judgement.SAME
    elif _texts(now) == _texts(
        Stand(title=pending.title, blocks=without_volatile(pending.blocks, volatile))
    ):
        judgement = Judgement.NOISE
    else:
        judgement = Judgement.SEEN_ONCE
    return Verdict(judgement=judgement, blocks=now.blocks, reason="stands as before")


def _judge_third_text(now: Stand, *, before: Stand, suspected: Stand, looks_before: int) -> Verdict:
    """Neither as before nor as suspected: take out what changes at every look, and judge the rest."""
    is_last = looks_before + 1 >= MOST_CONFIRMING_LOOKS
    noisy = _twice_changed(now, before, suspected, is_last=is_last)
    learned = tuple(
        dict.fromkeys(k for block, among in noisy for k in volatile_keys(block, among=among))
    )
    now, before, suspected = (
        Stand(title=stand.title, blocks=without_volatile(stand.blocks, learned))
        for stand in (now, before, suspected)
    )
    reason = f"{len(noisy)} block(s) differ at every look" if noisy else "differs again"
    if _texts(now) == _texts(before):
        judgement = Judgement.NOISE
    elif _texts(now) == _texts(suspected):
        judgement, reason = Judgement.CONFIRMED, f"still there; {reason}"
    else:
        judgement = Judgement.CONFIRMED if is_last else Judgement.SUSPECTED
    return Verdict(judgement=judgement, blocks=now.blocks, learned=learned, reason=reason)


_InItsStand = tuple[Block, tuple[Block, ...]]


def _twice_changed(
    now: Stand, before: Stand, suspected: Stand, *, is_last: bool
) -> list[_InItsStand]:
    """Find blocks that came with the suspicion and went, what took their place, and what stood there before.

    Each with the blocks it stood among.
    """
    a, b, c = (list(_texts(stand)[1]) for stand in (before, suspected, now))
    old = Counter(a)
    noisy: list[_InItsStand] = []
    for gone, came in _replaced(b, c):
        vanished = [suspected.blocks[i] for i in gone if not old[b[i]]]
        fresh = [now.blocks[j] for j in came if not old[c[j]]]
        noisy.extend(
            (block, suspected.blocks if block in vanished else now.blocks)
            for block in _noise_among(vanished, fresh, is_last=is_last)
        )
    came_and_went = {block.text for block, _ in noisy}
    for gone, came in _replaced(a, b):
        pairs = zip(gone, came, strict=False)
        noisy.extend(
            (before.blocks[i], before.blocks)
            for i, j in pairs
            if suspected.blocks[j].text in came_and_went
        )
    return noisy


def _replaced(a: Sequence[str], b: Sequence[str]) -> list[tuple[range, range]]:
    """Pair the runs in which two lists of texts differ."""
    runs: list[tuple[range, range]] = []
    end_a = end_b = 0
    for block in Indel.opcodes(a, b).as_matching_blocks():
        if block.a > end_a or block.b > end_b:
            runs.append((range(end_a, block.a), range(end_b, block.b)))
        end_a, end_b = block.a + block.size, block.b + block.size
    return runs


def _noise_among(
    vanished: Sequence[Block], fresh: Sequence[Block], *, is_last: bool
) -> list[Block]:
    """Of blocks that came and went within minutes, tell noise from an edit of an edit."""
    if is_last:
        return [*vanished, *fresh]
    if vanished and not fresh:
        return list(vanished)  # came and went: whatever it was, it is no edit
    noisy: list[Block] = []
    for old, new in zip(vanished, fresh, strict=False):
        only_digits = _skeleton(old.text) == _skeleton(new.text)
        rotates = (
            max(len(old.text), len(new.text)) <= SHORT_CHARS
            and ratio(old.text, new.text) < ALIKE_PERCENT
        )
        same_lead_in = bool(_lead_in(old.text)) and _lead_in(old.text) == _lead_in(new.text)
        if only_digits or rotates or same_lead_in:
            noisy.extend((old, new))
    return noisy


def _texts(stand: Stand) -> tuple[str, tuple[str, ...]]:
    return fold_text(stand.title), tuple(fold_text(block.text) for block in stand.blocks)


def _difference(before: Stand, now: Stand) -> str:
    """Say how two texts differ, in one clause."""
    if fold_text(before.title) != fold_text(now.title):
        return "the headline differs"
    a, b = _texts(before)[1], _texts(now)[1]
    came = sum((Counter(b) - Counter(a)).values())
    went = sum((Counter(a) - Counter(b)).values())
    return (
        f"{came} block(s) came, {went} went" if came or went else "the order of the blocks differs"
    )
