"""What the README shows exists and works."""

import re
import shlex
from pathlib import Path

import click
import pytest

from scheduler.cli.group import group
from scheduler.cli.table import COMMANDS
from scheduler.config import load_config

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
INLINE = re.findall(
    r"`(parley [^`]+)`", re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
)
SHELL_LINES = [
    line.partition("#")[0].strip()
    for language, block in BLOCKS
    if language == "sh"
    for line in block.splitlines()
    if line.startswith("parley ")
]
CALLS = sorted({call for call in (*SHELL_LINES, *INLINE) if not call.startswith("parley --")})


def test_the_first_block_makes_an_environment_and_runs_the_demo() -> None:
    assert BLOCKS[0] == (
        "sh",
        "python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt . && .venv/bin/parley demo\n",
    )


def test_the_second_block_makes_its_own_environment_and_passes_the_tests() -> None:
    language, block = BLOCKS[1]
    steps = [step.split() for step in block.strip().split(" && ")]
    assert language == "sh"
    assert len(block.strip().splitlines()) == 1
    assert steps[0] == ["python3", "-m", "venv", ".venv-test"]
    assert steps[1][:4] == [".venv-test/bin/pip", "install", "-q", "-c"]
    assert steps[1][4:] == ["constraints.txt", '".[test]"']
    assert steps[2][:4] == [".venv-test/bin/python", "-m", "pytest", "-n"]


def test_there_are_commands_to_check() -> None:
    assert len(CALLS) >= 12


@pytest.mark.parametrize("call", CALLS)
def test_a_command_that_is_shown_exists_with_its_options(call: str) -> None:
    _, name, *rest = shlex.split(call.partition(" > ")[0])
    assert name in COMMANDS
    command = group().get_command(click.Context(group()), name)
    assert command is not None
    words = [
        word for word in rest if not word.startswith("-") and word.isalpha() and word.islower()
    ]
    if isinstance(command, click.Group) and words:
        assert words[0] in command.commands
        command = command.commands[words[0]]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("-")} <= known | {"--help"}


@pytest.mark.parametrize("block", [block for language, block in BLOCKS if language == "toml"])
def test_settings_that_are_shown_can_be_used(block: str, tmp_path: Path) -> None:
    path = tmp_path / "parley.toml"
    path.write_text(block, encoding="utf-8")
    secret = tmp_path / "desk.secret"
    secret.write_text("json://127.0.0.1:9/x", encoding="utf-8")
    secret.chmod(0o600)
    config = load_config(path, {})
    assert config.sources
    assert not config.warnings


def test_the_set_up_has_ten_lines() -> None:
    [block] = [block for language, block in BLOCKS if language == "sh" and "parley init" in block]
    assert len(block.strip().splitlines()) == 10


@pytest.mark.parametrize("topic", sorted(set(re.findall(r"`parley help ([a-z]+)`", README))))
def test_a_page_of_the_manual_that_is_named_exists(topic: str) -> None:
    assert (ROOT / "scheduler" / "manual" / f"{topic}.md").is_file()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"!?\[[^\]]*\]\(([^):]+)\)", README))))
def test_a_file_that_is_linked_exists(path: str) -> None:
    assert (ROOT / path).is_file()
