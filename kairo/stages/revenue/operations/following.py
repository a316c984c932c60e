"""Following a chain: what is asked for by an id from outside is looked up by the tenant's own key."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.platform.database.sessions import current_tenant
from kairo.stages.revenue import queries
from kairo.stages.revenue.adapters.tenant_keys import key_maker
from kairo.stages.revenue.contracts.lineage import ChainDTO, ChainKind, ClicksBefore


def follow(
    *,
    kind: ChainKind,
    object_id: str,
    at: datetime,
    brand_id: UUID | None = None,
    source: str | None = None,
    clicks_before: ClicksBefore | None = None,
) -> ChainDTO:
    """Return the chain through a thing, from the posts behind it to the deals that it became. Stores nothing.

    Raises:
        LineageNotFound: the thing is not there, another brand's, or somebody else's.
        AmbiguousDeal: several CRMs have a deal of this id, and none is named by `source`.
    """
    key = key_maker(current_tenant())("click", object_id) if kind is ChainKind.CLICK else None
    return queries.lineage(
        kind, object_id, at=at, brand_id=brand_id, click_key=key, source=source, clicks_before=clicks_before
    )
