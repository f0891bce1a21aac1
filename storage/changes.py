"""Decide what changed between two versions of an article: kinds, weight, disclosure, in words.

Pure: no database, no clock. What two texts differ in is found by `storage.alignment` and
`storage.passages`; here it is named, weighed and summed up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from storage import codec, notes
from storage.alignment import Alignment, align, similarity
from storage.names import NameJudge
from storage.passages import Comparison, Finding, PlaceSearch, clip, shown
from storage.quotes import find_quotations
from storage.tokens import TokenKind, TokenText, fold, read_tokens
from storage.types import (
    ChangeKind,
    Classified,
    Detail,
    Disclosure,
    VersionText,
    Weight,
)

MOST_DETAILS: Final = 12
_FEWEST_ENTRIES: Final = 2  # dated entries that make an article a live blog
_QUOTED_WORDS: Final = 3  # fewer in quotation marks are a term, not a quote
_LEAD_WORDS: Final = 8  # an update note longer than that is a paragraph of its own
_LEFT_OVER: Final = 0.5  # less of the old text than that still stands: it was rewritten
_REWRITTEN_BLOCKS: Final = 3
_SAME_TITLE: Final = 0.5
_LONGEST_TITLE: Final = 2_000  # characters; what is longer is no headline

_ORDER: Final = (
    ChangeKind.CORRECTION,
    ChangeKind.HEADLINE,
    ChangeKind.NUMBER,
    ChangeKind.QUOTE,
    ChangeKind.NAME,
    ChangeKind.DATE,
    ChangeKind.PARAGRAPH_REMOVED,
    ChangeKind.PARAGRAPH_ADDED,
    ChangeKind.LIVE_ENTRY,
    ChangeKind.UPDATE,
    ChangeKind.PARAGRAPH_MOVED,
    ChangeKind.WORDING,
    ChangeKind.TYPOGRAPHY,
    ChangeKind.REVERTED,
)

_OF_PARAGRAPHS: Final = frozenset({ChangeKind.PARAGRAPH_ADDED, ChangeKind.PARAGRAPH_REMOVED})
"""What else such a paragraph holds, a quote or a note, needs no second showing."""

_IN_WORDS: Final = {
    ChangeKind.CORRECTION: ("a correction note was added", "{} correction notes were added"),
    ChangeKind.HEADLINE: ("the headline changed", "the headline changed"),
    ChangeKind.NUMBER: ("a number changed", "{} numbers changed"),
    ChangeKind.QUOTE: ("a quote changed", "{} quotes changed"),
    ChangeKind.NAME: ("a name changed", "{} names changed"),
    ChangeKind.DATE: ("a date changed", "{} dates changed"),
    ChangeKind.PARAGRAPH_REMOVED: ("a paragraph was removed", "{} paragraphs were removed"),
    ChangeKind.PARAGRAPH_ADDED: ("a paragraph was added", "{} paragraphs were added"),
    ChangeKind.LIVE_ENTRY: ("a live entry was added", "{} live entries were added"),
    ChangeKind.UPDATE: ("an update note was added", "{} update notes were added"),
    ChangeKind.PARAGRAPH_MOVED: ("a paragraph was moved", "{} paragraphs were moved"),
    ChangeKind.WORDING: ("the wording changed", "the wording changed"),
    ChangeKind.TYPOGRAPHY: ("typography changed", "typography changed"),
    ChangeKind.REVERTED: ("as it was before", "as it was before"),
}


def classify(
    old: VersionText, new: VersionText, *, earlier: Sequence[str] = ()
) -> Classified | None:
    """Name the step between two versions.

    Args:
        old: The version before.
        new: The version after.
        earlier: Text hashes of versions before `old`: of title and blocks, one a line; or of the
            blocks alone where the title is the new one. A new text that equals one returns to it.

    Returns:
        None if nothing that a reader could see differs.
    """
    before, after = _Reading.of(old), _Reading.of(new)
    if before.title == after.title and before.blocks == after.blocks:
        return None
    found = [*_read_title(before.title, after.title, old), *_read_blocks(before, after, old)]
    found = found or [Finding(kind=ChangeKind.TYPOGRAPHY)]
    if any(f.kind is not ChangeKind.TYPOGRAPHY for f in found):
        found = [f for f in found if f.kind is not ChangeKind.TYPOGRAPHY]
    if earlier and not _hashes_of(new).isdisjoint(earlier):
        found.append(Finding(kind=ChangeKind.REVERTED))
    found.sort(key=lambda finding: (not finding.is_major, _ORDER.index(finding.kind)))
    return Classified(
        kinds=tuple(dict.fromkeys(finding.kind for finding in found)),
        weight=_weight(found),
        reason=_reason(found),
        disclosure=_disclosure(old, new, found),
        details=_details(found),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """A version as it is compared: white space folded, empty blocks left out."""

    title: str
    blocks: tuple[str, ...]

    @classmethod
    def of(cls, version: VersionText) -> "_Reading":
        folded = (fold(block.text) for block in version.blocks)
        return cls(fold(version.title), tuple(text for text in folded if text))


def _hashes_of(version: VersionText) -> set[str]:
    """Hashes by which a version may be known: with its title, and of its text alone."""
    text = "\n".join(block.text for block in version.blocks)
    return {codec.text_hash(f"{version.title}\n{text}"), codec.text_hash(text)}


# -- the headline --------------------------------------------------------------------------------


def _read_title(old: str, new: str, version: VersionText) -> list[Finding]:
    """A headline's own facts are named beside it; quotes and wording inside it are the headline's."""
    if old == new:
        return []
    old, new = old[:_LONGEST_TITLE], new[:_LONGEST_TITLE]
    old_words, new_words = read_tokens(old), read_tokens(new)
    if old_words.keys == new_words.keys and old_words.keys:
        return [Finding(kind=ChangeKind.TYPOGRAPHY, before=old, after=new)]
    (old_tag, old_rest), (new_tag, new_rest) = notes.split_tag(old), notes.split_tag(new)
    tagged = [Finding(kind=ChangeKind.UPDATE, after=new)] if new_tag and new_tag != old_tag else []
    old_core, new_core = read_tokens(old_rest), read_tokens(new_rest)
    inside = _facts_in_title(old_core, new_core, version)
    kinds = {finding.kind for finding in inside}
    is_slight = not old or not new or kinds <= {ChangeKind.TYPOGRAPHY}
    label = next((finding.label for finding in inside if finding.label), "")
    headline = Finding(
        kind=ChangeKind.HEADLINE,
        before=shown(old),
        after=shown(new),
        label=label,
        is_major=not is_slight,
        reason="the headline changed in spelling or its tag" if is_slight else "",
    )
    facts = {ChangeKind.NUMBER, ChangeKind.DATE, ChangeKind.NAME}
    return [headline, *tagged, *(finding for finding in inside if finding.kind in facts)]


def _facts_in_title(old: TokenText, new: TokenText, version: VersionText) -> list[Finding]:
    if old.keys == new.keys:
        return []
    if similarity(old.keys, new.keys) < _SAME_TITLE:
        return [Finding(kind=ChangeKind.WORDING)]
    # a headline may write every word with a capital: its own habit counts, not the language's
    judge = NameJudge([old, new], language=version.language if version.language == "de" else "")
    return Comparison(old, new, judge=judge, places=PlaceSearch([], [])).findings()


# -- the paragraphs ------------------------------------------------------------------------------


def _read_blocks(before: _Reading, after: _Reading, version: VersionText) -> list[Finding]:
    if before.blocks == after.blocks:
        return []
    cut = {text: read_tokens(text) for text in {*before.blocks, *after.blocks}}
    old, new = [cut[text] for text in before.blocks], [cut[text] for text in after.blocks]
    aligned = align([text.keys for text in old], [text.keys for text in new])
    return _BlockReading(old, new, aligned, language=version.language).findings()


class _BlockReading:
    """Reads what an alignment of two versions' paragraphs means."""

    def __init__(
        self, old: list[TokenText], new: list[TokenText], aligned: Alignment, *, language: str
    ) -> None:
        self._old, self._new, self._aligned = old, new, aligned
        self._judge = NameJudge([*old, *new], language=language)
        self._places = PlaceSearch(old, new)
        gone, come = {i for i, _ in aligned.moves}, {j for _, j in aligned.moves}
        self._removed = [
            i for i, j in aligned.pairs if j is None and i is not None and i not in gone
        ]
        self._added = [j for i, j in aligned.pairs if i is None and j is not None and j not in come]
        entries = sum(notes.is_entry(text.text) for text in old)
        self._is_live = entries >= _FEWEST_ENTRIES

    def findings(self) -> list[Finding]:
        """What came, went, moved and changed."""
        found = [self._moved(i, j) for i, j in self._aligned.moves]
        for i, j in self._aligned.pairs:
            if i is not None and j is not None and self._old[i].text != self._new[j].text:
                found += self._changed(self._old[i], self._new[j])
        added = self._read_added()
        found += added
        found += self._read_removed(is_paging=any(f.kind is ChangeKind.LIVE_ENTRY for f in added))
        return found

    def _moved(self, old_place: int, new_place: int) -> Finding:
        before, after = shown(self._old[old_place].text), shown(self._new[new_place].text)
        return Finding(kind=ChangeKind.PARAGRAPH_MOVED, before=before, after=after)

    def _changed(self, old: TokenText, new: TokenText) -> list[Finding]:
        if notes.is_stamp(old.text) and notes.is_stamp(new.text):
            return [Finding(kind=ChangeKind.UPDATE, before=old.text, after=new.text)]
        return Comparison(old, new, judge=self._judge, places=self._places).findings()

    def _read_added(self) -> list[Finding]:
        found: list[Finding] = []
        last: tuple[int, ChangeKind] | None = None
        for j in self._added:
            text = self._new[j]
            goes_on = last is not None and last == (j - 1, ChangeKind.LIVE_ENTRY)
            if self._is_live and (goes_on or notes.is_entry(text.text)):
                if not goes_on or notes.is_entry(text.text):
                    found.append(Finding(kind=ChangeKind.LIVE_ENTRY, after=shown(text.text)))
                last = (j, ChangeKind.LIVE_ENTRY)
            else:
                found += self._read_added_paragraph(text)
        return found

    def _read_added_paragraph(self, text: TokenText) -> list[Finding]:
        after = shown(text.text)
        if self._places.only_moved(text.tokens):
            return [Finding(kind=ChangeKind.TYPOGRAPHY, after=after)]  # a paragraph was split
        if notes.is_correction(text.text):
            return [Finding(kind=ChangeKind.CORRECTION, after=after, is_major=True)]
        added = Finding(kind=ChangeKind.PARAGRAPH_ADDED, after=after)
        if not notes.is_update(text.text):
            return [added]
        update = Finding(kind=ChangeKind.UPDATE, after=after)
        return [added, update] if len(text.tokens) > _LEAD_WORDS else [update]

    def _read_removed(self, *, is_paging: bool) -> list[Finding]:
        paged = self._paged_off() if is_paging else set[int]()
        is_rewritten = self._is_rewritten()
        found: list[Finding] = []
        for i in self._removed:
            text = self._old[i]
            if i in paged:
                continue
            if self._places.only_moved(text.tokens):
                found.append(Finding(kind=ChangeKind.TYPOGRAPHY, before=shown(text.text)))
            else:
                found += _removed_paragraph(text, is_rewritten=is_rewritten)
        return found

    def _paged_off(self) -> set[int]:
        """The oldest entries leave a live blog at one end of its entries, all their blocks with them."""
        entries = [i for i, text in enumerate(self._old) if notes.is_entry(text.text)]
        removed = set(self._removed)
        paged: set[int] = set()
        for ordered in (entries, entries[::-1]):
            for i in reversed(ordered):
                if i not in removed:
                    break
                paged.add(i)
        for i in self._removed:
            if i - 1 in paged:
                paged.add(i)
        return paged

    def _is_rewritten(self) -> bool:
        """Does less than half of the old text still stand?"""
        all_words = sum(len(text.tokens) for text in self._old)
        gone = sum(len(self._old[i].tokens) for i in self._removed)
        is_much = len(self._removed) >= _REWRITTEN_BLOCKS and bool(self._added)
        return is_much and gone > (1 - _LEFT_OVER) * all_words


