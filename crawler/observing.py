"""Decide what an answer to a request says about an article: content, gone, blocked or failed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from crawler.identity import normalise_url, same_publisher, trust_canonical
from crawler.reading import PageReading
from storage.types import Observation, Outcome, Validators, WallKind

NOT_MODIFIED, NOT_FOUND, GONE, PARTIAL = 304, 404, 410, 206
WHOLE = frozenset({200, 203})
"""Statuses whose body is all of the page (RFC 9110, section 15.3)."""

_REDIRECTS = range(300, 400)
_REFUSALS = {
    401: "login asked for",
    402: "payment asked for",
    403: "access denied",
    451: "withheld for legal reasons",
}
_PERMANENT = frozenset({301, 308})
_LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is kept of one answered request; `steps` are the statuses of the redirects on the way."""

    asked_url: str
    final_url: str
    status: int
    steps: tuple[int, ...]
    seen_at: datetime
    took_s: float
    validators: Validators
    retry_after: timedelta | None = None
    was_conditional: bool = False  # the request repeated a validator
    location: str = ""  # of a redirect that was not followed


def retry_after(header: str, *, now: datetime, sent: str = "") -> timedelta | None:
    """Read how long a publisher asks us to stay away (RFC 9110, section 10.2.3).

    Args:
        header: Value of Retry-After: seconds or an HTTP date.
        now: Aware UTC.
        sent: Value of Date: the publisher's own clock, by which its date is read.

    Returns:
        From zero to one day; None if the value is unreadable.
    """
    value = header.strip()
    if value.isascii() and value.isdigit():
        wait = timedelta(seconds=min(int(value[:9]), int(_LONGEST_WAIT.total_seconds())))
    else:
        when = _http_date(value)
        if when is None:
            return None
        wait = when - (_http_date(sent) or now)
    return min(max(wait, timedelta(0)), _LONGEST_WAIT)


def _http_date(value: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def judge_status(answer: Answer) -> Observation | None:
    """Say what the status alone decides; None: the body must be read."""
    status = answer.status
    if status == NOT_MODIFIED and not answer.was_conditional:
        return _made(answer, Outcome.FAILED, "answered 304 to a request without conditions")
    if status == NOT_MODIFIED:
        return _made(answer, Outcome.NOT_MODIFIED, "answered 304")
    if status in (NOT_FOUND, GONE):
        return _made(answer, Outcome.GONE, f"answered {status}")
    if status in _REFUSALS:
        return _made(answer, Outcome.BLOCKED, f"{_REFUSALS[status]} ({status})")
    if status not in WHOLE:
        return _made(answer, Outcome.FAILED, refusal(answer))
    return _judge_redirect(answer)


def refusal(answer: Answer) -> str:
    """Say in words why an answer of this status gives nothing."""
    if answer.status == PARTIAL:
        return "answered 206, a part of a page that nobody asked for"
    scheme = urlsplit(answer.location).scheme.lower()
    if answer.status in _REDIRECTS and scheme not in {"", "http", "https"}:
        return f"answered {answer.status}, a redirect to {scheme[:20]}:, which is not allowed"
    return f"answered {answer.status}"


def _judge_redirect(answer: Answer) -> Observation | None:
    asked, final = urlsplit(answer.asked_url), urlsplit(answer.final_url)
    if asked.path.strip("/") and not final.path.strip("/") and not final.query:
        return _made(answer, Outcome.GONE, "redirect to the front page")
    return None


def judge_reading(answer: Answer, reading: PageReading, *, is_known: bool) -> Observation:
    """Say what a page that was read is.

    Args:
        answer: The answer whose body was read.
        reading: What the worker found.
        is_known: The address has been an article before: then another publisher is a wall.
    """
    wall = reading.wall
    if reading.is_same:
        return _made(answer, Outcome.NOT_MODIFIED, "the same article in other bytes")
    if wall is not None and wall.kind in (WallKind.SOFT_404, WallKind.FRONT_PAGE):
        return _made(answer, Outcome.GONE, f"{wall.kind.value} ({wall.reason})")
    if wall is not None or reading.content is None:
        reason = f"{wall.kind.value}: {wall.reason}" if wall else WallKind.NOT_AN_ARTICLE.value
        return _made(answer, Outcome.BLOCKED, reason, reading=reading)
    hosts = [urlsplit(url).netloc for url in (answer.asked_url, answer.final_url)]
    if is_known and not same_publisher(*hosts):
        return _made(answer, Outcome.BLOCKED, f"leads to another publisher, {hosts[1]}")
    canonical = trust_canonical(reading.content.canonical, answer.final_url) or ""
    return _made(answer, Outcome.CONTENT, "", reading=reading, canonical=canonical)


def _made(
    answer: Answer,
    outcome: Outcome,
    reason: str,
    *,
    reading: PageReading | None = None,
    canonical: str = "",
) -> Observation:
    return Observation(
        url=answer.asked_url,
        seen_at=answer.seen_at,
        outcome=outcome,
        reason=reason,
        status=answer.status,
        final_url=normalise_url(answer.final_url) or answer.asked_url,
        permanent=bool(answer.steps) and all(step in _PERMANENT for step in answer.steps),
        canonical=canonical,
        content=reading.content if reading else None,
        teaser=reading.teaser if reading else None,
        verdicts=reading.verdicts if reading else (),
        mark=reading.mark if reading else "",
        validators=answer.validators,
        retry_after=answer.retry_after,
        took_s=answer.took_s,
    )


def failed(url: str, *, seen_at: datetime, reason: str, is_ours: bool = False) -> Observation:
    """Say that an address could not be fetched; `is_ours` where nobody there is to blame."""
    return Observation(
        url=url, seen_at=seen_at, outcome=Outcome.FAILED, reason=reason, is_ours=is_ours
    )


def matches(url: str, *, allow: Sequence[str], deny: Sequence[str]) -> str:
    """Say why a lead is left out by a source's allow and deny globs; "" when it is taken."""
    path = urlsplit(url).path or "/"
    for glob in deny:
        if fnmatchcase(path, glob):
            return f"left out by deny {glob!r}"
    if allow and not any(fnmatchcase(path, glob) for glob in allow):
        return "no allow line names it"
    return ""
