"""What sources and further sources have in common: how a read of one went."""

from datetime import timedelta
from typing import Final

from storage.models import FurtherSource, Source
from storage.rhythm import with_read
from storage.types import Outcome, SourceRound

SUCCESS: Final = frozenset({Outcome.CONTENT, Outcome.NOT_MODIFIED})


def note_read(row: Source | FurtherSource, round_: SourceRound, *, brought: int) -> None:
    """Keep how a read went: success or failure, and what it adds to the rhythm."""
    if round_.outcome in SUCCESS:
        if row.last_success_at is not None:  # what it held at first is its stock, not its rhythm
            gap = max(timedelta(0), round_.seen_at - row.last_success_at)
            row.rhythm = with_read(row.rhythm, brought=brought, gap=gap)
        _note_success(row, round_)
    else:
        row.failures += 1
        row.last_reason = round_.reason
    row.last_checked_at = round_.seen_at


def _note_success(row: Source | FurtherSource, round_: SourceRound) -> None:
    row.failures = 0
    row.last_reason = round_.reason
    row.last_success_at = round_.seen_at
    given = round_.validators
    if round_.outcome is Outcome.CONTENT:
        row.warning = round_.warning
        row.body_hash = given.body_hash
    if round_.outcome is Outcome.CONTENT or given.etag or given.last_modified:
        row.etag, row.last_modified = given.etag, given.last_modified


def forget_validators(row: Source | FurtherSource) -> None:
    """Ask for all of it at the next read."""
    row.etag = row.last_modified = row.body_hash = ""
