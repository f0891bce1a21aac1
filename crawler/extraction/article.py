"""From the bytes of a page to an ArticleContent or the wall that stood there: the steps, in order.

Decode, parse once, read what is declared, choose the part that holds the article, strip the foreign
inside it, put the standfirst first, and look whether all that is a wall. Nothing here fetches or stores.
"""

import gc
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Final

import lxml.etree

from crawler.extraction.authors import clean_names
from crawler.extraction.boilerplate import (
    Dropped,
    Known,
    Stripped,
    names_told,
    strip,
    with_standfirst,
)
from crawler.extraction.dates import load_readers, read_date
from crawler.extraction.decoding import decode, looks_binary
from crawler.extraction.language import load_model
from crawler.extraction.maintext import (
    Measures,
    choose,
    cut_beside,
    figures_above,
    measure,
)
from crawler.extraction.metadata import Metadata
from crawler.extraction.page import MAX_ELEMENTS, Node, Page, parse_fragment
from crawler.extraction.rules import load_rules
from crawler.extraction.sameness import Reading
from crawler.extraction.site_rules import (
    Kept,
    SiteRules,
    drop,
    is_of_user,
    keep,
    part_of,
    taken,
    with_kept,
)
from crawler.extraction.standfirst import find_standfirst
from crawler.extraction.states import told_in_scripts
from crawler.extraction.teasers import open_part
from crawler.extraction.walls import Seen, detect_wall, load_words
from storage.types import ArticleContent, Block, Wall, WallKind

__all__ = ["Dropped", "Extraction", "extract_article", "marked_by"]

