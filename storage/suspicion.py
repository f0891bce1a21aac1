"""Decide what one more look at an article means: the same, a suspicion, an edit, or noise. Pure.

No extractor is good enough to tell noise from edits by rules alone, so time tells them apart: what
differs is suspected first and believed only when it still stands there at the next look. What differs
again is volatile; its keys are remembered, and it is never asked again.

Noise may stand still for an hour or a day, longer than any quick second look. So a block that is not
plainly the article's own is doubtful: it is held while its site is watched, and what is the article's
own is told without it. A sentence where the article's own paragraphs stand is never doubted.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from rapidfuzz.distance import Indel
from rapidfuzz.fuzz import ratio

from storage.keys import (
    HEADLINE,
    SHORT_CHARS,
    figures,
    figures_key,
    fold_text,
    is_apart,
    is_sentence,
    lead_in,
    line_keys,
    place_key,
    skeleton,
    text_key,
)
from storage.notes import is_correction, is_entry, is_own_update
from storage.types import Block

MOST_KEYS: Final = 12  # per article, ten bytes each
MOST_CONFIRMING_LOOKS: Final = 3  # then what still moves is told, or known as noise
ALIKE_PERCENT: Final = 60.0  # an edit keeps more than this of its text; a rotating teaser does not
FEW_BLOCKS: Final = 2  # a lead-in or place that more blocks share may be the article's own
_CANDIDATE: Final = "c"  # in place of "s": a sentence whose figures moved at every look once


class Judgement(StrEnum):
    """What a look means."""

    SAME = "same"
    SUSPECTED = "suspected"  # differs from the newest version: look again soon
    CONFIRMED = "confirmed"  # a suspicion still stands there
    SEEN_ONCE = "seen once"  # back as before: the suspicion stood there at one look only
    NOISE = "noise"  # what differed, differed again
    HELD = "held"  # still there, but it may be the site's: it is watched for longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A text as it is compared: the visible title and the blocks, placed (`storage.places`)."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of an article and its site when a look is judged: keys (`storage.keys`)."""

    volatile: Collection[str] = ()  # noise
    trusted: Collection[str] = ()  # places apart that stood still on this site for long
    lines: Collection[str] = ()  # of lines that several articles of the site have
    teasers: Collection[str] = ()  # of texts that hold the headline of another article
    is_ripe: bool = False  # the suspicion is older than any noise: nothing is doubted any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do: the judgement, and what follows from it."""

    judgement: Judgement
    blocks: tuple[Block, ...]  # what is believed if it is confirmed: doubtful blocks as before
    seen: tuple[Block, ...] = ()  # what stands there, without what is known as noise
    before: tuple[Block, ...] = ()  # what the newest version says without that
    learned: tuple[str, ...] = ()  # keys newly known as noise
    doubted: tuple[str, ...] = ()  # keys of doubtful blocks that differ
    doubts_more: bool = False  # than at the look before
    is_first: bool = False  # first sight of what is the article's own in it
    reason: str = ""


def volatile_keys(block: Block, *, among: Sequence[Block]) -> tuple[str, ...]:
    """Name a block that turned out to be noise, so that its next form is known again.

    By its place or its lead-in, where no more than two blocks among these share it, as they might be
    the article's own; else by its text besides the figures.
    """
    keys: list[str] = []
    lead = "" if is_sentence(block.text) else lead_in(block.text)
    if lead and sum(lead_in(other.text) == lead for other in among) <= FEW_BLOCKS:
        keys += [key for key in line_keys(block.text) if key.startswith("l")]
    if is_apart(block) and _is_rare(block.place, among):
        keys.append(place_key(block.place))
    if not keys or figures(block.text):
        keys.append(figures_key(block.text))
    return tuple(keys)


def _is_rare(place: str, among: Sequence[Block]) -> bool:
    shared = sum(block.place == place for block in among)
    return shared <= FEW_BLOCKS and len(among) > 2 * shared


def without_volatile(blocks: Sequence[Block], keys: Collection[str]) -> tuple[Block, ...]:
    """Leave out what is known to be noise here."""
    if not keys:
        return tuple(blocks)
    return tuple(block for block in blocks if not _is_volatile(block, keys, blocks))


