"""Which quantities stand for a forecast of rain, and for which part of it."""

from __future__ import annotations

from typing import Final

from pipeline.model.quantity import Quantity

PARTS: Final = {
    Quantity.RAIN_1H: (60, 0),
    Quantity.RAIN_1H_HIGH: (60, 1),
    Quantity.RAIN_3H: (180, 0),
    Quantity.RAIN_3H_HIGH: (180, 1),
}
"""Quantity -> horizon [min]; 0 for the median, 1 for the upper bound."""
