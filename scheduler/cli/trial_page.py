"""A page that shows what was taken from another and what was thrown away, in the order of its text.

One file without scripts that asks nobody for anything; what it shows is escaped. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Final

from scheduler.cli.output import harmless, local_time

if TYPE_CHECKING:
    from crawler.reading import PageReading

_START: Final = 60  # characters by which a text is found on the page
_KINDS: Final = {"p": "p", "h": "h3", "q": "blockquote", "li": "p", "tr": "p"}
_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#5b6470;--line:#d9dee5;--gone:#a3262a;--gonebg:#fdf1f0;--kept:#1f7a4d}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--paper:#14171b;--soft:#9aa4b1;--line:#2d343d;--gone:#ff9b93;--gonebg:#2a1a1b;--kept:#6fd3a0}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.6 Georgia,"Times New Roman",serif}
main{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 4rem;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.25;margin:.2rem 0 1rem}h3{margin:1.4rem 0 .4rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0 0 1.5rem;padding:1rem;border:1px solid var(--line);border-radius:.5rem}
dl,.rule,.key{font:15px/1.5 system-ui,sans-serif}dt{color:var(--soft)}dd{margin:0}
.kept{border-left:3px solid var(--kept);padding:.1rem 0 .1rem .9rem;margin:.55rem 0}
.gone{border-left:3px solid var(--gone);background:var(--gonebg);padding:.35rem .9rem;margin:.55rem 0;color:var(--soft);font-size:.92rem}
.gone s{text-decoration-color:var(--gone)}.rule{display:block;color:var(--gone);font-size:.82rem}
.kept.li{margin-left:1.2rem}blockquote{margin:.55rem 0}.key{color:var(--soft);margin:0 0 1rem}
@media(max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .5rem}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A page that was tried: its address, its whole text in one line, and what was read."""

    url: str
    text: str
    reading: "PageReading"
    timezone: str


def trial_page(trial: Trial) -> str:
    """Write the page."""
    reading = trial.reading
    content = reading.content or reading.teaser
    title = content.title if content else "No article"
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{_safe(value)}</dd>" for name, value in _facts(trial)
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{_safe(title)}: what was taken</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{_safe(title)}</h1><dl>{facts}</dl>"
        '<p class="key">Green: taken as the article. Red: thrown away, with the rule that did it.</p>'
        f"{''.join(_pieces(trial))}</main></body></html>\n"
    )


def _safe(text: str) -> str:
    return escape(harmless(text))


def _facts(trial: Trial) -> list[tuple[str, str]]:
    reading = trial.reading
    facts = [("Address", trial.url)]
    if reading.wall is not None:
        facts.append(("No article", f"{reading.wall.kind.value}: {reading.wall.reason}"))
    content = reading.content or reading.teaser
    if content is None:
        return facts
    facts += [
        ("Authors", ", ".join(content.authors) or "none found"),
        ("Published", _said(content.published, trial.timezone)),
        ("Modified", _said(content.modified, trial.timezone)),
        ("Language", content.language or "not known"),
    ]
    for verdict in reading.verdicts:
        why = "; ".join(verdict.reasons) or "no term of it found"
        state = "yes" if verdict.is_on_topic else "no"
        facts.append((f"Topic {verdict.topic}", f"{state} ({verdict.score:.2f}; {why})"))
    return facts


def _said(when: datetime | None, timezone: str) -> str:
    return local_time(when, timezone) if when else "the page does not say"


def _pieces(trial: Trial) -> Sequence[str]:
    """What was taken and what was dropped, by where it stands on the page."""
    reading = trial.reading
    content = reading.content or reading.teaser
    placed: list[tuple[int, str]] = []
    at = 0
    for block in content.blocks if content else ():
        at = _place(trial.text, block.text, at)
        tag = _KINDS.get(block.kind.value, "p")
        placed.append((at, f'<{tag} class="kept {block.kind.value}">{_safe(block.text)}</{tag}>'))
    for piece in reading.dropped:
        where = _place(trial.text, piece.text, 0)
        rule = f'<span class="rule">{_safe(piece.rule)}</span>'
        placed.append((where, f'<div class="gone">{rule}<s>{_safe(piece.text)}</s></div>'))
    for caption in content.captions if content else ():
        where = _place(trial.text, caption, 0)
        label = '<span class="rule">a caption: kept apart, never compared</span>'
        placed.append((where, f'<div class="gone">{label}{_safe(caption)}</div>'))
    return [markup for _, markup in sorted(placed, key=lambda piece: piece[0])]


def _place(page: str, text: str, start: int) -> int:
    """Where a text stands on the page, from `start` on; its end where it stands nowhere."""
    wanted = " ".join(text.split())[:_START]
    found = page.find(wanted, start)
    if found < 0:
        found = page.find(wanted)
    return found if found >= 0 else len(page)
