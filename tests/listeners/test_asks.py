"""Asking for help, as people do it through the sandbox Slack."""

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from slackapp.domain.preferences import Preferences
from slackapp.sandbox import SlackError
from slackapp.store import asks, preferences, queue
from tests.asking import TEXT, asked, buttons, card, helped, last_words, press, told
from tests.world import World, words


async def test_an_ask_becomes_a_card_with_the_askers_words(world: World) -> None:
    assert await asked(world, by_when="2099-03-09") == {}

    posted = card(world)
    assert posted["text"] == f"<@{world.ana}> asks for help"
    read = words(posted["blocks"])
    assert ">Somebody to read my &lt;outline&gt; &amp; notes" in read
    assert "A second pair of eyes · by 9 March" in read


@pytest.mark.parametrize(
    ("command", "text", "line"),
    [
        ("/ask", "How to ask for help", "*Ask for help:* `/ask somebody to read my outline`"),
        ("/offer", "How to offer help", "*Ask for help:* `/ask somebody to read my outline`"),
        ("/kudos", "How to use Mutual", "*Say it in a line:* `/kudos @ana @ben for the calm release`"),
    ],
)
async def test_help_says_how(world: World, command: str, text: str, line: str) -> None:
    answer = await world.sandbox.command(world.ana, world.team, command, "help")

    assert answer.text == text
    assert line in words(answer.blocks)


@pytest.mark.parametrize(("command", "before"), [("/ask", ""), ("/offer", "@ben ")])
async def test_more_than_can_be_kept_is_told_and_what_was_typed_is_not_lost(
    world: World, command: str, before: str
) -> None:
    async with world.database.workspace(world.id) as db:
        await preferences.put(db, world.id, world.ben, Preferences(help_me="Mornings"))

    answer = await world.sandbox.command(world.ana, world.team, command, f"{before}{'a < b ' * 200}")

    assert answer.text == (
        "This has 1,199 characters and 1,000 is the most I can keep. Shorten it a little and send it again."
    )
    assert "a &lt; b " * 199 in words(answer.blocks).replace("\n", " ")
    assert f"Type `{command} help` to see how it works." in words(answer.blocks)
    assert world.sandbox.modal(world.ana) is None
    assert await world.standing() == set()


async def test_an_asker_who_paused_is_told_where_offers_wait(world: World) -> None:
    async with world.database.workspace(world.id) as db:
        await preferences.put(db, world.id, world.ana, Preferences(paused=True))

    assert await asked(world) == {}

    shown = world.sandbox.modal(world.ana)
    assert shown is not None
    assert words(shown["blocks"]) == (
        "Your ask is on its way. You have paused Mutual, so offers wait on your Home tab "
        "until you write `resume`."
    )


