"""Leave out of a page's text what a user does not want compared, within a time that no pattern can break. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

import regex

from crawler.errors import ReadingError
from storage.types import ArticleContent

MOST_PATTERNS: Final = 50
LONGEST_PATTERN: Final = 500
TIME_S: Final = 1.0
"""Seconds that all patterns together may take on one page."""


def check_pattern(pattern: str) -> str:
    """Give a pattern that compiles as it is.

    Raises:
        ValueError: With a sentence.
    """
    if not pattern or len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"a pattern has 1 to {LONGEST_PATTERN} characters; write a shorter one")
    try:
        found = regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
    if found.search("") is not None:
        raise ValueError(f"{pattern!r} fits every text, so that nothing would be left; write more")
    return pattern


def without_ignored(
    content: ArticleContent,
    patterns: Sequence[str],
    *,
    setting: str = "ignore_patterns",
    time_s: float = TIME_S,
) -> tuple[ArticleContent, tuple[tuple[str, str], ...]]:
    """Leave out the blocks and captions in which a pattern is found; the title stays.

    Args:
        content: What was read.
        patterns: Regular expressions.
        setting: Where the patterns stand, for the error.
        time_s: That all of them may take.

    Returns:
        What is left; and the text of each block that was left out, with the pattern that was found in it.

    Raises:
        ReadingError: A pattern took too long, or nothing is left; names it.
    """
    search = _Search(patterns=patterns, setting=setting, end=monotonic() + time_s)
    found = [(block, search.first_in(block.text)) for block in content.blocks]
    blocks = tuple(block for block, pattern in found if pattern is None)
    if content.blocks and not blocks:
        raise ReadingError(f"{setting} leave nothing of this page's text; write narrower ones")
    captions = tuple(text for text in content.captions if search.first_in(text) is None)
    out = tuple((block.text, pattern) for block, pattern in found if pattern is not None)
    return replace(content, blocks=blocks, captions=captions), out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """Patterns from one setting, that have until `end` altogether."""

    patterns: Sequence[str]
    setting: str
    end: float

    def first_in(self, text: str) -> str | None:
        for pattern in self.patterns:
            left_s = max(0.001, self.end - monotonic())
            try:
                # Its own engine, because that of the standard library cannot be stopped.
                if regex.search(pattern, text, timeout=left_s) is not None:
                    return pattern
            except TimeoutError:
                raise ReadingError(
                    f"{self.setting}: the pattern {pattern[:80]!r} took too long on this page; "
                    "write one without repeats inside repeats"
                ) from None
        return None
