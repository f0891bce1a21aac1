"""Tell, for less than one parse of it, that a page still says what it said when it was read in full.

A full reading leaves a mark of at most 200 letters: between which tags of the page the article stands,
which places among them hold what is none of the article, and a hash of everything else there and of
what the page's head declares. A page with the same hash would be read as the same article; anything
unknown gives another hash, and is read in full. What an edit is, is never decided here.
"""

import html
import re
from base64 import b85decode, b85encode
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any, Final
from zlib import crc32

import lxml.etree

from crawler.extraction.decoding import decode
from crawler.extraction.page import Node

MOST_PLACES: Final = 48  # three bytes each: with the rest and in letters at most 195
_HASH: Final = 8
_PLACE: Final = 3
_HEAD: Final = 4  # bytes before the places: where it starts and ends, how many places of each kind
_LARGE: Final = 1_500_000
_LONG_TAG: Final = 20_000
_LONG: Final = (
    80  # characters outside of links: such a text may be a paragraph that is kept next time
)
_MOST_TRIES: Final = 5
_INNER: Final = "\0"  # stands for an element inside a text
_BLANK: Final = " \n\t\r\f\0\u00a0"
_FIGURES = re.compile(r"\d+(?:[.,\u00a0 ]\d+)*")
_SILENT = re.compile("[|\u00ad\u200b-\u200f\u2060\ufeff]")
_SKIPPED: Final = frozenset({
    "script", "style", "button", "option", "math", "noscript", "template", "svg", "canvas", "object", "select", "textarea", "iframe",
})  # fmt: skip
_HEADING = re.compile(rb"<h1[\s>]", re.IGNORECASE)
_STARTS: Final = (
    re.compile(rb"<article[\s>]", re.IGNORECASE),
    re.compile(rb"<main[\s>]", re.IGNORECASE),
    re.compile(rb"<body[\s>]", re.IGNORECASE),
)
_ENDS: Final = (b"</article>", b"</main>", b"<footer", b"</body>")
_FIRST_START: Final = 240  # below: the number of an h1
_DECLARED = re.compile(
    rb"<title[^>]{0,300}>[^<]{0,2000}"
    rb"|<link[^>]{0,300}canonical[^>]{0,1000}>"
    rb"|<meta[^>]{0,300}\b(?:title|headline|description|author|creator|byl|published_time|modified_time|date|pubdate|locale|language)\b[^>]{0,4000}>"
    rb"|<html[^>]{0,1000}>",
    re.IGNORECASE,
)
_DATA = re.compile(rb"<script[^>]{0,300}ld\+json[^>]{0,300}>", re.IGNORECASE)

_Piece = tuple[int, str, bool]
"""The place of an element, the text that stands in it itself, and whether it is of a link that stands alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a full reading found, as far as another look at the page is compared with it."""

    heading: int | None  # which h1 of the page holds the headline, counted from 0
    title: str
    shown: str  # the headline as it stands in the page; the title may be declared only
    texts: Sequence[str]  # of the article: each must stand where the mark looks
    lines: Sequence[str]  # that were dropped for what they say, and captions
    by_name: Sequence[str]  # dropped for the name of the element they stood in, whatever they say


def make_mark(body: bytes, content_type: str, reading: Reading, *, rules: str) -> str:
    """Give the mark of a page that was read in full; "" where it cannot be told from others cheaply.

    Args:
        body: The answer's body, uncompressed.
        content_type: The Content-Type header.
        reading: What was found.
        rules: What else decides how a page is read; another value gives another mark.
    """
    starts = [_FIRST_START + number for number in range(len(_STARTS))]
    if reading.heading is not None and reading.heading < _FIRST_START:
        starts.insert(0, reading.heading)
    tried: set[bytes] = set()
    for start in starts:
        for end in range(len(_ENDS)):
            part = _cut(body, start, end)
            if part is None or part in tried or len(tried) == _MOST_TRIES:
                continue
            tried.add(part)
            mark = _mark(body, part, reading, content_type=content_type, rules=rules)
            if mark:
                return b85encode(bytes((start, end)) + mark).decode("ascii")
    return ""


