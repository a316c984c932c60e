"""Language identification: the gate of scripts first, then py3langid limited to what the letters leave possible."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from kairo.stages.evidence.rules.scripts import (
    DEFAULT_LANGUAGES,
    LanguageIdentifier,
    ScriptReading,
    read_script,
    spelling_evidence,
)

_FEWEST_LETTERS = 3
_MODEL_CHARACTERS = 600
_NOT_PROSE = re.compile(r"https?://\S+|www\.\S+|[@#＠＃]\w+|\brt\b", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_LEAST_PROBABILITY = 1e-9

# Natural log of how much more often a language is met in short posts than its rivals in the same script. Fitted on XED
# subtitles (en, ru), of which half have fewer than six words, and checked on UMSAB tweets in eight languages.
_HEAD_STARTS = {"en": 0.75, "ru": 0.5}
_DECLARED_HEAD_START = 1.5
"""The source's own word counts about as much as one telling word: apps declare the language of the phone."""


class ScriptGatedIdentifier:
    """Names languages out of a configured set. The model is read at the first text that needs it, for all threads."""

    def __init__(self, languages: Sequence[str] = DEFAULT_LANGUAGES) -> None:
        self._languages = tuple(languages)
        self._loading = threading.Lock()
        self._model: Any = None

    def identify(self, text: str, *, declared: str | None = None) -> tuple[str | None, float]:
        """Return the language and how sure it is, 0–1; for too little text the declared language, or None, with 0."""
        if declared is not None:
            declared = declared.replace("_", "-").partition("-")[0].lower() or None
        prose = _NOT_PROSE.sub(" ", text[:_MODEL_CHARACTERS])
        reading = read_script(prose, self._languages)
        if not reading.languages:
            # Letters of a script that no configured language writes contradict a declared one of them.
            contradicted = declared in self._languages and _LETTER.search(prose) is not None
            return (None if contradicted else declared), 0.0
        if len(reading.languages) == 1:
            return reading.languages[0], reading.share
        if reading.letters < _FEWEST_LETTERS:
            return declared, 0.0
        return self._most_likely(prose, reading, declared)

    def _most_likely(self, prose: str, reading: ScriptReading, declared: str | None) -> tuple[str, float]:
        probabilities = dict(self._loaded().rank(prose.lower() if prose.isupper() else prose))
        logs = {
            language: math.log(max(probabilities.get(language, 0.0), _LEAST_PROBABILITY))
            + _HEAD_STARTS.get(language, 0.0)
            + (_DECLARED_HEAD_START if language == declared else 0.0)
            + spelling_evidence(prose, language, reading.letters)
            for language in reading.languages
        }
        best = max(logs, key=lambda language: logs[language])
        total = sum(math.exp(value - logs[best]) for value in logs.values())
        return best, reading.share / total

    def _loaded(self) -> Any:
        if self._model is None:
            with self._loading:
                if self._model is None:
                    self._model = _load_model(self._languages)
        return self._model


@cache
def default_identifier() -> LanguageIdentifier:
    """Return the one identifier of the default languages in this process."""
    return ScriptGatedIdentifier()


def _load_model(languages: Sequence[str]) -> Any:
    from py3langid.langid import MODEL_FILE
    from py3langid.langid import LanguageIdentifier as Model

    model = Model.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages([language for language in languages if language in model.labels])
    # A text reads some hundred rows of this table, and numpy's choice of columns leaves it laid out by columns.
    model.nb_ptc = np.ascontiguousarray(model.nb_ptc)
    return model
