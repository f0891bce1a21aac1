"""Own what a site is known for: where its articles stand, which places and lines move, and for how long they rest.

A block that differs once may be an edit. The same place that moved on several articles within a day,
on most of those that were looked at, or that differs at every look on several, is the site's. A place
that stood still on several articles for longer than a day is trusted as the article's own.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Article, Page, Site, Version

SEVERAL: Final = 3  # articles on which a place moved
LATELY: Final = timedelta(days=1)
LEAST_TRUST: Final = timedelta(hours=26)  # longer than noise that is renewed daily stands still
LONGEST_PERIOD: Final = timedelta(days=14)
KNOWN_FOR: Final = timedelta(days=30)
MOST_ROLES: Final = 64  # places and lines a site remembers
_MOST_MOVES: Final = 6  # articles remembered for each
_MOST_WRAPPINGS: Final = 4
_A_PART: Final = 5  # a wrapping of one article in five is usual; a place that moves less is trusted
_MINUTE_S: Final = 60

Memory = dict[str, Any]
"""`wrappings`: key -> articles; `period_s`: longest rest; `roles`: key -> [known since, moves, noise since].

Times are minutes since the epoch, 0 is never; a move is [article id, time, whether at every look].
"""


def usual_wrappings(site: Site) -> frozenset[str]:
    """Give the wrappings of the site's articles that are more than exceptions."""
    counts: dict[str, int] = site.noise.get("wrappings", {})
    least = max(SEVERAL, sum(counts.values()) / _A_PART)
    return frozenset(key for key, articles in counts.items() if articles >= least)


def count_wrapping(site: Site, wrapping: str, *, before: str = "") -> None:
    """Count an article's wrapping, in place of the one it had before."""
    if not wrapping or wrapping == before:
        return
    counts = Counter(site.noise.get("wrappings", {}))
    counts[wrapping] += 1
    counts[before] -= 1
    kept = {key: n for key, n in counts.most_common(_MOST_WRAPPINGS) if n > 0 and key}
    site.noise = {**site.noise, "wrappings": kept}


def noise_on(site: Site, *, at: datetime) -> frozenset[str]:
    """Give the keys of places and lines that are known as the site's noise.

    For a month: what is left out is compared no more, so it is found out anew whether it moves still.
    """
    since = _minute(at - KNOWN_FOR)
    return frozenset(
        key for key, (_, _, noise_since) in _roles(site).items() if noise_since > since
    )


def period_of(site: Site) -> timedelta:
    """Say for how long noise was seen to stand still on this site."""
    return timedelta(seconds=site.noise.get("period_s", 0))


def rested(site: Site, span: timedelta) -> None:
    """Note that what turned out to be noise had stood still for so long."""
    if period_of(site) < span:
        span = min(span, LONGEST_PERIOD)
        site.noise = {**site.noise, "period_s": int(span.total_seconds())}


def met(site: Site, keys: Iterable[str], *, at: datetime) -> None:
    """Note since when places are known."""
    roles = _roles(site)
    new = [key for key in keys if key not in roles]
    if new:
        _keep(site, {**roles, **{key: [_minute(at), [], 0] for key in new}})


def moved(
    tx: Session, article: Article, keys: Collection[str], *, at: datetime, is_proved: bool
) -> bool:
    """Note that blocks known by these keys differ on an article.

    Args:
        tx: The unit of work.
        article: Which.
        keys: Of places and lines; others are not the site's.
        at: When.
        is_proved: They differ at every look; else they differed once.

    Returns:
        Whether that made one of them the site's noise.
    """
    site = tx.get_one(Site, article.site_id)
    roles, known = _roles(site), noise_on(site, at=at)
    became = False
    for key in keys:
        if key in known:
            continue
        since, moves, _ = roles.get(key, [_minute(at), [], 0])
        proved = is_proved or any(who == article.id and p for who, _, p in moves)
        others = [move for move in moves if move[0] != article.id]
        moves = [*others, [article.id, _minute(at), proved]][-_MOST_MOVES:]
        is_noise = _is_noise(tx, site, moves, at=at)
        became = became or is_noise
        roles[key] = [since, [], _minute(at)] if is_noise else [since, moves, 0]
    if keys:
        _keep(site, roles)
    return became


def trusted_on(
    tx: Session, article: Article, keys: Collection[str], *, at: datetime
) -> frozenset[str]:
    """Give those places that stood still on several articles of the site for longer than a day."""
    site = tx.get_one(Site, article.site_id)
    roles, least = _roles(site), _minute(at - LEAST_TRUST)
    known = [key for key in keys if key in roles and roles[key][0] <= least]
    if not known or _stood_long(tx, site) < SEVERAL:
        return frozenset()
    compared = _compared(tx, site, since=at - LATELY)
    lately = _minute(at - LATELY)
    return frozenset(
        key
        for key in known
        if _A_PART * sum(who != article.id and when > lately for who, when, _ in roles[key][1])
        <= compared
    )


def _is_noise(tx: Session, site: Site, moves: list[list[Any]], *, at: datetime) -> bool:
    if sum(proved for _, _, proved in moves) >= SEVERAL:
        return True
    lately = [when for _, when, _ in moves if when > _minute(at - LATELY)]
    if len(lately) < SEVERAL:
        return False
    # Three edits of one morning may be found in a row, before any other article is looked at.
    watched = _compared(tx, site, since=at - LATELY)
    if len(lately) < min(_MOST_MOVES, watched / 2):
        return False
    since = datetime.fromtimestamp(min(lately) * _MINUTE_S, at.tzinfo)
    return 2 * len(lately) >= _compared(tx, site, since=since)


def _compared(tx: Session, site: Site, *, since: datetime) -> int:
    """Count the articles that were looked at since, not for the first time."""
    return (
        tx.scalar(
            select(func.count())
            .select_from(Page)
            .where(
                Page.site_id == site.id,
                Page.article_id.is_not(None),
                Page.looks > 1,
                Page.last_seen_at >= since,
            )
        )
        or 0
    )


def _stood_long(tx: Session, site: Site) -> int:
    """Count articles whose text stood still for long, up to several."""
    spans = tx.execute(
        select(Version.seen_at, Page.last_seen_at)
        .select_from(Article)
        .join(Version, Version.id == Article.newest_id)
        .join(Page, Page.url == Article.url)
        .where(Article.site_id == site.id, Article.pending_id.is_(None))
        .order_by(Article.id.desc())
        .limit(200)
    )
    long = sum(bool(last and last - first >= LEAST_TRUST) for first, last in spans)
    return min(long, SEVERAL)


def _roles(site: Site) -> dict[str, list[Any]]:
    return dict(site.noise.get("roles", {}))


def _keep(site: Site, roles: dict[str, list[Any]]) -> None:
    """Keep the roles that say most: noise, then what moved, then the newest."""
    ranked = sorted(roles.items(), key=lambda role: (role[1][2], bool(role[1][1]), role[1][0]))
    site.noise = {**site.noise, "roles": dict(ranked[-MOST_ROLES:])}


def _minute(at: datetime) -> int:
    return int(at.timestamp() // _MINUTE_S)
