"""The stream of changes: nothing missed, nothing blocked, resumed where it was left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from alerting.console.app import create_app
from alerting.console.changes import Patch, difference
from alerting.console.hub import PATCHES_KEPT, Hub
from alerting.console.mailbox import Mailbox, Signal
from alerting.console.sensor_views import Condition
from alerting.console.views import Situation, WarningView
from pipeline.model.level import Level
from pipeline.telemetry import Event, Telemetry
from tests.console.listener import Listener
from tests.console.source import MemorySource


def raised(card: WarningView) -> WarningView:
    return msgspec.structs.replace(card, confidence=card.confidence + 0.01)


def running(scene: Callable[[MemorySource, Hub], Awaitable[None]]) -> Telemetry:
    telemetry = Telemetry()
    source = MemorySource()
    asyncio.run(_awaited(scene(source, Hub(source, telemetry, "e1"))))
    return telemetry


async def _awaited(scene: Awaitable[None]) -> None:
    await scene


async def first(hub: Hub, last_event_id: str = "") -> str:
    """The name of the first event a page is given."""
    stream = hub.stream(last_event_id)
    async for event in stream:
        await stream.aclose()
        return event.decode().split("event: ")[1].split("\n")[0]
    return "end"


class TestDifference:
    def test_of_equal_situations_is_empty(self) -> None:
        situation = MemorySource().state
        assert difference(situation, situation) == Patch()
        assert msgspec.json.encode(Patch()) == b"{}"

    def test_names_changed_cards_and_removed_chains_only(self) -> None:
        old = MemorySource().state
        kept, changed, gone, *others = old.warnings
        new = msgspec.structs.replace(old, warnings=(kept, raised(changed), *others))
        assert difference(old, new) == Patch(warnings=(raised(changed),), removed=(gone.chain,))

    def test_carries_each_other_section_whole_when_it_is_other(self) -> None:
        old = MemorySource().state
        empty = msgspec.structs.replace(old, ended=(), ledger=())
        assert difference(old, empty) == Patch(ended=(), ledger=())


class TestMailbox:
    def test_gives_events_in_order(self) -> None:
        box = Mailbox()
        assert box.offer(b"1")
        assert box.offer(b"2")
        assert [asyncio.run(box.take()) for _ in "12"] == [b"1", b"2"]

    def test_a_full_one_is_emptied_into_one_snapshot(self) -> None:
        box = Mailbox(size=2)
        assert [box.offer(event) for event in (b"1", b"2", b"3", b"4")] == [True, True, False, True]
        assert [asyncio.run(box.take()) for _ in "12"] == [Signal.SNAPSHOT, b"4"]


class TestStream:
    def test_begins_with_a_snapshot_then_sends_what_changed(self) -> None:
        async def scene() -> None:
            source = MemorySource()
            app = create_app(source)
            async with app.router.lifespan_context(app), Listener(app) as page:
                snapshot = await page.next("snapshot")
                assert len(snapshot.data["situation"]["warnings"]) == 6
                source.put(raised(source.state.warnings[0]))
                source.hear("GAS-0101", 55.5, Condition.ALARM, Level.ORANGE)
                patch = await page.next("patch")
                assert [card["hazard"] for card in patch.data["patch"]["warnings"]] == ["gas_leak"]
                assert (snapshot.data["sequence"], patch.data["sequence"]) == (0, 1)
                rows = (await page.next("sensors")).data
                assert ["GAS-0101", "alarm", 3, 55.5] in [row[:4] for row in rows]
                assert (await page.next("pulse")).data["readings_per_s"] == 18420.0

        asyncio.run(scene())

    def test_ends_when_the_process_is_about_to_stop(self) -> None:
        async def scene() -> None:
            app = create_app(MemorySource())
            async with Listener(app) as page:
                await page.next("snapshot")
                app.state.hub.close()
                await page.ended()

        asyncio.run(scene())

    def test_a_page_that_comes_back_is_given_the_patches_it_missed(self) -> None:
        async def scene(source: MemorySource, hub: Hub) -> None:
            await hub.look()
            for _ in range(3):
                source.put(raised(source.state.warnings[0]))
                await hub.look()
            stream = hub.stream("e1-1")
            missed = [(await anext(stream)).decode() for _ in range(2)]
            assert [event.split("\n")[0] for event in missed] == ["id: e1-2", "id: e1-3"]
            await stream.aclose()

        running(scene)

    def test_a_page_of_another_run_or_too_far_behind_is_given_a_snapshot(self) -> None:
        async def scene(source: MemorySource, hub: Hub) -> None:
            await hub.look()
            for _ in range(PATCHES_KEPT + 2):
                source.put(raised(source.state.warnings[0]))
                await hub.look()
            firsts = [
                await first(hub, number)
                for number in ("", "other-3", "e1-1", "e1-999999", "e1-x", f"e1-{PATCHES_KEPT}")
            ]
            assert firsts == ["snapshot"] * 5 + ["patch"]

        running(scene)

    def test_a_page_that_does_not_read_makes_nobody_wait_and_is_counted(self) -> None:
        async def scene(source: MemorySource, hub: Hub) -> None:
            stream = hub.stream()
            await anext(stream)
            async with asyncio.timeout(60):
                for _ in range(200):
                    source.put(raised(source.state.warnings[0]))
                    await hub.look()
            assert b"event: snapshot" in await anext(stream)
            await stream.aclose()

        assert running(scene).total("console", Event.DROPPED) > 0

    def test_sensors_are_sent_once(self) -> None:
        async def scene(source: MemorySource, hub: Hub) -> None:
            stream = hub.stream()
            await anext(stream)
            await hub.beat()
            source.hear("GAS-0101", 2.5)
            await hub.beat()
            await hub.beat()
            events = [(await anext(stream)).decode() for _ in range(5)]
            names = [event.split("\n")[0].removeprefix("event: ") for event in events]
            assert names == ["pulse", "sensors", "pulse", "sensors", "pulse"]
            assert events[3].count("GAS-") == 1
            await stream.aclose()

        running(scene)

    def test_a_source_that_fails_is_counted_and_asked_again(self) -> None:
        class Failing(MemorySource):
            failures = 2

            async def situation(self) -> Situation:
                if self.version > 1 and self.failures:
                    self.failures -= 1
                    raise OSError("disk")
                return await super().situation()

        async def scene() -> Telemetry:
            source, telemetry = Failing(), Telemetry()
            app = create_app(source, telemetry=telemetry)
            async with app.router.lifespan_context(app), Listener(app) as page:
                await page.next("snapshot")
                source.put(raised(source.state.warnings[0]))
                await page.next("patch")
            return telemetry

        counts = asyncio.run(scene()).counts()
        assert counts == {("console", Event.FAILED, "OSError"): 2}
