"""Keep how often addresses of each shape were articles on a site, and hand out what that teaches.

What a shape is and what is believed from the counts is `storage.shapes`' to say.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Page, Site
from storage.shapes import Shapes, believed, shape_of
from storage.urls import site_of

_MOST_SHAPES: Final = 200
_ENOUGH: Final = 50  # more of one kind teach nothing, and would be written for ever
_ARTICLES, _OTHERS, _FED = range(3)


def shapes_of(site: Site) -> Shapes:
    """Give what is believed of a site's addresses."""
    return believed(site.shapes)


def count_fed(tx: Session, urls: Iterable[str]) -> None:
    """Count addresses that a feed offered: a publisher's own word that these are articles."""
    by_site: dict[str, list[str]] = {}
    for url in urls:
        by_site.setdefault(site_of(url), []).append(url)
    for site in tx.scalars(select(Site).where(Site.name.in_(by_site))):
        _count(site, by_site[site.name], _FED)


def count_read(tx: Session, page: Page, *, is_article: bool) -> None:
    """Count what the first reading of an address showed: an article, or none."""
    site = tx.get_one(Site, page.site_id)
    _count(site, [page.url], _ARTICLES if is_article else _OTHERS)


def is_hopeless(tx: Session, page: Page) -> bool:
    """Say whether an address that showed no article is built like many that never do."""
    return shape_of(page.url) in shapes_of(tx.get_one(Site, page.site_id)).others


def _count(site: Site, urls: Iterable[str], what: int) -> None:
    known = {shape: list(numbers) for shape, numbers in site.shapes.items()}
    is_changed = False
    for url in urls:
        numbers = known.setdefault(shape_of(url), [0, 0, 0])
        if numbers[what] < _ENOUGH:
            numbers[what] += 1
            is_changed = True
    if is_changed:
        site.shapes = _commonest(known)


def _commonest(known: dict[str, list[int]]) -> dict[str, list[int]]:
    if len(known) <= _MOST_SHAPES:
        return known
    kept = sorted(known, key=lambda shape: sum(known[shape]), reverse=True)[: _MOST_SHAPES // 2]
    return {shape: known[shape] for shape in kept}
