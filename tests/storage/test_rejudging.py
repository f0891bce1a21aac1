"""Changed topics: what is stored is judged anew, without a change and without an alert."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from storage import history, rejudging
from storage.database import Database
from storage.models import Page
from storage.types import Block, BlockKind, TopicVerdict
from tests.support.desk import BODY, URL, Desk, article_text


def judged(database: Database, desk: Desk, *, is_on: bool) -> int:
    verdict = TopicVerdict(topic="grain", is_on_topic=is_on, score=0.9 if is_on else 0.1)
    with database.transaction() as tx:
        found = rejudging.batch(tx, after_id=0)
        pairs = [(one.version_id, (verdict,)) for one in found]
        return rejudging.apply(tx, pairs, now=desk.now)


def test_an_article_is_on_the_new_topics_and_nothing_has_changed(database: Database) -> None:
    desk = Desk(database)
    seen = desk.text(*BODY)
    assert judged(database, desk, is_on=True) == 1
    assert desk.read(lambda tx: history.article(tx, seen.article_id)).topics == ("grain",)
    assert len(desk.kinds()) == 1
    assert judged(database, desk, is_on=True) == 0


def test_what_came_onto_a_topic_is_looked_at_again(database: Database) -> None:
    desk = Desk(database)
    desk.text(*BODY, on=False)
    with database.transaction() as tx:
        tx.scalar(select(Page).where(Page.url == URL)).next_check_at = None
    judged(database, desk, is_on=True)
    with database.reading() as tx:
        assert tx.scalar(select(Page.next_check_at).where(Page.url == URL)) == desk.now


def test_every_article_comes_once_in_batches(database: Database) -> None:
    desk = Desk(database)
    for number in range(5):
        desk.text(*(f"{p} {number}" for p in BODY), url=f"{URL}-{number}", title=f"Part {number}")
    desk.now += timedelta(hours=1)
    found, after = [], 0
    with database.reading() as tx:
        while batch := rejudging.batch(tx, after_id=after, limit=2):
            found += [one.title for one in batch]
            after = batch[-1].article_id
    assert found == [f"Part {number}" for number in range(5)]


# -- texts of which the site's own was left out ----------------------------------------------------

LETTER = (
    "Every morning at seven our letter tells what matters; it is free and ends whenever you like."
)


def judge_by_beginning(
    topics: Sequence[str], *, title: str, text: str, language: str
) -> tuple[TopicVerdict, ...]:
    is_on = text.startswith("The delegations")
    return tuple(
        TopicVerdict(topic=topic, is_on_topic=is_on, score=float(is_on), reasons=(language,))
        for topic in topics
        if title
    )


def lettered(desk: Desk, *paragraphs: str, url: str = URL, title: str = "Talks resume") -> None:
    """A look at an article that begins, in its own place, with a letter's advertisement."""
    said = article_text(*paragraphs, title=title)
    letter = Block(kind=BlockKind.PARAGRAPH, text=LETTER, place="div.letter>p")
    off = TopicVerdict(topic="talks", is_on_topic=False, score=0.0)
    desk.look(content=replace(said, blocks=(letter, *said.blocks)), verdicts=(off,), url=url)


def crowded(desk: Desk) -> Desk:
    """A site whose pages all begin with the same paragraph, as several articles have shown."""
    desk.rules = replace(desk.rules, judge=judge_by_beginning)
    for number in range(6):
        own = tuple(f"{line} That was on day {number}." for line in BODY)
        url = f"https://news.example/day-{number}"
        lettered(desk, *own, url=url, title=f"Day {number}")
    return desk


def verdict(desk: Desk, url: str) -> tuple[str, bool]:
    article = desk.read(lambda tx: history.article(tx, url))
    newest = desk.read(lambda tx: history.versions(tx, article.id))[0]
    text = desk.read(lambda tx: history.version(tx, newest.id)).text
    return text.split("\n")[0], newest.verdicts[0].is_on_topic


def test_an_article_is_judged_without_the_lines_of_its_site(database: Database) -> None:
    desk = crowded(Desk(database))
    lettered(desk, *BODY)
    assert verdict(desk, URL) == (BODY[0], True)
    assert desk.read(lambda tx: history.article(tx, URL)).topics == ("talks",)


def test_a_line_that_turns_out_to_be_the_sites_leaves_the_judgement_too(database: Database) -> None:
    desk = crowded(Desk(database))
    first = "https://news.example/day-0"
    own = tuple(f"{line} That was on day 0." for line in BODY)
    assert verdict(desk, first) == (LETTER, False)
    lettered(desk, *own, url=first, title="Day 0")
    assert verdict(desk, first) == (own[0], True)
    assert desk.read(lambda tx: history.article(tx, first)).topics == ("talks",)


def test_a_text_that_newer_rules_of_ours_read_is_on_the_topic_it_has_now(
    database: Database,
) -> None:
    desk = Desk(database)
    desk.text(*BODY, on=False)
    desk.text(*BODY, on=True, extractor=2)
    assert desk.read(lambda tx: history.article(tx, URL)).topics == ("talks",)


def test_a_text_of_which_all_is_kept_is_judged_once(database: Database) -> None:
    desk = Desk(database)
    desk.rules = replace(desk.rules, judge=judge_by_beginning)
    desk.text(*BODY, on=False)
    assert verdict(desk, URL) == (BODY[0], False)
