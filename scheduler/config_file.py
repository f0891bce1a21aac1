"""Write `parley.toml`: the first one with its comments, and later additions that keep every comment.

What a user wrote stays as it is; a file is replaced in one step, so that a crash leaves the old one.
"""

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import tomlkit
from tomlkit.exceptions import ParseError
from tomlkit.items import AoT, Table

from crawler.config import SourceConfig
from scheduler.config_problems import shown
from scheduler.errors import ConfigError

_OWNER_ONLY: Final = 0o600

_HEAD: Final = """\
# parley.toml: what Parleywatch watches, and for whom.
# Lines that begin with # are comments. Every key: parley help configuration
# After a change: parley doctor, then parley reload.

# The time zone of the times you read; without this line it is the machine's.
{timezone}

# Publishers see this with every request, so that they can reach you. An e-mail or web address.
{contact}

# Where the history is kept: a file beside this one, or postgresql://user@host/name.
database = "parley.db"

# Where readers reach the viewer. Messages link to it only when it is set.
# base_url = "https://parley.example.org"

# How long articles on no topic are kept ("forever" keeps them all).
keep_off_topic = "30d"

# Only public addresses are fetched. A publisher in your own network must be allowed here.
# allow_networks = ["10.0.0.0/8"]


# -- what is told, and when ------------------------------------------------------------------
# major      headline in substance, a number, date, name or quote, a correction, gone, back
# new        a new article on a topic
# minor      other wording, paragraphs added, removed or moved
# trivial    typography and the like
# off-topic  any change of an article on no topic

[alerts]
now = ["major"]                      # a message at once
summary = ["new", "minor"]           # together, once per summary_every
history = ["trivial", "off-topic"]   # kept and searchable, never sent
summary_every = "1h"
max_per_hour = 6                     # what is over goes into one summary, most important first
max_per_day = 40


# -- how pages are fetched -------------------------------------------------------------------
# robots.txt is always obeyed, and a site that asks for a slower pace gets it.

[fetch]
pace = "1s"                          # between two requests to one site
timeout = "30s"
max_size_mb = 10
# proxy = "http://proxy.example.org:3128"   # everything is fetched through it


# -- the pages in your browser ---------------------------------------------------------------

[viewer]
enabled = true
host = "127.0.0.1"                   # this machine only
port = 8787


# -- what to look for ------------------------------------------------------------------------
# "talks" comes with Parleywatch and knows the negotiations in many languages.
# A topic of your own: parley help extending

[topics.talks]
title = "Russia-Ukraine talks"
lexicon = "talks"


# -- where alerts go -------------------------------------------------------------------------
# `parley channels add` asks what it needs, keeps the password in a file of its own and sends a
# test. Without a channel, changes are kept all the same: parley list, parley serve.
#
# [[channels]]
# name = "desk"
# address_file = "desk.secret"       # or address_env = "PARLEY_DESK"


# -- where articles are found ----------------------------------------------------------------
# `parley add https://…` looks at an address and writes it here. `every` is how often it is looked
# at (10m if it is not written); `enabled = false` pauses a source and keeps its history.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What `parley init` asked for."""

    timezone: str = ""  # "" = the machine's
    contact: str = ""


def first_file(answers: Answers, sources: Sequence[SourceConfig]) -> str:
    """Write the text of a first file: commented, valid, with these sources."""
    head = _HEAD.format(
        timezone=_line_or_comment("timezone", answers.timezone, "Europe/Kyiv"),
        contact=_line_or_comment("contact", answers.contact, "desk@example.org"),
    )
    blocks = [source_block(source) for source in sources]
    return "\n".join([head, *blocks])


def source_block(source: SourceConfig) -> str:
    """Write one `[[sources]]` with the keys that say more than their defaults."""
    lines = ["[[sources]]"]
    lines += [f"{key} = {_toml(value)}" for key, value in source_values(source).items()]
    return "\n".join(lines) + "\n"


def source_values(source: SourceConfig) -> dict[str, Any]:
    """Give the keys of a source that differ from their defaults, in the order of the manual."""
    plain = SourceConfig(name=source.name, url=source.url).model_dump(mode="json")
    own = source.model_dump(mode="json")
    return {
        key: value
        for key, value in own.items()
        if key in {"name", "url"} or (value != plain[key] and value is not None)
    }


