"""What HubSpot says of deals, in events and objects, as facts and records; what tells who a person is stays out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from kairo.stages.revenue.contracts.deals import DealOutcome, DealRecord, HubSpotEvent
from kairo.stages.revenue.contracts.stages import DEFAULT_PIPELINE, MAX_MONEY, PipelineStages, StageKind, StageSetting
from kairo.stages.revenue.rules.telescoping import Fact, FactName, Rank

DEALS_TYPE_ID = "0-3"
CLICK_PROPERTY = "kairo_click_id"
PROPERTIES = (
    "dealstage", "pipeline", "amount", "deal_currency_code", "createdate", "closedate", "hs_is_closed",
    "hs_is_closed_won", "hs_lastmodifieddate", CLICK_PROPERTY,
)  # fmt: skip
_OF_PROPERTY = {
    "dealstage": FactName.STAGE,
    "pipeline": FactName.PIPELINE,
    "amount": FactName.AMOUNT,
    "deal_currency_code": FactName.CURRENCY,
    CLICK_PROPERTY: FactName.CLICK,
}
_LONGEST_VALUE = 200
# PostgreSQL keeps no NUL in a text, and half a surrogate pair is no character.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def facts_of_event(event: HubSpotEvent, *, ad_property: str) -> list[tuple[str, Fact]]:
    """Return what an event says, with the id of the deal that it says it of; nothing for what is no matter here.

    A fact's identity is the event's: portal, subscription, object, property, occurredAt and eventId.
    """
    kind, _, change = event.subscription_type.partition(".")
    is_deal = kind == "deal" or (kind == "object" and event.object_type_id == DEALS_TYPE_ID)
    if not is_deal:
        return []
    at = datetime.fromtimestamp(event.occurred_at / 1000, tz=UTC)
    key = f"{event.portal_id}:{event.subscription_id}:{event.event_id}"
    if change == "merge":
        return _merged(event, at, key)
    if event.object_id is None:
        return []
    told = _told(event, change, at, ad_property)
    return [(str(event.object_id), Fact(*told, at, Rank.EVENT, key))] if told else []


def _told(event: HubSpotEvent, change: str, at: datetime, ad_property: str) -> tuple[FactName, str | None] | None:
    if change == "creation":
        return FactName.CREATED, at.isoformat()
    if change == "deletion":
        return FactName.DELETED, "yes"
    if change == "restore":
        return FactName.DELETED, None
    if change != "propertyChange":
        return None
    name = FactName.AD if event.property_name == ad_property else _OF_PROPERTY.get(event.property_name or "")
    if name is None:
        return None
    value = event.property_value or None
    if name is FactName.AMOUNT:
        amount = amount_of(value)
        value = format(amount, "f") if amount is not None else None
    if name is FactName.CURRENCY:
        value = currency_of(value)
    return name, _short(value)


def _merged(event: HubSpotEvent, at: datetime, key: str) -> list[tuple[str, Fact]]:
    """Say of each deal that went into another where it went, and of that one that it stands by itself."""
    survivor = event.new_object_id or event.primary_object_id or event.object_id
    if survivor is None:
        return []
    gone = {*event.merged_object_ids, *filter(None, [event.primary_object_id])} - {survivor}
    facts = [(str(deal), Fact(FactName.MERGED_INTO, str(survivor), at, Rank.EVENT, key)) for deal in sorted(gone)]
    return [*facts, (str(survivor), Fact(FactName.MERGED_INTO, None, at, Rank.EVENT, key))] if facts else []


def amount_of(text: str | None) -> Decimal | None:
    """Read an amount; None where there is none that a deal can have."""
    try:
        amount = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount <= MAX_MONEY:
        return None
    return round(amount, 4).normalize() + 0


def currency_of(text: str | None) -> str | None:
    """Read the code of a currency."""
    code = (text or "").strip().upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else None


def moment_of(text: str | None) -> datetime | None:
    """Read a moment as HubSpot writes it, in milliseconds or as text; None where there is none of our time."""
    try:
        if text and text.isdecimal():
            found = datetime.fromtimestamp(int(text) / 1000, tz=UTC)
        else:
            found = datetime.fromisoformat(text or "")
    except (ValueError, OverflowError, OSError):
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware.astimezone(UTC) if 2000 <= aware.year < 2100 else None


def record_of(deal_id: str, properties: Mapping[str, str | None], *, ad_property: str) -> DealRecord | None:
    """Return a deal's properties as a record; None where the stage or its creation is not told."""
    created_at, modified_at = moment_of(properties.get("createdate")), moment_of(properties.get("hs_lastmodifieddate"))
    stage = _short(properties.get("dealstage"))
    if stage is None or created_at is None:
        return None
    is_closed = properties.get("hs_is_closed") == "true"
    outcome = None
    if properties.get("hs_is_closed") in {"true", "false"}:
        is_won = properties.get("hs_is_closed_won") == "true"
        outcome = (DealOutcome.WON if is_won else DealOutcome.LOST) if is_closed else DealOutcome.OPEN
    return DealRecord(
        deal_id=deal_id,
        ad_id=_short(properties.get(ad_property)),
        click_id=_short(properties.get(CLICK_PROPERTY)),
        pipeline=_short(properties.get("pipeline")),
        stage=stage,
        amount=amount_of(properties.get("amount")),
        currency=currency_of(properties.get("deal_currency_code")),
        created_at=created_at,
        # Of an open deal it is when somebody hopes to close it.
        closed_at=moment_of(properties.get("closedate")) if is_closed else None,
        modified_at=modified_at,
        outcome=outcome,
    )


def _short(text: str | None) -> str | None:
    return _UNSTORABLE.sub("", text or "").strip()[:_LONGEST_VALUE] or None


def stages_of_pipeline(
    pipeline: str, stages: Sequence[tuple[str, Mapping[str, str]]], *, currency: str
) -> PipelineStages:
    """Return a pipeline's stages with the probabilities of its metadata; "0.0" is a probability."""
    return PipelineStages(
        pipeline=pipeline or DEFAULT_PIPELINE, currency=currency, stages=[_stage(*stage) for stage in stages]
    )


def _stage(name: str, metadata: Mapping[str, str]) -> StageSetting:
    text = metadata.get("probability")
    chance = amount_of(text)
    probability = float(chance) if chance is not None and chance <= 1 else None
    kind = StageKind.OPEN
    if metadata.get("isClosed") == "true" and probability in {0.0, 1.0}:
        kind = StageKind.WON if probability else StageKind.LOST
    return StageSetting(stage=name, kind=kind, probability=probability)
