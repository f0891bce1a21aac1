"""Visits over real HTTP: what each kind of answer becomes, and how politely it was asked for."""

import asyncio
import gzip
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from crawler.clock import Clock
from crawler.engine import Engine
from crawler.equipment import FetchLimits, make_equipment
from crawler.middlewares.compression import is_whole, unknown_coding
from crawler.observing import retry_after
from scheduler.demo.serving import Answer
from storage.kinds import FoundBy
from storage.types import Due, DueSource, Outcome, SourceKind, Validators
from tests.support.crew import LOOPBACK, PAGE, PARAGRAPHS, Crew
from tests.support.site import Entry, Site, front_page


async def test_a_page_becomes_content_with_its_topic_and_validators(crew: Crew) -> None:
    with Site() as site:
        url = site.publish("/a", PAGE, etag=True)
        seen, _ = await crew.look(url)
        assert seen.outcome is Outcome.CONTENT
        assert seen.content.text == "\n".join(PARAGRAPHS)
        assert seen.verdicts[0].is_on_topic
        again, _ = await crew.look(url, validators=seen.validators)
        assert (again.outcome, again.status) == (Outcome.NOT_MODIFIED, 304)


async def test_the_same_bytes_without_validators_are_not_read_again(crew: Crew) -> None:
    with Site() as site:
        url = site.publish("/a", PAGE)
        seen, _ = await crew.look(url)
        again, _ = await crew.look(url, validators=seen.validators)
        assert (again.outcome, again.reason) == (Outcome.NOT_MODIFIED, "the same bytes")


async def test_the_validators_of_an_address_are_not_sent_to_where_it_redirects(crew: Crew) -> None:
    """RFC 9110, section 8.8: a validator is of the resource that was asked for, and of no other."""
    with Site() as site:
        url = site.publish("/a", PAGE, etag=True)
        seen, _ = await crew.look(url)
        moved = site.publish("/b", PAGE, etag=True)
        site.redirect("/a", "/b")
        again, _ = await crew.look(url, validators=seen.validators)
        assert (again.outcome, again.final_url) == (Outcome.CONTENT, moved)


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (404, Outcome.GONE, "answered 404"),
        (410, Outcome.GONE, "answered 410"),
        (403, Outcome.BLOCKED, "access denied (403)"),
        (451, Outcome.BLOCKED, "withheld for legal reasons (451)"),
        (304, Outcome.FAILED, "answered 304 to a request without conditions"),
        (206, Outcome.FAILED, "answered 206, a part of a page that nobody asked for"),
        (500, Outcome.FAILED, "answered 500"),
        (503, Outcome.FAILED, "answered 503"),
    ],
)
async def test_a_status_says_what_it_says(
    crew: Crew, *, status: int, outcome: Outcome, reason: str
) -> None:
    with Site() as site:
        seen, _ = await crew.look(site.publish("/a", "<h1>No</h1>", status=status))
        assert (seen.outcome, seen.reason) == (outcome, reason)


