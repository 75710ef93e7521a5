"""Offering help and thanking for it, as people do it through the sandbox Slack."""

from datetime import date

import pytest
from sqlalchemy import text

from slackapp.domain.preferences import Preferences
from slackapp.sandbox import SlackError
from slackapp.store import offers, preferences, queue
from tests.asking import asked, buttons, card, helped, last_words, press, told
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
        form = await helped(world)

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

    async def test_when_the_ask_is_taken_back_both_read_so_and_no_yes_brings_it_back(
        self, world: World
    ) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "can_help")
        home = await world.sandbox.open_home(world.ana)
        assert home is not None

        await press(world, world.ana, home, "withdraw_ask")

        (over,) = told(world, world.ana)
        assert over["text"] == f"You took the ask back, so <@{world.ben}>'s offer is over."
        assert buttons(over) == []
        assert told(world, world.ben)[-1]["text"] == (
            f"<@{world.ana}> took the ask back. Thank you for offering: it counts all the same."
        )

    async def test_who_was_named_by_mistake_reads_that_it_was_undone_and_offered_nothing(
        self, world: World
    ) -> None:
        await asked(world)
        await press(world, world.ana, card(world), "close_ask")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.submit(world.ana, form["id"], {"helped": [world.ben]})
        await world.settle()
        (counted,) = told(world, world.ana)
        assert counted["text"] == f"<@{world.ben}>'s help counts."
        assert await world.standing() == {("ben", "ana", "help")}

        await press(world, world.ana, counted, "unconfirm_help")

        assert await world.standing() == set()
        for person in (world.ana, world.ben):
            (message,) = told(world, person)
            assert message["text"] == "This was undone, and nothing is counted."
            assert buttons(message) == []

    async def test_who_was_named_is_thanked_as_who_offered_is(self, world: World) -> None:
        await asked(world)
        await press(world, world.ana, card(world), "close_ask")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.submit(world.ana, form["id"], {"helped": [world.ben]})
        await world.settle()

        await press(world, world.ana, told(world, world.ana)[0], "thank_helper")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        assert await world.sandbox.submit(world.ana, form["id"], {"note": "You saved my week"}) == {}
        await world.settle()

        assert told(world, world.ana)[0]["text"] == f"<@{world.ben}>'s help counts, and your thanks too."
        assert await world.standing() == {("ben", "ana", "help"), ("ana", "ben", "thanks")}

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

    async def test_an_offer_made_again_rings_again_and_both_messages_stay_true(self, world: World) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "can_help")
        await press(world, world.ben, world.sandbox.ephemerals(world.ben)[0], "take_back_offer")
        (first,) = told(world, world.ana)
        assert first["text"] == f"<@{world.ben}> took the offer back."
        world.sandbox.clock.advance(60)

        await press(world, world.ben, card(world), "can_help")
        assert [message["text"] for message in told(world, world.ana)] == [
            f"<@{world.ben}> can help you.",
            f"<@{world.ben}> can help you.",
        ]

        await press(world, world.ana, told(world, world.ana)[-1], "decline_offer")
        assert [message["text"] for message in told(world, world.ana)] == [
            f"You are covered, and <@{world.ben}> knows that the offer was welcome.",
            f"You are covered, and <@{world.ben}> knows that the offer was welcome.",
        ]


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

        await world.sandbox.command(world.ana, world.team, "/offer", "@ben an hour on @cy's draft <tonight>")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        assert form["blocks"][-1]["element"]["initial_value"] == "an hour on @cy's draft <tonight>"
        assert "Ben says what helps: Mornings only" in words(form["blocks"])
        assert await world.standing() == set()

        assert await world.sandbox.submit(world.ana, form["id"], {}) == {}
        await world.settle()
        assert ">an hour on @cy's draft &lt;tonight&gt;" in words(told(world, world.ben)[0]["blocks"])

    async def test_good_ways_to_help_are_read_as_soon_as_somebody_is_chosen(self, world: World) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(
                db, world.id, world.ben, Preferences(help_me="Mornings", at_capacity_until=date(2099, 3, 9))
            )
        await world.sandbox.command(world.ana, world.team, "/offer")
        form = world.sandbox.modal(world.ana)
        assert form is not None

        state = {"what": {"what": {"type": "plain_text_input", "value": "Let us pair"}}}
        await world.sandbox.press(world.ana, form["id"], "receiver", selected=world.cy, state=state)
        await world.sandbox.press(world.ana, form["id"], "receiver", selected=world.ben)

        form = world.sandbox.modal(world.ana)
        assert form is not None
        assert words(form["blocks"][:1]).split("\n") == [
            "Ben is at capacity until 9 March. Help may be all the more welcome.",
            "Ben says what helps: Mornings",
        ]
        assert await world.sandbox.submit(world.ana, form["id"], {}) == {}
        await world.settle()
        assert await world.standing() == {("ana", "ben", "offer")}
        assert ">Let us pair" in words(told(world, world.ben)[0]["blocks"])

    async def test_from_a_message_its_author_is_filled_in(self, world: World) -> None:
        ts = await world.sandbox.say(world.ben, world.team, "Stuck on the export")
        await world.sandbox.message_shortcut(world.ana, world.team, ts, "offer_help")
        form = world.sandbox.modal(world.ana)
        assert form is not None

        await world.sandbox.submit(world.ana, form["id"], {"what": "Let us pair"})

        assert await world.standing() == {("ana", "ben", "offer")}

    async def test_a_window_that_slack_opens_no_more_is_told_and_nobody_sends_it_again(
        self, world: World
    ) -> None:
        ts = await world.sandbox.say(world.ben, world.team, "Stuck on the export")
        world.sandbox.api.broken["views.open"] = SlackError("expired_trigger_id")

        late = "That took me too long, and Slack opens no window so late. Please try again."
        await world.sandbox.message_shortcut(world.ana, world.team, ts, "offer_help")
        assert [said["text"] for said in world.sandbox.ephemerals(world.ana)] == [late]
        await world.sandbox.command(world.ana, world.team, "/offer")
        assert [said["text"] for said in world.sandbox.ephemerals(world.ana)] == [late, late]

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

    async def test_an_offer_by_form_is_answered_and_the_answer_stays_true(self, world: World) -> None:
        await world.sandbox.open_home(world.ana)
        home = world.sandbox.home(world.ana)
        assert home is not None
        await press(world, world.ana, home, "open_offer")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.submit(world.ana, form["id"], {"receiver": world.ben, "what": "Let us pair"})
        await world.settle()

        (mine,) = told(world, world.ana)
        assert mine["text"] == "Your offer is on its way to Ben. I'll tell you when they answer."
        assert buttons(mine) == ["I helped", "Take it back"]

        await press(world, world.ben, told(world, world.ben)[0], "accept_offer")
        mine, answer = told(world, world.ana)
        assert mine["text"] == f"You offered <@{world.ben}> help."
        assert answer["text"] == f"<@{world.ben}> says yes please to your help."

    async def test_a_helper_who_paused_is_told_where_the_answer_waits(self, world: World) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.ana, Preferences(paused=True))
        await world.sandbox.command(world.ana, world.team, "/offer")
        form = world.sandbox.modal(world.ana)
        assert form is not None

        await world.sandbox.submit(world.ana, form["id"], {"receiver": world.ben, "what": "An hour"})
        await world.settle()

        shown = world.sandbox.modal(world.ana)
        assert shown is not None
        assert words(shown["blocks"]) == (
            "Your offer is on its way. You have paused Mutual, so the answer waits on your Home tab "
            "until you write `resume`."
        )
        assert told(world, world.ana) == []
        assert told(world, world.ben)[0]["text"] == f"<@{world.ana}> offers you help."

    async def test_somebody_at_capacity_is_told_of_kindly_before_the_offer_goes(self, world: World) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.ben, Preferences(at_capacity_until=date(2099, 3, 9)))

        await world.sandbox.command(world.ana, world.team, "/offer", "@ben an hour")

        form = world.sandbox.modal(world.ana)
        assert form is not None
        assert "Ben is at capacity until 9 March. Help may be all the more welcome." in words(form["blocks"])
        assert await world.standing() == set()


