"""Read what was seen, when, and what changed; decides nothing and writes nothing.

Every list is bounded and takes a fixed number of statements; pages go on from the last id.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, aliased

from storage import glance, rows
from storage.errors import CorruptTextError, NotFoundError
from storage.glance import ArticleFilter, ChangeRow
from storage.kinds import part_words
from storage.models import Address, Decision, Page
from storage.models import Article as ArticleRow
from storage.models import Version as VersionRow
from storage.texts import unpacked
from storage.types import (
    Article,
    Change,
    TopicVerdict,
    Version,
    VersionState,
    VersionText,
)

MOST_VERSIONS: Final = 500
"""Of one article, listed at once; a live blog may have more."""

MOST_DECISIONS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionHead:
    """A version without its text, and the changes that led to it."""

    id: int
    number: int
    state: VersionState
    seen_at: datetime
    title: str
    language: str
    authors: tuple[str, ...]
    published: datetime | None
    modified: datetime | None
    is_partial: bool
    is_feed_only: bool
    length: int  # characters
    verdicts: tuple[TopicVerdict, ...]
    changes: tuple[Change, ...] = ()

    @property
    def known_part(self) -> str:
        """How much of the article is known by it, in words; "" for all of it."""
        return part_words(is_partial=self.is_partial, is_feed_only=self.is_feed_only)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRow:
    """An address an article has or had; `to_at` is None for the present one."""

    url: str
    from_at: datetime
    to_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """What was decided about an address, and why."""

    url: str
    at: datetime
    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """What is known of an address that was offered or asked for."""

    url: str
    article_id: int | None
    found_at: datetime
    lead_title: str
    last_checked_at: datetime | None
    next_check_at: datetime | None
    last_outcome: str
    last_reason: str
    looks: int
    failures: int
    fed_by: str  # address of the feed that is read in its place; "" where it is fetched


def runner(tx: Session) -> glance.Run:
    """Run the plain statements of `glance` in this unit of work."""
    is_sqlite = tx.get_bind().dialect.name == "sqlite"

    def run(statement: str, values: glance.Parameters) -> Iterable[Mapping[str, Any]]:
        bound = {n: glance.sqlite_value(v) for n, v in values.items()} if is_sqlite else values
        return [dict(row) for row in tx.execute(text(statement), bound).mappings()]

    return run


# -- articles ------------------------------------------------------------------------------------


def article(tx: Session, id_or_url: int | str) -> Article:
    """Give an article by its id, or by an address it has or had (normalised).

    Raises:
        NotFoundError: There is none.
    """
    found = articles_by_id(tx, [_article_id(tx, id_or_url)])
    if not found:
        raise NotFoundError(f"There is no article {id_or_url}; `parley list` shows what is there.")
    return next(iter(found.values()))


def _article_id(tx: Session, id_or_url: int | str) -> int:
    if isinstance(id_or_url, int):
        return id_or_url
    if id_or_url.isascii() and id_or_url.isdigit():
        return int(id_or_url)
    found = tx.scalar(
        select(Address.article_id).where(Address.url == id_or_url).order_by(Address.id.desc())
    )
    if found is None:
        found = tx.scalar(select(Page.article_id).where(Page.url == id_or_url))
    if found is None:
        found = tx.scalar(select(ArticleRow.id).where(ArticleRow.url == id_or_url))
    if found is None:
        raise NotFoundError(
            f"No article is known at {id_or_url}; `parley why {id_or_url}` tells what was decided."
        )
    return found


def articles_by_id(tx: Session, ids: Collection[int]) -> dict[int, Article]:
    """Give articles by their ids; unknown ones are left out."""
    wanted = ArticleFilter(article_ids=tuple(id_ for id_ in ids if _is_id(id_)))
    found = glance.articles(runner(tx), wanted, limit=glance.MOST_ROWS)
    return {article.id: article for article in found}


def _is_id(number: int) -> bool:
    """More than 63 bits fit into no column, and would be an error instead of "not found"."""
    return 0 < number < 2**63


def articles(
    tx: Session, wanted: ArticleFilter, *, before_id: int | None = None, limit: int = 30
) -> list[Article]:
    """List articles, newest first: those with an id below `before_id`, at most `limit`."""
    return glance.articles(runner(tx), wanted, before_id=before_id, limit=limit)


def count_articles(tx: Session, wanted: ArticleFilter) -> int:
    """Count the articles a filter lets pass."""
    terms, values = glance.article_terms(wanted)
    where = f" WHERE {' AND '.join(terms)}" if terms else ""
    statement = f"SELECT COUNT(*) AS n {glance.FROM_ARTICLE}{where}"
    return int(next(iter(runner(tx)(statement, values)))["n"])


def outlets(tx: Session) -> list[str]:
    """The names by which changes can be filtered: outlets, each once, in order."""
    statement = "SELECT DISTINCT COALESCE(NULLIF(outlet, ''), name) AS name FROM source LIMIT 1000"
    return sorted((row["name"] for row in runner(tx)(statement, {})), key=str.casefold)


# -- changes -------------------------------------------------------------------------------------


def changes(
    tx: Session, wanted: ArticleFilter, *, before_id: int | None = None, limit: int = 30
) -> list[ChangeRow]:
    """List changes, newest first: those with an id below `before_id`, at most `limit`."""
    return glance.changes(runner(tx), wanted, before_id=before_id, limit=limit)


def changes_by_id(tx: Session, ids: Collection[int]) -> list[ChangeRow]:
    """Give changes with their articles, oldest first; unknown ids are left out."""
    found: list[ChangeRow] = []
    wanted = list(ids)
    for begin in range(0, len(wanted), glance.MOST_ROWS):
        some = ArticleFilter(change_ids=tuple(wanted[begin : begin + glance.MOST_ROWS]))
        found += glance.changes(runner(tx), some, limit=glance.MOST_ROWS)
    return sorted(found, key=lambda row: row.change.id)


# -- versions ------------------------------------------------------------------------------------


def version(tx: Session, version_id: int) -> Version:
    """Give a version with its text.

    Raises:
        NotFoundError: There is none.
        CorruptTextError: Its text is damaged.
    """
    found = versions_by_id(tx, [version_id])
    if not found:
        raise NotFoundError(f"There is no version {version_id}.")
    return found[version_id]


def version_numbered(tx: Session, article_id: int, number: int) -> Version:
    """Give a version of an article by its number within the article, from 1.

    Raises:
        NotFoundError: There is none.
    """
    found = None
    if _is_id(number):
        found = tx.scalar(
            select(VersionRow.id).where(
                VersionRow.article_id == article_id, VersionRow.number == number
            )
        )
    if found is None:
        raise NotFoundError(f"Article {article_id} has no version number {number}.")
    return version(tx, found)


def versions_by_id(tx: Session, ids: Collection[int]) -> dict[int, Version]:
    """Give versions with their texts, each by its id; one statement for all of them."""
    wanted = [id_ for id_ in ids if _is_id(id_)]
    if not wanted:
        return {}
    first = (
        select(VersionRow.id, VersionRow.base_id, VersionRow.number)
        .where(VersionRow.id.in_(wanted))
        .cte("chain", recursive=True)
    )
    base = aliased(VersionRow)
    # A base has a smaller number than what stands on it; damaged rows must not make this endless.
    chain = first.union(
        select(base.id, base.base_id, base.number)
        .join(first, first.c.base_id == base.id)
        .where(base.number < first.c.number)
    )
    loaded = {
        row.id: row
        for row in tx.scalars(select(VersionRow).where(VersionRow.id.in_(select(chain.c.id))))
    }
    texts: dict[int, str] = {}
    return {
        id_: _version(loaded[id_], _text(loaded, id_, texts)) for id_ in wanted if id_ in loaded
    }


def _text(loaded: Mapping[int, VersionRow], version_id: int, texts: dict[int, str]) -> str:
    """Unpack a version's text, and those it stands on, into `texts`."""
    chain: list[VersionRow] = []
    wanted: int | None = version_id
    while wanted is not None and wanted not in texts:
        if wanted not in loaded:
            raise CorruptTextError(version_id)
        chain.append(loaded[wanted])
        wanted = loaded[wanted].base_id
    for row in reversed(chain):
        texts[row.id] = unpacked(row, base=texts.get(row.base_id or 0))
    return texts[version_id]


