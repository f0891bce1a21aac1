"""The file `parley.toml` as values: its models, and reading it together with the environment.

The only place that reads settings or the environment; below it, values are passed. How problems are
worded is `scheduler.config_problems`', where the file lies is `scheduler.paths`'.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, cast

from pydantic import (
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from crawler.config import (
    AbsenceConfig,
    Duration,
    FetchConfig,
    Key,
    SourceConfig,
    Strict,
    TopicConfig,
    TopicName,
    Variable,
    within,
)
from scheduler.config_problems import (
    RENAMED,
    Renamed,
    conflicts,
    policy_conflicts,
    read_table,
    rename,
    shown,
    worded,
)
from scheduler.config_secrets import Keeper
from scheduler.config_values import (
    Address,
    BaseUrl,
    ChannelName,
    Contact,
    DatabaseAddress,
    Keeping,
    Network,
    Zone,
    check_database,
    system_timezone,
)
from scheduler.errors import ConfigError
from scheduler.paths import DATABASE_NAME, RULES, FoundConfig, find_config

Word = Literal["major", "new", "minor", "trivial", "off-topic"]
Words = tuple[Word, ...]

_HOUR: Final = timedelta(hours=1)


# -- alerts ---------------------------------------------------------------------------------------


class AlertsConfig(Strict):
    """What is told at once, what in the summary, and what is only kept; each word in one list.

    A list that is not given keeps its default, less the words that other lists took.
    """

    now: Annotated[
        Words,
        Key(
            "Told at once. `major`: headline in substance, number, date, name, quote, correction, "
            "gone, back. `new`: a new article. `minor`: other wording, paragraphs added or removed. "
            "`trivial`: typography. `off-topic`: any change of an article on no topic.",
            '["major", "new"]',
        ),
    ] = ("major",)
    summary: Annotated[Words, Key("Told together in the summary.", '["minor"]')] = ("new", "minor")
    history: Annotated[Words, Key("Kept, searchable, never sent.", '["trivial", "off-topic"]')] = (
        "trivial",
        "off-topic",
    )
    summary_every: Annotated[
        Annotated[Duration, within(timedelta(minutes=5), timedelta(days=7))],
        Key("How often the summary goes out, if there is anything in it.", "3h", unit="duration"),
    ] = _HOUR
    max_per_hour: Annotated[
        Annotated[int, Field(ge=1, le=1000)],
        Key(
            "Messages to one channel in an hour; what is over goes into one summary, the most "
            "important first.",
            "12",
            unit="messages",
        ),
    ] = 6
    max_per_day: Annotated[
        Annotated[int, Field(ge=1, le=10000)],
        Key("Messages to one channel in a day.", "100", unit="messages"),
    ] = 40

    @model_validator(mode="before")
    @classmethod
    def _defaults_yield(cls, found: object) -> object:
        if not isinstance(found, Mapping):
            return found
        table = dict(cast("Mapping[str, Any]", found))
        given = {name: table[name] for name in ("now", "summary", "history") if name in table}
        taken = {
            word for words in given.values() if isinstance(words, list | tuple) for word in words
        }
        for name in ("now", "summary", "history"):
            if name not in given:
                default = cast("Words", cls.model_fields[name].default)
                table[name] = tuple(word for word in default if word not in taken)
        return table

    @model_validator(mode="after")
    def _each_word_once(self) -> Self:
        for text in policy_conflicts(
            {"now": self.now, "summary": self.summary, "history": self.history}
        ):
            raise ValueError(text)
        return self


class ChannelConfig(Strict):
    """Where alerts go: one mailbox, room or webhook."""

    name: Annotated[ChannelName, Key("What you call it: small letters, digits and `-`.", "desk")]
    address: Annotated[
        Address | None,
        Key(
            "The Apprise address. It holds a password or token: better in a file or the environment.",
            "mailtos://user:password@mail.example.org/?to=desk@example.org",
            default="none",
        ),
    ] = None
    address_env: Annotated[
        Variable | None,
        Key("The environment variable that holds the address.", "PARLEY_DESK", default="none"),
    ] = None
    address_file: Annotated[
        Path | None,
        Key(
            "The file that holds the address, beside this one or with its full path.",
            "desk.secret",
            default="none",
        ),
    ] = None
    topics: Annotated[
        tuple[str, ...],
        Key("Only changes on these topics are told here.", '["talks"]', default="all topics"),
    ] = ()
    now: Annotated[
        Words | None,
        Key("As in `[alerts]`, for this channel.", '["major", "new"]', default="as in [alerts]"),
    ] = None
    summary: Annotated[
        Words | None,
        Key("As in `[alerts]`, for this channel.", '["minor"]', default="as in [alerts]"),
    ] = None
    history: Annotated[
        Words | None,
        Key("As in `[alerts]`, for this channel.", '["trivial"]', default="as in [alerts]"),
    ] = None
    max_per_hour: Annotated[
        Annotated[int, Field(ge=1, le=1000)] | None,
        Key("As in `[alerts]`, for this channel.", "20", unit="messages", default="as in [alerts]"),
    ] = None
    max_per_day: Annotated[
        Annotated[int, Field(ge=1, le=10000)] | None,
        Key(
            "As in `[alerts]`, for this channel.", "200", unit="messages", default="as in [alerts]"
        ),
    ] = None


def policy_for(alerts: AlertsConfig, channel: ChannelConfig) -> AlertsConfig:
    """Give the policy of one channel: its own words and limits, for all else those of `[alerts]`."""
    own: dict[str, Any] = {
        name: getattr(channel, name) or ()
        for name in ("now", "summary", "history")
        if getattr(channel, name) is not None
    }
    taken = {word for words in own.values() for word in words}
    merged: dict[str, Any] = {
        name: own.get(name, tuple(word for word in getattr(alerts, name) if word not in taken))
        for name in ("now", "summary", "history")
    }
    known = {word for words in merged.values() for word in words}
    left = tuple(
        word for word in ("major", "new", "minor", "trivial", "off-topic") if word not in known
    )
    merged["history"] = (*merged["history"], *left)  # what a channel took nowhere is not told to it
    return AlertsConfig(
        **merged,
        summary_every=alerts.summary_every,
        max_per_hour=channel.max_per_hour or alerts.max_per_hour,
        max_per_day=channel.max_per_day or alerts.max_per_day,
    )


class ViewerConfig(Strict):
    """The pages on which the history is read in a browser."""

    enabled: Annotated[bool, Key("`false`: `parley run` starts no viewer.", "false")] = True
    host: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:-]{1,253}$")],
        Key(
            "The address it listens on. Leave it, unless a server in front of it asks for a password.",
            "192.168.1.20",
        ),
    ] = "127.0.0.1"
    port: Annotated[
        Annotated[int, Field(ge=0, le=65535)],
        Key("The port it listens on; 0 takes a free one.", "9000", unit="port"),
    ] = 8787


# -- the whole ------------------------------------------------------------------------------------


def _talks() -> dict[str, TopicConfig]:
    return {"talks": TopicConfig(title="Russia-Ukraine talks")}


class Settings(Strict):
    """What may stand in the file."""

    timezone: Annotated[
        Zone,
        Key("The time zone of the times you read.", "Europe/Kyiv", default="the machine's"),
    ] = Field(default_factory=system_timezone)
    contact: Annotated[
        Contact,
        Key(
            "An e-mail or web address at which publishers reach you. Every publisher sees it.",
            "desk@example.org",
            default="none: only name and version are sent",
        ),
    ] = ""
    database: Annotated[
        DatabaseAddress,
        Key(
            "Where the history is kept: a file, or `postgresql://user@host/name`.",
            "parley.db",
            default="parley.db",
        ),
    ] = Field(default="", repr=False)
    database_env: Annotated[
        Variable | None,
        Key(
            "The environment variable that holds the database's address, where it has a password.",
            "PARLEY_DATABASE",
            default="none",
        ),
    ] = None
    base_url: Annotated[
        BaseUrl,
        Key(
            "Where readers reach the viewer; messages link to it.",
            "https://parley.example.org",
            default="none: no message links to it",
        ),
    ] = ""
    allow_networks: Annotated[
        tuple[Network, ...],
        Key(
            "Private networks that may be fetched from; else only public addresses are.",
            '["10.0.0.0/8"]',
            default="none",
        ),
    ] = ()
    keep_off_topic: Annotated[
        Keeping,
        Key(
            'How long articles on no topic are kept; `"forever"` keeps them all.',
            "90d",
            unit="duration",
        ),
    ] = timedelta(days=30)
    recheck: Annotated[
        Literal["topic", "all"],
        Key(
            "Which articles are looked at again for a month and longer: those on a topic or close to "
            "one (`topic`), or `all`. The others are looked at again after about 1 and 12 hours, and "
            "when a feed or sitemap says that they changed.",
            "all",
        ),
    ] = "topic"
    fetch: Annotated[FetchConfig, Key("How pages are fetched.")] = Field(
        default_factory=FetchConfig
    )
    absence: Annotated[AbsenceConfig, Key("When a page counts as gone.")] = Field(
        default_factory=AbsenceConfig
    )
    alerts: Annotated[AlertsConfig, Key("What is told when.")] = Field(default_factory=AlertsConfig)
    viewer: Annotated[ViewerConfig, Key("The pages in your browser.")] = Field(
        default_factory=ViewerConfig
    )
    topics: Annotated[dict[TopicName, TopicConfig], Key("What to look for.")] = Field(
        default_factory=_talks, min_length=1
    )
    channels: Annotated[tuple[ChannelConfig, ...], Key("Where alerts go.")] = ()
    sources: Annotated[tuple[SourceConfig, ...], Key("Where articles are found.")] = ()


class Config(Settings):
    """The settings as the program uses them: paths resolved, secrets read, with what to warn of.

    A channel whose secret could not be read has `address` None, and a warning says why.
    """

    path: Path | None = None
    how: str = ""  # how the file was found, in words
    data_folder: Path = Field(default_factory=Path.cwd)
    warnings: tuple[str, ...] = ()
    site_rules: tuple[
        Any, ...
    ] = ()  # `scheduler.rule_files.RuleFile`s of the folder beside the file

    def channel(self, name: str) -> ChannelConfig | None:
        """Give the channel of this name."""
        return next((channel for channel in self.channels if channel.name == name), None)

    def source(self, name: str) -> SourceConfig | None:
        """Give the source of this name."""
        return next((source for source in self.sources if source.name == name), None)

    def shown_path(self) -> str:
        """Name the file as a message does."""
        return shown(self.path) if self.path else "parley.toml"


def load_config(
    asked: Path | None = None,
    env: Mapping[str, str] | None = None,
    *,
    renamed: tuple[Renamed, ...] = RENAMED,
) -> Config:
    """Find and read the settings.

    Args:
        asked: What `--config` named; None: look for it.
        env: The environment; None: this process's.
        renamed: Keys that had another name once.

    Raises:
        ConfigMissingError: There is no file.
        ConfigError: With every problem of the file at once.
    """
    env = os.environ if env is None else env
    found = find_config(asked, env=env)
    return _build(found, env=env, renamed=renamed)


def parse_settings(text: str, *, name: str) -> Settings:
    """Read settings from text, without environment or secrets; `name` is the file's in problems.

    Raises:
        ConfigError: With every problem at once.
    """
    return _parse(text, name=name, renamed=RENAMED)[0]


def _build(found: FoundConfig, *, env: Mapping[str, str], renamed: tuple[Renamed, ...]) -> Config:
    name = shown(found.path)
    settings, notes = _parse(_read_text(found.path, name), name=name, renamed=renamed)
    keeper = Keeper(name=name, folder=found.path.parent, env=env)
    channels = tuple(keeper.with_address(channel) for channel in settings.channels)
    sources = tuple(
        keeper.with_proxy(keeper.with_access(source), place=f"sources: {source.name}")
        for source in settings.sources
    )
    values = {field: getattr(settings, field) for field in Settings.model_fields}
    values |= {
        "channels": channels,
        "sources": sources,
        "fetch": keeper.with_proxy(settings.fetch, place="fetch"),
        "database": _resolve_database(settings, found, env=env),
        "path": found.path,
        "how": found.how,
        "data_folder": found.data_folder,
        "warnings": (*notes, *keeper.notes),
        "site_rules": _site_rules(found.path.parent / RULES),
    }
    return Config.model_construct(**values)


def _read_text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{name}: is not UTF-8 text; save it as UTF-8.") from None
    except OSError as error:
        raise ConfigError(
            f"{name}: cannot be read ({(error.strerror or 'no access').lower()}); check its permissions."
        ) from None


def _parse(
    text: str, *, name: str, renamed: tuple[Renamed, ...]
) -> tuple[Settings, tuple[str, ...]]:
    table = read_table(text, name=name)
    table, notes, twice = rename(table, renamed)
    problems = [*twice, *conflicts(table)]
    try:
        settings = Settings.model_validate(table)
    except ValidationError as error:
        raise ConfigError(*worded(error, problems, model=Settings, text=text, name=name)) from None
    if problems:
        raise ConfigError(*worded(None, problems, model=Settings, text=text, name=name))
    return settings, tuple(f"{name}: {note}" for note in notes)


def _site_rules(folder: Path) -> tuple[Any, ...]:
    if not folder.is_dir():
        return ()
    from scheduler.rule_files import read_rule_files  # noqa: PLC0415 - loads what reads pages

    return read_rule_files(folder)


def _resolve_database(settings: Settings, found: FoundConfig, *, env: Mapping[str, str]) -> str:
    value = settings.database
    if settings.database_env:
        value = env.get(settings.database_env, "")
        if not value:
            raise ConfigError(
                f"{shown(found.path)}: database_env: the environment variable "
                f"{settings.database_env} is not set; set it, or name the database here."
            )
        value = check_database(value)
    if "://" in value:
        return value
    return f"sqlite:///{(found.data_folder / Path(value or DATABASE_NAME).expanduser()).absolute()}"
