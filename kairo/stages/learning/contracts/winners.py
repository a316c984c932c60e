"""Ads that won: what is told of one, what is asked, and what is found."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue, StringConstraints, model_validator

from kairo.errors import Invalid
from kairo.shapes import Frozen

MOST_FOUND = 100
LONGEST_TEXT = 20_000

AdId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)]
Embedding = Annotated[list[Annotated[float, Field(allow_inf_nan=False)]], Field(min_length=1, max_length=16_000)]
Metric = Annotated[float, Field(allow_inf_nan=False)] | str | bool | None
Metrics = Annotated[dict[str, Metric], Field(max_length=50)]


class WrongDimension(Invalid):
    """A vector of another dimension than the index's; the message says which one it has."""

    code = "wrong_dimension"


class NothingToCompare(Invalid):
    """Neither a text with words nor a vector with a direction."""

    code = "nothing_to_compare"


class WinnerOrigin(StrEnum):
    """Who says that an ad won: Kairo, by its posterior, or somebody else."""

    FOUND = "found"
    ADDED = "added"


class WinnerDraft(Frozen):
    """An ad that won. Its text is embedded unless an embedding comes with it; unknown fields are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    ad_id: AdId
    text: Text
    embedding: Embedding | None = None
    metrics: Metrics = {}
    metadata: Annotated[dict[str, JsonValue], Field(max_length=50)] = {}
    why: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)] | None = None
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] | None = None


class Range(Frozen):
    """A metric from `gte` on, up to and with `lte`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gte: float | None = None
    lte: float | None = None


class WinnersAsked(Frozen):
    """Winners near a text or a vector.

    A filter names a field of the metadata with its value, or a list of which it may have any, or a metric with
    {gte, lte}; a winner has to pass all of them.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: Text | None = None
    embedding: Embedding | None = None
    k: Annotated[int, Field(ge=1, le=MOST_FOUND)] = 10
    filters: Annotated[
        dict[str, Range | list[str | float | bool] | str | float | bool | None], Field(max_length=20)
    ] = {}

    @model_validator(mode="after")
    def _asks_something(self) -> WinnersAsked:
        if not (self.text or self.embedding):
            raise ValueError("give a text, or an embedding")
        return self


class WinnerDTO(Frozen):
    """An ad that won, with its outcome and why it is held to have won."""

    id: UUID
    ad_id: str
    text: str
    origin: WinnerOrigin
    outcome: dict[str, Metric]
    metadata: dict[str, JsonValue]
    why: str
    added_at: datetime
    updated_at: datetime


class SimilarWinner(WinnerDTO):
    """A winner beside what was asked: `similarity` is the cosine, -1 to 1."""

    similarity: float


class SimilarWinners(Frozen):
    """The nearest winners, nearest first; every winner was compared. `dimension` is the index's.

    `expected` is what an ad like this may come to, metric by metric: the outcomes of those found, the nearer counting
    more, drawn to what is usual among winners. Ads that lost are not in the index: it says how well, not whether.
    """

    winners: list[SimilarWinner]
    expected: dict[str, float] = {}
    dimension: int
    embedder: str


class FoundWinners(Frozen):
    """What a search for winners among an account's ads came to."""

    campaigns: int = 0
    judged: int = 0
    winners: int = 0
    new: int = 0
    without_text: int = 0
    no_longer: int = 0


class FindWinners(Frozen):
    """The message by the clock: judge the ads of an account by all that is known now."""
