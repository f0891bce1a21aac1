"""Choose the part of a page that holds the article; what is stripped inside it is `boilerplate`'s to say.

Each element is measured once. Paragraphs count for an element, everything else in it against it; the element
with the best sum is the article's. Beside-the-article names and tags lessen what a paragraph counts.
"""

from dataclasses import dataclass, field
from typing import Final

from crawler.extraction.page import MAX_ELEMENTS, Node, Page, folded, split_names, text_of
from crawler.extraction.rules import load_rules

_SKIPPED: Final = frozenset({
    "script", "style", "noscript", "template", "svg", "iframe", "button", "select", "input", "textarea", "option",
    "head", "canvas", "object", "math", "form", "dialog",
})  # fmt: skip
_BESIDE: Final = frozenset({"aside", "footer", "nav", "menu", "figcaption", "figure"})
_PARAGRAPHS: Final = frozenset({"p", "blockquote", "pre", "li", "dd", "h2", "h3", "h4"})
_WHOLE: Final = frozenset({"html", "body", "main", "article"})
_HOLDS_NO_TEXT_ITSELF: Final = frozenset({"ul", "ol", "table", "tbody", "tr", "dl", "a"})
_MIN_PARAGRAPH: Final = 40
_AGAINST: Final = 0.55
_FOREIGN_FACTOR: Final = 0.1


@dataclass(slots=True)
class Measures:
    """What was measured of a page's elements, by their number in the page's order."""

    nodes: list[Node] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)  # number behind the last element inside
    chars: list[int] = field(default_factory=list)
    links: list[int] = field(default_factory=list)
    is_foreign: list[bool] = field(default_factory=list)
    mass: list[float] = field(default_factory=list)  # characters in paragraphs
    index: dict[Node, int] = field(default_factory=dict)


def measure(page: Page) -> Measures:
    """Measure all elements of the page's body."""
    measures = Measures()
    body = page.root.find("body")
    _list_elements(body if body is not None else page.root, measures)
    _count(measures)
    _mark_foreign(measures)
    _weigh(measures)
    return measures


def choose(measures: Measures) -> Node | None:
    """The element that holds the article, None where no paragraph stands."""
    best, best_score = None, 0.0
    for number, node in enumerate(measures.nodes):
        mass = measures.mass[number]
        if mass <= 0 or node.tag in _HOLDS_NO_TEXT_ITSELF:
            continue
        score = mass - _AGAINST * max(0.0, measures.chars[number] - mass)
        if "articlebody" in (node.get("itemprop") or "").lower():
            score *= 1.3
        if score >= best_score and score > 0:
            best, best_score = node, score
    if best is None and measures.nodes and measures.mass[0] > 0:
        return measures.nodes[0]
    return best


def _list_elements(top: Node, measures: Measures) -> None:
    """Number the elements in the page's order, with what is not text left out."""
    stack: list[tuple[Node, int]] = [(top, -1)]
    while stack and len(measures.nodes) < MAX_ELEMENTS:
        node, parent = stack.pop()
        number = len(measures.nodes)
        measures.nodes.append(node)
        measures.parents.append(parent)
        measures.index[node] = number
        stack.extend(
            (child, number)
            for child in reversed(node)
            if isinstance(child.tag, str) and child.tag not in _SKIPPED
        )


def _count(measures: Measures) -> None:
    total = len(measures.nodes)
    chars, links, ends = [0] * total, [0] * total, list(range(1, total + 1))
    for number in range(total - 1, -1, -1):
        node = measures.nodes[number]
        text = node.text
        if text:
            chars[number] += len(text.strip())
        if node.tag == "a":
            links[number] = chars[number]
        parent = measures.parents[number]
        if parent >= 0:
            tail = node.tail
            chars[parent] += chars[number] + (len(tail.strip()) if tail else 0)
            links[parent] += links[number]
            ends[parent] = max(ends[parent], ends[number])
    measures.chars, measures.links, measures.ends = chars, links, ends


def _mark_foreign(measures: Measures) -> None:
    foreign = load_rules().foreign
    half = measures.chars[0] * 0.5 if measures.chars else 0
    marks: list[bool] = []
    for number, node in enumerate(measures.nodes):
        parent = measures.parents[number]
        if parent >= 0 and marks[parent]:
            marks.append(True)
            continue
        tag = node.tag
        if tag in _WHOLE or measures.chars[number] > half:
            marks.append(False)
        elif tag in _BESIDE:
            marks.append(True)
        else:
            raw = node.get("class") or ""
            raw = f"{raw} {node.get('id') or ''}"
            marks.append(len(raw) > 1 and foreign.search(split_names(raw)) is not None)
    measures.is_foreign = marks


