"""A parameter that changes nothing is proven by a site's own pages; one that tells articles apart stays."""

import pytest

from storage import fetchstate, history, sources
from storage.database import Database
from storage.parameters import only_difference
from storage.types import ChangeKind, SourceSpec
from tests.support.desk import BODY, EDITED, Desk
from tests.support.rows import lead, read_round, spec

SITE = "https://news.example"


@pytest.mark.parametrize(
    ("a", "b", "name"),
    [
        pytest.param("/a?x=1", "/a?x=2", "x", id="another-value"),
        pytest.param("/a?x=1", "/a", "x", id="one-has-it"),
        pytest.param("/a?x=1&y=2", "/a?y=2", "x", id="beside-another"),
        pytest.param("/a?x", "/a", "x", id="without-a-value"),
        pytest.param("/a?x=1", "/b?x=2", None, id="another-path"),
        pytest.param("/a?x=1&y=1", "/a?x=2&y=2", None, id="two-differ"),
        pytest.param("/a?x=1&y=2", "/a?y=2&x=1", None, id="another-order"),
        pytest.param("/a", "/a", None, id="the-same"),
    ],
)
def test_the_parameter_in_which_two_addresses_differ(a: str, b: str, name: str | None) -> None:
    assert only_difference(SITE + a, SITE + b) == name


def publish(desk: Desk, url: str, *, number: int, text: tuple[str, ...] = BODY) -> int:
    """A look at an article of its own; its id."""
    own = tuple(f"{paragraph} That was on day {number}." for paragraph in text)
    seen = desk.text(*own, title=f"Day {number}", url=f"{SITE}{url}")
    assert seen.article_id is not None
    return seen.article_id


def prove(desk: Desk, number: int) -> None:
    """One article under two addresses that both answer."""
    first = publish(desk, f"/day-{number}", number=number)
    for url in (f"/day-{number}?way=7", f"/day-{number}", f"/day-{number}?way=7"):
        assert publish(desk, url, number=number) == first


@pytest.fixture
def watched(database: Database) -> Desk:
    desk = Desk(database)
    with desk.database.transaction() as tx:
        named: SourceSpec = spec()
        sources.sync(tx, [named], now=desk.now)
    return desk


def offer(desk: Desk, *names: str) -> list[str]:
    with desk.database.transaction() as tx:
        leads = tuple(lead(name) for name in names)
        round_ = read_round(*leads, at=desk.now)
        return sources.record_round(tx, round_, next_read=lambda _: None)


def test_two_addresses_of_one_page_are_one_article(watched: Desk) -> None:
    prove(watched, 1)
    assert watched.kinds() == [(ChangeKind.NEW,)]
    second = watched.read(lambda tx: fetchstate.page_state(tx, f"{SITE}/day-1?way=7"))
    assert second is not None
    assert second.next_check_at is None
    article = watched.read(lambda tx: history.article(tx, f"{SITE}/day-1?way=7"))
    assert article.url == f"{SITE}/day-1"


def test_what_is_proven_is_not_asked_for_again(watched: Desk) -> None:
    prove(watched, 1)
    prove(watched, 2)
    publish(watched, "/day-8", number=8)
    assert offer(watched, "day-8?way=9") == [f"{SITE}/day-8?way=9"]
    prove(watched, 3)
    publish(watched, "/day-9", number=9)
    assert offer(watched, "day-9?way=9", "day-9?page=2", "day-10?way=9") == [
        f"{SITE}/day-9?page=2",
        f"{SITE}/day-10?way=9",
    ]


def test_a_parameter_that_tells_articles_apart_folds_none_of_them(watched: Desk) -> None:
    first = publish(watched, "/read?id=1", number=1)
    publish(watched, "/read?id=2", number=2)
    for url in ("/read?id=3", "/read?id=1"):
        publish(watched, url, number=1)
    assert publish(watched, "/read?id=3", number=1) != first
    assert len(watched.kinds()) == 3


def test_an_address_with_another_text_is_never_folded(watched: Desk) -> None:
    first = publish(watched, "/day-1", number=1)
    more = (*BODY, "A fifth paragraph stands here.")
    for url, text in (("/day-1?page=2", (*more[1:], EDITED[1])), ("/day-1", BODY)):
        publish(watched, url, number=1, text=text)
    other = publish(watched, "/day-1?page=2", number=1, text=(*more[1:], EDITED[1]))
    assert other != first
