"""Rooms in which something rises: what people do in them, and fires, as readings of heat, smoke and carbon monoxide.

Nobody may use a room of ours as a kitchen, so these are simulations: each thing is a rise of the three quantities to an
amount, over a time, with a delay, drawn between bounds that publications give or bear out:

- cooking and its limits: UL 217, 8th edition: broiled hamburgers must not sound an alarm below 1.5 %/ft (4.8 %/m);
  flaming polyurethane must by 5 %/ft (15.5 %/m), smouldering by 12 %/ft (34.3 %/m);
- carbon monoxide: EPA: 5 to 15 ppm near well adjusted gas stoves, 30 and more near others; cities and smokers' rooms
  stay below 32 ppm (Lackey, ADT);
- what toasting, frying, steam, dust, candles and cigarettes raise and what not: Cleary, AUBE '01 and '04; Cestari,
  Worrell and Milke, Fire Safety Journal 40 (2005); NIST TN 1455-1, chapter on nuisance;
- fires: EN 54-5 (3 to 30 K/min), EN 54-7 test fires TF2 to TF5 (smouldering ends at 2 dB/m), NIST TN 1455-1.

Between those bounds the figures are ours. Rises are exponential towards their amount (people, steam) or steady (fires).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

Span = tuple[float, float]
"""Bounds that a figure is drawn between."""
QUIET_S: Final = 1200.0
"""How long a room is left alone before something begins."""
LASTS_S: Final = 2400.0
"""For how long what has begun is watched."""
CLEAN: Final = (22.0, 0.3, 2.0)
NOISE: Final = {"good": (0.1, 0.1, 0.5), "bad": (2.0, 0.4, 3.0)}
"""Standard deviations of white noise of the instruments: K, %/m, ppm."""


@dataclass(frozen=True)
class Rise:
    """One quantity: how much, how soon (time constant, or time of a steady rise), and how much later than the rest."""

    amount: Span
    over_s: Span
    after_s: Span = (0.0, 0.0)
    steady: bool = False
    ends_s: Span | None = None

    def at(self, second: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        """Values above clean air, by seconds since the thing began; airing takes five minutes."""
        amount, over, after = (draw.uniform(*bounds) for bounds in (self.amount, self.over_s, self.after_s))
        since = np.maximum(second - after, 0.0)
        rise = np.asarray(since / over if self.steady else 1.0 - np.exp(-since / over))
        if self.ends_s is None:
            return amount * rise
        end = after + draw.uniform(*self.ends_s)
        most = end / over if self.steady else 1.0 - np.exp(-(end - after) / over)
        return amount * np.where(second < end, rise, most * np.exp(-np.maximum(second - end, 0.0) / 300.0))


Thing = tuple[Rise, Rise, Rise]
NONE: Final = Rise((0.0, 0.0), (60.0, 60.0))
EVERYDAY: Final[dict[str, Thing]] = {
    "frying": (
        Rise((4, 12), (180, 400), ends_s=(600, 1500)),
        Rise((1, 5), (120, 300), (30, 120), ends_s=(600, 1500)),
        Rise((1, 6), (200, 400), ends_s=(600, 1500)),
    ),
    "gas stove": (
        Rise((6, 15), (180, 400), ends_s=(900, 1800)),
        Rise((0.5, 3), (200, 400), ends_s=(900, 1800)),
        Rise((5, 15), (200, 500), ends_s=(900, 1800)),
    ),
    "broiling": (
        Rise((6, 14), (300, 600), ends_s=(900, 1500)),
        Rise((3, 8), (200, 400), (200, 400), ends_s=(900, 1500)),
        Rise((2, 10), (200, 500), (100, 200), ends_s=(900, 1500)),
    ),
    "oven door": (
        Rise((2, 6), (40, 120), ends_s=(60, 180)),
        Rise((1, 6), (40, 120), (0, 30), ends_s=(60, 180)),
        Rise((1, 8), (60, 200), ends_s=(60, 180)),
    ),
    "toasting": (
        Rise((1, 3), (60, 120), ends_s=(120, 240)),
        Rise((4, 14), (30, 90), (60, 120), ends_s=(120, 240)),
        Rise((4, 18), (60, 120), (60, 120), ends_s=(120, 240)),
    ),
    "shower": (
        Rise((3, 8), (120, 300), ends_s=(300, 900)),
        Rise((3, 14), (30, 120), (10, 60), ends_s=(300, 900)),
        NONE,
    ),
    "candles": (Rise((0.5, 2), (300, 600)), Rise((0.2, 1), (300, 600)), Rise((1, 4), (600, 900))),
    "cigarettes": (NONE, Rise((0.5, 3), (60, 200), ends_s=(300, 600)), Rise((1, 6), (100, 300), ends_s=(300, 600))),
    "sweeping": (NONE, Rise((2, 14), (10, 60), ends_s=(30, 400)), NONE),
    "welding": (
        Rise((1, 5), (100, 300), ends_s=(300, 1200)),
        Rise((2, 8), (30, 120), ends_s=(300, 1200)),
        Rise((3, 20), (60, 300), ends_s=(300, 1200)),
    ),
    "heater": (Rise((6, 15), (180, 600)), NONE, NONE),
    "car": (Rise((0, 2), (100, 300)), Rise((0, 0.8), (60, 200)), Rise((20, 120), (120, 600), ends_s=(200, 900))),
}
"""What people do: heat [K], smoke [%/m], carbon monoxide [ppm]."""
FIRES: Final[dict[str, Thing]] = {
    "flaming": (
        Rise((10, 60), (60, 60), (5, 30), steady=True),
        Rise((4, 40), (60, 60), (0, 30), steady=True),
        Rise((5, 30), (60, 60), (10, 60), steady=True),
    ),
    "smouldering": (
        Rise((1, 4), (1200, 2400)),
        Rise((8, 30), (1200, 1200), (300, 900), steady=True),
        Rise((30, 100), (1200, 1800), (0, 120), steady=True),
    ),
    "oil on the stove": (
        Rise((10, 40), (60, 60), (400, 600), steady=True),
        Rise((10, 40), (300, 300), (200, 400), steady=True),
        Rise((5, 20), (60, 60), (400, 600), steady=True),
    ),
}


def readings(thing: Thing | None, interval_s: float, noise: str, seed: int) -> list[tuple[float, int, float]]:
    """Rows (second, quantity 0 heat 1 smoke 2 carbon monoxide, value) of a room; the thing begins at second 0."""
    draw = np.random.default_rng(seed)
    second = np.arange(-QUIET_S, LASTS_S, interval_s) + draw.uniform(0, interval_s)
    columns = []
    for quantity, clean in enumerate(CLEAN):
        own = thing[quantity].at(np.maximum(second, 0.0), draw) if thing else np.zeros(second.size)
        values = clean + own + draw.normal(0.0, NOISE[noise][quantity], second.size)
        if quantity == 1:
            values = 100.0 * (1.0 - np.exp(-np.maximum(values, 0.0) / 100.0))  # light cannot be dimmed by more
        columns.append(values if quantity == 0 else np.maximum(values, 0.0))
    return [(float(at), quantity, float(columns[quantity][k])) for k, at in enumerate(second) for quantity in range(3)]
