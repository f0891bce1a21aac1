"""What goes through a proxy: pages, redirects and robots.txt, by name, guarded; its failures are its own."""

import contextlib
import re
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from crawler.access import Accesses, SourceAccess, gather, origin_of
from crawler.clock import Clock
from crawler.engine import Engine
from crawler.equipment import FetchLimits, make_equipment
from crawler.middlewares.guard import literal_address
from crawler.proxy import Proxy, check_proxy, read_proxy
from storage.types import Outcome
from tests.support.crew import PAGE, Crew
from tests.support.inbox import make_certificate
from tests.support.proxies import Proxying, http_proxy, socks_proxy, tls_site
from tests.support.site import Site

NAME = "paper.example"
NAMES = {NAME: "127.0.0.1", "other.example": "127.0.0.1"}
LOGIN = "desk:hunter2"


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate of loopback and our names, which this machine trusts."""
    made = make_certificate(tmp_path, *NAMES)
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    return made


def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(params=["http", "https", "socks5h"])
async def proxy(request: pytest.FixtureRequest, certificate: Path) -> AsyncIterator[Proxying]:
    """A proxy of each kind that asks for a login, and knows names that nobody else knows."""
    facts = {"login": LOGIN, "names": NAMES}
    async with AsyncExitStack() as stack:
        if request.param == "socks5h":
            yield await stack.enter_async_context(socks_proxy(**facts))
        else:
            tls = serving(certificate) if request.param == "https" else None
            yield await stack.enter_async_context(http_proxy(tls=tls, **facts))


def go_by(crew: Crew, url: str) -> Proxy:
    found = read_proxy(url)
    assert found is not None
    crew.engine.equipment.access = Accesses(proxy=found)
    return found


def named(site: Site, path: str, host: str = NAME) -> str:
    return f"http://{host}:{site.site.rpartition(':')[2]}{path}"


# -- what goes through it -------------------------------------------------------------------------


async def test_a_page_its_robots_file_and_a_redirect_are_fetched_by_name(
    crew: Crew, proxy: Proxying
) -> None:
    with Site() as site, Site() as other:
        go_by(crew, proxy.url)
        site.robots("User-agent: *\nDisallow: /private/\n")
        other.publish("/b", PAGE)
        site.redirect("/a", named(other, "/b", "other.example"), status=302)
        seen, _ = await crew.look(named(site, "/a"))
        assert seen.outcome is Outcome.CONTENT, seen.reason
        assert set(proxy.hosts) == {NAME, "other.example"}
        for one, path in ((site, "/a"), (other, "/b")):
            assert len(one.requests_to("/robots.txt")) == 1
            (asked,) = one.requests_to(path)
            assert "proxy-authorization" not in asked.headers
            assert "hunter2" not in str(asked.headers)


async def test_what_robots_forbids_is_not_fetched_by_a_proxy_either(
    crew: Crew, proxy: Proxying
) -> None:
    with Site() as site:
        go_by(crew, proxy.url)
        site.robots("User-agent: *\nDisallow: /private/\n")
        site.publish("/private/a", PAGE)
        seen, _ = await crew.look(named(site, "/private/a"))
        assert "robots.txt asks us not to fetch this" in seen.reason
        assert site.requests_to("/private/a") == ()


async def test_a_page_over_tls_is_fetched_and_its_certificate_checked(
    crew: Crew, proxy: Proxying, certificate: Path
) -> None:
    async with tls_site(PAGE, serving(certificate)) as (port, paths):
        go_by(crew, proxy.url)
        seen, _ = await crew.look(f"https://{NAME}:{port}/a")
        assert seen.outcome is Outcome.CONTENT, seen.reason
        assert paths == ["/robots.txt", "/a"]


async def test_a_page_whose_certificate_does_not_hold_is_a_failure_of_the_page(
    crew: Crew, proxy: Proxying, tmp_path: Path
) -> None:
    (tmp_path / "strange").mkdir()
    strange = make_certificate(tmp_path / "strange", NAME)
    async with tls_site(PAGE, serving(strange)) as (port, paths):
        go_by(crew, proxy.url)
        seen, _ = await crew.look(f"https://{NAME}:{port}/a")
        assert (seen.outcome, seen.is_ours) == (Outcome.FAILED, False)
        assert re.search("CERTIFICATE_VERIFY_FAILED|its certificate may not hold", seen.reason)
        assert paths == []


async def test_the_environment_names_no_proxy(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    async with http_proxy(names=NAMES) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        with Site() as site:
            seen, _ = await crew.look(site.publish("/a", PAGE))
            assert seen.outcome is Outcome.CONTENT
        assert proxy.connections == 0


async def test_a_sources_own_proxy_counts_and_it_may_go_without_one(crew: Crew) -> None:
    async with http_proxy(names=NAMES) as common, socks_proxy(names=NAMES) as own:
        with Site() as site:
            site.publish("/a", PAGE)
            crew.engine.equipment.access = gather(
                [
                    SourceAccess(
                        source="own", origin="http://a.example:80", proxy=read_proxy(own.url)
                    ),
                    SourceAccess(source="straight", origin="http://b.example:80"),
                ],
                proxy=read_proxy(common.url),
            )
            await crew.look(named(site, "/a"), source="own")
            assert (own.hosts, common.hosts) == ([NAME] * len(own.hosts), [])
            await crew.look(site.at("/a"), source="straight")
            assert common.hosts == []
            await crew.look(named(site, "/a", "other.example"))
            assert set(common.hosts) == {"other.example"}
            assert len(site.requests_to("/a")) == 3


def test_an_address_of_no_source_goes_the_way_of_one_at_its_host() -> None:
    own, common = read_proxy("http://own.example:1"), read_proxy("http://common.example:2")
    one = SourceAccess(source="s", origin=origin_of("https://a.example/feed"), proxy=own)
    found = gather([one], proxy=common)
    assert found.way_to("https://a.example/x", source="") == own
    assert found.way_to("https://b.example/x", source="") == common


# -- the guard ------------------------------------------------------------------------------------

PRIVATE = [
    "10.1.2.3",
    "①②⑦.0.0.2",
    "[::1]",
    "169.254.169.254",
    "2130706434",
    "0x7f.2",
    "0177.0.0.2",
    "127.2",
]


@pytest.mark.parametrize("host", PRIVATE)
async def test_a_private_address_is_refused_before_anything_is_sent(
    crew: Crew, proxy: Proxying, host: str
) -> None:
    go_by(crew, proxy.url)
    seen, _ = await crew.look(f"http://{host}/secret")
    assert seen.outcome is Outcome.FAILED
    assert "is not a public address" in seen.reason
    assert (proxy.connections, seen.is_ours) == (0, False)


async def test_a_redirect_to_a_private_address_is_refused(crew: Crew, proxy: Proxying) -> None:
    with Site(host="127.0.0.2") as inner, Site() as site:
        inner.publish("/secret", PAGE)
        go_by(crew, proxy.url)
        site.redirect("/a", inner.at("/secret"), status=302)
        seen, _ = await crew.look(named(site, "/a"))
        assert "127.0.0.2 is not a public address" in seen.reason
        assert set(proxy.hosts) == {NAME}
        assert inner.requests == ()


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("localhost", "127.0.0.1"),
        ("LOCALHOST.", "127.0.0.1"),
        ("a.localhost", "127.0.0.1"),
        ("[fe80::1%25eth0]", "fe80::1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("paper.example", None),
        ("1.2.3.4.example", None),
        ("", None),
    ],
)
def test_a_host_is_an_address_in_every_form_resolvers_take(host: str, address: str | None) -> None:
    found = literal_address(host)
    assert (str(found) if found else None) == address


@pytest.fixture
async def stranger() -> AsyncIterator[Crew]:
    """A crew that may go to public addresses only."""
    equipment = make_equipment(
        clock=Clock(speed=100.0), limits=FetchLimits(timeout_s=2.0), workers=1
    )
    yield Crew(Engine(equipment))
    await equipment.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_proxy_at_a_private_address_must_be_allowed(
    stranger: Crew, proxy: Proxying, host: str
) -> None:
    go_by(stranger, proxy.url.replace("127.0.0.1", host))
    seen, _ = await stranger.look("http://paper.example/a")
    assert "which is not a public address; add" in seen.reason
    assert "to allow_networks to use it" in seen.reason
    assert (proxy.connections, seen.is_ours) == (0, True)


# -- what fails -----------------------------------------------------------------------------------


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("scheme", ["http", "https", "socks5h"])
async def test_a_dead_proxy_is_named_and_tried_once_in_a_visit(crew: Crew, scheme: str) -> None:
    found = go_by(crew, f"{scheme}://{LOGIN}@127.0.0.1:{unused_port()}")
    urls = [f"http://{NAME}/a{n}" for n in range(4)]
    _, result = await crew.look(*urls)
    for url in urls:
        seen = crew.memory.observations[url]
        assert (seen.outcome, seen.is_ours) == (Outcome.FAILED, True)
        assert seen.reason == f"the proxy {found.shown} cannot be reached: connection refused"
    assert result.requests <= crew.engine.equipment.limits.concurrency
    assert "hunter2" not in str(result.errors)
    (round_,) = await crew.read(f"http://{NAME}/feed")
    assert (round_.outcome, round_.is_ours) == (Outcome.FAILED, True)


@pytest.mark.parametrize("scheme", ["http", "https", "socks5h"])
async def test_a_proxy_whose_name_nobody_knows_is_named(crew: Crew, scheme: str) -> None:
    found = go_by(crew, f"{scheme}://proxy.invalid:3128")
    seen, _ = await crew.look(f"https://{NAME}/a")
    assert seen.reason == f"the proxy {found.shown} cannot be reached: its name is not found"
    assert seen.is_ours


@pytest.fixture
def full() -> Iterator[int]:
    """A port that takes no further connection and refuses none."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@pytest.mark.parametrize("scheme", ["http", "https", "socks5h"])
