"""Apprise addresses built from what a person knows."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.addresses import KINDS, build_address
from scheduler.trial_message import loading_problem

MAIL = {
    "host": "mail.example.org",
    "port": "587",
    "user": "desk@example.org",
    "password": "p@ss/w:rd?#%",
    "from": "desk@example.org",
    "to": "a@example.org, b@example.org",
}
EXAMPLES = [
    pytest.param("mail", MAIL, "mailtos", id="mail"),
    pytest.param("mail", MAIL | {"port": "465"}, "mailtos", id="mail-ssl"),
    pytest.param(
        "mail", MAIL | {"host": "127.0.0.1", "port": "2525", "user": ""}, "mailto", id="mail-plain"
    ),
    pytest.param(
        "matrix",
        {"server": "https://matrix.example.org", "token": "syt_a/b", "room": "#desk:example.org"},
        "matrixs",
        id="matrix",
    ),
    pytest.param(
        "matrix",
        {"server": "http://127.0.0.1:8008", "token": "syt", "room": "#desk:localhost"},
        "matrix",
        id="matrix-plain",
    ),
    pytest.param(
        "telegram",
        {"token": "123456789:ABCdefGhIJKlmNoPQRsTUVwxyZ", "room": "-100123"},
        "tgram",
        id="telegram",
    ),
    pytest.param(
        "irc",
        {
            "host": "irc.example.org",
            "port": "6697",
            "user": "parley",
            "password": "",
            "room": "#desk",
        },
        "ircs",
        id="irc",
    ),
    pytest.param("webhook", {"url": "https://example.org/hook?token=a%26b"}, "jsons", id="webhook"),
    pytest.param("webhook", {"url": "http://127.0.0.1:9000/x"}, "json", id="webhook-plain"),
    pytest.param("other", {"address": "ntfys://ntfy.example.org/desk"}, "ntfys", id="other"),
]


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's
@pytest.mark.parametrize(("kind", "values", "scheme"), EXAMPLES)
async def test_every_kind_builds_an_address_that_loads(
    kind: str, values: dict[str, str], scheme: str
) -> None:
    address = build_address(kind, values)
    assert address.startswith(f"{scheme}://")
    assert await loading_problem(address) == ""


@pytest.mark.parametrize(("kind", "values", "_scheme"), EXAMPLES)
def test_every_question_of_a_kind_is_answered_by_its_example(
    kind: str, values: dict[str, str], _scheme: str
) -> None:
    assert {question.key for question in KINDS[kind].questions} <= set(values)


@given(
    st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=40),
    st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=40),
)
def test_any_user_and_password_survive_encoding(user: str, password: str) -> None:
    parts = urlsplit(build_address("mail", MAIL | {"user": user, "password": password}))
    assert unquote(parts.username or "") == user
    assert unquote(parts.password or "") == password
    assert parts.hostname == "mail.example.org"
    assert parse_qs(parts.query)["to"] == ["a@example.org,b@example.org"]


@pytest.mark.parametrize(
    ("port", "host", "mode"),
    [
        ("587", "mail.example.org", "starttls"),
        ("465", "mail.example.org", "ssl"),
        ("25", "mail.example.org", "insecure"),
        ("2525", "localhost", "insecure"),
    ],
)
def test_mail_is_encrypted_as_its_port_says(port: str, host: str, mode: str) -> None:
    address = build_address("mail", MAIL | {"port": port, "host": host})
    assert parse_qs(urlsplit(address).query)["mode"] == [mode]


@pytest.mark.parametrize(
    ("kind", "change", "says"),
    [
        ("mail", {"host": "https://mail.example.org"}, "is not a server's name"),
        ("mail", {"port": "smtp"}, "'smtp' is not a port"),
        ("mail", {"port": "0"}, "'0' is not a port"),
        ("mail", {"to": "desk"}, "'desk' is not an e-mail address"),
        ("mail", {"from": ""}, "is not an e-mail address"),
        ("mail", {"security": "tls1"}, "write starttls, ssl or none"),
        ("telegram", {"token": "secret", "room": "1"}, "is not a bot token"),
        ("matrix", {"server": "m.example", "token": "t", "room": "desk"}, "is not a room"),
        (
            "irc",
            {"host": "i.example", "port": "6697", "user": "", "password": "", "room": "desk"},
            "with its #",
        ),
        ("webhook", {"url": "example.org"}, "is not a web address"),
        ("other", {"address": "hello"}, "is not an Apprise address"),
    ],
)
def test_a_wrong_answer_is_told(kind: str, change: dict[str, str], says: str) -> None:
    values = (MAIL if kind == "mail" else {}) | change
    with pytest.raises(ValueError, match=says) as error:
        build_address(kind, values)
    assert "secret" not in str(error.value)
    assert MAIL["password"] not in str(error.value)
