"""The delay curve as it is kept in the registry."""

from __future__ import annotations

from kairo.shapes import Frozen


class KeptDelayCurve(Frozen):
    """What the account's closed deals say of delays; ages are days since the click.

    `changes` are (end, age, units, chance) of open value, ends from 0 (lost as a lead) to 3 (won); `wins` are (age,
    chance); what is zero is left out. `closed_by` is the share of deals of each end that have closed by each age.
    """

    changes: list[tuple[int, int, int, float]]
    wins: list[tuple[int, float]]
    closed_by: list[list[float]]
    deals: int
    won: int
