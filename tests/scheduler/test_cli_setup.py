"""`parley init`: four questions with defaults, one valid file, nothing overwritten."""

import os
import sys
from pathlib import Path

import pexpect
import pytest

from crawler.outlets.outlets import load_outlets, select
from scheduler.cli import app
from scheduler.config import Settings, parse_settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(path: Path) -> Settings:
    return parse_settings(path.read_text(encoding="utf-8"), name=path.name)


def ask(folder: Path, *answers: tuple[str, str]) -> str:
    """Answer what `parley init` asks on a terminal; give what it said at the end."""
    asked = pexpect.spawn(
        sys.executable,
        ["-m", "scheduler.cli.app", "init"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        encoding="utf-8",
        timeout=30,
        dimensions=(60, 200),
    )
    for question, answer in answers:
        asked.expect(question)
        asked.sendline(answer)
    asked.expect(pexpect.EOF)
    asked.close()
    assert asked.exitstatus == 0
    return asked.before or ""


def test_enter_four_times_gives_the_core_outlets(folder: Path) -> None:
    said = ask(
        folder,
        ("Languages.*: ", ""),
        ("Outlets .*: ", ""),
        ("Send to.*: ", ""),
        ("Contact.*: ", ""),
    )
    found = settings(folder / "parley.toml")
    core = select(load_outlets(), which="core")
    assert {source.outlet for source in found.sources} == {entry.name for entry in core}
    assert found.channels == ()
    assert found.contact == ""
    assert "parley channels add" in said
    assert "parley run" in said


def test_answers_are_taken_and_a_wrong_one_is_asked_again(folder: Path) -> None:
    ask(
        folder,
        ("Languages.*: ", "id, uk"),
        ("Outlets .*: ", "some"),
        ("Outlets .*: ", "all"),
        ("Send to.*: ", "later"),
        ("Contact.*: ", "me <x>"),
        ("Contact.*: ", "desk@example.org"),
    )
    found = settings(folder / "parley.toml")
    assert {source.language for source in found.sources} == {"id", "uk"}
    assert found.contact == "desk@example.org"


def test_yes_asks_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["init", "--yes"]) == 0
    assert "Next:" in capsys.readouterr().out
    assert len(settings(folder / "parley.toml").sources) > 100


@pytest.mark.usefixtures("folder")
def test_the_file_says_the_default_policy_and_who_controls_the_outlets(tmp_path: Path) -> None:
    assert app.run(["init", "--yes", "--languages", "ru"]) == 0
    text = (tmp_path / "parley.toml").read_text(encoding="utf-8")
    for line in (
        'now = ["major"]',
        'summary = ["new", "minor"]',
        'history = ["trivial", "off-topic"]',
    ):
        assert f"\n{line}" in text
    controls = {source.control for source in settings(tmp_path / "parley.toml").sources}
    assert {"state", "exile"} <= controls


def test_outlets_that_refuse_are_off_with_the_reason(folder: Path) -> None:
    assert app.run(["init", "--yes", "--outlets", "all"]) == 0
    off = [source for source in settings(folder / "parley.toml").sources if not source.enabled]
    assert off
    assert all(source.reason for source in off)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--countries", "id"], {"ID"}),
        (["--countries", "UA,PL"], {"UA", "PL"}),
        (["--outlets", "none"], set()),
    ],
)
def test_outlets_are_chosen_by_country_and_breadth(
    folder: Path, arguments: list[str], expected: set[str]
) -> None:
    assert app.run(["init", "--yes", *arguments]) == 0
    assert {source.country for source in settings(folder / "parley.toml").sources} == expected


def test_another_file_may_be_named(folder: Path) -> None:
    assert app.run(["init", "desk/mine.toml", "--yes", "--languages", "id"]) == 0
    assert app.run(["init", "-c", "b.toml", "--yes", "--languages", "id"]) == 0
    assert settings(folder / "desk/mine.toml") == settings(folder / "b.toml")


def test_a_file_is_never_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "parley.toml").write_text("# mine\n")
    assert app.run(["init", "--yes"]) == 1
    assert "is there already and was not changed" in capsys.readouterr().err
    assert (folder / "parley.toml").read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--languages", "xx"], "our list has no outlet for the language 'xx'; it has ar, "),
        (["--countries", "xx"], "our list has no outlet for the country 'xx'; it has "),
        (["--contact", "a (b)"], "contact: is not fit for a header; "),
    ],
)
def test_a_wrong_option_writes_nothing(
    folder: Path, arguments: list[str], says: str, *, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["init", "--yes", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"parley: {says}")
    assert list(folder.iterdir()) == []
