"""The reading commands: what they print for people, in pipes and for machines."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.cli import app, csv_lines, reading
from storage import models
from storage.database import Database
from tests.support import histories

Parley = Callable[..., str]

CONFIG = """\
timezone = "Europe/Kyiv"
database = "parley.db"

[viewer]
port = 0

[[sources]]
name = "Dnipro Wire"
url = "https://dnipro.example/feed"
deny = ["/sport/*"]

[[sources]]
name = "Dnipro Wire world"
url = "https://dnipro.example/world"
allow = ["/world/*"]
enabled = false
"""


@pytest.fixture
def folder(sqlite_database: Database, tmp_path: Path) -> Path:
    """Settings and the newsroom's history beside them."""
    with sqlite_database.transaction() as tx:
        histories.newsroom(tx)
    sqlite_database.close()
    (tmp_path / "parley.toml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def parley(folder: Path, capsys: pytest.CaptureFixture[str]) -> Parley:
    """Run a command, expect its exit code, give what it printed."""

    def run(*arguments: str, code: int = 0) -> str:
        found = app.run(["-c", str(folder / "parley.toml"), *arguments])
        printed = capsys.readouterr()
        assert found == code, printed
        assert not printed.err or code, printed.err
        return printed.err if code else printed.out

    return run


# -- list ----------------------------------------------------------------------------------------


def test_list_shows_the_newest_changes(parley: Parley) -> None:
    lines = parley("list").splitlines()
    assert lines[0].split() == ["ARTICLE", "WHEN", "WEIGHT", "WHAT", "OUTLET", "HEADLINE"]
    assert len(lines) == 14
    assert "2026-11-24 18:50 EET" in lines[1]
    assert any("52 → 49" in line and "Lapak Asik" in line for line in lines)


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--topic", "talks"], 12),
        (["--on-topic"], 12),
        (["--off-topic"], 1),
        (["--source", "Lapak Asik"], 2),
        (["--since", "2026-11-24T15:10"], 4),
        (["--since", "2026-11-24T13:10Z"], 4),
        (["--limit", "3"], 3),
        (["--articles"], 6),
        (["--articles", "--off-topic"], 1),
        (["--source", "'; DROP TABLE change; --"], 0),
    ],
)
def test_list_is_filtered(parley: Parley, options: list[str], count: int) -> None:
    assert len(json.loads(parley("list", "--json", *options))) == count


def test_lists_for_machines_are_in_utc(parley: Parley) -> None:
    found = json.loads(parley("list", "--json", "--limit", "1"))[0]
    assert found["change"]["decided_at"] == "2026-11-24T16:50:00Z"
    assert found["article"]["title"] == histories.CHINESE.drafts[0].title


def test_a_list_that_is_empty_says_so(parley: Parley) -> None:
    assert parley("list", "--source", "nobody") == "No change fits.\n"
    assert parley("list", "--articles", "--source", "nobody") == "No article fits.\n"


def test_a_database_of_another_version_is_left_to_those_who_know(
    parley: Parley, folder: Path
) -> None:
    import sqlite3

    with sqlite3.connect(folder / "parley.db") as connection:
        connection.execute("UPDATE parley_version SET version_num = '9999'")
    connection.close()
    assert "a newer Parleywatch has written this database" in parley("list", code=1)


@pytest.mark.parametrize("options", [["--since", "soon"], ["--limit", "0"], ["--since", ""]])
def test_wrong_use_is_exit_2(parley: Parley, options: list[str]) -> None:
    assert parley("list", *options, code=2).startswith("parley: ")


# -- show, diff ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["3", "https://dnipro.example/news/peremovyny-zheneva?utm_source=rss#top"]
)
def test_show_tells_an_articles_versions(parley: Parley, key: str) -> None:
    shown = parley("show", key)
    for expected in (
        "Dnipro Wire (uk, UA, private) · article 3",
        "Version 4 (v7) · 2026-11-24 15:28 EET · seen once",
        "major · correction, paragraph added · a correction was added · noted",
        "[-домовилися про-]{+обговорили+}",
        "old text last seen 2026-11-24 14:26 EET, new text first seen 2026-11-24 14:41 EET",
    ):
        assert expected in shown


