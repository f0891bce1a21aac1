"""Pages that robots.txt closes, in a feed that it leaves open: headline and summary are watched, nothing is fetched."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.config import SourceConfig
from crawler.engine import Engine
from crawler.equipment import Equipment
from scheduler import assembly
from scheduler.cli.reasons import print_reasons, reasons
from storage import history, sources
from storage.database import Database, Writer
from storage.history import PageRow
from storage.source_status import SourceStatus
from storage.types import Baseline, Change, ChangeKind
from storage.urls import site_of
from tests.support.site import Entry, Site, article_page
from tests.support.watch import Watch

OPENED = "User-agent: *\nDisallow: /admin/\n"
CLOSED = "User-agent: *\nDisallow: /news/\n"
FEED = "/feed"
TITLE = "Talks between Russia and Ukraine resume in Istanbul"
SUMMARY = (
    "Delegations of Russia and Ukraine met in Istanbul on Monday for peace talks. Officials said that "
    "52 drones had been shot down during the night."
)
TALKS = Entry(link="/news/talks", title=TITLE, summary=f"<p>{SUMMARY}</p>")
STOCK = [
    TALKS,
    *(
        Entry(
            link=f"/news/story-{n}",
            title=f"Council of town {n} votes on the new bridge",
            summary=f"<p>The bridge over river {n} will cost 4{n} million. The vote was close.</p>",
        )
        for n in range(1, 6)
    ),
]
NEWS = Entry(link="/news/extra", title="Ceasefire is near, mediators say", summary="A text.")
RENAMED = "Talks between Russia and Ukraine break down in Istanbul"
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def site() -> Iterator[Site]:
    """A publisher whose articles' pages are closed, and whose feed is open."""
    with Site() as site:
        site.robots(CLOSED)
        site.publish_feed(FEED, STOCK, etag=True)
        site.publish("/news/talks", article_page(TITLE, [SUMMARY, "The meeting was short."]))
        yield site


@pytest.fixture
async def watch(sqlite_database: Database, site: Site) -> Watch:
    """Somebody who has read the feed's stock."""
    watch = Watch(sqlite_database)
    watch.follow(SourceConfig(name="paper", url=site.at(FEED)))
    await watch.check()
    await watch.tell()
    return watch


def pages_asked_for(site: Site) -> list[str]:
    return [one.path for one in site.requests if one.path not in {FEED, "/robots.txt"}]


def edited(site: Site, old: str, new: str) -> None:
    site.edit(FEED, old, new)


def status(watch: Watch) -> SourceStatus:
    with watch.database.reading() as tx:
        return sources.status(tx, "paper")


def page_of(watch: Watch, url: str) -> PageRow:
    with watch.database.reading() as tx:
        page = history.page(tx, url)
    assert page is not None
    return page


def told(changes: list[Change]) -> list[tuple[tuple[ChangeKind, ...], str]]:
    return [(change.kinds, change.note) for change in changes]


async def test_the_stock_is_kept_silently_and_no_page_is_fetched(site: Site, watch: Watch) -> None:
    articles = {article.url: article for article in watch.articles()}
    assert len(articles) == len(STOCK)
    assert {change.baseline for change in watch.changes()} == {Baseline.FIRST_ROUND}
    talks = articles[site.at("/news/talks")]
    version = watch.newest(talks)
    assert (talks.title, version.text, version.is_feed_only) == (TITLE, SUMMARY, True)
    assert talks.topics == ("talks",)
    assert pages_asked_for(site) == []
    assert len(site.requests_to("/robots.txt")) == 1


async def test_it_is_said_why_and_counted_as_no_trouble(site: Site, watch: Watch) -> None:
    page = page_of(watch, site.at("/news/talks"))
    assert page.fed_by == site.at(FEED)
    assert page.last_reason == (
        "robots.txt does not allow the page; headline and summary of the feed are watched"
    )
    assert (page.failures, page.next_check_at) == (0, None)
    found = status(watch)
    assert (found.feed_only, found.failures, found.blocked) == (len(STOCK), 0, ())


