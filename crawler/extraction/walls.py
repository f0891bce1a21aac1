"""Decide whether a page that answered stands where the article should, which kind, how sure, and by what."""

# ruff: noqa: PLR2004 - lengths and shares of heuristics say what they are where they stand

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from crawler.extraction.boilerplate import Dropped
from crawler.extraction.maintext import Measures
from crawler.extraction.metadata import Metadata
from crawler.extraction.page import Node, Page, names_of, plain, text_of
from storage.types import Block, Wall, WallKind

_STEM: Final = 4
_SHORT: Final = 900
_TEASER: Final = 1800
_COLLAPSE: Final = 0.35
_STRONG_COLLAPSE: Final = 0.15
_PAY_CLASS = re.compile(
    r" (?:paywall|paygate|regwall|subscriber only|subscribers only|locked|premium teaser|piano offer|metered|gated) "
)
_TITLE_END = re.compile(r"\W*(?:$|[|–—\-·:.!])")
_LISTS: Final = frozenset(
    {
        "related list",
        "link to another article",
        "teaser of another article",
        "navigation",
        "tags",
        "read also",
        "above the headline",
    }
)
_DENSE = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_BELOW: Final = 8000
_SHORTEST_START: Final = 25  # characters
_HEAD: Final = 10
_SHORT_WITH_REST: Final = 1500
_BANNER = re.compile(
    r" (?:cookie|cookies|consent|gdpr|cmp|onetrust|didomi|cc banner|banner|usercentrics) "
)
_OPEN_BEFORE: Final = 700
_WORDS = re.compile(r"\W+")
_OPEN_MARKED: Final = 450


@dataclass(frozen=True, slots=True, kw_only=True)
class WallWords:
    """What one kind of wall is known by."""

    kind: WallKind
    title: tuple[str, ...]
    strong: tuple[str, ...]
    weak: tuple[str, ...]


_KINDS: Final = {
    "soft_404": WallKind.SOFT_404,
    "captcha": WallKind.CAPTCHA,
    "denied": WallKind.DENIED,
    "parked": WallKind.PARKED,
    "maintenance": WallKind.MAINTENANCE,
    "login": WallKind.LOGIN,
    "consent": WallKind.CONSENT,
    "paywall": WallKind.PAYWALL,
}


@cache
def load_words() -> dict[WallKind, WallWords]:
    """The packaged words, by kind."""
    raw = tomllib.loads(files("crawler.extraction").joinpath("walls.toml").read_text("utf-8"))
    words = {
        kind: WallWords(
            kind=kind,
            title=_folded(raw[name].get("title", [])),
            strong=_folded(raw[name]["strong"]),
            weak=_folded(raw[name]["weak"]),
        )
        for name, kind in _KINDS.items()
    }
    for one in words.values():
        for phrases in (one.strong, one.weak):
            _stems(phrases)  # reckoned once, before the first page
    return words


def _folded(words: list[str]) -> tuple[str, ...]:
    return tuple(word.casefold() for word in words)