def is_same(body: bytes, mark: str, *, rules: str) -> bool:
    """Say whether a page says what it said when it was given this mark; in doubt it does not.

    Args:
        body: The answer's body, uncompressed.
        mark: What `make_mark` gave; "" is like no page.
        rules: As when it was marked.
    """
    try:
        raw = b85decode(mark)
    except ValueError:
        return False
    if len(raw) < _HEAD + _HASH or raw[1] >= len(_ENDS):
        return False
    middle = _HEAD + _PLACE * raw[2]
    end = middle + _PLACE * raw[3]
    part = _cut(body, raw[0], raw[1])
    if part is None or len(raw) != end + _HASH:
        return False
    foreign, counters = _unpacked(raw[_HEAD:middle]), _unpacked(raw[middle:end])
    pieces = _pieces(_parse(part, _encoding(part)))
    declared = _declared(body)
    return raw[end:] == _hash(declared, pieces, foreign=foreign, counters=counters, rules=rules)


def _mark(body: bytes, part: bytes, reading: Reading, *, content_type: str, rules: str) -> bytes:
    encoding = _encoding(part)
    tree = shown = _parse(part, encoding)
    if encoding != "utf-8":
        shown = _parse(decode(part, content_type=content_type).encode("utf-8", "replace"), "utf-8")
    declared = _declared(body)
    said = _no_space("".join(shown.itertext())) if shown is not None else ""
    if not said or not all(_no_space(text) in said for text in (reading.shown, *reading.texts)):
        return b""
    head = _no_space(html.unescape(declared.decode("utf-8", "replace")))
    if _no_space(reading.title) not in said and _no_space(reading.title) not in head:
        return b""
    pieces, readable = _pieces(tree), _pieces(shown)
    if len(pieces) != len(readable):
        return b""
    exact, loose = _kept_places(readable, reading)
    numbers = {
        shown_piece[0]: piece[0] for piece, shown_piece in zip(pieces, readable, strict=True)
    }
    counters = {numbers[place] for place in loose}
    foreign = {piece[0] for piece in pieces} - {numbers[place] for place in exact} - counters
    if len(foreign) + len(counters) > MOST_PLACES:
        return b""
    told = _hash(declared, pieces, foreign=foreign, counters=counters, rules=rules)
    return bytes((len(foreign), len(counters))) + _packed(foreign) + _packed(counters) + told


def _packed(places: Iterable[int]) -> bytes:
    return b"".join(place.to_bytes(_PLACE, "big") for place in sorted(places))


def _unpacked(raw: bytes) -> set[int]:
    return {int.from_bytes(raw[at : at + _PLACE], "big") for at in range(0, len(raw), _PLACE)}


def _kept_places(pieces: Iterable[_Piece], reading: Reading) -> tuple[set[int], set[int]]:
    """Tell the places whose text counts to the letter from those where only figures may differ.

    A place counts if one of its texts belongs to the article, or might if it said something else.
    Lines that were dropped for what they say are often counters: other figures make no other line.
    """
    texts, lines, named = (
        _joined(some)
        for some in (
            (reading.title, reading.shown, *reading.texts),
            reading.lines,
            reading.by_name,
        )
    )
    whole = {" ".join(text.split()) for text in reading.texts}
    exact: set[int] = set()
    loose: set[int] = set()
    for place, raw, is_alone in pieces:
        text = raw.replace(_INNER, " ").strip()
        longest = max(raw.split(_INNER), key=len).strip()
        if is_alone:
            if text in whole:
                exact.add(place)
        elif text in texts or longest in texts:
            exact.add(place)
        elif text in lines or longest in lines:
            loose.add(place)
        elif longest not in named and len(text) >= _LONG:
            exact.add(place)
    return exact, loose - exact


def _joined(texts: Iterable[str]) -> str:
    return " ".join(" ".join(text.split()) for text in texts)


def _no_space(text: str) -> str:
    return "".join(_SILENT.sub("", text).split())


