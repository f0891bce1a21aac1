"""What a source leads to: which of it is tried, read, let alone, and whose its articles are."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from storage import fetchstate, sources
from storage.candidates import Try
from storage.database import Database
from storage.further import FurtherStatus
from storage.kinds import FoundBy, FurtherSource
from storage.models import FurtherSource as Row
from storage.rhythm import ReadFacts
from storage.types import Baseline, Lead, Outcome, SourceKind, Validators
from tests.support.rows import DAY, HOUR, MINUTE, NOON, lead, read_round, spec

SITE = "news.example"
HOME = "https://news.example/"
FEED, OTHER_FEED = "https://news.example/rss", "https://news.example/atom.xml"
MAP, CHILD = "https://news.example/sitemap.xml", "https://news.example/news-2026.xml"
RUBRIC = "https://news.example/politics/"
LATER = NOON + HOUR
ALL = (
    FurtherSource(url=FEED, kind=SourceKind.FEED, found_by=FoundBy.HEAD),
    FurtherSource(url=OTHER_FEED, kind=SourceKind.FEED, found_by=FoundBy.USUAL),
    FurtherSource(url=MAP, kind=SourceKind.SITEMAP, found_by=FoundBy.ROBOTS),
    FurtherSource(url=RUBRIC, kind=SourceKind.SECTION, found_by=FoundBy.SECTION),
)


def in_ten(facts: ReadFacts) -> datetime:
    return facts.at + (10 * MINUTE if facts.has_worked else 7 * DAY)


def home(tx: Session) -> None:
    """A home page that was read for the first time, and led to four things."""
    tx.expire_on_commit = False
    sources.sync(tx, [spec(url=HOME, kind=SourceKind.AUTO)], now=NOON)
    keep(tx, resolved_kind=SourceKind.SECTION, further=ALL)


def keep(tx: Session, *leads: Lead, at: datetime = NOON, **fields: Any) -> list[str]:
    return sources.record_round(tx, read_round(*leads, at=at, **fields), next_read=in_ten)


def known(tx: Session) -> dict[str, FurtherStatus]:
    return {one.url: one for one in sources.status(tx, "news").further}


def due_urls(tx: Session, *, now: datetime = NOON) -> list[str]:
    return [one.url for one in sources.due(tx, SITE, now=now, budget=50).sources]


def test_what_is_announced_is_tried_at_once_and_guesses_wait(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        assert sources.next_due(tx, SITE) == NOON
        assert due_urls(tx) == [FEED, MAP]
        states = {url: one.state for url, one in known(tx).items()}
        assert states == {
            FEED: Try.DUE,
            OTHER_FEED: Try.RESERVE,
            MAP: Try.DUE,
            RUBRIC: Try.RESERVE,
        }


def test_a_due_further_source_says_whose_it_is(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        keep(tx, lead(), via=FEED, validators=Validators(etag="e"), resolved_kind=SourceKind.FEED)
        found = sources.due(tx, SITE, now=LATER, budget=50).sources[0]
    assert (found.name, found.url, found.home, found.kind) == ("news", FEED, HOME, SourceKind.FEED)
    assert found.validators == Validators(etag="e")
    assert not found.leads_on


def test_the_articles_of_a_further_source_are_the_sources(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        assert keep(tx, lead("a"), via=FEED) == [lead("a").url]
        page = fetchstate.page_state(tx, lead("a").url)
        assert page is not None
        assert page.source == "news"


def test_a_guess_that_is_not_there_is_no_failure_of_the_source(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        keep(tx, via=FEED, outcome=Outcome.FAILED, reason="answered 404")
        status = sources.status(tx, "news")
        assert (status.failures, status.last_reason, status.warning) == (0, "", "")
        assert known(tx)[FEED].state is Try.FAILED
        assert known(tx)[FEED].last_reason == "answered 404"
        assert known(tx)[FEED].next_check_at == NOON + 7 * DAY
        assert known(tx)[OTHER_FEED].state is Try.DUE


def test_a_feed_that_lists_nothing_of_the_publisher_does_not_work(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        keep(tx, via=FEED, resolved_kind=SourceKind.FEED)
        assert known(tx)[FEED].state is Try.FAILED
        assert known(tx)[FEED].last_reason == "it lists no address of this publisher"


def test_sections_are_read_where_nothing_else_works(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        for url in (FEED, MAP, OTHER_FEED):
            keep(tx, via=url, outcome=Outcome.FAILED, reason="answered 404")
        assert known(tx)[RUBRIC].state is Try.DUE


def test_what_a_further_source_held_at_first_is_no_news(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        sources.end_first_rounds(tx, now=NOON + HOUR)
        keep(tx, lead("a"), via=FEED, at=NOON + 2 * HOUR)
        keep(tx, lead("b"), via=FEED, at=NOON + 3 * HOUR)
        pages = [fetchstate.page_state(tx, lead(name).url) for name in ("a", "b")]
        assert [page.baseline for page in pages if page] == [Baseline.FIRST_ROUND, None]


def feed_and_map(tx: Session) -> None:
    home(tx)
    keep(tx, lead(), via=FEED)
    keep(tx, lead(), via=MAP, resolved_kind=SourceKind.SITEMAP)


def test_what_may_have_the_same_is_read_in_step_after_the_feed(database: Database) -> None:
    with database.transaction() as tx:
        feed_and_map(tx)
        keep(tx, at=NOON + 5 * MINUTE, via=FEED)
        assert due_urls(tx, now=NOON + 14 * MINUTE) == []
        assert due_urls(tx, now=NOON + 15 * MINUTE) == [FEED, MAP, HOME]


def test_what_brings_more_than_the_feed_does_not_wait_for_it(database: Database) -> None:
    with database.transaction() as tx:
        feed_and_map(tx)
        for minutes in (1, 2):
            keep(tx, lead(f"home-{minutes}"), at=NOON + minutes * MINUTE)
        keep(tx, at=NOON + 5 * MINUTE, via=FEED)
        assert due_urls(tx, now=NOON + 12 * MINUTE) == [HOME]


def test_the_feed_goes_before_what_is_due_earlier(database: Database) -> None:
    with database.transaction() as tx:
        feed_and_map(tx)
        tx.execute(update(Row).where(Row.url == FEED).values(next_check_at=NOON + DAY))
        assert due_urls(tx, now=NOON + 10 * MINUTE) == [FEED, MAP, HOME]


def test_two_that_name_an_article_differently_do_not_bring_it_forward(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        keep(tx, lead(title="Talks resume in Istanbul"), via=FEED)
        fetchstate.set_next_check(tx, lead().url, NOON + DAY)
        keep(tx, lead(title="Talks resume"), at=LATER)
        page = fetchstate.page_state(tx, lead().url)
        assert page is not None
        assert (page.lead.title, page.next_check_at) == ("Talks resume in Istanbul", NOON + DAY)
        keep(tx, lead(title="Talks broken off"), via=FEED, at=LATER)
        page = fetchstate.page_state(tx, lead().url)
        assert page is not None
        assert (page.lead.title, page.next_check_at) == ("Talks broken off", LATER)


# -- sitemaps -------------------------------------------------------------------------------------


def test_of_a_sitemap_only_what_was_dated_lately_is_taken(database: Database) -> None:
    old, undated = lead("old", updated=NOON - 9 * DAY), lead("undated")
    with database.transaction() as tx:
        home(tx)
        new = lead("new", updated=NOON - DAY)
        assert keep(tx, old, undated, new, via=MAP, resolved_kind=SourceKind.SITEMAP) == [new.url]
        late = lead("late", published=NOON - 2 * DAY)
        fresh = lead("fresh", published=LATER)
        found = keep(tx, late, fresh, via=MAP, at=LATER, resolved_kind=SourceKind.SITEMAP)
        assert found == [fresh.url]
        assert keep(tx, old, via=FEED, at=LATER) == [old.url]


def test_a_sitemap_tells_of_known_articles_whatever_their_date(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        keep(tx, lead("a"), via=FEED)
        fetchstate.set_next_check(tx, lead("a").url, NOON + DAY)
        keep(tx, lead("a", updated=LATER), via=MAP, at=LATER, resolved_kind=SourceKind.SITEMAP)
        page = fetchstate.page_state(tx, lead("a").url)
        assert page is not None
        assert page.next_check_at == LATER


def test_of_a_sitemaps_stock_the_newest_are_looked_at(database: Database) -> None:
    leads = [lead(str(number), updated=NOON) for number in range(250)]
    with database.transaction() as tx:
        home(tx)
        taken = [
            len(keep(tx, *leads, via=MAP, at=NOON + n * HOUR, resolved_kind=SourceKind.SITEMAP))
            for n in range(4)
        ]
    assert taken == [100, 0, 0, 0]


def index_of(*urls: str) -> tuple[FurtherSource, ...]:
    return tuple(
        FurtherSource(url=url, kind=SourceKind.SITEMAP, found_by=FoundBy.INDEX) for url in urls
    )


def test_the_sitemaps_of_an_index_are_read_and_followed_no_further(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        keep(tx, via=MAP, further=index_of(CHILD), resolved_kind=SourceKind.SITEMAP)
        assert known(tx)[CHILD].state is Try.DUE
        deeper = index_of("https://news.example/deeper.xml")
        keep(tx, via=CHILD, further=deeper, resolved_kind=SourceKind.SITEMAP)
        assert set(known(tx)) == {FEED, OTHER_FEED, MAP, CHILD, RUBRIC}
        assert "an index in an index is not followed" in known(tx)[CHILD].warning


def test_an_index_lets_go_of_what_it_lists_no_longer(database: Database) -> None:
    following = "https://news.example/news-2027.xml"
    with database.transaction() as tx:
        home(tx)
        keep(tx, via=MAP, further=index_of(CHILD), resolved_kind=SourceKind.SITEMAP)
        keep(tx, via=MAP, further=index_of(following), at=LATER, resolved_kind=SourceKind.SITEMAP)
        assert CHILD not in known(tx)
        assert known(tx)[following].state is Try.DUE


def test_the_sitemaps_of_a_configured_index_are_read_too(database: Database) -> None:
    with database.transaction() as tx:
        sources.sync(tx, [spec(url=MAP, kind=SourceKind.SITEMAP)], now=NOON)
        keep(tx, further=index_of(CHILD))
        assert due_urls(tx) == [CHILD]


# -- over time ------------------------------------------------------------------------------------


def test_a_feed_that_breaks_lets_the_home_page_stand_in(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        keep(tx, lead(), via=FEED)
        sources.record_round(
            tx, read_round(at=NOON + MINUTE), next_read=lambda facts: facts.at + 2 * HOUR
        )
        for minutes in (10, 20):
            failing = read_round(at=NOON + minutes * MINUTE, via=FEED, outcome=Outcome.FAILED)
            sources.record_round(tx, failing, next_read=in_ten)
        assert sources.status(tx, "news").next_check_at == NOON + 20 * MINUTE


def test_sections_are_opened_where_the_home_page_keeps_bringing_more(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        keep(tx, lead("a"), via=FEED)
        keep(tx, lead("a"), via=MAP, resolved_kind=SourceKind.SITEMAP)
        for number in range(6):
            keep(tx, lead(f"home-{number}"), at=NOON + number * HOUR, further=ALL)
        assert known(tx)[RUBRIC].state is Try.DUE


def test_another_address_forgets_what_the_old_one_led_to(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        other = spec(url="https://news.example/en/", kind=SourceKind.AUTO)
        sources.sync(tx, [other], now=LATER)
        assert known(tx) == {}


def test_a_source_that_is_switched_off_reads_nothing_it_led_to(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        off = spec(url=HOME, kind=SourceKind.AUTO, is_enabled=False)
        sources.sync(tx, [off], now=LATER)
        assert sources.due_sites(tx, now=LATER, limit=9) == []
        assert due_urls(tx, now=LATER) == []


def test_what_works_is_read_when_a_person_asks(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        keep(tx, lead(), via=FEED)
        keep(tx, via=MAP, outcome=Outcome.FAILED)
        later = NOON + 3 * MINUTE
        assert sources.make_due(tx, ["news"], now=later, recent=DAY) == [SITE]
        assert due_urls(tx, now=later) == [FEED, HOME]


def test_the_rhythm_counts_what_came_first_from_where(database: Database) -> None:
    with database.transaction() as tx:
        home(tx)
        seen: list[ReadFacts] = []

        def remember(facts: ReadFacts) -> datetime:
            seen.append(facts)
            return in_ten(facts)

        keep(tx, lead("stock"), via=FEED)
        for number in range(3):
            at = NOON + (1 + number) * 10 * MINUTE
            fed = read_round(lead("stock"), lead(str(number)), at=at, via=FEED)
            own = read_round(lead(str(number)), at=at + timedelta(seconds=1))
            for round_ in (fed, own):
                sources.record_round(tx, round_, next_read=remember)
    fed, own = seen[-2:]
    assert round(fed.rhythm.brought, 1) == 3.0
    assert (own.rhythm.brought, round(own.others, 1)) == (0.0, 3.0)


def test_a_read_is_told_how_many_stand_beside_the_feed(database: Database) -> None:
    told: dict[str, int] = {}

    def remember(facts: ReadFacts) -> datetime:
        told[facts.via] = facts.beside_feed
        return in_ten(facts)

    with database.transaction() as tx:
        home(tx)
        for at in (NOON, NOON + 10 * MINUTE):
            for via in (MAP, FEED, ""):
                round_ = read_round(lead(), at=at, via=via)
                sources.record_round(tx, round_, next_read=remember)
            if at == NOON:
                assert told == {MAP: 0, FEED: 0, "": 2}
    assert told == {MAP: 2, FEED: 0, "": 2}
