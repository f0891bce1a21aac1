"""Cut a text into what is compared: words, figures and dates, with white space and marks folded away.

Pure. What a difference between two texts means is `storage.passages`' to say.
"""

import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Final, NamedTuple

from storage import vocabulary

UNSPACED: Final = (
    "\u0e00-\u0e4f\u0e5a-\u0eff\u1000-\u103f\u1780-\u17d3\u3005-\u3007\u3041-\u309f"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Scripts written without spaces (Thai, Lao, Burmese, Khmer, kana, Han): a character is a word."""

INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)


def _ranges_of_marks() -> str:
    """Combining marks as a character class: a word's regular letters leave them out."""
    codes = [c for c in range(0x300, 0x10000) if unicodedata.category(chr(c)) in {"Mn", "Mc"}]
    starts = [c for n, c in enumerate(codes) if n == 0 or codes[n - 1] != c - 1]
    ends = [c for n, c in enumerate(codes) if n == len(codes) - 1 or codes[n + 1] != c + 1]
    return "".join(f"{chr(a)}-{chr(b)}" for a, b in zip(starts, ends, strict=True))


MARKS: Final = _ranges_of_marks()
_LETTER = rf"[^\W\d_{UNSPACED}]"
_HAN_NUMBER = "[〇零一二三四五六七八九十百千两兩]"
_COUNTER = "[人名日月年天枚架個个只艘歳岁件発发時时分回輪轮国國割点點]"

_TOKEN = re.compile(
    rf"""
    (?P<word>{_LETTER}(?:{_LETTER}|[{MARKS}]|['’ʼ＇](?={_LETTER}))*)
  | (?=\d)(?:
      (?P<time>\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?!\d))
    | (?P<ymd>\d{{4}}([-/.])\d{{1,2}}\4\d{{1,2}}(?!\d))
    | (?P<dmy>\d{{1,2}}([./-])\d{{1,2}}\6(?:\d{{4}}|\d{{2}})(?!\d)|\d{{1,2}}\.(?:0[1-9]|1[0-2])\.(?=\s\S))
    | (?P<cjk>(?:\d{{4}}\s?[年년]\s?)?\d{{1,2}}\s?[月월](?:\s?\d{{1,2}}\s?[日일])?
             |\d{{1,2}}\s?[日일]|\d{{4}}\s?[年년]))
  | (?P<number>(?:(?<![\w.,)\]])[-−])?
             (?:\d{{1,3}}(?:\ \d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,'’٬٫]\d+)*))
  | (?P<han>{_HAN_NUMBER}+(?={_COUNTER}|[万億亿]))
  | (?P<char>[{UNSPACED}][{MARKS}]*)
  | (?P<sign>[%‰°$€£¥₴₽₺₹₩])
    """,
    re.VERBOSE,
)
_GROUPED = re.compile(r"-?\d{1,3}(?:([ .,'])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")
_LONG_DIGITS = 40  # beyond it a "number" is noise, and exact arithmetic a way to keep us busy
_HAN_DIGITS = {
    **{c: n for n, c in enumerate("零一二三四五六七八九")},
    "〇": 0,
    "两": 2,
    "兩": 2,
}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}
_LAST_DAY, _LAST_MONTH = 31, 12
_YEARS = range(1900, 2101)


class TokenKind(StrEnum):
    """What a token is."""

    WORD = "word"
    FIGURE = "figure"  # key: its value, whatever the spelling
    DATE = "date"  # key: year-month-day, `?` for what is not said, or a time of day


class Token(NamedTuple):
    """A word, figure or date; `key` is equal where a reader would read the same."""

    kind: TokenKind
    key: str
    start: int
    end: int


@dataclass(frozen=True)
class TokenText:
    """A folded text with its tokens."""

    text: str
    tokens: tuple[Token, ...]

    @cached_property
    def keys(self) -> list[str]:
        """The tokens' keys."""
        return [token.key for token in self.tokens]

    @cached_property
    def line(self) -> str:
        """The keys as one string in which a run of tokens is a substring."""
        return line_of(self.tokens)

    def raw(self, tokens: Sequence[Token]) -> str:
        """The text from the first to the last of neighbouring tokens, as it was written."""
        return self.text[tokens[0].start : tokens[-1].end] if tokens else ""


