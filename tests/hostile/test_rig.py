"""The rig's cases on the real path: a sample of each kind of reading in every run, all of it in the long one."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.adapter import rig_tool, run

READING = ("html", "charset", "meaning", "compression", "diff")
FETCHING = (
    "http", "ssrf", "redirect", "robots", "slow", "tls", "feed", "sitemap", "trap", "poison",
)  # fmt: skip
SAMPLE = (
    "charset-10k-name", "nul-bytes", "redos-pattern", "maintenance-200", "unknown-encoding", "gzip-truncated", "quiet-edit-number", "soft-404-once",
    "redirect-infinite", "redirect-to-internal-ipv6", "robots-5xx", "tls-wronghost", "xxe-http", "sitemap-gz-bomb",
    "canonical-poison", "304-with-new-etag",
)  # fmt: skip


def verdict(folder: Path, **what: object) -> str:
    """What the rig's checker said; "" when every case passed."""
    checked = run(folder=folder, **what)  # type: ignore[arg-type]
    if checked.returncode == 0:
        assert "passed, 0 failed" in checked.stdout
        return ""
    return checked.stdout + checked.stderr


@pytest.mark.shared
def test_a_sample_of_the_rig_passes(tmp_path: Path) -> None:
    assert not verdict(tmp_path, only=SAMPLE, jobs=2)


@pytest.mark.long
@pytest.mark.shared
@pytest.mark.parametrize("group", READING)
def test_every_case_of_reading_passes(tmp_path: Path, group: str) -> None:
    assert not verdict(tmp_path, groups=[group], jobs=2)


@pytest.mark.long
@pytest.mark.shared
@pytest.mark.parametrize("group", FETCHING)
def test_every_case_of_fetching_passes(tmp_path: Path, group: str) -> None:
    assert not verdict(tmp_path, groups=[group], jobs=2)


@pytest.mark.long
@pytest.mark.shared
def test_nothing_reaches_the_networks_that_are_forbidden(tmp_path: Path) -> None:
    """In a network of their own the forbidden addresses exist, names lie, and the rig sees each byte."""
    command = ["bash", rig_tool("netns.sh"), "--dns", sys.executable, "-m", "tests.hostile.adapter"]
    command += ["--netns", "--groups", ",".join(FETCHING), "--out", str(tmp_path), "--jobs", "2"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "passed, 0 failed" in ran.stdout
