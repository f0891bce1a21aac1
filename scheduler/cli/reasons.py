"""Why an address is stored, left out or unknown: what was decided, and what the settings would say."""

from collections.abc import Iterator
from dataclasses import dataclass

import click
from sqlalchemy.orm import Session

from crawler.identity import normalise_url
from crawler.observing import matches
from scheduler.cli.output import counted, harmless, local_time
from scheduler.cli.reading import print_decisions, print_verdicts
from scheduler.config import Config
from scheduler.errors import CommandError
from storage import history
from storage.candidates import Try
from storage.errors import NotFoundError
from storage.history import DecisionRow, PageRow
from storage.origins import Origin, origin
from storage.shapes import Promise
from storage.types import Article, TopicVerdict
from storage.urls import site_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSays:
    """What one source of the same site says about an address."""

    source: str
    is_enabled: bool
    left_out_by: str  # "" where its allow and deny lines take the address


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """All that is known of an address or article."""

    asked: str
    url: str
    article: Article | None
    page: PageRow | None
    origin: Origin
    verdicts: tuple[TopicVerdict, ...]
    decisions: tuple[DecisionRow, ...]
    sources: tuple[SourceSays, ...]


def reasons(tx: Session, config: Config, asked: str) -> Reasons:
    """Find what was decided about an address (or an article's number), in order.

    Raises:
        NotFoundError: No article has that number.
        CommandError: It is neither a number nor a web address.
    """
    if asked.isascii() and asked.isdigit():
        article = history.article(tx, int(asked))
        url = article.url
    else:
        found = normalise_url(asked)
        if found is None:
            raise CommandError(
                f"{asked}: is neither the number of an article nor a web address; write https://…"
            )
        url, article = found, _article_at(tx, found)
    decisions = {(row.at, row.what, row.reason): row for row in history.decisions(tx, url)}
    if article is not None:
        of_article = history.decisions(tx, article.id)
        decisions |= {(row.at, row.what, row.reason): row for row in of_article}
    heads = history.versions(tx, article.id, limit=1) if article else []
    return Reasons(
        asked=asked,
        url=url,
        article=article,
        page=history.page(tx, url),
        origin=origin(tx, url),
        verdicts=heads[0].verdicts if heads else (),
        decisions=tuple(sorted(decisions.values(), key=lambda row: row.at)),
        sources=tuple(_sources_say(config, url)),
    )


def _article_at(tx: Session, url: str) -> Article | None:
    try:
        return history.article(tx, url)
    except NotFoundError:
        return None


def _sources_say(config: Config, url: str) -> Iterator[SourceSays]:
    site = site_of(url)
    for source in config.sources:
        if site_of(normalise_url(source.url) or source.url) == site:
            yield SourceSays(
                source=source.name,
                is_enabled=source.enabled,
                left_out_by=matches(url, allow=source.allow, deny=source.deny),
            )


def print_reasons(found: Reasons, *, zone: str) -> None:
    """Print them as sentences, oldest decision first."""
    for line in _lines(found, zone):
        click.echo(harmless(line))
    print_verdicts(found.verdicts)
    print_decisions(found.decisions, zone=zone, url=found.url)


def _lines(found: Reasons, zone: str) -> Iterator[str]:
    yield found.url
    article, page = found.article, found.page
    if article is not None:
        yield f"article {article.id}: {article.title} ({article.state}, {article.versions} versions)"
    if page is None and article is None and not found.origin.further_of:
        yield "never seen: no source offered this address, and nobody asked for it."
    if page is not None:
        yield from _page_lines(page, found.origin, zone)
    yield from _further_lines(found.origin, zone)
    yield from _source_lines(found)


def _further_lines(origin: Origin, zone: str) -> Iterator[str]:
    for further in origin.further_of:
        status = further.status
        what = f"{status.found_by}, by source {further.source}"
        if status.state == Try.WORKS:
            yield f"read with it as a {status.kind}: {what}"
        elif status.state == Try.FAILED:
            again = local_time(status.next_check_at, zone)
            yield f"tried in vain as a {status.kind} ({status.last_reason}): {what}; again {again}"
        else:
            yield f"not tried yet as a {status.kind}: {what}"
    if origin.promise is Promise.OTHER:
        yield f"built as {origin.shape}, like pages of this site that were no articles: left out"
    elif origin.promise is Promise.ARTICLE:
        yield f"built as {origin.shape}, like articles of this site"


def _page_lines(page: PageRow, origin: Origin, zone: str) -> Iterator[str]:
    by = f" by source {origin.source}" if origin.source else ""
    where = f", in {origin.via}" if origin.via else ""
    yield f"found {local_time(page.found_at, zone)}{by}{where}"
    yield f"looked at {counted(page.looks, 'time', 'times')}"
    if page.last_checked_at is not None:
        reason = f" ({page.last_reason})" if page.last_reason else ""
        when = local_time(page.last_checked_at, zone)
        yield f"last look {when}: {page.last_outcome}{reason}"
    if page.fed_by:
        yield f"feed only: looked at whenever {page.fed_by} is read and names it; its page is not fetched"
    elif page.next_check_at is None:
        yield "not looked at again"
    else:
        yield f"next look {local_time(page.next_check_at, zone)}"


def _source_lines(found: Reasons) -> Iterator[str]:
    site = site_of(found.url)
    if not found.sources:
        yield f"no source of your settings is on {site}; `parley add {found.url}` adds one."
    for says in found.sources:
        off = "" if says.is_enabled else " (off)"
        verdict = f"leaves it out: {says.left_out_by}" if says.left_out_by else "takes its path"
        yield f"source {says.source}{off} {verdict}"
