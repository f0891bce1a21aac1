"""`parley channels`: what is asked, what is written, and what the server said."""

import json
import os
import stat
import sys
from pathlib import Path

import pexpect
import pytest

from scheduler.cli import app
from scheduler.config import load_config
from tests.support.inbox import PASSWORD, USER, smtp_inbox

ROOT = Path(__file__).parents[2]
WAIT_S = 30
pytestmark = [
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with settings that hold a comment."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parley.toml").write_text("# mine\n", encoding="utf-8")
    return tmp_path


def mail_options(port: int, **more: str) -> list[str]:
    answers = {
        "host": "127.0.0.1",
        "port": str(port),
        "from": "p@example.org",
        "to": "d@example.org",
    }
    return [f"--set={key}={value}" for key, value in (answers | more).items()]


def spawn(folder: Path, *arguments: str) -> "pexpect.spawn[str]":
    return pexpect.spawn(
        sys.executable,
        ["-m", "scheduler.cli.app", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        encoding="utf-8",
        timeout=WAIT_S,
        dimensions=(40, 160),
    )


def test_a_person_is_asked_for_a_mailbox_and_gets_a_test(folder: Path) -> None:
    with smtp_inbox(auth=True) as inbox:
        asked = spawn(folder, "channels", "add")
        for question, answer in (
            ("Kind .mail.: ", ""),
            ("Name of the channel .mail.: ", "desk"),
            ("Mail server", "127.0.0.1"),
            ("Port .587.: ", str(inbox.port)),
            ("User", USER),
            ("Password: ", PASSWORD),
            ("Sender", "parley@example.org"),
            ("Recipients", "a@example.org, b@example.org"),
        ):
            asked.expect(question)
            asked.sendline(answer)
        asked.expect("desk: sent")
        asked.expect(pexpect.EOF)
        shown = asked.before or ""
        asked.close()
        assert asked.exitstatus == 0
        assert PASSWORD not in shown
        mails = [inbox.wait(), inbox.wait()]
    assert all("Test" in mail["Subject"] for mail in mails)
    assert inbox.recipients == [["a@example.org"], ["b@example.org"]]
    secret = folder / "desk.secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    text = (folder / "parley.toml").read_text()
    assert text.startswith("# mine\n")
    assert PASSWORD not in text
    channel = load_config(folder / "parley.toml", {}).channels[0]
    assert channel.address is not None
    assert channel.address.get_secret_value() == secret.read_text().strip()


def test_a_script_answers_with_options_and_a_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "password").write_text(PASSWORD + "\n")
    with smtp_inbox(auth=True) as inbox:
        options = [*mail_options(inbox.port, user=USER), "--secret-file", "password"]
        assert app.run(["channels", "add", "--kind", "mail", "--name", "desk", *options]) == 0
        assert inbox.wait()["To"] == "d@example.org"
    shown = capsys.readouterr()
    assert PASSWORD not in shown.out + shown.err


def test_a_refusal_is_shown_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with smtp_inbox() as inbox:
        inbox.refuse_at = "rcpt"
        code = app.run(["channels", "add", "--kind", "mail", *mail_options(inbox.port)])
    shown = capsys.readouterr()
    assert code == 1
    assert "550" in shown.out
    assert "nothing was changed" in shown.err
    assert [path.name for path in folder.iterdir()] == ["parley.toml"]
    assert (folder / "parley.toml").read_text() == "# mine\n"


def test_a_channel_may_be_kept_though_its_test_failed(folder: Path) -> None:
    with smtp_inbox() as inbox:
        inbox.refuse_at = "rcpt"
        options = mail_options(inbox.port)
        assert app.run(["channels", "add", "--kind", "mail", "--keep", *options]) == 0
    assert load_config(folder / "parley.toml", {}).channels[0].name == "mail"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "say what it is with --kind"),
        (["--kind", "mail"], "mail server (smtp) is missing; add --set host=…"),
        (["--kind", "mail", "--set", "host"], "'host' is no answer; write --set host=…"),
        (["--kind", "mail", "--set", "colour=red"], "mail has no colour; there are host, port"),
        (["--kind", "telegram"], "bot token is missing; add --secret-file"),
        (["--kind", "mail", "--name", "Desk!"], "'Desk!' is not a channel's name"),
        (["--kind", "webhook", "--set", "url=x"], "'x' is not a web address"),
    ],
)
def test_wrong_answers_are_sentences(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["channels", "add", *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"parley: {says}")
    assert told.count("\n") == 1


def test_channels_are_listed_without_their_secrets(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "parley.toml").write_text(
        '[[channels]]\nname = "desk"\naddress = "jsons://u:hunter2@example.org/"\ntopics = ["talks"]\n'
        '[[channels]]\nname = "home"\naddress_env = "NOT_SET_ANYWHERE"\n'
    )
    assert app.run(["channels", "list"]) == 0
    shown = capsys.readouterr().out
    assert shown.splitlines()[1].split() == ["desk", "jsons", "talks", "in", "parley.toml"]
    assert "in $NOT_SET_ANYWHERE (cannot be read)" in shown
    assert app.run(["channels", "list", "--json"]) == 0
    as_json = capsys.readouterr().out
    assert json.loads(as_json)[0]["name"] == "desk"
    assert "hunter2" not in shown + as_json


@pytest.mark.usefixtures("folder")
def test_no_channel_is_said_with_how_to_read_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["channels", "list"]) == 0
    assert "parley list, parley serve" in capsys.readouterr().out


def test_a_channel_is_tested_and_removed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with smtp_inbox() as inbox:
        options = [*mail_options(inbox.port), "--no-test"]
        assert app.run(["channels", "add", "--kind", "mail", *options]) == 0
        assert inbox.mails == []
        assert app.run(["channels", "test"]) == 0
        inbox.wait()
    assert app.run(["channels", "test", "mail"]) == 1  # nobody listens any more
    assert app.run(["channels", "test", "nobody"]) == 1
    assert "there is no channel 'nobody'; there are: mail." in capsys.readouterr().err
    assert app.run(["channels", "remove", "mail"]) == 0
    assert [path.name for path in folder.iterdir()] == ["parley.toml"]
    assert load_config(folder / "parley.toml", {}).channels == ()
