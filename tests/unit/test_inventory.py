import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.config.inventory_files import load_inventory
from pipeline.errors import ForewarnError, complaints
from pipeline.model.area import AreaLevel, area_level
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level, level_of
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

AREAS = (
    "code,name_zh,name_en,population,polygon\n330212001001,一村,One,1200,121.5 29.8;121.6 29.8;121.6 29.9;121.5 29.8\n"
)
SITES = "id,area,name_zh,name_en\ns1,330212001001,站,Station\n"
SENSORS = (
    "id,site,kind,quantity,gas,range_low,range_high,interval_s,thresholds\n"
    "g1,s1,gas,gas_lel,methane,0,100,10,gas_levels.first_lel=20;gas_levels.second_lel=40\n"
)


def folder(tmp_path: Path, areas: str = AREAS, sites: str = SITES, sensors: str = SENSORS) -> Path:
    for name, text in (("areas", areas), ("sites", sites), ("sensors", sensors)):
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("330000000000", AreaLevel.PROVINCE),
        ("330200000000", AreaLevel.CITY),
        ("330212000000", AreaLevel.DISTRICT),
        ("330212001000", AreaLevel.TOWNSHIP),
        ("330212001001", AreaLevel.VILLAGE),
    ],
)
def test_the_zeros_of_a_code_tell_its_level(code: str, level: AreaLevel) -> None:
    assert area_level(code) is level


def test_a_folder_of_tables_is_an_inventory(tmp_path: Path) -> None:
    inventory = load_inventory(folder(tmp_path))
    sensor = inventory.sensor_by_id["g1"]
    assert (sensor.kind, sensor.quantity) == (SensorKind.GAS, Quantity.GAS_LEL)
    assert sensor.thresholds == {"gas_levels.first_lel": 20, "gas_levels.second_lel": 40}
    area = inventory.area_of("g1")
    assert area.polygon is not None
    assert area.polygon[1] == (121.6, 29.8)
    assert area.ancestor(AreaLevel.TOWNSHIP) == "330212001000"


def test_the_version_is_a_function_of_content(tmp_path: Path) -> None:
    first = load_inventory(folder(tmp_path)).version
    assert load_inventory(folder(tmp_path)).version == first
    assert load_inventory(folder(tmp_path, sensors=SENSORS.replace("100", "120"))).version != first


def test_a_toml_file_is_an_inventory_too(tmp_path: Path) -> None:
    path = tmp_path / "inventory.toml"
    path.write_text(
        '[[areas]]\ncode = "330212001001"\nname_zh = "一"\nname_en = "One"\n'
        '[[sites]]\nid = "s1"\narea = "330212001001"\nname_zh = "站"\nname_en = "S"\n'
        '[[sensors]]\nid = "g1"\nsite = "s1"\nkind = "gas"\nquantity = "gas_lel"\n'
        "range_low = 0\nrange_high = 100\ninterval_s = 10\n",
        "utf-8",
    )
    assert [sensor.id for sensor in load_inventory(path).sensors] == ["g1"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"areas": AREAS.replace("330212001001", "33021")}, "areas.csv:2: code: must be an", id="code"),
        pytest.param(
            {"areas": AREAS.replace("121.5 29.8;", "121.5;")}, "areas.csv:2: polygon: want `lon lat", id="polygon"
        ),
        pytest.param(
            {"sites": SITES.replace("330212001001", "330212001002")},
            "sites.csv:2: site s1: area 330212001002 is not",
            id="no area",
        ),
        pytest.param(
            {"sensors": SENSORS.replace(",s1,", ",s9,")},
            "sensors.csv:2: sensor g1: site s9 is not in the inventory",
            id="no site",
        ),
        pytest.param(
            {"sensors": SENSORS.replace("gas_lel,", "gass,", 1)}, "sensors.csv:2: quantity: .*not 'gass'", id="quantity"
        ),
        pytest.param(
            {"sensors": SENSORS.replace(",0,100", ",100,0")}, "range_low 100.0 must be below range_high 0.0", id="range"
        ),
        pytest.param(
            {"sensors": SENSORS.replace("interval_s", "interval")},
            "sensors.csv:1: interval: unknown column.*interval_s",
            id="column",
        ),
        pytest.param(
            {"sensors": SENSORS + SENSORS.splitlines()[1] + "\n"},
            "sensors.csv:3: sensor g1: is listed more than once",
            id="twice",
        ),
        pytest.param(
            {"sensors": SENSORS.replace("=40", "=")},
            "sensors.csv:2: thresholds: want `detector.option=value",
            id="threshold",
        ),
        pytest.param({"sensors": SENSORS.strip() + ",8\n"}, "1 cell.s. more than the header", id="cells"),
    ],
)
def test_a_bad_entry_is_named_by_file_and_line(tmp_path: Path, changed: dict[str, str], words: str) -> None:
    with pytest.raises((ForewarnError, ExceptionGroup)) as raised:
        load_inventory(folder(tmp_path, **changed))
    texts = [str(error) for error in complaints(raised.value)]
    assert any(re.search(words, text) for text in texts), texts


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "sites.csv").unlink()
    with pytest.raises(ExceptionGroup) as raised:
        load_inventory(tmp_path)
    assert "sites.csv: cannot be read" in str(complaints(raised.value)[0])


@pytest.mark.parametrize("value", ["orange", "ORANGE", 3, Level.ORANGE])
def test_a_level_is_a_word_or_a_number(value: object) -> None:
    assert level_of(value) is Level.ORANGE


@pytest.mark.parametrize("value", ["amber", 5, -1, True, None])
def test_no_other_level_is_taken(value: object) -> None:
    with pytest.raises(ValueError, match="none, blue, yellow, orange, red"):
        level_of(value)


def test_an_id_that_would_break_a_topic_is_refused() -> None:
    with pytest.raises(ValidationError):
        Sensor(id="a/b", site="s", kind="gas", quantity="gas_lel", range_low=0, range_high=1, interval_s=1)
