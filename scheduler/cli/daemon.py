"""`parley run`, `reload`, `check` and `status`: the program that watches, and what it is doing."""

import asyncio
import os
import signal
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import click

from scheduler.cli.context import json_option, load, open_database
from scheduler.cli.output import ago, counted, emit_json, harmless, is_terminal, local_time, table
from scheduler.config import Config
from scheduler.errors import CommandError

if TYPE_CHECKING:
    from crawler.clock import Clock
    from scheduler.status import Cost
    from storage.sources import SourceStatus
    from storage.types import VisitReport

_RELOAD_WITHIN_S: Final = 30.0
_LOOK_EVERY_S: Final = 0.2
_MOST_WALLS: Final = 2


@click.command()
@click.option("--verbose", is_flag=True, help="Log also what only helps to find a fault.")
@click.option("--speed", type=click.FloatRange(min=0.01), default=1.0, hidden=True)
@click.option("--clock", "clock_at", default="", hidden=True, metavar="VIRTUAL,REAL")
@click.pass_context
def run(ctx: click.Context, *, verbose: bool, speed: float, clock_at: str) -> int:
    """Watch the sources, keep every version, tell what changed; until you stop it with Ctrl-C.

    SIGTERM and Ctrl-C end it within ten seconds and lose nothing; SIGHUP or `parley reload` lets it
    read its settings again.
    """
    from scheduler import daemon, logs

    logs.set_up(verbose=verbose)
    config = load(ctx)
    clock = _clock(speed, clock_at)
    path = config.path

    def load_again() -> Config:
        from scheduler.config import load_config

        return load_config(path, os.environ)

    def announce(text: str) -> None:
        click.echo(f"{text}\nStop with Ctrl-C.")

    return asyncio.run(daemon.run(config, clock=clock, announce=announce, load=load_again))


def _clock(speed: float, clock_at: str) -> "Clock":
    from crawler.clock import Clock

    if not clock_at:
        return Clock(speed=speed)
    try:
        virtual, real = (float(part) for part in clock_at.split(","))
    except ValueError:
        raise CommandError(
            f"--clock {clock_at!r} is not VIRTUAL,REAL in epoch seconds.", exit_code=2
        ) from None
    return Clock(speed=speed, virtual=virtual, real=real)


@click.command()
@click.pass_context
def reload(ctx: click.Context) -> None:
    """Let the running program read parley.toml again; a broken file is refused, the old one stays."""
    from scheduler.daemon import process_of
    from storage import facts

    config = load(ctx)
    database = open_database(config)
    with database.reading() as tx:
        claim = facts.daemon(tx)
        before = facts.get(tx, "reload")
    pid = process_of(claim.owner) if claim else None
    if claim is None:
        raise CommandError("nothing runs on this database; `parley run` starts it.")
    if pid is None:
        raise CommandError(f"it runs on another machine ({claim.owner}); reload it there.")
    try:
        os.kill(pid, signal.SIGHUP)
    except ProcessLookupError:
        raise CommandError("it runs no more; `parley run` starts it again.") from None
    try:
        outcome = asyncio.run(_reloaded(config, before))
    except TimeoutError:
        raise CommandError("it was asked, but did not answer yet; look at its log.") from None
    if not outcome["ok"]:
        raise CommandError("refused, the old settings stay:\n" + "\n".join(outcome["problems"]))
    click.echo("Reloaded.")
    for note in outcome["problems"]:
        click.echo(f"Note: {note}.")


async def _reloaded(config: Config, before: dict[str, Any] | None) -> dict[str, Any]:
    """Wait until the daemon has said what became of it."""
    from storage import facts

    database = open_database(config)
    async with asyncio.timeout(_RELOAD_WITHIN_S):
        while True:
            with database.reading() as tx:
                now = facts.get(tx, "reload")
            if now is not None and now != before:
                return now
            await asyncio.sleep(_LOOK_EVERY_S)


# -- check ---------------------------------------------------------------------------------------


@click.command()
@click.argument("what", nargs=-1, metavar="[SOURCE|URL]...")
@json_option
@click.option("--speed", type=click.FloatRange(min=0.01), default=1.0, hidden=True)
@click.option("--clock", "clock_at", default="", hidden=True, metavar="VIRTUAL,REAL")
@click.pass_context
def check(
    ctx: click.Context, what: tuple[str, ...], *, as_json: bool, speed: float, clock_at: str
) -> None:
    """Look now: at all sources, at some, or at single addresses.

    What seems to have changed is looked at a second time before it counts. Alerts go out when
    `parley run` runs.
    """
    from scheduler.checking import checker, wanted

    config = load(ctx)
    asked = wanted(config, what)
    if not asked.sources and not asked.urls:
        raise CommandError("there is no source to look at; `parley add URL` adds one.")
    clock = _clock(speed, clock_at)
    began = clock.now()
    progress = _Progress(as_json=as_json)

    async def look() -> None:
        async with checker(config, clock) as checking:
            with progress:
                await checking.check(asked, progress.tell)

    asyncio.run(look())
    if not progress.has_answer:
        raise CommandError("nothing could be looked at:\n" + "\n".join(progress.problems))
    _show_found(config, began, as_json=as_json)


class _Progress:
    """Shows what is being done: a bar on a terminal, a line a visit elsewhere."""

    def __init__(self, *, as_json: bool) -> None:
        self.has_answer = False  # of any site
        self.problems: list[str] = []
        self._quiet = as_json
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> None:
        if is_terminal() and not self._quiet:
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.completed} pages"),
                TimeElapsedColumn(),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task("Looking …", total=None)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tell(self, site: str, report: "VisitReport | None", why_not: str) -> None:
        """Show a visit that has been made, or why it was not."""
        failures = report.failures[:3] if report else (why_not,)
        self.has_answer |= bool(report and report.statuses)
        self.problems += [harmless(f"{site}: {failure}") for failure in failures]
        pages = report.requests if report else 0
        if self._bar is not None:
            self._bar.update(self._task, advance=pages, description=harmless(site))
        elif not self._quiet:
            click.echo(f"{harmless(site)}: {counted(pages, 'page', 'pages')}", err=True)
            for failure in failures:
                click.echo(f"  {harmless(failure)}", err=True)


def _show_found(config: Config, began: datetime, *, as_json: bool) -> None:
    from storage import history
    from storage.history import ArticleFilter

    database = open_database(config)
    with database.reading() as tx:
        rows = history.changes(tx, ArticleFilter(since=began), limit=100)
    if as_json:
        emit_json(rows)
        return
    if not rows:
        click.echo("Nothing has changed.")
        return
    click.echo(f"{counted(len(rows), 'change', 'changes')}:")
    for row in rows:
        kinds = ", ".join(kind.value.replace("_", " ") for kind in row.change.kinds)
        click.echo(harmless(f"  {row.article.id}  {kinds}: {row.article.title}"))
    click.echo("Read one with `parley show NUMBER`, its words with `parley diff NUMBER`.")


# -- status --------------------------------------------------------------------------------------


@click.command()
@click.option("--timetable", is_flag=True, help="What is set to happen when.")
@json_option
@click.pass_context
def status(ctx: click.Context, *, timetable: bool, as_json: bool) -> None:
    """What runs, what was found, what fails, and how sending goes."""
    from scheduler.status import gather

    config = load(ctx)
    facts = gather(open_database(config))
    if as_json:
        emit_json(facts)
    elif timetable:
        _show_timetable(config, facts.timetable)
    else:
        _show_status(config, facts)


