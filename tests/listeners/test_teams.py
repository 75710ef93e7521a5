"""Teams as people meet them: through Home and modals, over real HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.people import Person
from slackapp.domain.policies import Policy
from slackapp.domain.teams import MOST_MEMBERS, Origin, Team
from slackapp.sandbox import SlackError
from slackapp.store import gestures, people, policies, privacy, queue, teampages, teams
from tests.conftest import UTC_ZONE
from tests.world import World, words

WEEK = timedelta(days=7)


async def home(world: World, user: str) -> str:
    await world.sandbox.open_home(user)
    await world.settle()
    view = world.sandbox.home(user)
    assert view is not None
    return words(view["blocks"])


async def press_home(world: World, user: str, action: str, **more: Any) -> dict[str, Any]:
    """Press a button on Home; answer the modal that is open afterwards."""
    await world.sandbox.open_home(user)
    await world.settle()
    view = world.sandbox.home(user)
    assert view is not None
    await world.sandbox.press(user, view["id"], action, **more)
    await world.settle()
    return world.sandbox.modal(user) or {}


async def make(world: World, who: str, **values: Any) -> dict[str, str]:
    form = await press_home(world, who, "open_make_team")
    errors = await world.sandbox.submit(who, form["id"], {"name": "Lanterns", **values})
    await world.settle()
    return errors


async def on_team(world: World, name: str = "Lanterns") -> list[str]:
    names = {user: cast for cast, user in world.people.items()}
    async with world.database.workspace(world.id) as db:
        (team,) = [team for team in await teams.every(db, world.id) if team.name == name]
        return sorted(names[m.person] for m in await teams.members(db, world.id, team.team_id))


async def made(world: World, *members: str, manager: str | None = None, origin: Origin = Origin()) -> UUID:
    team = Team(uuid4(), "Lanterns", origin, (manager or world.mia,))
    async with world.database.workspace(world.id) as db:
        await teams.make(db, world.id, team, world.now())
        await teams.keep(db, world.id, team.team_id, members, world.now().date())
    return team.team_id


async def exchange(world: World, *circle: str) -> None:
    async with world.database.workspace(world.id) as db:
        for giver, receiver in zip(circle, [*circle[1:], circle[0]], strict=True):
            acts = gestures_to(
                [receiver],
                giver=giver,
                kind="help",
                source=Source(f"test:{uuid4()}"),
                at=world.now() - WEEK,
                tz=UTC_ZONE,
            )
            await gestures.record(db, world.id, acts, Mark("command"), world.now())


# Making


async def test_an_admin_makes_a_team_of_chosen_people(world: World) -> None:
    assert await make(world, world.mia, people=[world.ana, world.ben], managers=[world.mia]) == {}

    assert await on_team(world) == ["ana", "ben"]
    assert "*Lanterns*\n2 people" in await home(world, world.mia)
    read = await home(world, world.ana)
    assert (
        "*Lanterns*, looked after by Mia\nMia can see figures of the whole team, and nothing of yours."
        in read
    )


async def test_who_looks_after_their_own_team_reads_it_as_such(world: World) -> None:
    await make(world, world.mia, people=[world.ana, world.mia], managers=[world.mia])

    read = await home(world, world.mia)
    assert (
        "*Lanterns*, looked after by you\nIts members can open its page, and nobody sees anything of yours."
        in read
    )
    assert "Share my balance" not in read


async def test_who_looks_after_their_own_team_with_others_shares_with_those(world: World) -> None:
    await make(world, world.mia, people=[world.ana, world.mia], managers=[world.mia, world.ben])

    read = await home(world, world.mia)
    assert (
        "*Lanterns*, looked after by you and Ben\nBen can see figures of the whole team, and nothing of yours."
        in read
    )
    assert "Share my balance" in read


async def test_a_channels_members_are_a_team_that_follows_the_channel(world: World) -> None:
    crew = world.sandbox.add_channel("crew", members=[world.ana, world.ben])
    assert await make(world, world.mia, channel=crew, managers=[world.mia]) == {}
    assert await on_team(world) == ["ana", "ben"]

    await world.sandbox.join_channel(world.cy, crew)
    await world.sandbox.leave_channel(world.ana, crew)
    await world.settle()
    assert await on_team(world) == ["ben", "cy"]


async def test_homes_follow_whoever_leaves_and_is_back_on_the_same_day(world: World) -> None:
    """By the channel itself, and by the nightly comparison where nothing was heard of it."""
    crew = world.sandbox.add_channel("crew", members=[world.ana, world.ben])
    await make(world, world.mia, channel=crew, managers=[world.mia])

    def reads() -> bool:
        view = world.sandbox.home(world.ana)
        return view is not None and "Lanterns" in words(view["blocks"])

    assert "Lanterns" in await home(world, world.ana)
    await world.sandbox.leave_channel(world.ana, crew)
    await world.settle()
    assert not reads()
    await world.sandbox.join_channel(world.ana, crew)
    await world.settle()
    assert reads()

    async with world.database.workspace(world.id) as db:
        (team,) = await teams.every(db, world.id)
        await teams.keep(db, world.id, team.team_id, [world.ben], world.now().date())
    await home(world, world.ana)
    assert not reads()
    for _ in range(2):
        async with world.database.workspace(world.id) as db:
            await queue.defer(db, queue.sync_teams(world.id))
        await world.settle()
        assert reads()


async def test_a_private_channel_makes_a_team_only_for_those_who_are_in_it(world: World) -> None:
    """Slack's menu shows nobody a private channel they are not in; Ben sends its id all the same."""
    async with world.database.workspace(world.id) as db:
        await policies.put(db, world.id, Policy(team_makers="anyone"))
    hush = world.sandbox.add_channel("hush", members=[world.ana, world.cy], is_private=True)

    errors = await make(world, world.ben, channel=hush, managers=[world.ben])

    assert errors == {
        "channel": "I cannot see who is in that channel. Invite me with /invite @Mutual, and try again."
    }
    assert await make(world, world.ana, channel=hush, managers=[world.ana]) == {}
    assert await on_team(world) == ["ana", "cy"]


