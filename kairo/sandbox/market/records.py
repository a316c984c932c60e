"""What the two scrapers' records have in common: numbers as ids, codes, addresses of media that have expired."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeAlias
from zlib import crc32

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Record: TypeAlias = "dict[str, Json]"

_INSTAGRAM_EPOCH_MS = 1_314_220_021_721
_CODE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SCATTER = 0x9E3779B1
_MEDIA_DAYS = 4
MEDIA_HOST = "cdn.media.example"
"""A host that never answers: media addresses in a stored scrape have expired anyway, and nobody must ask a real one."""


def instagram_id(second: int, ordinal: int) -> int:
    """Return a media id as Instagram makes them: milliseconds since its epoch, then 23 bits that tell posts apart."""
    return (second * 1000 - _INSTAGRAM_EPOCH_MS) << 23 | ordinal * _SCATTER & 0x7FFFFF


def tiktok_id(second: int, ordinal: int) -> int:
    """Return a video id as TikTok makes them: the second in the upper 32 bits, then 32 bits that tell posts apart."""
    return second << 32 | ordinal * _SCATTER & 0xFFFFFFFF


def instagram_code(media_id: int) -> str:
    """Return the short code that stands for an id in links: the number in base 64."""
    letters = ""
    while media_id:
        media_id, place = divmod(media_id, 64)
        letters = _CODE_LETTERS[place] + letters
    return letters


def author_id(key: int, platform: str) -> str:
    """Return an account's number on a platform."""
    return str(6_500_000_000_000_000_000 + key % 10**18) if platform == "tiktok" else str(10**9 + key % (69 * 10**9))


def sound_id(title: str) -> str:
    """Return a sound's number, the same in all posts that use it."""
    return str(7_100_000_000_000_000_000 + crc32(title.encode()) * 10**6)


def media_url(second: int, name: str) -> str:
    """Return the signed address of a picture or clip; `oe` says in hexadecimal when it expires."""
    return f"https://{MEDIA_HOST}/v/t51.2885-15/{name}?_nc_ht={MEDIA_HOST}&oe={second + _MEDIA_DAYS * 86_400:X}"


def iso(second: int) -> str:
    """Return a time as both scrapers write it."""
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}.000Z"
