"""Whether an ad is killed, held or scaled, and why, in words and numbers.

A plain threshold on won revenue kills good ads, whose deals are still open: an ad is judged by what its clicks will
have brought in the end, and only once it has had money and time enough. Every threshold is a setting of the tenant.
"""

from __future__ import annotations

from typing import NamedTuple

from kairo.stages.learning.contracts.budgets import BudgetMode, BudgetSettings, Decision


class AdEvidence(NamedTuple):
    """What is known of an ad when it is judged. Returns are at an even share of the budget; days are days.

    `age` is None where nobody knows it; `since_half_spend` are days since half of the money was spent.
    """

    spend: float
    impressions: float
    age: float | None
    since_half_spend: float
    median_delay: float
    roas: float
    roas_low: float
    roas_high: float
    probability_losing: float
    probability_scaling: float
    recommended_budget: float


class Verdict(NamedTuple):
    decision: Decision
    reason: str


def should_kill_service_ad(evidence: AdEvidence, settings: BudgetSettings) -> Verdict:
    """Judge an ad whose deals take weeks: never before a median conversion delay has passed since half of its spend."""
    ignorance = _ignorance(evidence, settings)
    if ignorance is not None:
        return ignorance
    wait = settings.kill_after_median_delays * evidence.median_delay
    if _is_losing(evidence, settings) and evidence.since_half_spend < wait:
        return Verdict(
            Decision.HOLD,
            f"Held: it looks like a loss ({_returns(evidence)}), but half of its spend is only"
            f" {evidence.since_half_spend:.0f} days old and half of all wins take {evidence.median_delay:.0f} days.",
        )
    return _by_posterior(evidence, settings)


def should_kill_direct_ad(evidence: AdEvidence, settings: BudgetSettings) -> Verdict:
    """Judge an ad of a shop: its orders come within days, so it waits for little but money."""
    return should_kill_service_ad(evidence, settings)


def judged(evidence: AdEvidence, settings: BudgetSettings, mode: BudgetMode) -> Verdict:
    """Judge an ad by the rule of its mode."""
    rule = should_kill_direct_ad if mode is BudgetMode.DIRECT else should_kill_service_ad
    return rule(evidence, settings)


def _ignorance(evidence: AdEvidence, settings: BudgetSettings) -> Verdict | None:
    currency = settings.currency
    if evidence.age is None or evidence.age < settings.ignore_younger_than_days:
        age = "unknown" if evidence.age is None else f"{evidence.age:.1f} days"
        return Verdict(
            Decision.HOLD,
            f"Held: too early to tell. Its age is {age}, the least is {settings.ignore_younger_than_days:g} days.",
        )
    if evidence.spend < settings.ignore_spend_below:
        return Verdict(
            Decision.HOLD,
            f"Held: too early to tell. It has spent {evidence.spend:,.2f} {currency},"
            f" the least is {settings.ignore_spend_below:,.2f}.",
        )
    if evidence.impressions < settings.min_impressions_for_decision:
        return Verdict(
            Decision.HOLD,
            f"Held: judged by its siblings. It has {evidence.impressions:,.0f} impressions,"
            f" the least is {settings.min_impressions_for_decision:,}.",
        )
    return None


def _is_losing(evidence: AdEvidence, settings: BudgetSettings) -> bool:
    least = max(settings.kill_spend_above, settings.kill_spend_in_target_costs * settings.target_cost_per_result)
    return evidence.spend > least and evidence.probability_losing >= settings.kill_probability


def _by_posterior(evidence: AdEvidence, settings: BudgetSettings) -> Verdict:
    if _is_losing(evidence, settings):
        return Verdict(
            Decision.KILL,
            f"Killed: after {evidence.spend:,.2f} {settings.currency} its ROAS is below {settings.kill_roas:g} with"
            f" {evidence.probability_losing:.0%} probability ({_returns(evidence)}).",
        )
    if evidence.probability_scaling >= settings.scale_probability:
        return Verdict(
            Decision.SCALE,
            f"Scaled: its ROAS is above {settings.scale_roas:g} with {evidence.probability_scaling:.0%} probability"
            f" ({_returns(evidence)}). Raise it by at most {settings.scale_step:.0%} a step.",
        )
    if evidence.recommended_budget <= 0:
        return Verdict(
            Decision.HOLD,
            f"Held without money: other ads, or none, use the next {settings.currency} better ({_returns(evidence)}).",
        )
    return Verdict(
        Decision.HOLD,
        f"Held: ROAS below {settings.kill_roas:g} with {evidence.probability_losing:.0%} probability, above"
        f" {settings.scale_roas:g} with {evidence.probability_scaling:.0%} ({_returns(evidence)}).",
    )


def _returns(evidence: AdEvidence) -> str:
    return f"expected ROAS {evidence.roas:.2f}, 90 % interval {evidence.roas_low:.2f} to {evidence.roas_high:.2f}"
