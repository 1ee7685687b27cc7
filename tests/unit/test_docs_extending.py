"""The examples of docs/extending: installed as their page says, loaded by entry point, held to their contract."""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numba
import numpy as np
import pytest

from alerting.base import Channel, FailureReason, Message, Outcome
from detectors.bound import BoundDetector
from detectors.checks import check_detector
from device_adapters.base import AdapterContext, Reject, RejectReason
from device_adapters.codecs.times import TimeOptions
from device_adapters.intake import table_of
from pipeline.clock import ManualClock
from pipeline.errors import BackPressureError
from pipeline.model.area import Area
from pipeline.model.batch import ReadingBatch
from pipeline.model.delivery import DeliveryState
from pipeline.model.finding import Finding, FindingState
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.instant import NS_PER_S, to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.quality import Quality
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Series
from pipeline.model.site import Sensor, Site
from pipeline.model.warning import HazardWarning, Report
from pipeline.registry import Group, load
from pipeline.telemetry import Event
from tests.adapter_rig import running, until
from tests.unit.markdown import ROOT, blocks

START: Final = datetime(2026, 5, 1, 8, tzinfo=UTC)
PLACE: Final = Area(code="990101001001", name_zh="样例村", name_en="Sample village")
INVENTORY: Final = Inventory(
    (PLACE,),
    (Site(id="plant", area=PLACE.code, name_zh="厂", name_en="Plant"),),
    tuple(
        Sensor(
            id=name, site="plant", kind=SensorKind.GAS, quantity=quantity, range_low=0, range_high=high, interval_s=1
        )
        for name, quantity, high in [("o2-1", Quantity.OXYGEN, 25), ("lel-1", Quantity.GAS_LEL, 100)]
    ),
)


@dataclass(frozen=True)
class Example:
    """One page: its code as a module, its entry point, its configuration."""

    page: str
    group: Group
    kind: str
    value: str
    options: dict[str, Any]


def example(page: str, section: str) -> Example:
    tables = [tomllib.loads(block.text) for block in blocks("toml", page=page)]
    ((group, points),) = tables[0]["project"]["entry-points"].items()
    ((kind, value),) = points.items()
    ((name, options),) = tables[1][section].items()
    assert options.pop("kind", name) == kind
    return Example(page, Group(group), kind, value, options)


EXAMPLES: Final = {
    name: example(f"docs/extending/{name}.md", section)
    for name, section in {"detector": "detectors", "adapter": "adapters", "channel": "channels"}.items()
}


def install(one: Example, site: Path, code: str | None = None) -> None:
    """Write what an installer would: the module, and the metadata with its entry point."""
    (block,) = blocks("python", page=one.page)
    (site / f"{one.value.partition(':')[0]}.py").write_text(code or block.text)
    info = site / f"example_{one.kind}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: example-{one.kind}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{one.group}]\n{one.kind} = {one.value}\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
            del sys.modules[name]


def component(name: str, site: Path, code: str | None = None) -> tuple[Any, Any]:
    """The class, by way of the registry, and its options as the page configures them."""
    one = EXAMPLES[name]
    install(one, site, code)
    cls = load(one.group, one.kind)
    return cls, cls.options_type.model_validate(one.options)


