"""What a user may set about sources, topics and fetching; values only.

No file and no environment is read here: that is `scheduler.config`'s. Every key says for itself what
it means (`Key`); the manual page of the settings is written from that.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, cast
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    StringConstraints,
    model_validator,
)

from crawler.cronline import CronLine, read_cron
from crawler.ignoring import MOST_PATTERNS, check_pattern
from crawler.proxy import check_proxy
from crawler.windows import Window, read_window
from storage.types import SourceKind

DEFAULT_EVERY: Final = timedelta(minutes=10)
_UNIT_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_OUR_HEADERS: Final = frozenset({
    "host", "user-agent", "accept-encoding", "connection", "content-length", "content-type", "expect",
    "transfer-encoding", "te", "trailer", "upgrade", "range", "if-none-match", "if-modified-since",
})  # fmt: skip
_DURATION: Final = re.compile(r"([0-9]{1,8})\s?([smhdw])", re.ASCII)


class Strict(BaseModel):
    """A group of settings: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Key:
    """What the manual says about a setting."""

    meaning: str
    example: str = ""
    unit: str = ""
    default: str = ""  # in words, where the plain default would puzzle


# -- values ---------------------------------------------------------------------------------------


def read_duration(found: object) -> timedelta:
    """Read "90s", "10m", "2h", "1d" or "2w".

    Raises:
        ValueError: With a sentence; a bare number is refused, because nobody can see its unit.
    """
    if isinstance(found, timedelta):
        return found
    match = _DURATION.fullmatch(found.strip()) if isinstance(found, str) else None
    if match is None:
        raise ValueError(f"{found!r} is not a duration; write 10m, 2h or 1d")
    return timedelta(seconds=int(match[1]) * _UNIT_S[match[2]])


def write_duration(span: timedelta) -> str:
    """Write a span as `read_duration` reads it, in the largest unit that divides it."""
    total_s = int(span.total_seconds())
    for unit in ("d", "h", "m"):
        if total_s and total_s % _UNIT_S[unit] == 0:
            return f"{total_s // _UNIT_S[unit]}{unit}"
    return f"{total_s}s"


def within(low: timedelta, high: timedelta) -> AfterValidator:
    """Refuse a duration outside these limits."""

    def check(span: timedelta) -> timedelta:
        if not low <= span <= high:
            raise ValueError(
                f"{write_duration(span)} is out of range; write a duration from "
                f"{write_duration(low)} to {write_duration(high)}"
            )
        return span

    return AfterValidator(check)


def read_web_address(found: str) -> str:
    """Give an http(s) address as it was written.

    Raises:
        ValueError: With a sentence; user names and passwords inside an address are refused.
    """
    text = found.strip()
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"{found!r} is not a web address; write https://…") from None
    if parts.scheme not in {"http", "https"} or not host or re.search(r"[\s\x00-\x1f\\]", text):
        raise ValueError(f"{found!r} is not a web address; write it with https:// in front")
    if parts.username or parts.password:
        raise ValueError("holds a user name or password, which sources cannot have; leave it out")
    return text


def _check_path_glob(found: str) -> str:
    if not found.startswith(("/", "*")) or "://" in found or re.search(r"\s", found):
        raise ValueError(
            f"{found!r} is not a path; write it from the first slash, such as /world/*"
        )
    return found


def _check_cron(found: str) -> str:
    read_cron(found)
    return " ".join(found.split())


def _check_window(found: str) -> str:
    read_window(found)
    return " ".join(found.split())


def _check_obeys(found: object) -> object:
    if found is False:
        raise ValueError(
            "cannot be false: what robots.txt forbids is never fetched; remove the line"
        )
    return found


def check_login(found: str) -> str:
    """Give `user:password` as it is sent.

    Raises:
        ValueError: With a sentence that does not show it.
    """
    text = found.strip()
    if ":" not in text or not text.isprintable() or text.startswith(":"):
        raise ValueError("is not user:password; write both with a colon between them")
    return text


def check_header(name: str, value: str) -> tuple[str, str]:
    """Give a header's name and value as they are sent.

    Raises:
        ValueError: With a sentence that does not show the value.
    """
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", name):
        raise ValueError(f"{name[:40]!r} is not the name of a header; write one such as Cookie")
    if name.lower() in _OUR_HEADERS:
        raise ValueError(f"{name} is ours to set; remove it")
    text = value.strip()
    if not re.fullmatch(r"[\x20-\x7e\xa0-\xff]{1,8000}", text):
        raise ValueError(f"the value of {name} does not fit in a header; write one line of text")
    return name, text


def _check_headers(found: dict[str, SecretStr]) -> dict[str, SecretStr]:
    pairs = (check_header(name, value.get_secret_value()) for name, value in found.items())
    return {name: SecretStr(value) for name, value in pairs}


