"""Read the leads out of a feed: RSS, Atom or JSON Feed, however badly written. Pure.

feedparser gets the bytes in memory only: a path or an address given to it would be opened. Its
sanitizer is off, because hostile markup hangs it for many seconds; markup is stripped here.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol, cast
from urllib.parse import unquote

import feedparser

from crawler.discovery.markup import (
    MAX_LEADS,
    MAX_SUMMARY,
    MAX_TITLE,
    decode_xml,
    iso_time,
    plain_text,
    taken,
    time_of,
    warning,
)
from crawler.errors import DiscoveryError
from crawler.identity import normalise_url
from storage.types import Lead

_MAX_BODY: Final = 12_000_000
_ITEM_END: Final = re.compile(r"</(?:[\w-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_ITEM_START: Final = re.compile(r"<(?:[\w-]+:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)
_ROOT: Final = re.compile(r"<(rss|feed|rdf:RDF|(?:atom|a):feed)(?=[\s>])", re.IGNORECASE)
_CLOSERS: Final = {"rss": "</channel></rss>", "feed": "</feed>", "rdf:rdf": "</rdf:RDF>"}
_PROLOG: Final = re.compile(r"<\?xml[^>]{0,200}\?>")
_MAIL: Final = re.compile(r"\S+@\S+")
_NO_WORD: Final = re.compile(r"[\W_]+")
_NOT_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReading:
    """What a feed offered; `warning` is empty when all of it could be read."""

    leads: tuple[Lead, ...]
    title: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as it stands in a feed; `texts` are markup or plain text, the fullest first."""

    lead: Lead
    texts: tuple[str, ...]
    authors: tuple[str, ...]
    languages: tuple[str, ...]  # as declared, of the entry and of the feed


class _Parsed(Protocol):
    """The part of feedparser's answer that is used here."""

    entries: list[dict[str, object]]
    feed: dict[str, object]
    version: str
    bozo: bool


def read_feed(body: bytes, *, content_type: str = "", url: str) -> FeedReading:
    """Read a feed's entries as leads, in the feed's order, at most 1,000, one for each address.

    Raises:
        DiscoveryError: The bytes are no feed at all.
    """
    _check_size(body, url)
    if _looks_like_json(body, content_type):
        return _read_json(body, url)
    return _read_xml(decode_xml(body, content_type), url)


def read_entries(body: bytes, *, content_type: str = "", url: str) -> Iterator[Entry]:
    """Read a feed's entries with all that they say, in the feed's order.

    Raises:
        DiscoveryError: The bytes are no feed at all.
    """
    _check_size(body, url)
    if _looks_like_json(body, content_type):
        found = _load_json(body, url)
        entries = cast("list[object]", _field(found, "items"))[:MAX_LEADS]
        language = _text(_field(found, "language"))
        pairs = ((_json_lead(entry, url), _json_entry(entry)) for entry in entries)
    else:
        parsed, _, _ = _parsed(decode_xml(body, content_type), url)
        language = _text(parsed.feed.get("language"))
        pairs = ((_lead(entry, url), _xml_entry(entry)) for entry in parsed.entries)
    for lead, (texts, authors, own) in pairs:
        if lead is not None:
            yield Entry(
                lead=lead,
                texts=tuple(text for text in texts if text.strip()),
                authors=tuple(author for author in authors if author.strip()),
                languages=(own, language),
            )


def _check_size(body: bytes, url: str) -> None:
    if len(body) > _MAX_BODY:
        raise DiscoveryError(
            url, f"not a feed: {len(body):,} bytes exceed the limit of {_MAX_BODY:,}."
        )


# -- RSS and Atom --------------------------------------------------------------------------------


def _parsed(text: str, url: str) -> tuple[_Parsed, int, bool]:
    """Parse RSS or Atom.

    Returns:
        What feedparser found, how many entries begin in the text, and whether its end was missing.
    """
    root = _ROOT.search(text, 0, 200_000)
    if root is None:
        raise DiscoveryError(url, _no_feed(text))
    whole, total, is_cut = _whole_items(_PROLOG.sub("", text[root.start() :]), root.group(1))
    parsed = _parse(_NOT_XML.sub("", whole))
    if not parsed.version and not parsed.entries:
        raise DiscoveryError(url, "not a feed: its XML could not be parsed as RSS or Atom.")
    return parsed, total, is_cut


