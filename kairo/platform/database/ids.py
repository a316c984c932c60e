"""Ids that sort by the time of their making, so that indexes grow at one end."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Make a version 7 UUID."""
    return uuid7()
