"""A source's login and headers reach its own origin and nobody else; what is to be ignored is left out."""

import pytest

from crawler.access import SourceAccess, gather, origin_of
from crawler.errors import ReadingError
from crawler.ignoring import check_pattern, without_ignored
from storage.types import ArticleContent, Block, BlockKind, Outcome
from tests.support.crew import PAGE, Crew
from tests.support.site import Site

SECRETS = (("Authorization", "Basic ZGVzazpodW50ZXIy"), ("Cookie", "sid=hunter2"))


def use(crew: Crew, site: Site, **more: object) -> None:
    one = SourceAccess(source="s", origin=origin_of(site.url), headers=SECRETS, **more)  # type: ignore[arg-type]
    crew.engine.equipment.access = gather([one])


async def test_a_sources_login_and_headers_go_to_its_own_origin(crew: Crew) -> None:
    with Site() as site:
        use(crew, site)
        await crew.look(site.publish("/a", PAGE))
        (asked,) = site.requests_to("/a")
        assert (asked.headers["authorization"], asked.headers["cookie"]) == (
            SECRETS[0][1],
            SECRETS[1][1],
        )


async def test_a_redirect_takes_no_secret_along(crew: Crew) -> None:
    with Site() as site, Site() as other:
        use(crew, site)
        site.redirect("/a", other.publish("/b", PAGE), status=302)
        await crew.look(site.at("/a"))
        (asked,) = other.requests_to("/b")
        assert not {"authorization", "cookie"} & set(asked.headers)
        assert "hunter2" not in str(asked.headers)


async def test_another_site_is_asked_without_secrets(crew: Crew) -> None:
    with Site() as site, Site() as other:
        use(crew, site)
        await crew.look(other.publish("/b", PAGE))
        (asked,) = other.requests_to("/b")
        assert not {"authorization", "cookie"} & set(asked.headers)


async def test_a_header_of_one_site_leaves_every_others_as_it_was(crew: Crew) -> None:
    with Site() as site, Site() as other:
        own = SourceAccess(source="s", origin=origin_of(site.url), headers=(("Accept", "text/x"),))
        crew.engine.equipment.access = gather([own])
        site.redirect("/a", other.publish("/b", PAGE), status=302)
        await crew.look(site.at("/a"))
        assert site.requests_to("/a")[0].headers["accept"] == "text/x"
        assert other.requests_to("/b")[0].headers["accept"].startswith("text/html,")


def test_secrets_are_in_no_representation() -> None:
    one = SourceAccess(source="s", origin="https://a.example:443", headers=SECRETS)
    assert "hunter2" not in repr(one) + repr(gather([one]))


async def test_what_a_source_ignores_is_not_in_its_text(crew: Crew) -> None:
    with Site() as site:
        use(crew, site, ignore=("spokesman said",))
        seen, _ = await crew.look(site.publish("/a", PAGE), source="s")
        assert len(seen.content.blocks) == 3
        assert "spokesman" not in seen.content.text


async def test_a_pattern_that_never_ends_is_named_and_the_page_counts_as_not_read(
    crew: Crew,
) -> None:
    with Site() as site:
        use(crew, site, ignore=("(a|aa)+$",))
        page = PAGE.replace("A spokesman", f"{'a' * 60}! A spokesman")
        seen, _ = await crew.look(site.publish("/a", page), source="s")
        assert seen.outcome is Outcome.FAILED
        assert "the pattern '(a|aa)+$' took too long on this page" in seen.reason


@pytest.mark.parametrize(
    ("pattern", "told"),
    [("(", "is not a regular expression"), ("a*", "fits every text"), ("", "1 to 500 characters")],
)
def test_a_pattern_that_cannot_serve_is_refused(pattern: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check_pattern(pattern)


def test_a_pattern_that_leaves_nothing_is_no_reading() -> None:
    block = Block(kind=BlockKind.PARAGRAPH, text="Talks resume.")
    with pytest.raises(ReadingError, match="leave nothing of this page's text"):
        without_ignored(ArticleContent(title="T", blocks=(block,)), ["Talks"])
