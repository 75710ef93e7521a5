"""Asking for help, as people do it through the sandbox Slack."""

from datetime import date
from typing import Any

import pytest

from slackapp.domain.preferences import Preferences
from slackapp.store import preferences
from tests.asking import TEXT, asked, card, last_words, press, told
from tests.world import World, words


async def test_an_ask_becomes_a_card_with_the_askers_words(world: World) -> None:
    assert await asked(world, by_when="2099-03-09") == {}

    posted = card(world)
    assert posted["text"] == f"<@{world.ana}> asks for help"
    read = words(posted["blocks"])
    assert ">Somebody to read my &lt;outline&gt; &amp; notes" in read
    assert "A second pair of eyes · by 9 March" in read


class TestRefusals:
    async def test_your_own_ask(self, world: World) -> None:
        await asked(world)

        await press(world, world.ana, card(world), "can_help")

        assert last_words(world, world.ana) == "This is your own ask. When somebody offers, I tell you."

    async def test_offering_twice(self, world: World) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "can_help")
        await press(world, world.ben, card(world), "can_help")

        assert last_words(world, world.ben) == (
            "You have offered already, and Ana knows. I tell you when they answer."
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

    async def test_an_ask_of_nobody(self, world: World) -> None:
        assert await asked(world, where="people") == {
            "asked": "Choose at least one person of this workspace who can answer."
        }

    async def test_an_ask_of_yourself(self, world: World) -> None:
        assert await asked(world, where="people", asked=[world.ana]) == {
            "asked": "Choose somebody else: you know what you need already."
        }

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

    async def test_it_can_be_opened_again(self, world: World) -> None:
        await asked(world)
        await self.close(world)

        await press(world, world.ana, card(world), "reopen_ask")

        assert card(world)["text"] == f"<@{world.ana}> asks for help"

    async def test_taken_back_its_words_are_gone_everywhere(self, world: World) -> None:
        await asked(world)
        await press(world, world.ben, card(world), "can_help")
        home = await world.sandbox.open_home(world.ana)
        assert home is not None

        await press(world, world.ana, home, "withdraw_ask")

        assert card(world)["text"] == "This ask was taken back by the person who asked."
        for message in (card(world), *told(world, world.ana), *told(world, world.ben)):
            assert "outline" not in words(message["blocks"])


class TestPlaces:
    async def test_chosen_people_are_asked_in_private(self, world: World) -> None:
        await asked(world, where="people", asked=[world.ben, world.cy])

        assert world.sandbox.messages(world.team) == []
        (private,) = told(world, world.ben)
        assert private["text"] == f"<@{world.ana}> asks for help"
        await press(world, world.ben, private, "can_help")
        assert told(world, world.ana)[0]["text"] == f"<@{world.ben}> can help you."

    async def test_a_channel_without_mutual_is_told_to_the_asker(self, world: World) -> None:
        await asked(world, channel=world.side)

        (note,) = told(world, world.ana)
        assert note["text"] == f"I could not post your ask in <#{world.side}>, so nobody has seen it there."
        assert "`/invite @Mutual`" in words(note["blocks"])

    async def test_an_archived_channel_is_told_to_the_asker(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/ask", TEXT)
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.archive(world.team)
        await world.sandbox.submit(world.ana, form["id"], {})
        await world.settle()

        assert "choose one that people still read" in words(told(world, world.ana)[0]["blocks"])

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

    async def test_an_ask_in_a_private_channel_stays_there(self, world: World) -> None:
        secret = world.sandbox.add_channel("secret", members=[world.ana, world.ben], is_private=True)

        await asked(world, channel=secret)

        assert len(world.sandbox.messages(secret)) == 1
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
        assert "Whom would you like to ask as well? I send them your ask." in words(form["blocks"])
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
        await asked(world, where="people", asked=[world.ben, world.cy])
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
