"""What happens on a whole site at once: a redesign, an edit of every article, both, and a site that fails."""

from datetime import timedelta

import pytest

from storage import history
from storage.database import Database
from storage.types import ArticleState, Block, ChangeKind, Observation, Outcome
from tests.support.noisy import HOUR_S, START, Edit, Paper, apart, own

FEW, MANY = 16, 500
AT_S = 30 * HOUR_S

Text = tuple[str, tuple[Block, ...]]


def rebuilt(title: str, blocks: tuple[Block, ...]) -> Text:
    """A new design: other elements around the text, other boxes beside it."""
    text = [
        Block(kind=block.kind, text=block.text, place="main.page>section.text>p.body")
        for block in blocks
    ]
    boxes = [
        apart("All that matters, each morning at seven.", "main.page>section.text>div.letter>p"),
        apart("Share this text", "main.page>section.text>div.tools>p"),
    ]
    return title, (*text[:2], boxes[0], *text[2:], boxes[1])


def respelled(title: str, blocks: tuple[Block, ...]) -> Text:
    """Another spelling in every article, as after a decision of the editors."""
    return title, tuple(own(block.text.replace("told reporters", "told media")) for block in blocks)


def both(title: str, blocks: tuple[Block, ...]) -> Text:
    return rebuilt(*respelled(title, blocks))


def watched(database: Database, edit: Edit, *, stories: int, hours: float = 60.0) -> Paper:
    paper = Paper(database=database, lines=[])
    for story in paper.write(stories):
        story.edit(AT_S, edit)
    return paper.watch(hours)


def hold_redesign(paper: Paper) -> None:
    assert paper.told() == []


def hold_respelling(paper: Paper) -> None:
    told = paper.told()
    assert sorted(row.article.url for row in told) == sorted(story.url for story in paper.stories)
    for row in told:
        assert [d.kind for d in row.change.details] != []
        assert not {ChangeKind.PARAGRAPH_ADDED, ChangeKind.PARAGRAPH_REMOVED} & {*row.change.kinds}


CASES = [
    pytest.param(rebuilt, hold_redesign, id="a-redesign-is-no-edit"),
    pytest.param(respelled, hold_respelling, id="an-edit-of-all-articles-is-told-of-each"),
    pytest.param(both, hold_respelling, id="under-a-redesign-too"),
]


@pytest.mark.parametrize(("edit", "hold"), CASES)
def test_a_whole_site_changes_at_once(sqlite_database: Database, edit: Edit, hold) -> None:
    hold(watched(sqlite_database, edit, stories=FEW))


@pytest.mark.long
@pytest.mark.parametrize(("edit", "hold"), CASES)
def test_five_hundred_articles_change_at_once(sqlite_database: Database, edit: Edit, hold) -> None:
    hold(watched(sqlite_database, edit, stories=MANY))


# -- a site that does not answer -----------------------------------------------------------------


class Down(Paper):
    """A paper of which some articles answer 404 from a time on."""

    gone: frozenset[int] = frozenset()

    def round(self, at_h: float) -> None:
        for n, story in enumerate(self.stories):
            if n not in self.gone:
                self.look(story, at_h * HOUR_S)
                continue
            at = START + timedelta(hours=at_h)
            self.miss(Observation(url=story.url, seen_at=at, outcome=Outcome.GONE, reason="404"))

    def rounds(self, first_h: int, last_h: int, *, gone: range = range(0)) -> None:
        self.gone = frozenset(gone)
        for hour in range(first_h, last_h):
            self.round(float(hour))

    def gone_ones(self) -> list[str]:
        return [row.article.url for row in self.told() if ChangeKind.GONE in row.change.kinds]


def paper_of(database: Database, stories: int) -> Down:
    paper = Down(database=database, lines=[])
    paper.write(stories)
    paper.rounds(0, 2)
    return paper


def test_what_all_articles_lack_at_once_is_a_fault_of_the_site(database: Database) -> None:
    paper = paper_of(database, 6)
    paper.rounds(2, 30, gone=range(6))
    assert paper.gone_ones() == []
    with database.reading() as tx:
        assert history.article(tx, paper.stories[0].url).state is ArticleState.MISSING
    paper.rounds(30, 31)
    assert paper.told() == []


def test_a_part_of_a_site_that_is_taken_down_is_told(database: Database) -> None:
    paper = paper_of(database, 8)
    paper.rounds(2, 10, gone=range(3))
    assert paper.gone_ones() == [story.url for story in paper.stories[:3]]


def test_two_articles_taken_down_on_a_site_of_three_are_told(database: Database) -> None:
    paper = paper_of(database, 3)
    paper.rounds(2, 10, gone=range(2))
    assert len(paper.gone_ones()) == 2


def test_new_articles_do_not_make_an_archive_gone_that_moves_house(database: Database) -> None:
    paper = paper_of(database, 6)
    paper.rounds(2, 4, gone=range(6))
    paper.write(4)
    paper.rounds(4, 30, gone=range(6))
    assert paper.gone_ones() == []


def test_a_site_that_is_down_for_days_is_told_after_all(database: Database) -> None:
    paper = paper_of(database, 4)
    paper.rounds(2, 80, gone=range(4))
    assert len(paper.gone_ones()) == 4
