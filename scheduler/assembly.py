"""From the settings to the values that the crawler and the storage take. Pure."""

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import SecretStr

from crawler.access import Accesses, SourceAccess, gather, origin_of
from crawler.clock import Clock
from crawler.config import SourceConfig, TopicConfig
from crawler.equipment import Equipment, FetchLimits, make_equipment
from crawler.identity import normalise_url
from crawler.proxy import Proxy, read_proxy
from crawler.reading import TopicDefinition, judge_text
from crawler.settings import user_agent
from scheduler.config import Config
from scheduler.polling import next_read_at
from scheduler.recheck import look_rule
from scheduler.timetable import next_fire
from storage.look import JudgeText, LookRules
from storage.rhythm import NextRead, ReadFacts
from storage.types import Outlet, SourceSpec, TopicVerdict
from storage.urls import site_of


def source_specs(config: Config) -> tuple[SourceSpec, ...]:
    """Give the sources as storage keeps them."""
    return tuple(_spec(source) for source in config.sources)


def _spec(source: SourceConfig) -> SourceSpec:
    url = normalise_url(source.url) or source.url
    control = "" if source.control == "unknown" else source.control
    return SourceSpec(
        name=source.name,
        url=url,
        site=site_of(url),
        kind=source.kind,
        every=source.every,
        outlet=Outlet(
            name=source.outlet or source.name,
            language=source.language,
            country=source.country,
            control=control,
        ),
        topics=source.topics,
        allow=source.allow,
        deny=source.deny,
        is_enabled=source.enabled,
        is_feed_only=source.feed_only,
    )


def accesses(config: Config) -> Accesses:
    """Give what the settings add to requests and reading; secrets unwrapped."""
    return gather(source_access(config), proxy=_proxy(config.fetch.proxy))


def source_access(config: Config) -> tuple[SourceAccess, ...]:
    """Give what each source's settings add; secrets unwrapped."""
    return tuple(
        SourceAccess(
            source=source.name,
            origin=origin_of(source.url),
            headers=_headers(source),
            ignore=source.ignore_patterns,
            proxy=_proxy(config.fetch.proxy if source.proxy is None else source.proxy),
        )
        for source in config.sources
    )


def _proxy(found: SecretStr | None) -> Proxy | None:
    return read_proxy(found.get_secret_value()) if found else None


def _headers(source: SourceConfig) -> tuple[tuple[str, str], ...]:
    found = {name: value.get_secret_value() for name, value in source.headers.items()}
    if source.login is not None:
        packed = base64.b64encode(source.login.get_secret_value().encode()).decode("ascii")
        found["Authorization"] = f"Basic {packed}"
    return tuple(found.items())


def topic_definitions(topics: dict[str, TopicConfig]) -> tuple[TopicDefinition, ...]:
    """Give the topics as the workers take them."""
    return tuple(
        TopicDefinition(
            name=name,
            lexicon=topic.lexicon,
            groups=tuple((group, tuple(terms)) for group, terms in topic.groups.items()),
            threshold=topic.threshold,
        )
        for name, topic in topics.items()
    )


def topics_fingerprint(topics: Iterable[TopicDefinition]) -> str:
    """Name a set of topics: another name means that versions must be judged anew."""
    facts = [(t.name, t.lexicon, t.groups, t.threshold) for t in topics]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:16]


def judge_of(topics: Iterable[TopicDefinition]) -> JudgeText:
    """Give what judges a text by the topics of some names, for texts that are changed after reading."""
    known = {topic.name: topic for topic in topics}

    def judge_anew(
        topics: Sequence[str], *, title: str, text: str, language: str
    ) -> tuple[TopicVerdict, ...]:
        named = (known[name] for name in topics if name in known)
        return tuple(judge_text(t, title=title, text=text, language=language) for t in named)

    return judge_anew


def equipment(config: Config, clock: Clock) -> Equipment:
    """Put together what visits share."""
    fetch = config.fetch
    made = make_equipment(
        clock=clock,
        allow_networks=config.allow_networks,
        limits=FetchLimits(
            pace=fetch.pace,
            concurrency=fetch.concurrency,
            timeout_s=fetch.timeout.total_seconds(),
            most_bytes=fetch.max_size_mb * 1024 * 1024,
            most_requests=fetch.budget_requests,
            daily_requests=fetch.daily_requests,
            budget_s=fetch.budget.total_seconds(),
        ),
        topics=topic_definitions(config.topics),
        user_agent=user_agent(config.contact),
        workers=fetch.workers,
    )
    made.access = accesses(config)
    made.site_rules = tuple(rules.of_site for rules in config.site_rules)
    return made


def look_rules(config: Config, *, slept_since: datetime | None = None) -> LookRules:
    """Give what the settings say about looks."""
    return LookRules(
        next_look=look_rule(config.recheck),
        absence_looks=config.absence.looks,
        absence_over=config.absence.over,
        judge=judge_of(topic_definitions(config.topics)),
        counts_off_topic=config.recheck == "all",
        slept_since=slept_since,
    )


def next_reads(config: Config) -> NextRead:
    """Give what the settings say about when each source is read."""
    sources = {source.name: source for source in config.sources}

    def next_read(facts: ReadFacts) -> datetime | None:
        source = sources.get(facts.source)
        if source is None:
            return None
        return next_read_at(
            facts,
            every=source.every,
            cron=source.cron_line,
            window=source.window,
            next_fire=next_fire,
            counts_off_topic=config.recheck == "all",
        )

    return next_read
