"""Find what a pay wall leaves open: the headline's lead and first paragraphs. Whether one stands there is `walls`' to say."""

from typing import Final

from crawler.extraction.walls import Seen, load_words
from storage.types import Block, BlockKind, WallKind

_START: Final = 60  # characters by which a paragraph is found again on the page
_FEWEST: Final = 40  # characters of text; less is a label


def open_part(seen: Seen) -> tuple[Block, ...]:
    """Give the blocks that stand between the headline and the pay box; () where none do.

    What stands below the box is not the article's, however much it looks like text, and what the box
    says is not either.
    """
    region = _before_the_box(seen)
    blocks = tuple(block for block in seen.blocks if _stands_in(block.text, region))
    if sum(len(block.text) for block in blocks) >= _FEWEST:
        return blocks
    lead = next((text for text in seen.metadata.descriptions if _stands_in(text, region)), "")
    return (Block(kind=BlockKind.PARAGRAPH, text=lead, place="lead"),) if lead else ()


def _before_the_box(seen: Seen) -> str:
    below = seen.from_heading
    words = load_words()[WallKind.PAYWALL].strong
    places = [at for word in words if (at := below.find(word)) > 0]
    return below[: min(places)] if places else below


def _stands_in(text: str, region: str) -> bool:
    start = " ".join(text.casefold().split())[:_START].strip()
    return len(start) >= min(_START, _FEWEST) // 2 and start in region
