"""What `make cluster` writes before it starts anything, and what it refuses."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest
from cluster.files import prepare
from cluster.places import PORTS, Places
from cluster.start import ClusterError, chosen_ports, supervised
from cluster.words import told

from pipeline.config.load import load_config
from pipeline.config.rehearsal import attention, rehearse


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A cluster whose broker has been formatted already: that needs Java."""
    made = Places(tmp_path / "c", 8480)
    (made.broker / "log").mkdir(parents=True)
    (made.broker / "log" / "meta.properties").touch()
    prepare(made, Path("jars"), Path("influxd"))
    return made


def test_its_configuration_is_fit_to_run(places: Places) -> None:
    config = load_config(places.config)
    assert rehearse(config) == []
    assert attention(config) == []


def test_what_is_there_is_left_as_it_is_and_the_token_is_nobody_elses(places: Places) -> None:
    token = places.token.read_text()
    places.config.write_text(places.config.read_text() + "# mine\n")
    prepare(places, Path("jars"), Path("influxd"))
    assert places.config.read_text().endswith("# mine\n")
    assert places.token.read_text() == token
    assert places.token.stat().st_mode & 0o077 == 0
    assert token.strip() not in told(places)


def test_every_process_is_started_again_and_servers_stop_last(places: Places) -> None:
    made = ConfigParser(interpolation=None)
    made.read(places.supervision)
    programs = {name.partition(":")[2]: made[name] for name in made.sections() if name.startswith("program:")}
    assert {one["autorestart"] for one in programs.values()} == {"true"}
    assert set(made["group:servers"]["programs"].split(",")) == {"kafka", "influxdb"}
    ours = {"gateway", "worker-0", "worker-1", "sink", "console", "simulator"}
    assert set(made["group:forewarn"]["programs"].split(",")) == ours
    assert set(programs) == ours | {"kafka", "influxdb"}
    assert int(made["group:servers"]["priority"]) < int(made["group:forewarn"]["priority"])


def test_ports_are_chosen_once(tmp_path: Path) -> None:
    assert chosen_ports(tmp_path, None) == 8480
    assert chosen_ports(tmp_path, None) == 8480
    assert chosen_ports(tmp_path / "other", 9000) == 9000
    assert chosen_ports(tmp_path / "other", None) == 9000
    with pytest.raises(ClusterError, match="has its ports from 8480 on; leave that, or take another folder"):
        chosen_ports(tmp_path, 9000)
    with pytest.raises(ClusterError, match=f"want a number from 1 to {65_536 - len(PORTS)}"):
        chosen_ports(tmp_path / "third", 65_530)


def test_a_path_that_no_socket_can_have_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ClusterError, match="is too long a path for a socket"),
        supervised(Places(tmp_path / ("x" * 90), 1)),
    ):
        pass
