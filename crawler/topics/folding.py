"""Fold words of any script so that spellings of one word are equal, and cut texts into sentences and words. Pure."""

import re
import unicodedata
from typing import Final

# Accents, Hebrew points, Arabic vowel signs and tatweel, nukta, joiners and direction marks.
_MARKS: Final = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u0655\u0670\u093c\u09bc\u00ad\u200b-\u200f\u2060\ufeff]"
)
_LETTERS: Final = str.maketrans({
    "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي", "ہ": "ه", "ۃ": "ه", "ھ": "ه", "ں": "ن",
    "ł": "l", "ı": "i", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ə": "e", "ς": "σ", "є": "е",
    "’": "'", "ʼ": "'", "‘": "'", "‑": "-", "–": "-", "—": "-",
})  # fmt: skip
_WORD: Final = re.compile(
    "[\\w\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u0655\u0670\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u200c\u200d\u00ad]+"
)
_SPACELESS: Final = re.compile(
    "[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_ANYWHERE: Final = re.compile("[\u0590-\u06ff\u0900-\u0dff]")

# A full stop ends a sentence before white space, but not after an initial (U.S.) or an ordinal (6. Mai).
_SENTENCE: Final = re.compile(
    r"""(?<=[.!?…])(?<!\b[^\W\d_]\.)(?<!\b\d\.)(?<!\b\d\d\.)["'»”’」』)\]]*\s+|(?<=[।。！？])["»”」』）]*\s*|\n+"""
)


def fold(text: str) -> str:
    """Give a text without case, accents, vowel signs and letter variants; applying it again changes nothing."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _MARKS.sub("", unicodedata.normalize("NFD", plain)).translate(_LETTERS)
    return unicodedata.normalize("NFC", plain)


def words(text: str) -> list[str]:
    """Give the words of a text as they stand there; a run of Chinese or Thai is one word."""
    return _WORD.findall(text)


def sentences(text: str) -> list[str]:
    """Cut a text at the ends of its sentences and lines."""
    return [part for part in _SENTENCE.split(text) if len(part) > 1]


def is_spaceless(text: str) -> bool:
    """Say whether a text has signs of a script that writes words without spaces, or of Korean."""
    return _SPACELESS.search(text) is not None


def is_prefixing(word: str) -> bool:
    """Say whether a word is of a script that writes articles and prepositions before a word without a space."""
    return _ANYWHERE.search(word) is not None
