"""Tell, on a home or section page, the links to articles from all others, and which feeds it announces. Pure.

By structure alone: how an address is built, how an anchor reads, and what it stands in. Links to
other publishers are never leads.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final
from urllib.parse import unquote, urlsplit

from crawler.discovery.markup import (
    MAX_LEADS,
    MAX_TITLE,
    Node,
    fold_space,
    iso_time,
    parse_html,
    taken,
    warning,
)
from crawler.errors import DiscoveryError
from crawler.identity import is_front_page, normalise_url, within_publisher
from storage.types import Lead

_MAX_ANCHORS: Final = 5000
_MAX_FEEDS: Final = 20
_NEEDED: Final = 4.0

_FEED_TYPES: Final = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "text/xml+rss")  # fmt: skip
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5")
_CONTAINERS: Final = frozenset({"article", "li", "section", "div", "figure", "td", "header"})
_TEASER: Final = re.compile(r"teaser|card|story|article|headline|entry|post|item|news|promo|title|lead|tile|block", re.IGNORECASE)  # fmt: skip
_FOREIGN: Final = re.compile(r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|submenu|breadcrumbs?|footer|social|share|sharing|cookies?|consent|login|pagination|pager|tags?|tagcloud|langs?|languages?|comments?|author|byline)(?:$|[\s_-])", re.IGNORECASE)  # fmt: skip
_SERVICE: Final = frozenset({
    "about", "about-us", "accessibility", "account", "advertise", "advertising", "agb", "app", "apps", "archive", "archives",
    "author", "authors", "autor", "autoren", "careers", "categories", "category", "comments", "contact", "contacts", "cookies",
    "datenschutz", "donate", "faq", "feed", "feeds", "help", "imprint", "impressum", "jobs", "kontakt", "legal", "login", "logout",
    "newsletter", "newsletters", "page", "people", "podcasts", "preferences", "privacy", "privacy-policy", "profile",
    "register", "rss", "search", "settings", "shop", "signin", "signup", "sitemap", "subscribe", "subscription", "support",
    "tag", "tags", "tagged", "terms", "terms-of-use", "tema", "themen", "topic", "topics", "user", "users", "wp-admin", "wp-login.php",
})  # fmt: skip
_NO_PAGE: Final = re.compile(r"\.(?:pdf|jpe?g|png|gif|webp|svg|mp[34]|m4a|avi|mov|zip|gz|docx?|xlsx?|pptx?|css|js|xml|rss|json|ics|epub|apk)$", re.IGNORECASE)  # fmt: skip
_DATED: Final = re.compile(r"/(?:19|20)\d{2}[/-]?(?:0?[1-9]|1[0-2])(?:[/-]?(?:0?[1-9]|[12]\d|3[01]))?(?=[/-]|$)|(?:^|[/_-])(?:19|20)\d{2}-\d{2}-\d{2}")  # fmt: skip
_NUMBERED: Final = re.compile(r"\d{5,}|(?:^|[/_-])[a-z]?\d{4,}(?=$|[/._-])|[0-9a-f]{8}-[0-9a-f]{4}-|(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{10,}", re.IGNORECASE)  # fmt: skip
_PAGE_SUFFIX: Final = re.compile(r"\.(?:s?html?|php|aspx?)$", re.IGNORECASE)
_CJK: Final = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MORE: Final = re.compile(r"^(?:read more|continue reading|more|weiterlesen|lire la suite|leer m[aá]s|leia mais|leggi|czytaj|читать|читати|devamı|selengkapnya|\d+ comments?)\b", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternHints:
    """How this publisher's article addresses are built, learned from articles already known."""

    shapes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionReading:
    """What a page offered; `links` counts the addresses of this publisher that were weighed."""

    leads: tuple[Lead, ...]
    feeds: tuple[str, ...] = ()
    links: int = 0
    title: str = ""
    warning: str = ""


@dataclass(slots=True)
class _Page:
    """The page that is read, and what its anchors told so far."""

    own: str
    base: str
    found: dict[str, "_Found"] = field(default_factory=dict[str, "_Found"])
    times: dict[Node, datetime | None] = field(default_factory=dict[Node, datetime | None])


@dataclass(slots=True)
class _Found:
    """What all anchors to one address tell together."""

    address_score: float
    score: float = 0.0
    title: str = ""
    title_score: float = -1.0
    published: datetime | None = None
    anchors: int = 0


