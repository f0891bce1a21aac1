from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage import fetchstate, sources
from storage.database import Database
from storage.models import Address, Article, Change, Decision, Delivery, Page, Version
from storage.retention import PruneReport, prune
from tests.support.rows import DAY, NOON, add_article, lead, read_round, settled_source

OLD = {"found_at": NOON - 40 * DAY, "changed_at": NOON - 31 * DAY}
KEEP = 30 * DAY


def index(tx: Session, version_id: int) -> None:
    if tx.get_bind().dialect.name == "sqlite":
        statement = "INSERT INTO search (rowid, text) VALUES (:id, 'a text')"
    else:
        statement = "INSERT INTO search VALUES (:id, to_tsvector('simple', 'a text'))"
    tx.execute(text(statement), {"id": version_id})


def add_change(tx: Session, article: Article, **fields: Any) -> Change:
    given: dict[str, Any] = {
        "to_id": article.newest_id,
        "kinds": ["new"],
        "weight": "major",
        "reason": "",
        "disclosure": "unknown",
        "details": [],
        "seen_at": NOON - 40 * DAY,
        "decided_at": NOON - 40 * DAY,
        **fields,
    }
    change = Change(article_id=article.id, **given)
    tx.add(change)
    tx.flush()
    return change


def counted(tx: Session) -> dict[str, int]:
    found = {
        table.__tablename__: tx.scalar(select(func.count()).select_from(table))
        for table in (Article, Version, Change, Delivery, Address)
    }
    return {**found, "search": tx.scalar(text("SELECT count(*) FROM search"))}


def test_an_old_article_on_no_topic_goes_with_all_its_rows(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        article = add_article(tx, "a", page={"lead_title": "T", "lead_summary": "S"}, **OLD)
        index(tx, article.newest_id)
        change = add_change(tx, article)
        tx.add(Address(article_id=article.id, url=article.url, from_at=NOON))
        tx.add(Delivery(change_id=change.id, channel="desk", mode="history", created_at=NOON))
        tx.flush()
        assert prune(tx, now=NOON, keep_off_topic=KEEP) == PruneReport(articles=1, versions=1)
    with database.reading() as tx:
        assert set(counted(tx).values()) == {0}


def test_its_address_stays_known_without_its_texts_and_says_why(database: Database) -> None:
    with database.transaction() as tx:
        settled_source(tx)
        article = add_article(tx, "a", page={"lead_title": "T", "lead_summary": "S"}, **OLD)
        former = lead("former").url
        tx.add(Address(article_id=article.id, url=former, from_at=NOON - DAY, to_at=NOON))
        tx.flush()
        prune(tx, now=NOON, keep_off_topic=KEEP)
    with database.transaction() as tx:
        for url in (lead("a").url, former):
            state = fetchstate.page_state(tx, url)
            assert (state.article_id, state.next_check_at) == (None, None)
            assert (state.lead.title, state.lead.summary) == ("", "")
            assert state.last_reason.startswith("on no topic")
        leads = [lead("a", title="T", updated=NOON), lead("former")]
        assert sources.record_round(tx, read_round(*leads), next_read=lambda _: None) == []
        assert tx.scalars(select(Decision.what)).all() == ["let go"]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"topics": " talks "}, id="on-a-topic"),
        pytest.param({"changed_at": NOON - 29 * DAY}, id="changed-since"),
        pytest.param({"found_at": NOON - 29 * DAY}, id="found-since"),
        pytest.param({"pending_id": 7}, id="under-suspicion"),
    ],
)
def test_an_article_stays_while_it_is(database: Database, fields: dict[str, Any]) -> None:
    with database.transaction() as tx:
        add_article(tx, "a", **{**OLD, **fields})
        assert prune(tx, now=NOON, keep_off_topic=KEEP) == PruneReport()


def test_an_article_that_once_was_on_a_topic_stays(database: Database) -> None:
    with database.transaction() as tx:
        add_change(tx, add_article(tx, "a", **OLD), topics=" talks ")
        assert prune(tx, now=NOON, keep_off_topic=KEEP) == PruneReport()


def test_none_keeps_everything(database: Database) -> None:
    with database.transaction() as tx:
        add_article(tx, "a", **OLD)
        assert prune(tx, now=NOON + 9999 * DAY, keep_off_topic=None) == PruneReport()


def test_the_other_articles_keep_all_they_have(database: Database) -> None:
    with database.transaction() as tx:
        add_article(tx, "old", **OLD)
        kept = add_article(tx, "kept", topics=" talks ", **OLD)
        index(tx, kept.newest_id)
        prune(tx, now=NOON, keep_off_topic=KEEP)
    with database.reading() as tx:
        assert tx.scalars(select(Article.title)).all() == ["kept"]
        assert counted(tx)["search"] == counted(tx)["version"] == 1
        assert tx.scalar(select(func.count()).select_from(Page)) == 2


def test_a_lot_is_let_go_of_in_small_steps(database: Database) -> None:
    with database.transaction() as tx:
        for number in range(5):
            add_article(tx, str(number), **OLD)
    reports = []
    for _ in range(3):
        with database.transaction() as tx:
            reports.append(prune(tx, now=NOON, keep_off_topic=KEEP, limit=2))
    assert [(one.articles, one.has_more) for one in reports] == [(2, True), (2, True), (1, False)]


def decide(tx: Session, url: str, age: timedelta, *, article_id: int | None = None) -> None:
    tx.add(Decision(url=url, article_id=article_id, at=NOON - age, what=f"{age.days}", reason="so"))
    tx.flush()


def test_old_decisions_go_but_the_newest_about_an_article_stays(database: Database) -> None:
    with database.transaction() as tx:
        article = add_article(tx, "a", topics=" talks ")
        for age in (200, 100):
            decide(tx, article.url, age * DAY, article_id=article.id)
        for age in (120, 20):
            decide(tx, "https://news.example/no-article", age * DAY)
        decide(tx, "https://news.example/nothing-since", 91 * DAY)
        assert prune(tx, now=NOON, keep_off_topic=None).decisions == 3
        left = tx.scalars(select(Decision.what).order_by(Decision.id)).all()
    assert left == ["100", "20"]


def test_sqlite_gives_the_space_back(sqlite_database: Database) -> None:
    def pages(name: str) -> int:
        with sqlite_database.transaction() as tx:
            return tx.scalar(text(f"PRAGMA {name}"))

    with sqlite_database.transaction() as tx:
        for number in range(60):
            words = " ".join(str(n * 7919 % (number + 104_729)) for n in range(2_000))
            add_article(tx, str(number), text=words, **OLD)
    before = pages("page_count")
    with sqlite_database.transaction() as tx:
        prune(tx, now=NOON, keep_off_topic=KEEP)
    with sqlite_database.transaction() as tx:
        prune(tx, now=NOON, keep_off_topic=KEEP)
    assert pages("freelist_count") == 0
    assert pages("page_count") < before / 2
