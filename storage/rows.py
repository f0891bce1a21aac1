"""Turn rows, however they were read, into the words of `storage.types`. Pure: knows no database.

A value may come typed (SQLAlchemy, psycopg) or as SQLite keeps it (JSON and times as text).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

from storage.keys import APART
from storage.types import (
    Article,
    ArticleState,
    Baseline,
    Block,
    BlockKind,
    Change,
    ChangeKind,
    Detail,
    Disclosure,
    Outlet,
    TopicVerdict,
    Weight,
)

Row = Mapping[str, Any]

MOST_APART: Final = 8  # blocks of a version whose places are kept, seven bytes each


def utc(value: datetime | str) -> datetime:
    """Read a stored time as aware UTC."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def utc_or_none(value: datetime | str | None) -> datetime | None:
    """Read a stored time that may be missing."""
    return None if value is None else utc(value)


def items(value: object) -> list[Any]:
    """Read a stored JSON list; anything else is an empty one."""
    found = json.loads(value) if isinstance(value, str) else value
    return cast("list[Any]", found) if isinstance(found, list) else []


def names(value: str) -> tuple[str, ...]:
    """Read names kept between blanks: " talks grain "."""
    return tuple(value.split())


def block_words(blocks: Sequence[Block]) -> str:
    """Write the kinds of blocks, with the keys of places of the first that stand apart: `p p#Ab3_x9`."""
    apart = [n for n, block in enumerate(blocks) if block.place.startswith(APART)][:MOST_APART]
    return " ".join(b.kind.value + (b.place if n in apart else "") for n, b in enumerate(blocks))


def blocks(kinds: str, text: str) -> tuple[Block, ...]:
    """Join a version's block words with the lines of its text."""
    words = [word.partition(APART) for word in kinds.split()]
    lines = text.split("\n") if words else []
    return tuple(
        Block(kind=BlockKind(kind), text=line, place=sign + key)
        for (kind, sign, key), line in zip(words, lines, strict=False)
    )


def verdicts(value: object) -> tuple[TopicVerdict, ...]:
    """Read the topic verdicts of a version."""
    return tuple(
        TopicVerdict(
            topic=item["topic"],
            is_on_topic=bool(item["is_on_topic"]),
            score=float(item["score"]),
            reasons=tuple(item.get("reasons", ())),
        )
        for item in items(value)
    )


def change_kinds(value: object) -> tuple[ChangeKind, ...]:
    """Read the kinds of a change, most important first."""
    return tuple(ChangeKind(kind) for kind in items(value))


def details(value: object) -> tuple[Detail, ...]:
    """Read what differs in a change."""
    return tuple(
        Detail(
            kind=ChangeKind(item["kind"]),
            before=item.get("before", ""),
            after=item.get("after", ""),
            label=item.get("label", ""),
        )
        for item in items(value)
    )


def change(row: Row) -> Change:
    """A change from the columns `c_…`."""
    baseline = row["c_baseline"]
    return Change(
        id=row["c_id"],
        article_id=row["c_article_id"],
        from_version=row["c_from_id"],
        to_version=row["c_to_id"],
        kinds=change_kinds(row["c_kinds"]),
        weight=Weight(row["c_weight"]),
        reason=row["c_reason"],
        disclosure=Disclosure(row["c_disclosure"]),
        details=details(row["c_details"]),
        stood_at=utc_or_none(row["c_stood_at"]),
        seen_at=utc(row["c_seen_at"]),
        decided_at=utc(row["c_decided_at"]),
        baseline=Baseline(baseline) if baseline else None,
        note=row["c_note"],
    )


def article(row: Row) -> Article:
    """An article from the columns `a_…`, with its source's `s_…` and its site's name `t_name`."""
    return Article(
        id=row["a_id"],
        url=row["a_url"],
        state=ArticleState(row["a_state"]),
        found_at=utc(row["a_found_at"]),
        title=row["a_title"],
        language=row["a_language"],
        outlet=Outlet(
            name=row["s_outlet"] or row["s_name"] or row["t_name"],
            language=row["s_language"] or "",
            country=row["s_country"] or "",
            control=row["s_control"] or "",
        ),
        source=row["s_name"] or "",
        topics=names(row["a_topics"]),
        versions=row["a_versions"],
        changed_at=utc(row["a_changed_at"]),
    )
