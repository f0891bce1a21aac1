"""The user's rules for publishers' pages: the files `rules/*.toml` beside the settings, and their saved pages.

Read with the settings and refused like them, all problems at once; what a rule does is
`crawler.extraction.site_rules`'.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, ValidationError

from crawler.config import Key, Strict
from crawler.extraction.article import extract_article
from crawler.extraction.site_rules import SiteRules, check_selector, check_taking
from crawler.ignoring import MOST_PATTERNS, check_pattern, without_ignored
from scheduler.config_problems import read_table, shown, worded
from scheduler.errors import ConfigError


def _check_domain(found: str) -> str:
    name = found.strip().lower().removeprefix("www.")
    if not name or any(sign in name for sign in "/: @*"):
        raise ValueError(f"{found!r} is not a domain; write one such as post.example")
    return name


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
    keep: Annotated[tuple[Selector, ...], Key("What stays.", '["aside.facts"]')] = ()
    drop: Annotated[tuple[Selector, ...], Key("What goes.", '["div.ticker"]')] = ()
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
            domain=self.domain,
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


def differences(rules: RuleFile, saved: SavedPage) -> Iterator[str]:
    """Say in a sentence each what a saved page gives that is not expected; none where all is as expected."""
    try:
        body = rules.beside(saved.page).read_bytes()
    except OSError as error:
        yield f"cannot be read ({(error.strerror or 'no access').lower()}); save the page there"
        return
    url = saved.url or f"https://{rules.domain}/{saved.page}"
    found = extract_article(body, url=url, site=rules.of_site)
    content = found.content
    if content is None:
        wall = found.wall
        yield f"gives no article ({wall.kind.value}: {wall.reason})" if wall else "gives no article"
        return
    content = without_ignored(content, rules.drop_lines)
    if saved.title is not None and content.title != saved.title:
        yield f"title is {content.title!r}, expected {saved.title!r}"
    if saved.authors is not None and content.authors != saved.authors:
        yield f"authors are {list(content.authors)}, expected {list(saved.authors)}"
    if saved.published is not None and content.published != saved.published:
        told = content.published.isoformat() if content.published else "not found"
        yield f"published is {told}, expected {saved.published.isoformat()}"
    yield from (f"the text lacks {text!r}" for text in saved.contains if text not in content.text)
    yield from (f"the text contains {text!r}" for text in saved.lacks if text in content.text)
