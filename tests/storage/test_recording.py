"""What looks become: versions, changes, absences, moves and the next look, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import history, joining, recording, sources
from storage.database import Database
from storage.look import LookFacts, LookRules
from storage.models import Page
from storage.types import (
    ArticleState,
    Baseline,
    Block,
    BlockKind,
    ChangeKind,
    Lead,
    Outcome,
    Outlet,
    SourceKind,
    SourceRound,
    SourceSpec,
    Validators,
    Weight,
)
from tests.support.desk import BODY, EDITED, MOVED, OTHER, START, TITLE, URL, Desk, article_text


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    return Desk(database)


def test_the_first_look_stores_a_version_and_says_that_the_article_is_new(desk: Desk) -> None:
    seen = desk.text(*BODY)
    article = desk.read(lambda tx: history.article(tx, seen.article_id))
    assert (article.url, article.topics, article.versions) == (URL, ("talks",), 1)
    assert desk.kinds() == [(ChangeKind.NEW,)]
    assert desk.read(lambda tx: history.version(tx, 1)).text == "\n".join(BODY)


def test_the_same_text_again_changes_nothing(desk: Desk) -> None:
    desk.text(*BODY)
    desk.text(*BODY)
    desk.look(Outcome.NOT_MODIFIED)
    assert desk.kinds() == [(ChangeKind.NEW,)]


def test_an_edit_is_stored_at_once_and_told_when_it_still_stands(desk: Desk) -> None:
    desk.text(*BODY)
    suspected = desk.text(*EDITED)
    assert suspected.is_confirming
    assert suspected.change_ids == ()
    assert suspected.next_check_at == desk.now + desk.rules.confirm_after
    first_sight = desk.now
    desk.text(*EDITED)
    change = desk.changes()[-1]
    assert ChangeKind.NUMBER in change.kinds
    assert (change.stood_at, change.seen_at, change.decided_at) == (
        START + timedelta(minutes=5),
        first_sight,
        desk.now,
    )
    assert change.weight is Weight.MAJOR


def test_the_very_same_bytes_confirm_a_suspicion(desk: Desk) -> None:
    desk.text(*BODY)
    desk.text(*EDITED, validators=Validators(etag='"2"'))
    desk.look(Outcome.NOT_MODIFIED)
    assert ChangeKind.NUMBER in desk.kinds()[-1]


def test_what_stood_there_once_is_kept_and_not_told(desk: Desk) -> None:
    seen = desk.text(*BODY)
    desk.text(*EDITED)
    desk.text(*BODY)
    assert desk.kinds() == [(ChangeKind.NEW,)]
    heads = desk.read(lambda tx: history.versions(tx, seen.article_id))
    assert sorted(head.state.value for head in heads) == ["confirmed", "seen once"]


def test_noise_leaves_no_version_and_is_learned(desk: Desk) -> None:
    seen = desk.text("Updated 5 minutes ago · 12 views", *BODY)
    for views in (40, 77, 91, 130):
        desk.text(f"Updated 7 minutes ago · {views} views", *BODY)
    assert desk.kinds() == [(ChangeKind.NEW,)]
    assert len(desk.read(lambda tx: history.versions(tx, seen.article_id))) == 1
    assert not desk.last.is_confirming


def test_texts_that_alternate_are_told_once(desk: Desk) -> None:
    for text in (BODY, EDITED, EDITED, BODY, BODY, EDITED, EDITED, BODY, BODY):
        desk.text(*text)
    weights = [change.weight for change in desk.changes()[1:]]
    assert weights == [Weight.MAJOR, Weight.MAJOR, Weight.TRIVIAL, Weight.TRIVIAL]
    assert ChangeKind.REVERTED in desk.changes()[2].kinds


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.BLOCKED])
def test_trouble_is_health_and_never_a_version(desk: Desk, outcome: Outcome) -> None:
    seen = desk.text(*BODY)
    for _ in range(6):
        desk.look(outcome, reason="consent page")
    assert desk.kinds() == [(ChangeKind.NEW,)]
    assert desk.read(lambda tx: history.article(tx, seen.article_id)).state is ArticleState.LIVE


def test_gone_is_said_after_several_looks_and_hours_and_back_when_it_answers(desk: Desk) -> None:
    seen = desk.text(*BODY)
    for _ in range(3):
        desk.look(Outcome.GONE, reason="answered 404", after_min=70)
        assert desk.kinds() == [(ChangeKind.NEW,)]
    desk.look(Outcome.GONE, reason="answered 404", after_min=70)
    gone = desk.changes()[-1]
    assert gone.kinds == (ChangeKind.GONE,)
    assert gone.note == "answered 404 at 4 looks since 2026-06-02 13:15 UTC"
    assert desk.read(lambda tx: history.article(tx, seen.article_id)).state is ArticleState.GONE
    desk.text(*BODY)
    assert desk.kinds()[-1] == (ChangeKind.BACK,)
    desk.look(Outcome.GONE, reason="answered 404")
    desk.text(*BODY)
    assert desk.kinds()[-1] == (ChangeKind.BACK,)


def test_a_move_keeps_the_history_and_both_addresses(desk: Desk) -> None:
    seen = desk.text(*BODY)
    moved = desk.text(*BODY, final_url=MOVED, permanent=True)
    assert moved.article_id == seen.article_id
    assert desk.kinds() == [(ChangeKind.NEW,), (ChangeKind.MOVED,)]
    article = desk.read(lambda tx: history.article(tx, MOVED))
    assert article.id == seen.article_id
    assert {a.url for a in desk.read(lambda tx: history.addresses(tx, article.id))} == {URL, MOVED}
    desk.text(*EDITED, url=MOVED)
    desk.text(*EDITED, url=MOVED)
    assert ChangeKind.NUMBER in desk.kinds()[-1]
    with desk.database.reading() as tx:
        old = tx.scalar(select(Page.next_check_at).where(Page.url == URL))
    assert old is None


def test_two_addresses_with_one_canonical_are_one_article(desk: Desk) -> None:
    first = desk.text(*BODY)
    second = desk.text(*BODY, url=f"{URL}/amp", canonical=URL)
    assert second.article_id == first.article_id
    assert desk.kinds() == [(ChangeKind.NEW,)]


def spec(name: str = "News") -> SourceSpec:
    return SourceSpec(
        name=name,
        url="https://news.example/feed",
        site="news.example",
        kind=SourceKind.FEED,
        every=timedelta(minutes=10),
        outlet=Outlet(name=name, language="en"),
    )


def offer(desk: Desk, *urls: str, slept_since: datetime | None = None) -> None:
    def work(tx: Session) -> None:
        sources.sync(tx, [spec()], now=desk.now)
        leads = tuple(Lead(url=url) for url in urls)
        round_ = SourceRound(source="News", seen_at=desk.now, outcome=Outcome.CONTENT, leads=leads)
        sources.record_round(tx, round_, next_read=lambda _: desk.now, slept_since=slept_since)

    with desk.database.transaction() as tx:
        work(tx)


def test_what_a_source_held_when_it_was_first_read_is_no_news(desk: Desk) -> None:
    offer(desk, URL)
    desk.text(*BODY)
    assert desk.changes()[0].baseline is Baseline.FIRST_ROUND
    with desk.database.transaction() as tx:
        sources.end_first_rounds(tx, now=desk.now)
    offer(desk, URL, MOVED)
    desk.text(*OTHER, url=MOVED)
    assert desk.changes()[-1].baseline is None


def test_what_changed_while_we_slept_is_no_news(desk: Desk) -> None:
    desk.text(*BODY)
    desk.rules = LookRules(
        next_look=lambda _: timedelta(hours=1), slept_since=desk.now + timedelta(days=2)
    )
    desk.text(*EDITED, after_min=3 * 24 * 60)
    desk.text(*EDITED)
    assert desk.changes()[-1].baseline is Baseline.SLEEP
    desk.text(*OTHER)
    desk.text(*OTHER)
    assert desk.changes()[-1].baseline is None


def overdue(desk: Desk, *, after_min: float = 35) -> list[int]:
    desk.look(Outcome.FAILED, reason="answered 503", after_min=20)
    with desk.database.transaction() as tx:
        assert recording.promote_overdue(tx, now=desk.now) == []
        return recording.promote_overdue(tx, now=desk.now + timedelta(minutes=after_min - 20))


def test_a_suspicion_nobody_could_look_at_again_is_told_as_seen_once(desk: Desk) -> None:
    desk.text(*BODY)
    desk.text(*BODY, after_min=61)
    desk.text(*EDITED)
    assert len(overdue(desk)) == 1
    assert desk.changes()[-1].note.startswith("seen once, at 2026-06-02 13:11")


def test_a_text_that_stood_for_minutes_is_not_told_after_one_look(desk: Desk) -> None:
    desk.text(*BODY)
    desk.text(*BODY, after_min=50)
    desk.text(*EDITED)
    assert overdue(desk) == []
    desk.text(*EDITED, after_min=90)
    assert ChangeKind.NUMBER in desk.kinds()[-1]


def test_a_text_that_stood_no_longer_than_noise_is_not_told_after_one_look(desk: Desk) -> None:
    desk.text("Seen by 12", *BODY)
    desk.text("Seen by 12", *BODY, after_min=180)
    for count in (40, 77):
        desk.text(f"Seen by {count}", *BODY)
    url = "https://news.example/a-second-story"
    desk.text(*OTHER, url=url)
    desk.text(*OTHER, url=url, after_min=90)
    desk.text(*OTHER, "One more line was added at the end.", url=url)
    assert overdue(desk) == []


def test_what_may_be_the_sites_is_not_told_after_one_look(desk: Desk) -> None:
    def look(*extra: Block, after_min: float) -> None:
        content = article_text(*BODY)
        content = replace(content, blocks=(*content.blocks, *extra))
        desk.look(content=content, after_min=after_min)

    look(after_min=5)
    look(after_min=90)
    box = Block(kind=BlockKind.PARAGRAPH, text="Read our morning letter.", place="div>p.box")
    look(box, after_min=5)
    assert overdue(desk) == []
    look(box, after_min=5)
    assert desk.kinds() == [(ChangeKind.NEW,)]


def test_a_modified_date_that_moved_earlier_discloses_no_later_edit(desk: Desk) -> None:
    noon, later = START, START + timedelta(minutes=30)
    desk.text(*BODY, modified=noon)
    desk.text(*BODY, modified=later)
    desk.text(*EDITED, modified=later)
    desk.text(*EDITED, modified=later)
    assert desk.changes()[-1].disclosure.value == "unnoted"


def test_decisions_are_kept_where_they_differ(desk: Desk) -> None:
    desk.text(*BODY)
    for _ in range(5):
        desk.text(*BODY)
    desk.text(*EDITED)
    found = [row.what for row in desk.read(lambda tx: history.decisions(tx, URL))]
    assert found == ["stored", "same", "suspected"]


def test_a_chain_of_forty_versions_reads_back(desk: Desk) -> None:
    seen = desk.text(*BODY)
    for number in range(40):
        edited = (*BODY, f"Paragraph {number} of the live report was added by an editor.")
        desk.text(*edited)
        desk.text(*edited)
    heads = desk.read(lambda tx: history.versions(tx, seen.article_id))
    assert len(heads) == 41
    newest = max(heads, key=lambda head: head.number)
    assert desk.read(lambda tx: history.version(tx, newest.id)).text.endswith(
        "was added by an editor."
    )


def test_a_moved_article_that_was_found_again_first_is_one_article_that_moved(desk: Desk) -> None:
    first = desk.text(*BODY)
    again = desk.text(*BODY, url=MOVED)
    assert again.article_id == first.article_id
    assert again.next_check_at == desk.now  # does the first address still answer?
    desk.text(*BODY, final_url=MOVED, permanent=True)
    assert desk.kinds() == [(ChangeKind.NEW,), (ChangeKind.MOVED,)]
    assert desk.read(lambda tx: history.article(tx, first.article_id)).url == MOVED


@pytest.mark.parametrize(
    ("text", "title", "kind"),
    [
        pytest.param(EDITED, TITLE, ChangeKind.NUMBER, id="a-figure"),
        pytest.param(OTHER[1:], TITLE, ChangeKind.PARAGRAPH_ADDED, id="two-paragraphs"),
        pytest.param(BODY, "Talks end early", ChangeKind.HEADLINE, id="the-headline"),
    ],
)
def test_an_article_edited_and_moved_before_we_looked_again_is_one_article(
    desk: Desk, *, text: tuple[str, ...], title: str, kind: ChangeKind
) -> None:
    more = ("A fifth paragraph stands under both addresses.", "And so does the sixth of them.")
    first = desk.text(*BODY, *more)
    desk.text(*text, *more, title=title, url=MOVED)
    desk.text(*text, *more, title=title, final_url=MOVED, permanent=True)
    desk.text(*text, *more, title=title, url=MOVED)
    assert desk.kinds()[:2] == [(ChangeKind.NEW,), (ChangeKind.MOVED,)]
    assert kind in desk.kinds()[2]
    assert desk.read(lambda tx: history.article(tx, first.article_id)).url == MOVED


@pytest.mark.parametrize("text", [BODY, (*BODY[:3], OTHER[4])], ids=["same", "nearly-the-same"])
def test_two_addresses_that_both_answer_are_two_articles_and_an_edit_meanwhile_is_kept(
    desk: Desk, text: tuple[str, ...]
) -> None:
    first = desk.text(*BODY)
    twin = desk.text(*text, url=MOVED)
    first_sight = desk.now
    assert twin.article_id == first.article_id
    desk.text(*BODY)
    edited = (text[0], text[1].replace("52", "49"), *text[2:])
    again = desk.text(*edited, url=MOVED)
    assert again.article_id != first.article_id
    assert again.is_confirming
    assert desk.kinds() == [(ChangeKind.NEW,), (ChangeKind.NEW,)]
    assert desk.changes()[-1].seen_at == first_sight
    desk.text(*edited, url=MOVED)
    assert desk.changes()[-1].article_id == again.article_id
    assert desk.kinds()[-1] == (ChangeKind.NUMBER,)
    own = desk.read(lambda tx: history.versions(tx, first.article_id))
    assert [version.number for version in own] == [1]


def test_of_many_with_one_headline_and_phrase_the_moved_one_is_recognised(desk: Desk) -> None:
    """Night reports share headline and opening; an agency's text stands at many other outlets."""
    opening = "The air force said in its report of the night that it had shot down"
    closing = "The figures could not be confirmed by anybody else on this morning, and"
    count = 60
    for number in range(count):
        body = (
            f"{opening} {number} drones.",
            *(f"Wave {wave} of night {number} came from the east." for wave in range(3)),
            f"{closing} {number} towns had no power.",
        )
        site = "https://news.example" if number < count / 2 else f"https://{number}.example"
        seen = desk.text(*body, title="Night report", url=f"{site}/report-{number}")
        if number == 1:
            wanted, text = seen, body
    again = desk.text(*text, title="Night report", url=MOVED)
    assert again.article_id == wanted.article_id


