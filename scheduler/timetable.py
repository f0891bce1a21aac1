"""When something happens: the only module that imports APScheduler.

The timetable itself lives in our tables; here are the timers, in memory, one job a name. Every timer
is a date: what repeats is set again after it ran, so that the clock's speed, a changed interval and
the nights when clocks change need no second mechanism.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from crawler.clock import Clock
from crawler.cronline import CronLine
from crawler.windows import placed

Call = Callable[[], Awaitable[None]]
_OVERRUN_WAIT = timedelta(seconds=1)
_MOST_TRIES = 400  # fire times looked at until one lies ahead; a repeated hour of minutes has 60


class _Job(Protocol):
    id: str
    name: str
    next_run_time: datetime | None


class _Trigger(Protocol):
    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None: ...


class _Scheduler(Protocol):
    """The part of APScheduler we use."""

    def add_job(self, func: Call, **options: object) -> object: ...
    def get_jobs(self) -> list[_Job]: ...
    def remove_job(self, job_id: str) -> None: ...
    def add_listener(self, callback: Callable[[object], None], mask: int) -> None: ...
    def start(self) -> None: ...
    def pause(self) -> None: ...
    def shutdown(self, *, wait: bool) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the timetable; `at` is in the clock's time."""

    name: str
    at: datetime


class Timetable:
    """Calls things at their times, each at most once at a time."""

    def __init__(self, clock: Clock, *, on_fault: Callable[[str, BaseException], None]) -> None:
        self._clock = clock
        self._at: dict[str, datetime] = {}
        self._calls: dict[str, Call] = {}
        self._spans: dict[str, timedelta] = {}
        self._is_started = False
        self._scheduler = cast(
            "_Scheduler",
            AsyncIOScheduler(
                timezone=UTC,
                # late is better than never; what piled up runs once; never two of one name
                job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            ),
        )
        self.overruns = 0
        self._on_fault = on_fault
        self._scheduler.add_listener(self._heard, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        """Begin to call."""
        self._scheduler.start()
        self._is_started = True

    def pause(self) -> None:
        """Call nothing more; what runs goes on."""
        if self._is_started:
            self._scheduler.pause()

    def close(self) -> None:
        """End, when nothing runs any more: APScheduler cancels what does."""
        if self._is_started:
            self._scheduler.shutdown(wait=False)
            self._is_started = False

    def at(self, name: str, when: datetime, call: Call) -> None:
        """Call once at a time of the clock; a name that is set already is set anew."""
        self._at[name] = when
        self._calls[name] = call
        self._scheduler.add_job(
            call,
            trigger=DateTrigger(run_date=self._clock.real(when), timezone=UTC),
            id=name,
            name=name,
            replace_existing=True,
        )

    def every(self, name: str, span: timedelta, call: Call) -> None:
        """Call again and again: first after `span`, then `span` after each end."""

        async def run_and_set_again() -> None:
            try:
                await call()
            finally:
                self.at(name, self._clock.now() + span, run_and_set_again)

        self._spans[name] = span
        self.at(name, self._clock.now() + span, run_and_set_again)

    def drop(self, name: str) -> None:
        """Call a name no more."""
        if name in {job.id for job in self._scheduler.get_jobs()}:
            self._scheduler.remove_job(name)
        self._at.pop(name, None)
        self._calls.pop(name, None)

    def entries(self) -> tuple[Entry, ...]:
        """Give what is set, the next first; what repeats and runs just now with the time after."""
        set_now = {job.id for job in self._scheduler.get_jobs()}
        lines = [Entry(name=name, at=at) for name, at in self._at.items() if name in set_now]
        now = self._clock.now()
        lines += [Entry(name=n, at=now + s) for n, s in self._spans.items() if n not in set_now]
        return tuple(sorted(lines, key=lambda line: line.at))

    def _heard(self, event: object) -> None:
        exception = getattr(event, "exception", None)
        if exception is None:
            # It fell due while it still ran: APScheduler lets such a date go; we set it anew.
            self.overruns += 1
            call = self._calls.get(str(getattr(event, "job_id", "")))
            if call is not None:
                self.at(str(getattr(event, "job_id", "")), self._clock.now() + _OVERRUN_WAIT, call)
        else:
            self._on_fault(str(getattr(event, "job_id", "")), exception)


def next_fire(cron: CronLine, after: datetime) -> datetime:
    """Say when a cron line fires next.

    Reckoned on the wall clock of its zone, then placed in time: an hour that comes twice fires in its
    first pass only, a time that does not exist fires at the next minute that does, so neither night
    of the year loses or doubles a run.

    Args:
        cron: The line.
        after: Aware; the answer lies after it.

    Returns:
        Aware UTC.

    Raises:
        ValueError: It never fires (31 February).
    """
    zone = cron.timezone
    wall = after.astimezone(zone).replace(tzinfo=UTC, fold=0)
    trigger = _trigger(cron)
    previous: datetime | None = None
    for _ in range(_MOST_TRIES):
        found = trigger.get_next_fire_time(previous, wall)
        if found is None:
            break
        fires = placed(found.replace(tzinfo=None), zone)
        if fires > after:
            return fires
        previous, wall = found, found + timedelta(microseconds=1)
    raise ValueError("this cron line never fires")


def _trigger(cron: CronLine) -> _Trigger:
    def words(values: tuple[int, ...] | tuple[str, ...]) -> str:
        return ",".join(str(value) for value in values) or "*"

    trigger = CronTrigger(
        minute=words(cron.minutes),
        hour=words(cron.hours),
        day=words(cron.days),
        month=words(cron.months),
        day_of_week=words(cron.weekdays),
        timezone=UTC,
    )
    return cast("_Trigger", trigger)
