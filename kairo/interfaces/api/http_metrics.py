"""How many requests each route had and how long they took, counted in whichever process serves them.

Several web processes add up where PROMETHEUS_MULTIPROC_DIR names a folder that they share; `kairo run` makes one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import Final

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNKNOWN: Final = "other"

_own = CollectorRegistry()
_REQUESTS = Counter(
    "kairo_http_requests", "HTTP requests by route and status", ["method", "route", "status"], registry=_own
)
_SECONDS = Histogram(
    "kairo_http_request_seconds",
    "Seconds until an answer began, by route",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=_own,
)


class HttpMetricsMiddleware:
    """Counts every request under its route, never under its path: ids and guesses would make labels without end."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        since = time.monotonic()
        response = self.get_response(request)
        method = request.method if request.method in METHODS else UNKNOWN
        route = request.resolver_match.route if request.resolver_match else UNKNOWN
        _REQUESTS.labels(method, route, str(response.status_code)).inc()
        _SECONDS.labels(method, route).observe(time.monotonic() - since)
        return response


def http_metrics() -> Iterable[Metric]:
    """Collect what all web processes have counted."""
    if FOLDER_VARIABLE not in os.environ:
        return _own.collect()
    return MultiProcessCollector(CollectorRegistry()).collect()  # type: ignore[no-untyped-call, no-any-return]
