"""Give the packaged outlets, and those a user wants by language, country and breadth. Pure.

The list itself is `outlets.toml`: who publishes, where, in which languages, and who controls it.
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from storage.types import SourceKind

Control = Literal["state", "public", "private", "exile", "unknown"]
"""Who decides what is published; *unknown* where we are not sure."""

Which = Literal["core", "all", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletAddress:
    """One address of an outlet; `is_used` marks those that are watched."""

    url: str
    kind: SourceKind
    language: str
    is_used: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletEntry:
    """An outlet. `is_default` is False where it refuses to be read, and `reason` says how."""

    name: str
    home: str
    language: str  # of its main edition, two letters
    country: str  # ISO 3166, two letters, or EU, INT; of an outlet in exile the one it left
    kind: str  # agency, broadcaster, paper, official, thinktank, blog
    control: Control
    is_core: bool
    is_default: bool
    reason: str = ""
    note: str = ""
    paywall: str = ""  # "", some, yes
    addresses: tuple[OutletAddress, ...] = ()

    @property
    def used(self) -> tuple[OutletAddress, ...]:
        """The addresses that are watched."""
        return tuple(address for address in self.addresses if address.is_used)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the addresses that are watched, the main one first."""
        found = dict.fromkeys(address.language for address in self.used)
        return tuple(sorted(found, key=lambda language: language != self.language))


@cache
def load_outlets() -> tuple[OutletEntry, ...]:
    """Give all packaged outlets, in the order of the list."""
    text = files("crawler.outlets").joinpath("outlets.toml").read_text(encoding="utf-8")
    rows = cast("list[Mapping[str, object]]", tomllib.loads(text)["outlet"])
    return tuple(_entry(row) for row in rows)


def select(
    entries: Sequence[OutletEntry],
    *,
    languages: Collection[str] = (),
    countries: Collection[str] = (),
    which: Which = "core",
) -> tuple[OutletEntry, ...]:
    """Give the outlets that publish in one of the languages, in one of the countries.

    Their watched addresses are narrowed to those languages. An empty choice is no limit. Outlets
    that refuse to be read are among them: a user shall see that they are off, and why.

    Args:
        entries: From `load_outlets`.
        languages: Two letters, in any case.
        countries: Two letters (or EU, INT), in any case.
        which: The suggested ones, all, or none.
    """
    if which == "none":
        return ()
    spoken = {language.lower() for language in languages}
    wanted = {country.upper() for country in countries}
    chosen = [
        _narrowed(entry, spoken)
        for entry in entries
        if (which == "all" or entry.is_core) and (not wanted or entry.country in wanted)
    ]
    return tuple(entry for entry in chosen if entry.used)


def _narrowed(entry: OutletEntry, languages: Collection[str]) -> OutletEntry:
    if not languages:
        return entry
    kept = tuple(
        replace(address, is_used=address.is_used and address.language in languages)
        for address in entry.addresses
    )
    return replace(entry, addresses=kept)


def _entry(row: Mapping[str, object]) -> OutletEntry:
    addresses = cast("list[Mapping[str, object]]", row["addresses"])
    return OutletEntry(
        name=str(row["name"]),
        home=str(row["home"]),
        language=str(row["language"]),
        country=str(row["country"]),
        kind=str(row["kind"]),
        control=cast("Control", row["control"]),
        is_core=bool(row["core"]),
        is_default=bool(row["default"]),
        reason=str(row.get("reason", "")),
        note=str(row.get("note", "")),
        paywall=str(row.get("paywall", "")),
        addresses=tuple(
            OutletAddress(
                url=str(one["url"]),
                kind=SourceKind(str(one["kind"])),
                language=str(one["language"]),
                is_used=bool(one.get("use", False)),
            )
            for one in addresses
        ),
    )
