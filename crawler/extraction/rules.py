"""Load the rules that say what is foreign to an article; what is done with them is the callers' to say."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from crawler.extraction.page import Node, names_of


@dataclass(frozen=True, slots=True)
class Names:
    """Words and rows of words, looked for as whole words between blanks.

    Sets instead of one pattern: every element of every page is asked.
    """

    words: frozenset[str]
    rows: Mapping[str, tuple[str, ...]]  # by their first word, with a blank at both ends

    @classmethod
    def of(cls, names: Iterable[str]) -> "Names":
        """Out of a list such as `["ads", "read more"]`."""
        rows: dict[str, tuple[str, ...]] = {}
        words: set[str] = set()
        for name in names:
            first, blank, _ = name.partition(" ")
            if blank:
                rows[first] = (*rows.get(first, ()), f" {name} ")
            else:
                words.add(name)
        return cls(frozenset(words), rows)

    def stand_in(self, names: str) -> bool:
        """Say whether one of them is among the words of `names`, as `split_names` gives them."""
        words = names.split()
        if not self.words.isdisjoint(words):
            return True
        rows = self.rows
        return any(row in names for word in words if word in rows for row in rows[word])


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxRule:
    """An element known by words of its class or id."""

    name: str
    reason: str
    names: Names
    max_chars: int
    links: float  # least share of its characters that are links
    is_caption: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRule:
    """A block known by its words."""

    name: str
    reason: str
    says: Callable[[str], re.Match[str] | None]  # asked with small letters
    max_chars: int
    links: float
    is_caption: bool

    def fits(self, text: str, links: float = 0.0) -> bool:
        """Say whether a block is of this kind, by its small letters and the share of them that are links."""
        return len(text) <= self.max_chars and links >= self.links and self.says(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All rules, compiled."""

    boxes: tuple[BoxRule, ...]
    any_box: Names
    lines: tuple[LineRule, ...]
    longest_line: int  # characters; no line rule looks at more
    foreign: Names
    standfirst: Names
    byline_start: re.Pattern[str]
    no_author: re.Pattern[str]
    agency: Names
    fact: re.Pattern[str]  # a label and its value in a line of facts
    fact_ahead: re.Pattern[str]  # the blank before a label with its colon

    def line(self, name: str) -> LineRule:
        """The rule of this name."""
        return next(rule for rule in self.lines if rule.name == name)


@cache
def load_rules() -> Rules:
    """The packaged rules."""
    raw = tomllib.loads(files("crawler.extraction").joinpath("rules.toml").read_text("utf-8"))
    boxes = tuple(
        BoxRule(
            name=rule["name"],
            reason=rule["reason"],
            names=Names.of(rule["names"]),
            max_chars=rule["max_chars"],
            links=rule.get("links", 0.0),
            is_caption=rule.get("caption", False),
        )
        for rule in raw["box"]
    )
    return Rules(
        boxes=boxes,
        any_box=Names.of(name for rule in raw["box"] for name in rule["names"]),
        lines=tuple(_line(rule) for rule in raw["line"]),
        longest_line=max(300, *(rule["max_chars"] for rule in raw["line"])),
        foreign=Names.of(raw["words"]["foreign"]),
        standfirst=Names.of(raw["words"]["standfirst"]),
        byline_start=_starts(raw["byline"]["start"]),
        no_author=_whole(raw["byline"]["nobody"]),
        agency=Names.of(raw["byline"]["agencies"]),
        fact=_starts(raw["words"]["facts"]),
        fact_ahead=_ahead(raw["words"]["facts"]),
    )


def stands_beside(node: Node) -> bool:
    """Say whether what an element holds is foreign by its tag or name: a name, a date.

    An element that holds the headline too is the page's frame, whatever it is called.
    """
    if node.tag in {"html", "body"}:
        return False
    is_named = node.tag in {"aside", "footer", "nav"} or load_rules().foreign.stand_in(
        names_of(node)
    )
    return bool(is_named) and node.find(".//h1") is None


def _line(rule: dict[str, Any]) -> LineRule:
    return LineRule(
        name=rule["name"],
        reason=rule["reason"],
        says=re.compile(rule["pattern"], re.DOTALL).match
        if "pattern" in rule
        else re.compile(rule["holds"], re.DOTALL).search,
        max_chars=rule["max_chars"],
        links=rule.get("links", 0.0),
        is_caption=rule.get("caption", False),
    )


def _whole(names: list[str]) -> re.Pattern[str]:
    """One of these and nothing else."""
    return re.compile(f" (?:{'|'.join(re.escape(name) for name in names)}) $")


def _starts(names: list[str]) -> re.Pattern[str]:
    longest_first = sorted(set(names), key=len, reverse=True)
    return re.compile(
        rf"^\W*(?:{'|'.join(re.escape(name) for name in longest_first)})(?:\s*:\s*|\s+)",
        re.IGNORECASE,
    )


def _ahead(names: list[str]) -> re.Pattern[str]:
    longest_first = sorted(set(names), key=len, reverse=True)
    labels = "|".join(re.escape(name) for name in longest_first)
    return re.compile(rf"\s+(?=(?:{labels})\s*:)", re.IGNORECASE)