def _line_or_comment(key: str, value: str, example: str) -> str:
    return f"{key} = {_toml(value)}" if value else f'# {key} = "{example}"'


def _toml(value: Any) -> str:  # noqa: ANN401 - any TOML value
    return tomlkit.item(value).as_string()


# -- files ----------------------------------------------------------------------------------------


def write_new(path: Path, text: str) -> None:
    """Write a file that must not be there yet.

    Raises:
        ConfigError: It is there; nothing was changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(
            f"{shown(path)}: is there already and was not changed; rename it first, or name "
            "another file: parley init FILE."
        ) from None


def write_secret(path: Path, secret: str) -> None:
    """Write a secret into a new file that only its owner can read.

    Raises:
        ConfigError: The file is there already; nothing was changed.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except FileExistsError:
        raise ConfigError(
            f"{shown(path)}: is there already and was not changed; remove it, or give the channel "
            "another name."
        ) from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), _OWNER_ONLY)  # whatever the umask says
        file.write(secret + "\n")


def append_entry(path: Path, section: str, values: Mapping[str, Any]) -> None:
    """Add one `[[section]]` after those that are there; all else stays as it was written.

    Raises:
        ConfigError: The file is not TOML.
    """
    append_entries(path, section, [values])


def append_entries(path: Path, section: str, many: Sequence[Mapping[str, Any]]) -> None:
    """Add several `[[section]]` at once, all or none; all else stays as it was written.

    Raises:
        ConfigError: The file is not TOML.
    """

    def add(document: tomlkit.TOMLDocument) -> None:
        for values in many:
            _append(document, section, values)

    _edit(path, add)


def _append(document: tomlkit.TOMLDocument, section: str, values: Mapping[str, Any]) -> None:
    entry = tomlkit.table()
    for key, value in values.items():
        entry.add(key, value)
    found = document.get(section)
    if isinstance(found, AoT) and len(found):
        _part_from(found[-1])
        found.append(entry)
        if not document.as_string().rstrip().endswith(entry.as_string().rstrip()):
            _part_from(entry)
        return
    if section in document:  # an empty list: sources = []
        document.remove(section)
    entries = tomlkit.aot()
    entries.append(entry)
    document.add(tomlkit.nl())
    document.append(section, entries)


def remove_entry(path: Path, section: str, name: str) -> bool:
    """Remove the entry of this name; False if there is none."""
    removed: list[str] = []

    def remove(document: tomlkit.TOMLDocument) -> None:
        entries = document.get(section)
        if not isinstance(entries, AoT):
            return
        for at, entry in enumerate(list(entries)):
            if entry.get("name") == name:
                del entries[at]
                removed.append(name)
                break
        if not len(entries):
            document.remove(section)

    _edit(path, remove)
    return bool(removed)


def set_in_entry(path: Path, section: str, name: str, *, values: Mapping[str, Any]) -> bool:
    """Set keys of the entry of this name (None removes a key); False if there is no such entry."""
    changed: list[str] = []

    def change(document: tomlkit.TOMLDocument) -> None:
        entries = document.get(section)
        for entry in cast("list[Table]", entries) if isinstance(entries, AoT) else []:
            if entry.get("name") == name:
                _set_keys(entry, values)
                changed.append(name)

    _edit(path, change)
    return bool(changed)


def _set_keys(entry: Table, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if value is not None and key in entry:
            entry[key] = value
        elif value is not None:
            _insert(entry, key, value)
        elif key in entry:
            entry.remove(key)


def _insert(entry: Table, key: str, value: Any) -> None:  # noqa: ANN401 - any TOML value
    # after the last key that is there, not after the blank lines that part it from the next entry
    entry.value._insert_after(list(entry)[-1], key, value)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def _part_from(entry: Table) -> None:
    if not entry.as_string().endswith("\n\n"):
        entry.add(tomlkit.nl())


def _edit(path: Path, change: Callable[[tomlkit.TOMLDocument], None]) -> None:
    text = path.read_text(encoding="utf-8-sig")
    try:
        document = tomlkit.parse(text)
    except ParseError as error:
        raise ConfigError(
            f"{shown(path)}: line {error.line}: this is not TOML; run parley doctor."
        ) from None
    change(document)
    replace(path, document.as_string())


def replace(path: Path, text: str) -> None:
    """Replace a file's text in one step; its mode stays."""
    target = path.resolve()  # a symlink stays one
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(target.stat().st_mode & 0o777)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
