"""`parley try URL|FILE`: what would be taken from a page, dropped and judged; stores nothing."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from scheduler.cli.context import json_option, load
from scheduler.cli.output import cut, emit_json, harmless, local_time
from scheduler.config import Config
from scheduler.errors import CommandError, ConfigMissingError

if TYPE_CHECKING:
    from crawler.reading import PageReading
    from crawler.spiders.peeking import FetchedPage

_SHOWN_DROPPED: Final = 60
_COLUMNS: Final = 110
_OK: Final = range(200, 300)


@click.command()
@click.argument("page", metavar="URL|FILE")
@click.option("--as-url", default="", help="For a FILE: the address it was saved from.")
@click.option(
    "--html",
    "html_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page that shows both, in the order of the text.",
)
@json_option
@click.pass_context
def try_page(
    ctx: click.Context, page: str, as_url: str, *, html_file: Path | None, as_json: bool
) -> None:
    """Show what would be taken from a page as an article, and what would be thrown away.

    Give an address, which is fetched politely, or a saved page. Nothing is stored.
    """
    config = _config(ctx)
    fetched = _from_file(Path(page), as_url) if "://" not in page else _from_address(config, page)
    if fetched.status not in _OK:
        raise CommandError(f"{fetched.url} answered {fetched.status}; there is nothing to read.")
    reading = _read(config, fetched)
    if html_file is not None:
        _write(html_file, config, fetched, reading=reading)
    elif as_json:
        emit_json({"url": fetched.url, "reading": reading})
    else:
        _show(config, fetched.url, reading)


def _config(ctx: click.Context) -> Config:
    """The settings; the defaults do where there are none, because nothing is stored."""
    try:
        return load(ctx)
    except ConfigMissingError:
        return Config()


def _from_file(path: Path, url: str) -> "FetchedPage":
    from crawler.spiders.peeking import FetchedPage

    if path.is_dir():
        raise CommandError(f"{path} is a folder; name a saved page in it.")
    if not path.is_file():
        raise CommandError(f"{path}: there is no such file; an address begins with https://.")
    return FetchedPage(
        url=url or "https://saved.example/page.html",
        status=200,
        content_type="text/html",
        body=path.read_bytes(),
        fetched_at=datetime.now(UTC),
    )


def _from_address(config: Config, url: str) -> "FetchedPage":
    from crawler.clock import Clock
    from crawler.identity import normalise_url
    from scheduler.probing import probing

    address = normalise_url(url)
    if address is None:
        raise CommandError(f"{url} is not an http(s) address.", exit_code=2)

    async def look() -> "FetchedPage":
        async with probing(config, Clock()) as engine:
            return await engine.fetch(address)

    return asyncio.run(look())


def _read(config: Config, fetched: "FetchedPage") -> "PageReading":
    from crawler.extraction.site_rules import rules_for
    from crawler.reading import PageJob, read_page
    from scheduler.assembly import topic_definitions

    job = PageJob(
        body=fetched.body,
        url=fetched.url,
        content_type=fetched.content_type,
        fetched_at=fetched.fetched_at,
        topics=topic_definitions(config.topics),
        site=rules_for(
            [rules.of_site for rules in config.site_rules], fetched.url, fetched.fetched_at
        )
        if config.site_rules
        else None,
    )
    return read_page(job)


def _write(path: Path, config: Config, fetched: "FetchedPage", *, reading: "PageReading") -> None:
    from crawler.extraction.decoding import decode
    from crawler.extraction.page import Page, text_of
    from scheduler.cli.trial_page import Trial, trial_page

    page = Page(decode(fetched.body, content_type=fetched.content_type), url=fetched.url)
    trial = Trial(
        url=fetched.url, text=text_of(page.root), reading=reading, timezone=config.timezone
    )
    try:
        path.write_text(trial_page(trial), encoding="utf-8")
    except OSError as error:
        raise CommandError(
            f"{path} cannot be written ({(error.strerror or 'no access').lower()})."
        ) from None
    click.echo(f"Wrote {path}; open it in a browser.")


def _said(when: datetime | None, config: Config) -> str:
    return local_time(when, config.timezone) if when else "the page does not say"


def _show(config: Config, url: str, reading: "PageReading") -> None:
    click.echo(f"Address    {harmless(url)}")
    if reading.wall is not None:
        click.echo(f"No article: {reading.wall.kind.value} ({harmless(reading.wall.reason)})")
    content = reading.content
    if content is not None:
        click.echo(f"Headline   {harmless(content.title)}")
        click.echo(f"Authors    {harmless(', '.join(content.authors)) or 'none found'}")
        click.echo(f"Published  {_said(content.published, config)}")
        click.echo(f"Modified   {_said(content.modified, config)}")
        click.echo(f"Language   {content.language or 'not known'}")
        for verdict in reading.verdicts:
            state = "yes" if verdict.is_on_topic else "no"
            why = harmless("; ".join(verdict.reasons)) or "no term of it found"
            click.echo(f"Topic      {verdict.topic}: {state} ({verdict.score:.2f}; {why})")
        click.echo("\nTaken:")
        for block in content.blocks:
            click.echo(f"  {block.kind.value:<2} {harmless(block.text)}")
        for caption in content.captions:
            click.echo(f"  caption, kept apart: {harmless(caption)}")
    if reading.dropped:
        click.echo("\nThrown away, and by which rule:")
    for dropped in reading.dropped[:_SHOWN_DROPPED]:
        click.echo(f"  {harmless(dropped.rule)}: {cut(harmless(dropped.text), _COLUMNS)}")
    left = len(reading.dropped) - _SHOWN_DROPPED
    if left > 0:
        click.echo(f"  … and {left} more")
