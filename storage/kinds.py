"""Which kinds of sources there are, and how further ones are found. Standard library only."""

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
