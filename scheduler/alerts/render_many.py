"""Write what many articles share a message for: a summary, and an opening message. Pure.

Each is complete as text and as HTML without any link, and as JSON (`payload`).
"""

from collections.abc import Sequence
from datetime import datetime

from scheduler.alerts import payload, words
from scheduler.alerts.digest import sections
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
from storage.types import Article, ChangeKind, MessageKind, Opening, OpeningReason, OwedChange

MOST_ENTRIES = 60  # changes listed in one summary; the rest is counted


# -- a summary -----------------------------------------------------------------------------------


def render_summary(owed: Sequence[OwedChange], *, context: RenderContext, at: datetime) -> Rendered:
    """Write many changes in one message, grouped by kind of news, the most important first.

    Args:
        owed: The changes.
        context: How to write.
        at: When the summary was made.
    """
    subject = f"Summary: {_tally(owed)} · {words.clock(at, context.timezone)}"
    head = part("", (*repeated(context), line(f"Made {words.moment(at, context.timezone)}.")))
    return rendered(
        subject,
        View(title=(say(subject),), parts=(head, *_entry_parts(owed, context))),
        json=payload.of_changes(MessageKind.SUMMARY, subject, owed, base_url=context.base_url),
        brief=_brief_list(owed, context),
    )


def _tally(owed: Sequence[OwedChange]) -> str:
    new = sum(ChangeKind.NEW in one.change.kinds for one in owed)
    changed = len(owed) - new
    parts = (
        words.counted(changed, "change") if changed else "",
        words.counted(new, "new article") if new else "",
    )
    return ", ".join(filter(None, parts)) or "nothing"


def _entry_parts(owed: Sequence[OwedChange], context: RenderContext) -> list[Part]:
    parts: list[Part] = []
    room = MOST_ENTRIES
    for section in sections(owed):
        shown = section.entries[:room]
        room -= len(shown)
        if shown:
            heading = f"{section.title} ({len(section.entries)})"
            parts.append(part(heading, [p for one in shown for p in _entry(one, context)]))
    left = len(owed) - (MOST_ENTRIES - room)
    if left:
        text = f"And {words.counted(left, 'more change')}: parley list shows them."
        parts.append(part("", (line(text),)))
    return parts


def _entry(owed: OwedChange, context: RenderContext) -> list[Paragraph]:
    article, change = owed.article, owed.change
    facts = [
        "" if ChangeKind.NEW in change.kinds else words.what(owed),
        words.disclosure(change),
        words.seen_line(change, context.timezone),
        note_line(owed, context),
    ]
    told = [
        line(
            foreign(article.outlet.name, article.outlet.language),
            f"{words.outlet_facts(article)}: ",
            foreign(article.title, article.language, limit=200),
            shape=Shape.ITEM,
        ),
        line(" · ".join(filter(None, facts)), shape=Shape.SMALL),
        *_entry_quote(owed),
        line(
            link(article.url),
            f" · parley show {show_key(owed)}",
            shape=Shape.SMALL,
        ),
    ]
    return [paragraph for paragraph in told if paragraph.pieces]


def _entry_quote(owed: OwedChange) -> list[Paragraph]:
    quotes = [
        before_after(detail, language_of(owed), limit=BRIEF_QUOTE)
        for detail in owed.change.details[:1]
    ]
    return [
        Paragraph(pieces=quote.pieces, label=quote.label, shape=Shape.SMALL)
        for both in quotes
        for quote in both
    ]


def _brief_entry(owed: OwedChange) -> str:
    is_new = ChangeKind.NEW in owed.change.kinds
    title = words.isolate(words.cut(words.clean(owed.article.title), 80))
    outlet = words.isolate(words.cut(words.outlet(owed.article), 40))
    said = f"New: {title}" if is_new else words.cut(words.what(owed), 80)
    return f"• {said} · {outlet} · {words.clean(owed.article.url)}"


def _brief_list(owed: Sequence[OwedChange], context: RenderContext) -> str:
    entries = [one for section in sections(owed) for one in section.entries]
    lines = [_brief_entry(one) for one in entries[:10]]
    left = len(entries) - len(lines)
    if left:
        lines.append(f"and {left} more")
    texts = [labelled(paragraph) for paragraph in repeated(context)]
    return "\n".join((*texts, *lines, "parley list"))


# -- what was there before -----------------------------------------------------------------------


