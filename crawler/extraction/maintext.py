"""Choose the part of a page that holds the article; what is stripped inside it is `boilerplate`'s to say.

Each element is measured once. Paragraphs count for an element, everything else in it against it; the element
with the best sum is the article's. Beside-the-article names and tags lessen what a paragraph counts.
"""

# ruff: noqa: PLR2004 - lengths and shares of heuristics say what they are where they stand

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress, islice
from typing import Final

from crawler.extraction.page import (
    MAX_ELEMENTS,
    MOST_OF_NAMES,
    Node,
    Page,
    names_of,
    plain,
    split_names,
    take_out,
    text_of,
)
from crawler.extraction.rules import load_rules

_BESIDE: Final = frozenset(
    {"aside", "footer", "nav", "menu", "figcaption", "figure", "form", "dialog"}
)
_MENUS: Final = ("nav", "menu", "footer")
_MAX_MENU: Final = 20_000
_NEVER_NAMED: Final = frozenset(
    {"a", "img", "b", "i", "strong", "em", "br", "source", "picture", "time", "hr", "input"}
)
_INLINE: Final = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "q", "s",
    "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "br", "img", "picture", "source", "data", "nobr",
})  # fmt: skip
_NO_CANDIDATE: Final = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "table", "tbody", "tr", "dl", "dt", "dd", "pre", "blockquote",
}) | _INLINE  # fmt: skip
_MAY_BE_SHORT: Final = _INLINE | {"p", "h1", "h2", "h3", "h4", "td", "th"}
_NEVER_ASKED: Final = _NEVER_NAMED | {"html", "body", "main", "article", "table", "tbody", "tr", "td"}  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_MAY_BE_TEASER: Final = frozenset({"div", "li", "p", "article", "section", "a"})
_CONSENT = re.compile(r" (?:cookies?|consent|gdpr|cmp|onetrust|didomi) ")
_DENSE = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_MIN_PARAGRAPH: Final = 40
_DENSE_SHARE: Final = 0.3
_DENSE_WORTH: Final = 2.5  # a sign of Chinese, Japanese or Korean says as much as so many letters
_SHORT_WORTH: Final = 0.5
_AGAINST_LINK: Final = 0.7
_AGAINST_MOST: Final = 0.75
_AGAINST_SHORT: Final = 0.35
_AGAINST_FOREIGN: Final = 0.6
_FOREIGN_SHARE: Final = 0.35
_OUTSIDE_SHARE: Final = 0.25
_CUT_SHARE: Final = 0.35
_MIN_TEASER: Final = 15
_CARD_CHARS: Final = 450
_DESCEND_SHARE: Final = 0.87
_DESCEND_FROM_TOP: Final = 0.72


@dataclass(slots=True)
class Measures:
    """What was measured of a page's elements, by their number in the page's order."""

    nodes: list[Node] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    texts: list[int] = field(
        default_factory=list
    )  # length of the text before the first element inside
    tails: list[int] = field(default_factory=list)  # length of the text right behind the element
    ends: list[int] = field(default_factory=list)  # number behind the last element inside
    chars: list[int] = field(default_factory=list)
    links: list[int] = field(default_factory=list)
    is_foreign: list[bool] = field(default_factory=list)
    mass: list[float] = field(
        default_factory=list
    )  # characters in paragraphs, foreign ones left out
    score: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)  # what the text standing directly here counts
    holds_block: list[bool] = field(default_factory=list)
    worth_of_sign: float = 1.0
    shown: str = ""  # all a reader sees, in one line, before anything is cut
    cut: list[int] = field(
        default_factory=list
    )  # what stands beside the article, its outermost elements
    starts: tuple[str, ...] = ()  # how the declared summaries begin
    index: dict[Node, int] = field(default_factory=dict)
    pruned: list[tuple[Node, str]] = field(
        default_factory=list
    )  # where menus stood, and their texts