async def test_a_proxy_that_never_answers_is_named(crew: Crew, full: int, scheme: str) -> None:
    found = go_by(crew, f"{scheme}://127.0.0.1:{full}")
    seen, _ = await crew.look(f"http://{NAME}/a")
    assert seen.reason.startswith(f"the proxy {found.shown} cannot be reached: no answer within")
    assert seen.is_ours


@pytest.mark.parametrize("page", ["http", "https"])
@pytest.mark.parametrize("login", ["", "desk:wrong"])
async def test_a_login_that_the_proxy_refuses_is_told_without_it(
    crew: Crew, proxy: Proxying, *, login: str, page: str
) -> None:
    found = go_by(crew, proxy.url.replace(f"{LOGIN}@", f"{login}@" if login else ""))
    seen, _ = await crew.look(f"{page}://{NAME}/a")
    assert seen.reason.startswith(f"the proxy {found.shown} ")
    assert (seen.outcome, seen.is_ours) == (Outcome.FAILED, True)
    assert "wrong" not in seen.reason
    assert proxy.asked == []


@pytest.mark.parametrize("page", ["http", "https"])
@pytest.mark.parametrize("status", [403, 404, 410, 502])
async def test_what_the_proxy_answers_is_no_answer_of_the_page(
    crew: Crew, *, page: str, status: int
) -> None:
    async with http_proxy(refuses=status) as proxy:
        found = go_by(crew, proxy.url)
        seen, _ = await crew.look(f"{page}://{NAME}/a")
        assert (seen.outcome, seen.is_ours, seen.status) == (Outcome.FAILED, False, None)
        assert f"the proxy {found.shown} did not reach it: {status}" in seen.reason