def read_section(
    body: bytes, *, content_type: str = "", url: str, known: PatternHints | None = None
) -> SectionReading:
    """Read the article links of a page, in the order of the page, at most 1,000.

    Raises:
        DiscoveryError: The bytes are no HTML page.
    """
    root = parse_html(body, content_type)
    own = normalise_url(url)
    if root is None or own is None:
        raise DiscoveryError(url, "not a page: no HTML could be parsed from it.")
    page = _Page(own=own, base=_base(root, own))
    shapes = known.shapes if known else frozenset[str]()
    anchors = list(islice(root.iter("a"), _MAX_ANCHORS + 1))
    for anchor in anchors[:_MAX_ANCHORS]:
        _weigh(anchor, page)
    found = page.found
    links = [(address, one) for address, one in found.items() if _is_article(address, one, shapes)]
    leads = tuple(
        Lead(url=address, title=one.title, published=one.published)
        for address, one in links[:MAX_LEADS]
    )
    return SectionReading(
        leads=leads,
        feeds=announced_feeds(root, own),
        links=len(found),
        title=fold_space(root.findtext(".//title") or "", MAX_TITLE),
        warning=warning(
            (
                f"the page exceeds the limit of {_MAX_ANCHORS:,} links"
                if len(anchors) > _MAX_ANCHORS
                else "",
                taken(len(leads), len(links), "article links"),
                "" if leads else f"none of {len(found)} links looks like an article",
            )
        ),
    )


def announced_feeds(root: Node, url: str) -> tuple[str, ...]:
    """Give the feeds a page's head announces (`link rel=alternate`), without those of comments."""
    feeds: dict[str, None] = {}
    for link in root.iter("link"):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        rels = (link.get("rel") or "").lower().split()
        if kind not in _FEED_TYPES or not {"alternate", "feed"} & set(rels):
            continue
        address = normalise_url(link.get("href") or "", url)
        if address and "comment" not in f"{address} {link.get('title') or ''}".lower():
            feeds.setdefault(address)
    return tuple(feeds)[:_MAX_FEEDS]


def shape_of(url: str) -> str:
    """Name how an address is built: words `w`, slugs `s`, numbers `n`, dates `d`; `/w/d/d/s`."""
    return "".join("/" + _segment_shape(part) for part in urlsplit(url).path.split("/") if part)


def hints_of(urls: Sequence[str]) -> PatternHints:
    """Learn from the addresses of known articles; a shape counts from its second one on."""
    shapes = [shape_of(url) for url in urls[:MAX_LEADS]]
    return PatternHints(shapes=frozenset(s for s in shapes if shapes.count(s) > 1 and len(s) > 2))  # noqa: PLR2004


# -- one anchor ----------------------------------------------------------------------------------


def _base(root: Node, own: str) -> str:
    for node in root.iter("base"):
        return normalise_url(node.get("href") or "", own) or own
    return own


def looks_like_section(url: str) -> bool:
    """Say whether an address reads like a home or section page: nothing in it names one article."""
    score = _address_score(url)
    return is_front_page(url) or (score is not None and score <= 0.0)


def _weigh(anchor: Node, page: _Page) -> None:
    href = anchor.get("href") or ""
    if not href or href.startswith("#"):
        return
    address = normalise_url(href, page.base)
    if address is None or address == page.own or is_front_page(address):
        return
    if not within_publisher(urlsplit(address).netloc, urlsplit(page.own).netloc):
        return
    score = _address_score(address)
    if score is None:
        return
    one = page.found.setdefault(address, _Found(address_score=score))
    _add_anchor(one, anchor, page)


def _add_anchor(one: _Found, anchor: Node, page: _Page) -> None:
    heading, teaser, container = _surroundings(anchor)
    text = _anchor_text(anchor)
    headline = _headline_score(text)
    score = headline + (2.0 if heading else 0.0) + (1.0 if teaser else 0.0)
    rels = (anchor.get("rel") or "").lower().split()
    if container is None:  # in a menu, a footer, a list of tags
        score = min(headline, 1.0) - 3.0
    if {"tag", "author", "category", "nofollow"} & set(rels):
        score -= 2.0
    one.anchors += 1
    one.score = score if one.anchors == 1 else max(one.score, score)
    title_score = headline + (3.0 if heading else 0.0) + min(len(text), 100) / 100
    if text and title_score > one.title_score and not _MORE.match(text):
        one.title, one.title_score = fold_space(text, MAX_TITLE), title_score
    if container is not None and one.published is None:
        if container not in page.times:
            page.times[container] = _time_in(container)
        one.published = page.times[container]


