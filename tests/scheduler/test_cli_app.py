"""The frame of the command line: help, exit codes, sentences instead of tracebacks."""

import importlib
import os
import resource
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from scheduler.cli import app
from scheduler.cli.table import COMMANDS, GROUPS, VERSION, help_text
from scheduler.config import Config
from scheduler.errors import CommandError, ConfigError
from storage.errors import DatabaseFullError

ROOT = Path(__file__).parents[2]
HEAVY = {"scrapy", "sqlalchemy", "alembic", "apprise", "pydantic", "click", "rich", "asyncio"}
PRESENT = [
    name
    for name, command in COMMANDS.items()
    if (ROOT / "scheduler/cli" / f"{command.target.split(':')[0]}.py").exists()
]


def parley(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "scheduler.cli.app", *arguments],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_is_grouped_and_names_every_command() -> None:
    shown = parley("--help")
    assert shown.returncode == 0
    assert shown.stdout == help_text()
    assert [title for title, _ in GROUPS] == ["Start", "Run", "Read", "Why", "Keep", "More"]
    assert all(f"\n  {name} " in shown.stdout for name in COMMANDS)
    assert max(len(line) for line in shown.stdout.splitlines()) <= 80


def test_help_loads_nothing_heavy() -> None:
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "scheduler.cli.app", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in shown.stderr.splitlines()}
    assert loaded & HEAVY == set()


def test_help_costs_at_most_five_bare_starts() -> None:
    def cpu_s(*arguments: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    bare = min(cpu_s("-c", "pass") for _ in range(7))
    helped = min(cpu_s("-m", "scheduler.cli.app", "--help") for _ in range(7))
    assert helped <= 5 * bare


@pytest.mark.parametrize("name", PRESENT)
def test_every_command_is_there_and_explains_itself(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Usage: parley {name}" in shown
    assert len(shown.splitlines()) > 3


@pytest.mark.parametrize("name", PRESENT)
def test_every_command_takes_the_file_of_settings(name: str) -> None:
    module, attribute = COMMANDS[name].target.split(":")
    command: click.Command = getattr(importlib.import_module(f"scheduler.cli.{module}"), attribute)
    assert isinstance(command, click.Command)
    assert command.help or command.callback


def test_the_version_is_the_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
    assert parley("--version").stdout == f"parley {VERSION}\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["lst"], "parley: there is no command 'lst'; did you mean `parley list`?"),
        (["xyzzy"], "parley: there is no command 'xyzzy'; `parley --help` names all."),
        (["add"], "parley: missing argument 'URL'. See `parley add --help`."),
        (["add", "--colour", "x"], "parley: no such option '--colour'"),
        (["init", "--outlets", "some"], "parley: invalid value for '--outlets'"),
        (["help", "nothing"], "parley: there is no page 'nothing'; there are "),
        (["sources", "list", "-c", "/nowhere/x.toml"], ""),
    ],
)
def test_wrong_use_is_a_sentence_and_exit_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = app.run(arguments)
    told = capsys.readouterr().err
    assert code == (2 if says else 1)
    assert told.startswith(says or "parley: /nowhere/x.toml: there is no such file")
    assert told.count("\n") == 1


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (CommandError("no."), 1, "parley: no.\n"),
        (CommandError("no.", exit_code=2), 2, "parley: no.\n"),
        (ConfigError("a: 1.", "b: 2."), 1, "parley: a: 1.\nparley: b: 2.\n"),
        (DatabaseFullError("x.db: the disk is full."), 1, "parley: x.db: the disk is full.\n"),
        (KeyboardInterrupt(), 1, "parley: stopped.\n"),
        (PermissionError(13, "Permission denied", "/x"), 1, "parley: /x: no permission; "),
        (OSError(28, "No space left on device", "/x"), 1, "parley: /x: the disk is full; "),
        (OSError(98, "Address already in use"), 1, "parley: the port is in use; "),
        (ZeroDivisionError("oops"), 1, "parley: a fault of the program stopped this command"),
        (ExceptionGroup("g", [CommandError("inside.")]), 1, "parley: inside.\n"),
    ],
)
def test_an_error_is_a_sentence(
    error: BaseException,
    code: int,
    says: str,
    *,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @click.command()
    def failing() -> None:
        raise error

    monkeypatch.delenv("PARLEY_DEBUG", raising=False)
    monkeypatch.setattr("scheduler.cli.help.help_topic", failing)
    assert app.run(["help"]) == code
    told = capsys.readouterr().err.lstrip("\n")
    assert told.startswith(says)
    assert "Traceback" not in told


def test_a_reader_that_goes_away_is_no_error() -> None:
    shown = subprocess.run(
        f"{sys.executable} -m scheduler.cli.app help configuration | head -1",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert shown.stdout == "# Settings: parley.toml\n"
    assert shown.stderr == ""


def test_windows_is_told_of_wsl(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 1
    assert "WSL" in capsys.readouterr().err


def test_a_config_has_defaults_for_everything() -> None:
    assert Config().sources == ()
