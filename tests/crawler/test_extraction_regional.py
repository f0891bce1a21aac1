"""Ukrainian, Russian and Indonesian pages as their content systems build them, each with its gold."""

from collections import Counter

import pytest

from crawler.extraction.article import extract_article
from tests.support.cms import BUILDS, LANGUAGES, Built, Piece, pieces

LEAST = 0.97

PAGES = [
    pytest.param(build, piece, id=f"{language} {name} {number}")
    for language in LANGUAGES
    for number, piece in enumerate(pieces(language))
    for name, build in BUILDS.items()
    if number == list(BUILDS).index(name) or number == 0
]


def words(text: str) -> Counter[str]:
    return Counter(text.split())


def f1(found: str, gold: str) -> float:
    got, wanted = words(found), words(gold)
    common = sum((got & wanted).values())
    return 2 * common / max(1, sum(got.values()) + sum(wanted.values()))


@pytest.mark.parametrize(("build", "piece"), PAGES)
def test_the_article_and_nothing_but_the_article(build, piece: Piece) -> None:
    built: Built = build(piece)
    content = extract_article(
        built.html.encode(), url=f"https://site.example/{piece.language}/41/"
    ).content
    assert content is not None
    gold = [text for text in (built.lead, *built.paragraphs) if text]
    found = [block.text for block in content.blocks]
    assert f1("\n".join(found), "\n".join(gold)) >= LEAST, set(gold) ^ set(found)
    assert sum(text in found for text in gold) >= LEAST * len(gold), set(gold) - set(found)
    assert sum(text in gold for text in found) >= LEAST * len(found), set(found) - set(gold)
    assert content.title == piece.title
    assert content.authors == piece.authors
    assert content.published == built.published
    assert content.language == piece.language
