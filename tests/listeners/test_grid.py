"""Enterprise Grid: one installation of an organisation, the workspaces it is added to and taken from, and their people."""

import time
from collections.abc import Mapping
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import text

from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.people import Person
from slackapp.store import gestures, installations, people, workspaces
from slackapp.store.installations import Installation
from tests.conftest import UTC_ZONE
from tests.world import World

#: What an authorization of Slack's names: an example of its documentation, and what organisations were seen to be sent.
NAMED = {"named": True, "left out": False}


def org(world: World) -> str:
    return f"E{world.id}"


async def tell(
    world: World,
    event: Mapping[str, Any],
    *,
    place: str | None = None,
    at: float | None = None,
    named: bool = False,
) -> int:
    """As Slack tells an organisation's installation. `place`: the workspace; None: it is about the organisation."""
    answer = await world.sandbox.send(
        {
            "type": "event_callback",
            "api_app_id": world.sandbox.app_id,
            "team_id": place,
            "enterprise_id": org(world),
            **({"context_team_id": place, "context_enterprise_id": org(world)} if place else {}),
            "event_id": f"Ev{time.monotonic_ns()}",
            "event_time": int(time.time() if at is None else at),
            "event": dict(event),
            "authorizations": [
                {
                    "enterprise_id": org(world),
                    "team_id": place if named else None,
                    "user_id": world.sandbox.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": True,
                }
            ],
        }
    )
    return answer.status


@pytest.fixture
async def grid(world: World) -> World:
    """The organisation has the app; its workspaces have nothing of their own."""
    await world.settle()
    token = Installation(world.sandbox.bot_token, world.sandbox.app.bot_id, world.sandbox.bot_user_id, [])
    async with world.database.workspace(world.id) as db:
        await installations.remove(db, world.id, world.now())
    async with world.database.workspace(org(world)) as db:
        await workspaces.add(db, org(world), name="Acme Group", timezone="UTC", is_organisation=True)
        await installations.put(db, org(world), token, world.settings.cipher, world.now() - timedelta(days=1))
    return world


async def has_mutual(world: World, workspace_id: str) -> bool:
    async with world.database.workspace(workspace_id) as db:
        return await installations.find(db, workspace_id, world.settings.cipher) is not None


async def purges(world: World, workspace_id: str) -> int:
    async with world.database.engine.connect() as db:
        return int(
            await db.scalar(
                text(
                    "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'purge' "
                    "AND args->>'workspace_id' = :id AND status = 'todo'"
                ),
                {"id": workspace_id},
            )
            or 0
        )


async def told_of(world: World, *members: str, at: float | None = None, revoked: bool = False) -> None:
    kind = "team_access_revoked" if revoked else "team_access_granted"
    assert await tell(world, {"type": kind, "team_ids": list(members)}, at=at) == 200


@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
async def test_what_happens_in_a_workspace_counts_there(grid: World, named: bool) -> None:
    world = grid
    await told_of(world, world.id)
    message = {"type": "message", "channel": world.team, "ts": "1700000000.000100"}
    reaction = {
        "type": "reaction_added",
        "user": world.ana,
        "item_user": world.ben,
        "item": message,
        "reaction": "clap",
        "event_ts": "1700000001.000100",
    }
    assert await tell(world, reaction, place=world.id, named=named) == 200
    opened = {"type": "app_home_opened", "user": world.ben, "tab": "home", "channel": "D0"}
    assert await tell(world, opened, place=world.id, named=named) == 200
    await world.settle()

    assert await world.standing() == {("ana", "ben", "kudos")}
    assert world.sandbox.home(world.ben) is not None


async def test_its_weeks_close_in_the_zone_this_mutual_is_set_to_until_an_admin_chooses(grid: World) -> None:
    now = int(time.time())
    told, parted, heard_of = (f"{grid.id}{name}" for name in ("TOLD", "PARTED", "HEARD"))
    await told_of(grid, told)
    await told_of(grid, parted, at=now - 20, revoked=True)
    await told_of(grid, parted, at=now - 10)
    opened = {"type": "app_home_opened", "user": grid.ben, "tab": "home", "channel": "D0"}
    await tell(grid, opened, place=heard_of)

    for workspace_id in (told, parted, heard_of):
        async with grid.database.workspace(workspace_id) as db:
            assert await workspaces.timezone(db, workspace_id) == grid.settings.mutual_timezone != "UTC"

    async with grid.database.workspace(told) as db:
        await workspaces.choose(db, told, emoji={}, timezone="Asia/Tokyo")
    await told_of(grid, told, at=now - 5, revoked=True)
    await told_of(grid, told)
    async with grid.database.workspace(told) as db:
        assert await workspaces.timezone(db, told) == "Asia/Tokyo"


async def test_a_workspace_is_in_or_out_as_it_was_told_last_in_any_order_and_twice(grid: World) -> None:
    now = int(time.time())
    for number, order in enumerate(permutations(range(4))):
        for last_is_out in (False, True):
            member = f"{grid.id}N{number}{last_is_out:d}"
            for turn in order:
                at = now - 100 + turn
                for _ in range(2):
                    await told_of(grid, member, at=at, revoked=(turn % 2 == 1) == last_is_out)
            assert await has_mutual(grid, member) is not last_is_out, (order, last_is_out)


