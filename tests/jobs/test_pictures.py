"""Pictures of a team page where no public address exists: files in Slack, or the words alone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from slackapp.sandbox import SlackError
from slackapp.store import pictures, queue, teams
from slackapp.store.database import Database
from tests.listeners.test_teams import exchange, made, press_home
from tests.world import World, make_world, words


def images(world: World) -> list[dict[str, Any]]:
    view = world.sandbox.modal(world.mia) or {}
    return [block for block in view["blocks"] if block["type"] == "image"]


@pytest.fixture
async def team(world: World) -> UUID:
    everyone = [world.ana, world.ben, world.cy, world.zed, world.mia]
    found = await made(world, *everyone)
    await exchange(world, *everyone)
    return found


async def uploads(world: World) -> int:
    return sum(method == "files.completeUploadExternal" for method, _ in world.sandbox.calls)


async def test_a_picture_is_uploaded_once_and_shown_to_each_who_looks(world: World, team: UUID) -> None:
    page = words((await press_home(world, world.mia, "open_team"))["blocks"])
    (image,) = images(world)
    assert image["alt_text"].startswith("Bars: how many people took part in each of 12 weeks")
    (file,) = world.sandbox.workspace.files.values()
    assert image["slack_file"] == {"id": file.id}
    assert (file.content or b"").startswith(b"\x89PNG")
    assert "Does giving come back?" in page

    await press_home(world, world.mia, "open_team")
    assert images(world) == [replace_block_id(image, images(world)[0])]
    assert await uploads(world) == 1
    async with world.database.workspace(world.id) as db:
        assert await db.scalar(text("SELECT count(*) FROM looks")) == 2  # the job's own reading is no look


def replace_block_id(image: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {**image, "block_id": other["block_id"]}


async def test_who_shares_is_in_the_picture_of_help_and_out_of_slack_when_they_stop(
    world: World, team: UUID
) -> None:
    for user in (world.ana, world.ben, world.cy, world.zed, world.mia):
        async with world.database.workspace(world.id) as db:
            await teams.share(db, world.id, team, user, shares=True)
    await press_home(world, world.mia, "open_team")
    assert [image["alt_text"].split(":")[0] for image in images(world)] == ["Bars", "Arrows of help"]
    assert len(world.sandbox.workspace.files) == 2

    await press_home(world, world.ana, "unshare_balance")
    assert [file.name for file in world.sandbox.workspace.files.values()] == ["rhythm.png"]
    async with world.database.workspace(world.id) as db:
        assert "Ana" not in str(list(await db.scalars(text("SELECT shows FROM pictures"))))


@pytest.mark.parametrize("how", ["taken off", "left Slack"])
async def test_who_leaves_the_team_is_out_of_its_pictures_at_once(world: World, how: str) -> None:
    everyone = [world.ana, world.ben, world.cy, world.zed, world.mia]
    team = await made(world, *everyone)
    await exchange(world, *everyone)
    async with world.database.workspace(world.id) as db:
        for user in everyone:
            await teams.share(db, world.id, team, user, shares=True)
    await press_home(world, world.mia, "open_team")
    assert len(world.sandbox.workspace.files) == 2

    if how == "taken off":
        async with world.database.workspace(world.id) as db:
            await teams.keep(db, world.id, team, everyone[1:], world.now().date())
    else:
        await world.sandbox.deactivate(world.ana)
    await world.settle()

    assert [file.name for file in world.sandbox.workspace.files.values()] == ["rhythm.png"]
    async with world.database.workspace(world.id) as db:
        assert "Ana" not in str(list(await db.scalars(text("SELECT shows FROM pictures"))))


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
@pytest.mark.parametrize("error", ["missing_scope", "internal_error", "file_upload_size_restricted"])
async def test_when_slack_takes_no_file_the_words_stand_alone(
    world: World, team: UUID, method: str, error: str
) -> None:
    world.sandbox.api.broken[method] = SlackError(error)
    page = words((await press_home(world, world.mia, "open_team"))["blocks"])
    assert images(world) == []
    assert "Does giving come back?" in page

    world.sandbox.api.broken.clear()
    await press_home(world, world.mia, "open_team")
    assert len(images(world)) == 1


async def test_when_a_file_is_lost_on_its_way_the_words_stand_and_nothing_fails(
    world: World, team: UUID
) -> None:
    url, world.sandbox.workspace.url = world.sandbox.workspace.url, f"{world.sandbox.workspace.url}/nowhere"
    await press_home(world, world.mia, "open_team")
    world.sandbox.workspace.url = url

    assert images(world) == []
    async with world.database.engine.connect() as db:
        ended = await db.scalars(
            text(
                "SELECT status FROM procrastinate_jobs "
                "WHERE task_name = 'show_pictures' AND args->>'workspace_id' = :id"
            ),
            {"id": world.id},
        )
        assert ended.all() == ["succeeded"]


async def test_a_workspace_that_did_not_grant_the_scope_reads_words(
    database_url: str, database: Database
) -> None:
    async with make_world(database_url, database) as world:
        world.sandbox.app.granted -= {"files:write"}
        everyone = [world.ana, world.ben, world.cy, world.zed, world.mia]
        await made(world, *everyone)
        await exchange(world, *everyone)
        page = words((await press_home(world, world.mia, "open_team"))["blocks"])
        assert "Does giving come back?" in page
        assert images(world) == []


async def test_a_file_that_somebody_deleted_in_slack_is_uploaded_again(world: World, team: UUID) -> None:
    await press_home(world, world.mia, "open_team")
    world.sandbox.workspace.files.clear()

    page = words((await press_home(world, world.mia, "open_team"))["blocks"])
    assert "Does giving come back?" in page
    (image,) = images(world)
    assert image["slack_file"]["id"] in world.sandbox.workspace.files


async def test_who_has_turned_the_page_meanwhile_keeps_the_page_they_read(world: World, team: UUID) -> None:
    await press_home(world, world.mia, "open_team")
    view = world.sandbox.modal(world.mia) or {}
    async with world.database.workspace(world.id) as db:
        await queue.defer(db, queue.show_pictures(world.id, team, world.mia, view["id"], "0.old", 0))
    await world.settle()

    assert (world.sandbox.modal(world.mia) or {})["hash"] == view["hash"]


async def test_old_pictures_are_removed_from_slack_too(world: World, team: UUID) -> None:
    await press_home(world, world.mia, "open_team")
    async with world.database.workspace(world.id) as db:
        await db.execute(
            text("UPDATE pictures SET asked_at = :then"), {"then": world.now() - timedelta(days=3)}
        )
        await queue.defer(db, queue.remove_pictures(world.id), queue.remove_pictures(world.id))
    await world.settle()

    assert world.sandbox.workspace.files == {}
    async with world.database.workspace(world.id) as db:
        assert await pictures.old(db, world.id, world.now() + timedelta(days=9)) == {}


async def test_a_file_that_slack_does_not_delete_holds_no_other_back(world: World, team: UUID) -> None:
    await press_home(world, world.mia, "open_team")
    (file,) = world.sandbox.workspace.files.values()
    kept = replace(file, id="F0KEPT", by_app=False)
    world.sandbox.workspace.files[kept.id] = kept
    async with world.database.workspace(world.id) as db:
        for picture in ("0", "z"):
            await db.execute(
                text(
                    "INSERT INTO pictures (workspace_id, picture_id, shows, file_id, asked_at) "
                    "VALUES (:id, :picture, '{}', 'F0KEPT', now())"
                ),
                {"id": world.id, "picture": picture},
            )
        await db.execute(
            text("UPDATE pictures SET asked_at = :then"), {"then": world.now() - timedelta(days=3)}
        )
        await queue.defer(db, queue.remove_pictures(world.id))
    await world.settle()

    assert set(world.sandbox.workspace.files) == {"F0KEPT"}
    async with world.database.workspace(world.id) as db:
        assert set(await pictures.old(db, world.id, world.now())) == {"0", "z"}


@pytest.fixture
async def public(database_url: str, database: Database) -> AsyncIterator[World]:
    settings = {"mutual_public_url": "https://mutual.example.com"}
    async with make_world(database_url, database, settings=settings) as world:
        yield world


async def test_with_a_public_address_nothing_is_uploaded(public: World) -> None:
    everyone = [public.ana, public.ben, public.cy, public.zed, public.mia]
    await made(public, *everyone)
    await exchange(public, *everyone)
    await press_home(public, public.mia, "open_team")

    (image,) = images(public)
    assert image["image_url"].startswith("https://mutual.example.com/charts/")
    assert await uploads(public) == 0
