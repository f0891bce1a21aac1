"""`parley sources`: list, pause, resume, take in and hand out the sources of the file of settings."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import click

from scheduler.cli.context import json_option, load, open_database
from scheduler.cli.output import ago, counted, emit_json, harmless, table
from scheduler.config import Config
from scheduler.config_file import append_entries, set_in_entry, source_values
from scheduler.config_problems import shown
from scheduler.errors import CommandError

if TYPE_CHECKING:  # SQLAlchemy comes with it
    from storage.further import FurtherStatus
    from storage.sources import SourceStatus


@click.group()
def sources() -> None:
    """List, pause, resume, import or export the sources."""


@sources.command("list")
@click.option("--failing", is_flag=True, help="Only those whose last look failed.")
@click.option("--further", is_flag=True, help="Also what each of them leads to, and how that does.")
@json_option
@click.pass_context
def list_sources(ctx: click.Context, *, failing: bool, further: bool, as_json: bool) -> None:
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
        return
    if not rows:
        click.echo("No source fails." if failing else "There is no source; add one: parley add URL")
        return
    now = Clock().now()
    heads = ("name", "state", "last answer", "also reads", "url")
    click.echo(table([_row(row, now) for row in rows], heads=heads, whole=("last answer",)))
    for status in (found.get(str(row["name"])) for row in rows) if further else ():
        if status is not None and status.further:
            _show_further(status, now)


def _show_further(status: "SourceStatus", now: datetime) -> None:
    """Show what a source leads to; guesses that were not tried are nobody's business."""
    click.echo(f"\n{harmless(status.name)} leads to:")
    tried = [one for one in status.further if one.last_checked_at is not None]
    rows = [
        (
            one.kind.value,
            "ok" if one.state == "works" and not one.failures else harmless(one.last_reason),
            ago(one.last_success_at, now=now),
            one.found_by.value,
            one.url,
        )
        for one in tried
    ]
    click.echo(table(rows, heads=("kind", "state", "last answer", "found", "url")))


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


@sources.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Show what would be added, write nothing.")
@click.pass_context
def import_sources(ctx: click.Context, file: BinaryIO, *, dry_run: bool) -> None:
    """Add the feeds of an OPML list, which every feed reader exports; "-" reads it from a pipe."""
    from scheduler.cli.lists import taken_in

    config = load(ctx)
    path = config.path or Path("parley.toml")
    taken = taken_in(file.read(), config, name=getattr(file, "name", "-"))
    for skipped in taken.skipped:
        click.echo(harmless(f"Skipped {skipped}"))
    if not dry_run and taken.sources:
        append_entries(path, "sources", [source_values(source) for source in taken.sources])
    verb = "Would add" if dry_run else "Added"
    added = counted(len(taken.sources), "source", "sources")
    click.echo(f"{verb} {added} to {shown(path)}; {len(taken.skipped)} skipped.")
    if taken.sources and not dry_run:
        click.echo("If `parley run` runs already, `parley reload` lets it know.")


@sources.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.pass_context
def export_sources(ctx: click.Context, file: Path | None) -> None:
    """Write the sources as an OPML list for any feed reader, to FILE or the standard output.

    A home page is listed by the feed that was found with it.
    """
    from scheduler.cli.lists import handed_out

    config = load(ctx)
    body, left_out = handed_out(config, _statuses(config))
    if file is None:
        click.echo(body, nl=False)
    else:
        try:
            with file.open("xb") as out:
                out.write(body)
        except FileExistsError:
            raise CommandError(f"{file} is there already and was not changed.") from None
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from None
    if left_out:
        names = harmless(", ".join(left_out))
        click.echo(f"parley: left out, because no feed of theirs is known: {names}", err=True)


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
        "problem": status.last_reason if status else "",
        "warning": status.warning if status else "",
        "feed_only": status.feed_only if status else 0,
        "further": status.further if status else (),
    }


def _row(facts: dict[str, object], now: datetime) -> tuple[str, ...]:
    answered = facts["last_success_at"]
    return (
        str(facts["name"]),
        _state(facts),
        ago(answered if isinstance(answered, datetime) else None, now=now),
        _also(cast("tuple[FurtherStatus, ...]", facts["further"])),
        str(facts["url"]),
    )


def _also(further: "tuple[FurtherStatus, ...]") -> str:
    """Say what is read with a source: "2 feeds, 1 sitemap"."""
    kinds = [one.kind.value for one in further if one.state == "works"]
    return ", ".join(counted(kinds.count(kind), kind, f"{kind}s") for kind in dict.fromkeys(kinds))


def _state(facts: dict[str, object]) -> str:
    if not facts["enabled"]:
        return f"off: {facts['reason']}" if facts["reason"] else "off"
    if facts["problem"]:
        return f"fails: {facts['problem']}"
    if facts["feed_only"]:
        return f"ok, {counted(int(str(facts['feed_only'])), 'article', 'articles')} feed only"
    return "ok" if facts["last_success_at"] else "not looked at yet"
