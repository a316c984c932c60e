"""The shape of an evaluation of the hero loop: what went in, what came out of it, what it was worth."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kairo.shapes import Frozen, Strict
from kairo.stages.opportunities.contracts import BoardState, Channel, OpportunityType

KIND = "hero_loop"
FORMAT = 1


class QualityBand(StrEnum):
    INVALID = "invalid"
    BAD = "bad"
    PARTIAL = "partial"
    GOOD = "good"


class ObsHealth(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


class Stage(StrEnum):
    """Where in the loop something went wrong."""

    BOARD = "board"
    PACKAGE = "package"
    VARIANTS = "variants"


class Expected(Strict):
    """What a fixture must come to, as its expected.json says; what it leaves out may be anything."""

    state: BoardState | None = None
    quality: list[QualityBand] = []


class EvalInputs(Frozen):
    """What was evaluated. `signals` says where they came from: the fixture's file, or the evidence itself."""

    brand: str
    items: int
    rejected: int = 0
    signals: str
    sha256: str | None = None
    max_opportunities: int | None = None


class EvalBoard(Frozen):
    state: BoardState
    generator: str | None = None
    degraded: bool = False
    reason: str | None = None
    ready_reason: str | None = None
    remediation: str | None = None
    shortfall: list[str] = []
    notes: list[str] = []


class EvalVariant(Frozen):
    channel: Channel
    title: str | None = None
    body: str
    call_to_action: str | None = None
    model: str | None = None
    score: float | None = None
    band: str | None = None
    channel_fit: float
    claims_cited: int = 0
    claims_to_check: int = 0
    problems: list[str] = []


class EvalPackage(Frozen):
    title: str
    thesis: str | None = None
    channels: list[Channel] = []
    generator: str | None = None
    score: int | None = None
    band: str | None = None
    problems: list[str] = []


class EvalIds(Frozen):
    """Where the rows of a case are, for whoever looks closer."""

    opportunity: UUID
    package: UUID | None = None
    runs: list[UUID] = []


class EvalCase(Frozen):
    """One opportunity with all that was made of it; `problems` are empty where it is valid."""

    place: int
    title: str
    angle: str
    why_now: str
    type: OpportunityType
    channel: Channel
    score: float
    pillar: str | None = None
    persona: str | None = None
    voices: int
    quotes: list[str] = []
    problems: list[str] = []
    taken_further: bool = True
    package: EvalPackage | None = None
    variants: list[EvalVariant] = []
    ids: EvalIds


class EvalError(Frozen):
    """What failed in one case; the others went on. `place` None: the board itself."""

    stage: Stage
    place: int | None = None
    message: str


class ModelUse(Frozen):
    """What a task came to on one model with one prompt."""

    task: str
    prompt: str
    model: str
    calls: int
    answered: int
    from_cache: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_microdollars: int = 0


class Change(Frozen):
    """A figure before and after; None where there was none."""

    name: str
    before: int | float | str | None
    after: int | float | str | None


class PreviousRun(Frozen):
    """How a run differs from the one before it, in all but durations; `unlike` names what went in differently."""

    file: str
    unlike: list[str] = []
    changes: list[Change] = []
    new_titles: list[str] = []
    lost_titles: list[str] = []


class EvalReport(Frozen):
    """One evaluation. Two of the same fixture differ in `made_at`, ids and `latency_ms` at most."""

    kind: str = KIND
    format: int = FORMAT
    fixture: str
    generator: str
    as_of: datetime
    made_at: datetime
    quality: QualityBand
    quality_reasons: list[str] = []
    obs_health: ObsHealth
    obs_reasons: list[str] = []
    expected: Expected | None = None
    missed: list[str] = []
    inputs: EvalInputs
    board: EvalBoard
    metrics: dict[str, int | float | None] = {}
    profile: dict[str, dict[str, int]] = {}
    spending: dict[str, int | float] = {}
    latency_ms: dict[str, int] = {}
    models: list[ModelUse] = []
    cases: list[EvalCase] = []
    errors: list[EvalError] = []
    previous: PreviousRun | None = None
