"""From an opportunity to its package: asked for, worked out by a job, stored whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobDTO, PermanentFailure
from kairo.platform.jobs.operations import enqueue
from kairo.platform.telemetry.contracts import EventType
from kairo.stages.brands import operations as brand_operations
from kairo.stages.brands import queries as brands
from kairo.stages.content import queries
from kairo.stages.content.contracts import ContentPackageDraftDTO, ContentPackageDTO, MakePackage, ShapingWinnerDTO
from kairo.stages.content.models import ContentPackage, PackageCitation
from kairo.stages.content.operations.checking import may_say, reasons_against, require_usable
from kairo.stages.content.operations.model_writing import written_by
from kairo.stages.content.ports import Source
from kairo.stages.content.rules.material import language_of
from kairo.stages.content.rules.scoring import score_package
from kairo.stages.knowledge import queries as knowledge
from kairo.stages.opportunities import queries as opportunities
from kairo.stages.opportunities.contracts import Generator, OpportunityDTO, OpportunityNotFound

MAKE_PACKAGE = "content.make_package"


@dataclass(frozen=True)
class PackageAsked:
    """Either the package that is there, or the job that makes it."""

    package: ContentPackageDTO | None = None
    job: JobDTO | None = None


def request_package(
    *,
    brand_id: UUID,
    opportunity_id: UUID,
    at: datetime,
    asked_by: UUID | None = None,
    generator: Generator = Generator.AUTO,
) -> PackageAsked:
    """Ask for the package of an opportunity; the existing one, or the job under way, is the answer where there is one.

    `asked_by` is the user whose cap a model's work counts against; `generator` says who writes.

    Raises:
        BrandNotFound: no such brand of this tenant.
        OpportunityNotFound: the brand has no such opportunity.
        OpportunityRefused: a taboo, or something that policy does not let out.
    """
    brand = brands.brand(brand_id)
    opportunity = opportunities.opportunity(opportunity_id, at=at)
    if opportunity.brand_id != brand_id:
        raise OpportunityNotFound("There is no such opportunity.")
    existing = queries.package_of(opportunity_id)
    if existing is not None:
        return PackageAsked(package=existing)
    require_usable(opportunity, taboos=brand.taboos)
    message = MakePackage(brand_id=brand_id, opportunity_id=opportunity_id, asked_by=asked_by, generator=generator)
    job = enqueue(MAKE_PACKAGE, message, dedupe_key=queries.package_work_key(opportunity_id))
    return PackageAsked(job=job)


def make_package(*, message: MakePackage, job: JobContext, at: datetime) -> Completion:
    """Work out an opportunity's package; the returned effects store it in the completing transaction.

    Raises:
        PermanentFailure: what was written may not be shown, or no model gave anything usable; nothing is stored.
    """
    with tenant_transaction(job.tenant_id):
        existing = queries.package_of(message.opportunity_id)
        source = package_source(message.brand_id, message.opportunity_id, at=at)
    if existing is not None:
        return _completion(existing.id)
    job.progress("package", total=1)
    proposed, writing = written_by(
        lambda writer: writer.draft_package(source),
        job=job,
        at=at,
        asked_by=message.asked_by,
        wanted=message.generator,
    )
    draft = _checked(proposed, source)
    package_id = new_id()
    told = {"package_id": str(package_id), "band": draft.quality_band, "score": draft.package_score}
    job.record(EventType.PACKAGE, **told, reasons=list(draft.rejection_reasons))
    if not draft.is_valid:
        raise PermanentFailure(f"The package may not be shown: {'; '.join(draft.rejection_reasons)}.")

    def store() -> None:
        if not ContentPackage.objects.filter(origin_opportunity_id=message.opportunity_id).exists():
            _store(package_id, draft, source, generator=writing.name, run_id=job.run_id, at=at)

    return _completion(package_id, store=store)


def package_source(
    brand_id: UUID, opportunity_id: UUID, *, at: datetime, package: ContentPackageDTO | None = None
) -> Source:
    """Read what packages and variants are written from, in the caller's transaction.

    Variants go by the winners that shaped their package, whoever has won or lost since.
    """
    snapshot = brand_operations.take_snapshot(brand_id=brand_id, at=at)
    opportunity = opportunities.opportunity(opportunity_id, at=at)
    return Source(
        opportunity=opportunity,
        brand=snapshot,
        patterns=brands.patterns(brand_id),
        may_say=may_say(snapshot.taboos),
        package=package,
        voice=knowledge.voice(brand_id),
        winners=package.winners if package else _winners_behind(opportunity),
    )


def _winners_behind(opportunity: OpportunityDTO) -> list[ShapingWinnerDTO]:
    known = opportunities.winners_behind(opportunity)
    return [ShapingWinnerDTO.model_validate(winner, from_attributes=True) for winner in known]


def _checked(draft: ContentPackageDraftDTO, source: Source) -> ContentPackageDraftDTO:
    texts = {"title": draft.title, "thesis": draft.thesis, "summary": draft.summary, "cta": draft.cta or ""}
    shown = {name: text for name, text in texts.items() if text.strip()}
    reasons = [f"{one.field}: {one.message}" for one in reasons_against(shown, taboos=source.brand.taboos)]
    if not draft.title.strip():
        reasons.append("title: empty")
    judged = draft.model_copy(
        update={"is_valid": draft.is_valid and not reasons, "rejection_reasons": [*draft.rejection_reasons, *reasons]}
    )
    return score_package(judged, source.opportunity)


def _completion(package_id: UUID, *, store: Callable[[], None] | None = None) -> Completion:
    return Completion(
        outcome={"package_id": str(package_id)},
        effects=store,
        result_url=f"/api/packages/{package_id}",
    )


def _store(
    package_id: UUID, draft: ContentPackageDraftDTO, source: Source, *, generator: str, run_id: UUID, at: datetime
) -> None:
    opportunity = source.opportunity
    ContentPackage.objects.create(
        id=package_id,
        brand_id=opportunity.brand_id,
        origin_opportunity_id=opportunity.id,
        persona_id=opportunity.persona_id,
        pillar_id=opportunity.pillar_id,
        title=draft.title,
        thesis=draft.thesis,
        summary=draft.summary,
        cta=draft.cta,
        primary_channel=draft.primary_channel,
        channels=list(draft.channels),
        pattern_hints=list(draft.pattern_hints),
        notes=draft.notes_for_humans,
        package_score=draft.package_score,
        package_score_breakdown=draft.package_score_breakdown,
        quality_band=draft.quality_band,
        generator=generator,
        language=language_of(f"{draft.title} {draft.thesis}"),
        winners=[winner.model_dump(mode="json") for winner in source.winners],
        run_id=run_id,
        created_at=at,
        updated_at=at,
    )
    PackageCitation.objects.bulk_create(
        PackageCitation(package_id=package_id, item_id=item_id, position=place)
        for place, item_id in enumerate(opportunity.evidence_ids)
    )
