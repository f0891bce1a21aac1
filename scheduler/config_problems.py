"""Turn what is wrong with the settings into sentences: where, what, what to do. Pure.

All problems at once, each with its place in the file. What a user keeps secret is never repeated.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any, Final, NamedTuple, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from crawler.config import Key, source_conflicts
from crawler.proxy import read_proxy
from scheduler.errors import ConfigError

Table = dict[str, Any]
Loc = tuple[int | str, ...]
POLICY_WORDS: Final = ("major", "new", "minor", "trivial", "off-topic")


class Problem(NamedTuple):
    """Something wrong at a place; the text says what, and what to do."""

    loc: Loc
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A key that had another name once; the old one works until `until`, with a warning."""

    old: tuple[str, ...]  # "*" stands for any entry of a list or table: ("sources", "*", "period")
    new: str  # the last part only
    until: str  # the version that no longer knows it


RENAMED: Final[tuple[Renamed, ...]] = ()
"""What was renamed; an entry stays for two minor versions."""


def shown(path: Path) -> str:
    """Name a file as short as it can be found from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


# -- reading --------------------------------------------------------------------------------------


def read_table(text: str, *, name: str) -> Table:
    """Read TOML.

    Raises:
        ConfigError: With the line that is not TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = re.sub(r"\s*\(at .*\)$", "", str(error)) or "something is wrong"
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line = f"line {place[1]}" if place else "at the end"
        raise ConfigError(
            f"{name}: {line}: this is not TOML ({what[0].lower()}{what[1:]}); "
            "look for a missing quote, bracket or = there or one line above."
        ) from None


def rename(
    table: Table, renamed: Sequence[Renamed]
) -> tuple[Table, tuple[str, ...], list[Problem]]:
    """Give the table with today's names, a note for each old one, and what stands there twice."""
    notes: list[str] = []
    problems: list[Problem] = []
    for rule in renamed:
        for node, at in _nodes(table, rule.old[:-1]):
            old = rule.old[-1]
            if old not in node:
                continue
            value = node.pop(old)
            if rule.new in node:
                text = f"is called {rule.new} now, which is there too; remove one of the two"
                problems.append(Problem((*at, old), text))
                continue
            node[rule.new] = value
            place = place_of((*at, old))
            notes.append(
                f"{place}: is called {rule.new} now; the old name works until {rule.until}."
            )
    return table, tuple(notes), problems


def _nodes(node: Any, steps: tuple[str, ...], at: Loc = ()) -> Iterator[tuple[Table, Loc]]:  # noqa: ANN401 - TOML
    if not steps:
        if isinstance(node, dict):
            yield cast("Table", node), at
        return
    inner: list[tuple[int | str, Any]] = []
    if isinstance(node, list) and steps[0] == "*":
        inner = list(enumerate(cast("list[Any]", node)))
    elif isinstance(node, dict):
        table = cast("Table", node)
        inner = [(key, value) for key, value in table.items() if steps[0] in {"*", key}]
    for key, value in inner:
        yield from _nodes(value, steps[1:], (*at, key))


# -- what the models cannot see each by itself ----------------------------------------------------


def conflicts(table: Table) -> list[Problem]:
    """Find what is wrong between settings; works on anything, also where the models refuse."""
    sources, channels = _tables(table.get("sources")), _tables(table.get("channels"))
    problems: list[Problem] = []
    for at, source in enumerate(sources):
        problems += [Problem(("sources", at), text) for text in source_conflicts(source)]
    for at, channel in enumerate(channels):
        problems += [Problem(("channels", at), text) for text in _address_conflicts(channel)]
    problems += _private_proxies(table)
    problems += _repeated(sources, "sources", key="name")
    problems += _repeated(sources, "sources", key="url")
    problems += _repeated(channels, "channels", key="name")
    topics = table.get("topics")
    known = set(cast("Table", topics)) if isinstance(topics, dict) else {"talks"}
    problems += _unknown_topics(sources, "sources", known=known)
    problems += _unknown_topics(channels, "channels", known=known)
    if {"database", "database_env"} <= set(table):
        problems.append(Problem(("database_env",), "stands beside database; keep one of them"))
    return problems


