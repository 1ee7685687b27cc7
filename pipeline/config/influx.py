"""The `[influx]` section: where InfluxDB is and what is written there."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipeline.errors import InfluxError, SecretError
from pipeline.secret import secret


class InfluxOptions(BaseModel):
    """InfluxDB 2, for Grafana; written by `forewarn sink`, and by `forewarn run` beside its own work.

    Attributes:
        url: `http://127.0.0.1:8086`; empty where there is none.
        org, bucket: where the points go; `forewarn sink` says at its start if they are not there.
        token_env: the variable of the environment that holds a token which may write to the bucket.
        token_file: a file whose first line is the token, in place of the variable.
        ca_file: certificates that a server at https:// is checked with, in place of the system's own.
        batch_points: points in one request, at most.
        linger_s: how long points gather before they are written.
        window_s: down-sampling: of each series and window the last reading is kept, dated at the window's beginning;
            0 keeps every reading.
        store_every_s: how often deliveries, lead times and the process's own counters are brought up to date.
        timeout_s: how long a request may take before InfluxDB counts as away.
        spool_mb: disk that points may take while InfluxDB is away; where it is full, nothing more is taken from the
            log until there is room, and nothing is lost that the log still holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    org: str = Field(default="forewarn", min_length=1)
    bucket: str = Field(default="forewarn", min_length=1)
    token_env: str = Field(default="INFLUXDB_TOKEN", min_length=1)
    token_file: Path | None = None
    ca_file: Path | None = None
    batch_points: int = Field(default=5_000, ge=1, le=100_000)
    linger_s: float = Field(default=1.0, ge=0.01, le=60)
    window_s: float = Field(default=0.0, ge=0, le=86_400)
    store_every_s: float = Field(default=10.0, ge=0.1)
    timeout_s: float = Field(default=10.0, gt=0)
    spool_mb: float = Field(default=1_024.0, gt=0)

    @property
    def token_source(self) -> str:
        """The option that says where the token is."""
        return "token_file" if self.token_file else "token_env"

    def token(self) -> str:
        """It, where there is an InfluxDB.

        Raises:
            InfluxError: the variable or the file is not there; names it and never the token.
        """
        what = f"a token that may write to bucket {self.bucket!r}"
        try:
            return secret(what, env=self.token_env, file=self.token_file)
        except SecretError as error:
            raise InfluxError(f"influx.{self.token_source}: {error}") from error
