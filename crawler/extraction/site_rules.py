"""Rules of the user for one publisher's pages: what holds the article, what stays, what goes, where facts stand. Pure.

They are applied before our own: what they drop is gone, what they keep loses all that our rules go by.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit
from zlib import crc32

import lxml.etree
from cssselect import SelectorError
from lxml.cssselect import CSSSelector

from crawler.extraction.boilerplate import Dropped
from crawler.extraction.page import Node, folded, take_out, text_of
from storage.types import EXTRACTOR_VERSION

_BY_TAG: Final = frozenset({
    "aside", "footer", "figure", "figcaption", "nav", "form", "menu", "dialog", "button", "label", "noscript", "template", "details",
})  # fmt: skip
_ATTRIBUTE = re.compile(r"^(.*\S)\s*@([\w-]+)$")
_EVER: Final = datetime.min.replace(tzinfo=UTC)
_DROP: Final = ": drop"
_KINDS: Final = 1_000_000
_PROBE: Final = lxml.etree.fromstring("<html><body/></html>")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRules:
    """What a user says of one publisher's pages; selectors are CSS, `…@attribute` takes an attribute."""

    name: str  # the file's
    domain: str  # and its subdomains
    valid_from: datetime | None = None  # aware; for pages fetched from then on
    article: str = ""  # holds the article
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    drop_lines: tuple[str, ...] = ()  # regular expressions
    title_from: str = ""
    date_from: str = ""
    authors_from: str = ""

    def fits(self, url: str, at: datetime) -> bool:
        """Say whether they are for a page that was fetched at a time."""
        host = (urlsplit(url).hostname or "").removeprefix("www.")
        is_there = host == self.domain or host.endswith(f".{self.domain}")
        return is_there and (self.valid_from is None or at >= self.valid_from)

    @property
    def extractor(self) -> int:
        """Number our rules together with these: a change of either is no edit of any article."""
        told = repr(astuple(replace(self, name="")))
        return EXTRACTOR_VERSION * _KINDS + crc32(told.encode()) % _KINDS

    @property
    def lines(self) -> str:
        """Name the key of the lines that go, with its file, as people are told."""
        return f"{self.name}{_DROP}_lines"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is to stay: the elements, and the texts in them."""

    nodes: tuple[Node, ...] = ()
    texts: frozenset[str] = frozenset()


def rules_for(rules: Sequence[SiteRules], url: str, at: datetime) -> SiteRules | None:
    """Give the rules for a page that was fetched at a time: the nearest domain's, of these the latest."""
    fit = [one for one in rules if one.fits(url, at)]
    return max(fit, key=lambda one: (len(one.domain), one.valid_from or _EVER), default=None)


def is_of_user(rule: str) -> bool:
    """Say whether something was dropped by a rule of the user."""
    return _DROP in rule


def check_selector(selector: str) -> str:
    """Give a selector that can be used as it is.

    Raises:
        ValueError: With a sentence.
    """
    try:
        _select(_PROBE, selector)  # some mistakes show only when it is used
    except (SelectorError, lxml.etree.LxmlError, ValueError, RecursionError) as error:
        raise ValueError(f"{selector!r} is not a CSS selector: {error}") from None
    return selector


def check_taking(selector: str) -> str:
    """Give a selector that may end with `@attribute` as it is.

    Raises:
        ValueError: With a sentence.
    """
    check_selector(_parted(selector)[0])
    return selector


def drop(root: Node, rules: SiteRules) -> list[Dropped]:
    """Drop as the rules say; gives what was dropped, and by which line of them."""
    dropped: list[Dropped] = []
    for selector in rules.drop:
        for node in _select(root, selector):
            if node.getparent() is None:
                continue
            text = text_of(node)
            take_out(node)
            if text:
                dropped.append(Dropped(text=text[:2000], rule=f"{rules.name}{_DROP} {selector}"))
    return dropped


def keep(root: Node, rules: SiteRules) -> Kept:
    """Take from what is to stay all by which our rules would drop it: tags, names, links."""
    nodes = _outermost(node for selector in rules.keep for node in _select(root, selector))
    for node in nodes:
        lxml.etree.strip_tags(node, "a")
    inside = dict.fromkeys(inner for node in nodes for inner in node.iter("*"))
    around = dict.fromkeys(outer for node in nodes for outer in node.iterancestors())
    for node in (*inside, *around):
        _make_plain(node)
    return Kept(tuple(nodes), frozenset(map(text_of, inside)))


def part_of(root: Node, rules: SiteRules) -> Node | None:
    """Give the element that holds the article; several that fit are put into one, in their order."""
    if not rules.article:
        return None
    found = [node for node in _outermost(_select(root, rules.article)) if text_of(node)]
    if len(found) <= 1:
        return found[0] if found else None
    holder = lxml.etree.Element("div")
    found[0].addprevious(holder)
    for node in found:
        holder.append(_moved(node))
    return holder


def with_kept(part: Node, kept: Kept, places: Mapping[Node, int]) -> Node:
    """Give the article's part with all in it that is to stay, wherever it stood; `places` is the page's order."""
    part = next((node for node in kept.nodes if node in part.iterancestors()), part)
    outside = [n for n in kept.nodes if n is not part and part not in n.iterancestors()]
    above = [node for node in outside if places.get(node, 0) < places.get(part, 0)]
    for node in outside:
        if node not in above:
            part.append(_moved(node))
    for node in reversed(above):
        part.insert(0, _moved(node))
    return part


def taken(root: Node, selector: str) -> tuple[str, ...]:
    """Give the texts (or attributes) a selector takes, in the page's order."""
    if not selector:
        return ()
    css, attribute = _parted(selector)
    nodes = _select(root, css)
    texts = (folded(node.get(attribute) or "") if attribute else text_of(node) for node in nodes)
    return tuple(text[:600] for text in texts if text)


def _outermost(nodes: Iterable[Node]) -> list[Node]:
    found = dict.fromkeys(nodes)
    return [node for node in found if not any(up in found for up in node.iterancestors())]


def _moved(node: Node) -> Node:
    take_out(node)
    node.tail = None
    return node


def _make_plain(node: Node) -> None:
    if not isinstance(node.tag, str) or node.tag in {"body", "html"}:
        return
    for name in ("class", "id", "style"):
        node.attrib.pop(name, None)
    if node.tag == "a":
        node.tag = "span"
    elif node.tag in _BY_TAG:
        node.tag = "div"


def _parted(selector: str) -> tuple[str, str]:
    found = _ATTRIBUTE.match(selector.strip())
    return (found[1], found[2]) if found else (selector.strip(), "")


@lru_cache(maxsize=500)
def _compiled(selector: str) -> CSSSelector:
    return CSSSelector(selector, translator="html")


def _select(root: Node, selector: str) -> Sequence[Node]:
    return list(_compiled(selector)(root))