def _is_volatile(block: Block, keys: Collection[str], among: Sequence[Block]) -> bool:
    if text_key(block.text) in keys or figures_key(block.text) in keys:
        return True
    if not is_apart(block):
        return any(key in keys for key in line_keys(block.text) if key.startswith("l"))
    if any(key in keys for key in line_keys(block.text)):
        return True
    return place_key(block.place) in keys and _is_rare(block.place, among)


def judge_look(
    seen: Stand, *, newest: Stand, pending: Stand | None, looks_before: int, known: Known
) -> Verdict:
    """Judge a look that gave a text.

    Args:
        seen: What stands there now.
        newest: The newest version that is believed.
        pending: The suspicion that waits for this look; None where there is none.
        looks_before: Confirming looks at this suspicion that differed again.
        known: What is noise here, and what may be.
    """
    now = _without(seen, known.volatile)
    before = _without(newest, known.volatile)
    if pending is None:
        return _judge_first_sight(now, before, known)
    suspected = _without(pending, known.volatile)
    if _same(now, before):
        return _judge_end(now, suspected=suspected, known=known)
    if _same(now, suspected):
        return _judge_standing(now, before=before, suspected=suspected, known=known)
    is_last = looks_before + 1 >= MOST_CONFIRMING_LOOKS
    moved = _moved_again(now, before=before, suspected=suspected, known=known, is_last=is_last)
    now, before, suspected = (moved.rest_of(stand) for stand in (now, before, suspected))
    verdict = _judge_standing(now, before=before, suspected=suspected, known=known, is_last=is_last)
    return replace(verdict, learned=moved.learned)


def _judge_first_sight(now: Stand, before: Stand, known: Known) -> Verdict:
    if _same(now, before):
        return Verdict(
            judgement=Judgement.SAME, blocks=now.blocks, seen=now.blocks, reason="stands as before"
        )
    settled = _settle(now, before, known)
    return Verdict(
        judgement=Judgement.SUSPECTED,
        blocks=settled.stand.blocks,
        seen=now.blocks,
        before=before.blocks,
        doubted=settled.doubted,
        is_first=True,
        reason=_difference(before, now),
    )


def _judge_end(now: Stand, *, suspected: Stand, known: Known) -> Verdict:
    """The text stands as before: what was suspected is gone, or known as noise by now."""
    then = _settle(suspected, now, known)
    was_seen = not _same(then.stand, now)
    return Verdict(
        judgement=Judgement.SEEN_ONCE if was_seen else Judgement.NOISE,
        blocks=now.blocks,
        seen=now.blocks,
        doubted=then.doubted,
        reason="stands as before",
    )


def _judge_standing(
    now: Stand, *, before: Stand, suspected: Stand, known: Known, is_last: bool = False
) -> Verdict:
    """Judge what is left when noise is taken out: what is the article's own stands there or not."""
    settled, at_first = _settle(now, before, known), _settle(suspected, before, known)
    then = at_first.stand
    if _same(now, before):
        judgement, reason = Judgement.NOISE, "what differed, differs again"
    elif _same(settled.stand, before):
        is_back = not _same(then, before)
        judgement = Judgement.SEEN_ONCE if is_back else Judgement.HELD
        reason = "stands as before" if is_back else "it may be the site's: it is watched for longer"
    elif _same(settled.stand, then):
        judgement, reason = Judgement.CONFIRMED, "still there"
    else:
        judgement = Judgement.CONFIRMED if is_last else Judgement.SUSPECTED
        reason = "differs again"
    return Verdict(
        judgement=judgement,
        blocks=settled.stand.blocks,
        seen=now.blocks,
        before=before.blocks,
        doubted=settled.doubted,
        doubts_more=not set(settled.doubted) <= set(at_first.doubted),
        is_first=judgement is Judgement.SUSPECTED and _same(then, before),
        reason=reason,
    )


# -- what is doubtful ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Settled:
    """A text with all that is doubtful in it as it was before, and the keys of that."""

    stand: Stand
    doubted: tuple[str, ...]


