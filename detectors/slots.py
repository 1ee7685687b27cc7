"""The guard where slots enter: machine code does not look whether a place lies within its arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def require_slots(slot: NDArray[np.int32], sensors: int) -> None:
    """Refuse a batch that was made for another inventory, before it reaches any state.

    Raises:
        ValueError: a slot beyond the inventory.
    """
    last = int(slot.max(initial=-1))
    if last >= sensors:
        message = f"slot {last} is beyond the inventory of {sensors} sensors: map the batch with this inventory"
        raise ValueError(message)