def render_opening(
    opening: Opening, owed: Sequence[OwedChange] = (), *, context: RenderContext
) -> Rendered:
    """Write what was there before: counted, the newest listed, and what will be sent from now on.

    Args:
        opening: What was found.
        owed: After a sleep, what happened while nobody was looking.
        context: How to write.
    """
    subject = _opening_subject(opening, owed)
    parts = (
        part("", (*repeated(context), *_opening_facts(opening, owed, context))),
        _outlets(opening),
        part(
            f"The newest on {_topic_names(context)}",
            [p for article in opening.newest for p in _newest(article)],
        ),
        *_entry_parts(owed, context),
        part("From now on", policy_lines(context.policy)),
    )
    kept = tuple(found for found in parts if found.paragraphs)
    return rendered(
        subject,
        View(title=(say(subject),), parts=kept),
        json=payload.of_opening(subject, opening, owed, base_url=context.base_url),
        brief=_opening_brief(opening, owed, context),
    )


def _opening_subject(opening: Opening, owed: Sequence[OwedChange]) -> str:
    outlets = words.counted(len(opening.read), "outlet")
    match opening.reason:
        case OpeningReason.FIRST_ROUND:
            return f"Now watching {outlets}: {_found(opening)}"
        case OpeningReason.TOPICS:
            return f"New topics: {_found(opening)}"
        case OpeningReason.SLEEP:
            return f"Awake again: {words.counted(len(owed), 'change')} meanwhile"


def _found(opening: Opening) -> str:
    return f"{words.counted(opening.found, 'article')}, {opening.on_topic:,} on topic"


def _opening_facts(
    opening: Opening, owed: Sequence[OwedChange], context: RenderContext
) -> list[Paragraph]:
    if opening.reason is OpeningReason.SLEEP:
        since = f" since {words.moment(opening.since, context.timezone)}" if opening.since else ""
        return [
            line(
                f"Nobody was looking for more than a day{since}. "
                f"{words.counted(len(owed), 'change')} came to light; none is told singly."
            )
        ]
    first = {
        OpeningReason.FIRST_ROUND: "What was there before is not news; it is stored, and told only here.",
        OpeningReason.TOPICS: "The topics have changed; what is on them now is told only here.",
    }[opening.reason]
    names = _topic_names(context)
    return [
        line(first),
        line(
            f"{words.counted(opening.found, 'article')} found, {opening.on_topic:,} of them on {names}."
        ),
    ]


def _topic_names(context: RenderContext) -> str:
    wanted = context.topics or tuple(context.topic_titles)
    titles = [words.clean(context.topic_titles.get(name) or name) for name in wanted]
    return " or ".join(titles) or "a topic"


def _outlets(opening: Opening) -> Part:
    unread = set(opening.unfinished)
    read = [name for name in opening.read if name not in unread]
    return part(
        "Outlets",
        (
            _listed(f"Read ({len(read)})", read),
            _listed(f"Still being read ({len(unread)})", opening.unfinished),
            *(
                line(
                    foreign(name, "", limit=80),
                    f": {words.cut(words.clean(why), 160)}",
                    label="Failing",
                )
                for name, why in opening.failing[:30]
            ),
        ),
    )


def _listed(label: str, names: Sequence[str]) -> Paragraph:
    joined = [piece for name in names[:60] for piece in (say(", "), foreign(name, "", limit=80))]
    more = [say(f" and {len(names) - 60} more")] if len(names) > 60 else []  # noqa: PLR2004
    return line(*joined[1:], *more, label=label)


def _newest(article: Article) -> tuple[Paragraph, ...]:
    return (
        line(
            foreign(article.outlet.name, article.outlet.language),
            f"{words.outlet_facts(article)}: ",
            foreign(article.title, article.language, limit=200),
            shape=Shape.ITEM,
        ),
        line(link(article.url), f" · parley show {article.id}", shape=Shape.SMALL),
    )


def _opening_brief(opening: Opening, owed: Sequence[OwedChange], context: RenderContext) -> str:
    failing = words.counted(len(opening.failing), "outlet")
    lines = [labelled(p) for p in _opening_facts(opening, owed, context)]
    lines += [f"{failing} failing." if opening.failing else ""]
    lines += [
        f"• {words.isolate(words.cut(words.clean(a.title), 100))} · {words.clean(a.url)}"
        for a in opening.newest[:3]
    ]
    return "\n".join((*filter(None, lines), "parley list"))
