"""Which parameters of an address change nothing at a site, as its own pages prove.

Two addresses that differ in one parameter only, both answer and say the same to the letter are one
article; after several such pairs, and no two articles that differ in that parameter, an address that
differs from a known one in it alone is not even asked for. No list of names is kept here: that of
the names everybody uses is `crawler.identity`'s.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Page, Site
from storage.urls import site_of

PROOFS: Final = 3  # pairs that say the same
_MOST_NAMES: Final = 50  # of a site
_MOST_LOOKED_AT: Final = 50  # addresses of one path


def only_difference(a: str, b: str) -> str | None:
    """Name the one parameter in which two addresses differ; None where they differ otherwise or not."""
    first, second = urlsplit(a), urlsplit(b)
    if first[:3] != second[:3]:
        return None
    differing = _parameters(first.query) ^ _parameters(second.query)
    names = {name for name, _ in differing}
    return names.pop() if len(names) == 1 else None


def _parameters(query: str) -> set[tuple[str, str]]:
    return set(parse_qsl(query, keep_blank_values=True))


def may_change_nothing(site: Site, name: str) -> bool:
    """Say whether no two articles of a site are known that differ in a parameter alone."""
    return not site.parameters.get(name, (0, 0))[1]


def note_same(site: Site, name: str) -> None:
    """Count a pair of addresses, different in this parameter, that said the same."""
    same, other = site.parameters.get(name, (0, 0))
    if name in site.parameters or len(site.parameters) < _MOST_NAMES:
        site.parameters = site.parameters | {name: [same + 1, other]}


def note_article(tx: Session, page: Page) -> None:
    """Count what a new article's address proves: a parameter that told it from another one."""
    site = tx.get_one(Site, page.site_id)
    names = {
        name
        for url, article_id in _beside(tx, page.url)
        if article_id not in (None, page.article_id) and (name := only_difference(url, page.url))
    }
    for name in names:
        same, other = site.parameters.get(name, (0, 0))
        if not other and (name in site.parameters or len(site.parameters) < _MOST_NAMES):
            site.parameters = site.parameters | {name: [same, other + 1]}


def is_known_otherwise(tx: Session, url: str) -> bool:
    """Say whether a known address differs from this one in a parameter only that changes nothing."""
    if "?" not in url:
        return False
    site = tx.scalar(select(Site).where(Site.name == site_of(url)))
    if site is None or not site.parameters:
        return False
    idle = {name for name, (same, other) in site.parameters.items() if same >= PROOFS and not other}
    return bool(idle) and any(only_difference(known, url) in idle for known, _ in _beside(tx, url))


def _beside(tx: Session, url: str) -> Iterator[tuple[str, int | None]]:
    """Give the addresses of the same path, and their articles; none where this one has no parameter."""
    path, mark, _ = url.partition("?")
    if mark:
        is_beside = (Page.url == path) | Page.url.startswith(f"{path}?", autoescape=True)
        found = select(Page.url, Page.article_id).where(is_beside, Page.url != url)
        for row in tx.execute(found.limit(_MOST_LOOKED_AT)):
            yield row.url, row.article_id