def _weigh(measures: Measures) -> None:
    total = len(measures.nodes)
    mass = [0.0] * total
    for number in range(total - 1, -1, -1):
        own = _own_mass(measures, number)
        mass[number] = (
            max(mass[number], own) if own and _is_leaf(measures, number) else mass[number] + own
        )
        parent = measures.parents[number]
        if parent >= 0:
            mass[parent] += mass[number]
    measures.mass = mass


def _is_leaf(measures: Measures, number: int) -> bool:
    return measures.nodes[number].tag in _PARAGRAPHS


def _own_mass(measures: Measures, number: int) -> float:
    """What the text standing directly in an element counts."""
    node = measures.nodes[number]
    if _is_leaf(measures, number):
        chars, links = measures.chars[number], measures.links[number]
    else:
        chars, links = _direct_chars(node), 0
    if chars < _MIN_PARAGRAPH and node.tag not in {"p", "h2", "h3"}:
        return 0.0
    worth = max(0.0, chars - 2.0 * links)
    if node.tag in {"li", "h2", "h3", "h4"} or chars < _MIN_PARAGRAPH:
        worth *= 0.5 if not links else 0.0
    return worth * (_FOREIGN_FACTOR if measures.is_foreign[number] else 1.0)


def _direct_chars(node: Node) -> int:
    if node.tag in {"span", "a", "b", "i", "em", "strong", "font", "small"}:
        return 0
    chars = len(node.text.strip()) if node.text else 0
    for child in node:
        if child.tail:
            chars += len(child.tail.strip())
    return chars


@dataclass(frozen=True, slots=True)
class Standfirst:
    """A summary that stands visibly in the page, and where."""

    text: str
    place: str


def find_standfirst(
    measures: Measures, chosen: Node, *, heading: Node | None, descriptions: tuple[str, ...]
) -> Standfirst | None:
    """The standfirst above the chosen part, where there is one.

    It equals a declared description, or is named as one, or stands right below the headline.
    """
    first = measures.index.get(heading, -1) if heading is not None else -1
    last = measures.index.get(chosen, 0)
    inside = range(last, measures.ends[last] if measures.ends else 0)
    by_name: Standfirst | None = None
    for number, node in enumerate(measures.nodes):
        if number in inside or measures.is_foreign[number] and number > last:
            continue
        chars = measures.chars[number]
        if (
            not 25 <= chars <= 1200
            or node.tag in {"a", "h1", "li", "figcaption", "time"}
            or measures.links[number] > 0.4 * chars
        ):
            continue
        if _holds_blocks(node):
            continue
        text = text_of(node)
        if any(_is_same(text, described) for described in descriptions) and not _in_link(node):
            return Standfirst(text, _short_place(node))
        if (
            by_name is None
            and first < number < last
            and _is_named(measures, number)
            and not _in_link(node)
            and len(text) > 40
        ):
            by_name = Standfirst(text, _short_place(node))
    return by_name


def _is_named(measures: Measures, number: int) -> bool:
    pattern = load_rules().standfirst
    for _ in range(3):
        node = measures.nodes[number]
        raw = f"{node.get('class') or ''} {node.get('id') or ''}"
        if "description" in (node.get("itemprop") or "").lower() or pattern.search(
            split_names(raw)
        ):
            return True
        number = measures.parents[number]
        if number < 0 or measures.chars[number] > 1500:
            return False
    return False


def _holds_blocks(node: Node) -> bool:
    return any(
        inner.tag in {"p", "div", "ul", "ol", "h1", "h2", "h3", "section", "article"}
        for inner in node.iterdescendants()
        if isinstance(inner.tag, str)
    )


def _in_link(node: Node) -> bool:
    return any(outer.tag == "a" for outer in node.iterancestors())


def _short_place(node: Node) -> str:
    name = (node.get("class") or "").split()
    return f"{node.tag}.{name[0]}" if name else str(node.tag)


def _is_same(text: str, described: str) -> bool:
    """Equal, or the one is the other cut off."""
    a, b = _plain(text), _plain(described)
    if a == b:
        return True
    shorter, longer = (a, b) if len(a) <= len(b) else (b, a)
    return (
        len(shorter) >= 50
        and longer.startswith(shorter[:-3])
        and (shorter == b or len(shorter) > 0.8 * len(longer))
    )


def _plain(text: str) -> str:
    return folded(text).casefold().rstrip(" .…[]\u2026")