class TestWhatIsPressedIsAnswered:
    async def test_i_helped_and_take_it_back_change_the_answer_they_are_in(self, world: World) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "can_help")
        (mine,) = world.sandbox.ephemerals(world.ben)

        await press(world, world.ben, mine, "claim_help")
        assert [m["text"] for m in world.sandbox.ephemerals(world.ben)] == [
            f"You said that it is done. It counts when <@{world.ana}> says that it helped."
        ]

        await press(world, world.cy, card(world), "can_help")
        await press(world, world.cy, world.sandbox.ephemerals(world.cy)[0], "take_back_offer")
        assert [m["text"] for m in world.sandbox.ephemerals(world.cy)] == [
            "You took your offer back, and nothing is counted."
        ]

    async def test_thanks_are_answered_with_what_counted_and_can_be_undone(self, world: World) -> None:
        form = await helped(world)
        await world.sandbox.submit(world.ana, form["id"], {"note": "You saved my week"})
        await world.settle()

        answer = told(world, world.ana)[-1]
        assert answer["text"] == "Your thanks to Ben counted, and so did the help you thanked for."
        await press(world, world.ana, answer, "undo")
        assert await world.standing() == {("ben", "ana", "help")}
        assert told(world, world.ana)[-1]["text"] == (
            "Undone. Your thanks are not counted, and whatever I posted is taken back. "
            "The help still counts, since you said that it helped."
        )

    async def test_help_that_was_confirmed_is_thanked_for_once_and_nothing_asks_again(
        self, world: World
    ) -> None:
        form = await helped(world)
        await world.sandbox.submit(world.ana, form["id"], {"note": "You saved my week"})
        await world.settle()

        assert buttons(told(world, world.ana)[-1]) == ["Undo"]
        home = await world.sandbox.open_home(world.ana)
        assert home is not None
        assert "A word of thanks" not in words(home["blocks"])

    async def test_not_for_help_under_an_answer_that_came_before_changes_nothing(self, world: World) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "can_help")
        await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben")
        await world.settle()
        answer = world.sandbox.ephemerals(world.ana)[-1]
        assert buttons(answer) == ["Undo", "Not for help"]
        async with world.database.workspace(world.id) as db:
            ((offer_id,),) = await db.execute(text("SELECT offer_id FROM offers"))
            await offers.step(db, world.id, offer_id, "confirm", by=world.ana, now=world.now())

        await press(world, world.ana, answer, "not_for_help")
        answer = world.sandbox.ephemerals(world.ana)[-1]
        assert buttons(answer) == ["Undo"]
        assert await world.standing() == {("ben", "ana", "help"), ("ana", "ben", "thanks")}

        await press(world, world.ana, answer, "undo")
        assert world.sandbox.ephemerals(world.ana)[-1]["text"] == (
            "Undone. Your thanks are not counted, and whatever I posted is taken back. "
            "The help still counts, since you said that it helped."
        )

    async def test_thanks_said_again_in_private_after_an_undo_are_private(self, world: World) -> None:
        await helped(world)

        async def thank(note: str, seen_by: str) -> None:
            form = world.sandbox.modal(world.ana)
            assert form is not None
            await world.sandbox.submit(world.ana, form["id"], {"note": note, "seen_by": seen_by})
            await world.settle()

        await thank("You saved my week", "channel")
        await press(world, world.ana, told(world, world.ana)[-1], "undo")
        await press(world, world.ana, told(world, world.ana)[0], "thank_helper")
        await thank("Between us: thank you", "private")

        thread = world.sandbox.messages(world.team, card(world)["ts"])
        assert [m["text"] for m in thread][1:] == ["This was taken back by the person who sent it."]
        assert "Between us: thank you" in words(told(world, world.ben)[-1]["blocks"])

    async def test_thanks_after_the_offer_was_taken_back_say_where_else_to_say_them(
        self, world: World
    ) -> None:
        form = await helped(world)
        await press(world, world.ana, told(world, world.ana)[0], "unconfirm_help")
        await press(world, world.ben, told(world, world.ben)[0], "take_back_offer")

        assert await world.sandbox.submit(world.ana, form["id"], {"note": "Thank you"}) == {
            "note": "Ben took this offer back. You can still thank them with /kudos."
        }


