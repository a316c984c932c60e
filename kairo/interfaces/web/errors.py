"""Errors as pages, and as fragments where htmx asked; the one place where the pages' errors become status codes."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as marked
from django_htmx.http import reswap, retarget

from kairo import errors
from kairo.interfaces.web.told import told
from kairo.platform.telemetry.context import current_run_id

_STATUS_AND_TITLE: tuple[tuple[type[errors.KairoError], HTTPStatus, str], ...] = (
    (errors.Unauthenticated, HTTPStatus.UNAUTHORIZED, marked("You are not signed in")),
    (errors.Forbidden, HTTPStatus.FORBIDDEN, marked("Your role does not allow this")),
    (errors.NotFound, HTTPStatus.NOT_FOUND, marked("This page is not here")),
    (errors.Conflict, HTTPStatus.CONFLICT, marked("This cannot be done now")),
    (errors.Gone, HTTPStatus.GONE, marked("This way was retired")),
    (errors.VersionConflict, HTTPStatus.PRECONDITION_FAILED, marked("Somebody else changed this first")),
    (errors.TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, marked("This is too large")),
    (errors.Invalid, HTTPStatus.UNPROCESSABLE_ENTITY, marked("This cannot be accepted")),
    (errors.TooMany, HTTPStatus.TOO_MANY_REQUESTS, marked("Too many attempts")),
    (errors.Unavailable, HTTPStatus.SERVICE_UNAVAILABLE, marked("Kairo is not available for the moment")),
)
_FAULT = marked("Something went wrong on our side")
_READ_ON = {"board", "jobs", "making", "package-head", "variants"}
"""The fragments that a person goes on reading when a step failed."""


def kairo_error_page(request: HttpRequest, error: errors.KairoError) -> HttpResponse:
    """Make the answer for one of our own errors; one that no line names is a fault of ours."""
    status, title = _status_and_title(error)
    response = error_page(request, status=status, title=_(title), detail=told(error.message))
    if isinstance(error, errors.TooMany):
        response["Retry-After"] = str(error.retry_after_s)
    return response


def status_of(error: errors.KairoError) -> HTTPStatus:
    """Return the status code of one of our own errors, for a page that tells it in its own words."""
    return _status_and_title(error)[0]


def _status_and_title(error: errors.KairoError) -> tuple[HTTPStatus, str]:
    for kind, status, title in _STATUS_AND_TITLE:
        if isinstance(error, kind):
            return status, title
    return HTTPStatus.INTERNAL_SERVER_ERROR, _FAULT


def error_page(request: HttpRequest, *, status: HTTPStatus, title: str, detail: str) -> HttpResponse:
    """Make a page that says what is wrong, or the same as a fragment in the place that htmx meant to fill.

    Neither asks the database: it may be what is wrong.
    """
    htmx = getattr(request, "htmx", None)
    words = {"title": title, "detail": detail, "status": status.value, "run_id": current_run_id()}
    if not htmx:
        return render(request, "web/error.html", words, status=status)
    fragment = render(request, "web/_error.html", words, status=status)
    if htmx.target in _READ_ON:
        return reswap(retarget(fragment, "#notices"), "innerHTML")
    return fragment


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be read."""
    detail = _("The browser sent something that Kairo cannot read. Go back, reload the page and try again.")
    return error_page(request, status=HTTPStatus.BAD_REQUEST, title=_("This request cannot be read"), detail=detail)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that nobody may make."""
    detail = _("Nobody may do this here.")
    return error_page(request, status=HTTPStatus.FORBIDDEN, title=_("This is not allowed"), detail=detail)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request for a path that does not exist."""
    detail = _("There is nothing at this address.")
    return error_page(request, status=HTTPStatus.NOT_FOUND, title=_("This page is not here"), detail=detail)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer after a fault of ours, with the run id that leads to the log."""
    detail = _(
        "It was written to the log under the run id below. Try again; if it happens again, tell support that id."
    )
    return error_page(request, status=HTTPStatus.INTERNAL_SERVER_ERROR, title=_(_FAULT), detail=detail)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form was too old or came from elsewhere."""
    detail = _("Reload the page and try again. If it happens again, allow cookies for this address.")
    return error_page(request, status=HTTPStatus.FORBIDDEN, title=_("This form has expired"), detail=detail)