def _show_timetable(config: Config, shown: dict[str, Any] | None) -> None:
    if shown is None:
        click.echo("Nothing has run on this database yet; `parley run` starts it.")
        return
    at = local_time(datetime.fromisoformat(shown["at"]), config.timezone)
    click.echo(f"As of {at}; {shown['all']} set.")
    click.echo(
        f"Since the start {counted(shown['late'], 'visit', 'visits')} began more than a minute late"
        f"{_at_most(shown['latest_s'])}, {shown['unfinished']} left work for the next, and "
        f"{counted(shown['overruns'], 'timer', 'timers')} fell due while they still ran."
    )
    if shown["running"]:
        click.echo(f"Being visited now: {harmless(', '.join(shown['running']))}")
    rows = [
        (local_time(datetime.fromisoformat(e["at"]), config.timezone), e["name"])
        for e in shown["entries"]
    ]
    click.echo(table(rows, heads=("next", "what")))


def _at_most(latest_s: float) -> str:
    return f", at most {latest_s / 60:.0f} min" if latest_s else ""


def _show_status(config: Config, facts: Any) -> None:  # noqa: ANN401 - its type would load SQLAlchemy
    runs = f"runs ({facts.daemon})" if facts.daemon else "does not run; `parley run` starts it"
    click.echo(f"Parleywatch {runs}.")
    click.echo(
        f"{counted(facts.articles, 'article', 'articles')}, {facts.on_topic} on a topic, "
        f"{counted(facts.versions, 'version', 'versions')}, "
        f"{counted(facts.changes, 'change', 'changes')} after the first sight."
    )
    if facts.suspicions:
        waits = f", the oldest for {facts.oldest_wait}" if facts.oldest_wait else ""
        suspicions = counted(facts.suspicions, "suspicion waits", "suspicions wait")
        held = f" ({facts.held} may be the site's: held for up to a day)" if facts.held else ""
        click.echo(f"{suspicions} for a second look{held}{waits}.")
    click.echo(facts.confirming)
    for channel in facts.channels:
        last = local_time(channel.last_sent_at, config.timezone)
        trouble = f"; last error: {channel.last_error}" if channel.last_error else ""
        click.echo(
            harmless(
                f"Channel {channel.channel}: last message {last}, {channel.owed} waiting, "
                f"{channel.given_up} given up{trouble}"
            )
        )
    if not facts.channels:
        click.echo("No channel: changes are kept, nobody is told. `parley channels add` adds one.")
    click.echo(_cost_line(facts.cost))
    rows = [_source_row(source, facts.costs[source.name], facts.now) for source in facts.sources]
    if rows:
        click.echo("")
        heads = ("source", "last answer", "last article", "articles", "a day")
        heads = (*heads, "requests a day", "per change", "trouble")
        click.echo(table(rows, heads=heads, whole=("last answer", "last article")))


def _cost_line(cost: "Cost") -> str:
    if cost.requests_per_day is None:
        return "Requests: not counted for an hour yet."
    each = ""
    if cost.requests_per_change is not None:
        each = f", {cost.requests_per_change:,.0f} for each change that was noticed"
    return f"Requests: {cost.requests_per_day:,.0f} a day over the last week{each}."


def _source_row(source: "SourceStatus", cost: "Cost", now: datetime) -> tuple[str, ...]:
    return (
        source.name,
        ago(source.last_success_at, now=now),
        ago(source.last_article_at, now=now),
        str(source.articles),
        _rounded(source.per_day),
        _rounded(cost.requests_per_day),
        _rounded(cost.requests_per_change),
        _trouble(source),
    )


def _rounded(number: float | None) -> str:
    if number is None:
        return "-"
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"  # noqa: PLR2004 - two figures


def _trouble(source: "SourceStatus") -> str:
    """Say what stands in the way of a source: failures in a row, walls, a warning."""
    if not source.is_configured:
        return "no longer in the settings"
    if not source.is_enabled:
        return "off"
    walls = [
        f"{counted(count, 'page', 'pages')}: {reason}"
        for reason, count in source.blocked[:_MOST_WALLS]
    ]
    failing = f"{source.failures}x {source.last_reason}" if source.failures else source.last_reason
    failing = failing or source.warning
    fed = (
        f"{counted(source.feed_only, 'article', 'articles')} feed only" if source.feed_only else ""
    )
    return "; ".join(part for part in (failing, *walls, fed) if part)
