"""Tell the people who wrote an article from job titles, agencies and the outlet itself."""

# ruff: noqa: PLR2004 - lengths and shares of heuristics say what they are where they stand

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Final, cast
from urllib.parse import urlsplit

import lxml.etree

from crawler.extraction.page import MOST_OF_NAMES, Node, Page, folded, split_names, text_of
from crawler.extraction.rules import load_rules, stands_beside
from crawler.extraction.structured import Thing, clean

_MAX_AUTHORS: Final = 12
_METAS: Final = (
    "author", "dc.creator", "dcterms.creator", "article:author", "parsely-author", "sailthru.author", "byl", "cxenseparse:author", "mrf:authors",
)  # fmt: skip
_JOIN = re.compile(
    r"\s*[,;|•·\n]\s*|\s+/\s+|(?<=\w)/(?=\w)|\s+(?:and|und|et|y|e|i|og|och|en|dan|ve|и|та|і|&|\+)\s+"
)
_ADDRESS = re.compile(r"^https?://|@|www\.")
_ROLE_TAIL = re.compile(r"\s*(?:\(.*?\)|\[.*?\]|[-–—|]\s.*)$")
_NOT_A_NAME = re.compile(r"[0-9{}<>=_?!:]")
_LINKED: Final = lxml.etree.XPath(
    "//*[self::a or self::span][@rel='author' or contains(@href,'/author/') or contains(@href,'/authors/')]"
)
_MARKED: Final = lxml.etree.XPath(f"{_LINKED.path} | //*[@itemprop='author']")
_BYLINE_TAGS: Final = ("span", "div", "p", "address", "a", "li", "strong")
_MAX_BYLINES: Final = 6000
_BYLINE = re.compile(
    r" (?:byline|author|authors|autor|autore|auteur|autorenzeile|writer|penulis|reporter|journalist|signature|fn) "
)
_NO_BYLINE = re.compile(
    r" (?:bio|box|description|image|avatar|photo|comment|comments|social|follow|related|date|time|about|list|teaser|card|widget) "
)


def find_authors(
    page: Page, thing: Thing, ids: Mapping[str, Thing], *, outlet: Iterable[str] = ()
) -> tuple[str, ...]:
    """The people an article names as its authors, in its own order; empty when none is named.

    Args:
        page: The page.
        thing: The JSON-LD object of the article, may be empty.
        ids: JSON-LD objects by `@id`.
        outlet: Names of the outlet, which are no author.
    """
    known = _outlet_names(page.url, outlet)
    declared = clean_names(_from_thing(thing, ids)) or clean_names(page.meta_all(*_METAS))
    people = tuple(name for name in declared if _bare(name) not in known)
    if people:
        return people
    shown = tuple(
        name
        for name in clean_names(_from_markup(page))
        if _bare(name) not in known and not load_rules().agency.stand_in(f" {name.casefold()} ")
    )
    return declared or shown


def _outlet_names(url: str, outlet: Iterable[str]) -> set[str]:
    """How the outlet may be called, letters only: as it declares, and its domain with and without its end."""
    host = urlsplit(url).netloc.lower().removeprefix("www.").partition(":")[0]
    return {bare for name in (*outlet, host) if (bare := _bare(name))}


def _bare(name: str) -> str:
    return re.sub(r"\W+", "", name.casefold())


def clean_names(raw: Sequence[str]) -> tuple[str, ...]:
    """Names out of lines such as `By Anna Nowak and Jan Kos`, each once."""
    names: dict[str, str] = {}
    for line in raw:
        for part in _parts(line):
            if name := _clean(part):
                names.setdefault(name.casefold(), name)
    return tuple(names.values())[:_MAX_AUTHORS]


def _parts(line: str) -> list[str]:
    line = folded(clean(line))[:400]
    if _ADDRESS.search(line):
        return []
    return _JOIN.split(load_rules().byline_start.sub("", line))


def _clean(part: str) -> str:
    rules = load_rules()
    name = rules.byline_start.sub("", part).strip(" .,:;-–—|*\"'/")
    if _ADDRESS.search(name):
        return ""
    name = _ROLE_TAIL.sub("", name).strip(" .,:;")
    if not 1 < len(name) <= 60 or _NOT_A_NAME.search(name) or len(name.split()) > 6:
        return ""
    return "" if rules.no_author.match(f" {name.casefold()} ") else name


def _from_thing(thing: Thing, ids: Mapping[str, Thing]) -> list[str]:
    raw = thing.get("author") or thing.get("creator")
    names: list[str] = []
    for item in raw if isinstance(raw, list) else [raw]:
        names.extend(_person(item, ids))
    return names


def _person(item: object, ids: Mapping[str, Thing]) -> list[str]:
    if isinstance(item, str):
        return [item]
    if not isinstance(item, dict):
        return []
    person: Thing = cast("dict[str, Any]", item)
    if not person.get("name") and person.get("@id"):
        person = ids.get(str(person["@id"]), person)
    name = person.get("name") or " ".join(
        part for key in ("givenName", "familyName") if isinstance(part := person.get(key), str)
    )
    if isinstance(name, list):
        return [str(one) for one in name if isinstance(one, str)]
    if isinstance(name, dict):
        name = name.get("@value") or name.get("name")
    return [name] if isinstance(name, str) else []


def _from_markup(page: Page) -> list[str]:
    root = page.root
    has_microdata = page.mentions("itemprop")
    marked = _MARKED(root) if has_microdata else _LINKED(root)
    if not marked and has_microdata:
        marked = root.xpath(
            "//*[@itemprop='creator' and not(ancestor::*[contains(@itemtype,'Image')])]"
        )
    names = [name for node in marked[:60] if (name := _name_in(node)) and not _is_foreign(node)]
    return names[:3] if names else _from_bylines(root)


def _from_bylines(root: Node) -> list[str]:
    """What elements called a byline say; one called its name is nearer than what stands around it."""
    bylines = (
        node
        for node in islice(root.iter(*_BYLINE_TAGS), _MAX_BYLINES)
        if _names_byline((node.get("class") or "")[:MOST_OF_NAMES])
        and not _is_foreign(node)
        and 3 < len(text_of(node)) < 120
    )
    first = next(bylines, None)
    if first is None:
        return []
    named = [
        node
        for node in first.iterdescendants()
        if _names_name((node.get("class") or "")[:MOST_OF_NAMES])
    ]
    if not named:
        return [text_of(first)]
    # Two authors stand in two elements of one name, side by side.
    beside = (one for one in first.itersiblings() if one.get("class") == first.get("class"))
    named += [
        node
        for one in beside
        for node in one.iterdescendants()
        if _names_name((node.get("class") or "")[:MOST_OF_NAMES])
    ]
    return [text_of(node) for node in named[:3]]


@lru_cache(maxsize=20_000)
def _names_name(class_: str) -> bool:
    return " name " in split_names(class_) and _names_byline(class_)


@lru_cache(maxsize=20_000)
def _names_byline(class_: str) -> bool:
    words = split_names(class_)
    return _BYLINE.search(words) is not None and _NO_BYLINE.search(words) is None


def _name_in(node: Node) -> str:
    text = folded(node.get("content") or "") or text_of(node)
    return text if len(text) < 80 else ""


def _is_foreign(node: Node) -> bool:
    """Beside the article: in a list of teasers, a comment, a foot."""
    return any(stands_beside(outer) for outer in node.iterancestors())
