"""Home as its owner reads it."""

import pytest
from sqlalchemy import text

from slackapp.domain.preferences import Preferences
from slackapp.store import preferences
from slackapp.store.database import Database
from tests.world import World, make_world, words


async def test_home_is_useful_on_the_first_day(world: World) -> None:
    view = await world.sandbox.open_home(world.zed)

    assert view is not None
    read = words(view["blocks"])
    assert "Nothing is recorded for you yet." in read
    assert "`/kudos @name for …`" in read
    assert "Nobody can look up your balance" in read


async def test_home_shows_both_sides_after_a_gesture_without_being_opened_again(world: World) -> None:
    await world.sandbox.open_home(world.ana)
    await world.sandbox.open_home(world.ben)

    await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the fix")
    await world.settle()

    giver, receiver = (words((world.sandbox.home(user) or {})["blocks"]) for user in (world.ana, world.ben))
    assert "*What you gave*\nThanks: 1\nHelp: 0" in giver
    assert "*What you received*\nThanks: 0\nHelp: 1" in giver
    assert "⇄  *Ben*  you gave 1, they gave 1" in giver
    assert "*What you gave*\nThanks: 0\nHelp: 1" in receiver
    assert "for the fix" in receiver
    assert "*Ana*" in receiver


async def test_home_goes_back_when_a_gesture_is_undone(world: World) -> None:
    await world.sandbox.open_home(world.ben)
    await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
    await world.settle()
    assert "for the fix" in words((world.sandbox.home(world.ben) or {})["blocks"])

    await world.sandbox.press(world.ana, world.sandbox.ephemerals(world.ana)[0], "undo")
    await world.settle()

    assert "for the fix" not in words((world.sandbox.home(world.ben) or {})["blocks"])


async def test_a_home_that_was_never_opened_is_not_published(world: World) -> None:
    await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
    await world.settle()

    assert world.sandbox.home(world.ben) is None


async def test_the_home_of_somebody_who_left_is_not_published(world: World) -> None:
    await world.sandbox.open_home(world.ana)
    await world.sandbox.open_home(world.ben)
    answer = await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the map")
    await world.settle()
    await world.sandbox.deactivate(world.ben)
    await world.settle()
    before = len(world.sandbox.api.calls)
    await world.sandbox.press(world.ana, answer.ts, "undo")
    await world.settle()

    ours = set(world.people.values())  # a job that an earlier test left for later may run here, too
    published = [
        given["user_id"]
        for name, given in world.sandbox.api.calls[before:]
        if name == "views.publish" and given["user_id"] in ours
    ]
    assert published == [world.ana]
    async with world.database.engine.connect() as db:
        left = await db.scalar(
            text(
                "SELECT count(*) FROM procrastinate_jobs WHERE args->>'workspace_id' = :id AND status <> 'succeeded'"
            ),
            {"id": world.id},
        )
    assert left == 0


async def test_kudos_can_be_given_from_home(world: World) -> None:
    view = await world.sandbox.open_home(world.ana)
    assert view is not None

    await world.sandbox.press(world.ana, view["id"], "open_kudos")

    form = world.sandbox.modal(world.ana)
    assert form is not None
    assert form["callback_id"] == "give_kudos"

    # No channel is chosen, so what it says about who sees it is what happens.
    assert await world.sandbox.submit(
        world.ana, form["id"], {"people": [world.ben], "seen_by": "channel"}
    ) == {"channel": "Choose the channel where everyone may see it, or “Only them” above."}
    assert await world.standing() == set()


async def test_from_home_kudos_are_for_their_eyes_unless_a_channel_is_chosen(world: World) -> None:
    async def give(reason: str, **values: str) -> None:
        await world.sandbox.open_home(world.ana)
        await world.sandbox.press(world.ana, world.sandbox.home(world.ana) or {}, "open_kudos")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.press(world.ana, form["id"], "people", selected=[world.ben])
        chosen = next(block for block in form["blocks"] if block["block_id"] == "seen_by")["element"]
        assert chosen["initial_option"]["value"] == "private"
        assert await world.sandbox.submit(world.ana, form["id"], {"reason": reason, **values}) == {}
        await world.settle()

    await give("kudos")
    assert world.sandbox.messages(world.team) == []
    (told,) = world.sandbox.messages(world.sandbox.dm(world.ben))
    assert "Only the two of you know." in words(told["blocks"])

    await give("thanks", seen_by="channel", channel=world.team)
    (posted,) = world.sandbox.messages(world.team)
    assert posted["text"] == f"<@{world.ana}> thanks <@{world.ben}>"


