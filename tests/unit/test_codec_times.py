from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from device_adapters.codecs.times import UNREADABLE, TimeOptions, instants
from tests.adapter_rig import NOW_NS

SHANGHAI = TimeOptions(zone="Asia/Shanghai")
UTC_ONLY = TimeOptions()
BERLIN = TimeOptions(zone="Europe/Berlin")

READ = {
    "zulu": ("2026-05-01T08:00:00Z", UTC_ONLY, NOW_NS),
    "offset": ("2026-05-01T16:00:00+08:00", UTC_ONLY, NOW_NS),
    "offset without a colon": ("2026-05-01T16:00:00+0800", UTC_ONLY, NOW_NS),
    "a blank for the T": ("2026-05-01 08:00:00Z", UTC_ONLY, NOW_NS),
    "nanoseconds": ("2026-05-01T08:00:00.123456789Z", UTC_ONLY, NOW_NS + 123_456_789),
    "without a zone, as declared": ("2026-05-01T16:00:00", SHANGHAI, NOW_NS),
    "with a zone, though one is declared": ("2026-05-01T08:00:00Z", SHANGHAI, NOW_NS),
    "a date is its local midnight": ("2026-05-01", SHANGHAI, NOW_NS - 16 * 3600 * 10**9),
    "the hour that comes twice is the first": (
        "2026-10-25T02:30:00",
        TimeOptions(zone="Europe/Berlin"),
        1792888200 * 10**9,
    ),
    "milliseconds": (NOW_NS // 10**6, UTC_ONLY, NOW_NS),
    "seconds": (NOW_NS // 10**9, TimeOptions.model_validate({"epoch_unit": "s"}), NOW_NS),
    "seconds with a fraction": (1777622400.25, TimeOptions.model_validate({"epoch_unit": "s"}), NOW_NS + 250_000_000),
    "microseconds": (NOW_NS // 1000, TimeOptions.model_validate({"epoch_unit": "us"}), NOW_NS),
    "nanoseconds since 1970": (NOW_NS, TimeOptions.model_validate({"epoch_unit": "ns"}), NOW_NS),
    "absent, received": (None, TimeOptions(absent="received"), 7),
}
REFUSED = {
    "absent": None,
    "no zone": "2026-05-01T08:00:00",
    "no date": "yesterday",
    "the present": "now",
    "not in the calendar": "2026-02-30T00:00:00Z",
    "hour 24": "2026-05-01T24:00:00Z",
    "ten digits of a second": "2026-05-01T08:00:00.1234567890Z",
    "beyond int64": "3000-01-01T00:00:00Z",
    "number beyond int64": 10**30,
    "float beyond int64": 1e300,
    "endless": float("inf"),
    "no number": float("nan"),
    "true": True,
    "a list": [1],
    "half a surrogate pair": "\ud800",
    "nothing": "",
}


@pytest.mark.parametrize(("at", "options", "at_ns"), READ.values(), ids=READ)
def test_read(at: object, options: TimeOptions, at_ns: int) -> None:
    assert instants([at], options, 7).tolist() == [at_ns]


@pytest.mark.parametrize("at", REFUSED.values(), ids=REFUSED)
def test_refused(at: object) -> None:
    assert instants([at], UTC_ONLY, NOW_NS).tolist() == [UNREADABLE]


def test_bad_ones_among_good_ones_cost_only_themselves() -> None:
    at = ["2026-05-01T08:00:00Z", "x", 1777622400000, None, "2026-05-01T08:00:00Z", "y"]
    assert instants(at, UTC_ONLY, 0).tolist() == [NOW_NS, UNREADABLE, NOW_NS, UNREADABLE, NOW_NS, UNREADABLE]


def test_reference_is_what_python_says() -> None:
    assert int(datetime(2026, 5, 1, 8, tzinfo=UTC).timestamp()) * 10**9 == NOW_NS


def test_a_zone_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(ValidationError, match="'Mars/Olympus' is no time zone; give an IANA name"):
        TimeOptions(zone="Mars/Olympus")


def test_the_first_time_of_a_process_is_not_held_up_by_an_import_of_pandas() -> None:
    read = (
        "import sys; from device_adapters.codecs.times import TimeOptions, instants; "
        "instants(['2026-05-01T08:00:00Z', 'never'], TimeOptions(), 0); sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", read], check=False).returncode == 0
