"""A home page and nothing else: its articles are found wherever the publisher lists them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from crawler.config import SourceConfig
from storage import sources
from storage.candidates import Try
from storage.database import Database
from storage.origins import origin
from storage.source_status import SourceStatus
from tests.support.site import Entry, Site, article_page, feed, front_page
from tests.support.watch import Watch

PARAGRAPHS = [
    (
        "Delegations of Russia and Ukraine met in Istanbul on Monday for another round of peace talks, "
        "officials on both sides said after the doors had closed."
    ),
    (
        "The negotiators will meet again on Tuesday. Nobody would say whether a ceasefire is near, and "
        "both delegations left the palace by a side door without speaking to reporters."
    ),
]
PATH = "/2026/03/talks-between-russia-and-ukraine-resume"
TITLE = "Talks between Russia and Ukraine resume in Istanbul"
ENTRY = Entry(link=PATH, title=TITLE, published=datetime.now(UTC))
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def site() -> Iterator[Site]:
    """A publisher whose home page lists no article."""
    with Site() as site:
        site.robots("")
        site.publish(PATH, article_page(TITLE, PARAGRAPHS))
        site.publish("/", front_page([]))
        yield site


def urlset(site: Site, *, is_news: bool) -> str:
    date = datetime.now(UTC).isoformat()
    news = f"<news:news><news:publication_date>{date}</news:publication_date><news:title>{TITLE}</news:title></news:news>"
    dated = news if is_news else f"<lastmod>{date}</lastmod>"
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
        f"<url><loc>{site.at(PATH)}</loc>{dated}</url></urlset>"
    )


def publish_xml(site: Site, path: str, body: str) -> None:
    site.publish(path, body, content_type="application/xml")


def feed_in_head(site: Site) -> None:
    head = '<link rel="alternate" type="application/atom+xml" href="/news/atom">'
    site.publish("/", front_page([], head=head))
    site.publish_feed("/news/atom", [ENTRY], form="atom")


def feed_by_link(site: Site) -> None:
    site.publish("/", front_page([]).replace("<main>", '<a href="/export/rss2">RSS</a><main>'))
    site.publish_feed("/export/rss2", [ENTRY])


def feed_at_usual_path(path: str) -> Callable[[Site], None]:
    return lambda site: (site.publish_feed(path, [ENTRY]), None)[1]


def joomla(site: Site) -> None:
    site.publish("/?format=feed&type=rss", feed([ENTRY], base=site.url), content_type="text/xml")


def json_feed(site: Site) -> None:
    site.publish_feed("/feed.json", [ENTRY], form="json")


def news_sitemap_in_robots(site: Site) -> None:
    site.robots(f"User-agent: *\nDisallow: /admin\nSitemap: {site.at('/maps/today.xml')}\n")
    publish_xml(site, "/maps/today.xml", urlset(site, is_news=True))


def sitemap_index(site: Site) -> None:
    site.robots(f"Sitemap: {site.at('/sitemaps.xml')}\n")
    children = "".join(
        f"<sitemap><loc>{site.at(f'/map-{name}.xml')}</loc></sitemap>"
        for name in ("images", "tags", "2019", "2026")
    )
    publish_xml(site, "/sitemaps.xml", f"<sitemapindex>{children}</sitemapindex>")
    publish_xml(site, "/map-2026.xml", urlset(site, is_news=False))
    publish_xml(site, "/map-2019.xml", "<urlset></urlset>")


def usual_sitemap(site: Site) -> None:
    publish_xml(site, "/sitemap.xml", urlset(site, is_news=False))


def section(site: Site) -> None:
    menu = '<nav><a href="/world/">World</a><a href="/about">About</a></nav><main>'
    site.publish("/", front_page([]).replace("<main>", menu))
    site.publish("/world/", front_page([ENTRY]))


def closed_home_page(site: Site) -> None:
    site.publish("/", "<h1>Forbidden</h1>", status=403)
    site.publish_feed("/rss", [ENTRY])


@pytest.mark.parametrize(
    "publish",
    [
        pytest.param(feed_in_head, id="feed-announced-in-the-head"),
        pytest.param(feed_by_link, id="feed-linked-on-the-page"),
        *(
            pytest.param(feed_at_usual_path(path), id=f"feed-at-{path.strip('/')}")
            for path in ("/feed/", "/rss.xml", "/rss", "/atom.xml")
        ),
        pytest.param(json_feed, id="json-feed"),
        pytest.param(news_sitemap_in_robots, id="news-sitemap-named-in-robots"),
        pytest.param(sitemap_index, id="sitemap-of-an-index"),
        pytest.param(usual_sitemap, id="sitemap-at-a-usual-path"),
        pytest.param(section, id="section-page"),
        pytest.param(closed_home_page, id="home-page-that-refuses-us"),
    ],
)
async def test_an_article_is_found_from_the_home_page(
    sqlite_database: Database, site: Site, publish: Callable[[Site], None]
) -> None:
    publish(site)
    watch = Watch(sqlite_database)
    watch.follow(SourceConfig(name="paper", url=site.at("/")))
    await watch.check()
    assert [article.url for article in watch.articles()] == [site.at(PATH)]
    assert watch.articles()[0].source == "paper"


def status(database: Database) -> SourceStatus:
    with database.reading() as tx:
        return sources.status(tx, "paper")


async def test_what_is_not_there_is_asked_for_once_and_fails_nobody(
    sqlite_database: Database, site: Site
) -> None:
    watch = Watch(sqlite_database)
    watch.follow(SourceConfig(name="paper", url=site.at("/")))
    await watch.check()
    found = status(sqlite_database)
    assert (found.failures, found.last_reason) == (0, "")
    assert {one.state for one in found.further} == {Try.FAILED}
    guesses = guessed(site)
    assert len(guesses) == len(set(guesses))
    assert len(guesses) <= 17
    await watch.check()
    assert guessed(site) == guesses


def guessed(site: Site) -> list[str]:
    known = {"/robots.txt", "/"}
    asked = [request.path + request.query for request in site.requests]
    return [path for path in asked if path not in known]


async def test_what_works_is_read_again_and_counted(sqlite_database: Database, site: Site) -> None:
    feed_in_head(site)
    watch = Watch(sqlite_database)
    watch.follow(SourceConfig(name="paper", url=site.at("/")))
    await watch.check()
    later = "/2026/03/grain-ships-leave-the-harbour-again"
    site.publish(later, article_page("Grain ships leave the harbour again", PARAGRAPHS[::-1]))
    site.publish_feed("/news/atom", [ENTRY, Entry(link=later, title="Grain ships")], form="atom")
    await watch.check()
    assert {article.url for article in watch.articles()} == {site.at(PATH), site.at(later)}
    found = status(sqlite_database)
    robots = len(site.requests_to("/robots.txt"))
    assert found.requests == len(site.requests) - robots


async def test_links_that_never_are_articles_are_not_followed_again_and_again(
    sqlite_database: Database, site: Site
) -> None:
    def players(*numbers: int) -> list[Entry]:
        return [
            Entry(link=f"/player/{n}", title=f"Watch the harbour cameras live, part {n}")
            for n in numbers
        ]

    first, second = players(*range(81230, 81242)), players(*range(91230, 91242))
    for entry in (*first, *second):
        site.publish(entry.link, "<html><body><video src='x.mp4'></video></body></html>")
    site.publish("/", front_page([ENTRY, *first]))
    watch = Watch(sqlite_database)
    watch.follow(SourceConfig(name="paper", url=site.at("/")))
    await watch.check()
    site.publish("/", front_page([ENTRY, *first, *second]))
    before = len(site.requests)
    await watch.check()
    asked = [request.path for request in site.requests[before:]]
    assert len([path for path in asked if path in {entry.link for entry in second}]) <= 4
    assert len(watch.articles()) == 1


async def test_why_tells_where_an_address_came_from_and_what_was_tried(
    sqlite_database: Database, site: Site
) -> None:
    site.robots(f"Sitemap: {site.at('/gone.xml')}\n")
    feed_in_head(site)
    watch = Watch(sqlite_database)
    watch.follow(SourceConfig(name="paper", url=site.at("/")))
    await watch.check()
    with sqlite_database.reading() as tx:
        article = origin(tx, site.at(PATH))
        feed_, gone = origin(tx, site.at("/news/atom")), origin(tx, site.at("/gone.xml"))
    assert (article.source, article.via) == ("paper", site.at("/news/atom"))
    assert [(one.source, one.status.state) for one in feed_.further_of] == [("paper", Try.WORKS)]
    assert [one.status.last_reason for one in gone.further_of] == ["answered 404"]


async def test_a_feed_beside_a_section_is_read_only_if_it_names_the_section(
    sqlite_database: Database, site: Site
) -> None:
    head = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="/rss/{name}.xml">'
        for name in ("all", "world")
    )
    site.publish("/world/", front_page([ENTRY], head=head))
    for name in ("all", "world"):
        site.publish_feed(f"/rss/{name}.xml", [ENTRY])
    watch = Watch(sqlite_database)
    watch.follow(SourceConfig(name="paper", url=site.at("/world/")))
    await watch.check()
    assert [one.url for one in status(sqlite_database).further] == [site.at("/rss/world.xml")]
    assert len(watch.articles()) == 1
