"""What stands on several articles of a site is the site's; a redesign of it is no edit."""

import pytest

from storage import history
from storage.database import Database
from storage.types import ArticleContent, Block, BlockKind, ChangeKind, Outcome, TopicVerdict
from tests.storage.test_recording import Desk

BOX = "Follow our channel for the news on the go."
LEAD = "All reports of the day in one place."
BACKGROUND = "Russia launched its full-scale invasion of Ukraine in February 2022."


def body(number: int) -> list[str]:
    return [
        f"Delegation {number} arrived in Istanbul for the second round of talks on Monday.",
        f"Hall {number} of the palace was prepared for the meeting of both delegations.",
        f"Spokesman {number} said that a third round was possible within two weeks.",
        f"Reporter {number} was told that the meeting had lasted a little over an hour.",
    ]


def paragraph(text: str, place: str = "div.entry>p") -> Block:
    return Block(kind=BlockKind.PARAGRAPH, text=text, place=place)


def box(text: str) -> Block:
    return paragraph(text, "div.entry>div.promo>p")


class Paper(Desk):
    """Several articles of one site, each shown with or without foreign blocks."""

    def show(self, number: int, *blocks: Block, after_min: float = 5):
        content = ArticleContent(title=f"Talks, part {number}", blocks=blocks, language="en")
        verdict = TopicVerdict(topic="talks", is_on_topic=True, score=0.9)
        url = f"https://news.example/part-{number}"
        return self.look(content=content, verdicts=(verdict,), url=url, after_min=after_min)

    def plain(self, number: int, *extra: Block, place: str = "div.entry>p"):
        return self.show(number, *(paragraph(text, place) for text in body(number)), *extra)

    def edits(self) -> list[tuple[ChangeKind, ...]]:
        return [kinds for kinds in self.kinds() if kinds != (ChangeKind.NEW,)]

    def text(self, number: int) -> list[str]:  # type: ignore[override]
        with self.database.reading() as tx:
            article = history.article(tx, f"https://news.example/part-{number}")
            newest = max(
                (v for v in history.versions(tx, article.id) if v.state.value == "confirmed"),
                key=lambda v: v.number,
            )
            return history.version(tx, newest.id).text.split("\n")


@pytest.fixture
def paper(database: Database) -> Paper:
    return Paper(database)


def test_a_box_on_several_articles_leaves_them_all(paper: Paper) -> None:
    for number in range(1, 5):
        paper.plain(number, box(BOX))
    for number in range(1, 5):
        paper.plain(number, box(BOX))
        assert paper.text(number) == body(number)
    for number in range(1, 5):
        paper.plain(number)
        paper.plain(number)
    assert paper.edits() == []


def test_background_that_articles_share_stays_theirs(paper: Paper) -> None:
    for number in range(1, 6):
        paper.plain(number, paragraph(BACKGROUND))
    assert BACKGROUND in paper.text(1)
    paper.plain(1)
    paper.plain(1)
    assert paper.edits() == [(ChangeKind.PARAGRAPH_REMOVED,)]


def redesigned(paper: Paper, number: int, *extra: Block):
    return paper.plain(number, box(LEAD), *extra, place="section.text>p.body")


def test_a_redesign_is_waited_out_and_no_edit(paper: Paper) -> None:
    for number in range(1, 7):
        paper.plain(number, box(BOX))
    for _ in range(4):
        for number in range(1, 7):
            redesigned(paper, number)
    assert paper.edits() == []
    for number in range(1, 7):
        assert paper.text(number) == body(number)
    assert not paper.last.is_confirming


def test_an_edit_under_a_redesign_is_told(paper: Paper) -> None:
    for number in range(1, 7):
        paper.plain(number, box(BOX))
    added = paragraph("A third round was agreed for the week after next.", "section.text>p.body")
    for _ in range(4):
        redesigned(paper, 1, added)
        for number in range(2, 7):
            redesigned(paper, number)
    assert paper.edits() == [(ChangeKind.PARAGRAPH_ADDED,)]


def test_the_same_bytes_do_not_confirm_a_redesign(paper: Paper) -> None:
    for number in range(1, 7):
        paper.plain(number, box(BOX))
    redesigned(paper, 1)
    for _ in range(3):
        paper.look(Outcome.NOT_MODIFIED, url="https://news.example/part-1")
    for number in range(2, 7):
        redesigned(paper, number)
    paper.look(Outcome.NOT_MODIFIED, url="https://news.example/part-1")
    assert paper.edits() == []


def test_a_lone_redesign_is_told_after_a_day(paper: Paper) -> None:
    paper.plain(1, box(BOX))
    for _ in range(3):
        redesigned(paper, 1)
    assert paper.edits() == []
    paper.now = paper.now.replace(day=paper.now.day + 2)
    redesigned(paper, 1)
    assert len(paper.edits()) == 1


def test_a_redesign_takes_no_shared_paragraph_from_an_article(paper: Paper) -> None:
    for number in range(1, 7):
        paper.plain(number, paragraph(BACKGROUND))
    for _ in range(4):
        for number in range(1, 7):
            redesigned(paper, number, paragraph(BACKGROUND, "section.text>p.body"))
    assert paper.edits() == []
    assert BACKGROUND in paper.text(1)


def test_a_text_that_lost_foreign_blocks_is_still_the_base_of_others(paper: Paper) -> None:
    paper.plain(1, box(BOX))
    paper.plain(1, box(BOX), paragraph("A rumour that stood there at one look only."))
    paper.plain(1, box(BOX))  # seen once: kept as a patch on the first version
    for number in range(2, 5):
        paper.plain(number, box(BOX))
    paper.plain(1, box(BOX))
    assert paper.text(1) == body(1)
    with paper.database.reading() as tx:
        article = history.article(tx, "https://news.example/part-1")
        texts = [history.version(tx, head.id).text for head in history.versions(tx, article.id)]
    assert sum("A rumour" in text for text in texts) == 1


def test_one_short_article_does_not_make_a_box_everybodys_own(paper: Paper) -> None:
    for number in range(1, 6):
        paper.plain(number, box(BOX))
    paper.show(9, box(BOX), box("A second line of the promotion."), paragraph("One short line."))
    for number in range(1, 6):
        paper.plain(number, box(BOX))
        paper.plain(number, box(BOX))
    assert paper.edits() == []