@pytest.mark.parametrize(
    ("name", "home"),
    [("detector", "detectors/gas"), ("adapter", "device_adapters"), ("channel", "alerting/channels")],
)
def test_the_code_of_the_page_is_as_clean_as_what_stands_beside_it(name: str, home: str) -> None:
    (code,) = blocks("python", page=EXAMPLES[name].page)
    for command in (["check"], ["format", "--diff"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "--stdin-filename", f"{home}/{name}_example.py"]
        done = subprocess.run(ruff, cwd=ROOT, input=code.text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_unknown_option_is_refused(name: str, site: Path) -> None:
    cls, options = component(name, site)
    with pytest.raises(ValueError, match="surprise"):
        cls.options_type.model_validate({**options.model_dump(), "surprise": 1})


def feed(bound: BoundDetector, values: Sequence[float]) -> list[Finding]:
    count = len(values)
    slot = np.full(count, INVENTORY.slot_by_series[Series("o2-1", Quantity.OXYGEN)], np.int32)
    at_ns = to_ns(START) + np.arange(count, dtype=np.int64) * NS_PER_S
    quality = np.full(count, Quality.GOOD, np.uint8)
    return [finding for _, finding in bound.feed(slot, at_ns, np.array(values, np.float64), quality)]


FALL: Final = [20.9] * 60 + [17.5] * 300 + [20.9] * 1_200


def test_the_detector_tells_of_one_episode(site: Path) -> None:
    cls, options = component("detector", site)
    assert options.low_vol == 19.0
    opened, closed = feed(BoundDetector(cls(options), INVENTORY), FALL)
    assert (opened.state, opened.level, opened.criterion) == (FindingState.OPENED, Level.ORANGE, "oxygen_low")
    assert START + timedelta(seconds=60) < opened.onset_at < START + timedelta(seconds=150)
    assert (closed.state, closed.id, closed.peak_level) == (FindingState.CLOSED, opened.id, Level.ORANGE)


def test_the_detector_keeps_the_promises_of_its_contract(site: Path) -> None:
    check_detector(component("detector", site)[0])


def test_a_new_release_of_the_detector_is_not_taken_for_the_old_one(site: Path) -> None:
    (block,) = blocks("python", page=EXAMPLES["detector"].page)
    cls, options = component("detector", site, block.text.replace("Level.ORANGE", "Level.YELLOW"))
    assert [finding.peak_level for finding in feed(BoundDetector(cls(options), INVENTORY), FALL)] == [Level.YELLOW] * 2


@dataclass
class KeepingSink:
    """Keeps what it is given; the first `busy` submissions are refused."""

    busy: int = 0
    batches: list[ReadingBatch] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    async def submit(self, batch: ReadingBatch) -> None:
        if self.busy:
            self.busy -= 1
            raise BackPressureError("full", 0.001)
        self.batches.append(batch)

    async def reject(self, source: str, rejects: Sequence[Reject]) -> None:
        assert source == "north-loggers"
        self.rejects += rejects


def run_until(adapter: Any, condition: Callable[[], bool]) -> None:
    async def main() -> None:
        async with running(adapter):
            await until(condition)

    asyncio.run(main())


@pytest.mark.parametrize("busy", [0, 1])
def test_the_adapter_takes_in_what_is_good_and_names_the_rest(site: Path, tmp_path: Path, busy: int) -> None:
    cls, options = component("adapter", site)
    folder = tmp_path / "incoming"
    folder.mkdir()
    lines = ["o2-1,2026-05-01T08:00:00Z,20.8", "o2-1,2026-05-01T08:00:01Z", "", "o2-9,2026-05-01T08:00:02Z,20.8"]
    (folder / "one.csv").write_bytes("\n".join(lines).encode())
    context = AdapterContext(INVENTORY, KeepingSink(busy), ManualClock(START))
    sink: Any = context.sink
    adapter = cls("north-loggers", options.model_copy(update={"folder": folder, "poll_s": 0.01}), context)
    run_until(adapter, lambda: not list(folder.iterdir()))
    (reading,) = [reading for batch in sink.batches for reading in batch.readings()]
    assert (reading.series, reading.observed_at_ns, reading.value) == (
        Series("o2-1", Quantity.OXYGEN),
        to_ns(START),
        20.8,
    )
    assert [reject.reason for reject in sink.rejects] == [RejectReason.MALFORMED, RejectReason.UNKNOWN_SENSOR]
    counts = [context.telemetry.total("north-loggers", event) for event in (Event.RECEIVED, Event.SENT, Event.DROPPED)]
    assert counts == [3, 1, 2]


def test_the_adapter_never_fails_on_bytes(site: Path) -> None:
    component("adapter", site)
    codec = sys.modules["logger_files"].LineCodec(table_of(INVENTORY), TimeOptions())
    for payload in [b"", b"\xff\xfe,,\n", b"o2-1,nan,nan", b"o2-1,1e400,1e400", bytes(range(256)) * 9, b",,,,"]:
        decoded = codec.decode(payload, to_ns(START))
        assert decoded.batch is None
        assert bool(decoded.rejects) == bool(payload)


def message() -> Message:
    warning = HazardWarning(
        id="w",
        chain="c",
        number=1,
        report=Report.FIRST,
        hazard=Hazard.GAS_LEAK,
        area=PLACE.code,
        level=Level.RED,
        peak_level=Level.RED,
        confidence=1,
        sent_at=START,
        expires_at=START + timedelta(hours=1),
        first_evidence_at=START,
        assessment="a",
        findings=("f",),
        texts=(),
    )
    return Message("d", warning, b"<alert/>", "燃气泄漏红色预警", "...")


def send(channel: Channel, target: str) -> Outcome:
    return asyncio.run(channel.send(message(), target))


def test_the_channel_writes_its_frame_and_says_no_more_than_it_knows(site: Path, tmp_path: Path) -> None:
    cls, options = component("channel", site)
    board = tmp_path / "board"
    board.touch()
    targets = {"market": board, "gone": tmp_path / "nothing"}
    channel = cls("town-boards", options.model_copy(update={"targets": targets}))
    assert list(channel.targets) == ["gone", "market"]
    assert send(channel, "market") == Outcome(DeliveryState.ACCEPTED)
    assert board.read_bytes() == b"\x02" + "燃气泄漏红色预警".encode("gb18030") + b"\x03"
    failures = {target: send(channel, target) for target in ("gone", "elsewhere")}
    assert {outcome.state for outcome in failures.values()} == {DeliveryState.FAILED}
    assert failures["gone"].reason is FailureReason.UNREACHABLE
    assert failures["elsewhere"].reason is FailureReason.MISCONFIGURED


def test_the_channel_gives_up_on_a_board_that_hangs(site: Path, tmp_path: Path) -> None:
    cls, options = component("channel", site)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    os.write(held, b"x" * fcntl.fcntl(held, fcntl.F_GETPIPE_SZ))
    os.set_blocking(held, True)
    channel = cls("town-boards", options.model_copy(update={"targets": {"pipe": pipe}, "timeout_s": 0.1}))
    assert send(channel, "pipe").reason is FailureReason.TIMEOUT
    os.read(held, 4_096)  # lets the writer go
    os.close(held)
