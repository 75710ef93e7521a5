"""Asking for help and answering, as people do it through the sandbox Slack."""

from typing import Any

from tests.world import World

TEXT = "Somebody to read my <outline> & notes"


async def asked(world: World, by: str = "", **values: Any) -> dict[str, str]:
    asker = by or world.ana
    await world.sandbox.command(asker, world.team, "/ask", TEXT)
    form = world.sandbox.modal(asker)
    assert form is not None
    errors = await world.sandbox.submit(asker, form["id"], values)
    await world.settle()
    return errors


async def press(world: World, user: str, where: Any, action: str, **more: Any) -> None:
    await world.sandbox.press(user, where, action, **more)
    await world.settle()


async def helped(world: World) -> dict[str, Any]:
    """Ana asks, Ben can help, and it helped. Answers the form for thanks that Ana has before her then."""
    await asked(world)
    await press(world, world.ben, card(world), "can_help")
    await press(world, world.ana, told(world, world.ana)[0], "accept_offer")
    await press(world, world.ana, told(world, world.ana)[0], "confirm_help")
    form = world.sandbox.modal(world.ana)
    assert form is not None
    return form


def card(world: World) -> dict[str, Any]:
    return world.sandbox.messages(world.team)[0]


def told(world: World, user: str) -> list[dict[str, Any]]:
    return world.sandbox.messages(world.sandbox.dm(user))


def last_words(world: World, user: str) -> str:
    """What Mutual last said to this person alone."""
    return str(world.sandbox.ephemerals(user)[-1]["text"])


def buttons(message: dict[str, Any]) -> list[str]:
    """What may be pressed, in the order in which it is read."""
    return [
        element["text"]["text"]
        for block in message["blocks"]
        for element in [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]
        if element.get("type") == "button"
    ]
