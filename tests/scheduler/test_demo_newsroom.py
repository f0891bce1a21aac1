"""The demo's newsroom: what its data say, what its servers answer."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import feedparser
import lxml.html
import pytest

from scheduler.demo.newsroom import Newsroom, read_alert
from scheduler.demo.stories import Deed, Label, ScriptedEvent, edited, load_script, load_world

BEGAN = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
WORLD = replace(load_world(BEGAN), script_began_at=BEGAN)
TALKS_WORDS = (
    "talk",
    "negotiat",
    "перегов",
    "перемов",
    "перунд",
    "runding",
    "ceasefire",
    "припинення вогню",
)


@dataclass
class Hands:
    """A clock that stands still until it is moved."""

    minutes: float = 0.0

    def now(self) -> datetime:
        return BEGAN + timedelta(minutes=self.minutes)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture(scope="module")
def early() -> Iterator[Newsroom]:
    """A newsroom in which nothing has happened yet."""
    with Newsroom(WORLD, now=lambda: BEGAN) as opened:
        yield opened


@pytest.fixture
def newsroom(hands: Hands) -> Iterator[Newsroom]:
    with Newsroom(WORLD, now=hands.now) as opened:
        yield opened


def fetch(url: str, *, method: str = "GET", body: bytes | None = None, **headers: str):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, parts.path, body=body, headers=named)
        response = connection.getresponse()
        return response.status, response.read(), {k.lower(): v for k, v in response.getheaders()}
    finally:
        connection.close()


def text_of(body: bytes) -> str:
    return lxml.html.fromstring(body.decode()).text_content()


# -- the data ------------------------------------------------------------------------------------


def test_the_newsroom_has_outlets_languages_and_articles_enough() -> None:
    assert len(WORLD.outlets) >= 4
    assert {outlet.language for outlet in WORLD.outlets.values()} == {"en", "id", "uk"}
    labels = Counter(piece.label for piece in WORLD.pieces.values())
    assert 28 <= len(WORLD.pieces) <= 40
    assert labels[Label.TALKS] >= len(WORLD.pieces) / 3
    assert min(labels.values()) >= 5


@pytest.mark.parametrize("key", WORLD.pieces)
def test_an_article_is_an_article(key: str) -> None:
    piece = WORLD.pieces[key]
    assert 5 <= len(piece.paragraphs) <= 9
    assert len(set(piece.paragraphs)) == len(piece.paragraphs)
    assert piece.section in WORLD.outlets[piece.outlet].sections
    assert piece.is_scripted or piece.age_min >= 15


@pytest.mark.parametrize(
    "key", [k for k, p in WORLD.pieces.items() if p.label in {Label.WAR, Label.PLAIN}]
)
def test_news_without_talks_does_not_speak_of_them(key: str) -> None:
    piece = WORLD.pieces[key]
    text = " ".join((piece.title, *piece.paragraphs)).lower()
    assert not [word for word in TALKS_WORDS if word in text]


@pytest.mark.parametrize("event", load_script(), ids=lambda event: event.says)
def test_every_event_of_the_script_can_happen(event: ScriptedEvent) -> None:
    before = WORLD.pieces_at(WORLD.moment(event) - timedelta(seconds=1))
    after = WORLD.pieces_at(WORLD.moment(event))
    assert before != after
    assert (event.article in before) is (event.does is not Deed.PUBLISH)
    assert (event.article in after) is (event.does is not Deed.DELETE)


def test_the_script_holds_what_the_demo_promises() -> None:
    kinds = {kind for event in load_script() for kind in event.kinds}
    assert {
        "new",
        "number",
        "headline",
        "paragraph_removed",
        "quote",
        "correction",
        "gone",
    } <= kinds
    assert {WORLD.pieces[event.article].is_on_topic for event in load_script()} == {True, False}


def test_an_event_that_changes_nothing_is_a_mistake() -> None:
    event = ScriptedEvent(at_min=1, article="x", does=Deed.EDIT, replace=("not there", "x"))
    with pytest.raises(ValueError, match="changes nothing"):
        edited(next(iter(WORLD.pieces.values())), event, at=BEGAN)


def test_the_log_tells_stock_from_events() -> None:
    assert all(happening.is_stock for happening in WORLD.log(BEGAN))
    end = WORLD.log(BEGAN + timedelta(days=1))
    assert [h.does for h in end if not h.is_stock] == [event.does for event in WORLD.script]


def test_the_script_waits_until_it_is_begun(hands: Hands) -> None:
    with Newsroom(load_world(BEGAN), now=hands.now) as newsroom:
        hands.minutes = 500
        assert all(happening.is_stock for happening in newsroom.log())
        newsroom.begin_script()
        hands.minutes = 505
        newsroom.begin_script()
        [event] = [happening for happening in newsroom.log() if not happening.is_stock]
    assert event.at == BEGAN + timedelta(minutes=503)


def test_an_event_can_stay_out_of_the_log() -> None:
    event = ScriptedEvent(
        at_min=1, article="harbour/lighthouse-museum-reopens", does=Deed.DELETE, is_logged=False
    )
    world = replace(load_world(BEGAN, script=[event]), script_began_at=BEGAN)
    later = BEGAN + timedelta(minutes=2)
    assert all(happening.is_stock for happening in world.log(later))
    assert event.article not in world.pieces_at(later)


# -- the servers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", [key for key, piece in WORLD.pieces.items() if not piece.is_scripted]
)
def test_an_article_stands_at_its_address_with_its_whole_text(early: Newsroom, key: str) -> None:
    status, body, _ = fetch(early.address(key))
    assert status == 200
    shown = text_of(body)
    assert WORLD.pieces[key].title in shown
    assert all(paragraph in shown for paragraph in WORLD.pieces[key].paragraphs)


@pytest.mark.parametrize("outlet", WORLD.outlets)
def test_every_fetch_differs_and_the_articles_text_does_not(early: Newsroom, outlet: str) -> None:
    key = next(k for k, p in WORLD.pieces.items() if p.outlet == outlet)
    first, second = (fetch(early.address(key))[1] for _ in range(2))
    assert first != second
    assert all(p in text_of(second) for p in WORLD.pieces[key].paragraphs)


@pytest.mark.parametrize("outlet", WORLD.outlets)
def test_a_front_page_links_to_every_article(early: Newsroom, outlet: str) -> None:
    _, body, _ = fetch(early.home(outlet))
    links = {link for _, _, link, _ in lxml.html.fromstring(body.decode()).iterlinks()}
    own = [k for k, p in WORLD.pieces.items() if p.outlet == outlet and not p.is_scripted]
    assert {urlsplit(early.address(key)).path for key in own} <= links
    assert (WORLD.outlets[outlet].feed_path in links) is bool(WORLD.outlets[outlet].feed)


@pytest.mark.parametrize("outlet", WORLD.outlets)
def test_a_section_page_lists_its_own(early: Newsroom, outlet: str) -> None:
    for name, path in WORLD.outlets[outlet].sections.items():
        status, body, _ = fetch(f"{early.home(outlet)}{path}/")
        assert (status, name in text_of(body)) == (200, True)


@pytest.mark.parametrize(
    "outlet", [k for k, o in WORLD.outlets.items() if o.feed in {"rss", "atom"}]
)
def test_a_feed_names_every_article(early: Newsroom, outlet: str) -> None:
    read = feedparser.parse(fetch(early.feed(outlet))[1])
    assert not read.bozo
    own = [k for k, p in WORLD.pieces.items() if p.outlet == outlet and not p.is_scripted]
    assert {entry.link.partition("?")[0] for entry in read.entries} == {
        early.address(k) for k in own
    }


def test_the_json_feed_is_one(early: Newsroom) -> None:
    _, body, headers = fetch(early.feed("tranzyt"))
    read = json.loads(body)
    assert headers["content-type"].startswith("application/feed+json")
    assert read["version"].startswith("https://jsonfeed.org/version/")
    assert len(read["items"]) == 5


def test_validators_stay_until_the_article_changes(newsroom: Newsroom, hands: Hands) -> None:
    url = newsroom.address("harbour/prisoner-lists-exchanged-third-day")
    tag = fetch(url)[2]["etag"]
    assert fetch(url, If_None_Match=tag)[0] == 304
    hands.minutes = 50  # the headline has changed by then
    assert fetch(url, If_None_Match=tag)[0] == 200


def test_the_script_shows_on_the_pages(newsroom: Newsroom, hands: Hands) -> None:
    number = newsroom.address("selat/delegasi-rusia-ukraina-bertemu-di-istanbul")
    gone = newsroom.address("tranzyt/delehatsiia-vyrushyla-do-stambula")
    coming = newsroom.address("harbour/kyiv-moscow-to-resume-energy-talks")
    assert ("52 drone" in text_of(fetch(number)[1]), fetch(gone)[0], fetch(coming)[0]) == (
        True,
        200,
        404,
    )
    hands.minutes = 200
    assert ("49 drone" in text_of(fetch(number)[1]), fetch(gone)[0], fetch(coming)[0]) == (
        True,
        404,
        200,
    )


def test_a_silent_edit_leaves_the_declared_date(newsroom: Newsroom, hands: Hands) -> None:
    silent = newsroom.address("selat/delegasi-rusia-ukraina-bertemu-di-istanbul")
    noted = newsroom.address("corridor/what-the-istanbul-round-settled")
    hands.minutes = 200
    assert fetch(silent)[1].count(b'dateModified": "2026-11-25T14:18:00+07:00"') == 1
    assert b'article:modified_time" content="2026-11-25T08:50:00+00:00"' in fetch(noted)[1]


def test_robots_txt_forbids_the_search_and_trespassing_is_seen(newsroom: Newsroom) -> None:
    assert b"Disallow: /search" in fetch(f"{newsroom.home('harbour')}robots.txt")[1]
    assert newsroom.trespasses == ()
    fetch(f"{newsroom.home('harbour')}search")
    assert [request.path for request in newsroom.trespasses] == ["/search"]


def test_the_webhook_hands_messages_on(hands: Hands) -> None:
    got = []
    with Newsroom(WORLD, now=hands.now, on_alert=got.append) as newsroom:
        url = newsroom.channel_address.replace("json://", "http://")
        body = json.dumps({"subject": "52 → 49", "text": "before\nafter"}).encode()
        assert fetch(url, method="POST", body=body)[0] == 200
        assert fetch(url, method="POST", body=b"[]")[0] == 400
        assert fetch(url)[0] == 404
        assert newsroom.alerts == tuple(got)
    assert [(alert.subject, alert.text) for alert in got] == [("52 → 49", "before\nafter")]


@pytest.mark.parametrize("body", [b"", b"[1]", b"{}", b'{"subject": 1, "text": "x"}', b"\xff"])
def test_what_is_no_message_is_refused(body: bytes) -> None:
    assert read_alert(body) is None


def test_nothing_is_left_behind(hands: Hands) -> None:
    before = set(threading.enumerate())
    with Newsroom(WORLD, now=hands.now) as newsroom:
        url = newsroom.home("harbour")
        fetch(url)
    assert set(threading.enumerate()) <= before
    with pytest.raises(OSError, match="refused"):
        fetch(url)
