"""A small world of the noise bench: what only moves is no edit, and what is edited is told by its kinds."""

from pathlib import Path

import pytest

from tests.benchmarks.noise import Row, run_row


@pytest.mark.shared
@pytest.mark.parametrize("preset", ["noise-fetch", "noise-1h"])
def test_noise_is_no_edit_and_every_edit_is_found(tmp_path: Path, preset: str) -> None:
    row = Row(
        preset=preset,
        hard_share=0.3,
        edits_at_s=3600,
        seed=5,
        hours=8,
        sites=5,
        articles=20,
        edits=2,
    )
    found = run_row(row, tmp_path)
    assert found.faults == []
    assert found.scores["edits"] == 2
