"""Write what is generated of the sample site: python scripts/make_sample_site.py [TARGET].

Run it after a change of an option: a test compares the file with the program. inventory.toml is written by hand.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from sample_site.configuration import configuration
from sample_site.readings import readings

TARGET: Final = Path(__file__).parents[1] / "pipeline" / "samples" / "site"


def make(target: Path) -> None:
    """Write target/forewarn.toml and target/readings.csv."""
    target.mkdir(parents=True, exist_ok=True)
    (target / "forewarn.toml").write_text(configuration(), encoding="utf-8")
    (target / "readings.csv").write_text(readings(), encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path, nargs="?", default=TARGET)
    make(parser.parse_args().target)


if __name__ == "__main__":
    main()
