"""What a loudspeaker terminal is given: the vendor's keys, our words; what all terminals are told is made once."""

from __future__ import annotations

import asyncio
import base64
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from alerting.base import Message
from alerting.channels.speech import SpeechError, SpeechOptions, speak
from alerting.words import COLOURS
from pipeline.model.instant import to_text
from pipeline.model.warning import HazardWarning

OWN: Final = ("delivery", "title", "text")
"""Fields that are each terminal's own."""
FIELDS: Final = (
    "delivery", "hazard", "level", "colour", "status", "title", "text", "sent_at", "expires_at", "cap", "audio",
)  # fmt: skip
KEPT: Final = 20
"""Reports whose words are at hand."""

_Told = tuple[str, int]
"""A report, and its level as it is told: for some it may be over."""
REPEAT: Final = "repeat"


class Documents:
    """Messages to terminals as JSON.

    Args:
        keys: the vendor's key -> one of FIELDS.
        repeat: how often a terminal is to play it; goes as it is.
    """

    def __init__(self, keys: Mapping[str, str], repeat: int, speech: SpeechOptions) -> None:
        self._own = {key: field for key, field in keys.items() if field in OWN and key != REPEAT}
        self._common = {key: field for key, field in keys.items() if field not in OWN}
        self._repeat = repeat
        self._speech = speech
        self._kept: OrderedDict[_Told, bytes | SpeechError] = OrderedDict()

    async def prepare(self, messages: Iterable[Message]) -> None:
        """Have the words of these reports at hand, spoken side by side where they are."""
        new = {told: one for one in messages if (told := _told(one)) not in self._kept}
        made = await asyncio.gather(*(self._of_report(one) for one in new.values()))
        self._kept.update(zip(new, made, strict=True))

    def document(self, message: Message) -> bytes:
        """Of a message that was prepared.

        Raises:
            SpeechError: its report could not be spoken.
        """
        common = self._kept[_told(message)]
        if isinstance(common, SpeechError):
            raise common
        values = {"delivery": message.delivery_id, "title": message.title, "text": message.body}
        own = msgspec.json.encode({key: values[field] for key, field in self._own.items()})
        return b"".join((own[:-1], b"," if self._own else b"", common))

    def forget(self) -> None:
        """All but the latest; and what could not be spoken is tried anew."""
        for name in [name for name, one in self._kept.items() if isinstance(one, SpeechError)]:
            del self._kept[name]
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    async def _of_report(self, message: Message) -> bytes | SpeechError:
        """The end of the JSON, from the first field that is the same for all."""
        values = _facts(message.warning, message.cap_xml)
        if "audio" in self._common.values():
            try:
                values["audio"] = base64.b64encode(await speak(message, self._speech)).decode()
            except SpeechError as error:
                return error
        common = {key: values[field] for key, field in self._common.items()} | {REPEAT: self._repeat}
        return msgspec.json.encode(common)[1:]


def _told(message: Message) -> _Told:
    return message.warning.id, message.warning.level


def _facts(warning: HazardWarning, cap_xml: bytes) -> dict[str, Any]:
    return {
        "hazard": warning.hazard,
        "level": int(warning.level),
        "colour": COLOURS["zh-CN"].get(warning.level, ""),
        "status": warning.status,
        "sent_at": to_text(warning.sent_at),
        "expires_at": to_text(warning.expires_at),
        "cap": cap_xml.decode(),
    }
