"""Read what a feed says of its entries: headline, text and the rest, as of an article. Pure.

Where a page may not be fetched this is all there is. The text is cleaned as a page's is, and bounded;
which entries there are, and where they lead, is `crawler.discovery.feeds`' to say.
"""

import html
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Final

from crawler.discovery.feeds import Entry, read_entries
from crawler.extraction.authors import clean_names
from crawler.extraction.boilerplate import Known, strip
from crawler.extraction.language import language_of
from crawler.extraction.page import Node, parse_fragment, take_out, text_of
from crawler.identity import normalise_url
from storage.cuts import CUT_SIGN
from storage.types import ArticleContent, Block

MOST_MARKUP: Final = 200_000
"""Characters of an entry that are read; of an article in full some ten thousand are usual."""

MOST_TEXT: Final = 20_000
"""Characters of text that are kept of an entry, in whole paragraphs."""

_TAG: Final = re.compile(r"<[A-Za-z/!?]")
_LINES: Final = re.compile(r"\n\s*\n")
_CUT: Final = re.compile(r"\s*(?:\[\s*(?:…|\.{3}|&hellip;)\s*\]|…|\.{3})\s*$")
_OWN_LINK_SHARE: Final = 0.3  # of a short last paragraph: it says where the rest stands
_SHORT: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReading:
    """What a feed says of one address."""

    url: str
    content: ArticleContent


def read_texts(
    body: bytes, *, content_type: str = "", url: str, wanted: Collection[str]
) -> Iterator[EntryReading]:
    """Read the entries that lead to the addresses wanted, each address once; those without a headline are left out.

    Raises:
        DiscoveryError: The bytes are no feed at all.
    """
    left = set(wanted)
    for entry in read_entries(body, content_type=content_type, url=url):
        lead = entry.lead
        if lead.url in left and lead.title:
            left.discard(lead.url)
            yield EntryReading(url=lead.url, content=_content(entry))


def _content(entry: Entry) -> ArticleContent:
    lead = entry.lead
    authors = clean_names(entry.authors)
    known = Known(titles=(lead.title,), authors=authors)
    texts = (blocks for raw in entry.texts if (blocks := _blocks(raw, lead.url, known)))
    blocks = next(texts, ())
    said = "\n".join((lead.title, *(block.text for block in blocks)))
    return ArticleContent(
        title=lead.title,
        blocks=blocks,
        authors=authors,
        published=lead.published,
        modified=lead.updated,
        language=language_of(said, [one for one in entry.languages if one]),
        description=lead.summary,
        is_feed_only=True,
    )


def _blocks(raw: str, url: str, known: Known) -> tuple[Block, ...]:
    part = parse_fragment(_markup(raw[:MOST_MARKUP]))
    for node in list(part.iter("script", "style", "noscript", "template")):
        take_out(node)
    _drop_links_to_itself(part, url)
    blocks: list[Block] = []
    left = MOST_TEXT
    for block in strip(part, known).blocks:
        left -= len(block.text)
        if left < 0 and blocks:
            break
        blocks.append(Block(kind=block.kind, text=block.text[:MOST_TEXT]))
    return _with_sign(tuple(blocks))


def _markup(raw: str) -> str:
    """Give text without tags the paragraphs that its empty lines mean."""
    if _TAG.search(raw):
        return raw
    if "<" in (text := html.unescape(raw)) and _TAG.search(text):
        return text  # escaped once more than the format asks for
    paragraphs = (html.escape(one.strip()) for one in _LINES.split(text))
    return "".join(f"<p>{one}</p>" for one in paragraphs if one)


def _drop_links_to_itself(part: Node, url: str) -> None:
    """Leave out "read more", and the line that says where the piece first appeared.

    Only at the end: elsewhere a link to the article itself is part of a sentence.
    """
    links = [node for node in part.iter("a") if normalise_url(node.get("href") or "", url) == url]
    for link in links[-2:]:
        around = _paragraph_of(link, part)
        if around is None or not _is_last(around, part):
            continue
        text, linked = text_of(around), sum(len(text_of(a)) for a in around.iter("a"))
        if len(text) <= _SHORT and linked >= _OWN_LINK_SHARE * len(text):
            take_out(around)
        elif text.endswith(text_of(link)):
            take_out(link)


def _paragraph_of(link: Node, part: Node) -> Node | None:
    outer = link.getparent()
    while outer is not None and outer is not part and outer.tag not in {"p", "div", "li"}:
        outer = outer.getparent()
    return outer if outer is not part else None


def _is_last(node: Node, part: Node) -> bool:
    """Say whether no text stands behind a paragraph."""
    return text_of(part).endswith(text_of(node))


def _with_sign(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Write the sign of a text that was cut off always in the same way."""
    if not blocks or not _CUT.search(blocks[-1].text):
        return blocks
    *before, last = blocks
    text = _CUT.sub("", last.text)
    return (*before, replace(last, text=text + CUT_SIGN)) if text else tuple(before)
