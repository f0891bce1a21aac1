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
    from scheduler.probing import ProbeReport, TriedSource

_WRONG_USE: Final = 2
_EXAMPLES: Final = 5
_MOST_SHOWN: Final = 8


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

    Looks at the address and shows what it finds there. A home page is asked for its feeds, sitemaps
    and sections too; `parley run` reads those that work with it.
    """
    config = load(ctx)
    address = _checked(url)
    _refuse_known(config, address)
    kind = SourceKind.AUTO
    if not options["blind"]:
        report = _probe(address, config)
        if report.kind is None and not _works(report):
            raise CommandError(
                f"{address}: {report.problem or 'nothing could be read there'}. Nothing was "
                "written; --blind adds it all the same."
            )
        _show(report)
        kind = _kind(report)
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
    from scheduler.probing import probe, probing, search

    async def look() -> "ProbeReport":
        async with probing(config, Clock()) as engine:
            return await search(engine, await probe(engine, url))

    click.echo(f"Looking at {url} …", err=True)
    return asyncio.run(look())


def _works(report: "ProbeReport") -> "list[TriedSource]":
    return [one for one in report.tried if not one.problem]


def _kind(report: "ProbeReport") -> SourceKind:
    """Give the kind that is written: none for a page of links, so that what it leads to is read too."""
    pages = {None, SourceKind.SECTION}
    return SourceKind.AUTO if report.kind in pages else report.kind or SourceKind.AUTO


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
    if report.kind is None:
        click.echo(f"The page itself cannot be read: {harmless(report.problem)}.")
    else:
        click.echo(f"{what}, with {counted(len(report.leads), 'address', 'addresses')} now.")
    for lead in report.leads[:_EXAMPLES]:
        click.echo(f"  {harmless(lead.title or lead.url)}")
    closed = sum(bool(lead.closed) for lead in report.leads)
    if closed:
        click.echo(f"Note: robots.txt does not allow {closed} of these pages:")
        click.echo("  headline and summary of the feed are watched in their place.")
    if report.warning:
        click.echo(f"Note: {harmless(report.warning)}")
    _show_tried(report)


def _show_tried(report: "ProbeReport") -> None:
    works = _works(report)
    failed = [one for one in report.tried if one.problem]
    if works:
        click.echo("It leads to these, which are read with it:")
    for one in works:
        shared = f", {one.shared} of them on the page" if report.leads else ""
        count = counted(one.leads, "address", "addresses")
        click.echo(f"  {one.kind} {harmless(one.url)} ({one.found_by}): {count}{shared}")
    if failed:
        click.echo("Tried in vain, and again in a week:")
    for one in failed[:_MOST_SHOWN]:
        click.echo(f"  {harmless(one.url)} ({one.found_by}): {harmless(one.problem)}")
    if len(failed) > _MOST_SHOWN:
        click.echo(f"  and {len(failed) - _MOST_SHOWN} more usual places")


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
