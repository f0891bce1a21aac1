"""`parley init`: four questions, each with a default, and a commented file that is valid."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from crawler.config import SourceConfig
from scheduler.cli.group import Invocation
from scheduler.config import parse_settings
from scheduler.config_file import Answers, first_file, write_new
from scheduler.config_problems import shown
from scheduler.errors import CommandError, ConfigError
from scheduler.paths import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.outlets.outlets import Outlet

_WRONG_USE: Final = 2
_WHICH: Final = ("core", "all", "none")
_LATER: Final = "later"


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--yes", "-y", is_flag=True, help="Ask nothing, take the defaults.")
@click.option("--languages", help="Two letters each, comma between: en,uk,id; or all.")
@click.option("--countries", help="Countries of the outlets, two letters each; all without it.")
@click.option("--outlets", type=click.Choice(_WHICH), help="Which of our list of outlets.")
@click.option("--contact", help="How publishers reach you: an e-mail or web address.")
@click.pass_context
def init(ctx: click.Context, file: Path | None, *, yes: bool, **options: str | None) -> None:
    """Write a first parley.toml, with comments and a list of outlets.

    Asks for languages, outlets, where to send, and a contact; Enter takes the default.
    A file that is there is never overwritten.
    """
    path = file or ctx.ensure_object(Invocation).config or Path(FILE_NAME)
    if path.is_dir():
        path = path / FILE_NAME
    if path.exists():
        raise ConfigError(
            f"{shown(path)}: is there already and was not changed; rename it first, or name "
            "another file: parley init FILE."
        )
    is_asking = not yes and sys.stdin.isatty()
    languages = _languages(options["languages"], is_asking=is_asking)
    which = _which(options["outlets"], is_asking=is_asking)
    kind = _ask_channel() if is_asking else _LATER
    contact = _contact(options["contact"], is_asking=is_asking)
    sources = _sources(languages, _codes(options["countries"]), which=which)
    text = first_file(Answers(contact=contact), sources)
    parse_settings(text, name=shown(path))  # what we write is valid, or nobody gets it
    write_new(path, text)
    _say_what_was_written(path, sources)
    if kind != _LATER:
        _add_channel(path, kind)
    _say_next(path, has_channel=kind != _LATER, has_sources=bool(sources))


# -- questions ------------------------------------------------------------------------------------


def _languages(given: str | None, *, is_asking: bool) -> frozenset[str]:
    if given is None and is_asking:
        known = sorted({outlet.language for outlet in _packaged() if outlet.language})
        click.echo(f"Our list has outlets in {len(known)} languages: {' '.join(known)}")
        given = click.prompt("Languages to watch (comma between)", default="all")
    return _codes(given)


def _which(given: str | None, *, is_asking: bool) -> str:
    if given is None and is_asking:
        click.echo("Outlets: core is a balanced choice, all is everything we know, none is empty.")
        given = click.prompt("Outlets", default="core", type=click.Choice(_WHICH))
    return given or "core"


def _ask_channel() -> str:
    from scheduler.addresses import KINDS

    kinds = (*KINDS, _LATER)
    click.echo(f"Where to send alerts: {', '.join(kinds)}.")
    return click.prompt("Send to", default=_LATER, type=click.Choice(kinds), show_choices=False)


def _contact(given: str | None, *, is_asking: bool) -> str:
    if given is None and is_asking:
        click.echo("Publishers can see an address of yours with every request; Enter sends none.")
        given = click.prompt("Contact (e-mail or web address)", default="", show_default=False)
    return (given or "").strip()


def _codes(given: str | None) -> frozenset[str]:
    words = (given or "").replace(",", " ").split()
    return frozenset() if words == ["all"] else frozenset(words)


# -- outlets --------------------------------------------------------------------------------------


def _packaged() -> "Sequence[Outlet]":
    from crawler.outlets.outlets import load_outlets

    return load_outlets()


def _sources(
    languages: frozenset[str], countries: frozenset[str], *, which: str
) -> list[SourceConfig]:
    raise NotImplementedError


def _say_what_was_written(path: Path, sources: list[SourceConfig]) -> None:
    on = sum(source.enabled for source in sources)
    off = len(sources) - on
    click.echo(
        f"Wrote {shown(path)} with {on} sources" + (f", and {off} switched off." if off else ".")
    )
    if off:
        click.echo("Those refuse automatic reading, or could not be vouched for; each says why.")


def _add_channel(path: Path, kind: str) -> None:
    from scheduler.cli.channels import add_channel
    from scheduler.config import load_config

    try:
        add_channel(load_config(path), kind=kind)
    except (CommandError, ConfigError, click.Abort) as error:
        reason = str(error) or "stopped."
        click.echo(f"parley: {reason} Add it later: parley channels add", err=True)


def _say_next(path: Path, *, has_channel: bool, has_sources: bool) -> None:
    is_found = path.name == FILE_NAME and path.parent.absolute() == Path.cwd()
    option = "" if is_found else f" -c {shown(path)}"
    click.echo("\nNext:")
    if not has_sources:
        click.echo(f"  parley{option} add https://…    something to watch")
    if not has_channel:
        click.echo(f"  parley{option} channels add     where alerts go (until then: parley serve)")
    click.echo(f"  parley{option} doctor --live    tests every source and channel")
    click.echo(f"  parley{option} run              watches, until you stop it")
