"""Read the leads out of a sitemap: XML, gzip or a plain list; an index gives further sitemaps. Pure.

Only addresses of the sitemap's own publisher are taken (the rule of sitemaps.org), no entity is
expanded and nothing is loaded.
"""

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol, cast
from urllib.parse import urlsplit

from lxml.etree import LxmlError, iterparse

from crawler.discovery.markup import MAX_LEADS, MAX_TITLE, iso_time, plain_text, taken, warning
from crawler.errors import DiscoveryError
from crawler.identity import normalise_url, within_publisher
from storage.types import Lead

_MAX_UNPACKED: Final = 50_000_000  # the limit of sitemaps.org, and our memory's
_MAX_ENTRIES: Final = 50_000
_MAX_CHILDREN: Final = 1000
_ROOT: Final = re.compile(rb"<(?:[\w-]+:)?(urlset|sitemapindex)(?=[\s>])")
_HEAD: Final = 200_000
_ENTITY: Final = re.compile(rb"<!ENTITY\s", re.IGNORECASE)
_PREFIX: Final = re.compile(rb"<([\w-]{1,20}):")
_LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapReading:
    """What a sitemap offered: leads, or the addresses of further sitemaps; newest first where dated."""

    leads: tuple[Lead, ...] = ()
    children: tuple[str, ...] = ()
    warning: str = ""


class _Entry(Protocol):
    """The part of an lxml element that is used here."""

    tag: str

    def findtext(self, path: str) -> str | None:
        """Give the text of the first element at a path."""
        ...

    def clear(self) -> None:
        """Forget the element's content."""
        ...

    def getprevious(self) -> object | None:
        """Give the element before this one."""
        ...

    def getparent(self) -> list[object]:
        """Give the element around this one."""
        ...


def read_sitemap(body: bytes, *, url: str) -> SitemapReading:
    """Read a sitemap's articles, at most the 1,000 newest, or the sitemaps an index lists.

    Raises:
        DiscoveryError: The bytes are no sitemap, or unpack to more than 50 MB.
    """
    plain, is_cut = _unpacked(body, url)
    root = _ROOT.search(plain[:20_000])
    if root is None:
        return _read_list(plain, url)
    entries, remark = _entries(_without_undeclared(plain))
    if _ENTITY.search(plain[:_HEAD]):
        remark = "it declares entities, which are not expanded"
    if is_cut:
        remark = "the sitemap is cut off; what was whole was read"
    if root.group(1) == b"sitemapindex":
        return _index(entries, url, remark)
    return _urlset(entries, url, remark)


def _without_undeclared(plain: bytes) -> bytes:
    """Take away the prefixes nobody declares: `<news:title>` is read as `<title>`."""
    head = plain[:_HEAD]
    used = set(_PREFIX.findall(head))
    undeclared = [prefix for prefix in used if b"xmlns:" + prefix not in head]
    if not undeclared:
        return plain
    return re.sub(rb"<(/?)(?:" + b"|".join(map(re.escape, undeclared)) + rb"):", rb"<\1", plain)


@dataclass(frozen=True, slots=True)
class _Row:
    loc: str
    updated: str
    title: str
    published: str


def _entries(plain: bytes) -> tuple[list[_Row], str]:
    """Walk the entries, up to 50,000, with what was broken in words."""
    rows: list[_Row] = []
    try:
        for node in _nodes(plain):
            rows.append(_row(node))
            node.clear()
            while node.getprevious() is not None:  # else lxml keeps every entry in memory
                del node.getparent()[0]
            if len(rows) > _MAX_ENTRIES:
                return rows[:-1], f"the sitemap exceeds the limit of {_MAX_ENTRIES:,} entries"
    except (LxmlError, SyntaxError):
        return rows, "the sitemap is not well-formed; the entries before the fault were read"
    return rows, ""