def _hash(
    head: bytes,
    pieces: Iterable[_Piece],
    *,
    foreign: Collection[int],
    counters: Collection[int],
    rules: str,
) -> bytes:
    told = [rules]
    told += [
        _FIGURES.sub("0", text) if place in counters else text
        for place, text, _ in pieces
        if place not in foreign
    ]
    found = blake2b("\n".join(told).encode("utf-8", "surrogatepass"), digest_size=_HASH)
    found.update(head)
    return found.digest()


# -- where the article stands --------------------------------------------------------------------


def _cut(body: bytes, start: int, end: int) -> bytes | None:
    """Give what stands from a start to the first such end behind it; None where there is none of these."""
    if len(body) > _LARGE:
        return None
    if start < _FIRST_START:
        found = next(islice(_HEADING.finditer(body), start, None), None)
    else:
        found = (
            _STARTS[start - _FIRST_START].search(body)
            if start - _FIRST_START < len(_STARTS)
            else None
        )
    if found is None:
        return None
    stop = body.find(_ENDS[end], found.start())
    return body[found.start() : stop] if stop >= 0 else None


def _encoding(part: bytes) -> str:
    """Say how bytes are made characters here: those that are no UTF-8 only have to stay apart."""
    try:
        part.decode("utf-8")
    except UnicodeDecodeError:
        return "iso-8859-1"
    return "utf-8"


def _declared(body: bytes) -> bytes:
    """What a page declares of its article, as it stands there."""
    stop = body.find(b"</head>")
    told = _DECLARED.findall(body[: stop if stop >= 0 else 200_000])
    for found in islice(_DATA.finditer(body), 20):
        told.append(body[found.end() : body.find(b"</script", found.end())])
    return b"\n".join(told)


# -- what stands there ---------------------------------------------------------------------------


def _parse(part: bytes, encoding: str) -> Node | None:
    if any(len(piece) >= _LONG_TAG for piece in part.split(b"<") if piece[:1].isalpha()):
        part = b""  # libxml2 takes minutes for a tag of thousands of attributes
    try:
        parser = lxml.etree.HTMLParser(encoding=encoding, collect_ids=False)
        return lxml.etree.fromstring(part, parser=parser)
    except (lxml.etree.LxmlError, ValueError):
        return None


def _pieces(tree: Node | None) -> list[_Piece]:
    pieces: list[_Piece] = []
    try:
        if tree is not None:
            _gather(tree, None, pieces, alone=None)
    except RecursionError:
        return []
    return pieces


_Chain = list[Any] | None
"""An element, the chain of the one around it, and its place: -1 until something stands in it."""


def _gather(node: Node, above: _Chain, pieces: list[_Piece], *, alone: bool | None) -> None:
    """Gather the pieces inside an element.

    `alone` says whether it stands in a link that stands alone; None: in no link. A link in a paragraph
    or with text beside it is part of what is told there.
    """
    texts = [node.text or ""]
    chain: _Chain = [node, above, -1]
    for child in node:
        tag = child.tag
        if isinstance(tag, str) and tag not in _SKIPPED:
            texts.append(_INNER)  # that something stands here counts, too
        if tail := child.tail:
            texts.append(tail)
    own = "".join(texts)
    has_text = bool(own.strip(_BLANK))
    inner = False if has_text or node.tag == "p" else alone
    for child in node:
        tag = child.tag
        if not isinstance(tag, str) or tag in _SKIPPED:
            continue
        is_alone = True if tag == "a" and inner is None else inner
        if len(child):
            _gather(child, chain, pieces, alone=is_alone)
        elif (text := child.text) and not text.isspace():
            pieces.append((_place([child, chain, -1]), " ".join(text.split()), bool(is_alone)))
    if has_text:
        pieces.append((_place(chain), " ".join(own.split()), bool(alone)))


def _place(chain: _Chain) -> int:
    """Give a number of 24 bits made of the tags, classes and ids from the top to here."""
    if chain is None:
        return 0
    if chain[2] < 0:
        get = chain[0].get
        names = f"{chain[0].tag} {get('class')} {get('id')}"
        chain[2] = crc32(names.encode("utf-8", "surrogatepass"), _place(chain[1])) & 0xFFFFFF
    return chain[2]
