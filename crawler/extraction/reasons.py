"""Say why a rule drops what it drops: in the words of `rules.toml`, or here for the rules that are code."""

from functools import cache
from typing import Final

from crawler.extraction.rules import load_rules
from crawler.extraction.site_rules import is_of_user

_BY_CODE: Final = {
    "headline": "the headline is told apart from the text",
    "above the headline": "sections, dates and pictures above the headline are the outlet's",
    "beside the article": "by its tag, its name or its links it belongs to the page, not to the article",
    "repeated title": "the title stands there already",
    "teaser of another article": "a headline that is a link leads to another article",
    "link to another article": "the whole line is a link",
    "nothing below this heading": "a heading at the end, with no text that it is the heading of",
    "list of links": "links at the end lead to other pages",
}
_TAG: Final = "tag "
_OF_USER: Final = "a rule of yours says so"
_IGNORED: Final = ("ignore_patterns ", "a pattern of yours is found in it")


def reason_of(rule: str) -> str:
    """Give the reason of a rule by its name; "" where there is no such rule."""
    if rule.startswith(_TAG):
        return f"<{rule.removeprefix(_TAG)}> holds no text of an article"
    if rule.startswith(_IGNORED[0]):
        return _IGNORED[1]
    return _reasons().get(rule) or (_OF_USER if is_of_user(rule) else "")


@cache
def _reasons() -> dict[str, str]:
    rules = load_rules()
    return _BY_CODE | {rule.name: rule.reason for rule in (*rules.lines, *rules.boxes)}
