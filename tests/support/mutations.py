"""Pages broken in every way a server, an editor or an enemy breaks them; one seed, one page."""

import random
import re
from collections.abc import Callable, Sequence

_TAG = re.compile(rb"<[^<>]{1,300}>")
_JUNK = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"&#xD800;", b"&#99999999999;", b"&nbsp", b"\xe2\x80\xae", b"\x1b[31m", b"<", b">", b"\"", b"'", b"&",
    b"]]>", b"-->", b"<!--", b"<![CDATA[", b"</body></html>", b"\xc3\x28", b"\xf0\x9f\x98", b"{{", b"\\u0000", b"<?php", b"%00",
)  # fmt: skip
_SIGNS = (
    "\u202e", "\u2066", "\u200f", "\u0000", "\u0008", "\u001b[2J", "\ufeff", "\ufffe", "\u00ad", "\u200b", "\u0301" * 40, "\U000e0041", "\U0010ffff",
)  # fmt: skip
_HUGE_DATES = (
    b"99999-01-01",
    b"0000-00-00T00:00:00Z",
    b"-1",
    b"9" * 400,
    b"2026-13-45T99:99:99+99:99",
    b"1e309",
)
_ENCODINGS = ("utf-16", "utf-16-le", "cp1251", "koi8-r", "cp1252", "shift_jis", "gb18030", "utf-7")
_BROKEN_DATA = (
    b'<script type="application/ld+json">{"@type":"NewsArticle","headline":["a",{"x":[[[[',
    b'<script type="application/ld+json">[' * 50,
    b'<script type="application/ld+json">{"@graph":[null,1,"x",{"@type":null,"author":{"name":{"name":[1,2]}}}],"datePublished":123e99}</script>',
    b'<script type="application/ld+json">{"@type":"NewsArticle","headline":"\\ud83d \\udc00","author":[{"name":"\\udfff"}],"datePublished":1e400,"dateModified":-99999999999999999999}</script>',
    b'<script type="application/ld+json">{"@type":"NewsArticle","wordCount":'
    + b"9" * 6000
    + b"}</script>",
    b'<script type="application/json">{"props":{"article":{"title":5,"content":[[],{"text":null}],"authors":{"name":true}}}}</script>',
)

_NOTHING_SHARE = 0.01
CONTENT_TYPES = (
    "text/html; charset=utf-8", "text/html", "", "text/html; charset=windows-1251", "text/html; charset=utf-16", "text/html; charset=\x00nonsense", "application/xhtml+xml", "text/html; charset=" + "x" * 5000,
)  # fmt: skip
"""Headers that may stand over a page, true or not."""

_Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def mutated(seed: int, pages: Sequence[bytes]) -> bytes:
    """Give the page of a seed: one of these pages after one to six mutations."""
    rest = random.Random(seed)
    page = rest.choice(pages)
    if rest.random() < _NOTHING_SHARE:
        return _nearly_nothing(page, rest, pages)
    for _ in range(rest.randint(1, 6)):
        page = rest.choice(_MUTATIONS)(page, rest, pages)
    return page[:3_000_000]


def _flip(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    found = bytearray(page)
    for _n in range(min(len(found), rest.randint(1, 200))):
        found[rest.randrange(len(found))] = rest.randrange(256)
    return bytes(found)


def _cut(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    return page[: rest.randint(0, len(page))]


def _lose(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    a, b = sorted(rest.randint(0, len(page)) for _n in range(2))
    return page[:a] + page[b:]


def _double(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    a = rest.randint(0, len(page))
    piece = page[a : a + rest.randint(1, 3000)]
    return page[:a] + piece * rest.randint(1, 40) + page[a:]


def _junk(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    for _n in range(rest.randint(1, 30)):
        a = rest.randint(0, len(page))
        page = page[:a] + rest.choice(_JUNK) * rest.randint(1, 5) + page[a:]
    return page


def _without_tags(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    share = rest.random()
    return _TAG.sub(lambda found: b"" if rest.random() < share else found[0], page)


def _shuffle(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    tags = _TAG.findall(page)
    rest.shuffle(tags)
    left = iter(tags)
    return _TAG.sub(lambda _m: next(left), page)


def _nest(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    tag = rest.choice(
        (
            b"div",
            b"p",
            b"ul><li",
            b"table><tr><td",
            b"article",
            b"span",
            b"b",
            b"blockquote",
            b"figure",
            b"a href=x",
        )
    )
    a = rest.randint(0, len(page))
    return page[:a] + (b"<" + tag + b">") * rest.choice((10, 300, 5000)) + page[a:]


def _attributes(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    kind = rest.choice(
        (
            b' class="' + b"a " * 5000 + b'"',
            b' id="' + b"x" * 50_000 + b'"',
            b" data-a=1" * 3000,
            b' style="' + b"a:b;" * 9000 + b'"',
        )
    )
    return page.replace(b"<p", b"<p" + kind, 1).replace(b"<div", b"<div" + kind, 1)


def _text(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    word = rest.choice(
        (
            b"a" * 60_000,
            b"word " * 30_000,
            b"1,2,3," * 9000,
            b"- " * 20_000,
            "Читайте ".encode() * 4000,
            b"=" * 50_000,
            b"a@b." * 9000,
        )
    )
    return page.replace(b"<p>", b"<p>" + word, 1)


def _dates(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    date = rest.choice(_HUGE_DATES)
    return re.sub(rb"\d{4}-\d\d-\d\d[T \d:.+Z-]*", lambda _m: date, page)


def _data(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    a = max(0, page.find(b"</head>"))
    return page[:a] + rest.choice(_BROKEN_DATA) + page[a:]


def _recode(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    return page.decode("utf-8", "replace").encode(rest.choice(_ENCODINGS), "replace")


def _mark(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    """Put signs that turn, hide or end text between its letters."""
    text = page.decode("utf-8", "replace")
    for _n in range(rest.randint(1, 40)):
        a = rest.randint(0, len(text))
        text = text[:a] + rest.choice(_SIGNS) * rest.randint(1, 5) + text[a:]
    return text.encode("utf-8", "surrogatepass")


def _nearly_nothing(page: bytes, rest: random.Random, _: Sequence[bytes]) -> bytes:
    return rest.choice(
        (b"", page[:1], b"\x00", b"\xff", b"<", b"\xef\xbb\xbf", b"\xff\xfe", b" " * 5000)
    )


def _splice(page: bytes, rest: random.Random, pages: Sequence[bytes]) -> bytes:
    other = rest.choice(pages)
    return page[: rest.randint(0, len(page))] + other[rest.randint(0, len(other)) :]


_MUTATIONS: Sequence[_Mutation] = (
    _flip, _cut, _lose, _double, _junk, _without_tags, _shuffle, _nest, _attributes, _text, _dates, _data, _recode, _mark, _splice,
)  # fmt: skip
