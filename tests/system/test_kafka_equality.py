"""What `make equality` runs over all recordings, on one that is in the package."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.equality import compare
from tests.kafka_results import told
from tests.kafka_server import Broker
from tests.recorded import recordings_in

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def test_a_recording_says_over_kafka_what_it_says_alone(broker: Broker, tmp_path: Path) -> None:
    slope = next(one for one in recordings_in(None) if one.name == "slope 1")
    found = compare(slope, tmp_path, broker.servers, (2,))
    assert found.readings == 1410
    assert told(found.warnings, "area"), "there is something that could differ"
