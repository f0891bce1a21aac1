from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import fetchstate, sources
from storage.database import Database
from storage.errors import NotFoundError
from storage.models import Page, Source
from storage.types import Baseline, Lead, Outcome, SourceKind, Validators
from tests.support.rows import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    add_article,
    lead,
    read_round,
    settled_source,
    spec,
)

LATER = NOON + HOUR


def keep(tx: Session, *leads: Lead, at: datetime = NOON, **fields: Any) -> list[str]:
    slept_since = fields.pop("slept_since", None)
    round_ = read_round(*leads, at=at, **fields)
    return sources.record_round(
        tx, round_, next_read=lambda _: at + 10 * MINUTE, slept_since=slept_since
    )


def page(tx: Session, name: str = "a") -> fetchstate.PageState:
    found = fetchstate.page_state(tx, f"https://news.example/{name}")
    assert found is not None
    return found


def source(tx: Session) -> Source:
    return tx.scalars(select(Source).where(Source.name == "news")).one()


def look_at_all(tx: Session, *, at: datetime, next_check_at: datetime | None) -> None:
    tx.execute(
        update(Page).values(last_checked_at=at, looks=1, next_check_at=next_check_at),
        execution_options={"synchronize_session": "fetch"},
    )


# -- leads ---------------------------------------------------------------------------------------


