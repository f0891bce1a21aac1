"""Proxies in the settings: read, refused with a place, never shown, and used by everything that fetches."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from crawler.clock import Clock
from crawler.config import FetchConfig, SourceConfig
from scheduler import daemon
from scheduler.assembly import accesses
from scheduler.checkup import State, check_here
from scheduler.config import Config, load_config
from scheduler.errors import ConfigError
from scheduler.probing import probe, probing
from storage.database import Database
from storage.types import SourceKind
from tests.support.crew import PAGE
from tests.support.proxies import Proxying, http_proxy, socks_proxy
from tests.support.site import Entry, Site
from tests.support.watch import LOOPBACK, Watch

SOURCE = '[[sources]]\nname = "Post"\nurl = "https://post.example/feed"\n'
NAMES = {"paper.example": "127.0.0.1"}
HIDDEN = "http://desk:hunter2@proxy.example.org:3128"


def read(folder: Path, text: str, **env: str) -> Config:
    path = folder / "parley.toml"
    path.write_text(f'database = "{folder}/p.db"\n{text}\n')
    return load_config(path, {"HOME": str(folder), **env})


def way(found: Config, source: str = "Post") -> str:
    proxy = accesses(found).way_to("https://post.example/x", source=source)
    return proxy.shown if proxy else ""


# -- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "source", "common"),
    [
        ("", "", ""),
        ('[fetch]\nproxy = "https://a.example:1"\n', "https://a.example:1", "https://a.example:1"),
        ('proxy = "socks5h://b.example:2"\n', "socks5h://b.example:2", ""),
        (
            'proxy = "http://b.example:2"\n[fetch]\nproxy = "http://a.example:1"\n',
            "http://b.example:2",
            "http://a.example:1",
        ),
        ('proxy = "none"\n[fetch]\nproxy = "http://a.example:1"\n', "", "http://a.example:1"),
        ('proxy = ""\n[fetch]\nproxy = "http://a.example:1"\n', "", "http://a.example:1"),
    ],
)
def test_a_sources_own_proxy_stands_in_for_the_common_one(
    tmp_path: Path, *, lines: str, source: str, common: str
) -> None:
    found = accesses(read(tmp_path, SOURCE + lines))
    ways = [found.way_to("https://other.example/", source=name) for name in ("Post", "")]
    assert [one.shown if one else "" for one in ways] == [source, common]


def test_a_proxy_is_read_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "p.secret").write_text(f"{HIDDEN}\n")
    (tmp_path / "p.secret").chmod(0o600)
    shown = "http://proxy.example.org:3128"
    assert way(read(tmp_path, SOURCE + 'proxy_env = "P"', P=HIDDEN)) == shown
    assert way(read(tmp_path, SOURCE + 'proxy_file = "p.secret"')) == shown
    assert way(read(tmp_path, SOURCE + '[fetch]\nproxy_file = "p.secret"')) == shown
    assert way(read(tmp_path, SOURCE + '[fetch]\nproxy_env = "P"', P=HIDDEN)) == shown


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('proxy = "socks5://a.example:1"', "sources.1.proxy: socks5:// would have every name"),
        ('proxy = "hunter2"', "sources.1.proxy: is not the address of a proxy; write one such as"),
        ('proxy = "http://10.1.2.3:1"', 'sources.1.proxy: 10.1.2.3 is not a public address; add "'),
        (
            '[fetch]\nproxy = "http://[::1]:1"',
            'fetch.proxy: ::1 is not a public address; add "::1"',
        ),
        ('[fetch]\nproxy = "http://u:hunter2@a.example"', "fetch.proxy: names no port"),
        ('proxy = "none"\nproxy_env = "P"', "sources.1: has proxy and proxy_env; keep one"),
        ('[fetch]\nproxy = "none"\nproxy_file = "p"', "fetch: has proxy and proxy_file; keep one"),
        ('proxy_env = "P"', "sources: Post: the environment variable P is not set"),
        ('[fetch]\nproxy_env = "P"', "fetch: the environment variable P is not set"),
        ('[fetch]\nproxy_file = "no.secret"', "no.secret cannot be read (no such file"),
        ('[fetch]\nproxy_env = "BAD"', "fetch: its proxy is not the address of a proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_ends_the_start_with_its_place(
    tmp_path: Path, *, lines: str, told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, SOURCE + lines, BAD="hunter2 at home")
    assert any(told in problem for problem in caught.value.problems), caught.value.problems
    assert "hunter2" not in str(caught.value)


def test_a_proxy_in_an_allowed_network_is_taken(tmp_path: Path) -> None:
    allow = 'allow_networks = ["10.0.0.0/8", "::1"]\n'
    found = read(tmp_path, allow + SOURCE + 'proxy = "socks5h://10.1.2.3:1080"')
    assert way(found) == "socks5h://10.1.2.3:1080"
    assert way(read(tmp_path, f'{allow}{SOURCE}proxy = "http://[::1]:8"')) == "http://[::1]:8"


def test_a_proxy_is_in_no_representation(tmp_path: Path) -> None:
    found = read(tmp_path, f'{SOURCE}proxy = "{HIDDEN}"\n[fetch]\nproxy = "{HIDDEN}"')
    assert "hunter2" not in repr(found) + str(found) + found.model_dump_json()
    assert "hunter2" not in repr(accesses(found))


def test_a_reload_follows_a_proxy_at_once(tmp_path: Path) -> None:
    old, new = read(tmp_path, SOURCE), read(tmp_path, f'{SOURCE}[fetch]\nproxy = "{HIDDEN}"')
    assert daemon._needs_restart(old, new) == []
    slower = read(tmp_path, f'{SOURCE}[fetch]\nproxy = "{HIDDEN}"\npace = "5s"')
    assert daemon._needs_restart(new, slower) == [
        "fetch takes effect at the next start of `parley run`"
    ]


# -- what fetches ---------------------------------------------------------------------------------


def paper(site: Site) -> SourceConfig:
    """A feed whose host only our proxies know."""
    port = site.site.rpartition(":")[2]
    site.publish("/talks", PAGE)
    link = f"http://paper.example:{port}/talks"
    site.publish_feed("/feed", [Entry(link=link, title="Second round of talks ends in Istanbul")])
    return SourceConfig(
        name="Paper", url=f"http://paper.example:{port}/feed", kind=SourceKind.FEED, every="10m"
    )


def by(proxy: Proxying) -> FetchConfig:
    return FetchConfig(pace="0s", proxy=SecretStr(proxy.url))


async def test_a_feed_and_its_articles_are_read_by_the_proxy_and_its_outage_is_nobodys(
    sqlite_database: Database,
) -> None:
    watch = Watch(sqlite_database)
    with Site() as site:
        source = paper(site)
        async with socks_proxy(names=NAMES, login="desk:hunter2") as proxy:
            watch.follow(source, fetch=by(proxy))
            await watch.check()
            assert [article.title for article in watch.articles()] == [
                "Second round of talks ends in Istanbul"
            ]
            assert set(proxy.hosts) == {"paper.example"}
        await watch.check()
        down = watch.reports[-1]
        assert down.failures[0].startswith("the proxy socks5h://127.0.0.1:")
        assert "hunter2" not in str(watch.reports)
        with sqlite_database.reading() as tx:
            (status,) = daemon.sources.statuses(tx)
        assert status.failures == 0
        assert "cannot be reached: connection refused" in status.last_reason
        found = [
            one for one in check_here(watch.config, now=watch.clock.now()) if one.about == "Paper"
        ]
        assert [(one.state, one.text) for one in found] == [(State.WARN, status.last_reason)]
        async with http_proxy(names=NAMES) as other:
            watch.follow(source, fetch=by(other))
            await watch.check()
            with sqlite_database.reading() as tx:
                (status,) = daemon.sources.statuses(tx)
            assert (status.failures, status.last_reason) == (0, "")


async def test_an_address_that_is_tried_or_added_is_looked_at_by_the_proxy() -> None:
    with Site() as site:
        source = paper(site)
        async with http_proxy(names=NAMES) as common, http_proxy(names=NAMES) as own:
            given = {"allow_networks": LOOPBACK, "timezone": "UTC", "fetch": by(common)}
            config = Config.model_construct(**{**dict(Config(timezone="UTC")), **given})
            async with probing(config, Clock(speed=100.0)) as engine:
                assert (await probe(engine, source.url)).kind is SourceKind.FEED
                page = await engine.fetch(source.url.replace("/feed", "/talks"))
                assert page.status == 200
            assert set(common.hosts) == {"paper.example"}
            mine = source.model_copy(update={"proxy": SecretStr(own.url)})
            config = config.model_copy(update={"sources": (mine,)})
            async with probing(config, Clock(speed=100.0)) as engine:
                await engine.fetch(source.url.replace("/feed", "/talks"))
            assert set(own.hosts) == {"paper.example"}