def test_show_tells_what_became_of_an_article(parley: Parley) -> None:
    gone = parley("show", "6")
    assert "article 6 · gone" in gone
    assert "answered 404 at 4 looks" in gone
    assert "until 2026-11-24 18:50 EET at https://jiangsheng.example/guoji/" in parley("show", "5")


def test_a_version_is_shown_whole(parley: Parley) -> None:
    by_id, by_number = parley("show", "v5"), parley("show", "3", "--version", "2")
    assert by_id == by_number
    assert by_id.endswith(histories.UKRAINIAN.drafts[1].text.split("\n")[-1] + "\n")
    found = json.loads(parley("show", "v5", "--json"))
    assert found["text"] == histories.UKRAINIAN.drafts[1].text


def test_show_for_machines_holds_versions_and_events(parley: Parley) -> None:
    found = json.loads(parley("show", "6", "--json"))
    assert [v["number"] for v in found["versions"]] == [1]
    assert [e["kinds"] for e in found["events"]] == [["gone"]]
    assert found["addresses"][0]["to_at"] is None


def test_diff_marks_words_in_a_pipe(parley: Parley) -> None:
    shown = parley("diff", "3", "1", "2")
    assert "Перемовини в Женеві: делегації [-домовилися про-]{+обговорили+} обмін" in shown
    assert "[-Обмін має відбутися до кінця тижня.-]" in shown
    assert "… 1 unchanged paragraph …" in shown
    assert "керівник делегації" not in shown
    assert "керівник делегації" in parley("diff", "3", "1", "2", "--whole")
    assert "\x1b" not in shown


def test_diff_takes_the_last_two_or_versions_by_id(parley: Parley) -> None:
    assert parley("diff", "3") == parley("diff", "3", "2", "3") == parley("diff", "v5", "v6")
    found = json.loads(parley("diff", "3", "--json"))
    assert (found["from"]["number"], found["to"]["number"]) == (2, 3)
    assert [b["op"] for b in found["blocks"]] == ["equal", "equal", "equal", "insert"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "99"], 1),
        (["show", "99999999999999999999999"], 1),
        (["show", "https://nobody.example/"], 1),
        (["show", "v99"], 1),
        (["show", "3", "--version", "9"], 1),
        (["show", "\x1b]0;title\x07"], 1),
        (["diff", "6"], 1),
        (["diff", "3", "1", "9"], 1),
        (["diff", "v1", "v2"], 1),
        (["diff", "3", "1"], 2),
        (["diff", "3", "1", "x"], 2),
        (["why", "not an address"], 1),
        (["why", "99"], 1),
        (["search"], 2),
        (["export", "--format", "xml"], 2),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(
    parley: Parley, arguments: list[str], code: int
) -> None:
    said = parley(*arguments, code=code)
    assert said.startswith("parley: ")
    assert said.count("\n") == 1
    assert "Traceback" not in said


# -- search, why ---------------------------------------------------------------------------------


def test_search_marks_what_it_found(parley: Parley) -> None:
    shown = parley("search", "停火")
    assert "*停火*" in shown
    assert "article 5, version 1 (v10)" in shown
    assert parley("search", "nothing-at-all") == "Nothing found.\n"
    assert parley("search", '"(*', "--", "-x") == "Nothing found.\n"
    found = json.loads(parley("search", "cafe", "--json"))
    assert "café" in found[0]["snippet"]


