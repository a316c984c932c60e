"""How templates put revenue into words; each filter leans on revenue_wording.py."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django import template

from kairo.interfaces.web import revenue_wording as said
from kairo.stages.revenue.contracts.deals import DealOutcome
from kairo.stages.revenue.contracts.overview import MoneyDTO
from kairo.stages.revenue.contracts.tracking import HoldoutKind

register = template.Library()


@register.filter
def revenue_window_words(window: str) -> str:
    return said.window_words(window)


@register.filter
def layer_words(layer: int) -> str:
    return said.layer_words(layer)


@register.filter
def method_words(method: str) -> str:
    return said.method_words(method)


@register.filter
def reason_words(reason: str) -> str:
    return said.reason_words(reason)


@register.filter
def outcome_words(outcome: DealOutcome) -> str:
    return said.outcome_words(outcome)


@register.filter
def conversion_type_words(name: str) -> str:
    return said.conversion_type_words(name)


@register.filter
def holdout_words(kind: HoldoutKind) -> str:
    return said.holdout_words(kind)


@register.filter
def money(amount: Decimal, currency: str) -> str:
    return said.money_words(amount, currency)


@register.filter
def sums(values: Sequence[MoneyDTO]) -> list[str]:
    return [said.money_words(value.amount, value.currency) for value in values]


@register.filter
def ratio(value: float) -> str:
    return said.ratio_words(value)
