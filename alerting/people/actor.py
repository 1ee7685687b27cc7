"""Who does something: the audit log's names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipeline.model.role import Role

OURSELVES: Final = "forewarn"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something: a person with the roles that the configuration gives.

    Attributes:
        via: who types in their name, where they did not show a token; "" where they did.
    """

    name: str
    roles: frozenset[Role]
    via: str = ""

    @property
    def who(self) -> str:
        """As the audit log names them."""
        return f"person:{self.name}" + (f" by {self.via}" if self.via else "")
