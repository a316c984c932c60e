"""From all that a run of the hero loop left behind to its report; pure, so that a run can be judged again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kairo.stages.content.contracts import ClaimStatus, ContentPackageDTO, PackageBand, VariantBand, VariantDTO
from kairo.stages.content.rules import evaluating as judging
from kairo.stages.content.rules.evaluating import Items, RunCounts, RunSigns, TaboosSaid, share
from kairo.stages.content.rules.evaluating_report import (
    EvalBoard,
    EvalCase,
    EvalError,
    EvalIds,
    EvalInputs,
    EvalPackage,
    EvalReport,
    EvalVariant,
    Expected,
    ModelUse,
)
from kairo.stages.opportunities.contracts import OpportunityDTO, TodayBoardDTO

MICRODOLLARS_PER_CENT = 10_000
NO_PART = "(none)"


@dataclass(frozen=True)
class Made:
    """One opportunity and what was made of it; `asked` False where the run had enough before it."""

    opportunity: OpportunityDTO
    asked: bool = True
    package: ContentPackageDTO | None = None
    variants: Sequence[VariantDTO] = ()
    run_ids: Sequence[UUID] = ()


@dataclass(frozen=True)
class LoopRun:
    """All that a run left behind. `meaning` is the cosine of two opportunities' titles, by their places."""

    name: str
    generator: str
    as_of: datetime
    made_at: datetime
    inputs: EvalInputs
    board: TodayBoardDTO
    made: Sequence[Made]
    items: Items
    taboos_said: TaboosSaid
    meaning: Callable[[int, int], float] = lambda one, other: 0.0
    errors: Sequence[EvalError] = ()
    signs: RunSigns = field(default_factory=RunSigns)
    models: Sequence[ModelUse] = ()
    latency_ms: Mapping[str, int] = field(default_factory=dict)
    expected: Expected | None = None


def report_of(run: LoopRun) -> EvalReport:
    """Return the report of a run."""
    board = _board(run.board)
    cases = [_case(place, made, run) for place, made in enumerate(run.made, start=1)]
    counts = _counts(run, cases)
    band, reasons = judging.quality(counts)
    health, signs = judging.obs_health(run.signs)
    return EvalReport(
        fixture=run.name,
        generator=run.generator,
        as_of=run.as_of,
        made_at=run.made_at,
        quality=band,
        quality_reasons=reasons,
        obs_health=health,
        obs_reasons=signs,
        expected=run.expected,
        missed=judging.missed(run.expected, state=board.state, band=band),
        inputs=run.inputs,
        board=board,
        metrics=_metrics(run, cases, counts),
        profile=_profile(run, cases),
        spending=_spending(run.models),
        latency_ms=dict(run.latency_ms),
        models=list(run.models),
        cases=cases,
        errors=list(run.errors),
    )


def _board(board: TodayBoardDTO) -> EvalBoard:
    meta = board.meta
    return EvalBoard(
        state=meta.state,
        generator=meta.generator,
        degraded=meta.degraded,
        reason=meta.reason,
        ready_reason=meta.ready_reason,
        remediation=meta.remediation,
        shortfall=meta.evidence_shortfall.failures if meta.evidence_shortfall else [],
        notes=meta.notes,
    )


def _case(place: int, made: Made, run: LoopRun) -> EvalCase:
    opportunity = made.opportunity
    snapshot = run.board.snapshot
    pillars = {pillar.id: pillar.name for pillar in snapshot.pillars} if snapshot else {}
    personas = {persona.id: persona.name for persona in snapshot.personas} if snapshot else {}
    return EvalCase(
        place=place,
        title=opportunity.title,
        angle=opportunity.angle,
        why_now=opportunity.why_now,
        type=opportunity.type,
        channel=opportunity.primary_channel,
        score=opportunity.score,
        pillar=pillars.get(opportunity.pillar_id) if opportunity.pillar_id else None,
        persona=personas.get(opportunity.persona_id) if opportunity.persona_id else None,
        voices=opportunity.independent_voices,
        quotes=[cited.quote for cited in opportunity.evidence],
        problems=judging.opportunity_problems(opportunity, run.items, run.taboos_said),
        taken_further=made.asked,
        package=_package(made.package, run.taboos_said) if made.package else None,
        variants=[_variant(variant, run, citable=opportunity.evidence_ids) for variant in made.variants],
        ids=EvalIds(
            opportunity=opportunity.id, package=made.package.id if made.package else None, runs=list(made.run_ids)
        ),
    )


