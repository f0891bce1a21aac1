"""`parley sources`: list, pause and resume the sources of the file of settings."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler.cli.context import json_option, load, open_database
from scheduler.cli.output import ago, emit_json, table
from scheduler.config import Config
from scheduler.config_file import set_in_entry
from scheduler.config_problems import shown
from scheduler.errors import CommandError

if TYPE_CHECKING:  # SQLAlchemy comes with it
    from storage.sources import SourceStatus


@click.group()
def sources() -> None:
    """List, pause or resume the sources."""


@sources.command("list")
@click.option("--failing", is_flag=True, help="Only those whose last look failed.")
@json_option
@click.pass_context
def list_sources(ctx: click.Context, *, failing: bool, as_json: bool) -> None:
    """List the sources: what they are, when they last answered, and what is wrong."""
    from crawler.clock import Clock

    config = load(ctx)
    found = _statuses(config)
    rows = [
        _facts(config, source.name, found.get(source.name))
        for source in config.sources
        if not failing or _is_failing(found.get(source.name))
    ]
    if as_json:
        emit_json(rows)
    elif not rows:
        click.echo("No source fails." if failing else "There is no source; add one: parley add URL")
    else:
        now = Clock().now()
        click.echo(
            table([_row(row, now) for row in rows], heads=("name", "state", "last answer", "url"))
        )


@sources.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--reason", default="paused", help="Why; it is written beside it.")
@click.pass_context
def pause(ctx: click.Context, names: tuple[str, ...], reason: str) -> None:
    """Stop looking at sources; their history stays."""
    _set(load(ctx), names, enabled=False, reason=reason)


@sources.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.pass_context
def resume(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Look at sources again."""
    _set(load(ctx), names, enabled=True, reason=None)


def _set(config: Config, names: tuple[str, ...], *, enabled: bool, reason: str | None) -> None:
    unknown = [name for name in names if config.source(name) is None]
    if unknown:
        raise CommandError(
            f"there is no source {unknown[0]!r}; `parley sources list` names all. Nothing was changed."
        )
    path = config.path or Path("parley.toml")
    values = {"enabled": None if enabled else False, "reason": reason}
    for name in names:
        set_in_entry(path, "sources", name, values=values)
        click.echo(f"{'Resumed' if enabled else 'Paused'} {name!r} in {shown(path)}.")
    click.echo("If `parley run` runs already, `parley reload` lets it know.")


def _statuses(config: Config) -> "dict[str, SourceStatus]":
    from storage.sources import statuses

    database = open_database(config)
    try:
        with database.reading() as tx:
            return {status.name: status for status in statuses(tx)}
    finally:
        database.close()


def _is_failing(status: "SourceStatus | None") -> bool:
    return status is not None and status.failures > 0


def _facts(config: Config, name: str, status: "SourceStatus | None") -> dict[str, object]:
    source = config.source(name)
    if source is None:
        raise CommandError(f"there is no source {name!r}.")
    return {
        "name": name,
        "url": source.url,
        "kind": (status.resolved_kind if status else None) or source.kind,
        "enabled": source.enabled,
        "reason": source.reason,
        "last_checked_at": status.last_checked_at if status else None,
        "last_success_at": status.last_success_at if status else None,
        "next_check_at": status.next_check_at if status else None,
        "failures": status.failures if status else 0,
        "problem": status.last_reason if _is_failing(status) and status else "",
        "warning": status.warning if status else "",
    }


def _row(facts: dict[str, object], now: datetime) -> tuple[str, ...]:
    answered = facts["last_success_at"]
    return (
        str(facts["name"]),
        _state(facts),
        ago(answered if isinstance(answered, datetime) else None, now=now),
        str(facts["url"]),
    )


def _state(facts: dict[str, object]) -> str:
    if not facts["enabled"]:
        return f"off: {facts['reason']}" if facts["reason"] else "off"
    if facts["problem"]:
        return f"fails: {facts['problem']}"
    return "ok" if facts["last_success_at"] else "not looked at yet"
