"""Which browser a user agent names, in which version, on which system: the parts that tell people apart."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Browser(NamedTuple):
    """A user agent's parts: the family, its main version, and the system with the model where it is told."""

    family: str
    version: int | None
    system: str


# The first that is found names the family: browsers call themselves by the names of those that they descend from.
_FAMILIES = (
    ("instagram", re.compile(r"Instagram (\d+)")),
    ("facebook", re.compile(r"FBAV/(\d+)")),
    ("tiktok", re.compile(r"(?:musical_ly|trill|BytedanceWebview)[_/ ](\d+)")),
    ("line", re.compile(r"\bLine/(\d+)")),
    ("snapchat", re.compile(r"Snapchat/(\d+)")),
    ("pinterest", re.compile(r"Pinterest/(\d+)")),
    ("edge", re.compile(r"Edg(?:e|A|iOS)?/(\d+)")),
    ("opera", re.compile(r"(?:OPR|OPT|Opera)/(\d+)")),
    ("samsung", re.compile(r"SamsungBrowser/(\d+)")),
    ("yandex", re.compile(r"YaBrowser/(\d+)")),
    ("firefox", re.compile(r"(?:Firefox|FxiOS)/(\d+)")),
    ("chrome", re.compile(r"(?:Chrome|CriOS)/(\d+)")),
    ("safari", re.compile(r"Version/(\d+(?:\.\d+)?)[^ ]* (?:Mobile/\S+ )?Safari")),
)
_APP_VERSION = re.compile(r"musical_ly_(\d+)")
_MODEL = re.compile(r"(i(?:Phone|Pad)\d+,\d+)|Android [\d.]+; (?!K\))([^;)]+?)(?: Build|[;)])")
_SYSTEMS = (
    ("ios", re.compile(r"iPhone|iPad|iPod")),
    ("android", re.compile(r"Android")),
    ("windows", re.compile(r"Windows")),
    ("mac", re.compile(r"Macintosh")),
    ("chromeos", re.compile(r"CrOS")),
    ("ubuntu", re.compile(r"Ubuntu")),
    ("linux", re.compile(r"Linux|X11")),
)
_BOTS = re.compile(r"bot\b|crawler|spider|headless|preview|facebookexternalhit|curl/|python-|wget", re.IGNORECASE)
LONGEST = 1_000


@lru_cache(maxsize=50_000)
def parse(user_agent: str) -> Browser:
    """Take a user agent apart; one that is not known keeps its first word as its family."""
    text = user_agent[:LONGEST]
    system = next((name for name, pattern in _SYSTEMS if pattern.search(text)), "other")
    model = _MODEL.search(text)
    named = f"{system} {(model[1] or model[2]).strip()[:40]}" if model else system
    for family, pattern in _FAMILIES:
        if found := pattern.search(text):
            app = _APP_VERSION.search(text) if family == "tiktok" else None
            return Browser(family, _version((app or found)[1]), named)
    return Browser(text.split("/")[0].split(" ")[0].lower()[:40] or "none", None, named)


@lru_cache(maxsize=50_000)
def is_bot(user_agent: str) -> bool:
    """Tell whether a user agent says itself that nobody sits behind it."""
    return bool(_BOTS.search(user_agent[:LONGEST]))


def _version(text: str) -> int:
    """Read a main version; Safari's has a second part that moves with every release: 18.4 is 1804."""
    whole, _, part = text.partition(".")
    number = int(whole[:6])
    return number * 100 + int(part[:2]) if part else number


def same_base(one: str | None, other: str | None) -> bool:
    """Tell whether two systems are of one kind, whatever is known of the model."""
    return one is not None and other is not None and one.split(" ")[0] == other.split(" ")[0]