def _removed_paragraph(text: TokenText, *, is_rewritten: bool) -> list[Finding]:
    """A paragraph that takes a quote or a figure with it takes facts from the reader."""
    before = shown(text.text)
    figure = next((token for token in text.tokens if token.kind is TokenKind.FIGURE), None)
    quotations = find_quotations(text.text)
    words = sum(quotations.holds(token.start) for token in text.tokens)
    reason = ""
    if is_rewritten:
        reason = "most of the text was replaced"
    elif figure is not None and words < _QUOTED_WORDS:
        reason = f"a paragraph with the figure {clip(text.raw([figure]))} was removed"
    removed = Finding(
        kind=ChangeKind.PARAGRAPH_REMOVED, before=before, is_major=bool(reason), reason=reason
    )
    if words < _QUOTED_WORDS or is_rewritten:
        return [removed]
    reason = "a quote was dropped"
    return [removed, Finding(kind=ChangeKind.QUOTE, before=before, is_major=True, reason=reason)]


# -- the sum -------------------------------------------------------------------------------------


def _weight(found: Sequence[Finding]) -> Weight:
    if any(finding.is_major for finding in found):
        return Weight.MAJOR
    small = {ChangeKind.TYPOGRAPHY, ChangeKind.REVERTED}
    return Weight.TRIVIAL if {finding.kind for finding in found} <= small else Weight.MINOR


