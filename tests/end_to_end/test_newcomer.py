"""A newcomer's first ten minutes: questions on a terminal, home pages only, a first summary, a true alert."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pexpect
import pytest

from scheduler.demo.newsroom import Newsroom
from scheduler.demo.stories import Deed, ScriptedEvent, load_world
from storage import history
from storage.database import Database
from storage.history import ArticleFilter
from tests.support.inbox import Inbox, html_of, smtp_inbox, text_of
from tests.support.process import Daemon, parley

ROOT = Path(__file__).parents[2]
WAIT_S = 30
SPEED = 120.0
NUMBER = "selat/delegasi-rusia-ukraina-bertemu-di-istanbul"
PIER = "harbour/council-votes-to-widen-ferry-pier"
FERRY = "harbour/night-ferry-keeps-winter-timetable"
SCRIPT = (
    ScriptedEvent(
        at_min=1, article=PIER, does=Deed.EDIT, replace=("14 million euros", "16 million euros")
    ),
    ScriptedEvent(at_min=1, article=FERRY, does=Deed.PUBLISH),
    ScriptedEvent(at_min=2, article=NUMBER, does=Deed.EDIT, replace=("52 drone", "49 drone")),
)
INIT = (("Languages.*: ", "en, id, uk"), ("Outlets .*: ", "none"), ("Send to.*: ", ""))
CONTACT = ("Contact.*: ", "desk@example.org")
pytestmark = [pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")]


class Hands:
    """The newsroom's clock, moved by hand."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at


@contextmanager
def terminal(folder: Path, *arguments: str) -> "Iterator[pexpect.spawn[str]]":
    """A command on a pseudo-terminal in the newcomer's folder."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "scheduler.cli.app", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        encoding="utf-8",
        timeout=WAIT_S,
        dimensions=(50, 160),
    )
    try:
        yield child
    finally:
        child.close(force=True)


def ask(folder: Path, *command: str, answers: tuple[tuple[str, str], ...] = ()) -> tuple[int, str]:
    """Answer what a command asks; give its exit code and all it showed."""
    with terminal(folder, *command) as asked:
        shown = ""
        for question, answer in answers:
            asked.expect(question)
            shown += (asked.before or "") + (asked.after if isinstance(asked.after, str) else "")
            asked.sendline(answer)
        asked.expect(pexpect.EOF)
        shown += asked.before or ""
        asked.wait()
        assert asked.exitstatus is not None
    assert "Traceback" not in shown
    return asked.exitstatus, shown


def mailbox(port: str, *before: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The answers to what `parley channels add` asks."""
    return (
        ("Kind .mail.: ", ""),
        ("Name of the channel .mail.: ", "desk"),
        ("Mail server.*: ", "127.0.0.1"),
        *before,
        ("Port .587.: ", port),
        ("User.*: ", ""),
        ("Sender.*: ", "parley@example.org"),
        ("Recipients.*: ", "desk@example.org"),
    )


def allow_loopback(path: Path) -> None:
    """What only this test needs: loopback may be fetched, everything is rechecked, no viewer."""
    text = path.read_text(encoding="utf-8")
    hint = '# allow_networks = ["10.0.0.0/8"]\n'
    assert hint in text
    text = text.replace(hint, 'allow_networks = ["127.0.0.0/8"]\nrecheck = "all"\n')
    path.write_text(text.replace("enabled = true\n", "enabled = false\n"), encoding="utf-8")


def changed(folder: Path, address: str) -> bool:
    """Is a change of that article in the history?"""
    database = Database(f"sqlite:///{folder / 'parley.db'}")
    try:
        with database.reading() as tx:
            rows = history.changes(tx, ArticleFilter(), limit=500)
    finally:
        database.close()
    return any(row.article.url == address and row.change.from_version for row in rows)


