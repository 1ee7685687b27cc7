"""The plugin for other people's tests: the worked example of its page, and how it fails."""

from __future__ import annotations

import shutil
from typing import Final

import pytest

from pipeline.testing.played import Played, play
from tests.unit.cli_rig import SAMPLE
from tests.unit.markdown import blocks

pytest_plugins = ["pytester"]

PAGE: Final = "docs/pytest-plugin.md"


@pytest.fixture(scope="module", autouse=True)
def played() -> Played:
    """The sample's own; before pytester, which forgets what is imported in its runs, and numba does not bear that."""
    return play([SAMPLE / "readings.csv"], SAMPLE / "forewarn.toml", None)


@pytest.fixture
def site(pytester: pytest.Pytester) -> pytest.Pytester:
    """The folder that the page speaks of."""
    shutil.copytree(SAMPLE, pytester.path, dirs_exist_ok=True)
    (truth,) = blocks("csv", page=PAGE)
    (pytester.path / "truth.csv").write_text(truth.text, "utf-8")
    return pytester


def test_the_worked_example_passes_with_no_server(site: pytest.Pytester) -> None:
    (example,) = blocks("python", page=PAGE)
    site.makepyfile(test_site=example.text)
    site.runpytest("-q").assert_outcomes(passed=3)


def test_a_failure_tells_what_there_was_instead(site: pytest.Pytester) -> None:
    site.makepyfile(
        test_site="""
        from datetime import timedelta

        def test_level(forewarn_replay):
            forewarn_replay("readings.csv").assert_found("gas_leak", level="red")

        def test_lead_time(forewarn_replay):
            played = forewarn_replay("readings.csv", truth="truth.csv")
            played.assert_warned("tank_overfill", lead_time=timedelta(hours=9))

        def test_unknown(forewarn_replay):
            forewarn_replay("readings.csv").assert_warned("fire")

        def test_quiet(forewarn_replay):
            forewarn_replay("readings.csv").assert_quiet("tank_overfill")
        """
    )
    ended = site.runpytest("-q")
    ended.assert_outcomes(failed=4)
    ended.stdout.fnmatch_lines(
        [
            "*no finding of gas_leak at red or above; there was*",
            "*yellow gas_leak gas-1 gas_levels combustible: 25.6 against 25*",
            "*lead time of tank_overfill: want at least 9:00:00; there was*",
            "*tank_overfill in 990101001001: *(observed)*",
            "*no warning of fire at blue or above; there was*",
            "*nobody was to be warned; there was*",
        ]
    )


def test_another_configuration_is_named_by_settings_by_a_fixture_and_by_the_call(site: pytest.Pytester) -> None:
    elsewhere = site.mkdir("elsewhere")
    for path in list(site.path.glob("*.toml")):
        shutil.move(path, elsewhere / path.name)
    site.makeini("[pytest]\nforewarn_config = elsewhere/forewarn.toml\n")
    site.makepyfile(
        test_named="""
        def test_by_settings(forewarn_replay):
            assert forewarn_replay("readings.csv").readings == 792

        def test_by_call(forewarn_replay, forewarn_config):
            assert forewarn_config.parent.name == "elsewhere"
            assert forewarn_replay("readings.csv", config="elsewhere/forewarn.toml").findings("gas_leak")
        """,
        test_fixture="""
        import pytest

        @pytest.fixture
        def forewarn_config(tmp_path):
            return tmp_path / "not-there.toml"

        def test_by_fixture(forewarn_replay):
            with pytest.raises(ExceptionGroup, match="not-there.toml"):
                forewarn_replay("readings.csv")
        """,
    )
    site.runpytest("-q").assert_outcomes(passed=3)


@pytest.mark.system
def test_nothing_is_loaded_for_tests_that_play_nothing(site: pytest.Pytester) -> None:
    site.makepyfile(test_plain="import sys\n\ndef test_plain():\n    assert 'numba' not in sys.modules\n")
    site.runpytest_subprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_what_is_not_of_the_kind_asked_for_is_left_out(played: Played) -> None:
    gas = played.findings("gas_leak")
    assert gas
    assert {one.hazard for one in gas} == {"gas_leak"}
    assert played.findings(detector="gas_levels", level="red") == []
    assert {one.subject for one in played.findings(subject="gas-1")} == {"gas-1"}
    assert {one.area for one in played.assessments("tank_overfill")} == {"990101001001"}
    assert played.warnings(area="990101009009") == []
    assert played.warnings("tank_overfill", level="red") == []
    assert (played.readings, dict(played.dropped), list(played.rejects)) == (792, {}, [])