def _check_source_name(found: str) -> str:
    if "://" in found or not found.isprintable():
        raise ValueError(f"{found!r} is not a name; write a few words, such as Le Monde world")
    return found


Duration = Annotated[
    timedelta, BeforeValidator(read_duration), PlainSerializer(write_duration, return_type=str)
]
Login = Annotated[
    SecretStr, AfterValidator(lambda found: SecretStr(check_login(found.get_secret_value())))
]
ProxyAddress = Annotated[
    SecretStr, AfterValidator(lambda found: SecretStr(check_proxy(found.get_secret_value())))
]
Headers = Annotated[dict[str, SecretStr], AfterValidator(_check_headers)]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
WebAddress = Annotated[str, AfterValidator(read_web_address)]
PathGlob = Annotated[str, AfterValidator(_check_path_glob)]
SourceName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(_check_source_name),
]
TopicName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Term = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]

_TEN_SECONDS = timedelta(seconds=10)
_MONTH = timedelta(days=31)


_WITHOUT_FEED: Final = frozenset({"sitemap", "section", "page"})
_EXCLUSIVE: Final = (
    *("feed_only", "kind"),
    *("every", "cron", "active", "login", "login_env", "login_file"),
    *("headers", "headers_env", "headers_file"),
    *("proxy", "proxy_env", "proxy_file"),
)


# -- sources --------------------------------------------------------------------------------------


class SourceConfig(Strict):
    """A feed, sitemap, section or single page of a publisher, looked at on a timetable."""

    name: Annotated[SourceName, Key("What you call it; every name once.", "Le Monde world")]
    url: Annotated[
        WebAddress,
        Key(
            "Its address: a home page, a section, a feed, a sitemap or one article.",
            "https://www.lemonde.fr/en/international/",
        ),
    ]
    kind: Annotated[
        SourceKind,
        Key(
            "What stands at the address: `auto` finds out, and reads with a home page the feeds, "
            "sitemaps and sections it leads to; `feed`, `sitemap`, `section` (a page that links to "
            "articles, and that page alone) or `page` (one article).",
            "feed",
        ),
    ] = SourceKind.AUTO
    every: Annotated[
        Annotated[Duration, within(_TEN_SECONDS, _MONTH)] | None,
        Key(
            "How often it is looked at, about: from half of it where much is published to twice as long "
            "where little is; what brings nothing that a feed of the same source did not bring "
            "before rests up to twelve times as long, where several do so up to 24 times. Leave it out "
            "where `cron` says when.",
            "30m",
            unit="duration",
            default="10m",
        ),
    ] = None
    cron: Annotated[
        Annotated[str, AfterValidator(_check_cron)] | None,
        Key(
            "Looks at fixed times instead of `every`: minute, hour, day, month, weekday (names, or 0 "
            "to 7 with 0 and 7 for Sunday) and a time zone by name.",
            "0 6 * * mon Europe/Kyiv",
            default="none",
        ),
    ] = None
    active: Annotated[
        Annotated[str, AfterValidator(_check_window)] | None,
        Key(
            "The part of the day in which it is looked at, with a time zone by name: from the first "
            "minute to before the second, over midnight if that is earlier, all day if they are the "
            "same. Its articles are looked at when an edit is likely, at any hour.",
            "06:00-23:30 Europe/Kyiv",
            default="all day",
        ),
    ] = None
    topics: Annotated[
        tuple[str, ...],
        Key("The topics its articles are judged for, by name.", '["talks"]', default="all topics"),
    ] = ()
    allow: Annotated[
        tuple[PathGlob, ...],
        Key(
            "Only addresses whose path fits one of these are read; `*` stands for anything.",
            '["/world/*", "/*/ukraine/*"]',
            default="all paths",
        ),
    ] = ()
    deny: Annotated[
        tuple[PathGlob, ...],
        Key(
            "Addresses whose path fits one of these are not read; it wins over `allow`.",
            '["/sport/*"]',
            default="no path",
        ),
    ] = ()
    feed_only: Annotated[
        bool,
        Key(
            "`true` never fetches its articles' pages: headline and summary of its feeds are watched, as "
            "they are where robots.txt closes the pages and leaves the feed open.",
            "true",
        ),
    ] = False
    ignore_patterns: Annotated[
        Annotated[
            tuple[Annotated[str, AfterValidator(check_pattern)], ...],
            Field(max_length=MOST_PATTERNS),
        ],
        Key(
            "Regular expressions: a paragraph in which one is found is neither kept nor compared. One "
            "that takes too long is named, and the page counts as not read.",
            '["^Weather in ", "visitors? online"]',
            default="none",
        ),
    ] = ()
    login: Annotated[
        Login | None,
        Key(
            "Name and password for a publisher that asks for them (HTTP basic), with a colon between. "
            "Sent to the source's own host only. Better in a file or the environment.",
            "desk:password",
            default="none",
        ),
    ] = None
    login_env: Annotated[
        Variable | None,
        Key("The environment variable that holds the login.", "LE_MONDE_LOGIN", default="none"),
    ] = None
    login_file: Annotated[
        Path | None,
        Key("The file that holds the login, beside this one.", "monde.secret", default="none"),
    ] = None
    headers: Annotated[
        Headers,
        Key(
            "Further headers of its requests, such as the cookie of your own subscription. Sent to "
            "the source's own host only, never along a redirect to another.",
            '{ Cookie = "session=2f7c" }',
            default="none",
        ),
    ] = Field(default_factory=dict)
    headers_env: Annotated[
        Variable | None,
        Key(
            "The environment variable that holds them, `Name: value` a line.",
            "LE_MONDE_HEADERS",
            default="none",
        ),
    ] = None
    headers_file: Annotated[
        Path | None,
        Key("The file that holds them, beside this one.", "monde.headers", default="none"),
    ] = None
    proxy: Annotated[
        ProxyAddress | None,
        Key(
            'The proxy of this source, in the place of that under `[fetch]`; `"none"` goes without one.',
            "socks5h://proxy.example.org:1080",
            default="as in [fetch]",
        ),
    ] = None
    proxy_env: Annotated[
        Variable | None,
        Key("The environment variable that holds it.", "LE_MONDE_PROXY", default="none"),
    ] = None
    proxy_file: Annotated[
        Path | None,
        Key("The file that holds it, beside this one.", "monde.proxy", default="none"),
    ] = None
    enabled: Annotated[
        bool,
        Key("`false` pauses the source; its history stays.", "false"),
    ] = True
    reason: Annotated[
        str,
        Key("Why it is off, for whoever reads this file next.", "terms forbid automatic reading"),
    ] = ""
    outlet: Annotated[
        str, Key("The publisher's name as alerts show it.", "Le Monde", default="the source's name")
    ] = ""
    language: Annotated[
        str, Key("The language of the outlet, two letters.", "fr", default="not known")
    ] = ""
    country: Annotated[
        str, Key("The country of the outlet, two letters.", "FR", default="not known")
    ] = ""
    control: Annotated[
        Literal["", "state", "public", "private", "exile", "unknown"],
        Key(
            "Who controls the outlet: `state`, `public` (a public broadcaster), `private`, `exile`, "
            "or `unknown`.",
            "public",
            default="not known",
        ),
    ] = ""

    @model_validator(mode="before")
    @classmethod
    def _look_often_without_cron(cls, found: object) -> object:
        if isinstance(found, Mapping):
            table = cast("Mapping[str, Any]", found)
            if table.get("every") is None and table.get("cron") is None:
                return {**table, "every": DEFAULT_EVERY}
        return cast("object", found)

    @model_validator(mode="after")
    def _one_timetable(self) -> Self:
        given = {name: getattr(self, name) for name in _EXCLUSIVE}
        for text in source_conflicts({k: v for k, v in given.items() if v}):
            raise ValueError(text)
        return self

    @property
    def cron_line(self) -> CronLine | None:
        """The cron line, read; None where an interval says when."""
        return read_cron(self.cron) if self.cron else None

    @property
    def window(self) -> Window | None:
        """The part of the day, read; None where it is all of it."""
        return read_window(self.active) if self.active else None


