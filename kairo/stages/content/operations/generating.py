"""From a package to its variants: asked for, written by a job, stored all together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import queries as jobs
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobDTO, PermanentFailure
from kairo.platform.jobs.operations import enqueue
from kairo.platform.telemetry.contracts import EventType
from kairo.stages.brands.contracts import PatternTemplateDTO
from kairo.stages.content import queries
from kairo.stages.content.contracts import (
    ContentPackageDTO,
    MakeVariants,
    PackageStatus,
    VariantDraftDTO,
    VariantsExist,
)
from kairo.stages.content.models import ContentPackage, Variant, VariantCitation, VariantVersion
from kairo.stages.content.operations.checking import text_reasons
from kairo.stages.content.operations.model_writing import written_by
from kairo.stages.content.operations.packaging import package_source
from kairo.stages.content.ports import ContentWriter, Source
from kairo.stages.content.rules.scoring import evidence_of, score_notes, score_variant
from kairo.stages.opportunities.contracts import Generator, OpportunityNotFound

MAKE_VARIANTS = "content.make_variants"


def request_variants(
    *, package_id: UUID, asked_by: UUID | None = None, generator: Generator = Generator.AUTO
) -> JobDTO:
    """Ask for a package's variants; while a job writes them, that job is the answer.

    `asked_by` is the user whose cap a model's work counts against; `generator` says who writes.

    Raises:
        PackageNotFound: not there, or somebody else's.
        VariantsExist: they were written already.
        OpportunityNotFound: what the package was made of was withdrawn.
    """
    key = queries.variants_work_key(package_id)
    package = queries.package(package_id)
    _require_writable(package)
    if Variant.objects.filter(package_id=package_id).exists():
        raise VariantsExist(f"The package has its variants: GET /api/packages/{package_id}/variants shows them.")
    under_way = jobs.live_job(key)
    if under_way is not None:
        return under_way
    result_url = f"/api/packages/{package_id}/variants"
    message = MakeVariants(package_id=package_id, asked_by=asked_by, generator=generator)
    return enqueue(MAKE_VARIANTS, message, dedupe_key=key, result_url=result_url)


def make_variants(*, message: MakeVariants, job: JobContext, at: datetime) -> Completion:
    """Write a package's variants, one for each channel; the returned effects store them in the completing transaction.

    Raises:
        PermanentFailure: a text may not go out, or no model gave anything usable; nothing is stored.
    """
    with tenant_transaction(job.tenant_id):
        package = queries.package(message.package_id)
        opportunity_id = _require_writable(package)
        source = package_source(package.brand_id, opportunity_id, at=at, package=package)

    def write(writer: ContentWriter) -> list[VariantDraftDTO]:
        drafts = []
        for place, channel in enumerate(package.channels):
            job.progress("variants", done=place, total=len(package.channels), note=str(channel))
            drafts.append(checked(writer.draft_variant(source, channel), source))
        return drafts

    drafts, writing = written_by(write, job=job, at=at, asked_by=message.asked_by, wanted=message.generator)
    _record(job, drafts)
    reasons = [f"{draft.channel}: {reason}" for draft in drafts for reason in draft.rejection_reasons]
    if reasons:
        raise PermanentFailure(f"The variants may not go out: {'; '.join(reasons)}.")
    return Completion(
        outcome={"package_id": str(package.id), "variants": len(drafts)},
        effects=lambda: _store(package, drafts, source, writer=writing.name, at=at),
    )


def checked(draft: VariantDraftDTO, source: Source) -> VariantDraftDTO:
    """Return a draft with what is wrong with it and its score: a text that breaks a limit or a taboo is invalid."""
    found = text_reasons(
        draft.channel,
        body=draft.body,
        call_to_action=draft.call_to_action,
        title=draft.title,
        taboos=source.brand.taboos,
    )
    reasons = [f"{one.field}: {one.message}" for one in found]
    unknown = set(evidence_of(draft)) - set(source.opportunity.evidence_ids)
    reasons += [f"claims: evidence {item_id} is not the opportunity's" for item_id in sorted(unknown)]
    judged = draft.model_copy(
        update={"is_valid": draft.is_valid and not reasons, "rejection_reasons": [*draft.rejection_reasons, *reasons]}
    )
    return score_variant(judged)


def _require_writable(package: ContentPackageDTO) -> UUID:
    """Return the opportunity that the package's variants are written from."""
    if package.origin_opportunity_id is None or package.status is PackageStatus.ARCHIVED:
        raise OpportunityNotFound("What the package was made of was withdrawn. Make a package of another opportunity.")
    return package.origin_opportunity_id


def _record(job: JobContext, drafts: Sequence[VariantDraftDTO]) -> None:
    for draft in drafts:
        job.record(
            EventType.VARIANT,
            channel=str(draft.channel),
            band=str(draft.quality_band),
            score=draft.variant_score,
            reasons=list(draft.rejection_reasons),
        )


def _store(
    package: ContentPackageDTO,
    drafts: Sequence[VariantDraftDTO],
    source: Source,
    *,
    writer: str,
    at: datetime,
) -> None:
    # The package's row is the lock: of two that store, the second finds the variants of the first.
    ContentPackage.objects.select_for_update().get(id=package.id)
    if Variant.objects.filter(package_id=package.id).exists():
        return
    patterns = {pattern.name: pattern for pattern in source.patterns}
    rows = [_row(package, draft, patterns.get(draft.pattern_hint or ""), at=at) for draft in drafts]
    Variant.objects.bulk_create(rows)
    VariantVersion.objects.bulk_create(
        VariantVersion(
            variant_id=row.id,
            version=row.version,
            body=row.body,
            call_to_action=row.call_to_action,
            claims=row.claims,
            saved_by=f"generator:{writer}",
            saved_at=at,
        )
        for row in rows
    )
    VariantCitation.objects.bulk_create(
        VariantCitation(variant_id=row.id, item_id=item_id)
        for row, draft in zip(rows, drafts, strict=True)
        for item_id in evidence_of(draft)
    )


def _row(
    package: ContentPackageDTO,
    draft: VariantDraftDTO,
    pattern: PatternTemplateDTO | None,
    *,
    at: datetime,
) -> Variant:
    return Variant(
        brand_id=package.brand_id,
        package_id=package.id,
        pattern_template_id=pattern.id if pattern else None,
        channel=draft.channel,
        title=draft.title,
        body=draft.body,
        call_to_action=draft.call_to_action,
        claims=[claim.model_dump(mode="json") for claim in draft.claims],
        generated_by_model=draft.generated_by_model,
        eval_score=draft.variant_score,
        eval_notes=score_notes(draft.variant_score_breakdown),
        quality_band=draft.quality_band,
        created_at=at,
        updated_at=at,
    )
