"""Somebody who is who Slack says, and sends ids that are not theirs: nothing changes, and nothing is told."""

from dataclasses import replace
from uuid import UUID

import pytest

from slackapp.domain.teams import Origin, Team
from slackapp.store import teams
from tests.asking import asked, press, told
from tests.listeners.payloads import KINDS, Scene, encoded, staged
from tests.listeners.test_fuzz import lasting
from tests.world import World, words

MARK = "SEAHORSE"

#: What is about an id in the payload. Everything else concerns only the one who acts, or is decided from what they chose.
OF_SOMETHING = [
    kind
    for kind in KINDS
    if kind.partition(" ")[2]
    in {
        *("undo", "put_back", "not_for_help", "for_help"),
        *("open_team", "open_change_team", "share_balance", "unshare_balance", "change_team"),
        *("turn_team_back", "turn_team_on", "open_all_teams", "turn_all_teams_on"),
        *(
            "can_help",
            "read_ask",
            "know_someone",
            "edit_ask",
            "close_ask",
            "reopen_ask",
            "withdraw_ask",
            "also_ask",
        ),
        *("accept_offer", "decline_offer", "not_yet", "unconfirm_help", "claim_help", "take_back_offer"),
        *("confirm_help", "thank_helper", "why_finding", "expect_finding", "remark_finding"),
    }
]


async def attempt(scene: Scene, kind: str, user: str) -> str:
    """This person sends it; everything they are shown."""
    world = scene.world
    payload = KINDS[kind](scene)
    view, own = payload.get("view"), scene.view(user)
    payload |= {"user": {"id": user, "team_id": world.id}, "response_url": respond_to(world, user)}
    payload["trigger_id"] = world.sandbox.workspace.issue_trigger(user, own["id"])
    if view:
        payload["view"] = {**view, "id": own["id"], "hash": own["hash"]}
    before = len(world.sandbox.ephemerals(user))
    answer = await world.sandbox.send(*encoded(payload)[:1], content_type=encoded(payload)[1])
    assert answer.status == 200
    return f"{answer.body} {world.sandbox.modal(user)} {world.sandbox.ephemerals(user)[before:]}"


def respond_to(world: World, user: str) -> str:
    return world.sandbox.workspace.issue_response_url(user, world.team)


@pytest.fixture
async def scene(world: World) -> Scene:
    """Of Ana's and Ben's, on Mia's team; Cy manages another, on which Zed is."""
    made = await staged(world, MARK, private=True)
    other = Team(UUID(int=7), "Harbour", Origin(), (world.cy,))
    async with world.database.workspace(world.id) as db:
        await teams.make(db, world.id, other, world.now())
        await teams.keep(db, world.id, other.team_id, [world.zed], world.now().date())
        await teams.leave(db, world.id, world.cy, world.now().date(), [UUID(made.team)])
    return made


@pytest.mark.parametrize("who", ["zed", "cy"])
@pytest.mark.parametrize("kind", OF_SOMETHING)
async def test_whose_it_is_not_changes_and_learns_nothing(scene: Scene, who: str, kind: str) -> None:
    """Zed, and Cy, who manages another team."""
    before = await lasting(scene.world)

    shown = await attempt(scene, kind, scene.world.people[who])

    assert MARK not in shown
    assert await lasting(scene.world) == before


@pytest.mark.parametrize(
    ("kind", "who"),
    [
        ("action open_team", "ana"),
        ("action open_change_team", "mia"),
        ("action edit_ask", "ana"),
        ("action undo", "ana"),
        ("action accept_offer", "ana"),
        ("action claim_help", "ben"),
        ("action share_balance", "ana"),
        ("form change_team", "mia"),
        ("form edit_ask", "ana"),
        ("form close_ask", "ana"),
        ("form thank_helper", "ana"),
    ],
)
async def test_the_same_sent_by_whose_it_is_does_what_it_says(scene: Scene, kind: str, who: str) -> None:
    """Or the other tests here would say nothing."""
    before = await lasting(scene.world)

    shown = await attempt(scene, kind, scene.world.people[who])

    assert MARK in shown or await lasting(scene.world) != before


