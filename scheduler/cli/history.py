"""The commands that read: list, show, diff, search, serve, why, export. Nothing is changed.

Each parses, asks `storage`, and prints; how that looks is `scheduler.cli.reading`'s. An article goes
by its number or any address it had; a version by `v` and its id, as messages name it.
"""

from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import IO, TYPE_CHECKING, Final, TypedDict, cast

import click

from scheduler.cli.context import json_option, load, open_database
from scheduler.config import Config

if TYPE_CHECKING:  # SQLAlchemy comes with them
    from sqlalchemy.orm import Session

    from storage.glance import Run
    from storage.types import Version

_MOST: Final = 1000


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Read a time; naive where it names no zone."""
    if value is None:
        return None
    from crawler.clock import Clock
    from scheduler.cli.reading import read_moment

    found = read_moment(value, now=Clock().now())
    if found is None:
        text = f"{value!r} is not a time; write 2026-11-24, 2026-11-24T14:05, 3h or 2d"
        raise click.BadParameter(text, ctx=ctx, param=param)
    return found


_since_option = click.option(
    "--since", callback=_moment, metavar="TIME", help="Only since then: 2026-11-24, 3h, 2d."
)


def _aware(when: datetime | None, config: Config) -> datetime | None:
    from zoneinfo import ZoneInfo

    if when is None or when.tzinfo is not None:
        return when
    return when.replace(tzinfo=ZoneInfo(config.timezone))


# -- list ----------------------------------------------------------------------------------------


class _Listed(TypedDict):
    topic: str | None
    is_on_topic: bool | None
    source: str | None
    since: datetime | None
    limit: int


@click.command()
@click.option("--topic", metavar="NAME", help="Only on this topic.")
@click.option(
    "--on-topic/--off-topic", "is_on_topic", default=None, help="On any topic, or on none."
)
@click.option("--source", metavar="NAME", help="Only of this source or outlet.")
@_since_option
@click.option("--limit", type=click.IntRange(1, _MOST), default=30, show_default=True, metavar="N")
@click.option("--articles", "by_article", is_flag=True, help="Articles, the newest first.")
@json_option
@click.pass_context
def list_articles(
    ctx: click.Context, *, by_article: bool, as_json: bool, **options: object
) -> None:
    """List the newest changes, or with --articles the newest articles."""
    from scheduler.cli import reading
    from storage import glance

    config = load(ctx)
    asked = cast("_Listed", options)
    limit = asked["limit"]
    wanted = glance.ArticleFilter(
        topic=asked["topic"],
        is_on_topic=asked["is_on_topic"],
        source=asked["source"],
        since=_aware(asked["since"], config),
    )
    with _runner(config) as run:
        if by_article:
            articles = glance.articles(run, wanted, limit=limit)
            reading.print_articles(articles, zone=config.timezone, as_json=as_json)
        else:
            changes = glance.changes(run, wanted, limit=limit)
            reading.print_changes(changes, zone=config.timezone, as_json=as_json)


@contextmanager
def _runner(config: Config) -> "Generator[Run]":
    """Run statements: on SQLite without SQLAlchemy, which takes longer to load than they take."""
    from pathlib import Path

    from storage import glance

    scheme, _, path = config.database.partition(":///")
    connection = glance.open_sqlite(Path(path)) if scheme == "sqlite" else None
    if connection is not None:
        with closing(connection):
            yield glance.sqlite_runner(connection)
        return
    from storage import history

    with closing(open_database(config)) as database, database.reading() as tx:
        yield history.runner(tx)


# -- show, diff ----------------------------------------------------------------------------------


def _key(text: str) -> str:
    """An article's number as it is, an address in its one spelling."""
    from crawler.identity import normalise_url

    return text if text.isdigit() else normalise_url(text) or text


def _version_id(text: str) -> int | None:
    """Read `v123`; None for anything else."""
    digits = text[1:]
    return int(digits) if text[:1] == "v" and digits.isascii() and digits.isdigit() else None


