"""Write an alert about one article, and the test of a channel. Pure: no clock, no database.

Each is complete as text and as HTML without any link, and as JSON (`payload`).
"""

from collections.abc import Sequence
from datetime import datetime

from scheduler.alerts import payload, words
from scheduler.alerts.digest import importance
from scheduler.alerts.forms import (
    BRIEF_QUOTE,
    RenderContext,
    Rendered,
    labelled,
    language_of,
    note_line,
    policy_lines,
    rendered,
    repeated,
    show_key,
)
from scheduler.alerts.view import (
    Paragraph,
    Part,
    Shape,
    View,
    before_after,
    foreign,
    line,
    link,
    part,
    say,
)
from storage.types import ChangeKind, Detail, MessageKind, OwedChange, TopicVerdict

MOST_DETAILS = 8  # differences shown in one alert; the rest is counted
_LEAD = 400  # characters of an article's beginning

_DETAIL_WORDS = {
    ChangeKind.PARAGRAPH_ADDED: "Added",
    ChangeKind.PARAGRAPH_REMOVED: "No longer there",
    ChangeKind.PARAGRAPH_MOVED: "Moved",
}


# -- an alert ------------------------------------------------------------------------------------


def render_alert(owed: OwedChange | Sequence[OwedChange], *, context: RenderContext) -> Rendered:
    """Write one change, or the changes of one article that were decided together."""
    changes = [owed] if isinstance(owed, OwedChange) else sorted(owed, key=importance)
    first = changes[0]
    subject = words.alert_subject(changes)
    parts = [_head(first, context)]
    for one in changes:
        parts += _change_parts(one, context, is_alone=len(changes) == 1)
    parts.append(_foot(changes, context))
    return rendered(
        subject,
        View(title=(say(subject),), parts=tuple(parts)),
        json=payload.of_changes(MessageKind.ALERT, subject, changes, base_url=context.base_url),
        brief=_brief(changes, context),
        thread=f"article-{first.article.id}",
    )


def _head(owed: OwedChange, context: RenderContext) -> Part:
    article = owed.article
    return part(
        "",
        (
            *repeated(context),
            line(foreign(article.title, article.language), shape=Shape.PLAIN),
            line(
                foreign(article.outlet.name, article.outlet.language),
                say(words.outlet_facts(article)),
                shape=Shape.SMALL,
            ),
            line(link(article.url), shape=Shape.SMALL),
        ),
    )


def _change_parts(owed: OwedChange, context: RenderContext, *, is_alone: bool) -> list[Part]:
    change = owed.change
    kinds = ", ".join(words.kind_words(kind).lower() for kind in change.kinds)
    facts = [
        line(words.seen_line(change, context.timezone)),
        line(note_line(owed, context)),
        line(words.disclosure_line(change)),
        line(foreign(change.reason, language_of(owed)), label=f"Why {change.weight.value}"),
    ]
    if len(change.kinds) > 1:
        facts.append(line(kinds, label="Kinds"))
    heading = "" if is_alone else words.what(owed)
    return [part(heading, (*facts[:3], *_details(owed), *_beginning(owed), *facts[3:]))]


def _details(owed: OwedChange) -> list[Paragraph]:
    shown = owed.change.details[:MOST_DETAILS]
    paragraphs: list[Paragraph] = []
    for same in _by_sentence(shown):
        for detail in same:
            heading = _DETAIL_WORDS.get(detail.kind, words.kind_words(detail.kind))
            paragraphs.append(_detail_heading(heading, detail, language_of(owed)))
        paragraphs += before_after(same[0], language_of(owed))
    left = len(owed.change.details) - len(shown)
    if left:
        paragraphs.append(line(f"and {words.counted(left, 'more difference')}."))
    return paragraphs


def _by_sentence(details: Sequence[Detail]) -> list[list[Detail]]:
    """Put together what differs in one sentence, which is then shown once."""
    found: dict[tuple[str, str], list[Detail]] = {}
    for detail in details:
        found.setdefault((detail.before, detail.after), []).append(detail)
    return list(found.values())


