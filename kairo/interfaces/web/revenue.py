"""The Revenue page: what conversions are credited to, why some are not, what deals count; and each conversion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kairo.errors import NotFound
from kairo.interfaces.web.access import MemberRequest, for_members
from kairo.interfaces.web.brands import place_of
from kairo.interfaces.web.moments import zone_named
from kairo.interfaces.web.revenue_wording import LAYER_WORDS, WINDOW_WORDS
from kairo.platform.database.clock import now
from kairo.stages.revenue import queries
from kairo.stages.revenue.contracts.overview import ConversionsAfter, ListedConversion
from kairo.stages.revenue.contracts.tracking import SiteDTO

CONVERSIONS_PER_PAGE: Final = 50
ADS_SHOWN, CAMPAIGNS_SHOWN, HOLDOUTS_SHOWN = 10, 20, 20
USUAL_WINDOW: Final = "28d"
WINDOWS: Final = ("7d", "28d", "90d", "all")
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
REASONS: Final = (
    "no_candidate", "no_consent", "outside_window", "shared_identity", "ambiguous", "below_threshold",
)  # fmt: skip


@dataclass(frozen=True)
class Narrowed:
    """What a list of conversions is narrowed to, as the address says it."""

    window: str = USUAL_WINDOW
    zone: str = ""
    layer: int | None = None
    reason: str = ""
    ad_id: str = ""

    def since(self, until: datetime) -> datetime:
        """Return the moment behind which the window begins."""
        return BEGINNING if self.window == "all" else until - timedelta(days=int(self.window.removesuffix("d")))

    @property
    def is_narrowed(self) -> bool:
        return bool(self.layer or self.reason or self.ad_id)

    @property
    def window_address(self) -> str:
        """The query string that asks for the same window again."""
        given = {"window": self.window, "zone": self.zone}
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def address(self) -> str:
        """The query string that asks for the same list again."""
        given = {"layer": self.layer, "reason": self.reason, "ad": self.ad_id}
        narrowed = urlencode({name: value for name, value in given.items() if value})
        return "&".join(filter(None, (self.window_address, narrowed)))


@require_safe
@for_members
def revenue(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Show what came of ads in a window of time, and how deals stand."""
    place = place_of(request, brand_slug)
    narrowed, until = narrowed_to(request), now()
    since = narrowed.since(until)
    overview = queries.attribution_overview(since=since, until=until, zone=str(zone_named(narrowed.zone)))
    deals = queries.deals_by_stage()
    is_empty = not overview.conversions and not deals
    shown = {
        "place": place,
        "narrowed": narrowed,
        "windows": WINDOWS,
        "overview": overview,
        "deals": deals,
        "is_empty": is_empty,
        "site": _first_site() if is_empty else None,
        "modelled": queries.modelled(since=since, until=until) if overview.reasons else None,
        "ads": queries.ads_by_credit(since=since, until=until, limit=ADS_SHOWN) if overview.attributed else [],
        "campaigns": queries.campaign_activity(limit=CAMPAIGNS_SHOWN),
        "models": queries.stage_models() if deals else None,
        "holdouts": queries.holdouts(until=until, limit=HOLDOUTS_SHOWN),
        "zone": str(zone_named(narrowed.zone)),
        "current": "revenue",
    }
    return render(request, "revenue/page.html", shown)


@require_safe
@for_members
def conversions(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """List conversions, the newest first, narrowed by layer, reason and ad; a page at a time."""
    place = place_of(request, brand_slug)
    narrowed, until = narrowed_to(request), now()
    after = _after(request)
    found = queries.conversions(
        since=narrowed.since(until),
        until=until,
        layer=narrowed.layer,
        reason=narrowed.reason or None,
        ad_id=narrowed.ad_id or None,
        after=after,
        limit=CONVERSIONS_PER_PAGE + 1,
    )
    listed = found[:CONVERSIONS_PER_PAGE]
    shown = {
        "place": place,
        "narrowed": narrowed,
        "windows": WINDOWS,
        "layers": list(LAYER_WORDS),
        "reasons": REASONS,
        "conversions": listed,
        "is_first_page": after is None,
        "older_than": _cursor(listed[-1]) if len(found) > CONVERSIONS_PER_PAGE else None,
        "current": "revenue",
    }
    return render(request, "revenue/conversions.html", shown)


@require_safe
@for_members
def conversion(request: MemberRequest, brand_slug: str, conversion_key: str) -> HttpResponse:
    """Show one conversion: what it is credited to, the clicks that came into question, and each attempt."""
    place = place_of(request, brand_slug)
    found = queries.conversion(conversion_key)
    return render(request, "revenue/conversion.html", {"place": place, "conversion": found, "current": "revenue"})


def narrowed_to(request: MemberRequest) -> Narrowed:
    """Read from the address what is asked for; a NUL, which no stored text holds, is dropped.

    Raises:
        NotFound: there is no such window or layer.
    """

    def given(name: str) -> str:
        return request.GET.get(name, "").replace("\0", "").strip()

    window, layer = given("window") or USUAL_WINDOW, given("layer")
    if window not in WINDOW_WORDS:
        raise NotFound(_("There is no such window. Choose 7d, 28d, 90d or all."))
    if layer not in {"", *map(str, LAYER_WORDS)}:
        raise NotFound(_("There is no such layer. Choose 1, 2 or 3."))
    return Narrowed(
        window=window,
        zone=given("zone"),
        layer=int(layer) if layer else None,
        reason=given("reason"),
        ad_id=given("ad"),
    )


def _first_site() -> SiteDTO | None:
    return next(iter(queries.sites(limit=1)), None)


def _cursor(last: ListedConversion) -> str:
    microseconds = (last.occurred_at - _EPOCH) // timedelta(microseconds=1)
    return f"{microseconds}-{last.id}"


def _after(request: MemberRequest) -> ConversionsAfter | None:
    text = request.GET.get("before")
    if not text:
        return None
    microseconds, _dash, name = text.partition("-")
    try:
        return ConversionsAfter(_EPOCH + timedelta(microseconds=int(microseconds)), UUID(name))
    except (ValueError, OverflowError) as error:
        raise NotFound(_("There is no such page of this list.")) from error
