"""What was written is read back whole, in few statements, in pages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from storage import glance, history, models
from storage.database import Database
from storage.errors import CorruptTextError, NotFoundError
from storage.glance import ArticleFilter
from storage.types import ArticleState, Baseline, ChangeKind, VersionState, Weight
from tests.support import histories
from tests.support.histories import Written, at


@dataclass
class Filled:
    """A database with the newsroom's history in it."""

    database: Database
    written: dict[str, Written]


@pytest.fixture
def filled(database: Database) -> Filled:
    with database.transaction() as tx:
        return Filled(database, histories.newsroom(tx))


@contextmanager
def counted(tx: Session) -> Iterator[list[str]]:
    """The statements that run inside."""
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    bind = tx.connection()
    event.listen(bind, "before_cursor_execute", note)
    yield seen
    event.remove(bind, "before_cursor_execute", note)


def test_an_article_is_found_by_id_and_by_every_address_it_had(filled: Filled) -> None:
    moved = filled.written["zh"].article_id
    with filled.database.reading() as tx:
        for key in (
            moved,
            str(moved),
            "https://jiangsheng.example/guoji/rineiwa-tanpan.html",
            "https://jiangsheng.example/guoji/2026/rineiwa-tanpan.html",
        ):
            assert history.article(tx, key).id == moved
        found = history.article(tx, moved)
    assert found.outlet.name == "江声日报"
    assert (found.outlet.country, found.outlet.control) == ("CN", "state")
    assert found.topics == ("talks",)
    assert found.versions == 2
    assert found.found_at == at(20)


@pytest.mark.parametrize("key", [0, -1, 10**30, "999", "https://nobody.example/", "'; --"])
def test_what_is_not_there_is_said_in_a_sentence(filled: Filled, key: int | str) -> None:
    with filled.database.reading() as tx, pytest.raises(NotFoundError, match=r"\.$"):
        history.article(tx, key)


def test_a_version_is_read_back_whole(filled: Filled) -> None:
    drafts = histories.UKRAINIAN.drafts
    with filled.database.reading() as tx:
        for id_, draft in zip(filled.written["uk"].version_ids, drafts, strict=True):
            found = history.version(tx, id_)
            assert found.text == draft.text
            assert found.title == draft.title
            assert found.state == draft.state
            assert found.seen_at == at(draft.minute)
            assert found.verdicts[0].reasons == histories.UKRAINIAN.reasons
            assert history.version_text(found).blocks == found.blocks


@pytest.mark.parametrize("number", [0, 9, 10**30])
def test_a_version_that_is_not_there_is_said(filled: Filled, number: int) -> None:
    with filled.database.reading() as tx:
        with pytest.raises(NotFoundError):
            history.version_numbered(tx, filled.written["uk"].article_id, number)
        with pytest.raises(NotFoundError):
            history.version(tx, number + 1000)


def test_a_long_chain_of_patches_is_read_in_two_statements(database: Database) -> None:
    drafts = [
        histories.Draft(minute=n, title="t", text=f"Entry {n} of the day's talks.\nThe rest.")
        for n in range(40)
    ]
    piece = histories.Piece(source="Dnipro Wire", path="/live", language="uk", drafts=drafts)
    with database.transaction() as tx:
        histories.write_sources(tx)
        written = histories.write(tx, piece)
    with database.reading() as tx, counted(tx) as statements:
        found = history.versions_by_id(tx, written.version_ids)
    assert [found[i].text for i in written.version_ids] == [draft.text for draft in drafts]
    assert len(statements) <= 2


def test_a_damaged_text_is_named_not_shown(filled: Filled) -> None:
    damaged = filled.written["uk"].version_ids[0]
    with filled.database.transaction() as tx:
        tx.execute(
            update(models.Version).where(models.Version.id == damaged).values(text_hash="0" * 64)
        )
    with filled.database.reading() as tx, pytest.raises(CorruptTextError) as error:
        history.version(tx, filled.written["uk"].version_ids[2])
    assert error.value.version_id == damaged


