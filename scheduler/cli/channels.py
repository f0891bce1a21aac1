"""`parley channels`: add, list, test and remove where alerts go.

The secret goes into a file of its own; nothing is written before the server has been tried.
"""

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Final

import click

from scheduler.addresses import KINDS, Question, build_address
from scheduler.cli.context import json_option, load
from scheduler.cli.output import emit_json, table
from scheduler.config import ChannelConfig, Config
from scheduler.config_file import append_entry, remove_entry, write_secret
from scheduler.config_problems import shown
from scheduler.errors import CommandError

_WRONG_USE: Final = 2
_ADD_HELP: Final = """\
Add a channel: asks what it needs, sends a test, keeps the secret in a file of its own.

\b
On a terminal:  parley channels add
In a script:    parley channels add --kind mail --name desk \\
                  --set host=mail.example.org --set user=desk \\
                  --set from=desk@example.org --set to=a@example.org \\
                  --secret-file password.txt
"""


@click.group()
def channels() -> None:
    """Add, list, test or remove where alerts go: a mailbox, a chat room, a webhook."""


@channels.command(help=_ADD_HELP)
@click.option("--kind", type=click.Choice(list(KINDS)), help="What it is; asked for otherwise.")
@click.option("--name", help="What you call it.")
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="Answers a question.")
@click.option(
    "--secret-file",
    type=click.File(encoding="utf-8"),
    help="Reads the password, token or address from here; - is the standard input.",
)
@click.option("--test/--no-test", "is_tested", default=True, help="Send a test message first.")
@click.option("--keep", is_flag=True, help="Add it even if the test fails.")
@click.pass_context
def add(ctx: click.Context, kind: str | None, **options: object) -> None:
    """Add a channel."""
    config = load(ctx)
    add_channel(
        config,
        kind=kind,
        name=_text(options["name"]),
        answers=_answers(options),
        is_tested=bool(options["is_tested"]),
        is_kept=bool(options["keep"]),
    )


def add_channel(
    config: Config,
    *,
    kind: str | None = None,
    name: str = "",
    answers: dict[str, str] | None = None,
    is_tested: bool = True,
    is_kept: bool = False,
) -> None:
    """Ask what is missing, try the server, and write the channel into the file of settings."""
    kind = kind or _ask_kind()
    name = name or _ask_name(config, kind)
    _check_name(config, name)
    address = _ask_address(kind, dict(answers or {}))
    if is_tested and not _try(config, name, address) and not is_kept:
        is_wanted = _is_asking() and click.confirm("Add it all the same?", default=False)
        if not is_wanted:
            raise CommandError("the channel was not added; nothing was changed.")
    path = config.path or Path("parley.toml")
    secret = path.parent / f"{name}.secret"
    write_secret(secret, address)
    append_entry(path, "channels", {"name": name, "address_file": secret.name})
    click.echo(
        f"Added {name} to {shown(path)}. Its secret is in {shown(secret)} (only you read it)."
    )
    click.echo("If `parley run` runs already, `parley reload` lets it know.")


@channels.command("list")
@json_option
@click.pass_context
def list_channels(ctx: click.Context, *, as_json: bool) -> None:
    """List the channels; secrets are not shown."""
    config = load(ctx)
    rows = [
        (channel.name, _scheme(channel), _told(channel), _kept(channel))
        for channel in config.channels
    ]
    if as_json:
        emit_json(
            [dict(zip(("name", "kind", "topics", "address"), row, strict=True)) for row in rows]
        )
    elif rows:
        click.echo(table(rows, heads=("name", "kind", "topics", "address")))
    else:
        click.echo("There is no channel. Changes are kept all the same: parley list, parley serve.")
        click.echo("Add one: parley channels add")


