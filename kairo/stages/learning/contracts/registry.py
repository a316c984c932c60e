"""Versions of what was learned: how a challenger is compared, promoted and rolled back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import JsonValue, StringConstraints

from kairo.errors import Conflict, NotFound
from kairo.shapes import Frozen
from kairo.stages.learning.contracts import ModelKind, ModelStatus


class ModelNotFound(NotFound):
    code = "model_not_found"


class NotBetter(Conflict):
    """A challenger that has not beaten the champion on the same examples, or is none."""

    code = "not_better"


class NothingBefore(Conflict):
    """There is no earlier champion to go back to."""

    code = "nothing_before"


class ServedElsewhere(Conflict):
    """The stage that learned it uses its own newest version; here it is only told."""

    code = "served_elsewhere"


class PromotionAction(StrEnum):
    """What was done: put in use as the first, or at once, or after winning a comparison, or gone back to."""

    INSTALLED = "installed"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"


class Verdict(StrEnum):
    BETTER = "better"
    NOT_YET = "not_yet"
    WORSE = "worse"


class ComparisonDTO(Frozen):
    """Champion and challenger on the same held-out examples.

    `gain` is the share of the champion's mean loss that the challenger saves, `lower` its bound that may be looked at
    as often as one likes. `pairs_needed` is about how many pairs a gain of 5 % would take to be seen.
    """

    verdict: Verdict
    pairs: int
    champion_loss: float
    challenger_loss: float
    gain: float
    lower: float
    margin: float
    pairs_needed: int | None = None
    says: str


class ModelSummary(Frozen):
    """One version without the thing itself."""

    id: UUID
    kind: ModelKind
    subject: str
    brand_id: UUID | None
    version: int
    status: ModelStatus
    metrics: dict[str, JsonValue]
    comparison: ComparisonDTO | None
    trained_from: datetime | None
    trained_until: datetime
    created_at: datetime


class PromotionDTO(Frozen):
    """A line of the audit: which version came into use in place of which, by whom, why, and on what grounds."""

    id: UUID
    model_id: UUID
    replaced_id: UUID | None
    kind: ModelKind
    subject: str
    brand_id: UUID | None
    version: int
    action: PromotionAction
    by: str
    reason: str
    evidence: dict[str, JsonValue]
    at: datetime


class ReasonBody(Frozen):
    """Why somebody moves a version."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class MirrorModels(Frozen):
    """The message by the clock: tell here what earlier stages have learned since."""


class LearnModels(Frozen):
    """The message by the clock: learn what is due, compare it, and put it in use where it is better."""
