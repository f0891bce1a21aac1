"""The daemon as a process: stopped, killed, doubled, reloaded; nothing is lost and nothing told twice."""

import signal
import socket
import sqlite3
import time
import urllib.request
from pathlib import Path

import pytest

from crawler.clock import Clock
from scheduler.config import load_config
from scheduler.demo.serving import Answer
from storage.database import Database
from tests.support.inbox import Inbox, smtp_inbox
from tests.support.process import Daemon, parley
from tests.support.site import Entry, Site, article_page
from tests.support.watch import SPEED, Watch

TITLE = "Second round of peace talks ends in Istanbul"
PARAGRAPHS = (
    "The delegations of Ukraine and Russia met in Istanbul on Monday for a second round of peace talks.",
    "Officials said that 52 drones had been shot down during the night before the meeting began.",
    "A spokesman said that a ceasefire of thirty days was still being discussed by both delegations.",
    "The meeting at the palace lasted a little more than one hour and ended without a joint statement.",
)
EDITED = article_page(TITLE, (PARAGRAPHS[0], PARAGRAPHS[1].replace("52", "49"), *PARAGRAPHS[2:]))
PAGE = article_page(TITLE, PARAGRAPHS)


def settings(folder: Path, site: Site, inbox: Inbox | None = None, *, more: str = "") -> None:
    channel = f'[[channels]]\nname = "desk"\naddress = "{inbox.address()}"\n' if inbox else ""
    (folder / "parley.toml").write_text(
        f"""timezone = "UTC"
allow_networks = ["127.0.0.0/8"]
recheck = "all"
[viewer]
enabled = false
{channel}{more}
[[sources]]
name = "Paper"
url = "{site.at("/feed")}"
kind = "feed"
every = "5m"
language = "en"
""",
        encoding="utf-8",
    )


def publish(site: Site, page: str = PAGE) -> None:
    site.publish("/talks", page)
    site.publish_feed("/feed", [Entry(link="/talks", title=TITLE)])


def test_an_edit_reaches_the_mailbox_by_itself_and_ends_within_ten_seconds(tmp_path: Path) -> None:
    with Site() as site, smtp_inbox() as inbox:
        publish(site)
        settings(tmp_path, site, inbox)
        with Daemon(tmp_path, speed=240) as daemon:
            daemon.ready()
            inbox.wait(60)  # the stock, told once
            publish(site, EDITED)
            mail = inbox.wait(60)
            assert mail["Subject"].startswith("52 → 49")
            code, took_s = daemon.end()
        assert code == 0
        assert took_s <= 10
        assert len(inbox.mails) == 2


async def test_a_kill_between_change_and_mail_loses_nothing_and_the_mail_comes_once(
    tmp_path: Path,
) -> None:
    with Site() as site, smtp_inbox() as inbox:
        publish(site)
        settings(tmp_path, site, inbox)
        config = load_config(tmp_path / "parley.toml", {})
        database = Database(config.database)
        database.prepare()
        six_hours_ago = Clock(speed=SPEED, virtual=time.time() - 6 * 3600)
        watch = Watch(database, config=config, clock=six_hours_ago)
        await watch.check()
        await watch.tell()
        inbox.wait()  # the stock, told once
        publish(site, EDITED)
        assert len(await watch.check()) == 1
        database.close()  # the change is committed; whoever was to tell it is no more
        assert len(inbox.mails) == 1
        with Daemon(tmp_path, speed=5) as daemon:
            assert inbox.wait(60)["Subject"].startswith("52 → 49")
            daemon.wait_for("message_sent")
            daemon.kill()
        with Daemon(tmp_path, speed=240) as daemon:
            daemon.ready()
            daemon.wait_for("site_visited")
            daemon.wait_for("site_visited")
            daemon.end()
        assert len(inbox.mails) == 2


def test_a_kill_while_the_mail_goes_out_sends_it_again_under_the_same_id(tmp_path: Path) -> None:
    with Site() as site, smtp_inbox() as inbox:
        publish(site)
        settings(tmp_path, site, inbox)
        with Daemon(tmp_path, speed=240) as daemon:
            daemon.ready()
            inbox.wait(60)
            inbox.is_silent = True  # takes the text and never answers
            publish(site, EDITED)
            first = inbox.wait(60)
            daemon.kill()
        inbox.is_silent = False
        with Daemon(tmp_path, speed=240) as daemon:
            daemon.ready()
            again = inbox.wait(60)
            daemon.end()
        assert again["Message-ID"] == first["Message-ID"]
        assert "before" in again.get_body(("plain",)).get_content()


def test_a_second_daemon_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with Site() as site:
        publish(site)
        settings(tmp_path, site)
        with Daemon(tmp_path) as first:
            first.ready()
            second = parley("run", folder=tmp_path, check=False)
            assert second.returncode == 1
            assert "A daemon runs on this database already" in second.stderr
            assert "Traceback" not in second.stderr
            first.end()


