"""The API as a whole: its routers, its authentication, its errors."""

from __future__ import annotations

from kairo import __version__
from kairo.interfaces.api import (
    ad_accounts,
    ad_changes,
    ads,
    analyses,
    attribution,
    battle_hardened,
    brand_profiles,
    brand_settings,
    brands,
    chats,
    content,
    crm,
    decisions,
    evidence,
    evidence_search,
    gathers,
    insights,
    knowledge,
    learning,
    lineage,
    models,
    opportunities,
    runs,
    synthetic_revenue,
    webhooks,
    winners,
)
from kairo.interfaces.api.auth import signed_in
from kairo.interfaces.api.document import DocumentedAPI
from kairo.interfaces.api.errors import install_error_handlers
from kairo.interfaces.api.strict_requests import StrictParser

api = DocumentedAPI(
    title="Kairo",
    version=__version__,
    description="Market evidence into cited opportunities. Send `Authorization: Bearer TOKEN`.",
    auth=signed_in,
    parser=StrictParser(),
    openapi_url="/openapi.json",
    docs_url="/docs",
)
install_error_handlers(api)
for area in (
    brands,
    brand_profiles,
    brand_settings,
    evidence,
    evidence_search,
    insights,
    analyses,
    knowledge,
    gathers,
    opportunities,
    content,
    decisions,
    learning,
    lineage,
    runs,
    webhooks,
    chats,
    synthetic_revenue,
    crm,
    ads,
    ad_accounts,
    ad_changes,
    attribution,
    battle_hardened,
    winners,
    models,
):
    api.add_router("", area.router)
