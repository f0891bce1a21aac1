"""Find the article in the JSON of a page's scripts, for pages whose elements hold none of its text.

Decides what is asked of Next, Nuxt, Redux, Apollo and like states, and of JSON-LD's `articleBody`: the text, the
summary, names and times told beside the same headline. Whether it may be used is `article`'s to say.
"""

# ruff: noqa: PLR2004 - lengths and shares of heuristics say what they are where they stand

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from crawler.extraction.structured import Thing, clean, text_field

_MAX_CHARS: Final = 4_000_000
_MAX_VISITS: Final = 150_000
_MAX_DEPTH: Final = 60
_MAX_STARTS: Final = 120
_MIN_STATE: Final = 400
_MIN_PROSE: Final = 160
_MIN_UNNAMED: Final = 600
_START = re.compile(r"(?:=|\(|,|:)\s*(?=[{\[]\s*[{\[\"\d])|JSON\.parse\(\s*(?=[\"'])")
_STREAM = re.compile(r"__next_f\.push\(\s*(?=\[)")
_ROW = re.compile(r"^([0-9a-f]{1,6}):(?:T([0-9a-f]{1,6}),)?", re.MULTILINE)
_LOOSE = re.compile(r'[{,]\s*"?(\w{2,40})"?\s*:\s*"((?:[^"\\\n]|\\.){8,400000})"')
_TAG = re.compile(
    r"</?[A-Za-z!][^<>]{0,2000}>"
)  # not <제목>: in Korean and Chinese a title stands so
_MARKUP = re.compile(r"<(?:p|div|br|h[1-6]|ul|ol|blockquote|section|article)\b", re.IGNORECASE)
_NO_KEY_SIGN = re.compile(r"[^a-z]")
_SENTENCE = re.compile(r"[.!?…。！？।؟][\"'”’»」)]?(?:\s|$|<)")
_DENSE = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_NO_BLANK: Final = 24  # a text of prose has a blank at least so often, in scripts that have blanks
_AD_MARK = re.compile(r"\$\$[A-Z_]{3,30}\$\$|\[\[?[A-Z_]{3,30}\]?\]|\{\{[^{}]{1,80}\}\}")

