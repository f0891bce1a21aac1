"""Find the words that stand in quotation marks, in the marks of any language. Pure."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

CLOSERS: Final[Mapping[str, str]] = {
    "“": '”"“',
    "„": '“”"',
    "”": "”",
    "«": "»",
    "»": "«»",
    "‹": "›",
    '"': '"”',
    "‘": "’",
    "‚": "‘’",
    "「": "」",
    "『": "』",
    "《": "》",
    "〝": "〟",
}
"""What closes a quotation that this mark opened: „Polish”, „German“, »Danish«, ”Swedish”, 「Japanese」."""

_MARK = re.compile(r"[“„”«»‹›\"‘’‚「」『』《》〝〟]")


@dataclass(frozen=True, slots=True)
class Quotations:
    """Where the quoted words of a text stand: starts and ends inside the marks, in order."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    is_balanced: bool  # every mark that opened was closed

    def holds(self, place: int) -> bool:
        """Does the character at `place` stand in quotation marks?"""
        n = bisect_right(self.starts, place) - 1
        return n >= 0 and place < self.ends[n]


def find_quotations(text: str) -> Quotations:
    """Find the quotations of one paragraph.

    One that nobody closes reaches to the end of the paragraph: long quotations open every
    paragraph and close the last.
    """
    starts: list[int] = []
    ends: list[int] = []
    closers = ""
    for match in _MARK.finditer(text):
        mark, place = match.group(), match.start()
        if closers:
            if mark in closers and not _is_apostrophe(text, place):
                ends.append(place)
                closers = ""
        elif mark in CLOSERS and _opens(text, place):
            starts.append(place + 1)
            closers = CLOSERS[mark]
    if closers:
        ends.append(len(text))
    return Quotations(tuple(starts), tuple(ends), not closers)


def _is_apostrophe(text: str, place: int) -> bool:
    return text[place] == "’" and text[place + 1 : place + 2].isalpha()


def _opens(text: str, place: int) -> bool:
    """Tell a mark that opens from one that closes, and from the sign for inches."""
    mark, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if mark in "«“„「『《〝‹":
        return True
    is_free = not before.isalnum() and bool(after.strip())
    return is_free and (mark in "‘‚" or after not in ".,;:!?")
