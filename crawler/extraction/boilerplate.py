"""Strip what is foreign to an article inside its part of the page, with BeautifulSoup; rules are data.

Gives the article's blocks in order, captions apart, and all that was dropped with the rule that did it.
"""

# ruff: noqa: PLR2004 - lengths and shares of heuristics say what they are where they stand

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from typing import Final

from bs4.element import NavigableString, Tag

from crawler.extraction.page import MOST_OF_NAMES, Node, folded, split_names
from crawler.extraction.rules import BoxRule, load_rules
from crawler.extraction.soup import (
    BLOCKS,
    Soup,
    class_of,
    first_in,
    id_of,
    is_text,
    tags_in,
    text_in,
)
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
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NO_BOX: Final = frozenset({"table", "tbody", "tr", "td", "th", "article", "main", "br", "img"})
_CELLS: Final = frozenset({"td", "th"})
_NO_ROW: Final = frozenset({"table", "ul", "h2"})
_CREDITS: Final = frozenset({"span", "em", "small", "cite", "i", "p", "div"})
_INLINE_BOXES: Final = frozenset({"span", "em", "strong", "a", "b", "i"})
_LEADING: Final = frozenset({"a", "img"})
_ITEMS: Final = frozenset({"article", "section", "div"})
_KEEP_SHARE: Final = 0.4
_LIST_SHARE: Final = 0.7  # below a short note, the list of other articles is longer than the note
_CARD_CHARS: Final = 420
_MAX_BLOCKS: Final = 5000
_LETTER = re.compile(r"\w")
_BARS = re.compile(r"[|·•]|\s[-–—]\s")
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
    kept: frozenset[str] = frozenset()  # texts that stay, whatever they say


def strip(part: Node, known: Known, *, figures: Sequence[Node] = ()) -> Stripped:
    """Strip the article's part of the page.

    Args:
        part: The lxml element that holds the article.
        figures: Elements outside it whose captions belong to the article.
        known: Titles and authors, which are dropped where they stand again; and what stays.
    """
    soup = Soup(part)
    result = Stripped()
    for figure in figures:
        _drop_figure_inside(Soup(figure), result)
    _drop_above_heading(soup, known, result)
    _drop_tags(soup, result)
    _drop_boxes(soup, result)
    _drop_cards(soup, result)
    _drop_below_labels(soup, result)
    drafts = _drafts(soup.top)
    drafts = _drop_lines(drafts, known, result)
    drafts = _trim_end(drafts, known, result)
    result.blocks = [Block(kind=one.kind, text=one.text, place=one.place) for one in drafts]
    titles = {_plain(title) for title in known.titles}
    result.captions = [one for one in dict.fromkeys(result.captions) if _plain(one) not in titles]
    return result


def _drop(soup: Soup, tag: Tag, rule: str, *, result: Stripped, is_caption: bool = False) -> None:
    parts = _caption_parts(tag) if is_caption else [tag]
    lines = [text_in(part) for part in parts]
    for part in parts[1:]:
        soup.remove(part)
    for line in lines:
        if _LETTER.search(line):
            result.dropped.append(Dropped(text=line[:2000], rule=rule))
            if is_caption and len(line) > 2:
                result.captions.append(line[:2000])
    soup.remove(tag)


def _caption_parts(tag: Tag) -> list[Tag]:
    """A caption and its credit apart: the credit is marked, or stands behind a line break."""
    caption = tag if tag.name == "figcaption" else tag.find("figcaption") or tag
    parts: list[Tag] = []
    for inner in tags_in(caption):
        if inner.name not in _CREDITS or any(outer in parts for outer in inner.parents):
            continue
        before = inner.find_previous_sibling()
        names = split_names(f"{class_of(inner)} {id_of(inner)}")
        if (
            " credit " in names
            or " copyright " in names
            or (before is not None and before.name == "br")
        ):
            parts.append(inner)
    for part in parts:
        part.extract()
    return [caption, *parts]


