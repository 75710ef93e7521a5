"""Offering help and thanking for it, as people do it through the sandbox Slack."""

import pytest

from slackapp.domain.preferences import Preferences
from slackapp.store import preferences
from tests.asking import asked, card, last_words, press, told
from tests.world import World, words


class TestAChain:
    async def test_an_offer_reaches_the_asker_with_two_kind_answers(self, world: World) -> None:
        await asked(world)

        await press(world, world.ben, card(world), "can_help")

        assert last_words(world, world.ben) == (
            "Thank you. Ana knows that you can help, and I'll tell you when they answer."
        )
        (offer,) = told(world, world.ana)
        assert offer["text"] == f"<@{world.ben}> can help you."
        assert "Yes please\n" in words(offer["blocks"]) + "\n"
        assert "Thanks, I'm covered" in words(offer["blocks"])
        assert "1 person offered" in words(card(world)["blocks"])
        assert await world.standing() == {("ben", "ana", "offer")}

    async def test_from_yes_please_to_thanks_it_is_one_help(self, world: World) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "can_help")
        await press(world, world.ana, told(world, world.ana)[0], "accept_offer")
        (answer,) = told(world, world.ben)
        assert answer["text"] == f"<@{world.ana}> says yes please to your help."

        await press(world, world.ben, answer, "claim_help")
        question = told(world, world.ana)[-1]
        assert question["text"] == f"<@{world.ben}> says that it is done. Did it help?"
        await press(world, world.ana, question, "confirm_help")
        assert await world.standing() == {("ben", "ana", "help")}

        form = world.sandbox.modal(world.ana)
        assert form is not None
        assert "Ben's help counts. A line of thanks makes it land." in words(form["blocks"])
        await world.sandbox.submit(world.ana, form["id"], {"note": "You saved my week"})
        await world.settle()

        assert await world.standing() == {("ben", "ana", "help"), ("ana", "ben", "thanks")}
        thread = world.sandbox.messages(world.team, card(world)["ts"])
        assert thread[-1]["text"] == f"<@{world.ana}> thanks <@{world.ben}>"
        assert told(world, world.ana)[0]["text"] == f"<@{world.ben}>'s help counts, and your thanks too."
        assert told(world, world.ben)[0]["text"] == f"<@{world.ana}> says that your help helped. It counts."

    async def test_thanks_can_stay_between_the_two(self, world: World) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "can_help")
        await press(world, world.ana, told(world, world.ana)[0], "accept_offer")
        await press(world, world.ana, told(world, world.ana)[0], "confirm_help")
        form = world.sandbox.modal(world.ana)
        assert form is not None

        await world.sandbox.submit(world.ana, form["id"], {"note": "Dear Ben", "seen_by": "private"})
        await world.settle()

        assert world.sandbox.messages(world.team, card(world)["ts"]) == [card(world)]
        assert told(world, world.ben)[-1]["text"] == f"<@{world.ana}> thanks you"

    async def test_thanks_by_reaction_turn_the_offer_into_help(self, world: World) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "can_help")
        ts = await world.sandbox.say(world.ben, world.team, "Read it, two comments", card(world)["ts"])

        await world.sandbox.react(world.ana, world.team, ts, "pray")
        await world.settle()

        assert await world.standing() == {("ben", "ana", "help"), ("ana", "ben", "thanks")}
        assert told(world, world.ana)[0]["text"] == f"<@{world.ben}>'s help counts, and your thanks too."

        await world.sandbox.unreact(world.ana, world.team, ts, "pray")
        await world.settle()
        assert await world.standing() == {("ben", "ana", "offer")}

    async def test_covered_is_told_kindly_and_the_offer_still_counts(self, world: World) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "can_help")

        await press(world, world.ana, told(world, world.ana)[0], "decline_offer")

        (answer,) = told(world, world.ben)
        assert answer["text"] == (
            f"<@{world.ana}> is covered for now. Thank you for offering: it counts all the same."
        )
        assert await world.standing() == {("ben", "ana", "offer")}

    async def test_two_helpers_count_both(self, world: World) -> None:
        await asked(world)
        for helper in (world.ben, world.cy):
            await press(world, helper, card(world), "can_help")
        for offer in told(world, world.ana):
            await press(world, world.ana, offer, "accept_offer")
        for offer in told(world, world.ana):
            await press(world, world.ana, offer, "confirm_help")

        assert await world.standing() == {("ben", "ana", "help"), ("cy", "ana", "help")}
        assert "2 people helped" in words(card(world)["blocks"])


class TestUnasked:
    async def test_an_offer_by_command_reaches_the_person(self, world: World) -> None:
        answer = await world.sandbox.command(world.ana, world.team, "/offer", "@ben an hour on the export")
        await world.settle()

        assert answer.text == "Your offer is on its way to Ben. I'll tell you when they answer."
        (offer,) = told(world, world.ben)
        assert offer["text"] == f"<@{world.ana}> offers you help."
        assert ">an hour on the export" in words(offer["blocks"])
        assert await world.standing() == {("ana", "ben", "offer")}

    async def test_good_ways_to_help_are_read_first(self, world: World) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.ben, Preferences(help_me="Mornings only"))

        await world.sandbox.command(world.ana, world.team, "/offer", "@ben an hour <tonight>")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        assert "Ben says what helps: Mornings only" in words(form["blocks"])
        assert await world.standing() == set()

        assert await world.sandbox.submit(world.ana, form["id"], {}) == {}
        await world.settle()
        assert ">an hour &lt;tonight&gt;" in words(told(world, world.ben)[0]["blocks"])

    async def test_from_a_message_its_author_is_filled_in(self, world: World) -> None:
        ts = await world.sandbox.say(world.ben, world.team, "Stuck on the export")
        await world.sandbox.message_shortcut(world.ana, world.team, ts, "offer_help")
        form = world.sandbox.modal(world.ana)
        assert form is not None

        await world.sandbox.submit(world.ana, form["id"], {"what": "Let us pair"})

        assert await world.standing() == {("ana", "ben", "offer")}

    async def test_taking_it_back_removes_its_words(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/offer", "@ben an hour on the export")
        await world.settle()
        (mine,) = world.sandbox.ephemerals(world.ana)

        await press(world, world.ana, mine, "take_back_offer")

        assert await world.standing() == set()
        (offer,) = told(world, world.ben)
        assert offer["text"] == f"<@{world.ana}> took the offer back."
        assert "export" not in words(offer["blocks"])

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            (
                "an hour",
                "Whom do you offer help? Begin with one person, like `/offer @ben an hour on the export`.",
            ),
            (
                "@ana an hour",
                "An offer is for somebody else. If something would help you, `/ask` is there for it.",
            ),
            ("@robo oil", "robo is an app, and help is for people."),
            ("@gus a card", "Gus no longer has an account here, so it would not reach them."),
            ("@eve a hand", "Eve belongs to another organisation, and Mutual stays within yours."),
        ],
    )
    async def test_the_person_reads_why_not(self, world: World, typed: str, sentence: str) -> None:
        world.sandbox.add_user("robo", real_name="robo", is_bot=True)
        world.sandbox.add_user("gus", real_name="Gus", deleted=True)
        world.sandbox.add_user("eve", real_name="Eve", team_id="T0OTHER")

        answer = await world.sandbox.command(world.ana, world.team, "/offer", typed)

        assert answer.text == sentence
        assert await world.standing() == set()