BESIDE: Final = "beside the article"
_NO_TEXT_CHARS: Final = 140  # less is no text of an article, only what stands around one
_TELLING_CHARS: Final = 120  # a text this long tells its language without the title
_NO_TEXT: Final = (
    "script", "style", "button", "option", "math", "noscript", "template", "svg", "canvas", "object", "select", "textarea", "iframe",
    "source", "input", "track", "area", "param", "embed", "audio", "video", "datalist", "progress", "meter",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What one page gave: content, or the wall that stood in its place; and what was thrown away."""

    content: ArticleContent | None = None
    wall: Wall | None = None
    dropped: tuple[Dropped, ...] = ()
    teaser: ArticleContent | None = None  # what a pay wall leaves open
    heading: int | None = None  # which h1 of the page holds the headline, counted from 0


def extract_article(
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    fetched_at: datetime | None = None,
    usual_length: int | None = None,
    site: SiteRules | None = None,
) -> Extraction:
    """Read an article out of a page's bytes; never raises, whatever the bytes are.

    Args:
        body: The answer's body, uncompressed.
        url: The address that answered.
        content_type: The Content-Type header.
        fetched_at: Aware UTC; the base of relative dates, and later dates are not believed.
        usual_length: Characters this article had when it was last read; None when never.
        site: The user's rules for this publisher.
    """
    _load()
    # Until it is read, a page is tens of thousands of objects, and none of them is garbage.
    collects = gc.isenabled()
    gc.disable()
    try:
        return _extract(
            body,
            url=url,
            content_type=content_type,
            fetched_at=fetched_at,
            usual_length=usual_length,
            site=site,
        )
    except RecursionError:
        return _no_article("its markup is nested too deep to be read")
    except Exception as error:  # noqa: BLE001 - the border to hostile bytes; the page is told, the run goes on
        return _no_article(f"it could not be read ({type(error).__name__})")
    finally:
        if collects:
            gc.enable()


@cache
def _load() -> None:
    """Load once what all pages need; a broken rule is our mistake, not the page's, and told."""
    load_rules()
    load_words()
    load_readers()
    load_model()


def marked_by(found: Extraction) -> Reading:
    """Say what of a full reading another look at the page is compared with.

    Raises:
        ValueError: Nothing was read.
    """
    content = found.content
    if content is None:
        raise ValueError("a page that gave no article has no mark")
    lines, boxes = _names_of_rules()
    return Reading(
        heading=found.heading,
        title=content.title,
        shown=content.titles.h1,
        texts=[block.text for block in content.blocks],
        lines=[*content.captions, *(piece.text for piece in found.dropped if piece.rule in lines)],
        by_name=[
            piece.text for piece in found.dropped if piece.rule in boxes or is_of_user(piece.rule)
        ],
    )


@cache
def _names_of_rules() -> tuple[frozenset[str], frozenset[str]]:
    """Rules that go by what a line says, and those that go by the names of the element around it."""
    rules = load_rules()
    lines = {rule.name for rule in rules.lines} | {"headline", "caption"}
    return frozenset(lines), frozenset(rule.name for rule in rules.boxes)


def _no_article(reason: str) -> Extraction:
    return Extraction(wall=Wall(kind=WallKind.NOT_AN_ARTICLE, confidence=0.9, reason=reason))


def _extract(
    body: bytes,
    *,
    url: str,
    content_type: str,
    fetched_at: datetime | None,
    usual_length: int | None,
    site: SiteRules | None,
) -> Extraction:
    if not body.strip():
        return _no_article("the answer is empty")
    if looks_binary(body):
        return _no_article("it is a file of another kind, not a page")
    page = Page(decode(body, content_type=content_type), url=url)
    told = _Told.by(page, site)
    gone = drop(page.root, site) if site else []
    metadata = Metadata(page)
    heading = _number_of(metadata.heading, page)
    measures, part, stripped = _read_part(page, metadata, site)
    stripped.dropped = gone + stripped.dropped
    if len(measures.nodes) >= MAX_ELEMENTS:
        return _no_article(f"it has more than {MAX_ELEMENTS:,} elements")
    blocks = _with_standfirst(stripped, measures, part=part, metadata=metadata)
    seen = Seen(
        page=page,
        metadata=metadata,
        part=part,
        measures=measures,
        blocks=blocks,
        dropped=stripped.dropped,
        usual_length=usual_length,
    )
    wall = detect_wall(seen)
    if _may_be_told(wall, seen) and (content := _told_content(page, metadata, fetched_at)):
        return Extraction(content=told.over(content, fetched_at))
    content = teaser = None
    if wall is None:
        content = _content(metadata, blocks, stripped, fetched_at=fetched_at)
        content = told.over(content, fetched_at)
    elif wall.kind is WallKind.PAYWALL and metadata.title and (lead := open_part(seen)):
        teaser = told.over(_content(metadata, lead, stripped, fetched_at=fetched_at), fetched_at)
    return Extraction(
        content=content,
        wall=wall,
        dropped=tuple(stripped.dropped),
        teaser=teaser,
        heading=heading,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the user's rules take from the page as its facts; "" and () where they say nothing."""

    title: str = ""
    date: str = ""
    authors: tuple[str, ...] = ()
    extractor: int = 0  # none: there are no rules

    @classmethod
    def by(cls, page: Page, site: SiteRules | None) -> "_Told":
        if site is None:
            return cls()
        return cls(
            title=next(iter(taken(page.root, site.title_from)), ""),
            date=next(iter(taken(page.root, site.date_from)), ""),
            authors=clean_names(taken(page.root, site.authors_from)),
            extractor=site.extractor,
        )

    def over(self, content: ArticleContent, now: datetime | None) -> ArticleContent:
        """The content with these facts in the place of those that were found."""
        if not self.extractor:
            return content
        published = read_date(self.date, now=now, language=content.language) if self.date else None
        return replace(
            content,
            title=self.title or content.title,
            authors=self.authors or content.authors,
            published=published or content.published,
            extractor=self.extractor,
        )


def _number_of(heading: Node | None, page: Page) -> int | None:
    return next((at for at, node in enumerate(page.root.iter("h1")) if node is heading), None)


def _may_be_told(wall: Wall | None, seen: Seen) -> bool:
    """The elements hold no text, and nothing says that the text is not for everybody."""
    if wall is None and seen.length >= _NO_TEXT_CHARS:
        return False
    if wall is not None and wall.kind not in {WallKind.NOT_AN_ARTICLE, WallKind.COLLAPSED}:
        return False
    return seen.metadata.is_free is not False and not seen.says_closed


def _told_content(
    page: Page, metadata: Metadata, fetched_at: datetime | None
) -> ArticleContent | None:
    """The article out of a script, read by the same rules as one that stands in elements."""
    titles = metadata.titles
    names = [name for name in (titles.h1, titles.declared, titles.og, titles.page) if name]
    told = told_in_scripts(page.scripts(), metadata.things, titles=names)
    if told is None or told.is_closed:
        return None
    title = metadata.title or told.title
    authors = metadata.authors or clean_names(told.authors)
    known = Known(titles=(titles.h1, title, told.title), authors=authors, heading="")
    stripped = strip(parse_fragment(told.body), known)
    lead = strip(parse_fragment(told.lead), known).blocks if told.lead else []
    if sum(len(block.text) for block in stripped.blocks) < _NO_TEXT_CHARS or not title:
        return None
    blocks = (*lead, *stripped.blocks)
    content = _content(metadata, blocks, stripped, fetched_at=fetched_at)
    return replace(
        content,
        title=title,
        authors=authors,
        published=content.published or read_date(told.published, now=fetched_at),
        modified=content.modified or read_date(told.modified, now=fetched_at),
    )


def _read_part(
    page: Page, metadata: Metadata, site: SiteRules | None
) -> tuple[Measures, Node | None, Stripped]:
    _ = metadata.things, metadata.authors, metadata.marked_times  # what is for machines is cut
    kept = keep(page.root, site) if site else Kept()
    lxml.etree.strip_elements(page.root, *_NO_TEXT, with_tail=False)
    named = part_of(page.root, site) if site else None
    measures = measure(page, descriptions=metadata.descriptions)
    part = choose(measures) if len(measures.nodes) < MAX_ELEMENTS else None
    part = named if named in measures.index else part
    if part is None:
        return measures, None, Stripped()
    if kept.nodes:
        part = with_kept(part, kept, measures.index)
    titles = metadata.titles
    known = Known(
        titles=(titles.h1, titles.declared, titles.og, metadata.title),
        authors=metadata.authors,
        heading=titles.h1,
        kept=kept.texts,
    )
    beside = [Dropped(text=text[:2000], rule=BESIDE) for text in cut_beside(measures, part) if text]
    figures = figures_above(measures, part, heading=metadata.heading)
    stripped = strip(part, known, figures=figures)
    stripped.dropped = beside + stripped.dropped
    return measures, part, stripped


def _with_standfirst(
    stripped: Stripped, measures: Measures, *, part: Node | None, metadata: Metadata
) -> tuple[Block, ...]:
    if part is None:
        return tuple(stripped.blocks)
    found = find_standfirst(
        measures, part, heading=metadata.heading, descriptions=metadata.descriptions
    )
    if found is None:
        return tuple(stripped.blocks)
    return with_standfirst(stripped.blocks, found.text, found.place)


def _content(
    metadata: Metadata,
    blocks: tuple[Block, ...],
    stripped: Stripped,
    *,
    fetched_at: datetime | None,
) -> ArticleContent:
    text = "\n".join(block.text for block in blocks)
    language = metadata.language(
        text if len(text) > _TELLING_CHARS else f"{metadata.title}\n{text}"
    )
    lines = [piece.text for piece in stripped.dropped if piece.rule == "date line"]
    dates = metadata.dates(now=fetched_at, language=language, shown=lines)
    shown = names_told(stripped.dropped)
    return ArticleContent(
        title=metadata.title,
        blocks=blocks,
        authors=metadata.authors or clean_names(shown[:3]),
        published=dates.published,
        modified=dates.modified,
        language=language,
        captions=tuple(stripped.captions[:200]),
        titles=metadata.titles,
        canonical=metadata.canonical,
        description=metadata.description,
        is_free=metadata.is_free,
    )