def test_versions_are_listed_newest_first_with_the_changes_that_led_to_them(
    filled: Filled,
) -> None:
    with filled.database.reading() as tx:
        heads = history.versions(tx, filled.written["uk"].article_id)
        older = history.versions(
            tx, filled.written["uk"].article_id, before_number=heads[1].number, limit=1
        )
        pair = history.latest_two(tx, filled.written["uk"].article_id)
        assert history.latest_two(tx, filled.written["ar"].article_id) is None
        gone = history.versions(tx, filled.written["ar"].article_id)
    assert [head.number for head in heads] == [4, 3, 2, 1]
    assert heads[0].state is VersionState.SEEN_ONCE
    assert [change.kinds[0] for head in heads for change in head.changes] == [
        ChangeKind.CORRECTION,
        ChangeKind.HEADLINE,
        ChangeKind.NEW,
    ]
    assert [head.number for head in older] == [2]
    assert pair == (2, 3)
    assert [change.kinds for change in gone[0].changes] == [(ChangeKind.NEW,)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(ArticleFilter(), ["zh", "ar", "en", "id", "uk", "sport"], id="all"),
        pytest.param(ArticleFilter(topic="talks"), ["zh", "ar", "en", "id", "uk"], id="topic"),
        pytest.param(ArticleFilter(topic="tal"), [], id="a part of a topic's name"),
        pytest.param(ArticleFilter(topic="%"), [], id="a sign of LIKE"),
        pytest.param(ArticleFilter(is_on_topic=False), ["sport"], id="off topic"),
        pytest.param(ArticleFilter(source="The Harbour Post"), ["en", "sport"], id="source"),
        pytest.param(ArticleFilter(language="uk"), ["uk"], id="language"),
        pytest.param(ArticleFilter(state=ArticleState.GONE), ["ar"], id="state"),
        pytest.param(ArticleFilter(since=at(60)), ["zh", "ar", "en", "id", "uk"], id="since"),
        pytest.param(ArticleFilter(weights=(Weight.TRIVIAL,)), ["zh"], id="weight"),
        pytest.param(
            ArticleFilter(is_new=True, since=at(0)), ["zh", "ar", "en", "id", "uk"], id="new"
        ),
        pytest.param(ArticleFilter(is_new=False), ["zh", "ar", "en", "id", "uk"], id="not new"),
        pytest.param(ArticleFilter(article_ids=()), [], id="none"),
    ],
)
def test_changes_are_filtered(filled: Filled, wanted: ArticleFilter, expected: list[str]) -> None:
    names = {written.article_id: name for name, written in filled.written.items()}
    with filled.database.reading() as tx:
        found = history.changes(tx, wanted, limit=100)
    assert {names[row.article.id] for row in found} == set(expected)
    assert [row.change.id for row in found] == sorted((r.change.id for r in found), reverse=True)


def test_a_change_is_read_back_whole(filled: Filled) -> None:
    with filled.database.reading() as tx:
        found = history.changes(tx, ArticleFilter(source="Lapak Asik"), limit=1)[0]
        stock = history.changes(tx, ArticleFilter(is_on_topic=False), limit=1)[0]
    step = histories.INDONESIAN.drafts[1].step
    assert step is not None
    assert found.change.kinds == tuple(step.kinds)
    assert found.change.details == tuple(step.details)
    assert found.change.disclosure == step.disclosure
    assert (found.change.stood_at, found.change.seen_at) == (at(47), at(62))
    assert found.topics == ("talks",)
    assert found.change.baseline is None
    assert stock.change.baseline is Baseline.FIRST_ROUND


Listing = Callable[[Session, int | None], list[int]]


def _change_ids(tx: Session, before: int | None) -> list[int]:
    rows = history.changes(tx, ArticleFilter(), before_id=before, limit=3)
    return [row.change.id for row in rows]


def _article_ids(tx: Session, before: int | None) -> list[int]:
    return [a.id for a in history.articles(tx, ArticleFilter(), before_id=before, limit=3)]