def test_from_the_first_question_to_the_first_true_alert(tmp_path: Path) -> None:
    hands, path = Hands(), tmp_path / "parley.toml"
    world = load_world(hands.at, script=SCRIPT)
    with Newsroom(world, now=hands.now) as newsroom, smtp_inbox() as inbox:
        code, shown = ask(tmp_path, "init", answers=(*INIT, CONTACT))
        assert code == 0
        assert "with 0 sources" in shown
        assert "parley add https://" in shown
        allow_loopback(path)

        first, *others = world.outlets
        code, shown = ask(tmp_path, "add", newsroom.home(first))
        assert code == 0
        assert "A page that links to articles" in shown
        for key in others:
            name = world.outlets[key].name
            parley("add", "--blind", "--name", name, newsroom.home(key), folder=tmp_path)

        code, shown = ask(tmp_path, "channels", "add", answers=mailbox(str(inbox.port)))
        assert code == 0
        assert "desk: sent" in shown
        assert "250" in shown  # the server's own answer
        assert "Test of the channel desk" in inbox.wait()["Subject"]

        _first_minutes(tmp_path, newsroom, inbox, hands=hands)


def _first_minutes(folder: Path, newsroom: Newsroom, inbox: Inbox, *, hands: Hands) -> None:
    with Daemon(folder, speed=SPEED) as daemon:
        daemon.ready()
        opening = inbox.wait(WAIT_S)
        assert "5 outlets" in text_of(opening)
        newsroom.begin_script()

        hands.at += timedelta(minutes=1)  # off the topic: into the history, to nobody
        for _ in range(200):
            if changed(folder, newsroom.address(PIER)):
                break
            daemon.wait_for("site_visited", timeout_s=WAIT_S)
        else:
            raise AssertionError("the edit that is off the topic was never seen")

        hands.at += timedelta(minutes=1)
        alert = inbox.wait(WAIT_S)
        assert daemon.end()[0] == 0
    assert alert["Subject"].startswith("52 → 49 drone")
    assert "Warta Selat" in alert["Subject"]
    assert "[-52-]" in text_of(alert)
    assert "{+49+}" in text_of(alert)
    assert newsroom.address(NUMBER) in text_of(alert)
    assert "49" in html_of(alert)
    subjects = [mail["Subject"] for mail in inbox.mails]
    assert len(subjects) == 3, subjects  # the test, the first summary, the alert
    assert newsroom.trespasses == ()
    read = parley("show", newsroom.address(NUMBER), "--json", folder=folder).stdout
    assert "49 drone" in json.dumps(json.loads(read), ensure_ascii=False)


def test_what_a_newcomer_types_wrong_is_answered_by_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "parley.toml"
    assert ask(tmp_path, "init", answers=(*INIT, CONTACT))[0] == 0
    good = path.read_text(encoding="utf-8")

    code, shown = ask(tmp_path, "init")  # once more
    assert code == 1
    assert "is there already and was not changed" in shown

    path.write_text(good.replace("\n[alerts]", '\nmail = "me"\n[alerts]'), encoding="utf-8")
    code, shown = ask(tmp_path, "run")
    assert code == 1
    assert "mail" in shown
    assert "parley.toml" in shown
    path.write_text(good, encoding="utf-8")

    with smtp_inbox() as inbox:
        inbox.refuse_at = "rcpt"
        wrong_port = ("Port .587.: ", "70000")
        answers = (*mailbox(str(inbox.port), wrong_port), ("Add it all the same.*: ", "n"))
        code, shown = ask(tmp_path, "channels", "add", answers=answers)
    assert code == 1
    assert "'70000' is not a port; write a number from 1 to 65535" in shown
    assert "550 no such user" in shown
    assert "the channel was not added; nothing was changed." in shown
    assert path.read_text(encoding="utf-8") == good
    assert [found.name for found in tmp_path.iterdir()] == ["parley.toml"]

    code, shown = ask(tmp_path, "add", "http://127.0.0.1:9/")
    assert code == 1
    assert "allow_networks" in shown
    code, shown = ask(tmp_path, "add", "ftp://example.org/")
    assert code == 2
    assert "is not a web address" in shown
