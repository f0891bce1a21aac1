import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.codec import pack, text_hash, unpack

any_text = st.text(st.characters(codec=None), max_size=400)
SENTENCES = [
    f"Sentence {n}: the delegations met for the {n}th time and agreed on nothing new."
    for n in range(60)
]
ARTICLE = "\n".join(SENTENCES)


@given(any_text, st.none() | any_text)
def test_unpacking_gives_the_packed_text(text: str, base: str | None) -> None:
    assert unpack(pack(text, base=base), base=base) == text


@given(any_text, any_text)
def test_two_texts_share_a_hash_only_if_they_are_the_same(one: str, other: str) -> None:
    assert (text_hash(one) == text_hash(other)) == (one == other)


def test_a_chain_of_patches_unpacks_to_its_end() -> None:
    texts = [ARTICLE.replace("nothing", f"point {n}") for n in range(16)]
    blobs = [pack(text, base=base) for text, base in zip(texts, [None, *texts], strict=False)]
    found = None
    for blob in blobs:
        found = unpack(blob, base=found)
    assert found == texts[-1]


def test_a_small_edit_costs_a_small_patch() -> None:
    edited = ARTICLE.replace("the 7th time", "the eighth time")
    assert len(pack(edited, base=ARTICLE)) < len(pack(edited, base=None)) / 4


def test_a_text_of_a_megabyte_is_packed_and_patched() -> None:
    long = "\n".join(f"{n} {n * 7919 % 104729} words that go on" for n in range(30_000))
    edited = long.replace("15000 ", "fifteen thousand ", 1)
    blob = pack(edited, base=long)
    assert unpack(blob, base=long) == edited


@pytest.mark.parametrize(
    "blob",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not zstd", id="foreign"),
        pytest.param(pack(ARTICLE, base=None)[:-20], id="cut-off"),
        pytest.param(b"\x00" + pack(ARTICLE, base=None), id="shifted"),
    ],
)
def test_damaged_bytes_are_refused(blob: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        unpack(blob, base=None)


@given(st.binary(max_size=200))
def test_foreign_bytes_give_text_or_a_value_error(blob: bytes) -> None:
    try:
        unpack(blob, base=ARTICLE)
    except ValueError:
        return
