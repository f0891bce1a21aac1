"""Decide which spellings of an address are one address, and which claimed address to believe. Pure.

Strings are compared here, never trusted: whether an address may be connected to is decided by the
address guard, which sees what a name resolves to.
"""

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, urljoin, urlsplit

MAX_URL: Final = 2000
"""Characters of a normalised address; longer ones are refused."""

_MAX_RAW: Final = 8000
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_UNRESERVED: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_PATH_SAFE: Final = "/%:@!$&'()*+,;=~"
_QUERY_SAFE: Final = "/%:@!$'()*+,;=~?&[]|"

# Names that say how a reader came, never what the reader sees.
_TRACKING_PREFIXES: Final = (
    "utm_", "mtm_", "pk_", "piwik_", "mc_", "at_", "hsa_", "vero_", "oly_", "wt_", "wt.", "ns_",
    "__twitter_", "fb_action_", "ga_", "stm_", "trk_", "matomo_", "itm_", "int_", "spm_",
)  # fmt: skip
_TRACKING_NAMES: Final = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid",
    "twclid", "ttclid", "igshid", "igsh", "li_fat_id", "_openstat", "openstat", "cmpid", "cmp",
    "icid", "ncid", "ocid", "cid_ref", "s_cid", "smid", "smtyp", "sref", "xtor", "xtref", "wtrid",
    "mkt_tok", "trackid", "trk", "_ga", "_gl", "_hsenc", "_hsmi", "hsctatracking", "ns_mchannel",
    "campaign_id", "traffic_source", "fromrss", "from_rss", "spm", "scm", "share_source",
    "feature_share", "wprov", "echobox", "guccounter", "guce_referrer", "guce_referrer_sig",
    "srnd", "partner_source", "sr_share", "mibextid", "sfnsn", "ftag", "tpcc", "taid", "rss_source",
})  # fmt: skip
_SESSION_NAMES: Final = frozenset({"phpsessid", "jsessionid", "sessionid", "session_id", "sid", "zenid", "cfid", "cftoken"})  # fmt: skip
# `ref` and `source` choose a page on some sites (?ref=main): dropped only when they name a way in.
_WAY_NAMES: Final = frozenset({"ref", "source", "from", "src", "referrer", "via"})
_WAYS_IN: Final = frozenset({
    "rss", "feed", "rssfeed", "home", "homepage", "hp", "front", "frontpage", "twitter", "x", "facebook",
    "fb", "telegram", "tg", "whatsapp", "linkedin", "reddit", "vk", "ok", "viber", "newsletter", "nl",
    "mail", "email", "push", "share", "social", "app", "google", "googlenews", "gnews", "yandex",
    "flipboard", "pocket", "smartnews", "bluesky", "mastodon", "threads", "instagram",
})  # fmt: skip

_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_BARE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SESSION_PART: Final = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_LONG_TOKEN: Final = re.compile(r"[0-9A-Za-z_-]*\d[0-9A-Za-z_-]*")
_EDGE: Final = "".join(map(chr, range(0x21)))
_TAB_OR_BREAK: Final = str.maketrans("", "", "\t\r\n")


def normalise_url(url: str, base: str = "") -> str | None:
    """Give the one spelling of an address, resolved against `base`; applying it again changes nothing.

    Scheme and host are folded (IDNA), the default port, dot segments, fragment, session ids and
    tracking parameters go; the order of the other parameters and a final slash stay.

    Returns:
        None for what is no plain http(s) address: another scheme, a user name in it, a host that
        cannot be read in one way only, more than 2,000 characters.
    """
    text = _joined(url, base)
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        site = _site(parts)
    except ValueError:
        return None
    if site is None:
        return None
    path = _path(parts.path)
    query = _query(parts.query)
    found = f"{parts.scheme}://{site}{path}" + (f"?{query}" if query else "")
    return found if len(found) <= MAX_URL else None


def same_publisher(host_a: str, host_b: str) -> bool:
    """Say whether two hosts (a port may follow) are one, but for a `www.`, `m.` or `amp.` in front."""
    return bool(host_a) and _bare_host(host_a) == _bare_host(host_b)


def within_publisher(host: str, publisher: str) -> bool:
    """Say whether a host is the publisher's own: a twin of its host, or a name below it."""
    bare = _bare_host(publisher)
    if same_publisher(host, publisher):
        return True
    return "." in bare and not _is_address(bare) and host.lower().endswith("." + bare)


def trust_canonical(canonical: str, url: str) -> str | None:
    """Give the address a page declares as its own, normalised, if there is no reason to doubt it.

    Doubted is an address of another site, a front page, a section above the page, and an address
    with another article's number: publishers' templates declare all of these by mistake.
    """
    own = normalise_url(url)
    claimed = normalise_url(canonical, base=url) if canonical.strip() else None
    if own is None or claimed is None:
        return None
    mine, theirs = urlsplit(own), urlsplit(claimed)
    if not same_publisher(theirs.netloc, mine.netloc):
        return None
    doubted = (
        (is_front_page(claimed) and not is_front_page(own))
        or _is_above(theirs.path, mine.path)
        or _other_number(claimed, own)
    )
    if doubted:
        return None
    if mine.scheme == "https" and theirs.scheme == "http":
        return "https" + claimed[4:]
    return claimed


