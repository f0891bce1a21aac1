"""What one more look means: table tests over the four situations, and what no noise may hide."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from storage.keys import APART, HEADLINE, figures_key, line_keys, place_key, text_key
from storage.suspicion import MOST_KEYS, Judgement, Known, Stand, Verdict, judge_look
from storage.types import Block, BlockKind

BODY = (
    "The delegations met in Istanbul on Monday for the second round of talks.",
    "Officials said that 52 drones had been shot down during the night.",
    "A spokesman said a third round was possible within two weeks.",
    "The meeting at the palace lasted a little more than one hour.",
)


EXTRA = APART + place_key("div.entry>p.extra")[1:]


def paragraph(text: str, place: str = "") -> Block:
    return Block(kind=BlockKind.PARAGRAPH, text=text, place=place)


def stand(
    *texts: str | Block,
    title: str = "Talks resume in Istanbul",
    places: dict[str, str] | None = None,
) -> Stand:
    return Stand(
        title=title,
        blocks=tuple(
            t if isinstance(t, Block) else paragraph(t, (places or {}).get(t, "")) for t in texts
        ),
    )


def judge(
    seen: Stand, newest: Stand, pending: Stand | None = None, *, looks: int = 0, **known: object
) -> Verdict:
    return judge_look(
        seen,
        newest=newest,
        pending=pending,
        looks_before=looks,
        known=Known(**known),  # type: ignore[arg-type]
    )


def counter(minutes: int, views: int) -> str:
    return f"Updated {minutes} minutes ago · {views} views"


def test_an_equal_text_is_the_same() -> None:
    assert judge(stand(*BODY), stand(*BODY)).judgement is Judgement.SAME


def test_invisible_characters_and_blanks_are_the_same() -> None:
    odd = [t.replace(" ", "\u00a0 ").replace("d", "d\u00ad") for t in BODY]
    assert judge(stand(*odd), stand(*BODY)).judgement is Judgement.SAME


EDITS = [
    pytest.param(stand(*BODY, title="Talks collapse in Istanbul"), id="headline"),
    pytest.param(stand(BODY[0], BODY[1].replace("52", "49"), *BODY[2:]), id="number"),
    pytest.param(stand(*BODY[:2], *BODY[3:]), id="paragraph-removed"),
    pytest.param(stand(*BODY, "A new last line."), id="appended-after-the-last"),
    pytest.param(stand(BODY[1], BODY[0], *BODY[2:]), id="order"),
    pytest.param(stand(*BODY, BODY[0]), id="repeated-block"),
]


@pytest.mark.parametrize("edited", EDITS)
def test_a_difference_is_suspected_first_and_believed_when_it_still_stands(edited: Stand) -> None:
    assert judge(edited, stand(*BODY)).judgement is Judgement.SUSPECTED
    assert judge(edited, stand(*BODY), edited).judgement is Judgement.CONFIRMED


@pytest.mark.parametrize("edited", EDITS)
def test_a_difference_that_went_away_was_seen_once(edited: Stand) -> None:
    assert judge(stand(*BODY), stand(*BODY), edited).judgement is Judgement.SEEN_ONCE


def test_a_counter_that_runs_is_noise_and_never_asked_again() -> None:
    first, second, third = (stand(counter(m, v), *BODY) for m, v in ((5, 123), (9, 240), (12, 391)))
    verdict = judge(third, first, second)
    assert verdict.judgement is Judgement.NOISE
    again = judge(stand(counter(40, 9_000), *BODY), first, volatile=verdict.learned)
    assert again.judgement is Judgement.SAME


def test_a_rotating_read_also_line_is_noise_and_never_asked_again() -> None:
    lines = [
        f"Read also: {t}"
        for t in ("Harvest begins early", "A bridge reopens", "Rain in the north", "Cup final set")
    ]
    first, second, third, fourth = (stand(*BODY[:2], line, *BODY[2:]) for line in lines)
    verdict = judge(third, first, second)
    assert verdict.judgement is Judgement.NOISE
    assert judge(fourth, first, volatile=verdict.learned).judgement is Judgement.SAME


def test_noise_beside_an_edit_does_not_hide_the_edit() -> None:
    edited = [BODY[0], BODY[1].replace("52", "49"), *BODY[2:]]
    verdict = judge(
        stand(counter(12, 391), *edited),
        stand(counter(5, 123), *BODY),
        stand(counter(9, 240), *edited),
    )
    assert verdict.judgement is Judgement.CONFIRMED
    assert [b.text for b in verdict.blocks] == edited


def test_an_edit_of_an_edit_is_looked_at_once_more_and_then_believed() -> None:
    long = BODY[1] + " " + BODY[2]
    newest = stand(BODY[0], long)
    once, twice = (
        stand(BODY[0], long.replace("spokesman", w)) for w in ("spokesmann", "spokeswoman")
    )
    assert judge(twice, newest, once).judgement is Judgement.SUSPECTED
    assert judge(twice, newest, twice, looks=1).judgement is Judgement.CONFIRMED


def test_a_sentence_that_differs_at_every_look_is_told_in_the_end() -> None:
    first, second, third = (stand(BODY[0], BODY[1].replace("52", n)) for n in ("53", "54", "55"))
    assert judge(third, first, second).judgement is Judgement.SUSPECTED
    verdict = judge(third, first, second, looks=2)
    assert verdict.judgement is Judgement.CONFIRMED
    assert verdict.blocks[1].text == third.blocks[1].text


def test_a_sentence_whose_figures_move_at_every_look_of_two_rounds_is_noise() -> None:
    forms = [stand(f"This page has been read by {n} people today.", *BODY) for n in (1, 22, 333)]
    first = judge(forms[2], forms[0], forms[1], looks=2)
    assert first.judgement is Judgement.CONFIRMED
    second = judge(forms[0], forms[2], forms[1], looks=2, volatile=first.learned)
    assert second.judgement is Judgement.NOISE
    known = (*first.learned, *second.learned)
    assert judge(forms[1], forms[2], volatile=known).judgement is Judgement.SAME


def test_a_line_that_differs_at_every_look_is_noise_in_the_end() -> None:
    forms = [stand(*BODY, paragraph(f"Words of the {w}", EXTRA)) for w in ("day", "daz", "dax")]
    assert judge(forms[2], forms[0], forms[1], looks=2).judgement is Judgement.NOISE


@given(st.integers(0, 3), st.text("abcdefghij ", min_size=12, max_size=60))
def test_known_noise_never_hides_an_edit_elsewhere(at: int, words: str) -> None:
    first, second, third = (stand(counter(m, v), *BODY) for m, v in ((5, 123), (9, 240), (12, 391)))
    learned = judge(third, first, second).learned
    edited = list(BODY)
    edited[at] = f"{edited[at]} {words.strip()}x"
    assert (
        judge(stand(counter(1, 2), *edited), first, volatile=learned).judgement
        is Judgement.SUSPECTED
    )


# -- what may be the site's ----------------------------------------------------------------------

BOX = paragraph("Our letter brings the news of the day at seven every morning.", EXTRA)
TEASER = "Harvest begins early in the whole of the south"


@pytest.mark.parametrize(
    ("before", "after", "known"),
    [
        pytest.param((), (BOX,), {}, id="a-new-box"),
        pytest.param((BOX,), (), {}, id="a-box-gone"),
        pytest.param((BOX,), (paragraph("Rain in the north", EXTRA),), {}, id="a-box-rotated"),
        pytest.param(
            (paragraph("Seen 12 times", EXTRA),),
            (paragraph("Seen 14 times", EXTRA),),
            {},
            id="count",
        ),
        pytest.param(
            (paragraph("Seen by 12"),),
            (paragraph("Seen by 14"),),
            {"lines": [figures_key("Seen by 12")]},
            id="a-line-that-several-articles-have",
        ),
        pytest.param(
            (), (paragraph(TEASER),), {"teasers": [text_key(TEASER)]}, id="another-headline"
        ),
    ],
)
def test_what_may_be_the_sites_is_held_beside_an_edit_that_is_told(
    before: tuple[Block, ...], after: tuple[Block, ...], known: dict[str, object]
) -> None:
    newest, seen = stand(*BODY[:2], *before, *BODY[2:]), stand(*BODY[:2], *after, *BODY[2:])
    assert judge(seen, newest, **known).doubted
    assert judge(seen, newest, seen, **known).judgement is Judgement.HELD
    assert judge(newest, newest, seen, **known).judgement is Judgement.NOISE
    assert judge(seen, newest, seen, is_ripe=True, **known).judgement is Judgement.CONFIRMED

    both = stand(BODY[0].replace("Monday", "Sunday"), BODY[1], *after, *BODY[2:])
    verdict = judge(both, newest, both, **known)
    assert verdict.judgement is Judgement.CONFIRMED
    told = stand(BODY[0].replace("Monday", "Sunday"), BODY[1], *before, *BODY[2:])
    assert [b.text for b in verdict.blocks] == [b.text for b in told.blocks]
    assert verdict.doubted


@pytest.mark.parametrize(
    ("before", "after", "known"),
    [
        pytest.param("Correction: 49 drones, not 52", None, {}, id="a-note-of-correction-in-a-box"),
        pytest.param("The talks go on for a secnd day, in the palace.", "second", {}, id="typo"),
        pytest.param(
            "A lead.", "Another one", {"trusted": [place_key(EXTRA)]}, id="a-place-that-is-trusted"
        ),
    ],
)
def test_what_stands_apart_and_is_an_edit_is_told(
    before: str, after: str | None, known: dict[str, object]
) -> None:
    old, new = stand(*BODY), stand(*BODY, paragraph(before, EXTRA))
    if after is not None:
        old, new = new, stand(*BODY, paragraph(before.replace("secnd", after), EXTRA))
    if before == "A lead.":
        new = stand(*BODY, paragraph("Another one", EXTRA))
    assert judge(new, old, new, **known).judgement is Judgement.CONFIRMED


def test_another_headline_that_moved_twice_is_known_by_that() -> None:
    lines = [f"{TEASER} and {place}" for place in ("Odesa", "Varna", "Burgas")]
    forms = [stand(*BODY, paragraph(line)) for line in lines]
    teasers = [text_key(line) for line in lines]
    verdict = judge(forms[2], forms[0], forms[1], teasers=teasers)
    assert (verdict.judgement, verdict.learned) == (Judgement.NOISE, (HEADLINE,))


def test_a_box_that_came_for_one_look_leaves_nothing_behind() -> None:
    assert judge(stand(*BODY), stand(*BODY), stand(*BODY, BOX)).judgement is Judgement.NOISE


# -- what no noise may hide ----------------------------------------------------------------------

sentences = st.lists(
    st.text("abcdefghij 0123456789", min_size=30, max_size=90).map(lambda t: f"A{t.strip()}zz."),
    min_size=1,
    max_size=5,
    unique=True,
)
lines_of_noise = st.lists(
    st.tuples(st.integers(0, 6), st.text("xyz 012:", min_size=1, max_size=20), st.booleans()),
    max_size=3,
)


def noisy(texts: list[str], noise: list[tuple[int, str, bool]]) -> Stand:
    blocks = [paragraph(text) for text in texts]
    for at, text, is_apart in noise:
        blocks.insert(min(at, len(blocks)), paragraph(f"~{text}~", EXTRA if is_apart else ""))
    return stand(*blocks)


@settings(max_examples=200, deadline=None)
@given(sentences, sentences, st.lists(lines_of_noise, min_size=5, max_size=5))
def test_no_noise_hides_an_edit_of_own_sentences(
    old: list[str], new: list[str], noise: list[list[tuple[int, str, bool]]]
) -> None:
    """Whatever lines come and go around them, own sentences that differ and stand are told as they are."""
    assume(old != new)
    newest, *looks = (
        noisy(texts, lines) for texts, lines in zip((old, new, new, new, new), noise, strict=True)
    )
    every = [block.text for one in (newest, *looks) for block in one.blocks]
    lines = {key for text in every for key in line_keys(text)}
    teasers = {text_key(text) for text in every}
    learned: tuple[str, ...] = ()
    pending = verdict = None
    for number, seen in enumerate(looks):
        known = {"volatile": learned, "lines": lines, "teasers": teasers}
        verdict = judge(seen, newest, pending, looks=max(0, number - 1), **known)
        learned = (*learned, *verdict.learned)[-MOST_KEYS:]
        pending = Stand(title=seen.title, blocks=verdict.seen)
        if verdict.judgement is not Judgement.SUSPECTED:
            break
    assert verdict is not None
    assert verdict.judgement is Judgement.CONFIRMED
    assert [b.text for b in verdict.blocks if not b.text.startswith("~")] == new
