"""Decide a page's title, authors, times, language and address from what it declares, then from what it shows."""

# ruff: noqa: PLR2004 - lengths and shares of heuristics say what they are where they stand

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import cached_property
from itertools import islice
from typing import Final
from urllib.parse import urljoin, urlsplit

import lxml.etree

from crawler.extraction.authors import find_authors
from crawler.extraction.dates import guess_date, read_date, read_line
from crawler.extraction.language import language_of
from crawler.extraction.page import Node, Page, folded, text_of
from crawler.extraction.rules import stands_beside
from crawler.extraction.structured import (
    Thing,
    article_of,
    by_id,
    is_article,
    text_field,
    things_of,
)
from storage.types import Titles

_SITE_TAIL = re.compile(r"\s+[|\-–—·•»:/]+\s+[^|–—·•»]{2,60}$|\s*\|\s*[^|]{2,60}$")
_PUBLISHED: Final = (
    "article:published_time", "datepublished", "parsely-pub-date", "dc.date.issued", "dcterms.created", "sailthru.date",
    "cxenseparse:recs:publishtime", "publish-date", "pubdate", "article.published", "date", "dc.date", "publication_date", "og:published_time", "og:article:published_time",
)  # fmt: skip
_MODIFIED: Final = (
    "article:modified_time", "datemodified", "og:updated_time", "last-modified", "dcterms.modified", "lastmod", "og:article:modified_time",
)  # fmt: skip
_MARKED_TIMES: Final = lxml.etree.XPath(
    "/html/body/descendant::*[@itemprop][@itemprop='datePublished' or @itemprop='dateModified']"
)
_ALIKE: Final = 0.55
_LEVELS: Final = 3  # of elements around the headline
_NEAR: Final = 30  # elements in each of their neighbours
_LINE: Final = 90
_SENTENCE_END = re.compile(r"[!?…»”]$|(?<! [гр])\.$")
_KICKER = re.compile(r"^.{2,60}?(?::\s|\s[-–—|]\s)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The publisher's claims."""

    published: datetime | None
    modified: datetime | None


class Metadata:
    """What a page declares about its article; each answer is looked for when first asked."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.things = things_of(page.json_scripts)
        self.thing: Thing = article_of(self.things)

    @property
    def claims_article(self) -> bool:
        """The page says of itself that it is an article."""
        return is_article(self.thing) or self._page.meta("og:type").lower().startswith("article")

    @cached_property
    def titles(self) -> Titles:
        """The four titles; `h1` is the one that agrees best with the declared ones."""
        page = self._page
        title = page.root.find(".//head/title")
        if title is None:
            title = page.root.find(".//title")
        declared = folded(text_field(self.thing, "headline")) or folded(
            text_field(self.thing, "name")
        )
        og = folded(page.meta("og:title", "twitter:title"))
        shown = text_of(title)[:600] if title is not None else ""
        heading = self.heading
        return Titles(
            h1=text_of(heading)[:600] if heading is not None else "",
            declared=declared[:600],
            og=og[:600],
            page=shown,
        )

    @cached_property
    def heading(self) -> Node | None:
        """The `h1` of the article (an `h2` where no `h1` is one)."""
        page = self._page
        claims = [
            folded(text_field(self.thing, "headline")),
            folded(page.meta("og:title", "twitter:title")),
            folded(next((node.text or "" for node in page.root.iter("title")), "")),
        ]
        claims = [claim for claim in claims if claim]
        best, best_score = None, -1.0
        for order, node in enumerate(list(page.root.iter("h1"))[:30]):
            text = text_of(node)
            if not 3 <= len(text) <= 500:
                continue
            score = max((_alike(text, claim) for claim in claims), default=0.5) - order * 0.01
            if score > best_score:
                best, best_score = node, score
        if best is not None and (best_score >= _ALIKE or not claims):
            return best
        for node in list(page.root.iter("h2", "h3"))[:60]:
            text = text_of(node)
            if len(text) > 15 and any(_alike(text, claim) > 0.9 for claim in claims):
                return node
        return best if best_score >= 0.3 else None

    @cached_property
    def title(self) -> str:
        """The headline a reader sees, with the kicker the page declares as part of it."""
        titles = self.titles
        declared = [
            claim
            for raw in (titles.declared, titles.og, titles.page)
            if (claim := self._without_outlet(raw))
        ]
        if not titles.h1:
            return declared[0] if declared else ""
        shown = _bare(titles.h1)
        for claim in declared[:2]:
            bare = _bare(claim)
            # The same letters written with other spaces; a kicker declared before it; one drawn into it.
            if bare == shown or (
                _KICKER.match(claim) and bare.endswith(shown) and 10 < len(shown) < len(bare)
            ):
                return claim if bare != shown or _signs(claim) == _signs(titles.h1) else titles.h1
            if (
                _KICKER.match(titles.h1)
                and shown.endswith(bare)
                and 0.4 * len(shown) < len(bare) < len(shown)
            ):
                return claim
        return titles.h1

    def _without_outlet(self, title: str) -> str:
        """A declared title without the outlet's name behind it."""
        titles = self.titles
        cut = _SITE_TAIL.sub("", title)
        if cut == title:
            return title
        site = _bare(self._page.meta("og:site_name"))
        tail = _bare(title[len(cut) :])
        host = urlsplit(self._page.url).netloc.lower()
        is_outlet = tail and (
            tail in site
            or (site and site in tail)
            or tail in _bare(host)
            or _bare(titles.h1) == _bare(cut)
        )
        return cut if is_outlet or title == titles.page else title

    @cached_property
    def description(self) -> str:
        """The summary the page declares."""
        return folded(
            self._page.meta(
                "og:description", "description", "twitter:description", "dc.description"
            )
            or text_field(self.thing, "description")
        )[:2000]

    @cached_property
    def descriptions(self) -> tuple[str, ...]:
        """All summaries it declares, for finding the standfirst by them."""
        page = self._page
        found = page.meta_all(
            "og:description", "description", "twitter:description", "dc.description"
        )
        found += [
            text_field(self.thing, "description"),
            text_field(self.thing, "alternativeHeadline"),
        ]
        return tuple(dict.fromkeys(text for raw in found if len(text := folded(raw)[:2000]) >= 30))

    @cached_property
    def authors(self) -> tuple[str, ...]:
        """The people named as authors."""
        page = self._page
        publisher = self.thing.get("publisher")
        name = text_field(publisher, "name") if isinstance(publisher, dict) else ""
        outlet = (
            name,
            page.meta("og:site_name"),
            page.meta("application-name"),
            page.meta("publisher"),
        )
        return find_authors(page, self.thing, by_id(self.things), outlet=outlet)

    def dates(self, *, now: datetime | None, language: str, shown: Sequence[str] = ()) -> Dates:
        """Published and modified: declared, then shown, then guessed (a day only).

        Args:
            now: When the page was fetched.
            language: Of the text, for dates in words.
            shown: Lines of the page that tell a date.
        """
        page = self._page
        published = self._declared("datePublished", _PUBLISHED, now=now)
        modified = self._declared("dateModified", _MODIFIED, now=now)
        if published is None:
            published = self._shown(now=now, language=language)
        if published is None:
            lines = (read_line(line, now=now, language=language) for line in shown[:3])
            published = next((when for when in lines if when is not None), None)
        if published is None:
            published = self._near_heading(now=now, language=language)
        if published is None:
            published = guess_date(page.root, url=page.url, now=now)
        return Dates(published=published, modified=modified)

    def _declared(
        self, field: str, names: tuple[str, ...], *, now: datetime | None
    ) -> datetime | None:
        day: datetime | None = None
        claims = [self.thing.get(field), *(thing.get(field) for thing in self.things)]
        claims += [self._page.meta(name) for name in names]
        claims += self.marked_times[field]
        for claim in claims:
            raw = claim[0] if isinstance(claim, list) and claim else claim
            when = read_date(str(raw), now=now) if isinstance(raw, str | int) else None
            if when is not None and (when.hour or when.minute):
                return when
            day = day or when
        return day

    @cached_property
    def marked_times(self) -> Mapping[str, Sequence[str]]:
        """The times that microdata marks in the page's body."""
        found: dict[str, list[str]] = {"datePublished": [], "dateModified": []}
        if not self._page.mentions("itemprop"):
            return found
        for node in _MARKED_TIMES(self._page.root)[:40]:
            if not any(stands_beside(outer) for outer in node.iterancestors()):
                told = node.get("content") or node.get("datetime") or text_of(node)
                found[node.get("itemprop")].append(told)
        return found

    def _near_heading(self, *, now: datetime | None, language: str) -> datetime | None:
        """The time in a short line close to the headline."""
        for node in _close_to(self.heading) if self.heading is not None else ():
            line = text_of(node)
            if len(line) < _LINE and _SENTENCE_END.search(line) is None:
                when = read_line(line, now=now, language=language)
                if when is not None and not any(
                    stands_beside(one) for one in (node, node.getparent())
                ):
                    return when
        return None

    def _shown(self, *, now: datetime | None, language: str) -> datetime | None:
        for node in list(self._page.root.iter("time"))[:30]:
            if any(stands_beside(outer) for outer in node.iterancestors()):
                continue
            told = read_date(node.get("datetime") or "", now=now, language=language)
            if told and (told.hour or told.minute):
                return told
            shown = read_date(text_of(node), now=now, language=language)
            # Some declare the day and show the time of day.
            if told and shown and told.date() == shown.date():
                return shown
            if told or shown:
                return told or shown
        return None

    @cached_property
    def is_free(self) -> bool | None:
        """What the page declares as `isAccessibleForFree`."""
        for thing in (self.thing, *self.things):
            value = thing.get("isAccessibleForFree")
            if value is not None:
                return str(value).strip().lower().rsplit("/", 1)[-1] not in {"false", "no", "0"}
        tier = self._page.meta("article:content_tier").lower()
        return None if not tier else tier == "free"

    @cached_property
    def canonical(self) -> str:
        """The address the page declares as its own, absolute; whether it is trusted is not decided here."""
        for node in self._page.root.iter("link"):
            if "canonical" in (node.get("rel") or "").lower().split():
                return _absolute(self._page.url, node.get("href") or "")
        return _absolute(self._page.url, self._page.meta("og:url"))

    def language(self, text: str) -> str:
        """Two letters: as declared, unless the script or the words of the text say otherwise; else detected."""
        root = self._page.root
        body = root.find("body")
        raw = [
            root.get("lang"),
            root.get("{http://www.w3.org/XML/1998/namespace}lang"),
            root.get("xml:lang"),
            body.get("lang") if body is not None else None,
            text_field(self.thing, "inLanguage"),
            self._page.meta("og:locale", "content-language", "language", "dc.language"),
        ]
        return language_of(text, [value for value in raw if value])


def _close_to(heading: Node) -> Iterator[Node]:
    """Elements beside the headline and below it; further above stand the outlet's clock and calendar."""
    outer = heading
    for level in range(_LEVELS):
        above = () if level else outer.itersiblings(preceding=True)
        for node in (*outer.itersiblings(), *above):
            yield from islice(node.iter("*"), _NEAR)
        outer = outer.getparent()
        if outer is None or outer.tag == "body":
            return


def _bare(text: str) -> str:
    """Letters and figures of a title only."""
    return re.sub(r"\W+", "", text.casefold())


def _signs(text: str) -> str:
    """Letters, figures and signs of a title, without blanks and with one kind of quotation mark."""
    return re.sub(r"\s+", "", text)


def _absolute(base: str, href: str) -> str:
    try:
        return urljoin(base, href.strip()) if href.strip() else ""
    except ValueError:
        return ""


def _alike(one: str, other: str) -> float:
    """How much two titles share, 0 to 1; a title with the outlet's name behind it shares all."""
    a, b = one.casefold(), other.casefold()
    if a == b:
        return 1.0
    shorter, longer = sorted((len(a), len(b)))
    if shorter > 8 and shorter >= 0.45 * longer and (a in b or b in a):
        return 0.95
    words, others = a[:200].split(), b[:200].split()
    if not set(words) & set(others):
        return 0.0
    return SequenceMatcher(None, words, others, autojunk=False).ratio()
