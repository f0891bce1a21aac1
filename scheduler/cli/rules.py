"""`parley rules`: your rules for publishers' pages, and whether they still do what you saved them for."""

from pathlib import Path
from typing import Final

import click

from scheduler.cli.context import load
from scheduler.cli.output import counted, cut, harmless, table
from scheduler.config import Config
from scheduler.config_problems import shown
from scheduler.errors import CommandError
from scheduler.paths import RULES
from scheduler.rule_files import RuleFile, SavedPage, differences

_COLUMNS: Final = 110


@click.group()
def rules() -> None:
    """List and test your rules for publishers' pages."""


@rules.command("list")
@click.pass_context
def list_rules(ctx: click.Context) -> None:
    """List the files of the folder `rules` beside parley.toml."""
    config = load(ctx)
    _require(config)
    cells = [
        (
            one.name,
            one.domain,
            f"{one.valid_from:%Y-%m-%d}" if one.valid_from else "ever",
            str(len(one.check)),
        )
        for one in config.site_rules
    ]
    click.echo(table(cells, heads=("file", "domain", "valid from", "saved pages")))


@rules.command("test")
@click.argument("names", nargs=-1, metavar="[FILE]...")
@click.pass_context
def test_rules(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Read your saved pages by your rules, and compare them with what you expect."""
    config = load(ctx)
    _require(config)
    wanted_names = {Path(name).name for name in names}
    unknown = sorted(wanted_names - {one.name for one in config.site_rules})
    if unknown:
        raise CommandError(
            f"there are no rules {unknown[0]!r}; `parley rules list` shows the files.", exit_code=2
        )
    wanted = [one for one in config.site_rules if not names or one.name in wanted_names]
    tested = [_test(one, saved) for one in wanted for saved in one.check]
    pages = counted(len(tested), "saved page", "saved pages")
    if not tested:
        click.echo("No saved page to test; add a [[check]] with `page` to a file of rules.")
    elif not all(tested):
        raise CommandError(f"{tested.count(False)} of {pages} not read as expected.")
    else:
        click.echo(f"{pages} read as expected.")


def _test(one: RuleFile, saved: SavedPage) -> bool:
    found = list(differences(one, saved))
    click.echo(f"{'FAILED' if found else 'ok    '}  {one.name}: {saved.page}")
    for difference in found:
        click.echo(f"        {difference.what:<9} expected  {harmless(difference.expected)}")
        click.echo(f"                  found     {cut(harmless(difference.found), _COLUMNS)}")
    return not found


def _require(config: Config) -> None:
    if not config.site_rules:
        folder = shown(config.path.parent / RULES) if config.path else RULES
        raise CommandError(
            f"there are no rules in {folder}; `parley help rules` shows how one is written."
        )
