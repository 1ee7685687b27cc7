"""What a person orders at the console of a cluster: cancelled there, obeyed by the worker that keeps the chain."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from alerting.cap_parse import parse
from alerting.store.store import Store
from pipeline.connectors.kafka.topics import Topic
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report
from tests.district import batches
from tests.kafka_cluster import FOREWARN
from tests.kafka_field import Field
from tests.kafka_server import Broker
from tests.process import PEOPLE as DROP

PEOPLE: Final = (
    DROP
    + """
[console]
port = 0
[duty]
people = [{{name = "li", name_zh = "李", name_en = "Li", roles = ["duty_officer"]}}]
"""
)

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


def leaks(field: Field) -> list[HazardWarning]:
    store = Store(f"sqlite:///{field.path.parent / 'data' / 'store.db'}")
    try:
        return [one for one in store.recent_warnings(99) if one.hazard is Hazard.GAS_LEAK]
    finally:
        store.close()


def amend(field: Field, chain: str, to: str, why: str) -> dict[str, Any]:
    words = ["amend", chain, to, "--why", why, "--as", "li", "--json"]
    done = subprocess.run([*FOREWARN, *words, "--config", str(field.path)], capture_output=True, check=True)
    (order,) = json.loads(done.stdout)
    return dict(order)


def cancels(field: Field, chain: str) -> list[str]:
    """Ids of the Cancels of a warning that a receiver holds."""
    found = [parse(one.read_bytes()) for one in (field.path.parent / "dropped").glob("*.xml")]
    return [one.identifier for one in found if one.msg_type == "Cancel" and chain in one.identifier]


def test_a_warning_is_cancelled_while_all_workers_are_dead(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "dropped").mkdir()
    field = Field(tmp_path, broker.servers, partitions=4, more=PEOPLE)
    with field.start("console", "--port", "0") as console:
        with field.gateway() as gateway, field.start("worker") as worker:
            for batch in batches(150):  # the leak goes on when the readings end
                field.push(batch)
            console.wait_until(lambda: bool(leaks(field)))
            worker.kill()
            gateway.kill()
        chain = leaks(field)[0].chain
        assert amend(field, chain, "withdrawn", "a test gas was used")["chain"] == chain
        console.wait_until(lambda: bool(cancels(field, chain)))
        final = leaks(field)[0]
        assert "a test gas was used" in final.texts[1].description
        with field.start("worker") as worker:  # it takes the order from its log, and says what is known already
            said = [Report.FINAL, final.id]
            console.wait_until(lambda: said in [[one["report"], one["id"]] for one in field.results(Topic.WARNINGS)])
            worker.stop()
        console.stop()
    assert leaks(field)[0] == final
    assert cancels(field, chain) == [final.id]


def test_a_level_is_set_by_the_worker_whose_chain_it_is(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "dropped").mkdir()
    field = Field(tmp_path, broker.servers, partitions=4, more=PEOPLE)
    with field.gateway() as gateway, field.start("worker") as worker, field.start("console", "--port", "0") as console:
        for batch in batches(150):
            field.push(batch)
        console.wait_until(lambda: bool(leaks(field)))
        last = leaks(field)[0]
        to = Level.RED if last.level is not Level.RED else Level.ORANGE
        amend(field, last.chain, to.word, "the road is cut")
        console.wait_until(lambda: leaks(field)[0].level is to)
        assert "the road is cut" in leaks(field)[0].texts[1].description
        for child in (console, worker, gateway):
            child.stop()
