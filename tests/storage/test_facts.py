import pytest

from storage import facts
from storage.database import Database
from storage.errors import DaemonRunningError
from tests.support.rows import MINUTE, NOON


def test_a_fact_is_kept_and_replaced(database: Database) -> None:
    with database.transaction() as tx:
        assert facts.get(tx, "topics") is None
        facts.put(tx, "topics", {"talks": "1"})
        facts.put(tx, "topics", {"talks": "2", "names": ["é"]})
    with database.reading() as tx:
        assert facts.get(tx, "topics") == {"talks": "2", "names": ["é"]}


def test_the_last_heartbeat_is_remembered(database: Database) -> None:
    with database.transaction() as tx:
        assert facts.last_alive(tx) is None
        facts.heartbeat(tx, NOON)
        facts.heartbeat(tx, NOON + MINUTE)
        assert facts.last_alive(tx) == NOON + MINUTE


def test_a_second_daemon_is_refused_by_name(database: Database) -> None:
    with database.transaction() as tx:
        facts.claim_daemon(tx, "desk, process 7", now=NOON, for_s=60)
    refused = pytest.raises(DaemonRunningError, match=r"desk, process 7.*12:01:00 UTC")
    with refused, database.transaction() as tx:
        facts.claim_daemon(tx, "desk, process 8", now=NOON + 0.5 * MINUTE, for_s=60)


def test_a_daemon_renews_its_own_claim(database: Database) -> None:
    with database.transaction() as tx:
        facts.claim_daemon(tx, "7", now=NOON, for_s=60)
        facts.claim_daemon(tx, "7", now=NOON + 0.5 * MINUTE, for_s=60)
        found = facts.daemon(tx)
    assert found == facts.DaemonClaim(owner="7", until=NOON + 1.5 * MINUTE)


def test_a_dead_daemons_claim_runs_out(database: Database) -> None:
    with database.transaction() as tx:
        facts.claim_daemon(tx, "dead", now=NOON, for_s=60)
        facts.claim_daemon(tx, "next", now=NOON + MINUTE, for_s=60)
        facts.release_daemon(tx, "dead")
        assert facts.daemon(tx).owner == "next"


def test_a_daemon_that_stops_makes_room_at_once(database: Database) -> None:
    with database.transaction() as tx:
        facts.claim_daemon(tx, "7", now=NOON, for_s=60)
        facts.release_daemon(tx, "7")
        assert facts.daemon(tx) is None
        facts.claim_daemon(tx, "8", now=NOON, for_s=60)
