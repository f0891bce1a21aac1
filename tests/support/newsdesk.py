"""A newsroom that watches: a database with a history, a clock that is moved by hand, and channels."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select, update

from scheduler.config import ChannelConfig, Config
from storage import models
from storage.database import Database
from storage.types import Baseline, ChangeKind, Detail, Disclosure, Weight
from tests.support import histories
from tests.support.histories import NOON


@dataclass
class HandClock:
    """A clock that is moved by hand."""

    at: datetime = NOON

    def now(self) -> datetime:
        """The time it was set to."""
        return self.at

    def pass_(self, **span: float) -> None:
        """Let time pass."""
        self.at += timedelta(**span)


@dataclass
class Newsdesk:
    """Articles on the talks in a database, to which changes happen on demand."""

    database: Database
    clock: HandClock
    article_ids: list[int] = field(default_factory=list)

    def set_up(self, count: int = 12) -> None:
        """Write outlets and articles that were told of long ago."""
        with self.database.transaction() as tx:
            histories.many(tx, count)
            told = {"announced_at": NOON, "first_round_ended_at": NOON}
            tx.execute(update(models.Source).values(**told))
            tx.execute(update(models.Article).values(topics=" talks "))
            tx.execute(update(models.Change).values(routed_at=NOON))
            self.article_ids = list(tx.scalars(select(models.Article.id)))

    def change(self, article: int = 0, **given: Any) -> int:
        """Let an article change now; gives the change's id."""
        now = self.clock.now()
        kinds: Sequence[ChangeKind] = given.pop("kinds", [ChangeKind.NUMBER])
        details: Sequence[Detail] = given.pop(
            "details",
            [
                Detail(
                    kind=kinds[0],
                    before="It was 52 drones.",
                    after="It was 49 drones.",
                    label="52 → 49 drones",
                )
            ],
        )
        baseline: Baseline | None = given.pop("baseline", None)
        values: dict[str, Any] = {
            "reason": "a number changed",
            "stood_at": now - timedelta(minutes=15),
            "seen_at": now - timedelta(minutes=1),
            "decided_at": now,
            "topics": " talks ",
            "note": "",
            **given,
        }
        values["weight"] = values.get("weight", Weight.MAJOR).value
        values["disclosure"] = values.get("disclosure", Disclosure.UNKNOWN).value
        with self.database.transaction() as tx:
            row = tx.get_one(models.Article, self.article_ids[article])
            if ChangeKind.NEW not in kinds:
                values.setdefault("from_id", row.newest_id)
            change = models.Change(
                article_id=row.id,
                to_id=row.newest_id,
                kinds=[kind.value for kind in kinds],
                details=[asdict(detail) for detail in details],
                baseline=baseline.value if baseline else "",
                **values,
            )
            tx.add(change)
            tx.flush()
            return change.id

    def rows(self, model: Any) -> list[Any]:
        """Give all rows of a table, by id."""
        with self.database.reading() as tx:
            return list(tx.scalars(select(model).order_by(model.id)))


def config_for(*addresses: str, **settings: Any) -> Config:
    """Give settings with a channel for each address: `desk`, `desk-2` …"""
    channels = tuple(
        ChannelConfig(name=f"desk-{n}" if n > 1 else "desk", address=SecretStr(address))
        for n, address in enumerate(addresses, start=1)
    )
    return Config(timezone="Europe/Kyiv", **{"channels": channels, **settings})