async def test_why_tells_it(site: Site, watch: Watch, capsys: pytest.CaptureFixture[str]) -> None:
    with watch.database.reading() as tx:
        found = reasons(tx, watch.config, site.at("/news/talks"))
    print_reasons(found, zone="UTC")
    told = " ".join(capsys.readouterr().out.split())
    assert (
        "robots.txt does not allow the page; headline and summary of the feed are watched" in told
    )
    assert f"feed only: looked at whenever {site.at(FEED)} is read and names it" in told


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        pytest.param(TITLE, RENAMED, ChangeKind.HEADLINE, id="headline"),
        pytest.param("52 drones", "49 drones", ChangeKind.NUMBER, id="number-in-the-summary"),
    ],
)
async def test_an_edit_in_the_feed_is_told_once(  # noqa: PLR0917 - a table's columns
    site: Site, watch: Watch, old: str, new: str, kind: ChangeKind
) -> None:
    edited(site, old, new)
    changes = await watch.check()
    assert [change.kinds[0] for change in changes] == [kind]
    assert [change.note for change in changes] == [
        "only headline and summary of the feed are known"
    ]
    assert await watch.check() == []
    assert pages_asked_for(site) == []


async def test_a_new_entry_is_a_new_article(site: Site, watch: Watch) -> None:
    site.publish_feed(FEED, [NEWS, *STOCK], etag=True)
    changes = await watch.check()
    assert told(changes) == [
        ((ChangeKind.NEW,), "only headline and summary of the feed are known"),
    ]
    assert changes[0].baseline is None
    assert pages_asked_for(site) == []


async def read_once(watch: Watch) -> None:
    """Read the feed, without a second look in time."""
    equipment = assembly.equipment(watch.config, watch.clock)
    try:
        await visit(watch, equipment, site_of(watch.config.sources[0].url))
    finally:
        await equipment.close()


async def visit(watch: Watch, equipment: Equipment, *sites: str) -> None:
    """Read the feed and visit these sites, one after the other."""
    now = watch.clock.now()
    async with Writer(watch.database) as writer:
        await writer.do(
            lambda tx: sources.make_due(tx, ["paper"], now=now, recent=timedelta(days=1))
        )
        for name in sites:
            await Engine(equipment).visit(
                name,
                writer=writer,
                rules=replace(assembly.look_rules(watch.config), confirm_after=timedelta(0)),
                next_read=assembly.next_reads(watch.config),
            )


async def test_a_feed_on_another_host_stands_in_as_soon_as_that_host_has_said_no(
    sqlite_database: Database, site: Site
) -> None:
    with Site() as feeds:
        feeds.publish_feed(FEED, [replace(one, link=site.at(one.link)) for one in STOCK])
        watch = Watch(sqlite_database)
        watch.follow(SourceConfig(name="paper", url=feeds.at(FEED)))
        async with Writer(sqlite_database) as writer:
            await writer.do(
                lambda tx: sources.sync(
                    tx, assembly.source_specs(watch.config), now=watch.clock.now()
                )
            )
        equipment = assembly.equipment(watch.config, watch.clock)
        try:
            await visit(watch, equipment, feeds.site, site.site)
            assert watch.articles() == []
            feeds.edit(FEED, "<title>A paper</title>", "<title>The paper</title>")
            await visit(watch, equipment, feeds.site, site.site)
        finally:
            await equipment.close()
        assert len(watch.articles()) == len(STOCK)
        assert {change.baseline for change in watch.changes()} == {Baseline.FIRST_ROUND}
        assert pages_asked_for(site) == []


async def test_an_edit_that_is_taken_back_before_the_second_look_is_not_told(
    site: Site, watch: Watch
) -> None:
    edited(site, TITLE, RENAMED)
    await read_once(watch)
    edited(site, RENAMED, TITLE)
    assert await watch.check() == []


