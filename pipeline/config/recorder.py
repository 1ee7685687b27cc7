"""The `[recorder]` section: a folder of Parquet files that `forewarn replay` plays again."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from device_adapters.recordings.s3 import S3Access, Where


class RecorderOptions(BaseModel):
    """Every reading to Parquet, as it was received; written by `forewarn sink` and `forewarn run`.

    Attributes:
        path: folder of the recording, or `s3://BUCKET/PREFIX`; not set, nothing is recorded.
        s3: how that bucket is reached, by `forewarn replay` too.
        roll_s: how often what has gathered is written to files of its own.
        roll_readings: readings that may gather before that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    path: Where | None = None
    s3: S3Access = S3Access()
    roll_s: float = Field(default=900.0, gt=0, le=86_400)
    roll_readings: int = Field(default=2_000_000, ge=1)
