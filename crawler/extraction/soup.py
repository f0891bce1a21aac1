"""Give BeautifulSoup the article's part of an lxml tree, and answer how much text each element holds.

What is dropped is `boilerplate`'s to say; here it is only taken out, and the sums around it corrected.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import lxml.etree
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from crawler.extraction.page import Node, folded

_NO_WORDS: Final = (
    "source", "input", "link", "meta", "track", "area", "param", "embed", "audio", "video",
)  # fmt: skip
_TRANSPARENT: Final = (
    "b", "strong", "i", "u", "font", "mark", "abbr", "wbr", "nobr", "sub", "sup", "big", "tt", "s", "picture",
)  # fmt: skip
BLOCKS: Final = frozenset({
    "p", "div", "section", "article", "header", "footer", "main", "aside", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd",
    "blockquote", "pre", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "figure", "figcaption", "address", "details", "summary", "hr", "center", "fieldset", "body", "html",
})  # fmt: skip
"""Elements that begin and end a line; blanks right behind their begin or end say nothing."""

_ATTRIBUTES: Final = frozenset({"class", "id", "href"})


class Soup:
    """The article's part as a soup, with the characters of text and of links in each element."""

    def __init__(self, part: Node) -> None:
        """Copy the part of a tree; its own loses marks of emphasis and elements without words."""
        lxml.etree.strip_elements(part, *_NO_WORDS, with_tail=False)
        lxml.etree.strip_tags(part, *_TRANSPARENT)
        self._live: dict[int, Tag] = {}  # by identity; bs4's own mark of a dead tag is found slowly
        self._chars: dict[int, int] = {}
        self._links: dict[int, int] = {}
        # One element stands above the part, so that a part that is itself dropped leaves something.
        self.top = Tag(name="body", attrs={})
        self._last: PageElement = self.top
        self._copy(part)

    def tags(self) -> list[Tag]:
        """All elements that were not taken out, outermost first."""
        return list(self._live.values())

    def is_gone(self, tag: Tag) -> bool:
        """Say whether an element was taken out, by itself or with one around it."""
        return id(tag) not in self._live

    def chars(self, tag: Tag) -> int:
        """Characters of text in an element."""
        return self._chars.get(id(tag), 0)

    def link_share(self, tag: Tag) -> float:
        """Share of an element's characters that are links."""
        if tag.name == "a":
            return 1.0
        return self._links.get(id(tag), 0) / max(1, self._chars.get(id(tag), 0))

    def remove(self, tag: Tag) -> None:
        """Take an element out."""
        chars, links = self._chars.get(id(tag), 0), self._links.get(id(tag), 0)
        outer = tag.parent
        while outer is not None:
            self._chars[id(outer)] = self._chars.get(id(outer), 0) - chars
            self._links[id(outer)] = self._links.get(id(outer), 0) - links
            outer = outer.parent
        for gone in (tag, *tags_in(tag)):
            self._live.pop(id(gone), None)
        tag.decompose()

    def _copy(self, part: Node) -> None:
        """Build the soup from the tree that is parsed already, which saves writing it out and parsing it again."""
        outer = self.top
        for event, node in lxml.etree.iterwalk(part, events=("start", "end")):
            name = node.tag
            if not isinstance(name, str):
                continue
            is_plain = name == "span" and not node.attrib
            if event == "start":
                if not is_plain:
                    kept = {key: value for key, value in node.items() if key in _ATTRIBUTES}
                    tag = Tag(name=name, attrs=kept)
                    self._append(outer, tag)
                    self._live[id(tag)] = tag
                    outer = tag
                self._add_text(outer, node.text, is_inline=name not in BLOCKS)
                continue
            if not is_plain and outer.parent is not None:
                outer = self._leave(outer, outer.parent)
            if node is not part:
                self._add_text(outer, node.tail, is_inline=name not in BLOCKS)

    def _leave(self, tag: Tag, outer: Tag) -> Tag:
        own = self._chars.get(id(tag), 0)
        if own:
            links = own if tag.name == "a" else self._links.get(id(tag), 0)
            self._links[id(tag)] = links
            self._chars[id(outer)] = self._chars.get(id(outer), 0) + own
            self._links[id(outer)] = self._links.get(id(outer), 0) + links
        return outer

    def _add_text(self, outer: Tag, text: str | None, *, is_inline: bool) -> None:
        if not text:
            return
        length = len(text.strip())
        if length or is_inline:
            self._append(outer, NavigableString(text))
        if length:
            self._chars[id(outer)] = self._chars.get(id(outer), 0) + length

    def _append(self, outer: Tag, element: PageElement) -> None:
        contents = outer.contents
        element.setup(outer, self._last, None, contents[-1] if contents else None, None)
        contents.append(element)
        self._last = element


def tags_in(tag: Tag) -> list[Tag]:
    """All elements inside one, outermost first."""
    return [element for element in tag.descendants if isinstance(element, Tag)]


def first_in(tag: Tag, names: frozenset[str]) -> Tag | None:
    """The first element inside one that is called so."""
    for element in tag.descendants:
        if isinstance(element, Tag) and element.name in names:
            return element
    return None


def is_text(element: NavigableString) -> bool:
    """It is text, and no comment or declaration."""
    return type(element) is NavigableString or not isinstance(element, PreformattedString)


def texts_in(tag: Tag) -> Iterator[str]:
    """The pieces of text inside an element."""
    return (
        element
        for element in tag.descendants
        if isinstance(element, NavigableString) and is_text(element)
    )


def text_in(tag: Tag) -> str:
    """All text inside an element, in one line."""
    return folded(" ".join(texts_in(tag)))


def class_of(tag: Tag) -> str:
    """The classes of an element."""
    raw: str | Sequence[str] | None = tag.attrs.get("class")
    return raw if isinstance(raw, str) else " ".join(raw or ())


def id_of(tag: Tag) -> str:
    """The id of an element."""
    return str(tag.attrs.get("id") or "")
