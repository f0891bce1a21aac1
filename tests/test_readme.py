"""What the README shows exists and works."""

import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from crawler.reading import TopicDefinition, judge_text
from scheduler.alerts.render import RenderContext, render_alert
from scheduler.cli.group import group
from scheduler.cli.table import COMMANDS
from scheduler.config import load_config
from scheduler.demo.stories import Piece, load_world
from storage.changes import classify
from storage.types import (
    Article,
    ArticleState,
    Block,
    BlockKind,
    Change,
    Outlet,
    OwedChange,
    Version,
    VersionState,
    VersionText,
)

ROOT = Path(__file__).parent.parent
TITLES = {"talks": "Russia-Ukraine talks"}
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


def test_the_alert_that_is_shown_is_what_a_reader_gets() -> None:
    [shown] = [block for language, block in BLOCKS if language == "text"]
    rendered = render_alert(
        silent_edit(), context=RenderContext(timezone="Europe/Kyiv", topic_titles=TITLES)
    )
    assert shown.strip() == rendered.text.translate({0x2068: None, 0x2069: None}).strip()


def silent_edit() -> OwedChange:
    """The demo's silent edit of a number, as it would be owed to a reader."""
    noon = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    world = replace(load_world(noon), script_began_at=noon)
    [event] = [event for event in world.script if event.replace == ("52 drone", "49 drone")]
    moment, outlet = world.moment(event), world.outlets["selat"]
    before, after = (
        world.pieces_at(at)[event.article] for at in (moment - timedelta(seconds=1), moment)
    )
    step = classify(text_of(before), text_of(after))
    assert step is not None
    change = Change(
        id=1,
        article_id=7,
        from_version=41,
        to_version=58,
        kinds=step.kinds,
        weight=step.weight,
        reason=step.reason,
        disclosure=step.disclosure,
        details=step.details,
        stood_at=noon + timedelta(minutes=5),
        seen_at=noon + timedelta(minutes=20),
        decided_at=noon + timedelta(minutes=24),
        baseline=None,
    )
    article = Article(
        id=7,
        url=f"https://wartaselat.example/read/{after.number}/{after.slug}",
        state=ArticleState.LIVE,
        found_at=noon,
        title=after.title,
        language="id",
        outlet=Outlet(name=outlet.name, language="id", country="ID", control="private"),
        source=outlet.name,
        topics=("talks",),
        versions=2,
        changed_at=noon,
    )
    old, new = version(before, 41), version(after, 58)
    return OwedChange(change=change, article=article, old=old, new=new, topics=("talks",))


def text_of(piece: Piece) -> VersionText:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in piece.paragraphs)
    return VersionText(
        title=piece.title,
        blocks=blocks,
        published=piece.published,
        modified=piece.published,
        language="id",
    )


def version(piece: Piece, number: int) -> Version:
    text = "\n".join(piece.paragraphs)
    verdict = judge_text(TopicDefinition(name="talks"), title=piece.title, text=text, language="id")
    return Version(
        id=number,
        article_id=7,
        number=1,
        state=VersionState.CONFIRMED,
        seen_at=piece.published or datetime.now(UTC),
        title=piece.title,
        authors=(),
        published=piece.published,
        modified=None,
        language="id",
        blocks=text_of(piece).blocks,
        captions=(),
        is_partial=False,
        is_feed_only=False,
        verdicts=(verdict,),
    )


def test_the_set_up_has_ten_lines() -> None:
    [block] = [block for language, block in BLOCKS if language == "sh" and "parley init" in block]
    assert len(block.strip().splitlines()) == 10


@pytest.mark.parametrize("topic", sorted(set(re.findall(r"`parley help ([a-z]+)`", README))))
def test_a_page_of_the_manual_that_is_named_exists(topic: str) -> None:
    assert (ROOT / "scheduler" / "manual" / f"{topic}.md").is_file()


def test_the_files_that_are_linked_exist() -> None:
    linked = re.findall(r"!?\[[^\]]*\]\(([^):]+)\)", README)
    assert [path for path in linked if not (ROOT / path).is_file()] == []
