import subprocess
import sys

import pytest

from storage import leases
from storage.database import Database
from storage.errors import LeaseHeldError, LeaseLostError
from tests.support.rows import MINUTE, NOON

SITE = "news.example"


def test_a_site_is_visited_by_one_at_a_time(database: Database) -> None:
    with database.transaction() as tx:
        leases.claim(tx, SITE, owner="daemon", now=NOON, for_s=60)
        with pytest.raises(LeaseHeldError) as caught:
            leases.claim(tx, SITE, owner="check", now=NOON, for_s=60)
        assert (caught.value.site, caught.value.owner) == (SITE, "daemon")
        leases.claim(tx, "other.example", owner="check", now=NOON, for_s=60)


def test_a_lease_that_was_given_back_can_be_taken(database: Database) -> None:
    with database.transaction() as tx:
        first = leases.claim(tx, SITE, owner="daemon", now=NOON, for_s=60)
        leases.release(tx, first)
        second = leases.claim(tx, SITE, owner="check", now=NOON, for_s=60)
    assert second.token > first.token


def test_who_lost_the_lease_cannot_store_renew_or_release(database: Database) -> None:
    with database.transaction() as tx:
        lost = leases.claim(tx, SITE, owner="stalled", now=NOON, for_s=60)
        held = leases.claim(tx, SITE, owner="daemon", now=NOON + MINUTE, for_s=60)
        with pytest.raises(LeaseLostError):
            leases.check(tx, lost, now=NOON + MINUTE)
        with pytest.raises(LeaseLostError):
            leases.renew(tx, lost, now=NOON + MINUTE, for_s=60)
        leases.release(tx, lost)
        leases.check(tx, held, now=NOON + MINUTE)


def test_a_lease_that_ran_out_is_lost_though_nobody_took_it(database: Database) -> None:
    with database.transaction() as tx:
        lease = leases.claim(tx, SITE, owner="daemon", now=NOON, for_s=60)
        leases.check(tx, lease, now=NOON + 0.9 * MINUTE)
        with pytest.raises(LeaseLostError):
            leases.check(tx, lease, now=NOON + MINUTE)


def test_a_renewed_lease_holds_from_then_on(database: Database) -> None:
    with database.transaction() as tx:
        lease = leases.claim(tx, SITE, owner="daemon", now=NOON, for_s=60)
        renewed = leases.renew(tx, lease, now=NOON + 0.5 * MINUTE, for_s=60)
        assert renewed.until == NOON + 1.5 * MINUTE
        leases.check(tx, renewed, now=NOON + 1.4 * MINUTE)
        leases.check(tx, lease, now=NOON + 1.4 * MINUTE)  # the same token


RIVAL = """
import sys
from datetime import datetime, UTC
from storage import leases
from storage.database import Database
from storage.errors import LeaseHeldError
database = Database(sys.argv[1])
now = datetime(2026, 3, 1, 12, tzinfo=UTC)
won = 0
for number in range(30):
    try:
        with database.transaction() as tx:
            leases.claim(tx, f"{number}.example", owner=sys.argv[2], now=now, for_s=60)
        won += 1
    except LeaseHeldError:
        pass
print(won)
"""


def test_of_rival_processes_one_gets_each_site(database: Database) -> None:
    url = str(database.path) if database.path else str(database._url)
    command = [sys.executable, "-c", RIVAL, url]
    running = [subprocess.Popen([*command, who], stdout=subprocess.PIPE) for who in "abc"]
    won = [int(process.communicate(timeout=60)[0]) for process in running]
    assert sum(won) == 30