def _package(package: ContentPackageDTO, taboos_said: TaboosSaid) -> EvalPackage:
    return EvalPackage(
        title=package.title,
        thesis=package.thesis,
        channels=package.channels,
        generator=package.generator,
        score=package.package_score,
        band=package.quality_band,
        problems=judging.package_problems(package, taboos_said),
    )


def _variant(variant: VariantDTO, run: LoopRun, *, citable: Collection[UUID]) -> EvalVariant:
    marked = Counter(claim.status for claim in variant.claims)
    return EvalVariant(
        channel=variant.channel,
        title=variant.title,
        body=variant.body,
        call_to_action=variant.call_to_action,
        model=variant.generated_by_model,
        score=variant.eval_score,
        band=variant.quality_band,
        channel_fit=judging.fit(variant),
        claims_cited=marked[ClaimStatus.CITED],
        claims_to_check=marked[ClaimStatus.TO_CHECK],
        problems=judging.variant_problems(variant, run.items, run.taboos_said, citable=citable),
    )


def _counts(run: LoopRun, cases: Sequence[EvalCase]) -> RunCounts:
    taken = [case for case in cases if case.taken_further]
    packages = [case.package for case in taken if case.package]
    variants = [variant for case in taken for variant in case.variants]
    problems = [problem for case in cases for problem in case.problems]
    problems += [problem for package in packages for problem in package.problems]
    problems += [problem for variant in variants for problem in variant.problems]
    uncited = sum(judging.is_uncited(made.opportunity, run.items) for made in run.made)
    uncited += sum(judging.is_unsupported(claim, run.items) for variant in _stored(run) for claim in variant.claims)
    repeated = judging.repeats([made.opportunity for made in run.made], run.meaning)
    return RunCounts(
        opportunities_valid=sum(not case.problems for case in cases),
        packages=len(taken),
        packages_valid=sum(not package.problems for package in packages),
        # Each channel of a package is owed a text: one that could not be written counts as one that is not valid.
        variants=sum(max(len(package.channels), 1) for package in packages),
        variants_valid=sum(not variant.problems for variant in variants),
        uncited_claims=uncited,
        taboo_violations=judging.count_taboos(problems),
        redundancy=share(sum(repeated), len(repeated)),
        degraded=run.board.meta.degraded,
    )


def _stored(run: LoopRun) -> list[VariantDTO]:
    return [variant for made in run.made for variant in made.variants]


def _metrics(run: LoopRun, cases: Sequence[EvalCase], counts: RunCounts) -> dict[str, int | float | None]:
    packages = [case.package for case in cases if case.package]
    variants = [variant for case in cases for variant in case.variants]
    figures: dict[str, int | float | None] = {
        "candidates": run.board.meta.total_candidates,
        "opportunities": len(cases),
        "opportunities_valid": counts.opportunities_valid,
        "packages": counts.packages,
        "packages_valid": counts.packages_valid,
        "packages_board_ready": sum(package.band == PackageBand.BOARD_READY for package in packages),
        "variants": counts.variants,
        "variants_valid": counts.variants_valid,
        "variants_publish_ready": sum(variant.band == VariantBand.PUBLISH_READY for variant in variants),
        "opportunity_validity": _part(counts.opportunities_valid, len(cases)),
        "package_validity": _part(counts.packages_valid, counts.packages),
        "variant_validity": _part(counts.variants_valid, counts.variants),
        **_evidence(run, counts),
        "taboo_violations": counts.taboo_violations,
        "redundancy": counts.redundancy if cases else None,
        "mean_overlap": judging.mean_overlap([made.opportunity for made in run.made]),
        "channel_fit": _mean([variant.channel_fit for variant in variants]),
        "opportunity_score": _mean([case.score for case in cases]),
        "package_score": _mean([package.score for package in packages]),
        "variant_score": _mean([variant.score for variant in variants]),
        "voices": _mean([case.voices for case in cases]),
    }
    return {name: _rounded(value) for name, value in figures.items()}