class TestLeaving:
    async def test_who_offered_and_left_is_not_waited_for(self, world: World) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "can_help")
        (offer,) = told(world, world.ana)

        await world.sandbox.deactivate(world.ben)
        await world.settle()

        (offer,) = told(world, world.ana)
        assert offer["text"] == f"<@{world.ben}> offered help, and no longer has an account here."
        assert buttons(offer) == []

    async def test_who_left_unnoticed_is_found_at_night(self, world: World) -> None:
        """As while Slack could not reach us: it gives up telling of it."""
        await asked(world)
        await asked(world, world.cy)
        await press(world, world.ben, card(world), "can_help")
        for user in (world.ben, world.cy):
            world.sandbox.workspace.user(user).deleted = True

        for _ in range(2):
            async with world.database.workspace(world.id) as db:
                await queue.defer(db, queue.sync_directory(world.id))
            await world.settle()

            (offer,) = told(world, world.ana)
            assert offer["text"] == f"<@{world.ben}> offered help, and no longer has an account here."
            assert buttons(offer) == []
            first, second = world.sandbox.messages(world.team)
            assert "asks for help" in first["text"]
            assert second["text"] == f"<@{world.cy}> asked for help, and this ask is closed."

    async def test_an_offer_to_somebody_who_paused_says_so(self, world: World) -> None:
        await asked(world)
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.ana, Preferences(paused=True))

        await press(world, world.ben, card(world), "can_help")

        assert last_words(world, world.ben) == (
            "Thank you. Ana has paused Mutual, so your offer waits on their Home tab."
        )
        assert told(world, world.ana) == []
        home = await world.sandbox.open_home(world.ana)
        assert home is not None
        assert "*Ben* can help you." in words(home["blocks"])
