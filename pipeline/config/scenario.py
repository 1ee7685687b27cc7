"""Scenarios of drills: a recording that is played as if it were live, and what really happened in it."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from device_adapters.recordings.options import RecordingOptions
from pipeline.config.anchor import anchored
from pipeline.config.toml_file import TomlFile
from pipeline.model.instant import Instant


class Scenario(BaseModel):
    """One file.

    Attributes:
        name: what drills are compared by.
        recording: the readings, with the options of adapter replay.
        truth: CSV of what really happened: hazard, area, onset_at, in the recording's own time.
        begin_at: in the recording's own time, when the drill begins; what came before is taken in at once.
        end_at: when it ends; the recording's end without it.
        answer_s: how long people may still answer after the end, in a live drill.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    recording: RecordingOptions
    truth: Path | None = None
    begin_at: Instant | None = None
    end_at: Instant | None = None
    answer_s: float = Field(default=300.0, ge=0)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.begin_at and self.end_at and self.end_at <= self.begin_at:
            raise ValueError("end_at must be after begin_at")
        return self


def load_scenario(path: Path) -> Scenario:
    """The scenario at `path`; its relative paths start from its own folder.

    Raises:
        ExceptionGroup[ConfigError]: everything that is wrong with it.
    """
    file = TomlFile(path)
    return anchored(file.validated(Scenario, file.data, ()), path.absolute().parent)