class TestRefusals:
    async def test_your_own_ask(self, world: World) -> None:
        await asked(world)

        await press(world, world.ana, card(world), "can_help")

        assert last_words(world, world.ana) == "This is your own ask. When somebody offers, I'll tell you."

    async def test_offering_twice(self, world: World) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "can_help")
        await press(world, world.ben, card(world), "can_help")

        assert last_words(world, world.ben) == (
            "You have offered already, and Ana knows. I'll tell you when they answer."
        )
        assert len(told(world, world.ana)) == 1

    async def test_an_ask_that_was_closed_meanwhile(self, world: World) -> None:
        await asked(world)
        before = card(world)
        button = next(b for b in before["blocks"] if b["type"] == "actions")
        await self.close(world)

        await world.sandbox.act(world.ben, before["ts"], button, button["elements"][0])

        assert last_words(world, world.ben) == (
            "Ana is covered, and this ask is closed. Thank you for wanting to help."
        )

    async def test_an_ask_that_is_closed_at_the_same_moment(self, world: World) -> None:
        await asked(world)
        async with world.database.workspace(world.id) as db:
            (ask,) = await asks.in_channel(db, world.id, world.team, now=world.now())
            await asks.close(db, world.id, ask.ask_id, asker=world.ana, now=world.now())
            pressed = asyncio.create_task(world.sandbox.press(world.ben, card(world), "can_help"))
            await asyncio.sleep(0.2)
            assert not pressed.done()
        await pressed

        assert last_words(world, world.ben) == (
            "Ana is covered, and this ask is closed. Thank you for wanting to help."
        )
        assert await world.standing() == set()

    @pytest.mark.parametrize("action", ["edit_ask", "close_ask"])
    async def test_somebody_elses_ask(self, world: World, action: str) -> None:
        await asked(world)

        await press(world, world.ben, card(world), action)

        assert last_words(world, world.ben) == (
            "Only Ana can change this ask. If you can help, press *I can help*."
        )
        assert world.sandbox.modal(world.ben) is None

    async def test_a_day_that_is_over(self, world: World) -> None:
        errors = await asked(world, by_when="2020-01-01")

        assert errors == {
            "by_when": "That day is over. Choose today or a later day, or leave it empty.",
        }

    async def test_a_channel_or_people_must_be_chosen(self, world: World) -> None:
        await world.sandbox.shortcut(world.ana, "ask_for_help")
        form = world.sandbox.modal(world.ana)
        assert form is not None

        errors = await world.sandbox.submit(world.ana, form["id"], {"what": "A reader", "channel": None})

        assert errors == {"channel": "Choose the channel in which to ask, or the people to ask instead."}

    async def test_an_ask_of_yourself(self, world: World) -> None:
        assert await asked(world, asked=[world.ana]) == {
            "asked": "Choose somebody else: you know what you need already."
        }

    async def test_an_app_and_somebody_who_left_among_the_people(self, world: World) -> None:
        app = world.sandbox.add_user("deploy", real_name="Deploy", is_bot=True)
        left = world.sandbox.add_user("finn", real_name="Finn", deleted=True)

        assert await asked(world, asked=[world.ben, app, left]) == {
            "asked": "Deploy is an app, and asks are for people. "
            "Finn no longer has an account here, so it would not reach them."
        }
        assert told(world, world.ben) == []

        form = world.sandbox.modal(world.ana)
        assert form is not None
        assert await world.sandbox.submit(world.ana, form["id"], {"asked": [world.ben]}) == {}
        await world.settle()
        assert len(told(world, world.ben)) == 1

    async def close(self, world: World, **values: Any) -> None:
        await press(world, world.ana, card(world), "close_ask")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.submit(world.ana, form["id"], values)
        await world.settle()

    async def test_somebody_of_another_organisation(self, world: World) -> None:
        await asked(world)
        eve = world.sandbox.add_user("eve", real_name="Eve", team_id="T0OTHER")
        await world.sandbox.join_channel(eve, world.team)

        await press(world, eve, card(world), "can_help")

        assert last_words(world, eve) == (
            "Mutual stays within one organisation, so this button is for its own people. "
            "Thank you all the same."
        )
        assert await world.standing() == set()

    async def test_somebody_of_another_organisation_neither_asks_nor_offers(self, world: World) -> None:
        eve = world.sandbox.add_user("eve", real_name="Eve", team_id="T0OTHER")
        await world.sandbox.join_channel(eve, world.team)
        sentence = "Mutual works within one organisation, and this one is not yours. Nothing was recorded."

        assert await asked(world, eve) == {"what": sentence}
        answer = await world.sandbox.command(eve, world.team, "/offer", "@ben an hour")
        await world.sandbox.command(eve, world.team, "/offer")
        form = world.sandbox.modal(eve)
        assert form is not None
        errors = await world.sandbox.submit(eve, form["id"], {"receiver": world.ben, "what": "An hour"})
        await world.settle()

        assert answer.text == sentence
        assert errors == {"receiver": sentence}
        assert world.sandbox.messages(world.team) == []
        assert told(world, world.ben) == []
        assert await world.standing() == set()