def test_why_tells_what_was_decided_in_order(parley: Parley, folder: Path) -> None:
    database = Database(str(folder / "parley.db"))
    with database.transaction() as tx:
        tx.add(
            models.Decision(
                url="https://dnipro.example/news/peremovyny-zheneva",
                article_id=3,
                at=histories.at(41),
                what="confirmed",
                reason="stood there at two looks",
            )
        )
    database.close()
    shown = parley("why", "3")
    assert shown == parley("why", "https://dnipro.example/news/peremovyny-zheneva?utm_medium=rss")
    assert shown.index("stored: first version") < shown.index("confirmed: stood there at two looks")
    assert "talks: on topic: заголовок: перемовини + Женева" in shown
    assert "source Dnipro Wire takes its path" in shown
    assert json.loads(parley("why", "3", "--json"))["decisions"][1]["at"] == "2026-11-24T12:41:00Z"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://dnipro.example/news/x",
            [
                "never seen",
                "source Dnipro Wire takes its path",
                "(off) leaves it out: no allow line",
            ],
        ),
        ("https://dnipro.example/sport/x", ["leaves it out: left out by deny '/sport/*'"]),
        (
            "https://nobody.example/a",
            ["never seen", "no source of your settings is on nobody.example"],
        ),
    ],
)
def test_why_tells_of_an_address_never_seen(parley: Parley, url: str, expected: list[str]) -> None:
    shown = parley("why", url)
    for part in expected:
        assert part in shown


# -- export --------------------------------------------------------------------------------------


def test_export_writes_lines_of_json(parley: Parley, folder: Path) -> None:
    lines = [json.loads(line) for line in parley("export").splitlines()]
    assert {line["type"] for line in lines} == {"version", "change"}
    assert len(lines) == 24
    assert (
        parley("export", "--topic", "talks", "--since", "2026-11-24T15:20", "-o", str(folder / "x"))
        == ""
    )
    assert len((folder / "x").read_text().splitlines()) < 10


def test_export_writes_a_table_of_all_that_the_lines_of_json_have(parley: Parley) -> None:
    lines = [json.loads(line) for line in parley("export").splitlines()]
    table = list(csv.DictReader(io.StringIO(parley("export", "--format", "csv")[1:])))
    assert [row["url"] for row in table] == [line["url"] for line in lines]
    assert {name for line in lines for name in line} <= set(csv_lines.COLUMNS)
    assert table[0]["text"] == lines[0]["text"]
    assert table[0]["is_partial"] == "no"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1 @desk", "'+1 @desk"),
        ("\t\r\n-2+3", "'-2+3"),
        ("＝1+1", "'＝1+1"),
        (["@SUM(A1)", "b"], "'@SUM(A1); b"),
        ("a\x1b[2J\u202eb\x00\nc", "a[2Jb\nc"),
        (-3, "-3"),
        (None, ""),
        ([{"name": "talks"}], '[{"name": "talks"}]'),
    ],
)
def test_a_cell_runs_nowhere(value: object, written: str) -> None:
    assert csv_lines.cell(value) == written


# -- what terminals and pipes get ----------------------------------------------------------------


def test_nothing_foreign_steers_a_terminal(parley: Parley, folder: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202eevil\r\n\x9b31m"
    database = Database(str(folder / "parley.db"))
    with database.transaction() as tx:
        tx.get_one(models.Article, 3).title = evil
        tx.get_one(models.Version, 6).title = evil
        tx.query(models.Source).filter_by(name="Dnipro Wire").one().outlet = evil
        tx.query(models.Change).filter_by(to_id=6).one().reason = evil
        tx.query(models.Decision).filter_by(article_id=3).one().reason = evil
        tx.get_one(models.Article, 3).url = f"https://x.example/{evil}"
    database.close()
    for arguments in (
        ["list"],
        ["list", "--articles"],
        ["show", "3"],
        ["show", "v6"],
        ["diff", "3"],
        ["why", "3"],
        ["search", "уточнення"],
    ):
        printed = parley(*arguments)
        assert not set(printed) & set("\x1b\x07\u202e\r\x9b"), arguments
    for arguments in (["list"], ["show", "3"], ["export"]):
        json_text = parley(*arguments, *([] if arguments == ["export"] else ["--json"]))
        assert not set(json_text) & set("\x1b\x07\r"), arguments


def on_a_terminal(folder: Path, *arguments: str, **env: str) -> str:
    """Run a command on a pseudo-terminal; give what it printed."""
    import pexpect

    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    child: Any = pexpect.spawn(
        sys.executable,
        ["-m", "scheduler.cli.app", "-c", str(folder / "parley.toml"), *arguments],
        env={**environment, "TERM": "xterm-256color", **env},
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 100),
    )
    printed = child.read()
    child.close()
    assert child.exitstatus == 0, printed
    return printed