async def test_a_user_groups_members_are_a_team_that_follows_the_group(world: World) -> None:
    group = world.sandbox.add_usergroup("writers", [world.ana, world.ben], name="Writers")
    assert await make(world, world.mia, group=group, managers=[world.mia]) == {}
    assert await on_team(world) == ["ana", "ben"]

    await world.sandbox.change_usergroup(group, [world.ben, world.zed])
    await world.settle()
    assert await on_team(world) == ["ben", "zed"]


async def test_whoever_leaves_slack_leaves_the_team_and_whoever_is_back_is_back(world: World) -> None:
    await made(world, world.ana, world.ben)
    await world.sandbox.deactivate(world.ana)
    await world.settle()
    assert await on_team(world) == ["ben"]

    await world.sandbox.reactivate(world.ana)
    await world.settle()
    assert await on_team(world) == ["ana", "ben"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {},
            {
                "people": "Choose people, a channel or a user group: exactly one of the three decides who is on the team."
            },
        ),
        (
            {"people": ["BOT"]},
            {"people": "Robot is an app, and teams are for people."},
        ),
        (
            {"people": ["ANA", "BOT"]},
            {"people": "Robot is an app, and teams are for people."},
        ),
        (
            {"people": ["ANA"], "managers": ["BOT"]},
            {"managers": "Robot is an app, and looking after a team is for people."},
        ),
    ],
)
async def test_what_is_wrong_is_said_where_it_is_wrong(
    world: World, values: dict[str, Any], expected: dict[str, str]
) -> None:
    ids = {"BOT": world.sandbox.add_user("robot", is_bot=True), "ANA": world.ana}
    filled = {
        name: [ids[user] for user in value] if isinstance(value, list) else value
        for name, value in values.items()
    }
    assert await make(world, world.mia, **{"managers": [world.mia], **filled}) == expected


