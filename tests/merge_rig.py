"""Townships side by side in a row, and reports of a storm that crosses them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from alerting.lifecycle import LifecyclePolicy
from alerting.merging import Merging
from alerting.stages.merge import MergeOptions
from pipeline.model.area import Area, Ring
from pipeline.model.delivery import Delivery
from pipeline.model.hazard import Hazard
from pipeline.model.identity import content_id
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report, WarningText
from tests.alerting_rig import Rig
from tests.reports import later, warning

WIDTH_DEG: Final = 0.02


def town(number: int) -> str:
    return f"990101{number:03d}000"


def square(number: int) -> Ring:
    """A square of some 2 km; neighbours by number share an edge."""
    west, east = 100 + number * WIDTH_DEG, 100 + (number + 1) * WIDTH_DEG
    return ((west, 30.0), (east, 30.0), (east, 30.02), (west, 30.02), (west, 30.0))


def towns(count: int) -> Inventory:
    district = Area(code="990101000000", name_zh="样例区", name_en="Sample District")
    each = (
        Area(code=town(n), name_zh=f"{n}镇", name_en=f"Town {n}", population=100, polygon=square(n))
        for n in range(1, count + 1)
    )
    return Inventory((district, *each), (), ())


def merging(count: int = 40, **options: Any) -> Merging:
    given = MergeOptions.model_validate({"hazards": ["rainstorm"], **options})
    return Merging(towns(count), LifecyclePolicy(), given)


def storm(
    number: int, report: int = 1, at_s: float = 0.0, level: Level = Level.ORANGE, **changes: Any
) -> HazardWarning:
    """Report `report` of the chain of town `number`, `at_s` seconds after noon; level none is the final one."""
    name, over = f"storm-{number}", level is Level.NONE
    words = WarningText(language="zh-CN", event="暴雨", headline="h", description=f"{number}镇：说明", instruction="i")
    values: dict[str, Any] = {
        "id": content_id("report", name, report),
        "report": Report.FINAL if over else Report.FIRST if report == 1 else Report.FOLLOW_UP,
        "hazard": Hazard.RAINSTORM,
        "area": town(number),
        "level": level,
        "peak_level": max(level, Level.ORANGE),
        "sent_at": later(at_s),
        "expires_at": later(at_s) + timedelta(hours=3),
        "texts": (words, words.model_copy(update={"language": "en-US", "description": f"Town {number}: said"})),
    }
    return warning(name, report, **values | changes)


ASK: Final[Any] = {"name": "end", "applies_to": "all_clear", "mode": "approval"}
"""A rule by which somebody has to allow each all-clear."""
END: Final = storm(1, 2, 600, Level.NONE)
"""It is over in the first town."""


def last(rig: Rig) -> HazardWarning:
    """What was told last."""
    return rig.store.recent_warnings(1)[0]


def told(rig: Rig) -> dict[str, Delivery]:
    """Target -> its message of that."""
    return {one.target: one for one in rig.rows(last(rig))}
