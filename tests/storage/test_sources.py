from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from storage import fetchstate, leases, sites, sources
from storage.database import Database
from storage.errors import NotFoundError
from storage.models import Source
from storage.types import (
    Baseline,
    Due,
    Outcome,
    Outlet,
    Purpose,
    SourceKind,
    SourceSpec,
    Validators,
    VisitReport,
)
from tests.support.rows import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    add_article,
    add_page,
    lead,
    read_round,
    settled_source,
    spec,
)

SITE = "news.example"


def source(tx: Session, name: str = "news") -> Source:
    return tx.scalars(select(Source).where(Source.name == name)).one()


def due_names(tx: Session, *, now: datetime = NOON, budget: int = 50) -> list[str]:
    found = sources.due(tx, SITE, now=now, budget=budget)
    names = [page.url.rpartition("/")[2] for page in found.pages]
    return [one.name for one in found.sources] + names


# -- rows follow the configuration ---------------------------------------------------------------


def test_a_new_source_is_due_now(database: Database) -> None:
    with database.transaction() as tx:
        report = sources.sync(tx, [spec(), spec("other", "https://b.example/")], now=NOON)
        assert report == sources.SyncReport(added=("news", "other"))
        assert sources.due_sites(tx, now=NOON, limit=9) == ["b.example", SITE]
        assert sources.sync(tx, [spec(), spec("other", "https://b.example/")], now=NOON + DAY) == (
            sources.SyncReport()
        )


