"""Tell a compressed body that ends early from a whole one: cut short, it would read as an edit. Pure."""

import zlib
from typing import Final

import brotli
from backports import zstd

_PIECE: Final = 65536


_KNOWN: Final = frozenset({"", "identity", "gzip", "x-gzip", "deflate", "br", "zstd"})


def unknown_coding(encoding: str) -> str:
    """Name the coding that nobody here can undo, "" where all are known.

    Args:
        encoding: Value of Content-Encoding, codings between commas (RFC 9110, section 8.4).
    """
    codings = (part.strip().lower() for part in encoding.split(","))
    return next((coding[:40] for coding in codings if coding not in _KNOWN), "")


def is_whole(encoding: str, body: bytes, *, cap: int) -> bool:
    """Say whether a compressed stream comes to its end, or grows beyond `cap` bytes.

    Args:
        encoding: Value of Content-Encoding; the last coding is judged.
        body: As it came.
        cap: Beyond this the size limit judges it, not we.

    Raises:
        zlib.error: The body is not what its encoding says.
    """
    coding = encoding.lower().rpartition(",")[2].strip()
    if coding in {"gzip", "x-gzip", "deflate"}:
        return _zlib_is_whole(coding, body, cap)
    if coding == "br":
        return _brotli_is_whole(body, cap)
    if coding == "zstd":
        reader = zstd.ZstdDecompressor()
        reader.decompress(body, max_length=cap + 1)
        return reader.eof or not reader.needs_input
    return True


def _zlib_is_whole(coding: str, body: bytes, cap: int) -> bool:
    reader = zlib.decompressobj(15 if coding == "deflate" else 31)
    grown = 0
    try:
        while body and grown <= cap:
            grown += len(reader.decompress(body, _PIECE))
            body = reader.unconsumed_tail
    except zlib.error:
        if coding == "deflate":
            return True  # raw deflate: its end cannot be told
        raise
    return reader.eof or grown > cap


def _brotli_is_whole(body: bytes, cap: int) -> bool:
    reader = brotli.Decompressor()
    reader.process(body, output_buffer_limit=cap + 1)
    return bool(reader.is_finished() or not reader.can_accept_more_data())
