"""The manual says what is true: settings from the models, examples that run, commands that exist."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import BaseModel

from crawler.config import Key
from scheduler.cli import app
from scheduler.cli.table import COMMANDS
from scheduler.config import Settings, parse_settings
from scheduler.config_problems import model_in
from scheduler.manual_pages import FOLDER, manual, page_titles, read_page
from scheduler.manual_settings import configuration_page
from tests.support.site import Site, article_page

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.stem for path in FOLDER.glob("*.md"))


def models(model: type[BaseModel] = Settings) -> list[type[BaseModel]]:
    found = [model]
    for field in model.model_fields.values():
        inner = model_in(field.annotation)
        if inner is not None:
            found += models(inner)
    return found


FIELDS = [
    pytest.param(model, name, id=f"{model.__name__}.{name}")
    for model in models()
    for name in model.model_fields
]


def key_of(model: type[BaseModel], name: str) -> Key:
    return next(item for item in model.model_fields[name].metadata if isinstance(item, Key))


def example(name: str, language: str, page: str = "extending") -> str:
    """The fenced block that follows <!-- example: name -->."""
    found = re.search(
        rf"<!-- example: {name} -->\n```{language}\n(.*?)```", read_page(page), re.DOTALL
    )
    assert found is not None
    return found[1]


# -- settings -------------------------------------------------------------------------------------


def test_the_page_of_the_settings_is_up_to_date() -> None:
    assert read_page("configuration") == configuration_page(), (
        "run python -m scheduler.manual_settings"
    )


@pytest.mark.parametrize(("model", "name"), FIELDS)
def test_every_key_says_what_it_means(model: type[BaseModel], name: str) -> None:
    key = key_of(model, name)
    assert key.meaning.endswith(".")
    if model_in(model.model_fields[name].annotation) is None:
        assert f"| `{name}` |" in read_page("configuration")
        assert key.example


EXAMPLE_ROW = re.compile(r"^\| `(\w+)` \|.*\| `([^`]+)` \|$", re.MULTILINE)


def rows_of_examples() -> list[Any]:
    found: list[Any] = []
    section = ""
    for line in configuration_page().splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ").strip("`")
        row = EXAMPLE_ROW.match(line)
        if row:
            found.append(pytest.param(section, f"{row[1]} = {row[2]}", id=f"{section} {row[1]}"))
    return found


@pytest.mark.parametrize(("section", "line"), rows_of_examples())
def test_every_example_of_a_setting_is_valid(section: str, line: str) -> None:
    needed = {
        "[[sources]]": 'name = "A"\nurl = "https://a.example/"\n',
        "[[channels]]": 'name = "desk"\naddress_env = "DESK"\n',
        "[alerts]": 'now = ["major"]\nsummary = ["new", "minor"]\nhistory = ["trivial", "off-topic"]\n',
    }.get(section, "")
    key = line.split(" ", maxsplit=1)[0]
    if section in {"[alerts]", "[[channels]]"} and key in {"now", "summary", "history"}:
        assert set(tomllib.loads(line)[key]) <= {"major", "new", "minor", "trivial", "off-topic"}
        return
    beside = [kept for kept in needed.splitlines() if kept.split(" ")[0] != key]
    if key in {"address", "address_file"}:
        beside = [kept for kept in beside if not kept.startswith("address")]
    head = section.replace("NAME", "talks") if section.startswith("[") else ""
    parse_settings("\n".join([head, *beside, line]), name="parley.toml")


# -- pages ----------------------------------------------------------------------------------------


def test_every_page_is_shown_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(page_titles()) == set(PAGES) == set(manual())
    assert app.run(["help"]) == 0
    listed = capsys.readouterr().out
    assert all(f"  {name} " in listed for name in PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_plain_in_a_pipe(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["help", name]) == 0
    assert capsys.readouterr().out == read_page(name) + "\n"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_title_and_names_pages_that_exist(name: str) -> None:
    text = read_page(name)
    assert text.startswith("# ")
    assert set(re.findall(r"parley help ([a-z][a-z-]*)", text)) <= {*PAGES, *COMMANDS}


@pytest.mark.parametrize("name", PAGES)
def test_commands_and_options_of_a_page_exist(name: str) -> None:
    for words in re.findall(r"parley ((?:-c \S+ )?[a-z]+[^`\n|]*)", read_page(name)):
        parts = words.removeprefix("-c ").split()
        command: Any = COMMANDS.get(parts[0])
        if command is None:
            continue  # "parley runs": prose
        module, attribute = command.target.split(":")
        if not (ROOT / "scheduler/cli" / f"{module}.py").exists():
            continue
        found: click.Command = getattr(
            importlib.import_module(f"scheduler.cli.{module}"), attribute
        )
        if isinstance(found, click.Group) and len(parts) > 1 and parts[1] in found.commands:
            found = found.commands[parts[1]]
        known = {option for parameter in found.params for option in parameter.opts}
        known |= {option for p in found.params for option in p.secondary_opts}
        asked = set(re.findall(r"(?<=\s)--[a-z-]+", words))
        assert asked <= {*known, "--help", "--config"}, words


def test_the_page_of_the_commands_names_all() -> None:
    text = read_page("commands")
    assert [name for name in COMMANDS if f"`parley {name}" not in text] == []


@pytest.mark.parametrize("name", PAGES)
def test_toml_on_a_page_is_valid(name: str) -> None:
    for block in re.findall(r"```toml\n(.*?)```", read_page(name), re.DOTALL):
        if "[[box]]" not in block and "[[check]]" not in block:
            parse_settings(block, name=name)


# -- extending ------------------------------------------------------------------------------------


def test_the_topic_of_the_manual_judges_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parley.toml").write_text(example("topic", "toml"), encoding="utf-8")
    for text in ("Grain ships leave Odesa again", "Gandum dari Laut Hitam tiba", "Зерно з Одеси"):
        assert app.run(["topics", "try", text, "--json"]) == 0
        verdicts = {v["topic"]: v["is_on_topic"] for v in json.loads(capsys.readouterr().out)}
        assert verdicts == {"talks": False, "grain": True}
    assert app.run(["topics", "try", "Grain prices fall in Chicago", "--json"]) == 0
    assert not any(v["is_on_topic"] for v in json.loads(capsys.readouterr().out))


def test_the_channel_of_the_manual_is_valid() -> None:
    [channel] = parse_settings(example("channel", "toml"), name="parley.toml").channels
    assert channel.name == "grain-desk"


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_the_webhook_of_the_manual_takes_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parley.toml").touch()
    (tmp_path / "hook.py").write_text(example("webhook", "python"), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "hook.py"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as hook:
        assert hook.stdout is not None
        port = hook.stdout.readline().rpartition(" ")[2].strip()
        url = f"url=http://127.0.0.1:{port}/"
        try:
            code = app.run(["channels", "add", "--kind", "webhook", "--name", "own", "--set", url])
            taken = hook.stdout.readline()
        finally:
            hook.terminate()
    assert code == 0
    assert taken.startswith("test taken: ")


TICKER = "1,204 people in Jakarta and elsewhere are reading along at this very moment, they say."
READ_TICKER = f"""
from crawler.extraction.article import extract_article
text = "".join(f"<p>Paragraph {{n}} says at length what happened in the harbour.</p>" for n in range(9))
body = f"<html><body><article><h1>The market hall opens again</h1>{{text}}"
body += '<div class="reader-ticker"><p>{TICKER}</p></div></article></body></html>'
found = extract_article(body.encode(), url="https://lapak.example/a")
print([dropped.rule for dropped in found.dropped if "1,204" in dropped.text])
print(found.content and "1,204" in found.content.text)
"""


@pytest.mark.parametrize(
    ("has_rule", "told"),
    [(False, "[]\nTrue\n"), (True, "['reader ticker of Lapak Asik']\nFalse\n")],
)
def test_the_rule_of_the_manual_drops_its_box(tmp_path: Path, told: str, *, has_rule: bool) -> None:
    for package in ("crawler", "storage"):
        shutil.copytree(ROOT / package, tmp_path / package)
    if has_rule:
        with (tmp_path / "crawler/extraction/rules.toml").open("a", encoding="utf-8") as rules:
            rules.write("\n" + example("rule", "toml"))
    run = subprocess.run(
        [sys.executable, "-c", READ_TICKER],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.stdout == told, run.stderr[-2000:]


def test_the_spider_of_the_manual_reads_an_archive(tmp_path: Path) -> None:
    (tmp_path / "archive.py").write_text(example("spider", "python"), encoding="utf-8")
    paragraphs = [
        f"Paragraph {n} says at some length what happened in the harbour that day."
        for n in range(6)
    ]
    with Site() as site:
        site.publish("/2026/market-hall", article_page("The market hall opens again", paragraphs))
        site.publish(
            "/archive",
            '<html><table class="archive"><a href="/2026/market-hall">x</a></table></html>',
        )
        run = subprocess.run(
            [
                *(sys.executable, "-m", "scrapy", "runspider", str(tmp_path / "archive.py")),
                *("-a", f"url={site.at('/archive')}", "-O", "-:jsonl"),
                *("-s", "PARLEY_ALLOW_NETWORKS=127.0.0.0/8"),
            ],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert run.returncode == 0, run.stderr[-2000:]
    items = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    assert [item["content"]["title"] for item in items] == ["The market hall opens again"]