def test_a_source_that_is_no_longer_named_keeps_its_history_and_rests(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        add_article(tx, "a")
        assert sources.sync(tx, [], now=NOON).removed == ("news",)
        assert sources.due_sites(tx, now=NOON + DAY, limit=9) == []
        assert sources.due(tx, SITE, now=NOON + DAY, budget=9) == Due(site=SITE)
        assert sources.next_due(tx, SITE) is None
        assert [(one.name, one.articles) for one in sources.statuses(tx)] == [("news", 1)]
        assert sources.sync(tx, [], now=NOON).removed == ()


def test_a_source_that_is_switched_off_is_not_fetched_nor_are_its_pages(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        add_article(tx, "a", topics=" talks ")
        report = sources.sync(tx, [spec(is_enabled=False)], now=NOON)
        assert report.removed == ("news",)
        assert sources.due_sites(tx, now=NOON + DAY, limit=9) == []
        assert due_names(tx, now=NOON + DAY) == []


@pytest.mark.parametrize(
    ("between", "after"),
    [
        pytest.param([], spec(), id="removed-and-back"),
        pytest.param([spec(is_enabled=False)], spec(), id="switched-off-and-on"),
        pytest.param(None, spec(url="https://news.example/b"), id="other-address"),
        pytest.param(None, spec(kind=SourceKind.SECTION), id="other-kind"),
        pytest.param(None, spec(deny=("/sport/*",)), id="other-path-rule"),
    ],
)
def test_what_offers_other_addresses_begins_its_first_round_anew(
    database: Database, between: list[SourceSpec] | None, after: SourceSpec
) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        sources.mark_announced(tx, ["news"], now=NOON)
        tx.execute(update(Source).values(etag="e", body_hash="h", next_check_at=NOON + DAY))
        if between is not None:
            sources.sync(tx, between, now=NOON)
        report = sources.sync(tx, [after], now=NOON + HOUR)
        assert (report.changed if between is None else report.added) == ("news",)
        row = source(tx)
        assert row.next_check_at == NOON + HOUR
        assert (row.first_round_began_at, row.first_round_ended_at, row.announced_at) == (None,) * 3
        assert (row.etag, row.body_hash) == ("", "")


def test_a_source_that_is_only_shown_otherwise_goes_on(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        outlet = Outlet(name="The News", language="id", country="ID", control="private")
        report = sources.sync(tx, [spec(outlet=outlet, topics=("talks",))], now=NOON - HOUR)
        assert report.changed == ("news",)
        found = sources.status(tx, "news")
    assert (found.outlet, found.topics) == (outlet, ("talks",))
    assert found.next_check_at == NOON
    assert found.first_round_ended_at is not None


@pytest.mark.parametrize(
    ("every", "next_check_at"),
    [
        pytest.param(5 * MINUTE, NOON + 5 * MINUTE, id="sooner"),
        pytest.param(HOUR, NOON + 10 * MINUTE, id="later-from-the-next-time-on"),
        pytest.param(None, NOON + 10 * MINUTE, id="a-cron-line-is-the-timetables"),
    ],
)
def test_another_timetable_brings_a_source_forward_only(
    database: Database, every: timedelta | None, next_check_at: datetime
) -> None:
    with database.transaction() as tx:
        sources.sync(tx, [spec()], now=NOON)
        sources.record_round(tx, read_round(), next_read=lambda _: NOON + 10 * MINUTE)
        assert sources.sync(tx, [spec(every=every)], now=NOON).changed == ("news",)
        assert source(tx).next_check_at == next_check_at
        assert sources.status(tx, "news").every == every


# -- what is due ---------------------------------------------------------------------------------


def test_a_visit_does_things_in_order(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        add_article(tx, "rest")
        add_page(tx, "new-old", lead_published=NOON - DAY)
        add_page(tx, "new-claims-2099", lead_published=NOON + 9999 * DAY)
        add_page(tx, "new-fresh", found_at=NOON, lead_published=NOON - MINUTE)
        add_article(tx, "topic-later", topics=" talks ")
        add_article(tx, "topic", topics=" talks ", page={"next_check_at": NOON - MINUTE})
        add_article(tx, "suspected", page={"is_confirming": True})
        add_article(tx, "not-due", topics=" talks ", page={"next_check_at": NOON + MINUTE})
        add_page(tx, "never-again", next_check_at=None)
        found = sources.due(tx, SITE, now=NOON, budget=50)
    assert [one.name for one in found.sources] == ["news"]
    assert [(page.url.rpartition("/")[2], page.purpose) for page in found.pages] == [
        ("suspected", Purpose.CONFIRM),
        ("topic", Purpose.RECHECK),
        ("topic-later", Purpose.RECHECK),
        ("new-claims-2099", Purpose.NEW),
        ("new-fresh", Purpose.NEW),
        ("new-old", Purpose.NEW),
        ("rest", Purpose.REST),
    ]


def test_a_long_stock_waits_for_other_sites_and_what_is_new_does_not(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        for number in range(30):
            stock = {"baseline": Baseline.FIRST_ROUND.value, "lead_published": NOON - DAY}
            add_page(tx, f"stock-{number:02}", **stock)
            add_page(tx, f"new-{number:02}", lead_published=NOON - HOUR)
            add_article(tx, f"rest-{number}")
        names = due_names(tx, budget=100)
        assert names[:31] == ["news", *(f"new-{number:02}" for number in range(30))]
        assert [name.partition("-")[0] for name in names[31:]] == ["stock"] * 12
        assert sources.next_due(tx, SITE) <= NOON  # what was left


def test_after_a_sleep_the_newest_on_a_topic_is_looked_at_first(database: Database) -> None:
    woke = NOON + 3 * DAY
    with database.transaction() as tx:
        settled_source(tx)
        for hours, name in [(1, "old"), (30, "newer"), (20, "new")]:
            times = {"next_check_at": NOON + hours * HOUR, "last_checked_at": NOON}
            changed_at = NOON + hours * HOUR
            add_article(tx, f"off-{name}", changed_at=changed_at, page=times)
            add_article(tx, name, topics=" talks ", changed_at=changed_at, page=times)
        names = due_names(tx, now=woke)
        assert names == ["news", "newer", "new", "old", "off-newer", "off-new", "off-old"]
        for page in sources.due(tx, SITE, now=woke, budget=50).pages:
            fetchstate.set_next_check(tx, page.url, woke + HOUR)
        assert due_names(tx, now=woke) == ["news"]


def test_a_budget_is_spent_on_what_comes_first(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        add_page(tx, "a", lead_published=NOON - HOUR)
        add_page(tx, "b", lead_published=NOON - MINUTE)
        assert due_names(tx, budget=2) == ["news", "b"]
        assert due_names(tx, budget=0) == []


def test_a_due_page_carries_what_its_look_is_compared_with(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx, topics=("talks",))
        validators = {"etag": "e", "last_modified": "m", "body_hash": "h"}
        claims = {"lead_title": "Talks", "lead_published": NOON - DAY}
        add_article(tx, "a", text="Ten letters", page={**validators, **claims})
        page = sources.due(tx, SITE, now=NOON, budget=9).pages[0]
    assert page.validators == Validators(**validators)
    assert page.lead == lead("a", title="Talks", published=NOON - DAY)
    assert page.topics == ("talks",)
    assert page.usual_length == 11


def test_a_page_never_read_has_no_usual_length(database: Database) -> None:
    with database.transaction() as tx:
        add_page(tx, "a")
        page = sources.due(tx, SITE, now=NOON, budget=9).pages[0]
    assert (page.usual_length, page.topics) == (None, ())


def test_a_due_source_carries_what_it_turned_out_to_be(database: Database) -> None:
    with database.transaction() as tx:
        sources.sync(tx, [spec(kind=SourceKind.AUTO, allow=("/a/*",), deny=("/b/*",))], now=NOON)
        assert sources.due(tx, SITE, now=NOON, budget=9).sources[0].kind is SourceKind.AUTO
        validators = Validators(etag="e", last_modified="m", body_hash="h")
        round_ = read_round(resolved_kind=SourceKind.FEED, validators=validators)
        sources.record_round(tx, round_, next_read=lambda _: NOON)
        found = sources.due(tx, SITE, now=NOON, budget=9).sources[0]
    assert (found.kind, found.validators) == (SourceKind.FEED, validators)
    assert (found.allow, found.deny) == (("/a/*",), ("/b/*",))


def lease(tx: Session) -> None:
    leases.claim(tx, SITE, owner="daemon", now=NOON, for_s=60)


def stay_away(tx: Session) -> None:
    sites.stay_away(tx, SITE, until=NOON + MINUTE)


@pytest.mark.parametrize(
    ("hold", "is_due"),
    [
        pytest.param(lease, True, id="somebody-visits-it"),
        pytest.param(stay_away, False, id="it-asked-us-to-stay-away"),
    ],
)
def test_a_site_is_not_offered_while(
    database: Database, hold: Callable[[Session], None], is_due: bool
) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        hold(tx)
        assert sources.due_sites(tx, now=NOON, limit=9) == []
        assert bool(due_names(tx)) == is_due
        assert sources.due_sites(tx, now=NOON + MINUTE, limit=9) == [SITE]
        assert due_names(tx, now=NOON + MINUTE) == ["news"]


def test_sites_are_offered_longest_due_first(database: Database) -> None:
    with database.transaction() as tx:
        for minutes, name in [(3, "c"), (1, "a"), (2, "b"), (-1, "later")]:
            sources.sync(
                tx,
                [spec(name, f"https://{name}.example/")],
                now=NOON - minutes * MINUTE,
            )
            tx.execute(update(Source).values(is_configured=True))
        assert sources.due_sites(tx, now=NOON, limit=9) == ["c.example", "b.example", "a.example"]
        assert sources.due_sites(tx, now=NOON, limit=1) == ["c.example"]


def test_the_next_time_is_that_of_the_earliest_source_or_page(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx, now=NOON + HOUR)
        assert sources.next_due(tx, SITE) == NOON + HOUR
        add_page(tx, "a", next_check_at=NOON + MINUTE)
        assert sources.next_due(tx, SITE) == NOON + MINUTE
        stay_until = NOON + 2 * MINUTE
        sites.stay_away(tx, SITE, until=stay_until)
        assert sources.next_due(tx, SITE) == stay_until
        assert sources.next_dues(tx) == {SITE: stay_until}
        assert sources.next_due(tx, "unknown.example") is None


def test_what_is_due_is_one_statement(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        for number in range(20):
            add_page(tx, str(number))
        seen: list[str] = []
        event.listen(tx.get_bind(), "before_cursor_execute", lambda *a: seen.append(a[2]))
        assert sources.due_sites(tx, now=NOON, limit=9) == [SITE]
        assert len(seen) == 1
        sources.due(tx, SITE, now=NOON, budget=50)
        assert len(seen) == 1 + 4


# -- the day's requests --------------------------------------------------------------------------


def visited(tx: Session, requests: int, *, at: datetime = NOON) -> None:
    report = VisitReport(
        site=SITE, began_at=at, ended_at=at, requests=requests, statuses=((200, requests),)
    )
    sites.record_visit(tx, report, daily_requests=100)


def busy_site(tx: Session) -> None:
    settled_source(tx)
    add_article(tx, "on-topic", topics=" talks ", page={"next_check_at": NOON + 2 * HOUR})
    add_article(tx, "off-topic")
    add_page(tx, "unread")


def test_beyond_the_days_requests_only_sources_and_topics_are_due(database: Database) -> None:
    later = NOON + 2 * HOUR
    with database.transaction() as tx:
        busy_site(tx)
        visited(tx, 60)
        assert due_names(tx, now=later) == ["news", "on-topic", "unread", "off-topic"]
        visited(tx, 40)
        assert due_names(tx, now=later) == ["news", "on-topic"]


def test_a_site_that_saves_is_offered_when_something_may_be_looked_at(database: Database) -> None:
    midnight = NOON + 12 * HOUR
    with database.transaction() as tx:
        busy_site(tx)
        visited(tx, 100)
        tx.execute(update(Source).values(next_check_at=NOON + DAY))
        assert sources.next_due(tx, SITE) == NOON + 2 * HOUR
        assert sources.due_sites(tx, now=NOON, limit=9) == []
        fetchstate.set_next_check(tx, "https://news.example/on-topic", None)
        assert sources.next_due(tx, SITE) == midnight
        assert due_names(tx, now=midnight) == ["unread", "off-topic"]


def test_a_new_day_has_requests_of_its_own(database: Database) -> None:
    with database.transaction() as tx:
        busy_site(tx)
        visited(tx, 100)
        visited(tx, 99, at=NOON + DAY)
        assert sources.next_due(tx, SITE) == NOON
        visited(tx, 1, at=NOON + DAY)
        assert due_names(tx, now=NOON + DAY) == ["news", "on-topic"]


def test_what_a_person_asks_for_is_not_saved(database: Database) -> None:
    with database.transaction() as tx:
        busy_site(tx)
        visited(tx, 100)
        fetchstate.ask(tx, ["https://news.example/asked"], now=NOON)
        assert "asked" in due_names(tx)


# -- health --------------------------------------------------------------------------------------


def test_a_status_counts_what_a_source_gave(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        add_page(tx, "a")
        add_article(tx, "b")
        add_article(tx, "c", topics=" talks ")
        sources.record_round(
            tx,
            read_round(outcome=Outcome.FAILED, reason="answered 503", retry_after=MINUTE),
            next_read=lambda _: NOON + HOUR,
        )
        lease(tx)
        seen: list[str] = []
        event.listen(tx.get_bind(), "before_cursor_execute", lambda *a: seen.append(a[2]))
        found = sources.statuses(tx)
        assert len(seen) == 7
    assert [(one.name, one.pages, one.articles, one.on_topic) for one in found] == [
        ("news", 3, 2, 1)
    ]
    assert (found[0].failures, found[0].last_reason) == (1, "answered 503")
    assert (found[0].stay_away_until, found[0].visited_by) == (NOON + MINUTE, "daemon")


def test_a_source_nobody_named_is_not_found(database: Database) -> None:
    with pytest.raises(NotFoundError, match="no source has this name"), database.reading() as tx:
        sources.status(tx, "nobody")
