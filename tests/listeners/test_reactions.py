"""Reactions as Slack tells of them: late, twice, in the wrong order."""

import pytest

from tests.world import World, rows


async def test_a_clap_is_kudos_until_it_is_taken_back(world: World) -> None:
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")

    await world.sandbox.react(world.ana, world.team, ts, "clap")
    assert await world.standing() == {("ana", "ben", "kudos")}

    await world.sandbox.unreact(world.ana, world.team, ts, "clap")
    assert await world.standing() == set()

    await world.sandbox.react(world.ana, world.team, ts, "clap")
    assert await world.standing() == {("ana", "ben", "kudos")}


async def test_taken_away_after_somebody_left_it_no_longer_counts_either(world: World) -> None:
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")
    await world.sandbox.react(world.ana, world.team, ts, "clap")
    await world.sandbox.deactivate(world.ben)
    await world.settle()

    await world.sandbox.unreact(world.ana, world.team, ts, "clap")
    assert await world.standing() == set()

    await world.sandbox.react(world.ana, world.team, ts, "clap")
    assert await world.standing() == set()


async def test_taken_away_it_no_longer_counts_as_what_it_meant_when_it_was_added(world: World) -> None:
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")
    await world.sandbox.react(world.ana, world.team, ts, "clap")
    await world.mean(kudos=":taco:", thanks=":clap:")

    await world.sandbox.unreact(world.ana, world.team, ts, "clap")

    assert await world.standing() == set()


@pytest.mark.parametrize("emoji", ["clap", "clap::skin-tone-4"])
async def test_taken_away_it_no_longer_counts_though_its_emoji_means_nothing_any_more(
    world: World, emoji: str
) -> None:
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")
    await world.sandbox.react(world.ana, world.team, ts, emoji)
    await world.mean(kudos=":taco:", thanks=":pray:")
    await world.mean(kudos=":tada:")
    assert await world.standing() == {("ana", "ben", "kudos")}, "it meant something when it was given"

    for _ in range(2):
        await world.sandbox.unreact(world.ana, world.team, ts, emoji)
        assert await world.standing() == set()
        await world.sandbox.react(world.ana, world.team, ts, emoji)
        assert await world.standing() == set(), "it gives nothing any more"

    await world.mean(kudos=":clap:")
    await world.sandbox.unreact(world.ana, world.team, ts, emoji)
    await world.sandbox.react(world.ana, world.team, ts, emoji)
    assert await world.standing() == {("ana", "ben", "kudos")}, "and may mean something again"


async def test_what_gave_nothing_leaves_nothing_when_it_is_taken_away(world: World) -> None:
    await world.mean(kudos=":taco:", thanks="")
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")
    await world.sandbox.react(world.ana, world.team, ts, "clap")

    await world.sandbox.unreact(world.ana, world.team, ts, "clap")

    assert (await rows(world.database, world.id))["gestures"] == []


async def test_folded_hands_are_thanks_and_prove_help(world: World) -> None:
    ts = await world.sandbox.say(world.ben, world.team, "Here is the script you asked for")

    await world.sandbox.react(world.ana, world.team, ts, "pray")

    assert await world.standing() == {("ana", "ben", "thanks"), ("ben", "ana", "help")}


async def test_a_skin_tone_changes_no_meaning(world: World) -> None:
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")

    await world.sandbox.react(world.ana, world.team, ts, "clap::skin-tone-4")

    assert await world.standing() == {("ana", "ben", "kudos")}


async def test_your_own_message_is_not_yours_to_applaud(world: World) -> None:
    ts = await world.sandbox.say(world.ana, world.team, "I am great")

    await world.sandbox.react(world.ana, world.team, ts, "clap")

    assert await world.standing() == set()


async def test_a_reaction_that_means_nothing_is_acknowledged_and_forgotten(world: World) -> None:
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")

    await world.sandbox.react(world.ana, world.team, ts, "eyes")

    assert world.sandbox.deliveries[-1].statuses == [200]
    assert await world.standing() == set()


async def test_an_event_delivered_eleven_times_with_new_ids_is_one_gesture(world: World) -> None:
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")
    event = {
        "type": "reaction_added",
        "user": world.ana,
        "reaction": "clap",
        "item": {"type": "message", "channel": world.team, "ts": ts},
        "item_user": world.ben,
        "event_ts": "1700000000.000100",
    }

    statuses = [
        await world.sandbox.send_event(event, event_id=f"Ev{number:09}", retry_num=number % 3 or None)
        for number in range(11)
    ]

    assert all(status == [200] for status in statuses)
    facts = await world.facts(world.ben)
    assert facts.balance.received_total == 1
