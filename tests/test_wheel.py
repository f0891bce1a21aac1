"""The wheel that people install holds the whole program and nothing else, and works from it alone."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("crawler", "scheduler", "storage")
WAIT_S = 120.0
# Whatever stands beside the checkout, in its folder or in the environment must not help.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PARLEY_CONFIG"}}

PREPARE = """
import sys
from contextlib import closing
from storage import history
from storage.database import Database
with closing(Database(sys.argv[1])) as database:
    database.prepare()
    with database.reading() as tx:
        print(history.count_articles(tx, history.ArticleFilter()))
"""
DEMO = """
from datetime import UTC, datetime
from scheduler.demo.stories import load_world
print(len(load_world(datetime(2026, 1, 1, tzinfo=UTC)).pieces) >= 30)
"""
JUDGE = """
from crawler.reading import TopicDefinition, judge_text
title = "Russia and Ukraine resume peace talks in Istanbul"
print(judge_text(TopicDefinition(name="talks"), title=title, text=title, language="en").is_on_topic)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
        timeout=WAIT_S,
    )
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it; its dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=True)
    base = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", vars=base))
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True,
        capture_output=True,
        timeout=WAIT_S,
    )
    ours = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    (packages / "dependencies.pth").write_text("\n".join(dict.fromkeys(ours)), encoding="utf-8")
    return folder


def run(installed: Path, *command: str, cwd: Path) -> str:
    """Run a program of the environment, far from the checkout; gives what it said."""
    ran = subprocess.run(
        [installed / "bin" / command[0], *command[1:]],
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_S,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    there = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert held == there


@pytest.mark.parametrize(
    ("pattern", "least"),
    [
        pytest.param("crawler/topics/lexicon/*.toml", 20, id="word-lists"),
        pytest.param("crawler/outlets/outlets.toml", 1, id="outlets"),
        pytest.param("crawler/extraction/rules.toml", 1, id="rules-of-extraction"),
        pytest.param("scheduler/alerts/templates/*", 1, id="the-mail"),
        pytest.param("scheduler/demo/articles/*.toml", 5, id="the-newsrooms-articles"),
        pytest.param("scheduler/demo/templates/*", 5, id="the-newsrooms-pages"),
        pytest.param("scheduler/manual/*.md", 8, id="the-manual"),
        pytest.param("scheduler/service/*.service", 2, id="units-of-systemd"),
        pytest.param("storage/migrations/versions/*.py", 1, id="migrations"),
        pytest.param("storage/web/templates/*.html", 8, id="pages-of-the-viewer"),
        pytest.param("storage/web/static/*.css", 1, id="its-style"),
    ],
)
def test_the_wheel_holds_what_is_not_code(wheel: Path, pattern: str, least: int) -> None:
    names = [Path(name) for name in zipfile.ZipFile(wheel).namelist()]
    assert sum(name.match(pattern) for name in names) >= least


def test_the_program_is_loaded_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    code = (
        f"import {', '.join(PACKAGES)}; print(*({', '.join(f'{n}.__file__' for n in PACKAGES)},))"
    )
    places = run(installed, "python", "-c", code, cwd=tmp_path).split()
    assert all(Path(place).is_relative_to(installed) for place in places)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("parley", "--version"), "parley "),
        (("parley", "--help"), "init"),
        (("parley", "help"), "configuration"),
        (("parley", "help", "alerts"), "summary"),
        (("parley", "service", "systemd"), "[Unit]"),
        (("python", "-c", PREPARE, "fresh.db"), "0"),
        (("python", "-c", DEMO), "True"),
        (("python", "-c", JUDGE), "True"),
    ],
)
def test_the_installed_program_works(
    installed: Path, tmp_path: Path, *, command: tuple[str, ...], expected: str
) -> None:
    (tmp_path / "parley.toml").touch()
    assert expected in run(installed, *command, cwd=tmp_path)


def test_the_installed_program_writes_settings_it_can_use(installed: Path, tmp_path: Path) -> None:
    run(installed, "parley", "init", "--yes", "parley.toml", cwd=tmp_path)
    assert "[]" in run(installed, "parley", "list", "--json", cwd=tmp_path)
