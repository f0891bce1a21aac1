"""Name a block by what it says, how it begins, its figures, or where it stands, to know it again. Pure.

A key is a letter and a short hash: `t` the text, `s` the text with its figures folded, `l` the words
before a colon or a figure, `p` the place, `w` the place of own paragraphs; or `h`, for a line that
holds the headline of another article.
"""

import re
import unicodedata
from base64 import urlsafe_b64encode
from hashlib import blake2b
from typing import Final

from storage.types import Block

HEADLINE: Final = "h"
APART: Final = "#"  # opens the place of a block that stands apart: `#` and the key of the place
SHORT_CHARS: Final = 220  # lines that are noise by nature (counters, teasers) are short
_LEAST_SENTENCE: Final = 30
_KEY_CHARS: Final = 6  # 36 bits: thousands of blocks of one site stay apart
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_DIGITS = re.compile(r"\d+")
_LEAD = re.compile(r"([^:：\d]{1,48})[:：\d]")
_CLOSING: Final = "\"'”’»›“)]｣」』】 "
_ENDS: Final = (".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।", "։")


def fold_text(text: str) -> str:
    """Make texts comparable that look alike: NFC, no invisible characters, single blanks."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return " ".join(visible.split())


def is_sentence(text: str) -> bool:
    """Say whether a text is prose, as an article's own paragraphs are: it ends as a sentence, or is long."""
    told = fold_text(text).rstrip(_CLOSING)
    return len(told) > SHORT_CHARS or (len(told) >= _LEAST_SENTENCE and told.endswith(_ENDS))


def figures(text: str) -> tuple[str, ...]:
    """Give the numbers in a text, in order."""
    return tuple(_DIGITS.findall(text))


def skeleton(text: str) -> str:
    """Give a text without regard to its figures and to small and large letters."""
    return _DIGITS.sub("0", fold_text(text).casefold())


def lead_in(text: str) -> str:
    """Give the words before the first colon or figure of a short line ("Read also:", "Seen by 12")."""
    found = _LEAD.match(fold_text(text)) if len(text) <= SHORT_CHARS else None
    return found[1].casefold().strip() if found else ""


def text_key(text: str) -> str:
    """Name a block by what it says; figures count."""
    return _key("t", fold_text(text))


def figures_key(text: str) -> str:
    """Name a block by what it says besides its figures."""
    return _key("s", skeleton(text))


def place_key(place: str) -> str:
    """Name a place, as a page has it or as it was stored."""
    return f"p{place[1:]}" if place.startswith(APART) else _key("p", place)


def wrapping_key(place: str) -> str:
    """Name the place of an article's own paragraphs."""
    return _key("w", place)


def line_keys(text: str) -> tuple[str, ...]:
    """Name a line by what stays when it runs on: its lead-in, its text besides the figures.

    None where that is the whole text: an own paragraph is not known by anything but what it says.
    """
    keys: list[str] = []
    if not is_sentence(text) and (lead := lead_in(text)):
        keys.append(_key("l", lead))
    if len(text) <= SHORT_CHARS and figures(text):
        keys.append(figures_key(text))
    return tuple(keys)


def is_apart(block: Block) -> bool:
    """Say whether a block that was placed (`storage.places`) or stored stands apart from the article's own."""
    return block.place.startswith(APART)


def _key(letter: str, text: str) -> str:
    raw = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest()
    return letter + urlsafe_b64encode(raw).decode("ascii")[:_KEY_CHARS]
