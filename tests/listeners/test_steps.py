"""Workflow steps, check-ins, and the boundaries people set."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert

from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.preferences import Preferences
from slackapp.store import absences, gestures, people, preferences, queue
from slackapp.store.tables import findings
from tests.asking import buttons, press, told
from tests.conftest import UTC_ZONE
from tests.world import World, words


class TestSteps:
    async def test_kudos_from_a_workflow_count_and_the_step_ends_once(self, world: World) -> None:
        ran = await world.sandbox.run_step(
            world.mia,
            "give_kudos_step",
            {"giver": world.ana, "receiver": world.ben, "note": "for <it>", "channel": world.team},
        )
        await world.settle()

        assert (ran.outcome, ran.outputs) == ("success", {"sentence": "Your kudos to Ben counted."})
        assert await world.standing() == {("ana", "ben", "kudos")}
        assert ">for &lt;it&gt;" in words(world.sandbox.messages(world.team)[0]["blocks"])

    @pytest.mark.parametrize(
        ("for_help", "sentence", "can_press"),
        [
            (False, "A workflow gave kudos to Ben in your name.", ["Undo"]),
            (True, "A workflow thanked Ben in your name.", ["Undo", "Not for help"]),
        ],
    )
    async def test_whoever_it_was_given_in_the_name_of_is_told_once_and_can_undo_it(
        self, world: World, for_help: bool, sentence: str, can_press: list[str]
    ) -> None:
        inputs = {
            "giver": world.ana,
            "receiver": world.ben,
            "channel": world.team,
            "for_help": for_help,
            "note": "for the map",
        }
        await world.sandbox.run_step(world.mia, "give_kudos_step", inputs)
        await world.settle()
        again = next(
            delivery.payload["event"]
            for delivery in reversed(world.sandbox.deliveries)
            if delivery.payload.get("event", {}).get("type") == "function_executed"
        )
        assert await world.sandbox.send_event(again, copies=2) == [200, 200]
        # Its own token died with the step. With one that lives, Slack says that the step is over.
        alive = {**again, "bot_access_token": world.sandbox.bot_token}
        assert await world.sandbox.send_event(alive) == [200]
        await world.settle()

        (mine,) = told(world, world.ana)
        assert mine["text"] == f"{sentence} If that is not what you meant, undo it."
        assert ">for the map" in words(mine["blocks"])
        assert buttons(mine) == can_press

        await press(world, world.ana, mine, "undo")
        assert await world.standing() == set()
        (mine,) = told(world, world.ana)
        assert mine["text"] == "Undone. Nothing is counted, and whatever I posted is taken back."
        (posted,) = world.sandbox.messages(world.team)
        assert posted["text"] == "This was taken back by the person who sent it."

    @pytest.mark.parametrize(
        ("step", "inputs", "error"),
        [
            (
                "give_kudos_step",
                {"giver": "ana", "receiver": "ben"},
                "Ana has paused Mutual, so nothing is given in their name.",
            ),
            (
                "ask_for_help_step",
                {"asker": "ana", "what": "A reviewer", "channel": "team"},
                "Ana has paused Mutual, so nothing is asked in their name.",
            ),
        ],
    )
    async def test_nothing_happens_in_the_name_of_somebody_who_could_not_hear_of_it(
        self, world: World, step: str, inputs: dict[str, str], error: str
    ) -> None:
        async with world.database.workspace(world.id) as db:
            await preferences.put(db, world.id, world.ana, Preferences(paused=True))
        places = {**world.people, "team": world.team}

        ran = await world.sandbox.run_step(
            world.mia, step, {name: places.get(value, value) for name, value in inputs.items()}
        )
        await world.settle()

        assert (ran.outcome, ran.error) == ("error", error)
        assert await world.standing() == set()
        assert world.sandbox.messages(world.team) == []

    @pytest.mark.parametrize(
        ("receiver", "note", "error"),
        [
            ("ana", "", "Kudos are for somebody else, so you are not counted yourself."),
            ("", "", "Give kudos needs a giver and a receiver. Choose both in the step."),
            ("robo", "", "Robo is an app, and kudos are for people."),
            (
                "ben",
                "x" * 3001,
                "Your message has 3,001 characters and 3,000 is the most I can keep. "
                "Nothing was recorded; shorten it a little and send it again.",
            ),
        ],
    )
    async def test_the_builder_reads_what_is_wrong(
        self, world: World, receiver: str, note: str, error: str
    ) -> None:
        world.people["robo"] = world.sandbox.add_user("robo", is_bot=True)
        inputs = {"giver": world.ana, "receiver": world.people.get(receiver, ""), "note": note}
        ran = await world.sandbox.run_step(world.mia, "give_kudos_step", inputs)

        assert (ran.outcome, ran.error) == ("error", error)
        assert await world.standing() == set()

    async def test_an_ask_from_a_workflow_is_posted(self, world: World) -> None:
        ran = await world.sandbox.run_step(
            world.mia, "ask_for_help_step", {"asker": world.ana, "what": "A reviewer", "channel": world.team}
        )
        await world.settle()

        assert (ran.outcome, ran.outputs) == (
            "success",
            {"sentence": "The ask is on its way to the channel."},
        )
        assert world.sandbox.messages(world.team)[0]["text"] == f"<@{world.ana}> asks for help"

        (mine,) = told(world, world.ana)
        assert mine["text"] == (
            f"A workflow asks for help in your name, in <#{world.team}>. "
            "If that is not what you meant, take it back."
        )
        await press(world, world.ana, mine, "withdraw_ask")
        assert world.sandbox.messages(world.team)[0]["text"] == (
            "This ask was taken back by the person who asked."
        )
        assert [m["text"] for m in told(world, world.ana)] == [
            "You took this ask back, and its words are gone."
        ]

    async def test_whoever_a_workflow_asks_for_hears_once_that_it_could_not_be_posted(
        self, world: World
    ) -> None:
        away = world.sandbox.add_channel("leads", members=[world.ana], app_in=False)
        await world.sandbox.run_step(
            world.mia, "ask_for_help_step", {"asker": world.ana, "what": "A reviewer", "channel": away}
        )
        await world.settle()

        (mine,) = told(world, world.ana)
        assert mine["text"] == (
            "A workflow asked for help in your name. "
            f"I could not post that in <#{away}>, so nobody has seen it there.\n"
            "Invite me with `/invite @Mutual` and I'll post it. If the channel is archived, ask in one that "
            "people still read."
        )
        assert buttons(mine) == ["Edit", "Close", "Take it back"]

    @pytest.mark.parametrize(
        ("inputs", "error"),
        [
            ({"what": ""}, "Say in a sentence what would help, like “Somebody to look over my outline”."),
            ({"by_when": "soon"}, "“By when” must be a day like 2026-03-09, or stay empty."),
            (
                {"by_when": "2020-01-01"},
                "That day is over. Choose today or a later day, or leave it empty.",
            ),
            ({"asker": "U0NOBODY"}, "The one who asks must be a person of this workspace."),
            (
                {"channel": "D0SOMEBODY"},
                "Ask for help needs a person who asks and a channel. Choose both in the step.",
            ),
            ({"channel": ""}, "Ask for help needs a person who asks and a channel. Choose both in the step."),
        ],
    )
    async def test_an_ask_that_cannot_be_posted_says_why(
        self, world: World, inputs: dict[str, str], error: str
    ) -> None:
        whole = {"asker": world.ana, "what": "A reviewer", "channel": world.team, **inputs}
        ran = await world.sandbox.run_step(world.mia, "ask_for_help_step", whole)

        assert (ran.outcome, ran.error) == ("error", error)


class TestCheckIns:
    async def remember(self, world: World, *, weeks: int) -> None:
        """Ana gave Ben kudos some weeks ago."""
        then = world.now() - timedelta(weeks=weeks)
        given = gestures_to(
            [world.ben],
            giver=world.ana,
            kind="kudos",
            source=Source("then"),
            at=then,
            tz=UTC_ZONE,
        )
        async with world.database.workspace(world.id) as db:
            await gestures.record(db, world.id, given, Mark("command"), then)

    async def home(self, world: World) -> str:
        shown = await world.sandbox.open_home(world.ana)
        assert shown is not None
        return words(shown["blocks"])

    async def test_home_suggests_somebody_and_a_press_records_it(self, world: World) -> None:
        await self.remember(world, weeks=4)
        assert (
            "You and *Ben* have not crossed paths here for a while. How are they doing?"
            in await self.home(world)
        )

        for _ in range(2):
            shown = world.sandbox.home(world.ana)
            assert shown is not None
            if "I checked in" in words(shown["blocks"]):
                await world.sandbox.press(world.ana, shown, "check_in")
                await world.settle()

        assert ("ana", "ben", "check_in") in await world.standing()
        assert "You checked in with *Ben* today." in await self.home(world)
        assert world.sandbox.messages(world.sandbox.dm(world.ben)) == []

        shown = world.sandbox.home(world.ana)
        assert shown is not None
        await world.sandbox.press(world.ana, shown, "undo_check_in")
        await world.settle()
        assert ("ana", "ben", "check_in") not in await world.standing()

    async def test_nobody_is_suggested_beside_something_noticed_about_them(self, world: World) -> None:
        await self.remember(world, weeks=4)
        async with world.database.workspace(world.id) as db:
            await db.execute(
                insert(findings).values(
                    workspace_id=world.id,
                    team_id=UUID(int=1),
                    pattern="one_sided_pair",
                    subjects=[world.ana, world.ben],
                    week=world.now().date(),
                    state="stays",
                    since=world.now().date(),
                    figures={},
                    words={"giver": "You did 18 things for Ben.", "receiver": "Ana did 18 things for you."},
                )
            )

        shown = await self.home(world)
        assert "You did 18 things for Ben." in shown
        assert "*Checking in*" not in shown

    async def test_recent_company_is_not_suggested(self, world: World) -> None:
        await self.remember(world, weeks=1)

        assert "*Checking in*" not in await self.home(world)

    async def test_nobody_on_vacation_is_suggested_until_they_are_back(self, world: World) -> None:
        await self.remember(world, weeks=4)
        await world.sandbox.change_user(world.ben, status_emoji=":palm_tree:")
        assert "*Checking in*" not in await self.home(world)

        await world.sandbox.change_user(world.ben, status_emoji="")
        assert "*Checking in*" in await self.home(world)


class TestBoundaries:
    async def test_weeks_of_a_vacation_status_do_not_count(self, world: World) -> None:
        await world.sandbox.change_user(world.ben, status_emoji=":palm_tree:")
        await world.sandbox.change_user(world.ben, status_text="Back on Monday")
        assert [gone.end - gone.start for gone in await self.away(world)] == [timedelta(days=60)]

        await world.sandbox.change_user(world.ben, status_emoji="")
        assert await self.away(world) == []

    async def test_settings_saved_on_vacation_do_not_end_it(self, world: World) -> None:
        await world.sandbox.change_user(world.ben, status_emoji=":palm_tree:")
        before = await self.away(world)
        await world.sandbox.open_home(world.ben)
        await world.sandbox.press(world.ben, world.sandbox.home(world.ben) or {}, "open_settings")
        form = world.sandbox.modal(world.ben)
        assert form is not None
        assert await world.sandbox.submit(world.ben, form["id"], {"need_now": "Sunscreen"}) == {}

        assert (await world.facts(world.ben)).person.preferences.need_now == "Sunscreen"
        assert await self.away(world) == before != []

    async def test_a_vacation_status_that_only_the_directory_tells_of_is_remembered(
        self, world: World
    ) -> None:
        async def nightly() -> None:
            async with world.database.workspace(world.id) as db:
                await queue.defer(db, queue.sync_directory(world.id))
            await world.settle()

        world.sandbox.workspace.user(world.ben).status_emoji = ":palm_tree:"
        await nightly()
        began = await self.away(world)
        await nightly()
        assert [gone.end - gone.start for gone in began] == [timedelta(days=60)]
        assert await self.away(world) == began

        world.sandbox.workspace.user(world.ben).status_emoji = ""
        await nightly()
        assert await self.away(world) == []

    async def away(self, world: World) -> list[absences.Absence]:
        async with world.database.workspace(world.id) as db:
            return await absences.since(db, world.id, [world.ben], world.now().date())

    async def test_a_form_sent_by_somebody_who_paused_counts_and_nobody_writes_to_them(
        self, world: World
    ) -> None:
        await world.sandbox.command(world.ana, world.team, "/mutual", "pause")
        heard = len(world.sandbox.ephemerals(world.ana))
        await world.sandbox.command(world.ana, world.team, "/kudos")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.submit(world.ana, form["id"], {"people": [world.ben], "reason": "kudos"})
        await world.settle()

        assert await world.standing() == {("ana", "ben", "kudos")}
        assert len(world.sandbox.ephemerals(world.ana)) == heard

    async def test_settings_keep_capacity_and_pause(self, world: World) -> None:
        await world.sandbox.open_home(world.ana)
        shown = world.sandbox.home(world.ana)
        assert shown is not None
        await world.sandbox.press(world.ana, shown, "open_settings")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.submit(
            world.ana, form["id"], {"at_capacity_until": "2099-03-09", "paused": ["paused"]}
        )

        async with world.database.workspace(world.id) as db:
            chosen = (await people.known(db, world.id, [world.ana])).people[world.ana].preferences
        assert (str(chosen.at_capacity_until), chosen.paused) == ("2099-03-09", True)

    async def test_somebody_who_leaves_leaves_no_open_ask(self, world: World) -> None:
        await world.sandbox.command(world.ana, world.team, "/ask", "A reviewer")
        form = world.sandbox.modal(world.ana)
        assert form is not None
        await world.sandbox.submit(world.ana, form["id"], {})
        await world.settle()

        await world.sandbox.deactivate(world.ana)
        await world.settle()

        assert world.sandbox.messages(world.team)[0]["text"] == (
            f"<@{world.ana}> asked for help, and this ask is closed."
        )
