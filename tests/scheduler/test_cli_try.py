"""`parley try`: what it tells of a page, the page it draws, and what it says of what is none."""

import os
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.decoding import decode
from crawler.extraction.page import Page
from crawler.extraction.reasons import reason_of
from crawler.reading import PageJob, PageReading, read_page
from scheduler.cli import app
from scheduler.cli.trial import Fate, laid_out
from scheduler.cli.trial_page import Trial, trial_page
from tests.support.portals.builds import page as portal_page
from tests.support.portals.written import written
from tests.support.privileges import common_folder, without_privileges

NOW = datetime(2026, 11, 25, tzinfo=UTC)
TITLE = "Talks in Istanbul resume"
PAGE = f"""<!doctype html><html lang=en><head><meta charset=utf-8><title>{TITLE}</title>
<link rel=canonical href="/talks"><meta name=author content="Mary Lund"></head><body>
<nav><a href=/>Home</a> <a href=/world>World</a></nav>
<main><h1>{TITLE}</h1><p class=lead>The delegations of Ukraine and Russia sat for four hours.</p>
<figure><img src=a.png><figcaption>The palace at night</figcaption></figure>
<p>Nine points of a ceasefire were agreed upon, and three are left for the next round in May.</p>
<p>Read also: <a href=/b>The harbour wall will be raised by a metre</a></p>
<h2>What is left</h2><ul><li>The list of the prisoners of war</li><li>The ports on the coast</li></ul>
<table><tr><th>Day</th><th>Hours</th></tr><tr><td>Monday</td><td>4</td></tr></table>
<blockquote>We came to listen, and we did listen, said the head of the delegation.</blockquote>
<p>Another round of talks is possible within two weeks, said the ministry on Monday.</p>
<div class=comments><p>First comment of a reader</p><p>Second comment of a reader</p></div></main>
<footer>The Harbour Post, all rights reserved</footer></body></html>"""


def read(body: str, url: str = "https://post.example/talks") -> tuple[Page, PageReading]:
    job = PageJob(body=body.encode(), url=url, content_type="text/html", fetched_at=NOW)
    return Page(decode(job.body, content_type="text/html"), url=url), read_page(job)


def drawn(body: str) -> str:
    page, reading = read(body)
    return trial_page(Trial(reading=reading, facts=(), pieces=laid_out(page.root, reading)))


def run(*arguments: str) -> int:
    return app.run(["try", *arguments])


@pytest.fixture(autouse=True)
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    path = tmp_path / "talks.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


# -- the order of the page -------------------------------------------------------------------------


def test_all_of_a_page_is_told_in_its_order() -> None:
    page, reading = read(PAGE)
    told = [
        (piece.fate.value, piece.name, piece.text[:24]) for piece in laid_out(page.root, reading)
    ]
    assert told == [
        ("outside", "outside", "Home · World"),
        ("taken", "headline", "Talks in Istanbul resume"),
        ("taken", "paragraph", "The delegations of Ukrai"),
        ("apart", "caption", "The palace at night"),
        ("taken", "paragraph", "Nine points of a ceasefi"),
        ("gone", "read also", "Read also: The harbour w"),
        ("taken", "subhead", "What is left"),
        ("taken", "list item", "The list of the prisoner"),
        ("taken", "list item", "The ports on the coast"),
        ("taken", "table row", "Day | Hours"),
        ("taken", "table row", "Monday | 4"),
        ("taken", "quote", "We came to listen, and w"),
        ("taken", "paragraph", "Another round of talks i"),
        ("gone", "beside the article", "First comment of a reade"),
        ("outside", "outside", "The Harbour Post, all ri"),
    ]


@pytest.mark.parametrize("article", written(), ids=lambda article: article.name)
def test_what_was_taken_from_a_real_page_stands_in_its_order_and_each_rule_has_a_reason(
    article: object,
) -> None:
    body = portal_page(article)  # type: ignore[arg-type]
    page, reading = read(body.decode())
    pieces = laid_out(page.root, reading)
    assert reading.content is not None
    taken = [piece.text for piece in pieces if piece.fate is Fate.TAKEN]
    assert [text for text in taken if text != reading.content.title] == [
        block.text for block in reading.content.blocks
    ]
    assert not [piece.name for piece in pieces if piece.fate is Fate.GONE and not piece.reason]


def test_a_rule_nobody_knows_has_no_reason() -> None:
    assert reason_of("no such rule") == ""
    assert reason_of("tag form") == "<form> holds no text of an article"
    assert reason_of("post.toml: drop div.ticker") == "a rule of yours says so"


# -- the page that is drawn ------------------------------------------------------------------------