async def test_an_entry_that_leaves_the_feed_is_not_gone(site: Site, watch: Watch) -> None:
    site.publish_feed(FEED, STOCK[3:], etag=True)
    assert await watch.check() == []
    assert await watch.check() == []
    assert {article.state.value for article in watch.articles()} == {"live"}


async def test_an_unchanged_feed_tells_that_the_old_text_stood_there(
    site: Site, watch: Watch
) -> None:
    await watch.check()
    assert site.requests_to(FEED)[-1].status == 304
    before = watch.clock.now()
    await watch.check()
    edited(site, "52 drones", "49 drones")
    (change,) = await watch.check()
    assert change.stood_at is not None
    assert change.stood_at >= before


async def test_a_summary_that_is_cut_elsewhere_each_time_is_no_edit(
    site: Site, watch: Watch
) -> None:
    for length in (60, 110, 70, 95):
        short = Entry(link=TALKS.link, title=TITLE, summary=f"{SUMMARY[:length]}…")
        site.publish_feed(FEED, [short, *STOCK[1:]], etag=True)
        await read_once(watch)
    assert [change.kinds for change in watch.changes() if change.baseline is None] == []


async def test_a_page_that_is_opened_later_is_taken_up_silently(site: Site, watch: Watch) -> None:
    site.robots(OPENED)
    site.publish_feed(FEED, [*STOCK, NEWS], etag=True)
    site.publish(NEWS.link, article_page(NEWS.title, [SUMMARY]))
    assert [change.kinds for change in await watch.check()] == [(ChangeKind.NEW,)]
    assert await watch.check() == []
    talks = next(one for one in watch.articles() if one.url == site.at("/news/talks"))
    version = watch.newest(talks)
    assert not version.is_feed_only
    assert version.text.endswith("The meeting was short.")
    site.edit("/news/talks", "52 drones", "49 drones")
    (change,) = await watch.check()
    assert (change.kinds[0], change.note) == (ChangeKind.NUMBER, "")


async def test_a_source_that_is_feed_only_fetches_no_page(
    sqlite_database: Database, site: Site
) -> None:
    site.robots(OPENED)
    watch = Watch(sqlite_database)
    watch.follow(SourceConfig(name="paper", url=site.at(FEED), feed_only=True))
    await watch.check()
    edited(site, TITLE, RENAMED)
    (change,) = await watch.check()
    assert change.kinds[0] is ChangeKind.HEADLINE
    assert pages_asked_for(site) == []
    page = page_of(watch, site.at("/news/talks"))
    assert page.last_reason.startswith("feed_only is set for its source; ")


async def test_pages_of_a_source_that_becomes_feed_only_are_left_alone(
    sqlite_database: Database, site: Site
) -> None:
    site.robots(OPENED)
    watch = Watch(sqlite_database)
    watch.follow(SourceConfig(name="paper", url=site.at(FEED)))
    await watch.check()
    assert "/news/talks" in pages_asked_for(site)
    site.forget_requests()
    watch.follow(SourceConfig(name="paper", url=site.at(FEED), feed_only=True))
    assert [change for change in await watch.check() if change.baseline is None] == []
    assert pages_asked_for(site) == []
    edited(site, "52 drones", "49 drones")
    assert [change.kinds[0] for change in await watch.check()] == [ChangeKind.NUMBER]
    assert pages_asked_for(site) == []


async def test_a_home_page_whose_source_is_feed_only_leads_to_its_feed_and_no_further(
    sqlite_database: Database, site: Site
) -> None:
    head = f'<link rel="alternate" type="application/rss+xml" href="{FEED}">'
    site.publish("/", article_page("A paper", ["A text."]).replace("</head>", f"{head}</head>"))
    watch = Watch(sqlite_database)
    watch.follow(SourceConfig(name="paper", url=site.at("/"), feed_only=True))
    await watch.check()
    assert len(watch.articles()) == len(STOCK)
    assert set(pages_asked_for(site)) == {"/"}
