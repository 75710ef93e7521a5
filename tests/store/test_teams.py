"""Teams against a real PostgreSQL: who is on them since when, and what a manager is shown."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, text

from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.people import Person
from slackapp.domain.policies import Policy
from slackapp.domain.teampages import AskFigures, TeamPage
from slackapp.domain.teams import Membership, Origin, Team
from slackapp.store import (
    absences,
    evidence,
    gestures,
    people,
    privacy,
    stretches,
    teampages,
    teams,
    workspaces,
)
from slackapp.store.absences import Absence
from slackapp.store.database import Database
from slackapp.store.tables import findings
from tests.conftest import CAST, NOW, UTC_ZONE

DAY = timedelta(days=1)
TODAY = NOW.date()
CREW = [f"U0{name}" for name in ("DEE", "ELI", "FAY", "GUS", "HAL", "IDA")]


def lanterns(*, origin: Origin = Origin(), managers: tuple[str, ...] = ("U0MIA",)) -> Team:
    return Team(uuid4(), "Lanterns", origin, managers)


async def make(
    database: Database, workspace_id: str, members: Sequence[str], team: Team | None = None, day: date = TODAY
) -> Team:
    team = team or lanterns()
    async with database.workspace(workspace_id) as db:
        await teams.make(db, workspace_id, team, NOW)
        await teams.keep(db, workspace_id, team.team_id, members, day)
    return team


async def on(database: Database, workspace_id: str, team_id: UUID) -> list[str]:
    async with database.workspace(workspace_id) as db:
        return [member.person for member in await teams.members(db, workspace_id, team_id)]


async def keep(
    database: Database, workspace_id: str, team: Team, members: Sequence[str], day: date
) -> list[str]:
    async with database.workspace(workspace_id) as db:
        return await teams.keep(db, workspace_id, team.team_id, members, day)


async def test_a_team_is_made_once_and_holds_only_people_who_take_part(
    database: Database, workspace_id: str
) -> None:
    team = await make(database, workspace_id, list(CAST))
    await make(database, workspace_id, list(CAST), team)

    assert await on(database, workspace_id, team.team_id) == ["U0ANA", "U0BEN", "U0CY", "U0MIA", "U0ZED"]
    async with database.workspace(workspace_id) as db:
        assert await teams.every(db, workspace_id) == [team]


async def test_joining_leaving_and_coming_back_are_spells_of_their_own(
    database: Database, workspace_id: str
) -> None:
    team = await make(database, workspace_id, ["U0ANA", "U0BEN"])

    assert await keep(database, workspace_id, team, ["U0BEN", "U0CY"], TODAY + DAY) == ["U0ANA", "U0CY"]
    assert await keep(database, workspace_id, team, ["U0BEN", "U0CY"], TODAY + DAY) == []
    await keep(database, workspace_id, team, ["U0ANA", "U0BEN", "U0CY"], TODAY + 9 * DAY)

    async with database.workspace(workspace_id) as db:
        assert await teams.members(db, workspace_id, team.team_id, since=TODAY) == [
            Membership("U0ANA", TODAY, TODAY + DAY),
            Membership("U0ANA", TODAY + 9 * DAY),
            Membership("U0BEN", TODAY),
            Membership("U0CY", TODAY + DAY),
        ]
        lately = await teams.members(db, workspace_id, team.team_id, since=TODAY + DAY)
    assert [member.joined for member in lately if member.person == "U0ANA"] == [TODAY + 9 * DAY]


async def test_leaving_and_coming_back_on_one_day_is_as_if_nothing_happened_but_sharing_ends(
    database: Database, workspace_id: str
) -> None:
    team = await make(database, workspace_id, ["U0ANA", "U0BEN"])
    async with database.workspace(workspace_id) as db:
        await teams.share(db, workspace_id, team.team_id, "U0ANA", shares=True)
    assert await keep(database, workspace_id, team, ["U0BEN"], TODAY + DAY) == ["U0ANA"]
    assert await keep(database, workspace_id, team, ["U0ANA", "U0BEN"], TODAY + DAY) == ["U0ANA"]

    async with database.workspace(workspace_id) as db:
        assert await teams.members(db, workspace_id, team.team_id, since=TODAY) == [
            Membership("U0ANA", TODAY),
            Membership("U0BEN", TODAY),
        ]


async def test_a_channel_event_moves_one_person_on_every_team_it_keeps(
    database: Database, workspace_id: str
) -> None:
    team = await make(database, workspace_id, ["U0ANA"], lanterns(origin=Origin("channel", "C0TEAM")))
    other = await make(database, workspace_id, ["U0ANA"])

    async with database.workspace(workspace_id) as db:
        kept = [found.team_id for found in await teams.kept_by(db, workspace_id, "C0TEAM")]
        assert await teams.join(db, workspace_id, kept, ["U0BEN", "U0BOT"], TODAY) == ["U0BEN"]
        assert await teams.join(db, workspace_id, kept, ["U0BEN"], TODAY) == []
        await teams.leave(db, workspace_id, "U0ANA", TODAY, kept)

    assert await on(database, workspace_id, team.team_id) == ["U0BEN"]
    assert await on(database, workspace_id, other.team_id) == ["U0ANA"]


async def test_whoever_leaves_slack_is_on_no_team(database: Database, workspace_id: str) -> None:
    team = await make(database, workspace_id, ["U0ANA", "U0BEN"])
    async with database.workspace(workspace_id) as db:
        await people.put(db, workspace_id, [Person("U0ANA", "Ana", is_deactivated=True)], NOW)
        await teams.follow_slack(db, workspace_id, TODAY + DAY)

    assert await on(database, workspace_id, team.team_id) == ["U0BEN"]
    # Slack may still list them in the channel on that day.
    await keep(database, workspace_id, team, ["U0ANA", "U0BEN"], TODAY + DAY)
    assert await on(database, workspace_id, team.team_id) == ["U0BEN"]


@pytest.mark.parametrize("days", [0, 30])
async def test_who_comes_back_to_slack_is_back_on_the_teams_made_by_hand(
    database: Database, workspace_id: str, days: int
) -> None:
    by_hand = await make(database, workspace_id, ["U0ANA", "U0BEN"])
    left_before = await make(database, workspace_id, ["U0ANA", "U0BEN"])
    follows = await make(
        database, workspace_id, ["U0ANA", "U0BEN"], lanterns(origin=Origin("channel", "C0TEAM"))
    )
    closed = await make(database, workspace_id, ["U0ANA", "U0BEN"])
    await keep(database, workspace_id, left_before, ["U0BEN"], TODAY)

    async def slack_says(day: date, *, gone: bool) -> None:
        async with database.workspace(workspace_id) as db:
            await people.put(db, workspace_id, [Person("U0ANA", "Ana", is_deactivated=gone)], NOW)
            for _ in range(2):
                await teams.follow_slack(db, workspace_id, day, "U0ANA")

    async with database.workspace(workspace_id) as db:
        await teams.group(db, workspace_id, by_hand.team_id, "Billing", ["U0ANA"])
        await teams.share(db, workspace_id, by_hand.team_id, "U0ANA", shares=True)
    await slack_says(TODAY + DAY, gone=True)
    async with database.workspace(workspace_id) as db:
        await teams.close(db, workspace_id, closed.team_id, NOW, TODAY)
    assert await on(database, workspace_id, by_hand.team_id) == ["U0BEN"]
    await slack_says(TODAY + DAY * (1 + days), gone=False)

    async with database.workspace(workspace_id) as db:
        ana, _ = await teams.members(db, workspace_id, by_hand.team_id)
    assert (ana.person, ana.left, ana.group, ana.shares) == ("U0ANA", None, "Billing", False)
    assert ana.joined == (TODAY + DAY * (1 + days) if days else TODAY)
    for other in (left_before, follows):
        assert await on(database, workspace_id, other.team_id) == ["U0BEN"]
    assert await on(database, workspace_id, closed.team_id) == []


async def test_a_closed_team_is_nobodys(database: Database, workspace_id: str) -> None:
    team = await make(database, workspace_id, ["U0ANA"])
    async with database.workspace(workspace_id) as db:
        for _ in range(2):
            await teams.close(db, workspace_id, team.team_id, NOW, TODAY)
        assert await teams.find(db, workspace_id, team.team_id) is None
        assert await teams.managed_by(db, workspace_id, "U0MIA") == []
        assert await teams.of_person(db, workspace_id, "U0ANA") == []


async def test_nobody_is_put_back_on_a_team_that_was_closed_meanwhile(
    database: Database, workspace_id: str
) -> None:
    """A sync reads the channel for minutes, and keeps in step what it found open before."""
    team = await make(database, workspace_id, ["U0ANA"], lanterns(origin=Origin("channel", "C0TEAM")))
    async with database.workspace(workspace_id) as db:
        await teams.close(db, workspace_id, team.team_id, NOW, TODAY)
    assert await keep(database, workspace_id, team, ["U0ANA", "U0BEN"], TODAY) == []

    assert await on(database, workspace_id, team.team_id) == []


async def test_a_team_that_is_being_closed_is_waited_for(database: Database, workspace_id: str) -> None:
    team = await make(database, workspace_id, [], lanterns(origin=Origin("channel", "C0TEAM")))
    async with database.workspace(workspace_id) as db:
        await teams.close(db, workspace_id, team.team_id, NOW, TODAY)
        joining = asyncio.create_task(keep(database, workspace_id, team, ["U0ANA"], TODAY))
        await asyncio.sleep(0.1)
        assert not joining.done()

    assert await joining == []
    assert await on(database, workspace_id, team.team_id) == []


async def test_whoever_was_left_on_a_closed_team_is_on_none(database: Database, workspace_id: str) -> None:
    """As what was kept before teams were locked may have it."""
    team = await make(database, workspace_id, ["U0ANA"])
    async with database.workspace(workspace_id) as db:
        await db.execute(text("UPDATE teams SET closed_at = now()"))
        found = list(await evidence.histories(db, workspace_id, [evidence.EVERYONE_ELSE], TODAY))

    assert await on(database, workspace_id, team.team_id) == ["U0ANA"]
    assert "U0ANA" in {member.person for member in found[0].members}


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
async def test_days_are_those_of_the_workspace_wherever_the_database_is(
    database: Database, workspace_id: str, zone: str
) -> None:
    """One of the two zones has another day than any database at any time."""
    async with database.workspace(workspace_id) as db:
        await workspaces.choose(db, workspace_id, emoji={}, timezone=zone)
    made_at = datetime(2026, 3, 3, 11, 0, tzinfo=UTC)  # the 4th in Kiritimati, the 2nd at the other end
    made_on = made_at.astimezone(ZoneInfo(zone)).date()
    team = lanterns()
    async with database.workspace(workspace_id) as db:
        await teams.make(db, workspace_id, team, made_at)
        await teams.keep(db, workspace_id, team.team_id, ["U0ANA"], made_on)
        await teams.join(db, workspace_id, [team.team_id], ["U0BEN"], made_on + DAY)
        await teams.join(db, workspace_id, [team.team_id], ["U0CY"], made_on + 2 * DAY)
        await teams.looked(db, workspace_id, team.team_id, "U0MIA", made_at)

        (history,) = await evidence.histories(db, workspace_id, [team.team_id], made_on)
        joined = {member.person: member.joined for member in history.members}
        assert joined == {"U0ANA": None, "U0BEN": None, "U0CY": made_on + 2 * DAY}
        assert len((await privacy.stored(db, workspace_id, "U0ANA")).looks) == 1
        assert (await privacy.stored(db, workspace_id, "U0BEN")).looks == ()


async def test_sub_groups_are_kept_with_the_members(database: Database, workspace_id: str) -> None:
    team = await make(database, workspace_id, ["U0ANA", "U0BEN", "U0CY"])
    async with database.workspace(workspace_id) as db:
        await teams.group(db, workspace_id, team.team_id, "Billing", ["U0ANA", "U0BEN", "U0ZED"])
        await teams.group(db, workspace_id, team.team_id, None, ["U0BEN"])
        found = {m.person: m.group for m in await teams.members(db, workspace_id, team.team_id)}
    assert found == {"U0ANA": "Billing", "U0BEN": None, "U0CY": None}


async def test_home_tells_members_who_manages_and_managers_what_they_manage(
    database: Database, workspace_id: str
) -> None:
    team = await make(database, workspace_id, ["U0ANA", "U0BEN"])
    async with database.workspace(workspace_id) as db:
        anas = await teams.on_home(db, workspace_id, CAST["U0ANA"], Policy(), TODAY)
        mias = await teams.on_home(db, workspace_id, CAST["U0MIA"], Policy(), TODAY)
        zeds = await teams.on_home(db, workspace_id, CAST["U0ZED"], Policy(), TODAY)
        await teams.close(db, workspace_id, team.team_id, NOW, TODAY)
        closed = await teams.on_home(db, workspace_id, CAST["U0MIA"], Policy(), TODAY)

    assert [(own.team.name, own.shares) for own in anas.mine] == [("Lanterns", False)]
    assert anas.names == {"U0MIA": "Mia"}
    assert (anas.managed, anas.may_make) == ((), False)
    assert (mias.mine, mias.managed, mias.may_make) == ((), ((team, 2),), True)
    assert (zeds.mine, zeds.managed, zeds.looks) == ((), (), ())
    assert [seen.may_change_any for seen in (anas, mias, zeds, closed)] == [False, True, False, False]


# Away


async def test_absences_are_remembered_with_the_day_they_began(database: Database, workspace_id: str) -> None:
    async def note(until: date | None, today: date) -> list[Absence]:
        async with database.workspace(workspace_id) as db:
            await absences.note(db, workspace_id, "U0ANA", until, today)
            return await absences.since(db, workspace_id, ["U0ANA", "U0BEN"], TODAY)

    assert await note(TODAY + 5 * DAY, TODAY) == [Absence("U0ANA", TODAY, TODAY + 5 * DAY)]
    assert await note(TODAY + 9 * DAY, TODAY + DAY) == [Absence("U0ANA", TODAY, TODAY + 9 * DAY)]
    assert await note(None, TODAY + 3 * DAY) == [Absence("U0ANA", TODAY, TODAY + 2 * DAY)]
    assert await note(None, TODAY + 3 * DAY) == [Absence("U0ANA", TODAY, TODAY + 2 * DAY)]
    assert len(await note(TODAY + 20 * DAY, TODAY + 10 * DAY)) == 2
    assert len(await note(None, TODAY + 10 * DAY)) == 1  # said and taken back on the same day


# The team page


async def exchange(
    database: Database, workspace_id: str, circle: Sequence[str], weeks_ago: int = 1, kind: str = "kudos"
) -> None:
    """Everyone gives to the next one in the circle."""
    at = NOW - timedelta(weeks=weeks_ago)
    async with database.workspace(workspace_id) as db:
        for giver, receiver in zip(circle, [*circle[1:], circle[0]], strict=True):
            act = gestures_to(
                [receiver],
                giver=giver,
                kind=kind,
                source=Source(f"{giver}-{receiver}-{weeks_ago}-{kind}-{uuid4()}"),
                at=at,
                tz=UTC_ZONE,
            )
            await gestures.record(db, workspace_id, act, Mark("command"), NOW)


@pytest.fixture
async def crew(database: Database, workspace_id: str) -> list[str]:
    async with database.workspace(workspace_id) as db:
        await people.put(db, workspace_id, [Person(user, user[2:].title()) for user in CREW], NOW)
    return CREW


async def look(
    database: Database, workspace_id: str, team: Team, viewer: str = "U0MIA", now: datetime = NOW
) -> TeamPage | None:
    async with database.workspace(workspace_id) as db:
        return await teampages.read(db, workspace_id, team, viewer, Policy(), now)


async def seen(database: Database, workspace_id: str, team: Team, now: datetime = NOW) -> TeamPage:
    page = await look(database, workspace_id, team, now=now)
    assert page is not None
    return page


async def test_five_active_people_have_figures_and_four_have_none(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    team = await make(database, workspace_id, crew[:5])
    await exchange(database, workspace_id, crew[:4])
    page = await seen(database, workspace_id, team)
    assert page.figures is None
    assert page.hidden is not None
    assert "at least 5 people" in page.hidden

    await exchange(database, workspace_id, crew[:5], weeks_ago=2)
    page = await seen(database, workspace_id, team)
    assert page.figures is not None
    assert (page.figures.people, page.figures.one_way, page.waiting) == (5, 5, 1)  # last week was about four


async def test_nobody_but_managers_and_members_sees_a_team(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    team = await make(database, workspace_id, crew)

    assert await look(database, workspace_id, team, "U0ZED") is None
    member = await look(database, workspace_id, team, crew[0])
    assert member is not None
    assert (member.manages, member.sharing, member.counted) == (False, (), {})


async def test_a_manager_reads_the_balance_of_those_who_share_until_they_stop_or_leave(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    team = await make(database, workspace_id, crew)
    async with database.workspace(workspace_id) as db:
        await teams.share(db, workspace_id, team.team_id, crew[0], shares=True)
        await teams.share(db, workspace_id, team.team_id, crew[1], shares=True)
        await teams.share(db, workspace_id, team.team_id, "U0ZED", shares=True)  # not on the team
    assert [found.person for found in (await seen(database, workspace_id, team)).sharing] == crew[:2]

    await keep(database, workspace_id, team, crew[1:], TODAY)
    assert [found.person for found in (await seen(database, workspace_id, team)).sharing] == [crew[1]]
    async with database.workspace(workspace_id) as db:
        await teams.share(db, workspace_id, team.team_id, crew[1], shares=False)
    assert (await seen(database, workspace_id, team)).sharing == ()


async def test_a_pattern_is_counted_only_while_enough_people_could_be_meant(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    """Where five of six share, and none of them is named, the number is about the sixth."""
    team = await make(database, workspace_id, crew, day=TODAY - timedelta(weeks=12))
    await exchange(database, workspace_id, crew)
    async with database.workspace(workspace_id) as db:
        await db.execute(
            insert(findings),
            {
                "workspace_id": workspace_id,
                "team_id": team.team_id,
                "pattern": "over_giver",
                "subjects": crew[:1],
                "state": "stays",
                "week": TODAY,
                "since": TODAY,
                "figures": {},
                "words": {"person": "You give much.", "manager": f"{crew[0]} gives much."},
            },
        )

    async def counted() -> dict[str, int]:
        return dict((await seen(database, workspace_id, team)).counted)

    async def shares(*members: str) -> None:
        async with database.workspace(workspace_id) as db:
            for user in members:
                await teams.share(db, workspace_id, team.team_id, user, shares=True)

    assert await counted() == {"over_giver": 1}
    await shares(crew[5])
    assert await counted() == {"over_giver": 1}
    await shares(*crew[1:5])
    assert await counted() == {}
    await shares(crew[0])
    assert [told.sentence for told in (await seen(database, workspace_id, team)).findings] == [
        "Dee gives much."
    ]


async def test_a_pattern_is_counted_only_where_no_other_team_is_larger_by_a_few(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    """A number here, subtracted from the number there, would be about one person."""
    team = await make(database, workspace_id, crew, day=TODAY - timedelta(weeks=12))
    await exchange(database, workspace_id, crew)
    about = {"pattern": "over_giver", "subjects": crew[:1], "state": "stays", "figures": {}}
    async with database.workspace(workspace_id) as db:
        await db.execute(
            insert(findings),
            about
            | {"workspace_id": workspace_id, "team_id": team.team_id, "week": TODAY, "since": TODAY}
            | {"words": {"manager": "…"}},
        )
    assert (await seen(database, workspace_id, team)).counted == {"over_giver": 1}

    larger = await make(database, workspace_id, [*crew, "U0ANA"])
    assert (await seen(database, workspace_id, team)).counted == {}
    await keep(database, workspace_id, larger, [*crew[:5], "U0ANA"], TODAY)  # neither holds the other
    assert (await seen(database, workspace_id, team)).counted == {"over_giver": 1}


async def test_what_was_told_stays_when_somebody_joins_leaves_or_takes_something_back(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    team = await make(database, workspace_id, crew[:5])
    await exchange(database, workspace_id, crew[:5])
    before = (await seen(database, workspace_id, team)).figures
    assert before is not None

    await keep(database, workspace_id, team, crew, TODAY)
    await exchange(database, workspace_id, crew)
    assert (await seen(database, workspace_id, team)).figures == before
    await keep(database, workspace_id, team, crew[1:], TODAY)
    assert (await seen(database, workspace_id, team)).figures is None  # four of the five are left
    await keep(database, workspace_id, team, crew, TODAY)
    assert (await seen(database, workspace_id, team)).figures == before


async def test_weeks_that_closed_since_are_told_of_those_who_are_on_the_team_then(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    team = await make(database, workspace_id, crew)
    await exchange(database, workspace_id, crew)
    assert (await seen(database, workspace_id, team)).figures is not None

    await keep(database, workspace_id, team, crew[1:], TODAY)
    await exchange(database, workspace_id, crew, weeks_ago=0)
    later = (await seen(database, workspace_id, team, NOW + timedelta(weeks=1))).figures
    assert later is not None
    assert later.rhythm[-2:] == (6, 5)
    assert (await seen(database, workspace_id, team, NOW + timedelta(weeks=26))).figures is None


async def test_the_newest_week_waits_where_it_would_be_about_a_few(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    team = await make(database, workspace_id, crew)
    await exchange(database, workspace_id, crew, weeks_ago=2)
    await exchange(database, workspace_id, crew[:2], weeks_ago=1)
    page = await seen(database, workspace_id, team)

    assert page.figures is not None
    assert (page.waiting, page.figures.rhythm[-1], page.counted) == (1, 6, {})


async def test_a_second_team_of_almost_the_same_people_shows_nothing(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    first = await make(database, workspace_id, crew)
    second = await make(database, workspace_id, crew[:5])
    await exchange(database, workspace_id, crew[:5])
    await exchange(database, workspace_id, crew)

    assert (await seen(database, workspace_id, first)).figures is not None
    page = await seen(database, workspace_id, second)
    assert page.figures is None
    assert page.hidden is not None
    assert page.hidden.startswith("Some of these people are on another team whose figures were shown before")


async def test_an_undone_gesture_does_not_show_itself_by_a_second_look(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    team, again = await make(database, workspace_id, crew), await make(database, workspace_id, crew)
    await exchange(database, workspace_id, crew)
    await exchange(database, workspace_id, crew, kind="help")
    before = (await seen(database, workspace_id, team)).figures
    async with database.workspace(workspace_id) as db:
        await gestures.record(
            db,
            workspace_id,
            gestures_to(
                [crew[1]],
                giver=crew[0],
                kind="help",
                source=Source("late"),
                at=NOW - 8 * DAY,
                tz=UTC_ZONE,
            ),
            Mark("command"),
            NOW,
        )

    assert (await seen(database, workspace_id, team)).figures == before
    # Nor by the look at another team of the same people, which would count it.
    assert (await seen(database, workspace_id, again)).figures is None


async def test_an_import_is_told_although_its_weeks_were_told_before(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    team = await make(database, workspace_id, crew)
    await exchange(database, workspace_id, crew)
    await seen(database, workspace_id, team)
    for weeks_ago in range(1, 9):
        await exchange(database, workspace_id, crew[::-1], weeks_ago=weeks_ago)

    found = (await seen(database, workspace_id, team)).figures
    assert found is not None
    assert (found.rhythm, found.mutual) == ((0,) * 4 + (6,) * 8, 6)


async def test_whoever_reads_what_is_theirs_alone_keeps_nobody_else_waiting(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    """One manager's page waits for findings; another's is told meanwhile."""
    team = await make(database, workspace_id, crew)
    async with database.workspace(workspace_id) as db:
        await db.execute(text("LOCK TABLE findings IN ACCESS EXCLUSIVE MODE"))
        reading = asyncio.create_task(seen(database, workspace_id, team))
        await asyncio.sleep(0.3)
        assert not reading.done()
        await db.execute(text("SET LOCAL lock_timeout = '200ms'"))
        await stretches.lock(db, workspace_id)
    await reading


async def test_who_is_erased_or_gets_another_id_changes_no_figure(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    team = await make(database, workspace_id, crew)
    await exchange(database, workspace_id, crew)
    before = (await seen(database, workspace_id, team)).figures
    assert before is not None
    async with database.workspace(workspace_id) as db:
        await privacy.erase(db, workspace_id, crew[0], TODAY)
        await privacy.merge(db, workspace_id, crew[1], "U0NEWID")
        kept = list(await db.scalars(text("SELECT CAST(s AS text) FROM stretches AS s")))

    assert not any(crew[0] in row or crew[1] in row for row in kept)
    assert (await seen(database, workspace_id, team)).figures == before


async def test_two_who_turn_out_to_be_one_person_break_no_page(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    team = await make(database, workspace_id, crew)
    await exchange(database, workspace_id, crew)
    assert (await seen(database, workspace_id, team)).figures is not None
    async with database.workspace(workspace_id) as db:
        await privacy.merge(db, workspace_id, crew[0], crew[1])  # next to each other in the circle

    found = (await seen(database, workspace_id, team)).figures
    assert found is not None
    assert (found.people, found.one_way) == (5, 5)


async def test_sub_groups_are_told_how_much_help_crosses(database: Database, workspace_id: str) -> None:
    names = [f"U0P{n:02}" for n in range(12)]
    async with database.workspace(workspace_id) as db:
        await people.put(db, workspace_id, [Person(user, user[2:]) for user in names], NOW)
    team = await make(database, workspace_id, names)
    async with database.workspace(workspace_id) as db:
        await teams.group(db, workspace_id, team.team_id, "Billing", names[:6])
        await teams.group(db, workspace_id, team.team_id, "Platform", names[6:])
    for circle in (names[:6], names[6:]):
        await exchange(database, workspace_id, circle, kind="help")
    for one, other in zip(names[:6], names[6:], strict=True):
        await exchange(database, workspace_id, [one, other], kind="help")

    found = (await seen(database, workspace_id, team)).figures
    assert found is not None
    assert found.groups is not None
    assert (found.groups.sizes, found.groups.helps, found.groups.crossed) == (
        (("Billing", 6), ("Platform", 6)),
        24,
        12,
    )
    assert (await seen(database, workspace_id, team)).figures == found


async def test_every_look_of_a_manager_is_told_to_the_members(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    team = await make(database, workspace_id, crew)
    await seen(database, workspace_id, team)
    await look(database, workspace_id, team, crew[1])  # a member's own look is nobody's business

    async with database.workspace(workspace_id) as db:
        (told,) = (await teams.on_home(db, workspace_id, Person(crew[0], "Dee"), Policy(), TODAY)).looks
        nothing = (await teams.on_home(db, workspace_id, CAST["U0ZED"], Policy(), TODAY)).looks
    assert (told.team, told.manager, told.at) == ("Lanterns", "U0MIA", NOW)
    assert nothing == ()


async def test_asks_are_told_once_enough_people_asked(
    database: Database, workspace_id: str, crew: list[str]
) -> None:
    team = await make(database, workspace_id, crew)
    await exchange(database, workspace_id, crew)
    asked_at = NOW - timedelta(weeks=1)

    async def ask(*askers: str) -> None:
        async with database.workspace(workspace_id) as db:
            for number, asker in enumerate(askers):
                made = uuid4()
                await db.execute(
                    text(
                        "INSERT INTO asks (workspace_id, ask_id, asker_id, text, kind, asked_at, changed_at) "
                        "VALUES (:w, :ask, :asker, 'who knows?', 'answer', :at, :at)"
                    ),
                    {"w": workspace_id, "ask": made, "asker": asker, "at": asked_at},
                )
                if number:
                    await db.execute(
                        text(
                            "INSERT INTO offers (workspace_id, offer_id, ask_id, helper_id, receiver_id, help_id, "
                            "offered_at, changed_at) VALUES (:w, :offer, :ask, 'U0ANA', :asker, :help, :at, :at)"
                        ),
                        {
                            "w": workspace_id,
                            "offer": uuid4(),
                            "ask": made,
                            "asker": asker,
                            "help": uuid4(),
                            "at": asked_at + timedelta(hours=number),
                        },
                    )

    await ask(*crew[:4])
    found = (await seen(database, workspace_id, team)).figures
    assert found is not None
    assert found.asks is None
    await ask(*crew[4:6])
    later = (await seen(database, workspace_id, team, NOW + timedelta(weeks=1))).figures
    assert later is not None
    assert later.asks == AskFigures(asked=6, answered=4, hours_to_first_offer=1.5)
    assert (await seen(database, workspace_id, team, NOW + timedelta(weeks=1))).figures == later
