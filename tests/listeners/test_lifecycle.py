"""People come, change and go; so does the app itself."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from sqlalchemy import text

from slackapp.app import join_workspace
from slackapp.domain.asks import Ask
from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.preferences import Preferences
from slackapp.jobs.shell import Shell
from slackapp.jobs.timetable import TIMETABLE, tick
from slackapp.store import asks, deliveries, gestures, offers, preferences, privacy, queue, retention
from slackapp.store.database import Database
from tests.conftest import CAST, NOW, UTC_ZONE
from tests.listeners.test_privacy import run
from tests.world import World, make_world, rows


async def count(world: World, table: str) -> int:
    async with world.database.workspace(world.id) as db:
        return int(await db.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def posted(world: World) -> int:
    return sum(len(channel.messages) for channel in world.sandbox.workspace.channels.values())


async def went(world: World, days: int) -> None:
    """As if the app had been removed that long ago."""
    async with world.database.workspace(world.id) as db:
        await db.execute(
            text("UPDATE workspaces SET uninstalled_at = :at"), {"at": world.now() - timedelta(days=days)}
        )


@pytest.mark.parametrize(
    "told",
    [
        ("revoke_tokens", "uninstall"),
        ("uninstall", "revoke_tokens"),
        ("uninstall", "uninstall"),
        ("revoke_tokens", "revoke_tokens"),
    ],
)
async def test_once_the_app_is_gone_so_is_its_token_and_nothing_is_said(
    world: World, told: tuple[str, str]
) -> None:
    await world.sandbox.open_home(world.ben)
    await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
    await world.settle()
    said = posted(world)

    for event in told:
        await getattr(world.sandbox, event)()
    await run(world, "sync_directory")
    await run(world, "deliver_digests")

    assert await count(world, "installations") == 0
    assert await count(world, "gestures") == 1
    assert posted(world) == said
    async with world.database.engine.connect() as db:
        waiting = await db.scalar(
            text(
                "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'purge' AND args->>'workspace_id' = :id"
            ),
            {"id": world.id},
        )
    assert waiting == 1


async def test_whoever_uses_what_is_left_of_it_reads_that_it_is_gone(world: World) -> None:
    await world.sandbox.uninstall()

    answer = await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")

    assert "Mutual is not installed in this workspace any more" in words_said(world, answer)


def words_said(world: World, answer: Any) -> str:
    return f"{answer.text} {[message['text'] for message in world.sandbox.ephemerals(world.ana)]}"


async def test_after_the_grace_nothing_is_left(world: World) -> None:
    await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the fix")
    await world.settle()
    await world.sandbox.uninstall()

    await went(world, 29)
    await run(world, "purge")
    assert await count(world, "gestures") == 2
    await went(world, 31)
    await run(world, "purge")

    assert (
        await count(world, "workspaces") + await count(world, "people") + await count(world, "gestures") == 0
    )


async def test_what_is_old_and_what_is_left_go_a_batch_at_a_time(
    database: Database, workspace_id: str
) -> None:
    everybody = [user for user in CAST if user != "U0BEN"]
    thanks = gestures_to(
        everybody, giver="U0BEN", kind="thanks", source=Source("command:1"), at=NOW, tz=UTC_ZONE
    )
    async with database.workspace(workspace_id) as db:
        await gestures.record(db, workspace_id, thanks, Mark("command"), NOW)
        for number in range(5):
            await deliveries.claim(db, workspace_id, "U0ANA", "digest", str(number), NOW)
        before = NOW + timedelta(days=1)
        removed = [await retention.remove_traces(db, workspace_id, before, most=2) for _ in range(4)]
        assert removed == [2, 2, 1, 0]

    kept = [sum(map(len, (await rows(database, workspace_id)).values()))]
    more = True
    while more:
        async with database.workspace(workspace_id) as db:
            more = await retention.purge(db, workspace_id, most=2)
        kept.append(sum(map(len, (await rows(database, workspace_id)).values())))
    assert kept[-1] == 0
    assert {before - after for before, after in pairwise(kept)} <= {1, 2}


async def test_without_a_grace_nothing_is_left_at_once(database_url: str, database: Database) -> None:
    async with make_world(database_url, database, settings={"mutual_grace_days": 0}) as world:
        await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the fix")
        await world.settle()
        await world.sandbox.uninstall()
        await world.settle()

        assert {name for name, kept in (await rows(database, world.id)).items() if kept} == set()


async def test_coming_back_within_the_grace_restores(world: World) -> None:
    await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
    await world.sandbox.uninstall()
    await went(world, 29)

    world.sandbox.reinstall()
    await joined(world)
    await run(world, "purge")

    assert await world.standing() == {("ana", "ben", "kudos")}


async def test_words_are_kept_no_longer_because_the_app_is_gone(world: World) -> None:
    """Nor is anything else done there until the grace is over."""
    await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
    await world.settle()
    await world.sandbox.uninstall()
    async with world.database.workspace(world.id) as db:
        at = {"at": world.now() - timedelta(days=91)}
        await db.execute(text("UPDATE gestures SET happened_at = :at"), at)
    assert world.id not in await world.database.workspace_ids()

    async with aiohttp.ClientSession() as http:
        shell = Shell(world.database, world.settings.cipher, world.settings.slack_api_url, http, world.now)
        (entry,) = (entry for entry in TIMETABLE if entry.gone)
        await tick(shell, entry)
    await world.settle()

    async with world.database.workspace(world.id) as db:
        assert (await db.execute(text("SELECT kind, note FROM gestures"))).all() == [("kudos", None)]


async def test_of_a_workspace_that_came_back_old_notes_are_removed_again(world: World) -> None:
    """Its purge still waits for the end of the grace, and holds nothing up."""
    await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
    await world.settle()
    await world.sandbox.uninstall()
    world.sandbox.reinstall()
    await joined(world)
    async with world.database.workspace(world.id) as db:
        at = {"at": world.now() - timedelta(days=91)}
        await db.execute(text("UPDATE gestures SET happened_at = :at"), at)
        await queue.defer(db, queue.remove_old(world.id))
    await world.settle()

    assert [note.text for note in (await world.facts(world.ben)).notes] == []


async def joined(world: World) -> None:
    async with aiohttp.ClientSession() as http:
        shell = Shell(world.database, world.settings.cipher, world.settings.slack_api_url, http, world.now)
        await join_workspace(world.settings, shell)


async def test_a_change_that_does_not_matter_writes_nothing(world: World) -> None:
    await world.settle()

    async def version() -> str:
        async with world.database.workspace(world.id) as db:
            return str(
                await db.scalar(text("SELECT xmin FROM people WHERE user_id = :id"), {"id": world.ana})
            )

    before = await version()
    await world.sandbox.change_user(world.ana, status_text="Lunch")
    await world.settle()
    assert await version() == before

    await world.sandbox.change_user(world.ana, display_name="Anouk")
    await world.settle()
    assert (await world.facts(world.ana)).person.name == "Anouk"


async def test_a_renamed_and_an_archived_channel_do_no_harm(world: World) -> None:
    await world.sandbox.rename(world.team, "crew")
    await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
    await world.sandbox.archive(world.team)
    await world.settle()

    assert await world.standing() == {("ana", "ben", "kudos")}


async def test_two_ids_of_one_person_become_one(database: Database, workspace_id: str) -> None:
    given = gestures_to(
        ["U0BEN", "U0CY"],
        giver="U0ANA",
        kind="kudos",
        source=Source("command:1"),
        at=NOW,
        tz=UTC_ZONE,
        visibility="private",
    )
    async with database.workspace(workspace_id) as db:
        await gestures.record(db, workspace_id, given, Mark("command"), NOW)
        await preferences.put(db, workspace_id, "U0ANA", Preferences(help_me="Tea"))
        assert await privacy.merge(db, workspace_id, "U0ANA", "W0ANA")
        assert not await privacy.merge(db, workspace_id, "U0ANA", "W0ANA")

        found = await db.execute(text("SELECT giver_id, receiver_id FROM gestures ORDER BY receiver_id"))
        assert [tuple(row) for row in found] == [("W0ANA", "U0BEN"), ("W0ANA", "U0CY")]
        assert await db.scalar(text("SELECT help_me FROM preferences WHERE user_id = 'W0ANA'")) == "Tea"

        await privacy.merge(db, workspace_id, "U0BEN", "W0ANA")
        found = await db.execute(text("SELECT giver_id, receiver_id FROM gestures"))
        assert [tuple(row) for row in found] == [("W0ANA", "U0CY")]


async def test_help_that_one_id_of_a_person_offered_the_other_is_no_offer_any_more(
    database: Database, workspace_id: str
) -> None:
    """To their own ask, and unasked; what is between them and others stays."""
    ask = Ask(uuid4(), "U0ANA", "Look over my outline", "eyes", None, None, ("U0BEN", "U0CY"), "open", NOW)
    async with database.workspace(workspace_id) as db:
        await asks.ask(db, workspace_id, ask)
        for helper in ("U0BEN", "U0CY"):
            await offers.offer(db, workspace_id, ask, helper=helper, now=NOW, day=NOW.date())
        await offers.offer_unasked(
            db,
            workspace_id,
            "view:1",
            helper="U0ANA",
            receiver="U0BEN",
            words="An hour",
            now=NOW,
            day=NOW.date(),
        )

        assert await privacy.merge(db, workspace_id, "U0BEN", "U0ANA")

        found = await db.execute(text("SELECT helper_id, receiver_id FROM offers"))
        assert [tuple(row) for row in found] == [("U0CY", "U0ANA")]
