"""What deals are pulled through: a CRM that is asked page by page, and how one waits for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kairo.stages.revenue.contracts.stages import PipelineStages

Wait = Callable[[float], None]
"""Waits so many seconds, or says that it will not by raising."""


@dataclass(frozen=True)
class SearchFrom:
    """Where a search begins: at a moment of last change, or behind a deal among those of one moment."""

    at: datetime | None = None
    behind_id: int | None = None
    most: int = 200


@dataclass(frozen=True)
class FoundDeal:
    """A deal as the CRM has it now."""

    deal_id: str
    properties: Mapping[str, str | None]
    modified_at: datetime


class PullsDeals(Protocol):
    """A CRM whose deals can be searched by their last change."""

    def search(self, start: SearchFrom, *, properties: Sequence[str]) -> list[FoundDeal]:
        """Return the next deals: by last change from `at` on, or by id behind `behind_id` among those changed `at`.

        Raises:
            HubSpotAway: it cannot be asked now.
            HubSpotRefused: it does not take the credentials or the question.
        """

    def pipelines(self) -> list[PipelineStages]:
        """Return the stages of all pipelines, with the probabilities of their metadata."""

    @property
    def waited_s(self) -> float:
        """For how many seconds its limits have been waited for."""
