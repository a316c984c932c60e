"""Clicks and conversions over HTTP: tracking, attribution and its report."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from kairo.interfaces.api.actors import require_owner
from kairo.interfaces.api.errors import PROBLEMS
from kairo.interfaces.api.paging import Limit, Page
from kairo.moments import Moment
from kairo.platform.database.clock import now
from kairo.stages.revenue import operations, queries
from kairo.stages.revenue.contracts.tracking import (
    AttributionDTO,
    AttributionReport,
    Attributions,
    AttributionSettings,
    ClickBatch,
    ClickInput,
    ConversionBatch,
    ConversionInput,
    CreditModel,
    ErasedPerson,
    EraseRequest,
    HoldoutDraft,
    HoldoutDTO,
    LinkDraft,
    LinkDTO,
    ReportWindow,
    SiteDraft,
    SiteDTO,
    TrackedClick,
    TrackedClicks,
    ValidationReport,
)

Cursor = Annotated[str, Query(min_length=1, max_length=200)]

router = Router(tags=["revenue"])


@router.post("/ml/attribution/track-click", response={200: TrackedClick, **PROBLEMS})
def track_click(request: HttpRequest, body: ClickInput) -> TrackedClick:
    """Store a click on an ad. The same click again changes nothing; an ad that is not known is kept as such."""
    return operations.track_click(click=body, at=now())


@router.post("/ml/attribution/track-clicks", response={200: TrackedClicks, **PROBLEMS})
def track_clicks(request: HttpRequest, body: ClickBatch) -> TrackedClicks:
    """Store up to 1,000 clicks; `results` has one entry each, in the order sent: the click or its error."""
    return operations.track_clicks(records=body.clicks, at=now(), idempotency_key=body.idempotency_key)


@router.post("/ml/attribution/attribute-conversion", response={200: AttributionDTO, **PROBLEMS})
def attribute_conversion(request: HttpRequest, body: ConversionInput) -> AttributionDTO:
    """Find the ad of a conversion, or say why there is none; the same conversion again is answered as before."""
    return operations.attribute_conversion(conversion=body, at=now())


@router.post("/ml/attribution/attribute-conversions", response={200: Attributions, **PROBLEMS})
def attribute_conversions(request: HttpRequest, body: ConversionBatch) -> Attributions:
    """Find the ads of up to 1,000 conversions; `results` has one entry each, in the order sent."""
    return operations.attribute_conversions(records=body.conversions, at=now())


@router.get("/ml/attribution/report", response={200: AttributionReport, **PROBLEMS})
def get_report(
    request: HttpRequest,
    window: ReportWindow = "28d",
    as_of: Moment | None = None,
    model: CreditModel | None = None,
) -> AttributionReport:
    """Return what was attributed in the window before `as_of` (now by default), by layer, with the reasons of the rest.

    `model` shares the credit of each conversion out among the person's clicks; the account's model by default.
    """
    return queries.attribution_report(window=window, until=as_of or now(), credit_model=model)


@router.get("/ml/attribution/validation", response={200: ValidationReport, **PROBLEMS})
def get_validation(request: HttpRequest, as_of: Moment | None = None) -> ValidationReport:
    """Check the method on the account's own conversions: what do layers 2 and 3 find without the click's id?"""
    return queries.validate_attribution(until=as_of or now(), most=1_000)


@router.get("/settings/attribution", response={200: AttributionSettings, **PROBLEMS})
def get_settings(request: HttpRequest) -> AttributionSettings:
    """Return how conversions are credited."""
    return queries.attribution_settings()


@router.put("/settings/attribution", response={200: AttributionSettings, **PROBLEMS})
def change_settings(request: HttpRequest, body: AttributionSettings) -> AttributionSettings:
    """Change how conversions are credited from now on; what is left out goes back to its default."""
    return operations.change_attribution_settings(settings=body, at=now())


@router.get("/links", response={200: Page[LinkDTO], **PROBLEMS})
def list_links(request: HttpRequest, cursor: Cursor | None = None, limit: Limit = 50) -> Page[LinkDTO]:
    """List the account's short links."""
    found = queries.links(after=cursor, limit=limit + 1)
    return Page(items=found[:limit], next_cursor=found[limit - 1].code if len(found) > limit else None)


@router.post("/links", response={200: LinkDTO, **PROBLEMS})
def make_link(request: HttpRequest, body: LinkDraft) -> LinkDTO:
    """Make an ad's short link: `/c/CODE` counts the click and leads to `target_url`, and to nothing else."""
    return operations.make_link(draft=body, at=now())


@router.get("/tracked-sites", response={200: Page[SiteDTO], **PROBLEMS})
def list_sites(request: HttpRequest, cursor: Cursor | None = None, limit: Limit = 50) -> Page[SiteDTO]:
    """List the websites that carry the script."""
    found = queries.sites(after=cursor, limit=limit + 1)
    return Page(items=found[:limit], next_cursor=found[limit - 1].key if len(found) > limit else None)


@router.post("/tracked-sites", response={200: SiteDTO, **PROBLEMS})
def add_site(request: HttpRequest, body: SiteDraft) -> SiteDTO:
    """Return a website's key, and the line that belongs into its pages."""
    return operations.add_site(draft=body, at=now())


@router.post("/people/erase", response={200: ErasedPerson, **PROBLEMS})
def erase_person(request: HttpRequest, body: EraseRequest) -> ErasedPerson:
    """Erase a person: their clicks and conversions go, and what was credited to them is credited anew. For owners."""
    require_owner(request, otherwise="Erasing a person is for owners: ask one of them.")
    return operations.erase_person(request=body, at=now())


@router.get("/holdouts", response={200: Page[HoldoutDTO], **PROBLEMS})
def list_holdouts(request: HttpRequest, cursor: Cursor | None = None, limit: Limit = 50) -> Page[HoldoutDTO]:
    """List the account's holdouts, each with its lift beside the attributed figure."""
    found = queries.holdouts(until=now(), after=cursor, limit=limit + 1)
    return Page(items=found[:limit], next_cursor=found[limit - 1].name if len(found) > limit else None)


@router.post("/holdouts", response={200: HoldoutDTO, **PROBLEMS})
def declare_holdout(request: HttpRequest, body: HoldoutDraft) -> HoldoutDTO:
    """Declare a holdout with its two groups, or bring the one of that name up to date."""
    return operations.declare_holdout(draft=body, at=now())
