"""A desk that writes looks into a store as the daemon does, and reads what became of them."""

from datetime import UTC, datetime, timedelta

from storage import history, recording
from storage.database import Database
from storage.history import ArticleFilter
from storage.look import LookRules
from storage.types import (
    ArticleContent,
    Block,
    BlockKind,
    Change,
    ChangeKind,
    Observation,
    Outcome,
    TopicVerdict,
)

START = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
TITLE = "Talks resume"
URL = "https://news.example/talks-in-istanbul"
MOVED = "https://news.example/archive/talks-in-istanbul"
BODY = (
    "The delegations met in Istanbul on Monday for the second round of talks.",
    "Officials said that 52 drones had been shot down during the night.",
    "A spokesman said a third round was possible within two weeks.",
    "The meeting at the palace lasted a little more than one hour.",
)
EDITED = (BODY[0], BODY[1].replace("52", "49"), *BODY[2:])
OTHER = (*EDITED, "The next meeting has not been agreed.")


class Desk:
    """Feeds looks to `record`, each some minutes after the one before."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = START
        self.rules = LookRules(next_look=lambda _: timedelta(hours=1))
        self.last: recording.Recorded | None = None

    def look(self, outcome: Outcome = Outcome.CONTENT, **facts: object) -> recording.Recorded:
        """Write one look, `after_min` minutes (5) after the one before."""
        self.now += timedelta(minutes=float(facts.pop("after_min", 5)))  # type: ignore[arg-type]
        url = str(facts.pop("url", URL))
        observation = Observation(url=url, seen_at=self.now, outcome=outcome, **facts)  # type: ignore[arg-type]
        with self.database.transaction() as tx:
            self.last = recording.record(tx, observation, rules=self.rules)
        return self.last

    def text(
        self, *paragraphs: str, title: str = TITLE, on: bool = True, **facts: object
    ) -> recording.Recorded:
        """A look that gave a text."""
        saying = {name: facts.pop(name) for name in ("modified", "extractor") if name in facts}
        content = article_text(*paragraphs, title=title, **saying)  # type: ignore[arg-type]
        return self.look(content=content, verdicts=(_verdict(on=on),), **facts)

    def teaser(
        self, *paragraphs: str, title: str = TITLE, on: bool = True, **facts: object
    ) -> recording.Recorded:
        """A look at a pay wall that leaves these paragraphs open."""
        return self.look(
            Outcome.BLOCKED,
            reason="paywall: subscribe to read on",
            teaser=article_text(*paragraphs, title=title),
            verdicts=(_verdict(on=on),),
            **facts,
        )

    def read(self, work):
        """What `work` reads from the store."""
        with self.database.reading() as tx:
            return work(tx)

    def kinds(self) -> list[tuple[ChangeKind, ...]]:
        """The kinds of each change, oldest first."""
        return [change.kinds for change in self.changes()]

    def changes(self) -> list[Change]:
        """All changes, oldest first."""
        return [
            row.change
            for row in reversed(self.read(lambda tx: history.changes(tx, ArticleFilter())))
        ]


def article_text(
    *paragraphs: str, title: str = TITLE, modified: datetime | None = None, extractor: int = 1
) -> ArticleContent:
    """What an article with these paragraphs says."""
    return ArticleContent(
        title=title,
        blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=p, place="div>p") for p in paragraphs),
        language="en",
        modified=modified,
        extractor=extractor,
    )


def _verdict(*, on: bool) -> TopicVerdict:
    return TopicVerdict(topic="talks", is_on_topic=on, score=0.9 if on else 0.1, reasons=("x",))
