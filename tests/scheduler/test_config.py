"""Reading parley.toml: what is found where, and how problems are told."""

from datetime import timedelta
from pathlib import Path

import pytest
import tzlocal
from hypothesis import given
from hypothesis import strategies as st

from scheduler.assembly import look_rules
from scheduler.config import (
    AlertsConfig,
    ChannelConfig,
    Config,
    load_config,
    parse_settings,
    policy_for,
)
from scheduler.config_problems import Renamed, line_of
from scheduler.errors import ConfigError, ConfigMissingError
from scheduler.paths import find_config
from tests.support.privileges import common_folder, without_privileges

SECRET = "mailtos://desk:hunter2@mail.example.org/?to=a@b.example"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one, and a home without settings."""
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    home.mkdir()
    monkeypatch.chdir(here)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home / name.split("_")[1].lower()))
    monkeypatch.setenv("HOME", str(home))
    return here


def read(folder: Path, text: str, **env: str) -> Config:
    (folder / "parley.toml").write_text(text, encoding="utf-8")
    return load_config(None, env)


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        parse_settings(text, name="parley.toml")
    return list(error.value.problems)


# -- problems -------------------------------------------------------------------------------------

ONE_SOURCE = '[[sources]]\nname = "A"\nurl = "https://a.example/"\n'
TWO_SOURCES = ONE_SOURCE + '\n[[sources]]\nname = "B"\nurl = "https://b.example/"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            TWO_SOURCES + 'every = "10 minutes"\n',
            "parley.toml: sources.2.every: '10 minutes' is not a duration; write 10m, 2h or 1d. (line 8)",
            id="duration",
        ),
        pytest.param(
            ONE_SOURCE + "every = 10\n",
            "parley.toml: sources.1.every: 10 is not a duration; write 10m, 2h or 1d. (line 4)",
            id="bare-number",
        ),
        pytest.param(
            'contct = "x"\n',
            "parley.toml: contct: is not a setting; did you mean contact? (line 1)",
            id="unknown-key",
        ),
        pytest.param(
            "[fetch]\nspeed = 1\n",
            "parley.toml: fetch.speed: is not a setting; known are pace, concurrency, timeout, "
            "max_size_mb, visits, workers, budget_requests, budget, daily_requests, "
            "proxy, proxy_env, proxy_file, obey_robots. (line 2)",
            id="unknown-key-far-from-any",
        ),
        pytest.param(
            '[[sources]]\nurl = "https://a.example/"\n',
            'parley.toml: sources.1.name: is missing; write name = "Le Monde world". (line 1)',
            id="missing",
        ),
        pytest.param(
            ONE_SOURCE + 'kind = "rss"\n',
            'parley.toml: sources.1.kind: \'rss\' is not known; write "auto", "feed", "sitemap", '
            '"section" or "page". (line 4)',
            id="enum",
        ),
        pytest.param(
            ONE_SOURCE + 'enabled = "maybe"\n',
            "parley.toml: sources.1.enabled: must be true or false; write enabled = false. (line 4)",
            id="bool",
        ),
        pytest.param(
            'allow_networks = ["localhost"]\n',
            "parley.toml: allow_networks.1: 'localhost' is not a network; write one such as "
            "127.0.0.0/8 or 10.1.2.3. (line 1)",
            id="network",
        ),
        pytest.param(
            "[fetch]\nvisits = 0\n",
            "parley.toml: fetch.visits: 0 is out of range; write at least 1. (line 2)",
            id="range",
        ),
        pytest.param(
            ONE_SOURCE + ONE_SOURCE.replace("https://a", "https://b"),
            "parley.toml: sources.2.name: 'A' stands at sources.1 already; give it another name. (line 5)",
            id="same-name",
        ),
        pytest.param(
            ONE_SOURCE + ONE_SOURCE.replace('"A"', '"B"'),
            "parley.toml: sources.2.url: 'https://a.example/' stands at sources.1 already; "
            "remove one of the two. (line 6)",
            id="same-address",
        ),
        pytest.param(
            ONE_SOURCE + 'topics = ["grain"]\n',
            "parley.toml: sources.1.topics: there is no topic 'grain'; known are talks. (line 4)",
            id="unknown-topic",
        ),
        pytest.param(
            '[[channels]]\nname = "desk"\n',
            "parley.toml: channels.1: has no address; add address_file, address_env or address "
            "(`parley channels add`). (line 1)",
            id="no-address",
        ),
        pytest.param(
            '[[channels]]\nname = "desk"\naddress_env = "A"\naddress_file = "b"\n',
            "parley.toml: channels.1: has address_env and address_file; keep one of them. (line 1)",
            id="two-addresses",
        ),
        pytest.param(
            '[alerts]\nnow = ["new"]\nsummary = ["new", "major", "minor"]\n',
            "parley.toml: alerts: has 'new' in now and summary; keep it in one of them. (line 1)",
            id="word-twice",
        ),
        pytest.param(
            '[alerts]\nnow = ["new"]\n',
            "parley.toml: alerts: says nothing about 'major'; put it into now, summary or history. (line 1)",
            id="word-nowhere",
        ),
        pytest.param(
            'base_url = "example.org"\n',
            "parley.toml: base_url: 'example.org' is not a web address; write it with https:// in "
            "front. (line 1)",
            id="base-url",
        ),
        pytest.param(
            'timezone = "Kyiv"\n',
            "parley.toml: timezone: 'Kyiv' is not a time zone; write one such as Europe/Kyiv. (line 1)",
            id="zone",
        ),
        pytest.param(
            'database = "mysql://x/y"\n',
            "parley.toml: database: mysql:// is not a database we know; write a file name or "
            "postgresql://user@host/name. (line 1)",
            id="database",
        ),
        pytest.param(
            'contact = "a@b.example\\r\\nX-Evil: 1"\n',
            "parley.toml: contact: is not fit for a header; write an e-mail address or a web "
            "address. (line 1)",
            id="contact",
        ),
        pytest.param(
            "[topics.grain]\nthreshold = 2\n",
            "parley.toml: topics.grain.threshold: 2 is out of range; write at most 1.0. (line 2)",
            id="in-a-named-table",
        ),
        pytest.param(
            "sources = 3\n",
            "parley.toml: sources: must be a list in [ ]; write it as the manual shows "
            "(parley help configuration). (line 1)",
            id="not-a-list",
        ),
        pytest.param(
            'path = "/etc"\n',
            "parley.toml: path: is not a setting; ",
            id="what-the-program-adds-is-no-setting",
        ),
    ],
)
def test_a_problem_says_where_what_and_what_to_do(text: str, told: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert found[0].startswith(told)


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        'contct = "x"\n[fetch]\nvisits = 0\n'
        + TWO_SOURCES
        + 'every = "1x"\nalow = ["/x"]\n[[channels]]\nname = "desk"\n'
    )
    assert [line.split(": ")[1] for line in problems(text)] == [
        "contct",
        "fetch.visits",
        "sources.2.every",
        "sources.2.alow",
        "channels.1",
    ]


def test_a_problem_of_an_address_does_not_show_it() -> None:
    text = '[[channels]]\nname = "desk"\naddress = "hunter2 with blanks"\n'
    [told] = problems(text)
    assert told.startswith("parley.toml: channels.1.address: is not an Apprise address;")
    assert "hunter2" not in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('a = "b\n', "parley.toml: line 1: this is not TOML ("),
        ("x = 1\n[fetch\n", "parley.toml: line 2: this is not TOML ("),
        ("x = ", "parley.toml: "),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(text: str, told: str) -> None:
    [found] = problems(text)
    assert found.startswith(told)
    assert "this is not TOML" in found


def test_a_file_that_is_not_text_is_told(folder: Path) -> None:
    (folder / "parley.toml").write_bytes(b'contact = "\xff\xfe"\n')
    with pytest.raises(ConfigError, match=r"^parley\.toml: is not UTF-8 text; save it as UTF-8\.$"):
        load_config(None, {})


def test_a_byte_order_mark_does_no_harm(folder: Path) -> None:
    assert read(folder, '\ufeffcontact = "a@b.example"\n').contact == "a@b.example"


@given(st.text(max_size=300))
def test_any_text_is_settings_or_refused_with_sentences(text: str) -> None:
    told = ("parley.toml: ",)
    try:
        parse_settings(text, name="parley.toml")
    except ConfigError as error:
        told = error.problems
    assert told
    assert all(line.startswith("parley.toml: ") for line in told)


def test_the_line_of_a_place_is_found() -> None:
    text = "a = 1\n[fetch]\npace = 2\n\n[[sources]]\nname = 1\n[[sources]]\n  name=2\nurl=3\n"
    assert line_of(text, ("a",)) == 1
    assert line_of(text, ("fetch", "pace")) == 3
    assert line_of(text, ("sources", 1, "name")) == 8
    assert line_of(text, ("sources", 1, "kind")) == 7
    assert line_of(text, ("viewer",)) is None


# -- where the file and the data are --------------------------------------------------------------


def test_the_file_named_by_the_option_wins(folder: Path) -> None:
    (folder / "parley.toml").touch()
    other = folder / "other.toml"
    other.touch()
    assert find_config(other, env={"PARLEY_CONFIG": "x"}).path == other


def test_the_file_named_by_the_environment_is_next(folder: Path) -> None:
    (folder / "parley.toml").touch()
    other = folder / "other.toml"
    other.touch()
    assert find_config(None, env={"PARLEY_CONFIG": str(other)}).path == other


def test_a_folder_stands_for_the_file_in_it(folder: Path) -> None:
    (folder / "parley.toml").touch()
    assert find_config(folder, env={}).path == folder / "parley.toml"


def test_the_file_in_this_folder_is_next_and_the_data_lie_beside_it(folder: Path) -> None:
    found = read(folder, "")
    assert found.path == folder / "parley.toml"
    assert found.how == "in this folder"
    assert found.database == f"sqlite:///{folder / 'parley.db'}"


def test_the_users_folder_is_last_and_has_its_data_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, data = folder.parent / "c", folder.parent / "d"
    monkeypatch.setattr("scheduler.paths.user_config_folder", lambda: config)
    monkeypatch.setattr("scheduler.paths.user_data_folder", lambda: data)
    config.mkdir()
    (config / "parley.toml").write_text("")
    found = load_config(None, {})
    assert found.path == config / "parley.toml"
    assert found.database == f"sqlite:///{data / 'parley.db'}"


@pytest.mark.usefixtures("folder")
def test_no_file_is_a_sentence_that_says_how_to_begin() -> None:
    with pytest.raises(ConfigMissingError, match=r"parley init"):
        load_config(None, {})


def test_a_file_that_is_named_and_not_there_is_told(folder: Path) -> None:
    with pytest.raises(ConfigMissingError, match=r"no such file \(named by --config\)"):
        load_config(folder / "nothing.toml", {})


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("/data/x.db", "sqlite:////data/x.db"),
        ("sqlite:////data/x.db", "sqlite:////data/x.db"),
    ],
)
def test_a_database_is_a_file_or_postgresql(folder: Path, written: str, url: str) -> None:
    assert read(folder, f'database = "{written}"\n').database == url


def test_the_database_may_stand_in_the_environment(folder: Path) -> None:
    found = read(folder, 'database_env = "DB"\n', DB="postgresql://u:hunter2@h/d")
    assert found.database == "postgresql+psycopg://u:hunter2@h/d"
    assert "hunter2" not in repr(found)


def test_a_database_variable_that_is_not_set_is_told(folder: Path) -> None:
    with pytest.raises(ConfigError, match="database_env: the environment variable DB is not set"):
        read(folder, 'database_env = "DB"\n')


# -- values ---------------------------------------------------------------------------------------


def test_an_empty_file_has_the_default_policy(folder: Path) -> None:
    found = read(folder, "")
    assert found.alerts.now == ("major",)
    assert found.alerts.summary == ("new", "minor")
    assert found.alerts.history == ("trivial", "off-topic")
    assert (found.alerts.max_per_hour, found.alerts.max_per_day) == (6, 40)
    assert found.alerts.summary_every == timedelta(hours=1)
    assert found.keep_off_topic == timedelta(days=30)
    assert (found.base_url, found.contact, found.recheck) == ("", "", "topic")
    assert list(found.topics) == ["talks"]


def test_without_a_zone_the_machines_is_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Kyiv")
        tzlocal.reload_localzone()
        assert read(folder, "").timezone == "Europe/Kyiv"
    tzlocal.reload_localzone()


def test_off_topic_articles_may_be_kept_for_ever(folder: Path) -> None:
    assert read(folder, 'keep_off_topic = "forever"\n').keep_off_topic is None


def test_a_list_that_is_not_given_yields_to_those_that_are() -> None:
    found = AlertsConfig.model_validate({"now": ["major", "new"]})
    assert (found.now, found.summary) == (("major", "new"), ("minor",))


def test_a_channels_own_words_win_and_what_it_takes_nowhere_is_not_told() -> None:
    channel = ChannelConfig.model_validate(
        {"name": "desk", "address": SECRET, "now": ["new"], "summary": [], "max_per_hour": 3}
    )
    policy = policy_for(AlertsConfig(), channel)
    assert policy.now == ("new",)
    assert policy.summary == ()
    assert set(policy.history) == {"trivial", "off-topic", "major", "minor"}
    assert (policy.max_per_hour, policy.max_per_day) == (3, 40)


# -- secrets --------------------------------------------------------------------------------------


def channel_file(kept: str) -> str:
    return f'[[channels]]\nname = "desk"\n{kept}\n'


def address_of(config: Config) -> str:
    address = config.channels[0].address
    assert address is not None
    return address.get_secret_value()


def test_an_address_is_read_from_the_environment(folder: Path) -> None:
    assert address_of(read(folder, channel_file('address_env = "DESK"'), DESK=SECRET)) == SECRET


def test_an_address_is_read_from_a_file_beside_the_settings(folder: Path) -> None:
    (folder / "desk.secret").write_text(SECRET + "\n")
    (folder / "desk.secret").chmod(0o600)
    found = read(folder, channel_file('address_file = "desk.secret"'))
    assert address_of(found) == SECRET
    assert not found.warnings


def test_a_secret_that_others_can_read_is_warned_of(folder: Path) -> None:
    (folder / "desk.secret").write_text(SECRET)
    (folder / "desk.secret").chmod(0o644)
    found = read(folder, channel_file('address_file = "desk.secret"'))
    assert address_of(found) == SECRET
    assert "can be read by other users; run chmod 600 on it." in found.warnings[0]


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ('address_env = "DESK"', "the environment variable DESK is not set"),
        ('address_file = "none.secret"', "cannot be read (no such file or directory)"),
        ('address_env = "BAD"', "is not an Apprise address"),
    ],
)
def test_a_secret_that_cannot_be_read_stops_no_other_command(
    folder: Path, kept: str, told: str
) -> None:
    found = read(folder, channel_file(kept), BAD="hunter2")
    assert found.channels[0].address is None
    assert told in found.warnings[0]
    assert "hunter2" not in found.warnings[0]


def test_secrets_are_in_no_representation(folder: Path) -> None:
    found = read(folder, channel_file(f'address = "{SECRET}"'))
    assert "hunter2" not in repr(found) + str(found) + found.model_dump_json()


# -- renamed keys ---------------------------------------------------------------------------------

RENAMES = (
    Renamed(old=("sources", "*", "period"), new="every", until="0.3"),
    Renamed(old=("zone",), new="timezone", until="0.3"),
    Renamed(old=("topics", "*", "limit"), new="threshold", until="0.3"),
)


def test_a_renamed_key_keeps_working_with_a_warning(folder: Path) -> None:
    (folder / "parley.toml").write_text(
        'zone = "Europe/Kyiv"\n[topics.talks]\nlimit = 0.4\n' + ONE_SOURCE + 'period = "1h"\n'
    )
    found = load_config(None, {}, renamed=RENAMES)
    assert found.timezone == "Europe/Kyiv"
    assert found.sources[0].every == timedelta(hours=1)
    assert found.topics["talks"].threshold == 0.4
    assert set(found.warnings) == {
        "parley.toml: zone: is called timezone now; the old name works until 0.3.",
        "parley.toml: sources.1.period: is called every now; the old name works until 0.3.",
        "parley.toml: topics.talks.limit: is called threshold now; the old name works until 0.3.",
    }


def test_a_key_under_both_its_names_is_refused(folder: Path) -> None:
    (folder / "parley.toml").write_text('zone = "UTC"\ntimezone = "Europe/Kyiv"\n')
    with pytest.raises(ConfigError, match="zone: is called timezone now, which is there too"):
        load_config(None, {}, renamed=RENAMES)


def test_a_file_without_permission_is_told() -> None:
    refused = pytest.raises(ConfigError, match=r"cannot be read \(permission denied\)")
    with common_folder() as folder:
        path = folder / "parley.toml"
        path.touch(mode=0o200)
        with refused, without_privileges():
            load_config(path, {})


def test_looks_judge_a_text_by_the_topics_of_the_settings(folder: Path) -> None:
    config = read(folder, "[topics.grain]\ngroups.goods = ['grain*']\n")
    judge = look_rules(config).judge
    assert judge is not None
    said = {"title": "Grain leaves the port", "text": "Three ships sailed.", "language": "en"}
    assert [(one.topic, one.is_on_topic) for one in judge(["grain", "gone"], **said)] == [
        ("grain", True)
    ]
