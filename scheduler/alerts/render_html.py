"""Write a view as an HTML mail: no script, no picture, nothing fetched; everything escaped. Pure."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from scheduler.alerts.view import Mark, Shape, View, runs


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("message.html")


def html(view: View) -> str:
    """Give the whole page of a message."""
    return _template().render(view=view, Mark=Mark, Shape=Shape, runs=runs)
