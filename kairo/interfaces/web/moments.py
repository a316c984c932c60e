"""A day and time that a person names in the zone of their own."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import QueryDict
from django.utils.translation import gettext as _

from kairo.errors import Invalid


def zone_named(name: str) -> tzinfo:
    """Return a zone, or UTC where there is none of that name: only a page's own script names one."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def moment_given(form: QueryDict, name: str = "publish_at") -> datetime | None:
    """Read a moment from a field of date and time, in the form's `zone`; None where the field is empty.

    Raises:
        Invalid: not a date and time.
    """
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
        return local.replace(tzinfo=zone_named(form.get("zone", ""))).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(_("“%(text)s” is no date and time. Give it as 2026-11-20T09:30.") % {"text": text}) from error
