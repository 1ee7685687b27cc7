"""What really happened, and the report of a month, over HTTP."""

from __future__ import annotations

import pytest

from alerting.report.verified import Verified
from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.model.area import Area
from pipeline.model.instant import to_text
from pipeline.model.inventory import Inventory
from pipeline.model.warning import Report, WarningStatus
from tests.api_rig import Api
from tests.reports import NOON, VILLAGE, later, warning

SEEN = {"hazard": "fire", "area": VILLAGE}


@pytest.fixture
def api(store: Store) -> Api:
    api = Api(store)
    village = Area(code=VILLAGE, name_zh="东村", name_en="East Village", population=400)
    api.rig.desk.verified = Verified(store, Inventory((village,), (), ()), "UTC", WarningStatus.ACTUAL)
    return api


def test_an_onset_is_entered_once_and_taken_back(api: Api) -> None:
    first = api.ask("li", "POST", "/onsets", json=SEEN)
    assert first == {"hazard": "fire", "area": VILLAGE, "at": to_text(NOON)}
    api.ask("li", "POST", "/onsets", json=SEEN)
    assert api.ask("viewer", "GET", "/onsets") == [first]
    api.ask("li", "POST", "/onsets/take-back", json=first)
    assert api.ask("viewer", "GET", "/onsets") == []
    assert [(one.action, one.who) for one in api.rig.store.audit(2)] == [
        ("onset.observe", "person:li"),
        ("onset.withdraw", "person:li"),
    ]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/onsets", SEEN | {"area": "990101001000"}, 404, "is no area of the inventory"),
        ("/onsets", SEEN | {"hazard": "sensor_fault"}, 409, "has no onset"),
        ("/onsets", SEEN | {"at": to_text(later(60))}, 409, "has not come yet"),
        ("/onsets", SEEN | {"hazard": "rats"}, 400, "hazard"),
        ("/onsets", SEEN | {"at": "1000-01-01T00:00:00Z"}, 400, "at: Value error, 1000-01-01"),
        ("/onsets", SEEN | {"at": "0001-01-01T00:00:00+08:00"}, 400, "beyond the years 1678 to 2261"),
        ("/onsets/take-back", SEEN | {"at": "1000-01-01T00:00:00Z"}, 400, "beyond the years 1678 to 2261"),
        ("/onsets/take-back", SEEN | {"at": "9999-12-31T23:59:59-08:00"}, 400, "beyond the years 1678 to 2261"),
        ("/onsets/take-back", SEEN, 409, "say which"),
        ("/onsets/take-back", SEEN | {"at": to_text(NOON)}, 404, "was entered"),
    ],
)
def test_what_is_no_onset(api: Api, path: str, body: dict[str, str], status: int, words: str) -> None:
    assert words in api.ask("li", "POST", path, status, json=body)["error"]
    assert api.rig.store.onsets() == ()


def test_who_only_looks_enters_nothing(api: Api) -> None:
    api.ask("viewer", "POST", "/onsets", 403, json=SEEN)


def test_the_report_of_a_month_is_data_page_and_table(api: Api) -> None:
    api.rig.tell(warning())
    over = warning(number=2, report=Report.FINAL)
    api.rig.store.save(Record(warnings=(over,)), later(7200))
    api.rig.clock.advance(4000)
    api.ask("li", "POST", "/onsets", json=SEEN)
    found = api.ask("viewer", "GET", "/reports/2026-05")
    assert (found["total"]["hits"], found["rows"][0]["row"]["lead_time_s"]) == (1, 4000.0)
    page = api.ask("viewer", "GET", "/reports/2026-05.html").decode()
    assert "预警月报" in page
    assert "东村 East Village" in page
    assert api.ask("viewer", "GET", "/reports/2026-05.csv").decode("utf-8-sig").startswith("verdict,hazard")
    assert api.ask("viewer", "GET", "/reports/2026-05?status=Exercise")["total"]["hits"] == 0
    assert "is none of" in api.ask("viewer", "GET", "/reports/2026-05?status=Maybe", 409)["error"]
    assert "'May' is no month" in api.ask("viewer", "GET", "/reports/May", 404)["error"]
    for wrong in ("May.html", "1000-01", "0001-01.csv", "9999-12", "2026-5"):
        name = wrong.partition(".")[0]
        assert f"'{name}' is no month" in api.ask("viewer", "GET", f"/reports/{wrong}", 404)["error"]


def test_without_an_inventory_it_is_refused(store: Store) -> None:
    api = Api(store)
    api.rig.desk.verified = None
    assert "no inventory" in api.ask("viewer", "GET", "/onsets", 409)["error"]
