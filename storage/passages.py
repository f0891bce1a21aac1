"""Say what differs between two readings of one paragraph: figures, dates, quotes, names, or words.

Pure. `storage.changes` sums up what this finds over a whole article.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from storage import notes
from storage.diff import Hunk, grouped, hunks
from storage.names import NameJudge, is_respelling
from storage.quotes import Quotations, find_quotations
from storage.sentences import sentence_range, sentence_starts
from storage.tokens import MARKS, UNSPACED, Token, TokenKind, TokenText, key_of, line_of
from storage.types import ChangeKind
from storage.vocabulary import MONTHS, NOT_COUNTED, NUMBER_WORDS, WEEKDAYS

_SMALL: Final = 8  # words: what a hunk of that size says is read word by word
_SENTENCE: Final = 3  # words: fewer stand anywhere by chance
_FEW: Final = 4  # words: a figure dropped with no more than that is a dropped figure
_MANY_QUOTED: Final = 4  # words that gained or lost their quotation marks
_SHOWN: Final = 600  # characters of a sentence shown beside a difference
_LABEL: Final = 40
_LONGEST_SEARCH: Final = 50_000_000  # characters searched for passages that only changed place
_CALENDAR: Final = (WEEKDAYS, MONTHS)
_WORD: Final = rf"[^\W\d_{UNSPACED}](?:[^\W\d_{UNSPACED}]|[{MARKS}]|['’ʼ-](?=[^\W\d_]))*"
_COUNTED: Final = re.compile(rf" ?([%‰])|[ -]({_WORD})(?: ({_WORD}))?")
_STEM: Final = 4  # letters: where as many are equal, a word was only bent: drone, drones


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that differs, with the sentences around it."""

    kind: ChangeKind
    before: str = ""
    after: str = ""
    label: str = ""
    is_major: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph that is compared, with what is known about it."""

    words: TokenText

    @cached_property
    def quotations(self) -> Quotations:
        """Where its quotations stand."""
        return find_quotations(self.words.text)

    @cached_property
    def starts(self) -> list[int]:
        """Where its sentences begin."""
        return sentence_starts(self.words.text)

    def is_quoted(self, token: Token) -> bool:
        """Does a word stand in quotation marks?"""
        return self.quotations.holds(token.start)

    def sentence_at(self, place: int) -> str:
        """The sentence around a place, cut where it is too long to show."""
        length = len(self.words.text)
        start, end = sentence_range(self.starts, min(place, max(0, length - 1)), length=length)
        if end - start <= _SHOWN:
            return self.words.text[start:end].strip()
        start = max(start, place - _SHOWN // 2)
        return "… " + self.words.text[start : min(end, start + _SHOWN)].strip() + " …"


class PlaceSearch:
    """Tells a passage that was dropped from one that stands elsewhere in the other version."""

    def __init__(self, old: Sequence[TokenText], new: Sequence[TokenText]) -> None:
        self._old, self._new = old, new
        self._left = _LONGEST_SEARCH

    @cached_property
    def _lines(self) -> tuple[str, str]:
        return (
            "".join(text.line for text in self._old),
            "".join(text.line for text in self._new),
        )

    def only_moved(self, tokens: Sequence[Token]) -> bool:
        """Does this run of words stand as often in both versions? False where it was not looked for."""
        old, new = self._lines
        self._left -= len(old) + len(new)
        if self._left < 0 or not tokens:
            return False
        passage = line_of(tokens)
        count = old.count(passage)
        return count > 0 and count == new.count(passage)


@dataclass(frozen=True)
class Side:
    """The words of one version that a hunk covers."""

    paragraph: Paragraph
    tokens: tuple[Token, ...]
    place: int  # where to look for the sentence when there is no token

    @property
    def sentence(self) -> str:
        """The sentence in which they stand."""
        return self.paragraph.sentence_at(self.tokens[0].start if self.tokens else self.place)

    @property
    def raw(self) -> str:
        """The words as they are written."""
        return self.paragraph.words.raw(self.tokens)

    @property
    def figures(self) -> list[Token]:
        """Figures and dates among them."""
        return [token for token in self.tokens if token.kind is not TokenKind.WORD]

    @property
    def has_plain_word(self) -> bool:
        """Is any of them neither a figure nor written with a capital?"""
        text = self.paragraph.words.text
        words = (token for token in self.tokens if token.kind is TokenKind.WORD)
        return any(not text[token.start].isupper() for token in words)

    @property
    def quoted(self) -> list[Token]:
        """Those in quotation marks."""
        return [token for token in self.tokens if self.paragraph.is_quoted(token)]

    @property
    def loose_words(self) -> int:
        """How many are words rather than figures."""
        return len(self.tokens) - len(self.figures)


class Comparison:
    """Compares two readings of one paragraph."""

    def __init__(
        self, old: TokenText, new: TokenText, *, judge: NameJudge, places: PlaceSearch
    ) -> None:
        self._old, self._new = Paragraph(old), Paragraph(new)
        self._judge, self._places = judge, places
        self._hunks = hunks(old.keys, new.keys)
        self._shifted = self._figures_that_moved()
        self._is_reordered = self._words_changed_places()

    def findings(self) -> list[Finding]:
        """Everything that differs; at least one finding where the texts are not the same."""
        found: list[Finding] = []
        if not self._hunks:
            return [self._requoted() or Finding(kind=ChangeKind.TYPOGRAPHY)]
        for group in grouped(self._hunks):
            inside = [h for h in self._hunks if _holds(group, h)]
            found += self._read_group(group, inside)
        return found

    def _side(self, paragraph: Paragraph, start: int, end: int) -> Side:
        tokens = paragraph.words.tokens
        nearest = tokens[min(start, len(tokens) - 1) :][:1]
        place = nearest[0].start if nearest else 0
        return Side(paragraph, tokens[start:end], place)

    def _sides(self, hunk: Hunk) -> tuple[Side, Side]:
        return (
            self._side(self._old, hunk.old_start, hunk.old_end),
            self._side(self._new, hunk.new_start, hunk.new_end),
        )

    def _figures_that_moved(self) -> Counter[str]:
        """Figures that are dropped at one place and added at another."""
        dropped: Counter[str] = Counter()
        added: Counter[str] = Counter()
        for hunk in self._hunks:
            old, new = self._sides(hunk)
            dropped.update(token.key for token in old.figures)
            added.update(token.key for token in new.figures)
        return dropped & added

    def _words_changed_places(self) -> bool:
        """Are the words the same in another order, and more than figures and names moved?"""
        if Counter(self._old.words.keys) != Counter(self._new.words.keys):
            return False
        sides = [side for hunk in self._hunks for side in self._sides(hunk)]
        return any(side.has_plain_word for side in sides)

    def _read_group(self, group: Hunk, inside: Sequence[Hunk]) -> list[Finding]:
        old, new = self._sides(group)
        if _joined(old) == _joined(new) or _are_letters_swapped(old, new):
            return [_finding(ChangeKind.TYPOGRAPHY, old, new)]
        if self._only_moved(old, new):
            return [_finding(ChangeKind.TYPOGRAPHY, old, new)]
        note = None if old.tokens else self._note_in(new)
        if note is not None:
            return [_finding(note, old, new)]
        width = max(len(old.tokens), len(new.tokens))
        changed = sum(max(h.old_end - h.old_start, h.new_end - h.new_start) for h in inside)
        if width <= _SMALL or changed * 2 <= width:
            return [finding for hunk in inside for finding in self._read_small(hunk)]
        return self._read_passage(old, new)

    def _only_moved(self, old: Side, new: Side) -> bool:
        """Did a sentence go to, or come from, another paragraph: is one split or joined?"""
        tokens = new.tokens if not old.tokens else () if new.tokens else old.tokens
        return len(tokens) >= _SENTENCE and self._places.only_moved(tokens)

    def _note_in(self, new: Side) -> ChangeKind | None:
        """Is a passage that was added a correction or an update note?"""
        text = new.paragraph.words.text
        start, end = new.tokens[0].start, new.tokens[-1].end
        if start not in new.paragraph.starts and text[start - 1] not in "([【":
            return None
        added = text[start : end + 1]
        if notes.is_correction(added):
            return ChangeKind.CORRECTION
        return ChangeKind.UPDATE if notes.is_update(added) else None

    # -- a few words ---------------------------------------------------------------------------

    def _read_small(self, hunk: Hunk) -> list[Finding]:
        old, new = self._sides(hunk)
        if _joined(old) == _joined(new) or _are_respelt(old, new):
            return [_finding(ChangeKind.TYPOGRAPHY, old, new)]
        found = [] if self._is_reordered else self._changed_figures(old, new)
        if (
            not found
            and not self._is_reordered
            and self._judge.is_other_name(
                (old.paragraph.words, old.tokens), (new.paragraph.words, new.tokens)
            )
        ):
            label = _label(old.raw, new.raw)
            found = [_finding(ChangeKind.NAME, old, new, label=label)]
        if old.quoted or new.quoted:
            found.append(_finding(ChangeKind.QUOTE, old, new))
        elif not found or max(old.loose_words, new.loose_words) > _FEW:
            found.append(_finding(ChangeKind.WORDING, old, new))
        return found

    def _changed_figures(self, old: Side, new: Side) -> list[Finding]:
        pairs = _figure_pairs(old, new)
        if pairs:
            is_order = sorted(t.key for t in old.figures) == sorted(t.key for t in new.figures)
            return [] if is_order and old.loose_words else [_figure(old, new, p) for p in pairs]
        word = _calendar_words(old, new)
        if word:
            return [_finding(ChangeKind.DATE, old, new, label=_label(*word))]
        words = _number_words(old, new)
        if words:
            return [_finding(ChangeKind.NUMBER, old, new, label=_fact_label(old, new, words))]
        return self._lone_figure(old, new)

    def _lone_figure(self, old: Side, new: Side) -> list[Finding]:
        """A figure that came or went with hardly a word around it."""
        figures = [t for t in (*old.figures, *new.figures) if t.kind is TokenKind.FIGURE]
        is_lone = bool(old.figures) != bool(new.figures)
        if not is_lone or not figures or max(len(old.tokens), len(new.tokens)) > _FEW:
            return []
        if figures[0].key in self._shifted or _says_same_number(figures[0], old, new):
            return []
        raw = (old if old.figures else new).paragraph.words.raw(figures[:1])
        label = _label(raw, new.raw or "–") if old.figures else _label(old.raw or "–", raw)
        return [_finding(ChangeKind.NUMBER, old, new, label=label)]

    # -- more than a few -----------------------------------------------------------------------

    def _read_passage(self, old: Side, new: Side) -> list[Finding]:
        """A sentence or more was replaced, dropped or added."""
        found: list[Finding] = []
        old_figures = {t.key: t for t in old.figures if t.kind is TokenKind.FIGURE}
        new_figures = {t.key: t for t in new.figures if t.kind is TokenKind.FIGURE}
        if old_figures and new_figures and not old_figures.keys() & new_figures.keys():
            pair = next(iter(old_figures.values())), next(iter(new_figures.values()))
            is_one = len(old_figures) == len(new_figures) == 1
            figure = _figure(old, new, pair)
            label = figure.label if is_one else ""
            found.append(_finding(ChangeKind.NUMBER, old, new, label=label))
        quoted = max(len(old.quoted), len(new.quoted))
        if quoted:
            found.append(_finding(ChangeKind.QUOTE, old, new))
        if quoted * 2 <= max(len(old.tokens), len(new.tokens)):
            found.append(_wording(old, new))
        return found

    def _requoted(self) -> Finding | None:
        """Words that stayed and gained or lost their quotation marks."""
        old, new = self._old, self._new
        if not (old.quotations.is_balanced and new.quotations.is_balanced):
            return None
        pairs = zip(old.words.tokens, new.words.tokens, strict=True)
        moved = [(a, b) for a, b in pairs if old.is_quoted(a) != new.is_quoted(b)]
        if len(moved) < _MANY_QUOTED:
            return None
        before, after = moved[0]
        reason = "words gained or lost their quotation marks"
        sides = Side(old, (before,), 0), Side(new, (after,), 0)
        return _finding(ChangeKind.QUOTE, *sides, reason=reason)


_MAJOR: Final = frozenset(
    {ChangeKind.NUMBER, ChangeKind.DATE, ChangeKind.NAME, ChangeKind.QUOTE, ChangeKind.CORRECTION}
)


def _finding(
    kind: ChangeKind, old: Side, new: Side, *, label: str = "", reason: str = ""
) -> Finding:
    before, after = (old.sentence if old.paragraph.words.text else ""), new.sentence
    if kind in {ChangeKind.CORRECTION, ChangeKind.UPDATE}:
        before = ""
    return Finding(
        kind=kind, before=before, after=after, label=label, is_major=kind in _MAJOR, reason=reason
    )


def _wording(old: Side, new: Side) -> Finding:
    """A passage that went with a figure in it is a loss, whatever came instead."""
    figure = next((t for t in old.figures if t.kind is TokenKind.FIGURE), None)
    before, after = old.sentence, new.sentence
    if not old.tokens:
        before = ""
    if new.tokens or figure is None:
        return Finding(kind=ChangeKind.WORDING, before=before, after=after)
    reason = f"a passage with the figure {clip(old.paragraph.words.raw([figure]))} was removed"
    return Finding(kind=ChangeKind.WORDING, before=before, is_major=True, reason=reason)


def _holds(group: Hunk, hunk: Hunk) -> bool:
    return (
        group.old_start <= hunk.old_start
        and hunk.old_end <= group.old_end
        and (group.new_start <= hunk.new_start and hunk.new_end <= group.new_end)
    )


def _joined(side: Side) -> str:
    """Words run together: `cease-fire` and `ceasefire` are one."""
    parts = [f"\x1f{t.key}\x1f" if t.kind is not TokenKind.WORD else t.key for t in side.tokens]
    return "".join(parts)


def _are_letters_swapped(old: Side, new: Side) -> bool:
    """A slip in a script without spaces: two neighbouring characters changed places."""
    one, other = [t.key for t in old.tokens], [t.key for t in new.tokens]
    return len(one) == len(other) == 2 and one == other[::-1] and max(map(len, one)) == 1  # noqa: PLR2004


def _are_respelt(old: Side, new: Side) -> bool:
    """The same words in another spelling, digits for a number word included."""
    if _is_same_number_word(old, new):
        return True
    # the words as written: `5 million` is one figure, and a slip in its second word no other one
    before, after = _written(old), _written(new)
    if len(before) != len(after) or _calendar_words(old, new) or _number_words(old, new):
        return False
    pairs = zip(before, after, strict=True)
    return all(a == b or (not _has_digit(a + b) and is_respelling(a, b)) for a, b in pairs)


def _has_digit(word: str) -> bool:
    return any(map(str.isdecimal, word))


def _written(side: Side) -> list[str]:
    return [
        key_of(word) for word in re.findall(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*|[\d.,]*\d", side.raw)
    ]


def _figure_pairs(old: Side, new: Side) -> list[tuple[Token, Token]]:
    """Figures that stand where other figures stood, of other values."""
    if len(old.figures) != len(new.figures):
        both = old.figures[:1], new.figures[:1]
        pairs = list(zip(*both, strict=True)) if all(both) else []
    else:
        pairs = list(zip(old.figures, new.figures, strict=True))
    return [(a, b) for a, b in pairs if not _agree(a, b)]


def _agree(old: Token, new: Token) -> bool:
    """Equal, or two dates of which one only says more."""
    if old.key == new.key:
        return True
    if old.kind is not TokenKind.DATE or new.kind is not TokenKind.DATE:
        return False
    parts = [token.key[1:].split("-") for token in (old, new)]
    if old.key[0] == "t" or new.key[0] == "t":
        return False
    shared = [(a, b) for a, b in zip(*parts, strict=False) if "?" not in {a, b}]
    return bool(shared) and all(a == b for a, b in shared)


def _figure(old: Side, new: Side, pair: tuple[Token, Token]) -> Finding:
    before, after = pair
    are_dates = before.kind is after.kind is TokenKind.DATE
    kind = ChangeKind.DATE if are_dates else ChangeKind.NUMBER
    return _finding(kind, old, new, label=_fact_label(old, new, pair))


def _calendar_words(old: Side, new: Side) -> tuple[str, str] | None:
    """A weekday or month that stands where another stood."""
    for table in _CALENDAR:
        before = [t for t in old.tokens if t.key in table]
        after = [t for t in new.tokens if t.key in table]
        if len(before) == len(after) == 1 and table[before[0].key] != table[after[0].key]:
            return old.paragraph.words.raw(before), new.paragraph.words.raw(after)
    return None


def _number_words(old: Side, new: Side) -> tuple[Token, Token] | None:
    """A number word that stands where another, or a figure, stood: in one language and of another value."""
    for a in old.tokens[:_SMALL]:
        for b in new.tokens[:_SMALL]:
            one, other = _values(a), _values(b)
            if "" in one and "" in other:
                continue
            shared = one.keys() & other.keys() or ("" in one and other) or ("" in other and one)
            if shared and not _share_value(one, other) and a.key != b.key:
                return a, b
    return None


def _values(token: Token) -> dict[str, str]:
    """Language to value; a figure counts in every language, under the empty name."""
    if token.kind is TokenKind.FIGURE:
        return {"": token.key}
    return {language: str(n) for language, n in NUMBER_WORDS.get(token.key, {}).items()}


def _share_value(one: dict[str, str], other: dict[str, str]) -> bool:
    if "" in one or "" in other:
        return bool(set(one.values()) & set(other.values()))
    return any(one[language] == other[language] for language in one.keys() & other.keys())


def _is_same_number_word(old: Side, new: Side) -> bool:
    """`7` and `seven`."""
    if len(old.tokens) != 1 or len(new.tokens) != 1:
        return False
    one, other = _values(old.tokens[0]), _values(new.tokens[0])
    return bool(one and other) and _share_value(one, other)


def _says_same_number(figure: Token, old: Side, new: Side) -> bool:
    one = _values(figure)
    return any(_share_value(one, _values(t)) for t in (*old.tokens, *new.tokens) if t is not figure)


def _fact_label(old: Side, new: Side, pair: tuple[Token, Token]) -> str:
    """The two facts, and what is counted where the label has room for it."""
    before, after = pair
    label = _label(old.paragraph.words.raw([before]), new.paragraph.words.raw([after]))
    if before.kind is after.kind is TokenKind.DATE:
        return label
    for words in _counted(old, new, pair):
        if len(label) + len(words) > _LABEL:
            break
        label += words
    return label


def _counted(old: Side, new: Side, pair: tuple[Token, Token]) -> Iterator[str]:
    """The sign or the one or two words behind both figures, as the new text writes them."""
    before = _COUNTED.match(old.paragraph.words.text, pair[0].end)
    after = _COUNTED.match(new.paragraph.words.text, pair[1].end)
    if before is None or after is None:
        return
    if before[1] or after[1]:
        if before[1] == after[1]:
            yield after[1]
        return
    for n in (2, 3):
        was, word = key_of(before[n] or ""), key_of(after[n] or "")
        if not word or word in NOT_COUNTED or was[:_STEM] != word[:_STEM]:
            return
        yield f" {after[n]}"


def _label(before: str, after: str) -> str:
    label = f"{before} → {after}"
    if len(label) <= _LABEL:
        return label
    half = (_LABEL - 3) // 2
    return f"{clip(before, half)} → {clip(after, half)}"


def shown(text: str) -> str:
    """A paragraph as it stands beside a difference: cut where it is too long to show."""
    return clip(text, _SHOWN)


def clip(text: str, limit: int = 20) -> str:
    """Cut a text to `limit` characters, the last of which says so."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
