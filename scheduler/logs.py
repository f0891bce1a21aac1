"""Logs with facts as keys: readable on a terminal, JSON in a pipe, never a secret, never a page's text."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

LONGEST_VALUE: Final = 500
_SECRET: Final = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]*@")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HIDDEN_KEYS: Final = frozenset({"address", "password", "token", "secret"})

Event = MutableMapping[str, Any]


def set_up(*, verbose: bool = False, as_json: bool | None = None) -> None:
    """Send our logs to the error output; other libraries' only from warnings up.

    Args:
        verbose: Also what is of interest only to those who look for a fault.
        as_json: One JSON object a line; None: unless a person looks on.
    """
    level = logging.DEBUG if verbose else logging.INFO
    json = not sys.stderr.isatty() if as_json is None else as_json
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _clean,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
        force=True,
    )
    for name in ("scrapy", "apscheduler", "apprise", "alembic", "asyncio"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _clean(_logger: object, _name: str, event: Event) -> Event:
    """Hide what may be a secret, and keep values short and on one line."""
    for key, value in event.items():
        if key in _HIDDEN_KEYS:
            event[key] = "(hidden)"
        elif isinstance(value, str) and key != "exception":
            event[key] = _CONTROL.sub(" ", _SECRET.sub(r"\1(hidden)@", value))[:LONGEST_VALUE]
    return event
