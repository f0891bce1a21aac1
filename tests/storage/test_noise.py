"""Noise of every period and form inside the text is told from edits by time."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from storage.database import Database
from storage.models import Article, Site, SiteBlock, Version
from storage.types import Block, ChangeKind
from tests.support.noisy import (
    DAY_S,
    HOUR_S,
    Edit,
    Line,
    Paper,
    apart,
    corrected,
    lengthened,
    own,
    recounted,
    retitled,
    reworded,
    shortened,
)

TIPS = (
    "Fold the corners first and the map will last the whole trip.",
    "A pinch of salt in the water keeps cut flowers fresh for days.",
    "Two short walks are better for the back than one long run.",
    "Old newspapers dry wet boots faster than any heater does.",
    "Leave the lid off and the stew will thicken by itself.",
)
TOWNS = ("Kyiv", "Lviv", "Warsaw", "Oslo", "Porto", "Gdansk")


def counters(r: Random, _: Paper) -> Block:
    return apart(f"▲ {r.randint(9, 9999)} ▼ {r.randint(9, 999)} ◆ {r.randint(1, 99)}")


def plain_counters(r: Random, _: Paper) -> Block:
    return own(f"№ {r.randint(100, 99999)} ◦ {r.randint(1, 400)} ◦ {r.randint(1, 60)}")


def minutes(r: Random, _: Paper) -> Block:
    unit, span = r.choice((("minutes", 59), ("hours", 23), ("days", 6)))
    return own(f"Renewed {r.randint(2, span)} {unit} ago ◦ {r.randint(100, 99999)} looked")


def weather(r: Random, _: Paper) -> Block:
    told = " ◦ ".join(f"{town} {r.randint(-9, 30)}°" for town in r.sample(TOWNS, 3))
    return apart(told, "div.entry>div.bar>p")


def tip(r: Random, _: Paper) -> Block:
    return apart(r.choice(TIPS), "div.entry>div.u-box>p")


def other_headline(r: Random, paper: Paper) -> Block:
    return apart(f"→ {r.choice(paper.stories).title}", "div.entry>p.zx")


def plain_headline(r: Random, paper: Paper) -> Block:
    return own(f"❯❯ {r.choice(paper.stories).title}")


def lead_in(r: Random, _: Paper) -> Block:
    return own(f"Im Archiv: {r.choice(TOWNS)}, {r.choice(('Teil', 'Band'))} {r.choice('IVX')}")


def blinking(r: Random, _: Paper) -> Block | None:
    return (
        apart("New: our app for the way to work.", "div.entry>p.pr") if r.random() < 0.5 else None
    )


FORMS: Sequence[Line] = (
    counters,
    plain_counters,
    minutes,
    weather,
    tip,
    other_headline,
    plain_headline,
    lead_in,
    blinking,
)
PERIODS_S = (0.0, 600.0, HOUR_S, DAY_S)


EDITS: Mapping[Edit, frozenset[ChangeKind]] = {
    reworded: frozenset({ChangeKind.TYPOGRAPHY, ChangeKind.WORDING}),
    recounted: frozenset({ChangeKind.NUMBER, ChangeKind.WORDING}),
    lengthened: frozenset({ChangeKind.PARAGRAPH_ADDED}),
    shortened: frozenset({ChangeKind.PARAGRAPH_REMOVED}),
    retitled: frozenset({ChangeKind.HEADLINE}),
    corrected: frozenset({ChangeKind.CORRECTION}),
}
WORLDS = [
    pytest.param(line, period_s, own_phase, id=f"{line.__name__}-{period_s / 60:.0f}min-{phase}")
    for line in FORMS
    for period_s in PERIODS_S
    for phase, own_phase in (("together", False), ("each", True))
]
_EACH = len(WORLDS) // len(FORMS)
SOME = [WORLDS[_EACH * n + 3 * n % _EACH] for n in range(len(FORMS))]  # each form and period


def watched(database: Database, line: Line, period_s: float, *, own_phase: bool) -> Paper:
    """A virtual day and a half of eight stories, six of them edited: half right after the first look."""
    paper = Paper(database=database, lines=[(line, period_s)], own_phase=own_phase)
    for n, (story, edit) in enumerate(zip(paper.write(8), EDITS, strict=False)):
        story.edit(700.0 if n % 2 else 14 * HOUR_S, edit)
    return paper.watch(36.0)


def hold(paper: Paper) -> None:
    """Say that each edit was told once, rightly and soon, and nothing else was."""
    told = {row.article.url: row.change for row in paper.told()}
    edited = dict(zip((story.url for story in paper.stories), EDITS.values(), strict=False))
    assert sorted(row.article.url for row in paper.told()) == sorted(edited)
    for url, kinds in edited.items():
        assert kinds & set(told[url].kinds)
        assert set(told[url].kinds) <= kinds | {ChangeKind.QUOTE}
        assert told[url].decided_at - told[url].seen_at < timedelta(minutes=30)


@pytest.mark.parametrize(("line", "period_s", "own_phase"), SOME)
def test_edits_are_told_and_a_line_that_moves_is_not(
    sqlite_database: Database, *, line: Line, period_s: float, own_phase: bool
) -> None:
    hold(watched(sqlite_database, line, period_s, own_phase=own_phase))


@pytest.mark.long
@pytest.mark.parametrize(("line", "period_s", "own_phase"), WORLDS)
def test_edits_are_told_whatever_moves_and_whenever(
    sqlite_database: Database, *, line: Line, period_s: float, own_phase: bool
) -> None:
    hold(watched(sqlite_database, line, period_s, own_phase=own_phase))


MOST_BYTES_OF_AN_ARTICLE = 200
MOST_BYTES_OF_A_SITE = 32_000


def kept_beside_texts(paper: Paper) -> tuple[list[int], int]:
    """Bytes kept to tell noise from edits: of each article, and of the site."""
    with paper.database.reading() as tx:
        versions = dict(tx.execute(select(Version.id, Version.block_kinds)).all())
        articles = [
            len(json.dumps(article.volatile))
            + len(article.wrapping)
            + sum(map(len, re.findall("#[^ ]+", versions[article.newest_id])))
            for article in tx.scalars(select(Article))
        ]
        rows = tx.execute(select(SiteBlock.key)).scalars().all()
        times_and_counts = 32
        site = len(json.dumps(tx.scalars(select(Site.noise)).one()))
    return articles, site + sum(len(key) + times_and_counts for key in rows)


def test_what_is_kept_to_tell_noise_is_small(sqlite_database: Database) -> None:
    lines = [(line, period_s) for line in FORMS for period_s in (0.0, HOUR_S)]
    paper = Paper(database=sqlite_database, lines=lines)
    paper.write(12)
    articles, site = kept_beside_texts(paper.watch(30.0))
    assert len(articles) == 12
    assert max(articles) <= MOST_BYTES_OF_AN_ARTICLE
    assert site <= MOST_BYTES_OF_A_SITE


def test_what_is_kept_of_a_site_has_a_bound(sqlite_database: Database) -> None:
    """A site whose boxes differ on each article, and stand each in a place of their own."""

    def box(r: Random, _: Paper) -> Block:
        return apart(f"{r.random()} of all who asked, said yes.", f"div.entry>p.x{r.random()}")

    paper = Paper(database=sqlite_database, lines=[(box, DAY_S)] * 12)
    for story in paper.write(60):
        paper.look(story, 0.0)
    articles, site = kept_beside_texts(paper)
    assert max(articles) <= MOST_BYTES_OF_AN_ARTICLE
    assert site <= MOST_BYTES_OF_A_SITE
