"""Patterns looked for in a real database: once a week has closed, again after imports, and read on Home."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from slackapp.domain.gestures import Gesture, Mark, Source
from slackapp.domain.weeks import last_closed_week
from slackapp.store import findings, gestures, privacy, queue, teams
from slackapp.store.tables import findings as table
from slackapp.store.tables import gestures as gesture_table
from tests.listeners.test_teams import change, make
from tests.world import World, words

BERLIN = ZoneInfo("Europe/Berlin")


async def live_through(world: World, weeks: int, *, giver: str, receiver: str, back: int = 0) -> None:
    """Two acts of kudos a week one way, and `back` in all the other way, up to the last closed week."""
    monday = last_closed_week(world.now(), BERLIN)
    acts = []
    for week in range(weeks):
        for day in (1, 3):
            moment = datetime.combine(monday - timedelta(weeks=week, days=-day), time(10), BERLIN)
            way = (receiver, giver) if week < back and day == 1 else (giver, receiver)
            source = Source(f"history:{giver}:{receiver}:{week}:{day}")
            acts.append(Gesture(*way, "kudos", source, moment, moment.date(), note="thank you"))
    async with world.database.workspace(world.id) as db:
        await gestures.record(db, world.id, acts, Mark("history"), world.now())


async def look(world: World, *, again: bool = False) -> None:
    async with world.database.workspace(world.id) as db:
        await queue.defer(db, queue.find_patterns(world.id, again=again))
    await world.settle()


async def found(world: World) -> set[tuple[str, tuple[str, ...]]]:
    names = {user: name for name, user in world.people.items()}
    async with world.database.workspace(world.id) as db:
        rows = await db.execute(select(table))
        return {(row.pattern, tuple(names[user] for user in row.subjects)) for row in rows}


async def home_of(world: World, user: str) -> str:
    await world.sandbox.open_home(user)
    return words((world.sandbox.home(user) or {})["blocks"])


async def test_a_one_sided_pair_is_told_softly_to_both_in_their_own_words(world: World) -> None:
    await live_through(world, 10, giver=world.ana, receiver=world.ben, back=1)

    await look(world)

    assert ("one_sided_pair", ("ana", "ben")) in await found(world)
    assert "you did 19 things for Ben and Ben did 1 for you." in await home_of(world, world.ana)
    assert "Ana did 19 things for you and you did 1 for Ana." in await home_of(world, world.ben)
    assert "Something you may want to know" not in await home_of(world, world.zed)


async def test_what_was_noticed_is_in_a_copy_of_ones_data_in_ones_own_words(world: World) -> None:
    """Also what they called expected, which is stored all the same."""
    await live_through(world, 10, giver=world.ana, receiver=world.ben, back=1)
    await look(world)
    async with world.database.workspace(world.id) as db:
        today = world.now().date()
        for told in await findings.for_person(db, world.id, world.ben, today):
            said = findings.Said(told.pattern, told.subjects)
            await findings.expect(db, world.id, world.ben, said, "mentor", today)
        assert await findings.for_person(db, world.id, world.ben, today) == []
        his = str((await privacy.everything(db, world.id, world.ben))["findings"])

    assert "Ana did 19 things for you and you did 1 for Ana." in his
    assert "you did 19 things" not in his


async def test_little_evidence_says_nothing(world: World) -> None:
    await live_through(world, 3, giver=world.ana, receiver=world.ben)

    await look(world)

    assert await found(world) == set()
    assert "Something you may want to know" not in await home_of(world, world.ana)


async def test_a_week_is_looked_at_once_and_again_when_asked(world: World) -> None:
    await look(world)
    await live_through(world, 10, giver=world.ana, receiver=world.ben)

    await look(world)
    assert await found(world) == set()

    await look(world, again=True)
    before = await found(world)
    assert ("one_sided_pair", ("ana", "ben")) in before

    await look(world, again=True)
    assert await found(world) == before


async def test_findings_follow_from_the_gestures_alone(world: World) -> None:
    await live_through(world, 10, giver=world.ana, receiver=world.ben)
    await look(world)
    assert await found(world)

    async with world.database.workspace(world.id) as db:
        await db.execute(gesture_table.update().values(retracted_at=world.now()))
    await look(world, again=True)

    assert await found(world) == set()


async def test_what_is_found_follows_a_team_that_is_made_and_closed(world: World) -> None:
    async def found_on() -> dict[str, str]:
        async with world.database.workspace(world.id) as db:
            names = {team.team_id: team.name for team in await teams.every(db, world.id)}
            rows = await db.execute(select(table).where(table.c.pattern == "one_sided_pair"))
            return {names.get(row.team_id, "no team"): row.words["manager"] for row in rows}

    await live_through(world, 10, giver=world.ana, receiver=world.ben, back=1)
    await look(world)
    assert list(await found_on()) == ["no team"]

    await make(world, world.mia, people=[world.ana, world.ben], managers=[world.mia])
    assert list(await found_on()) == ["Lanterns"]

    await change(world, world.mia, close=["close"])
    assert list(await found_on()) == ["no team"]
    assert (await home_of(world, world.ana)).count("you did 19 things for Ben") == 1


async def test_a_name_in_a_finding_is_never_read_as_markup(world: World) -> None:
    await live_through(world, 10, giver=world.ana, receiver=world.ben, back=1)
    await look(world)
    await world.sandbox.change_user(world.ben, display_name="<https://evil.example|Ben> & co")
    await world.settle()

    assert "things for &lt;https://evil.example|Ben&gt; &amp; co and" in await home_of(world, world.ana)


async def test_nobody_is_told_about_others(world: World) -> None:
    await live_through(world, 10, giver=world.ana, receiver=world.ben)
    await look(world)
    assert await found(world)

    async with world.database.workspace(world.id) as db:
        for user in (world.cy, world.zed, world.mia):
            assert await findings.for_person(db, world.id, user, world.now().date()) == []


async def test_what_is_drawn_is_what_the_sentence_counts(world: World) -> None:
    await make(world, world.mia, people=[world.ana, world.ben, world.cy, world.zed], managers=[world.mia])
    for receiver in (world.ben, world.cy, world.zed, world.mia):  # the last is not on the team
        await live_through(world, 8, giver=world.ana, receiver=receiver)
    await look(world, again=True)
    assert "you did 48 things for others" in await home_of(world, world.ana)

    view = world.sandbox.home(world.ana)
    assert view is not None
    await world.sandbox.press(world.ana, view["id"], "why_finding")

    modal = world.sandbox.modal(world.ana)
    assert modal is not None
    (given,) = re.findall(r"You gave .* (\d+)", words(modal["blocks"]))
    assert given == "48"


class TestAnswering:
    @pytest.fixture
    async def told(self, world: World) -> World:
        await live_through(world, 10, giver=world.ana, receiver=world.ben, back=1)
        await look(world)
        await world.sandbox.open_home(world.ana)
        return world

    async def test_why_shows_the_counts_week_by_week(self, told: World) -> None:
        view = told.sandbox.home(told.ana)
        assert view is not None

        await told.sandbox.press(told.ana, view["id"], "why_finding")

        modal = told.sandbox.modal(told.ana)
        assert modal is not None
        read = words(modal["blocks"])
        assert "You gave" in read
        assert "Ben gave you" in read
        assert "It has been so since the week of" in read

    async def test_what_is_expected_rests_for_twelve_weeks_for_both(self, told: World) -> None:
        view = told.sandbox.home(told.ana)
        assert view is not None
        await told.sandbox.press(told.ana, view["id"], "expect_finding")
        modal = told.sandbox.modal(told.ana)
        assert modal is not None

        await told.sandbox.submit(told.ana, modal["id"], {"role": "mentor"})
        await told.settle()

        assert "you did 19 things for Ben" not in await home_of(told, told.ana)
        assert ("one_sided_pair", ("ana", "ben")) not in await found(told)
        assert "Ana did 19 things for you" not in await home_of(told, told.ben)

    async def test_not_helpful_is_heard_and_only_for_who_said_it(self, told: World) -> None:
        view = told.sandbox.home(told.ana)
        assert view is not None

        await told.sandbox.press(told.ana, view["id"], "remark_finding")
        await told.settle()

        async with told.database.workspace(told.id) as db:
            today = told.now().date()
            mine = {w.pattern for w in await findings.for_person(db, told.id, told.ana, today)}
            his = {w.pattern for w in await findings.for_person(db, told.id, told.ben, today)}
        assert "one_sided_pair" not in mine
        assert "one_sided_pair" in his

    async def test_a_forged_finding_opens_nothing_about_others(self, told: World) -> None:
        view = told.sandbox.home(told.ana)
        assert view is not None
        about = next(
            element["value"]
            for block in view["blocks"]
            for element in block.get("elements", [])
            if element.get("action_id") == "why_finding"
        )
        await told.sandbox.open_home(told.zed)
        home = told.sandbox.home(told.zed)
        assert home is not None

        await told.sandbox.act(
            told.zed,
            home["id"],
            home["blocks"][2],
            {"type": "button", "action_id": "why_finding", "value": about},
        )

        modal = told.sandbox.modal(told.zed)
        assert modal is not None
        assert words(modal["blocks"]) == "This no longer holds."
