"""Short links and websites: what strangers come in by, found before it is known whose they are."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.errors import FieldError
from kairo.platform.database.sessions import current_tenant, scoped_to
from kairo.platform.database.sql import first_row
from kairo.stages.revenue.adapters.tenant_keys import code_of
from kairo.stages.revenue.contracts.tracking import (
    ClickInput,
    Landing,
    LinkDraft,
    LinkDTO,
    SiteDraft,
    SiteDTO,
    TrackedClick,
    UnsafeTarget,
)
from kairo.stages.revenue.models.tracking import TrackedLink, TrackedSite
from kairo.stages.revenue.operations.landing import land
from kairo.stages.revenue.operations.tracking import new_click_id, track_click
from kairo.stages.revenue.rules.targets import CLICK_PARAMETER, safe_target, with_parameters
from kairo.stages.revenue.rules.user_agents import is_bot

CODE_CHARACTERS = 11
KEY_CHARACTERS = 16


def make_link(*, draft: LinkDraft, at: datetime) -> LinkDTO:
    """Make an ad's short link to a page, or return the one that there is.

    Raises:
        UnsafeTarget: the target is no page on the web.
    """
    try:
        target = safe_target(draft.target_url)
    except ValueError as error:
        raise UnsafeTarget(f"target_url: {error}", errors=(FieldError("target_url", str(error)),)) from error
    code = code_of(current_tenant(), "link", f"{draft.ad_id}\n{target}", characters=CODE_CHARACTERS)
    link, _ = TrackedLink.objects.get_or_create(
        ad_id=draft.ad_id,
        target_url=target,
        defaults={"code": code, "campaign_id": draft.campaign_id, "created_at": at},
    )
    return link.to_contract()


def add_site(*, draft: SiteDraft, at: datetime) -> SiteDTO:
    """Make a website's key, or return the one that it has."""
    key = code_of(current_tenant(), "site", draft.name, characters=KEY_CHARACTERS)
    site, _ = TrackedSite.objects.get_or_create(name=draft.name, defaults={"key": key, "created_at": at})
    return site.to_contract()


def follow_link(*, code: str, visit: dict[str, str | bool | None], keeps: bool, at: datetime) -> str | None:
    """Store the click of whoever follows a link and return where it leads; None where there is no such link.

    `keeps`: false for somebody who comes too often, or only looks; programs that say they are none are never counted.
    """
    found = first_row("SELECT tenant_id, ad_id, campaign_id, target_url FROM revenue_find_link(%s)", [code])
    if found is None:
        return None
    tenant_id, ad_id, campaign_id, target = found
    if not keeps or is_bot(str(visit.get("user_agent") or "")):
        return str(target)
    with scoped_to(UUID(str(tenant_id))):
        click = ClickInput.model_validate(
            {**visit, "click_id": new_click_id(None), "ad_id": ad_id, "campaign_id": campaign_id,
             "landing_url": target, "clicked_at": at.isoformat()}
        )  # fmt: skip
        stored: TrackedClick = track_click(click=click, at=at)
    ids = {name: str(visit[name]) for name in ("fbclid", "gclid") if visit.get(name)}
    return with_parameters(str(target), {CLICK_PARAMETER: stored.click_id, **ids})


def take_landing(*, site_key: str, landing: Landing, at: datetime) -> bool:
    """Keep what a page's script tells of a landing; false where no website has this key."""
    found = first_row("SELECT tenant_id FROM revenue_find_site(%s)", [site_key])
    if found is None:
        return False
    with scoped_to(UUID(str(found[0]))):
        land(landing=landing, at=at)
    return True