@pytest.mark.parametrize("listing", [_change_ids, _article_ids])
def test_pages_go_on_where_the_last_one_ended(filled: Filled, listing: Listing) -> None:
    seen: list[int] = []
    with filled.database.reading() as tx:
        before: int | None = None
        while page := listing(tx, before):
            seen += page
            before = page[-1]
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == (13 if listing is _change_ids else 6)


Read = Callable[[Session, Written], object]

READS: list[Read] = [
    lambda tx, _: history.changes(tx, ArticleFilter(topic="talks"), limit=100),
    lambda tx, _: history.articles(tx, ArticleFilter(), limit=100),
    lambda tx, _: history.count_articles(tx, ArticleFilter()),
    lambda tx, uk: history.versions(tx, uk.article_id),
    lambda tx, uk: history.versions_by_id(tx, uk.version_ids),
    lambda tx, uk: history.addresses(tx, uk.article_id),
    lambda tx, uk: history.decisions(tx, uk.article_id),
]


def test_a_list_takes_as_many_statements_however_much_there_is(database: Database) -> None:
    with database.transaction() as tx:
        few = histories.newsroom(tx)["uk"]
    with database.reading() as tx:
        before = [_statements(tx, read, few) for read in READS]
    with database.transaction() as tx:
        for number in range(20):
            histories.write(tx, replace(histories.UKRAINIAN, path=f"/more/{number}"))
    with database.reading() as tx:
        after = [_statements(tx, read, few) for read in READS]
    assert before == after
    assert max(after) <= 2


def _statements(tx: Session, read: Read, uk: Written) -> int:
    with counted(tx) as statements:
        read(tx, uk)
    return len(statements)


def test_addresses_and_decisions_are_told(filled: Filled) -> None:
    with filled.database.reading() as tx:
        found = history.addresses(tx, filled.written["zh"].article_id)
        decided = history.decisions(tx, filled.written["zh"].article_id)
        same = history.decisions(tx, "https://jiangsheng.example/guoji/rineiwa-tanpan.html")
        page = history.page(tx, "https://jiangsheng.example/guoji/rineiwa-tanpan.html")
        assert history.page(tx, "https://nobody.example/") is None
        assert history.decisions(tx, "https://nobody.example/") == []
    assert [(row.url.rpartition("/")[0][-5:], row.to_at) for row in found] == [
        ("/2026", None),
        ("guoji", at(290)),
    ]
    assert decided == same
    assert decided[0].reason == "first version"
    assert page is not None
    assert page.article_id == filled.written["zh"].article_id


def test_the_outlets_one_can_filter_by_are_named(filled: Filled) -> None:
    with filled.database.reading() as tx:
        assert set(history.outlets(tx)) == set(histories.SOURCES)


# -- without SQLAlchemy --------------------------------------------------------------------------

FILTERS = [
    ArticleFilter(),
    ArticleFilter(topic="talks", since=at(50)),
    ArticleFilter(is_on_topic=False, source="The Harbour Post"),
    ArticleFilter(weights=(Weight.MAJOR, Weight.TRIVIAL), is_new=False),
    ArticleFilter(article_ids=(1, 3)),
]


@pytest.mark.parametrize("wanted", FILTERS)
def test_plain_sqlite_lists_the_same(sqlite_database: Database, wanted: ArticleFilter) -> None:
    with sqlite_database.transaction() as tx:
        histories.newsroom(tx)
    assert sqlite_database.path is not None
    connection = glance.open_sqlite(sqlite_database.path)
    assert connection is not None
    run = glance.sqlite_runner(connection)
    with sqlite_database.reading() as tx:
        assert glance.changes(run, wanted) == history.changes(tx, wanted)
        assert glance.articles(run, wanted) == history.articles(tx, wanted)
    connection.close()


def test_what_is_no_database_of_ours_is_left_to_others(tmp_path: Any) -> None:
    assert glance.open_sqlite(tmp_path / "none.db") is None
    (tmp_path / "text.db").write_text("no database at all, but long enough to look at" * 9)
    assert glance.open_sqlite(tmp_path / "text.db") is None
    (tmp_path / "empty.db").touch()
    assert glance.open_sqlite(tmp_path / "empty.db") is None
