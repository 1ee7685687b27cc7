"""InfluxDB's client: a request is written whole, refused for good, or not taken now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException
from urllib3 import Retry
from urllib3.exceptions import HTTPError

from pipeline.config.influx import InfluxOptions
from pipeline.errors import BackPressureError, InfluxError

RETRY_AFTER_S: Final = 1.0
_DROPPED: Final = re.compile(r"dropped=(\d+)")
_WORDS: Final = 300


@dataclass(frozen=True, slots=True)
class Refused:
    """Points that InfluxDB will never take, in its own words; None of them where it does not tell how many."""

    number: int | None
    reason: str


class Influx:
    """One bucket. Calls block, one caller at a time.

    Raises:
        InfluxError: the token is not to be had.
    """

    def __init__(self, options: InfluxOptions) -> None:
        self._options = options
        self._client: Any = InfluxDBClient(
            options.url,
            options.token(),
            org=options.org,
            timeout=round(options.timeout_s * 1e3),
            retries=Retry(total=0, redirect=3),
            ssl_ca_cert=str(options.ca_file) if options.ca_file else None,
        )
        self._write: Any = self._client.write_api(write_options=SYNCHRONOUS)

    def check(self) -> None:
        """Look whether the bucket may be written to.

        Raises:
            InfluxError: the token, the organisation or the bucket is wrong.
            BackPressureError: it cannot be reached.
        """
        self._sent(b"")

    def write(self, lines: bytes) -> Refused | None:
        """Write lines; what InfluxDB refused of them for good.

        Raises:
            BackPressureError: nothing is known to be written; come again.
            TooLargeError: cut it in pieces.
        """
        try:
            return self._sent(lines)
        except InfluxError as error:  # a token or a bucket that was taken away may come back: keep what there is
            raise BackPressureError(str(error), RETRY_AFTER_S) from error

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _sent(self, lines: bytes) -> Refused | None:
        options = self._options
        try:
            self._write.write(options.bucket, options.org, lines, WritePrecision.NS)
        except ApiException as error:
            return self._answered(error, lines)
        except (HTTPError, OSError) as error:
            words = f"InfluxDB at {options.url} cannot be reached: {_plain(error)}"
            raise BackPressureError(words, RETRY_AFTER_S) from error
        return None

    def _answered(self, error: ApiException, lines: bytes) -> Refused | None:
        """What an answer other than success comes to."""
        options, words = self._options, _words(error)
        where = f"InfluxDB at {options.url}"
        match error.status:
            case HTTPStatus.BAD_REQUEST | HTTPStatus.UNPROCESSABLE_ENTITY:
                found = _DROPPED.search(words)
                return Refused(int(found[1]) if found else None, words) if lines else None
            case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                raise TooLargeError(f"{where} does not take {len(lines)} bytes at once") from error
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                raise InfluxError(
                    f"{where} does not accept the token of influx.{options.token_source} "
                    f"for bucket {options.bucket!r}: {words}; give one that may write to it"
                ) from error
            case HTTPStatus.NOT_FOUND:
                raise InfluxError(
                    f"{where} has no bucket {options.bucket!r} in organisation {options.org!r}: {words}; "
                    "make it, or correct influx.org and influx.bucket"
                ) from error
        raise BackPressureError(f"{where} answers {error.status}: {words}", _retry_after_s(error)) from error


class TooLargeError(Exception):
    """More bytes than the server takes in one request."""


def _words(error: ApiException) -> str:
    body = error.body.decode("utf-8", "replace") if isinstance(error.body, bytes) else str(error.body or error.reason)
    found = re.search(r'"message"\s*:\s*"((?:[^"\\]|\\.)*)"', body)
    return (found[1].replace('\\"', '"') if found else body)[:_WORDS]


def _retry_after_s(error: ApiException) -> float:
    headers: Any = error.headers or {}
    stated = headers.get("Retry-After", "")
    return float(stated) if str(stated).isdigit() else RETRY_AFTER_S


def _plain(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return f"{reason}"[:_WORDS]
