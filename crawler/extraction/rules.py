"""Load the rules that say what is foreign to an article; what is done with them is the callers' to say."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxRule:
    """An element known by words of its class or id."""

    name: str
    reason: str
    pattern: re.Pattern[str]
    max_chars: int
    links: float  # least share of its characters that are links
    is_caption: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRule:
    """A block known by its words."""

    name: str
    reason: str
    pattern: re.Pattern[str]
    max_chars: int
    links: float
    is_caption: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All rules, compiled."""

    boxes: tuple[BoxRule, ...]
    any_box: re.Pattern[str]
    lines: tuple[LineRule, ...]
    longest_line: int  # characters; no line rule looks at more
    foreign: re.Pattern[str]
    standfirst: re.Pattern[str]
    byline_start: re.Pattern[str]
    no_author: re.Pattern[str]
    agency: re.Pattern[str]
    fact: re.Pattern[str]  # a label and its value in a line of facts


@cache
def load_rules() -> Rules:
    """The packaged rules."""
    raw = tomllib.loads(files("crawler.extraction").joinpath("rules.toml").read_text("utf-8"))
    boxes = tuple(
        BoxRule(
            name=rule["name"],
            reason=rule["reason"],
            pattern=_words(rule["names"]),
            max_chars=rule["max_chars"],
            links=rule.get("links", 0.0),
            is_caption=rule.get("caption", False),
        )
        for rule in raw["box"]
    )
    return Rules(
        boxes=boxes,
        any_box=_words([name for rule in raw["box"] for name in rule["names"]]),
        lines=tuple(_line(rule) for rule in raw["line"]),
        longest_line=max(300, *(rule["max_chars"] for rule in raw["line"])),
        foreign=_words(raw["words"]["foreign"]),
        standfirst=_words(raw["words"]["standfirst"]),
        byline_start=_starts(raw["byline"]["start"]),
        no_author=_whole(raw["byline"]["nobody"]),
        agency=_words(raw["byline"]["agencies"]),
        fact=_starts(raw["words"]["facts"]),
    )


def _line(rule: dict[str, Any]) -> LineRule:
    return LineRule(
        name=rule["name"],
        reason=rule["reason"],
        pattern=re.compile(rule["pattern"], re.DOTALL),
        max_chars=rule["max_chars"],
        links=rule.get("links", 0.0),
        is_caption=rule.get("caption", False),
    )


def _words(names: list[str]) -> re.Pattern[str]:
    """One of these, as whole words between blanks."""
    longest_first = sorted(set(names), key=len, reverse=True)
    return re.compile(f" (?:{'|'.join(re.escape(name) for name in longest_first)})(?= )")


def _whole(names: list[str]) -> re.Pattern[str]:
    """One of these and nothing else."""
    return re.compile(f" (?:{'|'.join(re.escape(name) for name in names)}) $")


def _starts(names: list[str]) -> re.Pattern[str]:
    longest_first = sorted(set(names), key=len, reverse=True)
    return re.compile(
        rf"^\W*(?:{'|'.join(re.escape(name) for name in longest_first)})(?:\s*:\s*|\s+)",
        re.IGNORECASE,
    )
