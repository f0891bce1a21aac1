"""Days in minutes: the daemon goes on finding, looking again and telling, and does not grow."""

import json
import random
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.end_to_end.test_daemon import PARAGRAPHS, settings
from tests.support.process import Daemon, parley
from tests.support.site import Entry, Site, article_page

SPEED = 1440.0  # a day a minute
READS = 4  # of the feed, between two things that happen
LISTED = 20


@dataclass(frozen=True, slots=True)
class Size:
    """What the daemon and its helpers hold."""

    mib: float
    files: int
    threads: int
    processes: int


def size_of(process: psutil.Process) -> Size:
    """Measure it; a helper that ends meanwhile counts for nothing."""
    all_ = [process, *process.children(recursive=True)]
    return Size(
        mib=sum(one.memory_info().rss for one in all_) / 2**20,
        files=process.num_fds(),
        threads=process.num_threads(),
        processes=len(all_),
    )


class Paper:
    """A paper that publishes and edits on and on; keeps what it did."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.entries: list[Entry] = []
        self.read: set[str] = set()
        self.edited: set[str] = set()
        self._random = random.Random(4)

    def publish(self) -> None:
        """Put one more article in front."""
        number = len(self.entries)
        title = f"Peace talks, report {number}"
        own = tuple(f"{paragraph} This is report {number}." for paragraph in PARAGRAPHS)
        self.site.publish(f"/talks-{number}", article_page(title, own), etag=True)
        self.entries.insert(0, Entry(link=f"/talks-{number}", title=title))
        self.site.publish_feed("/feed", self.entries[:LISTED], etag=True)

    def edit(self) -> None:
        """Alter the figure of one of the last articles that were read already, at most once."""
        path = self._random.choice(self.entries[1:LISTED]).link
        if path in self.read - self.edited:
            self.edited.add(path)
            self.site.edit(path, "52 drones", "49 drones")

    def let_it_read(self) -> None:
        """Wait until the feed was read some more times."""
        self.site.forget_requests()
        self.site.wait_for("/feed", count=READS, timeout_s=60)
        self.read |= {request.path for request in self.site.requests}


def told(folder: Path) -> set[str]:
    """The paths of the articles of which an altered number is known."""
    ran = parley("export", "--format", "jsonl", folder=folder)
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    return {
        "/" + row["url"].rpartition("/")[2]
        for row in rows
        if row["type"] == "change" and "number" in row.get("kinds", ())
    }


@pytest.mark.parametrize(
    "minutes", [0.5, pytest.param(10, marks=pytest.mark.long)], ids=["sample", "ten-days"]
)
def test_days_of_work_lose_no_edit_and_make_the_daemon_no_bigger(
    tmp_path: Path, minutes: float
) -> None:
    with Site() as site:
        paper = Paper(site)
        for _ in range(LISTED):
            paper.publish()
        settings(tmp_path, site)
        with Daemon(tmp_path, speed=SPEED) as daemon:
            daemon.ready()
            daemon.wait_for("site_visited")
            process, end = psutil.Process(daemon.process.pid), time.monotonic() + 60 * minutes
            sizes: list[Size] = []
            while time.monotonic() < end:
                paper.publish()
                paper.let_it_read()
                paper.edit()
                sizes.append(size_of(process))
            patience = time.monotonic() + 120
            while paper.edited - told(tmp_path) and time.monotonic() < patience:
                paper.let_it_read()
            code, _ = daemon.end()
        assert code == 0
        assert not paper.edited - told(tmp_path)
        early, late = sizes[len(sizes) // 3], sizes[-1]
        print(f"{len(sizes)} steps, {len(paper.edited)} edits: {early} -> {late}")
        assert late.mib < early.mib * 1.25 + 10
        assert late.files <= early.files + 10
        assert late.threads <= early.threads + 5
        assert late.processes <= early.processes + 1
