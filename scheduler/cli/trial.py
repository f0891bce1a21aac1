"""Lay out what was read from a page in the order of its text: taken, kept apart, thrown away, standing outside. Pure."""

import bisect
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any, Final

from crawler.extraction.page import Node, folded, text_of
from crawler.extraction.reasons import reason_of
from storage.types import BlockKind

if TYPE_CHECKING:
    from crawler.reading import PageReading

_START: Final = 60  # characters by which a text is found that no element holds alone
_CUT: Final = 1900  # longer pieces may have been cut
_LETTER: Final = re.compile(r"\w")
_SILENT: Final = frozenset({
    "script", "style", "noscript", "template", "textarea", "option", "svg", "iframe", "object", "title",
})  # fmt: skip
_KINDS: Final = {
    BlockKind.PARAGRAPH: "paragraph",
    BlockKind.HEADING: "subhead",
    BlockKind.QUOTE: "quote",
    BlockKind.LIST_ITEM: "list item",
    BlockKind.TABLE_ROW: "table row",
}
_OUTSIDE: Final = "outside"


class Fate(StrEnum):
    """What became of a piece of the page."""

    TAKEN = "taken"
    APART = "apart"
    GONE = "gone"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of the page's text: what it is, or which rule threw it away and why."""

    fate: Fate
    text: str
    name: str
    reason: str = ""


def laid_out(root: Node, reading: "PageReading") -> list[Piece]:
    """Give all pieces of a page, in its order.

    Args:
        root: The page's tree, as it was parsed.
        reading: What was read from it.
    """
    places = _Places(root)
    pieces = list(_pieces(reading))
    placed = [(places.find(piece.text, piece.fate), piece) for piece in pieces]
    known = "\n".join(places.whole_of(piece.text) for piece in pieces)
    placed += [
        ((number, 0), Piece(fate=Fate.OUTSIDE, text=text, name=_OUTSIDE))
        for number, text in enumerate(places.texts)
        if _no_space(text) not in known and _LETTER.search(text)
    ]
    ordered = [piece for _, piece in sorted(placed, key=lambda found: found[0])]
    return list(_joined(ordered))


def _pieces(reading: "PageReading") -> Iterator[Piece]:
    content = reading.content or reading.teaser
    captions = content.captions if content else ()
    if content is not None:
        yield Piece(fate=Fate.TAKEN, text=content.title, name="headline")
        for block in content.blocks:
            yield Piece(fate=Fate.TAKEN, text=block.text, name=_KINDS[block.kind])
    for piece in reading.dropped:
        if content is not None and folded(piece.text) == folded(content.title):
            if piece.rule == "headline":
                continue
        elif piece.text in captions:
            continue
        yield Piece(fate=Fate.GONE, text=piece.text, name=piece.rule, reason=reason_of(piece.rule))
    for caption in captions:
        yield Piece(fate=Fate.APART, text=caption, name="caption", reason=reason_of("caption"))


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """What stands outside side by side is one piece; all else stays as it is."""
    for fate, group in groupby(pieces, key=lambda piece: piece.fate):
        if fate is not Fate.OUTSIDE:
            yield from group
            continue
        text = " · ".join(piece.text for piece in group)
        yield Piece(fate=fate, text=text, name=_OUTSIDE)


def _no_space(text: str) -> str:
    return "".join(text.split())


_Place = tuple[float, int]
"""The number of a text among the page's texts, and where in the text a piece begins."""


class _Places:
    """Where texts stand on a page; blanks do not count, because they are set anew where markup is left out."""

    def __init__(self, root: Node) -> None:
        self.texts: list[str] = []
        self._elements: dict[
            str, deque[int]
        ] = {}  # with which text an element begins, by all of its text
        self._last: _Place = (-1, 0)
        body = root.find("body")
        self._walk(body if body is not None else root)
        bare = [_no_space(text) for text in self.texts]
        self._whole = "".join(bare)
        self._starts = [0, *accumulate(map(len, bare))]

    def find(self, text: str, fate: Fate) -> _Place:
        """Where a text stands; of several that are alike each is found once."""
        bare = _no_space(text)
        elements = self._elements.get(bare)
        behind = self._starts[max(0, int(self._last[0]))] if self._starts else 0
        at = -1 if elements else self._whole.find(bare[:_START], behind)
        if elements:
            place: _Place = (elements.popleft(), 0)
        elif at >= 0 or (at := self._whole.find(bare[:_START])) >= 0:
            number = bisect.bisect_right(self._starts, at) - 1
            place = (number, at - self._starts[number])
        else:
            # Told in a script, or put together: behind what was taken before.
            place = (self._last[0], self._last[1] + 1)
        if fate is Fate.TAKEN:
            self._last = place
        return place

    def whole_of(self, text: str) -> str:
        """The text of the element that a long piece is the beginning of; else the piece."""
        bare = _no_space(text)
        if len(text) < _CUT:
            return bare
        return min((one for one in self._elements if one.startswith(bare)), key=len, default=bare)

    def _walk(self, node: Node) -> None:
        todo: list[tuple[Any, bool]] = [(node, False)]
        while todo:
            one, is_behind = todo.pop()
            if is_behind:
                self._add(one.tail)
            elif isinstance(one.tag, str) and one.tag not in _SILENT:
                begun = self._elements.setdefault(_no_space(text_of(one)), deque())
                if not begun or begun[-1] != len(self.texts):
                    begun.append(len(self.texts))
                self._add(one.text)
                for child in reversed(list(one)):
                    todo += [(child, True), (child, False)]

    def _add(self, raw: str | None) -> None:
        if raw and (text := folded(raw)):
            self.texts.append(text)