def source_conflicts(table: Mapping[str, object]) -> list[str]:
    """Name what cannot stand together in one source."""
    pairs = (("every", "cron"), ("active", "cron"))
    kept = tuple((name, f"{name}_env", f"{name}_file") for name in ("login", "headers", "proxy"))
    found: list[str] = []
    if table.get("feed_only") and str(table.get("kind")) in _WITHOUT_FEED:
        found.append(f"has feed_only, and kind is {table['kind']}; give a feed or a home page")
    for group in (*pairs, *kept):
        given = [key for key in group if table.get(key) is not None]
        if len(given) > 1:
            found.append(f"has {' and '.join(given)}; keep one of them")
    return found


def proxy_conflicts(table: Mapping[str, object]) -> list[str]:
    """Name what cannot stand together under `[fetch]`."""
    given = [key for key in ("proxy", "proxy_env", "proxy_file") if table.get(key) is not None]
    return [f"has {' and '.join(given)}; keep one of them"] if len(given) > 1 else []


# -- topics ---------------------------------------------------------------------------------------


class TopicConfig(Strict):
    """What to look for: groups of terms, of which a version must have one each, near each other."""

    title: Annotated[
        str, Key("What alerts call the topic.", "Grain exports", default="the topic's name")
    ] = ""
    groups: Annotated[
        dict[str, Annotated[tuple[Term, ...], Field(min_length=1)]],
        Key(
            "Groups of terms: a version is on the topic when every group has a term in it, near each "
            "other. A `*` at the end of a term stands for any ending.",
            '{ what = ["grain*", "wheat"], where = ["Odesa", "Black Sea"] }',
            default="none",
        ),
    ] = Field(default_factory=dict)
    lexicon: Annotated[
        Literal["talks"] | None,
        Key(
            "A word list that comes with Parleywatch: `talks` knows the negotiations in many "
            "languages.",
            "talks",
            default="talks without `groups`, else none",
        ),
    ] = "talks"
    threshold: Annotated[
        Annotated[float, Field(ge=0.05, le=1.0)],
        Key(
            "From which score a version is on the topic; lower takes in more.",
            "0.6",
            unit="0.05 to 1",
        ),
    ] = 0.5

    @model_validator(mode="before")
    @classmethod
    def _own_groups_need_no_lexicon(cls, found: object) -> object:
        if isinstance(found, Mapping):
            table = cast("Mapping[str, Any]", found)
            if table.get("groups") and "lexicon" not in table:
                return {**table, "lexicon": None}
        return cast("object", found)


