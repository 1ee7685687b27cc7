"""What an endpoint is: one row, from which it is served, checked and documented."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from alerting.desk import Desk
from alerting.people.actor import Actor
from pipeline.errors import ForbiddenError
from pipeline.model.role import Role

Method = Literal["GET", "POST", "PUT", "DELETE"]
PEOPLE: Final = frozenset(Role) - {Role.SENDER}
CALENDAR: Final = "text/calendar"
PAGE: Final = "text/html; charset=utf-8"
TABLE: Final = "text/csv; charset=utf-8"


class Body(BaseModel):
    """A request's body; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(BaseModel):
    """Done; there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, checked: who asks, what is in the path and the query, the body; `repeated`: what stands often."""

    desk: Desk
    actor: Actor
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    raw: bytes = b""
    repeated: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row of the interface.

    Attributes:
        path: below /api/v1, with {names}.
        may: roles of which one is needed; empty: any role of a person.
        body: what is sent; answer: what comes back, as a type that pydantic knows.
        query: name -> meaning, of what may stand in the query.
        raw: the media type of a body or an answer that is not JSON.
    """

    method: Method
    path: str
    summary: str
    act: Callable[[Ask], Any]
    answer: Any = Nothing
    body: type[BaseModel] | None = None
    may: frozenset[Role] = frozenset()
    query: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""

    def require(self, actor: Actor) -> None:
        """Refuse who has none of the roles.

        Raises:
            ForbiddenError: with the roles that may.
        """
        may = self.may or PEOPLE
        if not may & actor.roles:
            needed = ", ".join(sorted(may))
            raise ForbiddenError(f"{actor.name} has no role that may do this; needed is one of: {needed}")

    def encoded(self, answer: Any) -> bytes:
        """The answer as JSON."""
        return TypeAdapter(self.answer).dump_json(answer)
