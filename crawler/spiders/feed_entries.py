"""Decide which entries of a feed are read in the place of their pages, and make looks of them."""

from dataclasses import replace

from crawler.equipment import Equipment
from crawler.errors import CrawlerError
from crawler.middlewares.robots import rules_key
from crawler.reading import FeedJob, SourceJob
from storage.types import DueSource, Observation, Outcome, SourceRound, Validators
from storage.urls import site_of

CLOSED_BY_ROBOTS = "robots.txt does not allow the page"
CLOSED_BY_SETTINGS = "feed_only is set for its source"


def closed(source: DueSource, url: str, *, equipment: Equipment) -> str | None:
    """Say why a page may not be fetched; "" where it may, None where its robots.txt is not known now."""
    if source.is_feed_only:
        return CLOSED_BY_SETTINGS
    way = equipment.access.way_to(url, source=source.name)
    rules = equipment.robots.get(rules_key(site_of(url), way))
    if rules is None or rules.until <= equipment.clock.now() or rules.parsed is None:
        return None  # one that could not be read forbids for a time only
    return CLOSED_BY_ROBOTS if rules.refusal(url) else ""


async def with_looks(
    source: DueSource, round_: SourceRound, job: SourceJob, *, equipment: Equipment
) -> SourceRound:
    """Give the round of a feed with a look at each entry whose page is not known to be open."""
    leads = tuple(
        replace(lead, closed=closed(source, lead.url, equipment=equipment)) for lead in round_.leads
    )
    reasons = {lead.url: lead.closed for lead in leads if lead.closed != ""}
    if not reasons:
        return replace(round_, leads=leads)
    topics = (t for t in equipment.topics if not source.topics or t.name in source.topics)
    wanted = FeedJob(
        body=job.body,
        url=job.url,
        content_type=job.content_type,
        wanted=frozenset(reasons),
        topics=tuple(topics),
        ignore=equipment.access.ignored(source.name),
    )
    try:
        found = await equipment.pool.read_entries(wanted)
    except CrawlerError as error:
        return replace(round_, leads=leads, warning=round_.warning or str(error))
    looks = tuple(
        Observation(
            url=one.url,
            seen_at=round_.seen_at,
            outcome=Outcome.CONTENT,
            reason=_sentence(reasons[one.url]),
            content=one.content,
            verdicts=one.verdicts,
            validators=Validators(body_hash=one.mark),
        )
        for one in found
    )
    return replace(round_, leads=leads, looks=looks)


def _sentence(reason: str | None) -> str:
    return f"{reason}; headline and summary of the feed are watched" if reason else ""
