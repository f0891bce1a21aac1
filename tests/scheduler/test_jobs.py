"""What did not come in time is counted."""

from datetime import timedelta

from scheduler.jobs import Overruns


def test_a_visit_that_begins_more_than_a_minute_late_is_counted() -> None:
    overruns = Overruns()
    for seconds in (-5, 0, 60, 61, 240, 90):
        overruns.note_begin(timedelta(seconds=seconds))
    assert (overruns.late, overruns.latest) == (3, timedelta(minutes=4))
