"""Which further sources are tried next: announced ones first, guesses only where those fail."""

import pytest

from storage.candidates import Candidate, Try, next_tries
from storage.kinds import FoundBy, FurtherSource
from storage.types import SourceKind

KINDS = {
    "feed": (SourceKind.FEED, FoundBy.HEAD),
    "link": (SourceKind.FEED, FoundBy.ANCHOR),
    "guess": (SourceKind.FEED, FoundBy.USUAL),
    "robots": (SourceKind.SITEMAP, FoundBy.ROBOTS),
    "child": (SourceKind.SITEMAP, FoundBy.INDEX),
    "map": (SourceKind.SITEMAP, FoundBy.USUAL),
    "rubric": (SourceKind.SECTION, FoundBy.SECTION),
}
SIGNS = {"-": Try.RESERVE, "?": Try.DUE, "+": Try.WORKS, "x": Try.FAILED}


def candidates(words: str) -> list[Candidate]:
    """Read `feed1+ guess1-`: what it is, which, and how far it has come."""
    found: list[Candidate] = []
    for word in words.split():
        kind, found_by = KINDS[word[:-1].rstrip("0123456789")]
        further = FurtherSource(url=word[:-1], kind=kind, found_by=found_by)
        found.append(Candidate(further=further, state=SIGNS[word[-1]]))
    return found


@pytest.mark.parametrize(
    ("known", "tries"),
    [
        pytest.param("feed1- feed2- guess1-", "feed1 feed2", id="all-that-the-head-announces"),
        pytest.param("feed1- link1- robots1- robots2-", "feed1 robots1 robots2", id="with-the-sitemaps-of-robots"),
        pytest.param("feed1? link1- guess1-", "", id="nothing-more-while-it-is-tried"),
        pytest.param("feed1+ link1- guess1-", "", id="nothing-more-when-it-works"),
        pytest.param("feed1x link1- guess1-", "link1", id="then-linked-feeds"),
        pytest.param("feed1x link1x guess1- guess2- guess3-", "guess1 guess2", id="then-guesses-two-at-a-time"),
        pytest.param("guess1x guess2+ guess3-", "", id="until-one-works"),
        pytest.param("guess1x guess2x guess3-", "guess3", id="to-the-last"),
        pytest.param("feed1+ feed2-", "feed2", id="one-that-is-announced-later"),
        pytest.param("feed1+ robots1x map1- map2- map3-", "map1 map2", id="usual-sitemaps-where-robots-names-none-that-works"),
        pytest.param("feed1+ robots1+ child1- map1-", "child1", id="the-children-of-an-index"),
        pytest.param("feed1+ rubric1- rubric2-", "", id="no-section-beside-a-feed-that-works"),
        pytest.param("feed1? rubric1-", "", id="no-section-while-a-feed-is-tried"),
        pytest.param("feed1x guess1x map1x rubric1- rubric2-", "rubric1 rubric2", id="sections-where-nothing-else-works"),
        pytest.param("", "", id="nothing-known"),
    ],
)  # fmt: skip
def test_in_few_requests(known: str, tries: str) -> None:
    assert " ".join(next_tries(candidates(known), is_covered=True)) == tries


def test_sections_are_opened_where_the_feed_is_not_complete() -> None:
    known = candidates("feed1+ rubric1- rubric2-")
    assert next_tries(known, is_covered=False) == ("rubric1", "rubric2")
