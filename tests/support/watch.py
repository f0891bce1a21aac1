"""The real path of a look without the daemon's timers: settings, visits, storage, alerts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from crawler.clock import Clock
from crawler.config import SourceConfig
from scheduler.alerts.dispatcher import Dispatcher
from scheduler.checking import checker, wanted
from scheduler.config import ChannelConfig, Config
from storage import history, outbox, sources
from storage.database import Database, Writer
from storage.history import ArticleFilter
from storage.types import Article, Change, Version, VisitReport

LOOPBACK = (ip_network("127.0.0.0/8"),)
SPEED = 240.0  # a confirming look, 20 s later, comes after a twelfth of a second


@dataclass
class Watch:
    """Looks at sources on demand, as `parley check` does, and sends as the daemon does."""

    database: Database
    config: Config = field(default_factory=Config)
    clock: Clock = field(default_factory=lambda: Clock(speed=SPEED))
    reports: list[VisitReport] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def follow(
        self, *configs: SourceConfig, channels: Sequence[ChannelConfig] = (), **more: Any
    ) -> None:
        """Set what is watched and who is told."""
        given = {
            "database": f"sqlite:///{self.database.path}",
            "allow_networks": LOOPBACK,
            "timezone": "UTC",
            "sources": configs,
            "channels": tuple(channels),
            "recheck": "all",
            **more,
        }
        self.config = Config.model_construct(**{**dict(Config(timezone="UTC")), **given})

    async def check(self, *words: str) -> list[Change]:
        """Look now, with confirming looks; gives the changes that are sure since."""
        before = {change.id for change in self.changes()}
        async with checker(self.config, self.clock) as checking:
            await checking.check(wanted(self.config, words), self._told)
        return [change for change in self.changes() if change.id not in before]

    def _told(self, _site: str, report: VisitReport | None, why_not: str) -> None:
        if report is not None:
            self.reports.append(report)
        if why_not:
            self.problems.append(why_not)

    async def tell(self) -> None:
        """End first rounds that are done, then route, gather and send what is due."""
        async with Writer(self.database) as writer:
            now = self.clock.now()
            names = [channel.name for channel in self.config.channels]
            await writer.do(lambda tx: outbox.sync_channels(tx, names, now=now))
            await writer.do(lambda tx: sources.end_first_rounds(tx, now=now))
            dispatcher = Dispatcher(self.database, writer, self.clock, config=self.config)
            await dispatcher.run_once()

    def changes(self) -> list[Change]:
        """All changes, oldest first."""
        with self.database.reading() as tx:
            rows = history.changes(tx, ArticleFilter(), limit=1000)
        return [row.change for row in reversed(rows)]

    def articles(self) -> list[Article]:
        """All articles."""
        with self.database.reading() as tx:
            return history.articles(tx, ArticleFilter(), limit=1000)

    def newest(self, article: Article) -> Version:
        """The newest version that is believed."""
        with self.database.reading() as tx:
            heads = history.versions(tx, article.id)
            best = max((h for h in heads if h.state.value == "confirmed"), key=lambda h: h.number)
            return history.version(tx, best.id)
