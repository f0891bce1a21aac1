"""Every sentence ever published is found once, at the version that brought it, on both databases."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from storage import models, search
from storage.database import Database
from tests.support import histories
from tests.support.histories import Written


@pytest.fixture
def written(database: Database) -> dict[str, Written]:
    with database.transaction() as tx:
        return histories.newsroom(tx)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("ПЕРЕМОВИНИ", [("uk", 2), ("uk", 1)], id="letter case, title and text"),
        pytest.param("перемов*", [("uk", 2), ("uk", 1)], id="beginning of a word"),
        pytest.param("перемов", [], id="whole words only"),
        pytest.param("домовилися обмін", [("uk", 1)], id="all words"),
        pytest.param('"обмін полоненими"', [("uk", 4), ("uk", 2), ("uk", 1)], id="phrase"),
        pytest.param('"полоненими обмін"', [], id="phrase in another order"),
        pytest.param("уточнення", [("uk", 3)], id="what a later version added"),
        pytest.param("停火", [("zh", 1)], id="two Chinese characters"),
        pytest.param("停火谈判", [("zh", 1)], id="a Chinese word"),
        pytest.param("火停", [], id="Chinese characters in another order"),
        pytest.param("المحادثات", [("ar", 1)], id="Arabic"),
        pytest.param("cafe", [("en", 1)], id="without the accent"),
        pytest.param("49", [("id", 2)], id="a number"),
        pytest.param("monday ferry", [("sport", 1)], id="off topic too"),
        pytest.param("nothing-of-the-kind", [], id="not there"),
        pytest.param("", [], id="empty"),
        pytest.param('"*" ()', [], id="no words"),
    ],
)
def test_what_was_published_is_found(
    database: Database, written: dict[str, Written], *, query: str, expected: list[tuple[str, int]]
) -> None:
    names = {piece.article_id: name for name, piece in written.items()}
    with database.reading() as tx:
        hits = search.search(tx, query)
    assert [(names[hit.article.id], hit.number) for hit in hits] == expected
    for hit in hits:
        assert any(piece.is_match for piece in hit.snippet)


def test_a_hit_says_which_version_and_shows_the_words(
    database: Database, written: dict[str, Written]
) -> None:
    with database.reading() as tx:
        hit = search.search(tx, "cafe")[0]
    assert hit.version_id == written["en"].version_ids[0]
    assert hit.seen_at == histories.at(10)
    assert [piece.text for piece in hit.snippet if piece.is_match] == ["café"]


def test_pages_and_limits_hold(database: Database, written: dict[str, Written]) -> None:
    with database.reading() as tx:
        first = search.search(tx, "перемовини", 1)
        second = search.search(tx, "перемовини", 1, before_id=first[0].version_id)
        third = search.search(tx, "перемовини", 1, before_id=second[0].version_id)
    assert [hit.number for hit in first + second + third] == [2, 1]
    assert first[0].article.id == written["uk"].article_id


def test_passages_are_looked_for_at_one_site(
    database: Database, written: dict[str, Written]
) -> None:
    with database.reading() as tx:
        article = tx.get_one(models.Article, written["uk"].article_id)
        at = {"site_id": article.site_id, "limit": 10}
        assert search.article_ids(tx, ["перемовини"], **at) == (article.id,)
        assert search.article_ids(tx, ["перемовини", "?"], **at) == (article.id,)
        assert search.article_ids(tx, ["?"], **at) == ()
        elsewhere = {"site_id": article.site_id + 1000, "limit": 10}
        assert search.article_ids(tx, ["перемовини"], **elsewhere) == ()


def test_noise_is_not_found(database: Database, written: dict[str, Written]) -> None:
    with database.transaction() as tx:
        tx.get_one(models.Version, written["ar"].version_ids[0]).state = "noise"
    with database.reading() as tx:
        assert search.search(tx, "المحادثات") == []


def test_what_is_forgotten_is_not_found(database: Database, written: dict[str, Written]) -> None:
    with database.transaction() as tx:
        search.forget(tx, written["uk"].version_ids)
        search.forget(tx, [])
    with database.reading() as tx:
        assert search.search(tx, "перемовини") == []


def test_indexing_again_replaces(database: Database, written: dict[str, Written]) -> None:
    with database.transaction() as tx:
        search.index(tx, written["ar"].version_ids[0], "something else")
        search.index(tx, written["en"].version_ids[0], " … ")
    with database.reading() as tx:
        assert search.search(tx, "المحادثات") == []
        assert len(search.search(tx, "something")) == 1


def test_a_very_long_text_is_indexed_in_part(
    database: Database, written: dict[str, Written]
) -> None:
    text = " ".join(f"слово{number}" for number in range(120_000))
    with database.transaction() as tx:
        search.index(tx, written["ar"].version_ids[0], text)
    with database.reading() as tx:
        assert len(search.search(tx, "слово7")) == 1
        assert search.search(tx, "слово119999") == []


def test_a_search_takes_as_many_statements_however_much_is_found(
    database: Database, written: dict[str, Written]
) -> None:
    assert written
    seen: list[object] = []
    with database.reading() as tx:
        event.listen(tx.connection(), "before_cursor_execute", lambda *args: seen.append(args[2]))
        one = search.search(tx, "49")
        statements, seen[:] = len(seen), []
        more = search.search(tx, "перемовини")
    assert len(one) < len(more)
    assert len(seen) == statements <= 3


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=st.text(max_size=60))
@pytest.mark.parametrize(
    "plain", ["Delegations met; 停火谈判, п'ять та ще. हिन्दी ไทย 😀 a1b2 3.14e5"]
)
def test_no_query_is_an_error(database: Database, query: str, plain: str) -> None:
    with database.transaction() as tx:
        search.index(tx, 1, plain) if database.dialect == "sqlite" else None
    with database.reading() as tx:
        search.search(tx, query)
        search.search(tx, f"{query}*")
        search.search(tx, f'"{query}')


@pytest.mark.parametrize(
    "plain",
    [
        "हिन्दी वार्ता",
        "ข่าวการเจรจา",
        "3.14e5 a1b2 e-mail foo.com/x",
        "п'ять п’ять",
        "٤٩ طائرة",
        "ǅ ŉ ⅷ ½",
    ],
)
def test_a_text_is_found_by_all_of_its_words(
    database: Database, written: dict[str, Written], plain: str
) -> None:
    id_ = written["ar"].version_ids[0]
    with database.transaction() as tx:
        search.index(tx, id_, plain)
    with database.reading() as tx:
        for query in [plain, *plain.split(), f'"{plain}"']:
            assert [hit.version_id for hit in search.search(tx, query)] == [id_], query