@channels.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.pass_context
def test(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Send a test message to the channels named, or to all."""
    config = load(ctx)
    chosen = [_channel(config, name) for name in names] if names else list(config.channels)
    if not chosen:
        raise CommandError("there is no channel to test; add one with `parley channels add`.")
    failed = [
        channel.name for channel in chosen if not _try(config, channel.name, _address(channel))
    ]
    if failed:
        raise CommandError(f"no test message went out to {', '.join(failed)}.")


@channels.command()
@click.argument("name")
@click.pass_context
def remove(ctx: click.Context, name: str) -> None:
    """Remove a channel and the file with its secret."""
    config = load(ctx)
    channel = _channel(config, name)
    path = config.path or Path("parley.toml")
    remove_entry(path, "channels", name)
    click.echo(f"Removed {name} from {shown(path)}.")
    if channel.address_file is not None:
        secret = path.parent / channel.address_file
        if secret.parent == path.parent and secret.suffix == ".secret":
            secret.unlink(missing_ok=True)
            click.echo(f"Removed {shown(secret)}.")
        else:
            click.echo(f"Its secret is still in {shown(secret)}.")


# -- asking ---------------------------------------------------------------------------------------


def _is_asking() -> bool:
    return sys.stdin.isatty()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _answers(options: dict[str, object]) -> dict[str, str]:
    answers: dict[str, str] = {}
    given = options["given"]
    for pair in given if isinstance(given, tuple) else ():
        key, equals, value = str(pair).partition("=")
        if not equals:
            raise CommandError(f"{pair!r} is no answer; write --set host=…", exit_code=_WRONG_USE)
        answers[key] = value
    secret = options["secret_file"]
    if secret is not None:
        answers["secret"] = secret.read().strip("\r\n")  # pyright: ignore[reportAttributeAccessIssue] # click.File
    return answers


def _ask_kind() -> str:
    if not _is_asking():
        raise CommandError("say what it is with --kind, or use a terminal.", exit_code=_WRONG_USE)
    click.echo("Where should alerts go?")
    for name, kind in KINDS.items():
        click.echo(f"  {name:<9} {kind.title}")
    return click.prompt("Kind", default="mail", type=click.Choice(list(KINDS)), show_choices=False)


def _ask_name(config: Config, kind: str) -> str:
    free = next(
        name
        for name in (kind, *(f"{kind}-{n}" for n in range(2, 1000)))
        if not config.channel(name)
    )
    return click.prompt("Name of the channel", default=free) if _is_asking() else free


def _check_name(config: Config, name: str) -> None:
    from pydantic import SecretStr, ValidationError

    try:
        ChannelConfig(name=name, address=SecretStr("json://localhost"))
    except ValidationError:
        raise CommandError(
            f"{name!r} is not a channel's name; use small letters, digits and -.",
            exit_code=_WRONG_USE,
        ) from None
    if config.channel(name):
        raise CommandError(f"there is a channel {name} already; choose another name.")


def _ask_address(kind: str, answers: dict[str, str]) -> str:
    questions = KINDS[kind].questions
    known = {question.key for question in questions} | {"security", "secret"}
    for key in answers.keys() - known:
        keys = ", ".join(question.key for question in questions)
        raise CommandError(f"{kind} has no {key}; there are {keys}.", exit_code=_WRONG_USE)
    for question in questions:
        if question.is_secret and "secret" in answers:
            answers.setdefault(question.key, answers["secret"])
        if question.key not in answers:
            answers[question.key] = _ask(question, answers)
    try:
        return build_address(kind, answers)
    except ValueError as error:
        raise CommandError(f"{error}.", exit_code=_WRONG_USE) from None


def _ask(question: Question, answers: dict[str, str]) -> str:
    if question.key == "password" and not answers.get("user"):
        return ""  # no login, so no password to ask for
    if _is_asking():
        hidden = question.is_secret
        return click.prompt(
            question.text,
            default=question.default,
            hide_input=hidden,
            show_default=not hidden and bool(question.default),
            value_proc=partial(_read_answer, question),
        )
    if question.default is None:
        how = "--secret-file" if question.is_secret else f"--set {question.key}=…"
        raise CommandError(f"{question.text.lower()} is missing; add {how}", exit_code=_WRONG_USE)
    return question.default


def _read_answer(question: Question, text: str) -> str:
    """Give the answer; one that is wrong is asked for again, and the ones before it are kept."""
    answer = text.strip()
    if question.check is not None:
        try:
            question.check(answer)
        except ValueError as error:
            raise click.UsageError(f"{error}.") from None
    return answer


# -- channels that are there ----------------------------------------------------------------------


def _channel(config: Config, name: str) -> ChannelConfig:
    channel = config.channel(name)
    if channel is None:
        known = ", ".join(channel.name for channel in config.channels) or "none"
        raise CommandError(f"there is no channel {name!r}; there are: {known}.")
    return channel


def _address(channel: ChannelConfig) -> str:
    return channel.address.get_secret_value() if channel.address else ""


def _scheme(channel: ChannelConfig) -> str:
    return _address(channel).partition("://")[0] or "?"


def _told(channel: ChannelConfig) -> str:
    return ", ".join(channel.topics) or "all"


def _kept(channel: ChannelConfig) -> str:
    state = "" if channel.address else " (cannot be read)"
    if channel.address_file is not None:
        return f"in {channel.address_file}{state}"
    return f"in ${channel.address_env}{state}" if channel.address_env else "in parley.toml"


def _try(config: Config, name: str, address: str) -> bool:
    """Send a test message and show the server's answer."""
    from crawler.clock import Clock
    from scheduler.trial_message import send_test

    if not address:
        click.echo(f"{name}: its address cannot be read.", err=True)
        return False
    click.echo(f"{name}: sending a test message …")
    result = asyncio.run(send_test(config, name, address, at=Clock().now()))
    click.echo(f"{name}: {'sent' if result.ok else 'failed'}. {result.detail}".rstrip())
    return result.ok
