from __future__ import annotations

import gzip
import zlib
from http import HTTPStatus

import pytest

from device_adapters.rate import TokenBucket
from device_adapters.transport.http import RefusedError, inflate

BODY = b'{"readings": []}' * 10


def test_gzip_within_its_bound() -> None:
    assert inflate(gzip.compress(BODY), len(BODY)) == BODY


def test_a_bomb_is_cut_off_at_the_bound() -> None:
    with pytest.raises(RefusedError, match="exceeds 1000 bytes once decompressed; send less") as caught:
        inflate(gzip.compress(bytes(10_000_000)), 1000)
    assert caught.value.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


BROKEN = {
    "no gzip": BODY,
    "zlib, not gzip": zlib.compress(BODY),
    "nothing": b"",
    "cut off": gzip.compress(BODY)[:-4],
    "more behind it": gzip.compress(BODY) + b"x",
    "damaged": gzip.compress(BODY)[:12] + b"\0\0\0\0" + gzip.compress(BODY)[16:],
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_what_is_no_gzip_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedError, match="gzip") as caught:
        inflate(data, 1_000_000)
    assert caught.value.status == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_bucket_lets_a_burst_pass_and_then_its_rate() -> None:
    bucket = TokenBucket(per_s=10, burst=100)
    assert bucket.wait_s(1000.0) == 0
    bucket.take(100, 1000.0)
    assert bucket.wait_s(1000.0) == 0
    bucket.take(50, 1000.0)
    assert bucket.wait_s(1000.0) == 5
    assert bucket.wait_s(1004.0) == 1
    assert bucket.wait_s(1005.0) == 0


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    bucket = TokenBucket(per_s=10, burst=20)
    bucket.take(30, 1_000_000.0)
    assert bucket.wait_s(1_000_000.0) == 1


def test_a_clock_that_steps_back_gives_nothing() -> None:
    bucket = TokenBucket(per_s=10, burst=20)
    bucket.take(30, 100.0)
    assert bucket.wait_s(50.0) == 1
