"""The `[kafka]` section: where the brokers are and how the topics are laid out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.broker_access import BrokerAccess


class KafkaOptions(BrokerAccess):
    """What `forewarn gateway`, `forewarn worker` and `forewarn topics` share; `forewarn run` needs none of it.

    Attributes:
        prefix: what the names of all topics begin with, where several districts share a cluster.
        group: the consumer group of the workers.
        partitions: of every topic but `dead-letter`. More than there will ever be workers: it is not to be changed
            while state is kept, for a partition's sensors share one state.
        replication: brokers that hold each message; with 3, a message is acknowledged when two of them have it.
        linger_s: how long a gateway waits for more readings before it sends a message.
        batch_readings: readings in one message, at most.
        keep_readings_s: how long readings are kept: what a worker that was away may take in again.
        keep_results_s: how long findings, assessments, warnings and dead letters are kept.
        tick_floor_s: after so long without a message in a partition, because no gateway is there, a worker itself tells
            it that time moves on: silence, hold-offs and expiry go on. Only where the clock tells the time.
        session_s: how long a worker may be silent before its partitions go to others; brokers take 6 at least.
        send_timeout_s: how long Kafka may take to confirm a message before a gateway keeps it on disk.
        spool_bytes: what a gateway may keep on disk, in its data folder, while Kafka is away; then devices are told to
            come again. 0 keeps nothing.
        page_readings: "all" has `forewarn console` take in the readings, for what its page shows of sensors; "none"
            spares it the work, and the page shows findings and warnings only.
    """

    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,64}$")
    group: str = Field(default="forewarn-worker", pattern=r"^[A-Za-z0-9._-]{1,64}$")
    partitions: int = Field(default=16, ge=1, le=10_000)
    replication: int = Field(default=3, ge=1, le=100)
    linger_s: float = Field(default=0.05, ge=0, le=10)
    batch_readings: int = Field(default=2_000, ge=1, le=10_000)
    keep_readings_s: float = Field(default=7 * 86_400.0, ge=3_600)
    keep_results_s: float = Field(default=90 * 86_400.0, ge=3_600)
    tick_floor_s: float = Field(default=30.0, gt=0)
    session_s: float = Field(default=10.0, ge=1)
    send_timeout_s: float = Field(default=10.0, ge=1)
    spool_bytes: int = Field(default=2_000_000_000, ge=0)
    page_readings: Literal["all", "none"] = "all"
