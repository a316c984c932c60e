"""Reads of compiled profiles; none of them compiles."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from kairo.platform.jobs import queries as jobs
from kairo.stages.brands import queries as brands
from kairo.stages.evidence import queries as evidence
from kairo.stages.knowledge.contracts.profiles import (
    BrandIR,
    BrandProfileDTO,
    CompiledProfile,
    ProfileNotFound,
    VoiceProfile,
)
from kairo.stages.knowledge.models.profiles import ApprovedTextRow, BrandProfile
from kairo.stages.knowledge.rules.profiles.compiling import ProfileInputs
from kairo.stages.knowledge.rules.profiles.voice import NEWEST_TEXTS, VoiceText

READ_CHARACTERS = 6_000
"""What a post says, it says early."""


def compile_key(brand_id: UUID) -> str:
    """Return the key by which a brand has one live compile at most."""
    return f"knowledge.compile:{brand_id}"


def profile(brand_id: UUID, *, version: int | None = None) -> BrandProfileDTO:
    """Return a brand's newest profile, or one version of it, and whether the brand has changed since.

    Raises:
        BrandNotFound: no such brand of this tenant.
        ProfileNotFound: it was never compiled.
    """
    inputs = profile_inputs(brand_id)
    row = _rows(brand_id, version).first()
    if row is None:
        wanted = "" if version is None else f" in version {version}"
        raise ProfileNotFound(
            f"The brand has no profile{wanted} yet: POST /api/brands/{brand_id}/compile, or `kairo brand compile`."
        )
    return BrandProfileDTO(
        profile=row.to_contract(),
        is_current=row.inputs_sha256 == inputs.sha256(),
        is_compiling=jobs.live_job(compile_key(brand_id)) is not None,
    )


def newest_profile(brand_id: UUID) -> BrandIR | None:
    """Return a brand's newest profile; None where it was never compiled."""
    row = _rows(brand_id).defer("vectors").first()
    return row.to_contract() if row else None


def compiled_profile(brand_id: UUID, *, version: int | None = None) -> CompiledProfile | None:
    """Return a brand's newest profile, or one version, with its vectors in one query; None where there is none."""
    row = _rows(brand_id, version).first()
    return row.compiled() if row else None


def voice(brand_id: UUID) -> VoiceProfile | None:
    """Return how a brand's approved texts read; None before the first compile."""
    found = newest_profile(brand_id)
    return found.voice if found else None


def profile_inputs(brand_id: UUID, *, as_of: datetime | None = None) -> ProfileInputs:
    """Return what a brand's profile is made from; with `as_of`, also the posts of the brand's window then.

    Raises:
        BrandNotFound: no such brand of this tenant.
    """
    brand = brands.brand(brand_id)
    posts: list[str] = []
    if as_of is not None:
        found = evidence.brand_evidence(brand_id, evidence.evidence_window(brand_id, as_of=as_of))
        posts = [" ".join([item.text, item.transcript or ""])[:READ_CHARACTERS] for item in found.items]
    return ProfileInputs(
        brand=brand,
        pillars=[pillar for pillar in brands.pillars(brand_id) if pillar.is_active],
        personas=brands.personas(brand_id),
        posts=posts,
        texts=approved_texts(brand_id),
    )


def approved_texts(brand_id: UUID) -> list[VoiceText]:
    """List the texts that a brand's voice is measured on, the newest first."""
    found = ApprovedTextRow.objects.filter(brand_id=brand_id).order_by("-approved_at", "source")[:NEWEST_TEXTS]
    return [VoiceText(row.channel, row.text) for row in found]


def _rows(brand_id: UUID, version: int | None = None) -> QuerySet[BrandProfile]:
    found = BrandProfile.objects.filter(brand_id=brand_id).order_by("-version")
    return found if version is None else found.filter(version=version)
