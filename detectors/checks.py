"""The promises of a detector as checks: run them on yours with `check_detector(YourDetector)`.

Each check is a function of a detector class, raises CheckError with what was promised and what came, and runs on the
field of `detectors.scenario`, on which a detector must find something when that field is in trouble.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, get_args

import numpy as np
from pydantic.fields import FieldInfo

from detectors.base import Detector
from detectors.bound import BoundDetector
from detectors.scenario import Columns, calm, empty, inventory, trouble
from pipeline.model.finding import Finding, FindingState
from pipeline.model.quality import Quality

_UNFIT: Final = ((float("nan"), Quality.MISSING), (1e9, Quality.FAIL))


class CheckError(AssertionError):
    """A promise that a detector does not keep."""


def check_detector(detector: type[Detector]) -> None:
    """Run every check.

    Raises:
        CheckError: the first promise that is not kept.
    """
    for check in CHECKS:
        check(detector)


def told(bound: BoundDetector, batches: Iterable[Columns]) -> list[Finding]:
    """All findings of some batches, in order."""
    return [
        finding
        for columns in batches
        for _, finding in bound.feed(columns.slot, columns.at_ns, columns.value, columns.quality)
    ]


def told_in_trouble(detector: type[Detector]) -> list[Finding]:
    """What it says of the field in trouble, read as one batch."""
    return told(BoundDetector(detector.on_trial(), inventory()), [trouble()])


def check_finds_trouble(detector: type[Detector]) -> None:
    """Something is found when every sensor goes from calm to the worst."""
    _require(detector, bool(told_in_trouble(detector)), "finds nothing in a field where everything goes wrong")


def check_calm(detector: type[Detector]) -> None:
    """A constant, plausible input gives no finding."""
    found = told(BoundDetector(detector.on_trial(), inventory()), [calm()])
    _require(detector, not found, f"constant, plausible readings gave {found[:1]}")


def check_revisions(detector: type[Detector]) -> None:
    """An episode opens once, counts its revisions, keeps its onset, and says nothing after it is closed."""
    last: dict[str, Finding] = {}
    for finding in told_in_trouble(detector):
        before = last.get(finding.id)
        opened = finding.state is FindingState.OPENED
        fits = (
            opened and finding.revision == 0
            if before is None
            else not opened
            and before.state is not FindingState.CLOSED
            and (finding.revision, finding.onset_at) == (before.revision + 1, before.onset_at)
        )
        _require(detector, fits, f"{finding} cannot follow {before}")
        _require(detector, (finding.level > 0) != (finding.state is FindingState.CLOSED), f"{finding} is of no level")
        _require(detector, finding.window_start_at <= finding.at, f"{finding} has evidence from after it was made")
        last[finding.id] = finding


def check_batches(detector: type[Detector]) -> None:
    """How readings are cut into batches does not matter."""
    whole, columns = told_in_trouble(detector), trouble()
    for seed in range(3):
        pieces = told(BoundDetector(detector.on_trial(), inventory()), _cut(columns, seed))
        _require(detector, pieces == whole, f"cut by seed {seed}, {_first_difference(pieces, whole)}")


def check_snapshots(detector: type[Detector]) -> None:
    """State saved and restored, at any place, gives the same result."""
    whole, columns = told_in_trouble(detector), trouble()
    for share in (0.0, 0.3, 0.5, 0.9):
        here = round(share * len(columns))
        first, second = (BoundDetector(detector.on_trial(), inventory()) for _ in range(2))
        found = told(first, [columns.rows(slice(0, here))])
        second.restore(first.snapshot())
        _require(detector, second.snapshot() == first.snapshot(), "a restored snapshot is not the one that was saved")
        found += told(second, [columns.rows(slice(here, None))])
        _require(detector, found == whole, f"restarted at {share:.0%}, {_first_difference(found, whole)}")


def check_unfit_readings(detector: type[Detector]) -> None:
    """Readings that are missing or failed change nothing."""
    whole, columns = told_in_trouble(detector), trouble()
    for value, quality in _UNFIT:
        twice = columns.rows(np.repeat(np.arange(len(columns)), 2))
        twice.value[0::2], twice.quality[0::2] = value, quality
        found = told(BoundDetector(detector.on_trial(), inventory()), [twice])
        _require(detector, found == whole, f"with {quality.name} readings, {_first_difference(found, whole)}")


def check_no_sensors(detector: type[Detector]) -> None:
    """An inventory without sensors is watched in silence."""
    bound = BoundDetector(detector.on_trial(), empty())
    _require(detector, not told(bound, [trouble().rows(slice(0, 0))]), "finds something where there is no sensor")
    bound.restore(bound.snapshot())


def check_criteria(detector: type[Detector]) -> None:
    """Every criterion has a key of its own, a source, and words in both languages."""
    keys = [one.key for one in detector.criteria]
    _require(detector, bool(keys) and len(set(keys)) == len(keys), f"criteria {keys} are none, or one stands twice")
    for one in detector.criteria:
        _require(detector, all((one.standard, one.en, one.zh)), f"criterion {one.key} lacks its standard or its words")
        _require(detector, bool(one.figure_en) == bool(one.figure_zh), f"criterion {one.key} has one figure of two")
        for words in filter(None, (one.zh, one.figure_zh)):
            _require(detector, not words.isascii(), f"criterion {one.key}: {words!r} is not Chinese")


def check_overrides(detector: type[Detector]) -> None:
    """Each numeric option can be set for a sensor, and reaches its records; one that does not exist is an error."""
    plain = _records(detector, {})
    for name, field in detector.options_type.model_fields.items():
        if not _is_numeric(field):
            continue
        kept = [records for value in _others(field) if (records := _records(detector, {name: value})) is not None]
        _require(detector, bool(kept), f"option {name} takes no other value for a sensor")
        _require(detector, any(records != plain for records in kept), f"option {name} of a sensor changes nothing")
    _require(detector, _records(detector, {"no_such_option": 1.0}) is None, "an unknown option of a sensor is taken")


CHECKS: Final[tuple[Callable[[type[Detector]], None], ...]] = (
    check_finds_trouble,
    check_calm,
    check_revisions,
    check_batches,
    check_snapshots,
    check_unfit_readings,
    check_no_sensors,
    check_criteria,
    check_overrides,
)


def _require(detector: type[Detector], kept: bool, broken: str) -> None:  # noqa: FBT001  # the condition, as in assert
    if not kept:
        message = f"{detector.__name__}: {broken}"
        raise CheckError(message)


def _first_difference(found: list[Finding], whole: list[Finding]) -> str:
    pairs = enumerate(zip(found, whole, strict=False))
    place = next((k for k, (a, b) in pairs if a != b), min(len(found), len(whole)))
    return f"finding {place} is {found[place : place + 1]}, not {whole[place : place + 1]}"


def _cut(columns: Columns, seed: int) -> Iterator[Columns]:
    """Batches of one to about a hundred rows; of exactly one for seed 0."""
    sizes = np.random.default_rng(seed)
    start = 0
    while start < len(columns):
        stop = start + (1 if seed == 0 else int(sizes.integers(1, 100)))
        yield columns.rows(slice(start, stop))
        start = stop


def _is_numeric(field: FieldInfo) -> bool:
    """Whether a sensor's thresholds, which are numbers, can set it."""
    return bool({float, int} & {field.annotation, *get_args(field.annotation)})


def _others(field: FieldInfo) -> list[float]:
    """Values that a numeric option may have instead of its default."""
    default = field.default
    if default is None:
        return [0.5, 5.0, 11.0, 50.0, 200.0]
    return [default * factor for factor in (0.97, 1.03, 0.5, 2.0)] + [default + 1.0, 0.5]


def _records(detector: type[Detector], own: dict[str, float]) -> Any:
    """What the subjects of a field are bound with when its sensors have options of their own; None if refused."""
    thresholds = {f"{detector.kind}.{name}": value for name, value in own.items()}
    try:
        subjects = detector.on_trial().subjects(inventory(thresholds))
    except ValueError:
        return None
    timing = [(s.options.raise_after_s, s.options.lower_after_s, s.options.expected_tolerance_s) for s in subjects]
    return [(s.id, repr(dict(s.params)), when) for s, when in zip(subjects, timing, strict=True)]
