"""One lxml tree of a page, bounded in size and depth, with the few questions all steps ask it."""

# ruff: noqa: PLR2004 - lengths and shares of heuristics say what they are where they stand

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, Final

import lxml.etree

MAX_ELEMENTS: Final = 60_000
"""A page with more is not read as an article."""

MOST_OF_NAMES: Final = 400
"""Characters of a class or id that are looked at; longer ones would fill what is remembered of names."""

_MAX_CHARS: Final = 6_000_000
_LONG_TAG: Final = 20_000
_MAX_ATTRIBUTES: Final = 2_000
_MAX_METAS: Final = 500
_META_NAMES: Final = frozenset({"property", "name", "itemprop", "http-equiv"})
_LONG = re.compile(r"<[a-zA-Z]([^<>]{20000,})")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_SCRIPTS = re.compile(r"<script\b[^>]{0,2000}>.*?</script\s*>", re.IGNORECASE | re.DOTALL)
_BULKY = re.compile(r"<style\b[^>]{0,2000}>.*?</style\s*>", re.IGNORECASE | re.DOTALL)
_NO_TEXT: Final = frozenset({"script", "style", "noscript", "template"})
_APART: Final = frozenset({"br", "p", "div", "li", "h1", "h2", "h3", "h4", "td", "tr", "ul"})
_END_SIGNS: Final = " .…[]"
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\ud800-\udfff]")

Node = Any
"""An lxml element: the library ships no types."""


class Page:
    """A parsed page."""

    def __init__(self, text: str, *, url: str) -> None:
        """Parse the characters of the page at `url`; never raises."""
        self.url = url
        self._text = text
        self._mentioned: dict[str, bool] = {}
        self.root: Node = _parse(text)

    @cached_property
    def _metas(self) -> dict[str, list[tuple[int, str]]]:
        """What `<meta>` elements say, with their number, by name, property or itemprop in small letters."""
        found: dict[str, list[tuple[int, str]]] = {}
        for number, node in enumerate(islice(self.root.iter("meta"), _MAX_METAS)):
            content = ""
            names: list[str] = []
            for key, value in node.items():
                if key == "content":
                    content = value
                elif key in _META_NAMES:
                    names.append(value.strip().lower())
            if content:
                for name in names:
                    found.setdefault(name, []).append((number, content))
        return found

    def meta(self, *names: str) -> str:
        """The content of the first of these that the page has; the order of `names` decides."""
        for name in names:
            for _, content in self._metas.get(name, ()):
                if text := folded(content):
                    return text
        return ""

    def meta_all(self, *names: str) -> list[str]:
        """All contents under these names, in the page's order."""
        found = sorted(meta for name in names for meta in self._metas.get(name, ()))
        return [text for _, content in found if (text := folded(content))]

    def mentions(self, word: str) -> bool:
        """Say whether a word stands anywhere in the page's source; far cheaper than to look for an element."""
        if word not in self._mentioned:
            self._mentioned[word] = word in self._text
        return self._mentioned[word]

    @cached_property
    def json_scripts(self) -> tuple[str, ...]:
        """The texts of `application/ld+json` scripts."""
        texts: list[str] = []
        for node in self.root.iter("script"):
            if "ld+json" in (node.get("type") or "").lower() and node.text and len(texts) < 40:
                texts.append(node.text[:1_500_000])
        return tuple(texts)

    def scripts(self) -> list[tuple[str, str]]:
        """Type and text of each script; parsed anew, because the tree loses them early."""
        return [
            ((node.get("type") or "").lower(), node.text)
            for node in _parse(self._text).iter("script")
            if node.text
        ]


def parse_fragment(markup: str) -> Node:
    """Markup that stands in another page's script, as one `div`; never raises."""
    return _parse(f"<html><body><div>{markup}</div></body></html>").find(".//div")


def _parser() -> Node:
    # Comments part a text in two for lxml, and none of them says anything. lxml.html's own elements
    # cost a look into a table of classes each, and nothing they can do more is needed.
    return lxml.etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False
    )


def _parse(text: str) -> Node:
    if len(text) > _MAX_CHARS // 4:
        text = _BULKY.sub("", text)
    if _has_endless_tag(text):
        text = ""
    raw = text[:_MAX_CHARS].encode("utf-8", "replace")
    try:
        root = lxml.etree.fromstring(raw, parser=_parser())
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        root = None
    if root is None:
        root = lxml.etree.fromstring(b"<html><body></body></html>", parser=_parser())
    return root


def _has_endless_tag(text: str) -> bool:
    """A tag of thousands of attributes: libxml2 compares each with all others, which takes minutes."""
    if not any(_begins_tag(text, start) for start in _long_runs(text)):
        return False
    tags = _LONG.findall(_SCRIPTS.sub("", text))
    return any(len(_QUOTED.sub("", tag).split()) > _MAX_ATTRIBUTES for tag in tags)


def _long_runs(text: str) -> Iterator[int]:
    """Where a run of _LONG_TAG characters or more without "<" begins."""
    step = _LONG_TAG // 2  # such a run holds one of these windows
    end = 0
    for at in range(0, len(text) - step, step):
        if at >= end and text.find("<", at, at + step) < 0:
            start = text.rfind("<", end, at) + 1
            end = found if (found := text.find("<", at)) >= 0 else len(text)
            if end - start >= _LONG_TAG:
                yield start


def _begins_tag(text: str, start: int) -> bool:
    """No script and no text: a name, and no end of the tag for long."""
    return text[start].isalpha() and text.find(">", start, start + _LONG_TAG) < 0


def folded(text: str) -> str:
    """The text in one line: white space folded, invisible signs gone."""
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def plain(text: str) -> str:
    """A text as summaries are compared with it: small letters, no dots at the end."""
    return folded(text).casefold().rstrip(_END_SIGNS)


def text_of(node: Node) -> str:
    """All characters inside an element, in one line."""
    return folded(_joined(node))


def _joined(node: Node) -> str:
    parts: list[str] = []
    for inner in node.iter():
        tag, text, tail = inner.tag, inner.text, inner.tail
        if tag in _APART:
            parts.append(" ")
        if text and tag not in _NO_TEXT:
            parts.append(text)
        if tail and inner is not node:
            parts.append(tail)
    return "".join(parts)


def take_out(node: Node) -> None:
    """Take an element with all inside it out of its tree; the text right behind it stays."""
    parent, tail = node.getparent(), node.tail
    if parent is None:
        return
    if tail:
        before = node.getprevious()
        if before is None:
            parent.text = (parent.text or "") + tail
        else:
            before.tail = (before.tail or "") + tail
    parent.remove(node)


def names_of(node: Node) -> str:
    """Class and id of an element as words between blanks, `postBody--wide` giving `post body wide`."""
    raw = f"{node.get('class') or ''} {node.get('id') or ''}"
    return split_names(raw) if len(raw) > 1 else ""


_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


_NO_WORD: Final = bytes(
    code if code < 128 and chr(code).isalnum() else 32 for code in bytes(range(256)).lower()
)


def split_names(raw: str) -> str:
    """Words of class names, in small letters between blanks."""
    return _split(raw[:MOST_OF_NAMES])


@lru_cache(maxsize=20_000)
def _split(raw: str) -> str:
    if not raw.islower():
        raw = _CAMEL.sub(" ", raw)
    words = raw.encode("ascii", "replace").translate(_NO_WORD).split()
    return f" {b' '.join(words).decode('ascii')} "