class TestChanging:
    close = TestRefusals.close

    async def test_edited_words_are_on_the_card(self, world: World) -> None:
        await asked(world)
        await press(world, world.ana, card(world), "edit_ask")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        assert form["blocks"][0]["element"]["initial_value"] == TEXT

        await world.sandbox.submit(world.ana, form["id"], {"what": "Only the summary", "kind": "talk"})
        await world.settle()

        assert ">Only the summary" in words(card(world)["blocks"])
        assert "Somebody to think with" in words(card(world)["blocks"])

    async def test_closing_names_who_helped_and_answers_who_waits(self, world: World) -> None:
        await asked(world)
        await press(world, world.cy, card(world), "can_help")

        await self.close(world, helped=[world.ben])

        assert await world.standing() == {("ben", "ana", "help"), ("cy", "ana", "offer")}
        assert card(world)["text"] == f"<@{world.ana}> asked for help, and this ask is closed."
        assert "1 person helped." in words(card(world)["blocks"])
        assert "is covered for now" in told(world, world.cy)[0]["text"]
        assert told(world, world.ben)[0]["text"] == f"<@{world.ana}> says that your help helped. It counts."

    async def test_who_helped_is_a_person_also_one_who_left_meanwhile(self, world: World) -> None:
        robot = world.sandbox.add_user("robo", real_name="robo", is_bot=True)
        await asked(world)
        await press(world, world.ben, card(world), "can_help")
        await world.sandbox.deactivate(world.ben)
        await press(world, world.ana, card(world), "close_ask")
        form = world.sandbox.modal(world.ana)
        assert form is not None

        errors = await world.sandbox.submit(world.ana, form["id"], {"helped": [robot, world.ben]})
        assert errors == {"helped": "robo is an app, and help is for people."}
        assert "asks for help" in card(world)["text"]

        assert await world.sandbox.submit(world.ana, form["id"], {"helped": [world.ben, world.ana]}) == {}
        await world.settle()
        assert "asked for help, and this ask is closed." in card(world)["text"]
        assert await world.standing() == {("ben", "ana", "help")}

    async def test_a_change_sent_after_it_was_closed_says_so(self, world: World) -> None:
        await asked(world)
        await press(world, world.ana, card(world), "edit_ask")
        edit = world.sandbox.modal(world.ana)
        assert edit is not None
        async with world.database.workspace(world.id) as db:
            (mine,) = await asks.own(db, world.id, world.ana, now=world.now())
            await asks.close(db, world.id, mine.ask_id, asker=world.ana, now=world.now())

        assert await world.sandbox.submit(world.ana, edit["id"], {}) == {
            "what": "This ask is closed, so it can't be edited any more."
        }

    async def test_it_can_be_opened_again(self, world: World) -> None:
        await asked(world)
        await self.close(world)

        await press(world, world.ana, card(world), "reopen_ask")

        assert card(world)["text"] == f"<@{world.ana}> asks for help"

    async def test_taken_back_its_words_are_gone_everywhere(self, world: World) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "can_help")
        await press(world, world.zed, card(world), "know_someone")
        form = world.sandbox.modal(world.zed)
        assert form is not None
        await world.sandbox.submit(world.zed, form["id"], {"someone": world.cy})
        await world.settle()
        home = await world.sandbox.open_home(world.ana)
        assert home is not None

        await press(world, world.ana, home, "withdraw_ask")

        assert card(world)["text"] == "This ask was taken back by the person who asked."
        for message in (card(world), *told(world, world.ana), *told(world, world.ben)):
            assert "outline" not in words(message["blocks"])


