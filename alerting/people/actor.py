"""Who does something: the audit log's names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipeline.model.role import Role

OURSELVES: Final = "forewarn"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something: a person with the roles that the configuration gives."""

    name: str
    roles: frozenset[Role]

    @property
    def who(self) -> str:
        """As the audit log names them."""
        return f"person:{self.name}"
