"""What a user may set about sources, topics and fetching."""

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crawler.config import (
    FetchConfig,
    SourceConfig,
    TopicConfig,
    read_duration,
    read_web_address,
    write_duration,
)
from crawler.cronline import CronLine, read_cron


def source(**values: object) -> SourceConfig:
    return SourceConfig.model_validate({"name": "A", "url": "https://a.example/"} | values)


def problem(error: pytest.ExceptionInfo[ValidationError]) -> str:
    return error.value.errors()[0]["msg"]


# -- durations ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        ("2 h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_a_duration_is_a_number_with_its_unit(text: str, span: timedelta) -> None:
    assert read_duration(text) == span


@pytest.mark.parametrize(
    "found", ["10 minutes", "10", 10, 1.5, "", "m", "-1m", "1h30m", None, "١0m"]
)
def test_what_is_no_duration_is_refused_with_the_right_form(found: object) -> None:
    with pytest.raises(ValueError, match=r"is not a duration; write 10m, 2h or 1d$"):
        read_duration(found)


@given(st.integers(min_value=0, max_value=10**6).map(lambda seconds: timedelta(seconds=seconds)))
def test_a_duration_is_read_as_it_was_written(span: timedelta) -> None:
    assert read_duration(write_duration(span)) == span


def test_a_duration_out_of_range_names_the_range() -> None:
    with pytest.raises(ValidationError) as error:
        source(every="1s")
    assert problem(error).endswith("1s is out of range; write a duration from 10s to 31d")


# -- cron -----------------------------------------------------------------------------------------

WHOLE = CronLine(minutes=(), hours=(), days=(), months=(), weekdays=(), zone="UTC")


@pytest.mark.parametrize(
    ("line", "field", "values"),
    [
        pytest.param("*/15 * * * * UTC", "minutes", (0, 15, 30, 45), id="step"),
        pytest.param("0-10/5 * * * * UTC", "minutes", (0, 5, 10), id="step-in-a-range"),
        pytest.param("* 6,18 * * * UTC", "hours", (6, 18), id="list"),
        pytest.param("* * 1-3 * * UTC", "days", (1, 2, 3), id="range"),
        pytest.param("* * * jan,3 * UTC", "months", (1, 3), id="month-by-name"),
        pytest.param("* * * * 0 UTC", "weekdays", ("sun",), id="0-is-sunday"),
        pytest.param("* * * * 7 UTC", "weekdays", ("sun",), id="7-is-sunday"),
        pytest.param("* * * * 1 UTC", "weekdays", ("mon",), id="1-is-monday"),
        pytest.param("* * * * fri-sun UTC", "weekdays", ("sun", "fri", "sat"), id="to-sunday"),
        pytest.param("* * * * 5-7 UTC", "weekdays", ("sun", "fri", "sat"), id="to-seven"),
        pytest.param("* * * * MON-wed UTC", "weekdays", ("mon", "tue", "wed"), id="any-case"),
        pytest.param("* * * * */3 UTC", "weekdays", ("sun", "wed", "sat"), id="step-of-weekdays"),
    ],
)
def test_a_cron_field_is_its_values(line: str, field: str, values: tuple[object, ...]) -> None:
    assert getattr(read_cron(line), field) == values


def test_stars_mean_every_one() -> None:
    assert read_cron("* * * * * UTC") == WHOLE


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("0 6 * * mon", "names no time zone", id="no-zone"),
        pytest.param("0 6 * *", "is not a cron line", id="too-short"),
        pytest.param("0 6 * * mon Europe/Kyiv x", "is not a cron line", id="too-long"),
        pytest.param("60 6 * * * UTC", "'60' is not a minute", id="minute"),
        pytest.param("0 24 * * * UTC", "'24' is not a hour", id="hour"),
        pytest.param("0 6 0 * * UTC", "'0' is not a day of the month", id="day"),
        pytest.param("0 6 * 13 * UTC", "'13' is not a month", id="month"),
        pytest.param("0 6 * * 8 UTC", "'8' is not a weekday", id="weekday"),
        pytest.param("0 6 * * monday UTC", "'monday' is not a weekday", id="long-name"),
        pytest.param("5/10 * * * * UTC", "write */10", id="step-without-range"),
        pytest.param("*/0 * * * * UTC", "no step", id="step-of-zero"),
        pytest.param("30-10 * * * * UTC", "runs backwards", id="backwards"),
        pytest.param("0 6 1 * mon UTC", "leave one of them *", id="day-and-weekday"),
        pytest.param("0 6 * * * Mars/Olympus", "is not a time zone", id="unknown-zone"),
        pytest.param("0 6 * * * ../../etc/passwd", "is not a time zone", id="zone-is-no-path"),
    ],
)
def test_a_wrong_cron_line_says_what_is_wrong(line: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        read_cron(line)
    assert says in str(error.value)


@given(st.text())
def test_any_text_is_a_cron_line_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert read_cron(text).zone in text


# -- sources --------------------------------------------------------------------------------------


def test_a_source_is_looked_at_every_ten_minutes() -> None:
    assert source().every == timedelta(minutes=10)


def test_a_cron_line_takes_the_place_of_the_interval() -> None:
    found = source(cron="0  6 * * mon Europe/Kyiv")
    assert found.every is None
    assert found.cron == "0 6 * * mon Europe/Kyiv"
    assert found.cron_line == read_cron("0 6 * * mon Europe/Kyiv")


def test_an_interval_and_a_cron_line_cannot_stand_together() -> None:
    with pytest.raises(ValidationError) as error:
        source(every="1h", cron="0 6 * * mon Europe/Kyiv")
    assert "has every and cron; keep one of them" in problem(error)


@pytest.mark.parametrize(
    "url",
    [
        "foo",
        "ftp://a.example/",
        "file:///etc/passwd",
        "https://",
        "https://a.example:port/",
        "https://a b.example/",
        "https://[::1",
        "http://127.0.0.1:8888\\@example.com/",
        "https://a.example/\x00",
    ],
)
def test_only_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(ValueError, match="is not a web address"):
        read_web_address(url)


def test_a_source_address_holds_no_password_and_the_message_neither() -> None:
    with pytest.raises(ValidationError) as error:
        source(url="https://me:hunter2@a.example/")
    assert "leave it out" in problem(error)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("glob", ["world/*", "https://a.example/x", "/a b"])
def test_a_path_begins_with_a_slash_or_a_star(glob: str) -> None:
    with pytest.raises(ValidationError) as error:
        source(allow=[glob])
    assert "is not a path" in problem(error)


def test_robots_cannot_be_switched_off() -> None:
    with pytest.raises(ValidationError) as error:
        FetchConfig.model_validate({"obey_robots": False})
    assert "is never fetched" in problem(error)


def test_settings_do_not_change_after_reading() -> None:
    with pytest.raises(ValidationError):
        source().name = "B"  # pyright: ignore[reportAttributeAccessIssue]


# -- topics ---------------------------------------------------------------------------------------


def test_a_topic_without_groups_uses_the_packaged_words() -> None:
    assert TopicConfig().lexicon == "talks"


def test_a_topic_with_groups_uses_those_alone() -> None:
    assert TopicConfig.model_validate({"groups": {"what": ["grain*"]}}).lexicon is None


def test_a_topic_may_have_both() -> None:
    found = TopicConfig.model_validate({"groups": {"what": ["grain*"]}, "lexicon": "talks"})
    assert found.lexicon == "talks"
