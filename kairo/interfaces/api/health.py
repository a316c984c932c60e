"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

RETRY_AFTER_S = "5"


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "live"})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether the database answers, its migrations are all applied, and a fleet's broker answers."""
    checks = _checks() | _broker()
    ready = all(verdict == "ok" for verdict in checks.values())
    answer = JsonResponse({"status": "ready" if ready else "not_ready", "checks": checks}, status=200 if ready else 503)
    if not ready:
        answer["Retry-After"] = RETRY_AFTER_S
    return answer


def _checks() -> dict[str, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (OperationalError, InterfaceError):
        return {"database": "away", "migrations": "unknown"}
    return {"database": "ok", "migrations": f"{len(pending)} pending" if pending else "ok"}


def _broker() -> dict[str, str]:
    """Ask the broker, where jobs wait for its messages."""
    if settings.KAIRO_JOBS_ENGINE != "celery":
        return {}
    from kairo.platform.jobs.fleet.broker import LINE

    return {"broker": "ok" if LINE.answers() else "away"}