def _drop_above_heading(soup: Soup, known: Known, result: Stripped) -> None:
    """What stands above the headline is the outlet's: sections, dates, pictures of the opener."""
    wanted = _plain(known.heading)
    heading = next(
        (
            tag
            for tag in soup.tags()
            if wanted and tag.name in {"h1", "h2"} and _plain(text_in(tag)) == wanted
        ),
        None,
    )
    if heading is None:
        return
    tag: Tag | None = heading
    while tag is not None and tag is not soup.top:
        for before in list(tag.previous_siblings):
            if isinstance(before, Tag) and soup.chars(before) < 400:
                is_figure = before.name == "figure"
                _drop(soup, before, "above the headline", result=result, is_caption=is_figure)
        tag = tag.parent
    _drop(soup, heading, "headline", result=result)


def _drop_tags(soup: Soup, result: Stripped) -> None:
    total = max(1, soup.chars(soup.top))
    for tag in soup.tags():
        if tag.name not in _DROPPED_TAGS or soup.is_gone(tag):
            continue
        chars = soup.chars(tag)
        if chars > _KEEP_SHARE * total:
            continue
        if tag.name in {"figure", "figcaption"}:
            if not _holds_text(tag, chars):
                _drop(soup, tag, "caption", result=result, is_caption=True)
        elif tag.name in _GONE or chars < 1500 or soup.link_share(tag) > 0.3:
            _drop(soup, tag, f"tag {tag.name}", result=result)


def _drop_figure_inside(soup: Soup, result: Stripped) -> None:
    figure = first_in(soup.top, frozenset({"figure"}))
    if figure is not None:
        _drop(soup, figure, "caption", result=result, is_caption=True)


def _holds_text(tag: Tag, chars: int) -> bool:
    """A figure that is a quote or a table, and no picture."""
    return (
        tag.name == "figure"
        and chars > 40
        and first_in(tag, frozenset({"blockquote", "table"})) is not None
        and first_in(tag, frozenset({"img"})) is None
    )


def _drop_boxes(soup: Soup, result: Stripped) -> None:
    total = max(1, soup.chars(soup.top))
    for tag in soup.tags():
        if not tag.attrs or tag.name in _NO_BOX or soup.is_gone(tag):
            continue
        class_, id_ = class_of(tag)[:MOST_OF_NAMES], id_of(tag)[:MOST_OF_NAMES]
        names = _box_names(class_, id_) if class_ or id_ else ""
        if names and (rule := _box_rule(soup, tag, names, total=total)):
            _drop(soup, tag, rule.name, result=result, is_caption=rule.is_caption)


@lru_cache(maxsize=20_000)
def _box_names(class_: str, id_: str) -> str:
    """The words of a class and id when one of them names a box, else nothing."""
    names = split_names(f"{class_} {id_}")
    is_box = load_rules().any_box.stand_in(names)
    return names if is_box and " embed " not in names and " tweet " not in names else ""


def _box_rule(soup: Soup, tag: Tag, names: str, *, total: int) -> BoxRule | None:
    chars = soup.chars(tag)
    is_list = _LIST_SHARE * total >= chars and _lists_articles(soup, tag)
    if chars > _KEEP_SHARE * total and not is_list:
        return None
    for rule in load_rules().boxes:
        if chars <= rule.max_chars and rule.names.stand_in(names):
            if rule.links and not is_list and soup.link_share(tag) < rule.links:
                continue
            if tag.name in _INLINE_BOXES and not _stands_alone(soup, tag):
                continue
            return rule
    return None


def _lists_articles(soup: Soup, tag: Tag) -> bool:
    """Two headlines or more that lead to other articles, with their summaries or without."""
    headings = [inner for inner in tags_in(tag) if inner.name in _HEADINGS]
    return len(headings) > 1 and sum(_is_link(soup, heading) for heading in headings) > 1


def _stands_alone(soup: Soup, tag: Tag) -> bool:
    """An inline element that is its block's whole text, or nearly."""
    outer = next((one for one in tag.parents if one.name in BLOCKS), None)
    return (
        outer is None
        or outer.name not in {"p", "li", "h2", "h3", "blockquote"}
        or soup.chars(tag) > 0.6 * soup.chars(outer)
    )


def _drop_cards(soup: Soup, result: Stripped) -> None:
    """Teasers of other articles: a short element around a headline that is a link."""
    total = max(1, soup.chars(soup.top))
    for heading in soup.tags():
        if heading.name not in _HEADINGS or soup.is_gone(heading) or not _is_link(soup, heading):
            continue
        card: Tag = heading
        while card.parent is not None and card.parent is not soup.top:
            outer = card.parent
            chars = soup.chars(outer)
            if (
                outer.parent is soup.top
                or chars > min(_CARD_CHARS, _KEEP_SHARE * total)
                or sum(inner.name in _HEADINGS for inner in tags_in(outer)) > 1
            ):
                break
            card = outer
        _drop(soup, card, "teaser of another article", result=result)


