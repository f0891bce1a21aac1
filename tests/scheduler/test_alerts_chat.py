"""Nothing that was fetched makes a chat program act, and the address is never cut away."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.alerts.chat import fit, safe
from scheduler.alerts.forms import Rendered


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@everyone look", "@\u2060everyone look"),
        ("<!channel> <@U123> <#C1>", "<\u2060!channel> <\u2060@\u2060U123> <\u2060#C1>"),
        ("[bank](https://evil.example)", "[bank]\u2060(https://evil.example%29"),
        ("**bold** ||hidden|| `code`", "∗∗bold∗∗ ∣∣hidden∣∣ ˋcodeˋ"),
        ("_sly_ snake_case", "ˍslyˍ snake_case"),
        ("# heading", "\u2060# heading"),
        ("https://x.example/@all/*a*", "https://x.example/%40all/%2Aa%2A"),
        ("52 → 49 «дронів»", "52 → 49 «дронів»"),
    ],
)
def test_what_a_chat_program_acts_on_is_disarmed(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(st.text(alphabet="@<>!#[]()*_`|~\\ aeh:/https.\n", max_size=80))
def test_no_text_keeps_a_mention_or_a_hidden_link(text: str) -> None:
    found = safe(text)
    assert not re.search(r"@[a-z]|<[!@#]|\]\(|\*|`|\|", found)


@given(st.integers(min_value=60, max_value=4000), st.text(max_size=3000), st.text(max_size=600))
def test_a_text_fits_and_keeps_its_last_line(room: int, text: str, brief: str) -> None:
    tail = "https://a.example/b · parley show 7"
    rendered = Rendered(
        subject="s", text=text + tail, html="", json={}, brief=f"{brief}\n{tail}", tail=tail
    )
    found = fit(rendered, room=room)
    assert len(found) <= room
    assert found.endswith(tail)
