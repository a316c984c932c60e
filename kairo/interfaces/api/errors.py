"""The one error form, application/problem+json, and the one place where errors become status codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as NinjaValidationError

from kairo import errors
from kairo.platform.telemetry.context import current_run_id, logger
from kairo.shapes import Frozen

log = logger(__name__)

RETRY_AFTER_S = 5
# Who sends ten thousand mistakes needs not hear of each.
MAX_FIELDS = 50
MAX_DETAIL_CHARACTERS = 4_000
INSTEAD_OF_LARGE_BODIES: Mapping[str, str] = {
    "/api/ml/battle-hardened/select": "Tell the ads by /api/ads and their figures by feedback, 1,000 at a time, and"
    " give campaign_id in place of ad_states.",
}
"""What to do where a body cannot be cut into several."""


class FieldProblem(Frozen):
    field: str
    message: str


class Problem(Frozen):
    """What every refusal and failure looks like (RFC 9457, with Kairo's members)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    run_id: str | None = None
    retryable: bool = False
    user_message: str
    errors: list[FieldProblem] | None = None


PROBLEMS: Mapping[int, type[Problem]] = dict.fromkeys((400, 401, 429, 500, 503), Problem)
"""What every operation may answer; `document` adds what follows from an operation's method and path."""

STATUS_OF: tuple[tuple[type[errors.KairoError], HTTPStatus], ...] = (
    (errors.Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (errors.Forbidden, HTTPStatus.FORBIDDEN),
    (errors.NotFound, HTTPStatus.NOT_FOUND),
    (errors.VersionConflict, HTTPStatus.PRECONDITION_FAILED),
    (errors.Conflict, HTTPStatus.CONFLICT),
    (errors.Gone, HTTPStatus.GONE),
    (errors.TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (errors.Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (errors.TooMany, HTTPStatus.TOO_MANY_REQUESTS),
    (errors.Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)


def status_of(error: errors.KairoError) -> HTTPStatus:
    """Return the status for an error; one that no line names is a fault of ours."""
    for kind, status in STATUS_OF:
        if isinstance(error, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem_response(
    status: int,
    *,
    code: str,
    detail: str,
    retryable: bool = False,
    fields: tuple[errors.FieldError, ...] = (),
    retry_after_s: int | None = None,
) -> HttpResponse:
    """Make an answer in the error form."""
    run_id = current_run_id()
    detail = detail if len(detail) <= MAX_DETAIL_CHARACTERS else f"{detail[:MAX_DETAIL_CHARACTERS]}…"
    problem = Problem(
        type=f"urn:kairo:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        run_id=str(run_id) if run_id else None,
        retryable=retryable,
        user_message=detail,
        errors=[FieldProblem(field=field.field, message=field.message) for field in fields[:MAX_FIELDS]] or None,
    )
    response = HttpResponse(
        problem.model_dump_json(exclude_none=True), status=status, content_type="application/problem+json"
    )
    response["Cache-Control"] = "no-store"
    if retry_after_s is not None:
        response["Retry-After"] = str(retry_after_s)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def kairo_problem(error: errors.KairoError) -> HttpResponse:
    """Make the answer for one of our own errors."""
    retry_after_s = error.retry_after_s if isinstance(error, errors.TooMany) else None
    if isinstance(error, errors.Unavailable):
        retry_after_s = RETRY_AFTER_S
    return problem_response(
        status_of(error),
        code=error.code,
        detail=error.message,
        retryable=error.retryable,
        fields=error.errors,
        retry_after_s=retry_after_s,
    )


def install_error_handlers(api: NinjaAPI) -> None:
    """Map every exception that can leave a view to the error form."""
    for kind, answer in _ANSWERS:
        api.add_exception_handler(kind, answer)


def _expected(request: HttpRequest, error: errors.KairoError) -> HttpResponse:
    return kairo_problem(error)


def _misformed(request: HttpRequest, error: NinjaValidationError) -> HttpResponse:
    fields = tuple(
        errors.FieldError(".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0]), item["msg"])
        for item in error.errors
    )
    detail = "; ".join(f"{field.field}: {field.message}" for field in fields)
    return problem_response(422, code="invalid", detail=detail, fields=fields)


def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, errors.KairoError):
        return kairo_problem(error.__cause__)
    return problem_response(error.status_code, code="bad_request", detail=str(error))


def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    detail = "The request's body cannot be read as what its Content-Type says."
    return problem_response(422, code="unreadable_body", detail=detail)


def _too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    instead = INSTEAD_OF_LARGE_BODIES.get(request.path, "Send it in several requests.")
    detail = f"The request's body is larger than {limit:,} bytes. {instead}"
    return problem_response(413, code="too_large", detail=detail)


def _unstorable(request: HttpRequest, error: DataError) -> HttpResponse:
    """Answer for a value that PostgreSQL cannot hold; any other complaint about data is a fault of ours."""
    state = getattr(error.__cause__, "sqlstate", None)
    if state not in _STATES_OF_UNSTORABLE_VALUES:
        return _unexpected(request, error)
    log.warning("value_refused_by_database", sqlstate=state)
    return problem_response(422, code="invalid", detail="A value is outside of what can be stored.")


def _away(request: HttpRequest, error: Exception) -> HttpResponse:
    """Leave it to the middleware that answers for the database, wherever it was found to be away."""
    raise error


def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem_response(404, code="not_found", detail="There is nothing at this address.")


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("request_failed", error_type=type(error).__name__, exc_info=error)
    detail = "Something went wrong on our side. The run id leads to the log."
    return problem_response(500, code="internal_error", detail=detail, retryable=True)


# Number, date or offset out of range; no such character.
_STATES_OF_UNSTORABLE_VALUES = frozenset({"22003", "22008", "22009", "22021", "22P05"})
_ANSWERS: tuple[tuple[type[Exception], Callable[..., HttpResponse]], ...] = (
    (errors.KairoError, _expected),
    (NinjaValidationError, _misformed),
    (HttpError, _refused),
    (RequestDataTooBig, _too_large),
    (SuspiciousOperation, _unreadable),
    (MultiPartParserError, _unreadable),
    (UnreadablePostError, _unreadable),
    (BadRequest, _unreadable),
    (DataError, _unstorable),
    (OperationalError, _away),
    (InterfaceError, _away),
    (Http404, _missing),
    (Exception, _unexpected),
)
