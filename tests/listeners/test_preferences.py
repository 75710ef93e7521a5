"""Settings: what is kept, and what is refused in which words."""

import json
import zoneinfo
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from slackapp.app import Roles
from slackapp.domain.people import Person
from slackapp.store import people, policies, queue, workspaces
from slackapp.store.database import Database
from tests.listeners.payloads import KINDS, staged
from tests.world import World, make_world


async def sent(world: World, kind: str, **fields: Any) -> dict[str, str]:
    """The form as it stands, with these fields changed; what is refused, by field."""
    payload = KINDS[kind](await staged(world))
    for block, field in fields.items():
        payload["view"]["state"]["values"][block] = {block: field}
    answer = await world.sandbox.send(payload, kind="interactivity")
    assert answer.status == 200
    errors: dict[str, str] = json.loads(answer.body or "{}").get("errors", {})
    return errors


async def test_a_member_reads_what_is_wrong_and_nothing_is_kept(world: World) -> None:
    errors = await sent(
        world,
        "form settings",
        away_until={"selected_date": "2020-03-02"},
        help_me={"value": "x" * 301},
        need_now={"value": "tea"},
    )

    assert errors == {
        "away_until": "That day is over. Choose a later one, or leave it empty.",
        "help_me": "This has 301 characters; 300 is the most.",
    }
    assert (await world.facts(world.ana)).person.preferences.need_now == ""


async def test_an_admin_reads_what_is_wrong_in_both_parts(world: World) -> None:
    errors = await sent(
        world,
        "form settings, of an admin",
        at_capacity_until={"selected_date": "2020-03-02"},
        timezone={"value": "Middle/Earth"},
        floor={"value": "4"},
    )

    assert set(errors) == {"at_capacity_until", "timezone", "floor"}


@pytest.mark.parametrize(
    "name", ["localtime", "posixrules", "posix/Europe/Berlin", "right/Europe/Berlin", " "]
)
async def test_a_time_zone_that_only_some_machines_have_is_refused_at_the_field(
    world: World, name: str
) -> None:
    assert await sent(world, "form settings, of an admin", timezone={"value": name}) == {
        "timezone": "I don't know this time zone. Write it like Europe/Berlin or America/New_York."
    }


async def test_a_time_zone_that_the_database_lacks_is_refused_at_the_field(
    world: World, tmp_path: Path, new_zone: str
) -> None:
    zoneinfo.reset_tzpath([tmp_path, *zoneinfo.TZPATH])
    try:
        errors = await sent(world, "form settings, of an admin", timezone={"value": new_zone})
    finally:
        zoneinfo.reset_tzpath()

    assert set(errors) == {"timezone"}
    async with world.database.workspace(world.id) as db:
        assert await workspaces.timezone(db, world.id) == "Europe/Berlin"


async def test_a_change_for_everybody_refreshes_homes_some_hundreds_at_a_time(
    database_url: str, database: Database
) -> None:
    async with make_world(database_url, database, roles=Roles(web=True)) as world:
        async with database.workspace(world.id) as db:
            crowd = [Person(f"U{number:04}", "One of many") for number in range(queue.HOMES)]
            everyone = [*crowd, *(Person(user, name.title()) for name, user in world.people.items())]
            await people.put(db, world.id, everyone, world.now())
            await db.execute(
                text("UPDATE people SET is_admin = (user_id = :mia), home_opened_at = now()"),
                {"mia": world.mia},
            )
        named = {"selected_option": {"value": "named"}}
        assert await sent(world, "form settings, of an admin", naming=named) == {}

        async with database.engine.connect() as db:
            jobs = await db.scalars(
                text(
                    "SELECT jsonb_array_length(args->'user_ids') FROM procrastinate_jobs "
                    "WHERE task_name = 'refresh_homes' AND args->>'workspace_id' = :id ORDER BY 1 DESC"
                ),
                {"id": world.id},
            )
            assert jobs.all() == [queue.HOMES, len(world.people), 1]


async def test_the_workspaces_part_counts_from_admins_only(world: World) -> None:
    """Somebody who puts it into their own form changes only what is theirs."""
    payload = KINDS["form settings, of an admin"](await staged(world))
    values = payload["view"]["state"]["values"]
    values["floor"]["floor"]["value"] = "9"
    values["timezone"]["timezone"]["value"] = "Asia/Tokyo"
    values["team_makers"]["team_makers"]["selected_option"]["value"] = "anyone"
    payload["user"]["id"] = world.zed

    assert (await world.sandbox.send(payload, kind="interactivity")).status == 200

    async with world.database.workspace(world.id) as db:
        kept = await policies.of(db, world.id)
        assert (kept.floor, kept.team_makers) == (5, "admins")
        assert await workspaces.timezone(db, world.id) == "Europe/Berlin"
        zed = (await people.known(db, world.id, [world.zed])).people[world.zed]
    assert zed.preferences.need_now == "tea"


async def test_emoji_that_would_not_fit_once_written_out_are_refused_at_the_field(world: World) -> None:
    fit = [f"e{number:02}" for number in range(83)]  # with colons and spaces, 497 characters
    one_too_many = {"value": " ".join([*fit, "e99"])}
    kept = {"value": " ".join(fit)}

    assert await sent(world, "form settings, of an admin", emoji_thanks=one_too_many) == {
        "emoji_thanks": "These are more than fit here. Keep those that people use most."
    }
    assert await sent(world, "form settings, of an admin", emoji_thanks=kept) == {}
    await world.sandbox.open_home(world.mia)
    await world.sandbox.press(world.mia, world.sandbox.home(world.mia) or {}, "open_settings")
    form = world.sandbox.modal(world.mia)
    assert form is not None
    assert form["callback_id"] == "settings"


async def test_a_sub_group_has_a_short_name(world: World) -> None:
    errors = await sent(
        world,
        "form change_team",
        sub_group={"value": "x" * 81},
        in_sub_group={"selected_users": [world.ana]},
    )

    assert errors == {"sub_group": "The name has 81 characters; 80 is the most."}
