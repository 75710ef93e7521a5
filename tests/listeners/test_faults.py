"""Retries, duplicates, two processes at once and a database that goes away: nothing lost, nothing doubled."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from slackapp.app import Roles, create_web
from slackapp.sandbox import AppFailed
from slackapp.store.bell import PAUSE
from slackapp.store.database import Database
from tests.proxy import behind_a_proxy
from tests.world import World, free_port, serving


async def test_a_reaction_while_the_database_is_down_is_retried_and_counts_once(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    async with behind_a_proxy(database_url, database, tmp_path) as (world, proxy):
        ts = await world.sandbox.say(world.ben, world.team, "Shipped!")
        await world.sandbox.react(world.zed, world.team, ts, "eyes")
        await proxy.close()

        await world.sandbox.react(world.ana, world.team, ts, "clap")
        assert all(status != 200 for status in world.sandbox.deliveries[-1].statuses)

        await proxy.open()
        world.sandbox.clock.advance(61)
        await world.sandbox.settle()

        assert world.sandbox.deliveries[-1].statuses[-1] == 200
        assert await world.standing() == {("ana", "ben", "kudos")}


async def test_a_command_while_the_database_is_down_fails_in_slacks_own_words(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    async with behind_a_proxy(database_url, database, tmp_path) as (world, proxy):
        await proxy.close()
        answer = await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
        assert answer.status != 200
        assert answer.error == "dispatch_failed"

        await proxy.open()
        answer = await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
        assert answer.text == "Your kudos to Ben counted."
        assert await world.standing() == {("ana", "ben", "kudos")}


async def test_kudos_that_somebody_waits_for_cost_one_round_trip(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    async with behind_a_proxy(database_url, database, tmp_path) as (world, proxy):
        for _ in range(2):
            before = proxy.trips
            await world.sandbox.command(world.ana, world.team, "/kudos", "@ben @cy for the fix")
            async with asyncio.timeout(10):
                while proxy.trips < before + 2:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(4 * PAUSE)  # were there more, they would come now
        # The first time, everything is read and prepared that is remembered from then on.
        assert proxy.trips - before == 2, "one to record, and one to wake the workers"
        assert await world.standing() == {("ana", "ben", "kudos"), ("ana", "cy", "kudos")}


async def test_a_message_while_the_database_is_down_is_retried_and_counts_once(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    async with behind_a_proxy(database_url, database, tmp_path) as (world, proxy):
        await world.sandbox.say(world.ana, world.team, "@cy ++ for yesterday")
        await world.sandbox.settle()
        await proxy.close()

        await world.sandbox.say(world.ana, world.team, "@ben ++ for the fix")
        assert all(status != 200 for status in world.sandbox.deliveries[-1].statuses)

        await proxy.open()
        world.sandbox.clock.advance(61)
        await world.sandbox.settle()

        assert await world.standing() == {("ana", "cy", "kudos"), ("ana", "ben", "kudos")}


async def test_a_form_and_a_button_while_the_database_is_down_change_nothing_and_work_afterwards(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    async with behind_a_proxy(database_url, database, tmp_path) as (world, proxy):
        await world.sandbox.command(world.ana, world.team, "/kudos", "@cy for the demo")
        (answer,) = world.sandbox.ephemerals(world.ana)
        await world.sandbox.command(world.ana, world.team, "/kudos")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        values = {"people": [world.ben], "reason": "kudos"}
        await proxy.close()

        with pytest.raises(AppFailed):
            await world.sandbox.submit(world.ana, form["id"], values)
        assert world.sandbox.modal(world.ana) is not None, "what was filled in is still there"
        pressed = await world.sandbox.press(world.ana, answer, "undo")
        assert pressed.status != 200

        await proxy.open()
        assert await world.standing() == {("ana", "cy", "kudos")}
        assert await world.sandbox.submit(world.ana, form["id"], values) == {}
        await world.sandbox.press(world.ana, answer, "undo")
        assert await world.standing() == {("ana", "ben", "kudos")}


@asynccontextmanager
async def gestures_locked(database: Database) -> AsyncIterator[None]:
    async with database.engine.connect() as held:
        await held.execute(text("BEGIN"))
        await held.execute(text("LOCK TABLE gestures IN ACCESS EXCLUSIVE MODE"))
        try:
            yield
        finally:
            await held.execute(text("ROLLBACK"))


async def test_a_command_that_waits_fails_before_slack_gives_up_and_is_not_recorded_afterwards(
    world: World, database: Database
) -> None:
    async with gestures_locked(database):
        answer = await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
        # Ours, and not what Slack says of an app that is silent for three seconds.
        assert (answer.status, answer.error) == (500, "dispatch_failed")

    await world.settle()
    assert await world.standing() == set()
    assert await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
    assert await world.standing() == {("ana", "ben", "kudos")}


async def test_an_event_that_waits_is_refused_and_recorded_when_slack_sends_it_again(
    world: World, database: Database
) -> None:
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")
    async with gestures_locked(database):
        await world.sandbox.react(world.ana, world.team, ts, "clap")
        assert set(world.sandbox.deliveries[-1].statuses) == {500}

    world.sandbox.clock.advance(61)
    await world.settle()

    assert world.sandbox.deliveries[-1].statuses[-1] == 200
    assert await world.standing() == {("ana", "ben", "kudos")}


async def test_two_web_processes_given_the_same_event_at_once_record_it_once(world: World) -> None:
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")
    event = {
        "type": "reaction_added",
        "user": world.ana,
        "reaction": "pray",
        "item": {"type": "message", "channel": world.team, "ts": ts},
        "item_user": world.ben,
        "event_ts": "1700000000.000100",
    }
    first, port = world.sandbox.app_url, free_port()
    async with serving(create_web(world.settings, Roles(web=True)), port):

        async def deliver(number: int) -> list[int]:
            world.sandbox.app_url = first if number % 2 else f"http://127.0.0.1:{port}/slack/events"
            return await world.sandbox.send_event(event, event_id=f"Ev{number:09}")

        statuses = await asyncio.gather(*(deliver(number) for number in range(10)))

    assert [status for each in statuses for status in each] == [200] * 10
    facts = await world.facts(world.ben)
    assert (facts.balance.given_total, facts.balance.received_total) == (1, 1)


class TestTheDoor:
    """What does not come from Slack is not read."""

    async def test_slack_makes_sure_that_the_address_is_ours(self, world: World) -> None:
        answer = await world.sandbox.send(
            {"type": "url_verification", "token": "x", "challenge": "3eZbrw1aB"}
        )

        assert (answer.status, answer.body) == (200, '{"challenge": "3eZbrw1aB"}')

    async def test_slack_says_that_it_sends_no_more_this_minute(self, world: World) -> None:
        told = {"type": "app_rate_limited", "team_id": world.id, "minute_rate_limited": 1518467820}
        with capture_logs() as logs:
            assert (await world.sandbox.send(told)).status == 200

        dropped = [entry["workspace"] for entry in logs if entry["event"] == "slack_drops_events"]
        assert dropped == [world.id]

    async def test_a_forged_signature_is_refused(self, world: World) -> None:
        answer = await world.sandbox.send({"type": "event_callback"}, signature="v0=forged")

        assert answer.status == 401

    async def test_an_old_request_is_refused(self, world: World) -> None:
        answer = await world.sandbox.send({"type": "event_callback"}, timestamp=time.time() - 301)

        assert answer.status == 401

    @pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e9", "９９９９", "9" * 40])
    async def test_a_timestamp_that_is_no_time_is_refused(self, world: World, timestamp: str) -> None:
        answer = await world.sandbox.send(
            {"type": "event_callback"},
            signature="v0=00",
            headers={"X-Slack-Request-Timestamp": timestamp},
        )

        assert answer.status == 401

    async def test_more_than_slack_ever_sends_is_refused(self, world: World) -> None:
        answer = await world.sandbox.send("x" * 1_000_001)

        assert answer.status == 413
