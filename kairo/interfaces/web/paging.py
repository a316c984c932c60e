"""Which page of a list is asked for: lists go on behind an id."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kairo.errors import NotFound


def row_named(request: HttpRequest, parameter: str = "before") -> UUID | None:
    """Return the id behind which the page of a list begins, or None on the first.

    Raises:
        NotFound: it is no id.
    """
    text = request.GET.get(parameter)
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(_("There is no such page of this list.")) from error
