"""`parley help TOPIC`: the manual, set for a terminal, plain in a pipe."""

import click

from scheduler.cli.output import has_colour, is_terminal
from scheduler.cli.table import COMMANDS
from scheduler.errors import CommandError
from scheduler.manual_pages import page_titles, read_page


@click.command()
@click.argument("topic", required=False)
def help_topic(topic: str | None) -> None:
    """Read a page of the manual; without a TOPIC, the list of pages."""
    titles = page_titles()
    if topic is None:
        click.echo("Pages of the manual (parley help TOPIC):\n")
        width = max(len(name) for name in titles)
        for name, title in titles.items():
            click.echo(f"  {name:<{width}}  {title}")
        click.echo("\n`parley COMMAND --help` says how a command is used.")
    elif topic in titles:
        _show(read_page(topic))
    elif topic in COMMANDS:
        context = click.get_current_context()
        root = context.find_root()
        command = root.command.get_command(root, topic)  # pyright: ignore[reportAttributeAccessIssue] # a group
        click.echo(command.get_help(click.Context(command, info_name=topic, parent=root)))
    else:
        raise CommandError(
            f"there is no page {topic!r}; there are {', '.join(titles)}.", exit_code=2
        )


def _show(text: str) -> None:
    if not is_terminal():
        click.echo(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(no_color=not has_colour())
    console.print(Markdown(text, hyperlinks=False), width=min(console.width, 100))
