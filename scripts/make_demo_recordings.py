"""Make the recordings of the demonstration: python scripts/make_demo_recordings.py SOURCE [TARGET].

SOURCE holds the folders gas/, fire/ and tank/ of the public data sets that the README beside the recordings names.
The same source gives the same bytes.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from types import ModuleType
from typing import Final

from demo_recordings import background, fire, gas, rain, subsidence, tank
from demo_recordings.story import write_recording, write_truth

TARGET: Final = Path(__file__).parents[1] / "pipeline" / "samples" / "demo"
RECORDINGS: Final[dict[str, ModuleType]] = {
    "gas": gas,
    "fire": fire,
    "rain": rain,
    "tank": tank,
    "subsidence": subsidence,
    "background": background,
}
LICENCES: Final = {
    "gas/LICENSE": "ADED2022-MIT.txt",
    "fire/LICENSE.md": "NIST.txt",
    "tank/LICENSE": "Tennessee-Eastman-Illinois.txt",
}


def make(source: Path, target: Path) -> None:
    """Write target/recordings/*.parquet, their licences, and target/truth.csv."""
    folder = target / "recordings"
    (folder / "licences").mkdir(parents=True, exist_ok=True)
    for name, module in RECORDINGS.items():
        write_recording(folder / f"{name}.parquet", module.blocks(source))
    write_truth(target / "truth.csv", [event for module in RECORDINGS.values() for event in module.events(source)])
    for there, here in LICENCES.items():
        shutil.copyfile(source / there, folder / "licences" / here)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path, nargs="?", default=TARGET)
    arguments = parser.parse_args()
    make(arguments.source, arguments.target)


if __name__ == "__main__":
    main()