async def test_a_channel_we_cannot_look_into_is_refused_with_what_to_do(world: World) -> None:
    hidden = world.sandbox.add_channel("hidden", members=[world.mia], is_private=True, app_in=False)
    assert await make(world, world.mia, channel=hidden, managers=[world.mia]) == {
        "channel": "I cannot see who is in that channel. Invite me with /invite @Mutual, and try again."
    }


async def test_who_may_not_make_teams_has_no_button_and_no_way_around(world: World) -> None:
    async with world.database.workspace(world.id) as db:
        await policies.put(db, world.id, Policy(team_makers="anyone"))
    form = await press_home(world, world.ana, "open_make_team")
    async with world.database.workspace(world.id) as db:
        await policies.put(db, world.id, Policy(team_makers="admins"))

    assert "Make a team" not in await home(world, world.ana)
    values = {"name": "Mine", "people": [world.ana], "managers": [world.ana]}
    assert await world.sandbox.submit(world.ana, form["id"], values) == {
        "people": "Teams are made by others here. An admin can change that in Settings."
    }


# Sharing and looking


async def test_a_page_of_shared_balances_that_became_empty_is_the_one_before(world: World) -> None:
    crowd = [world.sandbox.add_user(f"u{number}") for number in range(teampages.SHARING_A_PAGE + 1)]
    async with world.database.workspace(world.id) as db:
        await people.put(db, world.id, [Person(user, f"One {user}") for user in crowd], world.now())
    team = await made(world, *crowd)
    async with world.database.workspace(world.id) as db:
        for user in crowd:
            await teams.share(db, world.id, team, user, shares=True)
    page = await press_home(world, world.mia, "open_team")
    async with world.database.workspace(world.id) as db:
        await teams.share(db, world.id, team, crowd[0], shares=False)
    await world.sandbox.press(world.mia, page["id"], "turn_team_on")
    await world.settle()

    turned = words((world.sandbox.modal(world.mia) or {})["blocks"])
    assert turned.count("*One ") == teampages.SHARING_A_PAGE
    assert "Nobody shares theirs" not in turned
    assert "← Back" not in turned


async def test_a_member_shares_and_takes_it_back(world: World) -> None:
    await made(world, world.ana, world.ben)
    await press_home(world, world.ana, "share_balance")
    assert "Mia can see your balance and rhythm, and by name some of what is noticed" in await home(
        world, world.ana
    )
    page = words((await press_home(world, world.mia, "open_team"))["blocks"])
    assert "*Ana*\nGave in 0 and received in 0 of 12 weeks." in page
    assert "*Ben*" not in page

    await press_home(world, world.ana, "unshare_balance")
    page = words((await press_home(world, world.mia, "open_team"))["blocks"])
    assert "Nobody shares theirs at the moment." in page


async def test_the_team_page_in_words_and_the_look_on_every_home(world: World) -> None:
    everyone = [world.ana, world.ben, world.cy, world.zed, world.mia]
    await made(world, *everyone)
    await exchange(world, *everyone)
    await exchange(world, *reversed(everyone))
    page = words((await press_home(world, world.mia, "open_team"))["blocks"])

    assert "Most giving comes back: 5 of 5 relationships (100%) went both ways." in page
    assert "Help was given 10 times, spread as if 5.0 of 5 people did all the helping." in page
    assert "Many weeks were silent: one small fixed moment a week is easier to keep" in page
    assert "Mia looked at the team page of Lanterns" in await home(world, world.ben)
    assert "You looked at the team page of Lanterns" in await home(world, world.mia)


