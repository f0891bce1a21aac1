"""Sources from and to OPML lists: which of them are new, what they are called, and by which feed they go."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import ValidationError

from crawler.config import SourceConfig
from crawler.discovery.opml import OpmlEntry, read_opml, write_opml
from crawler.errors import DiscoveryError
from crawler.identity import normalise_url
from scheduler.config import Config
from scheduler.errors import CommandError
from storage.sources import SourceStatus
from storage.types import SourceKind

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What a list comes to: new sources, and why others are skipped."""

    sources: tuple[SourceConfig, ...]
    skipped: tuple[str, ...]


def taken_in(body: bytes, config: Config, *, name: str) -> TakenIn:
    """Read a list and give what of it is new.

    Raises:
        CommandError: It is no OPML, or names no feed.
    """
    try:
        entries = read_opml(body, url=name)
    except DiscoveryError as error:
        raise CommandError(f"{error}") from None
    known = {_same(source.url): source.name for source in config.sources}
    names = {source.name for source in config.sources}
    sources: list[SourceConfig] = []
    skipped: list[str] = []
    for entry in entries:
        there = known.get(_same(entry.url))
        if there is not None:
            skipped.append(f"{entry.url}: it is there already, as {there!r}.")
            continue
        try:
            source = _source(entry, names)
        except ValidationError as error:
            text = error.errors()[0]["msg"].removeprefix("Value error, ")
            skipped.append(f"{entry.url}: {text}.")
            continue
        known[_same(entry.url)] = source.name
        names.add(source.name)
        sources.append(source)
    return TakenIn(sources=tuple(sources), skipped=tuple(skipped))


def _same(url: str) -> str:
    """Give what two spellings of one address have in common."""
    return (normalise_url(url) or url).rstrip("/").partition("://")[2]


def _source(entry: OpmlEntry, names: Iterable[str]) -> SourceConfig:
    return SourceConfig.model_validate(
        {
            "name": _free_name(entry, set(names)),
            "url": entry.url,
            "kind": SourceKind.FEED,
            "language": entry.language[:2].lower(),
        }
    )


def _free_name(entry: OpmlEntry, taken: set[str]) -> str:
    host = (urlsplit(entry.url).hostname or "").removeprefix("www.")
    title = entry.title.replace("://", " ").strip() or host
    return next(name for name in _numbered(title[:_LONGEST_NAME]) if name not in taken)


def _numbered(title: str) -> Iterator[str]:
    yield title
    for number in range(2, 100_000):
        tail = f" {number}"
        yield title[: _LONGEST_NAME - len(tail)] + tail


def handed_out(config: Config, found: Mapping[str, SourceStatus]) -> tuple[bytes, tuple[str, ...]]:
    """Write the sources as a list.

    Returns:
        The list, and the names of the sources that have no feed to be listed by.
    """
    entries: list[OpmlEntry] = []
    left_out: list[str] = []
    for source in config.sources:
        feed = _feed_of(source, found.get(source.name))
        if feed:
            home = source.url if feed != source.url else ""
            entries.append(
                OpmlEntry(url=feed, title=source.name, home=home, language=source.language)
            )
        else:
            left_out.append(source.name)
    return write_opml(entries, title="Parleywatch"), tuple(left_out)


def _feed_of(source: SourceConfig, status: SourceStatus | None) -> str:
    """Give the feed of a source: itself, or the one found with it that brings most."""
    kind = (status.resolved_kind if status else None) or source.kind
    if kind is SourceKind.FEED:
        return source.url
    feeds = [
        one
        for one in (status.further if status else ())
        if one.kind is SourceKind.FEED and one.state == "works"
    ]
    best = max(feeds, key=lambda one: one.per_day or 0.0, default=None)
    return best.url if best else ""
