"""Where public kudos are posted, and how several become one message."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from slackapp.domain.policies import Policy, posting_place
from slackapp.domain.preferences import Preferences
from slackapp.jobs.announcements import announce_gathered
from slackapp.jobs.shell import Shell
from slackapp.sandbox import SlackError
from slackapp.store import policies, preferences
from tests.world import World, words


@pytest.mark.parametrize(
    ("situation", "policy", "place", "expected"),
    [
        ("as given", Policy(), ("C1", False, False), "C1"),
        ("as given, in a private channel", Policy(), ("C1", False, True), "C1"),
        ("never in #general by default", Policy(), ("C0GEN", True, False), None),
        ("#general where an admin wants it", Policy(in_general=True), ("C0GEN", True, False), "C0GEN"),
        ("one channel", Policy(announce="channel", kudos_channel="C9"), ("C1", False, False), "C9"),
        (
            "one channel, given in #general",
            Policy(announce="channel", kudos_channel="C9"),
            ("C0GEN", True, False),
            "C9",
        ),
        (
            "a private channel's stay there",
            Policy(announce="channel", kudos_channel="C9"),
            ("C1", False, True),
            "C1",
        ),
        ("nowhere", Policy(announce="nowhere"), ("C1", False, False), None),
        ("not in a channel at all", Policy(), (None, False, False), None),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_where_public_kudos_are_posted(
    situation: str, policy: Policy, place: tuple[str | None, bool, bool], expected: str | None
) -> None:
    channel, general, private = place
    assert posting_place(policy, channel, general=general, private=private) == expected, situation


async def decide(world: World, policy: Policy) -> None:
    async with world.database.workspace(world.id) as db:
        await policies.put(db, world.id, policy)


async def kudos(world: World, channel: str, *said: str) -> list[Any]:
    answers = []
    for text_ in said:
        answers.append(await world.sandbox.command(world.ana, channel, "/kudos", text_))
        await world.settle()
    return answers


def texts(world: World, channel: str) -> list[str]:
    return [message["text"] for message in world.sandbox.messages(channel)]


async def test_kudos_in_general_are_told_in_private_until_an_admin_wants_otherwise(world: World) -> None:
    general = world.sandbox.add_channel("general", members=world.people.values(), is_general=True)
    await kudos(world, general, "@ben for the map")

    assert texts(world, general) == []
    (note,) = world.sandbox.messages(world.sandbox.dm(world.ben))
    assert "kudos from there are not posted for all" in words(note["blocks"])

    await decide(world, Policy(in_general=True))
    await kudos(world, general, "@ben for the second map")
    assert len(texts(world, general)) == 1


async def test_one_channel_gathers_kudos_from_everywhere_but_not_from_private_channels(world: World) -> None:
    wall = world.sandbox.add_channel("wall", members=world.people.values())
    secret = world.sandbox.add_channel("secret", members=[world.ana, world.ben], is_private=True)
    await decide(world, Policy(announce="channel", kudos_channel=wall))
    await kudos(world, world.team, "@ben for the map")
    await kudos(world, secret, "@ben for the secret")

    assert texts(world, wall) == [f"<@{world.ana}> gives kudos to <@{world.ben}>"]
    assert "for the map" in words(world.sandbox.messages(wall)[0]["blocks"])
    assert texts(world, world.team) == []
    assert len(texts(world, secret)) == 1


async def test_once_a_channel_is_private_its_kudos_stay_there(world: World) -> None:
    wall = world.sandbox.add_channel("wall", members=world.people.values())
    await decide(world, Policy(announce="channel", kudos_channel=wall))
    await kudos(world, world.team, "@ben for the map")
    world.sandbox.workspace.channel(world.team).is_private = True
    await kudos(world, world.team, "@ben for the secret")

    assert "for the map" in words(world.sandbox.messages(wall)[0]["blocks"])
    assert len(texts(world, wall)) == 1
    assert "for the secret" in words(world.sandbox.messages(world.team)[0]["blocks"])


@pytest.mark.parametrize("why", ["the channel is private", "they are a guest", "they never joined it"])
async def test_whoever_is_not_in_the_channel_is_told_in_private(world: World, why: str) -> None:
    private = why == "the channel is private"
    eva = world.sandbox.add_user("eva", is_restricted=why == "they are a guest")
    leads = world.sandbox.add_channel("leads", members=[world.ana, world.ben], is_private=private)
    (answer,) = await kudos(world, leads, "@ben @eva for the plan")

    first, second = sorted([world.ben, eva])
    assert texts(world, leads) == [f"<@{world.ana}> gives kudos to <@{first}> and <@{second}>"]
    assert texts(world, world.sandbox.dm(world.ben)) == []
    (told,) = world.sandbox.messages(world.sandbox.dm(eva))
    assert words(told["blocks"]).split("\n") == [
        f":raised_hands: <@{world.ana}> sends you kudos",
        ">for the plan",
        "It was given in a channel that you are not in, so you are told here. It is on your Home tab too.",
    ]

    await world.sandbox.press(world.ana, answer.ts, "undo")
    await world.settle()
    assert texts(world, world.sandbox.dm(eva)) == ["This was taken back by the person who sent it."]


async def test_everybody_is_in_the_general_channel(world: World) -> None:
    everyone = world.sandbox.add_channel("everyone", members=[world.ana], is_general=True)
    await decide(world, Policy(announce="channel", kudos_channel=everyone))
    await kudos(world, world.team, "@ben for the plan")

    assert texts(world, everyone) == [f"<@{world.ana}> gives kudos to <@{world.ben}>"]
    assert texts(world, world.sandbox.dm(world.ben)) == []


async def test_nowhere_means_in_private(world: World) -> None:
    await decide(world, Policy(announce="nowhere"))
    await kudos(world, world.team, "@ben for the map")

    assert texts(world, world.team) == []
    assert len(world.sandbox.messages(world.sandbox.dm(world.ben))) == 1


async def test_a_later_policy_moves_nothing_that_was_posted(world: World) -> None:
    (answer,) = await kudos(world, world.team, "@ben for the map")
    await decide(world, Policy(announce="nowhere"))
    await world.sandbox.press(world.ana, answer.ts, "undo")
    await world.settle()

    assert texts(world, world.team) == ["This was taken back by the person who sent it."]


async def test_an_undo_after_the_message_was_deleted_breaks_nothing(world: World) -> None:
    (answer,) = await kudos(world, world.team, "@ben for the map")
    world.sandbox.api.broken["chat.update"] = SlackError("message_not_found")
    await world.sandbox.press(world.ana, answer.ts, "undo")
    await world.settle()

    async with world.database.engine.connect() as db:
        failed = await db.scalar(
            text(
                "SELECT count(*) FROM procrastinate_jobs WHERE args->>'workspace_id' = :id AND status = 'failed'"
            ),
            {"id": world.id},
        )
    assert failed == 0
    assert await world.standing() == set()


async def windows_over(world: World, shell: Shell) -> None:
    """Ten minutes later, the queue runs what it had put off."""
    async with world.database.engine.connect() as db:
        rows = await db.execute(
            text(
                "DELETE FROM procrastinate_jobs WHERE task_name = 'announce_gathered' "
                "AND args->>'workspace_id' = :id AND status = 'todo' RETURNING args"
            ),
            {"id": world.id},
        )
        waiting = [row.args for row in rows]
    later = replace(shell, now=lambda: world.now() + timedelta(minutes=10))
    context: Any = SimpleNamespace(additional_context={"shell": later})
    for args in waiting:
        await announce_gathered(context, **args)


async def test_kudos_that_slack_takes_no_message_about_for_now_are_told_when_it_says_so(world: World) -> None:
    world.sandbox.api.broken["chat.postMessage"] = SlackError("ratelimited", retry_after=47)
    before = datetime.now(UTC)
    await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
    await world.settle()

    due = await world.waits_until("announce")
    assert timedelta(seconds=46) < due - before < timedelta(seconds=60)
    world.sandbox.api.broken.clear()
    await world.waits_no_longer()

    assert len(world.sandbox.messages(world.team)) == 1


async def test_many_within_minutes_become_one_message_that_stays_true(world: World, shell: Shell) -> None:
    answers = await kudos(
        world,
        world.team,
        *(f"@ben for the {word} thing" for word in ("first", "second", "third", "fourth", "fifth", "sixth")),
    )
    assert len(texts(world, world.team)) == 3

    await world.sandbox.press(world.ana, answers[5].ts, "undo")
    await world.settle()
    for _ in range(2):
        await windows_over(world, shell)
    gathered = words(world.sandbox.messages(world.team)[-1]["blocks"])
    assert len(texts(world, world.team)) == 4
    assert "for the fourth thing" in gathered
    assert "for the fifth thing" in gathered
    assert "for the sixth thing" not in gathered

    await world.sandbox.press(world.ana, answers[3].ts, "undo")
    await world.settle()
    assert len(texts(world, world.team)) == 4
    gathered = words(world.sandbox.messages(world.team)[-1]["blocks"])
    assert "for the fourth thing" not in gathered
    assert "for the fifth thing" in gathered


@pytest.mark.parametrize("why", ["is_archived", "msg_blocks_too_long"])
async def test_when_the_channel_takes_it_no_more_receivers_are_told_in_private(
    world: World, shell: Shell, why: str
) -> None:
    await kudos(world, world.team, *(f"@ben for the {n}th thing" for n in range(4)))
    world.sandbox.api.broken["chat.postMessage"] = SlackError(why)
    await windows_over(world, shell)
    world.sandbox.api.broken.clear()
    await world.settle()

    assert len(texts(world, world.team)) == 3
    assert "for the 3th thing" in words(world.sandbox.messages(world.sandbox.dm(world.ben))[-1]["blocks"])


STILL_THERE = (
    "You took something back, and it no longer counts. But I can't change what I posted in <#{place}>: "
    "I am no longer in the channel, or it is archived. So it still stands there to read."
)


@pytest.mark.parametrize("why", ["not_in_channel", "channel_not_found", "is_archived"])
async def test_whoever_undoes_hears_when_the_channel_goes_on_showing_it(world: World, why: str) -> None:
    (answer,) = await kudos(world, world.team, "@ben for the map")
    world.sandbox.api.broken[f"chat.update {world.team}"] = SlackError(why)
    await world.sandbox.press(world.ana, answer.ts, "undo")
    await world.settle()

    assert texts(world, world.sandbox.dm(world.ana)) == [STILL_THERE.format(place=world.team)]
    assert texts(world, world.sandbox.dm(world.ben)) == []
    assert await world.standing() == set()

    await world.sandbox.press(world.ana, answer.ts, "put_back")
    await world.settle()
    assert texts(world, world.sandbox.dm(world.ana)) == [
        f"What I posted for you in <#{world.team}> is right again."
    ]
    assert texts(world, world.sandbox.dm(world.ben)) == []
    assert texts(world, world.team) == [f"<@{world.ana}> gives kudos to <@{world.ben}>"]


async def test_of_several_in_one_message_only_whoever_undoes_hears_it(world: World, shell: Shell) -> None:
    answers = await kudos(world, world.team, *(f"@ben for the {n}th thing" for n in range(5)))
    await windows_over(world, shell)
    world.sandbox.api.broken[f"chat.update {world.team}"] = SlackError("is_archived")
    await world.sandbox.press(world.ana, answers[4].ts, "undo")
    await world.settle()

    assert texts(world, world.sandbox.dm(world.ana)) == [STILL_THERE.format(place=world.team)]
    assert texts(world, world.sandbox.dm(world.ben)) == []


async def test_several_in_one_message_do_not_ring_for_somebody_who_paused(world: World, shell: Shell) -> None:
    async with world.database.workspace(world.id) as db:
        await preferences.put(db, world.id, world.ben, Preferences(paused=True))
    await kudos(world, world.team, *(f"@ben for the {n}th thing" for n in range(5)))
    await windows_over(world, shell)

    gathered = world.sandbox.messages(world.team)[-1]
    assert "for the 4th thing" in words(gathered["blocks"])
    assert f"<@{world.ben}>" not in words(gathered["blocks"])
    assert "gives kudos to Ben" in words(gathered["blocks"])


async def test_a_reaction_to_several_in_one_message_seconds_them_all_but_never_ones_own(
    world: World, shell: Shell
) -> None:
    await kudos(world, world.team, *(f"@ben for the {n}th thing" for n in range(4)))
    await world.sandbox.command(world.zed, world.team, "/kudos", "@mia for the talk")
    await world.settle()
    await windows_over(world, shell)
    gathered = world.sandbox.messages(world.team)[-1]
    assert "for the talk" in words(gathered["blocks"])

    for user in (world.cy, world.ana):
        await world.sandbox.react(user, world.team, gathered["ts"], "clap")
    given = {("ana", "ben", "kudos"), ("zed", "mia", "kudos")}
    assert await world.standing() == given | {
        ("cy", "ben", "kudos"),
        ("cy", "mia", "kudos"),
        ("ana", "mia", "kudos"),
    }

    for user in (world.cy, world.ana):
        await world.sandbox.unreact(user, world.team, gathered["ts"], "clap")
    assert await world.standing() == given