async def test_every_look_can_be_read_by_those_who_were_looked_at_and_by_nobody_else(world: World) -> None:
    team = await made(world, world.ana, world.ben)
    await press_home(world, world.ana, "share_balance")
    for _ in range(2):
        await press_home(world, world.mia, "open_team")
    async with world.database.workspace(world.id) as db:
        for days in range(1, 30):
            await teams.looked(db, world.id, team, world.mia, world.now() + timedelta(days=days))

    first = await press_home(world, world.ana, "open_looks")
    assert words(first["blocks"]).count("Mia looked at the team page of Lanterns") == 20
    await world.sandbox.press(world.ana, first["id"], "turn_looks_on")
    await world.settle()
    read = words((world.sandbox.modal(world.ana) or {})["blocks"])
    assert read.count("Mia looked at the team page of Lanterns") == 10
    assert "the team page of Lanterns, 2 times that day, last" in read
    assert "Mia looked at your shared balance of Lanterns, 2 times that day, last" in read

    read = words((await press_home(world, world.ben, "open_looks"))["blocks"])
    assert "your shared balance" not in read
    assert "Who looked" not in await home(world, world.zed)


@pytest.mark.parametrize(
    ("how", "says"), [("leaves", "Zed (no longer here)"), ("is erased", "nobody at the moment")]
)
async def test_an_admin_gives_a_team_to_somebody_when_the_one_who_looked_after_it_is_gone(
    world: World, how: str, says: str
) -> None:
    team = await made(world, world.ana, world.ben, manager=world.zed)
    assert "All teams" not in await home(world, world.ana)
    if how == "leaves":
        await world.sandbox.deactivate(world.zed)
    else:
        async with world.database.workspace(world.id) as db:
            await privacy.erase(db, world.id, world.zed, world.now().date())
        assert "looked after by nobody at the moment\nIts members can open" in await home(world, world.ana)

    listed = await press_home(world, world.mia, "open_all_teams")
    assert f"2 people, looked after by {says}" in words(listed["blocks"])
    await world.sandbox.press(world.mia, listed["id"], "open_change_team", value=str(team))
    await world.settle()
    form = world.sandbox.modal(world.mia) or {}
    assert await world.sandbox.submit(world.mia, form["id"], {"managers": [world.ben]}) == {}
    await world.settle()

    assert "*Lanterns*, looked after by Ben" in await home(world, world.ana)
    assert "Teams you look after" in await home(world, world.ben)
    assert "Teams you look after" not in await home(world, world.mia)


async def test_too_few_active_people_are_no_figures(world: World) -> None:
    await made(world, world.ana, world.ben)
    await exchange(world, world.ana, world.ben)
    page = words((await press_home(world, world.mia, "open_team"))["blocks"])
    assert "Figures appear once at least 5 people on the team" in page
    assert "relationship" not in page


async def test_whoever_neither_is_on_it_nor_looks_after_it_sees_nothing(world: World) -> None:
    team = await made(world, world.ana, manager=world.ana)
    mine = await made(world, world.zed, manager=world.zed)
    assert mine != team
    await world.sandbox.open_home(world.zed)
    await world.settle()
    view = world.sandbox.home(world.zed)
    assert view is not None
    await world.sandbox.press(world.zed, view["id"], "open_team", value=str(team))
    await world.settle()

    page = words((world.sandbox.modal(world.zed) or {})["blocks"])
    assert (
        page
        == "This team is no longer yours to see: it was closed, or you are neither on it nor looking after it."
    )


async def test_a_manager_who_is_replaced_sees_nothing_at_once(world: World) -> None:
    team = await made(world, world.ana, manager=world.ben)
    await home(world, world.ben)
    async with world.database.workspace(world.id) as db:
        await teams.change(db, world.id, team, name="Lanterns", managers=[world.mia])

    old = world.sandbox.home(world.ben)
    assert old is not None
    await world.sandbox.press(world.ben, old["id"], "open_team")
    await world.settle()
    assert "no longer yours" in words((world.sandbox.modal(world.ben) or {})["blocks"])


async def test_who_sees_what_is_one_press_away(world: World) -> None:
    await made(world, world.ana)
    read = words((await press_home(world, world.ana, "open_who_sees_what"))["blocks"])
    assert (
        "*That somebody mostly receives at the moment*\n"
        "The person: yes · The other of a pair: no · Managers: never · Teammates: no · Anyone else: no"
    ) in read


