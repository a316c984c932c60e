"""Reading bodies of strangers: bounded as they come, and bounded again while they are unpacked."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from kairo.platform.outbound.contracts import FetchFailed, FetchLimits, FetchTooLarge

# What the standard library unpacks piece by piece. Brotli and zstd are not asked for: their unpackers either are not
# there or give a bomb out in one piece.
ACCEPTED_ENCODINGS = "gzip, deflate"
PIECE_BYTES = 65_536
SMALL_BYTES = 1_000_000
"""Up to this size a body may expand as it likes: a page of spaces is no bomb."""
MAX_PARTS = 64
_GZIP_MARK = b"\x1f\x8b"


def whole_body(chunks: Iterable[bytes], *, encoding: str, limits: FetchLimits) -> bytes:
    """Read a body to its end and unpack it; `encoding` is the Content-Encoding header, "" for none.

    Raises:
        FetchTooLarge: over the limits, before or after unpacking.
        FetchFailed: it cannot be unpacked.
    """
    arrived = _Arrived(limits)
    pieces = _unpacked(arrived.counted(chunks), encoding)
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > limits.max_bytes:
            raise _too_large(limits)
        if len(body) > max(SMALL_BYTES, arrived.count * limits.max_expansion):
            raise FetchTooLarge(f"The body grows more than {limits.max_expansion} times when it is unpacked: refused.")
    return bytes(body)


def check_announced_size(content_length: str | None, limits: FetchLimits) -> None:
    """Refuse a body that is announced as too large, before any of it is read.

    Raises:
        FetchTooLarge: it is.
    """
    if content_length is not None and content_length.isdecimal() and int(content_length[:20]) > limits.max_bytes:
        raise _too_large(limits)


def _too_large(limits: FetchLimits) -> FetchTooLarge:
    return FetchTooLarge(f"The body is larger than {limits.max_bytes:,} bytes. Use a source that sends less at once.")


class _Arrived:
    def __init__(self, limits: FetchLimits) -> None:
        self._limits = limits
        self.count = 0

    def counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.count += len(chunk)
            if self.count > self._limits.max_bytes:
                raise _too_large(self._limits)
            yield chunk


def _unpacked(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    names = [name for part in encoding.lower().split(",") if (name := part.strip()) not in {"", "identity"}]
    if not names:
        return chunks
    if names in (["gzip"], ["x-gzip"]):
        return _explained(chunks, _gunzipped)
    if names == ["deflate"]:
        return _explained(chunks, _inflated)
    raise FetchFailed(
        f"The body is packed as {', '.join(names)[:60]!r}, which nobody asked for. It must come as gzip or plain.",
        retryable=False,
    )


def _explained(chunks: Iterator[bytes], unpack: Callable[[Iterator[bytes]], Iterator[bytes]]) -> Iterator[bytes]:
    first = next((chunk for chunk in chunks if chunk), None)
    if first is None:
        return  # Answers without a body may still name how it would have been packed.
    try:
        yield from unpack(chain([first], chunks))
    except zlib.error as error:
        raise FetchFailed("The body cannot be unpacked: it is damaged.", retryable=False) from error


def _gunzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    parts = _GzipParts()
    for chunk in chunks:
        yield from parts.unpacked(chunk)
    yield _remainder(parts.unpacker)


class _GzipParts:
    """A gzip body: one packed file, or several in a row. Whatever else follows an end is no part of it."""

    def __init__(self) -> None:
        self.unpacker = zlib.decompressobj(wbits=31)
        self._count = 1
        self._held = b""
        self._is_over = False

    def unpacked(self, chunk: bytes) -> Iterator[bytes]:
        rest, self._held = self._held + chunk, b""
        while rest and not self._is_over:
            if self.unpacker.eof and not self._begin_next(rest):
                return
            yield self.unpacker.decompress(rest, PIECE_BYTES)
            rest = self.unpacker.unused_data if self.unpacker.eof else self.unpacker.unconsumed_tail

    def _begin_next(self, rest: bytes) -> bool:
        if len(rest) < len(_GZIP_MARK):
            self._held = rest  # Too little to tell what it is.
            return False
        self._is_over = not rest.startswith(_GZIP_MARK)
        if not self._is_over:
            self.unpacker, self._count = zlib.decompressobj(wbits=31), self._count + 1
        if self._count > MAX_PARTS:
            raise FetchTooLarge(f"The body is packed in more than {MAX_PARTS} parts: refused.")
        return not self._is_over


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    while len(head) < 2 and (chunk := next(chunks, b"")):
        head += chunk
    # The header asks for zlib's format; some servers send the bare stream instead.
    is_zlib = len(head) >= 2 and head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    unpacker = zlib.decompressobj(wbits=15 if is_zlib else -15)
    for chunk in chain([head], chunks):
        rest = chunk
        while rest and not unpacker.eof:
            yield unpacker.decompress(rest, PIECE_BYTES)
            rest = unpacker.unconsumed_tail
    yield _remainder(unpacker)


def _remainder(unpacker: zlib._Decompress) -> bytes:
    remainder = unpacker.flush()
    if not unpacker.eof:
        raise FetchFailed("The body was cut short. Try again later.")
    return remainder
