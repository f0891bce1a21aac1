"""By what a publisher itself knows an article: the number in its address, the guid of its feed's entry.

Neither proves anything: a number may be another department's, a guid the same for each week's piece.
They name the known article that a new address may be of; what its first address answers decides, see
`storage.twins`.
"""

import re
from base64 import urlsafe_b64encode
from hashlib import blake2b
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storage.models import Article as ArticleRow
from storage.models import Page, Site

_NUMBER: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:\d{5,15}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_DAY: Final = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_LONGEST: Final = 200


def number_in(url: str) -> str:
    """Give an article's number with the path in front of it, as `/news/#123456`.

    "" where the address holds no number of five figures or more (nor a UUID), or more than one: which
    of them is the article's is not known. A day as `20261125` is none.
    """
    try:
        segments = urlsplit(url).path.split("/")
    except ValueError:
        return ""
    numbers = [
        (place, number)
        for place, segment in enumerate(segments)
        for number in _NUMBER.findall(segment)
        if not _DAY.fullmatch(number)
    ]
    if len(numbers) != 1:
        return ""
    place, number = numbers[0]
    found = "/".join([*segments[:place], f"#{number.lower()}"])
    return found if len(found) <= _LONGEST else ""


def guid_key(guid: str) -> str:
    """Give a guid in the form in which it is kept; "" for none."""
    if not guid:
        return ""
    raw = blake2b(guid.encode("utf-8", "surrogatepass"), digest_size=12).digest()
    return urlsafe_b64encode(raw).decode("ascii")


def namesake(tx: Session, page: Page) -> tuple[ArticleRow | None, str]:
    """Find the article that the publisher gave the same guid or number before, the latest if several.

    Returns:
        It and why; (None, "") where there is none.
    """
    site = tx.get_one(Site, page.site_id)
    if page.guid and not site.has_bad_guids:
        found = _latest(tx, page, Page.guid == page.guid)
        if found is not None:
            return found, "its feed's entry has the guid of that article's"
    if page.number:
        found = _latest(tx, page, Page.number == page.number)
        if found is not None:
            number = page.number.rpartition("#")[2]
            return found, f"its address holds the number {number}, as that article's"
    return None, ""


def _latest(tx: Session, page: Page, condition: ColumnElement[bool]) -> ArticleRow | None:
    return tx.scalar(
        select(ArticleRow)
        .join(Page, Page.article_id == ArticleRow.id)
        .where(Page.site_id == page.site_id, condition, Page.id != page.id)
        .order_by(Page.id.desc())
        .limit(1)
    )


def has_same_number(page: Page, other: Page) -> bool:
    """Say whether two addresses differ in nothing but words around one number."""
    return bool(page.number) and page.number == other.number


def distrust_guids(tx: Session, page: Page, other: Page) -> None:
    """Believe a site's guids no more, if two articles of their own turned out to share one."""
    if page.guid and page.guid == other.guid:
        tx.get_one(Site, page.site_id).has_bad_guids = True
