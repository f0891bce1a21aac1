"""The viewer shows what is stored, changes nothing, and lets no foreign text act."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from sqlalchemy import event, text

from storage import models
from storage.database import Database
from storage.types import ChangeKind, Detail
from storage.web.app import create_viewer
from storage.web.guard import host_of
from tests.support import histories
from tests.support.asgi import Answer, ask
from tests.support.histories import Written

MANUAL = {
    "alerts": "# Alerts\n\nSee [faq](faq.md).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    "faq": "# Questions\n",
}


@dataclass
class Site:
    """A viewer over the newsroom's history."""

    app: Any
    database: Database
    written: dict[str, Written]

    def page(self, place: str) -> html.HtmlElement:
        answer = ask(self.app, place)
        assert answer.status == 200, (place, answer.text)
        return html.document_fromstring(answer.text)


def make(database: Database) -> Site:
    with database.transaction() as tx:
        written = histories.newsroom(tx)
    app = create_viewer(
        database, hosts=["127.0.0.1", "localhost", "::1"], timezone="Europe/Kyiv", manual=MANUAL
    )
    return Site(app, database, written)


@pytest.fixture
def site(sqlite_database: Database) -> Site:
    return make(sqlite_database)


def words_of(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_newest_changes_come_first_with_what_they_say(site: Site) -> None:
    page = site.page("/")
    items = page.xpath("//ol[@class='list']/li")
    assert len(items) == 12
    assert "moved" in words_of(items[0])
    number = page.xpath(f"//li[@id='change-{site.written['id'].change_ids[1]}']")[0]
    assert "52" in words_of(number.xpath(".//del")[0])
    assert "49" in words_of(number.xpath(".//ins")[0])
    shown = words_of(number)
    assert "major" in shown
    assert "no note seen" in shown
    assert "Old text last seen 24 Nov 2026, 14:47, new text first seen 24 Nov 2026, 15:02." in shown


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?show=all", 13),
        ("?show=off", 1),
        ("?show=all&what=new", 6),
        ("?what=edits", 7),
        ("?what=major", 6),
        ("?outlet=Lapak Asik", 2),
        ("?outlet=nobody", 0),
        ("?show=nonsense&what=%00&before=x", 12),
        ("?before=1", 0),
        ("?before=99999999999999999999999999", 12),
    ],
)
def test_changes_can_be_filtered(site: Site, query: str, count: int) -> None:
    page = site.page(f"/{query}")
    assert len(page.xpath("//ol[@class='list']/li")) == count


