"""Say in words what was seen: times, kinds, outlets, disclosure, and a subject of 70 characters. Pure.

Words claim only what was seen. Whatever was fetched is cleaned here: no line breaks, no signs that
turn the direction of the text around it.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from scheduler.alerts.digest import importance, lead_kind
from storage.types import Article, Change, ChangeKind, Disclosure, OwedChange

LONGEST_SUBJECT = 70
SHORTEST_WHAT = 24  # characters of a subject that say what changed, however long the outlet's name
ISOLATE, END_ISOLATE = "\u2068", "\u2069"

_TURNING = frozenset(
    "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_STORED_TIME = re.compile(
    r"\b(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?: UTC|Z|\+00:00)"
)
_STATUS = re.compile(r"\banswered (\d{3})\b")
_SHOWN_CONTROL = frozenset({"state", "public", "exile"})


# -- text ----------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """Give fetched text on one line, without control signs and signs that turn its direction."""
    kept = (_clean_sign(sign) for sign in text)
    return " ".join("".join(kept).split())


def _clean_sign(sign: str) -> str:
    if sign in _TURNING:
        return ""
    category = unicodedata.category(sign)
    if category == "Cs":
        return "\ufffd"  # half a pair: no encoding has it
    return " " if category in {"Cc", "Zl", "Zp"} else sign


def cut(text: str, limit: int) -> str:
    """Shorten to at most `limit` characters, between words where that costs little."""
    if len(text) <= limit:
        return text
    if limit < 2:  # noqa: PLR2004 - one sign and the ellipsis
        return "…"[:limit]
    head = text[: limit - 1]
    space = head.rfind(" ")
    if space >= limit * 2 // 3 and not text[limit - 1].isspace():
        head = head[:space]
    return head.rstrip(" ,;:·(") + "…"


def isolate(text: str) -> str:
    """Wrap foreign text so that its direction does not turn the words around it."""
    return f"{ISOLATE}{text}{END_ISOLATE}" if text else ""


def is_right_to_left(text: str) -> bool:
    """Does the text hold a letter of Arabic, Hebrew or another script written from the right?"""
    return any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in text)


def counted(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun: "1 article", "1,200 articles"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


# -- times ---------------------------------------------------------------------------------------


def zone_name(timezone: str) -> str:
    """Name a time zone as people do: "Kyiv"."""
    return timezone.rpartition("/")[2].replace("_", " ")


def day(at: datetime, timezone: str) -> str:
    """Write the date: "25 Nov 2026"."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clock(at: datetime, timezone: str) -> str:
    """Write the time of day: "14:05"."""
    return f"{at.astimezone(ZoneInfo(timezone)):%H:%M}"


def moment(at: datetime, timezone: str) -> str:
    """Write date, time and zone: "25 Nov 2026, 14:05 (Kyiv)"."""
    return f"{day(at, timezone)}, {clock(at, timezone)} ({zone_name(timezone)})"


def local_times(text: str, timezone: str, *, today: datetime) -> str:
    """Write the UTC times inside a stored note as local ones; with their date if it is another."""

    def write(found: re.Match[str]) -> str:
        at = datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC)
        same_day = day(at, timezone) == day(today, timezone)
        return clock(at, timezone) if same_day else f"{day(at, timezone)} {clock(at, timezone)}"

    return _STORED_TIME.sub(write, text)


def seen_line(change: Change, timezone: str) -> str:
    """Say when the old text was last seen and the new one first: no more than was seen."""
    zone, seen = zone_name(timezone), change.seen_at
    date = day(seen, timezone)
    if change.stood_at is None:
        return f"First seen {clock(seen, timezone)} ({zone}), {date}."
    if day(change.stood_at, timezone) == date:
        before, after, end = clock(change.stood_at, timezone), clock(seen, timezone), f", {date}"
    else:
        before, after = (
            f"{day(at, timezone)} {clock(at, timezone)}" for at in (change.stood_at, seen)
        )
        end = ""
    return f"{_seen_words(change, before, after)} ({zone}){end}."


def _seen_words(change: Change, before: str, after: str) -> str:
    kind = change.kinds[0] if change.kinds else ChangeKind.WORDING
    if kind in {ChangeKind.GONE, ChangeKind.PARAGRAPH_REMOVED}:
        return f"Stood there at {before} and not at {after}"
    if kind is ChangeKind.BACK:
        return f"Last seen {before}, there again at {after}"
    if kind is ChangeKind.MOVED:
        return f"Seen {before}, at another address by {after}"
    return f"Seen {before}, changed by {after}"