def measure(page: Page, *, descriptions: tuple[str, ...] = ()) -> Measures:
    """Measure all elements of the page's body; what a declared summary quotes is not beside the article."""
    measures = Measures(
        starts=tuple(start for text in descriptions if len(start := plain(text)[:50]) > 25)
    )
    body = page.root.find("body")
    top = body if body is not None else page.root
    measures.shown = " ".join(top.xpath("string()")[:200_000].split())[:60_000]
    if page.mentions("itemscope"):
        _take_out_machine_text(top)
    _prune(top, measures)
    _list_elements(top, measures)
    _count(measures)
    _mark_foreign(measures)
    _weigh(measures)
    return measures


def choose(measures: Measures) -> Node | None:
    """The element that holds the article, None where no paragraph stands.

    The paragraph that the declared summary quotes is the article's own, even in an element that is
    named as if it stood beside it, or above a list of other articles that is longer than the article.
    """
    best = _heaviest(measures)
    if best is not None:
        best = _descend(measures, best)
    quoted = _quoted_outside(measures, best)
    return best if quoted is None else quoted


def _heaviest(measures: Measures) -> Node | None:
    best, best_score = None, 0.0
    for number, node in enumerate(measures.nodes):
        score = measures.score[number]
        if score < best_score or measures.mass[number] <= 0 or node.tag in _NO_CANDIDATE:
            continue
        if "articlebody" in (node.get("itemprop") or "").lower():
            score *= 1.3
        best, best_score = node, score
    if best is None and measures.nodes and measures.mass[0] > 0:
        best = measures.nodes[0]
    return best


def _quoted_outside(measures: Measures, best: Node | None) -> Node | None:
    """An element outside the heaviest with several paragraphs, one of which begins as the summary does.

    Of several summaries the first that is quoted anywhere decides: the others may be another article's.
    """
    if not measures.starts:
        return None
    first = measures.index[best] if best is not None else 0
    inside = range(first, measures.ends[first]) if best is not None else range(0)
    quoted: dict[str, Node | None] = {}  # by the beginning of the summary; None: in the heaviest
    for number, node in enumerate(measures.nodes):
        if node.tag != "p" or measures.own[number] < _MIN_PARAGRAPH:
            continue
        is_outside = measures.is_foreign[number] or number not in inside
        if is_outside and not _has_several(measures, number):
            continue
        text = plain(text_of(node))
        for start in filter(text.startswith, measures.starts):
            if not is_outside:
                quoted[start] = None
            quoted.setdefault(start, measures.nodes[measures.parents[number]])
        if measures.starts[0] in quoted and not is_outside:
            break
    return next((quoted[start] for start in measures.starts if start in quoted), None)


def _has_several(measures: Measures, number: int) -> bool:
    """Say whether a paragraph is one of three or more of an element."""
    siblings = (measures.index.get(child) for child in measures.nodes[measures.parents[number]])
    return (
        sum(
            sibling is not None
            and measures.tags[sibling] == "p"
            and measures.own[sibling] >= _MIN_PARAGRAPH
            for sibling in siblings
        )
        >= 3
    )


def _descend(measures: Measures, node: Node) -> Node:
    """Go down as long as one element inside holds nearly all."""
    while True:
        share = _DESCEND_FROM_TOP if node.tag in {"body", "main"} else _DESCEND_SHARE
        least = share * measures.mass[measures.index[node]]
        inner = next(
            (
                child
                for child in node
                if child in measures.index
                and child.tag not in _NO_CANDIDATE
                and measures.mass[measures.index[child]] >= least
            ),
            None,
        )
        if inner is None:
            return node
        node = inner


def _take_out_machine_text(top: Node) -> None:
    """Take out what is written for machines only: hidden microdata, which often repeats the whole text."""
    for node in top.xpath(".//*[@itemscope and @style]"):
        if _HIDDEN.search(node.get("style")) and node.find(".//h1") is None:
            take_out(node)


def _prune(top: Node, measures: Measures) -> None:
    """Empty menus and feet before they are measured: a third of most pages, and none of it is the article."""
    for node in list(top.iter(*_MENUS)):
        outer = node.getparent()
        if outer is None or node.find(".//article") is not None or node.find(".//h1") is not None:
            continue
        if any(len(p.xpath("string()")) > _MIN_PARAGRAPH * 2 for p in node.iter("p")):
            continue
        text = text_of(node)
        if len(text) > _MAX_MENU:
            continue
        measures.pruned.append((outer, text))
        tail = node.tail
        node.clear()
        node.tail = tail


