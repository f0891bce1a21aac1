"""Tell a text that was cut off elsewhere from one that was edited. Pure.

Feeds end a summary after so many characters: an edit before the end moves the cut, and some cut at
another length each time. Only what stands before both ends can be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from storage.types import Block

CUT_SIGN: Final = "…"

_LONG: Final = 80  # characters; a shorter line without an end may be a phrase
_MOST_WORDS: Final = 4000  # of one paragraph; longer ones are not aligned
_ENDS: Final = frozenset(".!?:;\"'”“»«’)]}。！？」』؟۔।")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """A text as if it ended where the earlier one did; `goes_on`: it is the earlier one and more."""

    blocks: tuple[Block, ...]
    goes_on: bool = False


def is_cut(text: str) -> bool:
    """Say whether a paragraph stops before its end, as far as can be told."""
    if text.endswith(CUT_SIGN):
        return True
    return len(text) >= _LONG and text[-1] not in _ENDS


def align(new: Sequence[Block], old: Sequence[Block]) -> Aligned:
    """Give a text the end that the earlier one had, where one of them was cut off before the other.

    Args:
        new: What was read now.
        old: What was read before.
    """
    as_is = Aligned(blocks=tuple(new))
    shared = min(len(new), len(old))
    if not shared or not (is_cut(new[-1].text) or is_cut(old[-1].text)):
        return as_is
    is_new_short = len(new) == shared and is_cut(new[-1].text)
    is_old_short = len(old) == shared and is_cut(old[-1].text)
    text = _align_text(
        new[shared - 1].text,
        old[shared - 1].text,
        is_new_cut=is_new_short,
        is_old_cut=is_old_short,
    )
    if text is None:
        return as_is
    rest = old[shared:] if is_new_short else ()
    blocks = (*new[: shared - 1], replace(new[shared - 1], text=text), *rest)
    is_same = [block.text for block in blocks] == [block.text for block in old]
    return Aligned(blocks=blocks, goes_on=is_same and _length(new) > _length(old))


def _align_text(new: str, old: str, *, is_new_cut: bool, is_old_cut: bool) -> str | None:
    """Give the new paragraph the end of the old one; None where the two ends differ otherwise."""
    glue = " " if " " in new and " " in old else ""
    before, after = (_words(text, glue) for text in (old, new))
    if max(len(before), len(after)) > _MOST_WORDS:
        return None
    left = before[:-1] if is_old_cut else before  # the last word of a cut text may be half of one
    right = after[:-1] if is_new_cut else after
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    tag, i1, _, j1, _ = codes[-1] if codes else ("equal", 0, 0, 0, 0)
    if tag == "equal" and (is_new_cut or is_old_cut):
        kept, end = right, before[len(left) :]
    elif tag == "insert" and is_old_cut and left:
        kept, end = right[:j1], before[len(left) :]
    elif tag == "delete" and is_new_cut and right:
        kept, end = right, before[i1:]
    else:
        return None
    sign = CUT_SIGN if old.endswith(CUT_SIGN) else ""
    return glue.join((*kept, *end)) + sign


def _words(text: str, glue: str) -> list[str]:
    text = text.removesuffix(CUT_SIGN).rstrip()
    return text.split(glue) if glue else list(text)


def _length(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)
