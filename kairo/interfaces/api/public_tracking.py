"""What strangers come in by: the redirect of a short link, the script of a website, and its pixel.

Nobody is told whose link or website it is, nor what is kept of the visit. Who comes too often is served, not counted.
"""

from __future__ import annotations

import time
from base64 import b64decode
from collections import OrderedDict
from importlib.resources import files
from threading import Lock
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.http import http_date
from django.views.decorators.http import require_safe
from pydantic import ValidationError

from kairo.errors import Invalid
from kairo.interfaces.api.errors import problem_response
from kairo.interfaces.api.strict_requests import require_storable
from kairo.platform.database.clock import now
from kairo.platform.telemetry.context import logger
from kairo.platform.tenancy.addresses import client_address
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.tracking import Landing

log = logger(__name__)

PIXEL: Final = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
SCRIPT: Final = (files("kairo.interfaces.api") / "scripts" / "t.js").read_bytes()
SCRIPT_SECONDS: Final = 3_600
WINDOW_S: Final = 60.0
ALLOWED: Final = 600
REMEMBERED_ADDRESSES: Final = 20_000


class Visits:
    """How often an address has come within a minute, in the memory of each process."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = Lock()

    def is_counted(self, address: str, *, at: float) -> bool:
        """Note a visit, and tell whether it is one of those that are counted."""
        with self._lock:
            since, count = self._seen.pop(address, (at, 0))
            if at - since >= WINDOW_S:
                since, count = at, 0
            self._seen[address] = (since, count + 1)
            while len(self._seen) > REMEMBERED_ADDRESSES:
                self._seen.popitem(last=False)
            return count < ALLOWED


visits = Visits()
"""What this process has seen."""


@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponseBase:
    """Store the click and lead on to the ad's page, with the click's id."""
    address = client_address(request)
    keeps = request.method == "GET" and visits.is_counted(address, at=time.monotonic())
    visit = {
        "ip": _line(address),
        "user_agent": request.headers.get("User-Agent", "")[:1_000] or None,
        "language": _language(request),
        "fbclid": request.GET.get("fbclid", "")[:1_000] or None,
        "gclid": request.GET.get("gclid", "")[:1_000] or None,
        "consent": False if request.headers.get("Sec-GPC") == "1" else None,
    }
    try:
        require_storable([code, visit])
        target = operations.follow_link(code=code, visit=visit, keeps=keeps, at=now())
    except (Invalid, ValidationError) as error:
        # What came with the click cannot be kept; the link still leads where it leads.
        log.warning("click_not_kept", error_type=type(error).__name__)
        target = operations.follow_link(code=code, visit={}, keeps=False, at=now()) if code.isalnum() else None
    if target is None:
        return problem_response(404, code="link_not_found", detail="There is no such link.")
    return HttpResponseRedirect(target)


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """Return the script that websites carry."""
    answer = HttpResponse(SCRIPT, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = f"public, max-age={SCRIPT_SECONDS}"
    answer["Expires"] = http_date(time.time() + SCRIPT_SECONDS)
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@require_safe
def pixel(request: HttpRequest) -> HttpResponse:
    """Keep what the script tells of a landing; the answer is the same picture, whatever was told."""
    address = client_address(request)
    if request.method == "GET" and visits.is_counted(address, at=time.monotonic()):
        _take(request, address)
    answer = HttpResponse(PIXEL, content_type="image/gif")
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _take(request: HttpRequest, address: str) -> None:
    told = request.GET
    agrees = {"1": True, "0": False}.get(told.get("c", ""))
    given = {
        "click_id": told.get("k"), "fbclid": told.get("fbclid"), "gclid": told.get("gclid"),
        "ad_id": told.get("ad_id") or told.get("utm_content"), "campaign_id": told.get("utm_campaign"),
        "landing_url": told.get("u"), "screen": told.get("sc"), "timezone": told.get("tz"), "language": told.get("l"),
        "ip": _line(address), "user_agent": request.headers.get("User-Agent", "")[:1_000],
    }  # fmt: skip
    visit = {name: value for name, value in given.items() if value}
    consent = False if request.headers.get("Sec-GPC") == "1" else agrees
    try:
        require_storable([told.get("s", ""), visit])
        landing = Landing.model_validate({**visit, "consent": consent})
        operations.take_landing(site_key=told.get("s", ""), landing=landing, at=now())
    except (Invalid, ValidationError, ValueError) as error:
        log.warning("landing_not_kept", error_type=type(error).__name__)


def _line(address: str) -> str | None:
    # An IPv6 address is counted by its /64, which is all that is compared of it.
    return address.partition("/")[0] or None


def _language(request: HttpRequest) -> str | None:
    first = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
    return first[:35] or None
