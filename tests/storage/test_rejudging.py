"""Changed topics: what is stored is judged anew, without a change and without an alert."""

from datetime import timedelta

from sqlalchemy import select

from storage import history, rejudging
from storage.database import Database
from storage.models import Page
from storage.types import TopicVerdict
from tests.storage.test_recording import BODY, URL, Desk


def judged(database: Database, desk: Desk, *, is_on: bool) -> int:
    verdict = TopicVerdict(topic="grain", is_on_topic=is_on, score=0.9 if is_on else 0.1)
    with database.transaction() as tx:
        found = rejudging.batch(tx, after_id=0)
        pairs = [(one.version_id, (verdict,)) for one in found]
        return rejudging.apply(tx, pairs, now=desk.now)


def test_an_article_is_on_the_new_topics_and_nothing_has_changed(database: Database) -> None:
    desk = Desk(database)
    seen = desk.text(*BODY)
    assert judged(database, desk, is_on=True) == 1
    assert desk.read(lambda tx: history.article(tx, seen.article_id)).topics == ("grain",)
    assert len(desk.kinds()) == 1
    assert judged(database, desk, is_on=True) == 0


def test_what_came_onto_a_topic_is_looked_at_again(database: Database) -> None:
    desk = Desk(database)
    desk.text(*BODY, on=False)
    with database.transaction() as tx:
        tx.scalar(select(Page).where(Page.url == URL)).next_check_at = None
    judged(database, desk, is_on=True)
    with database.reading() as tx:
        assert tx.scalar(select(Page.next_check_at).where(Page.url == URL)) == desk.now


def test_every_article_comes_once_in_batches(database: Database) -> None:
    desk = Desk(database)
    for number in range(5):
        desk.text(*(f"{p} {number}" for p in BODY), url=f"{URL}-{number}", title=f"Part {number}")
    desk.now += timedelta(hours=1)
    found, after = [], 0
    with database.reading() as tx:
        while batch := rejudging.batch(tx, after_id=after, limit=2):
            found += [one.title for one in batch]
            after = batch[-1].article_id
    assert found == [f"Part {number}" for number in range(5)]
