"""What a person orders at the console of a cluster, obeyed by the worker that keeps the chain."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Final

import pytest

from alerting.store.store import Store
from pipeline.model.hazard import Hazard
from pipeline.model.warning import HazardWarning, Report
from tests.district import batches
from tests.kafka_cluster import FOREWARN
from tests.kafka_field import Field
from tests.kafka_server import Broker

PEOPLE: Final = """
[console]
port = 0
[duty]
people = [{{name = "li", name_zh = "李", name_en = "Li", roles = ["duty_officer"]}}]
"""

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


def leaks(field: Field) -> list[HazardWarning]:
    store = Store(f"sqlite:///{field.path.parent / 'data' / 'store.db'}")
    try:
        return [one for one in store.recent_warnings(99) if one.hazard is Hazard.GAS_LEAK]
    finally:
        store.close()


def test_a_warning_is_withdrawn_by_the_worker_whose_chain_it_is(broker: Broker, tmp_path: Path) -> None:
    field = Field(tmp_path, broker.servers, partitions=4, more=PEOPLE)
    with field.gateway() as gateway, field.start("worker") as worker, field.start("console", "--port", "0") as console:
        for batch in batches(150):  # the leak goes on when the readings end
            field.push(batch)
        console.wait_until(lambda: bool(leaks(field)))
        chain = leaks(field)[0].chain
        words = ["amend", chain, "withdrawn", "--why", "a test gas was used", "--as", "li", "--json"]
        done = subprocess.run([*FOREWARN, *words, "--config", str(field.path)], capture_output=True, check=True)
        assert json.loads(done.stdout)[0]["chain"] == chain
        console.wait_until(lambda: leaks(field)[0].report is Report.FINAL)
        assert "a test gas was used" in leaks(field)[0].texts[1].description
        for child in (console, worker, gateway):
            child.stop()