def _list_elements(top: Node, measures: Measures) -> None:
    """Number the elements in the page's order, with the length of the text and tail of each."""
    nodes = measures.nodes = list(islice(top.iter("*"), MAX_ELEMENTS))
    index = measures.index = dict(zip(nodes, range(len(nodes)), strict=True))
    measures.parents = [-1, *[index[node.getparent()] for node in nodes[1:]]]
    measures.tags = [node.tag for node in nodes]
    measures.texts = [len(text.strip()) if (text := node.text) else 0 for node in nodes]
    measures.tails = [len(tail.strip()) if (tail := node.tail) else 0 for node in nodes]
    measures.tails[0] = 0


def _count(measures: Measures) -> None:
    parents, tags, tails = measures.parents, measures.tags, measures.tails
    measures.worth_of_sign = dense = _worth_of_sign(measures)
    total = len(tags)
    chars, links, ends = list(measures.texts), [0] * total, list(range(1, total + 1))
    direct, direct_links = (
        list(measures.texts),
        [0] * total,
    )  # of text that stands in no block inside
    holds_block, worths = [False] * total, [0.0] * total
    for number in range(total - 1, -1, -1):
        tag, parent, length = tags[number], parents[number], direct[number]
        if tag == "a":
            links[number] = chars[number]
            direct_links[number] = length
        if tag in _INLINE and not holds_block[number]:
            if number:
                direct[parent] += length + tails[number]
                direct_links[parent] += direct_links[number]
        else:
            if length:
                worths[number] = _worth(tag, length * dense, direct_links[number] * dense)
            if number:
                direct[parent] += tails[number]
                holds_block[parent] = True
        if number:
            chars[parent] += chars[number] + tails[number]
            links[parent] += links[number]
            if ends[number] > ends[parent]:  # noqa: PLR1730 - max() here is a third of the loop's time
                ends[parent] = ends[number]
    measures.chars, measures.links, measures.ends = chars, links, ends
    measures.holds_block, measures.own = holds_block, worths


def _worth_of_sign(measures: Measures) -> float:
    """How many letters of an alphabet one sign of this page's script is worth."""
    sample = measures.shown[:3000]
    if sample.isascii():
        return 1.0
    return _DENSE_WORTH if len(_DENSE.findall(sample)) > _DENSE_SHARE * len(sample) else 1.0


def _mark_foreign(measures: Measures) -> None:
    """Mark what stands beside the article by its tag or name, unless too much of the page's text is in it."""
    own = measures.own
    raw = _sums(measures, own)
    named = [
        tag in _BESIDE or (tag not in _NEVER_ASKED and _is_named_beside(node))
        for tag, node in zip(measures.tags, measures.nodes, strict=True)
    ]
    _name_cards(measures, named)
    _name_teasers(measures, named)
    _name_other_articles(measures, named)
    _spare_quoted(measures, named)
    marks = _inherit(measures, named)
    outside = _sum_outside(own, marks)
    if raw and outside < max(250.0, _OUTSIDE_SHARE * raw[0]):
        most = _FOREIGN_SHARE * max(raw[0], 1.0)
        marks = _inherit(
            measures,
            [
                name and (mass <= most or _asks_consent(node))
                for name, mass, node in zip(named, raw, measures.nodes, strict=True)
            ],
        )
        if _sum_outside(own, marks) < _OUTSIDE_SHARE * raw[0]:
            by_tag = [
                node.tag in _BESIDE and mass <= most
                for node, mass in zip(measures.nodes, raw, strict=True)
            ]
            marks = _inherit(measures, by_tag)
    measures.is_foreign = marks
    limit = _CUT_SHARE * max(raw[0], 1.0) if raw else 0.0
    for number, mark in enumerate(marks):
        parent = measures.parents[number]
        if mark and parent >= 0 and not marks[parent] and raw[number] <= limit:
            measures.cut.append(number)