def test_boxes_at_the_new_address_hide_no_move(desk: Desk) -> None:
    first = desk.text(*BODY)
    boxes = ("Most read this week", "Weather: rain", "Follow us")
    assert desk.text(*BODY, *boxes, url=MOVED).article_id == first.article_id


def test_two_articles_of_which_one_leads_to_the_other_become_one_that_moved(desk: Desk) -> None:
    first = desk.text(*BODY)
    desk.text(*BODY, url=MOVED)
    desk.text(*BODY)
    second = desk.text(*BODY, url=MOVED)
    assert second.article_id != first.article_id
    desk.text(*EDITED, url=MOVED)
    desk.text(*EDITED, url=MOVED)
    told = desk.kinds()
    joined = desk.text(*EDITED, final_url=MOVED, permanent=True)
    assert joined.article_id == first.article_id
    assert desk.kinds() == [*told, (ChangeKind.MOVED,)]
    article = desk.read(lambda tx: history.article(tx, MOVED))
    assert (article.id, article.url) == (first.article_id, MOVED)
    versions = desk.read(lambda tx: history.versions(tx, article.id))
    assert [version.number for version in versions] == [3, 2, 1]
    assert desk.read(lambda tx: history.version(tx, versions[0].id)).text == "\n".join(EDITED)
    assert [change.note for change in desk.changes()[:2]] == ["", joining.TAKEN_FOR_ANOTHER]
    desk.text(*BODY, url=MOVED)
    desk.text(*BODY, url=MOVED)
    assert ChangeKind.NUMBER in desk.kinds()[-1]