def _evidence(run: LoopRun, counts: RunCounts) -> dict[str, int | float | None]:
    """Measure what stands on what: statements are opportunities, and claims that pass for cited."""
    claims = [claim for variant in _stored(run) for claim in variant.claims]
    cited = [claim for claim in claims if claim.status is ClaimStatus.CITED]
    statements = len(run.made) + len(cited)
    named = [item_id for made in run.made for item_id in made.opportunity.evidence_ids]
    named += [item_id for claim in claims for item_id in claim.evidence_ids]
    quotes = [
        judging.is_quote_of(quoted.quote, run.items.get(quoted.id))
        for made in run.made
        for quoted in made.opportunity.evidence
    ]
    spans = sum(len(judging.quotes_in(claim)) for claim in claims)
    made_up = sum(len(judging.misquoted(claim, run.items)) for claim in claims)
    cited_items = {item_id for made in run.made for item_id in made.opportunity.evidence_ids}
    return {
        "evidence_coverage": _part(statements - counts.uncited_claims, statements),
        "ids_resolved": _part(sum(item_id in run.items for item_id in named), len(named)),
        "quote_fidelity": _part(sum(quotes) + spans - made_up, len(quotes) + spans),
        "quotes": len(quotes) + spans,
        "claims": len(claims),
        "claims_to_check": len(claims) - len(cited),
        "uncited_claims": counts.uncited_claims,
        "items_cited": len(cited_items),
    }


def _profile(run: LoopRun, cases: Sequence[EvalCase]) -> dict[str, dict[str, int]]:
    """Count what was proposed for each part of the brand's profile; a part without anything is told as 0."""
    snapshot = run.board.snapshot
    pillars = Counter(case.pillar or NO_PART for case in cases)
    personas = Counter(case.persona or NO_PART for case in cases)
    known_pillars = [pillar.name for pillar in snapshot.pillars] if snapshot else []
    known_personas = [persona.name for persona in snapshot.personas] if snapshot else []
    return {
        "pillars": {name: pillars[name] for name in dict.fromkeys([*known_pillars, *sorted(pillars)])},
        "personas": {name: personas[name] for name in dict.fromkeys([*known_personas, *sorted(personas)])},
        "channels": dict(sorted(Counter(str(case.channel) for case in cases).items())),
        "types": dict(sorted(Counter(str(case.type) for case in cases).items())),
        **_compiled_parts(run.made),
    }


def _compiled_parts(made: Sequence[Made]) -> dict[str, dict[str, int]]:
    """Count which keywords and persona phrases of the compiled profile speak for what was proposed."""
    parts = [
        part.split(": ", 1)
        for one in made
        for score in one.opportunity.score_breakdown.values()
        for part in score.parts
        if ": " in part
    ]
    kinds = {"keyword": "keywords", "persona": "persona phrases"}
    return {
        told: dict(sorted(Counter(name for of, name in parts if of == kind).items()))
        for kind, told in kinds.items()
        if any(of == kind for of, _ in parts)
    }


def _spending(models: Sequence[ModelUse]) -> dict[str, int | float]:
    return {
        "cost_cents": round(sum(use.cost_microdollars for use in models) / MICRODOLLARS_PER_CENT, 4),
        "calls": sum(use.calls for use in models),
        "calls_from_cache": sum(use.from_cache for use in models),
        "tokens_in": sum(use.tokens_in for use in models),
        "tokens_out": sum(use.tokens_out for use in models),
    }


def _part(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _rounded(value: int | float | None) -> int | float | None:
    return value if value is None or isinstance(value, int) else round(value, 4)
