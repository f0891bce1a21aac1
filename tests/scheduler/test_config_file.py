"""Writing parley.toml: the first file, and additions that keep what a person wrote."""

import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.config import SourceConfig
from scheduler.config import parse_settings
from scheduler.config_file import (
    Answers,
    append_entry,
    first_file,
    remove_entry,
    set_in_entry,
    source_block,
    write_new,
    write_secret,
)
from scheduler.errors import ConfigError

MINE = """\
# mine
contact = "a@b.example"  # why

[fetch]
pace = "3s"

[[sources]]   # the first
name = "A"
url = "https://a.example/"
# about B
[[sources]]
name = "B"
url = "https://b.example/"

[[channels]]
name = "desk"
address_env = "DESK"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that a person wrote."""
    path = tmp_path / "parley.toml"
    path.write_text(MINE, encoding="utf-8")
    return path


def names(path: Path, section: str) -> list[str]:
    return [entry["name"] for entry in tomllib.loads(path.read_text()).get(section, [])]


def comments(text: str) -> list[str]:
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]


def test_a_first_file_is_valid_and_says_the_policy() -> None:
    sources = [SourceConfig(name="A", url="https://a.example/", language="id", enabled=False)]
    text = first_file(Answers(contact="desk@example.org"), sources)
    settings = parse_settings(text, name="parley.toml")
    assert settings.sources == tuple(sources)
    assert settings.contact == "desk@example.org"
    assert {'now = ["major"]', 'summary = ["new", "minor"]'} <= {
        line.partition("  ")[0] for line in text.splitlines()
    }


def test_a_first_file_without_sources_is_valid() -> None:
    assert parse_settings(first_file(Answers(), []), name="parley.toml").sources == ()


NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60).filter(
    lambda name: "://" not in name
)


@given(NAMES)
def test_any_name_survives_writing(name: str) -> None:
    source = SourceConfig(name=name, url="https://a.example/")
    assert parse_settings(source_block(source), name="parley.toml").sources == (source,)


def test_an_entry_is_added_and_every_comment_stays(path: Path) -> None:
    append_entry(path, "sources", {"name": "C", "url": "https://c.example/"})
    append_entry(path, "channels", {"name": "home", "address_file": "home.secret"})
    assert names(path, "sources") == ["A", "B", "C"]
    assert names(path, "channels") == ["desk", "home"]
    assert comments(path.read_text()) == comments(MINE)
    parse_settings(path.read_text(), name="parley.toml")


@pytest.mark.parametrize(
    "before", ["", "# only a comment", "sources = []\n", "[fetch]\npace = '1s'\n"]
)
def test_an_entry_is_added_where_there_was_none(tmp_path: Path, before: str) -> None:
    path = tmp_path / "parley.toml"
    path.write_text(before)
    append_entry(path, "sources", {"name": "C", "url": "https://c.example/"})
    append_entry(path, "sources", {"name": "D", "url": "https://d.example/"})
    assert names(path, "sources") == ["C", "D"]


def test_a_key_is_set_and_taken_back(path: Path) -> None:
    assert set_in_entry(path, "sources", "A", values={"enabled": False, "reason": "quiet"})
    settings = parse_settings(path.read_text(), name="parley.toml")
    assert [(s.enabled, s.reason) for s in settings.sources] == [(False, "quiet"), (True, "")]
    assert set_in_entry(path, "sources", "A", values={"enabled": None, "reason": None})
    assert path.read_text() == MINE


def test_an_entry_is_removed_and_the_others_stay(path: Path) -> None:
    assert remove_entry(path, "sources", "B")
    assert names(path, "sources") == ["A"]
    assert remove_entry(path, "channels", "desk")
    assert names(path, "channels") == []
    assert not remove_entry(path, "channels", "desk")


def test_a_file_keeps_its_mode_and_a_link_stays_a_link(path: Path) -> None:
    path.chmod(0o640)
    link = path.with_name("link.toml")
    link.symlink_to(path)
    append_entry(link, "sources", {"name": "C", "url": "https://c.example/"})
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert names(path, "sources") == ["A", "B", "C"]
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(".")] == []


def test_a_file_that_is_there_is_never_overwritten(path: Path) -> None:
    with pytest.raises(ConfigError, match="is there already and was not changed"):
        write_new(path, "x = 1")
    with pytest.raises(ConfigError, match="is there already and was not changed"):
        write_secret(path, "x")
    assert path.read_text() == MINE


def test_a_secret_is_for_its_owner_only(tmp_path: Path) -> None:
    write_secret(tmp_path / "desk.secret", "json://localhost")
    assert stat.S_IMODE((tmp_path / "desk.secret").stat().st_mode) == 0o600


def test_a_file_that_is_not_toml_is_not_touched(path: Path) -> None:
    path.write_text("a = [\n")
    with pytest.raises(ConfigError, match=r"line \d+: this is not TOML"):
        append_entry(path, "sources", {"name": "C"})
    assert path.read_text() == "a = [\n"
