"""Write the manual's page of the settings from the models that check them.

`python -m scheduler.manual_settings` writes it anew; a test fails when it is stale.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from types import NoneType
from typing import Any, Final, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from crawler.config import Key, write_duration
from scheduler.config import Settings
from scheduler.config_problems import model_in
from scheduler.manual_pages import FOLDER

_INTRO: Final = """\
# Settings: parley.toml

<!-- Written from the program by `python -m scheduler.manual_settings`; do not edit. -->

All settings are in one file of [TOML](https://toml.io), `parley.toml`. `parley init` writes one with
comments; `parley add` and `parley channels add` add to it and keep what you wrote. A key that is not
in the file has its default. A key that does not exist is refused, so that a slip of the pen cannot
switch something off unseen; `parley doctor` names every problem at once, with its line.

Parleywatch takes the first of these files: the one named by `-c FILE`, the one named by
`PARLEY_CONFIG`, `parley.toml` in this folder, `parley.toml` in your configuration folder
(`~/.config/parleywatch` on Linux, `~/Library/Application Support/parleywatch` on macOS). The history
lies beside the file; that of the file in your configuration folder lies in your data folder
(`~/.local/share/parleywatch`). `parley doctor` prints which.

A *duration* is a number with its unit: `90s`, `10m`, `2h`, `1d`, `2w`. A *list* stands in brackets:
`["a", "b"]`.

A running `parley run` reads the file again when you say so: `parley reload`. A file with a problem is
refused then, and the settings from before stay.
"""
_PROXY: Final = """\
## Through a proxy

`proxy` under `[fetch]` sends everything that is fetched through one proxy: pages, feeds, redirects and
robots.txt, of `parley run`, `check`, `add`, `try` and `doctor`. A source with a `proxy` of its own goes
through that one, and with `proxy = "none"` through none. Messages to channels do not go through it, and
the environment (`http_proxy` and the like) is not asked.

```toml
[fetch]
proxy_env = "PARLEY_PROXY"   # http://user:password@proxy.example.org:3128

[[sources]]
name = "Le Monde world"
url = "https://www.lemonde.fr/en/international/"
proxy = "none"               # straight
```

- **Kinds.** `http://` and `https://` (TLS to the proxy) ask for pages over TLS by CONNECT; certificates
  of pages are checked as without a proxy. `socks5h://` is SOCKS 5 with names; `socks5://` is refused,
  because with it names are looked up here.
- **What is not guarded any more.** Without a proxy every address is judged after its name was looked
  up, and private ones are not connected to. Through a proxy *it* looks names up: Parleywatch still
  refuses `localhost` and private addresses written as such, in links and at every step of a redirect;
  but a name that means an address inside the proxy's network is fetched from there. Take a proxy that
  cannot reach what must not be reached, or let it refuse private addresses itself.
- **A proxy in your own network**, also one on this machine, must stand in `allow_networks`, with just
  its address: `allow_networks = ["10.1.2.3"]`. Pages may then be fetched from that address too.
- **Manners stay.** Pace, Retry-After and daily limits count for each site, whatever the way. What the
  publisher's robots.txt forbids, as the proxy sees it, is not fetched: a proxy is no way around it.
- **When it fails.** A proxy that is down or refuses the login is named as such in `parley status` and
  `parley why`. It is no failure of a source and no sign that an article is gone; pages that were due
  are tried again within minutes, sources at their next time. A site that the proxy does not reach is
  tried again as one that is down.
- **Its login** is shown nowhere: not in logs, pages, exports or error messages. A proxy whose variable
  or file cannot be read ends the start, because nothing is fetched around it.
"""
_SECRETS: Final = """\
## Secrets

The address of a channel holds a password or token. `parley channels add` keeps it in a file beside
`parley.toml` that only you can read (`address_file`). `address_env` names an environment variable
instead, for containers. Neither is ever shown: not in logs, pages, exports or error messages. The
address of a PostgreSQL database with a password goes into the variable named by `database_env`.
"""


def configuration_page() -> str:
    """Write the page of the settings from the models."""
    parts = [_INTRO, "## At the top of the file\n", _rows_of(Settings)]
    for key, field in Settings.model_fields.items():
        inner = model_in(field.annotation)
        if inner is not None:
            parts += [f"## {_head(key, field.annotation)}\n", f"{_doc(inner)}\n", _rows_of(inner)]
    return "\n".join([*parts, _PROXY, _SECRETS])


def _head(key: str, annotation: Any) -> str:  # noqa: ANN401 - any annotation
    if get_origin(annotation) is tuple:
        return f"`[[{key}]]`"
    return f"`[{key}.NAME]`" if get_origin(annotation) is dict else f"`[{key}]`"


def _doc(model: type[BaseModel]) -> str:
    lines = (model.__doc__ or "").strip().split("\n\n")
    return " ".join(" ".join(line.split()) for line in lines)


def _rows_of(model: type[BaseModel]) -> str:
    lines = ["| key | default | unit | meaning | example |", "|---|---|---|---|---|"]
    for name, field in model.model_fields.items():
        if model_in(field.annotation) is None:
            lines.append("| " + " | ".join(_row(name, field)) + " |")
    return "\n".join(lines) + "\n"


def _row(name: str, field: FieldInfo) -> Iterator[str]:
    key = _key(field.metadata)
    yield f"`{name}`"
    yield _default(field, key.default)
    yield key.unit or _kind(field.annotation)
    yield key.meaning.replace("|", "\\|")
    yield f"`{_shown_example(key.example, field.annotation)}`"


def _default(field: FieldInfo, words: str) -> str:
    if field.is_required():
        return "required"
    if words:
        return words
    return f"`{_toml(field.default)}`"


def _toml(value: object) -> str:
    if isinstance(value, timedelta):
        return f'"{write_duration(value)}"'
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in cast("tuple[object, ...]", value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(metadata: list[Any]) -> Key:
    return next(item for item in metadata if isinstance(item, Key))


def _kind(annotation: Any) -> str:  # noqa: ANN401 - any annotation
    words: dict[Any, str] = {bool: "true or false", int: "number", float: "number", str: "text"}
    for part in _parts(annotation):
        if part is tuple:
            return "list"
        if part is dict:
            return "table"
        if part in words:
            return words[part]
        if isinstance(part, type) and issubclass(part, StrEnum):
            return "one of"
    return "text"


def _parts(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - any annotation
    origin = get_origin(annotation)
    if origin in {tuple, dict}:
        yield origin
        return
    yield annotation
    for inner in get_args(annotation):
        if inner is not NoneType:
            yield from _parts(inner)


def _shown_example(example: str, annotation: Any) -> str:  # noqa: ANN401 - any annotation
    bare = example[:1] in {"[", "{"} or example in {"true", "false"}
    is_number = _kind(annotation) == "number"
    return example if bare or is_number else f'"{example}"'


def main() -> None:
    """Write the page anew."""
    (FOLDER / "configuration.md").write_text(configuration_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
