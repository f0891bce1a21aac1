"""`parley rules`: your rules for publishers' pages, and whether they still do what you saved them for."""

import click

from scheduler.cli.context import load
from scheduler.cli.output import harmless, table
from scheduler.config import Config
from scheduler.config_problems import shown
from scheduler.errors import CommandError
from scheduler.paths import RULES
from scheduler.rule_files import RuleFile, SavedPage, differences


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
    unknown = sorted(set(names) - {one.name for one in config.site_rules})
    if unknown:
        raise CommandError(
            f"there are no rules {unknown[0]!r}; `parley rules list` shows the files.", exit_code=2
        )
    wanted = [one for one in config.site_rules if not names or one.name in names]
    tested = [_test(one, saved) for one in wanted for saved in one.check]
    if not tested:
        click.echo("No saved page to test; add a [[check]] with `page` to a file of rules.")
    elif not all(tested):
        raise CommandError(
            f"{tested.count(False)} of {len(tested)} saved pages are read in another way."
        )
    else:
        click.echo(f"All {len(tested)} saved pages are read as expected.")


def _test(one: RuleFile, saved: SavedPage) -> bool:
    found = [harmless(text) for text in differences(one, saved)]
    click.echo(f"{'FAILED' if found else 'ok    '}  {one.name}: {saved.page}")
    for text in found:
        click.echo(f"        {text}")
    return not found


def _require(config: Config) -> None:
    if not config.site_rules:
        folder = shown(config.path.parent / RULES) if config.path else RULES
        raise CommandError(
            f"there are no rules in {folder}; `parley help rules` shows how one is written."
        )