def test_a_killed_daemon_does_not_keep_the_next_one_out(tmp_path: Path) -> None:
    with Site() as site:
        publish(site)
        settings(tmp_path, site)
        with Daemon(tmp_path, speed=1) as first:
            first.ready()
            first.kill()
        with Daemon(tmp_path, speed=1) as second:
            second.ready()
            assert second.end()[0] == 0


def test_reload_follows_a_good_file_and_refuses_a_broken_one(tmp_path: Path) -> None:
    with Site() as site:
        publish(site)
        site.publish_feed("/second", [Entry(link="/other", title="Another article of the day")])
        site.publish("/other", article_page("Another article of the day", PARAGRAPHS))
        settings(tmp_path, site)
        path = tmp_path / "parley.toml"
        good = path.read_text(encoding="utf-8")
        with Daemon(tmp_path) as daemon:
            daemon.ready()
            path.write_text(good.replace('every = "5m"', "every = 5"), encoding="utf-8")
            refused = parley("reload", folder=tmp_path, check=False)
            assert refused.returncode == 1
            assert "every" in refused.stderr
            more = f'\n[[sources]]\nname = "Second"\nurl = "{site.at("/second")}"\nkind = "feed"\n'
            path.write_text(good + more, encoding="utf-8")
            assert "Reloaded" in parley("reload", folder=tmp_path).stdout
            site.wait_for("/second", timeout_s=30)
            status = parley("status", folder=tmp_path).stdout
            assert "Second" in status
            assert "upkeep" in parley("status", "--timetable", folder=tmp_path).stdout
            daemon.end()


def test_a_hanging_publisher_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with Site() as site:
        publish(site)
        site.publish_answer("/talks", Answer(status=200, body=PAGE.encode(), delay_s=20.0))
        settings(tmp_path, site)
        with Daemon(tmp_path) as daemon:
            daemon.ready()
            site.wait_for("/talks", timeout_s=30)
            code, took_s = daemon.end(signal.SIGINT)
        assert code == 0
        assert took_s <= 10


@pytest.mark.parametrize("command", [["list"], ["status"], ["export"], ["search", "talks"]])
def test_other_commands_work_while_it_runs(tmp_path: Path, command: list[str]) -> None:
    with Site() as site:
        publish(site)
        settings(tmp_path, site)
        with Daemon(tmp_path) as daemon:
            daemon.ready()
            daemon.wait_for('"observations": 1')
            assert parley(*command, folder=tmp_path).returncode == 0
            daemon.end()


def test_without_a_channel_it_says_that_changes_are_kept(tmp_path: Path) -> None:
    with Site() as site:
        publish(site)
        settings(tmp_path, site)
        with Daemon(tmp_path) as daemon:
            daemon.wait_for("No channel is set: changes are kept")
            daemon.end()


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with Site() as site:
        settings(tmp_path, site)
        parley("status", folder=tmp_path)
        with sqlite3.connect(tmp_path / "parley.db") as database:
            database.execute("update parley_version set version_num = '9999_from_the_future'")
        ran = parley("run", folder=tmp_path, check=False)
        assert ran.returncode == 1
        assert "newer" in ran.stderr
        assert "Traceback" not in ran.stderr


def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    with Site() as site:
        settings(tmp_path, site)
        tmp_path.chmod(0o500)
        ran = parley("run", folder=tmp_path, check=False, as_anybody=True)
        tmp_path.chmod(0o700)
        assert ran.returncode == 1
        assert str(tmp_path) in ran.stderr


def is_closed(host: str, port: int, within_s: float = 20.0) -> bool:
    """Wait until nobody listens there."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) != 0:
                return True
    return False


def test_the_viewer_is_served_beside_it_and_ends_with_it_even_when_killed(tmp_path: Path) -> None:
    with Site() as site:
        publish(site)
        settings(tmp_path, site)
        path = tmp_path / "parley.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("enabled = false", "port = 0"), encoding="utf-8")
        with Daemon(tmp_path) as daemon:
            address = daemon.wait_for("Read the history at").rpartition(" ")[2]
            with urllib.request.urlopen(f"{address}healthz", timeout=20) as answer:
                assert answer.status == 200
            daemon.kill()
        host, _, port = address.removeprefix("http://").rstrip("/").rpartition(":")
        assert is_closed(host, int(port)), "the viewer outlived the daemon"


def test_changed_topics_are_told_in_one_message_and_nothing_singly(tmp_path: Path) -> None:
    with Site() as site, smtp_inbox() as inbox:
        publish(site)
        settings(tmp_path, site, inbox)
        with Daemon(tmp_path, speed=240) as daemon:
            daemon.ready()
            inbox.wait(60)
            path = tmp_path / "parley.toml"
            more = '\n[topics.drones]\ngroups = { what = ["drone*"] }\n'
            path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
            assert "Reloaded" in parley("reload", folder=tmp_path).stdout
            told = inbox.wait(60)
            daemon.wait_for("site_visited")
            daemon.end()
        assert "topics" in told.get_body(("plain",)).get_content()
        assert len(inbox.mails) == 2
