"""Giving kudos as a person does, through the sandbox Slack and real HTTP."""

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from slackapp.domain.preferences import Preferences
from slackapp.store import preferences
from tests.world import World, words


class TestCommand:
    async def test_kudos_count_and_the_answer_says_for_whom(self, world: World) -> None:
        answer = await world.sandbox.command(world.ana, world.team, "/kudos", "@ben @cy for the calm release")
        await world.settle()

        assert answer.text == "Your kudos to Ben and Cy counted."
        assert answer.response_type in {None, "ephemeral"}
        assert await world.standing() == {("ana", "ben", "kudos"), ("ana", "cy", "kudos")}

    async def test_the_channel_reads_it_once(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the calm release")
        await world.settle()

        (posted,) = world.sandbox.messages(world.team)
        assert posted["text"] == f"<@{world.ana}> gives kudos to <@{world.ben}>"
        assert "for the calm release" in words(posted["blocks"])

    async def test_thanks_count_with_the_help_they_prove(self, world: World) -> None:
        answer = await world.sandbox.command(
            world.ana, world.team, "/kudos", "thanks @ben for helping with the export"
        )
        await world.settle()

        assert answer.text == "Your thanks to Ben counted, and so did the help you thanked for."
        assert await world.standing() == {("ana", "ben", "thanks"), ("ben", "ana", "help")}

    async def test_where_mutual_is_no_member_the_receiver_is_told_in_private(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.side, "/kudos", "@ben for the calm release")
        await world.settle()

        assert world.sandbox.messages(world.side) == []
        (told,) = world.sandbox.messages(world.sandbox.dm(world.ben))
        assert told["text"] == f"<@{world.ana}> sends you kudos"
        assert "You are told here because I can't post it where it was given." in words(told["blocks"])

    async def test_someone_who_likes_private_thanks_is_told_in_private(self, world: World) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.ben, Preferences(thanked="private"))

        answer = await world.sandbox.command(world.ana, world.team, "/kudos", "@ben @cy for the demo")
        await world.settle()

        assert "Ben will hear it in private, as they prefer." in words(answer.blocks)
        (posted,) = world.sandbox.messages(world.team)
        assert posted["text"] == f"<@{world.ana}> gives kudos to <@{world.cy}>"
        assert len(world.sandbox.messages(world.sandbox.dm(world.ben))) == 1

    async def test_the_giver_reads_what_helps_the_receiver(self, world: World) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.ben, Preferences(help_me="Review my drafts & plans"))

        answer = await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the demo")

        assert "*Ben* says what helps: Review my drafts &amp; plans" in words(answer.blocks)

    async def test_names_further_on_are_part_of_the_story(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for walking @cy through it")

        assert await world.standing() == {("ana", "ben", "kudos")}

    async def test_a_user_group_stands_for_its_members_without_the_giver(self, world: World) -> None:
        world.sandbox.add_usergroup("release", [world.ana, world.ben, world.cy])

        answer = await world.sandbox.command(world.ana, world.team, "/kudos", "@release for the weekend")

        assert answer.text == "Your kudos to Ben and Cy counted."
        assert "you are not counted yourself" in words(answer.blocks)

    async def test_the_day_is_the_one_on_the_workspaces_calendar(self, world: World) -> None:
        # It is 14 hours ahead of the sandbox's clock, or 11 behind: one of the two lives on another day.
        days = set()
        for zone in ("Pacific/Kiritimati", "Pacific/Midway"):
            async with world.database.workspace(world.id) as db:
                await db.execute(text("UPDATE workspaces SET timezone = :zone"), {"zone": zone})
            await world.sandbox.command(world.ana, world.team, "/kudos", f"@ben for {zone}")
            async with world.database.workspace(world.id) as db:
                day = await db.scalar(
                    text("SELECT day FROM gestures WHERE note LIKE :zone"), {"zone": f"%{zone}"}
                )
            days.add((zone, day))

        assert days == {
            (zone, world.now().astimezone(ZoneInfo(zone)).date())
            for zone in ("Pacific/Kiritimati", "Pacific/Midway")
        }
        assert len({day for _, day in days}) == 2

    @pytest.mark.parametrize("typed", ["help", "HELP", "?"])
    async def test_help_answers_with_usage(self, world: World, typed: str) -> None:
        answer = await world.sandbox.command(world.ana, world.team, "/kudos", typed)

        assert "`/kudos @ana @ben for the calm release`" in words(answer.blocks)


class TestWhilePaused:
    """What somebody does on purpose counts. What reactions and messages of theirs do not: tests/listeners/test_messages.py."""

    async def test_a_command_counts_and_is_answered_and_can_be_undone(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/mutual", "pause")

        answer = await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the review")
        await world.settle()

        assert answer.text == "Your thanks to Ben counted, and so did the help you thanked for."
        assert await world.standing() == {("ana", "ben", "thanks"), ("ben", "ana", "help")}
        (posted,) = world.sandbox.messages(world.team)
        assert posted["text"] == f"<@{world.ana}> thanks <@{world.ben}>"

        given = next(told for told in world.sandbox.ephemerals(world.ana) if told["text"] == answer.text)
        await world.sandbox.press(world.ana, given, "undo")
        await world.settle()
        assert await world.standing() == set()
        assert world.sandbox.messages(world.sandbox.dm(world.ana)) == []

    async def test_what_they_read_of_it_does_not_speak_of_commands(self, world: World) -> None:
        answer = await world.sandbox.command(world.ana, world.team, "/mutual", "pause")
        assert answer.text == (
            "Paused. No message from me reaches you, and nothing is recorded from your reactions and messages. "
            "Write `resume` whenever you like."
        )
        home = await world.sandbox.open_home(world.ana)
        assert home is not None
        for button, sentence in (
            ("open_settings", "No messages to me, and nothing recorded from my reactions and messages"),
            (
                "open_privacy",
                "Mutual is paused for you: no message from it reaches you, and nothing is recorded from your "
                "reactions and messages.",
            ),
        ):
            await world.sandbox.press(world.ana, home, button)
            shown = world.sandbox.modal(world.ana)
            assert shown is not None
            assert sentence in words(shown["blocks"])


class TestRefusals:
    """Nothing is recorded, one kind sentence says why, and what was typed is not lost."""

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            (
                "great work everyone",
                "Who is it for? Name at least one person with @, like `/kudos @ana for the clear notes`.",
            ),
            ("@ana for me", "Kudos are for somebody else, so you are not counted yourself."),
            ("@robo for the build", "robo is an app, and kudos are for people."),
            (
                "@gus for the years",
                "Gus no longer has an account here, so it would not reach them.",
            ),
            (
                "@eve for the workshop",
                "Eve belongs to another organisation, and Mutual stays within yours.",
            ),
            (
                "<@U0NOBODY|who> for it",
                "I don't know one of the people you named. Pick names from the list Slack shows after @.",
            ),
            (
                "@here for the week",
                "@here, @channel and @everyone reach many people and thank nobody in particular. "
                "Name the people you mean, and it counts.",
            ),
            (
                "@channel @ben nice",
                "@here, @channel and @everyone reach many people and thank nobody in particular. "
                "Name the people you mean, and it counts.",
            ),
            (
                "c++ is lovely",
                "Who is it for? Name at least one person with @, like `/kudos @ana for the clear notes`.",
            ),
            (
                "`@ben` looks like this",
                "Who is it for? Name at least one person with @, like `/kudos @ana for the clear notes`.",
            ),
            (
                "@ben " + "x" * 3001,
                "Your message has 3,001 characters and 3,000 is the most I can keep. "
                "Nothing was recorded; shorten it a little and send it again.",
            ),
        ],
    )
    async def test_the_person_reads_why(self, world: World, typed: str, sentence: str) -> None:
        world.sandbox.add_user("robo", real_name="robo", is_bot=True)
        world.sandbox.add_user("gus", real_name="Gus", deleted=True)
        world.sandbox.add_user("eve", real_name="Eve", team_id="T0OTHER")

        answer = await world.sandbox.command(world.ana, world.team, "/kudos", typed)
        await world.settle()

        assert answer.status == 200
        assert answer.text == sentence
        assert await world.standing() == set()
        assert world.sandbox.messages(world.team) == []

    async def test_thirty_at_once_are_thanked_and_one_more_is_an_announcement(self, world: World) -> None:
        crowd = [f"<@{world.sandbox.add_user(f'crowd{number}')}>" for number in range(31)]

        async def give(to: list[str]) -> tuple[str, int]:
            answer = await world.sandbox.command(world.ana, world.team, "/kudos", " ".join(to))
            async with world.database.workspace(world.id) as db:
                return answer.text, await db.scalar(text("SELECT count(*) FROM gestures")) or 0

        assert (await give(crowd[:30]))[1] == 30
        assert (await give(crowd[30:]))[1] == 31
        # All of them are known by now.
        assert await give(crowd) == (
            "That names 31 people, and 30 at once is the most. Nothing was recorded: "
            "thanks land better when they are meant for a few.",
            31,
        )

    async def test_yourself_is_left_out_of_a_group_and_a_name_twice_counts_once(self, world: World) -> None:
        answer = await world.sandbox.command(world.ana, world.team, "/kudos", "@ana @ben @ben for the demo")

        assert answer.text == "Your kudos to Ben counted."
        assert await world.standing() == {("ana", "ben", "kudos")}