async def test_whoever_reads_who_sees_what_reads_the_policy_in_force(world: World) -> None:
    await made(world, world.ana)
    today = world.now().astimezone(UTC_ZONE).date()
    for first, says in ((today, "Managers: yes, by name"), (today + WEEK, "on yes, by name")):
        async with world.database.workspace(world.id) as db:
            await policies.put(db, world.id, Policy(naming="named", named_from=first))
        assert says in words((await press_home(world, world.ana, "open_who_sees_what"))["blocks"])
        form = words((await press_home(world, world.mia, "open_make_team"))["blocks"])
        assert "by name some of what is noticed about one person" in form
        assert "by name some of what is noticed about you" in await home(world, world.ana)


async def test_members_open_the_page_of_their_team_and_read_what_concerns_everybody(world: World) -> None:
    everyone = [world.ana, world.ben, world.cy, world.zed, world.mia]
    await made(world, *everyone)
    await exchange(world, *everyone)

    page = await press_home(world, world.ben, "open_team")

    read = words(page["blocks"])
    assert "*Does giving come back?*" in read
    assert "*Is there a rhythm?*" in read
    assert "Change this team" not in read
    assert "Mia looked" not in await home(world, world.ana)


# Changing


async def change(world: World, who: str, **values: Any) -> dict[str, str]:
    page = await press_home(world, who, "open_team")
    await world.sandbox.press(who, page["id"], "open_change_team")
    await world.settle()
    form = world.sandbox.modal(who)
    assert form is not None
    errors = await world.sandbox.submit(who, form["id"], values)
    await world.settle()
    return errors


async def test_a_manager_renames_regroups_and_moves_people(world: World) -> None:
    team = await made(world, world.ana, world.ben)
    assert (
        await change(
            world,
            world.mia,
            name="Beacons",
            people=[world.ana, world.cy],
            sub_group="Billing",
            in_sub_group=[world.ana],
        )
        == {}
    )
    assert await on_team(world, "Beacons") == ["ana", "cy"]
    async with world.database.workspace(world.id) as db:
        groups = {m.person: m.group for m in await teams.members(db, world.id, team)}
    assert groups == {world.ana: "Billing", world.cy: None}


async def test_why_sub_groups_are_not_told_of_is_said(world: World) -> None:
    everyone = [world.ana, world.ben, world.cy, world.zed, world.mia]
    await made(world, *everyone)
    await exchange(world, *everyone)
    assert "sub-groups" not in words((await press_home(world, world.mia, "open_team"))["blocks"])

    await change(world, world.mia, sub_group="Billing", in_sub_group=[world.ana, world.ben])
    page = words((await press_home(world, world.mia, "open_team"))["blocks"])
    assert (
        "*Do sub-groups help each other?*\nThat can be told once each of them, and the rest together, has at least "
        "5 active people."
    ) in page


async def test_a_closed_team_is_gone_from_every_home(world: World) -> None:
    await made(world, world.ana)
    assert await change(world, world.mia, close=["close"]) == {}
    assert "Lanterns" not in await home(world, world.ana)
    assert "Lanterns" not in await home(world, world.mia)


async def test_nothing_is_changed_when_something_is_wrong_and_nothing_is_dropped_without_a_word(
    world: World,
) -> None:
    await made(world, world.ana, world.ben)
    robot = world.sandbox.add_user("robot", is_bot=True)
    for values, told in (
        ({"people": [robot]}, {"people": "Robot is an app, and teams are for people."}),
        ({"people": [world.ana, robot]}, {"people": "Robot is an app, and teams are for people."}),
        ({"managers": [robot]}, {"managers": "Robot is an app, and looking after a team is for people."}),
        (
            {"sub_group": "Billing"},
            {"in_sub_group": "Choose who is in this sub-group, or leave its name empty."},
        ),
        (
            {"sub_group": "Billing", "in_sub_group": [world.ana, world.cy]},
            {"in_sub_group": "Cy is not on this team. Sub-groups are made of its members."},
        ),
    ):
        assert await change(world, world.mia, name="Beacons", **values) == told
        await world.sandbox.close(world.mia, (world.sandbox.modal(world.mia) or {})["id"], clear=True)
    assert await on_team(world, "Lanterns") == ["ana", "ben"]


