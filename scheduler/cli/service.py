"""`parley service`: print what runs Parleywatch for months; writes nothing itself."""

import getpass
import re
import shutil
import sys
from pathlib import Path
from typing import Final

import click

from scheduler.cli.context import load
from scheduler.cli.table import VERSION
from scheduler.errors import CommandError

_FOLDER: Final = Path(__file__).parents[1] / "service"


@click.group()
def service() -> None:
    """Print a unit for systemd, or the files of a container."""


@service.command()
@click.option("--system", "is_system", is_flag=True, help="For the machine, not for you alone.")
@click.option("--user", help="With --system: who it runs as; you, if it is not given.")
@click.pass_context
def systemd(ctx: click.Context, *, is_system: bool, user: str | None) -> None:
    """Print a unit for systemd that runs these settings.

    It is a service of your own, which needs no root. With --system it is one of the machine.
    """
    if user and not is_system:
        raise CommandError(
            "--user goes with --system; a service of yours runs as you.", exit_code=2
        )
    config = load(ctx)
    path = (config.path or Path("parley.toml")).absolute()
    folders = dict.fromkeys((path.parent, config.data_folder.absolute()))
    values = {
        "user": user or getpass.getuser(),
        "working": _unit_path(path.parent),
        "writable": " ".join(_unit_word(folder) for folder in folders),
        "parley": _program(),
        "config": _unit_word(path),
    }
    name = "parley-system.service" if is_system else "parley.service"
    text = (_FOLDER / name).read_text(encoding="utf-8")
    click.echo(re.sub(r"\{(\w+)\}", lambda found: values[found[1]], text), nl=False)


@service.command()
def container() -> None:
    """Print a Containerfile for podman or docker."""
    text = (_FOLDER / "Containerfile").read_text(encoding="utf-8")
    click.echo(text.replace("{version}", VERSION), nl=False)


@service.command()
def compose() -> None:
    """Print a compose file: Parleywatch with PostgreSQL."""
    click.echo((_FOLDER / "compose.yaml").read_text(encoding="utf-8"), nl=False)


def _program() -> str:
    beside = Path(sys.executable).with_name("parley")
    found = str(beside) if beside.exists() else shutil.which("parley")
    if found is None:  # run from its source
        return f"{_unit_word(Path(sys.executable))} -m scheduler.cli.app"
    return _unit_word(Path(found))


def _unit_path(path: Path) -> str:
    return str(path).replace("%", "%%")


def _unit_word(path: Path) -> str:
    text = _unit_path(path)
    if any(sign in text for sign in "\n\r"):
        raise CommandError(f"{text!r} has a line break, which systemd cannot take; move it.")
    if not any(sign in text for sign in " \t\"'\\$;"):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"'
