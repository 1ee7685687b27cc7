"""What people order of a warning: that it be withdrawn, go on all the same, or have another level."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.model.level import Level, LevelField


class OrderKind(StrEnum):
    """WITHDRAW: it should not have been said, or no longer. LEVEL: it holds, at another level.

    RESUME: its withdrawal was not released, so what stands is warned of as before.
    """

    WITHDRAW = "withdraw"
    RESUME = "resume"
    LEVEL = "level"


class Order(BaseModel):
    """One order. It is an entry of the log like what sensors say, so that a replay comes to the same reports.

    Attributes:
        id: unique; the same order twice is one.
        chain: the warning.
        why: in the words of who ordered it; people read it in the report.
        level: that it is to have; for LEVEL only.
        was: for WITHDRAW, the level that was in force: who keeps the chain may know of a higher one by now.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    chain: str = Field(min_length=1)
    kind: OrderKind
    why: str = Field(min_length=1, max_length=500)
    level: LevelField | None = None
    was: LevelField | None = None

    @model_validator(mode="after")
    def _level_where_it_belongs(self) -> Self:
        if (self.kind is OrderKind.LEVEL) != (self.level is not None) or self.level is Level.NONE:
            raise ValueError("a level, blue to red, goes with an order of kind level, and with no other")
        return self
