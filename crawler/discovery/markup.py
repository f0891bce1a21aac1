"""Read what all kinds of sources have in common: text inside markup, times, encodings. Pure.

Everything that comes in is bounded here; what goes out is plain text and aware UTC.
"""

import html
import re
from calendar import timegm
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from time import struct_time
from typing import Final, Protocol, cast

from charset_normalizer import from_bytes
from lxml import html as lxml_html
from lxml.etree import Comment, LxmlError, strip_elements

MAX_LEADS: Final = 1000
"""Leads taken from one look at one source; what is over is named in a warning."""

MAX_TITLE: Final = 300
MAX_SUMMARY: Final = 600

_MAX_RAW_TEXT: Final = 20_000
_FIRST_YEAR: Final = 1990
_LAST_YEAR: Final = 2100
_TAG: Final = re.compile(r"<[A-Za-z/!?]")
_INVISIBLE: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)
_ISO: Final = re.compile(
    r"(\d{4})-?(\d{2})(?:-?(\d{2}))?(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?"
)
_DECLARED: Final = re.compile(
    rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,30})["']"""
)
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._-]{1,30})""", re.IGNORECASE)
# What publishers still write; guessing among all of Python's codecs finds EBCDIC in short texts.
_GUESSES: Final = [
    "cp1251", "koi8_r", "cp1250", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256",
    "iso8859_2", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
]  # fmt: skip


class Node(Protocol):
    """The part of an lxml element that is used here."""

    tag: object
    text: str | None
    tail: str | None

    def get(self, key: str, default: str = "") -> str:
        """Give an attribute."""
        ...

    def iter(self, *tags: str) -> Iterator["Node"]:
        """Walk the element and all below it, in document order."""
        ...

    def iterancestors(self, *tags: str) -> Iterator["Node"]:
        """Walk up to the root."""
        ...

    def itertext(self) -> Iterator[str]:
        """Give the pieces of text inside."""
        ...

    def findtext(self, path: str) -> str | None:
        """Give the text of the first element at a path."""
        ...


def fold_space(text: str, limit: int) -> str:
    """Fold white space, drop invisible signs, and cut at `limit` characters, at a word where possible."""
    short = " ".join(_INVISIBLE.sub(" ", text[:_MAX_RAW_TEXT]).split())
    if len(short) <= limit:
        return short
    cut = short[: limit - 1]
    return (cut.rpartition(" ")[0] if " " in cut[limit // 2 :] else cut).rstrip() + "…"


def plain_text(text: str, limit: int) -> str:
    """Give the text a reader would see of a piece of HTML, or of text with HTML entities."""
    raw = text[:_MAX_RAW_TEXT]
    if _TAG.search(raw):
        raw = _without_tags(raw)
    elif "&" in raw:
        raw = html.unescape(raw)
    return fold_space(raw, limit)


def _without_tags(raw: str) -> str:
    try:
        root = lxml_html.fromstring(f"<div>{_INVISIBLE.sub(' ', raw)}</div>")
    except (LxmlError, ValueError, AssertionError):
        return re.sub(r"<[^<>]{0,500}>", " ", raw)
    strip_elements(root, "script", "style", Comment, with_tail=False)
    return " ".join(cast("Node", root).itertext())


def parse_html(body: bytes, content_type: str = "") -> Node | None:
    """Parse a page; None for what holds no element at all."""
    charset = charset_of(content_type) or ("utf-8" if _decodes(body, "utf-8") else "")
    parser = lxml_html.HTMLParser(encoding=charset or None, huge_tree=False)
    try:
        root = lxml_html.document_fromstring(body, parser=parser)
    except (LxmlError, ValueError, AssertionError):
        return None
    return cast("Node", root)


def charset_of(content_type: str) -> str:
    """Give the encoding a Content-Type names, if Python knows it; else an empty string."""
    found = _CHARSET.search(content_type)
    return found.group(1) if found and _is_codec(found.group(1)) else ""


def decode_xml(body: bytes, content_type: str = "") -> str:
    """Decode XML by what its bytes are, then by what its prolog and its header say; never raises.

    Bytes that are valid UTF-8 are UTF-8: the header's `iso-8859-1` is a server's default.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", errors="replace")
    found = _DECLARED.search(body[:400])
    declared = found.group(1).decode("ascii") if found else ""
    names = [declared, charset_of(content_type)]
    first = [] if declared.lower().startswith(("iso-2022", "utf-7", "hz")) else ["utf-8-sig"]
    for name in [*first, *names]:
        if name and _is_codec(name) and _decodes(body, name):
            return body.decode(name)
    best = from_bytes(body[:60_000], cp_isolation=_GUESSES).best()
    return body.decode(best.encoding if best else "utf-8", errors="replace")


def _is_codec(name: str) -> bool:
    try:
        b"a".decode(name)
    except (LookupError, UnicodeError, ValueError):
        return False
    return True


def _decodes(body: bytes, name: str) -> bool:
    try:
        body.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return False
    return True


def iso_time(text: str | None) -> datetime | None:
    """Read an ISO 8601 time (RFC 3339, W3C) as aware UTC; without a zone it is taken for UTC.

    Returns:
        None for what is no time, or lies outside 1990 to 2100.
    """
    found = _ISO.fullmatch((text or "").strip()[:40])
    if found is None:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    stamp = f"{year}-{month}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}"
    try:
        when = datetime.fromisoformat(stamp + _zone(zone))
        return sane_time(when.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _zone(zone: str | None) -> str:
    if not zone or zone == "Z":
        return "+00:00"
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"


def time_of(parts: object) -> datetime | None:
    """Read a UTC time that a feed parser has taken apart; None where it is missing or absurd."""
    if not isinstance(parts, struct_time):
        return None
    try:
        return sane_time(datetime.fromtimestamp(timegm(parts), UTC))
    except (ValueError, OverflowError, OSError):
        return None


def sane_time(when: datetime) -> datetime | None:
    """Keep a time only if a news site can have meant it."""
    return when if _FIRST_YEAR <= when.year < _LAST_YEAR else None


def taken(n: int, total: int, what: str) -> str:
    """Say, for a warning, how many of a source's entries were taken; empty if all were."""
    return f"{total:,} {what} are listed; {n:,} were taken" if total > n else ""


def warning(parts: Sequence[str]) -> str:
    """Join the remarks on a source's bytes to one sentence."""
    return "; ".join(part for part in parts if part)
