"""What the letters of a text tell of its language before any model is asked: a gate of scripts, then of alphabets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

_DEFAULT = "en ru zh ja ko th ar he hi el de fr es pt it nl pl tr uk id vi sv cs"
DEFAULT_LANGUAGES = tuple(_DEFAULT.split())


class LanguageIdentifier(Protocol):
    """Names the language of a text (ISO 639-1) and how sure it is, 0–1."""

    def identify(self, text: str, *, declared: str | None = None) -> tuple[str | None, float]: ...

    def identify_all(
        self, texts: Sequence[str], *, declared: Sequence[str | None]
    ) -> list[tuple[str | None, float]]: ...


@dataclass(frozen=True, slots=True)
class _Script:
    """`weight`: how much of a text one letter writes. Brand names in Latin letters stand in texts of every script."""

    letters: str
    languages: tuple[str, ...]
    weight: float = 1.0


_KANA = "\u3041-\u3096\u30a1-\u30fa\uff66-\uff9f"
_SCRIPTS = {
    "han": _Script("\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af", ("zh", "ja"), weight=3),
    "kana": _Script(_KANA, ("ja",), weight=2),
    "hangul": _Script("\u1100-\u11ff\uac00-\ud7a3", ("ko",), weight=2),
    "thai": _Script("\u0e01-\u0e4e", ("th",)),
    "cyrillic": _Script("\u0400-\u052f", ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt", "ba")),
    "arabic": _Script("\u0620-\u064a\u0671-\u06d3\u0750-\u077f\ufb50-\ufefc", ("ar", "fa", "ur", "ps", "ug", "ku")),
    "hebrew": _Script("\u05d0-\u05ea", ("he",)),
    "greek": _Script("\u0370-\u03ff\u1f00-\u1fff", ("el",)),
    "devanagari": _Script("\u0904-\u0939\u0958-\u0961", ("hi", "mr", "ne", "sa")),
    "latin": _Script("A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff", (), weight=0.5),
}
_LETTER_RUNS = {name: re.compile(f"[{script.letters}]+") for name, script in _SCRIPTS.items()}
_NOT_LATIN = frozenset(language for script in _SCRIPTS.values() for language in script.languages)
_JAPANESE_KANA_SHARE = 0.1
"""Chinese posts borrow a の for charm; Japanese ones write at least a tenth of their signs in kana."""
_SAMPLE_CHARACTERS = 1_000

# Letters that a language never writes: one of them rules it out.
_FOREIGN_LETTERS = {
    "ru": re.compile("[іїєґўјљњћђџѓќѕ]", re.IGNORECASE),
    "uk": re.compile("[ыэъёўјљњћђџѓќѕ]", re.IGNORECASE),
    "be": re.compile("[иїєґщъ]", re.IGNORECASE),
    "bg": re.compile("[ыэёіїєґўјљњћђџ]", re.IGNORECASE),
    "sr": re.compile("[йщъыьэюяёіїєґў]", re.IGNORECASE),
    "mk": re.compile("[йщъыьэюяёіїєґўђћ]", re.IGNORECASE),
}
# Letters by which a language is known, and how often one of its letters is such a letter.
_OWN_LETTERS = {
    "ru": (re.compile("[ыэъё]", re.IGNORECASE), 0.024),
    "uk": (re.compile("[іїєґ]", re.IGNORECASE), 0.068),
}
# Short texts often lack those letters; then a word that only one of the two languages has decides.
_TELLING_WORDS = {
    "ru": re.compile(
        r"\b(?:что|как|где|кто|и|с|он|она|они|оно|уже|или|если|очень|хорошо|спасибо|только|сейчас|меня|тебя|будет)\b",
        re.IGNORECASE,
    ),
    "uk": re.compile(
        r"\b(?:що|як|де|хто|це|з|вона|вони|воно|вже|або|якщо|дуже|добре|дякую|лише|зараз|мене|його|буде|та|ви|чи|щоб)\b",
        re.IGNORECASE,
    ),
}
_TELLING_WORD_LOG = 1.5


@dataclass(frozen=True, slots=True)
class ScriptReading:
    """The languages that the letters leave possible, and how many letters, as a number and a share, speak for them."""

    languages: tuple[str, ...]
    share: float
    letters: int


def read_script(text: str, languages: Iterable[str]) -> ScriptReading:
    """Limit the configured languages to those that the text's letters can write; none where it has no letters."""
    sample = text[:_SAMPLE_CHARACTERS]
    counts = {"latin": _letters(sample, "latin")} if sample.isascii() else _letter_counts(sample)
    weights = {name: count * _SCRIPTS[name].weight for name, count in counts.items() if count}
    if not weights:
        return ScriptReading(languages=(), share=0.0, letters=0)
    script = _main_script(weights, counts)
    together = ("han", "kana") if script in ("han", "kana") else (script,)
    share = sum(weights.get(name, 0.0) for name in together) / sum(weights.values())
    possible = _possible(script, tuple(languages))
    return ScriptReading(
        languages=_spelled_so(sample, possible), share=share, letters=sum(counts.get(name, 0) for name in together)
    )


def spelled_languages(languages: Iterable[str]) -> list[str]:
    """Return those of the languages of whose spelling `spelling_evidence` knows anything."""
    return [language for language in languages if language in _TELLING_WORDS or language in _OWN_LETTERS]


def spelling_evidence(text: str, language: str, letters: int) -> float:
    """Return how the spelling speaks for the language (natural log): its telling words, less its own letters unused."""
    sample = text[:_SAMPLE_CHARACTERS]
    telling, own = _TELLING_WORDS.get(language), _OWN_LETTERS.get(language)
    for_it = _TELLING_WORD_LOG * len(telling.findall(sample)) if telling else 0.0
    against_it = own[1] * letters if own and not own[0].search(sample) else 0.0
    return for_it - against_it


def _letter_counts(sample: str) -> dict[str, int]:
    return {name: _letters(sample, name) for name in _LETTER_RUNS}


def _letters(sample: str, script: str) -> int:
    return sum(map(len, _LETTER_RUNS[script].findall(sample)))


def _main_script(weights: dict[str, float], counts: dict[str, int]) -> str:
    east_asian = counts.get("han", 0) + counts.get("kana", 0)
    by_weight = weights | {"han": weights.get("han", 0.0) + weights.get("kana", 0.0), "kana": 0.0}
    main = max(by_weight, key=lambda name: by_weight[name])
    if main == "han" and counts.get("kana", 0) >= _JAPANESE_KANA_SHARE * east_asian:
        return "kana"
    return main


def _possible(script: str, languages: Collection[str]) -> tuple[str, ...]:
    if script == "latin":
        return tuple(language for language in languages if language not in _NOT_LATIN)
    return tuple(language for language in _SCRIPTS[script].languages if language in languages)


def _spelled_so(sample: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """Drop the languages that lack a letter of the text, unless that leaves none, as in a text of two languages."""
    if len(languages) < 2:
        return languages
    spelled = (
        language
        for language in languages
        if not (foreign := _FOREIGN_LETTERS.get(language)) or not foreign.search(sample)
    )
    return tuple(spelled) or languages
