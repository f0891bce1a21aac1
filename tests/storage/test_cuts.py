"""A summary that is cut off elsewhere is no edit; what differs before the cut is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.cuts import align
from storage.types import Block, BlockKind

LONG = (
    "The delegations met in Istanbul on Monday for the second round of talks, and officials said that "
    "52 drones had been shot down during the night over the city."
)
SECOND = "A third round is possible."


def blocks(*texts: str) -> tuple[Block, ...]:
    return tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts)


def aligned(new: tuple[str, ...], old: tuple[str, ...]) -> tuple[list[str], bool]:
    found = align(blocks(*new), blocks(*old))
    return [block.text for block in found.blocks], found.goes_on


@pytest.mark.parametrize(
    ("new", "old", "wanted", "goes_on"),
    [
        pytest.param((LONG,), (LONG,), [LONG], False, id="the-same"),
        pytest.param((LONG[:60] + "…",), (LONG,), [LONG], False, id="cut-now"),
        pytest.param((LONG,), (LONG[:60] + "…",), [LONG[:60] + "…"], True, id="goes-on-now"),
        pytest.param((LONG[:90] + "…",), (LONG[:60] + "…",), [LONG[:60] + "…"], True, id="longer"),
        pytest.param(
            (LONG[:60] + "…",), (LONG[:90] + "…",), [LONG[:90] + "…"], False, id="shorter"
        ),
        pytest.param((LONG[:100],), (LONG,), [LONG], False, id="cut-without-a-sign"),
        pytest.param(
            (LONG[:60] + "…",), (LONG, SECOND), [LONG, SECOND], False, id="two-paragraphs"
        ),
        pytest.param(
            (LONG.replace("Monday", "Tuesday")[:60] + "…",),
            (LONG,),
            [LONG.replace("Monday", "Tuesday")],
            False,
            id="edited-and-cut",
        ),
        pytest.param(
            (LONG.replace("52", "49"),), (LONG,), [LONG.replace("52", "49")], False, id="edited"
        ),
        pytest.param((LONG, SECOND), (LONG,), [LONG, SECOND], False, id="added-to-a-whole-text"),
        pytest.param((LONG,), (LONG, SECOND), [LONG], False, id="taken-from-a-whole-text"),
        pytest.param(
            ("Nothing of it is known…",), (LONG,), ["Nothing of it is known…"], False, id="another"
        ),
        pytest.param((), (LONG,), [], False, id="no-text-now"),
        pytest.param((LONG,), (), [LONG], False, id="no-text-before"),
        pytest.param(
            ("停战谈判在周…",),
            ("停战谈判在周一举行。",),
            ["停战谈判在周一举行。"],
            False,
            id="no-blanks",
        ),
    ],
)
def test_a_text_ends_where_it_did_before(  # noqa: PLR0917 - a table's columns
    new: tuple[str, ...], old: tuple[str, ...], wanted: list[str], goes_on: bool
) -> None:
    assert aligned(new, old) == (wanted, goes_on)


@given(st.integers(20, len(LONG)), st.integers(20, len(LONG)))
def test_no_two_cuts_of_one_text_are_an_edit(first: int, second: int) -> None:
    old, new = (LONG[:at].rstrip() + "…" for at in (first, second))
    found, _ = aligned((new,), (old,))
    assert found == [old]
