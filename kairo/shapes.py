"""The two base shapes of every contract: frozen answers, and strict input."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """What queries return, the API serialises and pages render; it never changes after it was made."""

    model_config = ConfigDict(frozen=True)


class Strict(BaseModel):
    """What comes in from people and programs: an unknown field is a mistake that they should hear of."""

    model_config = ConfigDict(extra="forbid", frozen=True)
