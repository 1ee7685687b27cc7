"""Our own batches from outside: checked as strictly as any other form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from device_adapters.codecs.base import RejectReason
from device_adapters.codecs.batches import Batches
from device_adapters.codecs.measurements import Measurements
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import NS_PER_S
from pipeline.model.quality import DeviceStatus, Quality
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading, Series
from tests.adapter_rig import FIELD, NOW_NS

H2S, TANK = Series("north-h2s", Quantity.GAS_PPM), Series("south-tank", Quantity.TANK_LEVEL)
DAY_NS = 86_400 * NS_PER_S
TABLE = Measurements.of(FIELD)


def test_good_readings_come_through_as_they_were_sent() -> None:
    sent = [Reading(H2S, NOW_NS - 5, 1.5), Reading(TANK, NOW_NS, 7.0, Quality.SUSPECT), Reading(H2S, NOW_NS, 2.5)]
    codec = Batches(TABLE)
    for _ in range(2):
        decoded = codec.decode(ReadingBatch.of(sent, received_at_ns=5).encode(), NOW_NS)
        assert decoded.batch is not None
        assert list(decoded.batch.readings()) == sent
        assert decoded.batch.received_at_ns == NOW_NS
        assert not decoded.rejects
    first, second = (codec.decode(ReadingBatch.of(sent).encode(), NOW_NS).batch for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.series is second.series, "what is known of a list of series is looked up once"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        pytest.param(Reading(Series("nobody", Quantity.RAIN), NOW_NS, 1), RejectReason.UNKNOWN_SENSOR, id="unknown"),
        pytest.param(Reading(TANK, NOW_NS, 1), RejectReason.NOT_ALLOWED, id="of another device"),
        pytest.param(
            Reading(Series("north-h2s", Quantity.RAIN), NOW_NS, 1), RejectReason.UNKNOWN_QUANTITY, id="quantity"
        ),
        pytest.param(Reading(H2S, NOW_NS, math.inf), RejectReason.BAD_VALUE, id="infinite"),
        pytest.param(Reading(H2S, NOW_NS, math.nan), RejectReason.BAD_VALUE, id="missing from a device that measures"),
        pytest.param(Reading(H2S, 0, 1), RejectReason.BAD_TIME, id="a clock that was never set"),
        pytest.param(Reading(H2S, NOW_NS + DAY_NS + 1, 1), RejectReason.BAD_TIME, id="a day ahead"),
    ],
)
def test_a_bad_reading_costs_only_itself(bad: Reading, reason: RejectReason) -> None:
    good = Reading(H2S, NOW_NS - 7, 1.5)
    decoded = Batches(TABLE.only(["north-*", "nobody"])).decode(ReadingBatch.of([good, bad, bad]).encode(), NOW_NS)
    assert decoded.batch is not None
    assert list(decoded.batch.readings()) == [good]
    (reject,) = decoded.rejects
    assert (reject.reason, reject.position, reject.count) == (reason, 1, 2)
    assert bad.series.sensor in reject.detail
    assert reject.excerpt == str(bad.series).encode()


def test_a_device_that_says_it_does_not_measure_may_send_no_value() -> None:
    missing = Reading(H2S, NOW_NS, math.nan, Quality.GOOD, DeviceStatus.FAULT)
    batch = Batches(TABLE).decode(ReadingBatch.of([missing]).encode(), NOW_NS).batch
    assert batch is not None
    assert batch.quality.tolist() == [Quality.MISSING]


@pytest.mark.parametrize("payload", [b"", b"{}", b"\x94no", ReadingBatch.of([Reading(H2S, 1, 1.0)]).encode()[:-1]])
def test_what_is_no_batch_is_refused_as_a_whole(payload: bytes) -> None:
    decoded = Batches(TABLE).decode(payload, NOW_NS)
    assert decoded.batch is None
    assert [one.reason for one in decoded.rejects] == [RejectReason.MALFORMED]


def test_nothing_good_is_no_batch() -> None:
    assert Batches(TABLE).decode(ReadingBatch.of([]).encode(), NOW_NS).batch is None
    only_bad = ReadingBatch.of([Reading(H2S, 0, 1.0)] * 3)
    decoded = Batches(TABLE).decode(only_bad.encode(), NOW_NS)
    assert decoded.batch is None
    assert sum(one.count for one in decoded.rejects) == len(np.asarray(only_bad.value))
