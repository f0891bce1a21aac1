"""Which kinds of sources, openings and partly known versions there are. Standard library only."""

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    """What stands behind a source's address."""

    AUTO = "auto"
    FEED = "feed"
    SITEMAP = "sitemap"
    SECTION = "section"
    PAGE = "page"


class FoundBy(StrEnum):
    """How a further source was found, in words that follow its address."""

    HEAD = "announced in the head"
    ANCHOR = "linked as a feed"
    ROBOTS = "named in robots.txt"
    INDEX = "listed by a sitemap index"
    USUAL = "at a usual path"
    SECTION = "linked as a section"


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherSource:
    """A feed, sitemap or section that a home page, its robots.txt or a sitemap index leads to."""

    url: str
    kind: SourceKind
    found_by: FoundBy


class OpeningReason(StrEnum):
    """Why what was there before is told in one message."""

    FIRST_ROUND = "first round"
    SLEEP = "sleep"
    TOPICS = "topics changed"


def part_words(*, is_partial: bool, is_feed_only: bool) -> str:
    """Say how much of an article a version knows; "" for all of it."""
    if is_feed_only:
        return "feed only: headline and summary"
    return "headline and lead only" if is_partial else ""
