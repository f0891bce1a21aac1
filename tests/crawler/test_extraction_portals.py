"""Whole Ukrainian, Russian and Indonesian pages: each is read as it was written, and nothing foreign with it."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from crawler.extraction.article import extract_article
from storage.types import ArticleContent
from tests.support.portals.builds import BUILDS, page
from tests.support.portals.written import LANGUAGES, Written, written

LEAST = 0.97
PAGES = [pytest.param(article, id=article.name) for article in written()]


def read(article: Written) -> ArticleContent:
    found = extract_article(page(article), url=article.url)
    assert found.content is not None, found.wall
    return found.content


def minute(when: datetime | None) -> datetime | None:
    return when.replace(second=0, microsecond=0) if when else None


def f1(found: str, gold: str) -> float:
    got, wanted = Counter(found.split()), Counter(gold.split())
    return 2 * sum((got & wanted).values()) / max(1, got.total() + wanted.total())


@pytest.mark.parametrize("article", PAGES)
def test_the_text_is_the_article_and_nothing_else(article: Written) -> None:
    content = read(article)
    gold = [text for _, text in article.gold]
    found = [block.text for block in content.blocks]
    lost, added = set(gold) - set(found), set(found) - set(gold)
    assert f1("\n".join(found), "\n".join(gold)) >= LEAST, (lost, added)
    assert len(lost) <= (1 - LEAST) * len(gold), (lost, added)
    assert len(added) <= (1 - LEAST) * len(found), (lost, added)
    assert not [text for text in article.foreign if text in content.text]


@pytest.mark.parametrize("article", PAGES)
def test_blocks_keep_their_kind_and_order_and_the_standfirst_comes_first(article: Written) -> None:
    content = read(article)
    assert [(block.kind.value, block.text) for block in content.blocks] == list(article.gold)


@pytest.mark.parametrize("article", PAGES)
def test_captions_are_kept_apart(article: Written) -> None:
    captions = " ".join(read(article).captions)
    assert not [caption for caption in article.captions if caption not in captions]


@pytest.mark.parametrize("article", PAGES)
def test_what_a_page_tells_of_its_article_is_found(article: Written) -> None:
    content = read(article)
    assert content.title == article.title
    assert content.authors == article.authors
    assert content.language == article.language
    assert minute(content.published) == article.published
    assert minute(content.modified) == article.modified


WITHOUT_STANDFIRST = {"dle", "id_split", "id_read", "id_tribune"}
ONE_OF_A_KIND = {"liveblog", "nextstate"}  # their articles are written for them


@pytest.mark.parametrize("build", sorted(set(BUILDS) - ONE_OF_A_KIND))
def test_a_system_shows_any_article_long_or_short(build: str) -> None:
    wrong: dict[str, object] = {}
    for article in written():
        is_foreign = build.startswith("id_") and article.language != "id"
        has_standfirst = build not in WITHOUT_STANDFIRST
        if is_foreign or article.build in ONE_OF_A_KIND or (has_standfirst and not article.lead):
            continue
        shown = replace(article, build=build, lead=article.lead if has_standfirst else "")
        content = read(shown)
        gold, found = [text for _, text in shown.gold], [block.text for block in content.blocks]
        if found != gold or content.title != article.title:
            wrong[article.name] = set(gold) ^ set(found)
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_eight_pages_of_real_size(language: str) -> None:
    sizes = [len(page(article)) for article in written() if article.language == language]
    assert len(sizes) >= 8
    assert min(sizes) > 20_000
    assert max(sizes) < 100_000
