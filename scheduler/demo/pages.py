"""Write an outlet's pages and feeds as its readers get them, noise included. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from html import escape
from typing import Final

from jinja2 import Environment, PackageLoader, Template

from scheduler.demo.stories import DemoOutlet, Piece

FRONT_LENGTH: Final = 20
RELATED: Final = 3
TEASER_CHARS: Final = 160
MONTHS: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS_ID: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
ZONES: Final = {"en": UTC, "id": timezone(timedelta(hours=7)), "uk": timezone(timedelta(hours=2))}
FRONT_HEADING: Final = {"en": "Latest", "id": "Berita terbaru", "uk": "Останні новини"}
REMARKS: Final = (
    "Thank you for this, I had wondered about the second point for weeks.",
    "The map in the corridor is a lovely detail.",
    "I disagree with the last paragraph, but politely.",
    "My grandfather sharpened his pencils with a kitchen knife.",
    "Is there a list of the earlier rounds somewhere?",
)
TRACKED: Final = "?utm_source=rss&utm_medium=feed"


@dataclass(frozen=True, slots=True)
class Noise:
    """What differs at every fetch of a page and means nothing; `seed` is the number of the fetch."""

    seed: int

    def token(self, name: str) -> str:
        """Sixteen letters nobody needs."""
        return sha256(f"{self.seed}:{name}".encode()).hexdigest()[:16]

    def number(self, name: str, upto: int) -> int:
        """From 1 to `upto`."""
        return int(self.token(name), 16) % upto + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An article as lists and feeds show it."""

    url: str
    path: str
    number: int
    title: str
    author: str
    teaser: str
    published: str  # ISO 8601
    modified: str
    rfc822: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One outlet at one moment: its address and its articles, newest first."""

    outlet: DemoOutlet
    base: str
    pieces: tuple[Piece, ...]

    def path(self, piece: Piece) -> str:
        """Where an article stands."""
        return self.outlet.path.format(
            section=self.outlet.sections[piece.section],
            slug=piece.slug,
            number=piece.number,
            date=f"{_published(piece):%Y/%m/%d}",
        )

    def link(self, piece: Piece) -> Link:
        """What lists and feeds show of an article."""
        published, path = _published(piece), self.path(piece)
        return Link(
            url=self.base + path,
            path=path,
            number=piece.number,
            title=piece.title,
            author=piece.author,
            teaser=_teaser(piece),
            published=published.isoformat(timespec="seconds"),
            modified=(piece.modified or published).isoformat(timespec="seconds"),
            rfc822=format_datetime(published),
            shown=_shown(published, self.outlet.language),
        )


def article_page(view: View, piece: Piece, noise: Noise) -> str:
    """The page of one article."""
    published = _published(piece)
    zone = ZONES[view.outlet.language]
    others = [other for other in view.pieces if other.key != piece.key]
    return _template(f"{view.outlet.key}.html").render(
        _common(view, noise)
        | {
            "piece": piece,
            "url": view.base + view.path(piece),
            "section_path": f"/{view.outlet.sections[piece.section]}/",
            "published": published.astimezone(zone).isoformat(timespec="seconds"),
            "published_shown": _shown(published, view.outlet.language),
            "modified": piece.modified
            and piece.modified.astimezone(zone).isoformat(timespec="seconds"),
            "related": [view.link(other) for other in _shuffled(others, noise)[:RELATED]],
            "json_ld": _json_ld(view, piece),  # its "<" are escaped: the template takes it as it is
            "remarks": REMARKS,
        }
    )


def list_page(view: View, noise: Noise, *, section: str = "") -> str:
    """The front page, or the page of one section."""
    pieces = [piece for piece in view.pieces if not section or piece.section == section]
    heading = section or FRONT_HEADING[view.outlet.language]
    links = [view.link(piece) for piece in pieces[:FRONT_LENGTH]]
    return _template(f"{view.outlet.key}.html").render(
        _common(view, noise)
        | {"piece": None, "heading": heading, "list": links, "related": links[:0]}
    )


def plain_page(view: View, title: str) -> str:
    """A page that is no article: who we are, a search form."""
    return (
        f"<!doctype html><html lang='{view.outlet.language}'><head><meta charset='utf-8'>"
        f"<title>{escape(title)}</title></head><body><h1>{escape(view.outlet.name)}</h1>"
        "<form action='/search'><input name='q'></form><a href='/'>…</a></body></html>"
    )


def feed(view: View) -> tuple[str, str]:
    """The outlet's feed and its content type."""
    links = [view.link(piece) for piece in view.pieces[:FRONT_LENGTH]]
    match view.outlet.feed:
        case "json":
            return _json_feed(view, links), "application/feed+json; charset=utf-8"
        case "atom":
            newest = max(link.modified for link in links)
            context = {
                "outlet": view.outlet,
                "base": view.base,
                "entries": links,
                "updated": newest,
            }
            body = _template("feed.atom.xml").render(context)
            return body, "application/atom+xml; charset=utf-8"
        case _:
            context = {
                "outlet": view.outlet,
                "base": view.base,
                "entries": links,
                "tracking": TRACKED,
            }
            return _template("feed.rss.xml").render(context), "application/rss+xml; charset=utf-8"


