"""What the Kafka adapter can be told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from device_adapters.codecs.json_readings import JsonOptions
from device_adapters.codecs.line_protocol import LineOptions
from device_adapters.codecs.telegraf_json import TelegrafOptions
from pipeline.broker_access import BrokerAccess


class KafkaTopicsOptions(BrokerAccess):
    """Topics of others, and how their messages are to be read.

    Attributes:
        topics: their names; one that begins with ^ is a regular expression.
        group: our consumer group; processes of one group share the partitions.
        form: "json" for readings, "lines" for line protocol, "telegraf" for Telegraf's JSON.
        begin: where a group begins that has no offsets yet.
        max_payload_bytes: longer messages are refused.
        messages_at_once: taken in together, at most.
        json_form, lines, telegraf: how each form is to be read; {topic[0]} is the name of the topic.
    """

    topics: Annotated[tuple[str, ...], Field(min_length=1)]
    group: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")
    form: Literal["json", "lines", "telegraf"] = "json"
    begin: Literal["earliest", "latest"] = "earliest"
    max_payload_bytes: int = Field(default=1_000_000, ge=1)
    messages_at_once: int = Field(default=20_000, ge=1, le=100_000)
    json_form: JsonOptions = Field(default=JsonOptions(), alias="json")
    lines: LineOptions = LineOptions()
    telegraf: TelegrafOptions = TelegrafOptions()