def test_a_new_lead_is_a_page_due_now_and_news(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        given = lead("a", title="T", published=NOON - DAY, updated=NOON - HOUR, summary="S")
        assert keep(tx, given, lead("b")) == [given.url, lead("b").url]
        found = page(tx)
        assert (found.next_check_at, found.baseline, found.lead) == (NOON, None, given)
        assert source(tx).last_new_at == NOON
        assert keep(tx, given, at=LATER) == []
        assert source(tx).last_new_at == NOON


def test_an_address_offered_twice_is_one_page(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        assert keep(tx, lead(title="first"), lead(title="second")) == [lead().url]
        assert page(tx).lead.title == "first"


def test_a_lead_to_another_host_belongs_to_that_site(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        keep(tx, Lead(url="https://blog.example:8443/x"), lead())
        assert fetchstate.page_state(tx, "https://blog.example:8443/x").site == "blog.example:8443"
        due = sources.due(tx, "blog.example:8443", now=NOON, budget=9)
    assert [one.url for one in due.pages] == ["https://blog.example:8443/x"]


@pytest.mark.parametrize("url", ["https://news.example/" + "x" * 3000, "mailto:a@b", "", "//"])
def test_an_address_we_cannot_keep_is_left_out(database: Database, url: str) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        assert keep(tx, Lead(url=url), lead()) == [lead().url]


def test_of_a_large_stock_the_first_are_looked_at_and_the_rest_is_never_news(
    database: Database,
) -> None:
    leads = [lead(str(number)) for number in range(1_203)]
    sitemap = {"resolved_kind": SourceKind.SITEMAP}
    with database.transaction() as tx:
        sources.sync(tx, [spec(kind=SourceKind.SITEMAP)], now=NOON)
        assert keep(tx, *leads, **sitemap) == [one.url for one in leads[:120]]
        assert sources.first_rounds(tx, now=NOON)[0].unread == 120
        assert keep(tx, *leads, lead("more"), at=LATER, **sitemap) == [lead("more").url]
        resting = page(tx, "1000")
        assert (resting.next_check_at, resting.baseline) == (None, Baseline.FIRST_ROUND)
        changed = lead("1000", updated=LATER)
        assert keep(tx, changed, at=LATER + HOUR, **sitemap) == []
        assert page(tx, "1000").next_check_at == LATER + HOUR


def test_what_rests_is_looked_at_when_it_is_offered_as_new(database: Database) -> None:
    leads = [lead(str(number)) for number in range(300)]
    home = spec("home", "https://news.example/", kind=SourceKind.SECTION)
    with database.transaction() as tx:
        sources.sync(tx, [spec(kind=SourceKind.SITEMAP), home], now=NOON)
        keep(tx, *leads, resolved_kind=SourceKind.SITEMAP)
        assert keep(tx, lead("250"), source="home", at=LATER) == []
        found = page(tx, "250")
        assert (found.next_check_at, found.baseline) == (LATER, Baseline.FIRST_ROUND)


def test_a_burst_is_read_piece_by_piece(database: Database) -> None:
    leads = [lead(str(number)) for number in range(450)]
    with database.transaction() as tx:
        settled_source(tx)
        taken = [len(keep(tx, *leads, at=NOON + n * HOUR)) for n in range(4)]
    assert taken == [120, 120, 120, 90]


# -- known pages ---------------------------------------------------------------------------------

FIRST = lead(title="Talks resume", updated=NOON)


@pytest.mark.parametrize(
    ("second", "is_sooner"),
    [
        pytest.param(FIRST, False, id="same"),
        pytest.param(replace(FIRST, updated=NOON + MINUTE), True, id="updated-later"),
        pytest.param(replace(FIRST, updated=NOON - MINUTE), False, id="updated-earlier"),
        pytest.param(replace(FIRST, updated=None), False, id="no-longer-says-when"),
        pytest.param(replace(FIRST, updated=NOON + 9999 * DAY), False, id="impossible-date"),
        pytest.param(replace(FIRST, title="Talks broken off"), True, id="renamed"),
        pytest.param(replace(FIRST, title=""), False, id="no-longer-named"),
        pytest.param(replace(FIRST, summary="In short."), False, id="summary-only"),
    ],
)
def test_a_known_page_is_brought_forward_when_its_source_says_it_changed(
    database: Database, second: Lead, is_sooner: bool
) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        keep(tx, FIRST)
        look_at_all(tx, at=NOON, next_check_at=NOON + DAY)
        add_article(tx, "main", page={"next_check_at": NOON + DAY})
        keep(tx, second, at=LATER)
        assert page(tx).next_check_at == (LATER if is_sooner else NOON + DAY)
        keep(tx, second, at=LATER + HOUR)
        assert page(tx).next_check_at == (LATER if is_sooner else NOON + DAY)
        assert page(tx, "main").next_check_at == NOON + DAY


@pytest.mark.parametrize(("counts", "brought"), [(True, 3.0), (False, 2.0)])
def test_updates_off_the_topic_count_for_a_source_where_they_are_watched(
    database: Database, *, counts: bool, brought: float
) -> None:
    later = {"next_check_at": NOON + DAY, "last_checked_at": NOON}
    with database.transaction() as tx:
        settled_source(tx)
        add_article(tx, "on", topics=" talks ", page=later)
        add_article(tx, "off", page=later)
        updated = NOON + 5 * MINUTE
        leads = (lead("on", updated=updated), lead("off", updated=updated), lead("fresh"))
        round_ = read_round(*leads, at=LATER)
        sources.record_round(tx, round_, next_read=lambda _: LATER, counts_off_topic=counts)
        assert source(tx).rhythm["brought"] == brought
        assert page(tx, "off").next_check_at == LATER


def test_a_source_that_dates_every_entry_by_the_hour_brings_nothing_forward(
    database: Database,
) -> None:
    leads = [lead(str(number), updated=NOON) for number in range(12)]
    with database.transaction() as tx:
        settled_source(tx)
        keep(tx, *leads)
        look_at_all(tx, at=NOON, next_check_at=NOON + DAY)
        keep(tx, *(replace(one, updated=LATER) for one in leads), at=LATER)
        assert page(tx, "1").next_check_at == NOON + DAY
        few = [replace(one, updated=LATER + MINUTE) for one in leads[:5]]
        keep(tx, *few, *(replace(one, updated=LATER) for one in leads[5:]), at=LATER + HOUR)
        assert page(tx, "1").next_check_at == LATER + HOUR
        assert page(tx, "7").next_check_at == NOON + DAY


def test_a_first_claimed_update_counts_if_we_have_not_looked_since(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        keep(tx, lead("a"), lead("b"))
        look_at_all(tx, at=NOON, next_check_at=NOON + DAY)
        keep(tx, lead("a", updated=NOON - 1 * MINUTE), lead("b", updated=NOON + MINUTE), at=LATER)
        assert page(tx, "a").next_check_at == NOON + DAY
        assert page(tx, "b").next_check_at == LATER


def test_two_sources_that_name_a_page_differently_do_not_bring_it_forward(
    database: Database,
) -> None:
    front = spec("front", "https://news.example/", kind=SourceKind.SECTION)
    with database.transaction() as tx:
        settled_source(tx)
        sources.sync(tx, [spec(), front], now=NOON)
        keep(tx, lead(title="Talks resume in Istanbul"))
        look_at_all(tx, at=NOON, next_check_at=NOON + DAY)
        keep(tx, lead(title="Talks resume"), source="front", at=LATER)
        assert page(tx).next_check_at == NOON + DAY
        assert page(tx).lead.title == "Talks resume in Istanbul"


def test_a_page_of_a_removed_source_is_taken_over_by_the_next_that_offers_it(
    database: Database,
) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        keep(tx, lead())
        sources.sync(tx, [spec("front", "https://news.example/")], now=NOON)
        assert sources.due(tx, "news.example", now=NOON, budget=9).pages == ()
        keep(tx, lead(), source="front", at=LATER)
        assert page(tx).source == "front"
        assert len(sources.due(tx, "news.example", now=LATER, budget=9).pages) == 1


def test_an_update_of_an_old_address_brings_the_articles_present_one_forward(
    database: Database,
) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        keep(tx, lead("alias"))
        look_at_all(tx, at=NOON, next_check_at=None)
        article = add_article(tx, "present", page={"next_check_at": NOON + DAY})
        tx.execute(
            update(Page).where(Page.url == lead("alias").url).values(article_id=article.id),
            execution_options={"synchronize_session": "fetch"},
        )
        keep(tx, lead("alias", updated=LATER), at=LATER)
        assert page(tx, "present").next_check_at == LATER
        assert page(tx, "alias").next_check_at is None


def test_a_suspicion_is_not_looked_at_before_its_time(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        add_article(tx, "a", page={"is_confirming": True, "next_check_at": NOON + DAY})
        keep(tx, lead(updated=LATER), at=LATER)
        assert page(tx).next_check_at == NOON + DAY


def test_what_was_let_go_of_is_neither_new_nor_looked_at_again(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        keep(tx, lead())
        look_at_all(tx, at=NOON, next_check_at=None)
        assert keep(tx, lead(title="Another title", updated=LATER), at=LATER) == []
        found = page(tx)
    assert (found.next_check_at, found.lead.title) == (None, "")


# -- health --------------------------------------------------------------------------------------


def test_a_failing_round_keeps_validators_and_says_why(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        keep(tx, validators=Validators(etag="e", last_modified="m", body_hash="h"))
        keep(tx, at=LATER, outcome=Outcome.FAILED, reason="answered 503")
        keep(tx, at=LATER + HOUR, outcome=Outcome.GONE, reason="answered 404")
        row = source(tx)
        assert (row.failures, row.last_reason) == (2, "answered 404")
        assert (row.last_success_at, row.last_checked_at) == (NOON, LATER + HOUR)
        assert row.next_check_at == LATER + HOUR + 10 * MINUTE
        assert (row.etag, row.last_modified, row.body_hash) == ("e", "m", "h")
        keep(tx, at=LATER + DAY)
        assert (source(tx).failures, source(tx).etag) == (0, "")


def test_not_modified_is_a_success_that_keeps_what_was_known(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        first = Validators(etag="e", last_modified="m", body_hash="h")
        keep(tx, validators=first, warning="1 of 3 entries could not be read")
        keep(tx, at=LATER, outcome=Outcome.FAILED)
        keep(tx, at=LATER + HOUR, outcome=Outcome.NOT_MODIFIED)
        row = source(tx)
        assert (row.failures, row.last_success_at) == (0, LATER + HOUR)
        assert (row.etag, row.last_modified, row.body_hash) == ("e", "m", "h")
        assert row.warning == "1 of 3 entries could not be read"
        second = Validators(etag="e2")
        keep(tx, at=LATER + DAY, outcome=Outcome.NOT_MODIFIED, validators=second)
        assert (source(tx).etag, source(tx).body_hash) == ("e2", "h")


@pytest.mark.parametrize(
    ("etag", "is_asked"), [("1", False), ("2", True)], ids=["stands-still", "moves-on"]
)
def test_validators_that_stand_still_while_entries_come_are_dropped(
    database: Database, *, etag: str, is_asked: bool
) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        for number, given in enumerate(["1", etag]):
            validators = Validators(etag=given, body_hash=f"body {number}")
            keep(tx, lead(f"entry-{number}"), at=NOON + number * HOUR, validators=validators)
        tx.execute(update(Source).values(next_check_at=NOON))
        asked = sources.due(tx, "news.example", now=NOON + 2 * HOUR, budget=9).sources[0]
        assert asked.validators.etag == (etag if is_asked else "")
        assert asked.validators.body_hash == "body 1"


def test_the_first_read_of_a_day_repeats_no_validators(database: Database) -> None:
    """A server that answers 304 for ever would hide every entry: nobody else could tell."""
    with database.transaction() as tx:
        settled_source(tx)
        keep(tx, lead(), validators=Validators(etag="1", body_hash="body"))
        tx.execute(update(Source).values(next_check_at=NOON))
        etags = [
            sources.due(tx, "news.example", now=at, budget=9).sources[0].validators.etag
            for at in (NOON + 11 * HOUR, NOON + 13 * HOUR)
        ]
        assert etags == ["1", ""]


def test_a_source_found_by_itself_is_found_anew_when_it_keeps_failing(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx, kind=SourceKind.AUTO)
        keep(tx, resolved_kind=SourceKind.FEED, validators=Validators(etag="e"))
        kinds = []
        for number in range(3):
            keep(tx, at=LATER + number * HOUR, outcome=Outcome.FAILED, reason="not a feed")
            kinds.append(source(tx).resolved_kind)
    assert kinds == ["feed", "feed", ""]


def test_a_wish_to_be_left_alone_is_kept_for_a_day_at_most(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        keep(tx, outcome=Outcome.FAILED, retry_after=HOUR)
        assert sources.status(tx, "news").stay_away_until == NOON + HOUR
        keep(tx, outcome=Outcome.FAILED, retry_after=365 * DAY)
        assert sources.status(tx, "news").stay_away_until == NOON + DAY


def test_a_round_of_a_source_nobody_named_is_refused(database: Database) -> None:
    with pytest.raises(NotFoundError), database.transaction() as tx:
        keep(tx, source="nobody")


# -- what was there before is never news ---------------------------------------------------------


def test_a_first_round_ends_when_all_it_found_has_been_looked_at(database: Database) -> None:
    with database.transaction() as tx:
        sources.sync(tx, [spec()], now=NOON)
        assert sources.first_rounds(tx, now=NOON)[0].began_at is None
        keep(tx, lead("a"), lead("b"))
        assert page(tx, "a").baseline is Baseline.FIRST_ROUND
        assert sources.end_first_rounds(tx, now=NOON) == []
        found = sources.first_rounds(tx, now=NOON)[0]
        assert (found.pages, found.unread, found.is_over, found.is_failing) == (2, 2, False, False)
        keep(tx, lead("c"), at=NOON + MINUTE)
        assert page(tx, "c").baseline is Baseline.FIRST_ROUND
        look_at_all(tx, at=NOON + MINUTE, next_check_at=NOON + DAY)
        assert sources.end_first_rounds(tx, now=NOON + 2 * MINUTE) == ["news"]
        keep(tx, lead("d"), at=NOON + 3 * MINUTE)
        assert page(tx, "d").baseline is None
        found = sources.first_rounds(tx, now=NOON)[0]
        assert (found.pages, found.unread, found.is_over) == (3, 0, True)
        sources.mark_announced(tx, ["news"], now=NOON)
        assert sources.first_rounds(tx, now=NOON) == []


def test_a_source_that_offers_nothing_ends_its_first_round_at_once(database: Database) -> None:
    with database.transaction() as tx:
        sources.sync(tx, [spec()], now=NOON)
        keep(tx)
        assert sources.end_first_rounds(tx, now=NOON) == ["news"]


@pytest.mark.parametrize("outcome", [Outcome.CONTENT, Outcome.FAILED])
def test_after_ten_minutes_a_first_round_is_over_whatever_came_of_it(
    database: Database, outcome: Outcome
) -> None:
    leads = [lead("a")] if outcome is Outcome.CONTENT else []
    with database.transaction() as tx:
        sources.sync(tx, [spec()], now=NOON)
        keep(tx, *leads, outcome=outcome)
        assert sources.end_first_rounds(tx, now=NOON + 9 * MINUTE) == []
        assert sources.end_first_rounds(tx, now=NOON + 10 * MINUTE) == ["news"]


def test_after_ten_minutes_a_new_lead_is_news_even_if_nobody_ended_the_round(
    database: Database,
) -> None:
    with database.transaction() as tx:
        sources.sync(tx, [spec()], now=NOON)
        keep(tx, lead("a"))
        keep(tx, lead("b"), at=NOON + 10 * MINUTE)
        assert page(tx, "b").baseline is None


def test_the_stock_of_a_source_that_was_down_at_first_is_no_news(database: Database) -> None:
    with database.transaction() as tx:
        sources.sync(tx, [spec()], now=NOON)
        keep(tx, outcome=Outcome.FAILED)
        assert sources.first_rounds(tx, now=NOON)[0].is_failing
        sources.end_first_rounds(tx, now=LATER)
        keep(tx, lead("a"), at=LATER)
        assert page(tx, "a").baseline is Baseline.FIRST_ROUND
        keep(tx, lead("b"), at=LATER + DAY)
        assert page(tx, "b").baseline is None


def test_what_came_while_we_slept_is_no_news_once(database: Database) -> None:
    woke = NOON + 3 * DAY
    with database.transaction() as tx:
        settled_source(tx)
        keep(tx, at=woke, outcome=Outcome.FAILED, slept_since=woke)  # the network was not up yet
        keep(tx, lead("a"), at=woke + MINUTE, slept_since=woke)
        keep(tx, lead("b"), at=woke + 2 * MINUTE, slept_since=woke)
        assert page(tx, "a").baseline is Baseline.SLEEP
        assert page(tx, "b").baseline is None


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=6))
def test_each_address_is_found_as_new_once(
    sqlite_database: Database, offers: list[list[int]]
) -> None:
    found: list[str] = []
    rolled_back = pytest.raises(ZeroDivisionError)
    with rolled_back, sqlite_database.transaction() as tx:
        settled_source(tx)
        for number, offer in enumerate(offers):
            found += keep(tx, *(lead(str(n)) for n in offer), at=NOON + number * MINUTE)
        raise ZeroDivisionError
    offered = {lead(str(n)).url for offer in offers for n in offer}
    assert sorted(found) == sorted(offered)