class TestSettings:
    async def test_what_a_person_chose_is_kept(self, world: World) -> None:
        view = await world.sandbox.open_home(world.ben)
        assert view is not None
        await world.sandbox.press(world.ben, view["id"], "open_settings")
        form = world.sandbox.modal(world.ben)
        assert form is not None

        errors = await world.sandbox.submit(
            world.ben,
            form["id"],
            {
                "thanked": "private",
                "help_me": "Review my drafts",
                "need_now": "An hour of quiet",
                "away_until": "2030-01-31",
                "digest": ["digest"],
            },
        )

        assert errors == {}
        facts = await world.facts(world.ben)
        chosen = facts.person.preferences
        assert (chosen.thanked, chosen.help_me, chosen.need_now, chosen.digest) == (
            "private",
            "Review my drafts",
            "An hour of quiet",
            True,
        )
        assert str(chosen.away_until) == "2030-01-31"

    async def test_the_form_shows_what_was_chosen_before(self, world: World) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.ben, Preferences(thanked="public", help_me="Tea"))
        view = await world.sandbox.open_home(world.ben)
        assert view is not None

        await world.sandbox.press(world.ben, view["id"], "open_settings")

        form = world.sandbox.modal(world.ben)
        assert form is not None
        assert form["blocks"][0]["element"]["initial_option"]["value"] == "public"
        assert form["blocks"][1]["element"]["initial_value"] == "Tea"
        assert "For the whole workspace" not in words(form["blocks"])

    async def test_an_admin_chooses_what_reactions_mean(self, world: World) -> None:
        view = await world.sandbox.open_home(world.mia)
        assert view is not None
        await world.sandbox.press(world.mia, view["id"], "open_settings")
        form = world.sandbox.modal(world.mia)
        assert form is not None
        assert "For the whole workspace" in words(form["blocks"])

        errors = await world.sandbox.submit(
            world.mia, form["id"], {"timezone": "America/New_York", "emoji_kudos": ":taco: :clap:"}
        )

        assert errors == {}
        ts = await world.sandbox.say(world.ben, world.team, "Lunch is here")
        await world.sandbox.react(world.ana, world.team, ts, "taco")
        assert await world.standing() == {("ana", "ben", "kudos")}

        first = await world.sandbox.open_home(world.zed)
        assert first is not None
        assert "• React to a message with :clap: or :taco: for kudos, :pray: for thanks." in words(
            first["blocks"]
        )
        how = "*Or react to a message:* :clap: or :taco: is kudos, :pray: is thanks"
        for command in ("/kudos", "/mutual"):
            answer = await world.sandbox.command(world.zed, world.team, command, "help")
            assert how in words(answer.blocks)
        await world.sandbox.say(world.zed, world.sandbox.dm(world.zed), "Hello?")
        await world.settle()
        assert how in words(world.sandbox.messages(world.sandbox.dm(world.zed))[-1]["blocks"])

    async def test_what_cannot_be_read_is_told_at_the_field(self, world: World) -> None:
        view = await world.sandbox.open_home(world.mia)
        assert view is not None
        await world.sandbox.press(world.mia, view["id"], "open_settings")
        form = world.sandbox.modal(world.mia)
        assert form is not None

        errors = await world.sandbox.submit(
            world.mia,
            form["id"],
            {"timezone": "Mars/Olympus", "emoji_kudos": ":clap:", "emoji_thanks": ":clap: so nice!"},
        )

        assert errors == {
            "timezone": "I don't know this time zone. Write it like Europe/Berlin or America/New_York.",
            "emoji_thanks": "“nice!” is not the name of an emoji. Write names like :clap:, separated by spaces.",
        }


@pytest.mark.parametrize("refreshed", [False, True])
async def test_home_says_who_answers_questions(
    database_url: str, database: Database, refreshed: bool
) -> None:
    told = {"mutual_support_email": "help@acme.example"}
    async with make_world(database_url, database, settings=told) as world:
        await world.sandbox.open_home(world.ana)
        if refreshed:
            await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
            await world.settle()
        shown = words((world.sandbox.home(world.ana) or {})["blocks"])
    assert "write to <mailto:help@acme.example|help@acme.example>" in shown
