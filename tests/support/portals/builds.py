"""All content systems by the name that an article's file gives."""

from collections.abc import Callable, Mapping

from tests.support.portals.engines import bitrix, bitrix_own, dle
from tests.support.portals.newsrooms import agency, gallery, liveblog, note, portal
from tests.support.portals.nusantara import id_read, id_split, id_tribune
from tests.support.portals.programs import amp, nextstate
from tests.support.portals.wordpress import gutenberg, newspaper
from tests.support.portals.written import Written

_SYSTEMS = (newspaper, gutenberg, bitrix, bitrix_own, dle, portal, agency, note, liveblog, gallery, nextstate, amp, id_split, id_read, id_tribune)  # fmt: skip
BUILDS: Mapping[str, Callable[[Written], str]] = {build.__name__: build for build in _SYSTEMS}


def page(article: Written) -> bytes:
    """The page on which an article appeared."""
    return BUILDS[article.build](article).encode()
