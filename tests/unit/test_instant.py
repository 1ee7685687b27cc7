from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.instant import as_utc, from_ns, to_ns, to_text

BEIJING = timezone(timedelta(hours=8))


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # the zone is given beside it
def test_an_instant_survives_the_way_to_nanoseconds_and_back(at: datetime) -> None:
    assert from_ns(to_ns(at)) == at


def test_nanoseconds_are_floored_to_the_microsecond() -> None:
    assert from_ns(1_999) == datetime(1970, 1, 1, 0, 0, 0, 1, UTC)


def test_a_local_instant_is_written_in_utc() -> None:
    assert to_text(datetime(2026, 8, 6, 10, 15, tzinfo=BEIJING)) == "2026-08-06T02:15:00Z"


def test_an_instant_without_a_zone_is_refused_with_the_remedy() -> None:
    with pytest.raises(ValueError, match=r"no time zone; give one, for example \+08:00 or Z"):
        as_utc(datetime(2026, 8, 6))  # noqa: DTZ001  # that is the point