def test_an_edit_of_the_first_before_two_articles_became_one_is_told_once(desk: Desk) -> None:
    desk.text(*BODY)
    desk.text(*BODY, url=MOVED)
    desk.text(*BODY)
    desk.text(*BODY, url=MOVED)
    for _ in range(2):
        desk.text(*EDITED)
    told = desk.kinds()
    for _ in range(2):
        desk.text(*EDITED, url=MOVED, after_min=1)
        desk.text(*EDITED, final_url=MOVED, permanent=True, after_min=1)
    assert desk.kinds() == [*told, (ChangeKind.MOVED,)]


def test_an_article_may_move_there_and_back(desk: Desk) -> None:
    desk.text(*BODY)
    desk.text(*BODY, final_url=MOVED, permanent=True)
    desk.text(*BODY, url=MOVED, final_url=URL, permanent=True)
    desk.text(*BODY, final_url=MOVED, permanent=True)
    assert desk.kinds()[1:] == [(ChangeKind.MOVED,)] * 3
    article = desk.read(lambda tx: history.article(tx, MOVED))
    found = desk.read(lambda tx: history.addresses(tx, article.id))
    assert {(one.url, one.to_at is None) for one in found} == {(URL, False), (MOVED, True)}


def test_an_article_that_leads_to_another_one_for_hours_is_gone(desk: Desk) -> None:
    first = desk.text(*BODY)
    other = desk.text(*OTHER[::-1], title="Another piece", url=MOVED)
    assert other.article_id != first.article_id
    for _ in range(5):
        desk.text(*OTHER[::-1], title="Another piece", final_url=MOVED, after_min=60)
    assert desk.kinds()[2:] == [(ChangeKind.GONE,)]
    assert MOVED in desk.changes()[-1].note
    desk.text(*BODY)
    assert desk.kinds()[3:] == [(ChangeKind.BACK,)]