def test_older_changes_are_one_link_away(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as tx:
        histories.many(tx, 65)
    app = create_viewer(sqlite_database, hosts=["127.0.0.1"], timezone="UTC")
    place, seen = "/?show=all", []
    while place:
        page = html.document_fromstring(ask(app, place).text)
        seen += [item.get("id") for item in page.xpath("//ol[@class='list']/li")]
        place = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    assert len(seen) == len(set(seen)) == 65


def test_an_article_shows_its_versions_reasons_and_addresses(site: Site) -> None:
    shown = words_of(site.page(f"/articles/{site.written['uk'].article_id}"))
    for expected in (
        "3 versions",
        "on topic, by заголовок: перемовини + Женева",
        "Version 4 seen once",
        "noted by the publisher",
        "the headline says something else",
        "https://dnipro.example/news/peremovyny-zheneva",
        "stored: first version",
    ):
        assert expected in shown
    moved = words_of(site.page(f"/articles/{site.written['zh'].article_id}"))
    assert "from 24 Nov 2026, 14:20 to 24 Nov 2026, 18:50" in moved
    gone = words_of(site.page(f"/articles/{site.written['ar'].article_id}"))
    assert "answered 404 at 4 looks" in gone


def test_any_two_versions_are_compared_word_by_word(site: Site) -> None:
    uk = site.written["uk"]
    page = site.page(f"/articles/{uk.article_id}/compare?from=1&to=3")
    assert [words_of(e) for e in page.xpath("//h1//del")] == ["−домовилися про"]
    assert [words_of(e) for e in page.xpath("//h1//ins")] == ["+обговорили"]
    assert "−Обмін має відбутися до кінця тижня." in [words_of(e) for e in page.xpath("//del")]
    folded = page.xpath("//details")
    assert [words_of(e.xpath("summary")[0]) for e in folded] == ["1 unchanged paragraph"] * 2
    assert "керівник делегації" in words_of(folded[0])


def test_the_last_two_are_compared_where_none_are_named(site: Site) -> None:
    uk = site.written["uk"]
    last = site.page(f"/articles/{uk.article_id}/compare")
    by_id = site.page(f"/compare/{uk.version_ids[1]}/{uk.version_ids[2]}")
    assert words_of(last) == words_of(by_id)
    assert "a correction was added" in words_of(last)
    assert last.xpath("//select[@name='from']/option[@selected]/@value") == ["2"]


def test_the_same_version_twice_differs_in_nothing(site: Site) -> None:
    page = site.page(f"/articles/{site.written['uk'].article_id}/compare?from=2&to=2")
    assert "The text is the same in both." in words_of(page)


def test_a_version_is_shown_whole(site: Site) -> None:
    page = site.page(f"/versions/{site.written['zh'].version_ids[1]}")
    assert [words_of(e) for e in page.xpath("//div[@class='text']//p")] == histories.CHINESE.drafts[
        1
    ].text.split("\n")
    assert page.xpath("//h1/@lang") == ["zh"]
    assert page.xpath("//h1/@dir") == ["auto"]


def test_what_is_searched_is_marked(site: Site) -> None:
    page = site.page("/search?q=停火谈判")
    assert [words_of(e) for e in page.xpath("//mark")] == ["停火谈判"]
    assert page.xpath("//input[@name='q']/@value") == ["停火谈判"]
    assert "Nothing found." in words_of(site.page('/search?q="*()'))


def test_failing_sources_come_first(site: Site) -> None:
    with site.database.transaction() as tx:
        source = tx.query(models.Source).filter_by(name="Lapak Asik").one()
        source.failures, source.last_reason = 3, "503 <at 3 looks>"
    page = site.page("/sources")
    assert words_of(page.xpath("//li/h3")[0]) == "Lapak Asik"
    assert "503 <at 3 looks>" in words_of(page)


def test_the_manual_is_shown(site: Site) -> None:
    assert "Alerts" in words_of(site.page("/help"))
    page = site.page("/help/alerts")
    assert page.xpath("//div[@class='manual']//a/@href") == ["faq"]
    assert page.xpath("//div[@class='manual']//td")
    assert ask(site.app, "/help/nothing").status == 404


PLACES = [
    "/",
    "/articles/3",
    "/articles/3/compare",
    "/versions/4",
    "/search?q=a",
    "/sources",
    "/help/alerts",
]


@pytest.mark.parametrize(
    "place",
    [
        "/articles/999",
        "/articles/x",
        "/articles/99999999999999999999999999",
        "/articles/-1",
        "/articles/6/compare",
        "/articles/3/compare?from=1&to=99",
        "/articles/3/compare?from=0&to=x",
        "/compare/1/2",
        "/compare/1/x",
        "/versions/999",
        "/nothing",
        "/static/../app.py",
        "/static/",
    ],
)
def test_what_is_not_there_is_said_on_a_page(site: Site, place: str) -> None:
    if place == "/articles/3/compare?from=0&to=x":
        assert ask(site.app, place).status == 200  # unreadable numbers count as not named
        return
    answer = ask(site.app, place)
    assert answer.status == 404
    assert "Not found" in answer.text


# -- safety --------------------------------------------------------------------------------------

HOSTILE = "</bdi><script>alert(1)</script>\"'><img src=x onerror=alert(1)> \u202e\x07\x1b[31m &amp; {{ 7*7 }}"


@pytest.fixture
def hostile(sqlite_database: Database) -> Site:
    """A history in which every foreign text is an attack."""
    site = make(sqlite_database)
    step = replace(
        histories.UKRAINIAN.drafts[1].step,  # type: ignore[type-var]
        reason=HOSTILE,
        note=HOSTILE,
        details=[Detail(kind=ChangeKind.NUMBER, before=f"a {HOSTILE}", after=f"b {HOSTILE}")],
    )
    drafts = [
        replace(histories.ENGLISH.drafts[0], title=HOSTILE, text=f"{HOSTILE}\nlone \udcff half"),
        replace(histories.ENGLISH.drafts[1], title=f"2 {HOSTILE}", text=f"2 {HOSTILE}", step=step),
    ]
    piece = replace(
        histories.ENGLISH, path="/x", drafts=drafts, reasons=[HOSTILE], authors=[HOSTILE]
    )
    with sqlite_database.transaction() as tx:
        written = histories.write(tx, piece)
        tx.get_one(models.Article, written.article_id).url = "javascript:alert(1)"
        tx.get_one(models.Article, written.article_id).language = '"><script>'
        tx.add(
            models.Address(
                article_id=written.article_id, url="JavaScript:alert(2)", from_at=histories.at(1)
            )
        )
        tx.query(models.Source).filter_by(name="The Harbour Post").one().outlet = HOSTILE
        tx.query(models.Source).filter_by(name="The Harbour Post").one().last_reason = HOSTILE
    site.written["x"] = written
    return site


def hostile_places(site: Site) -> Iterator[str]:
    written = site.written["x"]
    yield from ("/", f"/articles/{written.article_id}", f"/articles/{written.article_id}/compare")
    yield from (f"/versions/{id_}" for id_ in written.version_ids)
    yield from ("/search?q=alert", f"/search?q={HOSTILE}", f"/?outlet={HOSTILE}", "/sources")


def test_no_foreign_text_becomes_markup_or_a_link(hostile: Site) -> None:
    for place in hostile_places(hostile):
        answer = ask(hostile.app, place)
        assert answer.status == 200, place
        page = html.document_fromstring(answer.text)
        assert not page.xpath("//script | //img | //iframe | //object | //style"), place
        assert not page.xpath("//@*[starts-with(name(), 'on')] | //@style"), place
        for address in page.xpath("//@href | //@src | //@action"):
            assert address.startswith(("/", "https://", "#content")), (place, address)
        assert "\x07" not in answer.text
        assert "\x1b" not in answer.text
        assert "49 }}" not in answer.text


def test_links_to_publishers_tell_them_nothing(site: Site) -> None:
    for place in PLACES:
        for link in site.page(place).xpath("//a[starts-with(@href, 'http')]"):
            assert link.get("rel") == "noreferrer noopener"


@pytest.mark.parametrize("place", [*PLACES, "/static/parley.css", "/favicon.ico", "/nothing"])
def test_every_answer_is_guarded(site: Site, place: str) -> None:
    headers = ask(site.app, place).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert "script-src" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "cache-control" in headers


def test_nothing_is_loaded_from_elsewhere(site: Site) -> None:
    for place in PLACES:
        page = site.page(place)
        assert page.xpath("//link/@href") == ["/static/parley.css"]
        assert page.xpath("/html/@lang") == ["en"]
    style = ask(site.app, "/static/parley.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "url(" not in style.text
    assert "@import" not in style.text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:9999", 200),
        ("LOCALHOST:8787", 200),
        ("[::1]:8787", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("evil.example:127.0.0.1", 421),
        ("", 421),
        (None, 421),
    ],
)
def test_only_known_hosts_are_answered(site: Site, host: str | None, status: int) -> None:
    assert ask(site.app, "/sources", host=host).status == status


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("a.example:80", "a.example"),
        ("[::1]:80", "::1"),
        ("::1", "::1"),
        ("A", "a"),
        (":80", ":80"),
    ],
)
def test_a_host_is_read_without_its_port(header: str, host: str) -> None:
    assert host_of(header) == host


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_only_reading_is_possible(site: Site, method: str) -> None:
    assert ask(site.app, "/", method=method).status == 405
    assert ask(site.app, "/articles/3", method="HEAD").status == 200


