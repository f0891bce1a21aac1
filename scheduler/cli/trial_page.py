"""Draw a page that was tried: what was taken and what was thrown away, in the order of its text.

One file without scripts that asks nobody for anything; all it shows of the page is escaped. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Final

from scheduler.cli.output import counted, harmless
from scheduler.cli.trial import Fate, Piece

if TYPE_CHECKING:
    from crawler.reading import PageReading

_LONG: Final = 360  # characters; a longer piece that was not taken is folded
_SHOWN: Final = 200
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_TAGS: Final = {"headline": "h2", "subhead": "h3", "quote": "blockquote"}
_KEY: Final = (
    (Fate.TAKEN, "taken as the article"),
    (Fate.GONE, "thrown away, by which rule"),
    (Fate.APART, "kept, but never compared"),
    (Fate.OUTSIDE, "outside the article's part"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A page that was tried: what is told of it, in words, and its pieces in their order."""

    reading: "PageReading"
    facts: Sequence[tuple[str, str]]
    pieces: Sequence[Piece]

    @property
    def title(self) -> str:
        """The headline, if one was taken."""
        content = self.reading.content or self.reading.teaser
        return content.title if content else "No article"


def trial_page(trial: Trial) -> str:
    """Write the page."""
    content = trial.reading.content or trial.reading.teaser
    language = escape(content.language, quote=True) if content else ""
    title = _safe(trial.title)
    style = files("scheduler.cli").joinpath("trial_page.css").read_text("utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{title} · parley try</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f'<header>\n<p class="eyebrow">parley try</p>\n<h1 dir="auto" lang="{language}">{title}</h1>\n'
        f"{_verdict(trial.reading)}\n<dl>\n{_facts(trial.facts)}</dl>\n</header>\n"
        f"<main>\n{_choices(trial.pieces)}\n"
        f'<div class="page" lang="{language}">\n{"".join(_rows(trial.pieces))}</div>\n</main>\n'
        "</body>\n</html>\n"
    )


def _safe(text: str) -> str:
    return escape(harmless(text))


def _verdict(reading: "PageReading") -> str:
    wall = reading.wall
    if wall is None:
        return '<p class="verdict taken">An article</p>'
    why = f"{wall.kind.value}, {wall.confidence:.0%} sure: {wall.reason}"
    return f'<p class="verdict gone">No article: <span>{_safe(why)}</span></p>'


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    return "".join(
        f'<dt>{_safe(name)}</dt><dd dir="auto">{_safe(value)}</dd>\n' for name, value in facts
    )


def _choices(pieces: Sequence[Piece]) -> str:
    """Boxes that hide and show; style sheets do it, because there are no scripts."""
    boxes: list[str] = []
    for fate, label in _KEY:
        number = sum(piece.fate is fate for piece in pieces)
        if number:
            boxes.append(
                f'<label class="{fate.value}"><input type="checkbox" id="show-{fate.value}" checked>'
                f" <span>{label}</span> <b>{number}</b></label>"
            )
    return f"<fieldset>\n<legend>Show</legend>\n{''.join(boxes)}\n</fieldset>"


def _rows(pieces: Sequence[Piece]) -> Iterator[str]:
    """One row for each piece that was taken, and for all side by side that one rule threw away."""
    for (fate, name, reason), group in groupby(pieces, key=lambda p: (p.fate, p.name, p.reason)):
        texts = [piece.text for piece in group]
        if fate is Fate.TAKEN:
            yield from (_row(fate, name, body=_block(name, text)) for text in texts)
            continue
        why = f'<p class="why">{_safe(reason)}</p>' if reason else ""
        yield _row(fate, name, body=why + "".join(_folded(fate, text) for text in texts))


def _row(fate: Fate, name: str, *, body: str) -> str:
    kind = f" {_class_of(name)}" if fate is Fate.TAKEN else ""
    return f'<div class="row {fate.value}{kind}"><div class="name">{_safe(name)}</div><div class="text">{body}</div></div>\n'


def _block(name: str, text: str) -> str:
    tag = _TAGS.get(name, "p")
    return f'<{tag} dir="auto">{_safe(text)}</{tag}>'


def _class_of(name: str) -> str:
    return name.replace(" ", "-")


def _folded(fate: Fate, text: str) -> str:
    tag = "s" if fate is Fate.GONE else "span"
    if len(text) <= _LONG:
        return f'<p dir="auto"><{tag}>{_safe(text)}</{tag}></p>'
    start = text[:_SHOWN].rsplit(" ", 1)[0]
    left = counted(len(text) - len(start), "character more", "characters more")
    return (
        f'<details><summary dir="auto"><{tag}>{_safe(start)}</{tag}> <i>… {left}</i></summary>'
        f'<p dir="auto"><{tag}>{_safe(text[len(start) :].strip())}</{tag}></p></details>'
    )
