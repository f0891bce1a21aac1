"""What a worker process does with bytes: read a page, read a source. Pure; imported by the workers.

Everything that goes in and comes out travels between processes: plain frozen dataclasses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crawler.discovery import autodiscovery, feeds, sections, sitemaps
from crawler.extraction.article import Dropped, extract_article
from crawler.topics.matcher import judge, load_topic
from storage.types import ArticleContent, Lead, SourceKind, TopicVerdict, Wall


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicDefinition:
    """A topic as the workers get it: what `crawler.topics.matcher.load_topic` takes."""

    name: str
    lexicon: str | None = "talks"
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    threshold: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PageJob:
    """A page to be read."""

    body: bytes
    url: str
    content_type: str
    fetched_at: datetime
    usual_length: int | None = None
    topics: tuple[TopicDefinition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReading:
    """What a page said, or which wall stood there; and what was thrown away by which rule."""

    content: ArticleContent | None
    wall: Wall | None
    verdicts: tuple[TopicVerdict, ...] = ()
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceJob:
    """A source's answer to be read."""

    body: bytes
    url: str
    content_type: str
    kind: SourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReading:
    """The leads a source offered, and what else it told."""

    kind: SourceKind
    leads: tuple[Lead, ...] = ()
    feeds: tuple[str, ...] = ()  # announced in the head of a front page
    children: tuple[str, ...] = ()  # of a sitemap index
    warning: str = ""
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


def read_page(job: PageJob) -> PageReading:
    """Read a page and judge it by each topic."""
    found = extract_article(
        job.body,
        url=job.url,
        content_type=job.content_type,
        fetched_at=job.fetched_at,
        usual_length=job.usual_length,
    )
    content = found.content if found.wall is None else None
    verdicts = tuple(judge_content(topic, content) for topic in job.topics) if content else ()
    return PageReading(content=content, wall=found.wall, verdicts=verdicts, dropped=found.dropped)


def judge_content(topic: TopicDefinition, content: ArticleContent) -> TopicVerdict:
    """Say whether what an article says is on a topic."""
    return judge_text(topic, title=content.title, text=content.text, language=content.language)


def judge_text(topic: TopicDefinition, *, title: str, text: str, language: str) -> TopicVerdict:
    """Say whether a title and a text are on a topic."""
    loaded = load_topic(
        topic.name, lexicon=topic.lexicon, groups=dict(topic.groups), threshold=topic.threshold
    )
    return judge(loaded, title=title, text=text, language=language)


def read_source(job: SourceJob) -> SourceReading:
    """Read what a source offers.

    Raises:
        DiscoveryError: It is not what its kind says, or nothing can be read from it.
    """
    kind = job.kind
    if kind is SourceKind.AUTO:
        kind = autodiscovery.sniff(job.body, job.content_type, url=job.url)
    if kind is SourceKind.FEED:
        feed = feeds.read_feed(job.body, content_type=job.content_type, url=job.url)
        return SourceReading(kind=kind, leads=tuple(feed.leads), warning=feed.warning)
    if kind is SourceKind.SITEMAP:
        sitemap = sitemaps.read_sitemap(job.body, url=job.url)
        return SourceReading(
            kind=kind,
            leads=tuple(sitemap.leads),
            children=tuple(sitemap.children),
        )
    if kind is SourceKind.PAGE:
        return SourceReading(kind=kind, leads=(Lead(url=job.url),))
    section = sections.read_section(job.body, content_type=job.content_type, url=job.url)
    return SourceReading(
        kind=SourceKind.SECTION, leads=tuple(section.leads), feeds=tuple(section.feeds)
    )
