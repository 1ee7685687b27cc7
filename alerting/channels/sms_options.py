"""What the SMS services of clouds have in common: whom they reach, and the words of an approved template."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from alerting.base import ChannelOptions, Message
from alerting.channels.secret_text import SecretText
from alerting.short_text import text_of
from alerting.words import COLOURS
from pipeline.errors import ChannelError

FIELDS: Final = ("title", "body", "headline", "event", "instruction", "level")


class SmsTarget(BaseModel):
    """One group of telephones, reached by one call of the service.

    Attributes:
        numbers: E.164, +8613800000000; of the mainland also 13800000000.
        numbers_file: the same in a file, one a line.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    numbers: tuple[Annotated[SecretStr, Field(min_length=5, max_length=16)], ...] = ()
    numbers_file: Path | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.numbers) == (self.numbers_file is not None):
            raise ValueError("give exactly one of numbers and numbers_file")
        return self

    def read(self, owner: str, at_most: int) -> tuple[str, ...]:
        """The numbers.

        Raises:
            ChannelError: a file that cannot be read, too many, or one that is no number; names none of them.
        """
        if self.numbers_file is None:
            found = [one.get_secret_value() for one in self.numbers]
        else:
            try:
                found = self.numbers_file.read_text("utf-8").split()
            except (OSError, UnicodeDecodeError) as error:
                raise ChannelError(f"{owner}: cannot read {self.numbers_file}: {type(error).__name__}") from error
        wrong = [at for at, one in enumerate(found, 1) if not one.lstrip("+").isdecimal()]
        if wrong or not found:
            raise ChannelError(
                f"{owner}: {f'number {wrong[0]} is none' if wrong else 'no numbers'}; want +8613800000000"
            )
        if len(found) > at_most:
            raise ChannelError(f"{owner}: {len(found)} numbers; one call takes {at_most}: make more targets of it")
        return tuple(dict.fromkeys(found))


class SmsOptions(ChannelOptions):
    """The account, the template, the telephones.

    Attributes:
        endpoint: where the service answers, without a path.
        key_id, key_secret: the access key, each from one of value, env, file.
        sign_name: the approved signature.
        template: the approved template's code.
        parameters: of the template, in its order: name -> words, in which {title}, {body}, {headline}, {event},
            {instruction} and {level} stand for those of the report, in Chinese.
        parameter_max_chars: a value longer than this is cut; services refuse long ones.
        receipts: "pull" asks the service what became of each message; the key must be allowed to.
        receipts_every_s: how often, at first.
        targets: name -> telephones.
    """

    endpoint: str = Field(pattern=r"^https?://[^/\s]+$")
    key_id: SecretText
    key_secret: SecretText
    sign_name: str = Field(min_length=1)
    template: str = Field(min_length=1)
    parameters: dict[str, str] = Field(default_factory=dict)
    parameter_max_chars: int = Field(default=35, ge=10)
    receipts: Literal["off", "pull"] = "off"
    receipts_every_s: float = Field(default=15.0, gt=0)
    targets: dict[str, SmsTarget] = Field(min_length=1)


def filled(parameters: dict[str, str], message: Message, chars_max: int) -> dict[str, str]:
    """The template's parameters with the report's words in their places, each cut to `chars_max`."""
    text = text_of(message.warning, "zh-CN")
    words = {
        "title": message.title,
        "body": message.body,
        "headline": text.headline,
        "event": text.event,
        "instruction": text.instruction,
        "level": COLOURS["zh-CN"].get(message.warning.level, "解除"),
    }
    return {name: _cut(_fill(pattern, words), chars_max) for name, pattern in parameters.items()}


def _fill(pattern: str, words: dict[str, str]) -> str:
    for field in FIELDS:
        pattern = pattern.replace("{" + field + "}", words[field])
    return " ".join(pattern.split())


def _cut(text: str, chars_max: int) -> str:
    return text if len(text) <= chars_max else text[: chars_max - 1] + "…"
