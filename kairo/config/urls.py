"""Every path, by the interface that serves it, and who answers where no view does."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from kairo.interfaces.api.app import api
from kairo.interfaces.api.errors import problem_response
from kairo.interfaces.api.health import healthz, readyz
from kairo.interfaces.api.metrics import metrics
from kairo.interfaces.api.outage import away, is_outage
from kairo.interfaces.api.public_tracking import follow, pixel, script
from kairo.interfaces.telegram import webhook
from kairo.interfaces.web import errors as pages
from kairo.platform.tenancy.internal import PAGES_PATH

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("c/<str:code>", follow),
    path("t.js", script),
    path("p.gif", pixel),
    path("api/", api.urls),
    path(webhook.PATH, webhook.receive),
    path(PAGES_PATH.removeprefix("/"), include("kairo.interfaces.web.internal_urls")),
    path("", include("kairo.interfaces.web.urls")),
]


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _asks_api(request):
        return problem_response(400, code="bad_request", detail="The request cannot be read.")
    return pages.bad_request(request, exception)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _asks_api(request):
        return problem_response(403, code="forbidden", detail="Nobody may do this here.")
    return pages.forbidden(request, exception)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _asks_api(request):
        return problem_response(404, code="not_found", detail="There is nothing at this address.")
    return pages.not_found(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    error = sys.exc_info()[1]
    if error is not None and is_outage(error):
        return away(request, error)
    if _asks_api(request):
        detail = "Something went wrong on our side. The run id leads to the log."
        return problem_response(500, code="internal_error", detail=detail, retryable=True)
    return pages.server_error(request)


def _asks_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
