"""HubSpot's events in: checked, stored in one statement, and worked off by a job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from pydantic import JsonValue, ValidationError

from kairo.errors import FieldError, Invalid
from kairo.platform.database.batches import batch_rows
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant, tenant_transaction
from kairo.platform.database.sql import rows
from kairo.platform.jobs.operations import enqueue
from kairo.platform.telemetry.context import logger
from kairo.platform.tenancy.lookups import tenants
from kairo.platform.tenancy.sealing import SealBroken, unseal
from kairo.stages.revenue.contracts.deals import (
    HUBSPOT,
    MOST_EVENTS,
    PROCESS_HUBSPOT,
    EventProcessed,
    EventsTaken,
    HubSpotEvent,
    ProcessDealChange,
    SignedRequest,
    TooManyEvents,
    UntrustedWebhook,
)
from kairo.stages.revenue.models.deals import HubSpotPortal
from kairo.stages.revenue.operations.deals import apply_facts, fact_columns
from kairo.stages.revenue.queries import deals as queries
from kairo.stages.revenue.rules.hubspot_facts import facts_of_event
from kairo.stages.revenue.rules.hubspot_signatures import signature_of, version_of, why_refused
from kairo.stages.revenue.rules.telescoping import Fact

log = logger(__name__)

MAX_BODY_BYTES = 2_000_000
CLIENT_SECRET, ACCESS_TOKEN = "hubspot.client_secret", "hubspot.access_token"
DEFAULT_AD_PROPERTY = "ad_id"
# Whoever is refused learns nothing of who is connected here.
_REFUSED = "This request was not shown to come from a HubSpot account that is connected here."
# The same POST again (its signature is the same) adds nothing; the same event in another POST is known by its identity.
_STORE = """
WITH delivery AS (
    INSERT INTO hubspot_delivery (id, tenant_id, signature_hash, received_at)
    VALUES (%(delivery)b::uuid, %(tenant)b::uuid, %(signature)b::text, %(at)b::timestamptz)
    ON CONFLICT (tenant_id, signature_hash) DO NOTHING RETURNING 1
),
stored AS (
    INSERT INTO deal_fact (id, tenant_id, source, deal_key, name, value, at, rank, key, stored_at)
    SELECT id, %(tenant)b::uuid, %(source)b::text, deal_key, name, value, at, rank, key, %(at)b::timestamptz
    FROM unnest(%(ids)b::uuid[], %(deals)b::text[], %(names)b::text[], %(values)b::text[], %(ats)b::timestamptz[],
                %(ranks)b::smallint[], %(keys)b::text[]) AS told (id, deal_key, name, value, at, rank, key)
    WHERE EXISTS (SELECT 1 FROM delivery)
    ON CONFLICT (tenant_id, source, deal_key, name, at, key) DO NOTHING
    RETURNING deal_key
)
SELECT (SELECT count(*) FROM delivery), (SELECT count(*) FROM stored), (SELECT array_agg(DISTINCT deal_key) FROM stored)
"""


@dataclass(frozen=True)
class _Trusted:
    """Whose events these are: shown by a signature that their secret made."""

    tenant_id: UUID
    portal_id: int
    version: int


def take_webhook(*, request: SignedRequest, at: datetime) -> EventsTaken:
    """Store what HubSpot has sent for every account that its signature shows it to be for; a job works it off.

    Called before a tenant is known, inside a transaction of nobody's.

    Raises:
        UntrustedWebhook: the signature does not fit, is too old or too new, or nobody has connected the portal.
        TooManyEvents: more than HubSpot ever sends at once.
        Invalid: an event cannot be read.
    """
    sent = _sent(request)
    trusted = [account for portal_id in _portals(sent) for account in _trusted(request, portal_id, at=at)]
    if len(sent) > MOST_EVENTS:
        raise TooManyEvents(f"A request has at most {MOST_EVENTS} events; this one has {len(sent)}.")
    events = read_events(sent)
    signature = hashlib.sha256(signature_of(request).encode("utf-8", "replace")).hexdigest()
    total = EventsTaken()
    for account in trusted:
        with tenant_transaction(account.tenant_id):
            own = [event for event in events if event.portal_id == account.portal_id]
            total = _together(total, _store(own, account, signature=signature, at=at))
    return total


def _sent(request: SignedRequest) -> list[JsonValue]:
    if version_of(request) is None or len(request.body) > MAX_BODY_BYTES:
        raise UntrustedWebhook(_REFUSED)
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise UntrustedWebhook(_REFUSED) from error
    return sent if isinstance(sent, list) else [sent]


def _portals(sent: Sequence[JsonValue]) -> list[int]:
    named = {event.get("portalId") if isinstance(event, dict) else None for event in sent}
    portals = [portal for portal in named if isinstance(portal, int) and not isinstance(portal, bool)]
    if not portals or len(portals) != len(named) or not all(0 <= portal < 2**63 for portal in portals):
        raise UntrustedWebhook(_REFUSED)
    return sorted(portals)


def _trusted(request: SignedRequest, portal_id: int, *, at: datetime) -> list[_Trusted]:
    """Return the accounts that a request is for, of all that say that the portal is theirs."""
    version = version_of(request) or 0
    found = []
    for tenant_id, secret, newest_version in _candidates(portal_id):
        why = why_refused(request, secret, at=at)
        if why is None and version < newest_version:
            why = f"the portal has sent version {newest_version} before"
        if why is None:
            found.append(_Trusted(tenant_id, portal_id, version))
        else:
            log.warning("hubspot_webhook_refused", portal=portal_id, reason=why)
    if not found:
        raise UntrustedWebhook(_REFUSED)
    return found


def _candidates(portal_id: int) -> list[tuple[UUID, str, int]]:
    """List who may be meant by a portal: (tenant, secret, newest version of signatures that the portal has sent)."""
    candidates = []
    own = settings.HUBSPOT_CLIENT_SECRET
    first = default_tenant() if own else None
    connected = rows("SELECT * FROM revenue_hubspot_portals(%s)", [portal_id])
    for tenant_id, sealed, version in connected:
        try:
            secret = unseal(sealed, tenant_id=tenant_id, name=CLIENT_SECRET) if sealed else None
        except SealBroken as error:
            log.warning("hubspot_secret_unreadable", portal=portal_id, reason=error.code)
            continue
        # The environment's secret speaks for one account alone: nobody gets events by naming another's portal.
        secret = secret or (own if tenant_id == first else None)
        if secret:
            candidates.append((tenant_id, secret, version))
    if own and first is not None and first not in {tenant_id for tenant_id, _, _ in connected}:
        candidates.append((first, own, 0))
    return candidates


def default_tenant() -> UUID | None:
    """Return the account that the environment's credentials serve: the one that was made first."""
    return min((tenant.id for tenant in tenants()), default=None)


