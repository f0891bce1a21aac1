"""Say what the newsroom holds at a given moment, and what happened until then. Pure but for reading data files.

Nothing here is kept: what stands on the pages is a function of the data files, the start and the time.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.resources import files
from typing import Any, Final

NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Label(StrEnum):
    """What an article is about; only `TALKS` is on the topic."""

    TALKS = "talks"
    WAR = "war"
    OTHER_TALKS = "other_talks"
    PLAIN = "plain"


class Deed(StrEnum):
    """What a newsroom does to an article."""

    PUBLISH = "publish"
    EDIT = "edit"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOutlet:
    """One outlet: who it is, and how its site is built."""

    key: str
    name: str
    language: str
    country: str
    control: str
    path: str  # of an article: {section}, {slug}, {number}, {date}
    sections: Mapping[str, str]  # name → path
    feed: str = ""  # rss, atom, json, or none
    feed_path: str = ""
    has_etag: bool = False
    has_last_modified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An article as its newsroom has it; `age_min` is how long before the start it was published."""

    outlet: str
    slug: str
    number: int
    label: Label
    section: str
    author: str
    title: str
    paragraphs: tuple[str, ...]
    age_min: float = 0.0
    is_scripted: bool = False  # stands nowhere until the script publishes it
    published: datetime | None = None
    modified: datetime | None = None

    @property
    def key(self) -> str:
        """Outlet and slug: the name the script uses."""
        return f"{self.outlet}/{self.slug}"

    @property
    def is_on_topic(self) -> bool:
        """Is it coverage of the talks."""
        return self.label is Label.TALKS


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedEvent:
    """What happens to one article, `at_min` minutes after the script has begun."""

    at_min: float
    article: str
    does: Deed
    says: str = ""
    kinds: tuple[str, ...] = ()
    title: str = ""
    replace: tuple[str, str] | None = None
    remove: str = ""  # the paragraph that holds this goes
    append: str = ""
    moves_date: bool = False
    is_logged: bool = True  # False: a lie of the log, which the score must then count as false


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of the newsroom's log: what truly happened, and when."""

    at: datetime
    article: str
    does: Deed
    is_on_topic: bool
    title: str
    says: str = ""
    kinds: tuple[str, ...] = ()
    is_stock: bool = False  # was there before the start


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything the newsroom could ever show: outlets, articles, and the script."""

    outlets: Mapping[str, DemoOutlet]
    pieces: Mapping[str, Piece]
    script: tuple[ScriptedEvent, ...]
    began_at: datetime
    script_began_at: datetime | None = None  # None: nothing of the script happens yet

    def moment(self, event: ScriptedEvent) -> datetime:
        """When an event happens; in the far future while the script has not begun."""
        if self.script_began_at is None:
            return NEVER
        return self.script_began_at + timedelta(minutes=event.at_min)

    def pieces_at(self, now: datetime) -> dict[str, Piece]:
        """The articles as they stand now, by key; what is deleted or not yet published is missing."""
        standing = {
            key: replace(piece, published=self.began_at - timedelta(minutes=piece.age_min))
            for key, piece in self.pieces.items()
            if not piece.is_scripted
        }
        for event in self.script:
            if self.moment(event) <= now:
                self._do(event, standing)
        return standing

    def _do(self, event: ScriptedEvent, standing: dict[str, Piece]) -> None:
        if event.does is Deed.DELETE:
            standing.pop(event.article, None)
        elif event.does is Deed.PUBLISH:
            standing[event.article] = replace(
                self.pieces[event.article], published=self.moment(event)
            )
        elif event.article in standing:
            standing[event.article] = edited(standing[event.article], event, at=self.moment(event))

    def ever(self, article: str) -> Piece:
        """An article as it was published, or will be."""
        piece = self.pieces[article]
        if not piece.is_scripted:
            return replace(piece, published=self.began_at - timedelta(minutes=piece.age_min))
        publishing = [e for e in self.script if e.article == article and e.does is Deed.PUBLISH]
        has_begun = self.script_began_at is not None and bool(publishing)
        return replace(piece, published=self.moment(publishing[0]) if has_begun else self.began_at)

    def log(self, now: datetime) -> tuple[Happening, ...]:
        """What happened until now, the stock first."""
        stock = [
            Happening(
                at=self.began_at - timedelta(minutes=piece.age_min),
                article=piece.key,
                does=Deed.PUBLISH,
                is_on_topic=piece.is_on_topic,
                title=piece.title,
                is_stock=True,
            )
            for piece in self.pieces.values()
            if not piece.is_scripted
        ]
        return (
            *stock,
            *(self._logged(e) for e in self.script if e.is_logged and self.moment(e) <= now),
        )

    def _logged(self, event: ScriptedEvent) -> Happening:
        piece = self.pieces[event.article]
        return Happening(
            at=self.moment(event),
            article=event.article,
            does=event.does,
            is_on_topic=piece.is_on_topic,
            title=piece.title,
            says=event.says,
            kinds=event.kinds,
        )


def edited(piece: Piece, event: ScriptedEvent, *, at: datetime) -> Piece:
    """The article after an edit; an edit that finds nothing to change is a mistake of the script."""
    paragraphs = piece.paragraphs
    if event.replace is not None:
        old, new = event.replace
        paragraphs = tuple(text.replace(old, new) for text in paragraphs)
    if event.remove:
        paragraphs = tuple(text for text in paragraphs if event.remove not in text)
    if event.append:
        paragraphs = (*paragraphs, event.append)
    title = event.title or piece.title
    if (title, paragraphs) == (piece.title, piece.paragraphs):
        raise ValueError(
            f"script: the event at {event.at_min:g} min changes nothing in {piece.key}."
        )
    modified = at if event.moves_date else piece.modified
    return replace(piece, title=title, paragraphs=paragraphs, modified=modified)


def load_world(began_at: datetime, *, script: Sequence[ScriptedEvent] | None = None) -> World:
    """Read the articles, and the script unless another is given."""
    folder = files("scheduler.demo").joinpath("articles")
    outlets: dict[str, DemoOutlet] = {}
    pieces: dict[str, Piece] = {}
    for place in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if place.name.endswith(".toml"):
            outlet, own = _read_outlet(
                place.name[:-5], tomllib.loads(place.read_text(encoding="utf-8"))
            )
            outlets[outlet.key] = outlet
            pieces |= {piece.key: piece for piece in own}
    events = load_script() if script is None else tuple(script)
    ordered = tuple(sorted(events, key=lambda event: event.at_min))
    return World(outlets=outlets, pieces=pieces, script=ordered, began_at=began_at)


def load_script() -> tuple[ScriptedEvent, ...]:
    """Read the script that comes with the demo."""
    text = files("scheduler.demo").joinpath("script.toml").read_text(encoding="utf-8")
    return tuple(_read_event(entry) for entry in tomllib.loads(text)["event"])


def _read_event(entry: dict[str, Any]) -> ScriptedEvent:
    changed = dict(entry)
    changed["does"] = Deed(changed["does"])
    changed["kinds"] = tuple(changed.get("kinds", ()))
    if "replace" in changed:
        old, new = changed["replace"]
        changed["replace"] = (old, new)
    return ScriptedEvent(**changed)


def _read_outlet(key: str, read: dict[str, Any]) -> tuple[DemoOutlet, list[Piece]]:
    articles: Iterable[dict[str, Any]] = read.pop("article")
    pieces: list[Piece] = []
    for index, entry in enumerate(articles, start=1):
        given: dict[str, Any] = {
            **entry,
            "outlet": key,
            "number": 48000 + 37 * index,
            "label": Label(entry["label"]),
            "paragraphs": tuple(entry["paragraphs"]),
        }
        pieces.append(Piece(**given))
    return DemoOutlet(key=key, **read), pieces
