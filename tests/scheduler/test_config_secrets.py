"""Logins and headers of sources, read from the environment or from files of their own."""

from pathlib import Path

import pytest

from scheduler.assembly import source_access
from scheduler.config import load_config

SOURCE = '[[sources]]\nname = "Post"\nurl = "https://post.example/feed"\n'


def read(folder: Path, lines: str, **env: str):
    path = folder / "parley.toml"
    path.write_text(f'database = "{folder}/p.db"\n{SOURCE}{lines}\n')
    return load_config(path, {"HOME": str(folder), **env})


def headers(found) -> dict[str, str]:
    return {name: value for one in source_access(found) for name, value in one.headers}


def keep(folder: Path, text: str, mode: int = 0o600) -> None:
    (folder / "post.secret").write_text(text)
    (folder / "post.secret").chmod(mode)


def test_a_login_is_sent_as_basic_authentication(tmp_path: Path) -> None:
    assert headers(read(tmp_path, 'login = "desk:hunter2"')) == {
        "Authorization": "Basic ZGVzazpodW50ZXIy"
    }


def test_a_login_is_read_from_the_environment_or_a_file(tmp_path: Path) -> None:
    keep(tmp_path, "desk:hunter2\n")
    expected = headers(read(tmp_path, 'login = "desk:hunter2"'))
    assert headers(read(tmp_path, 'login_env = "POST"', POST="desk:hunter2")) == expected
    assert headers(read(tmp_path, 'login_file = "post.secret"')) == expected


def test_headers_are_read_a_line_each(tmp_path: Path) -> None:
    keep(tmp_path, "# of the subscription\nCookie: sid=1; b=2\n\nX-Desk: 7\n")
    found = read(tmp_path, 'headers_file = "post.secret"')
    assert headers(found) == {"Cookie": "sid=1; b=2", "X-Desk": "7"}
    assert not found.warnings


@pytest.mark.parametrize(
    ("lines", "kept", "told"),
    [
        ('login_env = "NONE"', "", "the environment variable NONE is not set"),
        ('login_file = "no.secret"', "", "cannot be read (no such file or directory)"),
        ('login_file = "post.secret"', "hunter2", "its login is not user:password"),
        ('headers_file = "post.secret"', "Cookie hunter2", "line 1 has no colon"),
        ('headers_file = "post.secret"', "Host: hunter2", "Host is ours to set"),
    ],
)
def test_a_secret_that_cannot_be_read_is_said_and_stops_nothing(
    tmp_path: Path, *, lines: str, kept: str, told: str
) -> None:
    keep(tmp_path, kept)
    found = read(tmp_path, lines)
    assert "sources: Post" in found.warnings[0]
    assert told in found.warnings[0]
    assert "hunter2" not in found.warnings[0]
    assert not headers(found)


def test_a_file_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    keep(tmp_path, "desk:hunter2", mode=0o644)
    (warning,) = read(tmp_path, 'login_file = "post.secret"').warnings
    assert "can be read by other users; run chmod 600 on it." in warning


def test_secrets_are_in_no_representation(tmp_path: Path) -> None:
    found = read(tmp_path, 'login = "desk:hunter2"\nheaders = { Cookie = "hunter2" }')
    assert "hunter2" not in repr(found) + str(found) + found.model_dump_json()
