"""Articles known from a feed only: which feed counts, when it is read again, and what is an edit, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from storage import history, sources
from storage.database import Database
from storage.feed_only import record_entries
from storage.fetchstate import PageState, page_state
from storage.history import ArticleFilter
from storage.look import LookRules
from storage.models import Page, Source
from storage.retention import prune
from storage.types import (
    ArticleContent,
    Block,
    BlockKind,
    Change,
    ChangeKind,
    Observation,
    Outcome,
    SourceRound,
    TopicVerdict,
    Validators,
)
from tests.support.rows import DAY, HOUR, MINUTE, NOON, lead, read_round, spec

FEED = "https://news.example/feed"
URL = "https://news.example/a"
TITLE = "Council votes for the bridge"
RENAMED = "Council votes against the bridge"
SUMMARY = "The bridge will cost 40 million. Work begins in spring."
CLOSED = "robots.txt does not allow the page"


class Reader:
    """Reads feeds as a visit does, on a clock that is moved by hand."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOON
        self.rules = LookRules(next_look=lambda _: HOUR)
        self.watch(spec())

    def watch(self, *specs: object) -> None:
        with self.database.transaction() as tx:
            sources.sync(tx, specs, now=self.now)  # type: ignore[arg-type]

    def read(
        self,
        *looks: Observation,
        closed: str | None = CLOSED,
        source: str = "news",
        **facts: object,
    ) -> None:
        """Read a feed in which these entries stand."""
        self.now += timedelta(minutes=float(facts.pop("after_min", 10)))  # type: ignore[arg-type]
        looks = tuple(Observation(**{**_fields(look), "seen_at": self.now}) for look in looks)
        leads = [lead(look.url.rpartition("/")[2], closed=closed) for look in looks]
        told: dict[str, object] = {"looks": looks if closed != "" else (), **facts}
        self._record(read_round(*leads, at=self.now, source=source, **told))

    def read_unchanged(self) -> None:
        self.now += 10 * MINUTE
        self._record(read_round(at=self.now, outcome=Outcome.NOT_MODIFIED, status=304))

    def _record(self, round_: SourceRound) -> None:
        with self.database.transaction() as tx:
            sources.record_round(tx, round_, next_read=lambda _: self.now + HOUR)
            record_entries(tx, round_, rules=self.rules)

    def page(self, url: str = URL) -> PageState:
        with self.database.reading() as tx:
            found = page_state(tx, url)
        assert found is not None
        return found

    def source(self, name: str = "news") -> Source:
        with self.database.reading() as tx:
            return tx.scalars(select(Source).where(Source.name == name)).one()

    def changes(self) -> list[Change]:
        with self.database.reading() as tx:
            rows = history.changes(tx, ArticleFilter())
        return [row.change for row in reversed(rows)]

    def kinds(self) -> list[ChangeKind]:
        return [change.kinds[0] for change in self.changes()]

    def due_pages(self) -> list[str]:
        with self.database.reading() as tx:
            due = sources.due(tx, "news.example", now=self.now + DAY, budget=50)
        return [page.url for page in due.pages]


def _fields(look: Observation) -> dict[str, object]:
    return {name: getattr(look, name) for name in Observation.__slots__}


def entry(
    summary: str = SUMMARY, *, title: str = TITLE, name: str = "a", on: bool = True
) -> Observation:
    """What a feed says of an article."""
    blocks = (Block(kind=BlockKind.PARAGRAPH, text=summary),) if summary else ()
    verdict = TopicVerdict(topic="talks", is_on_topic=on, score=0.9 if on else 0.1)
    return Observation(
        url=f"https://news.example/{name}",
        seen_at=NOON,
        outcome=Outcome.CONTENT,
        reason=f"{CLOSED}; headline and summary of the feed are watched",
        content=ArticleContent(title=title, blocks=blocks, language="en", is_feed_only=True),
        verdicts=(verdict,),
        validators=Validators(body_hash=f"{title} {summary}"[:64]),
    )


@pytest.fixture
def reader(database: Database) -> Iterator[Reader]:
    return Reader(database)


def test_an_entry_whose_page_is_closed_is_an_article_and_its_page_is_never_due(
    reader: Reader,
) -> None:
    reader.read(entry())
    assert reader.kinds() == [ChangeKind.NEW]
    assert reader.due_pages() == []
    with reader.database.reading() as tx:
        version = history.version(tx, 1)
    assert (version.known_part, version.text) == ("feed only: headline and summary", SUMMARY)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (entry(), entry(title=RENAMED), ChangeKind.HEADLINE),
        (entry(""), entry("", title=RENAMED), ChangeKind.HEADLINE),
        (entry(), entry(SUMMARY.replace("40", "60")), ChangeKind.NUMBER),
    ],
)
def test_an_edit_is_told_when_it_stands_at_the_next_read(  # noqa: PLR0917 - a table's columns
    reader: Reader, before: Observation, after: Observation, kind: ChangeKind
) -> None:
    reader.read(before)
    reader.read(after)
    assert reader.kinds() == [ChangeKind.NEW]
    reader.read(after)
    assert reader.kinds() == [ChangeKind.NEW, kind]
    assert reader.changes()[1].note == "only headline and summary of the feed are known"


