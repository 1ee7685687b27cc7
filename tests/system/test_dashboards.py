"""Grafana's dashboards on a real InfluxDB that holds what `forewarn run` wrote of the demonstration's recordings."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from pipeline.config.influx import InfluxOptions
from pipeline.config.load import load_config
from pipeline.config.plan import Plan
from pipeline.connectors.influx.client import Influx
from pipeline.connectors.influx.readings import ReadingLines
from pipeline.connectors.influx.results import assessment_line, finding_line, warning_line
from pipeline.model.batch import ReadingBatch
from pipeline.runners.replay import replay
from tests.district import batches, inventory
from tests.influx_server import Bucket, Influxd
from tests.kafka_cluster import Child, recordings
from tests.process import PEOPLE
from tests.slow_district import slow_days, slow_inventory

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

ROOT: Final = Path(__file__).parents[2]
BOARDS: Final = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
GRAFANA: Final = (
    'option v = {defaultBucket: "BUCKET", timeRangeStart: 1980-01-01T00:00:00Z, timeRangeStop: 2100-01-01T00:00:00Z, '
    "windowPeriod: 6h}\n"
)  # fmt: skip
"""What Grafana puts in the place of its variables."""
CONFIG: Final = """
[process]
data = "data"
time = "event"
[inventory]
path = "{inventory}"
[console]
port = 0
[quality]
clock_behind_s = 1e9
[adapters.recordings]
kind = "replay"
files = {files}
"""


@pytest.fixture(scope="module")
def bucket(influx: Influxd, tmp_path_factory: pytest.TempPathFactory) -> Bucket:
    """Holding all that the process had to say."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "dropped").mkdir()
    written = Bucket(influx)
    files = json.dumps([str(path) for path in recordings()])
    field = ROOT / "pipeline" / "samples" / "demo" / "inventory"
    recorder = f'[recorder]\npath = "{folder / "recording"}"\n'
    path = folder / "forewarn.toml"
    path.write_text(
        CONFIG.format(inventory=field, files=files) + PEOPLE + written.section(store_every_s=0.5) + recorder
    )
    config = load_config(path)
    with Recording(RecordingOptions(files=tuple(recordings())), config.inventory) as recording:
        sent = {(one.series, one.observed_at_ns) for batch in recording.batches() for one in batch.readings()}
    with patch.dict(os.environ, written.environment):
        process = Child(
            [sys.executable, "-c", "from pipeline.cli.main import main; main()", "run", str(path)], folder / "log"
        )
    with process:
        process.wait_until(lambda: written.count("reading", "quality") == len(sent))
        process.wait_until(lambda: written.count("lead_time", "deliver_s") > 0)
        process.wait_until(lambda: written.count("lead_time", "lead_time_s") > 0)
        process.stop()
    with Recording(RecordingOptions(files=(folder / "recording",)), config.inventory) as again:
        assert {(one.series, one.observed_at_ns) for batch in again.batches() for one in batch.readings()} == sent
    sample = load_config(ROOT / "pipeline" / "samples" / "site" / "forewarn.toml")
    with Recording(RecordingOptions(files=(sample.path.parent / "readings.csv",)), sample.inventory) as recording:
        add(written, sample.plan(), list(recording.batches()))
    add(written, replace(config.plan(), inventory=inventory()), list(batches()))
    add(written, replace(config.plan(), inventory=slow_inventory()), list(slow_days()))
    return written


def add(bucket: Bucket, plan: Plan, played: list[ReadingBatch]) -> None:
    """What a recording of another site comes to: the demonstration's has no storm, nor what takes days."""
    found = replay(plan, played)
    lines = [line for batch in played for line in ReadingLines(plan.inventory, 0).lines(batch)[0]]
    lines += map(finding_line, found.findings)
    lines += map(assessment_line, found.assessments)
    lines += map(warning_line, found.warnings)
    with patch.dict(os.environ, bucket.environment):
        client = Influx(InfluxOptions(url=bucket.server.url, org=bucket.server.org, bucket=bucket.name))
    assert client.write(b"\n".join(lines)) is None
    client.close()


def queries(path: Path) -> Iterator[tuple[str, str]]:
    """(title, query) of each panel, and of each variable."""
    board = json.loads(path.read_text("utf-8"))
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["query"]
    for variable in board["templating"].get("list", ()):
        yield f"variable {variable['name']}", variable["query"]["query"]


def asked(bucket: Bucket, query: str) -> list[dict[str, Any]]:
    head, mark, rest = query.rpartition("import ")
    imports, _, body = (mark + rest).partition("\n") if mark else ("", "", query)
    assert head == ""
    return bucket.rows(f"{imports}\n{GRAFANA}{body}", {"${site:regex}": ".*"})


@pytest.mark.parametrize("path", BOARDS, ids=[path.stem for path in BOARDS])
def test_every_panel_has_something_to_show(bucket: Bucket, path: Path) -> None:
    found = {title: len(asked(bucket, query)) for title, query in queries(path)}
    assert [title for title, rows in found.items() if not rows] == []


def test_every_title_is_in_both_languages() -> None:
    titles = [json.loads(path.read_text("utf-8"))["title"] for path in BOARDS]
    titles += [title for path in BOARDS for title, _ in queries(path) if not title.startswith("variable")]
    assert len(titles) > 50
    for title in titles:
        chinese, _, english = title.partition(" · ")
        assert any("一" <= sign <= "鿿" for sign in chinese), title
        assert english.isascii(), title


def test_the_table_of_warnings_in_force_says_what_is_meant(bucket: Bucket) -> None:
    situation = BOARDS[0].parent / "forewarn-situation.json"
    (query,) = (query for title, query in queries(situation) if title.endswith("Warnings in force"))
    rows = asked(bucket, query)
    assert rows
    assert {row["report"] for row in rows} <= {"first", "follow_up"}
    assert all(row["headline_zh"] and row["headline_en"] for row in rows)
