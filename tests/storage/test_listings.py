"""What a feed no longer lists, though older entries still stand there, is looked at at once."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import sources
from storage.database import Database
from storage.listings import vanished
from storage.models import Page
from storage.types import Lead, SourceKind
from tests.support.rows import HOUR, MINUTE, NOON, add_article, lead, read_round, settled_source

ENTRIES = ("e", "d", "c", "b", "a")  # the newest first


@pytest.mark.parametrize(
    ("before", "now", "gone"),
    [
        pytest.param([5, 4, 3, 2, 1], [5, 4, 3, 2, 1], [], id="nothing"),
        pytest.param([5, 4, 3, 2, 1], [7, 6, 5, 4, 3], [], id="the-oldest-fell-off-the-end"),
        pytest.param([5, 4, 3, 2, 1], [5, 4, 2, 1], [3], id="one-out-of-its-turn"),
        pytest.param([5, 4, 3, 2, 1], [4, 3, 2], [5], id="the-newest"),
        pytest.param([5, 4, 3, 2, 1], [1, 2, 3, 4, 5], [], id="another-order"),
        pytest.param([*range(40, 0, -1)], [*range(20, 0, -1)], [], id="half-of-it-at-once"),
        pytest.param([5, 4, 3, 2, 1], [9, 8, 7], [], id="all-of-it"),
        pytest.param([], [3, 2, 1], [], id="the-first-read"),
    ],
)
def test_what_vanished_out_of_its_turn(before: list[int], now: list[int], gone: list[int]) -> None:
    assert vanished(before, now) == gone


def read(tx: Session, *names: str, minutes: int) -> None:
    leads: tuple[Lead, ...] = tuple(lead(name) for name in names)
    at = NOON + minutes * MINUTE
    round_ = read_round(*leads, at=at, resolved_kind=SourceKind.FEED)
    sources.record_round(tx, round_, next_read=lambda _: NOON + HOUR)


def due_at(tx: Session, name: str) -> object:
    return tx.scalar(select(Page.next_check_at).where(Page.url.endswith(f"/{name}")))


def test_an_article_that_left_its_feed_is_looked_at_now_and_once(database: Database) -> None:
    later = {"next_check_at": NOON + 9 * HOUR}
    with database.transaction() as tx:
        settled_source(tx)
        for name in ENTRIES:
            add_article(tx, name, page=later)
        read(tx, *ENTRIES, minutes=1)
        read(tx, *(name for name in ENTRIES if name != "c"), minutes=10)
        assert due_at(tx, "c") == NOON + 10 * MINUTE
        assert {due_at(tx, name) for name in ENTRIES if name != "c"} == {NOON + 9 * HOUR}
        tx.execute(update(Page).values(**later))
        read(tx, *(name for name in ENTRIES if name != "c"), minutes=20)
        assert due_at(tx, "c") == NOON + 9 * HOUR
