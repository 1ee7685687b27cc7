"""An exercise neither swallows, delays nor carries along what is real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alerting.store.store import Store
from pipeline.model.level import Level
from pipeline.model.warning import WarningStatus
from tests.alerting_rig import Rig
from tests.reports import warning

ROUTES = [{"name": "duty", "audience": "duty", "to": ["sms/duty-room"], "exercise": True}]
PUBLIC = [{"name": "public", "to": ["siren/village"], "exercise": True}]
EXERCISE: dict[str, Any] = {"status": WarningStatus.EXERCISE, "level": Level.YELLOW}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = Store(f"sqlite:///{tmp_path / 'store.db'}")
    yield one
    one.close()


def test_a_real_report_does_not_ride_along_with_an_exercise(store: Store) -> None:
    rig = Rig(store, routing={"group_s": 60, "group_max_level": "yellow"}, routes=ROUTES)
    real = warning("real", level=Level.YELLOW)
    rig.tell(warning("drill", **EXERCISE), real)
    assert rig.queued(real) == ["sms/duty-room"]


def test_exercises_do_not_use_up_the_limit_of_what_is_real(store: Store) -> None:
    rig = Rig(store, routing={"limits": [{"count": 1, "window_s": 600}]}, routes=PUBLIC)
    real = warning("real", level=Level.YELLOW)
    rig.tell(warning("drill", **EXERCISE), real)
    assert rig.queued(real) == ["siren/village"]


def test_an_exercise_swallows_nothing_real(store: Store) -> None:
    rig = Rig(store, routing={"inhibit": [{"name": "all"}]}, routes=PUBLIC)
    real = warning("real", level=Level.YELLOW)
    rig.tell(warning("drill", status=WarningStatus.EXERCISE, level=Level.RED), real)
    assert rig.queued(real) == ["siren/village"]
