"""Cut a paragraph into sentences, so that a reader is shown the sentence that differs. Pure."""

import re
from bisect import bisect_right
from typing import Final

_CLOSERS: Final = "”“»«\"'’)\\]」』"
_END = re.compile(
    rf"[.!?…؟۔।]+[{_CLOSERS}]*(?=\s+[^\sa-zа-яёіїєґ])|[。！？]+[{_CLOSERS}]*(?=.)",
)
_SHORT = re.compile(
    r"(?:^|[\s(“„«\"])(?:[^\W\d_]|mr|mrs|ms|dr|prof|gen|sen|gov|st|no|nr|inc|bzw|ca|etc|vs|jan|feb|aug|"
    r"sept|oct|nov|dec|mio|mrd|tzw|im|ul|ін|ст|др|тис|млн|млрд|тыс|руб|грн|г|р|им|ім|т|sra?|hr|fr|"
    r"[^\W\d_]\.[^\W\d_]|\d{1,2})\.$",
    re.IGNORECASE,
)
"""Abbreviations and ordinals after which a sentence goes on."""


def sentence_starts(text: str) -> list[int]:
    """Where the sentences of a paragraph begin; always at least [0]."""
    starts = [0]
    for match in _END.finditer(text):
        tail = text[max(0, match.end() - 8) : match.end()]
        if not _SHORT.search(tail):
            starts.append(match.end() + (1 if text[match.end()] == " " else 0))
    return starts


def sentence_range(starts: list[int], place: int, *, length: int) -> tuple[int, int]:
    """From where to where the sentence around a character reaches, in a text of that length."""
    n = bisect_right(starts, place) - 1
    return starts[n], starts[n + 1] if n + 1 < len(starts) else length