def _drop_below_labels(soup: Soup, result: Stripped) -> None:
    """Elements of one kind below a headline that says "you may also like" are other articles."""
    for heading in soup.tags():
        if (
            heading.name not in _HEADINGS
            or soup.is_gone(heading)
            or not _is_label(text_in(heading))
        ):
            continue
        behind = [tag for tag in heading.next_siblings if isinstance(tag, Tag)]
        items = [tag for tag in behind if tag.name in _ITEMS and first_in(tag, _LEADING)]
        if len(items) > 1:
            for item in items:
                _drop(soup, item, "teaser of another article", result=result)


def _is_label(text: str) -> bool:
    return len(text) < 60 and any(
        rule.name.startswith("read also") and rule.says(text.casefold())
        for rule in load_rules().lines
    )


def _is_link(soup: Soup, tag: Tag) -> bool:
    if soup.chars(tag) <= 12:
        return False
    if soup.link_share(tag) > 0.85 and any(
        "href" in one.attrs for one in tags_in(tag) if one.name == "a"
    ):
        return True
    return any(outer.name == "a" and "href" in outer.attrs for outer in tag.parents)


class _Collector:
    """Walks the soup and cuts it into blocks."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self._parts: list[str] = []
        self._chars = 0
        self._links = 0
        self._breaks = 0
        self._is_list = False

    def walk(self, tag: Tag, path: tuple[str, ...], kind: BlockKind) -> None:
        for child in list(tag.children):
            if isinstance(child, Tag):
                self._enter(child, path, kind)
            elif isinstance(child, NavigableString) and is_text(child):
                self._add(str(child), path=path, kind=kind)

    def _enter(self, tag: Tag, path: tuple[str, ...], kind: BlockKind) -> None:
        if tag.name == "br":
            self._breaks += 1
            self._parts.append(" ")
            return
        if tag.name not in BLOCKS:
            before, length = len(self._parts), self._chars
            self.walk(tag, path, kind)
            grown = self._chars - length if len(self._parts) >= before else 0
            if tag.name == "a":
                self._links += max(0, grown)
            return
        inner = (*path, _step(tag))
        self.flush(path, kind)
        if tag.name == "tr" and self._row(tag, inner):
            return
        inner_kind = _kind(tag, kind)
        outer, self._is_list = self._is_list, _is_list_of_lines(tag)
        self.walk(tag, inner, inner_kind)
        self._is_list = outer
        self.flush(inner, inner_kind)

    def _row(self, row: Tag, path: tuple[str, ...]) -> bool:
        """A row of figures is one block; a table that only lays out the page is walked through."""
        cells = [cell for cell in row.children if isinstance(cell, Tag) and cell.name in _CELLS]
        if len(cells) < 2 or first_in(row, _NO_ROW) is not None:
            return False
        texts = [text for cell in cells if (text := text_in(cell))]
        if sum(map(len, texts)) > 700:
            return False
        if texts:
            links = sum(len(text_in(link)) for link in tags_in(row) if link.name == "a")
            self.drafts.append(Draft(BlockKind.TABLE_ROW, " | ".join(texts), ">".join(path), links))
        return True

    def _add(self, text: str, *, path: tuple[str, ...], kind: BlockKind) -> None:
        if self._breaks and text.strip():
            if self._breaks > 1 or self._is_list:
                self.flush(path, kind)
            self._breaks = 0
        self._parts.append(text)
        self._chars += len(text.strip())

    def flush(self, path: tuple[str, ...], kind: BlockKind) -> None:
        """End the block that is being collected."""
        text = folded("".join(self._parts))
        if _LETTER.search(text) and len(self.drafts) < _MAX_BLOCKS:
            self.drafts.append(Draft(kind, text, ">".join(path)[-300:], self._links))
        self._parts, self._chars, self._links, self._breaks = [], 0, 0, 0


def _is_list_of_lines(tag: Tag) -> bool:
    """A heading of three lines or more is a list of points."""
    return tag.name in _HEADINGS and sum(inner.name == "br" for inner in tags_in(tag)) > 1


def _step(tag: Tag) -> str:
    return ".".join([tag.name, *class_of(tag).split()[:2]])[:60]


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
    longest = 2 * max(map(len, titles), default=0)
    kept: list[Draft] = []
    rows_of_facts = _rows_of_facts(drafts)
    for number, draft in enumerate(drafts):
        if draft.text in known.kept:
            kept.append(draft)
            continue
        rule = "date line" if number in rows_of_facts else _line_rule(draft, result)
        if (
            rule is None
            and (number < 6 or draft.kind is BlockKind.HEADING)
            and len(draft.text) <= longest
            and _plain(draft.text) in titles
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
    rules = load_rules()
    if len(draft.text) > rules.longest_line:
        return None
    text = draft.text.casefold()
    length = len(text)
    links = draft.links / max(1, length - text.count(" ")) if draft.links else 0.0
    for rule in rules.lines:
        # Asked for each of some thirty rules at each block: not worth a call where lengths already say no.
        if length <= rule.max_chars and links >= rule.links and rule.says(text):
            if rule.is_caption:
                result.captions.append(draft.text)
            return rule.name
    if links > 0.85 and length < 300 and draft.kind is not BlockKind.TABLE_ROW:
        return "link to another article"
    return None


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
    if load_rules().line("date line").fits(rest):
        return True
    return len(rest) <= max(20, 0.4 * len(text)) and not rest.rstrip().endswith(
        (".", "!", "?", "”", "»")
    )


def _is_line_of_facts(draft: Draft, authors: Sequence[str]) -> bool:
    """Date, name and counters side by side: `25.11.2026, 05:53 | Olena Hai | views: 2211`."""
    text = draft.text
    if len(text) > 160 or draft.kind is BlockKind.TABLE_ROW:
        return False
    if ":" not in text and _BARS.search(text) is None:
        return False
    pieces = _facts_of(text)
    if len(pieces) < 2:
        return False
    rules = load_rules()
    facts = [rules.line("date line"), rules.line("live counter")]
    told = [
        any(rule.fits(piece.casefold()) for rule in facts)
        or rules.fact.match(piece.casefold()) is not None
        for piece in pieces
    ]
    return any(told) and all(
        is_fact or piece in authors or _NAME.fullmatch(piece)
        for piece, is_fact in zip(pieces, told, strict=True)
    )


def _facts_of(text: str) -> list[str]:
    """The pieces of a line of facts: between bars, or each from its label to the next."""
    apart = load_rules().fact_ahead
    return [
        part.strip()
        for piece in _BARS.split(text)
        for part in (apart.split(piece) if ":" in piece else [piece])
    ]


def names_told(dropped: Sequence[Dropped]) -> list[str]:
    """What dropped lines say about who wrote the article."""
    author = load_rules().line("author line")
    told: list[str] = []
    for piece in dropped:
        if piece.rule == "author line":
            told.append(piece.text)
        elif piece.rule == "date line":
            told += [one for one in _facts_of(piece.text) if author.fits(one.casefold())]
    return told


def _rows_of_facts(drafts: Sequence[Draft]) -> set[int]:
    """Numbers of the rows of tables in which each row begins with a label such as `Source`."""
    rows: set[int] = set()
    number = 0
    for is_row, group in groupby(drafts, key=lambda draft: draft.kind is BlockKind.TABLE_ROW):
        table = list(group)
        if is_row and all(load_rules().fact.fullmatch(_first_cell(row)) for row in table):
            rows.update(range(number, number + len(table)))
        number += len(table)
    return rows


def _first_cell(row: Draft) -> str:
    return f"{row.text.partition(' | ')[0].rstrip(' :').casefold()}:"


def _trim_end(drafts: list[Draft], known: Known, result: Stripped) -> list[Draft]:
    """Headings with nothing below them, and lists of links, end no article."""
    end = len(drafts)
    while end > 1:
        draft = drafts[end - 1]
        links = draft.links / max(1, len(draft.text.replace(" ", "")))
        is_list = draft.kind is BlockKind.LIST_ITEM and links > 0.6
        if draft.text in known.kept or (draft.kind is not BlockKind.HEADING and not is_list):
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