def test_an_article_whose_first_address_is_gone_without_a_redirect_has_moved(desk: Desk) -> None:
    first = desk.text(*BODY)
    desk.text(*BODY, url=MOVED)
    for _ in range(5):
        desk.look(Outcome.GONE, reason="answered 404", after_min=10)
        again = desk.text(*BODY, url=MOVED, after_min=5)
    assert again.article_id == first.article_id
    assert desk.kinds() == [(ChangeKind.NEW,), (ChangeKind.MOVED,)]
    article = desk.read(lambda tx: history.article(tx, MOVED))
    assert (article.url, article.state) == (MOVED, ArticleState.LIVE)


def test_while_the_first_address_fails_a_second_one_waits_an_hour(desk: Desk) -> None:
    first = desk.text(*BODY)
    desk.text(*BODY, url=MOVED)
    for _ in range(5):
        desk.look(Outcome.FAILED, reason="no answer", after_min=10)
        again = desk.text(*BODY, url=MOVED, after_min=5)
    assert again.article_id != first.article_id
    assert desk.read(lambda tx: history.article(tx, MOVED)).id == again.article_id


def test_a_second_address_that_vanishes_takes_nothing_with_it(desk: Desk) -> None:
    first = desk.text(*BODY)
    desk.text(*BODY, url=MOVED)
    desk.text(*BODY)
    for _ in range(6):
        desk.look(Outcome.GONE, reason="answered 404", url=MOVED, after_min=60)
    assert desk.read(lambda tx: history.article(tx, first.article_id)).state is ArticleState.LIVE
    assert desk.kinds() == [(ChangeKind.NEW,), (ChangeKind.NEW,), (ChangeKind.GONE,)]