def _version(row: VersionRow, plain: str) -> Version:
    return Version(
        id=row.id,
        article_id=row.article_id,
        number=row.number,
        state=VersionState(row.state),
        seen_at=row.seen_at,
        title=row.title,
        authors=tuple(row.authors),
        published=row.published,
        modified=row.modified,
        language=row.language,
        blocks=rows.blocks(row.block_kinds, plain),
        captions=tuple(row.captions),
        is_partial=row.is_partial,
        is_feed_only=row.is_feed_only,
        verdicts=rows.verdicts(row.verdicts),
    )


def version_text(found: Version) -> VersionText:
    """The part of a version that is compared."""
    return VersionText(
        title=found.title,
        blocks=found.blocks,
        modified=found.modified,
        published=found.published,
        language=found.language,
    )


def versions(
    tx: Session,
    article_id: int,
    *,
    before_number: int | None = None,
    limit: int = MOST_VERSIONS,
) -> list[VersionHead]:
    """List an article's versions, newest first, each with the changes that led to it."""
    v = VersionRow
    columns = (
        v.id,
        v.number,
        v.state,
        v.seen_at,
        v.title,
        v.language,
        v.authors,
        v.published,
        v.modified,
        v.is_partial,
        v.is_feed_only,
        v.text_length,
        v.verdicts,
    )
    statement = select(*columns).where(v.article_id == article_id)
    if before_number is not None:
        statement = statement.where(v.number < before_number)
    statement = statement.order_by(v.number.desc()).limit(min(limit, MOST_VERSIONS))
    found = tx.execute(statement).all()
    led_to: dict[int, list[Change]] = {}
    wanted = ArticleFilter(article_ids=(article_id,))
    for row in changes(tx, wanted, limit=glance.MOST_ROWS):
        if row.change.to_version not in (None, row.change.from_version):  # not gone, back, moved
            led_to.setdefault(row.change.to_version or 0, []).append(row.change)
    return [
        VersionHead(
            id=row.id,
            number=row.number,
            state=VersionState(row.state),
            seen_at=row.seen_at,
            title=row.title,
            language=row.language,
            authors=tuple(row.authors),
            published=row.published,
            modified=row.modified,
            is_partial=row.is_partial,
            is_feed_only=row.is_feed_only,
            length=row.text_length,
            verdicts=rows.verdicts(row.verdicts),
            changes=tuple(led_to.get(row.id, ())),
        )
        for row in found
    ]


