"""Adding, listing, pausing and testing sources; the topics; the service files."""

import configparser
import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.cli import app
from scheduler.config import load_config
from storage.types import SourceKind
from tests.support.site import Entry, Site, article_page, feed, front_page

PARAGRAPHS = [
    (
        "Delegations of Russia and Ukraine met in Istanbul on Monday for another round of peace talks, "
        "officials on both sides said after the doors had closed."
    ),
    (
        "The negotiators will meet again on Tuesday. Nobody would say whether a ceasefire is near, and "
        "both delegations left the palace by a side door without speaking to reporters."
    ),
    "It is the fourth meeting of this kind since the spring; the others ended after a few hours.",
]
TITLE = "Peace talks between Russia and Ukraine resume in Istanbul"
HEADLINES = [
    "Harbour town rebuilds its old market hall",
    "Rail strike ends after nine days of talks",
]
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def site() -> Iterator[Site]:
    """A publisher with a feed, an article and a page that robots.txt forbids."""
    with Site() as site:
        site.publish("/world/peace-talks-resume-in-istanbul", article_page(TITLE, PARAGRAPHS))
        entries = [Entry(link="/world/peace-talks-resume-in-istanbul", title=TITLE)]
        site.publish_feed("/feed.xml", entries)
        site.robots("User-agent: *\nDisallow: /private\n")
        yield site


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with settings that allow loopback and hold a comment."""
    monkeypatch.chdir(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "parley.toml").write_text(
        f'# mine\nallow_networks = ["127.0.0.0/8"]\n[fetch]\npace = "0s"\n[viewer]\nport = {port}\n'
    )
    return tmp_path


# -- add ------------------------------------------------------------------------------------------


def test_a_feed_is_shown_and_written(
    folder: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["add", site.at("/feed.xml"), "--name", "Mine", "--every", "30m"]) == 0
    shown = capsys.readouterr().out
    assert "A feed, with 1 address now." in shown
    assert TITLE in shown
    text = (folder / "parley.toml").read_text()
    assert text.startswith("# mine\n")
    source = load_config(folder / "parley.toml", {}).sources[0]
    assert (source.name, source.kind, source.url) == ("Mine", SourceKind.FEED, site.at("/feed.xml"))
    assert len(site.requests_to("/feed.xml")) == 1


@pytest.mark.usefixtures("folder")
def test_it_is_told_that_only_the_feed_may_be_read(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.robots("User-agent: *\nDisallow: /world/\n")
    assert app.run(["add", site.at("/feed.xml")]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert (
        "Note: robots.txt does not allow 1 of these pages: headline and summary of the feed are "
        "watched in their place." in told
    )


def test_an_article_is_shown_with_its_verdict(
    folder: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["add", site.at("/world/peace-talks-resume-in-istanbul")]) == 0
    shown = capsys.readouterr().out
    assert f"One article: {TITLE}" in shown
    assert "on the topic talks: " in shown
    assert load_config(folder / "parley.toml", {}).sources[0].kind is SourceKind.PAGE


def test_a_dry_run_writes_nothing(folder: Path, site: Site) -> None:
    before = (folder / "parley.toml").read_text()
    assert app.run(["add", "--dry-run", site.at("/feed.xml")]) == 0
    assert (folder / "parley.toml").read_text() == before


@pytest.mark.parametrize(
    ("path", "says"),
    [
        pytest.param("/nothing", "answered 404", id="not-there"),
        pytest.param("/private", "robots.txt", id="forbidden"),
    ],
)
def test_what_cannot_be_read_is_told_and_not_written(
    folder: Path, site: Site, path: str, *, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "parley.toml").read_text()
    assert app.run(["add", site.at(path)]) == 1
    told = capsys.readouterr().err
    assert says in told
    assert "Nothing was written" in told
    assert (folder / "parley.toml").read_text() == before


def test_a_private_address_is_not_fetched_unless_allowed(
    folder: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "parley.toml").write_text("")
    assert app.run(["add", site.at("/feed.xml")]) == 1
    assert site.requests == ()
    assert "allow_networks" in capsys.readouterr().err


def test_an_address_is_added_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["add", "--blind", "news.example.org/world"]) == 0
    assert app.run(["add", "--blind", "https://news.example.org/world/"]) == 1
    assert "is there already, as 'news.example.org'" in capsys.readouterr().err
    assert app.run(["add", "--blind", "https://news.example.org/sport/"]) == 0
    names = [source.name for source in load_config(folder / "parley.toml", {}).sources]
    assert names == ["news.example.org", "news.example.org sport"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ftp://a.example/"], "'ftp://a.example/' is not a web address"),
        (["https://a.example/", "--blind", "--every", "10"], "'10' is not a duration"),
    ],
)
def test_a_wrong_address_or_interval_is_wrong_use(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["add", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"parley: {says}")


# -- sources --------------------------------------------------------------------------------------


def test_sources_are_listed_paused_and_resumed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app.run(["add", "--blind", "https://a.example/", "--name", "A"])
    assert app.run(["sources", "pause", "A", "--reason", "asked us to"]) == 0
    capsys.readouterr()
    assert app.run(["sources", "list"]) == 0
    assert "off: asked us to" in capsys.readouterr().out
    assert app.run(["sources", "list", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["name"], row["enabled"], row["reason"]) == ("A", False, "asked us to")
    assert app.run(["sources", "resume", "A"]) == 0
    source = load_config(folder / "parley.toml", {}).sources[0]
    assert (source.enabled, source.reason) == (True, "")


@pytest.mark.usefixtures("folder")
def test_a_source_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["sources", "pause", "B"]) == 1
    assert "there is no source 'B'; `parley sources list` names all." in capsys.readouterr().err


# -- lists ----------------------------------------------------------------------------------------

LIST = b"""<?xml version="1.0"?><opml version="1.0"><body>
<outline text="Papers">
  <outline text="Harbour Times" xmlUrl="https://harbour.example/rss" language="en-GB"/>
  <outline text="Harbour Times" xmlUrl="https://harbour.example/world/rss"/>
  <outline text="Known" xmlUrl="http://a.example/feed/"/>
  <outline text="No feed"/>
