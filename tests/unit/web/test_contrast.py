"""The colours of the stylesheet keep apart what must be read, in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kairo.interfaces.web

STYLESHEET = Path(kairo.interfaces.web.__file__).parent / "static" / "web" / "kairo.css"
READ_ON = {
    "ink": ["ground", "surface", "sunken", "caution-ground", "bad-ground", "note-ground"],
    "soft-ink": ["ground", "surface", "sunken", "bad-ground"],
    "link": ["ground", "surface"],
    "on-action": ["action", "action-hover"],
    "on-marker": ["marker"],
    "good": ["ground", "surface"],
    "caution": ["ground", "surface", "caution-ground"],
    "bad": ["ground", "surface", "bad-ground"],
}


def _tokens(scheme: str) -> dict[str, str]:
    blocks = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in _roots()]
    return blocks[0] | (blocks[1] if scheme == "dark" else {})


def _roots() -> list[str]:
    found = re.findall(r":root \{(.*?)\}", STYLESHEET.read_text(), re.DOTALL)
    assert len(found) == 2
    return found


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), [(text, ground) for text in READ_ON for ground in READ_ON[text]])
def test_text_can_be_read_on_its_ground(text: str, ground: str, scheme: str) -> None:
    tokens = _tokens(scheme)
    darker, lighter = sorted([_luminance(tokens[text]), _luminance(tokens[ground])])

    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
