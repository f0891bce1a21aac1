"""The values that settings may have: zones, networks, databases, addresses of channels.

Each check says in a sentence what is wrong; none shows a secret. Which setting has which value is
`scheduler.config`'s.
"""

import re
import warnings
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, SecretStr, StringConstraints

from crawler.config import read_duration, read_web_address, write_duration
from crawler.cronline import is_zone

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]{1,30}://\S+", re.IGNORECASE | re.ASCII)


def system_timezone() -> str:
    """The name of this machine's time zone; UTC where it cannot be told."""
    from tzlocal import get_localzone_name  # noqa: PLC0415 - only where no zone is set

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine with two answers is no fault of the settings
        try:
            name = get_localzone_name()
        except (LookupError, ValueError, OSError):
            return "UTC"
    return name if name and is_zone(name) else "UTC"


def _check_zone(found: str) -> str:
    if not is_zone(found):
        raise ValueError(f"{found!r} is not a time zone; write one such as Europe/Kyiv")
    return found


def _check_base_url(found: str) -> str:
    return read_web_address(found).rstrip("/") if found else ""


def check_contact(found: str) -> str:
    """Give an address that may stand in the User-Agent; "" is none.

    Raises:
        ValueError: With a sentence.
    """
    if not re.fullmatch(r"[\x21-\x7e][\x20-\x7e]{0,199}", found.strip() or "x") or re.search(
        r"[()<>]", found
    ):
        raise ValueError("is not fit for a header; write an e-mail address or a web address")
    return found.strip()


def _read_network(found: object) -> IPv4Network | IPv6Network:
    if isinstance(found, IPv4Network | IPv6Network):
        return found
    try:
        return ip_network(found, strict=False) if isinstance(found, str) else _no_network(found)
    except ValueError:
        return _no_network(found)


def _no_network(found: object) -> IPv4Network | IPv6Network:
    raise ValueError(f"{found!r} is not a network; write one such as 127.0.0.0/8 or 10.1.2.3")


def _read_keeping(found: object) -> timedelta | None:
    if found is None or found == "forever":
        return None
    try:
        return read_duration(found)
    except ValueError as error:
        raise ValueError(f'{error}, or "forever"') from None


def _write_keeping(keep: timedelta | None) -> str:
    return write_duration(keep) if keep else "forever"


def check_database(found: str) -> str:
    """Give a file's name as it is, and a database's address as SQLAlchemy wants it.

    Raises:
        ValueError: With a sentence that does not show a password.
    """
    scheme, has_scheme, rest = found.partition("://")
    if not has_scheme:
        return found
    name = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}.get(
        scheme, scheme
    )
    if name not in {"postgresql+psycopg", "sqlite"}:
        raise ValueError(
            f"{scheme}:// is not a database we know; write a file name or postgresql://user@host/name"
        )
    return f"{name}://{rest}"


def check_channel_address(found: str) -> str:
    """Give an Apprise address whose form is right; whether it loads is said by `parley doctor`.

    Raises:
        ValueError: With a sentence that does not show the address, which holds a secret.
    """
    text = found.strip()
    if not _ADDRESS.fullmatch(text):
        raise ValueError(
            "is not an Apprise address; it begins like mailto://, matrixs:// or jsons:// and has no "
            "blanks (`parley channels add` builds one)"
        )
    return text


def _check_secret(found: SecretStr) -> SecretStr:
    return SecretStr(check_channel_address(found.get_secret_value()))


Address = Annotated[SecretStr, AfterValidator(_check_secret)]
ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Zone = Annotated[str, AfterValidator(_check_zone)]
Network = Annotated[
    IPv4Network | IPv6Network,
    BeforeValidator(_read_network),
    PlainSerializer(str, return_type=str),
]
Keeping = Annotated[
    timedelta | None,
    BeforeValidator(_read_keeping),
    PlainSerializer(_write_keeping, return_type=str),
]
BaseUrl = Annotated[str, AfterValidator(_check_base_url)]
Contact = Annotated[str, AfterValidator(check_contact)]
DatabaseAddress = Annotated[str, AfterValidator(check_database)]