def _settle(now: Stand, before: Stand, known: Known) -> _Settled:
    blocks: list[Block] = []
    doubted: list[str] = []
    done = 0
    for gone, came in _replaced(before, now):
        blocks += now.blocks[done : came.start]
        done = came.stop
        old, new = before.blocks[gone.start : gone.stop], now.blocks[came.start : came.stop]
        kept, foreign = _doubtful(old, new, known)
        blocks += [block for n, block in enumerate(old) if n in kept]
        blocks += [block for n, block in enumerate(new) if n not in foreign]
        some = [*(old[n] for n in kept), *(new[n] for n in foreign)]
        doubted += [key for block in some for key in _role_keys(block, known)]
    blocks += now.blocks[done:]
    stand = replace(now, blocks=tuple(blocks))
    return _Settled(stand, tuple(dict.fromkeys(doubted)))


def _role_keys(block: Block, known: Known) -> tuple[str, ...]:
    """Name a doubtful block by what it shares with such blocks of other articles."""
    if is_apart(block):
        return (place_key(block.place),)
    return (HEADLINE,) if text_key(block.text) in known.teasers else line_keys(block.text)


def _doubtful(
    old: Sequence[Block], new: Sequence[Block], known: Known
) -> tuple[list[int], list[int]]:
    """Find in a run that was replaced what may be noise: which old blocks, which new ones."""
    foreign = [n for n, block in enumerate(new) if _is_doubtful(block, known)]
    kept = [n for n, block in enumerate(old) if _is_doubtful(block, known)]
    for n in tuple(foreign):
        edited = next((m for m, block in enumerate(old) if _is_edit(block, new[n])), None)
        if edited is not None:
            foreign.remove(n)
            kept = [m for m in kept if m != edited]
    # A line that was read as the article's own when it came, and rotates.
    lines = [m for m, b in enumerate(old) if m not in kept and not is_sentence(b.text)]
    matched = [m for m in lines if not any(_is_alike(old[m], new[n]) for n in _rest(new, foreign))]
    return kept + matched[: max(0, len(foreign) - len(kept))], foreign


def _rest(blocks: Sequence[Block], left_out: Collection[int]) -> Iterator[int]:
    return (n for n in range(len(blocks)) if n not in left_out)


def _is_doubtful(block: Block, known: Known) -> bool:
    if known.is_ripe or _is_note(block.text):
        return False
    if is_apart(block):
        return place_key(block.place) not in known.trusted
    if is_sentence(block.text):
        return False
    return text_key(block.text) in known.teasers or any(
        key in known.lines for key in line_keys(block.text)
    )


def _is_note(text: str) -> bool:
    """Say whether a block tells of the article itself: a correction, an update, an entry of a live blog."""
    return is_correction(text) or (is_sentence(text) and (is_own_update(text) or is_entry(text)))


def _is_edit(old: Block, new: Block) -> bool:
    """Say whether a block apart is another one edited: noise has other figures or another text."""
    if not _is_alike(old, new):
        return False
    if not is_apart(old):
        return is_sentence(old.text)
    return is_sentence(new.text) and figures(old.text) == figures(new.text)


def _is_alike(old: Block, new: Block) -> bool:
    return ratio(fold_text(old.text), fold_text(new.text)) >= ALIKE_PERCENT


# -- what moved twice ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Moved:
    """Blocks that differ at every look, as keys to remember, and texts that came and went."""

    learned: tuple[str, ...]
    gone: frozenset[str]

    def rest_of(self, stand: Stand) -> Stand:
        """Give a text without them."""
        left = tuple(block for block in stand.blocks if fold_text(block.text) not in self.gone)
        return _without(replace(stand, blocks=left), self.learned)


