"""The farm with other noise inside the body: lines that no rule of reading knows, told apart by time only.

    python -m tests.benchmarks.noise_world --preset noise-1h --hard-share 0.30 --port 8090

Takes the farm's own options. Each hard site has one form of a line above the text and one inside it.
"""

import random
import sys
from typing import Any

from tests.support.shared import shared

_TIPS = (
    "Fold the corners first and the map will last the whole trip.",
    "A pinch of salt in the water keeps cut flowers fresh for days.",
    "Two short walks are better for the back than one long run.",
    "Old newspapers dry wet boots faster than any heater does.",
    "Leave the lid off and the stew will thicken by itself.",
    "A bicycle chain wants oil after every third ride in the rain.",
)
_TOWNS = ("Kyiv", "Lviv", "Warsaw", "Oslo", "Porto")


def _figures(r: random.Random, _: str) -> str:
    return f'<p class="q7">▲ {r.randint(9, 9999)} ▼ {r.randint(9, 999)} ◆ {r.randint(1, 99)}</p>'


def _plain_figures(r: random.Random, _: str) -> str:
    return f"<p>№ {r.randint(100, 99999)} ◦ {r.randint(1, 400)} ◦ {r.randint(1, 60)}</p>"


def _weather(r: random.Random, _: str) -> str:
    told = " ◦ ".join(f"{town} {r.randint(-9, 30)}°" for town in r.sample(_TOWNS, 3))
    return f'<div class="bar"><p>{told}</p></div>'


def _title_apart(r: random.Random, title: str) -> str:  # noqa: ARG001 - one form of all
    return f'<p class="zx">→ <b>{title}</b></p>'


def _title_plain(r: random.Random, title: str) -> str:  # noqa: ARG001
    return f"<p>❯❯ <b>{title}</b></p>"


def _tip(r: random.Random, _: str) -> str:
    return f'<div class="u-box"><p>{r.choice(_TIPS)}</p></div>'


def _teller(r: random.Random, title: str) -> str:
    return f'<p class="hint">{r.choice(_TOWNS)} reads this hour: {title}, and more.</p>'


FORMS = (
    (_figures, _title_apart),
    (_plain_figures, _title_plain),
    (_weather, _tip),
    (_figures, _teller),
    (_weather, _title_plain),
)


def lines(  # noqa: PLR0917 - the farm calls it so
    world: Any,  # noqa: ARG001
    site: Any,
    r: random.Random,
    article: Any,
    /,
) -> tuple[bytes, bytes]:
    """Two lines of noise: above the text and inside it."""
    other = site.arts[int(r.random() * len(site.arts))] if site.arts else article
    if not other:
        return b"", b""
    top, mid = FORMS[site.i % len(FORMS)]
    title = other.tb.decode()
    return top(r, title).encode() + b"\n", b"\n" + mid(r, title).encode()


def main() -> None:
    sys.path.insert(0, str(shared("tools/sitefarm")))
    import farm  # pyright: ignore[reportMissingImports] - a tool beside the project

    farm.World.meta_lines = lines
    farm.main()


if __name__ == "__main__":
    main()
