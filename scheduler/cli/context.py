"""What every command needs first: the settings, the database, `--json`."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scheduler.cli.group import Invocation
from scheduler.config import Config, load_config
from scheduler.paths import user_data_folder

if TYPE_CHECKING:  # SQLAlchemy comes with it: only for commands that open the database
    from storage.database import Database

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def load(ctx: click.Context) -> Config:
    """Find and read the settings; what they warn of goes to the error output.

    Raises:
        ConfigError: With every problem; `parley` prints them and exits with 1.
    """
    config = load_config(ctx.ensure_object(Invocation).config, os.environ)
    for warning in config.warnings:
        click.echo(f"parley: {warning}", err=True)
    return config


def open_database(config: Config) -> "Database":
    """Give the database, made or brought up to date where needed.

    Raises:
        StorageError: With a sentence; `parley` prints it and exits with 1.
    """
    from storage.database import Database

    if config.data_folder == user_data_folder():
        config.data_folder.mkdir(parents=True, exist_ok=True)  # nobody else would make that one
    database = Database(config.database)
    database.prepare()
    return database


def json_option(command: Decorated) -> Decorated:
    """Give a command the option `--json`, as the argument `as_json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="JSON for machines; times are UTC."
    )(command)
