"""Decide where else a publisher may list its articles: what a home page leads to, and the usual places. Pure.

Which of these are tried, and in what order, is `storage.candidates`' rule.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from crawler.identity import is_front_page, normalise_url, within_publisher
from storage.kinds import FoundBy, FurtherSource
from storage.types import SourceKind

FEED_PATHS: Final = (
    "/feed/", "/rss.xml", "/rss", "/feed.xml", "/atom.xml", "/?format=feed&type=rss", "/feed.json", "/index.xml",
    "/rss/all.xml", "/rss/news.xml", "/news/rss", "/?feed=rss2",
)  # fmt: skip
"""Where publishers keep the feed their home page does not announce, the most usual first."""

SITEMAP_PATHS: Final = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.xml", "/sitemap_index.xml", "/sitemap_news.xml")  # fmt: skip
"""Where sitemaps are that robots.txt does not name, those of news first."""

_LANGUAGE_PATHS: Final = ("feed/", "rss.xml", "rss")
_MOST_CHILDREN: Final = 3
_NEWS: Final = re.compile(r"news|latest|today|actual|aktuell", re.IGNORECASE)
_ARTICLES: Final = re.compile(r"article|post|stor(?:y|ies)|content", re.IGNORECASE)
_SOMETHING_ELSE: Final = re.compile(r"image|photo|picture|video|audio|podcast|tag|topic|author|people|categor|section|static|page[^s]?|product|event|archive", re.IGNORECASE)  # fmt: skip


def further_sources(
    url: str, *, read: Iterable[FurtherSource], robots: Sequence[str]
) -> tuple[FurtherSource, ...]:
    """Give what a source leads to: all of a home page's, of a section only the feeds that name it.

    Args:
        url: The address that answered.
        read: What the page itself announces and links to.
        robots: The sitemaps that the site's robots.txt names.
    """
    if not is_front_page(url):
        return tuple(one for one in read if one.kind is SourceKind.FEED and _names(one.url, url))
    found: dict[str, FurtherSource] = {}
    for one in (*read, *_of_robots(url, robots), *_usual(url)):
        found.setdefault(one.url, one)
    return tuple(found.values())


def of_page(
    *, feeds: Sequence[str], anchors: Sequence[str], sections: Sequence[str]
) -> tuple[FurtherSource, ...]:
    """Say what a page's head announces, and which feeds and sections it links to."""
    return (
        *(_further(url, SourceKind.FEED, FoundBy.HEAD) for url in sorted(feeds, key=_depth)),
        *(_further(url, SourceKind.FEED, FoundBy.ANCHOR) for url in anchors),
        *(_further(url, SourceKind.SECTION, FoundBy.SECTION) for url in sections),
    )


def of_index(children: Sequence[str]) -> tuple[FurtherSource, ...]:
    """Choose the sitemaps of an index that list new articles, from its children, newest first."""
    chosen = sorted(children, key=_rank)[:_MOST_CHILDREN]
    return tuple(_further(url, SourceKind.SITEMAP, FoundBy.INDEX) for url in chosen)


def usual_feeds(url: str) -> tuple[str, ...]:
    """Give the addresses at which a site usually keeps its feed, those of its language first."""
    root = _root(url)
    path = urlsplit(url).path
    of_language = [f"{root}{path}{tail}" for tail in _LANGUAGE_PATHS if len(path) > 1 and path.endswith("/")]  # fmt: skip
    return (*of_language, *(root + path for path in FEED_PATHS)) if root else ()


def _usual(url: str) -> list[FurtherSource]:
    feeds = [_further(one, SourceKind.FEED, FoundBy.USUAL) for one in usual_feeds(url)]
    sitemaps = [
        _further(_root(url) + path, SourceKind.SITEMAP, FoundBy.USUAL) for path in SITEMAP_PATHS
    ]
    return feeds + sitemaps


def _of_robots(url: str, robots: Sequence[str]) -> list[FurtherSource]:
    own = urlsplit(url).netloc
    named = [found for one in robots if (found := normalise_url(one, url))]
    kept = [one for one in named if within_publisher(urlsplit(one).netloc, own)]
    return [_further(one, SourceKind.SITEMAP, FoundBy.ROBOTS) for one in sorted(kept, key=_rank)]


def _root(url: str) -> str:
    parts = urlsplit(normalise_url(url) or "")
    return urlunsplit((parts.scheme, parts.netloc, "", "", "")) if parts.netloc else ""


def _further(url: str, kind: SourceKind, found_by: FoundBy) -> FurtherSource:
    return FurtherSource(url=url, kind=kind, found_by=found_by)


def _rank(url: str) -> int:
    """Order sitemaps by what their names promise: news, articles, anything, something else."""
    name = urlsplit(url).path + "?" + urlsplit(url).query
    if _NEWS.search(name):
        return 0
    if _ARTICLES.search(name):
        return 1
    return 3 if _SOMETHING_ELSE.search(name) else 2


def _depth(url: str) -> int:
    """Order feeds: that of the whole site has the shortest path."""
    parts = urlsplit(url)
    return len([part for part in parts.path.split("/") if part]) + bool(parts.query)


def _names(feed: str, section: str) -> bool:
    """Say whether a feed's address names the section: `/rss/world.xml` that of `/news/world/`."""
    words = [part.lower() for part in urlsplit(section).path.split("/") if part]
    return bool(words) and re.search(rf"(?<![a-z]){re.escape(words[-1])}(?![a-z])", feed.lower()) is not None  # fmt: skip