class TestPlaces:
    async def test_chosen_people_are_asked_in_private_whatever_channel_the_form_began_with(
        self, world: World
    ) -> None:
        await asked(world, asked=[world.ben, world.cy])

        assert world.sandbox.messages(world.team) == []
        (private,) = told(world, world.ben)
        assert private["text"] == f"<@{world.ana}> asks for help"
        await press(world, world.ben, private, "can_help")
        assert told(world, world.ana)[-1]["text"] == f"<@{world.ben}> can help you."

    async def test_a_channel_without_mutual_is_told_to_the_asker(self, world: World) -> None:
        await asked(world, channel=world.side)

        (note,) = told(world, world.ana)
        assert note["text"].startswith(
            f"I could not post your ask in <#{world.side}>, so nobody has seen it there."
        )
        assert "`/invite @Mutual`" in words(note["blocks"])

    async def test_an_archived_channel_is_told_to_the_asker(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/ask", TEXT)
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.archive(world.team)
        await world.sandbox.submit(world.ana, form["id"], {})
        await world.settle()

        assert "ask in one that people still read" in words(told(world, world.ana)[0]["blocks"])

    async def test_somebody_away_or_at_capacity_is_said_before_asking(self, world: World) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.ben, Preferences(at_capacity_until=date(2099, 3, 9)))
            await preferences.put(db, world.id, world.cy, Preferences(away_until=date(2099, 3, 10)))
        await world.sandbox.shortcut(world.ana, "ask_for_help")
        form = world.sandbox.modal(world.ana)
        assert form is not None

        await world.sandbox.press(world.ana, form["id"], "asked", selected=[world.ben, world.cy])

        updated = world.sandbox.modal(world.ana)
        assert updated is not None
        read = words(updated["blocks"])
        assert (
            "Ben is at capacity until 9 March. You can still ask; somebody else may have more room." in read
        )
        assert "Cy is away until 10 March." in read

    async def test_open_asks_of_a_channel_can_be_posted_and_stay_true(self, world: World) -> None:
        await asked(world)
        answer = await world.sandbox.command(world.ben, world.team, "/ask", "list")
        assert answer.text == "1 open ask in this channel"

        (mine,) = world.sandbox.ephemerals(world.ben)
        await press(world, world.ben, mine, "post_open_asks")
        listed = world.sandbox.messages(world.team)[-1]
        assert "*1 open ask in this channel*" in words(listed["blocks"])

        await TestChanging().close(world)
        assert world.sandbox.messages(world.team)[-1]["text"] == (
            "No ask is open in this channel right now. Type `/ask` when something would help you."
        )

    async def test_what_is_not_needed_any_more_leaves_the_posted_list_overnight(self, world: World) -> None:
        await asked(world, by_when="2099-03-09")
        answer = await world.sandbox.command(world.ben, world.team, "/ask", "list")
        await press(world, world.ben, answer.ts, "post_open_asks")
        listed = world.sandbox.messages(world.team)[-1]["ts"]
        async with world.database.workspace(world.id) as db:
            await db.execute(text("UPDATE asks SET by_when = '2020-03-09'"))
            await queue.defer(db, queue.look_after_asks(world.id))
        await world.settle()

        (now,) = (message for message in world.sandbox.messages(world.team) if message["ts"] == listed)
        assert now["text"].startswith("No ask is open in this channel right now.")

    async def test_an_ask_in_a_private_channel_stays_there(self, world: World) -> None:
        secret = world.sandbox.add_channel("secret", members=[world.ana, world.ben], is_private=True)

        await asked(world, channel=secret)

        assert len(world.sandbox.messages(secret)) == 1
        home = await world.sandbox.open_home(world.zed)
        assert home is not None
        assert "outline" not in words(home["blocks"])

    async def test_a_guest_is_shown_no_ask_of_a_channel_that_they_cannot_read(self, world: World) -> None:
        eva = world.sandbox.add_user("eva", is_restricted=True)

        async def home(user: str) -> str:
            return words(((await world.sandbox.open_home(user)) or {})["blocks"])

        await asked(world)
        assert "outline" in await home(world.ben)
        assert "outline" not in await home(eva)

        await asked(world, asked=[eva])
        assert "outline" in await home(eva)

    @pytest.mark.parametrize("by", ["a change", "the night"])
    async def test_once_its_channel_is_private_an_ask_leaves_the_homes_of_others(
        self, world: World, by: str
    ) -> None:
        await asked(world)
        before = await world.sandbox.open_home(world.zed)
        world.sandbox.workspace.channel(world.team).is_private = True
        async with world.database.workspace(world.id) as db:
            (ask,) = await asks.own(db, world.id, world.ana, now=world.now())
            night = queue.look_after_asks(world.id)
            await queue.defer(db, night if by == "the night" else queue.keep_ask(world.id, ask.ask_id))
        await world.settle()
        after = await world.sandbox.open_home(world.zed)

        assert before is not None
        assert after is not None
        assert "outline" in words(before["blocks"])
        assert "outline" not in words(after["blocks"])

    @pytest.mark.parametrize("why", ["internal_error", "service_unavailable", "ratelimited"])
    async def test_an_ask_stays_on_the_homes_of_others_while_slack_does_not_tell_of_its_channel(
        self, world: World, why: str
    ) -> None:
        other = world.sandbox.add_channel("attic", members=[world.ana, world.ben])
        await asked(world)
        await asked(world, channel=other, what="Who has the key to the attic?")
        world.sandbox.workspace.channel(other).is_private = True
        world.sandbox.api.broken[f"conversations.info {world.team}"] = SlackError(why)
        async with world.database.workspace(world.id) as db:
            await queue.defer(db, queue.look_after_asks(world.id))
        await world.settle()

        home = await world.sandbox.open_home(world.zed)
        assert home is not None
        assert "outline" in words(home["blocks"])
        assert "attic" not in words(home["blocks"])

        world.sandbox.api.broken.clear()
        world.sandbox.workspace.channel(world.team).is_private = True
        await world.waits_no_longer()
        home = await world.sandbox.open_home(world.zed)
        assert home is not None
        assert "outline" not in words(home["blocks"])

    async def test_who_is_at_capacity_is_not_shown_what_others_need(self, world: World) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.ben, Preferences(at_capacity_until=date(2099, 1, 1)))
        await asked(world)

        home = await world.sandbox.open_home(world.ben)
        assert home is not None
        assert "*Asks you could answer*" not in words(home["blocks"])


