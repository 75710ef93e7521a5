"""Giving kudos as a person does, through the sandbox Slack and real HTTP."""

import pytest

from tests.world import World, words


async def test_kudos_by_command_count_and_say_for_whom(world: World) -> None:
    answer = await world.sandbox.command(world.ana, world.team, "/kudos", "@ben @cy for the calm release")
    await world.settle()

    assert answer.text == "Your kudos to Ben and Cy counted."
    assert answer.response_type in {None, "ephemeral"}
    assert await world.standing() == {("ana", "ben", "kudos"), ("ana", "cy", "kudos")}


async def test_the_channel_reads_it_once(world: World) -> None:
    await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the calm release")
    await world.settle()

    (posted,) = world.sandbox.messages(world.team)
    assert posted["text"] == f"<@{world.ana}> gives kudos to <@{world.ben}>"
    assert "for the calm release" in words(posted["blocks"])