async def test_retry_after_is_passed_on(crew: Crew) -> None:
    with Site() as site:
        url = site.publish("/a", "", status=429, headers={"Retry-After": "120"})
        seen, _ = await crew.look(url)
        assert seen.retry_after.total_seconds() == 120


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("30", 30), ("-1", None), ("soon", None), ("999999999999", 86400), ("0", 0), ("", None)],
)
def test_retry_after_is_seconds_within_a_day(value: str, seconds: int | None) -> None:
    found = retry_after(value, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert (found.total_seconds() if found is not None else None) == seconds


def test_retry_after_may_be_a_date_and_is_never_negative() -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    later = format_datetime(datetime(2026, 1, 1, 12, 5, tzinfo=UTC), usegmt=True)
    earlier = format_datetime(datetime(2025, 1, 1, tzinfo=UTC), usegmt=True)
    assert retry_after(later, now=now).total_seconds() == 300
    assert retry_after(earlier, now=now).total_seconds() == 0


async def test_a_permanent_redirect_names_the_new_address(crew: Crew) -> None:
    with Site() as site:
        site.publish("/a", PAGE)
        new = site.move("/a", "/archive/a")
        seen, _ = await crew.look(site.at("/a"))
        assert (seen.outcome, seen.final_url, seen.permanent) == (Outcome.CONTENT, new, True)


async def test_a_redirect_to_the_front_page_is_gone(crew: Crew) -> None:
    with Site() as site:
        site.publish("/", front_page([Entry(link="/b", title="One more headline of the day here")]))
        site.redirect("/a", "/", status=302)
        seen, _ = await crew.look(site.at("/a"))
        assert (seen.outcome, seen.reason) == (Outcome.GONE, "redirect to the front page")


async def test_another_publisher_behind_a_known_address_is_a_wall(crew: Crew) -> None:
    with Site() as site, Site() as other:
        other.publish("/parked", PAGE)
        site.redirect("/a", other.at("/parked"))
        seen, _ = await crew.look(site.at("/a"), usual_length=400)
        assert seen.outcome is Outcome.BLOCKED
        assert "another publisher" in seen.reason


async def test_a_body_that_ends_early_is_a_failure_and_no_shorter_page(crew: Crew) -> None:
    whole = gzip.compress(PAGE.encode())
    encoded = (("Content-Encoding", "gzip"),)
    with Site() as site:
        cut = Answer(status=200, body=whole[:-40], content_type="text/html", headers=encoded)
        seen, _ = await crew.look(site.publish_answer("/a", cut))
        assert seen.outcome is Outcome.FAILED
        assert "ends early" in seen.reason
        good = Answer(status=200, body=whole, content_type="text/html", headers=encoded)
        seen, _ = await crew.look(site.publish_answer("/b", good))
        assert seen.outcome is Outcome.CONTENT


async def test_a_bomb_and_a_huge_page_are_stopped(crew: Crew) -> None:
    bomb = gzip.compress(bytes(40 * 1024 * 1024))
    with Site() as site:
        packed = Answer(status=200, body=bomb, headers=(("Content-Encoding", "gzip"),))
        site.publish_answer("/bomb", packed)
        site.publish("/huge", b"<p>" + bytes(3 * 1024 * 1024))
        for path in ("/bomb", "/huge"):
            seen, _ = await crew.look(site.at(path))
            assert seen.outcome is Outcome.FAILED


async def test_a_stalled_answer_ends_at_the_timeout_and_the_others_are_read(crew: Crew) -> None:
    with Site() as site:
        site.publish_answer("/slow", Answer(status=200, body=PAGE.encode(), delay_s=6.0))
        site.publish("/a", PAGE)
        await crew.look(site.at("/slow"), site.at("/a"))
        assert crew.memory.observations[site.at("/a")].outcome is Outcome.CONTENT
        assert "longer than" in crew.memory.observations[site.at("/slow")].reason


async def test_robots_are_obeyed_and_read_once(crew: Crew) -> None:
    with Site() as site:
        site.robots("User-agent: *\nDisallow: /private/\n")
        site.publish("/private/a", PAGE)
        site.publish("/a", PAGE)
        await crew.look(site.at("/private/a"), site.at("/a"))
        assert site.requests_to("/private/a") == ()
        assert "robots.txt" in crew.memory.observations[site.at("/private/a")].reason
        assert crew.memory.observations[site.at("/a")].outcome is Outcome.CONTENT
        await crew.look(site.at("/a"))
        assert len(site.requests_to("/robots.txt")) == 1


@pytest.mark.parametrize(
    ("status", "allowed"), [(404, True), (403, True), (500, False), (503, False)]
)
async def test_the_status_of_robots_counts(crew: Crew, status: int, allowed: bool) -> None:
    with Site() as site:
        site.robots("User-agent: *\nDisallow: /\n", status=status)
        seen, _ = await crew.look(site.publish("/a", PAGE))
        assert (seen.outcome is Outcome.CONTENT) == allowed


async def test_an_address_that_is_not_allowed_is_never_connected_to(crew: Crew) -> None:
    with Site(host="127.0.0.2") as inner, Site() as site:
        inner.publish("/secret", PAGE)
        site.redirect("/a", inner.at("/secret"), status=302)
        for url in (site.at("/a"), inner.at("/secret")):
            seen, _ = await crew.look(url)
            assert seen.outcome is Outcome.FAILED
            assert "127.0.0.2 is not a public address" in seen.reason
        assert inner.requests == ()


async def test_who_we_are_is_said(crew: Crew) -> None:
    with Site() as site:
        await crew.look(site.publish("/a", PAGE))
        assert site.requests_to("/a")[0].headers["user-agent"].startswith("Parleywatch/")


async def test_a_home_page_gives_its_headlines_and_what_it_leads_to(crew: Crew) -> None:
    head = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    entries = [
        Entry(
            link=f"/2026/06/0{n}/harvest-begins-early",
            title=f"Harvest begins early in region {n}",
        )
        for n in range(3, 8)
    ]
    with Site() as site:
        site.robots(
            f"User-agent: *\nSitemap: {site.at('/news.xml')}\nSitemap: https://b.example/\n"
        )
        menu = '<nav><a href="/politics/">Politics</a> <a href="/rss">RSS</a></nav>'
        site.publish("/", front_page(entries, head=head).replace("<main>", menu + "<main>"))
        (round_,) = await crew.read(site.at("/"), leads_on=True)
        assert site.at(entries[0].link) in [lead.url for lead in round_.leads]
        by_how = {
            how: [one.url for one in round_.further if one.found_by is how] for how in FoundBy
        }
        assert by_how[FoundBy.HEAD] == [site.at("/feed.xml")]
        assert by_how[FoundBy.ANCHOR] == [site.at("/rss")]
        assert by_how[FoundBy.ROBOTS] == [site.at("/news.xml")]
        assert by_how[FoundBy.SECTION] == [site.at("/politics/")]
        assert site.at("/?format=feed&type=rss") in by_how[FoundBy.USUAL]
        assert len({one.url for one in round_.further}) == len(round_.further)


async def test_a_home_page_that_cannot_be_read_still_has_its_usual_places(crew: Crew) -> None:
    with Site() as site:
        site.robots(f"Sitemap: {site.at('/news.xml')}\n")
        site.publish("/", "<h1>No</h1>", status=403)
        (round_,) = await crew.read(site.at("/"), leads_on=True)
        assert round_.reason == "answered 403"
        assert site.at("/rss.xml") in [one.url for one in round_.further]
        assert site.at("/news.xml") in [one.url for one in round_.further]


async def test_what_a_source_leads_to_is_read_after_its_feed_whatever_it_says(crew: Crew) -> None:
    with Site() as site:
        slow = Answer(body=b"<rss><channel></channel></rss>", content_type="text/xml", delay_s=0.3)
        for path, answer in (("/slow", slow), ("/broken", replace(slow, cut_after=9))):
            feed_ = DueSource(
                name="s",
                url=site.publish_answer(path, answer),
                kind=SourceKind.FEED,
                validators=Validators(),
                home=site.at("/"),
            )
            home = replace(
                feed_, url=site.publish("/", front_page([])), kind=SourceKind.SECTION, home=""
            )
            await crew.engine.crawl(Due(site="test", sources=(feed_, home)), sink=crew.memory)
        assert [round_.via for round_ in crew.memory.rounds] == [
            site.at("/slow"),
            "",
            site.at("/broken"),
            "",
        ]


async def test_a_section_that_reads_like_an_article_offers_itself(crew: Crew) -> None:
    with Site() as site:
        address = site.publish(
            "/world/talks", PAGE.replace("</article>", '</article><a href="?m=2">Next month</a>')
        )
        (round_,) = await crew.read(address, SourceKind.SECTION)
        assert [lead.url for lead in round_.leads] == [address]
        assert "reads like one article" in round_.warning


async def test_a_section_that_was_named_as_one_leads_to_nothing_else(crew: Crew) -> None:
    head = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    with Site() as site:
        site.publish("/", front_page([Entry(link="/a-b-c-d-e", title="A b c d e")], head=head))
        (round_,) = await crew.read(site.at("/"), SourceKind.SECTION)
        assert round_.further == ()


async def test_what_a_further_source_says_of_other_publishers_is_left_out(crew: Crew) -> None:
    with Site() as site:
        entries = [Entry(link="/a", title="A"), Entry(link="https://b.example/b", title="B")]
        address = site.publish_feed("/feed.xml", entries)
        (round_,) = await crew.read(address, SourceKind.FEED, home=site.at("/"))
        assert [lead.url for lead in round_.leads] == [site.at("/a")]
        assert round_.via == address


async def test_what_is_no_feed_fails_with_a_sentence(crew: Crew) -> None:
    with Site() as site:
        (round_,) = await crew.read(site.publish("/feed", PAGE), SourceKind.FEED)
        assert round_.outcome is Outcome.FAILED
        assert "feed" in round_.reason


async def test_allow_and_deny_choose_the_leads(crew: Crew) -> None:
    entries = [
        Entry(link=f"/{p}/story-{n}", title=f"Story {n}")
        for n, p in enumerate(("world", "sport", "world"))
    ]
    with Site() as site:
        (round_,) = await crew.read(
            site.publish_feed("/feed", entries), SourceKind.FEED, allow=("/world/*",), deny=("*-2",)
        )
        assert [lead.url for lead in round_.leads] == [site.at("/world/story-0")]


async def test_a_budget_leaves_the_rest_for_the_next_visit() -> None:
    limits = FetchLimits(most_requests=3)
    equipment = make_equipment(
        clock=Clock(speed=100.0), allow_networks=LOOPBACK, limits=limits, workers=1
    )
    with Site() as site:
        urls = [site.publish(f"/a{n}", PAGE) for n in range(6)]
        crew = Crew(Engine(equipment))
        await crew.look(*urls)
        assert list(crew.memory.observations) == urls[:3]
    await equipment.close()


async def test_requests_to_one_site_keep_their_pace() -> None:
    equipment = make_equipment(
        clock=Clock(speed=5.0), allow_networks=LOOPBACK, limits=FetchLimits(), workers=1
    )
    with Site() as site:
        urls = [site.publish(f"/a{n}", PAGE) for n in range(5)]
        await Crew(Engine(equipment)).look(*urls)
        times = sorted(r.at_s for r in site.requests if r.path != "/robots.txt")
        gaps = [b - a for a, b in pairwise(times)]
        assert min(gaps) > 0.07  # half of a fifth of a second: Scrapy varies the pause by half
    await equipment.close()


async def test_of_an_endless_robots_file_the_beginning_counts(crew: Crew) -> None:
    with Site() as site:
        rules = "User-agent: *\nDisallow: /private/\n" + "# and so on\n" * 1_500_000
        site.robots(rules)
        forbidden = site.publish("/private/a", PAGE)
        seen, _ = await crew.look(site.publish("/a", PAGE))
        assert seen.outcome is Outcome.CONTENT
        seen, _ = await crew.look(forbidden)
        assert "robots.txt asks us not to fetch this" in seen.reason


@pytest.mark.parametrize("to", ["file:///etc/passwd", "gopher://127.0.0.1/", "data:text/html,x"])
async def test_a_redirect_out_of_the_web_is_named_and_not_followed(crew: Crew, to: str) -> None:
    with Site() as site:
        site.redirect("/a", to, status=302)
        seen, _ = await crew.look(site.at("/a"))
        assert seen.outcome is Outcome.FAILED
        scheme = to.partition(":")[0]
        assert seen.reason == f"answered 302, a redirect to {scheme}:, which is not allowed"


def test_a_date_to_come_back_is_read_by_the_publishers_own_clock() -> None:
    sent = datetime(2026, 6, 2, 12, tzinfo=UTC)
    back = format_datetime(sent + timedelta(minutes=30), usegmt=True)
    ahead = sent + timedelta(hours=5)
    wait = retry_after(back, now=ahead, sent=format_datetime(sent, usegmt=True))
    assert wait == timedelta(minutes=30)


async def test_a_coding_nobody_knows_is_named_and_the_page_counts_as_not_read(crew: Crew) -> None:
    with Site() as site:
        answer = Answer(body=PAGE.encode(), headers=(("Content-Encoding", "x-rot13-zip"),))
        seen, _ = await crew.look(site.publish_answer("/a", answer))
        assert seen.outcome is Outcome.FAILED
        assert "content encoding 'x-rot13-zip' is not known" in seen.reason


@pytest.mark.parametrize(
    ("encoding", "unknown"),
    [
        ("gzip", ""),
        ("", ""),
        ("GZIP, br", ""),
        ("identity", ""),
        ("gzip, compress", "compress"),
    ],
)
def test_codings_are_known_or_named(encoding: str, unknown: str) -> None:
    assert unknown_coding(encoding) == unknown


async def test_a_very_long_header_does_not_lose_the_page(crew: Crew) -> None:
    with Site() as site:
        kind = f"text/html; charset={'x' * 10_000}"
        answer = Answer(body=PAGE.encode(), content_type=kind)
        seen, _ = await crew.look(site.publish_answer("/a", answer))
        assert seen.outcome is Outcome.CONTENT


def test_zlib_is_not_gzip() -> None:
    assert is_whole("deflate", zlib.compress(b"x" * 1000), cap=10_000)
    assert not is_whole("gzip", gzip.compress(b"x" * 1000)[:-3], cap=10_000)
    with pytest.raises(zlib.error):
        is_whole("gzip", b"not gzip at all", cap=10_000)


async def test_a_visit_that_has_nothing_to_fetch_ends_at_once(crew: Crew) -> None:
    async with asyncio.timeout(3):
        (round_,) = await crew.read("http://127.0.0.1:9/a", SourceKind.PAGE)
    assert [lead.url for lead in round_.leads] == ["http://127.0.0.1:9/a"]
