"""`parley try URL|FILE`: what would be taken from a page, dropped and judged; stores nothing."""

import asyncio
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from scheduler.cli.context import json_option, load
from scheduler.cli.output import counted, cut, emit_json, harmless, local_time
from scheduler.config import Config
from scheduler.errors import CommandError, ConfigMissingError

if TYPE_CHECKING:
    from crawler.reading import PageJob, PageReading
    from crawler.spiders.peeking import FetchedPage
    from storage.types import ArticleContent

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
    help="Write a page for your browser that shows both in the page's order.",
)
@json_option
@click.pass_context
def try_page(
    ctx: click.Context, page: str, as_url: str, *, html_file: Path | None, as_json: bool
) -> None:
    """Show what would be taken from a page as an article, and what would be thrown away.

    Give an address, which is fetched politely, or a saved page. Nothing is stored.
    """
    from crawler.errors import ReadingError
    from crawler.reading import read_page

    config = _config(ctx)
    is_address = "://" in page
    if html_file is not None and not is_address and html_file.resolve() == Path(page).resolve():
        raise CommandError(f"{page} is the page to be read; name another file.", exit_code=2)
    fetched = _from_address(config, page) if is_address else _from_file(config, Path(page), as_url)
    if fetched.status not in _OK:
        raise CommandError(f"{fetched.url} answered {fetched.status}; there is nothing to read.")
    job = _job(config, fetched)
    try:
        reading = read_page(job)
    except ReadingError as error:
        raise CommandError(f"{fetched.url}: {error}") from None
    if html_file is not None:
        _draw(html_file, job, reading, timezone=config.timezone)
    elif as_json:
        emit_json({"url": fetched.url, "reading": reading})
    else:
        _show(job, reading, timezone=config.timezone)


def _config(ctx: click.Context) -> Config:
    """The settings; the defaults do where there are none, because nothing is stored."""
    try:
        return load(ctx)
    except ConfigMissingError:
        return Config()


def _from_file(config: Config, path: Path, url: str) -> "FetchedPage":
    from crawler.spiders.peeking import FetchedPage

    if path.is_dir():
        raise CommandError(f"{path} is a folder; name a saved page in it.")
    if path.exists() and not path.is_file():
        raise CommandError(f"{path} is not a file.")
    if not path.is_file():
        raise CommandError(
            f"{path}: there is no such file; write an address with https:// at its beginning."
        )
    most = config.fetch.max_size_mb
    try:
        if path.stat().st_size > most * 1024 * 1024:
            raise CommandError(f"{path} is larger than {most} MB (fetch.max_size_mb); no page is.")
        body = path.read_bytes()
    except OSError as error:
        raise CommandError(
            f"{path} cannot be read ({_why(error)}); check its permissions."
        ) from None
    return FetchedPage(
        url=_address(url) if url else "https://saved.example/page.html",
        status=200,
        content_type="text/html",
        body=body,
        fetched_at=datetime.now(UTC),
    )


def _address(url: str) -> str:
    from crawler.identity import normalise_url

    address = normalise_url(url)
    if address is None:
        raise CommandError(
            f"{harmless(url)} is not an address of the web; write one with http:// or https://.",
            exit_code=2,
        )
    return address


def _why(error: OSError) -> str:
    return (error.strerror or "no access").lower()


def _from_address(config: Config, url: str) -> "FetchedPage":
    from crawler.clock import Clock
    from scheduler.probing import probing

    address = _address(url)

    async def look() -> "FetchedPage":
        async with probing(config, Clock()) as engine:
            return await engine.fetch(address)

    return asyncio.run(look())


def _job(config: Config, fetched: "FetchedPage") -> "PageJob":
    from crawler.extraction.site_rules import rules_for
    from crawler.reading import PageJob
    from scheduler.assembly import topic_definitions
    from storage.urls import site_of

    site = site_of(fetched.url)
    rules = [rules.of_site for rules in config.site_rules]
    ignored = [one.ignore_patterns for one in config.sources if site_of(one.url) == site]
    return PageJob(
        body=fetched.body,
        url=fetched.url,
        content_type=fetched.content_type,
        fetched_at=fetched.fetched_at,
        topics=topic_definitions(config.topics),
        ignore=tuple(dict.fromkeys(chain.from_iterable(ignored))),
        site=rules_for(rules, fetched.url, fetched.fetched_at) if rules else None,
    )


