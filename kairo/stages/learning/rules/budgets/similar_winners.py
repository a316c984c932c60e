"""What an ad without evidence of its own may start from: a modest part of the lead that similar winners had.

Winners are those that won by luck too, and a text is not all of an ad: a lead is drawn to none by how uncertain it is,
only a part of it is believed to carry over, and the prior stays as wide as any ad's. Factors of the account's level;
1 is no shift at all.
"""

from __future__ import annotations

import numpy as np

from kairo.stages.learning.rules.budgets.histories import Floats

LEADS_DIFFER = 0.5
"""How far leads differ in truth (logarithm): a lead known less well than that is mostly luck."""
LONGEST_LEAD = float(np.log(4.0))
CARRIED = 0.5
"""Of a winner's lead, the part that the same text in another ad is believed to have."""
NONE_WEIGHT = 0.5
"""No lead at all counts as so many winners of the same text."""
MOST = float(np.log(1.5))
FADES_AT = 400.0
"""By so many times the impressions that a decision needs nothing is left of the shift; its own evidence says more long
before that."""
NAMED = 3


def leads(expected: Floats, rest: Floats, low: Floats, high: Floats) -> Floats:
    """Return by how much winners are ahead of their campaigns (logarithm), drawn to nothing where that is uncertain."""
    lead = np.clip(np.log(np.maximum(expected, 1e-9) / rest), 0.0, LONGEST_LEAD)
    spread = np.log(np.maximum(high, 1e-9) / np.maximum(low, 1e-9)) / 3.29
    return np.asarray(lead * LEADS_DIFFER**2 / (LEADS_DIFFER**2 + spread**2))


def starting_factors(near: Floats, lead: Floats, impressions: Floats, *, least_impressions: float) -> Floats:
    """Return by what factor each ad's prior is shifted: `near` is (ads, winners), `lead` one number a winner."""
    shift = CARRIED * (near @ lead) / (near.sum(axis=1) + NONE_WEIGHT)
    left = np.clip(1.0 - impressions / max(FADES_AT * least_impressions, 1e-9), 0.0, 1.0)
    return np.asarray(np.exp(np.minimum(shift, MOST) * left))


def most_telling(near: Floats, lead: Floats) -> list[int]:
    """List the winners that an ad starts from, the most telling first."""
    worth = near * lead
    ordered = np.argsort(-worth, kind="stable")[:NAMED]
    return [int(place) for place in ordered if worth[place] > 0]
