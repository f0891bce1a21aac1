"""Tell where blocks stand: among an article's own text, or apart from it. Pure.

Places are what reading gives (`div.entry>p.note`), tags and classes from the article's part of the
page down. An article's own text stands where most of its paragraphs do, or most of its site's.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from storage.keys import APART, place_key, wrapping_key
from storage.types import Block, BlockKind

_SEVERAL: Final = 4  # paragraphs; and a third of all: a text that is cut into parts
_THIRD: Final = 3
_FORMAT = re.compile(r"\.(?:wp-block-|has-|is-|align)[\w-]*")  # how a text is set, by editors
_STRUCTURE = re.compile(r"p|h[2-6]|ul|ol|li|d[ltd]|blockquote|pre|table|t(?:head|body|foot|r)")


def wrapping_of(blocks: Sequence[Block], *, usual: Collection[str] = ()) -> str:
    """Name the place of an article's own paragraphs; "" where places are not known.

    Args:
        blocks: As the page has them.
        usual: Wrappings of the site's articles: the place of a short text is easily mistaken.
    """
    places = _own_places(blocks, usual)
    return wrapping_key(places[0]) if places else ""


def placed(
    blocks: Sequence[Block], *, usual: Collection[str] = (), is_strict: bool = False
) -> tuple[Block, ...]:
    """Say of each block whether it stands apart: its place becomes "", or `#` and the place's key.

    Args:
        blocks: As the page has them.
        usual: Wrappings of this article and its site.
        is_strict: The page is wrapped in another way than before: only paragraphs are own.
    """
    own = _own_places(blocks, usual)
    return tuple(
        replace(block, place="")
        if not own or _is_own(block, own, is_strict=is_strict)
        else replace(block, place=APART + place_key(block.place)[1:])
        for block in blocks
    )


def _own_places(blocks: Sequence[Block], usual: Collection[str]) -> list[str]:
    """The places of own paragraphs, the main one first."""
    counts = Counter(
        block.place for block in blocks if block.kind is BlockKind.PARAGRAPH and block.place
    )
    ranked = [place for place, _ in counts.most_common()]
    known = [place for place in ranked if wrapping_key(place) in usual]
    main = (known or ranked)[:1]
    least = max(_SEVERAL, counts.total() / _THIRD)
    return main + [place for place in ranked if place not in main and counts[place] >= least]


def _is_own(block: Block, own: Sequence[str], *, is_strict: bool) -> bool:
    if not block.place or block.place in own:
        return block.kind is BlockKind.PARAGRAPH or not is_strict
    return not is_strict and any(_is_structure(block.place, place) for place in own)


def _is_structure(place: str, own: str) -> bool:
    """Say whether a place is a plain part of the text beside its paragraphs: a subhead, a list, a quote."""
    around, _, _ = own.rpartition(">")
    if around and not place.startswith(f"{around}>"):
        return False
    inner = _FORMAT.sub("", place.removeprefix(f"{around}>") if around else place)
    return all(_STRUCTURE.fullmatch(tag) for tag in inner.split(">"))