async def test_what_a_socks_proxy_cannot_reach_is_told_with_its_reason(crew: Crew) -> None:
    async with socks_proxy(refuses=4) as proxy:
        found = go_by(crew, proxy.url)
        seen, _ = await crew.look(f"http://{NAME}/a")
        assert f"the proxy {found.shown} did not reach it: Host unreachable" in seen.reason
        assert (seen.outcome, seen.is_ours) == (Outcome.FAILED, False)


async def test_a_proxy_whose_certificate_does_not_hold_is_not_used(
    crew: Crew, tmp_path: Path
) -> None:
    tls = serving(make_certificate(tmp_path))
    async with http_proxy(tls=tls, names=NAMES, login=LOGIN) as proxy:
        found = go_by(crew, proxy.url)
        seen, _ = await crew.look(f"http://{NAME}/a")
        assert f"the proxy {found.shown} cannot be reached: its certificate" in seen.reason
        assert (seen.is_ours, proxy.headers) == (True, [])


# -- addresses ------------------------------------------------------------------------------------


def test_the_address_of_a_proxy_is_shown_without_its_login() -> None:
    found = read_proxy("http://desk:hunter%402@proxy.example.org:3128/")
    assert found is not None
    assert (found.user, found.password) == ("desk", "hunter@2")
    assert found.shown == "http://proxy.example.org:3128"
    assert "hunter" not in repr(found) + repr(Accesses(proxy=found))


@pytest.mark.parametrize("text", ["", "none", " None "])
def test_a_proxy_may_be_none(text: str) -> None:
    assert read_proxy(text) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("socks5://u:hunter2@a.example:1080", "looked up on this machine"),
        ("socks4://a.example:1080", "write socks5h://"),
        ("socks4a://a.example:1080", "write socks5h://"),
        ("ftp://a.example:21", "is no proxy we know"),
        ("a.example:3128", "is not the address of a proxy"),
        ("http://a.example", "names no port"),
        ("http://a.example:0", "is not the address of a proxy"),
        ("http://a.example:99999", "is not the address of a proxy"),
        ("http://:3128", "is not the address of a proxy"),
        ("http://[::1:3128", "is not the address of a proxy"),
        ("http://a.example:3128/path", "more after the port"),
        ("http://u:#hunter2@a.example:3128", "in a password write"),
        ("http://u:/hunter2@a.example:3128", "in a password write"),
        ("http://a b.example:3128", "is not the address of a proxy"),
        ("http://u%3Aw:hunter2@a.example:3128", "colon in the user name"),
        ("socks5h://u@a.example:1080", "SOCKS wants both"),
        (f"socks5h://u:{'hunter2' * 50}@a.example:1080", "cannot be sent"),
    ],
)
def test_what_is_no_proxy_is_refused_without_its_secret(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        check_proxy(text)
    assert "hunter2" not in str(caught.value)
