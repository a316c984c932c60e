"""`kairo text`: the analysis functions as filters over any text, one JSON object a line in and out.

No database, no network: the functions that evidence goes through, for pipelines and for measuring.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError, field_validator

from kairo.interfaces.cli.output import FAILED
from kairo.platform.policy.pii import find_pii, mask
from kairo.stages.evidence import operations as evidence
from kairo.stages.insights import operations as insights

text_app = typer.Typer(
    help="Filters over any text: one JSON object a line on standard input, one on standard output. A line that cannot"
    " be read goes to standard error with its number, the rest goes on, and the exit code is 1.",
    no_args_is_help=True,
)


def _two_letters(language: str | None) -> str | None:
    if language in (None, "auto"):
        return None
    if not re.fullmatch("[a-z]{2}", language or ""):
        raise typer.BadParameter(f"{language!r} is no language of two letters: write en, ru, zh, or auto.")
    return language


Lang = Annotated[
    str | None,
    typer.Option(
        "--lang",
        callback=_two_letters,
        help="The language of all lines (ISO 639-1); without it, or with auto, each is identified.",
    ),
]
Answer = dict[str, JsonValue]
_Shape = TypeVar("_Shape", bound="_Line")
_REGIONS = {"de": "DE", "fr": "FR", "it": "IT", "ja": "JP", "ko": "KR", "pl": "PL", "ru": "RU", "uk": "UA"}
"""Where a phone number without a country code is from, for languages that are written in one country above all."""


class _Line(BaseModel):
    """What every filter reads of a line; other fields are let through unread."""

    model_config = ConfigDict(strict=True, extra="ignore")

    id: str | int | float

    @field_validator("*")
    @classmethod
    def _whole_characters(cls, value: object) -> object:
        """Half characters (lone surrogates), which JSON can write and no encoding can, become U+FFFD."""
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


class _Text(_Line):
    text: str


class _DatedText(_Text):
    published_at: Annotated[datetime | None, "ISO 8601; without an offset it is UTC"] = None

    @field_validator("published_at", mode="before")
    @classmethod
    def _moment(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class _Pair(_Line):
    a: str
    b: str


@text_app.command("language", epilog="""Example: echo '{"id": 1, "text": "Доброе утро"}' | kairo text language""")
def language_command() -> None:
    """Name the language of each text: {id, text} → {id, lang, confidence}."""

    def answer(line: _Text) -> Answer:
        language, confidence = evidence.identify_language(line.text)
        return {"lang": language, "confidence": round(confidence, 4)}

    _filter(_Text, answer)


@text_app.command("sentiment", epilog="Example: kairo text sentiment --lang en < posts.jsonl > judged.jsonl")
def sentiment_command(lang: Lang = None) -> None:
    """Judge each text: {id, text} → {id, label, scores}."""

    def answer(line: _Text) -> Answer:
        label, scores = insights.sentiment_of(line.text, _language(line.text, lang))
        return {"label": label, "scores": {**scores}}

    _filter(_Text, answer)


@text_app.command("keyphrases", epilog="Example: kairo text keyphrases --lang en < abstracts.jsonl > phrases.jsonl")
def keyphrases_command(lang: Lang = None) -> None:
    """Find what each text is about: {id, text} → {id, keyphrases [{phrase, score}]}, the best first, at most 15."""

    def answer(line: _Text) -> Answer:
        found = insights.keyphrases_of(line.text, _language(line.text, lang))
        return {"keyphrases": [{"phrase": phrase, "score": score} for phrase, score in found]}

    _filter(_Text, answer)


@text_app.command("pii", epilog="Example: kairo text pii < posts.jsonl > masked.jsonl")
def pii_command(lang: Lang = None) -> None:
    """Find what identifies a person: {id, text} → {id, spans [{type, start, end}], masked}."""

    def answer(line: _Text) -> Answer:
        spans = find_pii(line.text, region=_REGIONS.get(lang or ""))
        return {
            "spans": [{"type": span.type.value, "start": span.start, "end": span.end} for span in spans],
            "masked": mask(line.text, spans),
        }

    _filter(_Text, answer)


@text_app.command("similarity", epilog="""Example: echo '{"id": 1, "a": "Hi", "b": "hi!"}' | kairo text similarity""")
def similarity_command(lang: Lang = None) -> None:
    """Say how surely one text repeats another: {id, a, b} → {id, score, near_duplicate}."""

    def answer(line: _Pair) -> Answer:
        score, is_repeat = evidence.compare_texts(line.a, line.b, language=lang)
        return {"score": round(score, 4), "near_duplicate": is_repeat}

    _filter(_Pair, answer)


@text_app.command("topics", epilog="Example: kairo text topics < posts.jsonl > topics.jsonl")
def topics_command(lang: Lang = None) -> None:
    """Group the whole input by topic: {id, text, published_at?} → {id, topic, label}; null where a text has none.

    Nothing is written before the last line is read.
    """
    reading = _Reading()
    lines = list(reading.lines(_DatedText))
    found = insights.topics_of([(line.text, _language(line.text, lang), line.published_at) for line in lines])
    for line, topic in zip(lines, found, strict=True):
        _write(line, {"topic": topic[0] if topic else None, "label": topic[1] if topic else None})
    reading.end()


def _language(text: str, given: str | None) -> str | None:
    return given if given is not None else evidence.identify_language(text)[0]


def _filter(shape: type[_Shape], answer: Callable[[_Shape], Answer]) -> None:
    """Answer line by line, as they come."""
    reading = _Reading()
    for line in reading.lines(shape):
        _write(line, answer(line))
    reading.end()


class _Reading:
    """Standard input line by line; what cannot be read is named on standard error and counted."""

    def __init__(self) -> None:
        self._unreadable = 0

    def lines(self, shape: type[_Shape]) -> Iterator[_Shape]:
        for number, raw in enumerate(sys.stdin.buffer, start=1):
            if not raw.strip():
                continue
            try:
                yield shape.model_validate(json.loads(raw.decode("utf-8-sig")))
            except (ValueError, RecursionError) as error:
                self._unreadable += 1
                sys.stderr.write(f"line {number}: {_reason(error)}\n")

    def end(self) -> None:
        """Close the command: it failed if a line did."""
        if self._unreadable:
            raise typer.Exit(FAILED)


def _reason(error: ValueError | RecursionError) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, found['loc'])) or 'line'}: {found['msg']}" for found in error.errors())
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return f"not JSON: {error}"


def _write(line: _Line, answer: Answer) -> None:
    sys.stdout.write(json.dumps({"id": line.id, **answer}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
