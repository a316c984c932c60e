"""What other packages add as entry points; what does not fit is left out with a warning that names it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from importlib.metadata import EntryPoint
from typing import Any

from kairo.platform.telemetry.context import logger

_OUR_PACKAGE = "kairo."


def added(
    points: Iterable[EntryPoint], *, kind: str, members: Collection[str], named_by: str, taken: Iterable[str]
) -> list[Any]:
    """Return an instance of each entry point that has all `members`, and in `named_by` a name that is not taken.

    `kind` is what the warnings call it. Our own entry points are passed over: they are known without being looked up.
    """
    names = set(taken)
    found: list[Any] = []
    for point in points:
        if point.value.startswith(_OUR_PACKAGE):
            continue
        try:
            loaded = point.load()
            one = loaded() if isinstance(loaded, type) else loaded
        except (ImportError, AttributeError, TypeError) as error:
            logger(__name__).warning("plugin_not_loaded", kind=kind, entry_point=point.value, error=str(error))
            continue
        if lacking := [name for name in members if not hasattr(one, name)]:
            logger(__name__).warning("plugin_not_loaded", kind=kind, entry_point=point.value, lacking=lacking)
            continue
        name = getattr(one, named_by)
        if name in names:
            logger(__name__).warning("plugin_name_taken", kind=kind, entry_point=point.value, name=name)
            continue
        names.add(name)
        found.append(one)
    return found
