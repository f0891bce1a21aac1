"""Each page in `pages/` is read as its expectation file says; a new case is two files and no code."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from crawler.extraction.article import Extraction, extract_article

PAGES = Path(__file__).parent / "pages"
CASES = sorted(PAGES.glob("*.toml"))


def read(name: str) -> Extraction:
    expected = tomllib.loads((PAGES / f"{name}.toml").read_text("utf-8"))
    return extract_article((PAGES / f"{name}.html").read_bytes(), url=expected["url"])


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_page_is_read_as_its_expectation_says(case: Path) -> None:
    expected = tomllib.loads(case.read_text("utf-8"))
    found = read(case.stem)
    if "wall" in expected:
        assert found.content is None
        assert found.wall is not None
        assert found.wall.kind.value == expected["wall"]
        assert found.wall.reason
        return
    assert found.wall is None
    content = found.content
    assert content is not None
    assert [f"{block.kind.value} {block.text}" for block in content.blocks] == expected["blocks"]
    shown: dict[str, Any] = {
        "title": content.title,
        "authors": list(content.authors),
        "published": content.published,
        "modified": content.modified,
        "language": content.language,
        "captions": list(content.captions),
    }
    for name, value in shown.items():
        if name in expected:
            assert value == expected[name], name


def test_noise_of_a_second_fetch_changes_nothing() -> None:
    first, second = read("magazine-id").content, read("magazine-id-refetched").content
    assert first == second


def test_what_is_dropped_carries_the_rule_that_did_it() -> None:
    rules = {piece.text: piece.rule for piece in read("custom-uk").dropped}
    assert rules["Оновлено 7 хвилин тому · 5 210 переглядів"] in {"live counter", "date line"}
    assert any("Міст через Десну" in text for text in rules)
    assert all(rules.values())


def test_a_block_tells_where_it_stood() -> None:
    content = read("custom-uk").content
    assert content is not None
    assert content.blocks[1].place.endswith("div.t-1>p")


def test_the_standfirst_comes_first_though_it_stands_outside_the_body() -> None:
    content = read("custom-uk").content
    assert content is not None
    assert content.blocks[0].text == content.description
