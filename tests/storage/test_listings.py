"""What a feed no longer lists, though older entries still stand there, is looked at at once."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import sources
from storage.database import Database
from storage.kinds import FoundBy, FurtherSource
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


@pytest.mark.parametrize(
    ("before", "now", "gone"),
    [
        pytest.param([1, 2, 3, 4, 5], [2, 3, 4, 5, 6], [], id="the-oldest-fell-off-the-beginning"),
        pytest.param([5, 4, 3, 2, 1], [7, 6, 5, 4, 3], [], id="the-oldest-fell-off-the-end"),
        pytest.param([1, 2, 3, 4, 5], [2, 4, 5], [3], id="one-out-of-its-turn"),
        pytest.param([1, 2, 3], [3, 2, 1], [], id="another-order"),
        pytest.param([*range(1000)], [*range(0, 1000, 2)], [], id="half-of-it-at-once"),
        pytest.param([*range(1000)], [0, *range(9, 1000)], [*range(1, 9)], id="a-few-of-many"),
    ],
)
def test_what_vanished_from_a_sitemap(before: list[int], now: list[int], gone: list[int]) -> None:
    assert vanished(before, now, SourceKind.SITEMAP) == gone


def read(
    tx: Session, *names: str, minutes: int, kind: SourceKind = SourceKind.FEED, via: str = ""
) -> None:
    leads: tuple[Lead, ...] = tuple(lead(name) for name in names)
    at = NOON + minutes * MINUTE
    round_ = read_round(*leads, at=at, resolved_kind=kind, via=via)
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


def test_an_article_that_left_the_sitemap_beside_its_feed_is_looked_at_now(
    database: Database,
) -> None:
    sitemap = "https://news.example/sitemap.xml"
    further = FurtherSource(url=sitemap, kind=SourceKind.SITEMAP, found_by=FoundBy.ROBOTS)
    with database.transaction() as tx:
        settled_source(tx)
        for name in ENTRIES:
            add_article(tx, name, page={"next_check_at": NOON + 9 * HOUR})
        found = read_round(resolved_kind=SourceKind.FEED, further=(further,))
        sources.record_round(tx, found, next_read=lambda _: NOON + HOUR)
        read(tx, *ENTRIES, minutes=1, kind=SourceKind.SITEMAP, via=sitemap)
        left = [name for name in ENTRIES if name != "b"]
        read(tx, *left, minutes=120, kind=SourceKind.SITEMAP, via=sitemap)
        assert due_at(tx, "b") == NOON + 120 * MINUTE
        assert {due_at(tx, name) for name in left} == {NOON + 9 * HOUR}
