"""Read what a page says of its article in JSON-LD, however broken; what is made of it is `metadata`'s to say."""

# ruff: noqa: PLR2004 - lengths and shares of heuristics say what they are where they stand

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Thing = Mapping[str, Any]
"""One JSON-LD object."""

_ARTICLE_TYPES: Final = frozenset({
    "newsarticle", "article", "blogposting", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
    "liveblogposting", "backgroundnewsarticle", "reviewnewsarticle", "satiricalarticle", "scholarlyarticle",
    "techarticle", "report", "socialmediaposting", "advertisercontentarticle", "askpublicnewsarticle",
})  # fmt: skip
_SECOND_TYPES: Final = frozenset({
    "webpage", "videoobject", "itempage", "imagegallery", "creativework", "mediagallery", "podcastepisode", "event",
})  # fmt: skip
_MAX_THINGS: Final = 3000
_SURROGATE = re.compile("[\ud800-\udfff]")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_COMMENT = re.compile(r"^\s*(?:<!--|//<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\]\]>)\s*$", re.DOTALL)
_LOOSE_FIELD = re.compile(
    r'"(headline|datePublished|dateModified|articleBody|description|name|isAccessibleForFree)"\s*:\s*'
    r'(?:"((?:[^"\\]|\\.){0,200000})"|(true|false))'
)


def things_of(scripts: Sequence[str]) -> list[Thing]:
    """All JSON-LD objects of a page, graphs and arrays opened, in the page's order."""
    things: list[Thing] = []
    for script in scripts:
        for thing in _walk(_loads(script)):
            things.append(thing)
            if len(things) >= _MAX_THINGS:
                return things
    return things


def article_of(things: Sequence[Thing]) -> Thing:
    """The object that describes the article, else what describes the page; empty when none does."""
    for types in (_ARTICLE_TYPES, _SECOND_TYPES):
        found = [thing for thing in things if types & set(types_of(thing))]
        if found:
            return max(found, key=_how_much)
    return {}


def types_of(thing: Thing) -> list[str]:
    """The types of an object, in small letters and without their address."""
    raw = thing.get("@type")
    return [
        str(name).rsplit("/", 1)[-1].lower()
        for name in (raw if isinstance(raw, list) else [raw])
        if name
    ]


def is_article(thing: Thing) -> bool:
    """Say whether an object claims to be an article."""
    return bool(_ARTICLE_TYPES & set(types_of(thing)))


def text_field(thing: Thing, *names: str) -> str:
    """The first of these fields that holds text, with entities and tags read."""
    for name in names:
        value = thing.get(name)
        if isinstance(value, list):
            value = next((item for item in value if isinstance(item, str)), None)
        if isinstance(value, dict):
            value = value.get("@value") or value.get("name")
        if isinstance(value, str) and value.strip():
            return clean(value)
    return ""


def clean(value: str) -> str:
    """Text out of a field: entities read, tags gone."""
    text = html.unescape(_SURROGATE.sub("", value))
    if "&" in text and ";" in text:
        text = html.unescape(text)
    return re.sub(r"<[a-zA-Z/][^<>]{0,500}>", " ", text) if "<" in text else text


def _how_much(thing: Thing) -> int:
    fields = ("headline", "datePublished", "author", "articleBody", "description", "dateModified")
    return sum(bool(thing.get(name)) for name in fields) + bool(thing.get("headline"))


def _loads(script: str) -> object:
    script = _COMMENT.sub("", script.strip())
    for text in (script, _TRAILING_COMMA.sub(r"\1", script)):
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    try:
        return json.JSONDecoder(strict=False).raw_decode(script)[0]
    except (ValueError, RecursionError):
        return _loose(script)


def _loose(script: str) -> object:
    """The fields that can be told from JSON that does not parse."""
    fields: dict[str, Any] = {}
    for name, text, word in _LOOSE_FIELD.findall(script):
        value = word or re.sub(r'\\(["/\\])', r"\1", text).replace("\\n", "\n")
        fields.setdefault(name, value)
    if types := re.search(r'"@type"\s*:\s*"(\w+)"', script):
        fields["@type"] = types[1]
    return fields


def _walk(value: object, depth: int = 0) -> Iterator[Thing]:
    if depth > 12:
        return
    if isinstance(value, list):
        for item in value[:500]:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value or "headline" in value:
            yield value
        for key in (
            "@graph",
            "mainEntity",
            "mainEntityOfPage",
            "hasPart",
            "itemListElement",
            "item",
        ):
            inner = value.get(key)
            if isinstance(inner, dict | list):
                yield from _walk(inner, depth + 1)


def by_id(things: Sequence[Thing]) -> dict[str, Thing]:
    """Objects by their `@id`, for those that only point at each other."""
    return {str(thing["@id"]): thing for thing in things if thing.get("@id") and thing.get("name")}