def _draw(path: Path, job: "PageJob", reading: "PageReading", *, timezone: str) -> None:
    from crawler.extraction.decoding import decode
    from crawler.extraction.page import Page
    from scheduler.cli.trial import laid_out
    from scheduler.cli.trial_page import Trial, trial_page

    page = Page(decode(job.body, content_type=job.content_type), url=job.url)
    trial = Trial(
        reading=reading,
        facts=_facts(job, reading, timezone=timezone),
        pieces=laid_out(page.root, reading),
    )
    try:
        path.write_text(trial_page(trial), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written ({_why(error)}).") from None
    click.echo(f"Wrote {path}; open it in a browser.")


def _facts(job: "PageJob", reading: "PageReading", *, timezone: str) -> list[tuple[str, str]]:
    """What is told of a page besides its text, as names and words."""
    facts = [("Address", job.url)]
    content = reading.content or reading.teaser
    if content is not None:
        facts += [
            ("Canonical", content.canonical or "the page declares none"),
            ("Authors", ", ".join(content.authors) or "none found"),
            ("Published", _said(content.published, timezone)),
            ("Modified", _said(content.modified, timezone)),
            ("Language", content.language or "not known"),
            ("Text", _size_of(content)),
        ]
    for verdict in reading.verdicts:
        state = "on it" if verdict.is_on_topic else "not on it"
        why = "; ".join(verdict.reasons) or "no term of it found"
        facts.append((f"Topic {verdict.topic}", f"{state} ({verdict.score:.2f}): {why}"))
    if job.site is not None:
        facts.append(("Your rules", job.site.name))
    return facts


def _said(when: datetime | None, timezone: str) -> str:
    return local_time(when, timezone) if when else "the page does not say"


def _size_of(content: "ArticleContent") -> str:
    blocks = counted(len(content.blocks), "block", "blocks")
    part = ", the part that is open to all" if content.is_partial else ""
    return f"{blocks}, {len(content.text):,} characters{part}"


def _show(job: "PageJob", reading: "PageReading", *, timezone: str) -> None:
    if reading.wall is not None:
        wall = reading.wall
        click.echo(f"No article: {wall.kind.value} ({harmless(wall.reason)})")
    content = reading.content or reading.teaser
    if content is not None:
        click.echo(f"{'Headline':<12} {harmless(content.title)}")
    for name, value in _facts(job, reading, timezone=timezone):
        click.echo(f"{harmless(name):<12} {harmless(value)}")
    if content is not None:
        click.echo("\nTaken:" if reading.content else "\nOpen to all:")
        for block in content.blocks:
            click.echo(f"  {block.kind.value:<2} {harmless(block.text)}")
        for caption in content.captions:
            click.echo(f"  caption, kept apart: {harmless(caption)}")
    _show_dropped(reading)


def _show_dropped(reading: "PageReading") -> None:
    from crawler.extraction.reasons import reason_of

    content = reading.content or reading.teaser
    captions = content.captions if content else ()
    gone = [piece for piece in reading.dropped if piece.text not in captions]
    by_rule: dict[str, list[str]] = {}
    for piece in gone[:_SHOWN_DROPPED]:
        by_rule.setdefault(piece.rule, []).append(piece.text)
    if by_rule:
        click.echo("\nThrown away, and by which rule:")
    for rule, texts in by_rule.items():
        reason = reason_of(rule)
        click.echo(f"  {harmless(rule)}" + (f": {reason}" if reason else ""))
        for text in texts:
            click.echo(f"     {cut(harmless(text), _COLUMNS)}")
    left = len(gone) - _SHOWN_DROPPED
    if left > 0:
        click.echo(f"  … and {left} more; --html FILE shows them all")
