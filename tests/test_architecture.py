"""The shape of the code base, so that no review has to argue about it."""

import ast
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("crawler", "scheduler", "storage")
MODULES = [
    path
    for name in PACKAGES
    for path in sorted((ROOT / name).rglob("*.py"))
    if "migrations" not in path.parts
]
TOP_LEVEL = {
    "crawler", "scheduler", "storage", "tests", "scrapy.cfg", "pyproject.toml", "README.md",
    "constraints.txt", "LICENSE", "CHANGELOG.md",
}  # fmt: skip


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_stay_short(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 600
    too_long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= 60
    ]
    assert too_long == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=str)
def test_a_package_opens_with_its_docstring_and_nothing_else(path: Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert len(body) == 1
    assert isinstance(body[0], ast.Expr)


def test_no_dependency_installs_a_package_with_our_names() -> None:
    owners = {name: packages_distributions().get(name, []) for name in PACKAGES}
    assert all(set(names) <= {"parleywatch"} for names in owners.values()), owners


def test_the_top_level_holds_nothing_else() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:  # an unpacked archive: what lies there is the user's
        return
    names = {line.partition("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("crawler.reading", ("scrapy", "twisted", "sqlalchemy", "apscheduler", "apprise")),
        ("storage.types", ("sqlalchemy", "pydantic")),
        ("storage.web.app", ("storage.recording", "scrapy", "apprise")),
        ("scheduler.cli.app", ("scrapy", "sqlalchemy", "alembic", "apprise", "pydantic")),
    ],
)
def test_importing_a_module_does_not_load_what_it_must_not(
    module: str, never: tuple[str, ...]
) -> None:
    code = f"import {module}, sys; print(sorted(set({never!r}) & set(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