# -- what, who, how disclosed --------------------------------------------------------------------

_PLAIN = {
    ChangeKind.NEW: "New article",
    ChangeKind.HEADLINE: "Headline changed",
    ChangeKind.NUMBER: "Number changed",
    ChangeKind.QUOTE: "Quote changed",
    ChangeKind.NAME: "Name changed",
    ChangeKind.DATE: "Date changed",
    ChangeKind.PARAGRAPH_ADDED: "Paragraph added",
    ChangeKind.PARAGRAPH_REMOVED: "Paragraph gone",
    ChangeKind.PARAGRAPH_MOVED: "Paragraph moved",
    ChangeKind.CORRECTION: "Correction",
    ChangeKind.WORDING: "Wording changed",
    ChangeKind.TYPOGRAPHY: "Typography changed",
    ChangeKind.UPDATE: "Update",
    ChangeKind.LIVE_ENTRY: "Live entry",
    ChangeKind.REVERTED: "Earlier text again",
    ChangeKind.GONE: "Gone",
    ChangeKind.BACK: "There again",
    ChangeKind.MOVED: "At another address",
}
_LABELLED = frozenset({ChangeKind.NUMBER, ChangeKind.NAME, ChangeKind.DATE})


def kind_words(kind: ChangeKind) -> str:
    """Name a kind of change: "Number changed"."""
    return _PLAIN[kind]


def what(owed: OwedChange) -> str:
    """Say in a few words what changed: "52 → 49 drones", "Gone (404)", "New: …"."""
    kind = lead_kind(owed)
    if kind is ChangeKind.NEW:
        return f"New: {clean(owed.article.title) or owed.article.url}"
    if kind is ChangeKind.GONE:
        status = _STATUS.search(owed.change.note)
        return f"Gone ({status[1]})" if status else "Gone"
    return (kind in _LABELLED and _label(owed.change, kind)) or _PLAIN[kind]


def _label(change: Change, kind: ChangeKind) -> str:
    labels = (clean(d.label) for d in change.details if d.kind is kind)
    return next((label for label in labels if label), "")


def outlet(article: Article) -> str:
    """Name an outlet with its language and, where that says something, who controls it."""
    return f"{clean(article.outlet.name)}{outlet_facts(article)}"


def outlet_facts(article: Article) -> str:
    """Give what stands behind an outlet's name: " (ru, state)"; nothing where nothing is known."""
    control = article.outlet.control
    facts = (
        clean(article.outlet.language or article.language),
        control if control in _SHOWN_CONTROL else "",
    )
    shown = ", ".join(fact for fact in facts if fact)
    return f" ({shown})" if shown else ""


def disclosure(change: Change) -> str:
    """Say in a word or two whether the publisher noted the change; nothing where nobody can tell."""
    if change.disclosure is Disclosure.UNNOTED:
        return "no note seen"
    if change.disclosure is Disclosure.NOTED:
        return "note seen" if ChangeKind.CORRECTION in change.kinds else "update noted"
    return ""


def disclosure_line(change: Change) -> str:
    """Say on what the word about disclosure rests."""
    return {
        "no note seen": "No note seen: the page declares when it was modified, that date did not move,"
        " and no note of a change stands there.",
        "note seen": "Note seen: a note on the page speaks of the change.",
        "update noted": "Update noted: the page shows a note or a later date of modification.",
        "": "",
    }[disclosure(change)]


# -- subjects ------------------------------------------------------------------------------------


def alert_subject(owed: Sequence[OwedChange]) -> str:
    """Write a subject of at most 70 characters; outlet and disclosure are never cut away."""
    first = min(owed, key=importance)
    said = what(first)
    if len(owed) > 1:
        said = f"{said} + {len(owed) - 1} more"
    return subject_line(said, first.article, disclosure(first.change))


def subject_line(said: str, article: Article, disclosed: str) -> str:
    """Join what changed, who published it and how it was disclosed."""
    end = f" · {disclosed}" if disclosed else ""
    facts = outlet_facts(article)
    room = LONGEST_SUBJECT - SHORTEST_WHAT - len(end) - len(facts) - len(" · ")
    # A sign for direction costs two characters; only scripts from the right need it.
    name = _directed(cut(clean(article.outlet.name), room - 2))
    said = _directed(
        cut(said, LONGEST_SUBJECT - len(name) - len(facts) - len(end) - len(" · ") - 2)
    )
    return f"{said} · {name}{facts}{end}"


def _directed(text: str) -> str:
    return isolate(text) if is_right_to_left(text) else text