@cache
def _stems(phrases: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """A few short pieces that all phrases hold one of, each with its phrases: fewer searches of a long text."""
    left = list(dict.fromkeys(phrases))
    found: list[tuple[str, tuple[str, ...]]] = []
    while left:
        counts = Counter(
            piece
            for phrase in left
            for piece in {phrase[at : at + _STEM] for at in range(max(1, len(phrase) - _STEM + 1))}
        )
        best = min(counts, key=lambda piece: (-counts[piece], piece))
        found.append((best, tuple(phrase for phrase in left if best in phrase)))
        left = [phrase for phrase in left if best not in phrase]
    return tuple(found)


@cache
def _ascii_stems(phrases: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(one for one in _stems(phrases) if one[0].isascii())


def _said_in(text: str, phrases: tuple[str, ...]) -> list[str]:
    """Which of these phrases a text holds, in their order."""
    stems = _ascii_stems(phrases) if text.isascii() else _stems(phrases)
    near = [held for stem, held in stems if stem in text]
    found = {phrase for held in near for phrase in held if phrase in text}
    return [phrase for phrase in phrases if phrase in found] if found else []


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was read of a page when it is asked whether it is a wall."""

    page: Page
    metadata: Metadata
    part: Node | None
    measures: Measures
    blocks: Sequence[Block]
    dropped: Sequence[Dropped]
    usual_length: int | None

    @cached_property
    def length(self) -> int:
        """Characters of the article as extracted; a sign of Chinese, Japanese or Korean counts for two and a half."""
        dense = len(_DENSE.findall(self.text))
        return int(sum(len(block.text) for block in self.blocks) + 1.5 * dense)

    @cached_property
    def text(self) -> str:
        """The article as extracted, in small letters."""
        return "\n".join(block.text for block in self.blocks).casefold()

    @cached_property
    def around(self) -> str:
        """What stands in and at the article's part, teasers and lists of links left out, in small letters."""
        lines = [block.text for block in self.blocks]
        lines += [
            piece.text
            for piece in self.dropped
            if piece.rule not in _LISTS and len(piece.text) < 1500
        ]
        return "\n".join(lines).casefold()

    @cached_property
    def everything(self) -> str:
        """All that a reader sees of the page, in small letters."""
        return self.measures.shown.casefold()

    @cached_property
    def from_heading(self) -> str:
        """What a reader sees from the headline on, in small letters."""
        heading = " ".join(self.metadata.titles.h1.casefold().split())
        start = self.everything.find(heading) if heading else 0
        return self.everything[max(0, start) :]

    @cached_property
    def below_heading(self) -> str:
        """What a reader sees first below the headline, in small letters."""
        shown, heading = self.measures.shown, self.metadata.titles.h1
        start = max(0, shown.find(heading)) if heading else 0
        return shown[start : start + _BELOW].casefold()

    @property
    def says_closed(self) -> bool:
        """A reader is told somewhere on the page that the text is for subscribers."""
        return bool(_said_in(self.everything, load_words()[WallKind.PAYWALL].strong))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Headline and page title in small letters."""
        titles = self.metadata.titles
        return tuple(text.casefold() for text in (titles.h1, titles.page, titles.og) if text)


def detect_wall(seen: Seen) -> Wall | None:
    """The wall that stands where the article should, None where the article does."""
    for check in (
        _soft_404,
        _by_words,
        _consent_inside,
        _front_page,
        _pay,
        _closed_inside,
        _closed_after_announced,
        _collapsed,
        _nothing,
    ):
        wall = check(seen)
        if wall is not None:
            return wall
    return None


def _wall(kind: WallKind, confidence: float, reason: str) -> Wall:
    return Wall(kind=kind, confidence=confidence, reason=reason)


def _soft_404(seen: Seen) -> Wall | None:
    said = [
        words
        for name in seen.names
        if (
            words := next(
                (one for one in load_words()[WallKind.SOFT_404].title if _is_said(one, name)), ""
            )
        )
    ]
    whole = len(said) > 1 and len(said) == len(seen.names)
    if not said or (seen.length > _TEASER and not whole):
        return None
    return _wall(WallKind.SOFT_404, 0.9, f"its headline says “{said[0]}”")


_ERROR_CODE = re.compile(r"\W*(?:[^\W\d]{3,12}\W+)?404\W*(?:[^\W\d]{3,12})?\W*(?:[|–—-].{0,40})?")


def _is_said(words: str, name: str) -> bool:
    """A title says these words when they are most of it, or it begins with them."""
    if words not in name or len(name) > 90:
        return False
    if words.isdigit():
        return _ERROR_CODE.fullmatch(name) is not None
    rest = name[len(words) :]
    begins = name.startswith(words) and len(rest) <= 40 and _TITLE_END.match(rest) is not None
    return begins or len(words) * 1.8 >= len(name)


def _by_words(seen: Seen) -> Wall | None:
    if seen.length > _SHORT:
        return None
    short = len(seen.everything) < 2500
    pay = load_words()[WallKind.PAYWALL].strong
    for kind, words in load_words().items():
        if kind is WallKind.LOGIN and _said_in(seen.everything, pay):
            continue  # "log in to read on" is what a pay wall says, too
        if kind in {WallKind.SOFT_404, WallKind.PAYWALL}:
            continue
        place = seen.everything if short else seen.text
        if kind is WallKind.CONSENT and seen.length >= 60:
            place = seen.text  # a banner beside a short article is no wall
        strong = _said_in(place, words.strong)
        weak = _said_in(place, words.weak)
        titled = [one for one in words.title for name in seen.names if _is_said(one, name)]
        if titled and (strong or weak or short):
            return _wall(kind, 0.9, f"its headline says “{titled[0]}”, and the text is short")
        if (strong and (weak or short or len(strong) > 1)) or len(weak) >= 4:
            if kind is WallKind.CONSENT and len(weak) + len(strong) < 3:
                continue
            said = ", ".join(f"“{one}”" for one in (strong + weak)[:3])
            return _wall(kind, 0.8, f"a short text says {said}")
    return None


def _consent_inside(seen: Seen) -> Wall | None:
    """A question of consent where the text should stand, and not the text that the page announces."""
    words = load_words()[WallKind.CONSENT]
    if seen.length > _SHORT_WITH_REST and _announced_stands(seen):
        return None
    for number, phrase in _phrases_below(seen, words.strong):
        near = " ".join(_texts_from(seen, number, 4)).casefold()
        weak = [one for one in words.weak if one in near]
        if len(weak) >= 3 and not _is_named(seen, number, _BANNER):
            said = ", ".join(f"“{one}”" for one in [phrase, *weak[:2]])
            return _wall(WallKind.CONSENT, 0.8, f"where the text should stand it says {said}")
    return None


def _phrases_below(seen: Seen, phrases: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Blocks between the headline and the foot that say one of these, by their number."""
    said = _said_in(seen.below_heading, phrases)
    if not said:
        return
    measures = seen.measures
    heading = seen.metadata.heading
    first = measures.index.get(heading, 0) if heading is not None else 0
    for number in range(first, len(measures.nodes)):
        node = measures.nodes[number]
        if node.tag == "footer" and measures.chars[number] < 0.5 * measures.chars[0]:
            return
        if (
            measures.holds_block[number]
            or not 8 <= measures.chars[number] <= 600
            or node.tag in {"a", "span"}
        ):
            continue
        text = text_of(node).casefold()
        phrase = next((one for one in said if one in text), "")
        if phrase:
            yield number, phrase


def _texts_from(seen: Seen, number: int, count: int) -> list[str]:
    """The texts of this block and those after it."""
    texts: list[str] = []
    measures = seen.measures
    for other in range(number, min(number + 40, len(measures.nodes))):
        if (
            not measures.holds_block[other]
            and measures.chars[other] > 8
            and measures.nodes[other].tag not in {"a", "span"}
        ):
            texts.append(text_of(measures.nodes[other]))
            if len(texts) == count:
                break
    return texts


def _is_named(seen: Seen, number: int, pattern: re.Pattern[str]) -> bool:
    """The block or one of the three elements around it is called so."""
    for _ in range(4):
        if number < 0:
            return False
        if pattern.search(names_of(seen.measures.nodes[number])):
            return True
        number = seen.measures.parents[number]
    return False


def _announced_stands(seen: Seen) -> bool:
    """The beginning of what the page declares as its summary stands among the blocks."""
    for described in seen.metadata.descriptions:
        start = _WORDS.sub(" ", described.casefold())[:40].strip()
        if len(start) >= 20 and any(
            start in _WORDS.sub(" ", block.text.casefold()) for block in seen.blocks[:12]
        ):
            return True
    return False


def _closed_inside(seen: Seen) -> Wall | None:
    """A pay box soon after the headline: what follows is not open, whatever stands below on the page."""
    measures = seen.measures
    heading = seen.metadata.heading
    first = measures.index.get(heading, 0) if heading is not None else 0
    for number, phrase in _phrases_below(seen, load_words()[WallKind.PAYWALL].strong):
        before = sum(
            measures.own[other]
            for other in range(first, number)
            if not measures.is_foreign[other] and measures.nodes[other].tag == "p"
        )
        if before > _OPEN_BEFORE:
            return None
        if _is_named(seen, number, _PAY_CLASS):
            return _wall(
                WallKind.PAYWALL, 0.7, f"“{phrase}” stands after the first {before:.0f} characters"
            )
    return None


def _closed_after_announced(seen: Seen) -> Wall | None:
    """The paragraph the page announces with a pay box right below it, wherever on the page they stand."""
    measures = seen.measures
    starts = measures.starts
    if not starts or seen.length >= _TEASER * 4:
        return None
    words = load_words()[WallKind.PAYWALL].strong
    for number, node in enumerate(measures.nodes):
        if (
            measures.tags[number] == "p"
            and measures.own[number]
            and measures.chars[number] > _SHORTEST_START
            and _may_begin(node.text, starts)
            and plain(text_of(node)).startswith(starts)
        ):
            below = " ".join(_texts_from(seen, number, 3)).casefold()
            phrase = next((one for one in words if one in below), "")
            if phrase:
                return _wall(
                    WallKind.PAYWALL, 0.7, f"“{phrase}” stands right below the first paragraph"
                )
    return None


def _may_begin(text: str | None, starts: tuple[str, ...]) -> bool:
    """What is cheap to see already: the first words before any element inside."""
    head = " ".join((text or "").split())[:_HEAD].casefold()
    return any(start.startswith(head) for start in starts)


def _front_page(seen: Seen) -> Wall | None:
    path = urlsplit(seen.page.url).path.strip("/")
    canonical = urlsplit(seen.metadata.canonical)
    if (
        path
        and canonical.netloc
        and not canonical.path.strip("/")
        and not canonical.query
        and not seen.metadata.claims_article
    ):
        return _wall(WallKind.FRONT_PAGE, 0.8, "it names the front page as its address")
    return None


def _pay(seen: Seen) -> Wall | None:
    usual, length = seen.usual_length, seen.length
    limit = _COLLAPSE * usual if usual is not None else _TEASER
    if length >= limit:
        return None
    marked = "the page says it is not free" if seen.metadata.is_free is False else ""
    classed = "a pay box stands by the text" if _has_pay_class(seen) else ""
    words = load_words()[WallKind.PAYWALL]
    known = words.strong + words.weak if marked or classed else words.strong
    said = next((f"“{one}” stands by the text" for one in known if one in seen.around), "")
    reason = said or marked or classed
    if usual is not None:
        left = f"{length} of {usual} characters are left"
        return _wall(WallKind.PAYWALL, 0.9, f"{reason}, and {left}") if reason else None
    enough = (said and (marked or classed or length < _SHORT)) or (marked and length < _OPEN_MARKED)
    return (
        _wall(WallKind.PAYWALL, 0.8, f"{reason}, and only {length} characters are open")
        if enough
        else None
    )


def _has_pay_class(seen: Seen) -> bool:
    part = seen.part
    if part is None:
        return False
    return any(
        _PAY_CLASS.search(names_of(node))
        for node in part.iter()
        if isinstance(node.tag, str) and (node.get("class") or node.get("id"))
    )


def _collapsed(seen: Seen) -> Wall | None:
    usual = seen.usual_length
    if usual is not None and usual > 200 and seen.length < _STRONG_COLLAPSE * usual:
        return _wall(
            WallKind.COLLAPSED,
            0.8,
            f"too short: {seen.length} of the usual {usual} characters are left",
        )
    return None


def _nothing(seen: Seen) -> Wall | None:
    if seen.length >= 60 and seen.metadata.title:
        return None
    if seen.length and seen.metadata.claims_article and seen.metadata.title:
        return None
    return _wall(
        WallKind.NOT_AN_ARTICLE, 0.7, "no article text: a headline or its paragraphs are missing"
    )
