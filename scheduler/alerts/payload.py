"""The JSON that a webhook gets, and its documented schema (`manual/alerts.md`). Pure.

Times are ISO 8601 in UTC. New fields may be added; a field that is renamed or removed raises `version`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from scheduler.alerts.words import clean, disclosure
from storage.types import Article, Change, Detail, MessageKind, Opening, OwedChange

VERSION = 1


def of_changes(
    kind: MessageKind, subject: str, owed: Sequence[OwedChange], *, base_url: str
) -> dict[str, Any]:
    """Give an alert, a summary or a test as JSON."""
    return {
        "version": VERSION,
        "kind": kind.value,
        "subject": subject,
        "changes": [_change(one, base_url) for one in owed],
        "opening": None,
    }


def of_opening(
    subject: str, opening: Opening, owed: Sequence[OwedChange], *, base_url: str
) -> dict[str, Any]:
    """Give an opening message as JSON."""
    return {
        **of_changes(MessageKind.OPENING, subject, owed, base_url=base_url),
        "opening": {
            "reason": opening.reason.value,
            "read": [clean(name) for name in opening.read],
            "failing": [
                {"outlet": clean(name), "reason": clean(why)} for name, why in opening.failing
            ],
            "unfinished": [clean(name) for name in opening.unfinished],
            "found": opening.found,
            "on_topic": opening.on_topic,
            "newest": [_article(article) for article in opening.newest],
            "since": _time(opening.since),
        },
    }


def _change(owed: OwedChange, base_url: str) -> dict[str, Any]:
    change = owed.change
    return {
        "id": change.id,
        "kinds": [kind.value for kind in change.kinds],
        "weight": change.weight.value,
        "reason": clean(change.reason),
        "disclosure": change.disclosure.value,
        "disclosure_words": disclosure(change),
        "note": clean(change.note),
        "stood_at": _time(change.stood_at),
        "seen_at": _time(change.seen_at),
        "decided_at": _time(change.decided_at),
        "baseline": change.baseline.value if change.baseline else None,
        "from_version": change.from_version,
        "to_version": change.to_version,
        "details": [_detail(detail) for detail in change.details],
        "topics": list(owed.topics),
        "why_on_topic": _reasons(owed),
        "article": _article(owed.article),
        "comparison": comparison_url(change, base_url) or None,
    }


def _reasons(owed: OwedChange) -> dict[str, list[str]]:
    version = owed.new or owed.old
    return {
        verdict.topic: [clean(reason) for reason in verdict.reasons]
        for verdict in (version.verdicts if version else ())
        if verdict.is_on_topic
    }


def _detail(detail: Detail) -> dict[str, str]:
    return {
        "kind": detail.kind.value,
        "before": clean(detail.before),
        "after": clean(detail.after),
        "label": clean(detail.label),
    }


def _article(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "url": clean(article.url),
        "title": clean(article.title),
        "language": clean(article.language),
        "state": article.state.value,
        "found_at": _time(article.found_at),
        "outlet": {
            "name": clean(article.outlet.name),
            "language": clean(article.outlet.language),
            "country": clean(article.outlet.country),
            "control": clean(article.outlet.control),
        },
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def comparison_url(change: Change, base_url: str) -> str:
    """Give the viewer's page that compares the two versions of a change; "" where there is none."""
    old, new = change.from_version, change.to_version
    if not base_url or old is None or new is None or old == new:
        return ""
    return f"{base_url.rstrip('/')}/compare/{old}/{new}"
