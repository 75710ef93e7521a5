"""Kudos typed into channels, edited and deleted; mentions; and what people write to Mutual itself."""

from collections.abc import AsyncIterator

import pytest

from slackapp.blocks.mutual import privacy
from slackapp.domain.preferences import Preferences
from slackapp.store import preferences
from slackapp.store.database import Database
from tests.asking import asked, buttons, press
from tests.world import World, make_world, words


@pytest.fixture
async def bare_world(database_url: str, database: Database) -> AsyncIterator[World]:
    """A workspace that granted no optional scope."""
    async with make_world(database_url, database, optional_scopes=False) as made:
        yield made


async def say(world: World, text: str, user: str = "", **more: object) -> str:
    ts = await world.sandbox.say(user or world.ana, world.team, text, **more)  # type: ignore[arg-type]
    await world.settle()
    return ts


def dm(world: World, user: str) -> list[str]:
    return [str(m["text"]) for m in world.sandbox.messages(world.sandbox.dm(user)) if m.get("bot_id")]


class TestTyped:
    async def test_two_plus_signs_are_kudos_and_only_the_giver_is_told(self, world: World) -> None:
        await say(world, "@ben ++ for the calm release")

        assert await world.standing() == {("ana", "ben", "kudos")}
        (told,) = world.sandbox.ephemerals(world.ana)
        assert told["text"] == "Your kudos to Ben counted."
        assert len(world.sandbox.messages(world.team)) == 1

    async def test_an_emoji_before_a_name_means_what_it_means_here(self, world: World) -> None:
        await say(world, ":pray: @ben @cy")

        assert ("ana", "ben", "thanks") in await world.standing()
        assert ("cy", "ana", "help") in await world.standing()

    async def test_a_user_group_is_its_people_without_the_giver_and_without_apps(self, world: World) -> None:
        robot = world.sandbox.add_user("robo", is_bot=True)
        world.sandbox.add_usergroup("release", [world.ana, world.ben, world.cy, robot])

        await say(world, "@release ++ for the weekend")

        assert await world.standing() == {("ana", "ben", "kudos"), ("ana", "cy", "kudos")}

    async def test_an_edit_applies_the_difference(self, world: World) -> None:
        ts = await say(world, "@ben ++ for the demo")

        await world.sandbox.edit(world.ana, world.team, ts, "@cy ++ for the talk")
        await world.settle()
        assert await world.standing() == {("ana", "cy", "kudos")}

        await world.sandbox.edit(world.ana, world.team, ts, "@ben @cy ++ for the talk")
        await world.settle()
        assert await world.standing() == {("ana", "ben", "kudos"), ("ana", "cy", "kudos")}

    async def test_what_was_deleted_since_is_not_put_back(self, world: World) -> None:
        ts = await say(world, "@ben @cy ++ for tea")
        (answer,) = world.sandbox.ephemerals(world.ana)
        await world.sandbox.press(world.ana, answer, "undo")
        world.sandbox.clock.advance(1)
        await world.sandbox.edit(world.ana, world.team, ts, "@ben ++ for tea")
        await world.settle()
        (undone,) = world.sandbox.ephemerals(world.ana)
        await world.sandbox.press(world.ana, undone, "put_back")
        assert await world.standing() == {("ana", "ben", "kudos")}

        (again,) = world.sandbox.ephemerals(world.ana)
        await world.sandbox.press(world.ana, again, "undo")
        world.sandbox.clock.advance(1)
        await world.sandbox.delete(world.ana, world.team, ts)
        await world.settle()
        (undone,) = world.sandbox.ephemerals(world.ana)
        await world.sandbox.press(world.ana, undone, "put_back")

        assert await world.standing() == set()
        (said,) = world.sandbox.ephemerals(world.ana)
        assert said["text"] == "There is nothing to put back here: what you wrote or reacted with is gone."

    async def test_the_giver_hears_who_cannot_read_the_message(self, world: World) -> None:
        leads = world.sandbox.add_channel("leads", members=[world.ana, world.ben], is_private=True)
        await world.sandbox.say(world.ana, leads, "@ben @cy ++ for the plan")
        await world.settle()

        (answer,) = world.sandbox.ephemerals(world.ana, leads)
        assert words(answer["blocks"]).split("\n")[1:3] == [
            "Ben can read it in your message.",
            "Cy is not in this channel, and finds it on the Home tab.",
        ]

    async def test_an_edit_does_not_bring_back_what_was_undone(self, world: World) -> None:
        ts = await say(world, "@ben ++ for the demo")
        await world.sandbox.press(world.ana, world.sandbox.ephemerals(world.ana)[0], "undo")
        (undone,) = world.sandbox.ephemerals(world.ana)
        assert undone["text"] == (
            "Undone. Nothing is counted. What you wrote or reacted with stays where it is."
        )

        await world.sandbox.edit(world.ana, world.team, ts, "@ben ++ for the lovely demo")
        await world.settle()

        assert await world.standing() == set()

    async def test_edited_words_replace_the_note(self, world: World) -> None:
        ts = await say(world, "@ben ++ for the secret project")
        await world.sandbox.edit(world.ana, world.team, ts, "@ben ++ for the project")
        await world.settle()

        assert [note.text for note in (await world.facts(world.ben)).notes] == ["for the project"]

    async def test_a_deleted_message_retracts_and_leaves_no_words(self, world: World) -> None:
        ts = await say(world, "@ben ++ for the demo")

        await world.sandbox.delete(world.ana, world.team, ts)
        await world.settle()

        assert await world.standing() == set()
        assert (await world.facts(world.ben)).notes == ()

    async def test_one_with_replies_too(self, world: World) -> None:
        ts = await say(world, "@ben ++ for the demo")
        await say(world, "Agreed!", world.cy, thread_ts=ts)

        await world.sandbox.delete(world.ana, world.team, ts)
        await world.settle()

        assert await world.standing() == set()

    async def test_in_a_thread_and_broadcast_from_it(self, world: World) -> None:
        ts = await say(world, "How did it go?", world.cy)
        await say(world, "@ben ++", thread_ts=ts)
        assert world.sandbox.ephemerals(world.ana)[-1]["thread_ts"] == ts, "answered where it was written"
        await say(world, "@cy ++", thread_ts=ts, broadcast=True)

        assert await world.standing() == {("ana", "ben", "kudos"), ("ana", "cy", "kudos")}

    @pytest.mark.parametrize("text", ["c++ for @ben", "`@ben ++`", "@ben --", "@ana ++", "hello @ben"])
    async def test_these_record_nothing_and_say_nothing(self, world: World, text: str) -> None:
        await say(world, text)

        assert await world.standing() == set()
        assert world.sandbox.ephemerals(world.ana) == []

    async def test_a_crowd_is_not_counted_and_its_giver_hears_why_once(self, world: World) -> None:
        crowd = [world.sandbox.add_user(f"crowd{number}") for number in range(31)]
        world.sandbox.add_usergroup("everybody", crowd)

        ts = await say(world, "@everybody ++ for the year")
        await world.sandbox.edit(world.ana, world.team, ts, "@everybody ++ for the long year")
        await world.settle()

        assert await world.standing() == set()
        assert dm(world, world.ana) == [
            "Your message names more than 30 people, so it is not counted as kudos: "
            "they land better when they are meant for a few."
        ]

    async def test_a_crowd_that_is_edited_down_to_a_few_is_counted(self, world: World) -> None:
        crowd = [world.sandbox.add_user(f"crowd{number}") for number in range(31)]
        world.sandbox.add_usergroup("everybody", crowd)
        ts = await say(world, "@everybody @ben ++ for the year")

        await world.sandbox.edit(world.ana, world.team, ts, "@ben ++ for the year")
        await world.settle()

        assert await world.standing() == {("ana", "ben", "kudos")}

    async def test_a_deleted_message_retracts_what_it_gave_to_a_group_that_is_another_now(
        self, world: World
    ) -> None:
        group = world.sandbox.add_usergroup("release", [world.ben, world.cy])
        ts = await say(world, "@release ++ for the weekend")
        await world.sandbox.change_usergroup(group, [world.zed])

        await world.sandbox.edit(world.ana, world.team, ts, "@release ++ for the long weekend")
        await world.settle()
        assert await world.standing() == {("ana", "ben", "kudos"), ("ana", "cy", "kudos")}

        await world.sandbox.delete(world.ana, world.team, ts)
        await world.settle()
        assert await world.standing() == set()

    async def test_what_an_emoji_gave_goes_with_the_message_though_it_means_nothing_any_more(
        self, world: World
    ) -> None:
        deleted = await say(world, "@ben :clap: for the demo")
        edited = await say(world, "@cy :clap: for the talk")
        await say(world, "@zed :clap: for the plan")
        await world.mean(kudos="", thanks="")

        await world.sandbox.delete(world.ana, world.team, deleted)
        await world.sandbox.edit(world.ana, world.team, edited, "It was a talk")
        await world.settle()

        assert await world.standing() == {("ana", "zed", "kudos")}
        assert [note.text for note in (await world.facts(world.cy)).notes] == []

    @pytest.mark.parametrize("thanks", [":pray:", ":clap:"])
    async def test_an_edit_that_leaves_the_emoji_in_leaves_what_it_meant(
        self, world: World, thanks: str
    ) -> None:
        ts = await say(world, "@ben @cy :clap: for the secret demo")
        await world.mean(kudos=":taco:", thanks=thanks)

        await world.sandbox.edit(world.ana, world.team, ts, "@ben :clap: for the demo")
        await world.settle()

        assert await world.standing() == {("ana", "ben", "kudos")}
        assert [note.text for note in (await world.facts(world.ben)).notes] == ["for the demo"]

    async def test_an_emoji_that_means_nothing_any_more_gives_nothing_new(self, world: World) -> None:
        ts = await say(world, "@ben :clap: for the demo")
        await world.mean(kudos=":taco:")

        await world.sandbox.edit(world.ana, world.team, ts, "@ben @cy :clap: for the demo")
        await say(world, "@zed :clap: for the plan")

        assert await world.standing() == {("ana", "ben", "kudos")}

    async def test_somebody_who_left_keeps_what_is_still_said_and_loses_what_is_taken_back(
        self, world: World
    ) -> None:
        ts = await say(world, "@ben @cy ++ for the demo")
        await world.sandbox.deactivate(world.ben)
        await world.settle()

        await world.sandbox.edit(world.ana, world.team, ts, f"<@{world.ben}> @cy ++ for the lovely demo")
        await world.settle()
        assert await world.standing() == {("ana", "ben", "kudos"), ("ana", "cy", "kudos")}

        await world.sandbox.edit(world.ana, world.team, ts, "@cy ++ for the lovely demo")
        await world.settle()
        assert await world.standing() == {("ana", "cy", "kudos")}

    async def test_an_edit_that_overtakes_its_message_still_wins(self, world: World) -> None:
        base = {"channel": world.team, "channel_type": "channel"}
        first = {"type": "message", "user": world.ana, "ts": "1700000000.000100"}
        old, new = f"<@{world.ben}> ++", f"<@{world.cy}> ++"
        edit = {
            **base,
            "type": "message",
            "subtype": "message_changed",
            "event_ts": "1700000009.000100",
            "message": {**first, "text": new, "edited": {"ts": "1700000009.000000"}},
            "previous_message": {**first, "text": old},
        }
        await world.sandbox.send_event(edit, copies=2)
        await world.sandbox.send_event({**base, **first, "text": old, "event_ts": "1700000000.000100"})

        assert await world.standing() == {("ana", "cy", "kudos")}


