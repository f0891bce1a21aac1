"""Find for each block of an article its counterpart in another version. Pure.

First what is equal in order, then what is similar between two equal ones, then what was moved.
Every step has a bound, beyond which blocks count as removed and added.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import Indel, LCSseq

from storage.tokens import interned

_SIMILAR: Final = 0.5  # share of common words, in order: unrelated news prose has 0.2 to 0.3
_CONTAINED: Final = (
    0.85  # a paragraph that was cut or grew: this much of the shorter one is in the longer
)
_CONTAINED_WORDS: Final = 10
_REORDERED: Final = (
    0.85  # share of common words in any order: the parts of a sentence changed places
)
_KEPT_WORDS: Final = 7  # a sentence that stayed at the beginning or the end
_LARGEST_ORDER: Final = 40_000_000  # pairs of blocks compared for equality
_LARGEST_GAP: Final = 4_000  # pairs of blocks compared for similarity in one gap
_BUDGET: Final = 1_500_000_000  # pairs of words over all such comparisons; about half a second

Pair = tuple[int | None, int | None]
Keys = Sequence[str]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs of places in reading order, None where there is no counterpart.

    A moved block stands in `moves`, and both its places stand alone in `pairs`.
    """

    pairs: tuple[Pair, ...]
    moves: tuple[tuple[int, int], ...] = ()


def align(old: Sequence[Keys], new: Sequence[Keys]) -> Alignment:
    """Align two versions, each given as the keys of its blocks' tokens."""
    budget = _Budget(_BUDGET)
    old_ids = ["\x1f".join(keys) for keys in old]
    new_ids = ["\x1f".join(keys) for keys in new]
    pairs: list[Pair] = []
    i = j = 0
    for next_i, next_j in [*_equal_in_order(old_ids, new_ids), (len(old), len(new))]:
        pairs += _gap(_Gap(old, i, next_i), _Gap(new, j, next_j), budget)
        if next_i < len(old):
            pairs.append((next_i, next_j))
        i, j = next_i + 1, next_j + 1
    return Alignment(tuple(pairs), tuple(_moves(pairs, old_ids, new_ids)))


@dataclass(slots=True)
class _Budget:
    left: int

    def takes(self, cost: int) -> bool:
        """Spend `cost` if there is so much left."""
        if cost > self.left:
            return False
        self.left -= cost
        return True


@dataclass(frozen=True, slots=True)
class _Gap:
    """Blocks start..end of a version, for which nothing equal was found."""

    blocks: Sequence[Keys]
    start: int
    end: int

    @property
    def places(self) -> range:
        return range(self.start, self.end)


def common_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many items two sequences share at their start, and at their end behind that."""
    start = 0
    shorter = min(len(old), len(new))
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, end


def _equal_in_order(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The longest run of equal blocks in the same order."""
    start, end = common_ends(old, new)
    old_mid, new_mid = old[start : len(old) - end], new[start : len(new) - end]
    found = [(n, n) for n in range(start)]
    if len(old_mid) * len(new_mid) <= _LARGEST_ORDER:
        for op in Indel.opcodes(*interned(old_mid, new_mid)):
            if op.tag == "equal":
                places = zip(
                    range(op.src_start, op.src_end), range(op.dest_start, op.dest_end), strict=True
                )
                found += [(start + i, start + j) for i, j in places]
    found += [(len(old) - n, len(new) - n) for n in range(end, 0, -1)]
    return found


def similarity(old: Keys, new: Keys, *, floor: float = 0.0) -> float:
    """From 0 to 1: how much of two blocks' words is common and in the same order.

    A block that was cut, or grew, counts as similar to what is left of it. Below `floor` the
    answer may be 0.
    """
    shorter, total = min(len(old), len(new)), len(old) + len(new)
    if not shorter:
        return 1.0 if not total else 0.0
    common = (Counter(old) & Counter(new)).total()
    is_reordered = 2 * common >= _REORDERED * total
    is_hopeless = common < floor * total / 2 and common < _CONTAINED * shorter
    if is_hopeless and not _keeps_an_end(old, new):
        return 0.0
    in_order = int(LCSseq.similarity(*interned(old, new)))
    share = 2 * in_order / total
    is_contained = shorter >= _CONTAINED_WORDS and in_order >= _CONTAINED * shorter
    if is_contained or is_reordered or _keeps_an_end(old, new):
        return max(share, _SIMILAR + share / 10)
    return share


def _keeps_an_end(old: Keys, new: Keys) -> bool:
    """Do two blocks begin, or end, with the same run of words: was only the rest written anew?"""
    least = max(_KEPT_WORDS, min(len(old), len(new)) // 4)
    return old[:least] == new[:least] or old[-least:] == new[-least:]


def _gap(old: _Gap, new: _Gap, budget: _Budget) -> list[Pair]:
    """Pair what is similar in a gap, in order, for the greatest sum of similarities."""
    matched = _matches(old, new, budget)
    out: list[Pair] = []
    i, j = old.start, new.start
    for next_i, next_j in [*matched, (old.end, new.end)]:
        out += [(n, None) for n in range(i, next_i)]
        out += [(None, n) for n in range(j, next_j)]
        if next_i < old.end:
            out.append((next_i, next_j))
        i, j = next_i + 1, next_j + 1
    return out


def _matches(old: _Gap, new: _Gap, budget: _Budget) -> list[tuple[int, int]]:
    rows, columns = len(old.places), len(new.places)
    if not rows or not columns or rows * columns > _LARGEST_GAP:
        return []
    scores = [
        [_score(old.blocks[i], new.blocks[j], budget) for j in new.places] for i in old.places
    ]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for r in range(rows - 1, -1, -1):
        for c in range(columns - 1, -1, -1):
            taken = scores[r][c] + best[r + 1][c + 1] if scores[r][c] else 0.0
            best[r][c] = max(best[r + 1][c], best[r][c + 1], taken)
    found: list[tuple[int, int]] = []
    r = c = 0
    while r < rows and c < columns:
        if scores[r][c] and best[r][c] == scores[r][c] + best[r + 1][c + 1]:
            found.append((old.start + r, new.start + c))
            r, c = r + 1, c + 1
        elif best[r][c] == best[r + 1][c]:
            r += 1
        else:
            c += 1
    return found


def _score(old: Keys, new: Keys, budget: _Budget) -> float:
    if not budget.takes(len(old) * len(new) + len(old) + len(new)):
        return 0.0
    score = similarity(old, new, floor=_SIMILAR)
    return score if score >= _SIMILAR else 0.0


def _moves(
    pairs: Sequence[Pair], old: Sequence[Hashable], new: Sequence[Hashable]
) -> list[tuple[int, int]]:
    """Blocks without a counterpart in their place that stand, word for word, in another."""
    places: dict[Hashable, list[int]] = {}
    for i, j in reversed(pairs):
        if i is None and j is not None and new[j]:
            places.setdefault(new[j], []).append(j)
    return [
        (i, places[old[i]].pop())
        for i, j in pairs
        if j is None and i is not None and places.get(old[i])
    ]