@pytest.mark.parametrize("kind", ["action open_change_team", "form change_team", "form make_team"])
async def test_a_member_of_the_team_does_not_change_it(scene: Scene, kind: str) -> None:
    before = await lasting(scene.world)

    shown = await attempt(scene, kind, scene.world.ben)

    assert any(word in shown for word in ("no longer yours", "not yours", "made by others", "looks after"))
    assert await lasting(scene.world) == before


@pytest.mark.parametrize("kind", OF_SOMETHING)
async def test_somebody_of_another_organisation_changes_and_learns_nothing(scene: Scene, kind: str) -> None:
    """In a channel shared with them, through Slack Connect."""
    world = scene.world
    eve = world.sandbox.add_user("eve", team_id="T0ELSEWHERE")
    before = await lasting(world)

    shown = await attempt(scene, kind, eve)

    assert MARK not in shown
    after = {row for row in await lasting(world) if eve not in row}
    assert after == before


@pytest.mark.parametrize(
    ("kind", "by"),
    [
        ("action accept_offer", "ben"),
        ("action decline_offer", "ben"),
        ("action confirm_help", "ben"),
        ("form thank_helper", "ben"),
        ("action claim_help", "ana"),
        ("action take_back_offer", "ana"),
        ("action edit_ask", "ben"),
        ("form edit_ask", "ben"),
        ("form close_ask", "ben"),
        ("action withdraw_ask", "ben"),
        ("action also_ask", "ben"),
        ("action can_help", "ana"),
    ],
)
async def test_one_side_does_not_do_what_is_the_others(scene: Scene, kind: str, by: str) -> None:
    before = await lasting(scene.world)

    await attempt(scene, kind, scene.world.people[by])

    assert await lasting(scene.world) == before


async def test_a_team_that_was_closed_is_nobodys_to_open_or_change(scene: Scene) -> None:
    world = scene.world
    async with world.database.workspace(world.id) as db:
        await teams.close(db, world.id, UUID(scene.team), world.now(), world.now().date())
    before = await lasting(world)
    for kind in ("action open_team", "action open_change_team", "form change_team", "action share_balance"):
        for user in (world.mia, world.ben):
            shown = await attempt(replace(scene), kind, user)
            assert MARK not in shown
    assert await lasting(world) == before


async def greet_cy(world: World, giver: str, channel: str) -> None:
    await world.sandbox.shortcut(giver, "give_kudos")
    form = world.sandbox.modal(giver) or {}
    given = {"people": [world.cy], "channel": channel, "note": "Hello there"}
    await world.sandbox.submit(giver, form["id"], given)


async def test_nobody_writes_in_a_private_channel_they_are_not_in(world: World) -> None:
    """Slack's menus show nobody such a channel; Ben sends its id in two forms and behind a button all the same."""
    sandbox = world.sandbox
    hush = sandbox.add_channel("hush", members=[world.ana], is_private=True)
    await greet_cy(world, world.ben, hush)
    await asked(world, world.ben, channel=hush)
    await asked(world, world.cy, channel=world.team)
    await sandbox.command(world.ben, world.team, "/ask", "list")
    mine = sandbox.ephemerals(world.ben)[-1]
    for place in (hush, world.ana):
        await press(world, world.ben, mine, "post_open_asks", value=place)

    assert sandbox.messages(hush) == []
    assert not any("open" in message["text"].lower() for message in told(world, world.ana))
    assert ("ben", "cy", "thanks") in await world.standing()
    assert "Hello there" in words(told(world, world.cy)[0]["blocks"])
    assert any("I could not post your ask" in words(message["blocks"]) for message in told(world, world.ben))


async def test_whoever_is_in_a_private_channel_writes_there(world: World) -> None:
    sandbox = world.sandbox
    hush = sandbox.add_channel("hush", members=[world.ana], is_private=True)
    await greet_cy(world, world.ana, hush)
    await asked(world, world.ana, channel=hush)

    assert len(sandbox.messages(hush)) == 2