_BODY_KEYS: Final = (
    "articlebody", "body", "content", "contents", "contenthtml", "html", "text", "bodytext", "bodyhtml", "fulltext", "articlecontent",
    "articletext", "contentelements", "storybody", "maintext", "blocks", "paragraphs", "detail", "details", "article", "story", "rendered",
)  # fmt: skip
_TITLE_KEYS: Final = (
    "headline",
    "title",
    "articletitle",
    "hed",
    "basic",
    "name",
    "subject",
    "maintitle",
)
_LEAD_KEYS: Final = (
    "subtitle", "subheadline", "standfirst", "lead", "lede", "leadtext", "dek", "deck", "intro", "introduction", "abstract", "summary",
    "excerpt", "subheading", "shorttext", "anons", "announce", "description",
)  # fmt: skip
_AUTHOR_KEYS: Final = (
    "author", "authors", "byline", "bylines", "writer", "writers", "reporter", "reporters", "journalists", "creator", "creators", "by", "credits",
)  # fmt: skip
_NAME_KEYS: Final = (
    "name",
    "fullname",
    "displayname",
    "authorname",
    "writername",
    "reportername",
    "title",
)
_PUBLISHED: Final = ("datepublished", "publish", "pubdate", "firstpublic", "displaydate", "release", "deploy", "regdate", "postdate", "created", "date")  # fmt: skip
_MODIFIED: Final = ("datemodified", "modif", "updat", "lastedit")
_CLOSED_KEYS: Final = frozenset({
    "ispremium", "premium", "ispaid", "paid", "paywall", "ispaywall", "ispaywalled", "haspaywall", "paywalled", "islocked", "locked", "subscribersonly", "subscriberonly", "memberonly",
    "membersonly", "isplus", "isexclusive", "paidcontent", "ispaidcontent", "payable",
})  # fmt: skip
_OPEN_KEYS: Final = frozenset({"isaccessibleforfree", "isfree", "free"})
_TEXT_TYPES: Final = frozenset({
    "text", "paragraph", "p", "unstyled", "block", "html", "richtext", "rich_text", "heading", "header", "subheading", "h2", "h3", "h4", "headertwo", "headerthree",
    "quote", "blockquote", "list", "listitem", "unorderedlistitem", "orderedlistitem", "bulletlist", "orderedlist", "span", "link", "a", "strong", "em", "textblock", "paragraphblock", "tag", "root", "document", "doc",
})  # fmt: skip
_HEADING_TYPES: Final = frozenset({"heading", "header", "subheading", "h2", "h3", "h4", "headertwo", "headerthree"})  # fmt: skip
_INSIDE: Final = ("text", "html", "content", "children", "value", "markup", "body", "nodes", "items", "blocks", "data", "model", "paragraphs", "root")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article as a script tells it. All texts are markup, or plain where they have none."""

    body: str
    title: str = ""
    lead: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    is_closed: bool = False  # it says of itself that only subscribers may read it


@dataclass(slots=True)
class _Found:
    """A text in an object of a state."""

    owner: Mapping[str, Any]
    body: str
    key: str
    chars: int


@dataclass(slots=True)
class _Search:
    titles: tuple[str, ...]
    found: list[_Found] = field(default_factory=list[_Found])
    visits: int = 0


def told_in_scripts(
    scripts: Sequence[tuple[str, str]], things: Sequence[Thing], *, titles: Sequence[str]
) -> Told | None:
    """The article that a page's scripts tell.

    Args:
        scripts: Type and text of each script, in the page's order.
        things: The page's JSON-LD objects.
        titles: What the page calls itself; a text told beside one of these is its article's.

    Returns:
        None where no script tells an article.
    """
    search = _Search(titles=tuple(bare for title in titles if len(bare := _bare(title)) > 3))
    left = _MAX_CHARS
    for type_, text in scripts:
        if len(text) < _MIN_STATE or "ld+json" in type_ or left <= 0:
            continue
        left -= len(text)
        if "__next_f" not in text:
            for value in _values(type_, text[:_MAX_CHARS]):
                _walk(search, value, None, depth=0)
    for value in _streamed(scripts):
        _walk(search, value, None, depth=0)
    for thing in things:
        body = text_field({"b": thing.get("articleBody")}, "b")
        if len(body) >= _MIN_PROSE:
            search.found.append(
                _Found({**thing, "articleBody": None}, body, "articlebody", len(body))
            )
    best = max(search.found, key=lambda one: _score(search, one), default=None)
    if best is None or _score(search, best) <= 0:
        return None
    return _told(best, search)


# -- from a script to values ---------------------------------------------------------------------


def _values(type_: str, text: str) -> Iterator[object]:
    if "json" in type_:
        value = _load(text)
        yield _hydrated(value) if isinstance(value, list) else value
        return
    decoder, at, any_value = json.JSONDecoder(strict=False), 0, False
    for _ in range(_MAX_STARTS):
        start = _START.search(text, at)
        if start is None:
            break
        at = start.end()
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            continue
        if end - at >= _MIN_STATE:
            any_value = True
            yield _load(value) if isinstance(value, str) else value
        at = end
    if not any_value and (loose := _loose(text)):
        yield loose


def _load(text: str) -> object:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _loose(text: str) -> dict[str, str]:
    """Strings under their names, out of a script that builds its state with functions."""
    fields: dict[str, str] = {}
    for name, raw in _LOOSE.findall(text):
        value = _load(f'"{raw}"')
        if isinstance(value, str):
            fields.setdefault(name, value)
    return fields


def _hydrated(values: list[Any]) -> object:
    """A list whose objects point at its own places by number, as Nuxt writes it, with the texts put in."""
    objects = [value for value in values[:20_000] if isinstance(value, dict) and value]
    if not objects or not all(
        isinstance(inner, int) for value in objects[:5] for inner in value.values()
    ):
        return values

    def at(place: object, depth: int) -> object:
        if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < len(values):
            return place
        value = values[place]
        if depth > 4:
            return None
        if isinstance(value, dict):
            return {str(key): at(inner, depth + 1) for key, inner in list(value.items())[:80]}
        if isinstance(value, list):
            return [at(inner, depth + 1) for inner in value[:400]]
        return value

    long = [value for value in objects if any(_is_long(values, place) for place in value.values())]
    return [{str(key): at(place, 1) for key, place in value.items()} for value in long[:20]]


def _is_long(values: list[Any], place: object) -> bool:
    if not isinstance(place, int) or not 0 <= place < len(values):
        return False
    value = values[place]
    return (isinstance(value, str) and len(value) >= _MIN_PROSE) or (
        isinstance(value, list) and len(value) > 2
    )


def _streamed(scripts: Sequence[tuple[str, str]]) -> Iterator[object]:
    """The rows that Next streams as strings, with the texts of other rows put where they are named."""
    decoder = json.JSONDecoder(strict=False)
    parts: list[str] = []
    for _, text in scripts:
        for start in _STREAM.finditer(text[:_MAX_CHARS]):
            try:
                value, _end = decoder.raw_decode(text, start.end())
            except (ValueError, RecursionError):
                continue
            if isinstance(value, list) and len(value) > 1 and isinstance(value[1], str):
                parts.append(value[1])
    stream = "".join(parts)[:_MAX_CHARS]
    texts: dict[str, str] = {}
    rows: list[str] = []
    at = 0
    while (row := _ROW.search(stream, at)) is not None:
        if row[2]:
            raw = stream[row.end() : row.end() + int(row[2], 16)].encode()[: int(row[2], 16)]
            texts[f"${row[1]}"] = raw.decode("utf-8", "ignore")
            at = row.end() + len(texts[f"${row[1]}"])
            continue
        after = stream.find("\n", row.end())
        at = after + 1 if after >= 0 else len(stream)
        if stream[row.end() : row.end() + 1] in {"[", "{"}:
            rows.append(stream[row.end() : at])
    for row_text in rows:
        yield _referred(_load(row_text), texts, 0)


def _referred(value: object, texts: Mapping[str, str], depth: int) -> object:
    if isinstance(value, str):
        return texts.get(value, value) if value.startswith("$") else value
    if depth > _MAX_DEPTH or not texts:
        return value
    if isinstance(value, dict):
        return {key: _referred(inner, texts, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_referred(inner, texts, depth + 1) for inner in value]
    return value


# -- the article among the values ----------------------------------------------------------------


def _walk(
    search: _Search, value: object, owner: Mapping[str, Any] | None, *, depth: int, key: str = ""
) -> None:
    search.visits += 1
    if search.visits > _MAX_VISITS or depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        thing = cast("dict[str, Any]", value)
        holder = thing if _is_titled(thing) or owner is None else owner
        for name, inner in thing.items():
            _walk(search, inner, holder, depth=depth + 1, key=_key(name))
    elif isinstance(value, list):
        body = _joined(value) if owner is not None else ""
        if body and owner is not None:
            search.found.append(_Found(owner, body, key, _prose_chars(body)))
            return
        for inner in value[:2000]:
            _walk(search, inner, owner, depth=depth + 1, key=key)
    elif isinstance(value, str) and len(value) >= 80 and owner is not None:
        _see_text(search, value, owner, depth=depth, key=key)


def _see_text(
    search: _Search, text: str, owner: Mapping[str, Any], *, depth: int, key: str
) -> None:
    if text[:1] in "{[" and len(text) > _MIN_STATE and (inner := _load(text)) is not None:
        _walk(search, inner, owner, depth=depth + 1, key=key)
        return
    chars = _prose_chars(text)
    if chars >= _MIN_PROSE:
        search.found.append(_Found(owner, text, key, chars))


def _is_titled(thing: Mapping[str, Any]) -> bool:
    return any(_key(name) in _TITLE_KEYS and value for name, value in thing.items())


def _key(name: object) -> str:
    return _NO_KEY_SIGN.sub("", str(name).lower())


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", clean(text).casefold())


def _prose_chars(text: str) -> int:
    """Characters of a text that reads as sentences, a dense sign counting for two and a half; else 0."""
    shown = " ".join(html.unescape(_TAG.sub(" ", text)).split())
    dense = len(_DENSE.findall(shown))
    chars = len(shown) + int(1.5 * dense)
    if chars < _MIN_PROSE or not _SENTENCE.search(shown):
        return 0
    if not dense and shown.count(" ") * _NO_BLANK < len(shown):
        return 0
    code = sum(shown.count(sign) for sign in "{}=;<>_|")
    return chars if code * 40 < len(shown) else 0


def _joined(items: list[Any]) -> str:
    """A list of typed blocks as markup; empty when it is a list of something else."""
    blocks = [block for item in items[:1500] if (block := _block(item))]
    if not blocks or len(blocks) * 3 < len(items):
        return ""
    body = "".join(blocks)
    return body if _prose_chars(body) >= _MIN_PROSE else ""


def _block(item: object) -> str:
    if isinstance(item, str):
        if _MARKUP.search(item[:2000]):
            return item
        return f"<p>{item}</p>" if len(item) >= 25 and " " in item.strip() else ""
    if not isinstance(item, dict):
        return ""
    thing = cast("dict[str, Any]", item)
    type_ = _type(thing)
    if type_ not in _TEXT_TYPES:
        return ""
    inner = _inline(thing, 0)
    if not inner.strip():
        return ""
    if _MARKUP.search(inner[:2000]):
        return inner
    tag = "h2" if type_ in _HEADING_TYPES else "blockquote" if "quote" in type_ else "p"
    return f"<{tag}>{inner}</{tag}>"


def _type(thing: Mapping[str, Any]) -> str:
    for name in ("type", "_type", "kind", "nodeType", "tagName", "tag", "blockType", "__typename"):
        value = thing.get(name)
        if isinstance(value, str):
            return re.sub(r"[^a-z0-9_]", "", value.lower())
    return "text" if isinstance(thing.get("text"), str) else ""


def _inline(value: object, depth: int) -> str:
    if isinstance(value, str):
        return value
    if depth > 12:
        return ""
    if isinstance(value, list):
        return "".join(_inline(item, depth + 1) for item in value[:400])
    if isinstance(value, dict):
        thing = cast("dict[str, Any]", value)
        for name in _INSIDE:
            inner = thing.get(name)
            if isinstance(inner, str | list | dict) and (text := _inline(inner, depth + 1)):
                return text
    return ""


def _score(search: _Search, one: _Found) -> float:
    """How likely this is the page's article: prose beside its headline, under a name that says body."""
    named = 2.0 if one.key in _BODY_KEYS else 1.0
    if one.key in _LEAD_KEYS:
        named = 0.3
    if _title_in(one.owner, search.titles):
        return 4.0 * named * one.chars
    if search.titles:
        return float(one.chars) if named > 1 and one.chars >= _MIN_UNNAMED else 0.0
    titled = _is_titled(one.owner)
    return named * one.chars if named > 1 and titled and one.chars >= _MIN_UNNAMED else 0.0


