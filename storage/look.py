"""One look while it is written: the unit of work, the address, what was seen, and the rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.orm import Session

from storage.decisions import note
from storage.models import Article as ArticleRow
from storage.models import Page
from storage.types import ArticleContent, Baseline, Observation, TopicVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFacts:
    """What the next look at an address is reckoned from; spans in seconds."""

    url: str
    age_s: float  # since it was published, or found where nobody says
    known_s: float  # since we found it
    since_change_s: float  # since its last change; publication counts
    gap_s: float  # since the look before; 0: there was none, or this one saw nothing
    has_changed: bool  # as this look found
    looks: int
    changes: int
    failures: int  # in a row
    is_on_topic: bool
    topic_score: float  # the highest of its newest version; 0.5 is on the topic
    is_article: bool
    site_record: dict[str, Any]  # what the rule learned of the site; kept as the rule leaves it


class JudgeText(Protocol):
    """What judges a text by topics, as the settings define them."""

    def __call__(
        self, topics: Sequence[str], *, title: str, text: str, language: str
    ) -> tuple[TopicVerdict, ...]:
        """Judge by each topic of these names that is known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRules:
    """What the configuration says about looks."""

    next_look: Callable[[LookFacts], timedelta | None]  # None: never again
    confirm_after: timedelta = timedelta(minutes=4)
    absence_looks: int = 4
    absence_over: timedelta = timedelta(hours=3)
    judge: JudgeText | None = None  # for texts of which the site's own was left out; None: not anew
    counts_off_topic: bool = True  # what a source claims of articles on no topic is worth reads
    slept_since: datetime | None = None  # looks before this are from before a long sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at one address, inside its unit of work."""

    tx: Session
    page: Page
    observation: Observation
    rules: LookRules

    @property
    def at(self) -> datetime:
        """When we looked."""
        return self.observation.seen_at

    @property
    def content(self) -> ArticleContent:
        """What the page said.

        Raises:
            ValueError: The look gave no text; the caller asked at the wrong time.
        """
        if self.observation.content is None:
            raise ValueError(f"a look with outcome {self.observation.outcome} has no content")
        return self.observation.content

    @property
    def content_is_whole(self) -> bool:
        """Whether the page showed the whole article."""
        content = self.observation.content
        return content is not None and not (content.is_partial or content.is_feed_only)

    @property
    def own_url(self) -> str:
        """The article's own address, as far as this look tells."""
        seen = self.observation
        return seen.canonical or seen.final_url or seen.url

    def note(self, what: str, reason: str, article: ArticleRow | None = None) -> None:
        """Keep what was decided, and why."""
        article_id = article.id if article else self.page.article_id
        note(self.tx, self.page.url, self.at, what=what, reason=reason, article_id=article_id)

    def baseline(self, stood_at: datetime | None) -> Baseline | None:
        """Say whether what stood there before was last seen before a long sleep of ours."""
        since = self.rules.slept_since
        if since is None or stood_at is None or stood_at >= since:
            return None
        return Baseline.SLEEP
