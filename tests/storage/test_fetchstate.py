import pytest

from storage import fetchstate, sites, sources
from storage.database import Database
from storage.errors import StorageError
from storage.types import Baseline, Lead, Validators, VisitReport
from storage.urls import site_of
from tests.support.rows import HOUR, MINUTE, NOON, add_page, lead, read_round, spec


def test_an_address_is_given_with_all_that_is_known_of_it(database: Database) -> None:
    with database.transaction() as tx:
        sources.sync(tx, [spec()], now=NOON)
        offered = lead(title="Talks resume", published=NOON - HOUR, summary="In short.")
        sources.record_round(tx, read_round(offered), next_read=lambda _: NOON + MINUTE)
        state = fetchstate.page_state(tx, offered.url)
    assert state == fetchstate.PageState(
        url="https://news.example/a",
        site="news.example",
        source="news",
        article_id=None,
        found_at=NOON,
        baseline=Baseline.FIRST_ROUND,
        lead=offered,
        next_check_at=NOON,
        is_confirming=False,
        looks=0,
        failures=0,
        last_checked_at=None,
        last_seen_at=None,
        last_outcome="",
        last_reason="",
        missing_since=None,
        missing_looks=0,
        validators=Validators(),
    )


def test_an_address_never_offered_is_unknown(database: Database) -> None:
    with database.reading() as tx:
        assert fetchstate.page_state(tx, "https://news.example/never") is None


def test_the_next_look_is_planned_for_many_at_once(database: Database) -> None:
    with database.transaction() as tx:
        pages = [add_page(tx, name) for name in "ab"]
        times = {pages[0].url: NOON + HOUR, pages[1].url: None, "https://unknown.example/": NOON}
        fetchstate.plan_pages(tx, times)
        assert [page.next_check_at for page in pages] == [NOON + HOUR, None]
        fetchstate.set_next_check(tx, pages[1].url, NOON)
        assert fetchstate.page_state(tx, pages[1].url).next_check_at == NOON


def test_an_address_a_person_named_is_due_now_known_or_not(database: Database) -> None:
    with database.transaction() as tx:
        known = add_page(tx, "known", next_check_at=NOON + HOUR)
        urls = [known.url, "https://other.example:8080/x", "https://other.example:8080/x"]
        assert fetchstate.ask(tx, urls, now=NOON) == [urls[1]]
        assert [fetchstate.page_state(tx, url).next_check_at for url in urls] == [NOON] * 3
        new = fetchstate.page_state(tx, urls[1])
    assert (new.site, new.source, new.lead) == ("other.example:8080", "", Lead(url=urls[1]))


def test_an_address_without_a_host_is_refused(database: Database) -> None:
    with pytest.raises(StorageError, match="has no host"), database.transaction() as tx:
        fetchstate.ask(tx, ["just words"], now=NOON)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://News.Example/a", "news.example"),
        ("http://news.example:8080/a", "news.example:8080"),
        ("https://user@news.example/", "news.example"),
        ("https://[2001:db8::1]:81/", "[2001:db8::1]:81"),
        ("no address", ""),
        ("http://[broken/", ""),
    ],
)
def test_a_site_is_host_and_port(url: str, site: str) -> None:
    assert site_of(url) == site


def test_a_later_wish_to_be_left_alone_wins(database: Database) -> None:
    with database.transaction() as tx:
        row = sites.site_row(tx, "news.example")
        for minutes, until in [(5, 5), (3, 5), (9, 9)]:
            sites.stay_away(tx, "news.example", until=NOON + minutes * MINUTE)
            assert row.stay_away_until == NOON + until * MINUTE


def test_visits_that_nothing_answered_are_counted_until_one_did(database: Database) -> None:
    def visited(requests: int, *statuses: tuple[int, int]) -> VisitReport:
        return VisitReport(
            site="news.example", began_at=NOON, ended_at=NOON, requests=requests, statuses=statuses
        )

    with database.transaction() as tx:
        row = sites.site_row(tx, "news.example")
        counted = []
        for report in (visited(3), visited(2), visited(0), visited(4, (200, 3))):
            sites.record_visit(tx, report)
            counted.append((row.failures, row.requests))
    assert counted == [(1, 3), (2, 5), (2, 5), (0, 9)]
