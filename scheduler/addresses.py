"""Build Apprise addresses from what a person knows: a host and a password, a token and a room. Pure.

Everything is percent-encoded here, so that a password may hold any sign.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from crawler.config import read_web_address
from scheduler.config_values import check_channel_address

Values = Mapping[str, str]
_TLS_PORT: Final = 465
_PLAIN_PORT: Final = 25
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to ask for: its key, the words, a default (None: an answer is needed)."""

    key: str
    text: str
    default: str | None = None
    is_secret: bool = False
    check: Callable[[str], object] | None = None  # ValueError with a sentence: ask again at once


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressKind:
    """A kind of channel: what is asked for, and how that becomes an address."""

    title: str
    questions: tuple[Question, ...]
    build: Callable[[Values], str]


def build_address(kind: str, values: Values) -> str:
    """Build the Apprise address of a channel.

    Raises:
        ValueError: With a sentence that does not show a secret.
    """
    return check_channel_address(KINDS[kind].build(values))


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _host(text: str) -> str:
    host = text.strip()
    if not host or any(sign in host for sign in "/@?# ") or "://" in host:
        raise ValueError(f"{text!r} is not a server's name; write one such as mail.example.org")
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1 << 16):
        raise ValueError(f"{text!r} is not a port; write a number from 1 to 65535")
    return int(text)


def _login(user: str, password: str) -> str:
    if not user:
        return ""
    return f"{_quoted(user)}:{_quoted(password)}@" if password else f"{_quoted(user)}@"


def _mailboxes(text: str) -> list[str]:
    found = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    for address in found or [text]:
        if address.count("@") != 1 or any(sign.isspace() for sign in address):
            raise ValueError(f"{address!r} is not an e-mail address; write desk@example.org")
    return found


def _mail(values: Values) -> str:
    host, port = _host(values["host"]), _port(values["port"])
    recipients, [sender] = _mailboxes(values["to"]), _mailboxes(values["from"])[:1]
    security = values.get("security") or default_security(values["host"], port)
    if security not in {"starttls", "ssl", "none"}:
        raise ValueError(f"{security!r} is not known; write starttls, ssl or none")
    scheme = "mailto" if security == "none" else "mailtos"
    mode = "insecure" if security == "none" else security
    query = urlencode(
        {"from": sender, "to": ",".join(recipients), "mode": mode}, quote_via=quote, safe=""
    )
    return f"{scheme}://{_login(values['user'], values['password'])}{host}:{port}/?{query}"


def default_security(host: str, port: int) -> str:
    """Say how a connection to a mail server is encrypted, going by its port."""
    if port == _TLS_PORT:
        return "ssl"
    return "none" if host.strip() in _LOOPBACK or port == _PLAIN_PORT else "starttls"


def _matrix(values: Values) -> str:
    server = values["server"].strip()
    parts = urlsplit(server if "://" in server else f"https://{server}")
    scheme = "matrix" if parts.scheme == "http" else "matrixs"
    host = _host(parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    room = values["room"].strip()
    if not room.startswith(("#", "!")):
        raise ValueError(f"{room!r} is not a room; write its alias, such as #desk:example.org")
    return f"{scheme}://{_quoted(values['token'])}@{host}/{_quoted(room)}"


def _telegram(values: Values) -> str:
    token, chat = values["token"].strip(), values["room"].strip()
    number, colon, rest = token.partition(":")
    if not (colon and number.isdigit() and rest):
        raise ValueError("is not a bot token; it looks like 123456:ABC-DEF, from @BotFather")
    return f"tgram://{quote(token, safe=':')}/{_quoted(chat)}/"


def _webhook(values: Values) -> str:
    parts = urlsplit(read_web_address(values["url"]))
    scheme = {"http": "json", "https": "jsons"}[parts.scheme]
    # Apprise reads a plain query as its own options; "-" marks those that go out with the request
    query = urlencode([(f"-{key}", value) for key, value in parse_qsl(parts.query)])
    return f"{scheme}://{parts.netloc}{parts.path or '/'}" + (f"?{query}" if query else "")


def _irc(values: Values) -> str:
    host, port = _host(values["host"]), _port(values["port"])
    scheme = "irc" if values["host"].strip() in _LOOPBACK or port in _PLAIN_IRC else "ircs"
    room = values["room"].strip()
    if not room.startswith("#"):
        raise ValueError(f"{room!r} is not an IRC channel; write it with its #, such as #desk")
    login = _login(values["user"], values["password"])
    return f"{scheme}://{login}{host}:{port}/{_quoted(room)}"


_PLAIN_IRC: Final = range(6660, 6670)


def _other(values: Values) -> str:
    return values["address"].strip()


_HOST: Final = Question(key="host", text="Server", check=_host)
KINDS: Final[Mapping[str, AddressKind]] = {
    "mail": AddressKind(
        title="a mailbox, through your mail server",
        questions=(
            Question(key="host", text="Mail server (SMTP)", check=_host),
            Question(key="port", text="Port", default="587", check=_port),
            Question(key="user", text="User (empty: no login)", default=""),
            Question(key="password", text="Password", default="", is_secret=True),
            Question(key="from", text="Sender's address", check=_mailboxes),
            Question(key="to", text="Recipients (comma between)", check=_mailboxes),
        ),
        build=_mail,
    ),
    "matrix": AddressKind(
        title="a Matrix room",
        questions=(
            Question(key="server", text="Home server"),
            Question(key="token", text="Access token", is_secret=True),
            Question(key="room", text="Room alias (#desk:example.org)"),
        ),
        build=_matrix,
    ),
    "telegram": AddressKind(
        title="a Telegram chat, through a bot",
        questions=(
            Question(key="token", text="Bot token", is_secret=True),
            Question(key="room", text="Chat id"),
        ),
        build=_telegram,
    ),
    "irc": AddressKind(
        title="an IRC channel",
        questions=(
            _HOST,
            Question(key="port", text="Port", default="6697", check=_port),
            Question(key="user", text="Nickname", default="parleywatch"),
            Question(key="password", text="Password (empty: none)", default="", is_secret=True),
            Question(key="room", text="Channel (#desk)"),
        ),
        build=_irc,
    ),
    "webhook": AddressKind(
        title="your own program: JSON by HTTP",
        questions=(Question(key="url", text="Address (https://…)", check=read_web_address),),
        build=_webhook,
    ),
    "other": AddressKind(
        title="any other service: an Apprise address you have",
        questions=(Question(key="address", text="Apprise address", is_secret=True),),
        build=_other,
    ),
}
