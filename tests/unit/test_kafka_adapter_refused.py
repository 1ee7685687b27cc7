"""What the adapter of foreign topics cannot begin with is named by adapter and option, and is no defect of ours."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from device_adapters.base import AdapterContext
from device_adapters.kafka_options import KafkaTopicsOptions
from device_adapters.kafka_topics import KafkaTopics
from pipeline.clock import SystemClock
from pipeline.errors import ConfigError
from pipeline.telemetry import Telemetry
from tests.adapter_rig import MemorySink
from tests.district import inventory


def adapter(**options: Any) -> KafkaTopics:
    given = KafkaTopicsOptions.model_validate({"servers": "127.0.0.1:1", "topics": ["x"], "group": "g"} | options)
    return KafkaTopics("foreign", given, AdapterContext(inventory(), MemorySink(), SystemClock(), Telemetry()))


def test_a_certificate_that_is_not_there_is_told_before_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"adapters\.foreign: one of .*ca\.pem cannot be read"):
        adapter(tls="on", tls_ca=tmp_path / "ca.pem")


def test_a_pattern_of_topics_that_is_none_is_told() -> None:
    with pytest.raises(ConfigError, match=r"adapters\.foreign: Kafka's client refuses it: "):
        asyncio.run(adapter(topics=["^["]).run())
