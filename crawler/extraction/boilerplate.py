"""Strip what is foreign to an article inside its part of the page, with BeautifulSoup; rules are data.

Gives the article's blocks in order, captions apart, and all that was dropped with the rule that did it.
"""

# ruff: noqa: PLR2004 - lengths and shares of heuristics say what they are where they stand

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

import lxml.etree
from bs4 import BeautifulSoup
from bs4.element import CData, NavigableString, PageElement, PreformattedString, Tag

from crawler.extraction.page import Node, folded, split_names
from crawler.extraction.rules import BoxRule, LineRule, load_rules
from storage.types import Block, BlockKind

_GONE: Final = frozenset(
    {
        "nav",
        "form",
        "button",
        "select",
        "textarea",
        "dialog",
        "iframe",
        "object",
        "menu",
        "input",
        "label",
        "meter",
        "progress",
    }
)
_BESIDE: Final = frozenset({"aside", "footer"})
_DROPPED_TAGS: Final = _GONE | _BESIDE | {"figure", "figcaption"}
_NO_WORDS: Final = (
    "source",
    "input",
    "link",
    "meta",
    "track",
    "area",
    "param",
    "embed",
    "audio",
    "video",
)
_TRANSPARENT: Final = (
    "b",
    "strong",
    "i",
    "u",
    "font",
    "mark",
    "abbr",
    "wbr",
    "nobr",
    "sub",
    "sup",
    "big",
    "tt",
    "s",
)
_ATTRIBUTES: Final = ("class", "id", "href")
_BLOCKS: Final = frozenset({
    "p", "div", "section", "article", "header", "footer", "main", "aside", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd",
    "blockquote", "pre", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "figure", "figcaption", "address", "details", "summary", "hr", "center", "fieldset", "body", "html",
})  # fmt: skip
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NO_BOX: Final = frozenset({"table", "tbody", "tr", "td", "th", "article", "main", "br", "img"})
_KEEP_SHARE: Final = 0.4
_LIST_SHARE: Final = 0.7  # below a short note, the list of other articles is longer than the note
_CARD_CHARS: Final = 420
_MAX_BLOCKS: Final = 5000
_LETTER = re.compile(r"\w")
_BARS = re.compile(r"[|·•]")
_NAME = re.compile(r"[^\W\d_]+\.?(?:[ '’-]{1,2}[^\W\d_]+\.?){0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A piece of the page that is no part of the article, and the rule that says so."""

    text: str
    rule: str


@dataclass(slots=True)
class Draft:
    """A block on its way."""

    kind: BlockKind
    text: str
    place: str
    links: int  # characters of it that are links


@dataclass(slots=True)
class Stripped:
    """What is left of the article's part."""

    blocks: list[Block] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the article already, and so is no part of its text."""

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    heading: str = ""


def strip(part: Node, known: Known, *, figures: Sequence[Node] = ()) -> Stripped:
    """Strip the article's part of the page.

    Args:
        part: The lxml element that holds the article.
        figures: Elements outside it whose captions belong to the article.
        known: Titles and authors, which are dropped where they stand again.
    """
    soup = _soup(part)
    result = Stripped()
    for figure in figures:
        _drop_figure_inside(_soup(figure), result)
    _drop_above_heading(soup, known, result)
    _drop_tags(soup, result)
    _drop_boxes(soup, result)
    _drop_cards(soup, result)
    drafts = _drafts(soup)
    drafts = _drop_lines(drafts, known, result)
    drafts = _trim_end(drafts, result)
    result.blocks = [Block(kind=one.kind, text=one.text, place=one.place) for one in drafts]
    titles = {_plain(title) for title in known.titles}
    result.captions = [one for one in dict.fromkeys(result.captions) if _plain(one) not in titles]
    return result


def _soup(part: Node) -> Tag:
    for node in part.iter("*"):
        attributes = node.attrib
        kept = [(name, attributes[name]) for name in _ATTRIBUTES if name in attributes]
        if len(attributes) > len(kept):
            attributes.clear()
            attributes.update(kept)
    lxml.etree.strip_elements(part, *_NO_WORDS, with_tail=False)
    lxml.etree.strip_tags(part, *_TRANSPARENT)
    markup = lxml.etree.tostring(part, encoding="unicode", method="html", with_tail=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        soup = BeautifulSoup(markup, "lxml", multi_valued_attributes=None)
    body = soup.body
    return body if body is not None else soup


def _tags(soup: Tag) -> list[Tag]:
    return [element for element in soup.descendants if isinstance(element, Tag)]


def _chars(tag: Tag) -> int:
    return sum(len(text.strip()) for text in _texts(tag))


def _texts(tag: Tag) -> Iterator[str]:
    return (
        str(text)
        for text in tag.descendants
        if isinstance(text, NavigableString) and _is_text(text)
    )


def _is_text(element: PageElement) -> bool:
    return isinstance(element, NavigableString) and (
        not isinstance(element, PreformattedString) or isinstance(element, CData)
    )


def _text(tag: Tag) -> str:
    return folded(" ".join(_texts(tag)))


def _link_share(tag: Tag, chars: int) -> float:
    if tag.name == "a":
        return 1.0
    return sum(_chars(link) for link in tag.find_all("a")) / max(1, chars)


def _drop(tag: Tag, rule: str, result: Stripped, *, is_caption: bool = False) -> None:
    lines = [_text(part) for part in _caption_parts(tag)] if is_caption else [_text(tag)]
    for line in lines:
        if _LETTER.search(line):
            result.dropped.append(Dropped(text=line[:2000], rule=rule))
            if is_caption and len(line) > 2:
                result.captions.append(line[:2000])
    tag.decompose()


def _caption_parts(tag: Tag) -> list[Tag]:
    """A caption and its credit apart: the credit is marked, or stands behind a line break."""
    caption = tag if tag.name == "figcaption" else tag.find("figcaption") or tag
    parts: list[Tag] = []
    for inner in caption.find_all(["span", "em", "small", "cite", "i", "p", "div"]):
        before = inner.find_previous_sibling()
        names = _names(inner)
        if inner.decomposed or any(inner in part.descendants for part in parts):
            continue
        if (
            " credit " in names
            or " copyright " in names
            or (before is not None and before.name == "br")
        ):
            parts.append(inner)
    for part in parts:
        part.extract()
    return [caption, *parts]


def _names(tag: Tag) -> str:
    return split_names(f"{_class(tag)} {tag.get('id') or ''}")


def _class(tag: Tag) -> str:
    raw = tag.get("class")
    return raw if isinstance(raw, str) else " ".join(raw or ())


def _drop_above_heading(soup: Tag, known: Known, result: Stripped) -> None:
    """What stands above the headline is the outlet's: sections, dates, pictures of the opener."""
    heading = next(
        (
            tag
            for tag in soup.find_all(["h1", "h2"])
            if known.heading and _plain(_text(tag)) == _plain(known.heading)
        ),
        None,
    )
    if heading is None:
        return
    tag: Tag | None = heading
    while tag is not None and tag is not soup:
        for before in list(tag.previous_siblings):
            if isinstance(before, Tag) and _chars(before) < 400:
                _drop(before, "above the headline", result, is_caption=before.name == "figure")
        tag = tag.parent
    _drop(heading, "headline", result)


def _drop_tags(soup: Tag, result: Stripped) -> None:
    total = max(1, _chars(soup))
    for tag in _tags(soup):
        if tag.name not in _DROPPED_TAGS or tag.decomposed:
            continue
        chars = _chars(tag)
        if chars > _KEEP_SHARE * total:
            continue
        if tag.name in {"figure", "figcaption"}:
            _drop_figure(tag, chars, result)
        elif tag.name in _GONE or chars < 1500 or _link_share(tag, chars) > 0.3:
            _drop(tag, f"tag {tag.name}", result)


def _drop_figure_inside(soup: Tag, result: Stripped) -> None:
    figure = soup.find("figure")
    if figure is not None:
        _drop(figure, "caption", result, is_caption=True)


def _drop_figure(tag: Tag, chars: int, result: Stripped) -> None:
    if (
        tag.name == "figure"
        and tag.find(["blockquote", "table"]) is not None
        and tag.find("img") is None
        and chars > 40
    ):
        return
    _drop(tag, "caption", result, is_caption=True)


def _drop_boxes(soup: Tag, result: Stripped) -> None:
    total = max(1, _chars(soup))
    for tag in soup.find_all(name=True):
        if tag.name in _NO_BOX or tag.decomposed or not (tag.get("class") or tag.get("id")):
            continue
        names = _box_names(_class(tag), str(tag.get("id") or ""))
        if not names:
            continue
        chars = _chars(tag)
        if rule := _box_rule(tag, names, chars=chars, total=total):
            _drop(tag, rule.name, result, is_caption=rule.is_caption)


@lru_cache(maxsize=20_000)
def _box_names(class_: str, id_: str) -> str:
    """The words of a class and id when one of them names a box, else nothing."""
    names = split_names(f"{class_} {id_}")
    is_box = load_rules().any_box.search(names) is not None
    return names if is_box and " embed " not in names and " tweet " not in names else ""


def _box_rule(tag: Tag, names: str, *, chars: int, total: int) -> BoxRule | None:
    is_list = _LIST_SHARE * total >= chars and _lists_articles(tag)
    if chars > _KEEP_SHARE * total and not is_list:
        return None
    for rule in load_rules().boxes:
        if chars <= rule.max_chars and rule.pattern.search(names):
            if rule.links and not is_list and _link_share(tag, chars) < rule.links:
                continue
            if tag.name in {"span", "em", "strong", "a", "b", "i"} and not _stands_alone(
                tag, chars
            ):
                continue
            return rule
    return None


def _lists_articles(tag: Tag) -> bool:
    """Two headlines or more that lead to other articles, with their summaries or without."""
    return sum(map(_is_link, tag.find_all(list(_HEADINGS)))) > 1


def _stands_alone(tag: Tag, chars: int) -> bool:
    """An inline element that is its block's whole text, or nearly."""
    outer = tag.find_parent(list(_BLOCKS))
    return (
        outer is None
        or outer.name not in {"p", "li", "h2", "h3", "blockquote"}
        or chars > 0.6 * _chars(outer)
    )


def _drop_cards(soup: Tag, result: Stripped) -> None:
    """Teasers of other articles: a short element around a headline that is a link."""
    total = max(1, _chars(soup))
    for heading in soup.find_all(list(_HEADINGS)):
        if heading.decomposed or not _is_link(heading):
            continue
        card: Tag = heading
        while (
            card.parent is not None and card.parent is not soup and card.parent.parent is not None
        ):
            outer = card.parent
            chars = _chars(outer)
            if (
                chars > _CARD_CHARS
                or chars > _KEEP_SHARE * total
                or len(outer.find_all(list(_HEADINGS))) > 1
            ):
                break
            card = outer
        _drop(card, "teaser of another article", result)


def _is_link(tag: Tag) -> bool:
    chars = _chars(tag)
    inside = tag.find("a", href=True) is not None and _link_share(tag, chars) > 0.85
    return chars > 12 and (inside or tag.find_parent("a", href=True) is not None)


class _Collector:
    """Walks the soup and cuts it into blocks."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self._parts: list[str] = []
        self._links = 0
        self._breaks = 0

    def walk(self, tag: Tag, path: tuple[str, ...], kind: BlockKind) -> None:
        for child in list(tag.children):
            if isinstance(child, Tag):
                self._enter(child, path, kind)
            elif _is_text(child):
                self._add(str(child), path=path, kind=kind)

    def _enter(self, tag: Tag, path: tuple[str, ...], kind: BlockKind) -> None:
        if tag.name == "br":
            self._breaks += 1
            self._parts.append(" ")
            return
        if tag.name not in _BLOCKS:
            before, length = len(self._parts), self._length()
            self.walk(tag, path, kind)
            grown = self._length() - length if len(self._parts) >= before else 0
            if tag.name == "a":
                self._links += max(0, grown)
            return
        inner = (*path, _step(tag))
        self.flush(path, kind)
        if tag.name == "tr" and self._row(tag, inner):
            return
        inner_kind = _kind(tag, kind)
        self.walk(tag, inner, inner_kind)
        self.flush(inner, inner_kind)

    def _row(self, row: Tag, path: tuple[str, ...]) -> bool:
        """A row of figures is one block; a table that only lays out the page is walked through."""
        cells = row.find_all(["td", "th"], recursive=False)
        if len(cells) < 2 or row.find(["table", "ul", "h2"]) is not None or _chars(row) > 700:
            return False
        texts = [text for cell in cells if (text := _text(cell))]
        if texts:
            links = sum(_chars(link) for link in row.find_all("a"))
            self.drafts.append(Draft(BlockKind.TABLE_ROW, " | ".join(texts), ">".join(path), links))
        return True

    def _add(self, text: str, *, path: tuple[str, ...], kind: BlockKind) -> None:
        if self._breaks and text.strip():
            if self._breaks > 1:
                self.flush(path, kind)
            self._breaks = 0
        self._parts.append(text)

    def _length(self) -> int:
        return sum(len(part.strip()) for part in self._parts)

    def flush(self, path: tuple[str, ...], kind: BlockKind) -> None:
        """End the block that is being collected."""
        text = folded("".join(self._parts))
        if _LETTER.search(text) and len(self.drafts) < _MAX_BLOCKS:
            self.drafts.append(Draft(kind, text, ">".join(path)[-300:], self._links))
        self._parts, self._links, self._breaks = [], 0, 0


def _step(tag: Tag) -> str:
    return ".".join([tag.name, *_class(tag).split()[:2]])[:60]


def _kind(tag: Tag, outer: BlockKind) -> BlockKind:
    if tag.name in _HEADINGS:
        return BlockKind.HEADING
    if tag.name in {"li", "dd", "dt"}:
        return BlockKind.LIST_ITEM
    if tag.name == "blockquote":
        return BlockKind.QUOTE
    return outer


def _drafts(soup: Tag) -> list[Draft]:
    collector = _Collector()
    collector.walk(soup, (), BlockKind.PARAGRAPH)
    collector.flush((), BlockKind.PARAGRAPH)
    return collector.drafts


def _drop_lines(drafts: Sequence[Draft], known: Known, result: Stripped) -> list[Draft]:
    titles = {_plain(title) for title in known.titles if title}
    kept: list[Draft] = []
    for number, draft in enumerate(drafts):
        rule = _line_rule(draft, result)
        if (
            rule is None
            and _plain(draft.text) in titles
            and (number < 6 or draft.kind is BlockKind.HEADING)
        ):
            rule = "repeated title"
        if rule is None and _is_byline(draft, known.authors):
            rule = "author line"
        if rule is None and _is_line_of_facts(draft, known.authors):
            rule = "date line"
        if rule is None:
            kept.append(draft)
        else:
            result.dropped.append(Dropped(text=draft.text[:2000], rule=rule))
    return kept


def _line_rule(draft: Draft, result: Stripped) -> str | None:
    text = draft.text.casefold()
    links = draft.links / max(1, len(draft.text.replace(" ", "")))
    rule = next((one for one in load_rules().lines if _says(one, text, links)), None)
    if rule is not None:
        if rule.is_caption:
            result.captions.append(draft.text)
        return rule.name
    if links > 0.85 and len(text) < 300 and draft.kind is not BlockKind.TABLE_ROW:
        return "link to another article"
    return None


def _says(rule: LineRule, text: str, links: float) -> bool:
    return (
        len(text) <= rule.max_chars and links >= rule.links and rule.pattern.match(text) is not None
    )


def _is_byline(draft: Draft, authors: Sequence[str]) -> bool:
    text = draft.text
    if not authors or len(text) > 200 or draft.kind is BlockKind.TABLE_ROW:
        return False
    rest = text.casefold()
    for author in authors:
        rest = rest.replace(author.casefold(), "")
    rest = folded(rest)
    if rest == folded(text.casefold()):
        return False
    if any(rule.name == "date line" and _says(rule, rest, 0.0) for rule in load_rules().lines):
        return True
    return len(rest) <= max(20, 0.4 * len(text)) and not rest.rstrip().endswith(
        (".", "!", "?", "”", "»")
    )


def _is_line_of_facts(draft: Draft, authors: Sequence[str]) -> bool:
    """Date, name and counters side by side: `25.11.2026, 05:53 | Olena Hai | views: 2211`."""
    pieces = [piece.strip() for piece in _BARS.split(draft.text)]
    if len(draft.text) > 160 or len(pieces) < 2 or draft.kind is BlockKind.TABLE_ROW:
        return False
    facts = [rule for rule in load_rules().lines if rule.name in {"date line", "live counter"}]
    told = [any(_says(rule, piece.casefold(), 0.0) for rule in facts) for piece in pieces]
    return any(told) and all(
        is_fact or piece in authors or _NAME.fullmatch(piece)
        for piece, is_fact in zip(pieces, told, strict=True)
    )


def _trim_end(drafts: list[Draft], result: Stripped) -> list[Draft]:
    """Headings with nothing below them, and lists of links, end no article."""
    end = len(drafts)
    while end > 1:
        draft = drafts[end - 1]
        links = draft.links / max(1, len(draft.text.replace(" ", "")))
        is_list = draft.kind is BlockKind.LIST_ITEM and links > 0.6
        if draft.kind is not BlockKind.HEADING and not is_list:
            break
        result.dropped.append(
            Dropped(
                text=draft.text[:2000],
                rule="nothing below this heading" if not is_list else "list of links",
            )
        )
        end -= 1
    return drafts[:end]


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


def with_standfirst(blocks: Sequence[Block], text: str, place: str) -> tuple[Block, ...]:
    """The blocks with the standfirst first, unless it stands among them."""
    wanted = _plain(text)
    for number, block in enumerate(blocks[:6]):
        if _plain(block.text) == wanted:
            rest = [one for other, one in enumerate(blocks) if other != number]
            return (replace(block), *rest) if number else tuple(blocks)
    return (Block(kind=BlockKind.PARAGRAPH, text=text, place=place), *blocks)
