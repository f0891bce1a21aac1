"""What failed at our own proxy: put off, told, and nobody's fault."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import fetchstate, history, sources
from storage.database import Database
from storage.models import FurtherSource, Source
from storage.outages import AGAIN
from storage.types import ArticleState, Outcome
from tests.support.desk import BODY, EDITED, URL, Desk
from tests.support.rows import HOUR, MINUTE, NOON, read_round, settled_source

DOWN = "the proxy http://proxy.example.org:3128 cannot be reached: connection refused"
OURS = {"outcome": Outcome.FAILED, "reason": DOWN, "is_ours": True, "status": None}


def page(desk: Desk, url: str = URL) -> fetchstate.PageState:
    found = desk.read(lambda tx: fetchstate.page_state(tx, url))
    assert found is not None
    return found


def test_a_page_stays_due_and_counts_no_failure(database: Database) -> None:
    desk = Desk(database)
    desk.text(*BODY)
    before = page(desk)
    for _ in range(5):
        seen = desk.look(Outcome.FAILED, reason=DOWN, is_ours=True)
    after = page(desk)
    assert (after.failures, after.looks) == (0, before.looks)
    assert seen.next_check_at == after.next_check_at == desk.now + AGAIN
    assert after.last_checked_at == before.last_checked_at
    told = [row.reason for row in desk.read(lambda tx: history.decisions(tx, URL))]
    assert told.count(DOWN) == 1


def test_it_is_no_evidence_that_an_article_is_gone(database: Database) -> None:
    desk = Desk(database)
    article_id = desk.text(*BODY).article_id
    desk.look(Outcome.GONE, reason="answered 404")
    for _ in range(9):
        desk.look(Outcome.FAILED, reason=DOWN, is_ours=True, after_min=300)
    found = desk.read(lambda tx: history.article(tx, article_id))
    assert found.state is ArticleState.MISSING
    assert page(desk).missing_looks == 1


def test_an_edit_that_waits_for_its_second_look_still_waits(database: Database) -> None:
    desk = Desk(database)
    desk.text(*BODY)
    assert desk.text(*EDITED).is_confirming
    desk.look(Outcome.FAILED, reason=DOWN, is_ours=True)
    assert page(desk).is_confirming
    assert desk.text(*EDITED).change_ids


def test_an_address_that_was_never_seen_is_tried_until_it_is(database: Database) -> None:
    desk = Desk(database)
    for _ in range(20):
        desk.look(Outcome.FAILED, reason=DOWN, is_ours=True)
    assert page(desk).last_checked_at is None
    assert page(desk).next_check_at == desk.now + AGAIN


def source(tx: Session) -> Source:
    return tx.scalars(select(Source).where(Source.name == "news")).one()


def keep(tx: Session, **fields: object) -> None:
    at = NOON + HOUR
    round_ = read_round(at=at, **{**OURS, **fields})  # type: ignore[arg-type]
    sources.record_round(tx, round_, next_read=lambda facts: facts.at + 10 * MINUTE)


def test_a_source_is_read_at_its_next_time_and_says_what_failed(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        before = source(tx).last_checked_at
        keep(tx)
        row = source(tx)
        assert (row.failures, row.last_reason) == (0, DOWN)
        assert row.last_checked_at == before
        assert row.next_check_at == NOON + HOUR + 10 * MINUTE


@pytest.mark.parametrize("url", ["https://news.example/rss", "https://news.example/let-go-of"])
def test_what_a_source_led_to_is_not_given_up(database: Database, url: str) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        tx.add(
            FurtherSource(
                source_id=source(tx).id,
                url="https://news.example/rss",
                kind="feed",
                found_by="usual",
                listed_by="",
                place=0,
                found_at=NOON,
                failures=0,
                rhythm={},
            )
        )
        tx.flush()
        keep(tx, via=url)
        row = tx.scalars(select(FurtherSource)).one()
        assert (row.failures, row.last_checked_at) == (0, None)
        again_at = NOON + HOUR + timedelta(minutes=5) if url.endswith("rss") else None
        assert row.next_check_at == again_at