def _title_in(owner: Mapping[str, Any], titles: Sequence[str]) -> str:
    """The title the object has in common with the page."""
    for name, value in owner.items():
        text = _title_text(value)
        if not text or ("title" not in (key := _key(name)) and key not in _TITLE_KEYS):
            continue
        bare = _bare(text)
        for title in titles:
            shorter, longer = sorted((bare, title), key=len)
            if bare == title or (len(shorter) > 12 and shorter in longer):
                return text
    return ""


def _title_text(value: object) -> str:
    if isinstance(value, dict):
        value = next((inner for inner in value.values() if isinstance(inner, str)), "")
    return value if isinstance(value, str) and len(value) < 600 else ""


# -- what is told beside it ----------------------------------------------------------------------


def _told(found: _Found, search: _Search) -> Told:
    owner = found.owner
    keys = {_key(name): value for name, value in owner.items()}
    title = _title_in(owner, search.titles) or next(
        (text for name in _TITLE_KEYS if (text := _title_text(keys.get(name)))), ""
    )
    start = _bare(_TAG.sub(" ", found.body))[:40]
    lead = next(
        (
            text
            for name in _LEAD_KEYS[:-1]
            if isinstance(text := keys.get(name), str)
            and 12 < len(text) < 900
            and not _bare(text).startswith(start[:30])
        ),
        "",
    )
    return Told(
        body=_marked_up(found.body),
        title=clean(title),
        lead=_marked_up(lead) if lead else "",
        authors=_authors(keys),
        published=_time(keys, _PUBLISHED),
        modified=_time(keys, _MODIFIED),
        is_closed=_is_closed(keys),
    )