@pytest.mark.parametrize("kind", ["channel", "group"])
async def test_a_team_whose_channel_or_group_outgrows_a_team_stays_and_its_managers_hear_it_once(
    world: World, kind: str
) -> None:
    crowd = [world.sandbox.add_user(f"u{number}") for number in range(MOST_MEMBERS)]
    async with world.database.workspace(world.id) as db:
        await people.put(db, world.id, [Person(user, "One of many") for user in crowd], world.now())
    if kind == "channel":
        origin = Origin(kind, world.sandbox.add_channel("crowd", members=[world.ana, *crowd]))
    else:
        origin = Origin(kind, world.sandbox.add_usergroup("crowd", [world.ana]))
    team = await made(world, world.ana, world.ben, origin=origin)
    if kind == "group":
        await world.sandbox.change_usergroup(str(origin.slack_id), [world.ana, *crowd])
    for _ in range(2):
        async with world.database.workspace(world.id) as db:
            await queue.defer(db, queue.sync_teams(world.id))
        await world.settle()

    assert await on_team(world) == ["ana", "ben"]
    (told,) = world.sandbox.messages(world.sandbox.dm(world.mia))
    assert "More than 500 people are in" in words(told["blocks"])
    await world.sandbox.press(world.mia, told, "open_change_team")
    await world.settle()
    assert "Close this team" in words((world.sandbox.modal(world.mia) or {})["blocks"])

    async with world.database.workspace(world.id) as db:
        assert await teams.keep(db, world.id, team, crowd, world.now().date()) is not None
        assert await teams.join(db, world.id, [team], [world.cy], world.now().date()) == []


async def test_a_channel_that_slack_does_not_tell_of_keeps_no_other_team_waiting(world: World) -> None:
    crew, deck = (world.sandbox.add_channel(name, members=[world.ana]) for name in ("crew", "deck"))
    for name, channel in (("Anchors", crew), ("Lanterns", deck)):
        team = Team(uuid4(), name, Origin("channel", channel), (world.mia,))
        async with world.database.workspace(world.id) as db:
            await teams.make(db, world.id, team, world.now())
            await teams.keep(db, world.id, team.team_id, [world.ana], world.now().date())
    world.sandbox.api.broken[f"conversations.members {crew}"] = SlackError("internal_error")
    for channel in (crew, deck):
        world.sandbox.workspace.channel(channel).members.append(world.ben)
    async with world.database.workspace(world.id) as db:
        await queue.defer(db, queue.sync_teams(world.id))
    await world.settle()
    assert (await on_team(world, "Anchors"), await on_team(world)) == (["ana"], ["ana", "ben"])

    world.sandbox.api.broken.clear()
    await world.waits_no_longer()
    assert await on_team(world, "Anchors") == ["ana", "ben"]


async def test_slack_failing_leaves_the_team_as_it_was(world: World) -> None:
    """The nightly comparison meets a channel that is gone."""
    crew = world.sandbox.add_channel("crew", members=[world.ana])
    await made(world, world.ana, origin=Origin("channel", crew))
    world.sandbox.api.broken["conversations.members"] = SlackError("channel_not_found")
    async with world.database.workspace(world.id) as db:
        await queue.defer(db, queue.sync_teams(world.id))
    await world.settle()
    assert await on_team(world) == ["ana"]
    world.sandbox.api.broken.clear()
    world.sandbox.workspace.channel(crew).members.append(world.ben)
    async with world.database.workspace(world.id) as db:
        await queue.defer(db, queue.sync_teams(world.id))
        assert await db.scalar(text("SELECT count(*) FROM teams")) == 1
    await world.settle()
    assert await on_team(world) == ["ana", "ben"]
