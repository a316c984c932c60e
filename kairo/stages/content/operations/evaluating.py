"""Running the hero loop once, from the board to the variants, and judging what came of it.

Everything goes through the same doors and jobs as for a customer. What fails in one case is told in the report, and the
other cases go on.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

import numpy as np

from kairo.errors import KairoError
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.embeddings import default_embedder
from kairo.platform.jobs import operations as job_operations
from kairo.platform.jobs import queries as jobs
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.platform.jobs.runner import run_job_by_id
from kairo.stages.brands import queries as brands
from kairo.stages.brands.contracts import BrandNotFound
from kairo.stages.content import queries
from kairo.stages.content.contracts import ContentPackageDTO, VariantDTO
from kairo.stages.content.operations.evaluating_fixtures import FIXTURES, FROM_EVIDENCE, Subject
from kairo.stages.content.operations.evaluating_signs import RunTrace, model_uses, signs_of, trace_of
from kairo.stages.content.operations.generating import request_variants
from kairo.stages.content.operations.packaging import request_package
from kairo.stages.content.rules.evaluating_report import EvalError, EvalInputs, EvalReport, Stage
from kairo.stages.content.rules.evaluating_run import LoopRun, Made, report_of
from kairo.stages.evidence import queries as evidence
from kairo.stages.knowledge import operations as knowledge
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities import queries as opportunity_queries
from kairo.stages.opportunities.contracts import (
    BoardState,
    Generator,
    OpportunityDTO,
    TodayBoardDTO,
    TodayBoardMetaDTO,
)

POLL_S = 0.2
LONGEST_JOB_S = 900.0
_LIVE = frozenset({JobState.PENDING, JobState.RUNNING})

Told = Callable[[str], None]


class StepFailed(KairoError):
    """A step of the loop came to no end that could be judged."""

    code = "step_failed"


@dataclass
class _Trail:
    """What a run leaves behind beside its results."""

    subject: Subject
    generator: Generator
    told: Told
    errors: list[EvalError] = field(default_factory=list)
    runs: list[RunTrace] = field(default_factory=list)
    latency_ms: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def guarded(self, stage: Stage, place: int | None = None) -> Iterator[None]:
        """Measure a step; what fails in it is noted, and the run goes on."""
        started = time.perf_counter()
        try:
            yield
        except KairoError as error:
            self.errors.append(EvalError(stage=stage, place=place, message=error.message))
        finally:
            self.latency_ms[stage] += round((time.perf_counter() - started) * 1000)


def stored_brand(*, slug: str, tenant_slug: str | None, at: datetime, max_opportunities: int | None = None) -> Subject:
    """Return a brand that is there already as what is evaluated, as it is at a moment.

    Raises:
        BrandNotFound, AmbiguousBrand: as `locate_brand` says.
    """
    try:
        tenant_id, brand_id = brands.locate_brand(slug, tenant_slug=tenant_slug)
    except BrandNotFound as error:
        raise BrandNotFound(f"{error.message} Nor is there a fixture {FIXTURES / slug} here.") from error
    with tenant_transaction(tenant_id):
        name = brands.brand(brand_id).name
        window = evidence.evidence_window(brand_id, as_of=at)
        items = evidence.count_brand_items(brand_id, window, up_to=window.max_items)
    inputs = EvalInputs(brand=name, items=items, signals=FROM_EVIDENCE, max_opportunities=max_opportunities)
    return Subject(name=slug, tenant_id=tenant_id, brand_id=brand_id, as_of=at, inputs=inputs)


def evaluate(*, subject: Subject, generator: Generator, at: datetime, told: Told = lambda step: None) -> EvalReport:
    """Make a board, a package of each of its opportunities and their variants, and return what they are worth.

    Called outside any transaction. `told` hears of each step.
    """
    trail = _Trail(subject, generator, told)
    board = _board(trail)
    most = subject.inputs.max_opportunities
    made = [
        _case(trail, place, opportunity) if most is None or place <= most else Made(opportunity, asked=False)
        for place, opportunity in enumerate(board.opportunities, start=1)
    ]
    with tenant_transaction(subject.tenant_id):
        items = evidence.items_by_id(_ids_named(made))
        taboos = brands.brand(subject.brand_id).taboos
    run = LoopRun(
        name=subject.name,
        generator=generator,
        as_of=subject.as_of,
        made_at=at,
        inputs=subject.inputs,
        board=board,
        made=made,
        items=items,
        taboos_said=partial(opportunity_queries.taboos_said, taboos=taboos),
        meaning=_meaning([one.opportunity.title for one in made]),
        errors=trail.errors,
        signs=signs_of(board, trail.runs, trail.errors),
        models=model_uses(trail.runs),
        latency_ms={**trail.latency_ms, "total": sum(trail.latency_ms.values())},
        expected=subject.expected,
    )
    return report_of(run)


def _board(trail: _Trail) -> TodayBoardDTO:
    """Return the new board; where none could be made, one that says so: an earlier one is not what is evaluated."""
    subject = trail.subject
    trail.told("board")
    with trail.guarded(Stage.BOARD):
        _compile(subject)
        with tenant_transaction(subject.tenant_id):
            if jobs.live_job(opportunity_queries.board_job_key(subject.brand_id)) is not None:
                raise StepFailed("Another board of this brand is being made. Try again when it is there.")
            accepted = opportunities.regenerate(
                brand_id=subject.brand_id, as_of=subject.as_of, generator=trail.generator, signals=subject.signals
            )
        _ended(trail, accepted.job_id)
        with tenant_transaction(subject.tenant_id):
            return opportunity_queries.look_at_today(subject.brand_id, at=subject.as_of).to_contract()
    return TodayBoardDTO(brand_id=subject.brand_id, meta=TodayBoardMetaDTO(state=BoardState.ERROR))


def _compile(subject: Subject) -> None:
    """Compile the brand's profile: a fixture's as of its own moment, a stored brand's as it is now.

    Raises:
        StepFailed: it could not be compiled.
    """
    is_fixture = subject.inputs.sha256 is not None
    with tenant_transaction(subject.tenant_id):
        asked = knowledge.request_compile(brand_id=subject.brand_id, as_of=subject.as_of if is_fixture else None)
    job = _worked_on(subject.tenant_id, asked.id)
    if job.state is not JobState.SUCCEEDED:
        raise StepFailed(job.error or "The brand's profile could not be compiled.")


def _case(trail: _Trail, place: int, opportunity: OpportunityDTO) -> Made:
    trail.told(f"{place}. {opportunity.title}")
    before = len(trail.runs)
    package: ContentPackageDTO | None = None
    variants: Sequence[VariantDTO] = ()
    with trail.guarded(Stage.PACKAGE, place):
        package = _package(trail, opportunity)
    if package is not None:
        with trail.guarded(Stage.VARIANTS, place):
            variants = _variants(trail, package)
    return Made(opportunity, package=package, variants=variants, run_ids=[run.run_id for run in trail.runs[before:]])


def _package(trail: _Trail, opportunity: OpportunityDTO) -> ContentPackageDTO:
    subject = trail.subject
    with tenant_transaction(subject.tenant_id):
        asked = request_package(
            brand_id=subject.brand_id, opportunity_id=opportunity.id, at=subject.as_of, generator=trail.generator
        )
    if asked.package is not None:
        return asked.package
    if asked.job is not None:
        _ended(trail, asked.job.id)
    with tenant_transaction(subject.tenant_id):
        package = queries.package_of(opportunity.id)
    if package is None:
        raise StepFailed("The job ended without a package.")
    return package


def _variants(trail: _Trail, package: ContentPackageDTO) -> Sequence[VariantDTO]:
    subject = trail.subject
    with tenant_transaction(subject.tenant_id):
        job = request_variants(package_id=package.id, generator=trail.generator)
    _ended(trail, job.id)
    with tenant_transaction(subject.tenant_id):
        return queries.variants(package.id).variants


def _ended(trail: _Trail, job_id: UUID) -> None:
    """Work on a job here, or wait for the worker that has taken it, until its first attempt has ended.

    A job that would try again later is cancelled: what failed once is what the report has to tell.

    Raises:
        StepFailed: it failed, was cancelled, or took too long.
    """
    tenant_id = trail.subject.tenant_id
    job = _worked_on(tenant_id, job_id)
    with tenant_transaction(tenant_id):
        if job.state is JobState.PENDING:
            job_operations.request_cancel(job_id)
        trail.runs.append(trace_of(job.run_id))
    if job.state not in (JobState.SUCCEEDED, JobState.INSUFFICIENT_EVIDENCE):
        told = [error.error for error in job.error_history[-1:]]
        raise StepFailed(job.error or next(iter(told), f"The job is {job.state} after {LONGEST_JOB_S:.0f} s."))


def _worked_on(tenant_id: UUID, job_id: UUID) -> JobDTO:
    """Return a job that has ended, has failed once, or has taken too long."""
    gives_up_at = time.monotonic() + LONGEST_JOB_S
    while True:
        run_job_by_id(job_id)
        with tenant_transaction(tenant_id):
            job = jobs.job(job_id)
        has_failed = job.state is JobState.PENDING and bool(job.error_history)
        if job.state not in _LIVE or has_failed or time.monotonic() > gives_up_at:
            return job
        time.sleep(POLL_S)


def _ids_named(made: Sequence[Made]) -> list[UUID]:
    """List every item that something names, each once."""
    named = [item_id for one in made for item_id in one.opportunity.evidence_ids]
    claims = [claim for one in made for variant in one.variants for claim in variant.claims]
    return list(dict.fromkeys([*named, *(item_id for claim in claims for item_id in claim.evidence_ids)]))


def _meaning(titles: Sequence[str]) -> Callable[[int, int], float]:
    if len(titles) < 2:
        return lambda one, other: 0.0
    vectors = np.nan_to_num(np.asarray(default_embedder().embed(list(titles)), dtype=np.float32))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return lambda one, other: float(unit[one] @ unit[other])