def test_a_second_address_is_no_look_at_the_first(desk: Desk) -> None:
    desk.text(*BODY)
    desk.text(*OTHER[:1], *BODY[1:], url=MOVED)
    desk.text(*OTHER[:1], *BODY[1:], url=f"{MOVED}-2")
    assert desk.kinds() == [(ChangeKind.NEW,)]
    assert not desk.text(*BODY).is_confirming


def test_one_headline_over_another_text_is_another_article(desk: Desk) -> None:
    first = desk.text(*BODY, title="The week in brief")
    second = desk.text(
        *(f"Another week brought {p.lower()}" for p in OTHER[::-1]),
        title="The week in brief",
        url=MOVED,
    )
    assert second.article_id != first.article_id


def test_reports_that_differ_in_their_figures_are_different_articles(desk: Desk) -> None:
    first = desk.text(*BODY, title="Night report")
    second = desk.text(
        *(p.replace("a", "b") for p in BODY[:2]), *BODY[2:], title="Night report", url=MOVED
    )
    assert second.article_id != first.article_id


def test_other_rules_of_ours_are_no_edit(desk: Desk) -> None:
    seen = desk.text(*BODY)
    desk.text(*OTHER, extractor=2)
    desk.text(*OTHER, extractor=2)
    assert desk.kinds() == [(ChangeKind.NEW,)]
    assert desk.read(lambda tx: history.version(tx, 1)).text == "\n".join(OTHER)
    desk.text(*BODY, extractor=2)
    desk.text(*BODY, extractor=2)
    assert len(desk.read(lambda tx: history.versions(tx, seen.article_id))) == 2


