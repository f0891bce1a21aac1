"""Name how a publisher builds its addresses, and weigh what is known of each way. Pure.

What was counted for a site, and when, is `storage.addresses_learned`'s to keep.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

_MOST_PARTS: Final = 8
_LONGEST_WORD: Final = 24
_SLUG_WORDS: Final = 3
_LIKELY_FROM: Final = 2  # articles, or entries of feeds
_NEVER_FROM: Final = 4  # pages that were none
_NEVER_UNTIL: Final = 20  # to one article
_TRIED_ALL_THE_SAME: Final = 16  # of 256 addresses, so that a wrong belief is found out

_DATE: Final = re.compile(r"(?:19|20)\d{2}(?:-?\d{2}){0,2}|\d{1,2}")
_NUMBER: Final = re.compile(r"[\d_.-]*\d[\d_.-]*")
_HOLDS_NUMBER: Final = re.compile(r"\d{4,}|[0-9a-f]{8}-[0-9a-f]{4}-|(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{10,}", re.IGNORECASE)  # fmt: skip
_SUFFIX: Final = re.compile(r"\.(?:s?html?|php|aspx?|jsp|do)$", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"[a-z]{2}(?:-[a-z]{2})?", re.IGNORECASE)


class Promise(StrEnum):
    """What an address promises by how it is built."""

    ARTICLE = "article"  # as this publisher builds those of its articles
    UNKNOWN = "unknown"
    OTHER = "other"  # as it builds those of pages that never were articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """The ways in which a site builds addresses: of its articles, and of what never is one."""

    articles: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()

    def promise(self, url: str) -> Promise:
        """Say what an address promises; of those that promise nothing a few are tried all the same."""
        shape = shape_of(url)
        if shape in self.articles:
            return Promise.ARTICLE
        if shape in self.others and _lot(url) >= _TRIED_ALL_THE_SAME:
            return Promise.OTHER
        return Promise.UNKNOWN


@dataclass(frozen=True, slots=True)
class Count:
    """How often addresses of one shape were articles, were none, or stood in a feed."""

    articles: int = 0
    others: int = 0
    fed: int = 0


def believed(counts: Mapping[str, Sequence[int]]) -> Shapes:
    """Say what to believe from what was counted: `[articles, others, fed]` for each shape."""
    known = {shape: Count(*numbers) for shape, numbers in counts.items()}
    return Shapes(
        articles=frozenset(shape for shape, count in known.items() if _is_likely(count)),
        others=frozenset(shape for shape, count in known.items() if _is_never(count)),
    )


def _is_likely(count: Count) -> bool:
    shown = count.articles or count.fed if not count.others else count.articles
    return shown >= _LIKELY_FROM and count.articles >= count.others


def _is_never(count: Count) -> bool:
    return count.others >= max(_NEVER_FROM, _NEVER_UNTIL * count.articles)


def shape_of(url: str) -> str:
    """Name how an address is built: `/news/d/d/s.html`, `/n`, `/w?id=n`.

    Dates are `d`, numbers `n`, slugs `s`, words `w`; with a number inside `sn`, `wn`. The first word
    stays as it is, and behind a language the second: it names a rubric or a kind of page.
    """
    parts = urlsplit(url)
    segments = [part for part in unquote(parts.path).split("/") if part][:_MOST_PARTS]
    shape = "".join("/" + _segment_shape(segments, at) for at in range(len(segments)))
    suffix = _SUFFIX.search(segments[-1]) if segments else None
    names = sorted(name + "=" + _value_shape(value) for name, value in parse_qsl(parts.query)[:6])
    query = "?" + "&".join(names) if names else ""
    return (shape + (suffix.group().lower() if suffix else "") + query)[:200]


def slug_words(segment: str) -> int:
    """Count the words of a slug: `talks-resume-in-istanbul` has four."""
    plain = _SUFFIX.sub("", segment)
    return sum(1 for part in re.split(r"[-_+ ]", plain) if len(part) > 1 and not part.isdigit())


def _lot(url: str) -> int:
    """Draw a number from 0 to 255, always the same for one address."""
    return blake2b(url.encode(errors="replace"), digest_size=1).digest()[0]


def _segment_shape(segments: list[str], at: int) -> str:
    part = segments[at]
    plain = _SUFFIX.sub("", part)
    if _DATE.fullmatch(plain):
        return "d"
    if _NUMBER.fullmatch(plain):
        return "n"
    number = "n" if _HOLDS_NUMBER.search(plain) else ""
    if slug_words(part) >= _SLUG_WORDS:
        return "s" + number
    is_last = at == len(segments) - 1
    names_kind = at == 0 or (at == 1 and _LANGUAGE.fullmatch(segments[0]) is not None)
    if names_kind and not is_last and not number and len(plain) <= _LONGEST_WORD:
        return plain.lower()
    return "w" + number


def _value_shape(value: str) -> str:
    return "n" if value.isdigit() else "w"
