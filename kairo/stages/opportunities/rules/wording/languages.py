"""The wording for each language; a language without its own is worded in English around its own quotes."""

from __future__ import annotations

from kairo.stages.opportunities.rules.wording.chinese import ChineseWording
from kairo.stages.opportunities.rules.wording.english import EnglishWording
from kairo.stages.opportunities.rules.wording.russian import RussianWording
from kairo.stages.opportunities.rules.wording.shapes import Wording

_WORDINGS: dict[str, Wording] = {"en": EnglishWording(), "ru": RussianWording(), "zh": ChineseWording()}


def wording_for(language: str) -> Wording:
    return _WORDINGS.get(language, _WORDINGS["en"])
