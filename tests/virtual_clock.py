"""Following the virtual clock in a test: the setting of this process, and the option of its connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.test import override_settings

from kairo.platform.database.clock import release_clock

OPTION = "-c kairo.virtual_clock=on"


@contextmanager
def virtual_clock() -> Iterator[None]:
    """Have this process follow the virtual clock for the block, as KAIRO_VIRTUAL_CLOCK=true would."""
    options = connections["default"].settings_dict["OPTIONS"]
    before = options.get("options", "")
    connections.close_all()
    options["options"] = f"{before} {OPTION}".strip()
    try:
        with override_settings(KAIRO_VIRTUAL_CLOCK=True):
            yield
            release_clock()
    finally:
        connections.close_all()
        options["options"] = before
