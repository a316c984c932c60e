"""Which switches there are, and what is told of them."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum

from pydantic import Field

from kairo.errors import Invalid, NotFound
from kairo.shapes import Frozen


class FlagNotFound(NotFound):
    code = "flag_not_found"


class InvalidFlag(Invalid):
    code = "invalid_flag"


class Flag(StrEnum):
    """The switches that some code asks for; there are no others."""

    ENABLE_TRENDS_ENHANCED = "enable_trends_enhanced"


MEANING = {
    Flag.ENABLE_TRENDS_ENHANCED: "trends with keyphrases, sentiment and topics beside the candidates",
}


class DegradationLevel(IntEnum):
    """How far the product holds back; each level includes the ones before it."""

    NONE = 0
    SOFT = 1
    """5 results a search, no expansion, and models are given a quarter of the posts."""
    HARD = 2
    """Fallback models only, simple trends."""
    EMERGENCY = 3
    """Analyses are off; trends are simple."""


class FlagDTO(Frozen):
    """A switch as it stands for a tenant: for how many of a hundred brands it is on, always the same ones."""

    name: Flag
    meaning: str
    percentage: int = Field(ge=0, le=100)
    changed_at: datetime | None = None
