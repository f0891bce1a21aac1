"""What one more look means: table tests over the four situations, and what no noise may hide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.suspicion import Judgement, Stand, judge_look, without_volatile
from storage.types import Block, BlockKind

BODY = (
    "The delegations met in Istanbul on Monday for the second round of talks.",
    "Officials said that 52 drones had been shot down during the night.",
    "A spokesman said a third round was possible within two weeks.",
    "The meeting at the palace lasted a little more than one hour.",
)


def stand(
    *texts: str, title: str = "Talks resume in Istanbul", places: dict[str, str] | None = None
) -> Stand:
    return Stand(
        title=title,
        blocks=tuple(
            Block(kind=BlockKind.PARAGRAPH, text=t, place=(places or {}).get(t, "div.entry>p"))
            for t in texts
        ),
    )


def judge(
    seen: Stand,
    newest: Stand,
    pending: Stand | None = None,
    *,
    volatile: tuple[str, ...] = (),
    looks: int = 0,
):
    return judge_look(seen, newest=newest, pending=pending, looks_before=looks, volatile=volatile)


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


def test_a_text_that_differs_at_every_look_is_noise_in_the_end() -> None:
    long = BODY[1] + " " + BODY[2]
    forms = [stand(BODY[0], long.replace("spokesman", w), BODY[3]) for w in ("a", "b")]
    verdict = judge(forms[1], stand(BODY[0], long, BODY[3]), forms[0], looks=2)
    assert verdict.judgement is Judgement.NOISE


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


def test_a_place_that_holds_the_article_itself_is_never_volatile() -> None:
    places = dict.fromkeys(BODY, "div.entry>p")
    assert len(without_volatile(stand(*BODY, places=places).blocks, ["p" + "0" * 10])) == 4