class TestMentions:
    async def test_thanks_said_to_mutual_count_once_though_two_events_arrive(self, world: World) -> None:
        await say(world, f"<@{world.sandbox.bot_user_id}> thanks @ben for the review")

        assert await world.standing() == {("ana", "ben", "thanks"), ("ben", "ana", "help")}
        assert (await world.facts(world.ben)).balance.received_total == 1

    async def test_thanks_for_nobody_who_can_receive_are_answered(self, world: World) -> None:
        await say(world, f"<@{world.sandbox.app.bot_user_id}> thanks @ana")

        assert await world.standing() == set()
        assert dm(world, world.ana) == [
            "Nobody in your message can receive it, so nothing is counted: apps, people who have left, "
            "people of other organisations and you yourself are left out."
        ]

    async def test_without_the_optional_scopes_mentions_still_work_and_nothing_else_suffers(
        self, bare_world: World
    ) -> None:
        world = bare_world
        await say(world, "@cy ++ for nothing that we may read")
        await say(world, f"<@{world.sandbox.bot_user_id}> thanks @ben for the review")

        assert await world.standing() == {("ana", "ben", "thanks"), ("ben", "ana", "help")}

    async def test_a_group_that_may_not_be_looked_into_is_told_with_the_way_out(
        self, bare_world: World
    ) -> None:
        world = bare_world
        world.sandbox.add_usergroup("release", [world.ben, world.cy])

        answer = await world.sandbox.command(world.ana, world.team, "/kudos", "@release for the weekend")

        assert answer.text == (
            "I find nobody in that group who can receive kudos. Name the people you mean, and it counts."
        )

    async def test_a_question_to_mutual_is_answered_with_what_it_can_do(self, world: World) -> None:
        await say(world, f"<@{world.sandbox.bot_user_id}> what does @ben do?")

        assert dm(world, world.ana) == ["Mutual keeps the give and take of help and thanks in view."]
        assert await world.standing() == set()


