"""The loopback publisher does what tests ask of it."""

import http.client
import threading
from datetime import UTC, datetime

import feedparser
import pytest

from tests.support.site import Answer, Entry, Site, article_page, feed


def ask(site: Site, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection(site.site, timeout=5)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers=names)
        response = connection.getresponse()
        return response.status, response.read(), dict(response.getheaders())
    finally:
        connection.close()


def test_a_page_is_published_edited_and_deleted() -> None:
    with Site() as site:
        site.publish("/a", article_page("Talks", ["52 drones"]))
        assert b"52 drones" in ask(site, "/a")[1]
        site.edit("/a", "52", "49")
        assert b"49 drones" in ask(site, "/a")[1]
        site.delete("/a", status=410)
        assert ask(site, "/a")[0] == 410
        assert [request.status for request in site.requests_to("/a")] == [200, 200, 410]


def test_an_edit_of_what_is_not_there_is_a_mistake_of_the_test() -> None:
    with Site() as site:
        site.publish("/a", "x")
        with pytest.raises(AssertionError, match="does not hold"):
            site.edit("/a", "y", "z")


def test_a_moved_page_redirects() -> None:
    with Site() as site:
        site.publish("/a", "text")
        assert site.move("/a", "/b") == site.at("/b")
        status, _, headers = ask(site, "/a")
        assert (status, headers["Location"]) == (301, "/b")
        assert ask(site, "/b")[1] == b"text"


def test_validators_are_honoured() -> None:
    with Site() as site:
        site.publish("/e", "text", etag=True)
        tag = ask(site, "/e")[2]["ETag"]
        assert ask(site, "/e", If_None_Match=tag)[:2] == (304, b"")
        site.edit("/e", "text", "other")
        assert ask(site, "/e", If_None_Match=tag)[0] == 200
        site.publish("/l", "text", headers={"Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"})
        since = ask(site, "/l")[2]["Last-Modified"]
        assert ask(site, "/l", If_Modified_Since=since)[0] == 304


def test_answers_can_be_scripted_one_by_one() -> None:
    with Site() as site:
        site.publish("/a", "fine")
        site.answer_once(
            "/a", Answer(status=503, headers=(("Retry-After", "60"),)), Answer(status=500)
        )
        assert [ask(site, "/a")[0] for _ in range(3)] == [503, 500, 200]


def test_a_connection_can_be_cut() -> None:
    with Site() as site:
        site.publish_answer("/a", Answer(body=b"0123456789", cut_after=4))
        with pytest.raises(http.client.IncompleteRead):
            ask(site, "/a")


def test_closing_does_not_wait_for_a_stalled_answer() -> None:
    failed = threading.Event()

    def client() -> None:
        try:
            ask(site, "/slow")
        except (OSError, http.client.HTTPException):
            failed.set()

    with Site() as site:
        site.publish_answer("/slow", Answer(body=b"late", delay_s=60))
        thread = threading.Thread(target=client)
        thread.start()
        site.wait_for("/slow")
    thread.join(timeout=5)
    assert failed.is_set()


def test_closing_ends_idle_connections_and_threads() -> None:
    before = set(threading.enumerate())
    site = Site()
    site.publish("/a", "x")
    connection = http.client.HTTPConnection(site.site, timeout=5)
    connection.request("GET", "/a")
    assert connection.getresponse().read() == b"x"
    site.close()
    assert set(threading.enumerate()) <= before
    connection.close()


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_feed_reads_back(form) -> None:
    when = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    body = feed(
        [Entry(link="/a", title="A & B", published=when)], base="http://127.0.0.1:1", form=form
    )
    [entry] = feedparser.parse(body).entries
    assert (entry.title, entry.link) == ("A & B", "http://127.0.0.1:1/a")
    assert entry.published_parsed[:5] == (2026, 1, 2, 3, 4)