def _asks_consent(node: Node) -> bool:
    """A banner is longer than many a note."""
    return _CONSENT.search(names_of(node)) is not None


def _sum_outside(own: list[float], marks: list[bool]) -> float:
    return sum(own) - sum(compress(own, marks))


def _is_named_beside(node: Node) -> bool:
    get = node.get
    class_, id_ = (get("class") or "")[:MOST_OF_NAMES], (get("id") or "")[:MOST_OF_NAMES]
    if (class_ or id_) and _is_foreign_name(class_, id_):
        return True
    style = get("style")
    return bool(style) and _HIDDEN.search(style) is not None


@lru_cache(maxsize=20_000)
def _is_foreign_name(class_: str, id_: str) -> bool:
    names = split_names(f"{class_} {id_}")
    rules = load_rules()
    if not rules.foreign.stand_in(names) or rules.standfirst.stand_in(names):
        return False
    return " embed " not in names and " tweet " not in names


def _name_cards(measures: Measures, named: list[bool]) -> None:
    """Teasers are short elements around a block that is all link, with at most one paragraph beside it."""
    paragraphs = _sums(measures, [float(worth >= _MIN_PARAGRAPH) for worth in measures.own])
    chars, links, parents = measures.chars, measures.links, measures.parents
    tags = measures.tags
    for number, tag in enumerate(tags):
        length = chars[number]
        if length < _MIN_TEASER or named[number]:
            continue
        if tag in {"ul", "ol"}:
            named[number] = _is_link_list(measures, number)
        if named[number] or links[number] < 0.85 * length:
            continue
        if tag in _INLINE and not (tag == "a" and measures.holds_block[number]):
            continue
        card, outer = number, parents[number]
        while outer > 0 and paragraphs[outer] <= 1 and chars[outer] <= _CARD_CHARS:
            card, outer = outer, parents[outer]
        if (
            outer > 0
            and measures.nodes[outer].tag in {"article", "li"}
            and chars[outer] <= 3 * _CARD_CHARS
            and paragraphs[outer] <= 2
        ):
            card = outer
        named[card] = True


def _name_teasers(measures: Measures, named: list[bool]) -> None:
    """Three neighbours of one name, each beginning with a link and a few words below it, are teasers."""
    chars, links = measures.chars, measures.links
    groups: dict[tuple[int, str, str], list[int]] = {}
    for number, node in enumerate(measures.nodes):
        length = chars[number]
        if not _MIN_TEASER < links[number] < length <= _CARD_CHARS or named[number]:
            continue
        if measures.tags[number] in _MAY_BE_TEASER and (name := node.get("class")):
            key = (measures.parents[number], measures.tags[number], name)
            groups.setdefault(key, []).append(number)
    for numbers in groups.values():
        if len(numbers) > 2 and all(_begins_with_link(measures.nodes[n]) for n in numbers):
            for number in numbers:
                named[number] = True


def _name_other_articles(measures: Measures, named: list[bool]) -> None:
    """Beside the `article` that holds the page's h1, one with a headline of its own is another piece."""
    articles = [n for n, tag in enumerate(measures.tags) if tag == "article"]
    if len(articles) < 2:
        return
    own = next((n for n in articles if measures.nodes[n].find(".//h1") is not None), None)
    if own is None:
        return
    for number in articles:
        is_behind = number >= measures.ends[own]
        if is_behind and (
            measures.nodes[number].find(".//h1") is not None
            or _has_linked_heading(measures.nodes[number])
        ):
            named[number] = True


def _spare_quoted(measures: Measures, named: list[bool]) -> None:
    """What holds the declared summary stands beside the article by name only."""
    if not measures.starts:
        return
    chars, links = measures.chars, measures.links
    marks = _inherit(measures, named)
    for number in compress(range(len(named)), named):
        parent = measures.parents[number]
        is_inside = parent >= 0 and marks[parent]
        if is_inside or not 25 < chars[number] < 1500 or links[number] > 0.5 * chars[number]:
            continue
        text = plain(text_of(measures.nodes[number]))
        if any(start in text for start in measures.starts):
            named[number] = False