# -- fetching -------------------------------------------------------------------------------------


class FetchConfig(Strict):
    """How politely, how long and how much is fetched."""

    pace: Annotated[
        Annotated[Duration, within(timedelta(0), timedelta(minutes=10))],
        Key(
            "The pause between two requests to one site; a site that asks for more gets more.",
            "3s",
            unit="duration",
        ),
    ] = timedelta(seconds=1)
    concurrency: Annotated[
        Annotated[int, Field(ge=1, le=8)],
        Key("How many requests to one site may be open at once.", "1", unit="requests"),
    ] = 2
    timeout: Annotated[
        Annotated[Duration, within(timedelta(seconds=1), timedelta(minutes=5))],
        Key("How long one page may take.", "45s", unit="duration"),
    ] = timedelta(seconds=30)
    max_size_mb: Annotated[
        Annotated[int, Field(ge=1, le=100)],
        Key("Pages above this size are not read.", "20", unit="megabytes"),
    ] = 10
    visits: Annotated[
        Annotated[int, Field(ge=1, le=64)],
        Key("How many sites are visited at once.", "32", unit="sites"),
    ] = 16
    workers: Annotated[
        Annotated[int, Field(ge=1, le=32)],
        Key("How many processes read pages.", "4", unit="processes"),
    ] = 2
    budget_requests: Annotated[
        Annotated[int, Field(ge=1, le=1000)],
        Key(
            "How many requests one visit may make; what is left waits for the next visit.",
            "100",
            unit="requests",
        ),
    ] = 50
    budget: Annotated[
        Annotated[Duration, within(_TEN_SECONDS, timedelta(hours=1))],
        Key("How long one visit may take.", "2m", unit="duration"),
    ] = timedelta(seconds=60)
    daily_requests: Annotated[
        Annotated[int, Field(ge=50, le=1_000_000)],
        Key(
            "How many requests one site gets in a day (UTC). When they are used up, only sources and "
            "articles on a topic are looked at until the next.",
            "5000",
            unit="requests",
        ),
    ] = 2000
    proxy: Annotated[
        ProxyAddress | None,
        Key(
            "The proxy through which everything is fetched, robots.txt too: `http://`, `https://` or "
            "`socks5h://`, with its port, and `user:password@` where it asks for them. It looks names up "
            "in our place: see *Through a proxy* below.",
            "http://proxy.example.org:3128",
            default="none",
        ),
    ] = None
    proxy_env: Annotated[
        Variable | None,
        Key(
            "The environment variable that holds it, where it has a password.",
            "PARLEY_PROXY",
            default="none",
        ),
    ] = None
    proxy_file: Annotated[
        Path | None,
        Key("The file that holds it, beside this one.", "proxy.secret", default="none"),
    ] = None
    obey_robots: Annotated[
        Annotated[Literal[True], BeforeValidator(_check_obeys)],
        Key(
            "Always on: what robots.txt forbids is not fetched. Written here so that it can be seen.",
            "true",
        ),
    ] = True

    @model_validator(mode="after")
    def _one_proxy(self) -> Self:
        given = {"proxy": self.proxy, "proxy_env": self.proxy_env, "proxy_file": self.proxy_file}
        for text in proxy_conflicts(given):
            raise ValueError(text)
        return self


class AbsenceConfig(Strict):
    """When a page that is no longer there counts as gone, while most of its site still stands."""

    looks: Annotated[
        Annotated[int, Field(ge=1, le=50)],
        Key("How many looks in a row must find nothing.", "6", unit="looks"),
    ] = 4
    over: Annotated[
        Annotated[Duration, within(timedelta(0), timedelta(days=14))],
        Key(
            "How much time must lie between the first and the last of them.", "6h", unit="duration"
        ),
    ] = timedelta(hours=3)
