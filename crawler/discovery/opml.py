"""Read and write lists of feeds as OPML, which every feed reader exports. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, cast
from xml.sax.saxutils import quoteattr

from lxml.etree import LxmlError, XMLParser, fromstring

from crawler.discovery.markup import MAX_LEADS, MAX_TITLE, fold_space
from crawler.errors import DiscoveryError
from crawler.identity import normalise_url

_MAX_BODY: Final = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlEntry:
    """A feed in a list: its address, its title, and the home page of its publisher."""

    url: str
    title: str = ""
    home: str = ""
    language: str = ""


class _Outline(Protocol):
    """The part of an lxml element that is used here."""

    tag: str
    attrib: dict[str, str]

    def iter(self, *tags: str) -> Iterator["_Outline"]:
        """Walk the element and all below it."""
        ...


def read_opml(body: bytes, *, url: str = "") -> tuple[OpmlEntry, ...]:
    """Read the feeds of a list, groups flattened, one for each address, at most 1,000.

    Raises:
        DiscoveryError: The bytes are no OPML, or name no feed.
    """
    if len(body) > _MAX_BODY:
        raise DiscoveryError(url, f"not an OPML list: it exceeds the limit of {_MAX_BODY:,} bytes.")
    parser = XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)  # fmt: skip
    try:
        root = cast("_Outline | None", fromstring(body, parser))
    except (LxmlError, ValueError):
        root = None
    if root is None or root.tag.lower() != "opml":
        raise DiscoveryError(url, "not an OPML list: no opml element could be parsed from it.")
    entries: dict[str, OpmlEntry] = {}
    for outline in root.iter("outline"):
        entry = _entry({name.lower(): value for name, value in outline.attrib.items()})
        if entry is not None and len(entries) < MAX_LEADS:
            entries.setdefault(entry.url, entry)
    if not entries:
        raise DiscoveryError(url, "the OPML list names no feed: no outline has an xmlUrl.")
    return tuple(entries.values())


def write_opml(entries: Sequence[OpmlEntry], *, title: str) -> bytes:
    """Write feeds as OPML 2.0, in their order; reading it gives the same entries."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"  <head><title>{_plain(title)}</title></head>",
        "  <body>",
    ]
    for entry in entries:
        names = {"type": "rss", "text": entry.title or entry.url, "title": entry.title, "xmlUrl": entry.url, "htmlUrl": entry.home, "language": entry.language}  # fmt: skip
        written = " ".join(f"{name}={quoteattr(fold_space(value, 2000))}" for name, value in names.items() if value)  # fmt: skip
        lines.append(f"    <outline {written}/>")
    lines += ["  </body>", "</opml>", ""]
    return "\n".join(lines).encode("utf-8", errors="replace")


def _entry(attributes: dict[str, str]) -> OpmlEntry | None:
    address = normalise_url(attributes.get("xmlurl", ""))
    if address is None:
        return None
    return OpmlEntry(
        url=address,
        title=fold_space(attributes.get("title") or attributes.get("text") or "", MAX_TITLE),
        home=normalise_url(attributes.get("htmlurl", "")) or "",
        language=fold_space(attributes.get("language", ""), 10),
    )


def _plain(text: str) -> str:
    return fold_space(text, MAX_TITLE).replace("&", "&amp;").replace("<", "&lt;")
