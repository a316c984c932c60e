"""Answers that no view makes: the database is away (503 with Retry-After), or the method is not allowed."""

from __future__ import annotations

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render

from kairo.interfaces.api.errors import RETRY_AFTER_S, problem_response
from kairo.platform.telemetry.context import logger

log = logger(__name__)
DETAIL = "The database is away for the moment. Try again in a few seconds."


class OutageMiddleware:
    """Answers for views; what a middleware could not ask the database comes by the handler of faults (`handler500`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.path.startswith("/api/"):
            return not_allowed(response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Catch it before Django makes a fault of it."""
        return away(request, error) if is_outage(error) else None


def is_outage(error: BaseException | None) -> bool:
    """Tell whether an error says that the database could not be asked."""
    return isinstance(error, OperationalError | InterfaceError)


def not_allowed(response: HttpResponseNotAllowed) -> HttpResponse:
    """Put the refusal of a method into the error form."""
    allowed = response["Allow"]
    problem = problem_response(405, code="method_not_allowed", detail=f"This address answers {allowed} only.")
    problem["Allow"] = allowed
    return problem


def away(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Make the answer, and leave one line in the log."""
    log.warning("database_away", error=str(error).splitlines()[0] if str(error) else type(error).__name__)
    if request.path.startswith("/api/"):
        answer = problem_response(503, code="unavailable", detail=DETAIL, retryable=True, retry_after_s=RETRY_AFTER_S)
    else:
        answer = render(request, "web/error.html", {"title": "The database is away", "detail": DETAIL}, status=503)
        answer["Retry-After"] = str(RETRY_AFTER_S)
        answer["Cache-Control"] = "no-store"
    # Django would write the whole traceback, for each request of the outage.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer
