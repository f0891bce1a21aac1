"""Secrets that the settings only point to: read from the environment or from files of their own.

A secret that cannot be read is a note, never the end of the daemon: its channel or source says so. A
proxy that cannot be read is a problem of the settings, because nothing may be fetched around it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import SecretStr

from crawler.config import FetchConfig, SourceConfig, check_header, check_login
from crawler.proxy import check_proxy
from scheduler.config_values import check_channel_address
from scheduler.errors import ConfigError, SecretError

if TYPE_CHECKING:
    from scheduler.config import ChannelConfig

_Proxied = TypeVar("_Proxied", FetchConfig, SourceConfig)
_READABLE_BY_OTHERS: Final = 0o077
_COMMENT: Final = "#"


class Keeper:
    """Reads secrets, and gathers what is to be said of them."""

    def __init__(self, *, name: str, folder: Path, env: Mapping[str, str]) -> None:
        """Take the settings' shown name, where relative files begin, and the environment."""
        self.notes: list[str] = []
        self._name = name
        self._folder = folder
        self._env = env

    def with_address(self, channel: "ChannelConfig") -> "ChannelConfig":
        """Give a channel with the address it points to; as it was where that cannot be read."""
        if channel.address is not None:
            return channel
        place = f"channels: {channel.name}"
        try:
            text = self._read(
                place,
                variable=channel.address_env,
                file=channel.address_file,
                mend="run `parley channels add` again",
            )
            address = SecretStr(_checked(check_channel_address, text, place))
        except SecretError as error:
            self.notes.append(f"{self._name}: {error}")
            return channel
        return channel.model_copy(update={"address": address})

    def with_access(self, source: SourceConfig) -> SourceConfig:
        """Give a source with the login and headers it points to; without those that cannot be read."""
        found: dict[str, object] = {}
        place = f"sources: {source.name}"
        mend = "write it again, or remove the line"
        try:
            if source.login_env or source.login_file:
                text = self._read(
                    place, variable=source.login_env, file=source.login_file, mend=mend
                )
                found["login"] = SecretStr(_checked(check_login, text, f"{place}: its login"))
            if source.headers_env or source.headers_file:
                text = self._read(
                    place, variable=source.headers_env, file=source.headers_file, mend=mend
                )
                found["headers"] = _headers(text, place)
        except SecretError as error:
            self.notes.append(f"{self._name}: {error}")
        return source.model_copy(update=found) if found else source

    def with_proxy(self, of: _Proxied, *, place: str) -> _Proxied:
        """Give settings with the proxy they point to.

        Raises:
            ConfigError: It cannot be read.
        """
        if not (of.proxy_env or of.proxy_file):
            return of
        mend = "write it again, or remove the line"
        try:
            text = self._read(place, variable=of.proxy_env, file=of.proxy_file, mend=mend)
            proxy = SecretStr(_checked(check_proxy, text, f"{place}: its proxy"))
        except SecretError as error:
            raise ConfigError(f"{self._name}: {error}") from None
        return of.model_copy(update={"proxy": proxy})

    def _read(self, place: str, *, variable: str | None, file: Path | None, mend: str) -> str:
        if variable is not None:
            text = self._env.get(variable, "")
            if not text.strip():
                raise SecretError(
                    f"{place}: the environment variable {variable} is not set; set it, "
                    "or keep the secret in a file."
                )
            return text
        path = self._folder / (file or Path()).expanduser()
        try:
            text, mode = path.read_text(encoding="utf-8"), path.stat().st_mode
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise SecretError(
                f"{place}: {path} cannot be read ({str(reason).lower()}); {mend}."
            ) from None
        if mode & _READABLE_BY_OTHERS:
            self.notes.append(
                f"{self._name}: {place}: {path} can be read by other users; run chmod 600 on it."
            )
        return text


def _headers(text: str, place: str) -> dict[str, SecretStr]:
    """Read `Name: value` lines; empty lines and comments are left out."""
    found: dict[str, SecretStr] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith(_COMMENT):
            continue
        name, colon, value = line.partition(":")
        where = f"{place}: its headers, line {number}"
        if not colon:
            raise SecretError(f"{where} has no colon; write `Name: value`.")
        try:
            name, value = check_header(name.strip(), value)
        except ValueError as error:
            raise SecretError(f"{where}: {error}.") from None
        found[name] = SecretStr(value)
    return found


def _checked(check: Callable[[str], str], text: str, place: str) -> str:
    try:
        return check(text)
    except ValueError as error:
        raise SecretError(f"{place} {error}.") from None
