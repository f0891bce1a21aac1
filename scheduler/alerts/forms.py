"""What every message is made with: its context, its forms, and the sentences that all share. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from scheduler.alerts import words
from scheduler.alerts.render_html import html
from scheduler.alerts.view import Paragraph, View, inline, line, plain_text
from scheduler.config import AlertsConfig
from storage.types import OwedChange

BRIEF_QUOTE = 240  # characters of a sentence in a brief form


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderContext:
    """What writing needs to know besides the changes."""

    timezone: str
    base_url: str = ""  # where readers reach the viewer; "" = no message links to it
    repeat: bool = False  # it may have arrived before
    topic_titles: Mapping[str, str] = field(default_factory=dict[str, str])
    policy: AlertsConfig = field(default_factory=AlertsConfig)
    topics: tuple[str, ...] = ()  # of the channel; () = all


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message in every form a channel may want."""

    subject: str
    text: str
    html: str
    json: dict[str, Any]
    brief: str  # for chats with little room
    tail: str  # the last line of `brief`, never cut
    thread: str = ""  # messages about one article belong together


def rendered(
    subject: str, view: View, *, json: dict[str, Any], brief: str, thread: str = ""
) -> Rendered:
    """Give a message in all its forms; the last line of `brief` is never cut."""
    text = plain_text(view)
    return Rendered(
        subject=words.cut(subject, words.LONGEST_SUBJECT),
        text=text,
        html=html(view),
        json={**json, "text": text},
        brief=brief,
        tail=brief.rpartition("\n")[2],
        thread=thread,
    )


# -- shared sentences ----------------------------------------------------------------------------


def repeated(context: RenderContext) -> tuple[Paragraph, ...]:
    """Say that a message may have arrived before, if so."""
    if not context.repeat:
        return ()
    text = "This message may have reached you before: sending it was interrupted."
    return (line(text, label="Note"),)


def note_line(owed: OwedChange, context: RenderContext) -> str:
    """Give a change's note as a sentence, its times in the reader's zone."""
    note = words.clean(owed.change.note)
    if not note:
        return ""
    local = words.local_times(note, context.timezone, today=owed.change.decided_at)
    end = "" if local.endswith((".", "…")) or "://" in local else "."
    return f"{local[0].upper()}{local[1:]}{end}"


def language_of(owed: OwedChange) -> str:
    """Give the language an article is written in."""
    version = owed.new or owed.old
    return (version.language if version else "") or owed.article.language


def show_key(owed: OwedChange) -> str:
    """Give what `parley show` wants to show what a change led to: the version, or the article."""
    version = owed.change.to_version or owed.change.from_version
    return f"v{version}" if version else str(owed.article.id)


def labelled(paragraph: Paragraph) -> str:
    """Write a paragraph on one line with its label."""
    text = inline(paragraph.pieces)
    return f"{paragraph.label}: {text}" if paragraph.label and text else text


_POLICY_WORDS = {
    "major": "major changes (headline in substance, number, date, name, quote, correction, gone, back)",
    "new": "new articles",
    "minor": "minor changes",
    "trivial": "trivial changes",
    "off-topic": "changes of articles on no topic",
}


def policy_lines(policy: AlertsConfig) -> tuple[Paragraph, ...]:
    """Say what will be sent, when, and at most how much."""
    every = _span(policy.summary_every)
    told = (
        ("At once", policy.now),
        (f"In a summary every {every}, if there is anything", policy.summary),
        ("Only in the history", policy.history),
    )
    cap = (
        f"At most {words.counted(policy.max_per_hour, 'message')} an hour and {policy.max_per_day:,} "
        "a day; what is over goes into one summary, the most important first."
    )
    return (
        *(line(_policy_list(found), label=label) for label, found in told if found),
        line(cap),
    )


def _policy_list(found: Sequence[str]) -> str:
    return "; ".join(_POLICY_WORDS[word] for word in found)


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    for size, name in ((1440, "day"), (60, "hour")):
        if minutes % size == 0:
            count = minutes // size
            return name if count == 1 else f"{count} {name}s"
    return f"{minutes} minutes"
