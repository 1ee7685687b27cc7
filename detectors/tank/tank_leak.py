"""A slow loss of a tank that pumps and heat do not explain.

Volume by the tank's shape (`shape`), brought to 15 degC by the liquid's expansion (API MPMS 11.1), less what the flow
meters say has come in: that balance of a sound tank stands still. Its means over `mean_s` fall by what has leaked. The
falls, less an allowance, are summed (Page 1954) and forgotten in `forget_s`: the sum is the volume lost since the tank
was last in balance. It is told in percent of the tank, from `blue_share` on and from `swings` times what the balance
usually swings in a day, so that waves and unmeasured heat raise the bound and no alarm. Where no flow is measured, or
the tank's shape is not known, a mean that moves faster than `transfer_m_h`, and than its noise, is pumping: it is
passed over, and a sudden loss cannot be told from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, sqrt
from typing import Any, ClassVar, Final, Self

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, Subject
from detectors.evidence import grade, levels
from detectors.kernel import kernel
from detectors.tank.balance import HEAT, know_noise, shrunk
from detectors.tank.shape import TABLE, ShapeOptions, Strapped, shape_of, strapped, volume_m3
from detectors.watched import together
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory, InventoryError
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

CHANNELS_MAX: Final = 16
"""Instruments of one tank that are listened to."""
_LEVEL, _FLOW = 0, 2
_ROLES: Final = {Quantity.TANK_LEVEL: _LEVEL, Quantity.TEMPERATURE: HEAT, Quantity.FLOW: _FLOW}
_STALE_INTERVALS: Final = 3.0
"""Intervals for which a flow holds; without a newer one the balance is not known."""
_NOISES: Final = 4.0
"""Deviations of the difference of two means that are no pumping yet."""
_FORGETTING: Final = 0.3
"""Weight of the newest day in the usual swing."""
_DAY_NS: Final = 86_400 * NS_PER_S
_PERCENT: Final = 100.0


class TankLeakOptions(ShapeOptions):
    """How the balance is struck, and how much may be missing."""

    raise_after_s: float = Field(default=0.0, ge=0, description="the sum outlasts waves by itself")
    lower_after_s: float = Field(default=21_600.0, ge=0, description="hold-off")
    expansion_per_k: float = Field(default=0.0, ge=0, lt=1, description="of the liquid [1/K]; 0: not corrected for")
    flow_sign: float = Field(default=1.0, ge=-1, le=1, description="of a flow meter: 1 flows in, -1 out, 0 passes by")
    flow_error_share: float = Field(default=0.005, ge=0, lt=1, description="of what was pumped: as much may be missing")
    mean_s: float = Field(default=1800.0, gt=0, description="time of one mean of the balance")
    allowance_share_d: float = Field(default=0.0005, ge=0, description="share of the tank lost a day that is no leak")
    forget_s: float = Field(default=259_200.0, gt=0, description="time constant in which a loss is forgotten")
    transfer_m_h: float = Field(default=0.02, gt=0, description="without flow meters: faster is pumping")
    swings: float = Field(default=1.5, ge=0, description="of usual swings of a day that a loss must exceed")
    learn_days: int = Field(default=3, ge=0, description="whose swings are learned before anything is said")
    blue_share: float = Field(default=0.001, gt=0, description="share of the tank lost: blue")
    yellow_share: float = Field(default=0.003, gt=0, description="share of the tank lost: yellow")
    orange_share: float = Field(default=0.01, gt=0, description="share of the tank lost: orange")
    deadband: float = Field(default=0.2, ge=0, lt=1, description="share of a threshold to fall below to leave it")


STATE: Final = np.dtype(
    [
        ("heat_c", "f8", (CHANNELS_MAX,)),
        ("heats", "?"),
        ("flow", "f8", (CHANNELS_MAX,)),
        ("heard_ns", "i8", (CHANNELS_MAX,)),
        ("counted_ns", "i8", (CHANNELS_MAX,)),
        ("moved_m3", "f8"),
        ("through_m3", "f8"),
        ("block", "i8"),
        ("count", "i8"),
        ("total", "f8"),
        ("height", "f8"),
        ("blind", "?"),
        ("known", "?"),
        ("before", "f8"),
        ("before_m", "f8"),
        ("before_block", "i8"),
        ("path", "f8"),
        ("day", "i8"),
        ("low", "f8"),
        ("high", "f8"),
        ("days", "i8"),
        ("swing", "f8"),
        ("grain", "f8"),
        ("lost", "f8"),
        ("foot_ns", "i8"),
        ("last_m", "f8", (2,)),
        ("heights", "i8"),
        ("noise_square", "f8"),
    ],
    align=True,
)
"""The block under way: readings, total balance and height, what was pumped `through`; `blind` where a flow is missing.
The mean before it, if `known`. The balance without what was passed over (`path`), its low and high of the day and their
usual difference, `swing`. `grain`: what flows between two readings of a meter, the most of late. The sum `lost` since
`foot_ns` [m3]. The last two heights, of how many so far, and the variance of one [m2]."""
PARAMS: Final = np.dtype(
    [
        ("strapping", TABLE),
        ("capacity", "f8"),
        ("channels", "i8"),
        ("role", "i8", (CHANNELS_MAX,)),
        ("sign", "f8", (CHANNELS_MAX,)),
        ("stale_ns", "i8", (CHANNELS_MAX,)),
        ("expansion", "f8"),
        ("flow_error", "f8"),
        ("mean_ns", "i8"),
        ("allowance", "f8"),
        ("kept", "f8"),
        ("transfer_m", "f8"),
        ("swings", "f8"),
        ("learn", "i8"),
        ("shares", "f8", (4,)),
        ("deadband", "f8"),
    ],
    align=True,
)
"""`allowance` [m3] and `transfer_m` [m] are those of one mean."""


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:
    """Take in heat or flow; a level closes the block that is over, then joins the one under way."""
    role = params.role[channel]
    if role == HEAT:
        if not state.heats:  # from here on volumes are corrected: no step of the balance
            state.heats, state.known, state.count, state.total, state.height = True, False, 0, 0.0, 0.0
            state.heat_c[:] = np.nan
        state.heat_c[channel] = value
    elif role == _FLOW:
        _pump(state, params, channel, at_ns)
        state.flow[channel] = value * params.sign[channel]
        interval_h = params.stale_ns[channel] / (_STALE_INTERVALS * 3600.0 * NS_PER_S)
        state.grain = max(state.grain, abs(state.flow[channel]) * interval_h)
        state.heard_ns[channel], state.counted_ns[channel] = at_ns, at_ns
    else:
        block = at_ns // params.mean_ns
        if block != state.block:
            _close(state, params)
            state.block, state.count, state.total, state.height = block, 0, 0.0, 0.0
        for k in range(params.channels):
            if params.role[k] == _FLOW:
                _pump(state, params, k, at_ns)
        know_noise(state, value)
        state.count += 1
        state.height += value
        state.total += volume_m3(params.strapping, value) * shrunk(state, params) - state.moved_m3
    lost = state.lost / params.capacity
    bound = (params.swings * state.swing + state.grain) / params.capacity
    evidence.level = grade(lost, params.shares, params.deadband, level) if lost >= bound or level > 0 else 0
    evidence.value = _PERCENT * lost
    evidence.threshold = _PERCENT * max(params.shares[max(evidence.level, 1) - 1], bound)
    evidence.score = lost / params.shares[0]
    evidence.window_ns = min(state.foot_ns, at_ns) if lost > 0.0 else at_ns


@kernel
def _pump(state: Any, params: Any, channel: int, at_ns: int) -> None:
    """Count what has flowed since this meter was last looked at; a flow that is stale leaves the balance blind."""
    if state.heard_ns[channel] == 0 or at_ns - state.heard_ns[channel] > params.stale_ns[channel]:
        state.blind = True
        return
    passed_ns = max(at_ns - state.counted_ns[channel], 0)
    moved = state.flow[channel] * passed_ns / (3600.0 * NS_PER_S)
    state.moved_m3 += moved
    state.through_m3 += abs(moved)
    state.counted_ns[channel] += passed_ns


@kernel
def _close(state: Any, params: Any) -> None:
    """Compare the mean of the block that is over with the one before it."""
    through, state.through_m3 = state.through_m3, 0.0
    if state.count == 0 or state.blind:
        state.known, state.blind = False, False
        return
    mean, height = state.total / state.count, state.height / state.count
    metered = False
    for k in range(params.channels):
        metered = metered or params.role[k] == _FLOW
    follows = state.known and state.block == state.before_block + 1
    noise_m = _NOISES * sqrt(2.0 * state.noise_square / state.count)
    pumped = not metered and abs(height - state.before_m) > max(params.transfer_m, noise_m)
    before, state.before, state.before_m, state.before_block = state.before, mean, height, state.block
    state.known = not (follows and pumped)
    if not follows or pumped:
        return
    fall = before - mean
    _swing(state, params, fall)
    slack = params.allowance + params.flow_error * through
    state.grain *= params.kept
    if state.lost <= 0.0:
        state.foot_ns = state.block * params.mean_ns
    state.lost = max(state.lost * params.kept + fall - slack, 0.0) if state.days >= params.learn else 0.0


@kernel
def _swing(state: Any, params: Any, fall: float) -> None:
    """Follow the balance; at the end of a day its range is known."""
    day = state.block * params.mean_ns // _DAY_NS
    if day != state.day:
        if state.day > 0:
            state.days += 1
            state.swing += max(_FORGETTING, 1.0 / state.days) * (state.high - state.low - state.swing)
        state.day, state.low, state.high = day, state.path, state.path
    state.path -= fall
    state.low, state.high = min(state.low, state.path), max(state.high, state.path)


class TankLeak(Detector):
    """One subject a tank: its level gauge, and the thermometers and flow meters of the gauge's group."""

    kind: ClassVar[str] = "tank_leak"
    version: ClassVar[int] = 2
    state_since: ClassVar[int | None] = 1
    hazard: ClassVar[Hazard] = Hazard.TANK_LEAK
    options_type = TankLeakOptions
    state = STATE
    params = PARAMS
    step = staticmethod(step)
    criteria = (
        Criterion(
            "loss",
            "volume balance after API MPMS 11.1 and 40 CFR 280.43; Page (1954), Biometrika 41",
            "%",
            "the tank has lost liquid that pumps and heat do not explain",
            "罐内液体减少，收发料和温度变化不能解释，疑似泄漏",
            "of the tank's volume lost",
            "已损失（占罐容）",
            standard_zh="按API MPMS 11.1与40 CFR 280.43的体积平衡；Page（1954）累积和",
        ),
    )

    @classmethod
    def on_trial(cls) -> Self:
        """One for which pumping out is a loss, within the hours of the checks."""
        return cls(TankLeakOptions(mean_s=300.0, learn_days=0, transfer_m_h=1e4, diameter_m=12.0, length_m=30.0))

    def subjects(self, inventory: Inventory) -> Sequence[Subject]:
        """Every tank with a level gauge; of several in one group the first.

        Raises:
            InventoryError: a group of more than CHANNELS_MAX instruments.
            ValueError: a strapping table that cannot be read.
        """
        tables = strapped(self.options.strapping)  # type: ignore[attr-defined]  # of TankLeakOptions
        heard = (one for one in inventory.sensors if one.kind is SensorKind.TANK and one.quantity in _ROLES)
        tanks = ((name, _members(every)) for name, every in together(heard))
        return [self._subject(name, members, tables) for name, members in tanks if members]

    def _subject(self, name: str, members: Sequence[tuple[Sensor, int]], tables: Strapped) -> Subject:
        gauge, _ = members[0]
        if len(members) > CHANNELS_MAX:
            raise InventoryError(f"group {name}", f"{len(members)} tank instruments, at most {CHANNELS_MAX}")
        options = self.options_for(gauge)
        if gauge.id not in tables and options.diameter_m <= 0.0:  # cubic metres mean nothing against its height
            members = [one for one in members if one[1] != _FLOW]
        low_m, step_m, volumes = shape_of(gauge, options, tables)
        unused = [0] * (CHANNELS_MAX - len(members))
        params = {
            "strapping": (low_m, step_m, volumes),
            "capacity": max(float(volumes[-1] - volumes[0]), 1e-9),
            "channels": len(members),
            "role": [role for _, role in members] + unused,
            "sign": [self.options_for(one).flow_sign for one, _ in members] + unused,
            "stale_ns": [round(_STALE_INTERVALS * one.interval_s * NS_PER_S) for one, _ in members] + unused,
            "expansion": options.expansion_per_k,
            "flow_error": options.flow_error_share,
            "mean_ns": round(options.mean_s * NS_PER_S),
            "kept": exp(-options.mean_s / options.forget_s),
            "transfer_m": options.transfer_m_h * options.mean_s / 3600.0,
            "swings": options.swings,
            "learn": options.learn_days,
            "shares": levels(blue=options.blue_share, yellow=options.yellow_share, orange=options.orange_share),
            "deadband": options.deadband,
        }
        params["allowance"] = options.allowance_share_d * params["capacity"] * options.mean_s / 86_400.0
        return Subject(name, gauge.site, tuple(one.series for one, _ in members), params, options)


def _members(every: Sequence[Sensor]) -> list[tuple[Sensor, int]]:
    """The first gauge of a group, and what else of it bears on the balance; nobody where there is no gauge."""
    gauge = next((one for one in every if one.quantity is Quantity.TANK_LEVEL), None)
    if gauge is None:
        return []
    rest = [(one, _ROLES[one.quantity]) for one in every if one.quantity is not Quantity.TANK_LEVEL]
    return [(gauge, _LEVEL), *rest]
