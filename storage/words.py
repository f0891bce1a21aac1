"""What a word is, for the index, a query and an excerpt: one rule for both databases. Pure.

A text is folded before it is indexed and a query before it is asked: letter case, accents of Latin
and Greek letters and stress marks go, ё counts as е, and every sign of a script written without
blanks stands alone. Words must all be there; "quoted words" in this order; `word*` begins so.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

QUERY_CHARACTERS: Final = 300
QUERY_TERMS: Final = 20
WORD_CHARACTERS: Final = 100
EXCERPT_CHARACTERS: Final = 240

# Japanese, Chinese, Korean, Thai, Lao, Burmese and Khmer: no blanks tell where a word ends.
_ALONE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)
_LETTERS: Final[Mapping[str, str]] = {
    "ё": "е",
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "\u0640": "",  # the Arabic stroke that only lengthens a word
}
_JOINED_CATEGORIES: Final = frozenset({"Cf"})  # soft hyphen, joiners, marks of direction
_SOUND_CATEGORIES: Final = frozenset({"Mn", "Mc"})  # vowel signs are part of a word
_VOWEL_POINTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]")


def _without_accents(letters: str) -> str:
    """Drop what stands above or below Latin and Greek letters; й and ї stay what they are."""
    if not unicodedata.name(letters[0], "").startswith(("LATIN", "GREEK")):
        return letters
    return "".join(c for c in unicodedata.normalize("NFD", letters) if not unicodedata.combining(c))


def _folded(sign: str) -> str:
    lowered = unicodedata.normalize("NFKC", sign).casefold()
    if not lowered or unicodedata.category(sign) in _JOINED_CATEGORIES:
        return ""
    return "".join(_folded_letter(letter) for letter in _VOWEL_POINTS.sub("", lowered))


def _folded_letter(letter: str) -> str:
    if _ALONE.match(letter):
        return f" {letter} " if letter.isalnum() else ""
    if letter.isalnum():
        return "".join(_LETTERS.get(part, part) for part in _without_accents(letter))
    return letter if unicodedata.category(letter) in _SOUND_CATEGORIES else " "


class _Folding(dict[int, str]):
    """A table for `str.translate`, filled with each sign that is met."""

    def __missing__(self, code: int) -> str:
        folded = _folded(chr(code))
        self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(plain: str) -> str:
    """The words of a text as they are indexed, a blank between two."""
    words = unicodedata.normalize("NFC", plain).translate(_FOLDING).split()
    return " ".join(word[:WORD_CHARACTERS] for word in words if _is_word(word))


def _is_word(letters: str) -> bool:
    """A vowel sign alone is none: PostgreSQL would count it in a query, but not in a text."""
    return any(letter.isalnum() for letter in letters[:WORD_CHARACTERS])


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words that must stand side by side; the last may go on where `is_prefix`."""

    words: tuple[str, ...]
    is_prefix: bool = False


_QUOTED = re.compile(r'"([^"]*)"?(\*?)|(\S+)')


def terms(query: str) -> tuple[Term, ...]:
    """Read what somebody typed: any signs at all, a part without words is left out."""
    found: list[Term] = []
    for match in _QUOTED.finditer(query[:QUERY_CHARACTERS]):
        plain = match[3] if match[3] is not None else match[1]
        is_prefix = plain.endswith("*") or bool(match[2])
        words = tuple(fold(plain).split())
        if words:
            found.append(Term(words=words, is_prefix=is_prefix))
    return tuple(dict.fromkeys(found))[:QUERY_TERMS]


def sqlite_match(wanted: Sequence[Term]) -> str:
    """The terms in FTS5's language; folded words hold no sign that means something there."""
    return " AND ".join(
        f'"{" ".join(term.words)}"{" *" if term.is_prefix else ""}' for term in wanted
    )


def postgresql_match(wanted: Sequence[Term]) -> str:
    """The terms in the language of PostgreSQL's `to_tsquery`."""
    return " & ".join(
        f"({' <-> '.join(_operands(term.words))}{':*' * term.is_prefix})" for term in wanted
    )


def _operands(words: Sequence[str]) -> list[str]:
    return [f"'{word}'" for word in words]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of an excerpt; a match or what stands around it."""

    text: str
    is_match: bool = False


# -- excerpts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Word:
    folded: str
    start: int
    end: int


def _words(plain: str) -> Iterator[_Word]:
    """The folded words of a text, each with the place it came from."""
    letters: list[str] = []
    start = end = 0
    for place, sign in enumerate(plain):
        for letter in _FOLDING[ord(sign)]:
            if letter != " ":
                start = start if letters else place
                end = place + 1
                letters.append(letter)
            elif letters:
                yield _Word("".join(letters)[:WORD_CHARACTERS], start, end)
                letters = []
    if letters:
        yield _Word("".join(letters)[:WORD_CHARACTERS], start, end)


def _stands_at(words: Sequence[_Word], place: int, term: Term) -> bool:
    if place + len(term.words) > len(words):
        return False
    here = [word.folded for word in words[place : place + len(term.words)]]
    if here[:-1] != list(term.words[:-1]):
        return False
    last = term.words[-1]
    return here[-1].startswith(last) if term.is_prefix else here[-1] == last


def matches(plain: str, wanted: Sequence[Term]) -> list[tuple[int, int, int]]:
    """Where terms stand in a text: start, end and which term, in order, none inside another."""
    words = [word for word in _words(plain) if _is_word(word.folded)]
    found: list[tuple[int, int, int]] = []
    place = 0
    while place < len(words):
        which = next((n for n, term in enumerate(wanted) if _stands_at(words, place, term)), None)
        if which is None:
            place += 1
            continue
        last = place + len(wanted[which].words) - 1
        found.append((words[place].start, words[last].end, which))
        place = last + 1
    return found


def excerpt(blocks: Sequence[str], wanted: Sequence[Term]) -> tuple[Piece, ...]:
    """The block that holds most of what was asked for, cut around the first match."""
    best, best_matches = "", list[tuple[int, int, int]]()
    for block in blocks:
        plain = unicodedata.normalize("NFC", block)
        found = matches(plain, wanted)
        if len({which for *_, which in found}) > len({which for *_, which in best_matches}):
            best, best_matches = plain, found
    if not best_matches:
        return (Piece(text=_cut(blocks[0] if blocks else "", 0, EXCERPT_CHARACTERS)),)
    begin = max(0, best_matches[0][0] - EXCERPT_CHARACTERS // 3)
    end = max(begin + EXCERPT_CHARACTERS, best_matches[0][1])
    return tuple(_pieces(best, best_matches, begin=_word_start(best, begin), end=end))


def _word_start(plain: str, place: int) -> int:
    """Do not begin in the middle of a word, where words are short enough to wait for the next."""
    blank = plain.find(" ", place, place + 20)
    return place if place == 0 or blank < 0 else blank + 1


def _cut(plain: str, begin: int, end: int) -> str:
    return ("…" if begin else "") + plain[begin:end] + ("…" if end < len(plain) else "")


def _pieces(
    plain: str, found: Sequence[tuple[int, int, int]], *, begin: int, end: int
) -> Iterator[Piece]:
    place = begin
    if begin:
        yield Piece(text="…")
    for start, stop, _ in found:
        if start < place or stop > end:
            continue
        if start > place:
            yield Piece(text=plain[place:start])
        yield Piece(text=plain[start:stop], is_match=True)
        place = stop
    if place < min(end, len(plain)):
        yield Piece(text=plain[place:end])
    if end < len(plain):
        yield Piece(text="…")
