"""Which lines are no part of an article, and which sentences only look like them."""

import pytest

from crawler.extraction.page import split_names
from crawler.extraction.rules import Names, load_rules


def rule_for(line: str) -> str | None:
    return next((rule.name for rule in load_rules().lines if rule.fits(line.casefold())), None)


@pytest.mark.parametrize(
    "sentence",
    [
        "He jumped out of the window. Nobody was hurt.",
        "Both sides signed the document. It takes effect in May.",
        "Auditors found an error in the count and started again.",
        "“They never write to us,” said the mayor of the village.",
        "The report will not be published before the election.",
        "Police got a tip from a neighbour on Sunday.",
        "Учёные объяснили, что нашли ошибку в старых расчётах.",
        "Слідчі повідомили, що знайшли помилку в документах.",
        "그 감독의 영화 <바다의 밤>은 지난주에 막을 내렸다.",  # titles stand in such brackets
        "《大海的夜晚》和<海边的人>上周一同结束了放映。",
        "The jury gave the first prize to <Night at Sea>, a film of ninety minutes.",
    ],
)
def test_a_sentence_of_the_article_is_no_notice(sentence: str) -> None:
    assert rule_for(sentence) is None


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Found a mistake? Tell the editors.", "contact"),
        ("Do you have a story? Contact us at desk@visnyk.example", "contact"),
        ("Нашли ошибку? Выделите текст и нажмите Ctrl+Enter", "contact"),
        ("Щоб повідомити про помилку, виділіть її й натисніть Ctrl + Enter", "contact"),
        ("Your email address will not be published. Required fields are marked *", "sum to solve"),
        ("seven − 3 =", "sum to solve"),
        ("© 2026 Harbour Post", "rights"),
        ("Harbour Post 2026. All rights reserved.", "rights, name before them"),
        ("window.dataLayer = window.dataLayer || [];", "code"),
        ("{{ article.related }}", "code"),
        ("Read on </strong> below", "code"),
        ("[gallery: 4711]", "shortcode"),
    ],
)
def test_a_notice_is_known_by_its_words(line: str, rule: str) -> None:
    assert rule_for(line) == rule


@pytest.mark.parametrize(
    ("class_", "stands"),
    [
        ("box-ads", True),
        ("readMore wide", True),
        ("read_more", True),
        ("more-read", False),
        ("roads", False),
        ("READ-MORE", True),
    ],
)
def test_names_are_whole_words_in_their_order(class_: str, stands: bool) -> None:
    assert Names.of(["ads", "read more"]).stand_in(split_names(class_)) is stands
