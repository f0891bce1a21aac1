"""An article as it was written, with its gold, and how its lines become markup; knows no content system.

A line of the body begins with its kind: `p` paragraph, `h` subhead, `q` quote, `li` item of a list, `tr` row of a
table (`a | b`), `fig` caption (`caption || credit`), `entry` dated entry (`time | headline`). The rest is foreign:
`also`, `ad`, `video`, `box` (`headline || text`) and `subscribe`. `[…]` is a link, `*…*` is strong.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

PORTALS = Path(__file__).parents[2] / "crawler" / "portals"
LANGUAGES = ("uk", "ru", "id")
_MONTHS = {
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
}
_OF_ARTICLE = ("p", "h", "q", "li", "tr", "entry")
_GROUPS = {"li": "ul", "tr": "table"}
_DEFAULTS = {
    "p": "<p>{text}</p>",
    "h": "<h2>{text}</h2>",
    "q": "<blockquote><p>{text}</p></blockquote>",
    "li": "<li>{text}</li>",
    "ul": "<ul>{text}</ul>",
    "table": "<table><tbody>{text}</tbody></table>",
    "fig": '<figure><img src="/i/{n}.jpg" alt=""><figcaption>{text}. {photo}: {more}</figcaption></figure>',
    "also": '<p><strong>{also}:</strong> <a href="/news/{n}.html">{title}</a></p>',
    "ad": '<div class="adv"><span>{ad}</span></div>',
    "video": '<div class="video-embed"><iframe src="https://video.example/{n}"></iframe></div>',
    "box": '<div class="infobox"><h4>{text}</h4><p>{more}</p></div>',
    "subscribe": '<p>{subscribe} <a href="https://t.me/example">@example</a></p>',
    "entry": "<h3>{text}</h3>",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a body, with the signs for links and strong words still in it."""

    kind: str
    text: str
    more: str = ""

    @property
    def gold(self) -> str:
        """The text of the article's block that this line is."""
        if self.kind == "entry":
            return self.more
        return " | ".join(part.strip() for part in _plain(self.text).split("|"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a site says around its articles."""

    raw: Mapping[str, Any]

    def __getitem__(self, name: str) -> str:
        return escape(self.raw[name], quote=False)

    def list(self, name: str) -> tuple[str, ...]:
        """One of the lists: `menu`, `others`, `leads`, `readers`, `answers`."""
        return tuple(escape(one, quote=False) for one in self.raw[name])

    @property
    def following(self) -> Mapping[str, Any]:
        """The article that a site shows after the one that was asked for."""
        return self.raw["next"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An article, where it appeared, and what is to be found of it."""

    name: str
    language: str
    words: Words
    build: str
    site: str
    section: str
    title: str
    lead: str  # "" where the page shows none
    authors: tuple[str, ...]
    published: datetime
    modified: datetime | None
    tags: tuple[str, ...]
    body: tuple[Line, ...]

    @property
    def url(self) -> str:
        """Where it stands."""
        return f"https://site.example/news/{self.published:%Y/%m}/{self.name}-48211.html"

    @property
    def day(self) -> str:
        """The day as a reader sees it: `21 травня 2026`."""
        month = _MONTHS[self.language].split()[self.published.month - 1]
        return f"{self.published.day} {month} {self.published.year}"

    @property
    def time(self) -> str:
        """The time of day as a reader sees it."""
        return f"{self.published:%H:%M}"

    @property
    def by(self) -> str:
        """The authors in one line."""
        return escape(", ".join(self.authors))

    @property
    def summary(self) -> str:
        """What the page declares as its description: the standfirst, else the first paragraph."""
        return self.lead or next(line.gold for line in self.body if line.kind == "p")

    @property
    def gold(self) -> tuple[tuple[str, str], ...]:
        """Kind and text of each block, the standfirst first."""
        lead = (("p", self.lead),) if self.lead else ()
        blocks = ((_gold_kind(line), line.gold) for line in self.body if line.kind in _OF_ARTICLE)
        return (*lead, *blocks)

    @property
    def captions(self) -> tuple[str, ...]:
        """What the pictures show, without credits."""
        return tuple(line.text for line in self.body if line.kind == "fig")

    @property
    def foreign(self) -> tuple[str, ...]:
        """What must not be in the text: whatever the site says around it."""
        raw = self.words.raw
        names = ("subscribe", "follow", "error", "add_comment", "mail", "captcha", "newsletter")
        names += ("cookies", "rights", "about", "poll", "weather", "money", "popular", "latest")
        lists = (*raw["others"], *raw["leads"], *raw["readers"])
        boxes = (line.more for line in self.body if line.kind == "box")
        after = (raw["next"]["title"], raw["next"]["lead"], *raw["next"]["paragraphs"])
        return (*(raw[name] for name in names), *lists, *after, *boxes, *self.captions)


def _gold_kind(line: Line) -> str:
    return "h" if line.kind == "entry" else line.kind


def _plain(text: str) -> str:
    return re.sub(r"[\[\]*]", "", text)


def _marked(text: str) -> str:
    """The text as markup."""
    text = re.sub(
        r"\[(.+?)\]", r'<a href="/theme/\1/" target="_blank">\1</a>', escape(text, quote=False)
    )
    return re.sub(r"\*(.+?)\*", r"<strong>\1</strong>", text)


@cache
def words_of(language: str) -> Words:
    """What sites of a language say around their articles."""
    raw = tomllib.loads((PORTALS / f"words-{language}.toml").read_text(encoding="utf-8"))
    return Words(raw=raw)


@cache
def written() -> tuple[Written, ...]:
    """All articles."""
    paths = sorted(PORTALS.glob("*.toml"))
    return tuple(_read(path) for path in paths if not path.stem.startswith("words-"))


def _read(path: Path) -> Written:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    language = path.stem[:2]
    lines = (line for line in raw.pop("body").splitlines() if line)
    return Written(
        name=path.stem,
        language=language,
        words=words_of(language),
        modified=raw.pop("modified", None),
        authors=tuple(raw.pop("authors")),
        tags=tuple(raw.pop("tags")),
        body=tuple(_line(line) for line in lines),
        **raw,
    )


def _line(line: str) -> Line:
    kind, _, text = line.partition(" ")
    text, _, more = text.partition(" || ")
    if kind == "entry":
        text, _, more = text.partition(" | ")
    return Line(kind=kind, text=text.strip(), more=more.strip())


def markup(article: Written, *, between: str = "\n", **marks: str) -> str:
    """The body as markup.

    Args:
        article: Whose body.
        between: What stands between two of its lines.
        **marks: How a kind of line is marked up, where not as usual. They may ask for `text`, `more`, `n`, `title`
            and `link` of another article, and for all words of the site.
    """
    marks = {**_DEFAULTS, **marks}
    parts = [_grouped(kind, lines, marks) for kind, lines in _groups(_filled(article, marks))]
    return between.join(parts)


def _filled(article: Written, marks: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    others, words = article.words.list("others"), article.words
    site = {name: words[name] for name, value in words.raw.items() if isinstance(value, str)}
    for number, line in enumerate(article.body):
        text = _marked(line.text)
        if line.kind == "tr":
            text = "".join(f"<td>{cell.strip()}</td>" for cell in text.split("|"))
            yield line.kind, f"<tr>{text}</tr>"
            continue
        yield (
            line.kind,
            marks[line.kind].format(
                **site,
                text=line.more if line.kind == "entry" else text,
                more=line.text if line.kind == "entry" else _marked(line.more),
                title=others[number % len(others)],
                n=7000 + number,
            ),
        )


def _groups(lines: Iterator[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    groups: list[tuple[str, list[str]]] = []
    for kind, text in lines:
        if groups and kind in _GROUPS and groups[-1][0] == kind:
            groups[-1][1].append(text)
        else:
            groups.append((kind, [text]))
    return groups


def _grouped(kind: str, lines: list[str], marks: Mapping[str, str]) -> str:
    text = "".join(lines)
    return marks[_GROUPS[kind]].format(text=text) if kind in _GROUPS else text
