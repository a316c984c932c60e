"""Hashtags, from the fields that list them or from the text itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from kairo.stages.evidence.adapters.fields.texts import storable_text
from kairo.stages.evidence.rules.characters import MARKS

MAX_HASHTAGS = 50
LONGEST_HASHTAG = 50
"""Characters; real tags stay below it, and what is longer is a text glued together."""

# The sign comes first and what may not stand before it second: so the search jumps from sign to sign.
_IN_TEXT = re.compile(rf"[#＃](?<![\w&/#＃][#＃])([\w{MARKS}]{{1,{LONGEST_HASHTAG}}})(?![\w{MARKS}])")
_NAMES = ("name", "title", "tag", "hashtagName")


def hashtags(listed: JsonValue, *texts: str) -> tuple[str, ...]:
    """List the hashtags of a post without "#", NFKC and case-folded, in order and without repeats.

    The listed ones count where there are any; else they are read from the texts. `listed` is a list of words or of
    objects with a name, or one text with spaces or commas between the tags.
    """
    found = dict.fromkeys(filter(None, map(_folded, _listed(listed))))
    if not found:
        found = dict.fromkeys(filter(None, map(_folded, _written(texts))))
    return tuple(found)[:MAX_HASHTAGS] if found else ()


def _listed(listed: JsonValue) -> Iterator[str]:
    if isinstance(listed, str):
        yield from listed.replace(",", " ").split()
    if not isinstance(listed, list):
        return
    for tag in listed:
        name = next((tag[key] for key in _NAMES if tag.get(key)), None) if isinstance(tag, dict) else tag
        if isinstance(name, str):
            yield name


def _written(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if "#" in text or "＃" in text:
            yield from (tag for tag in _IN_TEXT.findall(text) if not tag.isdigit())


def _folded(tag: str) -> str:
    name = tag.strip().lstrip("#＃")
    if not name or len(name) > LONGEST_HASHTAG:
        return ""
    folded = storable_text(unicodedata.normalize("NFKC", name).casefold())
    return folded if len(folded) <= LONGEST_HASHTAG else ""
