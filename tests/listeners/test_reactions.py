"""Reactions as Slack tells of them: late, twice, in the wrong order."""

from tests.world import World


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
    view = await world.sandbox.open_home(world.mia)
    assert view is not None
    await world.sandbox.press(world.mia, view["id"], "open_settings")
    form = world.sandbox.modal(world.mia)
    assert form is not None
    meanings = {"emoji_kudos": ":taco:", "emoji_thanks": ":clap:"}
    assert await world.sandbox.submit(world.mia, form["id"], meanings) == {}

    await world.sandbox.unreact(world.ana, world.team, ts, "clap")

    assert await world.standing() == set()


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