class Seen(HTMLParser):
    """What a browser would find in a page: elements, attributes and texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


OWN_TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "h1", "h2", "h3", "p", "span", "dl", "dt", "dd", "div",
    "fieldset", "legend", "label", "input", "b", "i", "s", "details", "summary", "blockquote",
}  # fmt: skip
OWN_ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "dir", "type", "id", "checked",
}  # fmt: skip


@given(st.text(max_size=300))
def test_no_text_of_a_page_becomes_markup_of_ours(text: str) -> None:
    raw = f"{text}\"><script>alert(1)</script><img src=x onerror=y>' &lt;/style&gt;"
    escaped = raw.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    html = drawn(PAGE.replace(TITLE, escaped).replace("First comment", escaped))
    seen = Seen(html)
    assert seen.tags <= OWN_TAGS
    assert seen.attributes <= OWN_ATTRIBUTES


def test_a_drawn_page_asks_nobody_for_anything() -> None:
    html = drawn(PAGE)
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'" in html
    assert not re.search(r"url\(|@import|<link|<script|\ssrc=|\shref=", html)


def test_long_pieces_that_were_not_taken_are_folded() -> None:
    html = drawn(PAGE.replace("The Harbour Post, all", "The Harbour Post, all " * 30))
    assert "<details><summary" in html
    assert re.search(r"<i>… \d{3} characters more</i>", html)


def test_a_wall_is_told_above_the_page(saved: Path) -> None:
    saved.write_text(
        "<html><body><h1>Access denied</h1><p>You don't have permission.</p></body></html>"
    )
    assert run("talks.html", "--html", "drawn.html") == 0
    html = Path("drawn.html").read_text("utf-8")
    assert re.search(r'<p class="verdict gone">No article: <span>access denied, \d+% sure: ', html)


# -- the command -----------------------------------------------------------------------------------


def test_the_terminal_tells_what_was_taken_and_what_was_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("talks.html", "--as-url", "https://post.example/talks?utm_source=x") == 0
    told = capsys.readouterr().out
    for line in (
        f"Headline     {TITLE}",
        "Address      https://post.example/talks",
        "Canonical    https://post.example/talks",
        "Authors      Mary Lund",
        "Published    the page does not say",
        "Language     en",
        "Topic talks  on it (",
        "  caption, kept apart: The palace at night",
        "  read also: a line that leads to another article changes without the article changing",
        "     Read also: The harbour wall will be raised by a metre",
    ):
        assert line in told
    assert "  caption: " not in told  # told once, above


def test_rules_and_ignored_patterns_of_the_site_count(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (saved.parent / "rules").mkdir()
    (saved.parent / "rules" / "post.toml").write_text(
        'domain = "post.example"\ndrop = ["blockquote"]\ndrop_lines = ["^Another"]\n'
    )
    (saved.parent / "parley.toml").write_text(
        'sources = [{name = "Post", url = "https://post.example/", ignore_patterns = ["ports"]}]'
    )
    assert run("talks.html", "--as-url", "https://post.example/talks") == 0
    told = capsys.readouterr().out
    assert "Your rules   post.toml" in told
    assert "  post.toml: drop blockquote: a rule of yours says so\n     We came to listen" in told
    assert "  post.toml: drop_lines ^Another: a rule of yours says so\n     Another round" in told
    assert "  ignore_patterns ports: a pattern of yours is found in it\n     The ports on" in told


@pytest.mark.parametrize(
    ("page", "code", "says"),
    [
        ("nowhere.html", 1, "nowhere.html: there is no such file; write an address with https://"),
        (".", 1, ". is a folder; name a saved page in it."),
        ("/dev/null", 1, "/dev/null is not a file."),
        ("https://", 2, "https:// is not an address of the web; write one with http:// or"),
        ("ftp://post.example/", 2, "ftp://post.example/ is not an address of the web"),
        ("large", 1, "large is larger than 10 MB (fetch.max_size_mb)"),
    ],
)
def test_what_cannot_be_tried_is_a_sentence(
    saved: Path, capsys: pytest.CaptureFixture[str], *, page: str, code: int, says: str
) -> None:
    with (saved.parent / "large").open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    assert run(page) == code
    told = capsys.readouterr().err
    assert told.startswith(f"parley: {says}")
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "No article: not an article (the answer is empty)"),
        (b" \n ", "No article: not an article (the answer is empty)"),
        (os.urandom(3000), "No article: not an article ("),
        (
            b"%PDF-1.7\n\0\0\1\2",
            "No article: not an article (it is a file of another kind, not a page)",
        ),
        (b"Hello", "No article: "),
    ],
)
def test_what_is_no_page_is_said(
    saved: Path, capsys: pytest.CaptureFixture[str], *, body: bytes, says: str
) -> None:
    saved.write_bytes(body)
    assert run("talks.html") == 0
    assert capsys.readouterr().out.startswith(says)
    assert run("talks.html", "--html", "drawn.html") == 0


def test_no_page_is_written_over_the_one_that_is_read(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("talks.html", "--html", "./talks.html") == 2
    assert "talks.html is the page to be read; name another file." in capsys.readouterr().err
    assert saved.read_text("utf-8") == PAGE
    assert run("talks.html", "--html", "no/drawn.html") == 1
    assert "no/drawn.html cannot be written (no such file or directory)." in capsys.readouterr().err


def test_a_pattern_that_takes_too_long_is_named(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (saved.parent / "rules").mkdir()
    saved.write_text(PAGE.replace("Nine points", "a" * 60 + "!"))
    (saved.parent / "rules" / "s.toml").write_text(
        'domain = "post.example"\ndrop_lines = ["(a|aa)+$"]\n'
    )
    (saved.parent / "parley.toml").write_text("")
    assert run("talks.html", "--as-url", "https://post.example/talks") == 1
    assert "s.toml: drop_lines: the pattern '(a|aa)+$' took too long" in capsys.readouterr().err


def test_a_page_that_may_not_be_read_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with common_folder() as folder:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
        page = folder / "talks.html"
        page.write_text(PAGE, encoding="utf-8")
        page.chmod(0)
        with without_privileges():
            assert run(str(page)) == 1
    assert f"{page} cannot be read (permission denied); check" in capsys.readouterr().err
