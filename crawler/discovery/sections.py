"""Tell, on a home or section page, the links to articles from all others, and which feeds it announces. Pure.

By structure: how an address is built, how an anchor reads, and what it stands in; and by what is
known of the addresses of this publisher. Links to other publishers are never leads.
"""

import re
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
from storage.shapes import Promise, Shapes, slug_words
from storage.types import Lead

_MAX_ANCHORS: Final = 5000
_MAX_FEEDS: Final = 20
_MAX_SECTIONS: Final = 12
_NEEDED: Final = 4.0
_SERVICE_SCORE: Final = -4.0

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
_FEED_ADDRESS: Final = re.compile(
    r"(?:^|[/_.-])(?:rss|feeds?|atom)(?:[/_.-]|\d|$)|\.(?:rss|atom)$", re.IGNORECASE
)
_FEED_NAME: Final = re.compile(r"rss(?: feed| 2\.0)?|atom|feed", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"[a-z]{2}(?:-[a-z]{2})?", re.IGNORECASE)
_PAGE_SUFFIX: Final = re.compile(r"\.(?:s?html?|php|aspx?)$", re.IGNORECASE)
_CJK: Final = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MORE: Final = re.compile(r"^(?:read more|continue reading|more|weiterlesen|lire la suite|leer m[aá]s|leia mais|leggi|czytaj|читать|читати|devamı|selengkapnya|\d+ comments?)\b", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionReading:
    """What a page offered; `links` counts the addresses of this publisher that were weighed."""

    leads: tuple[Lead, ...]
    feeds: tuple[str, ...] = ()  # announced in its head
    feed_anchors: tuple[str, ...] = ()  # addresses it links to that read like a feed's
    sections: tuple[str, ...] = ()  # addresses that read like a section's, those in a menu first
    links: int = 0
    title: str = ""
    warning: str = ""


@dataclass(slots=True)
class _Page:
    """The page that is read, and what its anchors told so far."""

    own: str
    base: str
    found: dict[str, "_Found"] = field(default_factory=dict[str, "_Found"])
    feed_anchors: dict[str, None] = field(default_factory=dict[str, None])
    sections: dict[str, bool] = field(default_factory=dict[str, bool])  # address -> is in a menu
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
    body: bytes, *, content_type: str = "", url: str, known: Shapes | None = None
) -> SectionReading:
    """Read the article links of a page, at most 1,000.

    Those built as this publisher builds its articles' addresses come first, then the others, both in
    the page's order; what is built as only other pages are is left out.

    Raises:
        DiscoveryError: The bytes are no HTML page.
    """
    root = parse_html(body, content_type)
    own = normalise_url(url)
    if root is None or own is None:
        raise DiscoveryError(url, "not a page: no HTML could be parsed from it.")
    page = _Page(own=own, base=_base(root, own))
    anchors = list(islice(root.iter("a"), _MAX_ANCHORS + 1))
    for anchor in anchors[:_MAX_ANCHORS]:
        _weigh(anchor, page)
    found = page.found
    promises = {address: (known or Shapes()).promise(address) for address in found}
    links = [(a, one) for a, one in found.items() if _is_article(one, promises[a])]
    links.sort(key=lambda pair: promises[pair[0]] is not Promise.ARTICLE)
    leads = tuple(
        Lead(url=address, title=one.title, published=one.published)
        for address, one in links[:MAX_LEADS]
    )
    return SectionReading(
        leads=leads,
        feeds=announced_feeds(root, own),
        feed_anchors=tuple(page.feed_anchors)[:_MAX_FEEDS],
        sections=tuple(sorted(page.sections, key=lambda one: not page.sections[one]))[
            :_MAX_SECTIONS
        ],
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


# -- one anchor ----------------------------------------------------------------------------------


def _base(root: Node, own: str) -> str:
    for node in root.iter("base"):
        return normalise_url(node.get("href") or "", own) or own
    return own


def looks_like_section(url: str) -> bool:
    """Say whether an address reads like a home or section page: nothing in it names one article."""
    score = _address_score(url)
    return is_front_page(url) or (score is not None and score <= 0.0)


def may_be_article(url: str) -> bool:
    """Say whether an address can be an article's: no front page, no picture, no service of the site."""
    score = _address_score(url)
    return score is not None and score > _SERVICE_SCORE and not is_front_page(url)


def _weigh(anchor: Node, page: _Page) -> None:
    href = anchor.get("href") or ""
    if not href or href.startswith("#"):
        return
    address = normalise_url(href, page.base)
    if address is None or address == page.own or is_front_page(address):
        return
    if not within_publisher(urlsplit(address).netloc, urlsplit(page.own).netloc):
        return
    if _is_feed_link(anchor, address):
        page.feed_anchors.setdefault(address)
        return
    score = _address_score(address)
    if score is None:
        return
    if _reads_like_section(address, score):
        _add_section(address, anchor, page)
    one = page.found.setdefault(address, _Found(address_score=score))
    _add_anchor(one, anchor, page)


def _is_feed_link(anchor: Node, address: str) -> bool:
    path = urlsplit(address).path
    if "comment" in address.lower():
        return False
    return bool(_FEED_ADDRESS.search(path)) or bool(_FEED_NAME.fullmatch(_anchor_text(anchor)))


def _reads_like_section(address: str, score: float) -> bool:
    """Say whether an address is a word or two, as sections' are; an article's and a service's are not."""
    parts = urlsplit(address)
    segments = [part for part in parts.path.split("/") if part]
    if segments and _LANGUAGE.fullmatch(segments[0]):
        segments = segments[1:]
    return _SERVICE_SCORE < score <= 0.0 and not parts.query and 1 <= len(segments) <= 2  # noqa: PLR2004


def _add_section(address: str, anchor: Node, page: _Page) -> None:
    if len(_anchor_text(anchor).split()) > 3:  # noqa: PLR2004 - a headline
        return
    _, _, container = _surroundings(anchor)
    page.sections[address] = page.sections.get(address, False) or container is None


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
        return _SERVICE_SCORE
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
    score += min(2.0, 0.5 * (slug_words(last) - 1))
    if _PAGE_SUFFIX.search(last):
        score += 0.5
    if len(segments) == 1 and score <= 0.5:  # noqa: PLR2004
        score -= 2.0  # /politics/
    return score


def _is_article(one: _Found, promise: Promise) -> bool:
    if promise is Promise.OTHER:
        return False
    address_score = one.address_score + (2.0 if promise is Promise.ARTICLE else 0.0)
    total = address_score + one.score
    # Neither a fine address in a menu nor a headline over `/section/3/` is enough alone.
    return total >= _NEEDED and address_score > 0.0 and bool(one.title)
