"""Figures of a line on their way to Tryton, which computes amounts itself and rounds half-even."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from connectors.documents import Line, plain_decimal

PRICE = Decimal("0.0001")
CENT = Decimal("0.01")


def figures(line: Line, digits: int) -> tuple[Decimal, Decimal, str]:
    """Quantity, price and description whose product is *our* amount after Tryton's rounding.

    A price has four decimals there, a quantity as many as its unit (`digits`). If neither our
    price nor one that differs by less than a cent in all will do, one unit is sold for the amount,
    and the description says what it was.
    """
    description = line.description.strip()
    quantity = line.quantity
    if quantity and quantity == quantity.quantize(Decimal(1).scaleb(-digits)):
        exact = line.unit_price.quantize(PRICE, ROUND_HALF_UP)
        near = (line.amount / quantity).quantize(PRICE, ROUND_HALF_UP)
        for price in (exact, near):
            if (quantity * price).quantize(CENT, ROUND_HALF_EVEN) == line.amount:
                return quantity, price, description
    what = f"{plain_decimal(quantity)} × {plain_decimal(line.unit_price)}"
    return Decimal(1), line.amount, f"{description} ({what})".strip()
