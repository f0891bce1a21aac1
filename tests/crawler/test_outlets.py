"""The packaged outlets: what the list promises."""

from collections import Counter
from urllib.parse import urlsplit

import pytest

from crawler.identity import normalise_url
from crawler.outlets.outlets import load_outlets, select
from storage.types import SourceKind

OUTLETS = load_outlets()
CONTROLS = {"state", "public", "private", "exile", "unknown"}


def test_the_list_holds_all_outlets_and_a_suggestion() -> None:
    assert len(OUTLETS) == 265
    assert sum(entry.is_core for entry in OUTLETS) == 127


def test_names_and_watched_addresses_are_unique() -> None:
    urls = [address.url for entry in OUTLETS for address in entry.addresses]
    assert len(set(urls)) == len(urls)
    assert len({entry.name for entry in OUTLETS}) == len(OUTLETS)


@pytest.mark.parametrize("entry", OUTLETS, ids=lambda entry: entry.name)
def test_an_outlet_is_complete(entry) -> None:  # type: ignore[no-untyped-def]
    assert entry.control in CONTROLS
    assert entry.used
    assert len(entry.language) == 2
    assert entry.is_default or entry.reason
    assert not (entry.is_default and entry.reason)
    for address in entry.addresses:
        assert normalise_url(address.url)
        assert address.kind in {SourceKind.FEED, SourceKind.SITEMAP, SourceKind.SECTION}
        assert urlsplit(address.url).scheme in {"http", "https"}


def test_the_suggestion_hears_all_sides() -> None:
    on = [entry for entry in select(OUTLETS, which="core") if entry.is_default]
    countries = Counter(entry.country for entry in on)
    controls = Counter(entry.control for entry in on)
    assert countries["UA"] >= 8
    assert countries["RU"] >= 8
    assert max(countries.values()) <= len(on) // 4
    assert len({language for entry in on for language in entry.languages}) >= 25
    assert min(controls[name] for name in ("state", "public", "private", "exile")) >= 5


def test_a_choice_of_languages_narrows_the_addresses() -> None:
    chosen = select(OUTLETS, languages=["ID", "uk"], which="all")
    assert {language for entry in chosen for language in entry.languages} == {"id", "uk"}
    assert any(entry.name == "Antara" for entry in chosen)


def test_a_choice_of_countries_is_kept() -> None:
    chosen = select(OUTLETS, countries=["pl"], which="core")
    assert {entry.country for entry in chosen} == {"PL"}


def test_none_is_none_and_all_is_all() -> None:
    assert select(OUTLETS, which="none") == ()
    assert len(select(OUTLETS, which="all")) == 265


def test_outlets_that_refuse_are_off_with_a_reason() -> None:
    refused = {entry.name: entry.reason for entry in OUTLETS if not entry.is_default}
    assert "terms forbid" in refused["Reuters"]
    assert all(reason.endswith(".") for reason in refused.values())
