"""What a source needs to be read: its proxy, its login and headers for its own origin only, what to ignore."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from crawler.proxy import Proxy

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAccess:
    """What one source's settings add to its requests and reading; the headers hold secrets."""

    source: str
    origin: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    ignore: tuple[str, ...] = ()
    proxy: Proxy | None = None  # None: straight


@dataclass(frozen=True, slots=True)
class Accesses:
    """All sources' additions, by source and by origin."""

    by_source: Mapping[str, SourceAccess] = field(default_factory=dict[str, SourceAccess])
    headers: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict[str, Mapping[str, str]], repr=False
    )
    names: frozenset[str] = frozenset()
    proxy: Proxy | None = None  # of everything that belongs to no source

    def way_to(self, url: str, *, source: str) -> Proxy | None:
        """Give the proxy of a source; of an address of no source, that of one at its host, or the common one."""
        known = self.by_source.get(source)
        if known is None:
            host = _host_of(url)
            known = next(
                (one for one in self.by_source.values() if _host_of(one.origin) == host), None
            )
        return known.proxy if known else self.proxy

    def ignored(self, source: str) -> tuple[str, ...]:
        """Give the patterns a source's pages are read without."""
        known = self.by_source.get(source)
        return known.ignore if known else ()


def gather(found: Iterable[SourceAccess], *, proxy: Proxy | None = None) -> Accesses:
    """Put together what all sources add; of two that set one header at one origin the later counts.

    Args:
        found: What each source adds.
        proxy: Of everything that belongs to no source.
    """
    sources = {one.source: one for one in found}
    headers: dict[str, dict[str, str]] = {}
    for one in sources.values():
        if one.headers:
            headers.setdefault(one.origin, {}).update(one.headers)
    names = frozenset(name for own in headers.values() for name in own)
    return Accesses(by_source=sources, headers=headers, names=names, proxy=proxy)


def origin_of(url: str) -> str:
    """Give scheme, host and port of an address: `https://example.org:443`; "" for none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return ""
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}" if parts.hostname else ""


def _host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
