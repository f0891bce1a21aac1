"""Where blocks stand, and by what they are known when they say something else."""

import pytest

from storage import rows
from storage.keys import is_apart, is_sentence, lead_in, line_keys, place_key
from storage.places import placed, wrapping_of
from storage.types import Block, BlockKind

OWN = "div.entry>p"


def block(place: str, kind: BlockKind = BlockKind.PARAGRAPH, text: str = "A text.") -> Block:
    return Block(kind=kind, text=text, place=place)


BODY = (block(OWN), block(OWN), block(OWN))


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        (OWN, BlockKind.PARAGRAPH),
        ("div.entry>h2", BlockKind.HEADING),
        ("div.entry>ul>li", BlockKind.LIST_ITEM),
        ("div.entry>blockquote>p", BlockKind.QUOTE),
        ("div.entry>table>tbody>tr", BlockKind.TABLE_ROW),
        ("div.entry>h2.wp-block-heading", BlockKind.HEADING),
        ("div.entry>ul.wp-block-list>li", BlockKind.LIST_ITEM),
        ("div.entry>p.has-drop-cap", BlockKind.PARAGRAPH),
        ("", BlockKind.PARAGRAPH),
    ],
)
def test_what_a_text_is_made_of_is_its_own(place: str, kind: BlockKind) -> None:
    assert not is_apart(placed((*BODY, block(place, kind)))[-1])


@pytest.mark.parametrize(
    "place", ["div.entry>p.note", "div.entry>div>p", "div.entry>div.box>p", "p", "div.entry>aside"]
)
def test_what_is_wrapped_by_itself_stands_apart(place: str) -> None:
    assert is_apart(placed((*BODY, block(place)))[-1])


def test_a_heading_stands_apart_where_the_page_is_wrapped_anew() -> None:
    blocks = (*BODY, block("div.entry>h2", BlockKind.HEADING))
    assert [is_apart(b) for b in placed(blocks, is_strict=True)] == [False, False, False, True]


def test_the_place_of_a_short_text_is_known_from_its_site() -> None:
    usual = {wrapping_of(BODY)}
    short = (block(OWN), block("div.box>p"), block("div.box>p"))
    assert [is_apart(b) for b in placed(short)] == [True, False, False]
    assert [is_apart(b) for b in placed(short, usual=usual)] == [False, True, True]
    assert wrapping_of(short, usual=usual) == wrapping_of(BODY)


def test_a_text_that_is_cut_into_parts_stands_in_all_of_them() -> None:
    parts = tuple(block(f"div.part-{n}>p") for n in (1, 2) for _ in range(5))
    assert not any(is_apart(b) for b in placed(parts))


def test_a_stored_block_keeps_whether_it_stood_apart() -> None:
    blocks = placed((*BODY, block("div.entry>p.note", text="Seen by 12")))
    text = "\n".join(b.text for b in blocks)
    assert rows.blocks(rows.block_words(blocks), text) == blocks
    assert place_key(blocks[-1].place) == place_key("div.entry>p.note")
    assert rows.blocks("p p li", "a\nb\nc")[2] == block("", BlockKind.LIST_ITEM, "c")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The talks went on for two more hours.", True),
        ("“The talks went on for two more hours.”", True),
        ("Делегации встретились в Стамбуле в понедельник…", True),
        ("代表团周一在伊斯坦布尔会晤，讨论了停火和交换战俘的问题，会谈持续了大约两个小时。", True),
        ("A long paragraph without an end " * 8, True),
        ("Updated 5 minutes ago · 123 views", False),
        ("Read also: Harvest begins early in the south", False),
        ("Yes.", False),
    ],
)
def test_prose_ends_as_a_sentence_or_is_long(text: str, *, expected: bool) -> None:
    assert is_sentence(text) is expected


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("Read also: Harvest begins early", "read also"),
        ("Читайте також：Жнива", "читайте також"),
        ("Seen by 12 readers", "seen by"),
        ("Harvest begins early", ""),
        ("12 readers", ""),
    ],
)
def test_a_line_is_known_by_how_it_begins(text: str, lead: str) -> None:
    assert lead_in(text) == lead


def test_a_sentence_is_known_by_its_figures_only_and_a_long_one_by_nothing() -> None:
    assert [key[0] for key in line_keys("Kyiv: 52 drones were shot down overnight, it said.")] == [
        "s"
    ]
    assert line_keys("The palace was closed for the meeting of the delegations.") == ()
    assert line_keys("On Monday 12 delegates came. " * 12) == ()
