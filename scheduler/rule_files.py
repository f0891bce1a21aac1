"""The user's rules for publishers' pages: the files `rules/*.toml` beside the settings, and their saved pages.

Read with the settings and refused like them, all problems at once; what a rule does is
`crawler.extraction.site_rules`'.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, ValidationError

from crawler.config import Key, Strict
from crawler.errors import ReadingError
from crawler.extraction.page import folded
from crawler.extraction.site_rules import SiteRules, check_selector, check_taking
from crawler.identity import normalise_url
from crawler.ignoring import MOST_PATTERNS, check_pattern
from crawler.reading import PageJob, PageReading, read_page
from scheduler.config_problems import read_table, shown, worded
from scheduler.errors import ConfigError
from storage.types import ArticleContent

_SENTENCES: Final = re.compile(r"(?<=[.!?…]) ")
MOST_SELECTORS: Final = 200


def _host_of(domain: str) -> str:
    """Give a domain as it stands in addresses; "" for what is none."""
    name = domain.strip().lower().strip(".").removeprefix("www.")
    if not name or any(sign in name for sign in "/: @*?#"):
        return ""
    url = normalise_url(f"https://{name}/") or ""
    return urlsplit(url).hostname or ""


def _check_domain(found: str) -> str:
    if not _host_of(found):
        raise ValueError(f"{found!r} is not a domain; write one such as post.example")
    return found.strip().lower()


def _read_moment(found: object) -> object:
    """Take a day as its beginning, and a time without a zone as UTC."""
    if isinstance(found, str):
        try:
            found = datetime.fromisoformat(found)
        except ValueError:
            raise ValueError(f"{found!r} is no date; write 2026-11-25") from None
    if isinstance(found, date) and not isinstance(found, datetime):
        found = datetime(found.year, found.month, found.day, tzinfo=UTC)
    if isinstance(found, datetime) and found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found


Selector = Annotated[str, AfterValidator(check_selector)]
Selectors = Annotated[tuple[Selector, ...], Field(max_length=MOST_SELECTORS)]
Taking = Annotated[str, AfterValidator(check_taking)]
Pattern = Annotated[str, AfterValidator(check_pattern)]
Moment = Annotated[datetime, BeforeValidator(_read_moment)]


class SavedPage(Strict):
    """A page that was saved, and what the rules should make of it."""

    page: Annotated[str, Field(min_length=1), Key("A file beside the rules.", "saved/41.html")]
    url: str = ""
    title: str | None = None
    authors: tuple[str, ...] | None = None
    published: Moment | None = None
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


class RuleFile(Strict):
    """One file of rules for one publisher."""

    domain: Annotated[
        str, AfterValidator(_check_domain), Key("The publisher's domain.", "post.example")
    ]
    valid_from: Annotated[Moment | None, Key("The first day it counts.", "2026-11-25")] = None
    article: Annotated[Selector | None, Key("What holds the article.", "div.story")] = None
    keep: Annotated[Selectors, Key("What stays.", '["aside.facts"]')] = ()
    drop: Annotated[Selectors, Key("What goes.", '["div.ticker"]')] = ()
    drop_lines: Annotated[
        tuple[Pattern, ...],
        Field(max_length=MOST_PATTERNS),
        Key("Lines that go.", '["^Weather in "]'),
    ] = ()
    title_from: Annotated[Taking | None, Key("Where the headline stands.", "h1.head")] = None
    date_from: Annotated[Taking | None, Key("Where the date stands.", "time@datetime")] = None
    authors_from: Annotated[Taking | None, Key("Where the names stand.", "a.author")] = None
    check: tuple[SavedPage, ...] = ()
    _path: Path = PrivateAttr(default=Path())

    @property
    def name(self) -> str:
        """The file's name, by which people are told what dropped a text."""
        return self._path.name

    @property
    def of_site(self) -> SiteRules:
        """The rules as the readers take them."""
        return SiteRules(
            name=self.name,
            domain=_host_of(self.domain),
            valid_from=self.valid_from,
            article=self.article or "",
            keep=self.keep,
            drop=self.drop,
            drop_lines=self.drop_lines,
            title_from=self.title_from or "",
            date_from=self.date_from or "",
            authors_from=self.authors_from or "",
        )

    def found_at(self, path: Path) -> "RuleFile":
        """Give the rules with the file they stand in."""
        self._path = path
        return self

    def beside(self, name: str) -> Path:
        """Give the path of a file that is named from this one."""
        return self._path.parent / name


