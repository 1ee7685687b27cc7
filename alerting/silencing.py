"""Silences: set and ended by people."""

from __future__ import annotations

from datetime import timedelta

from alerting.office import Office, require_near
from alerting.people.actor import Actor
from alerting.stages.scope import concerns_any
from alerting.stages.silence import Silence
from alerting.store.audit import add_audit
from alerting.store.silences import put_silence
from alerting.store.turn import Turn, take_turn
from pipeline.errors import DutyError, UnknownError
from pipeline.model.instant import to_text
from pipeline.model.inventory import Inventory


class Silencing(Office):
    """What is set, or ended, counts for every report that is released from then on.

    Attributes:
        inventory: the areas there are, where they are known.
    """

    inventory: Inventory | None = None

    def silence(self, silence: Silence, actor: Actor) -> Silence:
        """Set a silence.

        Raises:
            DutyError: it is over, lies years away, or is about an area that there is not.
        """
        now = self.clock.now()
        self._require_known(silence)
        require_near(now, silence.ends_at)
        if silence.ends_at <= now:
            raise DutyError(f"a silence that ended at {to_text(silence.ends_at)} hides nothing")
        with self.store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            put_silence(connection, silence)
            words = f"until {to_text(silence.ends_at)}, up to {silence.max_level.word}: {silence.reason}"
            add_audit(connection, now, actor.who, f"{silence.kind}.set", silence.id, words)
        return silence

    def _require_known(self, silence: Silence) -> None:
        codes = self.inventory.area_by_code if self.inventory else {}
        for area in silence.areas:
            if codes and not any(concerns_any(code, [area]) for code in codes):
                raise UnknownError(f"no area begins with {area}; `forewarn list areas` shows all")

    def end_silence(self, silence_id: str, actor: Actor) -> Silence:
        """End a silence now; what it hid and is still in force goes out.

        Raises:
            DutyError: there is none, or it is over.
        """
        now = self.clock.now()
        found = next((one for one in self.store.silences(now) if one.id == silence_id), None)
        if found is None:
            raise UnknownError(f"no silence {silence_id} is in force or to come")
        over = found.model_copy(update={"ends_at": max(now, found.begins_at + timedelta(microseconds=1))})
        with self.store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            put_silence(connection, over)
            add_audit(connection, now, actor.who, f"{over.kind}.end", over.id)
        return over