def _private_proxies(table: Table) -> list[Problem]:
    """Find proxies in this network that `allow_networks` does not name; what a name means is seen later."""
    networks = table.get("allow_networks")
    allowed = cast("list[object]", networks) if isinstance(networks, list) else []
    places: list[tuple[Loc, object]] = [
        (("sources", at, "proxy"), source.get("proxy"))
        for at, source in enumerate(_tables(table.get("sources")))
    ]
    places += [(("fetch", "proxy"), one.get("proxy")) for one in _tables([table.get("fetch")])]
    problems: list[Problem] = []
    for loc, found in places:
        address = _address_of(found)
        if address and not address.is_global and not any(_holds(one, address) for one in allowed):
            text = f'{address} is not a public address; add "{address}" to allow_networks to use it'
            problems.append(Problem(loc, text))
    return problems


def _address_of(found: object) -> IPv4Address | IPv6Address | None:
    try:
        proxy = read_proxy(found) if isinstance(found, str) else None
        return ip_address(proxy.host) if proxy else None
    except ValueError:
        return None


def _holds(network: object, address: IPv4Address | IPv6Address) -> bool:
    try:
        return isinstance(network, str) and address in ip_network(network, strict=False)
    except ValueError:
        return False


def policy_conflicts(lists: Mapping[str, Sequence[str]]) -> list[str]:
    """Find a word that stands in two of the lists, or in none."""
    texts: list[str] = []
    for word in POLICY_WORDS:
        holders = [name for name, words in lists.items() if word in words]
        if len(holders) > 1:
            texts.append(f"has {word!r} in {' and '.join(holders)}; keep it in one of them")
        if not holders:
            texts.append(f"says nothing about {word!r}; put it into now, summary or history")
    return texts


def _address_conflicts(channel: Table) -> list[str]:
    given = [key for key in ("address", "address_env", "address_file") if key in channel]
    if not given:
        return ["has no address; add address_file, address_env or address (`parley channels add`)"]
    if len(given) > 1:
        return [f"has {' and '.join(given)}; keep one of them"]
    return []


def _repeated(tables: list[Table], where: str, *, key: str) -> list[Problem]:
    first: dict[str, int] = {}
    problems: list[Problem] = []
    for at, table in enumerate(tables):
        value = table.get(key)
        if not isinstance(value, str):
            continue
        if value.strip() in first:
            text = f"{value!r} stands at {where}.{first[value.strip()] + 1} already; "
            todo = "give it another name" if key == "name" else "remove one of the two"
            problems.append(Problem((where, at, key), text + todo))
        first.setdefault(value.strip(), at)
    return problems


def _unknown_topics(tables: list[Table], where: str, *, known: set[str]) -> list[Problem]:
    problems: list[Problem] = []
    for at, table in enumerate(tables):
        names = table.get("topics")
        for name in cast("list[Any]", names) if isinstance(names, list) else []:
            if isinstance(name, str) and name not in known:
                text = f"there is no topic {name!r}; {_suggest(name, sorted(known))}"
                problems.append(Problem((where, at, "topics"), text))
    return problems


def _tables(found: object) -> list[Table]:
    if not isinstance(found, list):
        return []
    items = cast("list[object]", found)
    return [cast("Table", item) if isinstance(item, dict) else {} for item in items]


# -- wording --------------------------------------------------------------------------------------


def worded(
    error: ValidationError | None,
    problems: Sequence[Problem],
    *,
    model: type[BaseModel],
    text: str,
    name: str,
) -> list[str]:
    """Write every problem as a sentence, in the order of the file."""
    details = error.errors(include_url=False) if error else []
    everything = [*(_from_pydantic(detail, model) for detail in details), *problems]
    lines = {problem: line_of(text, problem.loc) for problem in everything}
    ordered = sorted(lines, key=lambda problem: lines[problem] or 0)
    return [_sentence(problem, name=name, line=lines[problem]) for problem in ordered]