def _moved_again(
    now: Stand, *, before: Stand, suspected: Stand, known: Known, is_last: bool
) -> _Moved:
    """Find blocks that came with the suspicion and went, what took their place, and what stood there before."""
    old, then, there = (set(_texts(stand)[1]) for stand in (before, suspected, now))
    learned: list[str] = []
    gone: set[str] = set()
    for was, came in _replaced(suspected, now):
        vanished = _texts_not_in(old | there, suspected.blocks[was.start : was.stop])
        fresh = _texts_not_in(old | then, now.blocks[came.start : came.stop])
        if not fresh:
            gone |= {fold_text(block.text) for block in vanished}
        for block in _noise_among(vanished, fresh, known, is_last=is_last):
            gone.add(fold_text(block.text))
            among = now.blocks if block in fresh else suspected.blocks
            is_teaser = text_key(block.text) in known.teasers
            learned += (HEADLINE,) if is_teaser else volatile_keys(block, among=among)
        if is_last:
            learned += _restless(vanished, fresh, known)
    gone |= _counterparts(before, suspected, gone)
    return _Moved(tuple(dict.fromkeys(learned)), frozenset(gone))


def _texts_not_in(texts: Collection[str], blocks: Sequence[Block]) -> list[Block]:
    return [block for block in blocks if fold_text(block.text) not in texts]


def _noise_among(
    vanished: Sequence[Block], fresh: Sequence[Block], known: Known, *, is_last: bool
) -> list[Block]:
    """Of blocks that came and went within minutes, tell noise from an edit of an edit."""
    noisy: list[Block] = []
    for old, new in zip(vanished, fresh, strict=False):
        if _rotates(old, new, known):
            noisy += (old, new)
    if is_last and vanished and fresh:
        noisy += (block for block in (*vanished, *fresh) if not _is_own_sentence(block, known))
    return noisy


def _rotates(old: Block, new: Block, known: Known) -> bool:
    only_figures = skeleton(old.text) == skeleton(new.text)
    if _is_own_sentence(new, known):
        return only_figures and figures_key(new.text) in known.lines
    if only_figures or (lead_in(old.text) and lead_in(old.text) == lead_in(new.text)):
        return True
    if _is_doubtful(new, known):
        return not _is_edit(old, new)
    return max(len(old.text), len(new.text)) <= SHORT_CHARS and not _is_alike(old, new)


def _is_own_sentence(block: Block, known: Known) -> bool:
    is_own = not is_apart(block) or place_key(block.place) in known.trusted
    return is_own and is_sentence(block.text)


def _restless(vanished: Sequence[Block], fresh: Sequence[Block], known: Known) -> list[str]:
    """Name sentences of which only the figures moved at every look of a round: at the second round, noise.

    A count of casualties may rise at four looks in a row; it does not do so at every look for hours.
    """
    found: list[str] = []
    for old, new in zip(vanished, fresh, strict=False):
        if not _is_own_sentence(new, known) or skeleton(old.text) != skeleton(new.text):
            continue
        key = figures_key(new.text)
        candidate = _CANDIDATE + key[1:]
        found.append(key if candidate in known.volatile else candidate)
    return found


def _counterparts(before: Stand, suspected: Stand, gone: Collection[str]) -> set[str]:
    """Find what stood where a line was that came and went: the form it had before."""
    found: set[str] = set()
    for was, came in _replaced(before, suspected):
        old = [
            b for b in before.blocks[was.start : was.stop] if is_apart(b) or not is_sentence(b.text)
        ]
        left = [b for b in suspected.blocks[came.start : came.stop] if fold_text(b.text) in gone]
        found |= {fold_text(block.text) for block, _ in zip(old, left, strict=False)}
    return found


# -- comparing -----------------------------------------------------------------------------------


def _without(stand: Stand, keys: Collection[str]) -> Stand:
    return replace(stand, blocks=without_volatile(stand.blocks, keys))


def _replaced(old: Stand, new: Stand) -> Iterator[tuple[range, range]]:
    """Pair the runs in which two texts differ."""
    end_a = end_b = 0
    for block in Indel.opcodes(list(_texts(old)[1]), list(_texts(new)[1])).as_matching_blocks():
        if block.a > end_a or block.b > end_b:
            yield range(end_a, block.a), range(end_b, block.b)
        end_a, end_b = block.a + block.size, block.b + block.size


def _texts(stand: Stand) -> tuple[str, tuple[str, ...]]:
    return fold_text(stand.title), tuple(fold_text(block.text) for block in stand.blocks)


def _same(a: Stand, b: Stand) -> bool:
    return _texts(a) == _texts(b)


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
