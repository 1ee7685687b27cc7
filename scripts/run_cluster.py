"""Start a cluster on this machine and keep it going until Ctrl-C: python scripts/run_cluster.py FOLDER [--ports 8480].

Kafka, InfluxDB, gateway, two workers, sink, console and simulated devices; supervisord starts again what dies.
Everything is kept in FOLDER, and a second start goes on from there.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

from cluster.files import prepare
from cluster.places import Places
from cluster.start import ClusterError, bring_up, chosen_ports, supervised
from cluster.words import told

SCRIPTS: Final = Path(__file__).parent


def brought(script: str) -> Path:
    """What a script that brings a server prints: where it is.

    Raises:
        ClusterError: it could not be brought; the script has said why.
    """
    ended = subprocess.run([str(SCRIPTS / script)], check=False, stdout=subprocess.PIPE, text=True)
    if ended.returncode:
        raise ClusterError(f"scripts/{script} did not bring its server; nothing was started")
    return Path(ended.stdout.strip())


def main() -> int:
    """The command line; its exit code."""
    parser = argparse.ArgumentParser(description="Start a cluster on this machine, until Ctrl-C.")
    parser.add_argument("folder", type=Path, help="where all of it is kept")
    parser.add_argument("--ports", type=int, help="the first of ten ports in a row (8480), chosen at the first start")
    words = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        places = Places(words.folder.absolute(), chosen_ports(words.folder, words.ports))
        prepare(places, brought("kafka.sh"), brought("influxdb.sh"))
        with supervised(places) as supervisor:
            bring_up(places, supervisor)
            print(told(places), flush=True)  # noqa: T201  # for people
            supervisor.wait()
        print(f"supervisord has ended; {places.logs / 'supervisord.log'} says why", file=sys.stderr)  # noqa: T201  # the same
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201  # the same
    except KeyboardInterrupt:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
