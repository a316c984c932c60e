"""Handing ads that won down to the stages that find and write the next ones."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

import numpy as np

from kairo.stages.learning.models import Winner
from kairo.stages.learning.rules.budgets.similar_winners import leads
from kairo.stages.learning.rules.winner_forms import form_of
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities.contracts import KnownWinnerDTO

MOST_HANDED = 2_000
_TOLD = ("expected_roas", "rest_roas", "low", "high", "results")


def hand_down(winners: Sequence[Winner]) -> None:
    """Hand down what is new of some winners, in the caller's transaction; who does not say his lead is taken back."""
    known = list(_known(winners))
    opportunities.take_winners(winners=known)
    told = {winner.ad_id for winner in known}
    opportunities.withdraw_winners(ad_ids=[row.ad_id for row in winners if row.ad_id not in told])


def hand_all_down() -> None:
    """Hand the newest winners down, and take back all others."""
    newest = Winner.objects.order_by("-added_at", "-id")[:MOST_HANDED]
    opportunities.take_winners(winners=list(_known(newest)), are_all=True)


def _known(winners: Iterable[Winner]) -> Iterator[KnownWinnerDTO]:
    for row in winners:
        figures = _figures(row)
        if figures is None:
            continue
        expected, rest, low, high, results = figures
        [lead] = leads(*(np.array([figure]) for figure in (expected, rest, low, high)))
        brand_id = row.metadata.get("brand_id")
        yield KnownWinnerDTO(
            ad_id=row.ad_id,
            brand_id=UUID(brand_id) if _is_id(brand_id) else None,
            variant_id=row.variant_id,
            expected=expected,
            beside=rest,
            results=round(results),
            lead=float(lead),
            why=row.why,
            form=form_of(row.text),
            embedder=row.embedder,
            vector=b64encode(np.asarray(row.embedding, dtype="<f4").tobytes()).decode(),
            won_at=row.added_at,
        )


def _figures(row: Winner) -> tuple[float, float, float, float, float] | None:
    """Return by how much a winner was ahead, where it says so in figures that can be."""
    found = [row.metrics.get(name) for name in _TOLD]
    if any(isinstance(one, bool) or not isinstance(one, int | float) or one <= 0 for one in found):
        return None
    expected, rest, low, high, results = (float(one) for one in found)
    return (expected, rest, low, high, results) if low <= high else None


def _is_id(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
