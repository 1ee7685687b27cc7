"""Rain carried along: motion of a storm that is known, amounts ahead, the edge, gaps, and the readings of sites."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from device_adapters.radar.advection import carried
from device_adapters.radar.motion import FRAMES_LK, Tracker
from device_adapters.radar.nowcast import ahead_mm
from device_adapters.radar.read import read_composite
from device_adapters.radar.sites import RadarSites
from pipeline.model.area import Area
from pipeline.model.hazard import SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.quality import Quality
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor, Site
from tests.radar_rig import blobs_mm, odim_bytes

AT = datetime(2026, 8, 26, tzinfo=UTC)
FRAMES = 10
SHAPE = (160, 200)
QUANTITIES = (Quantity.RAIN, Quantity.RAIN_1H, Quantity.RAIN_1H_HIGH, Quantity.RAIN_3H, Quantity.RAIN_3H_HIGH)


def frame(number: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return blobs_mm(5.0 * number, SHAPE).astype(np.float32)


@pytest.fixture(scope="module")
def tracker() -> Tracker:
    one = Tracker(5, 1.0)
    for number in range(FRAMES):
        one.add(frame(number))
    return one


def test_the_motion_of_showers(tracker: Tracker) -> None:
    motion = tracker.motion()
    assert motion is not None
    wet = frame(FRAMES - 1) > 0.5
    assert float(np.median(motion[0][wet])) == pytest.approx(4.0, abs=0.4)
    assert float(np.median(motion[1][wet])) == pytest.approx(-1.0, abs=0.4)


def test_an_hour_ahead_is_nearer_than_persistence(tracker: Tracker) -> None:
    now, motion = frame(FRAMES - 1), tracker.motion()
    assert motion is not None
    places = [(row, column) for row in range(45, 120, 10) for column in range(70, 190, 10)]
    fell = np.sum([frame(FRAMES - 1 + k) for k in range(1, 13)], axis=0)
    truth = np.array([fell[row - 5 : row + 5, column - 5 : column + 5].mean() for row, column in places])
    near, wide = ahead_mm(now, motion, 5, 1.0, places)[60]
    still = np.array([now[row - 5 : row + 5, column - 5 : column + 5].mean() * 12 for row, column in places])
    assert np.abs(near - truth).mean() < 0.6 * np.abs(still - truth).mean()
    assert np.corrcoef(near, truth)[0, 1] > 0.9
    assert wide.max() < near.max()


def test_beyond_the_edge_of_the_radars_the_surroundings_stand_for_what_comes() -> None:
    rain = np.full(SHAPE, 1.0, np.float32)
    rain[:, :60] = np.nan
    motion = np.zeros((2, *SHAPE), np.float32)
    motion[0] = 4
    near, _ = ahead_mm(rain, motion, 5, 1.0, [(80, 70)])[60]
    assert near[0] == pytest.approx(12.0, rel=0.3)  # only 10 of 48 pixels of the way are known


def test_too_few_frames_tell_no_motion() -> None:
    one = Tracker(5, 1.0)
    for number in range(FRAMES_LK - 1):
        one.add(frame(number))
    assert one.motion() is None


def test_rain_is_carried_whole_pixels() -> None:
    motion = np.zeros((2, 20, 30), np.float32)
    motion[0], motion[1] = 3, -2
    rain = np.zeros((20, 30), np.float32)
    rain[15, 5] = 1.0
    *_, (moved,) = carried((rain,), motion, 3)
    assert np.argwhere(moved > 0.9).tolist() == [[9, 14]]


def field(longitude_deg: float = 5.5) -> Inventory:
    area = Area(code="330212000000", name_zh="鄞州区", name_en="Yinzhou")
    site = Site(id="s", area=area.code, name_zh="站", name_en="Site", longitude_deg=longitude_deg, latitude_deg=52.5)
    sensors = tuple(
        Sensor(
            id=f"{one.value}-radar",
            site="s",
            kind=SensorKind.RAIN,
            quantity=one,
            range_low=0,
            range_high=500,
            interval_s=300,
            group="radar",
        )
        for one in QUANTITIES
    )
    return Inventory((area,), (site,), sensors)


def composite(number: int, skipped: int = 0) -> bytes:
    rate = blobs_mm(5.0 * number, (80, 100)) * 12
    return odim_bytes(np.minimum(rate, 120), AT + timedelta(minutes=5 * (number + skipped)), UR_lat=52.72, LL_lat=52.0)


def test_a_site_is_told_what_fell_and_what_will() -> None:
    sites = RadarSites(field(), 300)
    told = [sites.take(read_composite(composite(number), 5), None) for number in range(5)]
    assert [len(batch) for batch in told] == [1] * (FRAMES_LK - 1) + [5] * 2
    last = {reading.series.quantity: reading for reading in told[-1].readings()}
    assert set(last) == set(QUANTITIES)
    assert last[Quantity.RAIN_1H].value <= last[Quantity.RAIN_1H_HIGH].value <= last[Quantity.RAIN_3H_HIGH].value
    assert {reading.quality for reading in last.values()} == {Quality.NOT_EVALUATED}


def test_after_a_gap_the_motion_is_learned_anew() -> None:
    sites = RadarSites(field(), 300)
    sizes = [len(sites.take(read_composite(composite(n, skipped=6 * (n >= 4)), 5), None)) for n in range(6)]
    assert sizes == [1, 1, 1, 5, 1, 1]


def test_a_site_outside_the_composite_has_no_value() -> None:
    sites = RadarSites(field(longitude_deg=9.0), 300)
    batches = [sites.take(read_composite(composite(number), 5), None) for number in range(4)]
    assert {reading.quality for batch in batches for reading in batch.readings()} == {Quality.MISSING}
