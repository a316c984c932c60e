"""Language identification: the gate of scripts first, then py3langid limited to what the letters leave possible.

py3langid's own code reads one text a call, a byte a step of Python. Here its automaton takes a byte of each text of a
batch per step, and one product weighs what it met: the same numbers in a tenth of the time.
"""

from __future__ import annotations

import math
import re
import threading
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kairo.stages.evidence.rules.scripts import (
    DEFAULT_LANGUAGES,
    LanguageIdentifier,
    ScriptReading,
    read_script,
    spelled_languages,
    spelling_evidence,
)

_FEWEST_LETTERS = 3
_MODEL_CHARACTERS = 600
_NOT_PROSE = re.compile(r"https?://\S+|www\.\S+|[@#＠＃]\w+|\brt\b", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_LEAST_PROBABILITY = 1e-9
_LEAST_LOG = math.log(_LEAST_PROBABILITY)
_FEWEST_TOGETHER = 8
"""Of fewer texts, a step of Python a letter takes less than arrays do."""
_BATCH_TEXTS = 256
"""So many texts go through the model at once, which then takes some ten megabytes."""

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
        self._model: _Model | None = None

    def identify(self, text: str, *, declared: str | None = None) -> tuple[str | None, float]:
        """Return the language and how sure it is, 0–1; for too little text the declared language, or None, with 0."""
        return self.identify_all([text], declared=[declared])[0]

    def identify_all(self, texts: Sequence[str], *, declared: Sequence[str | None]) -> list[tuple[str | None, float]]:
        """Return for each text what `identify` does, each with its declared language; a batch at once costs less."""
        answers: list[tuple[str | None, float]] = [(None, 0.0)] * len(texts)
        undecided: list[tuple[int, str, ScriptReading, str | None]] = []
        for place, (text, tag) in enumerate(zip(texts, declared, strict=True)):
            claimed = tag.replace("_", "-").partition("-")[0].lower() or None if tag is not None else None
            prose = _NOT_PROSE.sub(" ", text[:_MODEL_CHARACTERS])
            reading = read_script(prose, self._languages)
            decided = self._by_script(prose, reading, claimed)
            if decided is None:
                undecided.append((place, prose, reading, claimed))
            else:
                answers[place] = decided
        for start in range(0, len(undecided), _BATCH_TEXTS):
            batch = undecided[start : start + _BATCH_TEXTS]
            logs = self._loaded().logs([prose for _, prose, _, _ in batch])
            for (place, prose, reading, claimed), row in zip(batch, logs.tolist(), strict=True):
                answers[place] = self._most_likely(prose, reading, claimed, row)
        return answers

    def _by_script(self, prose: str, reading: ScriptReading, declared: str | None) -> tuple[str | None, float] | None:
        """Decide where the letters leave one language or none, or are too few; None where the model is to be asked."""
        if not reading.languages:
            # Letters of a script that no configured language writes contradict a declared one of them.
            contradicted = declared in self._languages and _LETTER.search(prose) is not None
            return (None if contradicted else declared), 0.0
        if len(reading.languages) == 1:
            return reading.languages[0], reading.share
        return (declared, 0.0) if reading.letters < _FEWEST_LETTERS else None

    def _most_likely(
        self, prose: str, reading: ScriptReading, declared: str | None, logs: Sequence[float]
    ) -> tuple[str, float]:
        columns = self._loaded().columns
        known = {
            language: (logs[columns[language]] if language in columns else _LEAST_LOG) + _HEAD_STARTS.get(language, 0.0)
            for language in reading.languages
        }
        if declared in known:
            known[declared] += _DECLARED_HEAD_START
        for language in spelled_languages(reading.languages):
            known[language] += spelling_evidence(prose, language, reading.letters)
        best = max(known, key=known.__getitem__)
        highest = known[best]
        return best, reading.share / sum(math.exp(value - highest) for value in known.values())

    def _loaded(self) -> _Model:
        if self._model is None:
            with self._loading:
                if self._model is None:
                    self._model = _Model(self._languages)
        return self._model


class _Model:
    """py3langid's automaton and table, limited to some languages, as arrays that a batch of texts goes through."""

    def __init__(self, languages: Sequence[str]) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        model: Any = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        model.set_languages([language for language in languages if language in model.labels])
        self.columns: dict[str, int] = {}
        for column, language in enumerate(model.nb_classes):
            self.columns.setdefault(language, column)
        # Labels that the model knows by two columns are added up in the first of them.
        self._folded = [
            (self.columns[name], at) for at, name in enumerate(model.nb_classes) if self.columns[name] != at
        ]
        self._next = np.asarray(model.tk_nextmove)
        self._row_starts = np.asarray(model.tk_row, dtype=np.int64) << 8
        self._features = np.asarray(model.tk_output, dtype=np.int64)
        # A text reads some hundred rows of this table, and numpy's choice of columns leaves it laid out by columns.
        self._table = model.nb_ptc = np.ascontiguousarray(model.nb_ptc)
        self._one_by_one = model
        self._priors: NDArray[np.float32] = model.nb_pc

    def logs(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return a row a text: the natural log of each language's probability, one column a language."""
        if len(texts) < _FEWEST_TOGETHER:
            return _logs(np.array([self._alone(text) for text in texts]))
        encoded = [_encoded(text) for text in texts]
        scores = self._scores(encoded)
        lengths = np.array([max(len(text), 1) for text in encoded], dtype=np.float64)
        # As py3langid does, so that sureness means the same in short and in long texts.
        scores /= np.sqrt(lengths)[:, None]
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        scores /= scores.sum(axis=1, keepdims=True)
        for first, other in self._folded:
            scores[:, first] += scores[:, other]
        return _logs(scores)

    def _alone(self, text: str) -> list[float]:
        probabilities = dict(self._one_by_one.rank(text.lower() if text.isupper() else text))
        return [probabilities[language] for language in self._one_by_one.nb_classes]

    def _scores(self, encoded: Sequence[bytes]) -> NDArray[np.float64]:
        """Weigh the features that each text met by one more than their number, on a log scale; none leave zeros."""
        places, features = self._met(encoded)
        scores = np.zeros((len(encoded), len(self._priors)))
        if not len(places):
            return scores
        pairs, counts = np.unique(places * len(self._table) + features, return_counts=True)
        weights = np.log1p(counts.astype(np.float32))
        whose, which = np.divmod(pairs, len(self._table))
        owners, firsts = np.unique(whose, return_index=True)
        weighted = self._table[which].astype(np.float32)
        weighted *= weights[:, None]
        scores[owners] = np.add.reduceat(weighted, firsts, axis=0) + self._priors
        return scores

    def _met(self, encoded: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Walk all texts a byte at a time, the long ones first, and return whose text met which feature."""
        order = np.array(sorted(range(len(encoded)), key=lambda place: -len(encoded[place])), dtype=np.int64)
        longest = len(encoded[order[0]])
        letters = np.zeros((longest, len(encoded)), dtype=np.uint8)
        for column, place in enumerate(order):
            letters[: len(encoded[place]), column] = np.frombuffer(encoded[place], dtype=np.uint8)
        lengths = np.array([len(encoded[place]) for place in order])
        still_going = np.searchsorted(-lengths, -np.arange(longest), side="left")
        states = np.zeros(len(encoded), dtype=np.int64)
        features = np.full((longest, len(encoded)), -1, dtype=np.int64)
        for step, going in enumerate(still_going):
            states = self._next[self._row_starts[states[:going]] + letters[step, :going]]
            features[step, :going] = self._features[states]
        met = features >= 0
        return np.broadcast_to(order, features.shape)[met], features[met]


def _logs(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    logs: NDArray[np.float64] = np.log(np.maximum(probabilities, _LEAST_PROBABILITY))
    return logs


def _encoded(text: str) -> bytes:
    seen = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", seen).encode(errors="surrogatepass")


@cache
def default_identifier() -> LanguageIdentifier:
    """Return the one identifier of the default languages in this process."""
    return ScriptGatedIdentifier()
