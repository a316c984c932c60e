"""Reads of packages and variants. Nothing here writes, calls a model or reaches the network."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Max, Q, QuerySet, Sum

from kairo.stages.content.contracts import (
    MOST_OF_A_KIND,
    ChannelCount,
    ContentPackageDTO,
    DailyEngagement,
    EngagementSum,
    ExportedFile,
    ExportFormat,
    LineageKind,
    LineageNotFound,
    PackageNotFound,
    PackageStatus,
    TextChain,
    VariantDTO,
    VariantListDTO,
    VariantNotFound,
    VariantStatus,
    VariantVersionDTO,
)
from kairo.stages.content.models import (
    ContentPackage,
    ExecutionEvent,
    PackageCitation,
    Variant,
    VariantCitation,
    VariantVersion,
)
from kairo.stages.content.rules import channels, statuses
from kairo.stages.content.rules.exporting import exported
from kairo.stages.evidence import queries as evidence
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.opportunities import queries as opportunities
from kairo.stages.opportunities.contracts import Channel, DecisionType, OpportunityDTO

RowT = TypeVar("RowT", ContentPackage, Variant)


def package_work_key(opportunity_id: UUID) -> str:
    """Return the key under which at most one live job makes an opportunity's package."""
    return f"content_package:v1:{opportunity_id}"


def variants_work_key(package_id: UUID) -> str:
    """Return the key under which at most one live job makes a package's variants."""
    return f"content_variants:v1:{package_id}"


def package(package_id: UUID) -> ContentPackageDTO:
    """Return a package.

    Raises:
        PackageNotFound: not there, or somebody else's.
    """
    return _shown([_row(package_id)])[0]


def package_of(opportunity_id: UUID) -> ContentPackageDTO | None:
    """Return the package that was made of an opportunity, if there is one."""
    return next(iter(_shown(ContentPackage.objects.filter(origin_opportunity_id=opportunity_id))), None)


