"""`check`, `status`, `try` and `reload`: what they say to people, pipes and machines, and their exit codes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from scheduler.cli import app
from storage.database import Database
from tests.support.noisy import HOUR_S, Paper, apart
from tests.support.process import Daemon, parley
from tests.support.site import Entry, Site, article_page

TITLE = "Peace talks between Russia and Ukraine resume in Istanbul"
PARAGRAPHS = (
    (
        "Delegations of Russia and Ukraine met in Istanbul on Monday for another round of peace talks, "
        "officials on both sides said after the doors had closed."
    ),
    "Some 52 drones were shot down in the night, and the negotiators will meet again on Tuesday.",
    "Nobody would say whether a ceasefire is near, and both delegations left by a side door.",
)
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def site() -> Iterator[Site]:
    """A publisher with a feed and one article on the talks."""
    with Site() as site:
        site.publish("/talks", article_page(TITLE, PARAGRAPHS, around="<aside>Share this</aside>"))
        site.publish_feed("/feed", [Entry(link="/talks", title=TITLE)])
        yield site


@pytest.fixture
def folder(tmp_path: Path, site: Site) -> Path:
    """Settings that watch it."""
    (tmp_path / "parley.toml").write_text(
        f"""timezone = "Europe/Kyiv"
allow_networks = ["127.0.0.0/8"]
[viewer]
enabled = false
[[sources]]
name = "Paper"
url = "{site.at("/feed")}"
kind = "feed"
language = "en"
""",
        encoding="utf-8",
    )
    return tmp_path


def fast(*, hours_ago: float = 1.0) -> tuple[str, ...]:
    """A fast clock that began so long ago, so that it never runs ahead of the wall."""
    now_s = time.time()
    return ("--speed", "240", "--clock", f"{now_s - hours_ago * 3600},{now_s}")


def read_json(*arguments: str, folder: Path) -> Any:
    return json.loads(parley(*arguments, "--json", folder=folder).stdout)


def refused(*arguments: str, folder: Path, code: int) -> str:
    """Run a command that fails; give its one sentence."""
    ran = parley(*arguments, folder=folder, check=False)
    assert ran.returncode == code, ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    return ran.stderr


# -- check ----------------------------------------------------------------------------------------


def test_a_check_tells_a_pipe_what_it_does_and_what_it_found(folder: Path, site: Site) -> None:
    first = parley("check", *fast(hours_ago=9), folder=folder)
    host = site.url.removeprefix("http://")
    assert f"{host}: 2 pages\n" in first.stderr  # what is done goes beside what was found
    assert f"1 change:\n  1  new: {TITLE}\n" in first.stdout
    assert "\x1b" not in first.stdout + first.stderr
    again = parley("check", *fast(), folder=folder)
    assert again.stdout == "Nothing has changed.\n"


def test_a_check_believes_an_edit_after_a_second_look(folder: Path, site: Site) -> None:
    assert read_json("check", *fast(hours_ago=9), folder=folder)[0]["change"]["kinds"] == ["new"]
    site.edit("/talks", "52 drones", "49 drones")
    ran = parley("check", site.at("/talks"), *fast(), "--json", folder=folder)
    assert ran.stderr == ""  # a machine is told once
    [found] = [row for row in json.loads(ran.stdout) if row["change"]["from_version"]]
    assert found["change"]["kinds"] == ["number"]
    assert found["change"]["details"][0]["label"] == "52 → 49 drones"
    assert found["change"]["seen_at"].endswith("Z")
    assert len(site.requests_to("/talks")) == 3


def test_a_check_shows_a_bar_on_a_terminal(folder: Path) -> None:
    command = ["-m", "scheduler.cli.app", "-c", str(folder / "parley.toml"), "check", "Paper"]
    child = pexpect.spawn(
        sys.executable,
        [*command, *fast()],
        env=os.environ | {"TERM": "xterm-256color"},
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 120),
    )
    child.expect("Looking …")
    child.expect(r"\d pages")
    child.expect("1 change:")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_a_check_that_reached_nobody_fails_and_says_why(folder: Path, site: Site) -> None:
    site.close()
    said = parley("check", *fast(), folder=folder, check=False)
    assert said.returncode == 1
    assert said.stdout == ""
    assert "parley: nothing could be looked at:\n" in said.stderr
    assert "Cannot connect to host 127.0.0.1" in said.stderr
    assert " object at 0x" not in said.stderr
    other = refused("check", "http://192.168.1.1/x", *fast(), folder=folder, code=1)
    assert "not a public address; add its network to allow_networks" in other


def test_a_word_that_is_no_source_is_wrong_use(folder: Path) -> None:
    said = refused("check", "Papier", folder=folder, code=2)
    assert said == (
        "parley: 'Papier' is neither a source of the settings nor an address; "
        "`parley sources list` shows the names.\n"
    )


def test_without_a_source_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    (tmp_path / "parley.toml").write_text('timezone = "UTC"\n')
    assert "`parley add URL` adds one" in refused("check", folder=tmp_path, code=1)


# -- status, reload -------------------------------------------------------------------------------


def test_status_of_what_has_never_run_says_how_to_start(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = ["-c", str(folder / "parley.toml")]
    assert app.run([*settings, "status"]) == 0
    shown = capsys.readouterr().out
    assert "Parleywatch does not run; `parley run` starts it.\n" in shown
    assert "0 articles, 0 on a topic, 0 versions, 0 changes after the first sight.\n" in shown
    assert "No channel: changes are kept, nobody is told." in shown
    assert app.run([*settings, "status", "--timetable"]) == 0
    assert "Nothing has run on this database yet" in capsys.readouterr().out


def test_status_tells_what_waits_and_what_is_held(
    folder: Path, sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = Paper(database=sqlite_database, lines=[])
    for story in paper.write(2)[:1]:
        story.edit(3 * HOUR_S, lambda title, blocks: (title, (*blocks, apart("A box of facts"))))
    paper.watch(9.0)
    settings = folder / "held.toml"
    settings.write_text(f'database = "{sqlite_database.url_shown}"\n', encoding="utf-8")
    assert app.run(["-c", str(settings), "status"]) == 0
    told = "1 suspicion waits for a second look (1 may be the site's: held for up to a day), the oldest"
    assert told in capsys.readouterr().out


def test_status_names_what_fails(folder: Path, site: Site) -> None:
    site.publish("/feed", "<h1>Oops</h1>", status=503)
    parley("check", *fast(), folder=folder)
    row = parley("status", folder=folder).stdout.splitlines()[-1]
    assert row.split()[:3] == ["Paper", "never", "never"]
    assert "1x " in row
    assert "503" in row
    [source] = read_json("status", folder=folder)["sources"]
    assert (source["name"], source["failures"], source["articles"]) == ("Paper", 1, 0)
    assert source["next_check_at"].endswith("Z")


def test_status_of_a_running_daemon(folder: Path) -> None:
    with Daemon(folder) as daemon:
        daemon.ready()
        daemon.wait_for('"observations": 1')
        shown = parley("status", folder=folder).stdout
        assert shown.startswith("Parleywatch runs (")
        assert "1 article, 1 on a topic, 1 version, 0 changes after the first sight.\n" in shown
        facts = read_json("status", folder=folder)
        assert facts["daemon"]
        assert facts["articles"] == 1
        timetable = parley("status", "--timetable", folder=folder).stdout
        assert timetable.startswith("As of ")
        assert "NEXT " in timetable
        names = {entry["name"] for entry in facts["timetable"]["entries"]}
        assert names
        assert all(name in timetable for name in names)
        daemon.end()
    assert "does not run" in parley("status", folder=folder).stdout


def test_reload_needs_something_that_runs(folder: Path) -> None:
    said = refused("reload", folder=folder, code=1)
    assert said == "parley: nothing runs on this database; `parley run` starts it.\n"


def test_a_check_beside_a_running_daemon_looks_too_or_says_who_does(folder: Path) -> None:
    with Daemon(folder, speed=1) as daemon:
        daemon.ready()
        daemon.wait_for("site_visited")
        ran = parley("check", "Paper", *fast(), folder=folder, check=False)
        assert "Traceback" not in ran.stderr
        assert ran.returncode == 0 or "nothing could be looked at" in ran.stderr
        assert daemon.end()[0] == 0


# -- try ------------------------------------------------------------------------------------------


def test_a_page_is_tried_and_nothing_is_stored(folder: Path, site: Site) -> None:
    shown = parley("try", site.at("/talks"), folder=folder).stdout
    assert f"Headline     {TITLE}\nAddress      {site.at('/talks')}\n" in shown
    assert "Published    the page does not say\n" in shown
    assert "Topic talks  on it (" in shown
    assert f"\nTaken:\n  p  {PARAGRAPHS[0]}\n" in shown
    assert f"     {TITLE}\n" in shown.partition("Thrown away, and by which rule:\n  headline: ")[2]
    assert not (folder / "parley.db").exists()


def test_a_saved_page_is_tried_without_settings(tmp_path: Path) -> None:
    page = tmp_path / "saved.html"
    page.write_text(article_page(TITLE, PARAGRAPHS), encoding="utf-8")
    command = [sys.executable, "-m", "scheduler.cli.app", "try", "saved.html", "--json"]
    root = str(Path(__file__).parents[2])
    ran = subprocess.run(
        [*command, "--as-url", "https://paper.example/talks"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": root, "XDG_CONFIG_HOME": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = json.loads(ran.stdout)
    assert found["url"] == "https://paper.example/talks"
    assert found["reading"]["content"]["title"] == TITLE
    assert found["reading"]["verdicts"][0]["is_on_topic"] is True
    assert [path.name for path in tmp_path.iterdir()] == ["saved.html"]


@pytest.mark.parametrize(
    ("page", "code", "says"),
    [
        ("http://127.0.0.1:9/x", 1, "Cannot connect to host 127.0.0.1:9"),
        ("http://10.1.2.3/x", 1, "add its network to allow_networks"),
    ],
)
def test_what_cannot_be_tried_is_a_sentence(
    folder: Path, page: str, *, code: int, says: str
) -> None:
    said = refused("try", page, folder=folder, code=code)
    assert said.startswith("parley: ")
    assert says in said
    assert said.count("\n") == 1


def test_a_page_that_is_not_there_is_no_article(folder: Path, site: Site) -> None:
    said = refused("try", site.at("/nowhere"), folder=folder, code=1)
    assert said == f"parley: {site.at('/nowhere')} answered 404; there is nothing to read.\n"