class TestMeToo:
    async def test_a_reaction_to_posted_kudos_seconds_them(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos", "@ben @cy for the demo")
        await world.settle()
        (posted,) = world.sandbox.messages(world.team)

        await world.sandbox.react(world.zed, world.team, posted["ts"], "raised_hands")
        assert {("zed", "ben", "kudos"), ("zed", "cy", "kudos")} <= await world.standing()

        await world.sandbox.unreact(world.zed, world.team, posted["ts"], "raised_hands")
        assert await world.standing() == {("ana", "ben", "kudos"), ("ana", "cy", "kudos")}

    @pytest.mark.parametrize("thanks", [":pray:", ":clap:"])
    async def test_it_is_taken_away_as_what_it_meant(self, world: World, thanks: str) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the demo")
        await world.settle()
        (posted,) = world.sandbox.messages(world.team)
        await world.sandbox.react(world.zed, world.team, posted["ts"], "clap")
        await world.mean(kudos=":taco:", thanks=thanks)

        await world.sandbox.unreact(world.zed, world.team, posted["ts"], "clap")

        assert await world.standing() == {("ana", "ben", "kudos")}

    async def test_it_is_taken_away_also_after_a_receiver_came_to_like_it_quiet(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the demo")
        await world.settle()
        (posted,) = world.sandbox.messages(world.team)
        await world.sandbox.react(world.zed, world.team, posted["ts"], "clap")
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.ben, Preferences(thanked="private"))

        await world.sandbox.unreact(world.zed, world.team, posted["ts"], "clap")

        assert await world.standing() == {("ana", "ben", "kudos")}

    @pytest.mark.parametrize("who", ["ana", "ben"])
    async def test_giver_and_receivers_have_had_their_part(self, world: World, who: str) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos", "@ben @cy for the demo")
        await world.settle()
        (posted,) = world.sandbox.messages(world.team)

        await world.sandbox.react(world.people[who], world.team, posted["ts"], "pray")

        assert await world.standing() == {("ana", "ben", "kudos"), ("ana", "cy", "kudos")}


class TestTalking:
    async def write(self, world: World, text: str) -> str:
        await world.sandbox.say(world.ana, world.sandbox.dm(world.ana), text)
        await world.settle()
        return dm(world, world.ana)[-1]

    async def test_plain_words_are_answered_with_what_it_can_do(self, world: World) -> None:
        answer = await self.write(world, "Hello there, who are you?")

        assert answer == "Mutual keeps the give and take of help and thanks in view."
        last = world.sandbox.messages(world.sandbox.dm(world.ana))[-1]
        assert "Words I know: `undo`, `pause`, `resume`, `privacy`, `help`." in words(last["blocks"])

    async def test_mutuals_own_name_is_no_kudos(self, world: World) -> None:
        answer = await self.write(world, "Hello @Mutual, who are you?")

        assert answer == "Mutual keeps the give and take of help and thanks in view."

    @pytest.mark.parametrize("text", ["@ben ++ for tea", "kudos @ben for tea", "thank you @ben"])
    async def test_kudos_written_to_mutual_are_answered_with_where_they_count(
        self, world: World, text: str
    ) -> None:
        assert await self.write(world, text) == (
            "Nothing is recorded: I look for kudos in channels only. "
            "Write `/kudos @name for …` here or anywhere else, and it counts."
        )
        assert await world.standing() == set()

    async def test_undo_takes_back_the_last_thing_given(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the demo")
        await world.sandbox.command(world.ana, world.team, "/kudos", "@cy for the talk")

        answer = await self.write(world, "undo")

        assert answer == (
            f"Undone: your kudos to <@{world.cy}>. Nothing of it is counted, and whatever I posted is taken back."
        )
        assert await world.standing() == {("ana", "ben", "kudos")}

    async def test_undo_says_what_it_was_and_to_whom(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben @cy for the help")

        assert (await self.write(world, "undo")).startswith(
            "Undone: your thanks to " + " and ".join(f"<@{u}>" for u in sorted((world.ben, world.cy)))
        )
        assert await world.standing() == set()

    async def test_undo_after_an_ask_takes_nothing_back_by_itself(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the demo")
        await asked(world)

        answer = await self.write(world, "undo")

        assert answer == "The last thing you did was to ask for help. Do you want to take it back?"
        last = world.sandbox.messages(world.sandbox.dm(world.ana))[-1]
        assert buttons(last) == ["Take it back", "Undo what I gave before"]
        assert await world.standing() == {("ana", "ben", "kudos")}

        await press(world, world.ana, last, "withdraw_ask")
        assert "This ask was taken back by the person who asked." in {
            message["text"] for message in world.sandbox.messages(world.team)
        }
        assert (await self.write(world, "undo")).startswith(f"Undone: your kudos to <@{world.ben}>.")

    async def test_undo_takes_back_an_offer(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/offer", "@ben an hour")
        await world.settle()

        assert await self.write(world, "undo") == (
            f"Undone: your offer to <@{world.ben}>. It is taken back, and nothing of it is counted."
        )
        assert await world.standing() == set()

    async def test_nothing_to_undo(self, world: World) -> None:
        assert await self.write(world, "Undo!") == (
            "There is nothing to undo: nothing you gave within the last day stands right now."
        )

    async def test_paused_nothing_reaches_them_and_nothing_they_react_or_write_is_recorded(
        self, world: World
    ) -> None:
        assert (await self.write(world, "pause")).startswith("Paused. No message from me reaches you")
        before = dm(world, world.ana)
        ts = await say(world, "Shipped!", world.ben)
        await world.sandbox.react(world.ana, world.team, ts, "clap")
        await say(world, "@ben ++")
        await world.sandbox.command(world.ben, world.side, "/kudos", "@ana for the plan")
        await world.settle()

        assert await world.standing() == {("ben", "ana", "kudos")}
        assert dm(world, world.ana) == before

        assert await self.write(world, "resume") == (
            "Welcome back. I'll tell you again when something is for you."
        )
        await say(world, "@ben ++")
        assert ("ana", "ben", "kudos") in await world.standing()

    async def test_paused_what_was_given_before_can_be_taken_back_and_not_given_again(
        self, world: World
    ) -> None:
        shipped = await say(world, "Shipped!", world.ben)
        await world.sandbox.react(world.ana, world.team, shipped, "clap")
        typed = await say(world, "@cy ++ for the talk")
        await world.sandbox.command(world.mia, world.team, "/kudos", "@zed for the plan")
        await world.settle()
        posted = next(told for told in world.sandbox.messages(world.team) if told.get("bot_id"))
        await world.sandbox.react(world.ana, world.team, posted["ts"], "clap")
        assert len(await world.standing()) == 4
        await self.write(world, "pause")

        await world.sandbox.unreact(world.ana, world.team, shipped, "clap")
        await world.sandbox.delete(world.ana, world.team, typed)
        await world.sandbox.unreact(world.ana, world.team, posted["ts"], "clap")
        await world.settle()
        assert await world.standing() == {("mia", "zed", "kudos")}

        await world.sandbox.react(world.ana, world.team, shipped, "clap")
        await world.sandbox.react(world.ana, world.team, posted["ts"], "clap")
        await say(world, f"<@{world.sandbox.bot_user_id}> thanks @ben for the review")
        assert await world.standing() == {("mia", "zed", "kudos")}

    async def test_public_kudos_do_not_ring_for_somebody_who_paused(self, world: World) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.ben, Preferences(paused=True))
        await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the demo")
        await world.settle()

        (posted,) = world.sandbox.messages(world.team)
        assert posted["text"] == f"<@{world.ana}> gives kudos to Ben"

    @pytest.mark.parametrize(
        ("word", "sentence"),
        [
            ("help", "Mutual keeps the give and take of help and thanks in view."),
            ("", "Mutual keeps the give and take of help and thanks in view."),
            ("undo", "There is nothing to undo: nothing you gave within the last day stands right now."),
            ("resume", "Welcome back. I'll tell you again when something is for you."),
        ],
    )
    async def test_the_same_words_work_after_the_command(
        self, world: World, word: str, sentence: str
    ) -> None:
        answer = await world.sandbox.command(world.ana, world.team, "/mutual", word)

        assert answer.text == sentence

    async def test_privacy_after_the_command_opens_the_view_and_here_a_button_does(
        self, world: World
    ) -> None:
        await world.sandbox.command(world.ana, world.team, "/mutual", "privacy")

        view = world.sandbox.modal(world.ana)
        assert view is not None
        assert "What is stored about you" in words(view["blocks"])
        (button,) = privacy()[1][-1]["elements"]
        assert (button["text"]["text"], button["action_id"]) == ("What is stored about me", "open_privacy")