async def test_taking_the_app_from_a_workspace_leaves_the_others_and_purges_after_the_grace(
    grid: World,
) -> None:
    world, gone, other = grid, f"{grid.id}GONE", f"{grid.id}OTHER"
    await told_of(world, gone, other, world.id)
    async with world.database.workspace(gone) as db:
        await people.put(db, gone, [Person("U1", "One"), Person("U2", "Two")], world.now())
    await world.settle(gone, other)

    for _ in range(2):
        await told_of(world, gone, revoked=True)

    assert [await has_mutual(world, place) for place in (gone, other, world.id)] == [False, True, True]
    assert [await purges(world, place) for place in (gone, other, world.id)] == [1, 0, 0]
    assert gone not in await world.database.workspace_ids()


async def test_what_was_on_its_way_does_not_bring_a_workspace_back_and_what_comes_later_does(
    grid: World,
) -> None:
    world, gone, now = grid, f"{grid.id}GONE", time.time()
    await told_of(world, gone, at=now - 20)
    await told_of(world, gone, at=now - 10, revoked=True)
    opened = {"type": "app_home_opened", "user": "U1", "tab": "home", "channel": "D0"}
    pressed = {
        "type": "block_actions",
        "team": {"id": gone, "domain": "x"},
        "enterprise": {"id": org(world), "name": "Acme Group"},
        "is_enterprise_install": True,
        "user": {"id": "U1", "team_id": gone},
        "trigger_id": "1.2.3",
        "actions": [{"action_id": "open_privacy", "block_id": "b", "type": "button"}],
    }

    await tell(world, opened, place=gone, at=now - 11)
    await world.sandbox.send(pressed, kind="interactivity")
    assert not await has_mutual(world, gone)

    await tell(world, opened, place=gone, at=now - 5)
    assert await has_mutual(world, gone)


async def test_when_the_organisation_removes_the_app_every_workspace_is_without_it_at_once(
    grid: World,
) -> None:
    world, member, own = grid, f"{grid.id}A", f"{grid.id}OWN"
    await told_of(world, member, own, world.id)
    token = Installation("xoxb-of-its-own", "B", "U", [])
    async with world.database.workspace(own) as db:
        await installations.put(db, own, token, world.settings.cipher, world.now())
    await world.settle(member, own)

    for event in ("tokens_revoked", "app_uninstalled", "tokens_revoked"):
        about = {"tokens": {"oauth": [], "bot": ["W0BOT"]}} if event == "tokens_revoked" else {}
        assert await tell(world, {"type": event, **about}) == 200
        assert not await has_mutual(world, member)
    await world.settle(member, own, org(world))

    assert await has_mutual(world, own), "what a workspace installed itself stays"
    assert [await purges(world, place) for place in (org(world), member, own, world.id)] == [1, 1, 0, 1]
    ids = await world.database.workspace_ids(organisations=True)
    assert {org(world), member, own, world.id} & set(ids) == {own}


async def test_a_workspaces_own_token_may_end_while_the_organisation_serves_it(grid: World) -> None:
    world = grid
    await told_of(world, world.id)
    own = Installation("xoxb-of-its-own", "B", "U", [])
    async with world.database.workspace(world.id) as db:
        await installations.put(db, world.id, own, world.settings.cipher, world.now() - timedelta(days=1))

    await world.sandbox.uninstall()

    async with world.database.workspace(world.id) as db:
        left = await installations.find(db, world.id, world.settings.cipher)
    assert left is not None
    assert left.held_by == org(world)
    assert await purges(world, world.id) == 0


async def test_what_was_removed_before_the_app_came_back_does_not_end_the_new_token(world: World) -> None:
    await world.settle()
    event = {"type": "app_uninstalled"}
    late = {**world.sandbox.events.envelope(event), "event_time": int(time.time()) - 3600}

    assert (await world.sandbox.send(late)).status == 200
    assert await has_mutual(world, world.id)

    await world.sandbox.uninstall()
    assert not await has_mutual(world, world.id)


async def test_who_has_two_ids_is_one_person_by_the_id_this_workspace_uses(world: World) -> None:
    """Before the organisation was formed Ana was known by another id; Slack tells both when her profile changes."""
    before = f"W{world.ana}"
    given = gestures_to(
        [world.ben],
        giver=before,
        kind="kudos",
        source=Source("command:1"),
        at=world.now(),
        tz=UTC_ZONE,
    )
    async with world.database.workspace(world.id) as db:
        await people.put(db, world.id, [Person(before, "Ana"), Person(world.ben, "Ben")], world.now())
        await gestures.record(db, world.id, given, Mark("command"), world.now())
    profile = world.sandbox.workspace.user_json(world.sandbox.workspace.user("ana"))
    changed = {
        "type": "user_change",
        "user": {**profile, "enterprise_user": {"id": before, "enterprise_id": org(world)}},
    }

    assert await world.sandbox.send_event(changed, copies=3) == [200, 200, 200]

    assert await world.standing() == {("ana", "ben", "kudos")}
    async with world.database.workspace(world.id) as db:
        assert before not in (await people.known(db, world.id, [before, world.ana])).people