class TestButtons:
    async def test_undo_takes_it_back_everywhere_and_put_it_back_restores(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the fix")
        await world.settle()
        (answer,) = world.sandbox.ephemerals(world.ana)

        await world.sandbox.press(world.ana, answer, "undo")
        await world.settle()

        assert await world.standing() == set()
        assert world.sandbox.messages(world.team)[0]["text"] == (
            "This was taken back by the person who sent it."
        )
        (undone,) = world.sandbox.ephemerals(world.ana)
        assert undone["text"] == "Undone. Nothing is counted, and whatever I posted is taken back."

        await world.sandbox.press(world.ana, undone, "put_back")
        await world.settle()

        assert await world.standing() == {("ana", "ben", "thanks"), ("ben", "ana", "help")}
        (posted,) = world.sandbox.messages(world.team)
        assert posted["text"] == f"<@{world.ana}> thanks <@{world.ben}>"
        (again,) = world.sandbox.ephemerals(world.ana)
        assert again["text"] == "Your thanks to Ben counted, and so did the help you thanked for."

    async def test_not_for_help_keeps_the_thanks_and_can_be_changed_back(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for being you")
        (answer,) = world.sandbox.ephemerals(world.ana)

        await world.sandbox.press(world.ana, answer, "not_for_help")

        assert await world.standing() == {("ana", "ben", "thanks")}
        (answer,) = world.sandbox.ephemerals(world.ana)
        assert answer["text"] == "Your thanks to Ben counted, but not as thanks for help."

        await world.sandbox.press(world.ana, answer, "for_help")
        assert len(await world.standing()) == 2

    async def test_undo_pressed_twice_says_so(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
        (answer,) = world.sandbox.ephemerals(world.ana)
        button = answer["blocks"][-1]["elements"][0]
        await world.sandbox.press(world.ana, answer, "undo")
        (undone,) = world.sandbox.ephemerals(world.ana)

        await world.sandbox.act(world.ana, undone["ts"], undone["blocks"][-1], button)

        assert world.sandbox.ephemerals(world.ana)[-1]["text"] == "There is nothing left to undo here."

    async def test_a_forged_source_changes_nobodys_gestures(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos", "@ben for the fix")
        (answer,) = world.sandbox.ephemerals(world.ana)
        source = answer["blocks"][-1]["elements"][0]["value"]
        await world.sandbox.command(world.zed, world.team, "/kudos", "@cy for lunch")
        (mine,) = world.sandbox.ephemerals(world.zed)

        await world.sandbox.press(world.zed, mine, "undo", value=source)

        assert await world.standing() == {("ana", "ben", "kudos"), ("zed", "cy", "kudos")}


class TestSeveralOnOneMessage:
    """A message may be thanked for by several people, each in their own way."""

    async def test_each_giver_is_told_of_alone_and_a_quiet_reaction_stays_quiet(self, world: World) -> None:
        ts = await world.sandbox.say(world.ben, world.team, "I fixed the export")
        await world.sandbox.react(world.cy, world.team, ts, "clap")
        for giver, note in ((world.ana, "It saved my day"), (world.mia, "And mine")):
            await world.sandbox.message_shortcut(giver, world.team, ts, "thank_for_message")
            form = world.sandbox.modal(giver)
            assert form is not None
            await world.sandbox.submit(giver, form["id"], {"note": note})
        await world.settle()

        one, other = sorted(
            words(message["blocks"]) for message in world.sandbox.messages(world.team, ts)[1:]
        )
        told = {world.ana: one, world.mia: other} if world.ana in one else {world.ana: other, world.mia: one}
        assert f"<@{world.ana}> thanks <@{world.ben}>\n>It saved my day" in told[world.ana]
        assert f"<@{world.mia}> thanks <@{world.ben}>\n>And mine" in told[world.mia]

    async def test_private_thanks_do_not_publish_somebody_elses_reaction(self, world: World) -> None:
        ts = await world.sandbox.say(world.ben, world.team, "I fixed the export")
        await world.sandbox.react(world.cy, world.team, ts, "clap")
        await world.sandbox.message_shortcut(world.ana, world.team, ts, "thank_for_message")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.submit(world.ana, form["id"], {"seen_by": "private"})
        await world.settle()

        assert len(world.sandbox.messages(world.team, ts)) == 1
        (private,) = world.sandbox.messages(world.sandbox.dm(world.ben))
        assert private["text"] == f"<@{world.ana}> thanks you"

    async def test_what_is_written_for_one_person_is_private_also_after_ones_own_reaction(
        self, world: World
    ) -> None:
        ts = await world.sandbox.say(world.ben, world.team, "I fixed the export")
        await world.sandbox.react(world.ana, world.team, ts, "pray")
        await world.settle()
        await world.sandbox.message_shortcut(world.ana, world.team, ts, "thank_for_message")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.submit(
            world.ana, form["id"], {"reason": "thanks", "note": "I was lost", "seen_by": "private"}
        )
        await world.settle()
        await world.sandbox.unreact(world.ana, world.team, ts, "pray")
        await world.sandbox.react(world.ana, world.team, ts, "pray")
        await world.settle()

        assert len(world.sandbox.messages(world.team, ts)) == 1
        (private,) = world.sandbox.messages(world.sandbox.dm(world.ben))
        assert ">I was lost" in words(private["blocks"])
        assert await world.standing() == {("ana", "ben", "thanks"), ("ben", "ana", "help")}

    async def test_kudos_and_thanks_for_the_same_message_are_both_told(self, world: World) -> None:
        ts = await world.sandbox.say(world.ben, world.team, "I fixed the export")
        for reason, note in (("kudos", "Clean work"), ("thanks", "I was lost")):
            await world.sandbox.message_shortcut(world.ana, world.team, ts, "thank_for_message")
            form = world.sandbox.modal(world.ana)
            assert form is not None
            await world.sandbox.submit(world.ana, form["id"], {"reason": reason, "note": note})
            await world.settle()

        (told,) = world.sandbox.messages(world.team, ts)[1:]
        assert words(told["blocks"]).split("\n") == [
            f":raised_hands: <@{world.ana}> gives kudos to <@{world.ben}>",
            ">Clean work",
            f":pray: <@{world.ana}> thanks <@{world.ben}>",
            ">I was lost",
        ]

    async def test_a_second_note_on_the_same_message_is_the_one_that_is_read(self, world: World) -> None:
        ts = await world.sandbox.say(world.ben, world.team, "I fixed the export")
        for note in ("It saved my day", "It saved my week"):
            await world.sandbox.message_shortcut(world.ana, world.team, ts, "thank_for_message")
            form = world.sandbox.modal(world.ana)
            assert form is not None
            await world.sandbox.submit(world.ana, form["id"], {"note": note})
            await world.settle()

        (told,) = world.sandbox.messages(world.team, ts)[1:]
        assert ">It saved my week" in words(told["blocks"])


class TestForm:
    async def test_the_command_alone_opens_it_and_sending_it_counts(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos")
        form = world.sandbox.modal(world.ana)
        assert form is not None

        errors = await world.sandbox.submit(
            world.ana,
            form["id"],
            {"people": [world.ben], "reason": "thanks", "note": "You saved <my> week & more"},
        )
        await world.settle()

        assert errors == {}
        assert await world.standing() == {("ana", "ben", "thanks"), ("ben", "ana", "help")}
        (posted,) = world.sandbox.messages(world.team)
        assert ">You saved &lt;my&gt; week &amp; more" in words(posted["blocks"])
        (answer,) = world.sandbox.ephemerals(world.ana, world.team)
        assert answer["text"] == "Your thanks to Ben counted, and so did the help you thanked for."

    async def test_only_them_stays_between_the_two(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos")
        form = world.sandbox.modal(world.ana)
        assert form is not None

        await world.sandbox.submit(
            world.ana, form["id"], {"people": [world.ben], "reason": "kudos", "seen_by": "private"}
        )
        await world.settle()

        assert world.sandbox.messages(world.team) == []
        (told,) = world.sandbox.messages(world.sandbox.dm(world.ben))
        assert "Only the two of you know. It is on your Home tab too." in words(told["blocks"])

    async def test_only_them_is_said_otherwise_to_several(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/kudos")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        people = [world.ben, world.cy]
        await world.sandbox.submit(
            world.ana, form["id"], {"people": people, "reason": "kudos", "seen_by": "private"}
        )
        await world.settle()

        for receiver in people:
            (told,) = world.sandbox.messages(world.sandbox.dm(receiver))
            assert "Only the people it was sent to can read it. It is on your Home tab too." in words(
                told["blocks"]
            )

    async def test_the_global_shortcut_opens_it(self, world: World) -> None:
        await world.sandbox.shortcut(world.ana, "give_kudos")

        form = world.sandbox.modal(world.ana)
        assert form is not None
        assert form["title"]["text"] == "Give kudos"

    async def test_from_a_message_its_author_is_filled_in_and_the_thread_is_told(self, world: World) -> None:
        ts = await world.sandbox.say(world.ben, world.team, "I fixed the export")
        await world.sandbox.message_shortcut(world.ana, world.team, ts, "thank_for_message")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        assert form["blocks"][0]["element"]["initial_users"] == [world.ben]

        await world.sandbox.submit(world.ana, form["id"], {})
        await world.settle()

        assert await world.standing() == {("ana", "ben", "thanks"), ("ben", "ana", "help")}
        thread = world.sandbox.messages(world.team, ts)
        assert thread[-1]["text"] == f"<@{world.ana}> thanks <@{world.ben}>"

    async def test_choosing_people_shows_what_they_told_others(self, world: World) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(
                db, world.id, world.ben, Preferences(thanked="private", need_now="A quiet afternoon")
            )
        await world.sandbox.shortcut(world.ana, "give_kudos")
        form = world.sandbox.modal(world.ana)
        assert form is not None

        await world.sandbox.press(world.ana, form["id"], "people", selected=[world.ben])

        updated = world.sandbox.modal(world.ana)
        assert updated is not None
        read = words(updated["blocks"])
        assert "*Ben* likes to be thanked in private." in read
        assert "What *Ben* needs now: A quiet afternoon" in read

    async def test_for_a_message_that_nobody_else_reads_it_stays_between_the_two(self, world: World) -> None:
        ts = await world.sandbox.say(world.ana, world.sandbox.dm(world.ana), "Ben fixed the export")
        await world.sandbox.message_shortcut(world.ana, world.sandbox.dm(world.ana), ts, "thank_for_message")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.submit(world.ana, form["id"], {"people": [world.ben], "note": "You saved us"})
        await world.settle()

        (told,) = world.sandbox.messages(world.sandbox.dm(world.ben))
        assert "Only the two of you know. It is on your Home tab too." in words(told["blocks"])
        (note,) = (await world.facts(world.ben)).notes
        assert note.visibility == "private"

    async def test_from_a_message_what_its_author_told_others_is_read_too(self, world: World) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.ben, Preferences(help_me="Review my drafts"))
        ts = await world.sandbox.say(world.ben, world.team, "I fixed the export")

        await world.sandbox.message_shortcut(world.ana, world.team, ts, "thank_for_message")

        form = world.sandbox.modal(world.ana)
        assert form is not None
        assert "Good ways to help *Ben*: Review my drafts" in words(form["blocks"])
        assert await world.sandbox.submit(world.ana, form["id"], {}) == {}
        assert await world.standing() == {("ana", "ben", "thanks"), ("ben", "ana", "help")}

    async def test_whoever_cannot_receive_is_told_at_the_field_before_anything_counts(
        self, world: World
    ) -> None:
        robot = world.sandbox.add_user("robo", real_name="robo", is_bot=True)
        await world.sandbox.shortcut(world.ana, "give_kudos")
        form = world.sandbox.modal(world.ana)
        assert form is not None

        seen_by = {"seen_by": "private"}
        errors = await world.sandbox.submit(world.ana, form["id"], {"people": [world.ben, robot], **seen_by})
        assert errors == {"people": "robo is an app, and kudos are for people."}
        assert await world.standing() == set()

        kudos = {"people": [world.ben, world.ana], "reason": "kudos", **seen_by}
        assert await world.sandbox.submit(world.ana, form["id"], kudos) == {}
        assert await world.standing() == {("ana", "ben", "kudos")}

    async def test_choosing_only_yourself_is_told_at_the_field(self, world: World) -> None:
        await world.sandbox.shortcut(world.ana, "give_kudos")
        form = world.sandbox.modal(world.ana)
        assert form is not None

        errors = await world.sandbox.submit(
            world.ana, form["id"], {"people": [world.ana], "channel": world.team}
        )

        assert errors == {"people": "Kudos are for somebody else, so you are not counted yourself."}
        assert await world.standing() == set()