def read_rule_files(folder: Path) -> tuple[RuleFile, ...]:
    """Read all rules of a folder; () where there is none.

    Raises:
        ConfigError: With every problem of every file.
    """
    files: list[RuleFile] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            files.append(_read(path))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(*problems)
    return tuple(files)


def _read(path: Path) -> RuleFile:
    name = shown(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"{name}: cannot be read ({str(reason).lower()}).") from None
    try:
        return RuleFile.model_validate(read_table(text, name=name)).found_at(path)
    except ValidationError as error:
        raise ConfigError(*worded(error, (), model=RuleFile, text=text, name=name)) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that a saved page should give, and what it gives."""

    what: str
    expected: str
    found: str


def differences(rules: RuleFile, saved: SavedPage) -> Iterator[Difference]:
    """Say what of a saved page is not as expected; nothing where all is."""
    try:
        reading = read_page(_job(rules, saved))
    except (OSError, ReadingError) as error:
        found = getattr(error, "strerror", None) or str(error)
        yield Difference(what="page", expected="an article", found=found)
        return
    content = reading.content
    if content is None:
        wall = reading.wall
        found = f"{wall.kind.value} ({wall.reason})" if wall else "no article"
        yield Difference(what="page", expected="an article", found=found)
        return
    yield from _of_facts(content, saved)
    yield from _of_text(reading, content, saved)


def _job(rules: RuleFile, saved: SavedPage) -> PageJob:
    return PageJob(
        body=rules.beside(saved.page).read_bytes(),
        url=saved.url or f"https://{rules.of_site.domain}/{saved.page}",
        content_type="text/html",
        fetched_at=datetime.now(UTC),
        site=rules.of_site,
    )


def _of_facts(content: ArticleContent, saved: SavedPage) -> Iterator[Difference]:
    told = (
        ("title", saved.title, content.title),
        ("authors", saved.authors, content.authors),
        ("published", saved.published, content.published),
    )
    for what, expected, found in told:
        if expected is not None and expected != found:
            yield Difference(what=what, expected=_shown(expected), found=_shown(found))


def _shown(fact: str | tuple[str, ...] | datetime | None) -> str:
    if isinstance(fact, datetime):
        return fact.isoformat(" ", "minutes")
    return (fact if isinstance(fact, str) else ", ".join(fact or ())) or "none"


def _of_text(
    reading: PageReading, content: ArticleContent, saved: SavedPage
) -> Iterator[Difference]:
    text = folded(content.text)
    for wanted in map(folded, saved.contains):
        if wanted not in text:
            yield Difference(
                what="text", expected=f"contains: {wanted}", found=_instead(reading, wanted)
            )
    for unwanted in map(folded, saved.lacks):
        if unwanted in text:
            where = next((b.text for b in content.blocks if unwanted in folded(b.text)), unwanted)
            yield Difference(what="text", expected=f"lacks: {unwanted}", found=where)


def _instead(reading: PageReading, wanted: str) -> str:
    """Say where a text went that is not the article's: dropped, or there in other words, or nowhere."""
    gone = next((piece for piece in reading.dropped if wanted in folded(piece.text)), None)
    if gone is not None:
        return f"thrown away by {gone.rule!r}"
    blocks = reading.content.blocks if reading.content else ()
    sentences = [part for block in blocks for part in _SENTENCES.split(folded(block.text))]
    near = get_close_matches(wanted, sentences, n=1, cutoff=0.5)
    return f"only: {near[0]}" if near else "nothing like it"
