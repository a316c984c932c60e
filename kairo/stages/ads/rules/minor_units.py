"""Money as whole numbers of a currency's smallest units, as ad platforms take it."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

# Meta's own offsets (Marketing API, "Currencies"): what is not listed has 100. They are not those of ISO 4217: there
# the Taiwan dollar and the Hungarian forint have two decimals, the Kuwaiti dinar has three.
ZERO_DECIMAL = frozenset(
    {"CLP", "COP", "CRC", "HUF", "ISK", "IDR", "JPY", "KRW", "PYG", "TWD", "VND"}
)  # fmt: skip


def offset(currency: str) -> int:
    """Return how many of the smallest units one main unit has: 100, or 1."""
    return 1 if currency.upper() in ZERO_DECIMAL else 100


def to_minor(amount: Decimal, currency: str) -> int:
    """Return an amount in smallest units, rounded half to even."""
    return int((amount * offset(currency)).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def to_main(minor: int, currency: str) -> Decimal:
    """Return an amount in main units, exactly."""
    return Decimal(minor) if offset(currency) == 1 else Decimal(minor).scaleb(-2)


def in_words(minor: int, currency: str) -> str:
    """Write an amount for people: 120.00 EUR, 12,000 JPY."""
    return f"{to_main(minor, currency):,} {currency}"
