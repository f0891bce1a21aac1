"""Judge whether a word was respelt or a name replaced by another. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from rapidfuzz.distance import OSA

from storage.tokens import Token, TokenKind, TokenText
from storage.vocabulary import FAMOUS, MONTHS, TITLES, TITLES_AFTER, WEEKDAYS

_SHORTEST_SLIP: Final = 5  # letters; in shorter words one letter makes another word
_MOST_NAME_WORDS: Final = 5
_NOUN_CAPITALS: Final = frozenset({"de", "lb", "als", "gsw"})
_CAPITALS_OF_NAMES: Final = 0.26  # of words amid sentences: more than names alone would give
_ELISION = re.compile(r"^(?:[dlnst]|all|dell|dall|nell|sull|qu)'")
_KATAKANA = re.compile(r"[\u30a1-\u30ff・]{2,}")
_HAS_CASE = re.compile(r"[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u052f\u0531-\u0587]")


def is_respelling(old: str, new: str) -> bool:
    """Are two words one, spelt differently: a slip of the finger, an accent, another transliteration?

    One letter at the end is grammar rather than spelling, and decides nothing here.
    """
    if _without_accents(old) == _without_accents(new) or _is_one_name(old, new):
        return True
    if _are_two_names(old, new):
        return False
    if min(len(old), len(new)) < _SHORTEST_SLIP or old[0] != new[0]:
        return False
    if OSA.distance(old, new, score_cutoff=1) > 1:
        return False
    return old[-2:] == new[-2:] or sorted(old) == sorted(new)


def _without_accents(word: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    # й and ї come apart like é does, but are letters of their own
    return plain if plain.isascii() else word.replace("ё", "е")


def _stem(word: str) -> str:
    return re.sub(r"'s?$|'[a-zçğışöü]{1,4}$", "", _ELISION.sub("", word))


def _is_one_name(old: str, new: str) -> bool:
    one, other = FAMOUS.get(_stem(old)), FAMOUS.get(_stem(new))
    return one is not None and one == other


def _are_two_names(old: str, new: str) -> bool:
    one, other = FAMOUS.get(_stem(old)), FAMOUS.get(_stem(new))
    return one is not None and other is not None and one != other


class NameJudge:
    """Judges replaced words of one comparison."""

    def __init__(self, texts: Sequence[TokenText], *, language: str = "") -> None:
        """Judge by how the texts write capitals, unless a language (two letters) says."""
        self._texts = texts
        self._language = language

    @cached_property
    def _names(self) -> set[str]:
        """Words that stand with a capital where no sentence begins: evidence for a name."""
        return {token.key for token, is_capital in self._amid_sentences() if is_capital}

    @cached_property
    def _has_noun_capitals(self) -> bool:
        """Does every noun have a capital, as in German, or every word, as in some headlines?"""
        if self._language:
            return self._language in _NOUN_CAPITALS
        capitals = [is_capital for _, is_capital in self._amid_sentences()]
        return sum(capitals) > _CAPITALS_OF_NAMES * len(capitals)

    def _amid_sentences(self) -> Iterator[tuple[Token, bool]]:
        for text in self._texts:
            for token in text.tokens[1:]:
                before = text.text[max(0, token.start - 2) : token.start]
                if (
                    len(before) > 1
                    and before[1] in " -"
                    and (before[0].isalnum() or before[0] in ",)")
                ):
                    yield token, text.text[token.start].isupper()

    def is_other_name(
        self, old: tuple[TokenText, Sequence[Token]], new: tuple[TokenText, Sequence[Token]]
    ) -> bool:
        """Was a name replaced by another one? Each side: a paragraph and the words that differ."""
        old_words, new_words = _name_words(*old), _name_words(*new)
        if not old_words or not new_words:
            return False
        old_keys, new_keys = [t.key for t in old_words], [t.key for t in new_words]
        if {_stem(key) for key in old_keys} & {_stem(key) for key in new_keys}:
            return False  # a first name or a title came or went
        if _all_famous(old_keys) and _all_famous(new_keys):
            return not _is_one_name(old_keys[-1], new_keys[-1])
        return self._is_name(old[0], old_words) and self._is_name(new[0], new_words)

    def _is_name(self, text: TokenText, words: Sequence[Token]) -> bool:
        raws = [text.raw([word]) for word in words]
        if not _HAS_CASE.search("".join(raws)):
            return _is_caseless_name(text, words)
        if not all(raw[0].isupper() for raw in raws) or text.text.isupper():
            return False
        if _all_famous([word.key for word in words]):
            return True
        titled = _word_before(text, words[0]) in TITLES
        if self._has_noun_capitals:
            return titled or (len(words) > 1 and not _begins_sentence(text, words[0]))
        if not _begins_sentence(text, words[0]) or titled or len(words) > 1:
            return True
        return words[0].key in self._names


def _name_words(text: TokenText, words: Sequence[Token]) -> list[Token]:
    """The words that may be a name, or none: dates, figures, titles and long passages are not."""
    if len(words) > _MOST_NAME_WORDS and _HAS_CASE.search(text.raw(words)):
        return []
    if any(t.kind is not TokenKind.WORD or t.key in MONTHS or t.key in WEEKDAYS for t in words):
        return []
    return [token for token in words if token.key not in TITLES]


def _all_famous(keys: Sequence[str]) -> bool:
    return "".join(keys) in FAMOUS or (bool(keys) and all(_stem(key) in FAMOUS for key in keys))


def _is_caseless_name(text: TokenText, words: Sequence[Token]) -> bool:
    """Names without capitals: katakana, or what stands directly before an office."""
    raw, after = text.raw(words), text.text[words[-1].end :].lstrip(" ・")
    has_title = any(raw.endswith(title) or after.startswith(title) for title in TITLES_AFTER)
    return has_title or _word_before(text, words[0]) in TITLES


def _word_before(text: TokenText, word: Token) -> str:
    before = re.search(r"([^\W\d_]+)\.?\s*$", text.text[max(0, word.start - 30) : word.start])
    return before[1].casefold() if before else ""


def _begins_sentence(text: TokenText, word: Token) -> bool:
    before = text.text[max(0, word.start - 6) : word.start].rstrip()
    return not before or before[-1] in ".!?…:“”„«»\"'‘’([—–"