class TestCardsForOne:
    async def test_somebody_asked_in_private_is_shown_only_what_they_can_use(self, world: World) -> None:
        await asked(world, asked=[world.ben])

        (mine,) = told(world, world.ben)
        assert buttons(mine) == ["I can help", "I know someone"]

        await press(world, world.ben, mine, "can_help")
        (mine,) = told(world, world.ben)
        assert buttons(mine) == ["I know someone"]
        assert f"You have offered. I'll tell you when <@{world.ana}> answers." in words(mine["blocks"])

    @pytest.mark.parametrize(
        ("answers", "sentence"),
        [
            (["accept_offer"], "<@{ana}> said yes to your help."),
            (
                ["decline_offer"],
                "<@{ana}> is covered. Thank you for offering: it counts all the same.",
            ),
            (["accept_offer", "confirm_help"], "You helped. Thank you."),
        ],
    )
    async def test_their_card_says_how_it_stands(
        self, world: World, answers: list[str], sentence: str
    ) -> None:
        await asked(world, asked=[world.ben])
        await press(world, world.ben, told(world, world.ben)[0], "can_help")
        for answer in answers:
            await press(world, world.ana, told(world, world.ana)[-1], answer)

        assert sentence.format(ana=world.ana) in words(told(world, world.ben)[0]["blocks"])

    async def test_closed_there_is_nothing_to_press(self, world: World) -> None:
        await asked(world, asked=[world.ben])
        await press(world, world.ana, told(world, world.ana)[0], "close_ask")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.submit(world.ana, form["id"], {})
        await world.settle()

        (mine,) = told(world, world.ben)
        assert mine["text"] == f"<@{world.ana}> asked for help, and this ask is closed."
        assert buttons(mine) == []

    async def test_the_asker_has_a_card_of_their_own_with_what_an_asker_can_do(self, world: World) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.cy, Preferences(paused=True))
        await asked(world, asked=[world.ben, world.cy])

        (own,) = told(world, world.ana)
        assert own["text"] == (
            f"Your ask is with <@{world.ben}> and <@{world.cy}>. "
            "Nobody else reads it, and I'll tell you when somebody offers."
        )
        assert "Cy has paused Mutual, so it does not reach them. You can write to them yourself." in words(
            own["blocks"]
        )
        assert buttons(own) == ["Edit", "Close", "Take it back"]

        await press(world, world.ana, own, "withdraw_ask")
        (own,) = told(world, world.ana)
        assert own["text"] == "You took this ask back, and its words are gone."
        assert "outline" not in str(own["blocks"])

    async def test_the_card_in_a_channel_is_the_same_for_all(self, world: World) -> None:
        await asked(world)

        assert buttons(card(world)) == ["I can help", "I know someone", "Edit", "Close"]
        assert told(world, world.ana) == []