def _detail_heading(heading: str, detail: Detail, language: str) -> Paragraph:
    if not detail.label:
        return line(heading)
    return line(foreign(detail.label, language, limit=120), label=heading)


def _beginning(owed: OwedChange) -> list[Paragraph]:
    """Where there is no difference to show, show how the article begins."""
    version = owed.new or owed.old
    if owed.change.details or version is None or not version.blocks:
        return []
    label = "It said" if ChangeKind.GONE in owed.change.kinds else "It begins"
    text = foreign(version.blocks[0].text, version.language, limit=_LEAD)
    return [line(text, label=label, shape=Shape.QUOTE)]


def _foot(changes: Sequence[OwedChange], context: RenderContext) -> Part:
    return part(
        "",
        (
            *_why_on_topic(changes[0], context),
            *(line(_versions(one), shape=Shape.SMALL) for one in changes),
            *(
                line(link(url), label="Comparison", shape=Shape.SMALL)
                for one in changes
                if (url := payload.comparison_url(one.change, context.base_url))
            ),
        ),
    )


def _why_on_topic(owed: OwedChange, context: RenderContext) -> list[Paragraph]:
    found: list[Paragraph] = []
    for verdict in verdicts(owed):
        title = context.topic_titles.get(verdict.topic) or verdict.topic
        reasons = [foreign(reason, language_of(owed), limit=200) for reason in verdict.reasons[:5]]
        joined = [piece for reason in reasons for piece in (say("; "), reason)][1:]
        if joined:
            found.append(line(*joined, label=f"Why it is on {words.clean(title)}"))
    return found


def verdicts(owed: OwedChange) -> tuple[TopicVerdict, ...]:
    """Give the verdicts by which an article is on its topics; of the newer version, else the older."""
    found: dict[str, TopicVerdict] = {}
    for version in (owed.new, owed.old):
        for verdict in version.verdicts if version else ():
            if verdict.is_on_topic and verdict.topic in owed.topics:
                found.setdefault(verdict.topic, verdict)
    return tuple(found.values())


def _versions(owed: OwedChange) -> str:
    change = owed.change
    new, old = change.to_version, change.from_version
    if new is None and old is None:
        return ""
    if old is None or new is None or old == new:
        return f"Version {new or old}: parley show v{new or old}"
    return f"Version {new}, before it {old}: parley show v{new} · parley diff v{old} v{new}"


def _tail(owed: OwedChange) -> str:
    return f"{words.clean(owed.article.url)} · parley show {show_key(owed)}"


def _brief(changes: Sequence[OwedChange], context: RenderContext) -> str:
    first = changes[0]
    lines = [line(foreign(first.article.title, first.article.language, limit=160))]
    for same in _by_sentence(first.change.details)[:2]:
        lines += before_after(same[0], language_of(first), limit=BRIEF_QUOTE)
    lines += [
        line(words.seen_line(first.change, context.timezone)),
        line(note_line(first, context)),
    ]
    texts = [labelled(paragraph) for paragraph in (*repeated(context), *lines)]
    return "\n".join((*filter(None, texts), _tail(first)))


# -- a test --------------------------------------------------------------------------------------


def render_test(channel: str, *, context: RenderContext, at: datetime) -> Rendered:
    """Write the message that shows that a channel works."""
    subject = f"Test of the channel {words.cut(words.clean(channel), 40)}"
    parts = (
        part(
            "",
            (
                line("This channel works: alerts will look like this message."),
                line(f"Sent {words.moment(at, context.timezone)}."),
            ),
        ),
        part("What will be sent", policy_lines(context.policy)),
    )
    return rendered(
        subject,
        View(title=(say(subject),), parts=parts),
        json=payload.of_changes(MessageKind.TEST, subject, (), base_url=context.base_url),
        brief=f"{words.moment(at, context.timezone)}\nThis channel works.",
    )