def mark_of(desk: Desk) -> str:
    return desk.read(lambda tx: tx.query(Page).filter(Page.url == URL).one().mark)


def test_a_mark_is_kept_while_nothing_is_suspected(desk: Desk) -> None:
    desk.text(*BODY, mark="1")
    assert mark_of(desk) == "1"
    desk.text(*EDITED, mark="2")
    assert mark_of(desk) == ""  # the confirming look reads in full
    desk.text(*EDITED, mark="3")
    assert mark_of(desk) == "3"
    desk.look(Outcome.FAILED)
    desk.look(Outcome.NOT_MODIFIED)
    assert mark_of(desk) == "3"


def test_where_noise_stands_in_the_text_every_look_reads_in_full(desk: Desk) -> None:
    for number in range(4):
        desk.text(*BODY, f"Updated {number} minutes ago", mark="1")
    assert desk.kinds() == [(ChangeKind.NEW,)]
    assert mark_of(desk) == ""


# -- what the rule of looks is told --------------------------------------------------------------


@pytest.fixture
def told(desk: Desk) -> list[LookFacts]:
    """What the rule was told at each look; it counts them in the site's record."""
    seen: list[LookFacts] = []

    def next_look(facts: LookFacts) -> timedelta:
        seen.append(facts)
        facts.site_record["looks"] = facts.site_record.get("looks", 0) + 1
        return timedelta(hours=1)

    desk.rules = LookRules(next_look=next_look)
    return seen


def test_the_rule_is_told_of_every_look_and_its_gap(desk: Desk, told: list[LookFacts]) -> None:
    desk.text(*BODY)
    desk.look(Outcome.NOT_MODIFIED, after_min=30)
    desk.look(Outcome.FAILED, after_min=60)
    desk.text(*EDITED, after_min=60)  # suspected
    desk.text(*EDITED, after_min=4)  # confirmed
    minutes = [round(facts.gap_s / 60) for facts in told]
    assert minutes == [0, 30, 0, 120, 4]
    assert [facts.has_changed for facts in told[1:]] == [False, False, False, True]
    assert [facts.changes for facts in told] == [0, 0, 0, 0, 1]
    assert told[-1].since_change_s == 240


def test_what_the_rule_leaves_in_the_sites_record_is_kept(
    desk: Desk, told: list[LookFacts]
) -> None:
    desk.text(*BODY)
    desk.look(Outcome.NOT_MODIFIED)
    desk.text(*OTHER, url=MOVED, title="Another piece")
    assert [facts.site_record for facts in told] == [{"looks": 1}, {"looks": 2}, {"looks": 3}]


def test_the_rule_is_told_how_close_to_a_topic_an_article_is(
    desk: Desk, told: list[LookFacts]
) -> None:
    desk.text(*BODY, on=False)
    desk.look(Outcome.NOT_MODIFIED)
    assert [(facts.is_on_topic, facts.topic_score) for facts in told] == [(False, 0.1)] * 2
