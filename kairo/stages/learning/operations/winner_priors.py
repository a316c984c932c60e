"""What ads without evidence of their own start from: the leads of winners whose texts are like theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kairo.likeness import nearness, usual_similarity
from kairo.platform.embeddings import EmbedderUnavailable, default_embedder
from kairo.platform.telemetry.context import logger
from kairo.stages.ads import queries as ads
from kairo.stages.content import queries as content
from kairo.stages.learning.queries.winners import LeadingWinner, has_winners, leading_winners
from kairo.stages.learning.rules.budgets import similar_winners as rules
from kairo.stages.learning.rules.budgets.histories import Floats
from kairo.stages.learning.rules.variant_texts import text_of

log = logger(__name__)

MOST_ASKED, MOST_COMPARED = 1_000, 500
"""Of very many ads only so many, those with the least evidence, are asked for their texts, and these compared."""
NOT_COMPARED = " Winners with a text like its could not be looked up: the embedder is away."


@dataclass(frozen=True)
class Starts:
    """By what factor each ad's prior lies above the account's level, and why, by place; None where no ad's does."""

    factors: Floats | None = None
    reasons: Mapping[int, str] = field(default_factory=dict)


def winner_starts(ad_ids: Sequence[str], impressions: Floats, *, least_impressions: float) -> Starts:
    """Look up what young ads start from, in at most four queries; nothing where the account has no winners."""
    young = np.flatnonzero(impressions < rules.FADES_AT * least_impressions)
    if not len(young) or not has_winners():
        return Starts()
    fewest = young[np.argsort(impressions[young], kind="stable")][:MOST_ASKED]
    texts = _texts({ad_ids[place]: int(place) for place in fewest})
    places = sorted(texts)
    embedder = default_embedder()
    winners = leading_winners(embedder=embedder.name) if places else []
    if not winners:
        return Starts()
    try:
        vectors = embedder.embed([texts[place] for place in places])
    except EmbedderUnavailable as error:
        log.warning("winners_not_compared", ads=len(places), error=str(error)[:500])
        return Starts(reasons=dict.fromkeys(places, NOT_COMPARED))
    return _starts(places, vectors, winners, ad_ids, impressions, least_impressions)


def _texts(place_of: Mapping[str, int]) -> dict[int, str]:
    """Return by place what those ads say that show a variant."""
    variant_of = {ad_id: ad.variant_id for ad_id, ad in ads.ads_by_id(list(place_of)).items() if ad.variant_id}
    variants = content.variants_by_id(set(variant_of.values())) if variant_of else {}
    told = [
        (place, variants[variant_of[ad_id]]) for ad_id, place in place_of.items() if variant_of.get(ad_id) in variants
    ]
    return {place: text_of(variant) for place, variant in told[:MOST_COMPARED]}


def _starts(
    places: Sequence[int],
    vectors: npt.NDArray[np.float32],
    winners: Sequence[LeadingWinner],
    ad_ids: Sequence[str],
    impressions: Floats,
    least_impressions: float,
) -> Starts:
    own, others = vectors.astype(float), np.stack([winner.vector for winner in winners])
    usual = usual_similarity(np.r_[own, others])
    if usual is None:
        return Starts()
    cosines = own @ others.T
    near = nearness(cosines, usual)
    # An ad that has won does not start from itself: what it has done is its evidence already.
    column_of = {winner.ad_id: column for column, winner in enumerate(winners)}
    for row, place in enumerate(places):
        if ad_ids[place] in column_of:
            near[row, column_of[ad_ids[place]]] = 0.0
    figures = np.array([(one.expected, one.rest, one.low, one.high) for one in winners])
    lead = rules.leads(*figures.T)
    found = rules.starting_factors(near, lead, impressions[list(places)], least_impressions=least_impressions)
    if not (found > 1.0).any():
        return Starts()
    factors = np.ones(len(ad_ids))
    factors[list(places)] = found
    reasons = {
        place: _reason(factor, [(winners[one], cosines[row, one]) for one in rules.most_telling(near[row], lead)])
        for row, (place, factor) in enumerate(zip(places, found, strict=True))
        if factor > 1.0
    }
    return Starts(factors, reasons)


def _reason(factor: float, named: Sequence[tuple[LeadingWinner, float]]) -> str:
    told = "; ".join(
        f"ad {winner.ad_id}, return {winner.expected:.2f} beside {winner.rest:.2f}, similarity {similarity:.2f}"
        for winner, similarity in named
    )
    return f" Its prior is {factor:.2f} times the account's level, because texts like its won ({told})."
