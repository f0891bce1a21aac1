"""What a publisher itself calls an article: the number in its address, the guid of its feed's entry."""

import pytest

from storage import history, sources
from storage.database import Database
from storage.idents import number_in
from storage.types import ChangeKind, Outcome
from tests.support.desk import BODY, OTHER, Desk
from tests.support.rows import lead, read_round, spec

SITE = "https://news.example"
OLD, NEW = f"{SITE}/news/123456-talks-to-resume", f"{SITE}/news/123456-talks-resume-at-last"
REWRITTEN = (
    "Nobody expected the delegations to come back to the palace this week.",
    "They did on Monday, with three papers and no common ground in any of them.",
    "What was agreed is that they will meet again before the month is over.",
)


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/news/123456-talks", "/news/#123456"),
        ("/talks-123456.html", "/#123456"),
        ("/2026/11/25/123456/talks/", "/2026/11/25/#123456"),
        ("/a/6A0D8F0E-1111-4222-8333-94F1D2C4B5A6", "/a/#6a0d8f0e-1111-4222-8333-94f1d2c4b5a6"),
        ("/20261125/talks", ""),
        ("/20261125/123456-talks", "/20261125/#123456"),
        ("/2026/11/25/talks", ""),
        ("/news/1234-talks", ""),
        ("/news/art123456", ""),
        ("/98765/123456-talks", ""),
        ("/read?id=123456", ""),
        ("/" + "a" * 300 + "/123456", ""),
        ("", ""),
    ],
)
def test_the_number_in_an_address_is_kept_with_its_place(path: str, number: str) -> None:
    assert number_in(SITE + path) == number


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = Desk(database)
    with database.transaction() as tx:
        sources.sync(tx, [spec()], now=desk.now)
    return desk


def offer(desk: Desk, *named: tuple[str, str]) -> None:
    """A feed that names articles by a guid."""
    with desk.database.transaction() as tx:
        leads = tuple(lead(name, guid=guid) for name, guid in named)
        sources.record_round(tx, read_round(*leads, at=desk.now), next_read=lambda _: None)


def addresses(desk: Desk, article_id: int) -> list[str]:
    return [one.url for one in desk.read(lambda tx: history.addresses(tx, article_id))]


def test_a_piece_rewritten_at_a_new_address_with_its_number_has_moved(desk: Desk) -> None:
    first = desk.text(*BODY, url=OLD).article_id
    desk.text(*REWRITTEN, url=NEW)
    assert desk.kinds() == [(ChangeKind.NEW,)]
    desk.look(Outcome.GONE, url=OLD)
    for _ in range(2):
        assert desk.text(*REWRITTEN, url=NEW, after_min=60).article_id == first
    kinds = desk.kinds()
    assert kinds[:2] == [(ChangeKind.NEW,), (ChangeKind.MOVED,)]
    assert len(kinds) == 3  # and what it says now
    assert desk.read(lambda tx: history.article(tx, OLD)).url == NEW


def test_a_piece_rewritten_at_a_new_address_with_its_guid_has_moved(desk: Desk) -> None:
    offer(desk, ("talks", "wire-1"))
    first = desk.text(*BODY, url=f"{SITE}/talks").article_id
    offer(desk, ("talks-resume", "wire-1"))
    desk.text(*REWRITTEN, url=f"{SITE}/talks-resume")
    desk.look(Outcome.GONE, url=f"{SITE}/talks")
    assert desk.text(*REWRITTEN, url=f"{SITE}/talks-resume", after_min=60).article_id == first
    assert desk.kinds()[:2] == [(ChangeKind.NEW,), (ChangeKind.MOVED,)]


def test_a_piece_told_gone_that_comes_back_elsewhere_with_its_guid_is_that_piece(
    desk: Desk,
) -> None:
    offer(desk, ("talks", "wire-1"))
    first = desk.text(*BODY, url=f"{SITE}/talks").article_id
    for _ in range(4):
        desk.look(Outcome.GONE, url=f"{SITE}/talks", after_min=600)
    assert desk.kinds()[-1] == (ChangeKind.GONE,)
    offer(desk, ("talks-resume", "wire-1"))
    desk.text(*BODY, url=f"{SITE}/talks-resume")
    desk.look(Outcome.GONE, url=f"{SITE}/talks")
    assert desk.text(*BODY, url=f"{SITE}/talks-resume", after_min=60).article_id == first
    assert desk.kinds()[2:] == [(ChangeKind.MOVED,), (ChangeKind.BACK,)]


def test_articles_that_share_a_guid_are_two_and_the_sites_guids_are_believed_no_more(
    desk: Desk,
) -> None:
    offer(desk, ("week-1", "weekly"))
    first = desk.text(*BODY, url=f"{SITE}/week-1").article_id
    offer(desk, ("week-2", "weekly"))
    desk.text(*REWRITTEN, url=f"{SITE}/week-2")
    desk.text(*BODY, url=f"{SITE}/week-1")
    second = desk.text(*REWRITTEN, url=f"{SITE}/week-2", after_min=10).article_id
    assert second != first
    offer(desk, ("week-3", "weekly"))
    third = desk.text(*OTHER, "And more of it.", title="Week 3", url=f"{SITE}/week-3").article_id
    assert third not in (first, second)
    assert desk.kinds() == [(ChangeKind.NEW,)] * 3


def test_words_around_the_number_make_no_other_article(desk: Desk) -> None:
    first = desk.text(*BODY, url=OLD).article_id
    for url in (NEW, OLD, NEW):
        assert desk.text(*BODY, url=url, after_min=10).article_id == first
    assert desk.kinds() == [(ChangeKind.NEW,)]
    assert NEW in addresses(desk, first or 0)


def test_another_article_of_that_number_is_one_of_its_own(desk: Desk) -> None:
    first = desk.text(*BODY, url=OLD).article_id
    desk.text(*REWRITTEN, url=NEW)
    desk.text(*BODY, url=OLD)
    assert desk.text(*REWRITTEN, url=NEW, after_min=10).article_id != first
    assert desk.kinds() == [(ChangeKind.NEW,)] * 2


def test_a_guid_that_is_told_later_counts_too(desk: Desk) -> None:
    offer(desk, ("talks", ""))
    first = desk.text(*BODY, url=f"{SITE}/talks").article_id
    offer(desk, ("talks", "wire-1"))
    offer(desk, ("talks-resume", "wire-1"))
    desk.text(*REWRITTEN, url=f"{SITE}/talks-resume")
    desk.look(Outcome.GONE, url=f"{SITE}/talks")
    assert desk.text(*REWRITTEN, url=f"{SITE}/talks-resume", after_min=60).article_id == first
