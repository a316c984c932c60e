"""What a provider of models must offer. One request, one answer: retries, fallbacks and money are not its business."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydantic import JsonValue

from kairo.platform.llm.contracts import Outcome, Usage


class Speaker(StrEnum):
    USER = "user"
    MODEL = "model"


@dataclass(frozen=True)
class Turn:
    speaker: Speaker
    text: str


@dataclass(frozen=True)
class ModelRequest:
    """A question to one model: the answer is to be one JSON document of the schema, without the nonce of its marks."""

    model: str
    system: str
    turns: tuple[Turn, ...]
    schema: dict[str, JsonValue]
    max_output_tokens: int
    nonce: str = ""

    def size_bytes(self) -> int:
        """Return how long the question's own texts are in UTF-8."""
        return len(self.system.encode()) + sum(len(turn.text.encode()) for turn in self.turns)


@dataclass(frozen=True)
class ModelReply:
    """What a model wrote; `usage` None where the provider did not count."""

    text: str
    usage: Usage | None


class AttemptFailed(Exception):
    """An attempt gave no text to read. `may_be_billed`: the model may have worked, and nobody said how much."""

    def __init__(
        self,
        outcome: Outcome,
        detail: str,
        *,
        retry_after_s: float | None = None,
        may_be_billed: bool = False,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.may_be_billed = may_be_billed
        self.usage = usage


class ModelProvider(Protocol):
    def answer(self, request: ModelRequest, *, within_s: float) -> ModelReply:
        """Ask once and wait no longer than `within_s` in all.

        Raises:
            AttemptFailed: says what became of it.
        """
        ...
