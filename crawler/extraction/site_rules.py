"""Rules of the user for one publisher's pages: what holds the article, what stays, what goes, where facts stand. Pure.

They are applied before our own: what they keep loses the names our rules go by, what they drop is gone.
"""

import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
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

_BY_TAG: Final = frozenset({"aside", "footer", "figure", "nav", "form", "menu", "dialog"})
_ATTRIBUTE = re.compile(r"^(.*\S)\s*@([\w-]+)$")
_EVER: Final = datetime.min.replace(tzinfo=UTC)
_DROP: Final = ": drop "
_KINDS: Final = 1_000_000


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
        return EXTRACTOR_VERSION * _KINDS + crc32(repr(astuple(self)).encode()) % _KINDS


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
        _compiled(selector)
    except (SelectorError, ValueError) as error:
        raise ValueError(f"{selector!r} is not a CSS selector: {error}") from None
    return selector


def check_taking(selector: str) -> str:
    """Give a selector that may end with `@attribute` as it is.

    Raises:
        ValueError: With a sentence.
    """
    check_selector(_parted(selector)[0])
    return selector


def apply(root: Node, rules: SiteRules) -> list[Dropped]:
    """Drop and keep as the rules say; gives what was dropped, and by which line of them."""
    dropped: list[Dropped] = []
    for selector in rules.drop:
        for node in _select(root, selector):
            if node.getparent() is None:
                continue
            text = text_of(node)
            take_out(node)
            if text:
                dropped.append(Dropped(text=text[:2000], rule=f"{rules.name}{_DROP}{selector}"))
    for selector in rules.keep:
        for node in _select(root, selector):
            _spare(node)
    return dropped


def part_of(root: Node, rules: SiteRules) -> Node | None:
    """Give the element that holds the article; several that fit are put into one, in their order."""
    if not rules.article:
        return None
    found = _select(root, rules.article)
    outer = [node for node in found if not any(up in found for up in node.iterancestors())]
    if len(outer) <= 1:
        return outer[0] if outer else None
    holder = lxml.etree.Element("div")
    outer[0].addprevious(holder)
    for node in outer:
        holder.append(node)
    return holder


def taken(root: Node, selector: str) -> tuple[str, ...]:
    """Give the texts (or attributes) a selector takes, in the page's order."""
    if not selector:
        return ()
    css, attribute = _parted(selector)
    nodes = _select(root, css)
    texts = (folded(node.get(attribute) or "") if attribute else text_of(node) for node in nodes)
    return tuple(text[:600] for text in texts if text)


def _spare(node: Node) -> None:
    """Take away the names by which our rules would drop it, or what is around it."""
    for inner in (*node.iter(), *node.iterancestors()):
        if not isinstance(inner.tag, str) or inner.tag in {"body", "html"}:
            continue
        for name in ("class", "id", "style"):
            inner.attrib.pop(name, None)
        if inner.tag in _BY_TAG:
            inner.tag = "div"


def _parted(selector: str) -> tuple[str, str]:
    found = _ATTRIBUTE.match(selector.strip())
    return (found[1], found[2]) if found else (selector.strip(), "")


@lru_cache(maxsize=500)
def _compiled(selector: str) -> CSSSelector:
    return CSSSelector(selector, translator="html")


def _select(root: Node, selector: str) -> Sequence[Node]:
    return list(_compiled(selector)(root))
