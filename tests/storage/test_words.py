"""One rule for words: in the index, in a query and in an excerpt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.words import (
    QUERY_TERMS,
    excerpt,
    fold,
    matches,
    postgresql_match,
    sqlite_match,
    terms,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("ПЕРЕГОВОРЫ", "переговоры", id="letter case"),
        pytest.param("ещё", "еще", id="yo is ye"),
        pytest.param("Zürich café İstanbul", "zurich cafe istanbul", id="accents of Latin letters"),
        pytest.param("Łódź Ærø ıssız", "lodz aero issiz", id="letters that are no accents"),
        pytest.param("Straße", "STRASSE", id="sharp s"),
        pytest.param("е\u0301тот за\u0301мок", "етот замок", id="stress marks"),
        pytest.param("Zu\u0308rich", "Zürich", id="composed or not"),
        pytest.param("пере\u00adговори", "переговори", id="soft hyphen"),
        pytest.param("п'ять", "п’ять", id="apostrophes"),
        pytest.param("ﬁre ５２", "fire 52", id="ligatures and wide digits"),
        pytest.param("مُحادثات", "محادثات", id="Arabic vowel points"),
        pytest.param("محـــادثات", "محادثات", id="Arabic lengthening"),
        pytest.param("می\u200cشود", "میشود", id="joiners"),
    ],
)
def test_what_a_reader_takes_for_the_same_is_folded_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("й", "и", id="short i is a letter of its own"),
        pytest.param("ї", "і", id="yi is a letter of its own"),
        pytest.param("мир", "мiр", id="other letters"),
    ],
)
def test_letters_that_differ_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_a_script_without_blanks_is_indexed_sign_by_sign() -> None:
    assert fold("停火谈判2026年") == "停 火 谈 判 2026 年"
    assert fold("㋿元年") == "令 和 元 年"  # one sign that stands for two


@pytest.mark.parametrize(
    ("query", "sqlite", "postgresql"),
    [
        ("Kyiv talks", '"kyiv" AND "talks"', "('kyiv') & ('talks')"),
        ('"peace plan" paris', '"peace plan" AND "paris"', "('peace' <-> 'plan') & ('paris')"),
        ("переговор*", '"переговор" *', "('переговор':*)"),
        ('"cease fir*"', '"cease fir" *', "('cease' <-> 'fir':*)"),
        ("停火", '"停 火"', "('停' <-> '火')"),
        ("talks talks", '"talks"', "('talks')"),
        (
            "AND OR NOT NEAR(",
            '"and" AND "or" AND "not" AND "near"',
            "('and') & ('or') & ('not') & ('near')",
        ),
        ("a'b", '"a b"', "('a' <-> 'b')"),
        ('" * " -', "", ""),
    ],
)
def test_a_query_is_read_alike_for_both_databases(query: str, sqlite: str, postgresql: str) -> None:
    assert sqlite_match(terms(query)) == sqlite
    assert postgresql_match(terms(query)) == postgresql


@given(st.text())
def test_folding_twice_changes_nothing(plain: str) -> None:
    assert fold(fold(plain)) == fold(plain)


@given(st.text(max_size=500))
def test_no_folded_word_holds_a_sign_that_a_query_language_knows(query: str) -> None:
    wanted = terms(query)
    assert len(wanted) <= QUERY_TERMS
    for term in wanted:
        for word in term.words:
            assert not set(word) & set("'\"*():&|!<>\\^-+ \x00")


@given(st.text(min_size=1), st.text(), st.text())
def test_a_text_matches_each_of_its_words(word: str, before: str, after: str) -> None:
    plain = f"{before} {word} {after}"
    for query in fold(word).split():
        assert matches(plain, terms(f'"{query}"'))


@given(st.lists(st.text(max_size=400), max_size=4), st.text(max_size=40))
def test_an_excerpt_is_a_part_of_a_block(blocks: list[str], query: str) -> None:
    import unicodedata

    pieces = excerpt(blocks, terms(query))
    shown = "".join(piece.text for piece in pieces).removeprefix("…").removesuffix("…")
    assert any(shown in unicodedata.normalize("NFC", b) or shown in b for b in [*blocks, ""])


def test_an_excerpt_marks_what_matched_in_the_block_that_holds_most_of_it() -> None:
    blocks = [
        "Paris was quiet.",
        "Delegations met in Paris; the “peace plan” stayed secret, said Łukasz.",
    ]
    pieces = excerpt(blocks, terms('paris "peace plan" lukasz'))
    assert [piece.text for piece in pieces if piece.is_match] == ["Paris", "peace plan", "Łukasz"]


def test_an_excerpt_of_a_long_block_is_short_and_holds_the_match() -> None:
    block = "слово " * 400 + "Перемовини тривають " + "ще " * 400
    pieces = excerpt([block], terms("перемовини"))
    assert sum(len(piece.text) for piece in pieces) < 300
    assert [piece.text for piece in pieces if piece.is_match] == ["Перемовини"]
    assert pieces[0].text == pieces[-1].text == "…"


def test_chinese_matches_are_marked_together() -> None:
    pieces = excerpt(["俄乌停火谈判在日内瓦举行"], terms("停火谈判"))
    assert [piece.text for piece in pieces if piece.is_match] == ["停火谈判"]


def test_one_sign_that_stands_for_two_words_is_marked_once() -> None:
    pieces = excerpt(["at ㋿ 8"], terms("令 和"))
    assert [piece.text for piece in pieces] == ["at ", "㋿", " 8"]
