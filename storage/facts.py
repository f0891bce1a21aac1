"""Own the facts about a database as a whole: when we were last alive, and which daemon runs on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.database import insert_missing
from storage.errors import DaemonRunningError
from storage.models import Fact

_ALIVE = "alive"
_DAEMON = "daemon"


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonClaim:
    """Which daemon runs on a database, and until when it does so without saying so again."""

    owner: str
    until: datetime


def get(tx: Session, key: str) -> dict[str, Any] | None:
    """Give a fact, None where it was never put."""
    return tx.scalar(select(Fact.value).where(Fact.key == key))


def put(tx: Session, key: str, value: dict[str, Any]) -> None:
    """Keep a fact in place of what was there; the value is anything JSON can say."""
    row = _locked(tx, key)
    row.value = value
    tx.flush()


def heartbeat(tx: Session, now: datetime) -> None:
    """Note that we are looking; the gap to the next start tells how long we slept."""
    put(tx, _ALIVE, {"at": now.isoformat()})


def last_alive(tx: Session) -> datetime | None:
    """Say when the last heartbeat was, None on a new database."""
    found = get(tx, _ALIVE)
    return None if found is None else datetime.fromisoformat(found["at"])


def claim_daemon(tx: Session, owner: str, *, now: datetime, for_s: float) -> DaemonClaim:
    """Become the one daemon of this database, or stay it: repeated by its owner, it renews.

    Raises:
        DaemonRunningError: Another daemon said less than its `for_s` seconds ago that it runs.
    """
    row = _locked(tx, _DAEMON)
    found = _claim_of(row.value)
    if found is not None and found.owner != owner and found.until > now:
        raise DaemonRunningError(
            f"A daemon runs on this database already ({found.owner}); stop that one first,"
            f" or wait until {found.until:%H:%M:%S} UTC if it was killed."
        )
    claim = DaemonClaim(owner=owner, until=now + timedelta(seconds=for_s))
    row.value = {"owner": claim.owner, "until": claim.until.isoformat()}
    tx.flush()
    return claim


def release_daemon(tx: Session, owner: str) -> None:
    """Stop being the daemon; nothing happens if that is another one."""
    row = _locked(tx, _DAEMON)
    found = _claim_of(row.value)
    if found is None or found.owner == owner:
        tx.execute(delete(Fact).where(Fact.key == _DAEMON))


def daemon(tx: Session) -> DaemonClaim | None:
    """Say which daemon claimed this database last, None where none did or it stopped."""
    return _claim_of(get(tx, _DAEMON) or {})


def _locked(tx: Session, key: str) -> Fact:
    """Give the row of a fact, made where it is missing, with nobody else writing to it."""
    insert_missing(tx, Fact, [{"key": key, "value": {}}], unique="key")
    return tx.scalars(
        select(Fact)
        .where(Fact.key == key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _claim_of(value: dict[str, Any]) -> DaemonClaim | None:
    if not value:
        return None
    return DaemonClaim(owner=value["owner"], until=datetime.fromisoformat(value["until"]))
