"""Find the terms of a word list in a sentence, fast and in any script. Pure.

How a term is written stands in `lexicon/common.toml`. Each word of a text is looked up once and
remembered; only terms of scripts without spaces are searched for in whole sentences.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Final

from crawler.topics.folding import fold, is_prefixing, is_spaceless, words

_REMEMBERED: Final = 50_000
_LONGEST_WORD: Final = 60
_SHORTEST_STEM: Final = 1


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a group, taken apart: its first word, how that matches, and the stems that follow it."""

    group: str
    first: str
    is_whole: bool
    rest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A term that was found, in the words of the text."""

    group: str
    words: str


@dataclass(slots=True)
class Terms:
    """Groups of terms, ready to be found."""

    stems: dict[str, tuple[Term, ...]] = field(default_factory=dict[str, tuple[Term, ...]])
    # Terms that match inside a word (`~part`, and scripts that write prefixes), by script.
    inner: dict[int, tuple[Term, ...]] = field(default_factory=dict[int, tuple[Term, ...]])
    spaceless: tuple[tuple[str, str], ...] = ()  # (folded term, group)
    longest: int = 1
    _known: dict[str, tuple[str, tuple[Term, ...]]] = field(
        default_factory=dict[str, tuple[str, tuple[Term, ...]]]
    )

    def find(self, sentence: str, *, among: Sequence[tuple[str, str]]) -> list[Finding]:
        """Find all terms in a sentence; `among` are the spaceless terms that its text has at all."""
        tokens = [(word, *self._look_up(word)) for word in words(sentence)]
        found = [
            Finding(term.group, _as_written(tokens, at, end))
            for at, (_, _, terms) in enumerate(tokens)
            for term in terms
            if (end := _end(term, tokens, at)) is not None
        ]
        if among:
            folded = fold(sentence)
            found += [Finding(group, term) for term, group in among if term in folded]
        return found

    def spaceless_in(self, text: str) -> tuple[tuple[str, str], ...]:
        """Give those terms of scripts without spaces that a text has, so that sentences try few."""
        if not self.spaceless or not is_spaceless(text):
            return ()
        folded = fold(text)
        return tuple(pair for pair in self.spaceless if pair[0] in folded)

    def _look_up(self, word: str) -> tuple[str, tuple[Term, ...]]:
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _REMEMBERED:  # bounded: hostile texts hold endless new words
                self._known.clear()
            folded = fold(word[:_LONGEST_WORD])
            known = self._known[word] = (folded, tuple(self._beginning(folded)))
        return known

    def _beginning(self, folded: str) -> Iterable[Term]:
        """Give the terms whose first word this word is."""
        for length in range(_SHORTEST_STEM, min(len(folded), self.longest) + 1):
            for term in self.stems.get(folded[:length], ()):
                if not term.is_whole or length == len(folded):
                    yield term
        for script in {_script(sign) for sign in folded}:
            for term in self.inner.get(script, ()):
                if term.first in folded:
                    yield term


def build_terms(groups: Mapping[str, Iterable[str]]) -> Terms:
    """Make groups of written terms ready to be found."""
    stems: dict[str, list[Term]] = {}
    inner: dict[int, dict[Term, None]] = {}
    spaceless: dict[tuple[str, str], None] = {}
    for group, written in groups.items():
        for raw in written:
            if is_spaceless(raw):
                spaceless[fold(raw.lstrip("=~")).strip(), group] = None
                continue
            parted = _parted(raw, group)
            if parted is not None and parted[1]:
                inner.setdefault(_script(parted[0].first[0]), {})[parted[0]] = None
            elif parted is not None:
                stems.setdefault(parted[0].first, []).append(parted[0])
    return Terms(
        stems={first: tuple(dict.fromkeys(terms)) for first, terms in stems.items()},
        inner={script: tuple(terms) for script, terms in inner.items()},
        spaceless=tuple(spaceless),
        longest=max((len(first) for first in stems), default=1),
    )


@lru_cache(maxsize=8)
def packaged(name: str) -> tuple[Terms, Mapping[str, object]]:
    """Give a packaged word list and its weights; all its languages are one pool.

    A page's language is not asked for: it is often missing or wrong, and names cross languages.
    """
    if name != "talks":
        raise ValueError(f"there is no packaged word list named {name!r}; the one there is: talks.")
    groups: dict[str, list[str]] = {}
    weights: Mapping[str, object] = {}
    for file in sorted(files("crawler.topics").joinpath("lexicon").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".toml"):
            continue
        found: dict[str, object] = tomllib.loads(file.read_text(encoding="utf-8"))
        if file.name == "weights.toml":
            weights = found
        else:
            _pool(found, groups)
    return build_terms(groups), weights


def _pool(found: Mapping[str, object], groups: dict[str, list[str]]) -> None:
    for key, value in found.items():
        if isinstance(value, list):
            groups.setdefault(key, []).extend(str(one) for one in value)
        elif isinstance(value, dict):
            _pool(value, groups)


def _parted(raw: str, group: str) -> tuple[Term, bool] | None:
    """Take a written term apart, and say whether it matches inside a word."""
    mark, body = (raw[0], raw[1:]) if raw[:1] in {"=", "~"} else ("", raw)
    parts = words(fold(body))
    if not parts:
        return None
    # A number is a whole word: the "28 points" of a plan are not those of 280 pages.
    is_whole = mark == "=" or (parts[0].isdigit() and len(parts) > 1)
    is_inner = mark == "~" or (not is_whole and is_prefixing(parts[0]))
    return Term(group, parts[0], is_whole, tuple(parts[1:])), is_inner


def _script(sign: str) -> int:
    """Name the block of 128 signs that a sign stands in: near enough to a script."""
    return ord(sign) >> 7


_Token = tuple[str, str, tuple[Term, ...]]


def _end(term: Term, tokens: Sequence[_Token], at: int) -> int | None:
    """Give the index of a term's last word; between two of its words one further word may stand."""
    for stem in term.rest:
        following = range(at + 1, min(at + 3, len(tokens)))
        step = next((i for i in following if _goes_on(tokens[i][1], stem)), None)
        if step is None:
            return None
        at = step
    return at


def _goes_on(folded: str, stem: str) -> bool:
    return stem in folded if is_prefixing(stem) else folded.startswith(stem)


def _as_written(tokens: Sequence[_Token], at: int, end: int) -> str:
    return " ".join(token[0] for token in tokens[at : end + 1])[:80].lower()