class TestClosedChannels:
    """The card is posted, and then the channel takes no message of ours any more."""

    NOT_KEPT = (
        "I can't change its card in <#{place}> any more: I am no longer in the channel, or it is archived."
    )

    async def closes(self, world: World, why: str, place: str) -> None:
        if why == "archived":
            await world.sandbox.archive(place)
        elif why == "removed from a private channel":
            await world.sandbox.remove_app(place)
        else:
            await world.sandbox.remove_app(place)
            for method in ("chat.update", "chat.postMessage"):
                world.sandbox.api.broken[f"{method} {place}"] = SlackError("not_in_channel")
        await world.settle()

    async def home_press(self, world: World, action: str) -> None:
        home = await world.sandbox.open_home(world.ana)
        assert home is not None
        await press(world, world.ana, home, action)

    @pytest.mark.parametrize("why", ["archived", "removed", "removed from a private channel"])
    async def test_the_asker_hears_once_and_that_message_stays_true(self, world: World, why: str) -> None:
        place = world.team
        if "private" in why:
            place = world.sandbox.add_channel("quiet", members=[world.ana, world.ben], is_private=True)
        await asked(world, channel=place)
        before = world.sandbox.messages(place)
        await self.closes(world, why, place)

        await self.home_press(world, "edit_ask")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.submit(world.ana, form["id"], {"what": "Only the summary"})
        await world.settle()
        (note,) = told(world, world.ana)
        assert note["text"].startswith("About your ask: " + self.NOT_KEPT.format(place=place))
        assert ">Only the summary" in words(note["blocks"])
        assert buttons(note) == ["Edit", "Close", "Take it back"]

        await self.home_press(world, "withdraw_ask")
        (note,) = told(world, world.ana)
        assert note["text"].startswith("You took your ask back. " + self.NOT_KEPT.format(place=place))
        assert (
            "So its words still stand there. With `/invite @Mutual` there, I'll put it right." in note["text"]
        )
        assert [m["text"] for m in world.sandbox.messages(place)] == [m["text"] for m in before]

    async def test_closing_says_that_the_card_may_still_look_open(self, world: World) -> None:
        await asked(world)
        await self.closes(world, "archived", world.team)

        await self.home_press(world, "close_ask")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.submit(world.ana, form["id"], {})
        await world.settle()

        (note,) = told(world, world.ana)
        assert note["text"].startswith("Your ask is closed. ")
        assert "So it may still look open there." in note["text"]

    async def test_offers_still_reach_the_asker(self, world: World) -> None:
        await asked(world)
        posted = card(world)
        await self.closes(world, "removed", world.team)

        await press(world, world.ben, posted, "can_help")

        offer, note = told(world, world.ana)
        assert offer["text"] == f"<@{world.ben}> can help you."
        assert "offers reach you here" in note["text"]

    async def test_invited_again_the_card_is_put_right(self, world: World) -> None:
        await asked(world)
        await self.closes(world, "removed", world.team)
        await self.home_press(world, "withdraw_ask")
        assert "outline" in words(card(world)["blocks"])

        world.sandbox.api.broken.clear()
        for _ in range(2):
            await world.sandbox.invite_app(world.team)
            await world.settle()
            assert card(world)["text"] == "This ask was taken back by the person who asked."
            assert [m["text"] for m in told(world, world.ana)] == [
                f"The card of your ask is in <#{world.team}>, and up to date."
            ]
            await world.sandbox.remove_app(world.team)

    async def test_invited_later_the_card_is_posted_once(self, world: World) -> None:
        await asked(world, channel=world.side)
        (note,) = told(world, world.ana)
        assert note["text"] == (
            f"I could not post your ask in <#{world.side}>, so nobody has seen it there.\n"
            "Invite me with `/invite @Mutual` and I'll post it. If the channel is archived, "
            "ask in one that people still read."
        )

        for _ in range(2):
            await world.sandbox.invite_app(world.side)
            await world.settle()
            assert [m["text"] for m in world.sandbox.messages(world.side)] == [
                f"<@{world.ana}> asks for help"
            ]
            assert told(world, world.ana)[0]["text"] == (
                f"The card of your ask is in <#{world.side}>, and up to date."
            )
            await world.sandbox.remove_app(world.side)

    async def test_taken_back_before_it_was_ever_posted(self, world: World) -> None:
        await asked(world, channel=world.side)

        await press(world, world.ana, told(world, world.ana)[0], "withdraw_ask")

        assert told(world, world.ana)[0]["text"] == "You took this ask back, and its words are gone."

    async def test_thanks_that_the_thread_does_not_take_are_told_in_private(self, world: World) -> None:
        form = await helped(world)
        await self.closes(world, "archived", world.team)

        await world.sandbox.submit(world.ana, form["id"], {"note": "You saved my week"})
        await world.settle()

        last = told(world, world.ben)[-1]
        assert last["text"] == f"<@{world.ana}> thanks you"
        assert ">You saved my week" in words(last["blocks"])
        assert "You are told here because I can't post it where it was given." in words(last["blocks"])
        assert await world.standing() == {("ben", "ana", "help"), ("ana", "ben", "thanks")}

    async def test_thanks_under_a_card_that_was_deleted_are_told_in_private(self, world: World) -> None:
        form = await helped(world)
        world.sandbox.workspace.remove(world.sandbox.workspace.channel(world.team), card(world)["ts"])

        await world.sandbox.submit(world.ana, form["id"], {"note": "You saved my week"})
        await world.settle()

        assert told(world, world.ben)[-1]["text"] == f"<@{world.ana}> thanks you"

    async def test_the_list_of_open_asks_tells_whoever_wanted_it_how_it_went(self, world: World) -> None:
        await asked(world, channel=world.side)
        await world.sandbox.command(world.ben, world.side, "/ask", "list")
        (mine,) = world.sandbox.ephemerals(world.ben)

        await press(world, world.ben, mine, "post_open_asks")
        assert told(world, world.ben)[-1]["text"] == (
            f"I can't post the list of open asks in <#{world.side}>, because I am not in that channel."
        )
        assert "Invite me with `/invite @Mutual`, and press *Post it here* again." in words(
            told(world, world.ben)[-1]["blocks"]
        )

        await world.sandbox.invite_app(world.side)
        await world.settle()
        await press(world, world.ben, mine, "post_open_asks")
        listed = world.sandbox.messages(world.side)[-1]
        assert listed["text"] == "1 open ask in this channel"
        assert "*Ana*" in words(listed["blocks"])

        await press(world, world.ben, mine, "post_open_asks")
        assert told(world, world.ben)[-1]["text"].startswith(
            "The list of open asks is in that channel already, and up to date: <http"
        )
        assert world.sandbox.messages(world.side)[-1]["ts"] == listed["ts"]

        world.sandbox.workspace.remove(world.sandbox.workspace.channel(world.side), listed["ts"])
        await press(world, world.ben, mine, "post_open_asks")
        assert world.sandbox.messages(world.side)[-1]["text"] == "1 open ask in this channel"


