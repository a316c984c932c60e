"""Changes of knowledge that read or embed first: they are made when the request's own transaction is over."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from kairo.errors import KairoError
from kairo.interfaces.web.errors import kairo_error_page

Refusal = Callable[[KairoError], HttpResponse]


def once_committed(
    request: HttpRequest, change: Callable[[], HttpResponse], *, refused: Refusal | None = None
) -> HttpResponse:
    """Have a change made after this request's transaction, which says whether the person may; its answer is ours."""

    def answer() -> HttpResponse:
        try:
            return change()
        except KairoError as error:
            return refused(error) if refused is not None else kairo_error_page(request, error)

    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    response.once_committed = answer  # type: ignore[attr-defined]
    return response
