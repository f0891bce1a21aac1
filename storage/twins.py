"""A second address with nearly the text of a known article, or its guid: that one, or one of its own.

It may have moved without our having seen the redirect yet; then its first address redirects, and
`addresses` says so; or it answers no more, and the piece has moved without a redirect. Until that is
known, what the second address said at first is kept as a version that nobody believes yet, so that
nothing is lost should it be an article of its own.
"""

from datetime import timedelta
from typing import Final

from storage import addresses, idents, parameters, steps
from storage.look import Look
from storage.models import Article as ArticleRow
from storage.models import Site
from storage.models import Version as VersionRow
from storage.shape_counts import count_read
from storage.texts import read_blocks, write_text
from storage.types import Outcome

LOOK_AGAIN: Final = timedelta(minutes=10)
LONGEST_DOUBT: Final = timedelta(hours=1)
"""After this an address is an article of its own though the first one has not answered since."""


def part(look: Look) -> list[int]:
    """Make an article of an address that was taken for another's second one, if it turns out to be one.

    It is when the first address has answered since: the piece did not move.

    Returns:
        The ids of the changes that are now sure: that it is new, or none.
    """
    tx, page = look.tx, look.page
    version = tx.get(VersionRow, page.twin_version_id) if page.twin_version_id else None
    if version is None:
        page.twin_version_id = None
        return []
    if look.observation.outcome is Outcome.CONTENT and look.own_url != page.url:
        steps.drop_version(tx, version.id)
        page.twin_version_id = None
        return []
    known = tx.get_one(ArticleRow, version.article_id)
    first = addresses.main_page(tx, known)
    has_answered = first.last_seen_at is not None and first.last_seen_at > version.seen_at
    if not has_answered and look.at - version.seen_at < LONGEST_DOUBT:
        return []
    if first.missing_since is not None and look.observation.outcome is Outcome.CONTENT:
        return [addresses.move(look, known)]  # nothing stands at the first address any more
    if has_answered:
        if _is_same_page(look, known, version):
            return []
        idents.distrust_guids(tx, page, first)
    return [_own_article(look, known, version)]


def _is_same_page(look: Look, known: ArticleRow, version: VersionRow) -> bool:
    """Fold an address that differs from the first in no letter of its text, if that is no accident.

    It is none where the addresses differ in a parameter only, or in words around the article's number.
    """
    tx, page = look.tx, look.page
    newest = tx.get_one(VersionRow, known.newest_id)
    if (version.text_hash, version.title) != (newest.text_hash, newest.title):
        return False
    site = tx.get_one(Site, page.site_id)
    name = parameters.only_difference(page.url, known.url)
    if name is not None and parameters.may_change_nothing(site, name):
        parameters.note_same(site, name)
        reason = f"the parameter {name} changes nothing"
    elif idents.has_same_number(page, addresses.main_page(tx, known)):
        reason = "the words around its number change nothing"
    else:
        return False
    look.note("same article", reason, known)
    steps.drop_version(tx, version.id)
    page.twin_version_id = None
    addresses.keep_address(tx, known, page.url, from_at=version.seen_at, to_at=look.at)
    return True


def _own_article(look: Look, known: ArticleRow, version: VersionRow) -> int:
    tx, page = look.tx, look.page
    blocks = read_blocks(tx, version)
    article = addresses.add_article(
        tx, page, page.url, title=version.title, language=version.language, at=version.seen_at
    )
    article.wrapping = known.wrapping
    version.article_id, version.number = article.id, 1
    write_text(tx, version, blocks, base_id=None)
    steps.confirm_version(tx, article, version)
    page.twin_version_id = None
    count_read(tx, page, is_article=True)
    parameters.note_article(tx, page)
    look.note("another article", f"{known.url} has a text of its own", article)
    return steps.add_new(look, article, version, baseline=steps.found_as(look))
