"""`parley topics`: what is looked for, and how a text of yours would be judged."""

import sys
from pathlib import Path

import click

from scheduler.cli.context import json_option, load
from scheduler.cli.output import emit_json, harmless, table
from scheduler.errors import CommandError


@click.group()
def topics() -> None:
    """List the topics; try a text on them."""


@topics.command("list")
@json_option
@click.pass_context
def list_topics(ctx: click.Context, *, as_json: bool) -> None:
    """List the topics of parley.toml."""
    config = load(ctx)
    rows = [
        {
            "name": name,
            "title": topic.title or name,
            "lexicon": topic.lexicon or "",
            "groups": list(topic.groups),
            "threshold": topic.threshold,
        }
        for name, topic in config.topics.items()
    ]
    if as_json:
        emit_json(rows)
        return
    cells = [
        (
            str(row["name"]),
            str(row["title"]),
            str(row["lexicon"]) or ", ".join(topic.groups),
            str(row["threshold"]),
        )
        for row, topic in zip(rows, config.topics.values(), strict=True)
    ]
    click.echo(table(cells, heads=("name", "title", "words from", "threshold")))


@topics.command("try")
@click.argument("text")
@click.option("--language", default="", help="Two letters; guessed where it is not given.")
@json_option
@click.pass_context
def try_text(ctx: click.Context, text: str, language: str, *, as_json: bool) -> None:
    """Judge a headline, a text file, or - for the standard input; tells the reasons."""
    config = load(ctx)
    from crawler.reading import judge_text
    from scheduler.assembly import topic_definitions

    title, body = _read(text)
    verdicts = [
        judge_text(topic, title=title, text=body, language=language)
        for topic in topic_definitions(config.topics)
    ]
    if as_json:
        emit_json(verdicts)
        return
    for verdict in verdicts:
        state = "on topic" if verdict.is_on_topic else "not on topic"
        click.echo(f"{verdict.topic}: {state} (score {verdict.score:.2f})")
        for reason in verdict.reasons:
            click.echo(f"  {harmless(reason)}")


def _read(text: str) -> tuple[str, str]:
    if text == "-":
        whole = sys.stdin.read()
    elif "\n" not in text and len(text) < 1000 and Path(text).is_file():  # noqa: PLR2004 - longer than any path of a person's
        try:
            whole = Path(text).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise CommandError(f"{text}: is not UTF-8 text; `parley try` reads pages.") from None
    else:
        whole = text
    title, _, body = whole.strip().partition("\n")
    return title, body
