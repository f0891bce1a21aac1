"""A paper whose pages never stand still: articles of ours with noise inside them, watched over virtual days.

Every article is looked at when the store says so, by the daemon's own rules; nothing is fetched.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from scheduler.recheck import look_rule
from storage import history, recording
from storage.database import Database
from storage.history import ArticleFilter, ChangeRow
from storage.look import LookRules
from storage.models import Page, Site
from storage.types import ArticleContent, Block, BlockKind, ChangeKind, Observation, Outcome

START = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
HOUR_S = 3600.0
DAY_S = 86_400.0
_TOWNS = ("Odesa", "Ankara", "Geneva", "Warsaw", "Oslo", "Doha", "Vienna", "Riga", "Kyiv", "Rome")
_THINGS = ("harbour", "railway", "harvest", "budget", "museum", "ferry", "border", "school")

Line = Callable[[Random, "Paper"], Block | None]
"""Makes a line of noise anew; None: nothing stands there this time."""


def own(text: str) -> Block:
    """A paragraph of the article itself."""
    return Block(kind=BlockKind.PARAGRAPH, text=text, place="div.entry>p")


def apart(text: str, place: str = "div.entry>p.extra") -> Block:
    """A paragraph in a place of its own."""
    return Block(kind=BlockKind.PARAGRAPH, text=text, place=place)


def article_text(number: int) -> list[str]:
    """Some own paragraphs; no two articles share one."""
    r = Random(number)
    town, thing = r.sample(_TOWNS, 2), r.sample(_THINGS, 2)
    return [
        f"The delegations number {number} met in {town[0]} on Monday to speak about the {thing[0]}.",
        f"Officials of group {number} said that {r.randint(20, 90)} trucks had waited in {town[1]}.",
        f"“We will go on until the {thing[1]} of {town[0]} is safe,” spokesman {number} told reporters.",
        f"A further round of talk {number} is possible within {r.randint(2, 9)} weeks, he added later.",
        f"The {thing[1]} has been closed since the storm of year {1900 + number}, and repairs go on.",
    ]


Edit = Callable[[str, tuple[Block, ...]], tuple[str, tuple[Block, ...]]]
"""Gives the title and the own blocks after an edit."""


def reworded(title: str, blocks: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]]:
    """A typing mistake in the last paragraph."""
    return title, (*blocks[:-1], own(blocks[-1].text.replace("repairs", "repiars")))


def recounted(title: str, blocks: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]]:
    """Another number."""
    return title, (blocks[0], own(blocks[1].text.replace("trucks", "1 trucks")), *blocks[2:])


def lengthened(title: str, blocks: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]]:
    """A paragraph more, as an agency's background: other articles may get the same."""
    return title, (*blocks, own("The two sides had not met since the spring of last year."))


def shortened(title: str, blocks: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]]:
    """A paragraph less."""
    return title, (*blocks[:3], *blocks[4:])


def retitled(title: str, blocks: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]]:
    """Another headline."""
    return f"No result: {title.lower()}", blocks


def corrected(title: str, blocks: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]]:
    """A note of correction, in a box of its own."""
    note = "Correction: an earlier version of this article gave a wrong number of trucks."
    return title, (*blocks, apart(note, "div.entry>div.note>p"))


@dataclass(frozen=True, kw_only=True)
class Story:
    """One article: its text by time, and how it is wrapped in noise."""

    url: str
    title: str
    born: datetime
    texts: list[tuple[float, str, tuple[Block, ...]]]  # since when (seconds), title, own blocks

    def edit(self, at_s: float, change: "Edit") -> None:
        """Change the text from so many seconds on."""
        _, title, blocks = self.texts[-1]
        self.texts.append((at_s, *change(title, blocks)))

    def at(self, passed_s: float) -> tuple[str, tuple[Block, ...]]:
        """What stands there after so many seconds."""
        _, title, blocks = [text for text in self.texts if text[0] <= passed_s][-1]
        return title, blocks


@dataclass
class Paper:
    """One site: its stories, and lines of noise with the period in which each is renewed (0: at each look)."""

    database: Database
    lines: Sequence[tuple[Line, float]]
    stories: list[Story] = field(default_factory=list)
    host: str = "noisy.example"
    seed: int = 1
    own_phase: bool = False  # each article's noise is renewed at times of its own
    looks: int = 0

    def __post_init__(self) -> None:
        self.rules = LookRules(next_look=look_rule("all"))

    def write(self, count: int, *, spread_h: float = 60.0) -> list[Story]:
        """Write so many articles, of ages up to so many hours."""
        r = Random(self.seed)
        for number in range(len(self.stories) + 1, len(self.stories) + count + 1):
            title = f"Delegations {number} speak about what follows in {_TOWNS[number % 10]}"
            texts = [(0.0, title, tuple(map(own, article_text(number))))]
            born = START - timedelta(hours=r.random() * spread_h)
            url = f"https://{self.host}/story-{number}"
            self.stories.append(Story(url=url, title=title, born=born, texts=texts))
        return self.stories

    def content(self, story: Story, passed_s: float) -> ArticleContent:
        """What the page of a story shows after so many seconds."""
        title, text = story.at(passed_s)
        blocks = list(text)
        for n, (line, period_s) in enumerate(self.lines):
            made = line(self._dice(story, passed_s, line=n, period_s=period_s), self)
            if made is not None:
                blocks.insert(min(2 * n, len(blocks)), made)
        return ArticleContent(title=title, blocks=tuple(blocks), language="en")

    def _dice(self, story: Story, passed_s: float, *, line: int, period_s: float) -> Random:
        self.looks += 1
        if not period_s:
            return Random(f"{self.seed} {self.looks}")
        who = story.url if self.own_phase else self.host
        phase = Random(f"{self.seed} {line} {who}").random() * period_s
        turn = int((passed_s + phase) // period_s)
        return Random(f"{self.seed} {line} {story.url} {turn}")

    def watch(self, hours: float) -> "Paper":
        """Look at every story whenever it is due, for so many hours."""
        due = [(story.born.timestamp() % 600, n) for n, story in enumerate(self.stories)]
        heapq.heapify(due)
        while due and due[0][0] <= hours * HOUR_S:
            passed_s, n = heapq.heappop(due)
            next_at = self.look(self.stories[n], passed_s).next_check_at
            if next_at is not None:
                heapq.heappush(due, ((next_at - START).total_seconds(), n))
        return self

    def look(self, story: Story, passed_s: float) -> recording.Recorded:
        """Write one look at a story."""
        observation = Observation(
            url=story.url,
            seen_at=START + timedelta(seconds=passed_s),
            outcome=Outcome.CONTENT,
            content=self.content(story, passed_s),
        )
        with self.database.transaction() as tx:
            found = recording.record(tx, observation, rules=self.rules)
            page = tx.query(Page).filter(Page.url == story.url).one()
            page.lead_published = story.born
        return found

    def miss(self, observation: Observation) -> recording.Recorded:
        """Write a look that gave no text."""
        with self.database.transaction() as tx:
            return recording.record(tx, observation, rules=self.rules)

    def told(self) -> list[ChangeRow]:
        """The changes of texts, oldest first."""
        with self.database.reading() as tx:
            rows = history.changes(tx, ArticleFilter(), limit=10_000)
        return [row for row in reversed(rows) if row.change.kinds != (ChangeKind.NEW,)]

    def noise(self) -> dict[str, object]:
        """What the site is known for."""
        with self.database.reading() as tx:
            return tx.query(Site).filter(Site.name == self.host).one().noise
