"""What the bot says: HTML with everything escaped, cut into messages that Telegram takes."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from kairo.interfaces.telegram.callbacks import Button
from kairo.shapes import Frozen

MAX_MESSAGE = 4096
"""Telegram counts UTF-16 units after it has read the HTML; we count before, which is never less."""


class LabelledButton(Frozen):
    """A button as it is shown."""

    label: str
    button: Button


class Reply(Frozen):
    """One message: HTML of at most MAX_MESSAGE units, and the rows of buttons under it."""

    html: str
    buttons: tuple[tuple[LabelledButton, ...], ...] = ()


def said(text: str) -> str:
    """Return text as it is safe inside HTML."""
    return escape(text, quote=False)


def linked(text: str, url: str | None) -> str:
    """Return text that leads to a web address; text alone where the address is none that a browser may open."""
    if not url or not url.startswith(("https://", "http://")):
        return said(text)
    return f'<a href="{escape(url)}">{said(text)}</a>'


def units(text: str) -> int:
    """Count as Telegram does, in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def pages(blocks: Iterable[str], *, limit: int = MAX_MESSAGE) -> list[str]:
    """Pack blocks of HTML into messages, never dividing one; a block has at most `limit` units itself."""
    packed: list[str] = []
    for block in blocks:
        joined = f"{packed[-1]}\n\n{block}" if packed else block
        if packed and units(joined) <= limit:
            packed[-1] = joined
        else:
            packed.append(block)
    return packed
