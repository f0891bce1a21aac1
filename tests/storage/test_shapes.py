"""How addresses are built, and what is believed of each way after some were read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.shapes import Promise, believed, shape_of


@pytest.mark.parametrize(
    ("url", "shape"),
    [
        ("https://n.example/2025/07/23/a-long-slug-here", "/d/d/d/s"),
        ("https://n.example/news/talks-resume-in-istanbul.html", "/news/s.html"),
        ("https://n.example/video/12345678", "/video/n"),
        ("https://n.example/en/video/12345678", "/en/video/n"),
        ("https://n.example/world/europe/talks-resume-in-istanbul-7654321", "/world/w/sn"),
        ("https://n.example/politics/", "/w"),
        ("https://n.example/index.php?id=17&cat=world", "/w.php?cat=w&id=n"),
        ("https://n.example/a/3f2504e0-4f89-41d3-9a0c-0305e82c3301", "/a/sn"),
        ("https://n.example/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8/%D0%BF%D0%B5%D1%80%D0%B5%D0%B3%D0%BE%D0%B2%D0%BE%D1%80%D0%B8-%D1%83-%D0%A1%D1%82%D0%B0%D0%BC%D0%B1%D1%83%D0%BB%D1%96-%D0%B7%D0%BD%D0%BE%D0%B2%D1%83", "/новини/s"),
        ("https://n.example/", ""),
    ],
)  # fmt: skip
def test_a_shape_keeps_the_kind_and_forgets_the_article(url: str, shape: str) -> None:
    assert shape_of(url) == shape


@given(st.text(max_size=300))
def test_every_address_has_a_short_shape(path: str) -> None:
    assert len(shape_of(f"https://n.example/{path}")) <= 200


@pytest.mark.parametrize(
    ("counts", "promise"),
    [
        pytest.param([0, 0, 0], Promise.UNKNOWN, id="never-seen"),
        pytest.param([1, 0, 0], Promise.UNKNOWN, id="one-article"),
        pytest.param([2, 0, 0], Promise.ARTICLE, id="two-articles"),
        pytest.param([0, 0, 2], Promise.ARTICLE, id="a-feed-says-so"),
        pytest.param([0, 1, 9], Promise.UNKNOWN, id="a-feed-says-so-and-one-was-none"),
        pytest.param([5, 3, 0], Promise.ARTICLE, id="mostly-articles"),
        pytest.param([3, 5, 0], Promise.UNKNOWN, id="both"),
        pytest.param([0, 3, 0], Promise.UNKNOWN, id="three-that-were-none"),
        pytest.param([0, 4, 9], Promise.OTHER, id="four-that-were-none-whatever-the-feed-says"),
        pytest.param([1, 19, 0], Promise.UNKNOWN, id="one-in-twenty"),
        pytest.param([1, 40, 0], Promise.OTHER, id="one-in-forty"),
    ],
)
def test_what_was_read_teaches_what_to_expect(counts: list[int], promise: Promise) -> None:
    shapes = believed({"/video/n": counts})
    found = [
        shapes.promise(f"https://n.example/video/{number}") for number in range(10_000, 10_200)
    ]
    assert max(set(found), key=found.count) is promise


def test_of_what_never_was_an_article_a_few_are_tried_all_the_same() -> None:
    shapes = believed({"/video/n": [0, 9, 0]})
    found = [
        shapes.promise(f"https://n.example/video/{number}") for number in range(10_000, 11_000)
    ]
    assert 30 < found.count(Promise.UNKNOWN) < 100