def _read_xml(text: str, url: str) -> FeedReading:
    parsed, total, is_cut = _parsed(text, url)
    leads, refused = _distinct(_lead(entry, url) for entry in parsed.entries)
    if parsed.entries and not leads:
        raise DiscoveryError(
            url,
            f"not a usable feed: none of its {len(parsed.entries)} entries has a usable address (malformed XML, or addresses that are not http).",
        )
    remarks = (
        "the feed stops in the middle; its whole entries were read" if is_cut else "",
        "the feed is not well-formed" if parsed.bozo and not is_cut else "",
        taken(MAX_LEADS, total, "entries") if total > MAX_LEADS else "",
        f"{refused} of {len(parsed.entries)} entries have no usable address" if refused else "",
        "the feed has no entries" if not parsed.entries else "",
    )
    title = plain_text(_text(parsed.feed.get("title")), MAX_TITLE)
    return FeedReading(leads=leads, title=title, warning=warning(remarks))


def _parse(text: str) -> _Parsed:
    """Hand text to feedparser as UTF-8 bytes; what it found goes out as plain dictionaries."""
    found: object = feedparser.parse(
        io.BytesIO(text.encode("utf-8", errors="replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return cast("_Parsed", found)


def _whole_items(text: str, root: str) -> tuple[str, int, bool]:
    """Cut a feed after its last whole entry, at most the 1,000th, and close it.

    Returns:
        The text, how many entries begin in it, and whether the end of the feed was missing.
    """
    ends = [found.end() for found in _ITEM_END.finditer(text)]
    starts = sum(1 for _ in _ITEM_START.finditer(text))
    is_cut = f"</{root.lower()}" not in text[-2000:].lower()
    if ends and (is_cut or len(ends) > MAX_LEADS):
        closer = _CLOSERS.get(root.lower(), f"</{root}>")
        return text[: ends[min(len(ends), MAX_LEADS) - 1]] + closer, starts, is_cut
    return text, starts, is_cut


def _lead(entry: dict[str, object], url: str) -> Lead | None:
    address = next((found for raw in _links(entry) if (found := normalise_url(raw, url))), None)
    if address is None:
        return None
    # Only what stands there: feedparser gives `published` for a missing `updated`, with a warning.
    return Lead(
        url=address,
        title=plain_text(_text(dict.get(entry, "title")), MAX_TITLE),
        published=time_of(dict.get(entry, "published_parsed")),
        updated=time_of(dict.get(entry, "updated_parsed")),
        summary=plain_text(_text(dict.get(entry, "summary")), MAX_SUMMARY),
        guid=_text(dict.get(entry, "id")),
    )


def _xml_entry(entry: dict[str, object]) -> tuple[list[str], list[str], str]:
    """Give an entry's texts, authors and language; `content` is what `content:encoded` says."""
    plain = dict(entry)  # a plain one: feedparser's own `get` maps names
    contents = [one for one in _list(plain.get("content")) if _text(_field(one, "value"))]
    texts = [_text(_field(one, "value")) for one in contents]
    authors = [_text(_field(one, "name")) for one in _list(plain.get("authors"))]
    author = _text(plain.get("author"))
    if "@" in author and len(authors) < 2:  # noqa: PLR2004 - feedparser cuts addresses at five letters
        authors = [_MAIL.sub(" ", author).strip(" ()<>")]
    languages = [_text(_field(one, "language")) for one in (*contents, plain.get("title_detail"))]
    return (
        [*texts, _text(plain.get("summary"))],
        authors or [author],
        next((one for one in languages if one), ""),
    )


def _links(entry: dict[str, object]) -> list[str]:
    """Give the addresses an entry may mean, best first; enclosures are none."""
    plain = dict(entry)  # a plain one: feedparser's own `get` maps names
    found = [_text(plain.get("feedburner_origlink")), _text(plain.get("link"))]
    links = _list(plain.get("links"))
    found.extend(
        _text(_field(link, "href")) for link in links if _field(link, "rel") == "alternate"
    )
    ident = _text(plain.get("id"))
    if ident.startswith(("http://", "https://")):
        found.append(ident)
    return [one for one in found if one.strip()]


def _no_feed(text: str) -> str:
    head = text.lstrip()[:2000].lower()
    if "<html" in head or "<!doctype html" in head:
        return "not a feed: this is an HTML page; give the address of the feed, or set kind to section."
    if "<urlset" in head or "<sitemapindex" in head:
        return "not a feed: this is a sitemap; set kind to sitemap."
    if not head:
        return "not a feed: the answer is empty."
    return "not a feed: neither RSS, Atom nor JSON Feed could be parsed from it."


# -- JSON Feed -----------------------------------------------------------------------------------


def _looks_like_json(body: bytes, content_type: str) -> bool:
    head = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith((b"{", b"[")) or ("json" in content_type and not head.startswith(b"<"))


def _load_json(body: bytes, url: str) -> object:
    """Parse a JSON Feed, of which the items are a list."""
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        problem = (
            "it is nested too deeply" if isinstance(error, RecursionError) else "it does not parse"
        )
        raise DiscoveryError(url, f"not a feed: invalid JSON, {problem}.") from None
    items = _field(found, "items")
    if (
        not isinstance(items, list)
        or "jsonfeed.org" not in _text(_field(found, "version")) + "jsonfeed.org"
    ):
        raise DiscoveryError(url, "not a feed: JSON without a list of items (JSON Feed 1.1).")
    return found


def _read_json(body: bytes, url: str) -> FeedReading:
    found = _load_json(body, url)
    entries = cast("list[object]", _field(found, "items"))
    leads, refused = _distinct(_json_lead(entry, url) for entry in entries[:MAX_LEADS])
    if entries and not leads:
        raise DiscoveryError(
            url, f"not a feed: none of its {len(entries)} JSON items has a usable address."
        )
    remarks = (
        taken(MAX_LEADS, len(entries), "entries"),
        f"{refused} of {len(entries)} entries have no usable address" if refused else "",
        "the feed has no entries" if not entries else "",
    )
    title = plain_text(_text(_field(found, "title")), MAX_TITLE)
    return FeedReading(leads=leads, title=title, warning=warning(remarks))


def _json_lead(entry: object, url: str) -> Lead | None:
    ident = _text(_field(entry, "id"))
    raw = (
        _text(_field(entry, "url")),
        ident if ident.startswith("http") else "",
        _text(_field(entry, "external_url")),
    )
    address = next(
        (found for one in raw if one.strip() and (found := normalise_url(one, url))), None
    )
    if address is None:
        return None
    summary = next(
        (t for k in ("summary", "content_text", "content_html") if (t := _text(_field(entry, k)))),
        "",
    )
    return Lead(
        url=address,
        title=plain_text(_text(_field(entry, "title")), MAX_TITLE),
        published=iso_time(_text(_field(entry, "date_published"))),
        updated=iso_time(_text(_field(entry, "date_modified"))),
        summary=plain_text(summary, MAX_SUMMARY),
        guid=ident,
    )


def _json_entry(entry: object) -> tuple[list[str], list[str], str]:
    """Give an item's texts, authors and language."""
    texts = [_text(_field(entry, key)) for key in ("content_html", "content_text", "summary")]
    authors = [*_list(_field(entry, "authors")), _field(entry, "author")]
    names = [_text(_field(author, "name")) for author in authors]
    return texts, names, _text(_field(entry, "language"))


def _field(found: object, key: str) -> object:
    return cast("dict[str, object]", found).get(key) if isinstance(found, dict) else None


def _list(found: object) -> list[object]:
    return cast("list[object]", found) if isinstance(found, list) else []


# -- both ----------------------------------------------------------------------------------------


def _text(found: object) -> str:
    return found if isinstance(found, str) else ""


def _distinct(leads: Iterable[Lead | None]) -> tuple[tuple[Lead, ...], int]:
    """Keep the first lead of each address, and of guids those that tell an article; count those without one."""
    kept: dict[str, Lead] = {}
    refused = 0
    for lead in leads:
        if lead is None:
            refused += 1
        elif len(kept) < MAX_LEADS:
            kept.setdefault(lead.url, lead)
    uses = Counter(lead.guid for lead in kept.values())
    return tuple(_with_own_guid(lead, uses) for lead in kept.values()), refused


def _with_own_guid(lead: Lead, uses: Mapping[str, int]) -> Lead:
    """Take a guid for none that is no more than the address, holds the headline or is not the entry's alone."""
    guid = lead.guid.strip()
    headline = _NO_WORD.sub("", lead.title.casefold())
    is_own = (
        uses[lead.guid] == 1
        and normalise_url(guid) != lead.url
        and not (headline and headline in _NO_WORD.sub("", unquote(guid).casefold()))
    )
    return replace(lead, guid=guid if is_own else "")