def test_a_terminal_gets_colours_unless_they_are_not_wanted(folder: Path) -> None:
    coloured = on_a_terminal(folder, "diff", "3", "1", "2")
    assert "\x1b[31m[-домовилися про-]\x1b[0m" in coloured  # the signs stay for who sees none
    plain = on_a_terminal(folder, "diff", "3", "1", "2", NO_COLOR="1")
    assert "\x1b" not in plain
    assert "[-домовилися про-]{+обговорили+}" in plain


def test_a_terminal_gets_lines_that_end_between_words(folder: Path, parley: Parley) -> None:
    from scheduler.cli.output import width_of

    narrow = on_a_terminal(folder, "diff", "3", "1", "2", "--whole", NO_COLOR="1")
    piped = parley("diff", "3", "1", "2", "--whole")
    assert max(width_of(line) for line in narrow.splitlines()) <= 100
    assert " ".join(narrow.split()) == " ".join(piped.split())


def test_times_are_not_cut_while_headlines_can_be(folder: Path) -> None:
    rows = on_a_terminal(folder, "list", NO_COLOR="1").splitlines()[1:]
    assert rows
    assert all(re.search(r" \d{4}-\d\d-\d\d \d\d:\d\d EET  ", row) for row in rows)


def test_rows_fit_the_terminal(folder: Path) -> None:
    lines = on_a_terminal(folder, "list", NO_COLOR="1").splitlines()
    from scheduler.cli.output import width_of

    assert max(width_of(line) for line in lines) <= 100


# -- times ---------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2d", NOW - timedelta(days=2)),
        ("90m", NOW - timedelta(minutes=90)),
        ("999999999w", NOW - timedelta(seconds=10**9)),
        ("2026-11-24", datetime(2026, 11, 24)),  # noqa: DTZ001 - no zone was named
        ("2026-11-24T14:05+02:00", datetime(2026, 11, 24, 12, 5, tzinfo=UTC)),
        ("d", None),
        ("٢d", None),
        ("yesterday", None),
    ],
)
def test_a_time_is_read(text: str, expected: datetime | None) -> None:
    assert reading.read_moment(text, now=NOW) == expected


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_times(text: str) -> None:
    reading.read_moment(text, now=NOW)


# -- serve ---------------------------------------------------------------------------------------


def start_serving(folder: Path, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """Start the viewer; give it and its address once it is ready."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "scheduler.cli.app",
            "-c",
            str(folder / "parley.toml"),
            "serve",
            *arguments,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("The viewer is at http://127.0.0.1:"), line + process.stdout.read()
    return process, line.split()[4]


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_until_it_is_told_to_stop(folder: Path, number: signal.Signals) -> None:
    process, address = start_serving(folder)
    assert "Перемовини".encode() in fetch(address)
    assert json.loads(fetch(f"{address}healthz")) == {"status": "ok", "daemon_last_alive": None}
    process.send_signal(number)
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert said == ""


def test_a_viewer_ends_with_whoever_started_it(folder: Path) -> None:
    process, address = start_serving(folder, "--with-parent")
    assert fetch(address)
    said, _ = process.communicate(timeout=20)  # closes its standard input
    assert process.returncode == 0, said


def test_a_port_in_use_is_said(parley: Parley) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = parley("serve", "--port", str(port), code=1)
    assert f"127.0.0.1:{port}: the viewer cannot listen there (address already in use)" in said
