"""Money to its last minor unit: how many there are in each currency, and rounding that favours nobody."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

# ISO 4217: every other currency in use has two.
_WITHOUT = frozenset({
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
})  # fmt: skip
_THREE = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_FOUR = frozenset({"CLF", "UYW"})


def minor_digits(currency: str) -> int:
    """Return how many digits stand behind the point."""
    if currency in _WITHOUT:
        return 0
    if currency in _THREE:
        return 3
    return 4 if currency in _FOUR else 2


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round to the currency's minor unit, halves to the even one."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), rounding=ROUND_HALF_EVEN)


def is_exact(amount: Decimal, currency: str) -> bool:
    """Tell whether an amount is a whole number of minor units."""
    return rounded(amount, currency) == amount
