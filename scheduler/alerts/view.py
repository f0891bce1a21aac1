"""A message before it is text or HTML: paragraphs of pieces that know what they are. Pure.

Text and HTML are written from the same view, so that each is complete.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from scheduler.alerts.words import clean, cut, isolate
from storage.diff import Op, diff_words
from storage.types import Detail

LONGEST_QUOTE = 900  # characters of a sentence or block, before and after
_NEAR = 120  # characters of unchanged text that stay beside a difference


class Mark(StrEnum):
    """What became of a piece of text."""

    PLAIN = ""
    OLD = "old"  # stood there, and does no more
    NEW = "new"


_SIGNS = {Mark.PLAIN: ("", ""), Mark.OLD: ("[-", "-]"), Mark.NEW: ("{+", "+}")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text: ours, or fetched (`language` is not None; "" where nobody says which)."""

    text: str
    mark: Mark = Mark.PLAIN
    language: str | None = None
    url: str = ""  # where it leads; http and https only

    @property
    def signed(self) -> str:
        """The text with the signs that mark it, for those who see no colours."""
        start, end = _SIGNS[self.mark]
        return f"{start}{self.text}{end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Pieces in a row that are ours, or fetched and in one language."""

    pieces: tuple[Piece, ...]
    language: str | None


def runs(pieces: Sequence[Piece]) -> tuple[Run, ...]:
    """Join pieces in a row that are in one language."""
    return tuple(
        Run(pieces=tuple(found), language=language)
        for language, found in groupby(pieces, lambda piece: piece.language)
    )


class Shape(StrEnum):
    """How a paragraph stands."""

    PLAIN = "plain"
    QUOTE = "quote"
    ITEM = "item"
    SMALL = "small"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph, with a word in front that says what it is."""

    pieces: tuple[Piece, ...]
    label: str = ""
    shape: Shape = Shape.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Paragraphs under a heading; without one, they stand alone."""

    paragraphs: tuple[Paragraph, ...]
    heading: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A whole message."""

    title: tuple[Piece, ...]
    parts: tuple[Part, ...]


# -- pieces --------------------------------------------------------------------------------------


def say(text: str) -> Piece:
    """Our own words."""
    return Piece(text=text)


def foreign(text: str, language: str, *, limit: int = LONGEST_QUOTE) -> Piece:
    """Fetched words, cleaned and bounded."""
    return Piece(text=cut(clean(text), limit), language=clean(language))


def link(url: str, text: str = "") -> Piece:
    """An address; it leads somewhere only if it is a web address."""
    shown = clean(url)
    is_web = shown.startswith(("https://", "http://")) and " " not in shown
    return Piece(text=clean(text) or shown, url=shown if is_web else "")


def line(*pieces: Piece | str, label: str = "", shape: Shape = Shape.PLAIN) -> Paragraph:
    """Make a paragraph; plain strings are our own words."""
    made = (say(piece) if isinstance(piece, str) else piece for piece in pieces)
    return Paragraph(pieces=tuple(piece for piece in made if piece.text), label=label, shape=shape)


def part(heading: str, paragraphs: Iterable[Paragraph]) -> Part:
    """Make a part of those paragraphs that say something."""
    return Part(heading=heading, paragraphs=tuple(p for p in paragraphs if p.pieces))


# -- before and after ----------------------------------------------------------------------------


def before_after(
    detail: Detail, language: str, *, limit: int = LONGEST_QUOTE
) -> tuple[Paragraph, ...]:
    """Show the sentence before and after, what differs marked by signs; a side that is none is left out."""
    old, new = clean(detail.before), clean(detail.after)
    spans = diff_words(old, new)
    sides = (
        ("Before", old, [_piece(s.text, s.op, language) for s in spans if s.op is not Op.INSERT]),
        ("After", new, [_piece(s.text, s.op, language) for s in spans if s.op is not Op.DELETE]),
    )
    return tuple(
        Paragraph(pieces=_near(pieces, limit), label=label, shape=Shape.QUOTE)
        for label, text, pieces in sides
        if text
    )


_MARKS = {Op.EQUAL: Mark.PLAIN, Op.DELETE: Mark.OLD, Op.INSERT: Mark.NEW}


def _piece(text: str, op: Op, language: str) -> Piece:
    return Piece(text=text, mark=_MARKS[op], language=clean(language))


def _near(pieces: Sequence[Piece], limit: int) -> tuple[Piece, ...]:
    """Leave out unchanged text far from any difference, and whatever is beyond `limit`."""
    kept: list[Piece] = []
    room = limit
    is_long = sum(len(piece.text) for piece in pieces) > limit
    for number, piece in enumerate(pieces):
        text = piece.text
        if is_long and piece.mark is Mark.PLAIN:
            text = _shorten(text, is_first=number == 0, is_last=number == len(pieces) - 1)
        text = cut(text, room)
        room -= len(text)
        if text:
            kept.append(Piece(text=text, mark=piece.mark, language=piece.language))
    return tuple(kept)


def _shorten(text: str, *, is_first: bool, is_last: bool) -> str:
    if len(text) <= 2 * _NEAR or (is_first and is_last):
        return text
    head = "" if is_first else text[:_NEAR].rpartition(" ")[0]
    tail = "" if is_last else text[-_NEAR:].partition(" ")[2]
    return f"{head} … {tail}".strip()


# -- as plain text -------------------------------------------------------------------------------


def plain_text(view: View) -> str:
    """Write a view as text: complete, foreign words isolated, marks as signs."""
    chunks = [inline(view.title)]
    for found in view.parts:
        if found.heading:
            chunks.append(f"\n\n{found.heading}\n{'-' * len(found.heading)}")
        chunks += [_paragraph_text(paragraph) for paragraph in found.paragraphs]
    return "".join(chunks).strip() + "\n"


def _paragraph_text(paragraph: Paragraph) -> str:
    text = inline(paragraph.pieces)
    label = f"{paragraph.label}: " if paragraph.label else ""
    match paragraph.shape:
        case Shape.ITEM:
            return f"\n\n* {label}{text}"
        case Shape.SMALL:
            return f"\n{label}{text}"
        case _:
            return f"\n\n{label}{text}"


def inline(pieces: Sequence[Piece]) -> str:
    """Write pieces on one line; each run of foreign words is isolated as a whole."""
    texts = ((run.language, "".join(p.signed for p in run.pieces)) for run in runs(pieces))
    return "".join(text if language is None else isolate(text) for language, text in texts)