def packages_of(opportunity_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the id of the package of each of these opportunities that has one."""
    found = ContentPackage.objects.filter(origin_opportunity_id__in=opportunity_ids)
    return {origin: package_id for origin, package_id in found.values_list("origin_opportunity_id", "id") if origin}


def packages(brand_id: UUID, *, before: UUID | None = None, limit: int = 50) -> list[ContentPackageDTO]:
    """List a brand's packages, newest first, from the one before `before`."""
    found = ContentPackage.objects.filter(brand_id=brand_id).order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    return _shown(found[:limit])


def variants(package_id: UUID) -> VariantListDTO:
    """Return a package's variants, in the order of its channels.

    Raises:
        PackageNotFound: not there, or somebody else's.
    """
    return _variants_of(_row(package_id))


def package_with_variants(package_id: UUID) -> tuple[ContentPackageDTO, list[VariantDTO]]:
    """Return a package and its variants, in the order of its channels; three queries.

    Raises:
        PackageNotFound: not there, or somebody else's.
    """
    row = _row(package_id)
    return _shown([row])[0], _variants_of(row).variants


def counts(channel: Channel, *, body: str, call_to_action: str | None) -> list[ChannelCount]:
    """Count what the channel limits in a text, each part with its limit."""
    return channels.counts(channel, body=body, call_to_action=call_to_action)


def decisions_on_variant(status: VariantStatus) -> list[DecisionType]:
    """List the decisions that a variant's status leads on by."""
    return statuses.decisions_on_variant(status)


def decisions_on_package(status: PackageStatus) -> list[DecisionType]:
    """List the decisions that a package's status leads on by."""
    return statuses.decisions_on_package(status)


def is_editable(status: VariantStatus) -> bool:
    """Tell whether the text of a variant may still be changed."""
    return status in statuses.EDITABLE


def _row(package_id: UUID) -> ContentPackage:
    row = ContentPackage.objects.filter(id=package_id).first()
    if row is None:
        raise PackageNotFound("There is no such package.")
    return row


def _variants_of(row: ContentPackage) -> VariantListDTO:
    places = {channel: place for place, channel in enumerate(row.channels)}
    found = sorted(
        Variant.objects.filter(package_id=row.id),
        key=lambda one: (places.get(one.channel, len(places)), one.channel),
    )
    return VariantListDTO(package_id=row.id, variants=[one.to_contract() for one in found], count=len(found))


def export(package_id: UUID, form: ExportFormat) -> ExportedFile:
    """Return a package with its variants as a file.

    Raises:
        PackageNotFound: not there, or somebody else's.
    """
    return exported(*package_with_variants(package_id), form)


def variant(variant_id: UUID) -> VariantDTO:
    """Return a variant.

    Raises:
        VariantNotFound: not there, or somebody else's.
    """
    row = Variant.objects.filter(id=variant_id).first()
    if row is None:
        raise VariantNotFound("There is no such variant.")
    return row.to_contract()


def variants_by_id(variant_ids: Collection[UUID]) -> dict[UUID, VariantDTO]:
    """Return those of these variants that are there."""
    return {row.id: row.to_contract() for row in Variant.objects.filter(id__in=list(variant_ids))}


def variants_citing(item_ids: Collection[UUID]) -> set[UUID]:
    """Return the ids of the variants that cite any of these posts."""
    cited = VariantCitation.objects.filter(item_id__in=list(item_ids))
    return set(cited.values_list("variant_id", flat=True))


def versions(variant_id: UUID, *, before: int | None = None, limit: int = 50) -> list[VariantVersionDTO]:
    """List a variant's texts as they were saved, newest first.

    Raises:
        VariantNotFound: not there, or somebody else's.
    """
    found = VariantVersion.objects.filter(variant_id=variant_id).order_by("-version")
    if before is not None:
        found = found.filter(version__lt=before)
    listed = [row.to_contract() for row in found[:limit]]
    if not listed:
        variant(variant_id)
    return listed


def engagement_by_day(variant_id: UUID) -> list[DailyEngagement]:
    """List what a variant's audience did, day by day (UTC), the first day first."""
    days: dict[date, list[ExecutionEvent]] = defaultdict(list)
    for event in ExecutionEvent.objects.filter(variant_id=variant_id).order_by("occurred_at", "id"):
        days[event.occurred_at.astimezone(UTC).date()].append(event)
    return [_engagement(day, events) for day, events in days.items()]


def lineage(kind: LineageKind, object_id: UUID, *, at: datetime, brand_id: UUID | None = None) -> TextChain:
    """Return the texts of the chain through a thing, with the posts behind them; of one brand if that is named.

    Seven queries at most, whatever the chain holds.

    Raises:
        LineageNotFound: the thing is not there, another brand's, or somebody else's.
    """
    found, packages_found, variants_found = _links(kind, object_id, brand_id=brand_id, at=at)
    cited = _posts_cited(packages_found, variants_found)
    item_ids = [object_id] if kind is LineageKind.EVIDENCE else _posts_behind(found, cited)
    items = evidence.items_by_id(item_ids[: MOST_OF_A_KIND + 1])
    chain = TextChain(
        items=[items[item_id] for item_id in item_ids if item_id in items],
        opportunities=found,
        packages=[row.to_contract() for row in packages_found],
        variants=[row.to_contract() for row in variants_found],
        engagements=_engagements([row.id for row in variants_found]),
        cited=cited,
    )
    if object_id not in {one.id for one in _of_kind(chain, kind)}:
        raise LineageNotFound("There is no such thing to follow.")
    return chain


def _of_kind(
    chain: TextChain, kind: LineageKind
) -> Sequence[EvidenceItemDTO | OpportunityDTO | ContentPackageDTO | VariantDTO]:
    match kind:
        case LineageKind.EVIDENCE:
            return chain.items
        case LineageKind.OPPORTUNITY:
            return chain.opportunities
        case LineageKind.PACKAGE:
            return chain.packages
        case LineageKind.VARIANT:
            return chain.variants


_Cited = tuple[list[OpportunityDTO], list[ContentPackage], list[Variant]]


def _links(kind: LineageKind, object_id: UUID, *, brand_id: UUID | None, at: datetime) -> _Cited:
    """Find what stands between the posts and the engagement; upstream of the thing only what leads to it."""
    of_brand = Q() if brand_id is None else Q(brand_id=brand_id)
    if kind is LineageKind.EVIDENCE:
        most = MOST_OF_A_KIND + 1
        found = opportunities.opportunities_citing(object_id, brand_id=brand_id, at=at, limit=most)
        citing = PackageCitation.objects.filter(item_id=object_id).values("package_id")
        which = Q(origin_opportunity_id__in=[one.id for one in found]) | Q(id__in=citing)
        packages_found = _first(ContentPackage.objects.filter(of_brand & which))
        texts = VariantCitation.objects.filter(item_id=object_id).values("variant_id")
        which = Q(package_id__in=[row.id for row in packages_found]) | Q(id__in=texts)
        return found, packages_found, _first(Variant.objects.filter(of_brand & which))
    variants_found: list[Variant] = []
    if kind is LineageKind.VARIANT:
        variants_found = _first(Variant.objects.filter(of_brand & Q(id=object_id)))
        which = Q(id__in=[row.package_id for row in variants_found])
    else:
        which = Q(id=object_id) if kind is LineageKind.PACKAGE else Q(origin_opportunity_id=object_id)
    packages_found = _first(ContentPackage.objects.filter(of_brand & which))
    if kind is not LineageKind.VARIANT:
        variants_found = _first(Variant.objects.filter(of_brand & Q(package_id__in=[row.id for row in packages_found])))
    origins = [row.origin_opportunity_id for row in packages_found if row.origin_opportunity_id]
    found = opportunities.opportunities([object_id] if kind is LineageKind.OPPORTUNITY else origins, at=at)
    return [one for one in found if brand_id in (None, one.brand_id)], packages_found, variants_found


def _posts_cited(packages: Iterable[ContentPackage], variants: Iterable[Variant]) -> dict[UUID, list[UUID]]:
    """Return the posts that each of these texts cites, in one query."""
    of_packages = PackageCitation.objects.filter(package_id__in=[row.id for row in packages])
    of_variants = VariantCitation.objects.filter(variant_id__in=[row.id for row in variants])
    found = of_packages.values_list("package_id", "item_id").union(of_variants.values_list("variant_id", "item_id"))
    cited: dict[UUID, list[UUID]] = defaultdict(list)
    for text_id, item_id in found:
        cited[text_id].append(item_id)
    return {text_id: sorted(item_ids) for text_id, item_ids in cited.items()}


def _first(rows: QuerySet[RowT]) -> list[RowT]:
    return list(rows.order_by("-created_at", "id")[: MOST_OF_A_KIND + 1])


def _posts_behind(found: Iterable[OpportunityDTO], cited: Mapping[UUID, Iterable[UUID]]) -> list[UUID]:
    behind = [item_id for one in found for item_id in one.evidence_ids]
    behind += [item_id for item_ids in cited.values() for item_id in item_ids]
    return list(dict.fromkeys(behind))


def _engagements(variant_ids: Collection[UUID]) -> list[EngagementSum]:
    told = ExecutionEvent.objects.filter(variant_id__in=variant_ids).values("variant_id", "event_type")
    summed = told.annotate(all_of_them=Sum("count"), newest=Max("occurred_at")).order_by("variant_id", "event_type")
    return [
        EngagementSum(
            variant_id=row["variant_id"],
            event_type=row["event_type"],
            count=row["all_of_them"],
            newest_at=row["newest"],
        )
        for row in summed[: MOST_OF_A_KIND + 1]
    ]


def _engagement(day: date, events: Sequence[ExecutionEvent]) -> DailyEngagement:
    counts: Counter[str] = Counter()
    for event in events:
        counts[event.event_type] += event.count
    return DailyEngagement(
        day=day, counts=dict(counts), event_ids=[event.id for event in events], last_at=events[-1].occurred_at
    )


def _shown(rows: Iterable[ContentPackage]) -> list[ContentPackageDTO]:
    found = list(rows)
    cited: dict[UUID, list[UUID]] = defaultdict(list)
    citations = PackageCitation.objects.filter(package_id__in=[row.id for row in found]).order_by("position")
    for package_id, item_id in citations.values_list("package_id", "item_id"):
        cited[package_id].append(item_id)
    return [row.to_contract(evidence_ids=cited[row.id]) for row in found]
