"""Letting go of evidence that is erased: of citations, and of texts that hold words which only the erased posts had."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from kairo.stages.content.contracts import ClaimDTO, ClaimStatus, PackageStatus, VariantStatus
from kairo.stages.content.models import (
    ContentPackage,
    PackageCitation,
    Variant,
    VariantCitation,
    VariantVersion,
)
from kairo.stages.content.operations.voices import erase_voice_of
from kairo.stages.opportunities import operations as opportunities

WITHDRAWN = "Withdrawn: the evidence that this stood on was erased."


def let_go_of_items(*, item_ids: Sequence[UUID]) -> None:
    """Remove what packages and variants have of these items, in the caller's transaction.

    A package loses its opportunity with that one's last citation. A text that quotes an erased post is taken away and
    its variant archived: the row stays, because clicks and revenue were counted for it.
    """
    cited: dict[UUID, list[UUID]] = defaultdict(list)
    for package_id, item_id in PackageCitation.objects.filter(item_id__in=item_ids).values_list(
        "package_id", "item_id"
    ):
        cited[package_id].append(item_id)
    if not cited:
        return
    lost_origins = set(opportunities.opportunities_lost_with(item_ids=item_ids))
    kept = _remaining(cited, item_ids)
    VariantCitation.objects.filter(item_id__in=item_ids).delete()
    PackageCitation.objects.filter(item_id__in=item_ids).delete()
    for package in ContentPackage.objects.select_for_update().filter(id__in=list(cited)):
        _let_go(package, lost=cited[package.id], remaining=kept[package.id], lost_origins=lost_origins)


def _remaining(cited: Collection[UUID], item_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    kept: dict[UUID, list[UUID]] = defaultdict(list)
    others = PackageCitation.objects.filter(package_id__in=list(cited)).exclude(item_id__in=item_ids)
    for package_id, item_id in others.values_list("package_id", "item_id"):
        kept[package_id].append(item_id)
    return kept


def _let_go(
    package: ContentPackage, *, lost: Sequence[UUID], remaining: Sequence[UUID], lost_origins: Collection[UUID]
) -> None:
    origin_goes = package.origin_opportunity_id in lost_origins
    if origin_goes:
        package.origin_opportunity_id = None
    texts = [package.title, package.thesis or "", package.summary or "", package.notes or "", package.cta or ""]
    if origin_goes or opportunities.rest_on_items(texts, lost=lost, remaining=remaining):
        package.title = WITHDRAWN
        package.thesis = package.summary = package.notes = package.cta = None
        package.status = PackageStatus.ARCHIVED if origin_goes else package.status
        opportunities.forget_decisions(object_ids=[package.id])
    package.save()
    for variant in Variant.objects.select_for_update().filter(package_id=package.id):
        _let_go_of_text(variant, lost=lost, remaining=remaining)


def _let_go_of_text(variant: Variant, *, lost: Sequence[UUID], remaining: Sequence[UUID]) -> None:
    if opportunities.rest_on_items(_said(variant), lost=lost, remaining=remaining):
        erase_voice_of(variant)
        VariantVersion.objects.filter(variant_id=variant.id).delete()
        VariantCitation.objects.filter(variant_id=variant.id).delete()
        opportunities.forget_decisions(object_ids=[variant.id])
        variant.title = variant.call_to_action = variant.eval_notes = None
        variant.body, variant.claims = WITHDRAWN, []
        variant.status = VariantStatus.ARCHIVED
        variant.version += 1
    else:
        variant.claims = [_without(claim, lost).model_dump(mode="json") for claim in variant.claims_made()]
        for version in VariantVersion.objects.filter(variant_id=variant.id):
            version.claims = [
                _without(ClaimDTO.model_validate(one), lost).model_dump(mode="json") for one in version.claims
            ]
            version.save(update_fields=["claims"])
    variant.save()


def _said(variant: Variant) -> Iterator[str]:
    yield from (variant.title or "", variant.body, variant.call_to_action or "")
    for version in VariantVersion.objects.filter(variant_id=variant.id):
        yield from (version.body, version.call_to_action or "")


def _without(claim: ClaimDTO, lost: Sequence[UUID]) -> ClaimDTO:
    """Return a claim without the erased items; one that nothing vouches for any more is to be checked."""
    kept = [item_id for item_id in claim.evidence_ids if item_id not in lost]
    stands = kept or claim.knowledge or not claim.evidence_ids
    return claim.model_copy(update={"evidence_ids": kept, "status": claim.status if stands else ClaimStatus.TO_CHECK})
