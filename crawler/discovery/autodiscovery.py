"""Decide what stands behind an address nobody has named the kind of. Pure."""

import json
import re
import zlib
from typing import Final, cast
from urllib.parse import urlsplit

from crawler.discovery.markup import Node, decode_xml, parse_html
from crawler.discovery.sections import looks_like_section, read_section
from crawler.errors import CrawlerError
from crawler.identity import is_front_page, normalise_url
from storage.types import SourceKind

_HEAD: Final = 20_000
_FEED: Final = re.compile(r"<(?:rss|feed|rdf:RDF|atom:feed)[\s>]", re.IGNORECASE)
_SITEMAP: Final = re.compile(r"<(?:[\w-]+:)?(?:urlset|sitemapindex)[\s>]")
_HTML: Final = re.compile(
    r"<(?:!doctype html|html|head|body|article|main|div|p|h1)\b", re.IGNORECASE
)
_ARTICLE_TYPES: Final = re.compile(r'"@type"\s*:\s*(?:\[\s*)?"(?:\w*NewsArticle|Article|LiveBlogPosting|BlogPosting|Report)"')  # fmt: skip
_SOME_LEADS: Final = 1
_FEW_LEADS: Final = 3
_ENOUGH_LEADS: Final = 6
_SOME_TEXT: Final = 250
_SHORT_TEXT: Final = 400
_LONG_TEXT: Final = 1500


def sniff(body: bytes, content_type: str = "", *, url: str = "") -> SourceKind:
    """Say what the bytes are: feed, sitemap, section (a page of links) or page (one article).

    What cannot be told from its bytes is taken for a page; reading it says what is wrong with it.
    `url` helps to tell a section with few articles from an article with many related ones.
    """
    if body.startswith(b"\x1f\x8b"):
        return _packed(body, content_type)
    head = decode_xml(body[:_HEAD], content_type).lstrip("\ufeff \t\r\n")
    if head.startswith("{"):
        return SourceKind.FEED if _is_json_feed(body) else SourceKind.PAGE
    first = min(
        (found.start() for mark in (_FEED, _SITEMAP, _HTML) if (found := mark.search(head))),
        default=-1,
    )
    if first < 0:
        return SourceKind.SITEMAP if _is_list(head) else SourceKind.PAGE
    if _FEED.match(head, first):
        return SourceKind.FEED
    if _SITEMAP.match(head, first):
        return SourceKind.SITEMAP
    return _section_or_page(body, content_type, url)


def reads_like_article(body: bytes, content_type: str = "") -> bool:
    """Say whether a page says it is an article, or has the text of one."""
    root = parse_html(body, content_type)
    return root is not None and (_says_article(root) or _text_mass(root) >= _SOME_TEXT)


def _packed(body: bytes, content_type: str) -> SourceKind:
    try:
        plain = zlib.decompressobj(wbits=31).decompress(body, _HEAD)
    except zlib.error:
        return SourceKind.PAGE
    return SourceKind.PAGE if plain.startswith(b"\x1f\x8b") else sniff(plain, content_type)


def _is_json_feed(body: bytes) -> bool:
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        return b"jsonfeed.org" in body[:2000]
    return isinstance(found, dict) and isinstance(
        cast("dict[str, object]", found).get("items"), list
    )


def _is_list(head: str) -> bool:
    lines = [line.strip() for line in head.split("\n") if line.strip()]
    return bool(lines) and lines[0].startswith(("http://", "https://")) and " " not in lines[0]


def _section_or_page(body: bytes, content_type: str, url: str) -> SourceKind:
    root = parse_html(body, content_type)
    if root is None:
        return SourceKind.PAGE
    own = normalise_url(url) or _any_address(root)
    try:
        leads = len(read_section(body, content_type=content_type, url=own).leads)
    except CrawlerError:
        return SourceKind.PAGE
    if url and looks_like_section(own):
        return SourceKind.SECTION if leads >= _SOME_LEADS or is_front_page(own) else SourceKind.PAGE
    # Related articles stand below every article; its own text tells it from a page of links.
    is_article = _says_article(root)
    most = _SHORT_TEXT if is_article else _LONG_TEXT
    needed = 2 * _ENOUGH_LEADS if is_article else _ENOUGH_LEADS
    if _property(root, "og:type") == "website":
        needed = _FEW_LEADS
    is_section = leads >= needed and _text_mass(root) < most
    return SourceKind.SECTION if is_section else SourceKind.PAGE


def _text_mass(root: Node) -> int:
    """Count the characters of the paragraphs that stand side by side where most of them do."""
    mass: dict[Node, int] = {}
    for paragraph in root.iter("p"):
        parent = next(paragraph.iterancestors(), None)
        if parent is not None:
            mass[parent] = mass.get(parent, 0) + len(" ".join(paragraph.itertext()))
    return max(mass.values(), default=0)


def _says_article(root: Node) -> bool:
    if _property(root, "og:type") == "article" or _property(root, "article:published_time"):
        return True
    scripts = [
        node.text or "" for node in root.iter("script") if "ld+json" in (node.get("type") or "")
    ]
    # A front page's list of articles names the type too, once for each.
    return sum(len(_ARTICLE_TYPES.findall(text)) for text in scripts) == 1


def _property(root: Node, name: str) -> str:
    for meta in root.iter("meta"):
        if name in {meta.get("property") or "", meta.get("name") or ""}:
            return (meta.get("content") or "").strip().lower()
    return ""


def _any_address(root: Node) -> str:
    """Give the page's own address, as it says, or the site most of its links lead to."""
    for link in root.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            return normalise_url(link.get("href") or "") or "http://page.invalid/"
    sites = [found for a in root.iter("a") if (found := normalise_url(a.get("href") or ""))]
    hosts = [urlsplit(site).netloc for site in sites[:500]]
    relative = any((a.get("href") or "").startswith("/") for a in root.iter("a"))
    best = max(set(hosts), key=hosts.count) if hosts and not relative else "page.invalid"
    return f"http://{best}/"
