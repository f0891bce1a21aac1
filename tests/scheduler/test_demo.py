"""`parley demo`: what it shows, how it ends, and that it leaves nothing behind."""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pexpect
import psutil
import pytest
from click.testing import CliRunner

from scheduler.cli.demo import Screen, demo, exit_code, paint
from scheduler.config import load_config
from scheduler.demo.newsroom import Newsroom, ReceivedAlert
from scheduler.demo.scoring import FalseClaim, Score
from scheduler.demo.show import Audience, Plan, Played, config_text, play, write_config
from scheduler.demo.stories import Deed, ScriptedEvent, load_world

BEGAN = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
WORLD = load_world(BEGAN)
LAST_LINE = re.compile(
    r"demo: (\d+) articles, (\d+) versions, (\d+) changes, (\d+) alerts, 0 false"
)
CLEAN = Played(
    score=Score(articles=3, versions=4, changes=1, alerts=2, false=(), outcomes=()),
    world=WORLD,
    was_stopped=False,
    exit_code=0,
    trespasses=0,
)
CLAIM = FalseClaim(url="http://127.0.0.1:1/a", at=BEGAN, what="change: number", reason="nothing")


@pytest.fixture
def temp() -> Iterator[Path]:
    """A folder for temporary files, with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="pd-") as folder:
        yield Path(folder)


# -- what it shows -------------------------------------------------------------------------------


def test_what_stood_there_and_what_is_new_are_coloured_and_keep_their_signs() -> None:
    painted = paint("about [-52-] {+49+} drones")
    assert click.unstyle(painted) == "about [-52-] {+49+} drones"
    assert painted.count("\x1b[31m") == painted.count("\x1b[32m") == 1


def test_plain_text_stays_plain() -> None:
    assert paint("nothing - here + to see") == "nothing - here + to see"


def test_an_alert_is_shown_whole_and_cannot_steer_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    alert = ReceivedAlert(subject="52 → 49\x1b[2J", text="before\n  [-52-]\x07 {+49+}", fields={})
    Screen().told(alert)
    shown = capsys.readouterr().out
    assert "52 → 49[2J" in shown
    assert "before\n  [-52-] {+49+}\n" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("played", "code"),
    [
        pytest.param(CLEAN, 0, id="all-is-true"),
        pytest.param(
            replace(CLEAN, score=replace(CLEAN.score, false=(CLAIM,))), 1, id="one-false-claim"
        ),
        pytest.param(replace(CLEAN, score=replace(CLEAN.score, articles=0)), 1, id="nothing-read"),
        pytest.param(replace(CLEAN, was_stopped=True), 1, id="stopped"),
        pytest.param(replace(CLEAN, exit_code=1), 1, id="the-daemon-failed"),
        pytest.param(replace(CLEAN, trespasses=1), 1, id="robots-txt-was-not-kept"),
    ],
)
def test_the_exit_code_says_how_it_went(played: Played, code: int) -> None:
    assert exit_code(played) == code


def test_the_last_line_counts_and_the_one_before_says_what_to_type(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Screen().end(replace(CLEAN, score=replace(CLEAN.score, false=(CLAIM,))))
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "demo: 3 articles, 4 versions, 1 changes, 2 alerts, 1 false"
    assert "parley init" in lines[-2]
    assert any("change: number of http://127.0.0.1:1/a" in line for line in lines)


@pytest.mark.parametrize("seconds", ["0", "5", "99999", "soon"])
def test_a_wrong_duration_is_refused(seconds: str) -> None:
    assert CliRunner().invoke(demo, ["--seconds", seconds]).exit_code == 2


# -- the settings --------------------------------------------------------------------------------


def test_the_settings_name_every_outlet_and_stay_on_this_machine(tmp_path: Path) -> None:
    with Newsroom(WORLD, now=lambda: BEGAN) as newsroom:
        config = write_config(newsroom, tmp_path)
        assert load_config(tmp_path / "parley.toml", {}).warnings == ()
        addresses = [source.url for source in config.sources]
        assert [str(network) for network in config.allow_networks] == ["127.0.0.0/8"]
        assert config.database == f"sqlite:///{tmp_path / 'parley.db'}"
        assert "http" not in re.sub(r"(http|json)://127\.0\.0\.1:\d+", "", config_text(newsroom))
    assert len(addresses) == len(WORLD.outlets)


@pytest.mark.parametrize("seconds", [20, 75, 600])
def test_the_same_hours_pass_however_long_it_takes(seconds: float) -> None:
    plan = Plan(seconds=seconds)
    assert plan.speed * plan.run_s == pytest.approx(plan.span.total_seconds())


# -- the whole -----------------------------------------------------------------------------------


def silent() -> tuple[Audience, list[ReceivedAlert]]:
    told: list[ReceivedAlert] = []

    def nothing(*_: object) -> None: ...

    audience = Audience(
        opened=nothing, happened=nothing, told=told.append, announced=nothing, passed=nothing
    )
    return audience, told


def test_one_planted_change_is_seen_as_one_false() -> None:
    planted = ScriptedEvent(
        at_min=20,
        article="harbour/negotiators-leave-geneva-without-a-date",
        does=Deed.EDIT,
        replace=("1,000 kilometres", "1,200 kilometres"),
        is_logged=False,
    )
    audience, told = silent()
    plan = Plan(seconds=30, span=timedelta(minutes=75), script=[planted])
    played = asyncio.run(play(plan, audience))
    assert played.score.line.endswith(" 1 false")
    assert exit_code(played) == 1
    assert len(told) == played.score.alerts


def test_the_demo_ends_by_itself_with_nothing_false_and_leaves_nothing(temp: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "scheduler.cli.app", "demo", "--seconds", "45"],
        capture_output=True,
        text=True,
        timeout=150,
        env=os.environ | {"NO_COLOR": "1", "TMPDIR": str(temp)},
        check=False,
    )
    lines = ended.stdout.splitlines()
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = LAST_LINE.fullmatch(lines[-1])
    assert found is not None, lines[-1]
    stock = sum(not piece.is_scripted for piece in WORLD.pieces.values())
    assert int(found[1]) >= stock
    assert "parley init" in lines[-2]
    assert "52 → 49" in ended.stdout
    assert "\x1b" not in ended.stdout
    assert ended.stderr == ""
    assert list(temp.iterdir()) == []


def test_ctrl_c_on_a_terminal_ends_it_in_order(temp: Path) -> None:
    environment = os.environ | {"TMPDIR": str(temp), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    arguments = ["-m", "scheduler.cli.app", "demo", "--seconds", "600"]
    running = pexpect.spawn(
        sys.executable,
        arguments,
        env=environment,
        timeout=60,
        encoding="utf-8",
        dimensions=(40, 100),
    )
    try:
        running.expect("Nothing leaves this machine")
        running.expect("Watching")
        running.expect("It is [0-9]{2}:[0-9]{2}")
        children = psutil.Process(running.pid).children(recursive=True)
        running.sendintr()
        running.expect("Stopped before its end")
        running.expect(pexpect.EOF)
        assert "Traceback" not in (running.before or "")
    finally:
        running.close()
    assert running.exitstatus == 1
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    assert list(temp.iterdir()) == []
