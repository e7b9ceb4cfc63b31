"""Amounts: Decimal outside, whole cents where balances are added up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def rounded(value: Decimal) -> Decimal:
    """To the cent, half up."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def cents(value: Decimal) -> int:
    return int(rounded(value) * 100)


def amount(whole_cents: int) -> Decimal:
    return Decimal(whole_cents).scaleb(-2).quantize(CENT)


def exact(value: object) -> Decimal:
    """A number out of a body; an absent one is zero."""
    return Decimal(0) if value is None else Decimal(str(value))