@click.command()
@click.argument("article", metavar="ARTICLE")
@click.option("--version", "number", type=int, metavar="N", help="Its Nth version, whole.")
@json_option
@click.pass_context
def show(ctx: click.Context, *, article: str, number: int | None, as_json: bool) -> None:
    """Show an article: its versions and what led to them.

    ARTICLE is a number, an address, or v and the id of a version, which is then shown whole.
    """
    config = load(ctx)
    with closing(open_database(config)) as database, database.reading() as tx:
        id_ = _version_id(article)
        if id_ is not None or number is not None:
            _show_version(tx, config, _the_version(tx, article, number), as_json=as_json)
        else:
            _show_article(tx, config, article, as_json=as_json)


def _the_version(tx: "Session", article: str, number: int | None) -> "Version":
    from storage import history

    id_ = _version_id(article)
    if id_ is not None:
        return history.version(tx, id_)
    return history.version_numbered(tx, history.article(tx, _key(article)).id, number or 0)


def _show_version(tx: "Session", config: Config, version: "Version", *, as_json: bool) -> None:
    from dataclasses import asdict

    from scheduler.cli import reading
    from scheduler.cli.output import emit_json
    from storage import history

    if as_json:
        emit_json({**asdict(version), "text": version.text})
    else:
        article = history.article(tx, version.article_id)
        reading.print_version(version, article, zone=config.timezone)


def _show_article(tx: "Session", config: Config, key: str, *, as_json: bool) -> None:
    from dataclasses import asdict

    from scheduler.cli import reading
    from scheduler.cli.output import emit_json
    from storage import history

    article = history.article(tx, _key(key))
    heads = history.versions(tx, article.id)
    rows = history.changes(tx, history.ArticleFilter(article_ids=(article.id,)), limit=_MOST)
    events = [r.change for r in rows if r.change.from_version == r.change.to_version]
    addresses = history.addresses(tx, article.id)
    if as_json:
        parts = {"versions": heads, "events": events, "addresses": addresses}
        emit_json({**asdict(article), **{k: [asdict(x) for x in v] for k, v in parts.items()}})
    else:
        reading.print_article(article, heads, events, addresses=addresses, zone=config.timezone)


@click.command()
@click.argument("article", metavar="ARTICLE")
@click.argument("numbers", nargs=-1, metavar="[N M]")
@click.option("--whole", is_flag=True, help="Unchanged paragraphs too.")
@json_option
@click.pass_context
def diff(
    ctx: click.Context, *, article: str, numbers: tuple[str, ...], whole: bool, as_json: bool
) -> None:
    """Compare two versions word by word: an article's last two, or its Nth and Mth.

    ARTICLE is a number or an address. Two versions by their ids: `parley diff v11 v12`.
    """
    config = load(ctx)
    with closing(open_database(config)) as database, database.reading() as tx:
        old, new = _two(tx, article, numbers)
        _print_diff(old, new, config, whole=whole, as_json=as_json)


def _two(tx: "Session", article: str, numbers: Sequence[str]) -> "tuple[Version, Version]":
    from scheduler.errors import CommandError
    from storage import history

    ids = [_version_id(text) for text in (article, *numbers)]
    if len(ids) == 2 and None not in ids:  # noqa: PLR2004 - two versions
        old, new = (history.version(tx, id_ or 0) for id_ in ids)
        if old.article_id != new.article_id:
            raise CommandError(f"{article} and {numbers[0]} are versions of different articles.")
        return old, new
    found = history.article(tx, _key(article))
    if not numbers:
        pair = history.latest_two(tx, found.id)
        if pair is None:
            raise CommandError(f"Article {found.id} has one version; there is nothing to compare.")
    elif len(numbers) == 2 and all(text.isascii() and text.isdigit() for text in numbers):  # noqa: PLR2004
        pair = (int(numbers[0]), int(numbers[1]))
    else:
        text = "name two versions of the article by their numbers, such as `parley diff 12 1 3`"
        raise click.UsageError(text)
    old, new = (history.version_numbered(tx, found.id, number) for number in pair)
    return old, new