def _marked_up(text: str) -> str:
    text = _AD_MARK.sub("", text)
    if _MARKUP.search(text):
        return text
    lines = [line.strip() for line in text.splitlines()]
    return "".join(f"<p>{line if '<' in line else html.escape(line, quote=False)}</p>" for line in lines if line)  # fmt: skip


def _authors(keys: Mapping[str, Any]) -> tuple[str, ...]:
    for name in _AUTHOR_KEYS:
        if names := [one for one in _names(keys.get(name), 0) if one.strip()]:
            return tuple(names[:12])
    return ()


def _names(value: object, depth: int) -> list[str]:
    if depth > 3:
        return []
    if isinstance(value, str):
        return [value] if len(value) < 120 else []
    if isinstance(value, list):
        return [name for item in value[:12] for name in _names(item, depth + 1)]
    if isinstance(value, dict):
        inner = {_key(name): one for name, one in cast("dict[str, Any]", value).items()}
        for key in _NAME_KEYS:
            if isinstance(text := inner.get(key), str) and text:
                return [text]
        return _names(inner.get("by") or inner.get("author") or inner.get("node"), depth + 1)
    return []


def _time(keys: Mapping[str, Any], wanted: Sequence[str]) -> str:
    for part in wanted:
        for name, value in keys.items():
            is_other = wanted is _PUBLISHED and any(one in name for one in _MODIFIED)
            is_named = part in name and not name.startswith("re") and not is_other
            if is_named and (text := _stamp(value)):
                return text
    return ""


def _stamp(value: object) -> str:
    """A day with or without its time, or a count of seconds."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)
    if not re.match(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{10,13}$", text):
        return ""
    return re.sub(r"^(\d{4})[./](\d{1,2})[./](\d{1,2})", r"\1-\2-\3", text)


def _is_closed(keys: Mapping[str, Any]) -> bool:
    yes = {"true", "1", "yes", "y"}
    for name, value in keys.items():
        said = str(value).strip().lower()
        if name in _CLOSED_KEYS and said in yes:
            return True
        if name in _OPEN_KEYS and said in {"false", "0", "no", "n"}:
            return True
    return False
