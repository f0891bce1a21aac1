"""Two papers of ours whose pages never stand still, watched by real visits: edits are told, noise is not."""

from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from random import Random

from crawler.config import SourceConfig
from storage import history
from storage.database import Database
from storage.history import ArticleFilter
from storage.types import ChangeKind
from tests.benchmarks.noise import config_of, drive
from tests.support.noisy import Edit, Paper, Story, lengthened, recounted, retitled
from tests.support.site import Entry, Site

HOURS = 14.0
RIGHT_AWAY_S, LATER_S = 900.0, 6 * 3600.0
PERIOD_S = 3600.0
EDITS: dict[int, tuple[float, Edit, ChangeKind]] = {
    0: (RIGHT_AWAY_S, recounted, ChangeKind.NUMBER),
    1: (LATER_S, lengthened, ChangeKind.PARAGRAPH_ADDED),
    3: (LATER_S, retitled, ChangeKind.HEADLINE),
}


class Press:
    """A paper with noise beside the text, and one with noise inside it, renewed hourly."""

    def __init__(self, database: Database, sites: tuple[Site, Site]) -> None:
        self.sites = sites
        self._began = self._now = datetime.now(UTC).replace(microsecond=0)
        self.papers = [Paper(database=database, lines=[], seed=n) for n in range(len(sites))]
        for paper in self.papers:
            for n, story in enumerate(paper.write(5)):
                if n in EDITS:
                    at_s, edit, _ = EDITS[n]
                    story.edit(at_s, edit)
        self._publish()

    def now(self) -> datetime:
        return self._now

    def move(self, to: datetime) -> None:
        self._now = max(self._now, to)
        self._publish()

    def sources(self) -> list[SourceConfig]:
        return [
            SourceConfig(name=f"paper {n}", url=site.at("/rss"), kind="feed", every="1d")  # type: ignore[arg-type]
            for n, site in enumerate(self.sites)
        ]

    def path(self, story: Story) -> str:
        return f"/{story.url.rpartition('/')[2]}"

    def born(self, story: Story) -> datetime:
        return self._began - timedelta(hours=story.born.timestamp() % 20)

    def _publish(self) -> None:
        passed_s = (self._now - self._began).total_seconds()
        for is_inside, (site, paper) in enumerate(zip(self.sites, self.papers, strict=True)):
            entries = [
                Entry(link=self.path(s), title=s.title, published=self.born(s))
                for s in paper.stories
            ]
            site.publish_feed("/rss", entries)
            for story in paper.stories:
                title, blocks = story.at(passed_s)
                dice = Random(f"{story.url} {passed_s // PERIOD_S}")
                text = [f"<p>{escape(block.text)}</p>" for block in blocks]
                if is_inside:
                    other = dice.choice(paper.stories).title
                    text[1:1] = [
                        f'<div class="bar"><p>▲ {dice.randint(9, 999)} ◆ {dice.random()}</p></div>'
                    ]
                    text[3:3] = [f"<p>❯❯ <b>{escape(other)}</b></p>"]
                site.publish(self.path(story), self._page(title, text, born=self.born(story)))

    def _page(self, title: str, text: list[str], *, born: datetime) -> str:
        dice = Random(str(self._now))  # beside the text it differs at each look
        head = f'<meta property="article:published_time" content="{born.isoformat()}">'
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}'
            f"<script>var id = {dice.random()};</script></head><body><main><article>"
            f"<h1>{escape(title)}</h1>\n{chr(10).join(text)}</article></main>"
            f'<aside class="related"><a href="/x">Read {dice.randint(1, 99)} more</a></aside></body></html>'
        )


async def test_edits_are_told_by_their_kinds_and_noise_is_not(
    sqlite_database: Database, tmp_path: Path
) -> None:
    with Site() as beside, Site(host="127.0.0.2") as inside:
        press = Press(sqlite_database, (beside, inside))
        config = config_of(press, f"sqlite:///{tmp_path / 'unused.db'}")
        await drive(press, sqlite_database, config=config, hours=HOURS)
        expected = {
            site.at(press.path(paper.stories[n])): kind
            for site, paper in zip(press.sites, press.papers, strict=True)
            for n, (_, _, kind) in EDITS.items()
        }
    with sqlite_database.reading() as tx:
        rows = history.changes(tx, ArticleFilter(), limit=500)
    told = [row for row in rows if ChangeKind.NEW not in row.change.kinds]
    assert len(rows) - len(told) == sum(len(paper.stories) for paper in press.papers)
    assert sorted(row.article.url for row in told) == sorted(expected)
    for row in told:
        assert expected[row.article.url] in row.change.kinds
        assert row.change.decided_at - row.change.seen_at < timedelta(minutes=10)