def _print_diff(
    old: "Version", new: "Version", config: Config, *, whole: bool, as_json: bool
) -> None:
    from dataclasses import asdict

    from scheduler.cli import reading
    from scheduler.cli.output import emit_json, local_time
    from storage.diff import diff_blocks, diff_words

    title = diff_words(old.title, new.title)
    pairs = diff_blocks([block.text for block in old.blocks], [block.text for block in new.blocks])
    if as_json:
        sides = [
            {"id": v.id, "number": v.number, "seen_at": v.seen_at, "title": v.title}
            for v in (old, new)
        ]
        parts = {"title": [asdict(span) for span in title], "blocks": [asdict(p) for p in pairs]}
        emit_json({"article": old.article_id, "from": sides[0], "to": sides[1], **parts})
        return
    click.echo(reading.spans_text(title))
    for name, version in (("from", old), ("to", new)):
        when = local_time(version.seen_at, config.timezone)
        part = f", {version.known_part}" if version.known_part else ""
        click.echo(f"{name:<4} version {version.number} (v{version.id}), seen {when}{part}")
    click.echo()
    reading.print_comparison(pairs, whole=whole)


# -- search, serve -------------------------------------------------------------------------------


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, metavar="N")
@json_option
@click.pass_context
def search(ctx: click.Context, *, words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find what was ever published, at the version that brought it.

    All WORDS must be there; '"in this order"' in quotation marks; negotiat* finds what begins so.
    """
    from scheduler.cli import reading
    from storage import search as searching

    config = load(ctx)
    with closing(open_database(config)) as database, database.reading() as tx:
        found = searching.search(tx, " ".join(words), limit)
    reading.print_hits(found, zone=config.timezone, as_json=as_json)


@click.command()
@click.option("--open", "is_opened", is_flag=True, help="Open it in your browser.")
@click.option("--host", metavar="HOST", help="Where to listen, instead of [viewer] host.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="0 takes a free port.")
@click.option("--with-parent", is_flag=True, hidden=True, help="End when the standard input does.")
@click.pass_context
def serve(
    ctx: click.Context, *, is_opened: bool, with_parent: bool, host: str | None, port: int | None
) -> None:
    """Show the history in your browser, until you stop it; nothing can be changed there."""
    from scheduler.http import serve_forever

    config = load(ctx)
    open_database(config).close()  # made or brought up to date; the viewer itself only reads

    def ready(address: str) -> None:
        click.echo(f"The viewer is at {address} (Ctrl-C ends it)")
        if is_opened:
            click.launch(address)

    serve_forever(config, host=host, port=port, ready=ready, with_parent=with_parent)


# -- why -----------------------------------------------------------------------------------------


@click.command()
@click.argument("what", metavar="URL|ARTICLE")
@json_option
@click.pass_context
def why(ctx: click.Context, *, what: str, as_json: bool) -> None:
    """Tell what was decided about an address or article, and why; of unknown ones, what would be."""
    from scheduler.cli.output import emit_json
    from scheduler.cli.reasons import print_reasons, reasons

    config = load(ctx)
    with closing(open_database(config)) as database, database.reading() as tx:
        found = reasons(tx, config, what)
    if as_json:
        emit_json(found)
    else:
        print_reasons(found, zone=config.timezone)


# -- export --------------------------------------------------------------------------------------


class _Exported(TypedDict):
    topic: str | None
    since: datetime | None
    form: str


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True
)
@click.option("--topic", metavar="NAME", help="Only articles on this topic.")
@_since_option
@click.option("--all-versions", is_flag=True, help="Unconfirmed versions and those seen once too.")
@click.option(
    "-o", "--output", type=click.File("w", encoding="utf-8", lazy=True), default="-", metavar="FILE"
)
@click.pass_context
def export(ctx: click.Context, *, all_versions: bool, output: IO[str], **options: object) -> None:
    """Write the history as lines of JSON or a table: versions, changes and alerts; times are UTC."""
    from scheduler.cli.csv_lines import write_csv
    from scheduler.cli.output import json_line
    from storage.export import ExportFilter
    from storage.export import export as exported

    config = load(ctx)
    asked = cast("_Exported", options)
    what = ExportFilter(
        topic=asked["topic"], since=_aware(asked["since"], config), with_unconfirmed=all_versions
    )
    with closing(open_database(config)) as database:
        records = exported(database, what=what)
        if asked["form"] == "csv":
            write_csv(records, output)
        else:
            output.writelines(json_line(record) + "\n" for record in records)
