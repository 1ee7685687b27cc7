"""JSON: one reading or many, in the form below or wherever the configuration says that things stand.

    {"readings": [{"sensor": "g1", "value": 1.2, "unit": "ppm", "at": "2026-05-01T08:00:00Z", "status": "normal"}]}

A bare list of such readings, or one alone, is read as well. `unit`, `quantity` and `status` may be left out; `value`
may be null where `status` says that the device does not measure. Good messages of this form are decoded into typed
records; whatever else is walked through reading by reading, so that one bad reading costs only itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, Final, Literal

import msgspec
from pydantic import Field, model_validator

from device_adapters.codecs.base import Decoded, Options, RejectReason
from device_adapters.codecs.claims import Claims
from device_adapters.codecs.json_paths import ABSENT, Path, Template, walk
from device_adapters.codecs.judgement import judge
from device_adapters.codecs.loose import STATUS_BY_WORD, Loose, StatusWords, claim
from device_adapters.codecs.measurements import Measurements
from device_adapters.codecs.times import TimeOptions

_FIELDS: Final = ("sensor", "value", "at", "unit", "quantity", "status")


class JsonPlaces(Options):
    """Where one kind of reading stands in a message; see `json_paths` for how to write a place.

    Attributes:
        sensor: place of the inventory's id of the sensor.
        value: place of its value.
        at: place of the time; left out, `times.absent` decides.
        unit, quantity, status: left out, what the inventory declares, and a normal device.
        absent: what a message without the value is: a reject, or none of this kind's business.
    """

    sensor: str
    value: str
    at: str | None = None
    unit: str | None = None
    quantity: str | None = None
    status: str | None = None
    absent: Literal["reject", "skip"] = "reject"

    @model_validator(mode="after")
    def _spread_over_one_list(self) -> JsonPlaces:
        stem = Path.parse(self.value).stem
        for name in _FIELDS:
            text = getattr(self, name)
            for path in Template.parse(text).paths if text else ():
                if path.stem not in (None, stem):
                    message = f"{name} {text!r} is spread over another list than value {self.value!r}"
                    raise ValueError(message)
        return self


class JsonOptions(Options):
    """How JSON is to be read.

    Attributes:
        places: the kinds of reading in a message; none means the form in the head of this file.
        status_codes: what the device's own words or numbers for its status mean, besides our words.
    """

    times: TimeOptions = TimeOptions()
    places: tuple[JsonPlaces, ...] = ()
    status_codes: StatusWords = Field(default_factory=dict)


class _Item(msgspec.Struct, gc=False):
    sensor: str
    value: float
    at: str | int | float | None = None
    unit: str | None = None
    quantity: str | None = None
    status: str | int | None = None


class _Envelope(msgspec.Struct):
    readings: list[_Item]


_ENVELOPE: Final = msgspec.json.Decoder(_Envelope)
_LIST: Final = msgspec.json.Decoder(list[_Item])
_ITEM: Final = msgspec.json.Decoder(_Item)


class JsonReadings:
    """The codec. `read` gathers the claims of several messages, `decode` is one message from end to end."""

    def __init__(self, options: JsonOptions, measurements: Measurements) -> None:
        self.options = options
        self._measurements = measurements
        self._words = {**STATUS_BY_WORD, **options.status_codes}
        self._kinds = [_Kind(places) for places in options.places]

    def decode(self, payload: bytes, received_at_ns: int, topic: str = "") -> Decoded:
        """Readings and rejects of one message; `topic` is what MQTT brought it under."""
        claims = Claims()
        self.read(claims, payload, topic)
        return self.judge(claims, received_at_ns)

    def judge(self, claims: Claims, received_at_ns: int) -> Decoded:
        """What `read` gathered, judged against the inventory."""
        return judge(claims, self._measurements, self.options.times, received_at_ns)

    def read_each(self, claims: Claims, messages: Sequence[tuple[bytes, str]]) -> None:
        """Add what each of many messages claims, in their order: `read` for every (payload, topic), only quicker."""
        if self._kinds or not self._read_lines(claims, [payload for payload, _ in messages]):
            self._read_one_by_one(claims, messages)

    def _read_lines(self, claims: Claims, payloads: Sequence[bytes]) -> bool:
        """Whether each of them is one typed reading on one line, read as one text; otherwise none was added."""
        text = b"\n".join(payloads)
        if text.count(b"\n") != len(payloads) - 1:
            return False
        try:
            items = _ITEM.decode_lines(text)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return False
        return len(items) == len(payloads) and self._claim_typed(claims, items, repeat(0, len(items)))

    def _read_one_by_one(self, claims: Claims, messages: Sequence[tuple[bytes, str]]) -> None:
        singles: list[_Item] = []
        for payload, topic in messages:
            if not self._kinds:
                try:
                    singles.append(_ITEM.decode(payload))
                except (msgspec.MsgspecError, ValueError, RecursionError):
                    pass  # of another form, or none
                else:
                    continue
            self._claim_singles(claims, singles)
            self.read(claims, payload, topic)
        self._claim_singles(claims, singles)

    def _claim_singles(self, claims: Claims, singles: list[_Item]) -> None:
        """Add readings that came one a message, and forget them."""
        if singles and not self._claim_typed(claims, singles, repeat(0, len(singles))):
            for item in singles:
                self._read_form(claims, msgspec.to_builtins(item))
        singles.clear()

    def read(self, claims: Claims, payload: bytes, topic: str = "") -> None:
        """Add what the message claims."""
        if not self._kinds and self._read_typed(claims, payload):
            return
        try:
            message = json.loads(payload)  # takes NaN and Infinity too: they cost only their own reading
        except (ValueError, RecursionError) as error:
            claims.refuse(None, RejectReason.MALFORMED, f"not JSON: {error!s:.200}; send one JSON document", payload)
            return
        if self._kinds:
            self._read_places(claims, message, topic.split("/"))
        else:
            self._read_form(claims, message)

    def _read_typed(self, claims: Claims, payload: bytes) -> bool:
        try:
            listed = payload.lstrip()[:1] == b"["
            items = _LIST.decode(payload) if listed else _ENVELOPE.decode(payload).readings
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return False
        return self._claim_typed(claims, items, range(len(items)))

    def _claim_typed(self, claims: Claims, items: list[_Item], positions: Iterable[int]) -> bool:
        """Whether all of them are claims as they stand; otherwise none was added."""
        words = self._words
        statuses = [0 if item.status is None else words.get(str(item.status).lower()) for item in items]
        sensors = [item.sensor for item in items]
        if None in statuses or "" in sensors:
            return False
        claims.positions += positions
        claims.items += items
        claims.sensors += sensors
        claims.quantities += [item.quantity for item in items]
        claims.units += [item.unit for item in items]
        claims.values += [item.value for item in items]
        claims.at += [item.at for item in items]
        claims.statuses += [status for status in statuses if status is not None]
        return True

    def _read_form(self, claims: Claims, message: object) -> None:
        items = message.get("readings", [message]) if isinstance(message, dict) else message
        if not isinstance(items, list):
            detail = "neither a reading, nor a list of readings, nor an object with such a list as `readings`"
            claims.refuse(None, RejectReason.MALFORMED, detail, message)
            return
        for position, item in enumerate(items):
            if isinstance(item, dict):
                claim(claims, position, item, Loose(*(item.get(name, ABSENT) for name in _FIELDS)), self._words)
            else:
                claims.refuse(position, RejectReason.MALFORMED, "not a JSON object; send one a reading", item)

    def _read_places(self, claims: Claims, message: object, topic: list[str]) -> None:
        position = 0
        for kind in self._kinds:
            elements = kind.elements(message)
            if elements is None:
                if kind.absent == "reject":
                    detail = f"no list where {kind.value_text} says that one stands"
                    claims.refuse(position, RejectReason.MALFORMED, detail, message)
                    position += 1
                continue
            for element in elements:
                loose = kind.loose(message, element, topic)
                if loose.value is not ABSENT or kind.absent == "reject":
                    claim(claims, position, element, loose, self._words)
                position += 1


class _Kind:
    """`JsonPlaces`, made ready."""

    def __init__(self, places: JsonPlaces) -> None:
        self.absent = places.absent
        self.value_text = places.value
        self._stem = Path.parse(places.value).stem
        texts = {name: getattr(places, name) for name in _FIELDS}
        self._templates = {name: Template.parse(text) for name, text in texts.items() if text is not None}

    def elements(self, message: object) -> list[Any] | None:
        """What is read one by one: the elements of the list, or the message alone; None without the list."""
        if self._stem is None:
            return [message]
        found = walk(message, self._stem)
        return found if isinstance(found, list) else None

    def loose(self, message: object, element: object, topic: list[str]) -> Loose:
        """What stands in the places."""
        return Loose(**{name: template.fill(message, element, topic) for name, template in self._templates.items()})