def line_of(tokens: Sequence[Token]) -> str:
    """Write tokens so that a shorter run is a substring of a longer one, and only whole words are."""
    return "".join(f"\x1e{token.key}\x1f" for token in tokens)


def fold(text: str) -> str:
    """Fold away what no reader sees: white space of all kinds, zero-width signs, soft hyphens, NFC."""
    return " ".join(unicodedata.normalize("NFC", INVISIBLE.sub("", text)).split())


def read_tokens(text: str) -> TokenText:
    """Fold a text and cut it into tokens."""
    folded = fold(text)
    found = [_token(match) for match in _TOKEN.finditer(folded)]
    return TokenText(folded, tuple(_dated(_scaled(found, folded), folded)))


def key_of(word: str) -> str:
    """The key of a word: case, width and shape of apostrophes do not count."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKC", word).casefold()
    return plain.replace("’", "'").replace("ʼ", "'").replace("ـ", "")


def _token(match: re.Match[str]) -> Token:
    group, raw = match.lastgroup or "", match.group()
    kind, key = TokenKind.WORD, ""
    if group == "number":
        kind, key = TokenKind.FIGURE, _value_of(raw)
    elif group == "han":
        kind, key = TokenKind.FIGURE, _han_value(raw)
    elif group in {"time", "ymd", "dmy", "cjk"}:
        kind, key = TokenKind.DATE, _date_key(group, raw)
    elif group == "char":
        key = raw
    return Token(kind, key or key_of(raw), *match.span())


def _ascii_digits(raw: str) -> str:
    return "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in raw)


def _value_of(raw: str) -> str:
    """Bring 1,000 and 1.000 and 1 000 and 1000 to one key; 1.5 and 1,5 to another."""
    digits = _ascii_digits(raw).replace("−", "-").replace("٬", ",").replace("٫", ".")
    digits = digits.replace("’", "'")
    if len(digits) > _LONG_DIGITS:
        return "#" + digits
    grouped = _GROUPED.fullmatch(digits)
    if grouped:
        whole, _, rest = digits.rpartition(grouped[1])
        fraction = re.search(r"[.,](\d+)$", rest) if grouped[1] == "'" or len(rest) > 3 else None  # noqa: PLR2004
        cut = len(digits) - len(fraction[0]) if fraction else len(digits)
        whole = re.sub(r"[ .,']", "", digits[:cut])
        return number_key(Decimal(f"{whole}.{fraction[1]}" if fraction else whole))
    plain = digits.replace(",", ".")
    return number_key(Decimal(plain)) if re.fullmatch(r"-?\d+(\.\d+)?", plain) else "#" + digits


def number_key(value: Decimal) -> str:
    """The key of a number."""
    return f"{value.normalize():f}" if value else "0"


def _han_value(raw: str) -> str:
    total, digit = 0, -1
    for c in raw[:_LONG_DIGITS]:
        if c in _HAN_UNITS:
            total, digit = total + (1 if digit < 0 else digit) * _HAN_UNITS[c], -1
        else:
            digit = _HAN_DIGITS[c] if digit < 0 else digit * 10 + _HAN_DIGITS[c]
    return str(total + max(digit, 0))


def _date_key(group: str, raw: str) -> str:
    parts = [int(part) for part in re.findall(r"\d+", _ascii_digits(raw))]
    if group == "time":
        return "t" + ":".join(f"{part:02}" for part in parts)
    if group == "ymd":
        return day_key(*parts)
    if group == "dmy":
        year = parts[2] if len(parts) > 2 else None  # noqa: PLR2004
        return day_key(year if year is None or year > 99 else 2000 + year, parts[1], parts[0])  # noqa: PLR2004
    named = {m[2]: int(m[1]) for m in re.finditer(r"(\d+)\s?([年년月월日일])", _ascii_digits(raw))}
    return day_key(*(named.get(a, named.get(b)) for a, b in ("年년", "月월", "日일")))


def day_key(year: int | None, month: int | None, day: int | None) -> str:
    """The key of a date; None for what is not said."""
    return "d" + "-".join("?" if part is None else str(part) for part in (year, month, day))


def _scaled(tokens: Sequence[Token], text: str) -> list[Token]:
    """Join `5 million` to one figure, so that it equals 5,000,000 and differs from 5 billion."""
    out: list[Token] = []
    for token in tokens:
        power = vocabulary.SCALES.get(token.key) if token.kind is TokenKind.WORD else None
        last = out[-1] if out else None
        if power and last and last.kind is TokenKind.FIGURE and _are_close(last, token, text):
            joined = _times(last.key, power)
            out[-1] = Token(TokenKind.FIGURE, joined, last.start, token.end)
        else:
            out.append(token)
    return out


def _are_close(first: Token, second: Token, text: str) -> bool:
    return text[first.end : second.start] in {"", " ", "-"}


def _times(key: str, power: int) -> str:
    return key + f"e{power}" if key.startswith("#") else number_key(Decimal(key).scaleb(power))


def _dated(tokens: Sequence[Token], text: str) -> list[Token]:
    """Join `12 March 2024`, `March 12` and `le 12 mars` to one date, `in 2022` to a year."""
    out: list[Token] = []
    n = 0
    while n < len(tokens):
        if tokens[n].kind is not TokenKind.FIGURE and tokens[n].key not in vocabulary.MONTHS:
            out.append(tokens[n])
            n += 1
            continue
        length, key = _date_at(tokens, n)
        if length:
            out.append(Token(TokenKind.DATE, key, tokens[n].start, tokens[n + length - 1].end))
        elif _is_year(tokens, n, text):
            key = day_key(int(tokens[n].key), None, None)
            out.append(Token(TokenKind.DATE, key, tokens[n].start, tokens[n].end))
        else:
            out.append(tokens[n])
        n += max(1, length)
    return out


def _whole(tokens: Sequence[Token], n: int, limits: range) -> int | None:
    if 0 <= n < len(tokens) and tokens[n].kind is TokenKind.FIGURE and tokens[n].key.isdecimal():
        value = int(tokens[n].key)
        return value if value in limits else None
    return None


def _date_at(tokens: Sequence[Token], n: int) -> tuple[int, str]:
    """How many tokens from the n-th on are a day with its month, and the key."""
    days = range(1, _LAST_DAY + 1)
    month = vocabulary.MONTHS.get(tokens[n].key) if tokens[n].kind is TokenKind.WORD else None
    if month:  # March 12
        day, last = _whole(tokens, n + 1, days), n + 2
    else:  # 12 March, 12th of March, 12 de marzo
        day, last = _whole(tokens, n, days), n + 1
        while last < min(len(tokens), n + 3) and tokens[last].key in vocabulary.DATE_JOINTS:
            last += 1
        month = vocabulary.MONTHS.get(tokens[last].key) if last < len(tokens) else None
        last += 1
    if day is None or month is None:
        return 0, ""
    joint = 1 if last < len(tokens) and tokens[last].key in vocabulary.DATE_JOINTS else 0
    year = _whole(tokens, last + joint, _YEARS)
    return (last - n + (joint + 1 if year else 0)), day_key(year, month, day)


def _is_year(tokens: Sequence[Token], n: int, text: str) -> bool:
    token = tokens[n]
    if _whole(tokens, n, _YEARS) is None or token.end - token.start != 4:  # noqa: PLR2004
        return False
    before = tokens[n - 1].key if n else ""
    after = tokens[n + 1].key if n + 1 < len(tokens) else ""
    follows = text[token.end : token.end + 1]
    if after in vocabulary.YEAR_AFTER:
        return True
    is_open = not follows or follows in ".,;:)!?" or after in vocabulary.DATE_JOINTS
    return before in vocabulary.MONTHS or (before in vocabulary.YEAR_BEFORE and is_open)


def interned(*sequences: Sequence[str]) -> list[list[int]]:
    """Number equal keys equally: comparing small integers is what keeps long texts cheap."""
    numbers: dict[str, int] = {}
    return [[numbers.setdefault(sys.intern(key), len(numbers)) for key in s] for s in sequences]
