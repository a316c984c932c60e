"""Pulling deals from HubSpot: connecting a portal, and reading back whatever has changed since the last time.

Pages are not counted off but begun behind what was read last, by (last change, id): a deal that changes meanwhile
moves no other one out of sight, and no search comes near the 10,000 results after which HubSpot answers no more. What
the index of the search shows late is found by beginning a little earlier each time; reading twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from kairo.platform.database.sessions import current_tenant, tenant_transaction
from kairo.platform.tenancy.sealing import seal, unseal
from kairo.stages.revenue.adapters.hubspot import HubSpotDeals, hubspot_client
from kairo.stages.revenue.contracts.deals import (
    HUBSPOT,
    ConnectionNotFound,
    DealRecord,
    DealsTaken,
    HubSpotConnection,
    HubSpotConnectionDTO,
    SyncReport,
)
from kairo.stages.revenue.contracts.stages import DEFAULT_PIPELINE, PipelineStages, StageOrigin
from kairo.stages.revenue.models.deals import HubSpotDelivery, HubSpotPortal
from kairo.stages.revenue.operations.deals import ingest_records
from kairo.stages.revenue.operations.hubspot_events import ACCESS_TOKEN, CLIENT_SECRET, default_tenant
from kairo.stages.revenue.operations.synthetic import store_stages
from kairo.stages.revenue.ports import FoundDeal, PullsDeals, SearchFrom, Wait
from kairo.stages.revenue.queries import deals as queries
from kairo.stages.revenue.rules.hubspot_facts import PROPERTIES, record_of

OVERLAP = timedelta(minutes=5)
"""What was changed this long before the newest that was read is read again: the search shows changes late."""
PAGE = 200
DELIVERIES_KEPT = timedelta(days=1)

OnPage = Callable[[SyncReport], None]


@dataclass(frozen=True)
class _Credentials:
    access_token: str
    ad_property: str
    synced_until: datetime | None
    currency: str


def connect_hubspot(*, connection: HubSpotConnection, at: datetime) -> HubSpotConnectionDTO:
    """Keep what a portal is connected with; secrets are sealed, and those that are left out stay as they are.

    Another portal than before begins anew: neither its secrets nor how far it was read hold for it.
    """
    portal, _ = HubSpotPortal.objects.get_or_create(defaults={"changed_at": at})
    if portal.portal_id not in {None, connection.portal_id}:
        portal.access_token = portal.client_secret = portal.synced_until = None
        portal.signature_version = 0
    tenant_id = current_tenant()
    portal.portal_id = connection.portal_id
    if connection.access_token is not None:
        portal.access_token = seal(connection.access_token, tenant_id=tenant_id, name=ACCESS_TOKEN)
    if connection.client_secret is not None:
        portal.client_secret = seal(connection.client_secret, tenant_id=tenant_id, name=CLIENT_SECRET)
        # A new secret is often a new app, which may sign in another way.
        portal.signature_version = 0
    portal.ad_id_property = connection.hubspot_ad_id_property
    portal.is_active = connection.is_active
    portal.changed_at = at
    portal.save()
    return _told(portal)


def hubspot_connection() -> HubSpotConnectionDTO:
    """Return what this account's portal is connected with.

    Raises:
        ConnectionNotFound: none is, and the environment's credentials are not this account's.
    """
    portal = HubSpotPortal.objects.first()
    if portal is not None:
        return _told(portal)
    if not _has_environment():
        raise ConnectionNotFound("No HubSpot portal is connected: PUT /api/settings/connections/hubspot connects one.")
    return _told(HubSpotPortal(ad_id_property="ad_id", is_active=True))


def disconnect_hubspot() -> None:
    """Forget a portal and its secrets; its deals stay.

    Raises:
        ConnectionNotFound: none is connected.
    """
    deleted, _ = HubSpotPortal.objects.all().delete()
    if not deleted:
        raise ConnectionNotFound("No HubSpot portal is connected.")


def _told(portal: HubSpotPortal) -> HubSpotConnectionDTO:
    is_default = _has_environment()
    return HubSpotConnectionDTO(
        portal_id=portal.portal_id,
        has_access_token=bool(portal.access_token or (is_default and settings.HUBSPOT_ACCESS_TOKEN)),
        has_client_secret=bool(portal.client_secret or (is_default and settings.HUBSPOT_CLIENT_SECRET)),
        hubspot_ad_id_property=portal.ad_id_property,
        is_active=portal.is_active,
        from_environment=is_default and not (portal.access_token and portal.client_secret),
        synced_until=portal.synced_until,
    )


def _has_environment() -> bool:
    """Tell whether the environment's credentials are this account's."""
    is_set = bool(settings.HUBSPOT_ACCESS_TOKEN or settings.HUBSPOT_CLIENT_SECRET)
    return is_set and default_tenant() == current_tenant()


def sync_hubspot(
    *, tenant_id: UUID, at: datetime, wait: Wait, on_page: OnPage | None = None, full: bool = False,
    source: PullsDeals | None = None,
) -> SyncReport:  # fmt: skip
    """Read what has changed since the last time and store it; each page is kept as it comes, and a later call goes on.

    Called outside transactions. `wait` is asked to wait for HubSpot's limits.

    Raises:
        ConnectionNotFound: no portal is connected, or it has no access token.
        HubSpotAway: it cannot be asked now; what was read is kept.
        HubSpotRefused: it does not take the token or the question.
    """
    with tenant_transaction(tenant_id):
        credentials = _credentials(at=at)
        HubSpotDelivery.objects.filter(received_at__lt=at - DELIVERIES_KEPT).delete()
    pulls = source or HubSpotDeals(hubspot_client(credentials.access_token), wait, credentials.currency)
    stages = pulls.pipelines()
    with tenant_transaction(tenant_id):
        _keep_stages(stages, at=at)
    report, ads = SyncReport(synced_until=credentials.synced_until), set[str]()
    since = credentials.synced_until - OVERLAP if credentials.synced_until and not full else None
    start = SearchFrom(since, most=PAGE)
    seen: set[tuple[str, datetime]] = set()
    while True:
        found = pulls.search(start, properties=[*PROPERTIES, credentials.ad_property])
        fresh = [deal for deal in found if (deal.deal_id, deal.modified_at) not in seen]
        if fresh:
            with tenant_transaction(tenant_id):
                report = _kept(report, fresh, ads, credentials.ad_property, pulls, at=at)
            # Only what the next page may show again is remembered.
            newest = max(deal.modified_at for deal in found)
            seen = {(deal.deal_id, deal.modified_at) for deal in found if deal.modified_at == newest} | (
                seen if start.behind_id is not None else set()
            )
            if on_page is not None:
                on_page(report)
        following = _following(start, found)
        if following is None:
            return report.model_copy(update={"waited_s": round(pulls.waited_s, 3)})
        start = following


def _following(start: SearchFrom, found: list[FoundDeal]) -> SearchFrom | None:
    """Return where to go on, or None at the end."""
    is_full = len(found) >= start.most
    if start.behind_id is not None and start.at is not None:
        last_id = max((int(deal.deal_id) for deal in found), default=0)
        if is_full and last_id > start.behind_id:
            return SearchFrom(start.at, behind_id=last_id, most=start.most)
        # All of that moment are read: on behind it.
        return SearchFrom(start.at + timedelta(milliseconds=1), most=start.most)
    if not is_full:
        return None
    newest = max(deal.modified_at for deal in found)
    if start.at is not None and newest <= start.at:
        # More than a page of one moment, as an import leaves them: by id through these.
        return SearchFrom(start.at, behind_id=0, most=start.most)
    return SearchFrom(newest, most=start.most)


def _kept(
    report: SyncReport, found: list[FoundDeal], ads: set[str], ad_property: str, pulls: PullsDeals, *, at: datetime
) -> SyncReport:
    records: list[tuple[int, DealRecord]] = []
    for place, deal in enumerate(found):
        record = record_of(deal.deal_id, deal.properties, ad_property=ad_property)
        if record is not None:
            records.append((place, record))
    taken = ingest_records(source=HUBSPOT, records=records, at=at) if records else DealsTaken()
    ads |= {record.ad_id for _, record in records if record.ad_id}
    newest = max(deal.modified_at for deal in found)
    until = max(newest, report.synced_until) if report.synced_until else newest
    HubSpotPortal.objects.update(synced_until=until)
    return SyncReport(
        pages=report.pages + 1,
        read=report.read + len(found),
        ingested=report.ingested + taken.ingested,
        updated=report.updated + taken.updated,
        unchanged=report.unchanged + taken.unchanged,
        refused=report.refused + len(taken.errors) + len(found) - len(records),
        ads=len(ads),
        waited_s=round(pulls.waited_s, 3),
        synced_until=until,
    )


def _credentials(*, at: datetime) -> _Credentials:
    portal = HubSpotPortal.objects.first()
    if portal is not None and not portal.is_active:
        raise ConnectionNotFound("The HubSpot portal is switched off: connect it with is_active true.")
    token = None
    if portal is not None and portal.access_token:
        token = unseal(portal.access_token, tenant_id=current_tenant(), name=ACCESS_TOKEN)
    elif settings.HUBSPOT_ACCESS_TOKEN and default_tenant() == current_tenant():
        token = settings.HUBSPOT_ACCESS_TOKEN
    if token is None:
        raise ConnectionNotFound(
            "No HubSpot access token: connect a portal with `kairo crm connect`, or set HUBSPOT_ACCESS_TOKEN."
        )
    if portal is None:
        portal = HubSpotPortal.objects.create(changed_at=at)
    currency = queries.pipelines().of(DEFAULT_PIPELINE).currency
    return _Credentials(token, portal.ad_id_property, portal.synced_until, currency)


@transaction.atomic
def _keep_stages(found: list[PipelineStages], *, at: datetime) -> None:
    known = {part.stages.pipeline: part.stages for part in queries.set_stages() if part.origin is StageOrigin.CRM}
    for pipeline in found:
        if known.get(pipeline.pipeline) != pipeline:
            store_stages(pipeline, origin=StageOrigin.CRM, at=at)