def _reason(found: Sequence[Finding]) -> str:
    """Why it has this weight: what is major, or all there is."""
    weighty = [f for f in found if f.is_major or f.kind is ChangeKind.REVERTED]
    alone = {ChangeKind.WORDING: "wording only", ChangeKind.TYPOGRAPHY: "typography only"}
    if {finding.kind for finding in found} <= {found[0].kind} & alone.keys() and not weighty:
        return alone[found[0].kind]
    told = weighty if any(finding.is_major for finding in found) else found
    lines: list[str] = []
    for kind in dict.fromkeys(finding.kind for finding in told):
        same = [finding for finding in told if finding.kind is kind]
        lines.append(_reason_of(kind, same))
    return "; ".join(dict.fromkeys(lines))


def _reason_of(kind: ChangeKind, same: Sequence[Finding]) -> str:
    one, many = _IN_WORDS[kind]
    own = dict.fromkeys(finding.reason for finding in same if finding.reason)
    if len(own) == 1 and all(finding.reason for finding in same):
        return next(iter(own))
    labels = list(dict.fromkeys(finding.label for finding in same if finding.label))
    count = len({(finding.before, finding.after, finding.label) for finding in same})
    text = one if count == 1 else many.format(count)
    if labels and kind is not ChangeKind.HEADLINE:
        text += ": " + ", ".join(labels[:3]) + (", …" if len(labels) > 3 else "")  # noqa: PLR2004
    return text


def _disclosure(old: VersionText, new: VersionText, found: Sequence[Finding]) -> Disclosure:
    """Did the publisher say so? A page without dates is unknown, never silent."""
    if any(finding.kind in {ChangeKind.CORRECTION, ChangeKind.UPDATE} for finding in found):
        return Disclosure.NOTED
    if new.modified is None:
        return Disclosure.UNKNOWN
    if old.modified is not None:
        return Disclosure.NOTED if new.modified > old.modified else Disclosure.UNNOTED
    is_later = new.published is not None and new.modified > new.published
    return Disclosure.NOTED if is_later else Disclosure.UNKNOWN


def _details(found: Sequence[Finding]) -> tuple[Detail, ...]:
    whole = {(f.before, f.after): f for f in reversed(found) if f.kind in _OF_PARAGRAPHS}
    details = dict.fromkeys(
        Detail(kind=f.kind, before=f.before, after=f.after, label=f.label)
        for f in (whole.get((f.before, f.after), f) for f in found)
        if f.before or f.after
    )
    return tuple(details)[:MOST_DETAILS]
