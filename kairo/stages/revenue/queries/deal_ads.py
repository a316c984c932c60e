"""Whose ad a deal is by attribution, where its CRM names none: by the click that it came from, or by its conversion."""

from __future__ import annotations

from collections.abc import Mapping

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows

_BY_CONVERSION = """
SELECT conversion_id, ad_id FROM conversion_tracking
WHERE tenant_id = %(tenant)s AND attributed AND ad_id IS NOT NULL AND conversion_id = ANY(%(deals)s)
"""
# The id is compared too: a key is a short hash.
_BY_CLICK = """
SELECT DISTINCT ON (click_id) click_id, ad_id FROM click_tracking
WHERE tenant_id = %(tenant)s AND click_key = ANY(%(keys)s) AND click_id = ANY(%(clicks)s)
ORDER BY click_id, clicked_at DESC
"""


def ads_of_deals(clicks: Mapping[str, str | None], *, click_keys: Mapping[str, int]) -> dict[str, str]:
    """Return the ads of deals in two statements, given each deal's id and click, and each click's key.

    A deal's own click says more than a conversion of the same id.
    """
    if not clicks:
        return {}
    tenant_id = current_tenant()
    found: dict[str, str] = dict(rows(_BY_CONVERSION, {"tenant": tenant_id, "deals": list(clicks)}))
    if not click_keys:
        return found
    named = {"tenant": tenant_id, "keys": list(click_keys.values()), "clicks": list(click_keys)}
    by_click: dict[str, str] = dict(rows(_BY_CLICK, named))
    return found | {deal_id: by_click[click] for deal_id, click in clicks.items() if click in by_click}