def read_events(sent: Iterable[JsonValue]) -> list[HubSpotEvent]:
    """Read events as HubSpot sends them.

    Raises:
        Invalid: names each place that cannot be read.
    """
    events, problems = [], []
    for number, raw in enumerate(sent):
        try:
            events.append(HubSpotEvent.model_validate(raw))
        except ValidationError as error:
            problems += [FieldError(".".join(map(str, (number, *item["loc"]))), item["msg"]) for item in error.errors()]
    if problems:
        message = "; ".join(f"{problem.field}: {problem.message}" for problem in problems[:20])
        raise Invalid(f"An event cannot be read: {message}.", errors=tuple(problems))
    return events


def _store(events: Sequence[HubSpotEvent], account: _Trusted, *, signature: str, at: datetime) -> EventsTaken:
    portal = _noted_portal(account, at=at)
    if portal is None:
        raise UntrustedWebhook(_REFUSED)
    facts, ignored = _facts(events, ad_property=portal.ad_id_property)
    columns = fact_columns(facts)
    [[deliveries, stored, deal_ids]] = batch_rows(
        _STORE,
        {
            "tenant": current_tenant(), "source": HUBSPOT, "delivery": new_id(), "signature": signature, "at": at,
            **columns,
        },
    )  # fmt: skip
    if not deliveries:
        raise UntrustedWebhook(_REFUSED)
    job_id = None
    if deal_ids:
        job_id = enqueue(PROCESS_HUBSPOT, ProcessDealChange(deal_ids=sorted(deal_ids))).id
    return EventsTaken(stored=stored, known=len(facts) - stored, ignored=ignored, job_id=job_id)


def _noted_portal(account: _Trusted, *, at: datetime) -> HubSpotPortal | None:
    """Return the account's connection; the environment's gets its portal with the first event that it has signed."""
    portal, _ = HubSpotPortal.objects.get_or_create(
        tenant_id=account.tenant_id, defaults={"portal_id": account.portal_id, "changed_at": at}
    )
    if not portal.is_active or portal.portal_id not in {None, account.portal_id}:
        return None
    if portal.portal_id is None or portal.signature_version < account.version:
        portal.portal_id = account.portal_id
        portal.signature_version = max(portal.signature_version, account.version)
        portal.save(update_fields=["portal_id", "signature_version"])
    return portal


def _facts(events: Iterable[HubSpotEvent], *, ad_property: str) -> tuple[list[tuple[str, Fact]], int]:
    """Return what events say, each thing once, and how many said nothing that matters here."""
    facts: dict[tuple[str, str, datetime, str], tuple[str, Fact]] = {}
    ignored = 0
    for event in events:
        told = facts_of_event(event, ad_property=ad_property)
        ignored += not told
        facts |= {(deal_id, fact.name.value, fact.at, fact.key): (deal_id, fact) for deal_id, fact in told}
    return list(facts.values()), ignored


def _together(one: EventsTaken, other: EventsTaken) -> EventsTaken:
    return EventsTaken(
        stored=one.stored + other.stored,
        known=one.known + other.known,
        ignored=one.ignored + other.ignored,
        job_id=other.job_id or one.job_id,
    )


@transaction.atomic
def process_deal_change(*, message: ProcessDealChange, at: datetime) -> int:
    """Bring deals up to date with their logs, after adding the events that came with the message; return how many
    things were new. Doing it again, or in another order, changes nothing.

    Raises:
        Invalid: an event cannot be read.
    """
    facts, _ = _facts(read_events(message.events), ad_property=ad_property())
    return apply_facts(source=HUBSPOT, facts=facts, deal_ids=message.deal_ids, at=at)


@transaction.atomic
def process_event(*, event: HubSpotEvent, at: datetime) -> EventProcessed:
    """Take one event at once and return the deals that it touched."""
    facts, _ = _facts([event], ad_property=ad_property())
    if not facts:
        return EventProcessed(result="ignored")
    fresh = apply_facts(source=HUBSPOT, facts=facts, at=at)
    touched = queries.deals_named([deal_id for deal_id, _ in facts], source=HUBSPOT)
    return EventProcessed(result="processed" if fresh else "known", deals=touched)


def ad_property() -> str:
    """Return the property of HubSpot's deals that names their ad."""
    found = HubSpotPortal.objects.values_list("ad_id_property", flat=True).first()
    return found or DEFAULT_AD_PROPERTY
