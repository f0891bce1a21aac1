"""Find the standfirst that stands above the article's part: as declared, as named, or below the headline."""

# ruff: noqa: PLR2004 - lengths and shares of heuristics say what they are where they stand

from dataclasses import dataclass

from crawler.extraction.maintext import Measures
from crawler.extraction.page import Node, plain, split_names, text_of
from crawler.extraction.rules import load_rules


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
        if number in inside:
            continue
        if number > last:
            break
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
    standfirst = load_rules().standfirst
    for _ in range(3):
        node = measures.nodes[number]
        raw = f"{node.get('class') or ''} {node.get('id') or ''}"
        is_described = "description" in (node.get("itemprop") or "").lower()
        if is_described or standfirst.stand_in(split_names(raw)):
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
    a, b = plain(text), plain(described)
    if a == b:
        return True
    shorter, longer = (a, b) if len(a) <= len(b) else (b, a)
    return (
        len(shorter) >= 50
        and longer.startswith(shorter[:-3])
        and (shorter == b or len(shorter) > 0.8 * len(longer))
    )
