"""The seed pages of the shared tools are read exactly as their expectation says."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from crawler.extraction.article import extract_article
from storage.types import ArticleContent

SHARED = Path(os.environ.get("PARLEY_SHARED") or Path(__file__).parents[2].parent / "shared")
SEED = SHARED / "tools" / "extraction" / "seed"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SEED.is_dir(), reason=f"{SEED} is not there"),
]


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    return json.loads((SEED / "expected.json").read_text("utf-8"))


def read(name: str, expected: dict[str, Any]) -> ArticleContent:
    found = extract_article((SEED / name).read_bytes(), url=expected["url"])
    assert found.content is not None, found.wall
    return found.content


def test_the_first_version_is_read_exactly(expected: dict[str, Any]) -> None:
    content = read("page-v1.html", expected)
    texts = [block.text for block in content.blocks]
    wanted = expected["paragraphs"]["page-v1.html"]
    assert [text for text in texts if text not in expected["may_appear"]] == wanted
    assert content.title == expected["title"]
    assert list(content.authors) == expected["authors"]
    assert content.language == expected["language"]
    assert content.published is not None
    assert content.published.isoformat() == expected["published"]
    assert content.modified is not None
    assert content.modified.isoformat() == expected["modified"]
    for caption in expected["captions"] + expected["credits"]:
        assert caption in content.captions or caption in texts
    assert not [piece for piece in expected["must_not_appear"] if piece in content.text]


def test_the_refetched_page_is_the_same_article(expected: dict[str, Any]) -> None:
    assert read("page-v1-refetched.html", expected) == read("page-v1.html", expected)


def test_only_the_edit_differs_in_the_second_version(expected: dict[str, Any]) -> None:
    first = read("page-v1.html", expected)
    second = read("page-v2.html", expected)
    before = {block.text for block in first.blocks}
    after = {block.text for block in second.blocks}
    assert 1 <= len(before - after) <= 2
    assert len(after - before) <= 1
    assert (first.title, first.modified) == (second.title, second.modified)
