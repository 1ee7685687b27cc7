"""One SMPP session in a thread of its own: submits side by side, receipts as they come.

smpplib's client blocks; here its reading loop runs in one thread, and whoever submits only writes and waits for the
answer of the same sequence number.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, Final

from smpplib import consts, exceptions
from smpplib.client import Client

from alerting.base import Receipt
from alerting.channels.smpp_codes import RECEIPT, receipt_of

ENQUIRE_S: Final = 15.0
"""After so long without a word we ask whether the other side is there."""

Heard = Callable[[Receipt], bool]
"""Whether a receipt is durable; if not, the centre is told to send it again."""


class RefusedError(Exception):
    """The centre answered with a command_status other than 0."""

    def __init__(self, status: int) -> None:
        super().__init__(consts.DESCRIPTIONS.get(status, f"status {status:#x}"))
        self.status = status


class BrokenError(Exception):
    """No connection, or it broke off."""


class _Wire(Client):  # type: ignore[misc]  # smpplib has no types
    """Writes of several threads do not mix."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._writing = Lock()
        super().__init__(*arguments, **options)

    def send_pdu(self, pdu: Any) -> bool:
        """One PDU, whole."""
        with self._writing:
            return bool(super().send_pdu(pdu))


class Session:
    """Connects and binds when made; of no use once it broke.

    Raises:
        BrokenError: nobody answers. RefusedError: it will not have us.
    """

    def __init__(self, host: str, port: int, bind: Mapping[str, str], timeout_s: float, heard: Heard) -> None:
        self._heard = heard
        self._waiting: dict[int, Future[str]] = {}
        self._sending = Lock()
        self.broken = False
        self._wire = _Wire(host, port, timeout=timeout_s, allow_unknown_opt_params=True)
        self._wire.set_message_sent_handler(self._answered)
        self._wire.set_message_received_handler(self._received)
        self._wire.set_error_pdu_handler(self._refused)
        try:
            self._wire.connect()
            self._wire.bind_transceiver(**bind)
        except exceptions.PDUError as error:
            self.close()
            raise RefusedError(int(error.args[-1])) from error
        except (exceptions.ConnectionError, exceptions.UnknownCommandError, OSError) as error:
            self.close()
            raise BrokenError(type(error).__name__) from error
        self._wire.timeout = ENQUIRE_S
        self._wire._socket.settimeout(ENQUIRE_S)  # noqa: SLF001  # it offers no other way
        Thread(target=self._read, name="smpp", daemon=True).start()

    def submit(self, **fields: Any) -> Future[str]:
        """One submit_sm; the centre's id of it. Ends in RefusedError or BrokenError where it fails."""
        waiting: Future[str] = Future()
        waiting.set_running_or_notify_cancel()  # it is on its way: who gives up waiting cannot call it back
        try:
            with self._sending:  # the answer may come before `send_message` returns
                pdu = self._wire.send_message(**fields)
                self._waiting[pdu.sequence] = waiting
        except (exceptions.ConnectionError, exceptions.PDUError, OSError) as error:
            self._break(error)
            if not waiting.done():
                waiting.set_exception(BrokenError(type(error).__name__))
        return waiting

    def close(self) -> None:
        """Break off; what waits ends in BrokenError."""
        self._break(ConnectionError())

    def _read(self) -> None:
        try:
            while not self.broken:
                self._wire.read_once()
        except Exception as error:  # noqa: BLE001  # a broken connection, or bytes that no PDU can be made of
            self._break(error)

    def _answered(self, pdu: Any, **_: Any) -> None:
        with self._sending:
            waiting = self._waiting.pop(pdu.sequence, None)
        if waiting is not None:
            waiting.set_result(_text(pdu.message_id))

    def _refused(self, pdu: Any) -> None:
        with self._sending:
            waiting = self._waiting.pop(pdu.sequence, None)
        if waiting is not None:
            waiting.set_exception(RefusedError(int(pdu.status)))

    def _received(self, pdu: Any, **_: Any) -> int | None:
        """A deliver_sm: its status in our answer."""
        if not int(pdu.esm_class or 0) & RECEIPT:
            return None
        receipt = receipt_of(_text(pdu.short_message), _text(getattr(pdu, "receipted_message_id", None)) or None)
        if receipt is None or self._heard(receipt):
            return None
        return int(consts.SMPP_ESME_RX_T_APPN)

    def _break(self, error: BaseException) -> None:
        self.broken = True
        with self._sending:
            left, self._waiting = list(self._waiting.values()), {}
        for waiting in left:
            waiting.set_exception(BrokenError(type(error).__name__))
        sock = self._wire._socket  # noqa: SLF001  # disconnect() would send an unbind and wait
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
            self._wire._socket = None  # noqa: SLF001  # else it complains when it is collected


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.rstrip(b"\0").decode("latin-1")
    return str(value or "")
