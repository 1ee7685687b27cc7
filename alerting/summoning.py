"""Sends for one person who is called: a message of their own with a code and a link to answer it by."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from alerting.people.options import CallOn, Person
from alerting.people.secret import hashed, new_code, new_token
from alerting.stages.escalate import Call, Summons, next_contact
from alerting.store.calls import add_summons, answerable, summoned
from alerting.store.outbox import add_deliveries
from alerting.store.release import grant
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery
from pipeline.model.identity import content_id
from pipeline.model.release import How, Release
from pipeline.model.warning import HazardWarning

NOTES: Final = {
    CallOn.ACKNOWLEDGE: ("【值班】请确认已知悉", "Duty: acknowledge this"),
    CallOn.RELEASE: ("【值班】待发布，请审批", "Duty: waits for release, decide"),
    CallOn.SILENCED: ("【值班】此预警被静默，未发出", "Duty: a silence hid this, it was not sent"),
    CallOn.LATE: (
        "【值班】此预警有渠道赶不上时限，请另行通知",
        "Duty: a channel will not be through with this in time",
    ),
    CallOn.CANCEL: ("【值班】撤销预警待批准，请审批", "Duty: a Cancel waits for approval, decide"),
}


class Summoning:
    """Within the transaction of who calls. `address`: where links lead; empty for none."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")

    def summon(
        self,
        connection: Connection,
        call: Call,
        report: HazardWarning,
        person: Person,
        here: tuple[int, int],
        at: datetime,
    ) -> None:
        """Send for a person at the next of their contacts; for nobody where all were tried. `here`: round and step."""
        called = summoned(connection, call.id)
        way = next_contact(person, called)
        if way is None:
            return
        number = len(called) + 1
        code, token = self._fresh(connection), new_token()
        message = Delivery(
            id=content_id("summons", call.id, number),
            warning=report.id,
            audience=Audience.DUTY,
            channel=way[0],
            target=way[1],
            queued_at=at,
            next_attempt_at=at,
            note=self._note(call, code, token),
        )
        grant(connection, Release(warning=report.id, audience=Audience.DUTY, how=How.CALL, at=at))
        add_deliveries(connection, [message], [report])
        one = Summons(
            call=call.id, number=number, round=here[0], step=here[1], person=person.name, channel=way[0],
            target=way[1], delivery=message.id, at=at,
        )  # fmt: skip
        add_summons(connection, one, hashed(code), hashed(token))

    def _fresh(self, connection: Connection) -> str:
        """A code that no open call has."""
        while answerable(connection, code_hash=hashed(code := new_code())):
            pass
        return code

    def _note(self, call: Call, code: str, token: str) -> str:
        zh, en = NOTES[call.on]
        link = f" {self._address}/a/{token}" if self._address else ""
        return f"{zh}：回复 {code}{link}\n{en}: answer {code}"
