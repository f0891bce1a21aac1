"""Decide which characters a page's bytes are; what the page says is left to the other modules.

Bytes that are valid UTF-8 are UTF-8 whatever a label claims, and other bytes are judged by how the
words they give look, so a label that flips between two fetches does not change the text.
"""

# ruff: noqa: PLR2004 - lengths and shares of heuristics say what they are where they stand

import codecs
import re
from typing import Final

MAX_BYTES: Final = 12_000_000
"""More of a page is not read."""

_SAMPLE_BYTES: Final = 60_000
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY_STARTS: Final = (
    b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"Rar!",
    b"\x7fELF", b"RIFF", b"OggS", b"ID3", b"\x1a\x45\xdf\xa3", b"BM6",
)  # fmt: skip
_LABEL = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_HEADER_LABEL = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_LABEL = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})")
_MISSPELT = (
    (re.compile(r"^(?:iso|latin)[-_ ]?8[58]59[-_ ]?(\d{1,2})$"), r"iso-8859-\1"),
    (re.compile(r"^iso[-_ ]?8859[-_ ]?(\d{1,2})[-_ei]*$"), r"iso-8859-\1"),
    (re.compile(r"^utf[-_ ]?8\w*$|^utf8mb[34]$|^unicode[-_ ]?1[-_ ]?1.*$"), "utf-8"),
    (re.compile(r"^(?:win|windows|cp|x-cp)[-_ ]?(125\d)$"), r"cp\1"),
    (re.compile(r"^koi8[-_ ]?r.*$"), "koi8-r"),
    (re.compile(r"^(?:gb2312|gbk|x-gbk|gb[-_]?18030)$"), "gb18030"),
    (re.compile(r"^(?:ks_c_5601.*|ksc5601|euc[-_]?kr)$"), "cp949"),
    (re.compile(r"^(?:shift[-_]?jis|x-sjis|sjis|windows-31j)$"), "cp932"),
    (re.compile(r"^(?:iso-8859-1|latin-?1|us-ascii|ascii)$"), "cp1252"),
    (re.compile(r"^iso-8859-9$"), "cp1254"),
)
_TEXT_CODECS: Final = frozenset({
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254",
    "cp1255", "cp1256", "cp1257", "cp1258", "koi8-r", "koi8-u", "cp866", "mac-cyrillic", "cp874", "tis-620",
    "gb18030", "big5", "big5hkscs", "cp950", "cp932", "euc_jp", "iso2022_jp", "cp949",
    *(f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14, 15, 16)),
})  # fmt: skip
_GUESSED_ONE_BYTE: Final = ("cp1251", "koi8-r", "cp1252")
_WORD = re.compile(r"[^\W\d_]+")
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:0*(\d{1,7})(?!\d)|[xX]0*([0-9a-fA-F]{1,6})(?![0-9a-fA-F]));?")
_LAST_CODE: Final = 0x10FFFF
_CONTROL: Final = bytes(code for code in range(32) if code not in b"\t\n\r\x1b") + b"\x7f"
_STILL_UNWANTED: Final = ("\x1b", "\ufffe", "\uffff")
_TOO_MANY_ODD: Final = 0.1
_MIN_UTF16_NULS: Final = 0.05
_TIE: Final = 0.02


def decode(body: bytes, *, content_type: str = "") -> str:
    """Give the characters of a page, without control characters and lone surrogates; never raises."""
    body = body[:MAX_BYTES]
    text = _decode_marked(body)
    if text is not None:
        text = _UNWANTED.sub("", text)
    else:
        text = _decode_bytes(body.translate(None, _CONTROL), content_type)
        if any(sign in text for sign in _STILL_UNWANTED):
            text = _UNWANTED.sub("", text)
    return _REFERENCE.sub(_wanted, text) if "&#" in text else text


def _wanted(reference: re.Match[str]) -> str:
    """Leave out a reference to a character that no text may hold: a parser would make one of it."""
    code = int(reference[1]) if reference[1] else int(reference[2], 16)
    is_unwanted = code <= _LAST_CODE and _UNWANTED.match(chr(code)) is not None
    return "" if is_unwanted else reference[0]


def _decode_bytes(body: bytes, content_type: str) -> str:
    text = _decode_utf8(body)
    return text if text is not None else body.decode(_best_codec(body, content_type), "replace")


