"""Several areas in one field of a table: their codes, a comma between; "" for none."""

from __future__ import annotations

from collections.abc import Iterable


def to_field(areas: Iterable[str]) -> str:
    """The codes as they are stored."""
    return ",".join(areas)


def of_field(text: str) -> tuple[str, ...]:
    """The codes that `to_field` wrote."""
    return tuple(text.split(",")) if text else ()
