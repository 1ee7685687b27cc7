"""Channel `smpp`: SMS by an SMS centre over SMPP 3.4, with its delivery receipts.

A message of more than one part is DELIVERED when each part is. Chinese goes as UCS-2, 67 characters a part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from pydantic import Field, SecretStr, model_validator
from smpplib import consts, gsm

from alerting.base import Channel, ChannelOptions, FailureReason, Message, Outcome, Receipt, Tell, failed
from alerting.channels.blocking import in_thread
from alerting.channels.quiet import quiet
from alerting.channels.secret_text import SecretText
from alerting.channels.smpp_codes import verdict
from alerting.channels.smpp_session import BrokenError, RefusedError, Session
from pipeline.clock import SystemClock
from pipeline.errors import ChannelError
from pipeline.model.delivery import DeliveryState

_DURABLE_S: Final = 10.0
"""How long the centre waits for a receipt to be written down, before it is told to send it again."""
_LOOK_S: Final = 0.5


class SmppOptions(ChannelOptions):
    """The centre, and the telephones.

    Attributes:
        host, port: of the SMS centre.
        system_id, password: ours there; the password from one of value, env, file.
        system_type: as the centre gave it.
        source: the number or name that telephones show.
        targets: name -> number, +8613800000000.
        targets_file: more of them, one "name number" a line.
    """

    host: str
    port: int = Field(default=2775, ge=1, le=65535)
    system_id: str = Field(max_length=15)
    password: SecretText
    system_type: str = Field(default="", max_length=12)
    source: str = Field(default="", max_length=20)
    targets: dict[str, SecretStr] = Field(default_factory=dict)
    targets_file: Path | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.targets and self.targets_file is None:
            raise ValueError("give targets, or a targets_file")
        return self


class Smpp(Channel):
    """One session for all targets, bound when it is first needed and again after it broke."""

    kind: ClassVar[str] = "smpp"
    options_type: ClassVar[type[ChannelOptions]] = SmppOptions

    def __init__(self, name: str, options: SmppOptions) -> None:
        super().__init__(name, options)
        quiet("smpp")
        self._options = options
        self._password = options.password.read(f"channel {name!r}, password")
        self._numbers = _numbers(name, options)
        self._clock = SystemClock()
        self._session: Session | None = None
        self._binding: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None
        self._tell: tuple[asyncio.AbstractEventLoop, Tell] | None = None

    @property
    def targets(self) -> Sequence[str]:
        """Names of the telephones."""
        return tuple(sorted(self._numbers))

    async def send(self, message: Message, target: str) -> Outcome:
        """ACCEPTED with the centre's id of each part, which its receipts name."""
        number = self._numbers.get(target)
        if number is None:
            return failed(FailureReason.MISCONFIGURED, f"no target {target!r} in channel {self.name!r}")
        try:
            async with asyncio.timeout(self.timeout_s):
                session = await self._bound()
                left_s = (message.warning.expires_at - self._clock.now()).total_seconds()
                ids = await self._submit(session, number, message.body, left_s)
        except RefusedError as error:
            reason, wait_s = verdict(error.status)
            return failed(reason, f"SMPP {error.status:#04x}: {error}", wait_s)
        except BrokenError as error:
            return failed(FailureReason.UNREACHABLE, f"the SMS centre broke off: {error}")
        except TimeoutError:
            self._drop()  # whether it is alive, a new session will show
            return failed(FailureReason.TIMEOUT, f"no answer within {self.timeout_s:g} s")
        return Outcome(DeliveryState.ACCEPTED, detail=f"{len(ids)} part(s)", references=ids)

    async def close(self) -> None:
        """Break off; receipts of messages already sent come over the next session."""
        self._drop()

    async def listen(self, tell: Tell) -> None:
        """Keep a session bound: receipts come over it. They are acknowledged once `tell` has returned."""
        self._tell = (asyncio.get_running_loop(), tell)
        try:
            while True:
                await self._bound()
                await asyncio.sleep(_LOOK_S)
        finally:
            self._tell = None
            self._drop()

    async def _submit(self, session: Session, number: str, text: str, left_s: float) -> tuple[str, ...]:
        parts, coding, esm_class = gsm.make_parts(text)
        fields: dict[str, Any] = {
            "source_addr_ton": consts.SMPP_TON_ALNUM if not self._options.source.isdecimal() else consts.SMPP_TON_UNK,
            "source_addr": self._options.source,
            "dest_addr_ton": consts.SMPP_TON_INTL if number.startswith("+") else consts.SMPP_TON_UNK,
            "dest_addr_npi": consts.SMPP_NPI_ISDN,
            "destination_addr": number.removeprefix("+"),
            "data_coding": coding,
            "esm_class": esm_class,
            "registered_delivery": True,
            "validity_period": validity(left_s),
        }
        waiting = [asyncio.wrap_future(session.submit(short_message=part, **fields)) for part in parts]
        return tuple(await asyncio.gather(*waiting))

    async def _bound(self) -> Session:
        loop = asyncio.get_running_loop()
        if self._binding is None or self._binding[0] is not loop:
            self._binding = (loop, asyncio.Lock())
        async with self._binding[1]:
            if self._session is None or self._session.broken:
                self._session = await in_thread(self._bind, self.timeout_s)
            return self._session

    def _bind(self) -> Session:
        options = self._options
        bind = {"system_id": options.system_id, "password": self._password, "system_type": options.system_type}
        return Session(options.host, options.port, bind, self.timeout_s, self._heard)

    def _heard(self, receipt: Receipt) -> bool:
        """In the session's thread: whether the receipt is durable."""
        listening = self._tell
        if listening is None:
            return False
        loop, tell = listening
        try:
            asyncio.run_coroutine_threadsafe(_told(tell, receipt), loop).result(_DURABLE_S)
        except (TimeoutError, RuntimeError, asyncio.CancelledError):
            return False
        return True

    def _drop(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


def validity(seconds: float) -> str:
    """A span in SMPP's relative form (7.1.1): the centre gives a message up when its report has expired."""
    left = min(max(int(seconds), 1), 63 * 86_400)
    days, hours, minutes = left // 86_400, left // 3_600 % 24, left // 60 % 60
    months, days = divmod(days, 30)
    return f"00{months:02}{days:02}{hours:02}{minutes:02}{left % 60:02}000R"


async def _told(tell: Tell, receipt: Receipt) -> None:
    await tell(receipt)


def _numbers(name: str, options: SmppOptions) -> dict[str, str]:
    found = {key: value.get_secret_value().strip() for key, value in options.targets.items()}
    if options.targets_file is not None:
        found |= _from_file(name, options.targets_file)
    for key, number in found.items():
        if not number.removeprefix("+").isdecimal():
            raise ChannelError(
                f"channel {name!r}, target {key!r}: no telephone number; want for example +8613800000000"
            )
    return found


def _from_file(name: str, path: Path) -> dict[str, str]:
    try:
        lines = [line.split() for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise ChannelError(f"channel {name!r}: cannot read {path}: {type(error).__name__}") from error
    wrong = next((at for at, words in enumerate(lines, 1) if len(words) != 2), None)  # noqa: PLR2004  # name and number
    if wrong is not None:
        raise ChannelError(f"channel {name!r}: {path}, entry {wrong}: want a name without spaces and a number")
    return {words[0]: words[1] for words in lines}
