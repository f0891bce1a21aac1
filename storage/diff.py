"""Show where two texts differ: word by word in a paragraph, paragraph by paragraph in an article.

Pure, and bounded: hostile text costs a coarser answer, never time. What a difference means is
`storage.changes`' to say.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from rapidfuzz.distance import Levenshtein

from storage.alignment import align, common_ends
from storage.tokens import MARKS, UNSPACED, interned, read_tokens

_WORD = rf"(?:[^\W{UNSPACED}]|[{MARKS}])+"
_FIGURE = rf"(?:\d{{1,3}}(?:[ \u00a0\u202f]\d{{3}})+(?!\d)|\d+)(?:[.,:'’٬٫]\d+)*(?:[^\W{UNSPACED}]|[{MARKS}])*"
_PIECE = rf"[{UNSPACED}][{MARKS}]*|{_FIGURE}|{_WORD}|[^\w\s]"
_SHOWN = re.compile(rf"(?:{_PIECE})\s*|\s+")
_FINE = re.compile(rf"{_PIECE}|\s+")
_ISLAND: Final = 3  # fewer equal words than this between two hunks read as confetti
_LARGEST_TABLE: Final = 2_500_000_000  # token pairs; about a second
_BUDGET: Final = 3_000_000_000  # of token pairs over all paragraphs of a comparison


class Op(StrEnum):
    """What became of a piece of text."""

    EQUAL = "equal"
    DELETE = "delete"
    INSERT = "insert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of words; the spans that are not inserted give the old text, those not deleted the new."""

    op: Op
    text: str


class BlockOp(StrEnum):
    """What became of a block."""

    EQUAL = "equal"
    CHANGE = "change"
    INSERT = "insert"
    DELETE = "delete"
    MOVE = "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPair:
    """A block with its counterpart, in reading order; `spans` where the two differ.

    A moved block comes twice: where it stood (`new` is None) and where it stands (`old` is None).
    All `old` that are not None, in order, are the old text, and likewise the new.
    """

    op: BlockOp
    old: str | None = None
    new: str | None = None
    spans: tuple[Span, ...] = ()


class Hunk(NamedTuple):
    """Places in two token lists that differ: old[old_start:old_end] became new[new_start:new_end]."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def hunks(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """Where two token lists differ, in order; one hunk over everything where they are too long."""
    start, end = common_ends(old, new)
    old_mid, new_mid = old[start : len(old) - end], new[start : len(new) - end]
    if not old_mid and not new_mid:
        return []
    if not old_mid or not new_mid or len(old_mid) * len(new_mid) > _LARGEST_TABLE:
        return [Hunk(start, len(old) - end, start, len(new) - end)]
    ops = Levenshtein.opcodes(*interned(old_mid, new_mid))
    return _joined(
        Hunk(start + op.src_start, start + op.src_end, start + op.dest_start, start + op.dest_end)
        for op in ops
        if op.tag != "equal"
    )


def _joined(found: Iterable[Hunk], *, island: int = 1) -> list[Hunk]:
    """Join hunks with fewer than `island` equal tokens between them."""
    out: list[Hunk] = []
    for hunk in found:
        if out and hunk.old_start - out[-1].old_end < island:
            out[-1] = Hunk(out[-1].old_start, hunk.old_end, out[-1].new_start, hunk.new_end)
        else:
            out.append(hunk)
    return out


def grouped(found: Iterable[Hunk]) -> list[Hunk]:
    """Join hunks that a reader would see as one: with fewer than three equal words between them."""
    return _joined(found, island=_ISLAND)


def diff_words(old: str, new: str) -> list[Span]:
    """Compare two texts word by word (character by character in scripts without spaces).

    Returns:
        Spans in reading order; what was deleted stands before what was inserted in its place.
    """
    old_tokens, new_tokens = _SHOWN.findall(old), _SHOWN.findall(new)
    spans: list[Span] = []
    at = 0
    for hunk in grouped(hunks(old_tokens, new_tokens)):
        _add(spans, Op.EQUAL, "".join(old_tokens[at : hunk.old_start]))
        _refine(
            spans,
            "".join(old_tokens[hunk.old_start : hunk.old_end]),
            "".join(new_tokens[hunk.new_start : hunk.new_end]),
        )
        at = hunk.old_end
    _add(spans, Op.EQUAL, "".join(old_tokens[at:]))
    return spans


def _refine(spans: list[Span], old: str, new: str) -> None:
    """Leave out of a hunk the words it shares at its ends: tokens carry their space, words may not."""
    old_parts, new_parts = _FINE.findall(old), _FINE.findall(new)
    shorter = min(len(old_parts), len(new_parts))
    head = 0
    while head < shorter and old_parts[head] == new_parts[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old_parts[-1 - tail] == new_parts[-1 - tail]:
        tail += 1
    _add(spans, Op.EQUAL, "".join(old_parts[:head]))
    _add(spans, Op.DELETE, "".join(old_parts[head : len(old_parts) - tail]))
    _add(spans, Op.INSERT, "".join(new_parts[head : len(new_parts) - tail]))
    _add(spans, Op.EQUAL, "".join(old_parts[len(old_parts) - tail :]))


def _add(spans: list[Span], op: Op, text: str) -> None:
    if not text:
        return
    if spans and spans[-1].op is op:
        spans[-1] = Span(op=op, text=spans[-1].text + text)
    else:
        spans.append(Span(op=op, text=text))


def diff_blocks(old: Sequence[str], new: Sequence[str]) -> list[BlockPair]:
    """Compare two articles block by block; white space that no reader sees makes no difference.

    Above some 300 KB of changed text, paragraphs are shown as replaced whole.
    """
    old_read, new_read = [read_tokens(text) for text in old], [read_tokens(text) for text in new]
    aligned = align([text.keys for text in old_read], [text.keys for text in new_read])
    gone, come = {i for i, _ in aligned.moves}, {j for _, j in aligned.moves}
    budget = _BUDGET
    out: list[BlockPair] = []
    for i, j in aligned.pairs:
        if i is None or j is None:
            is_move = j in come if i is None else i in gone
            op = BlockOp.MOVE if is_move else BlockOp.INSERT if i is None else BlockOp.DELETE
            old_text, new_text = None if i is None else old[i], None if j is None else new[j]
            out.append(BlockPair(op=op, old=old_text, new=new_text))
        elif old_read[i].text == new_read[j].text:
            out.append(BlockPair(op=BlockOp.EQUAL, old=old[i], new=new[j]))
        else:
            budget -= (len(old_read[i].tokens) + 1) * (len(new_read[j].tokens) + 1)
            spans = diff_words(old[i], new[j]) if budget > 0 else whole(old[i], new[j])
            pair = BlockPair(op=BlockOp.CHANGE, old=old[i], new=new[j], spans=tuple(spans))
            out.append(pair)
    return out


def whole(old: str, new: str) -> list[Span]:
    """One text replaced by another as a whole."""
    spans: list[Span] = []
    _add(spans, Op.DELETE, old)
    _add(spans, Op.INSERT, new)
    return spans
