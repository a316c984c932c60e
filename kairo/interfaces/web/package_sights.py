"""What the page of a package shows: its texts with their counts, findings and claims, and how far work on it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kairo.errors import FieldError
from kairo.interfaces.web.brands import Place
from kairo.interfaces.web.opportunities import LIVE, Progress, progress_of
from kairo.interfaces.web.package_previews import Preview, preview_of
from kairo.platform.jobs import queries as job_queries
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.stages.content import operations, queries
from kairo.stages.content.contracts import (
    ChannelCount,
    ClaimDTO,
    ClaimStatus,
    ContentPackageDTO,
    PackageNotFound,
    VariantDTO,
)
from kairo.stages.opportunities import queries as opportunities
from kairo.stages.opportunities.contracts import CitedEvidenceDTO, DecisionType

Cited = Mapping[UUID, Sequence[CitedEvidenceDTO]]


@dataclass(frozen=True)
class Typed:
    """A text as a person typed it, saved or not."""

    body: str
    call_to_action: str

    @classmethod
    def of(cls, variant: VariantDTO) -> Typed:
        return cls(body=variant.body, call_to_action=variant.call_to_action or "")


@dataclass(frozen=True)
class ShownClaim:
    """A claim with the posts that it cites."""

    claim: ClaimDTO
    cited: list[CitedEvidenceDTO]

    @property
    def is_to_check(self) -> bool:
        return self.claim.status is ClaimStatus.TO_CHECK


@dataclass(frozen=True)
class ShownVariant:
    """A variant as its card shows it. `typed` differs from the saved text where that could not be saved."""

    variant: VariantDTO
    typed: Typed
    counts: list[ChannelCount]
    findings: list[FieldError]
    claims: list[ShownClaim]
    preview: Preview
    decisions: list[DecisionType]
    is_editable: bool
    complaint: str = ""
    theirs: VariantDTO | None = None

    @property
    def to_check(self) -> int:
        return sum(one.is_to_check for one in self.claims)

    @property
    def may(self) -> set[str]:
        return {str(decision) for decision in self.decisions}


@dataclass(frozen=True)
class Work:
    """How far the job stands that makes a package or its texts: on its way, or failed and why."""

    job: JobDTO
    progress: Progress | None

    @property
    def has_failed(self) -> bool:
        return self.job.state is JobState.FAILED

    @property
    def was_stopped(self) -> bool:
        return self.job.state is JobState.CANCELLED


@dataclass(frozen=True)
class PackageSight:
    """A package with all that its page shows."""

    package: ContentPackageDTO
    variants: list[ShownVariant]
    cited: list[CitedEvidenceDTO]
    work: Work | None
    decisions: list[DecisionType]

    @property
    def may(self) -> set[str]:
        return {str(decision) for decision in self.decisions}

    @property
    def may_be_written(self) -> bool:
        """Tell whether texts can be asked for."""
        return not self.variants and self.package.origin_opportunity_id is not None


def package_of_place(place: Place, package_id: UUID) -> tuple[ContentPackageDTO, list[VariantDTO]]:
    """Return a package of the place's brand and its variants.

    Raises:
        PackageNotFound: not there, somebody else's, or another brand's.
    """
    package, variants = queries.package_with_variants(package_id)
    if package.brand_id != place.brand.id:
        raise PackageNotFound("There is no such package.")
    return package, variants


def sight_of(place: Place, package_id: UUID, *, at: datetime) -> PackageSight:
    """Read all that the page of a package shows.

    Raises:
        PackageNotFound: not there, somebody else's, or another brand's.
    """
    package, variants = package_of_place(place, package_id)
    work = None if variants else work_on(queries.variants_work_key(package_id), at=at)
    if work and not work.progress:
        # Work that ended between the two reads has left its texts behind.
        package, variants = package_of_place(place, package_id)
    cited = cited_by(package, at=at)
    return PackageSight(
        package=package,
        variants=[shown_variant(one, place=place, cited=cited) for one in variants],
        cited=[citation for citations in cited.values() for citation in citations],
        work=None if variants else work,
        decisions=_asked_for(queries.decisions_on_package(package.status)),
    )


def cited_by(package: ContentPackageDTO, *, at: datetime) -> Cited:
    """Return the quotes that the package's opportunity cites, by the post they stand in; none once it is withdrawn."""
    cited: dict[UUID, list[CitedEvidenceDTO]] = defaultdict(list)
    if package.origin_opportunity_id is not None:
        for citation in opportunities.opportunity(package.origin_opportunity_id, at=at).evidence:
            cited[citation.id].append(citation)
    return cited


def shown_variant(
    variant: VariantDTO,
    *,
    place: Place,
    cited: Cited,
    typed: Typed | None = None,
    complaint: str = "",
    theirs: VariantDTO | None = None,
) -> ShownVariant:
    """Look at a variant's text, or at what was typed in its place."""
    text = typed or Typed.of(variant)
    channel, title, body, call_to_action = variant.channel, variant.title, text.body, text.call_to_action or None
    taboos = place.brand.taboos
    return ShownVariant(
        variant=variant,
        typed=text,
        counts=queries.counts(channel, body=body, call_to_action=call_to_action),
        findings=operations.text_reasons(channel, body=body, call_to_action=call_to_action, title=title, taboos=taboos),
        claims=[_shown_claim(claim, cited) for claim in variant.claims],
        preview=preview_of(channel, title=title, body=body, call_to_action=call_to_action),
        decisions=queries.decisions_on_variant(variant.status),
        is_editable=queries.is_editable(variant.status),
        complaint=complaint,
        theirs=theirs,
    )


def work_on(key: str, *, at: datetime) -> Work | None:
    """Return how far the newest job with this key stands."""
    job = job_queries.newest_job(key)
    return Work(job, progress_of(job, at=at) if job.state in LIVE else None) if job else None


def _shown_claim(claim: ClaimDTO, cited: Cited) -> ShownClaim:
    """Return a claim with the quotes of its posts; of several of one post, those that it says, else the first."""
    quotes: list[CitedEvidenceDTO] = []
    for item_id in claim.evidence_ids:
        known = cited.get(item_id, [])
        quotes += [one for one in known if one.quote in claim.text] or known[:1]
    return ShownClaim(claim, quotes)


def _asked_for(decisions: Sequence[DecisionType]) -> list[DecisionType]:
    """Leave out one of two ways to the same status: what is in review is rejected, what is approved is taken back."""
    if DecisionType.APPROVE in decisions:
        return [one for one in decisions if one is not DecisionType.RESTORE]
    return [one for one in decisions if one is not DecisionType.REJECT]
