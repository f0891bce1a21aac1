"""What may be the site's is held for a day at most, and trusted once it is known to stand still."""

from datetime import timedelta

import pytest

from storage.database import Database
from storage.types import Block, ChangeKind
from tests.support.noisy import HOUR_S, START, Edit, Paper, apart, article_text, own

LEAD = "div.entry>p.lead"


def leads(*, of: str) -> Edit:
    """Begin with another lead, in a place of its own."""

    def edit(title: str, blocks: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]]:
        rest = blocks[1:] if blocks[0].place == LEAD else blocks
        return title, (apart(of, LEAD), *rest)

    return edit


def paper_with_leads(database: Database, *, stories: int) -> Paper:
    paper = Paper(database=database, lines=[])
    for n, story in enumerate(paper.write(stories, spread_h=3.0)):
        story.edit(
            0.0, leads(of=f"What came of meeting {n} is told by those who were in the room.")
        )
    return paper


REWRITTEN = leads(of="No side would say on which day, or where, a next round could be held.")
CORRECTED = leads(of="What came of meeting 0 is told by those who were in that room.")


def waits(paper: Paper) -> list[timedelta]:
    return [row.change.decided_at - row.change.seen_at for row in paper.told()]


def test_a_lead_that_is_rewritten_on_a_new_site_is_told_within_a_day_or_little_more(
    sqlite_database: Database,
) -> None:
    paper = paper_with_leads(sqlite_database, stories=12)
    for n, story in enumerate(paper.stories[:3]):
        story.edit(
            4 * HOUR_S, leads(of=f"No side would say on which day, or where, round {n} may be.")
        )
    paper.watch(40.0)
    assert len(paper.told()) == 3
    assert all(timedelta(hours=20) < wait < timedelta(hours=30) for wait in waits(paper))


def test_a_lead_that_is_corrected_is_told_after_the_second_look(sqlite_database: Database) -> None:
    paper = paper_with_leads(sqlite_database, stories=4)
    paper.stories[0].edit(4 * HOUR_S, CORRECTED)
    paper.watch(12.0)
    assert waits(paper) == [timedelta(minutes=4)]


def test_a_place_that_stood_still_for_long_is_trusted(sqlite_database: Database) -> None:
    paper = paper_with_leads(sqlite_database, stories=8)
    paper.stories[0].edit(60 * HOUR_S, REWRITTEN)
    paper.watch(96.0)
    assert waits(paper) == [timedelta(minutes=4)]


@pytest.mark.parametrize(
    "text",
    [
        "Our letter, at seven.",
        "Breaking: in Geneva a spokesman said that the hour of the meeting was changed.",
        "Терміново: у Женеві повідомили про зміну графіка, заява очікується за 6 годин.",
        "Son dakika: Cenevre'de toplantının saati değişti, açıklama 6 saat içinde bekleniyor.",
    ],
)
def test_a_new_box_on_the_whole_site_is_no_edit_of_any_article(
    sqlite_database: Database, text: str
) -> None:
    paper = Paper(database=sqlite_database, lines=[])
    box = (apart("New", "div.entry>div.box>h4"), apart(text, "div.entry>div.box>p"))

    def boxed(title: str, blocks: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]]:
        return title, (*blocks, *box)

    for story in paper.write(8):
        story.edit(10 * HOUR_S, boxed)
    paper.stories[0].edit(10 * HOUR_S, lambda title, blocks: (title, (*blocks[1:],)))
    paper.watch(72.0)
    assert [set(row.change.kinds) for row in paper.told()] == [{ChangeKind.PARAGRAPH_REMOVED}]


def lengthened(title: str, blocks: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]]:
    return title, (own("A wholly other beginning was given to this text by somebody."), *blocks)


@pytest.mark.parametrize(
    ("extra", "changed"),
    [
        pytest.param(apart("A box of facts"), None, id="a-box-goes"),
        pytest.param(None, apart("A box of facts"), id="a-box-comes"),
        pytest.param(apart("12 dead, 40 hurt"), apart("14 dead, 41 hurt"), id="figures"),
        pytest.param(own("In short: no result"), own("In short: a result"), id="a-line"),
    ],
)
def test_whatever_differs_and_stands_is_told_within_little_more_than_a_day(
    sqlite_database: Database, *, extra: Block | None, changed: Block | None
) -> None:
    paper = Paper(database=sqlite_database, lines=[])
    story = paper.write(1)[0]

    def with_(block: Block | None) -> Edit:
        own_text = tuple(map(own, article_text(1)))
        return lambda title, _: (title, (*own_text, *((block,) if block else ())))

    story.edit(0.0, with_(extra))
    story.edit(3 * HOUR_S, with_(changed))
    paper.watch(48.0)
    assert len(paper.told()) == 1
    assert waits(paper)[0] < timedelta(hours=30)


def test_an_own_edit_is_told_at_once_while_a_box_is_held(sqlite_database: Database) -> None:
    paper = Paper(database=sqlite_database, lines=[])
    story = paper.write(1)[0]
    story.edit(3 * HOUR_S, lambda title, blocks: (title, (*blocks, apart("A box of facts"))))
    story.edit(6 * HOUR_S, lengthened)
    paper.watch(50.0)
    own_change, box = paper.told()
    assert own_change.change.kinds == (ChangeKind.PARAGRAPH_ADDED,)
    assert waits(paper)[0] == timedelta(minutes=4)
    assert own_change.change.stood_at >= START + timedelta(hours=3)
    assert timedelta(hours=24) < waits(paper)[1] < timedelta(hours=30)
    assert box.change.seen_at < own_change.change.seen_at
