"""Fit a message into a chat: short enough, and without anything that chat programs act on. Pure."""

import re
from typing import Final

from scheduler.alerts.forms import Rendered
from scheduler.alerts.words import cut

JOINER: Final = "\u2060"  # invisible; keeps a name from being a mention
_URL: Final = re.compile(r"(https?://[^\s\u2068\u2069]+)")
_ENCODED: Final = str.maketrans(
    {sign: f"%{ord(sign):02X}" for sign in "@*`|<>[](){}~\\"}  # equal for every web server
)
# Look-alikes: a backslash would be seen where nobody reads Markdown.
_LOOK_ALIKES: Final = str.maketrans({"*": "∗", "`": "ˋ", "|": "∣", "~": "∼", "\\": "∖"})


def safe(text: str) -> str:
    """Take from a text what chat programs act on: mentions, hidden links, Markdown."""
    pieces = _URL.split(text)
    return "".join(
        piece.translate(_ENCODED) if number % 2 else _safe_words(piece)
        for number, piece in enumerate(pieces)
    )


def _safe_words(text: str) -> str:
    text = text.translate(_LOOK_ALIKES)
    text = re.sub(r"@(?=\S)", f"@{JOINER}", text)
    text = re.sub(r"<(?=[!@#:&a-zA-Z/])", f"<{JOINER}", text)
    text = re.sub(r"\](?=[(\[])", f"]{JOINER}", text)
    text = re.sub(r"(?<!\w)_|_(?!\w)", "ˍ", text)
    return re.sub(r"^([#>+-])(?=\s|>|#)", rf"{JOINER}\1", text, flags=re.MULTILINE)


def fit(rendered: Rendered, *, room: int) -> str:
    """Give the fullest form of a message that a chat has room for.

    Args:
        rendered: The message.
        room: Characters; the subject is sent beside it.

    Returns:
        Text that is safe; its last line, the address, is never cut.
    """
    for text in (_without_subject(rendered), rendered.brief):
        found = safe(text)
        if len(found) <= room:
            return found
    tail = safe(rendered.tail)
    head = rendered.brief.rpartition("\n")[0]
    return f"{cut(safe(head), max(0, room - len(tail) - 1))}\n{tail}"


def _without_subject(rendered: Rendered) -> str:
    return rendered.text.removeprefix(rendered.subject).strip()
