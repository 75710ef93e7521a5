"""What is stored about me: seen, taken along, erased."""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from slackapp.domain.preferences import Preferences
from slackapp.store import preferences, queue
from slackapp.store.tables import OURS
from tests.world import World, words


async def opened(world: World, user: str) -> dict[str, Any]:
    home = await world.sandbox.open_home(user)
    assert home is not None
    await world.sandbox.press(user, home["id"], "open_privacy")
    view = world.sandbox.modal(user)
    assert view is not None
    return view


async def everything_stored(world: World) -> str:
    """Each row of each table, as text."""
    found = []
    async with world.database.workspace(world.id) as db:
        for table in OURS:
            found += (await db.scalars(text(f"SELECT CAST(t AS text) FROM {table.name} AS t"))).all()
    return "\n".join(found)


async def test_the_privacy_view_says_what_is_stored_and_for_how_long(world: World) -> None:
    await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the fix")
    await world.settle()

    read = words((await opened(world, world.ben))["blocks"])

    assert "• 1 gesture you gave and 1 gesture you received" in read
    assert "• 1 note that you wrote or received" in read
    assert "• The words of a note: 90 days\n• A gesture: 2 years" in read
    assert "Nobody has looked" in read
    assert "cannot be undone" in read


async def test_whoever_is_erased_leaves_no_trace_and_what_others_gave_still_counts(world: World) -> None:
    await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the fix")
    await world.sandbox.command(world.ben, world.team, "/kudos", "@ana @cy well sailed")
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")
    await world.sandbox.react(world.ana, world.team, ts, "clap")
    async with world.database.workspace(world.id) as db:
        await preferences.put(db, world.id, world.ben, Preferences(help_me="Biscuits"))
    await world.sandbox.open_home(world.ana)
    await world.settle()
    before = (await world.facts(world.ana)).balance.by_kind

    view = await opened(world, world.ben)
    await world.sandbox.press(world.ben, view["id"], "erase_me")
    await world.settle()

    stored = await everything_stored(world)
    for trace in (world.ben, "Ben", "for the fix", "well sailed", "Biscuits"):
        assert trace not in stored
    assert (await world.facts(world.ana)).balance.by_kind == before
    assert "Someone who left" in words((world.sandbox.home(world.ana) or {})["blocks"])
    assert "You are erased." in words((world.sandbox.modal(world.ben) or {})["blocks"])
    assert "You are erased." in words((world.sandbox.home(world.ben) or {})["blocks"])


async def test_whoever_was_erased_begins_anew_and_late_news_of_before_changes_nothing(world: World) -> None:
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")
    await world.sandbox.react(world.ana, world.team, ts, "clap")
    await world.settle()
    view = await opened(world, world.ben)
    await world.sandbox.press(world.ben, view["id"], "erase_me")
    await world.settle()

    await world.sandbox.unreact(world.ana, world.team, ts, "clap")
    await world.sandbox.react(world.ana, world.team, ts, "clap")
    await world.settle()
    assert await everything_counts(world) == {("Ana", "Someone who left", "kudos")}

    await world.sandbox.command(world.ana, world.team, "/kudos", "@ben welcome back")
    await world.settle()
    assert await everything_counts(world) == {
        ("Ana", "Someone who left", "kudos"),
        ("Ana", "Ben", "kudos"),
    }


async def everything_counts(world: World) -> set[tuple[str, str, str]]:
    async with world.database.workspace(world.id) as db:
        return {
            tuple(row)
            for row in await db.execute(
                text(
                    "SELECT giver.name, receiver.name, kind FROM gestures JOIN people AS giver "
                    "ON giver.user_id = giver_id JOIN people AS receiver ON receiver.user_id = receiver_id "
                    "WHERE retracted_at IS NULL"
                )
            )
        }


async def test_a_copy_of_my_data_comes_as_a_message_once(world: World) -> None:
    await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the fix")
    await world.sandbox.command(world.zed, world.team, "/kudos", "@cy nothing to do with Ben")
    await world.settle()
    view = await opened(world, world.ben)

    await world.sandbox.press(world.ben, view["id"], "download_my_data")
    await world.settle()

    assert "on its way" in words((world.sandbox.modal(world.ben) or {})["blocks"])
    files = {file.name: (file.content or b"").decode() for file in world.sandbox.workspace.files.values()}
    assert set(files) == {"mutual.json", "mutual-gestures.csv"}
    copy = json.loads(files["mutual.json"])
    assert {(row["giver"], row["receiver"], row["kind"], row["note"]) for row in copy["gestures"]} == {
        ("Ana", "Ben", "thanks", "thanks for the fix"),
        ("Ben", "Ana", "help", None),
    }
    assert files["mutual-gestures.csv"].splitlines()[0].startswith("day,kind,giver,receiver")
    assert "nothing to do" not in files["mutual.json"] + files["mutual-gestures.csv"]


async def test_what_is_too_old_is_removed(world: World) -> None:
    await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the fix")
    await world.settle()

    async def age(days: int) -> None:
        async with world.database.workspace(world.id) as db:
            await db.execute(
                text("UPDATE gestures SET happened_at = :at"), {"at": world.now() - timedelta(days=days)}
            )
        await run(world, "remove_old")

    async def kept() -> list[tuple[Any, ...]]:
        async with world.database.workspace(world.id) as db:
            return [
                tuple(row) for row in await db.execute(text("SELECT kind, note FROM gestures ORDER BY kind"))
            ]

    await age(89)
    assert await kept() == [("help", None), ("thanks", "thanks for the fix")]
    await age(91)
    assert await kept() == [("help", None), ("thanks", None)]
    await age(731)
    assert await kept() == []


async def run(world: World, task: str) -> None:
    async with world.database.workspace(world.id) as db:
        await queue.defer(db, queue.Job(task, {"workspace_id": world.id}))
    await world.settle()
