"""`parley add URL`: look at an address, show what was found, write it into the file of settings."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click

from crawler.config import SourceConfig, read_web_address
from scheduler.cli.context import load
from scheduler.cli.output import counted, harmless
from scheduler.config import Config
from scheduler.config_file import append_entry, source_values
from scheduler.config_problems import shown
from scheduler.errors import CommandError
from storage.types import SourceKind

if TYPE_CHECKING:  # Scrapy comes with it
    from scheduler.probing import ProbeReport

_WRONG_USE: Final = 2
_EXAMPLES: Final = 5


@click.command()
@click.argument("url")
@click.option("--name", help="What you call it; the host's name otherwise.")
@click.option("--every", default="", help="How often it is looked at, such as 30m.")
@click.option("--outlet", default="", help="The publisher's name as alerts show it.")
@click.option("--dry-run", is_flag=True, help="Show what is found, write nothing.")
@click.option("--blind", is_flag=True, help="Write it without looking at it first.")
@click.pass_context
def add(ctx: click.Context, url: str, **options: object) -> None:
    """Add a home page, section, feed, sitemap or single article to parley.toml.

    Looks at the address once and shows what it finds there.
    """
    config = load(ctx)
    address = _checked(url)
    _refuse_known(config, address)
    kind = SourceKind.AUTO
    if not options["blind"]:
        report = _probe(address, config)
        if report.kind is None:
            raise CommandError(
                f"{address}: {report.problem or 'nothing could be read there'}. Nothing was "
                "written; --blind adds it all the same."
            )
        _show(report)
        kind = report.kind
    if options["dry_run"]:
        click.echo("Nothing was written (--dry-run).")
        return
    source = _source(config, address, kind=kind, options=options)
    path = config.path or Path("parley.toml")
    append_entry(path, "sources", source_values(source))
    click.echo(f"Added {source.name!r} to {shown(path)}.")
    click.echo("If `parley run` runs already, `parley reload` lets it know.")


def _checked(url: str) -> str:
    try:
        return read_web_address(url if "://" in url else f"https://{url}")
    except ValueError as error:
        raise CommandError(f"{error}.", exit_code=_WRONG_USE) from None


def _refuse_known(config: Config, url: str) -> None:
    for source in config.sources:
        if source.url.rstrip("/") == url.rstrip("/"):
            raise CommandError(f"{url} is there already, as {source.name!r}; nothing was changed.")


def _probe(url: str, config: Config) -> "ProbeReport":
    from crawler.clock import Clock
    from scheduler.probing import probe, probing

    async def look() -> "ProbeReport":
        async with probing(config, Clock()) as engine:
            return await probe(engine, url)

    click.echo(f"Looking at {url} …", err=True)
    return asyncio.run(look())


def _show(report: "ProbeReport") -> None:
    words = {
        SourceKind.FEED: "A feed",
        SourceKind.SITEMAP: "A sitemap",
        SourceKind.SECTION: "A page that links to articles",
        SourceKind.PAGE: "One article",
    }
    what = words.get(report.kind or SourceKind.AUTO, "A page")
    if report.kind is SourceKind.PAGE:
        click.echo(f"{what}: {harmless(report.title)}")
        for verdict in report.verdicts:
            state = "on" if verdict.is_on_topic else "not on"
            reasons = harmless("; ".join(verdict.reasons))
            click.echo(f"  {state} the topic {verdict.topic}" + (f": {reasons}" if reasons else ""))
        return
    click.echo(f"{what}, with {counted(len(report.leads), 'address', 'addresses')} now.")
    for lead in report.leads[:_EXAMPLES]:
        click.echo(f"  {harmless(lead.title or lead.url)}")
    if report.feeds:
        click.echo(f"It announces {counted(len(report.feeds), 'feed', 'feeds')}, read too:")
        for feed in report.feeds[:_EXAMPLES]:
            click.echo(f"  {harmless(feed)}")
    if report.warning:
        click.echo(f"Note: {harmless(report.warning)}")


def _source(
    config: Config, url: str, *, kind: SourceKind, options: dict[str, object]
) -> SourceConfig:
    from pydantic import ValidationError

    name = options["name"] or _free_name(config, url)
    values = {"name": name, "url": url, "kind": kind, "outlet": options["outlet"] or ""}
    if options["every"]:
        values["every"] = options["every"]
    if config.source(str(name)):
        raise CommandError(f"there is a source {name!r} already; choose another --name.")
    try:
        return SourceConfig.model_validate(values)
    except ValidationError as error:
        text = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise CommandError(f"{text}.", exit_code=_WRONG_USE) from None


def _free_name(config: Config, url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    path = parts.path.strip("/").split("/")[0]
    names = [host, f"{host} {path}".strip(), *(f"{host} {number}" for number in range(2, 1000))]
    return next(name[:100] for name in names if config.source(name[:100]) is None)
