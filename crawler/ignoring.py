"""Leave out of a page's text what a user does not want compared, within a time that no pattern can break. Pure."""

from collections.abc import Sequence
from dataclasses import replace
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
    content: ArticleContent, patterns: Sequence[str], *, time_s: float = TIME_S
) -> ArticleContent:
    """Leave out the blocks and captions in which a pattern is found; the title stays.

    Raises:
        ReadingError: A pattern took too long, or nothing is left; names it.
    """
    end = monotonic() + time_s
    blocks = tuple(b for b in content.blocks if not _is_ignored(b.text, patterns, end))
    if content.blocks and not blocks:
        raise ReadingError("ignore_patterns leave nothing of this page's text; write narrower ones")
    captions = tuple(text for text in content.captions if not _is_ignored(text, patterns, end))
    return replace(content, blocks=blocks, captions=captions)


def _is_ignored(text: str, patterns: Sequence[str], end: float) -> bool:
    for pattern in patterns:
        try:
            # Its own engine, because that of the standard library cannot be stopped.
            if regex.search(pattern, text, timeout=max(0.001, end - monotonic())) is not None:
                return True
        except TimeoutError:
            raise ReadingError(
                f"ignore_patterns: the pattern {pattern[:80]!r} took too long on this page; "
                "write one without repeats inside repeats"
            ) from None
    return False