</outline>
<outline xmlUrl="https://kabar.example/feed"/>
</body></opml>"""


@pytest.fixture
def known(folder: Path) -> Path:
    """Settings with a source and comments around it."""
    with (folder / "parley.toml").open("a") as file:
        file.write(
            '# papers\n[[sources]]\nname = "A"  # the first\nurl = "https://a.example/feed"\n'
        )
    (folder / "list.opml").write_bytes(LIST)
    return folder


def test_the_feeds_of_a_list_are_added_and_duplicates_told(
    known: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["sources", "import", "list.opml"]) == 0
    told = capsys.readouterr().out
    assert "Skipped http://a.example/feed/: it is there already, as 'A'." in told
    assert "Added 3 sources to parley.toml; 1 skipped." in told
    text = (known / "parley.toml").read_text()
    assert "# papers\n" in text
    assert "# the first\n" in text
    sources = load_config(known / "parley.toml", {}).sources
    assert [(one.name, one.url, one.kind.value, one.language) for one in sources[1:]] == [
        ("Harbour Times", "https://harbour.example/rss", "feed", "en"),
        ("Harbour Times 2", "https://harbour.example/world/rss", "feed", ""),
        ("kabar.example", "https://kabar.example/feed", "feed", ""),
    ]
    assert app.run(["sources", "import", "list.opml"]) == 0
    assert "Added 0 sources to parley.toml; 4 skipped." in capsys.readouterr().out
    assert (known / "parley.toml").read_text() == text


def test_a_list_can_be_looked_at_first(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (known / "parley.toml").read_text()
    assert app.run(["sources", "import", "--dry-run", "list.opml"]) == 0
    assert "Would add 3 sources" in capsys.readouterr().out
    assert (known / "parley.toml").read_text() == before


def test_what_is_no_list_is_refused(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (known / "page.html").write_text("<html></html>")
    before = (known / "parley.toml").read_text()
    assert app.run(["sources", "import", "page.html"]) == 1
    assert "not an OPML list" in capsys.readouterr().err
    assert (known / "parley.toml").read_text() == before


def test_a_list_that_is_written_is_read_back(
    known: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app.run(["sources", "import", "list.opml"])
    app.run(["add", "--blind", "https://page.example/", "--name", "Page only"])
    capsys.readouterr()
    assert app.run(["sources", "export", "mine.opml"]) == 0
    assert "left out, because no feed of theirs is known: A, Page only" in capsys.readouterr().err
    assert app.run(["sources", "export", "mine.opml"]) == 1
    assert "is there already and was not changed" in capsys.readouterr().err
    assert app.run(["sources", "export"]) == 0
    assert capsys.readouterr().out == (known / "mine.opml").read_text()
    assert app.run(["sources", "import", "mine.opml"]) == 0
    assert "Added 0 sources to parley.toml; 3 skipped." in capsys.readouterr().out


def test_a_home_page_is_listed_by_the_feed_that_was_found_with_it(
    folder: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    head = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    site.publish("/", front_page(listed(), head=head))
    with (folder / "parley.toml").open("a") as file:
        file.write(f'[[sources]]\nname = "Paper"\nurl = "{site.at("/")}"\n')
    assert app.run(["check", "Paper"]) == 0
    capsys.readouterr()
    assert app.run(["sources", "list", "--further"]) == 0
    shown = capsys.readouterr().out
    assert "1 feed" in shown
    assert "Paper leads to:" in shown
    assert f"announced in the head  {site.at('/feed.xml')}" in shown
    assert app.run(["sources", "export"]) == 0
    exported = capsys.readouterr().out
    assert f'xmlUrl="{site.at("/feed.xml")}" htmlUrl="{site.at("/")}"' in exported
    assert app.run(["status"]) == 0
    assert "Requests: not counted for an hour yet." in capsys.readouterr().out
    assert app.run(["why", site.at("/feed.xml")]) == 0
    told = "read with it as a feed: announced in the head, by source Paper"
    assert told in capsys.readouterr().out
    assert app.run(["why", site.at("/world/peace-talks-resume-in-istanbul")]) == 0
    assert f"by source Paper, in {site.at('/feed.xml')}" in capsys.readouterr().out


# -- topics ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_a_text_is_judged_with_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["topics", "list"]) == 0
    assert "Russia-Ukraine talks" in capsys.readouterr().out
    assert app.run(["topics", "try", TITLE]) == 0
    assert "talks: on topic" in capsys.readouterr().out
    assert app.run(["topics", "try", HEADLINES[0], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["is_on_topic"] is False


# -- doctor ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_a_sound_set_up_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "(in this folder)" in shown
    assert "warn  channels: there is none" in shown
    assert "fail" not in shown


def test_problems_of_the_settings_are_all_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "parley.toml").write_text("a = 1\nb = 2\n")
    assert app.run(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert shown.count("fail  settings: parley.toml: ") == 2


def test_a_port_in_use_and_an_address_that_does_not_load_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        (folder / "parley.toml").write_text(
            f"[viewer]\nport = {taken.getsockname()[1]}\n"
            '[[channels]]\nname = "desk"\naddress = "slak://hunter2/"\n'
        )
        assert app.run(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "is in use" in shown
    assert "fail  channel desk: " in shown
    assert "hunter2" not in shown


def test_a_database_of_another_program_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "parley.db").write_bytes(b"this is no database, but it is long enough" * 50)
    assert app.run(["doctor"]) == 1
    assert "fail  database: " in capsys.readouterr().out


def test_live_fetches_every_source_and_the_others_go_on(
    folder: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    with (folder / "parley.toml").open("a") as file:
        for name, path in (("good", "/feed.xml"), ("bad", "/nothing")):
            file.write(f'[[sources]]\nname = "{name}"\nurl = "{site.at(path)}"\n')
    assert app.run(["doctor", "--live"]) == 1
    shown = capsys.readouterr().out
    assert "ok    good: a feed with 1 addresses" in shown
    assert "fail  bad: answered 404" in shown


# -- service --------------------------------------------------------------------------------------


def unit_of(text: str) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    unit.read_string(text)
    return unit


@pytest.mark.parametrize("more", [[], ["--system", "--user", "desk"]])
def test_the_unit_runs_these_settings(
    folder: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["service", "systemd", *more]) == 0
    service = unit_of(capsys.readouterr().out)["Service"]
    assert service["ExecStart"].endswith(f"--config {folder / 'parley.toml'} run")
    assert service["WorkingDirectory"] == str(folder)
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert service.get("User") == ("desk" if more else None)
    assert service.get("ReadWritePaths") == (str(folder) if more else None)


@pytest.mark.usefixtures("folder")
def test_a_service_of_ones_own_runs_as_nobody_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["service", "systemd", "--user", "desk"]) == 2
    assert "--user goes with --system" in capsys.readouterr().err


def test_a_path_with_blanks_and_signs_is_quoted_in_the_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / 'a $b "c" 100%'
    folder.mkdir()
    (folder / "parley.toml").touch()
    monkeypatch.chdir(folder)
    assert app.run(["service", "systemd"]) == 0
    assert '"' + str(tmp_path) + '/a $$b \\"c\\" 100%%/parley.toml"' in capsys.readouterr().out


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_unit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["service", "systemd", "--system", "--user", "root"]) == 0
    (folder / "parley.service").write_text(capsys.readouterr().out)
    subprocess.run(["systemd-analyze", "verify", "parley.service"], cwd=folder, check=True)


@pytest.mark.parametrize("kind", ["container", "compose"])
def test_a_container_needs_no_settings_to_be_printed(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["service", kind]) == 0
    assert "parley" in capsys.readouterr().out


def listed(number: int = 12) -> list[Entry]:
    return [
        Entry(
            link=f"/world/2026/{n}-{HEADLINES[n % 2].lower().replace(' ', '-')}",
            title=f"{HEADLINES[n % 2]} {n}",
        )
        for n in range(number)
    ]


def test_a_home_page_is_asked_for_what_it_leads_to(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = listed()
    with Site() as site:
        site.robots("")
        site.publish("/", front_page(entries))
        site.publish("/rss", feed(entries, base=site.url), content_type="application/rss+xml")
        assert app.run(["add", site.at("/"), "--name", "Home"]) == 0
        asked = [request.path for request in site.requests]
    shown = capsys.readouterr().out
    assert "A page that links to articles, with 12 addresses now." in shown
    assert "feed " + site.at("/rss") in shown
    assert "(at a usual path): 12 addresses, 12 of them on the page" in shown
    assert f"{site.at('/feed/')} (at a usual path): answered 404" in shown
    assert asked.index("/feed/") < asked.index("/rss")
    assert "/feed.json" not in asked
    source = load_config(folder / "parley.toml", {}).sources[0]
    assert (source.url, source.kind) == (site.at("/"), SourceKind.AUTO)


def test_a_home_page_that_cannot_be_read_is_added_for_its_feed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Site() as site:
        site.publish("/", "<h1>Forbidden</h1>", status=403)
        site.publish_feed("/feed/", listed())
        assert app.run(["add", site.at("/"), "--name", "Home"]) == 0
    shown = capsys.readouterr().out
    assert "The page itself cannot be read: answered 403." in shown
    assert f"feed {site.at('/feed/')} (at a usual path): 12 addresses" in shown
    assert load_config(folder / "parley.toml", {}).sources[0].kind is SourceKind.AUTO