def place_of(loc: Loc) -> str:
    """Write a place with dots, counting entries from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in loc)


def _sentence(problem: Problem, *, name: str, line: int | None) -> str:
    place = f"{place_of(problem.loc)}: " if problem.loc else ""
    text = problem.text if problem.text.endswith("?") else f"{problem.text}."
    return f"{name}: {place}{text}" + (f" (line {line})" if line else "")


def _from_pydantic(detail: ErrorDetails, model: type[BaseModel]) -> Problem:
    loc = tuple(part for part in detail["loc"] if not (isinstance(part, str) and "[" in part))
    return Problem(loc, _text_of(detail, model, loc=loc))


def _text_of(detail: ErrorDetails, model: type[BaseModel], *, loc: Loc) -> str:
    kind, example = detail["type"], _example(model, loc)
    limit = next(iter(detail.get("ctx", {}).values()), "")
    if kind == "value_error":
        return detail["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return f"is not a setting; {_suggest(str(loc[-1]), _keys_at(model, loc[:-1]))}"
    if kind in {"enum", "literal_error"}:
        return f"{detail['input']!r} is not known; write {str(limit).replace(chr(39), chr(34))}"
    if kind in _LIMITS:
        return f"{detail['input']!r} is out of range; write {_LIMITS[kind]} {limit}"
    if kind == "string_pattern_mismatch":
        return f"{detail['input']!r} does not do; write {example}"
    return f"{_SHAPES.get(kind, detail['msg'][0].lower() + detail['msg'][1:])}; write {example}"


_SHAPES: Final = {
    "missing": "is missing",
    "string_type": "must be a text in quotes",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list in [ ]",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "path_type": "must be a file name in quotes",
}
_LIMITS: Final = {
    "greater_than_equal": "at least",
    "less_than_equal": "at most",
    "too_short": "entries, at least",
    "string_too_long": "characters, at most",
    "string_too_short": "characters, at least",
}


def _suggest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    return f"known are {', '.join(known)}" if known else "remove it"


def model_at(model: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    """Find the model that reads a place; None where no model does."""
    here: type[BaseModel] | None = model
    is_name = False  # the part after a table of tables is a name of the user's
    for part in loc:
        if isinstance(part, int) or is_name:
            is_name = False
            continue
        field = here.model_fields.get(part) if here else None
        here = model_in(field.annotation) if field else None
        is_name = field is not None and get_origin(field.annotation) is dict
    return here


def model_in(annotation: object) -> type[BaseModel] | None:
    """Find the model inside an annotation such as `tuple[SourceConfig, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := model_in(arg))), None)


def _keys_at(model: type[BaseModel], loc: Loc) -> list[str]:
    owner = model_at(model, loc)
    return list(owner.model_fields) if owner else []


def _example(model: type[BaseModel], loc: Loc) -> str:
    keys = [part for part in loc if isinstance(part, str)]
    owner = model_at(model, loc[: loc.index(keys[-1])]) if keys else None
    field = owner.model_fields.get(keys[-1]) if owner else None
    found = [item for item in field.metadata if isinstance(item, Key)] if field else []
    if not keys or not found or not found[0].example:
        return "it as the manual shows (parley help configuration)"
    example = found[0].example
    is_bare = example[0] in "[{" or example in {"true", "false"} or example.isdigit()
    return f"{keys[-1]} = {example}" if is_bare else f'{keys[-1]} = "{example}"'


# -- lines ----------------------------------------------------------------------------------------


def line_of(text: str, loc: Loc) -> int | None:
    """Find the line, from 1, of a place: its key, else the head of its table; None if neither is seen.

    Only plain forms are found (`[table]`, `[[list]]`, `key = …`), which is what people write.
    """
    wanted = [part for part in loc if isinstance(part, str)]
    entry = next((part for part in loc if isinstance(part, int)), 0)
    table: list[str] = []
    count: dict[str, int] = {}
    head: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*(\[{1,2})\s*([^\]]+?)\s*\]", line)
        if header:
            table = [part.strip().strip("\"'") for part in header[2].split(".")]
            if header[1] == "[[":
                count[table[0]] = count.get(table[0], -1) + 1
            if table == wanted[: len(table)] and count.get(table[0], 0) == entry:
                head = number
            continue
        key = re.match(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\")\s*=", line)
        if not key or count.get(table[0] if table else "", 0) != (entry if table else 0):
            continue
        here = [*table, key[1].strip('"')]
        if here == wanted[: len(here)] and len(here) > len(table):
            return number
    return head
