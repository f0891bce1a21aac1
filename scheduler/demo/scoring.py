"""Compare what the product recorded with what truly happened: counts, and claims nothing backs. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from scheduler.demo.stories import Deed, Happening

SLACK: Final = timedelta(
    minutes=3
)  # a look is dated to when it was asked for; on a fast clock that is early
PRESENCE: Final = frozenset({"gone", "back", "moved", "deleted", "restored"})


class Claim(StrEnum):
    """What a recorded change or an alert says has happened."""

    NEW = "new"
    CONTENT = "content"
    PRESENCE = "presence"


CLAIM_OF: Final = {Deed.PUBLISH: Claim.NEW, Deed.EDIT: Claim.CONTENT, Deed.DELETE: Claim.PRESENCE}


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseClaim:
    """A change or an alert that nothing in the log backs."""

    url: str
    at: datetime
    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one thing that happened while the newsroom was watched."""

    happening: Happening
    recorded_at: datetime | None
    told_at: datetime | None
    is_in_summary: bool = False

    @property
    def words(self) -> str:
        """What became of it, in words."""
        if self.recorded_at is None:
            return "not seen before the demo ended"
        if self.told_at is None:
            return "kept in the history, not told"
        return "told in a summary" if self.is_in_summary else "told at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What was recorded, and how much of it is false."""

    articles: int
    versions: int
    changes: int  # steps of articles; a new article is counted under `articles`
    alerts: int  # messages sent
    false: tuple[FalseClaim, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def line(self) -> str:
        """The last line of the demo."""
        return (
            f"demo: {self.articles} articles, {self.versions} versions, {self.changes} changes, "
            f"{self.alerts} alerts, {len(self.false)} false"
        )


@dataclass(slots=True)
class _Track:
    """The log of one article, and how much of it has been claimed."""

    is_on_topic: bool
    happenings: list[Happening] = field(default_factory=list[Happening])
    recorded: dict[int, datetime] = field(default_factory=dict[int, datetime])
    told: dict[int, tuple[datetime, bool]] = field(default_factory=dict[int, tuple[datetime, bool]])

    def open(self, claim: Claim, at: datetime, taken: Mapping[int, Any]) -> list[int]:
        """The happenings of that kind until then that nobody has claimed yet."""
        return [
            number
            for number, happening in enumerate(self.happenings)
            if number not in taken
            and happening.at <= at + SLACK
            and CLAIM_OF[happening.does] is claim
        ]


def score(
    rows: Iterable[Mapping[str, Any]], log: Sequence[Happening], *, articles: Mapping[str, str]
) -> Score:
    """Count an export and find what is false in it.

    Args:
        rows: Lines of `parley export`: versions, changes and alerts.
        log: What happened.
        articles: The name in the log of the article at each address.
    """
    tracks = _tracks(log)
    named = {_bare(url): tracks[key] for url, key in articles.items() if key in tracks}
    versions = changes = 0
    seen: set[str] = set()
    messages: set[tuple[str, str]] = set()
    false: list[FalseClaim] = []
    false_changes: set[Any] = set()
    for row in sorted(rows, key=_moment):
        url = _bare(str(row.get("url", "")))
        match row.get("type"):
            case "version":
                versions += 1
                seen.add(url)
            case "change":
                changes += _claim(row) is not Claim.NEW
                found = _judge_change(row, named.get(url))
                false += found
                false_changes |= {row.get("change")} if found else set()
            case "alert":
                messages.add((str(row.get("channel")), str(row.get("message"))))
                is_counted = not url or row.get("change", object()) in false_changes
                false += [] if is_counted else _judge_alert(row, named.get(url))
            case _:
                pass  # an export may hold more
    return Score(
        articles=len(seen),
        versions=versions,
        changes=changes,
        alerts=len(messages),
        false=tuple(false),
        outcomes=_outcomes(tracks.values()),
    )


def _tracks(log: Sequence[Happening]) -> dict[str, _Track]:
    tracks: dict[str, _Track] = {}
    for happening in log:
        track = tracks.setdefault(happening.article, _Track(happening.is_on_topic))
        track.happenings.append(happening)
    return tracks


def _judge_change(row: Mapping[str, Any], track: _Track | None) -> list[FalseClaim]:
    at, claim = _moment(row), _claim(row)
    if track is None:
        return [_false(row, "there is no such article")]
    covered = track.open(claim, at, track.recorded)
    if not covered:
        return [_false(row, "nothing of the kind had happened")]
    track.recorded |= dict.fromkeys(covered, at)
    return []


def _judge_alert(row: Mapping[str, Any], track: _Track | None) -> list[FalseClaim]:
    at, claim, is_summary = _moment(row), _claim(row), bool(row.get("summary"))
    if track is None:
        return [_false(row, "there is no such article")]
    if not track.is_on_topic:
        return [_false(row, "the article is not about the talks")]
    covered = [
        number
        for number in track.open(claim, at, track.told)
        if not track.happenings[number].is_stock
    ]
    if not covered and not is_summary:
        return [_false(row, "nothing of the kind had happened, or it had been told")]
    track.told |= dict.fromkeys(covered, (at, is_summary))
    return []


def _outcomes(tracks: Iterable[_Track]) -> tuple[Outcome, ...]:
    outcomes: list[Outcome] = []
    for track in tracks:
        for number, happening in enumerate(track.happenings):
            if happening.is_stock:
                continue
            told_at, is_in_summary = track.told.get(number, (None, False))
            outcomes.append(
                Outcome(
                    happening=happening,
                    recorded_at=track.recorded.get(number),
                    told_at=told_at,
                    is_in_summary=is_in_summary,
                )
            )
    return tuple(sorted(outcomes, key=lambda outcome: outcome.happening.at))


def _claim(row: Mapping[str, Any]) -> Claim:
    kinds: set[str] = {str(row.get("kind", "")), *map(str, row.get("kinds") or ())} - {""}
    if "new" in kinds:
        return Claim.NEW
    return Claim.PRESENCE if kinds & PRESENCE else Claim.CONTENT


def _false(row: Mapping[str, Any], reason: str) -> FalseClaim:
    kinds = ", ".join(map(str, row.get("kinds") or (row.get("kind", ""),)))
    return FalseClaim(
        url=str(row.get("url", "")),
        at=_moment(row),
        what=f"{row.get('type')}: {kinds}",
        reason=reason,
    )


def _moment(row: Mapping[str, Any]) -> datetime:
    said = row.get("at", row.get("fetched_at", 0))
    if isinstance(said, int | float):
        return datetime.fromtimestamp(said, UTC)
    return datetime.fromisoformat(str(said)).astimezone(UTC)


def _bare(url: str) -> str:
    """Without query and fragment: feeds add tracking parameters."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}" if url else ""