def test_a_broken_database_gives_a_sentence(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with site.database.transaction() as tx:
        tx.execute(text("DROP TABLE decision"))
    answer = ask(site.app, "/articles/3")
    assert answer.status in {500, 503}
    assert "Traceback" not in answer.text
    assert "sqlite" not in answer.text.lower()
    caplog.clear()
    site.database.close()
    assert site.database.path is not None
    Path(site.database.path).unlink()
    answer = ask(site.app, "/")
    assert answer.status == 503
    assert "The database cannot be read" in answer.text


def _statements(site: Site, place: str) -> int:
    seen: list[object] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    with site.database.reading() as tx:
        engine = tx.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    answer: Answer = ask(site.app, place)
    event.remove(engine, "before_cursor_execute", note)
    assert answer.status == 200
    return len([statement for statement in seen if "BEGIN" not in str(statement)])


def test_a_page_takes_as_many_statements_however_much_there_is(site: Site) -> None:
    places = ["/?show=all", "/articles/3", "/articles/3/compare", "/search?q=обмін", "/sources"]
    before = [_statements(site, place) for place in places]
    with site.database.transaction() as tx:
        for number in range(12):
            histories.write(tx, replace(histories.UKRAINIAN, path=f"/more/{number}"))
    assert [_statements(site, place) for place in places] == before
    assert max(before) <= 8


def test_the_pages_are_the_same_on_postgresql(postgres_database: Database) -> None:
    site = make(postgres_database)
    for place in PLACES:
        assert site.page(place).xpath("//h1 | //div[@class='manual']")
