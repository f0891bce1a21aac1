"""Find and read the pages of the manual; what they say is theirs."""

from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "manual"
_ORDER: Final = (
    *("getting-started", "commands", "configuration", "alerts"),
    *("rules", "faq", "publishers", "moving", "extending"),
)


def page_titles() -> dict[str, str]:
    """Give the names of all pages with their titles, in reading order."""
    return {name: read_page(name).splitlines()[0].removeprefix("# ") for name in _names()}


@cache
def read_page(name: str) -> str:
    """Read a page, as Markdown.

    Raises:
        FileNotFoundError: There is no such page.
    """
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def manual() -> dict[str, str]:
    """Give every page by its name, as Markdown, in reading order."""
    return {name: read_page(name) for name in _names()}


def _names() -> list[str]:
    found = {path.stem for path in FOLDER.glob("*.md")}
    return [name for name in _ORDER if name in found] + sorted(found - set(_ORDER))
