"""What is taken from the store for InfluxDB: everything once, then what is new or has changed; on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from line_protocol_parser import parse_line
from sqlalchemy import update

from alerting.store import schema
from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.errors import StoreError
from pipeline.model.delivery import DeliveryState
from pipeline.model.hazard import Hazard
from pipeline.runners.sink_store import LOOK_BACK, StoreFeed
from tests.reports import NOON, assessment, confirm, delivery, finding, later, put, warning


def parsed(feed: StoreFeed) -> list[dict[str, Any]]:
    points = [parse_line(line.decode()) for line in feed.lines()]
    feed.delivered()
    return points


def kinds(points: list[dict[str, Any]]) -> dict[str, int]:
    return dict(Counter(one["measurement"] for one in points))


def test_everything_once_then_what_is_new(store: Store) -> None:
    store.save(Record(findings=[finding(), finding(revision=1)], assessments=[assessment()]), NOON)
    put(store, [warning()], [delivery(warning())])
    feed = StoreFeed(store)
    assert kinds(parsed(feed)) == {"finding": 2, "assessment": 1, "warning": 1, "delivery": 1, "lead_time": 1}
    assert parsed(feed) == []
    put(store, [warning(number=2)], [])
    store.save(Record(findings=[finding(revision=2)]), NOON)
    assert kinds(parsed(feed)) == {"finding": 1, "warning": 1}
    assert kinds(parsed(StoreFeed(store)))["finding"] == 3, "a new process writes all of it again, to the same places"


def test_what_is_stored_late_is_found_as_far_as_the_look_back_goes(store: Store) -> None:
    store.save(Record(findings=[finding("now")]), NOON)
    feed = StoreFeed(store)
    parsed(feed)
    late = finding("late", at=later(-60) - LOOK_BACK + timedelta(minutes=5))
    store.save(Record(findings=[late]), NOON)
    assert [one["tags"]["subject"] for one in parsed(feed)] == ["late"]


def test_a_delivery_and_its_account_are_written_again_as_they_come_along(store: Store) -> None:
    sent = delivery(warning())
    put(store, [warning()], [sent])
    feed = StoreFeed(store)
    first = {one["measurement"]: one for one in parsed(feed)}
    assert first["delivery"]["fields"]["state"] == "queued"
    confirm(store, sent.id, DeliveryState.DELIVERED, later(9))
    second = {one["measurement"]: one for one in parsed(feed)}
    assert (second["delivery"]["fields"]["state"], second["delivery"]["fields"]["took_s"]) == ("delivered", 9.0)
    assert second["lead_time"]["fields"]["deliver_s"] == 9.0
    for name in ("delivery", "lead_time"):
        assert (first[name]["tags"], first[name]["time"]) == (second[name]["tags"], second[name]["time"])
    store.observe_onset(Hazard.FIRE, warning().area, later(3600), "test", NOON)
    (account,) = parsed(feed)
    assert (account["fields"]["basis"], account["fields"]["lead_time_s"]) == ("observed", 3600.0)


def test_an_attempt_that_failed_is_written_though_its_instant_stays(store: Store) -> None:
    sent = delivery(warning())
    put(store, [warning()], [sent])
    feed = StoreFeed(store)
    parsed(feed)
    with store.write() as connection:
        connection.execute(update(schema.deliveries).values(attempts=3))
    (again,) = parsed(feed)
    assert again["fields"]["attempts"] == 3


def test_accounts_alone_leave_out_what_topics_hold(store: Store) -> None:
    put(store, [warning()], [delivery(warning())])
    lines = [parse_line(line.decode())["measurement"] for line in StoreFeed(store).account_lines()]
    assert lines == ["delivery", "lead_time"]


def test_a_round_that_fails_or_is_not_delivered_is_read_again_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(Record(findings=[finding()], assessments=[assessment()]), NOON)
    put(store, [warning()], [delivery(warning())])
    feed = StoreFeed(store)

    def away() -> None:
        raise StoreError("the store does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(store, "ledger", away)
        with pytest.raises(StoreError):
            parsed(feed)
    whole = {"finding": 1, "assessment": 1, "warning": 1, "delivery": 1, "lead_time": 1}
    assert kinds([parse_line(line.decode()) for line in feed.lines()]) == whole, "its last query had failed"
    assert kinds(parsed(feed)) == whole, "what was read was not delivered"
    assert parsed(feed) == []
