"""The rig's cases on the real path: a sample of each kind of reading in every run, all of it in the long one."""

from pathlib import Path

import pytest

from tests.hostile.adapter import run

READING = ("html", "charset", "meaning", "compression", "diff")
SAMPLE = (
    "charset-10k-name", "nul-bytes", "redos-pattern", "maintenance-200", "unknown-encoding", "gzip-truncated", "quiet-edit-number", "soft-404-once",
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