def looks_binary(body: bytes) -> bool:
    """Say whether the bytes are a file of another kind called a page."""
    head = body[:4096]
    if head.startswith(_BINARY_STARTS) or head[4:8] == b"ftyp":
        return True
    if not head or _utf16_order(head) is not None or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    nuls = head.count(0)
    control = len(head) - len(head.translate(None, _CONTROL)) - nuls
    return control > _TOO_MANY_ODD * len(head) or (control + nuls) > 0.3 * len(head)


def _decode_marked(body: bytes) -> str | None:
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    order = _utf16_order(body[:4096])
    return body.decode(order, "replace") if order else None


def _utf16_order(head: bytes) -> str | None:
    """UTF-16 without a mark: markup has a NUL in every second byte."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > _MIN_UTF16_NULS * len(head) and even * 10 < odd:
        return "utf-16-le"
    if even > _MIN_UTF16_NULS * len(head) and odd * 10 < even:
        return "utf-16-be"
    return None


def _decode_utf8(body: bytes) -> str | None:
    """Decode as UTF-8 if that is what the bytes are, a few broken ones allowed."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    above = sum(1 for character in text[:400_000] if character > "\x7f" and character != "\ufffd")
    return text if above > 20 * broken or (above > 0 and broken <= 3) else None


def _best_codec(body: bytes, content_type: str) -> str:
    labels = [name for name in _labels(body, content_type) if name != "utf-8"]
    sample = _sample(body)
    for name in labels:
        if name in _GUESSED_ONE_BYTE or name.startswith(("iso8859", "cp125")):
            break
        if _oddness(sample, name) <= _TOO_MANY_ODD:  # a multi-byte label that fits is not luck
            return name
    names = list(dict.fromkeys([*labels, *_GUESSED_ONE_BYTE]))
    scores = {name: _oddness(sample, name) for name in names}
    best = min(scores.values())
    if best > _TOO_MANY_ODD and (guess := _guess(sample)):
        return guess
    return next(name for name in names if scores[name] <= best + _TIE)


def _labels(body: bytes, content_type: str) -> list[str]:
    raw: list[str] = []
    if found := _HEADER_LABEL.search(content_type[:500]):
        raw.append(found[1])
    head = body[:200_000]
    found_inside = (pattern.search(head) for pattern in (_XML_LABEL, _LABEL))
    raw.extend(match[1].decode("ascii", "ignore") for match in found_inside if match)
    return [name for label in raw if (name := _known_codec(label))]


def _known_codec(label: str) -> str | None:
    name = label.strip().lower()
    for pattern, right in _MISSPELT:
        name = pattern.sub(right, name)
    try:
        name = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    name = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}.get(
        name, name
    )
    return name if name in _TEXT_CODECS else None


def _sample(body: bytes) -> bytes:
    """The parts of a page that tell: lines with bytes above ASCII."""
    if len(body) <= _SAMPLE_BYTES:
        return body
    lines = [line for line in re.split(rb"[<>\n]", body[:1_000_000]) if not line.isascii()]
    return b"\n".join(lines)[:_SAMPLE_BYTES]


def _oddness(sample: bytes, name: str) -> float:
    """Share of words that no language writes so: scripts mixed, capitals after small letters, signs inside."""
    try:
        text = sample.decode(name, "replace")
    except (LookupError, ValueError):
        return 1.0
    odd = 3 * sum(text.count(sign) for sign in "\ufffd\x81\x8d\x8f\x90\x9d¤¦§¬¶")
    told = 0
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        told += 1
        odd += _is_odd(word)
    return odd / max(1, told)


def _is_odd(word: str) -> bool:
    cyrillic = sum("\u0400" <= sign <= "\u052f" for sign in word)
    if cyrillic:
        mixed = cyrillic != len(word)
        swapped = len(word) > 1 and word[0].islower() and not word[1:].islower()
        return (
            mixed
            or swapped
            or (len(word) > 2 and word[1:] != word[1:].lower() and not word.isupper())
        )
    accents = sum("\x7f" < sign < "\u0250" for sign in word)
    return accents * 2 > len(word) > 1


def _guess(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - heavy, and only for unlabelled pages

    best = from_bytes(sample[:20_000], threshold=0.4, explain=False).best()
    return _known_codec(best.encoding) if best is not None else None
