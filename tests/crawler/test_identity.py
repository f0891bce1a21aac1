"""Which spellings are one address, and which claimed address is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.identity import (
    is_front_page,
    normalise_url,
    same_publisher,
    trust_canonical,
    within_publisher,
)
from storage.urls import site_of

A = "https://example.org/a"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        pytest.param("HTTPS://Example.ORG/A", "https://example.org/A", id="case"),
        pytest.param("https://example.org", "https://example.org/", id="empty-path"),
        pytest.param("https://example.org:443/a", A, id="default-port"),
        pytest.param("http://example.org:8080/a", "http://example.org:8080/a", id="other-port"),
        pytest.param("https://example.org./a", A, id="final-dot"),
        pytest.param("https://example.org/b/../a", A, id="dots"),
        pytest.param("https://example.org/../../a", A, id="dots-above-root"),
        pytest.param("https://example.org/b/%2E%2E/a", A, id="escaped-dots"),
        pytest.param("https://example.org/a/", A + "/", id="final-slash-stays"),
        pytest.param("https://example.org/a#comments", A, id="fragment"),
        pytest.param("  https://example.org/\n a ", "https://example.org/%20a", id="spaces"),
        pytest.param(
            "https://example.org/%7ea%c3%a9", "https://example.org/~a%C3%A9", id="escapes"
        ),
        pytest.param("https://example.org/é", "https://example.org/%C3%A9", id="not-ascii"),
        pytest.param("https://example.org/100%", "https://example.org/100%25", id="bare-percent"),
        pytest.param("https://пример.укр/a", "https://xn--e1afmkfd.xn--j1amh/a", id="idna"),
        pytest.param("https://example.org/a?utm_source=rss&utm_medium=feed", A, id="utm"),
        pytest.param(
            "https://example.org/a?fbclid=1&b=2&at_medium=x&a=1", A + "?b=2&a=1", id="order"
        ),
        pytest.param("https://example.org/a?utm%5Fsource=rss", A, id="escaped-utm"),
        pytest.param("https://example.org/a?ref=rss", A, id="way-in"),
        pytest.param("https://example.org/a?ref=main", A + "?ref=main", id="ref-that-chooses"),
        pytest.param("https://example.org/a?id=7&&", A + "?id=7", id="empty-pieces"),
        pytest.param("https://example.org/a;jsessionid=8AF3?b=1", A + "?b=1", id="session-in-path"),
        pytest.param("https://example.org/a?sid=12345", A + "?sid=12345", id="sid-is-an-article"),
        pytest.param("https://example.org/a?sid=9f8e7d6c5b4a39281706", A, id="sid-is-a-session"),
        pytest.param("https://example.org/b\\a", "https://example.org/b/a", id="backslash-in-path"),
        pytest.param("http://[2001:DB8::0:1]/a", "http://[2001:db8::1]/a", id="ipv6"),
    ],
)
def test_an_address_has_one_spelling(url: str, wanted: str) -> None:
    assert normalise_url(url) == wanted


@pytest.mark.parametrize(
    "url",
    [
        "", "   ", "mailto:a@example.org", "javascript:alert(1)", "data:text/html,x", "ftp://example.org/",
        "file:///etc/passwd", "https://user:secret@example.org/", "https://user@example.org/",
        "http://127.0.0.1:8888\\@example.com/", "http:\\\\example.org/", "\\\\example.org/a",
        "https://exa mple.org/", "https://example.org:99999/", "https://example.org:0/", "https:///a",
        "https://[::1", "http://[fe80::1%25eth0]/", "https://.example.org/", "https://a..b/", "https://%65xample.org/",
        "https://example.org/" + "a" * 2000, "https://" + "a." * 4000 + "org/", "/a",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    assert normalise_url(url) is None


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        ("../b", "https://example.org/b"),
        ("//other.org/b", "https://other.org/b"),
        ("?p=2", "https://example.org/a/?p=2"),
        (" \n /b \n", "https://example.org/b"),
    ],
)
def test_a_link_is_resolved_against_its_page(link: str, wanted: str) -> None:
    assert normalise_url(link, base="https://example.org/a/") == wanted


urls = st.one_of(
    st.text(max_size=80),
    st.builds("http{}://{}{}{}".format, st.sampled_from(["", "s"]), st.text(max_size=20), st.sampled_from(["/", "?", "#", ":80/", "\\"]), st.text(max_size=60)),
    st.builds("https://example.org/{}".format, st.text(alphabet="ab./%2eE5;=?&\\#jsessionid_utm é", max_size=60)),
)  # fmt: skip


@given(urls, st.one_of(st.just(""), urls))
def test_normalising_never_raises_and_is_idempotent(url: str, base: str) -> None:
    once = normalise_url(url, base)
    if once is not None:
        assert normalise_url(once) == once
        assert once.startswith(("http://", "https://"))
        assert len(once) <= 2000
        assert site_of(once)


@given(urls, urls)
def test_trusting_never_raises_and_stays_on_the_site(canonical: str, url: str) -> None:
    trusted = trust_canonical(canonical, url)
    own = normalise_url(url)
    if trusted is not None:
        assert own is not None
        assert same_publisher(site_of(trusted), site_of(own))


STORY = "https://www.example.org/world/2026/story-1234567"


@pytest.mark.parametrize(
    ("canonical", "wanted"),
    [
        pytest.param("/world/2026/story-1234567", STORY, id="itself"),
        pytest.param("https://example.org/world/2026/story-1234567", "https://example.org/world/2026/story-1234567", id="twin-host"),
        pytest.param("http://www.example.org/world/2026/story-1234567", STORY, id="http-is-read-as-https"),
        pytest.param("https://www.example.org/politics/1234567", "https://www.example.org/politics/1234567", id="other-section"),
        pytest.param("https://other.org/world/2026/story-1234567", None, id="other-site"),
        pytest.param("https://www.example.org/", None, id="front-page"),
        pytest.param("https://www.example.org/en/", None, id="front-page-of-a-language"),
        pytest.param("https://www.example.org/world/", None, id="section"),
        pytest.param("https://www.example.org/world/2026/story-7654321", None, id="other-number"),
        pytest.param("", None, id="empty"),
        pytest.param("javascript:void(0)", None, id="no-address"),
    ],
)  # fmt: skip
def test_a_canonical_address_is_believed_only_where_it_is_plausible(
    canonical: str, wanted: str | None
) -> None:
    assert trust_canonical(canonical, STORY) == wanted


def test_the_plain_form_of_an_amp_page_is_believed() -> None:
    assert (
        trust_canonical("https://example.org/a-b-c/", "https://amp.example.org/a-b-c/amp")
        == "https://example.org/a-b-c/"
    )


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("www.example.org", "example.org", True),
        ("m.example.org", "amp.example.org", True),
        ("news.example.org", "example.org", False),
        ("127.0.0.1:8001", "127.0.0.1:8002", False),
        ("m.org", "www.org", False),
        ("", "", False),
    ],
)
def test_twin_hosts_are_one_publisher(a: str, b: str, same: bool) -> None:
    assert same_publisher(a, b) is same


def test_names_below_a_publishers_host_are_its_own() -> None:
    assert within_publisher("kyiv.example.org", "www.example.org")
    assert not within_publisher("notexample.org", "www.example.org")
    assert not within_publisher("1.127.0.0.1", "127.0.0.1")


def test_a_front_page_is_known_by_its_path() -> None:
    assert is_front_page("https://example.org/index.html")
    assert is_front_page("https://example.org/en-GB/")
    assert not is_front_page("https://example.org/?p=123")
    assert not is_front_page("https://example.org/news/")
