"""What all spiders share: requests for due sources and pages, and what their answers become."""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from scrapy import Request, Spider
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.discovery.search import further_sources
from crawler.equipment import Equipment, Sink
from crawler.errors import CrawlerError, OwnFaultError
from crawler.extraction.site_rules import rules_for
from crawler.identity import normalise_url, within_publisher
from crawler.middlewares.conditional import CONDITIONS
from crawler.observing import (
    NOT_MODIFIED,
    WHOLE,
    Answer,
    failed,
    judge_reading,
    judge_status,
    matches,
    refusal,
    retry_after,
)
from crawler.proxy import META, Proxy, ProxyDownError
from crawler.reading import PageJob, SourceJob, SourceReading
from crawler.spiders.feed_entries import with_looks
from storage.errors import StorageError
from storage.kinds import FoundBy, FurtherSource
from storage.types import (
    Due,
    DuePage,
    DueSource,
    Lead,
    Observation,
    Outcome,
    Purpose,
    SourceKind,
    SourceRound,
    Validators,
)
from storage.urls import site_of

_PRIORITY = {
    Purpose.SOURCE: 500,
    Purpose.CONFIRM: 400,
    Purpose.RECHECK: 300,
    Purpose.NEW: 200,
    Purpose.REST: 100,
}


class VisitSpider(Spider):
    """Fetches what is due on one site; subclasses say what that is."""

    name = ""  # the daemon's: not for `scrapy crawl`

    equipment: Equipment
    sink: Sink | None = None

    def __init__(self, *, due: Due | None = None, **facts: object) -> None:
        """Take what is due; `facts` are `equipment` and `sink`."""
        super().__init__(type(self).name or type(self).__name__, **facts)
        self.due = due or Due(site="")
        self.requests_left = 0
        self.requests_for: Counter[str] = Counter()  # source -> requests for it and its articles
        self.deadline = float("inf")
        self._followers: dict[str, list[DueSource]] = {}
        self.failures: list[str] = []
        self.rounds: list[SourceRound] = []
        self.store_error: Exception | None = None
        self.proxies_down: dict[Proxy, ProxyDownError] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Yield the due requests in their order, within the visit's budget."""
        limits = self.equipment.limits
        self.requests_left = limits.most_requests
        self.deadline = time.monotonic() + self.equipment.clock.limit_s(limits.budget_s)
        for rank, source in enumerate(self.due.sources):
            if source.kind is SourceKind.PAGE:
                # Not yielded: of an item without a request Scrapy learns the end 5 s later.
                await self.store(self._round_of_page(source))
            elif source.name in self._followers:
                self._followers[source.name].append(source)
            else:
                self._followers[source.name] = []
                yield self.source_request(source, rank=rank)
        for rank, page in enumerate(self.due.pages):
            if not self.may_go_on():
                return
            yield self.page_request(page, rank=rank)

    def _round_of_page(self, source: DueSource) -> SourceRound:
        """A single page offers itself, and asks for a look at each of its times."""
        now = self._now()
        round_ = SourceRound(
            source=source.name,
            seen_at=now,
            outcome=Outcome.CONTENT,
            leads=(Lead(url=source.url, updated=now),),
            resolved_kind=SourceKind.PAGE,
        )
        self.rounds.append(round_)
        return round_

    async def store(self, item: object) -> bool:
        """Hand a result to the sink; False where it could not be stored, which ends the visit."""
        try:
            if self.sink is not None and isinstance(item, Observation):
                await self.sink.record(item)
            elif self.sink is not None and isinstance(item, SourceRound):
                await self.sink.record_round(item)
        except StorageError as error:
            self.store_error = error
            return False
        return True

    def may_go_on(self) -> bool:
        """Say whether the budget allows one more request; what is left stays due."""
        self.requests_left -= 1
        return (
            self.requests_left >= 0
            and self.store_error is None
            and time.monotonic() < self.deadline
        )

    # -- sources ---------------------------------------------------------------------------------

    def source_request(self, source: DueSource, *, rank: int = 0) -> Request:
        """Ask for a source; the lower rank goes first."""
        request = self._request(
            source.url, self.parse_source, self.source_failed, purpose=Purpose.SOURCE, due=source
        )
        return request.replace(priority=request.priority - min(rank, 90))

    async def parse_source(self, response: Response) -> AsyncIterator[SourceRound | Request]:
        """Yield the round of a source that answered, then requests for what is read after it."""
        source: DueSource = response.meta["due"]
        round_ = await self._look_at_source(source, self._answer(response), response)
        self.rounds.append(round_)
        yield round_
        for request in self._after(source):
            yield request

    def _after(self, source: DueSource) -> Iterator[Request]:
        """Ask for the rest of a source's family: what the first had has not been brought by them."""
        for rank, follower in enumerate(self._followers.pop(source.name, ())):
            yield self.source_request(follower, rank=rank)

    async def _look_at_source(
        self, source: DueSource, answer: Answer, response: Response
    ) -> SourceRound:
        is_unmodified = answer.status == NOT_MODIFIED and answer.was_conditional
        if is_unmodified or self._same_bytes(source.validators, answer):
            return self._round(source, answer, Outcome.NOT_MODIFIED)
        if answer.status not in WHOLE:
            failed_ = self._round(source, answer, Outcome.FAILED, reason=refusal(answer))
            return replace(failed_, further=self._further(source, answer.final_url, ()))
        return await self._read_source(source, answer, response)

    async def _read_source(
        self, source: DueSource, answer: Answer, response: Response
    ) -> SourceRound:
        job = SourceJob(
            body=response.body,
            url=response.url,
            content_type=_header(response, "Content-Type"),
            kind=source.kind,
            shapes=source.shapes,
        )
        try:
            reading = await self.equipment.pool.read_source(job)
        except CrawlerError as error:
            reason = getattr(error, "problem", str(error))
            return self._round(source, answer, Outcome.FAILED, reason=reason)
        round_ = self._round(source, answer, Outcome.CONTENT, reading=reading)
        if reading.kind is not SourceKind.FEED:
            return replace(round_, leads=()) if source.is_feed_only else round_
        return await with_looks(source, round_, job, equipment=self.equipment)

    def _round(
        self,
        source: DueSource,
        answer: Answer,
        outcome: Outcome,
        *,
        reason: str = "",
        reading: SourceReading | None = None,
    ) -> SourceRound:
        return SourceRound(
            source=source.name,
            seen_at=answer.seen_at,
            outcome=outcome,
            reason=reason,
            status=answer.status,
            leads=_taken(source, reading),
            warning=reading.warning if reading else "",
            resolved_kind=reading.kind if reading else None,
            further=self._further(source, answer.final_url, reading.further) if reading else (),
            via=source.url if source.home else "",
            validators=answer.validators,
            retry_after=answer.retry_after,
            took_s=answer.took_s,
        )

    def _further(
        self, source: DueSource, url: str, read: tuple[FurtherSource, ...]
    ) -> tuple[FurtherSource, ...]:
        """Give what a source leads to; a home page that cannot be read still has its usual places."""
        if source.is_feed_only:
            found = self._further(replace(source, is_feed_only=False), url, read)
            return tuple(one for one in found if one.kind is SourceKind.FEED)
        if not source.leads_on:
            return tuple(one for one in read if one.found_by is FoundBy.INDEX)
        if source.kind not in {SourceKind.AUTO, SourceKind.SECTION}:
            return read
        rules = self.equipment.known_rules(url, source=source.name)
        return further_sources(url, read=read, robots=rules.sitemaps if rules else ())

    async def source_failed(self, failure: Failure) -> AsyncIterator[SourceRound | Request]:
        """Yield the round of a source that did not answer."""
        source: DueSource = _asked(failure).meta["due"]
        reason = self._reason(failure)
        if reason:
            round_ = SourceRound(
                source=source.name,
                seen_at=self._now(),
                outcome=Outcome.FAILED,
                reason=reason,
                via=source.url if source.home else "",
                is_ours=isinstance(failure.value, OwnFaultError),
            )
            self.rounds.append(round_)
            yield round_
            for request in self._after(source):
                yield request

    # -- pages -----------------------------------------------------------------------------------

    def page_request(self, page: DuePage, *, rank: int = 0) -> Request:
        """Ask for a page; of two with one purpose the lower rank goes first."""
        request = self._request(
            page.url, self.parse_page, self.page_failed, purpose=page.purpose, due=page
        )
        return request.replace(priority=request.priority - min(rank, 90))

    async def parse_page(self, response: Response) -> AsyncIterator[Observation]:
        """Yield the observation of a page that answered."""
        page: DuePage = response.meta["due"]
        yield await self._observe(page, self._answer(response), response)

    async def _observe(self, page: DuePage, answer: Answer, response: Response) -> Observation:
        by_status = judge_status(answer)
        if by_status is not None:
            return by_status
        stays = not answer.steps  # what answers elsewhere may have moved, whatever it says
        if stays and self._same_bytes(page.validators, answer):
            return Observation(
                url=answer.asked_url,
                seen_at=answer.seen_at,
                outcome=Outcome.NOT_MODIFIED,
                reason="the same bytes",
                status=answer.status,
                validators=answer.validators,
                took_s=answer.took_s,
            )
        job = PageJob(
            body=response.body,
            url=response.url,
            content_type=_header(response, "Content-Type"),
            fetched_at=answer.seen_at,
            usual_length=None if page.is_partial else page.usual_length,
            topics=tuple(
                t for t in self.equipment.topics if not page.topics or t.name in page.topics
            ),
            ignore=self.equipment.access.ignored(page.source),
            mark=page.mark if stays else "",
            site=rules_for(self.equipment.site_rules, response.url, answer.seen_at),
        )
        try:
            reading = await self.equipment.pool.read_page(job)
        except CrawlerError as error:
            return failed(page.url, seen_at=answer.seen_at, reason=str(error))
        return judge_reading(answer, reading, is_known=page.usual_length is not None)

    async def page_failed(self, failure: Failure) -> AsyncIterator[Observation]:
        """Yield the observation of a page that did not answer."""
        page: DuePage = _asked(failure).meta["due"]
        reason = self._reason(failure)
        if reason:
            is_ours = isinstance(failure.value, OwnFaultError)
            yield failed(page.url, seen_at=self._now(), reason=reason, is_ours=is_ours)

    # -- both ------------------------------------------------------------------------------------

    def _request(
        self,
        url: str,
        callback: Callable[[Response], Any],
        errback: Callable[[Failure], Any],
        *,
        purpose: Purpose,
        due: DuePage | DueSource,
    ) -> Request:
        name = due.name if isinstance(due, DueSource) else due.source
        self.requests_for[name] += 1
        return Request(
            url,
            callback=callback,
            errback=errback,
            priority=_PRIORITY[purpose],
            dont_filter=True,
            meta={
                "due": due,
                "asked_url": url if isinstance(due, DueSource) else due.url,
                "validators": due.validators,
                "began": time.monotonic(),
                META: self.equipment.access.way_to(url, source=name),
            },
        )

    def _answer(self, response: Response) -> Answer:
        now = self._now()
        meta = response.meta
        wait = _header(response, "Retry-After")
        return Answer(
            asked_url=meta["asked_url"],
            final_url=response.url,
            status=response.status,
            steps=tuple(s for s in meta.get("redirect_reasons", ()) if isinstance(s, int)),
            seen_at=now,
            took_s=float(meta.get("download_latency", 0.0)),
            validators=Validators(
                etag=_header(response, "ETag"),
                last_modified=_header(response, "Last-Modified"),
                body_hash=hashlib.blake2b(response.body, digest_size=16).hexdigest()
                if response.status in WHOLE
                else "",
            ),
            retry_after=retry_after(wait, now=now, sent=_header(response, "Date"))
            if wait and response.status in (429, 503)
            else None,
            was_conditional=response.request is not None
            and any(name in response.request.headers for name in CONDITIONS),
            location=_header(response, "Location"),
        )

    def _same_bytes(self, validators: Validators, answer: Answer) -> bool:
        return bool(validators.body_hash) and validators.body_hash == answer.validators.body_hash

    def _reason(self, failure: Failure) -> str:
        """Say in words why a request failed; "" when it was we who stopped it."""
        error = failure.value
        if isinstance(error, DownloadCancelledError) and self.equipment.network.is_stopping:
            return ""
        if isinstance(error, asyncio.CancelledError):
            return ""
        if isinstance(error, ProxyDownError):
            self.proxies_down.setdefault(_asked(failure).meta[META], error)
        reason = str(error).strip() or type(error).__name__
        self.failures.append(reason[:300])
        return reason[:300]

    def _now(self) -> datetime:
        return self.equipment.clock.now()


def _asked(failure: Failure) -> Request:
    """Give the request that failed; Scrapy hangs it on the failure."""
    return cast("Request", vars(failure)["request"])


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")[:1000]


def _taken(source: DueSource, reading: SourceReading | None) -> tuple[Lead, ...]:
    """Give the leads a source's allow and deny lines take, normalised, each address once."""
    if reading is None:
        return ()
    taken: dict[str, Lead] = {}
    for lead in reading.leads:
        url = normalise_url(lead.url, source.url)
        if url is None or matches(url, allow=source.allow, deny=source.deny):
            continue
        if source.home and not within_publisher(site_of(url), site_of(source.home)):
            continue  # nobody asked for what another publisher says
        taken.setdefault(url, replace(lead, url=url))
    return tuple(taken.values())


def due_page(url: str, *, title: str = "") -> DuePage:
    """Make a due page of an address that was asked for by hand."""
    return DuePage(
        url=url, purpose=Purpose.NEW, validators=Validators(), lead=Lead(url=url, title=title)
    )


def due_source(url: str, kind: SourceKind) -> DueSource:
    """Make a due source of an address that was asked for by hand."""
    return DueSource(name=url, url=url, kind=kind, validators=Validators())
