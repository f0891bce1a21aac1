"""A comparison shows both texts whole, and the differences as a reader would mark them."""

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.diff import BlockOp, BlockPair, Op, Span, diff_blocks, diff_words

WORDS = st.sampled_from(
    ["boat", "boats", "sea", "52", "“", "”", ",", ".", "字", "湖", "é", "e\u0301"]
)
GAPS = st.sampled_from(["", " ", "  ", "\n", "\u00a0"])
TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(st.tuples(WORDS, GAPS), max_size=25).map(lambda p: "".join(w + g for w, g in p)),
)
BLOCKS = st.lists(st.one_of(TEXTS, WORDS), max_size=8)


def marked(old: str, new: str) -> str:
    signs = {Op.EQUAL: "{}", Op.DELETE: "[-{}-]", Op.INSERT: "{{+{}+}}"}
    return "".join(signs[span.op].format(span.text) for span in diff_words(old, new))


def left(spans: tuple[Span, ...] | list[Span]) -> str:
    return "".join(span.text for span in spans if span.op is not Op.INSERT)


def right(spans: tuple[Span, ...] | list[Span]) -> str:
    return "".join(span.text for span in spans if span.op is not Op.DELETE)


@given(TEXTS, TEXTS)
def test_spans_give_both_texts(old: str, new: str) -> None:
    spans = diff_words(old, new)
    assert (left(spans), right(spans)) == (old, new)


@given(TEXTS, TEXTS)
def test_spans_are_never_empty_and_no_two_neighbours_are_alike(old: str, new: str) -> None:
    spans = diff_words(old, new)
    assert all(span.text for span in spans)
    assert all(a.op is not b.op for a, b in itertools.pairwise(spans))


@given(TEXTS)
def test_a_text_has_no_difference_to_itself(text: str) -> None:
    assert all(span.op is Op.EQUAL for span in diff_words(text, text))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("of 80 boats 52 sank", "of 80 boats 47 sank", "of 80 boats [-52-]{+47+} sank"),
        ("some 1,200 men", "some 1,000 men", "some [-1,200-]{+1,000+} men"),
        ("близько 1 200 осіб", "близько 1 000 осіб", "близько [-1 200-]{+1 000+} осіб"),
        ("at 14:05.", "at 14:20.", "at [-14:05-]{+14:20+}."),
        ("12.5% of it", "13.5% of it", "[-12.5-]{+13.5+}% of it"),
        ("in room 5, 300 men", "in room 5, 400 men", "in room 5, [-300-]{+400+} men"),
        ("約1,200人", "約1,000人", "約[-1,200-]{+1,000+}人"),
        ("boats", "boats sank", "boats{+ sank+}"),
        ("they sank", "sank", "[-they -]sank"),
        ("a quiet day.", "a quiet day!", "a quiet day[-.-]{+!+}"),
        ("Київ чекає на гостей", "Київ чекав на гостей", "Київ [-чекає-]{+чекав+} на гостей"),
        ("湖畔で会談した", "湖畔で協議した", "湖畔で[-会談-]{+協議+}した"),
        ("양측은 오늘 만난다", "양측은 내일 만난다", "양측은 [-오늘-]{+내일+} 만난다"),
        ("التقى الوفدان اليوم", "التقى الوفدان أمس", "التقى الوفدان [-اليوم-]{+أمس+}"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
    ],
)
def test_differences_are_whole_words(old: str, new: str, shown: str) -> None:
    assert marked(old, new) == shown


def test_one_or_two_equal_words_between_two_differences_do_not_make_confetti() -> None:
    old = "the envoy came by the old road at dusk with a lamp"
    new = "the envoy left by a quiet road at dawn with a lamp"
    assert marked(old, new) == (
        "the envoy [-came by the old road at dusk-]{+left by a quiet road at dawn+} with a lamp"
    )


@given(BLOCKS, BLOCKS)
def test_block_pairs_give_both_articles(old: list[str], new: list[str]) -> None:
    pairs = diff_blocks(old, new)
    assert [pair.old for pair in pairs if pair.old is not None] == old
    assert [pair.new for pair in pairs if pair.new is not None] == new


@given(BLOCKS, BLOCKS)
def test_a_changed_block_carries_its_word_differences(old: list[str], new: list[str]) -> None:
    for pair in diff_blocks(old, new):
        if pair.op is BlockOp.CHANGE:
            assert (left(pair.spans), right(pair.spans)) == (pair.old, pair.new)
        else:
            assert not pair.spans


LEAD = "The two delegations arrived at the lake before noon and went straight to work."
TABLE = "A table of walnut stands in the hall, with a chair for each of the advisers."
BOATS = "Fishermen on the northern shore complained about the ban on boats near the villa."
MAGNATE = "The villa once belonged to a shipping magnate who collected sea charts and clocks."


def ops(pairs: list[BlockPair]) -> list[str]:
    return [pair.op.value for pair in pairs]


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        pytest.param([LEAD, BOATS], [LEAD, TABLE, BOATS], ["equal", "insert", "equal"], id="added"),
        pytest.param([LEAD, TABLE, BOATS], [LEAD, BOATS], ["equal", "delete", "equal"], id="removed"),
        pytest.param(
            [LEAD, TABLE], [LEAD, TABLE.replace("walnut", "oak")], ["equal", "change"], id="changed"
        ),
        pytest.param([LEAD, TABLE], [LEAD, MAGNATE], ["equal", "delete", "insert"], id="replaced"),
        pytest.param(
            [LEAD, TABLE, BOATS],
            [TABLE, BOATS, LEAD],
            ["move", "equal", "equal", "move"],
            id="moved",
        ),
        pytest.param([LEAD], ["  " + LEAD + "\u200b"], ["equal"], id="white space alone"),
        pytest.param(
            [LEAD, TABLE],
            [LEAD, f"{TABLE} {BOATS} {MAGNATE}"],
            ["equal", "change"],
            id="a paragraph that grew",
        ),
    ],
)  # fmt: skip
def test_blocks_find_their_counterparts(old: list[str], new: list[str], shown: list[str]) -> None:
    assert ops(diff_blocks(old, new)) == shown


def test_a_moved_block_stands_at_both_its_places() -> None:
    moved = [
        pair
        for pair in diff_blocks([LEAD, TABLE, BOATS], [TABLE, BOATS, LEAD])
        if pair.op is BlockOp.MOVE
    ]
    assert [(pair.old, pair.new) for pair in moved] == [(LEAD, None), (None, LEAD)]


def test_an_inserted_block_pairs_with_no_similar_neighbour() -> None:
    twin = "At noon 12 boats left the harbour near the villa."
    other = "At noon 19 boats left the harbour near the villa."
    assert ops(diff_blocks([LEAD, twin], [LEAD, other, twin])) == ["equal", "insert", "equal"]


@settings(deadline=None, max_examples=5)
@given(
    st.sampled_from(["the ", "12 ", "字漢", "a. ", "“a” "]),
    st.sampled_from(["the of ", "13 ", "漢語", "b! "]),
)
def test_hostile_text_costs_a_bounded_time(one: str, other: str) -> None:
    old, new = one * (300_000 // len(one)), other * (300_000 // len(other))
    began = time.process_time()
    diff_words(old, new)
    diff_blocks([old], [new])
    assert time.process_time() - began < 8  # under 2 s each on an idle machine
