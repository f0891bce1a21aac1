"""`parley init`: four questions, each with a default, and a commented file that is valid."""

import sys
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import click

from crawler.config import SourceConfig
from scheduler.cli.group import Invocation
from scheduler.config import parse_settings
from scheduler.config_file import Answers, first_file, write_new
from scheduler.config_problems import shown
from scheduler.config_values import check_contact
from scheduler.errors import CommandError, ConfigError
from scheduler.paths import FILE_NAME

if TYPE_CHECKING:
    from crawler.outlets.outlets import OutletAddress, OutletEntry, Which

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
    sources = _chosen(languages, _codes(options["countries"]), which=which)
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
        from crawler.outlets.outlets import load_outlets

        known = sorted({language for entry in load_outlets() for language in entry.languages})
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
        given = click.prompt(
            "Contact (e-mail or web address)",
            default="",
            show_default=False,
            value_proc=_read_contact,
        )
    try:
        return check_contact(given or "")
    except ValueError as error:
        raise CommandError(f"contact: {error}.", exit_code=_WRONG_USE) from None


def _read_contact(text: str) -> str:
    try:
        return check_contact(text)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _codes(given: str | None) -> frozenset[str]:
    words = (given or "").replace(",", " ").split()
    return frozenset() if words == ["all"] else frozenset(word.lower() for word in words)


# -- outlets --------------------------------------------------------------------------------------


def _chosen(
    languages: frozenset[str], countries: frozenset[str], *, which: str
) -> list[SourceConfig]:
    from crawler.outlets.outlets import load_outlets, select

    entries = load_outlets()
    spoken = {language for entry in entries for language in entry.languages}
    _refuse_unknown(languages, spoken, what="language")
    _refuse_unknown(countries, {entry.country.lower() for entry in entries}, what="country")
    found = select(entries, languages=languages, countries=countries, which=cast("Which", which))
    names: set[str] = set()
    return [_source(entry, address, names) for entry in found for address in entry.used]


def _refuse_unknown(asked: frozenset[str], known: set[str], *, what: str) -> None:
    unknown = sorted(asked - known)
    if unknown:
        raise CommandError(
            f"our list has no outlet for the {what} {unknown[0]!r}; it has {', '.join(sorted(known))}.",
            exit_code=_WRONG_USE,
        )


def _source(entry: "OutletEntry", address: "OutletAddress", names: set[str]) -> SourceConfig:
    plain = entry.name if len(entry.used) == 1 else f"{entry.name} ({address.language})"
    numbered = (f"{plain} {number}" for number in count(2))
    name = next(name for name in chain((plain,), numbered) if name not in names)
    names.add(name)
    return SourceConfig(
        name=name,
        url=address.url,
        kind=address.kind,
        enabled=entry.is_default,
        reason=entry.reason if not entry.is_default else "",
        outlet=entry.name,
        language=address.language,
        country=entry.country,
        control=entry.control,
    )


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