def empty_feed(view: View) -> str:
    """A feed without entries, such as that of a blog's comments."""
    context = {"outlet": view.outlet, "base": view.base, "entries": [], "tracking": ""}
    return _template("feed.rss.xml").render(context)


def state_tag(view: View, *parts: str) -> str:
    """A weak ETag: it stays while the articles stay, whatever the noise does."""
    standing = [(p.key, p.title, p.paragraphs, str(p.modified)) for p in view.pieces]
    return f'W/"{sha256(repr((standing, parts)).encode()).hexdigest()[:20]}"'


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("scheduler.demo", "templates"), autoescape=True)


def _template(name: str) -> Template:
    return _environment().get_template(name)


def _common(view: View, noise: Noise) -> dict[str, object]:
    return {
        "outlet": view.outlet,
        "noise": noise,
        "list": [view.link(piece) for piece in view.pieces[:FRONT_LENGTH]],
        "sections": [(name, f"/{path}/") for name, path in view.outlet.sections.items()],
    }


def _published(piece: Piece) -> datetime:
    if piece.published is None:
        raise ValueError(f"{piece.key} is not published; the script has to do that first.")
    return piece.published


def _teaser(piece: Piece) -> str:
    text = piece.paragraphs[0]
    return text if len(text) <= TEASER_CHARS else text[: text.rindex(" ", 0, TEASER_CHARS)] + "…"


def _shown(when: datetime, language: str) -> str:
    local = when.astimezone(ZONES[language])
    match language:
        case "id":
            return f"{DAYS_ID[local.weekday()]}, {local:%d/%m/%Y %H:%M}"
        case "uk":
            return f"{local:%d.%m.%Y, %H:%M}"
        case _:
            return f"{local.day} {MONTHS[local.month - 1]} {local:%Y, %H:%M}"


def _shuffled(pieces: Sequence[Piece], noise: Noise) -> list[Piece]:
    return sorted(pieces, key=lambda piece: noise.token(piece.key))


def _json_ld(view: View, piece: Piece) -> str:
    published = _published(piece)
    zone = ZONES[view.outlet.language]
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": piece.title,
        "datePublished": published.astimezone(zone).isoformat(timespec="seconds"),
        "dateModified": (piece.modified or published)
        .astimezone(zone)
        .isoformat(timespec="seconds"),
        "author": [{"@type": "Person", "name": piece.author}],
        "publisher": {"@type": "Organization", "name": view.outlet.name},
        "mainEntityOfPage": view.base + view.path(piece),
        "inLanguage": view.outlet.language,
    }
    return json.dumps(said, ensure_ascii=False).replace("<", "\\u003c")


def _json_feed(view: View, links: Sequence[Link]) -> str:
    items = [
        {
            "id": link.url,
            "url": link.url,
            "title": link.title,
            "summary": link.teaser,
            "date_published": link.published,
            "date_modified": link.modified,
        }
        for link in links
    ]
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": view.outlet.name,
            "home_page_url": f"{view.base}/",
            "feed_url": view.base + view.outlet.feed_path,
            "language": view.outlet.language,
            "items": items,
        },
        ensure_ascii=False,
    )
