"""Rules of the user beside a running daemon: a broken file is refused with its lines, a good one is no edit."""

import os
import signal
from pathlib import Path

from tests.support.inbox import smtp_inbox
from tests.support.process import Daemon, parley
from tests.support.site import Entry, Site, article_page

TITLE = "Second round of peace talks ends in Istanbul"
PARAGRAPHS = (
    "The delegations of Ukraine and Russia met in Istanbul on Monday for a second round of peace talks.",
    "Officials said that 52 drones had been shot down during the night before the meeting began.",
    "A spokesman said that a ceasefire of thirty days was still being discussed by both delegations.",
    "Rates of the day in Istanbul: 41.2 for the dollar and 48.0 for the euro, says the bank.",
)
EDITED = (PARAGRAPHS[0], PARAGRAPHS[1].replace("52", "49"), *PARAGRAPHS[2:])
BROKEN = 'domain = "127.0.0.1"\ndrop = ["p..x"]\ndrop_lines = ["("]\n'
GOOD = 'domain = "127.0.0.1"\ndrop_lines = ["^Rates of the day"]\n'


def publish(site: Site, *paragraphs: str) -> None:
    site.publish("/talks", article_page(TITLE, paragraphs))
    site.publish_feed("/feed", [Entry(link="/talks", title=TITLE)])


def settings(folder: Path, site: Site, address: str) -> Path:
    (folder / "rules").mkdir()
    (folder / "parley.toml").write_text(
        f"""timezone = "UTC"
allow_networks = ["127.0.0.0/8"]
recheck = "all"
viewer.enabled = false
[[channels]]
name = "desk"
address = "{address}"
[[sources]]
name = "Paper"
url = "{site.at("/feed")}"
kind = "feed"
every = "5m"
""",
        encoding="utf-8",
    )
    return folder / "rules" / "paper.toml"


def test_a_broken_rule_is_refused_at_the_start_with_all_that_is_wrong(tmp_path: Path) -> None:
    with Site() as site:
        settings(tmp_path, site, "json://127.0.0.1:9/").write_text(BROKEN, encoding="utf-8")
        refused = parley("run", folder=tmp_path, check=False)
    assert refused.returncode != 0
    assert "paper.toml: drop.1: 'p..x' is not a CSS selector" in refused.stderr
    assert "paper.toml: drop_lines.1: '(' is not a regular expression" in refused.stderr
    assert "(line 2)" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_daemon_keeps_its_rules_until_it_gets_good_ones_and_tells_no_edit_for_them(
    tmp_path: Path,
) -> None:
    with Site() as site, smtp_inbox() as inbox:
        publish(site, *PARAGRAPHS)
        rules = settings(tmp_path, site, inbox.address())
        with Daemon(tmp_path, speed=240) as daemon:
            daemon.ready()
            inbox.wait(60)  # the stock, told once
            rules.write_text(BROKEN, encoding="utf-8")
            assert "drop.1" in parley("reload", folder=tmp_path, check=False).stderr
            os.kill(daemon.process.pid, signal.SIGHUP)
            assert "drop.1" in daemon.wait_for("reload_refused")
            daemon.wait_for("site_visited")
            rules.write_text(GOOD, encoding="utf-8")
            assert "Reloaded" in parley("reload", folder=tmp_path).stdout
            publish(site, *PARAGRAPHS[:3], PARAGRAPHS[3].replace("41.2", "41.3"))
            looked = len(site.requests_to("/talks"))
            site.wait_for("/talks", count=looked + 2, timeout_s=60)
            publish(site, *EDITED[:3], PARAGRAPHS[3].replace("41.2", "41.4"))
            mail = inbox.wait(60)
            assert mail["Subject"].startswith("52 → 49")
            assert "41." not in mail.get_body(("plain",)).get_content()
            daemon.end()
        assert len(inbox.mails) == 2