def is_front_page(url: str) -> bool:
    """Say whether an address is a site's first page, perhaps of one language: `/`, `/index.html`, `/en/`."""
    parts = urlsplit(url)
    if parts.query:
        return False
    return bool(re.fullmatch(r"/?(?:[a-z]{2}(?:[-_][A-Za-z]{2})?/?)?(?:(?:index|home|default)(?:\.\w{1,5})?/?)?", parts.path))  # fmt: skip


# -- parts of an address -------------------------------------------------------------------------


def _joined(url: str, base: str) -> str | None:
    """Clean an address as a browser does and resolve it; None if its authority is ambiguous."""
    text = url[: _MAX_RAW + 1].strip(_EDGE).translate(_TAB_OR_BREAK)
    if not text or len(text) > _MAX_RAW:
        return None
    # In front of the path, parsers disagree on a backslash: one reads example.com, another 127.0.0.1.
    head, mark, tail = _before_query(text)
    if "\\" in re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*:", "", head)[:2] or "\\" in _authority(head):
        return None
    text = head.replace("\\", "/") + mark + tail
    try:
        return urljoin(base, text) if base else text
    except ValueError:
        return None


def _before_query(text: str) -> tuple[str, str, str]:
    found = re.search(r"[?#]", text)
    if found is None:
        return text, "", ""
    return text[: found.start()], found.group(), text[found.end() :]


def _authority(head: str) -> str:
    found = re.match(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//([^/]*)", head)
    return found.group(1) if found else ""


def _site(parts: SplitResult) -> str | None:
    """Give host and port in their one spelling; ValueError or None where there is none."""
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc:
        return None
    host = _host(parts.hostname or "")
    if host is None:
        return None
    port = parts.port
    if port is None or port == _DEFAULT_PORTS[parts.scheme]:
        return host
    return f"{host}:{port}" if port else None


def _host(host: str) -> str | None:
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host).compressed}]" if "%" not in host else None
    # The codec is quadratic in the length of a name; no name has more than 253 characters.
    if not 0 < len(host) <= 253:  # noqa: PLR2004
        return None
    name = host.encode("idna").decode("ascii").lower().removesuffix(".")
    return name if _HOST.fullmatch(name) and len(name) <= 253 else None  # noqa: PLR2004


def _path(path: str) -> str:
    clean = _dots_removed(_SESSION_PART.sub("", _escaped(path, _PATH_SAFE)))
    return clean if clean.startswith("/") else "/" + clean


def _dots_removed(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986, section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept)


def _escaped(text: str, safe: str) -> str:
    """Write percent escapes in one way: upper case, none where none is needed."""
    whole = _BARE_PERCENT.sub("%25", text)
    whole = _ESCAPE.sub(_one_escape, whole)
    return quote(whole, safe=safe, errors="replace")


def _one_escape(found: re.Match[str]) -> str:
    sign = chr(int(found.group(1), 16))
    return sign if sign in _UNRESERVED else "%" + found.group(1).upper()


def _query(query: str) -> str:
    pieces = [_escaped(piece, _QUERY_SAFE) for piece in query.split("&") if piece]
    return "&".join(piece for piece in pieces if not _is_tracking(piece))


def _is_tracking(piece: str) -> bool:
    name, _, value = piece.partition("=")
    name = name.lower()
    if name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIXES):
        return True
    if name in _WAY_NAMES:
        return value.lower() in _WAYS_IN
    # `sid` is an article's number on some sites; a session's is long and mixed.
    is_session = name in _SESSION_NAMES or name.startswith("aspsessionid")
    return is_session and len(value) >= 16 and _LONG_TOKEN.fullmatch(value) is not None  # noqa: PLR2004


# -- doubts about a canonical address ------------------------------------------------------------

_TWIN_PREFIXES: Final = ("www.", "m.", "amp.", "mobile.", "www2.", "mobil.")
_SAME_PIECE: Final = re.compile(
    r"(?:amp|print|mobile|full|single|all|comments?|feed|share|embed|view|page|\d{1,3}|amp\.html?|index\.\w{2,5})",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d{5,}")


def _bare_host(host: str) -> str:
    name = host.lower()
    for prefix in _TWIN_PREFIXES:
        if name.startswith(prefix) and "." in name.removeprefix(prefix):
            return name.removeprefix(prefix)
    return name


def _is_address(host: str) -> bool:
    return host.startswith("[") or bool(re.fullmatch(r"[0-9.:]+", host))


def _is_above(claimed: str, own: str) -> bool:
    """Say whether a path is a section that holds the other, and not merely its plain form."""
    above = [part for part in claimed.split("/") if part]
    below = [part for part in own.split("/") if part]
    if len(above) >= len(below) or below[: len(above)] != above:
        return False
    return not all(_SAME_PIECE.fullmatch(part) for part in below[len(above) :])


def _other_number(claimed: str, own: str) -> bool:
    """Say whether both addresses hold article numbers, and none in common."""
    theirs, mine = _numbers(claimed), _numbers(own)
    return bool(theirs) and bool(mine) and not theirs & mine


def _numbers(url: str) -> set[str]:
    parts = urlsplit(url)
    values = " ".join(value for _, value in parse_qsl(parts.query))
    return set(_NUMBER.findall(f"{parts.path} {values}"))