def _nodes(plain: bytes) -> Iterator[_Entry]:
    walk = iterparse(
        io.BytesIO(plain),
        tag=("{*}url", "{*}sitemap"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
    )
    for _, node in walk:
        yield cast("_Entry", node)


def _row(node: _Entry) -> _Row:
    return _Row(
        (node.findtext("{*}loc") or "").strip(),
        (node.findtext("{*}lastmod") or "").strip(),
        node.findtext("{*}news/{*}title") or "",
        (node.findtext("{*}news/{*}publication_date") or "").strip(),
    )


def _urlset(rows: list[_Row], url: str, remark: str) -> SitemapReading:
    kept: dict[str, Lead] = {}
    for row in rows:
        address = _own_address(row.loc, url)
        if address is not None:
            kept.setdefault(
                address,
                Lead(
                    url=address,
                    title=plain_text(row.title, MAX_TITLE),
                    published=iso_time(row.published),
                    updated=iso_time(row.updated),
                ),
            )
    leads = sorted(kept.values(), key=_age, reverse=True)[:MAX_LEADS]
    foreign = sum(1 for row in rows if _own_address(row.loc, url) is None) if len(rows) <= MAX_LEADS else 0  # fmt: skip
    remarks = (
        remark,
        taken(len(leads), len(kept), "addresses"),
        f"{foreign} of {len(rows)} addresses are not of this site" if foreign else "",
        "the sitemap lists no address" if not rows else "",
    )
    return SitemapReading(leads=tuple(leads), warning=warning(remarks))


def _index(rows: list[_Row], url: str, remark: str) -> SitemapReading:
    own = normalise_url(url)
    kept: dict[str, datetime] = {}
    for row in rows:
        address = _own_address(row.loc, url)
        if address is not None and address != own:
            kept.setdefault(address, iso_time(row.updated) or _LONG_AGO)
    children = sorted(kept, key=lambda one: (kept[one], _numbers(one)), reverse=True)
    remarks = (remark, taken(_MAX_CHILDREN, len(kept), "sitemaps"), "the index lists no sitemap" if not kept else "")  # fmt: skip
    return SitemapReading(children=tuple(children[:_MAX_CHILDREN]), warning=warning(remarks))


def _numbers(address: str) -> tuple[int, ...]:
    """Read the numbers in an address: where nothing is dated, the highest month or page is the newest."""
    return tuple(int(digits[:9]) for digits in re.findall(r"\d+", urlsplit(address).path))


def _read_list(plain: bytes, url: str) -> SitemapReading:
    """Read a sitemap that is a text of one address a line."""
    if plain.lstrip()[:1] in {b"<", b"{"}:
        raise DiscoveryError(
            url, "not a sitemap: no urlset or sitemapindex could be parsed from it."
        )
    lines = plain[: _MAX_ENTRIES * 200].decode("utf-8", errors="replace").split("\n")
    found = [
        one
        for line in lines[:_MAX_ENTRIES]
        if line.startswith(("http://", "https://")) and (one := _own_address(line.strip(), url))
    ]
    if not found:
        raise DiscoveryError(url, "not a sitemap: neither XML nor a list of this site's addresses.")
    kept = list(dict.fromkeys(found))
    return SitemapReading(
        leads=tuple(Lead(url=one) for one in kept[:MAX_LEADS]),
        warning=taken(MAX_LEADS, len(kept), "addresses"),
    )


def _age(lead: Lead) -> datetime:
    return lead.published or lead.updated or _LONG_AGO


def _own_address(loc: str, url: str) -> str | None:
    address = normalise_url(loc, url) if loc else None
    if address is None or not within_publisher(urlsplit(address).netloc, urlsplit(url).netloc):
        return None
    return address


def _unpacked(body: bytes, url: str) -> tuple[bytes, bool]:
    """Unpack gzip, bounded; what is cut off is given as far as it goes, and said.

    Raises:
        DiscoveryError: It is damaged, or unpacks to more than 50 MB.
    """
    if not body.startswith(b"\x1f\x8b"):
        return body, False
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(body, _MAX_UNPACKED + 1)
    except zlib.error:
        raise DiscoveryError(url, "not a sitemap: its gzip data is damaged.") from None
    if len(plain) > _MAX_UNPACKED:
        limit = _MAX_UNPACKED // 1_000_000
        raise DiscoveryError(
            url, f"the sitemap is too large: it decompresses to more than {limit} MB."
        )
    return plain, not unpacker.eof