def _surroundings(anchor: Node) -> tuple[bool, bool, Node | None]:
    """Say whether an anchor is or holds a heading, stands in a teaser, and in which container.

    Returns:
        Heading, teaser, and the nearest container; None where it stands in a menu or the like.
    """
    heading = next(anchor.iter(*_HEADINGS), None) is not None
    teaser = False
    container: Node | None = None
    for depth, node in enumerate(anchor.iterancestors()):
        tag = str(node.tag)
        names = f"{node.get('class') or ''} {node.get('id') or ''}"
        heading = heading or (tag in _HEADINGS and depth <= 3)  # noqa: PLR2004
        if (tag in {"nav", "footer"} or (_FOREIGN.search(names) and depth <= 6)) and not heading:  # noqa: PLR2004
            return heading, False, None
        if container is None and (tag == "article" or (tag in _CONTAINERS and depth >= 1)):
            container = node
        if tag == "article" or (depth <= 4 and _TEASER.search(names)):  # noqa: PLR2004
            teaser = True
            container = node if tag == "article" else container
        if tag == "article" or depth > 12:  # noqa: PLR2004
            break
    return heading, teaser, container if container is not None else anchor


def _anchor_text(anchor: Node) -> str:
    """Give an anchor's headline: that of a heading inside it, else its text, title or picture's words."""
    for heading in anchor.iter(*_HEADINGS):
        text = fold_space(" ".join(heading.itertext()), 1000)
        if text:
            return text
    text = fold_space(" ".join(anchor.itertext()), 1000)
    return text or fold_space(anchor.get("title") or anchor.get("aria-label") or _alt(anchor), 1000)


def _alt(anchor: Node) -> str:
    return next((alt for img in anchor.iter("img") if (alt := img.get("alt") or "")), "")


def _headline_score(text: str) -> float:
    """Say how much a text reads like a headline: at least four words, or ten signs where words have no spaces."""
    if _MORE.match(text):
        return 0.0
    signs = len(_CJK.findall(text))
    words = len(text.split()) + signs // 3
    if words >= 6:  # noqa: PLR2004
        return 2.5
    return {5: 2.0, 4: 2.0, 3: 0.5}.get(words, 0.0)


def _time_in(container: Node) -> datetime | None:
    """Read the one time a teaser states; several belong to several articles."""
    times = {node.get("datetime") or "" for node in container.iter("time")} - {""}
    return iso_time(times.pop()) if len(times) == 1 else None


# -- one address ---------------------------------------------------------------------------------


def _address_score(url: str) -> float | None:
    """Weigh how an address is built; None where it is certainly no article's."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if _NO_PAGE.search(path):
        return None
    segments = [part for part in path.split("/") if part]
    if not segments and not parts.query:
        return None
    if any(part.lower() in _SERVICE for part in segments[:3]):
        return -4.0
    last = segments[-1] if segments else ""
    score = 0.0
    if _DATED.search(path):
        score += 2.0
    if (
        _NUMBERED.search(last)
        or _NUMBERED.search(parts.query)
        or any(re.fullmatch(r"\d{5,}", part) for part in segments)
    ):
        score += 2.0
    score += min(2.0, 0.5 * _slug_words(last))
    if _PAGE_SUFFIX.search(last):
        score += 0.5
    if len(segments) == 1 and score <= 0.5:  # noqa: PLR2004
        score -= 2.0  # /politics/
    return score


def _slug_words(segment: str) -> int:
    """Count the words of a slug after its first."""
    return len([part for part in re.split(r"[-_+ ]", _PAGE_SUFFIX.sub("", segment)) if len(part) > 1]) - 1  # fmt: skip


def _is_article(address: str, one: _Found, shapes: frozenset[str]) -> bool:
    bonus = 2.0 if shape_of(address) in shapes else 0.0
    address_score = one.address_score + bonus
    total = address_score + one.score
    # Neither a fine address in a menu nor a headline over `/section/3/` is enough alone.
    return total >= _NEEDED and address_score > 0.0 and bool(one.title)


def _segment_shape(part: str) -> str:
    if re.fullmatch(r"(?:19|20)\d{2}(?:-\d{2}){0,2}|\d{1,2}", part):
        return "d"
    if re.fullmatch(r"[\d_.-]+", _PAGE_SUFFIX.sub("", part)):
        return "n"
    kind = "s" if _slug_words(part) >= 2 else "w"  # noqa: PLR2004
    return kind + ("n" if _NUMBERED.search(part) else "")