def latest_two(tx: Session, article_id: int) -> tuple[int, int] | None:
    """The numbers of the last two believed versions, older first; None if there is but one."""
    statement = (
        select(VersionRow.number)
        .where(
            VersionRow.article_id == article_id,
            VersionRow.state == VersionState.CONFIRMED.value,
        )
        .order_by(VersionRow.number.desc())
        .limit(2)
    )
    found = tx.scalars(statement).all()
    return (found[1], found[0]) if len(found) == 2 else None  # noqa: PLR2004 - a pair


def believed_before(tx: Session, article_id: int, number: int) -> int | None:
    """The number of the last believed version before this one; None for the first."""
    return tx.scalar(
        select(func.max(VersionRow.number)).where(
            VersionRow.article_id == article_id,
            VersionRow.number < number,
            VersionRow.state == VersionState.CONFIRMED.value,
        )
    )


def version_ids(tx: Session, article_id: int, numbers: Sequence[int]) -> list[int | None]:
    """The ids of an article's versions by their numbers, in that order; None for what is not there."""
    wanted = [number for number in numbers if _is_id(number)]
    found = {
        row.number: row.id
        for row in tx.execute(
            select(VersionRow.number, VersionRow.id).where(
                VersionRow.article_id == article_id, VersionRow.number.in_(wanted)
            )
        )
    }
    return [found.get(number) for number in numbers]


# -- addresses and decisions ---------------------------------------------------------------------


def addresses(tx: Session, article_id: int, *, limit: int = 100) -> list[AddressRow]:
    """The addresses an article has and had, newest first."""
    statement = (
        select(Address.url, Address.from_at, Address.to_at)
        .where(Address.article_id == article_id)
        .order_by(Address.to_at.is_not(None), Address.id.desc())
        .limit(limit)
    )
    return [
        AddressRow(url=row.url, from_at=row.from_at, to_at=row.to_at)
        for row in tx.execute(statement)
    ]


def page(tx: Session, url: str) -> PageRow | None:
    """What is known of an address (normalised); None if nobody ever offered it."""
    row = tx.scalar(select(Page).where(Page.url == url))
    if row is None:
        return None
    return PageRow(
        url=row.url,
        article_id=row.article_id,
        found_at=row.found_at,
        lead_title=row.lead_title,
        last_checked_at=row.last_checked_at,
        next_check_at=row.next_check_at,
        last_outcome=row.last_outcome,
        last_reason=row.last_reason,
        looks=row.looks,
        failures=row.failures,
        fed_by=row.fed_by,
    )


def decisions(
    tx: Session, url_or_article: str | int, *, limit: int = MOST_DECISIONS
) -> list[DecisionRow]:
    """What was decided about an address, or an article at all its addresses; the last ones, oldest first."""
    statement = select(Decision.id, Decision.url, Decision.at, Decision.what, Decision.reason)
    if isinstance(url_or_article, str):
        statement = statement.where(Decision.url == url_or_article)
    else:
        statement = statement.where(Decision.article_id == url_or_article)
    newest = tx.execute(statement.order_by(Decision.id.desc()).limit(limit)).all()
    return [
        DecisionRow(url=row.url, at=row.at, what=row.what, reason=row.reason)
        for row in reversed(newest)
    ]