class TestKnowingSomebody:
    async def think_of(self, world: World, by: str, where: Any, someone: str) -> dict[str, str]:
        """What the form says against it, if anything."""
        await press(world, by, where, "know_someone")
        form = world.sandbox.modal(by)
        assert form is not None
        errors = await world.sandbox.submit(by, form["id"], {"someone": someone})
        await world.settle()
        return errors

    async def test_the_asker_hears_of_it_and_asks_them_with_one_press(self, world: World) -> None:
        await asked(world)
        assert await self.think_of(world, world.ben, card(world), world.cy) == {}

        (suggested,) = told(world, world.ana)
        assert suggested["text"] == f"<@{world.ben}> thinks that <@{world.cy}> might be able to help you."
        await press(world, world.ana, suggested, "also_ask")
        assert last_words(world, world.ana) == "Cy has your ask now."
        assert told(world, world.cy)[0]["text"] == f"<@{world.ana}> asks for help"

        await press(world, world.ana, suggested, "also_ask")
        assert last_words(world, world.ana) == "Cy has your ask already."
        assert len(told(world, world.cy)) == 1

    async def test_an_asker_who_thinks_of_somebody_asks_them(self, world: World) -> None:
        await asked(world)

        await press(world, world.ana, card(world), "know_someone")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        assert "Whom would you like to ask as well? I'll send them your ask." in words(form["blocks"])
        await world.sandbox.submit(world.ana, form["id"], {"someone": world.cy})
        await world.settle()

        assert told(world, world.cy)[0]["text"] == f"<@{world.ana}> asks for help"
        assert told(world, world.ana) == []

    async def test_somebody_who_has_offered_is_not_asked_too(self, world: World) -> None:
        await asked(world)
        await press(world, world.cy, card(world), "can_help")
        heard = len(told(world, world.ana))

        assert await self.think_of(world, world.ben, card(world), world.cy) == {
            "someone": "Cy has offered already, and Ana knows. Does somebody else come to mind?"
        }
        assert await self.think_of(world, world.ana, card(world), world.cy) == {
            "someone": "Cy has offered already, and you know. Does somebody else come to mind?"
        }
        assert len(told(world, world.ana)) == heard
        assert told(world, world.cy) == []

    async def test_somebody_who_offers_after_they_were_suggested_is_not_asked_too(self, world: World) -> None:
        await asked(world)
        await self.think_of(world, world.ben, card(world), world.cy)
        (suggested,) = told(world, world.ana)
        await press(world, world.cy, card(world), "can_help")

        await press(world, world.ana, suggested, "also_ask")

        assert last_words(world, world.ana) == (
            "Cy has offered already: the offer is among these messages, and on your Home tab."
        )
        assert told(world, world.cy) == []

    async def test_somebody_who_took_the_offer_back_may_be_thought_of_again(self, world: World) -> None:
        await asked(world)
        await press(world, world.cy, card(world), "can_help")
        await press(world, world.cy, world.sandbox.ephemerals(world.cy)[-1], "take_back_offer")

        assert await self.think_of(world, world.ben, card(world), world.cy) == {}

    async def test_who_was_asked_in_private_and_who_offered_there_stays_private(self, world: World) -> None:
        await asked(world, asked=[world.ben, world.cy])
        (mine,) = told(world, world.ben)
        already = {"someone": "Ana has thought of Cy already. Does somebody else come to mind?"}
        assert await self.think_of(world, world.ben, mine, world.cy) == already

        await press(world, world.cy, told(world, world.cy)[0], "can_help")
        assert await self.think_of(world, world.ben, told(world, world.ben)[0], world.cy) == already

    @pytest.mark.parametrize(
        ("someone", "sentence"),
        [
            ("ana", "That is the person who asks. Choose somebody who might help them."),
            ("ben", "If it is you who can help, press “I can help” instead."),
            ("robo", "Choose somebody of this workspace who can answer."),
            ("cy", "Cy has no room for more right now. Does somebody else come to mind?"),
        ],
    )
    async def test_somebody_who_cannot_be_suggested(self, world: World, someone: str, sentence: str) -> None:
        world.people["robo"] = world.sandbox.add_user("robo", is_bot=True)
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.cy, Preferences(at_capacity_until=date(2099, 3, 9)))
        await asked(world)

        errors = await self.think_of(world, world.ben, card(world), world.people[someone])

        assert errors == {"someone": sentence}

    async def test_nobody_of_another_organisation_suggests_anybody(self, world: World) -> None:
        await asked(world)
        eve = world.sandbox.add_user("eve", real_name="Eve", team_id="T0OTHER")
        await world.sandbox.join_channel(eve, world.team)

        assert await self.think_of(world, eve, card(world), world.cy) == {
            "someone": "Mutual stays within one organisation, so this button is for its own people. "
            "Thank you all the same."
        }
        assert told(world, world.ana) == []

    async def test_an_ask_that_is_closed_meanwhile(self, world: World) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "know_someone")
        form = world.sandbox.modal(world.ben)
        assert form is not None
        await TestChanging().close(world)

        assert await world.sandbox.submit(world.ben, form["id"], {"someone": world.cy}) == {
            "someone": "This ask is closed. Thank you for thinking of somebody."
        }


async def test_home_shows_what_is_open_to_each_in_their_own_place(world: World) -> None:
    await asked(world)
    ana, ben = await world.sandbox.open_home(world.ana), await world.sandbox.open_home(world.ben)
    assert ana is not None
    assert ben is not None

    assert "*What you asked for*" in words(ana["blocks"])
    assert "*Asks you could answer*" in words(ben["blocks"])
    await press(world, world.ben, ben, "can_help")

    ana, ben = world.sandbox.home(world.ana), world.sandbox.home(world.ben)
    assert ana is not None
    assert ben is not None
    assert "*Ben* can help you." in words(ana["blocks"])
    assert "*Ana* has your offer." in words(ben["blocks"])
    assert "*Asks you could answer*" not in words(ben["blocks"])
