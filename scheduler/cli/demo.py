"""`parley demo`: shows the program at work on a small newsroom on this machine.

What happens is `scheduler.demo`'s; here it is put on a terminal, or plainly into a pipe.
"""

import asyncio
import re
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from scheduler.cli.output import harmless, has_colour, is_terminal

if TYPE_CHECKING:  # the newsroom and the daemon are loaded only when the demo runs
    from rich.progress import Progress, TaskID

    from scheduler.config import Config
    from scheduler.demo.newsroom import ReceivedAlert
    from scheduler.demo.scoring import Score
    from scheduler.demo.show import Plan, Played
    from scheduler.demo.stories import Happening, World

DEFAULT_S: Final = 75
SHORTEST_S: Final = 30
LONGEST_S: Final = 3600
RULE_WIDTH: Final = 72
_MARKED: Final = re.compile(r"(\[-.*?-\]|\{\+.*?\+\})", re.DOTALL)
LANGUAGES: Final = {"en": "English", "id": "Indonesian", "uk": "Ukrainian"}
KINDS_OF_FEED: Final = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed", "": "no feed"}


@click.command()
@click.option(
    "--seconds",
    type=click.IntRange(SHORTEST_S, LONGEST_S),
    default=DEFAULT_S,
    show_default=True,
    metavar="N",
    help="How long it takes; the same five and a half hours pass in it.",
)
def demo(seconds: int) -> int:
    """See it work in a small newsroom on this machine.

    Five invented outlets publish, edit and delete articles; the real program watches them with a
    fast clock, and every message comes here as a reader would get it. Nothing leaves this machine
    and nothing stays on it.
    """
    from scheduler.demo.show import Audience, Plan, play

    _quiet_logs()
    screen = Screen()
    audience = Audience(
        opened=screen.opened,
        happened=screen.happened,
        told=screen.told,
        announced=screen.announced,
        passed=screen.passed,
    )
    try:
        played = asyncio.run(play(Plan(seconds=seconds), audience))
    finally:
        screen.close()
    return screen.end(played)


def _quiet_logs() -> None:
    """Let only what a person must act on through to the error output."""
    import logging

    import structlog

    from scheduler import logs

    logs.set_up()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


class Screen:
    """What the demo shows: lines, and on a terminal a bar that moves below them."""

    def __init__(self) -> None:
        self._zone = ZoneInfo("UTC")
        self._bar: tuple[Progress, TaskID] | None = None

    # -- while it runs ---------------------------------------------------------------------------

    def opened(self, world: "World", plan: "Plan", config: "Config") -> None:
        """Say what is going to happen."""
        self._zone = ZoneInfo(config.timezone)
        stock = [piece for piece in world.pieces.values() if not piece.is_scripted]
        talks = sum(piece.is_on_topic for piece in stock)
        self._line(
            f"A newsroom on this machine: {len(world.outlets)} invented outlets with {len(stock)} "
            f"articles, {talks} of them about the talks."
        )
        for outlet in world.outlets.values():
            facts = f"{LANGUAGES[outlet.language]}, {KINDS_OF_FEED[outlet.feed]}"
            self._line(f"  {outlet.name} ({facts})")
        self._line(
            f"The real program watches them for {plan.seconds:g} seconds, in which "
            f"five and a half hours pass. Nothing leaves this machine."
        )
        if is_terminal():
            self._bar = _start_bar()

    def announced(self, text: str) -> None:
        """Show what the daemon says."""
        for line in text.splitlines():
            self._line(click.style(harmless(line), dim=True))

    def happened(self, happening: "Happening", world: "World") -> None:
        """Show what the newsroom has just done."""
        self._line(
            click.style(
                f"{self._clock(happening.at)}  {_who(happening, world)} {happening.says}", dim=True
            )
        )

    def told(self, alert: "ReceivedAlert") -> None:
        """Show a message as a reader gets it."""
        rule = click.style("─" * RULE_WIDTH, fg="cyan")
        subject = harmless(alert.subject)
        text = "\n".join(_kept(line) for line in alert.text.splitlines()).strip()
        text = text.removeprefix(
            subject
        ).strip()  # a text part may repeat it for those who see no subject
        for shown in ("", rule, click.style(subject, bold=True), "", paint(text), rule):
            self._line(shown)

    def passed(self, share: float, now: datetime) -> None:
        """Move the bar."""
        if self._bar is not None:
            progress, task = self._bar
            progress.update(task, completed=share, description=f"It is {self._clock(now)}")

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar[0].stop()
            self._bar = None

    # -- at the end ------------------------------------------------------------------------------

    def end(self, played: "Played") -> int:
        """Say what became of everything; give the exit code."""
        self._line("")
        if played.was_stopped:
            self._line("Stopped before its end; its folder is removed and its ports are closed.")
        self._line("What the outlets did, and what became of it:")
        for outcome in played.score.outcomes:
            who = _who(outcome.happening, played.world)
            at = self._clock(outcome.happening.at)
            self._line(f"  {at}  {who} {outcome.happening.says}: {outcome.words}")
        for claim in played.score.false:
            what = harmless(f"{claim.what} of {claim.url}")
            self._line(f"  False: {what}, {self._clock(claim.at)}: {claim.reason}")
        if played.trespasses:
            self._line(f"  {played.trespasses} requests that robots.txt forbids")
        self._line("")
        self._line("Next, for real sites:  parley init")
        self._line(played.score.line)
        return exit_code(played)

    # -- lines -----------------------------------------------------------------------------------

    def _clock(self, when: datetime) -> str:
        return f"{when.astimezone(self._zone):%H:%M}"

    def _line(self, text: str) -> None:
        if self._bar is None:
            click.echo(text, color=has_colour())
            return
        from rich.text import Text

        self._bar[0].console.print(Text.from_ansi(text), soft_wrap=True, highlight=False)


def exit_code(played: "Played") -> int:
    """0 when it ran to its end, something was read and nothing is false; else 1."""
    result: Score = played.score
    is_clean = not result.false and not played.trespasses and result.articles > 0
    return 0 if is_clean and not played.was_stopped and played.exit_code == 0 else 1


def paint(text: str) -> str:
    """Colour what stood there ([-…-]) and what is new ({+…+}); the signs stay for those who see none."""
    parts = _MARKED.split(text)
    return "".join(
        click.style(part, fg="red" if part.startswith("[-") else "green")
        if _MARKED.fullmatch(part)
        else part
        for part in parts
    )


def _who(happening: "Happening", world: "World") -> str:
    return world.outlets[world.pieces[happening.article].outlet].name


def _kept(line: str) -> str:
    """A line without anything that steers a terminal, its indent kept."""
    body = line.lstrip(" ")
    return line[: len(line) - len(body)] + harmless(body)


def _start_bar() -> "tuple[Progress, TaskID]":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(no_color=not has_colour(), highlight=False)
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    progress.start()
    return progress, progress.add_task("Starting", total=1.0)
