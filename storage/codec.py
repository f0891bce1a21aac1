"""Turn a version's text into stored bytes and back; a patch on the text before is a twentieth. Pure.

Which versions are whole and which one is whose base is `storage.recording`'s to decide.
"""

import hashlib
from typing import Final

from backports import zstd

WHOLE_EVERY: Final = 16
"""Every so many versions a text is stored whole: a read never unpacks more than this many patches."""

_LEVEL: Final = 19
# Level 19 takes 0.2 ms for an article, but half a second for a megabyte; such texts are rare and pack well anyway.
_LEVEL_LONG: Final = 9
_LONG_B: Final = 200_000
# The library refuses a raw dictionary shorter than this.
_MIN_BASE_B: Final = 16


def pack(text: str, *, base: str | None) -> bytes:
    """Give the bytes to store.

    Args:
        text: Any text, lone surrogates included.
        base: The plain text of the version it is a patch on; None stores it whole.
    """
    plain = _encoded(text)
    level = _LEVEL if len(plain) < _LONG_B else _LEVEL_LONG
    dictionary = _dictionary(base)
    if dictionary is None:
        return zstd.compress(plain, level=level)
    return zstd.compress(plain, level=level, zstd_dict=dictionary.as_prefix)


def unpack(blob: bytes, *, base: str | None) -> str:
    """Give the text that was packed with the same `base`.

    Raises:
        ValueError: The bytes are damaged, or the base is another one. Not every wrong base is
            noticed here: compare the result with the stored `text_hash`.
    """
    dictionary = _dictionary(base)
    try:
        if dictionary is None:
            plain = zstd.decompress(blob)
        else:
            plain = zstd.decompress(blob, zstd_dict=dictionary.as_prefix)
    except zstd.ZstdError as error:
        raise ValueError(f"the stored text is damaged: {error}") from error
    return plain.decode("utf-8", errors="surrogatepass")


def text_hash(text: str) -> str:
    """Give the hash a stored text is checked and compared by: 64 hexadecimal digits."""
    return hashlib.sha256(_encoded(text)).hexdigest()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogatepass")


def _dictionary(base: str | None) -> zstd.ZstdDict | None:
    raw = b"" if base is None else _encoded(base)
    return zstd.ZstdDict(raw, is_raw=True) if len(raw) >= _MIN_BASE_B else None
