"""Ads that won, as a later stage hands them down: what they brought and how they are built, without their texts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kairo.shapes import Frozen


class TextOpening(StrEnum):
    """What a text begins with."""

    QUESTION = "question"
    FIGURE = "figure"
    STATEMENT = "statement"


class TextInvitation(StrEnum):
    """How a text asks its reader to do something at its end."""

    QUESTION = "question"
    REQUEST = "request"
    NONE = "none"


class WinnerForm(Frozen):
    """How a winner's text is built."""

    opening: TextOpening
    invitation: TextInvitation
    characters: int
    addresses_reader: bool


class KnownWinnerDTO(Frozen):
    """An ad that beat the rest of its campaign: `expected` is its return, `beside` the rest's.

    `lead` is the logarithm of the one over the other, drawn to nothing by how uncertain it is. `vector` is what its
    text is to `embedder`: 32-bit floats, little-endian, in base64. Without a `brand_id` it speaks for
    all brands of the account.
    """

    ad_id: str
    brand_id: UUID | None = None
    variant_id: UUID | None = None
    expected: float
    beside: float
    results: int
    lead: float
    why: str
    form: WinnerForm
    embedder: str
    vector: str
    won_at: datetime
