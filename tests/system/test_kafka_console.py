"""The console of a cluster: what the workers said is stored, delivered and shown, whatever is killed meanwhile."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import httpx
import pytest

from alerting.channels.file_drop import file_name
from alerting.store.store import Store
from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.topics import Topic
from pipeline.model.delivery import FINAL_STATES, DeliveryState
from pipeline.runners.embedded import EVENT_TICK_S
from pipeline.runners.replay import Replayed, replay
from tests.chaos import kills, note
from tests.district import batches
from tests.kafka_field import Field
from tests.kafka_results import finish
from tests.kafka_say import say
from tests.kafka_server import Broker
from tests.process import PEOPLE

KILLS: Final = kills()
PAGE: Final = "[console]\nport = 0\n"

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


class Stored:
    """What a console has stored so far."""

    def __init__(self, field: Field) -> None:
        self._url = f"sqlite:///{field.path.parent / 'data' / 'store.db'}"

    def open(self) -> Store:
        return Store(self._url)

    def warnings(self) -> int:
        store = self.open()
        try:
            return len(store.ledger())
        finally:
            store.close()

    def is_all(self, expected: Replayed) -> bool:
        """Whether nothing is missing, of whichever topic, and every delivery has come to its end."""
        store = self.open()
        try:
            found = store.deliveries(10_000)
            return (
                len(store.assessments(10_000)) == len(expected.assessments)
                and len(store.findings(10_000)) == len(expected.findings)
                and len({one.warning for one in found}) == len(expected.warnings)
                and all(one.state in FINAL_STATES for one in found)
            )
        finally:
            store.close()


def assert_stored(field: Field, expected: Replayed) -> None:
    """Everything once; and what was sent was sent whole."""
    store = Stored(field).open()
    kept = {one.id for one in expected.findings}
    revisions = [(one.id, one.revision) for finding in kept for one in store.finding(finding)]
    assert sorted(revisions) == sorted((one.id, one.revision) for one in expected.findings)
    assert sorted(one.id for one in store.assessments(10_000)) == sorted(one.id for one in expected.assessments)
    ledger = store.ledger()
    assert sorted(one.warning for one in ledger) == sorted(one.id for one in expected.warnings)
    citing = {one.id for one in expected.warnings if one.findings}
    assert all(one.detected_at for one in ledger if one.warning in citing), "stored before the findings that it cites"
    deliveries = store.deliveries(10_000)
    assert len({one.id for one in deliveries}) == len(deliveries) == len(expected.warnings)
    delivered = {one.warning for one in deliveries if one.state is DeliveryState.DELIVERED}
    assert delivered
    files = {path.name for path in (field.path.parent / "dropped").iterdir()}
    assert files == {file_name(one) for one in delivered}
    store.close()


@pytest.mark.chaos
@pytest.mark.timeout(600 + 40 * KILLS)
def test_what_workers_say_is_stored_and_delivered_once_though_the_console_is_killed(
    broker: Broker, tmp_path: Path
) -> None:
    field = Field(tmp_path, broker.servers, more=PAGE + PEOPLE)
    (tmp_path / "dropped").mkdir()
    stream = list(batches())
    with field.gateway() as gateway:
        for batch in stream:
            field.push(batch)
        gateway.stop()
    expected = replay(field.config.plan(), stream, EVENT_TICK_S)
    say(field.options, [Message(Topic.WARNINGS, b'{"no": "warning"}')])
    finish(field)
    stored = Stored(field)
    for number in range(1, KILLS + 1):
        with field.start("console", "--port", "0") as console:
            least = min(number, len(expected.warnings))
            console.wait_until(lambda least=least: stored.warnings() >= least)  # type: ignore[misc]
            console.kill()
    with field.start("console", "--port", "0") as console:
        console.wait_until(lambda: stored.is_all(expected))
        *_, page = re.findall(r"the page is at (\S+)", console.words())
        shown = httpx.get(f"{page}feed.atom", timeout=10)
        console.stop()
    assert shown.is_success
    assert_stored(field, expected)
    letters = {letter.value() for letter in field.messages(Topic.DEAD_LETTER)}  # once more for each kill, it may be
    assert letters == {b'{"no": "warning"}'}
    note("the console is killed", KILLS, findings=len(expected.findings), warnings=len(expected.warnings))