def _is_link_list(measures: Measures, number: int) -> bool:
    items = [child for child in measures.nodes[number] if child.tag == "li"]
    if len(items) < 3:
        return False
    linked = sum(
        measures.links[of_item] >= _MIN_TEASER
        and (measures.links[of_item] >= 0.15 * measures.chars[of_item] or _has_linked_heading(item))
        and _begins_with_link(item)
        for item in items
        if (of_item := measures.index.get(item)) is not None
    )
    return linked >= 0.8 * len(items)


def _has_linked_heading(node: Node) -> bool:
    """A headline inside leads to another page."""
    return any(
        heading.find(".//a[@href]") is not None
        for heading in node.iter("h2", "h3", "h4", "h5", "h6")
    )


def _begins_with_link(node: Node) -> bool:
    """The first text inside is a link's."""
    for inner in node.iter():
        if inner.tag == "a" and inner.get("href"):
            return True
        if inner.text and inner.text.strip():
            return False
        previous = inner.getprevious()
        if inner is not node and previous is not None and previous.tail and previous.tail.strip():
            return False
    return False


def _inherit(measures: Measures, marks: list[bool]) -> list[bool]:
    marks = list(marks)
    for number, parent in enumerate(measures.parents):
        if parent >= 0 and marks[parent]:
            marks[number] = True
    return marks


def _weigh(measures: Measures) -> None:
    own = [
        0.0 if foreign else worth
        for worth, foreign in zip(measures.own, measures.is_foreign, strict=True)
    ]
    measures.mass = _sums(measures, own)
    against = _sums(measures, _own_against(measures))
    # Capped, because the foreign inside the article is stripped later and must not hand it to a header.
    measures.score = [
        mass - min(_AGAINST_MOST * mass, bad)
        for mass, bad in zip(measures.mass, against, strict=True)
    ]


def _own_against(measures: Measures) -> list[float]:
    against = [0.0] * len(measures.tags)
    chars, links, is_foreign = measures.chars, measures.links, measures.is_foreign
    for number, (tag, worth) in enumerate(zip(measures.tags, measures.own, strict=True)):
        if is_foreign[number]:
            against[number] = _AGAINST_FOREIGN * worth
        elif tag == "a":
            against[number] = _AGAINST_LINK * links[number]
        elif not worth and not measures.holds_block[number] and tag not in _MAY_BE_SHORT:
            against[number] = _AGAINST_SHORT * (chars[number] - links[number])
    return against


def _sums(measures: Measures, own: list[float]) -> list[float]:
    """Each element's own with all inside it."""
    sums, parents = list(own), measures.parents
    for number in range(len(own) - 1, 0, -1):
        if value := sums[number]:
            sums[parents[number]] += value
    return sums


def _worth(tag: str, chars: float, links: float) -> float:
    if chars < _MIN_PARAGRAPH:
        return chars * _SHORT_WORTH if tag == "p" and not links else 0.0
    worth = max(0.0, chars - 2.0 * links)
    return worth * _SHORT_WORTH if tag in {"li", "td", "h2", "h3", "h4", "h5"} else worth


def cut_beside(measures: Measures, part: Node) -> list[str]:
    """Take out of the article's part what stands beside the article, and give its texts."""
    first = measures.index[part]
    texts: list[str] = []
    for number in measures.cut:
        is_inside = first < number < measures.ends[first]
        if is_inside and measures.tags[number] not in {"figure", "figcaption"}:
            node = measures.nodes[number]
            texts.append(text_of(node))
            take_out(node)
    texts.extend(
        text
        for holder, text in measures.pruned
        if first <= measures.index.get(holder, -1) < measures.ends[first]
    )
    return texts


def figures_above(measures: Measures, part: Node, *, heading: Node | None) -> list[Node]:
    """Figures that stand between the headline and the article's part: the opener's pictures."""
    first = measures.index.get(heading, 0) if heading is not None else 0
    last = measures.index[part]
    return [
        measures.nodes[number]
        for number in range(first, last)
        if measures.tags[number] == "figure" and not measures.is_foreign[measures.parents[number]]
    ]
