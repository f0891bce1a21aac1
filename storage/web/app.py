"""Put the viewer together: routes, templates, guard. Reads only, loads nothing from elsewhere."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage.database import Database
from storage.web import presenting
from storage.web.guard import Guard
from storage.web.views import Views

_FOLDER: Final = Path(__file__).parent
_FILTERS: Final = (
    *(presenting.words, presenting.disclosure_words, presenting.baseline_words),
    *(presenting.state_words, presenting.outlet_words, presenting.is_edit, presenting.is_web),
    *(presenting.has_comparison, presenting.best_place, presenting.utc, presenting.utc_words),
    *(presenting.detail_spans, presenting.block_spans, presenting.block_words),
)


def make_templates(zone: ZoneInfo) -> Environment:
    """The templates with their filters; everything that is put into them is escaped."""
    templates = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=presenting.clean,
    )
    filters = cast("dict[str, Any]", templates.filters)
    filters.update((function.__name__, function) for function in _FILTERS)
    filters["local"] = partial(presenting.local, zone=zone)
    filters["clock"] = partial(presenting.clock, zone=zone)
    return templates


def create_viewer(
    database: Database,
    *,
    hosts: Sequence[str],
    timezone: str,
    manual: Mapping[str, str] | None = None,
) -> Starlette:
    """Make the viewer as an ASGI app.

    Args:
        database: Only ever read.
        hosts: Names under which it may be asked, without ports.
        timezone: IANA name of the zone in which times are shown.
        manual: Pages of the manual, Markdown by name, in reading order.
    """
    zone = ZoneInfo(timezone)
    views = Views(database, make_templates(zone), zone=zone, manual=manual or {})
    style = (_FOLDER / "static" / "parley.css").read_bytes()

    def show_style(_: Request) -> Response:
        return Response(style, media_type="text/css", headers={"Cache-Control": "max-age=60"})

    def show_no_icon(_: Request) -> Response:
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/", views.show_changes),
            Route("/articles/{article_id}", views.show_article),
            Route("/articles/{article_id}/compare", views.show_comparison),
            Route("/compare/{old_id}/{new_id}", views.show_pair),
            Route("/versions/{version_id}", views.show_version),
            Route("/search", views.show_search),
            Route("/sources", views.show_sources),
            Route("/help", views.show_help),
            Route("/help/{topic}", views.show_help),
            Route("/static/parley.css", show_style),
            Route("/favicon.ico", show_no_icon),
        ],
        middleware=[Middleware(Guard, hosts=hosts)],
        exception_handlers={HTTPException: views.show_refusal},
    )