def test_while_an_edit_waits_all_of_the_feed_is_asked_for_after_the_confirming_gap(
    reader: Reader,
) -> None:
    whole = Validators(etag='"1"', body_hash="1")
    reader.read(entry(), validators=whole)
    assert (reader.source().etag, reader.source().next_check_at) == ('"1"', reader.now + HOUR)
    reader.read(entry(title=RENAMED), validators=whole)
    at = reader.now + reader.rules.confirm_after
    assert (reader.source().etag, reader.source().next_check_at) == ("", at)
    reader.read(entry(title=RENAMED), validators=whole, after_min=4)
    assert reader.source().etag == '"1"'


def test_a_read_that_comes_too_soon_is_no_second_look(reader: Reader) -> None:
    reader.read(entry())
    reader.read(entry(title=RENAMED))
    reader.read(entry(title=RENAMED), after_min=1)
    assert reader.kinds() == [ChangeKind.NEW]
    assert reader.source().next_check_at == reader.now + 3 * MINUTE


def test_a_summary_that_flips_is_not_told(reader: Reader) -> None:
    for n in range(8):
        reader.read(entry(SUMMARY if n % 2 else "Read all about the bridge in our paper."))
    assert reader.kinds() == [ChangeKind.NEW]


def test_an_entry_that_dropped_off_is_neither_gone_nor_missing(reader: Reader) -> None:
    reader.read(entry(), entry(name="b", title="Another"))
    for _ in range(5):
        reader.read(entry(name="b", title="Another"), after_min=120)
    assert reader.kinds() == [ChangeKind.NEW, ChangeKind.NEW]
    assert (reader.page().missing_since, reader.page().failures) == (None, 0)


def test_an_unchanged_feed_is_a_look_at_what_stood_in_it_and_at_nothing_else(
    reader: Reader,
) -> None:
    reader.read(entry(), entry(name="b", title="Another"))
    reader.read(entry())
    dropped_at = reader.page("https://news.example/b").last_seen_at
    reader.read_unchanged()
    assert reader.page().last_seen_at == reader.now
    assert reader.page("https://news.example/b").last_seen_at == dropped_at


def test_the_first_feed_that_announces_an_article_is_the_one_that_counts(reader: Reader) -> None:
    reader.watch(spec(), spec("more", url="https://news.example/more"))
    reader.read(entry())
    for _ in range(3):
        reader.read(entry(title=RENAMED), source="more")
    assert reader.kinds() == [ChangeKind.NEW]


def test_where_robots_txt_is_not_known_now_nothing_changes(reader: Reader) -> None:
    reader.read(entry(), closed=None)
    assert reader.kinds() == []
    assert reader.due_pages() == [URL]
    reader.read(entry())
    reader.read(entry(title=RENAMED), closed=None)
    reader.read(entry(title=RENAMED), closed=None)
    assert reader.kinds() == [ChangeKind.NEW, ChangeKind.HEADLINE]
    assert reader.page().last_reason.startswith(CLOSED)


def test_a_page_that_is_opened_is_due_at_once(reader: Reader) -> None:
    reader.read(entry())
    reader.read(entry(), closed="")
    assert reader.due_pages() == [URL]
    assert reader.page().next_check_at == reader.now


def test_a_source_that_is_feed_only_closes_no_page_of_another(reader: Reader) -> None:
    reader.read(entry(), closed="")
    shy = spec("shy", url="https://news.example/shy", is_feed_only=True)
    reader.watch(spec(), shy)
    reader.read(entry(), source="shy")
    assert reader.due_pages() == [URL]


def test_pages_of_a_source_that_became_feed_only_are_not_due(reader: Reader) -> None:
    reader.read(entry(), closed="")
    reader.watch(spec(is_feed_only=True))
    assert reader.due_pages() == []
    reader.watch(spec())
    assert reader.due_pages() == [URL]


def test_what_was_let_go_stays_so_while_it_stands_in_the_feed(reader: Reader) -> None:
    reader.read(entry(on=False))
    with reader.database.transaction() as tx:
        prune(tx, now=reader.now + 40 * DAY, keep_off_topic=30 * DAY)
    reader.read(entry(on=False), after_min=60 * 24 * 41)
    assert reader.kinds() == []


def test_it_is_counted_of_the_source(reader: Reader) -> None:
    reader.read(entry(), entry(name="b", title="Another"))
    with reader.database.reading() as tx:
        found = sources.status(tx, "news")
    assert (found.articles, found.feed_only, found.blocked) == (2, 2, ())


def test_a_summary_that_is_longer_than_it_was_cut_is_kept_silently(reader: Reader) -> None:
    reader.read(entry("The bridge will cost 40 million…"))
    reader.read(entry())
    assert reader.kinds() == [ChangeKind.NEW]
    with reader.database.reading() as tx:
        assert history.version(tx, 1).text == SUMMARY
        assert tx.scalars(select(Page.is_confirming)).all() == [False]
