"""The click group behind `parley`: imports a command only when it is called for.

Every command takes `--config` too, before or after its name.
"""

import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import click

from scheduler.cli.table import COMMANDS, VERSION, help_text


@dataclass(slots=True)
class Invocation:
    """What was said before the command's own options."""

    config: Path | None = None


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run or described."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name all commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command; None if there is none by that name."""
        command = COMMANDS.get(cmd_name)
        if command is None:
            return None
        module, attribute = command.target.split(":")
        found = getattr(importlib.import_module(f"scheduler.cli.{module}"), attribute)
        return _named(cast("click.Command", found), cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a wrong name gets the nearest right one."""
        if args and args[0] not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean `parley {near[0]}`?" if near else "`parley --help` names all."
            ctx.fail(f"there is no command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:  # noqa: ARG002 - click's signature
        """Give the grouped help."""
        return help_text().rstrip()


def _named(command: click.Command, name: str) -> click.Command:
    command.name = name
    _let_take_config(command)
    return command


def _let_take_config(command: click.Command) -> None:
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _let_take_config(inner)
        return
    taken = {option for parameter in command.params for option in parameter.opts}
    if not {"-c", "--config"} & taken:
        command.params.append(_config_option())


def _config_option() -> click.Option:
    return click.Option(
        ["-c", "--config"],
        type=click.Path(path_type=Path),
        metavar="FILE",
        expose_value=False,
        callback=_remember_config,
        help="Use this file of settings.",
    )


def _remember_config(
    ctx: click.Context,
    parameter: click.Parameter,  # noqa: ARG001 - click's signature
    value: Path | None,
) -> Path | None:
    if value is not None:
        ctx.ensure_object(Invocation).config = value
    return value


def group() -> LazyGroup:
    """Make the group."""
    made = LazyGroup(
        "parley",
        params=[_config_option()],
        callback=_begin,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        no_args_is_help=True,
    )
    return click.version_option(VERSION, prog_name="parley", message="%(prog)s %(version)s")(made)


@click.pass_context
def _begin(ctx: click.Context) -> None:
    ctx.ensure_object(Invocation)
    if os.environ.get("NO_COLOR"):
        ctx.color = False
