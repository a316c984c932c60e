"""Gives each request a run id, and each answer the X-Run-ID header."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from kairo.platform.telemetry.context import run_context

HEADER = "X-Run-ID"


class RunMiddleware:
    """Wraps every other middleware, so that their logs and answers carry the id too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with run_context(path=request.path) as run_id:
            response = self.get_response(request)
            response[HEADER] = str(run_id)
            return response
