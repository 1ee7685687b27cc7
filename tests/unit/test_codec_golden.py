"""The cases of tests/golden/adapters."""

from __future__ import annotations

import json
import math
import os
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from device_adapters.codecs.base import Decoded, Reject
from device_adapters.codecs.json_readings import JsonOptions, JsonReadings
from device_adapters.codecs.line_protocol import LineOptions, LineProtocol
from device_adapters.codecs.measurements import Measurements
from device_adapters.codecs.telegraf_json import TelegrafJson, TelegrafOptions
from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from pipeline.model.batch import ReadingBatch
from tests.adapter_rig import FIELD, NOW_NS

CASES: Final = sorted(path.parent for path in Path(__file__).parents[1].glob("golden/adapters/*/config.toml"))
WRITE: Final = "FOREWARN_WRITE_GOLDEN"


def shown(batches: Iterable[ReadingBatch], rejects: Sequence[Reject]) -> dict[str, Any]:
    readings = [
        {
            "series": str(row.series),
            "observed_at_ns": row.observed_at_ns,
            "value": None if math.isnan(row.value) else round(row.value, 9),
            "quality": row.quality.name,
            "status": row.status.name,
        }
        for batch in batches
        for row in batch.readings()
    ]
    refused = [{"position": one.position, "reason": one.reason.value, "count": one.count} for one in rejects]
    return {"readings": readings, "rejects": refused}


def of_message(decoded: Decoded) -> dict[str, Any]:
    return shown([decoded.batch] if decoded.batch else [], decoded.rejects)


def result(case: Path) -> dict[str, Any]:
    config = tomllib.loads((case / "config.toml").read_text())
    (source,) = case.glob("input.*")
    options, table = config.get("options", {}), Measurements.of(FIELD)
    match config["codec"]:
        case "json":
            json_codec = JsonReadings(JsonOptions.model_validate(options), table)
            return of_message(json_codec.decode(source.read_bytes(), NOW_NS, config.get("topic", "")))
        case "lines":
            line_codec = LineProtocol(LineOptions.model_validate(options), table)
            return of_message(line_codec.decode(source.read_bytes(), NOW_NS))
        case "telegraf":
            metrics = TelegrafJson(TelegrafOptions.model_validate(options), table)
            return of_message(metrics.decode(source.read_bytes(), NOW_NS))
        case _:
            with Recording(RecordingOptions.model_validate({"files": [source]} | options), FIELD) as recording:
                return shown(list(recording.batches()), recording.rejects)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_golden(case: Path) -> None:
    expected = case / "expected.json"
    if WRITE in os.environ:
        expected.write_text(json.dumps(result(case), indent=1) + "\n")
    assert result(case) == json.loads(expected.read_text())
