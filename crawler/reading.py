"""What a worker process does with bytes: read a page, read a source. Pure; imported by the workers.

Everything that goes in and comes out travels between processes: plain frozen dataclasses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Final

from crawler.discovery import autodiscovery, entries, feeds, search, sections, sitemaps
from crawler.discovery.autodiscovery import reads_like_article
from crawler.discovery.sections import may_be_article
from crawler.errors import ReadingError
from crawler.extraction.article import Dropped, extract_article, marked_by
from crawler.extraction.sameness import is_same, make_mark
from crawler.extraction.site_rules import SiteRules
from crawler.identity import is_front_page
from crawler.ignoring import without_ignored
from crawler.topics.matcher import judge, load_topic
from storage.kinds import FurtherSource
from storage.shapes import Promise, Shapes
from storage.types import EXTRACTOR_VERSION, ArticleContent, Lead, SourceKind, TopicVerdict, Wall


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
    ignore: tuple[str, ...] = ()  # patterns of what is left out
    mark: str = ""  # of the page when it was last read in full
    site: SiteRules | None = None  # the user's for this publisher

    @property
    def rules(self) -> str:
        """What decides how the page is read, besides the page."""
        number = self.site.extractor if self.site else EXTRACTOR_VERSION
        return "\n".join((str(number), *self.ignore))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReading:
    """What a page said, or which wall stood there; and what was thrown away by which rule."""

    content: ArticleContent | None
    wall: Wall | None
    teaser: ArticleContent | None = None  # what a pay wall leaves open
    verdicts: tuple[TopicVerdict, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    is_same: bool = False  # as when it was marked; then nothing else is given
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceJob:
    """A source's answer to be read."""

    body: bytes
    url: str
    content_type: str
    kind: SourceKind
    shapes: Shapes = field(default_factory=Shapes)  # how its site builds addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReading:
    """The leads a source offered, and what else it told."""

    kind: SourceKind
    leads: tuple[Lead, ...] = ()
    further: tuple[FurtherSource, ...] = ()  # feeds, sections and sitemaps it leads to
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedJob:
    """A feed of which some entries are read in the place of their pages."""

    body: bytes
    url: str
    content_type: str
    wanted: frozenset[str]  # the pages' addresses, normalised
    topics: tuple[TopicDefinition, ...] = ()
    ignore: tuple[str, ...] = ()  # patterns of what is left out


@dataclass(frozen=True, slots=True, kw_only=True)
class FedEntry:
    """What a feed said of one address, judged by each topic; `mark` is another whenever that is."""

    url: str
    content: ArticleContent
    mark: str
    verdicts: tuple[TopicVerdict, ...] = ()


def read_pages(jobs: Sequence[PageJob]) -> tuple["PageReading | ReadingError", ...]:
    """Read several pages; what one of them cannot give stands in its place."""
    return tuple(_read_or_error(job) for job in jobs)


def _read_or_error(job: PageJob) -> "PageReading | ReadingError":
    try:
        return read_page(job)
    except ReadingError as error:
        return error


def read_page(job: PageJob) -> PageReading:
    """Read a page and judge it by each topic; one that is the same by its mark is not read.

    Raises:
        ReadingError: What is to be ignored could not be told in time.
    """
    if job.mark and is_same(job.body, job.mark, rules=job.rules):
        return PageReading(content=None, wall=None, is_same=True)
    found = extract_article(
        job.body,
        url=job.url,
        content_type=job.content_type,
        fetched_at=job.fetched_at,
        usual_length=job.usual_length,
        site=job.site,
    )
    content = found.content if found.wall is None else None
    mark = ""
    if content is not None:
        mark = make_mark(job.body, job.content_type, marked_by(found), rules=job.rules)
    dropped = list(found.dropped)
    if content is not None:
        content = _without_lines(content, job, dropped)
    said = content or found.teaser
    return PageReading(
        content=content,
        wall=found.wall,
        teaser=found.teaser,
        verdicts=tuple(judge_content(topic, said) for topic in job.topics) if said else (),
        dropped=tuple(dropped),
        mark=mark,
    )


def _without_lines(content: ArticleContent, job: PageJob, dropped: list[Dropped]) -> ArticleContent:
    """Leave out the lines that patterns of the user's name; appends them to `dropped`."""
    settings = [("ignore_patterns", job.ignore)]
    if job.site:
        settings.append((job.site.lines, job.site.drop_lines))
    for setting, patterns in settings:
        if patterns:
            content, out = without_ignored(content, patterns, setting=setting)
            dropped += [Dropped(text=text, rule=f"{setting} {pattern}") for text, pattern in out]
    return content


def read_feed_entries(job: FeedJob) -> tuple[FedEntry, ...]:
    """Read what a feed says of some addresses, and judge it by each topic.

    Raises:
        DiscoveryError: It is no feed.
    """
    found = entries.read_texts(
        job.body, content_type=job.content_type, url=job.url, wanted=job.wanted
    )
    read = (_fed_entry(one.url, one.content, job) for one in found)
    return tuple(one for one in read if one is not None)


def _fed_entry(url: str, content: ArticleContent, job: FeedJob) -> FedEntry | None:
    """Judge an entry; None where what is to be ignored is all of it, or could not be told in time."""
    try:
        content, _ = without_ignored(content, job.ignore) if job.ignore else (content, ())
    except ReadingError:
        return None
    said = repr((EXTRACTOR_VERSION, content.title, content.text, content.authors, content.modified))
    return FedEntry(
        url=url,
        content=content,
        mark=blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest(),
        verdicts=tuple(judge_content(topic, content) for topic in job.topics),
    )


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
    if kind is SourceKind.PAGE:
        return SourceReading(kind=kind, leads=(Lead(url=job.url),))
    reading = _READERS[kind](job)
    promising = tuple(
        lead for lead in reading.leads if job.shapes.promise(lead.url) is not Promise.OTHER
    )
    return replace(reading, leads=promising)


def _read_feed(job: SourceJob) -> SourceReading:
    feed = feeds.read_feed(job.body, content_type=job.content_type, url=job.url)
    return SourceReading(kind=SourceKind.FEED, leads=feed.leads, warning=feed.warning)


def _read_sitemap(job: SourceJob) -> SourceReading:
    sitemap = sitemaps.read_sitemap(job.body, url=job.url)
    return SourceReading(
        kind=SourceKind.SITEMAP,
        leads=tuple(lead for lead in sitemap.leads if lead.title or may_be_article(lead.url)),
        further=search.of_index(sitemap.children),
        warning=sitemap.warning,
    )


def _read_section(job: SourceJob) -> SourceReading:
    section = sections.read_section(
        job.body, content_type=job.content_type, url=job.url, known=job.shapes
    )
    further = search.of_page(
        feeds=section.feeds, anchors=section.feed_anchors, sections=section.sections
    )
    leads, warning = section.leads, section.warning
    if not leads and not is_front_page(job.url) and reads_like_article(job.body, job.content_type):
        leads, warning = (Lead(url=job.url),), "it reads like one article, with links to no other"
    return SourceReading(kind=SourceKind.SECTION, leads=leads, further=further, warning=warning)


_READERS: Final[Mapping[SourceKind, Callable[[SourceJob], SourceReading]]] = {
    SourceKind.FEED: _read_feed,
    SourceKind.SITEMAP: _read_sitemap,
    SourceKind.SECTION: _read_section,
}
