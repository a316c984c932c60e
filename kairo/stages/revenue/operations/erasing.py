"""Erasing a person: their clicks, their conversions, and every word of them in what is known of others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kairo.errors import FieldError, Invalid
from kairo.platform.database.batches import batch_execute, batch_rows
from kairo.platform.database.sessions import current_tenant
from kairo.stages.revenue.adapters.tenant_keys import key_maker
from kairo.stages.revenue.contracts.tracking import ErasedPerson, EraseRequest, NothingToErase, VisitInput
from kairo.stages.revenue.operations.deals import forget_clicks
from kairo.stages.revenue.operations.reattributing import attribute_again
from kairo.stages.revenue.rules.visits import identity_hashes

_CLICKS = """
DELETE FROM click_tracking WHERE tenant_id = (SELECT %(tenant)b::uuid)
  AND (email_key = %(email)b::bigint OR phone_key = %(phone)b::bigint OR external_key = %(external)b::bigint)
RETURNING click_id, clicked_at
"""
_CONVERSIONS = """
DELETE FROM conversion_tracking WHERE tenant_id = (SELECT %(tenant)b::uuid)
  AND (email_key = %(email)b::bigint OR phone_key = %(phone)b::bigint OR external_key = %(external)b::bigint)
RETURNING conversion_id
"""
_LOG = """
DELETE FROM attribution_performance_log
WHERE tenant_id = (SELECT %(tenant)b::uuid) AND conversion_id = ANY(%(conversions)b::text[])
"""
# Only conversions after a click can name it, for as long as the longest window is.
_DEPENDENTS = """
SELECT DISTINCT conversion.conversion_id
FROM unnest(%(clicks)b::text[], %(clicked_at)b::timestamptz[]) AS gone (click_id, clicked_at)
JOIN conversion_tracking conversion ON conversion.tenant_id = (SELECT %(tenant)b::uuid)
  AND conversion.occurred_at BETWEEN gone.clicked_at AND gone.clicked_at + interval '91 days'
  AND (conversion.attributed_click_id = gone.click_id
       OR conversion.candidates @> jsonb_build_array(jsonb_build_object('click_id', gone.click_id)))
"""


def erase_person(*, request: EraseRequest, at: datetime) -> ErasedPerson:
    """Remove every row of a person and credit anew what had been credited to their clicks.

    Raises:
        NothingToErase: neither e-mail, phone nor customer id is given.
        Invalid: one of them cannot be one.
    """
    keys = _keys(request)
    parameters = {"tenant": current_tenant(), **keys}
    clicks = batch_rows(_CLICKS, parameters)
    conversions = [conversion_id for (conversion_id,) in batch_rows(_CONVERSIONS, parameters)]
    batch_execute(_LOG, {"tenant": current_tenant(), "conversions": conversions})
    click_ids = [click_id for click_id, _ in clicks]
    dependents = _dependents(clicks)
    attribute_again(conversion_ids=dependents, at=at)
    deals = forget_clicks(click_ids=click_ids, at=at) if click_ids else 0
    return ErasedPerson(
        clicks=len(clicks), conversions=len(conversions), recomputed=len(dependents), others={"deals": deals}
    )


def _dependents(clicks: Sequence[tuple[str, datetime]]) -> list[str]:
    if not clicks:
        return []
    parameters = {
        "tenant": current_tenant(),
        "clicks": [click_id for click_id, _ in clicks],
        "clicked_at": [clicked_at for _, clicked_at in clicks],
    }
    return [conversion_id for (conversion_id,) in batch_rows(_DEPENDENTS, parameters)]


def _keys(request: EraseRequest) -> dict[str, int | None]:
    given = {name: value for name, value in request.model_dump(exclude={"idempotency_key"}).items() if value}
    if not given:
        raise NothingToErase("Say whom to erase: give email, phone or external_id.")
    try:
        hashes = identity_hashes(VisitInput.model_validate(given))
    except ValueError as error:
        field, _, message = str(error).partition(": ")
        raise Invalid(str(error), errors=(FieldError(field, message),)) from error
    key_of = key_maker(current_tenant())
    names = ("email", "phone", "external")
    return {name: key_of(name, value) if value else None for name, value in zip(names, hashes, strict=True)}
