"""What is kept of articles of which only headline and lead are open, on both databases."""

from collections.abc import Iterator

import pytest

from storage import history
from storage.database import Database
from storage.models import Page
from storage.types import ChangeKind, Outcome
from tests.support.desk import BODY, EDITED, MOVED, OTHER, URL, Desk

HOUR = 60.0
LEAD = BODY[:2]
NEW_LEAD = EDITED[:2]


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    return Desk(database)


def known_by_its_lead(desk: Desk) -> int:
    for _ in range(3):
        seen = desk.teaser(*LEAD, after_min=HOUR)
    assert seen.article_id is not None
    return seen.article_id


def page(desk: Desk) -> Page:
    return desk.read(lambda tx: tx.query(Page).filter(Page.url == URL).one())


def test_a_wall_that_passes_gives_no_version(desk: Desk) -> None:
    assert desk.teaser(*LEAD).article_id is None
    assert desk.teaser(*LEAD, after_min=30).article_id is None
    desk.text(*BODY)
    assert desk.kinds() == [(ChangeKind.NEW,)]
    assert not desk.read(lambda tx: history.version(tx, 1)).is_partial


def test_three_looks_over_two_hours_make_a_partial_version(desk: Desk) -> None:
    article_id = known_by_its_lead(desk)
    version = desk.read(lambda tx: history.version(tx, 1))
    assert (version.is_partial, version.text) == (True, "\n".join(LEAD))
    change = desk.changes()[0]
    assert (change.article_id, change.note) == (article_id, "only the first 2 paragraphs are open")


@pytest.mark.parametrize(("looks", "after_min"), [(2, 5 * HOUR), (4, 30.0)])
def test_fewer_looks_or_less_time_are_a_wall(desk: Desk, looks: int, after_min: float) -> None:
    for _ in range(looks):
        assert desk.teaser(*LEAD, after_min=after_min).article_id is None


def test_until_a_page_has_shown_its_way_it_is_looked_at_within_the_hour(desk: Desk) -> None:
    seen = desk.teaser(*LEAD)
    assert seen.next_check_at is not None
    assert (seen.next_check_at - desk.now).total_seconds() <= 3600


def test_where_most_articles_are_open_a_wall_has_more_time_to_pass(desk: Desk) -> None:
    desk.text(*BODY, url=MOVED)
    desk.text(*OTHER, url=f"{MOVED}-2", title="Another piece")
    for _ in range(4):
        assert desk.teaser(*LEAD, after_min=2 * HOUR, title="A third piece").article_id is None
    seen = desk.teaser(*LEAD, after_min=2 * HOUR, title="A third piece")
    assert seen.article_id is not None


def test_a_page_known_by_its_lead_is_not_in_trouble(desk: Desk) -> None:
    known_by_its_lead(desk)
    desk.teaser(*LEAD, after_min=HOUR)
    row = page(desk)
    assert (row.failures, row.last_outcome) == (0, "content")
    assert row.last_reason == "only the first 2 paragraphs are open"


def test_another_headline_and_lead_are_told(desk: Desk) -> None:
    known_by_its_lead(desk)
    for _ in range(2):
        desk.teaser(*NEW_LEAD, title="Talks break off", after_min=10)
    change = desk.changes()[-1]
    assert {ChangeKind.HEADLINE, ChangeKind.NUMBER} <= set(change.kinds)
    assert change.note == "only the first 2 paragraphs are open"


def test_that_an_article_goes_is_told(desk: Desk) -> None:
    known_by_its_lead(desk)
    for _ in range(4):
        desk.look(Outcome.GONE, after_min=HOUR)
    assert desk.kinds()[-1] == (ChangeKind.GONE,)


def test_that_the_whole_article_opens_is_no_change(desk: Desk) -> None:
    article_id = known_by_its_lead(desk)
    for _ in range(3):
        desk.text(*BODY)
    assert desk.kinds() == [(ChangeKind.NEW,)]
    newest = desk.read(lambda tx: history.versions(tx, article_id))
    assert [head.is_partial for head in newest] == [False, True]


def test_an_edit_after_it_opened_is_told(desk: Desk) -> None:
    known_by_its_lead(desk)
    desk.text(*BODY)
    desk.text(*EDITED)
    desk.text(*EDITED)
    assert ChangeKind.NUMBER in desk.kinds()[-1]


def test_an_open_part_without_its_pay_box_is_not_the_whole_article(desk: Desk) -> None:
    known_by_its_lead(desk)
    desk.text(*LEAD)
    desk.text(*LEAD, "Log in.")
    assert desk.kinds() == [(ChangeKind.NEW,)]
    assert desk.read(lambda tx: history.versions(tx, 1))[0].is_partial


def test_a_whole_article_behind_a_wall_that_passes_stays_as_it_was(desk: Desk) -> None:
    desk.text(*BODY)
    desk.teaser(*LEAD)
    desk.teaser(*LEAD, after_min=HOUR)
    desk.text(*BODY)
    desk.text(*BODY)
    assert desk.kinds() == [(ChangeKind.NEW,)]
    assert len(desk.read(lambda tx: history.versions(tx, 1))) == 1


def test_walls_between_looks_at_the_same_article_are_not_in_a_row(desk: Desk) -> None:
    article_id = desk.text(*BODY).article_id
    for _ in range(8):
        desk.teaser(*LEAD, after_min=HOUR)
        desk.look(Outcome.NOT_MODIFIED, after_min=HOUR)
    assert [head.is_partial for head in desk.read(lambda tx: history.versions(tx, article_id))] == [
        False
    ]


def test_a_page_that_closes_and_is_unmodified_stays_in_part(desk: Desk) -> None:
    closed(desk)
    looks = page(desk).teaser_looks
    assert looks > 0
    desk.look(Outcome.NOT_MODIFIED, after_min=HOUR)
    assert page(desk).teaser_looks == looks


def closed(desk: Desk) -> None:
    """An article that was open at first, and of which the lead is left."""
    desk.text(*BODY)
    for _ in range(7):
        desk.teaser(*LEAD, after_min=HOUR)


def test_that_an_article_closes_is_no_change(desk: Desk) -> None:
    closed(desk)
    assert desk.kinds() == [(ChangeKind.NEW,)]
    assert page(desk).failures == 0


def test_the_lead_of_an_article_that_closed_is_watched_on(desk: Desk) -> None:
    closed(desk)
    desk.teaser(*NEW_LEAD)
    desk.teaser(*NEW_LEAD)
    assert ChangeKind.NUMBER in desk.kinds()[-1]


def test_an_edit_made_while_an_article_was_closed_is_told_when_it_opens(desk: Desk) -> None:
    closed(desk)
    edited = (*BODY[:3], "The meeting at the palace was broken off after an hour.")
    desk.text(*edited)
    desk.text(*edited)
    change = desk.changes()[-1]
    assert change.kinds == (ChangeKind.WORDING,)
    assert (change.from_version, change.note) == (1, "")


def test_a_new_headline_seen_once_in_part_and_again_on_the_whole_page_is_told(desk: Desk) -> None:
    known_by_its_lead(desk)
    desk.teaser(*LEAD, title="Talks break off")
    desk.text(*BODY, title="Talks break off")
    assert ChangeKind.HEADLINE in desk.kinds()[-1]
