"""What several web processes count adds up, also of one that has gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

SERVE = """
import sys
from django.conf import settings
settings.configure()
from django.http import HttpResponse
from django.test import RequestFactory
from prometheus_client import CollectorRegistry, generate_latest
from kairo.interfaces.api.http_metrics import HttpMetricsMiddleware, http_metrics

serve = HttpMetricsMiddleware(lambda request: HttpResponse("x", status=503))
for _ in range(int(sys.argv[1])):
    serve(RequestFactory().get("/anything"))

class Collected:
    collect = staticmethod(http_metrics)

registry = CollectorRegistry()
registry.register(Collected())
sys.stdout.buffer.write(generate_latest(registry))
"""


def serve(count: int, folder: Path) -> dict[str, float]:
    """Serve so many requests in a process of its own, and return what it then tells."""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    told = subprocess.run([sys.executable, "-c", SERVE, str(count)], env=environment, capture_output=True, check=True)
    families = text_string_to_metric_families(told.stdout.decode())
    return {
        sample.name: sample.value
        for family in families
        for sample in family.samples
        if sample.labels.get("le") in (None, "+Inf")
    }


def test_the_counts_of_two_processes_add_up(tmp_path: Path) -> None:
    first = serve(3, tmp_path)
    second = serve(2, tmp_path)

    assert first["kairo_http_requests_total"] == 3
    assert second["kairo_http_requests_total"] == 5
    assert second["kairo_http_request_seconds_count"] == 5
