"""The sentences that join quotes and the brand's own words, a module a language. None of them states a fact itself."""

from __future__ import annotations

from kairo.stages.content.rules.wording.chinese import CHINESE
from kairo.stages.content.rules.wording.english import ENGLISH
from kairo.stages.content.rules.wording.russian import RUSSIAN
from kairo.stages.content.rules.wording.shapes import Wording

WORDINGS: dict[str, Wording] = {"en": ENGLISH, "ru": RUSSIAN, "zh": CHINESE}
