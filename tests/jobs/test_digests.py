"""Digests against the sandbox Slack over HTTP, and what happens when something goes wrong on the way."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from slackapp.app import Roles
from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.people import Person
from slackapp.domain.policies import Policy
from slackapp.domain.preferences import Preferences
from slackapp.domain.teams import Origin, Team
from slackapp.jobs.delivery import Pace
from slackapp.jobs.digests import deliver_digests, personal
from slackapp.jobs.shell import Shell
from slackapp.sandbox import SlackError
from slackapp.store import (
    digests,
    gestures,
    installations,
    people,
    policies,
    preferences,
    queue,
    teams,
    workspaces,
)
from slackapp.store.database import Database
from slackapp.store.installations import Installation
from tests import heard
from tests.conftest import UTC_ZONE
from tests.world import World, make_world, words

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # half past ten in Berlin


@dataclass
class Desk:
    """A world without a worker: the test runs the job itself, at a time of its own."""

    world: World
    shell: Shell

    async def run(self, now: datetime = MONDAY, *, tries: int = 0) -> None:
        shell = replace(self.shell, now=lambda: now)
        context: Any = SimpleNamespace(additional_context={"shell": shell})
        await deliver_digests(context, workspace_id=self.world.id, tries=tries)

    async def wants_digest(self, *users: str, **chosen: Any) -> None:
        async with self.world.database.workspace(self.world.id) as db:
            for user in users:
                await preferences.put(db, self.world.id, user, Preferences(digest=True, **chosen))

    async def gave(self, giver: str, *receivers: str, kind: str = "thanks", **more: Any) -> None:
        async with self.world.database.workspace(self.world.id) as db:
            acts = gestures_to(
                receivers,
                giver=giver,
                kind=kind,
                source=Source(f"test:{uuid4()}", more.pop("channel", None)),
                at=more.pop("at", MONDAY - timedelta(days=3)),
                tz=UTC_ZONE,
                **more,
            )
            await gestures.record(db, self.world.id, acts, Mark("command"), MONDAY)

    async def outcomes(self, kind: str = "digest") -> dict[str, str | None]:
        names = {user: name for name, user in self.world.people.items()}
        async with self.world.database.workspace(self.world.id) as db:
            rows = await db.execute(
                text("SELECT recipient, outcome FROM deliveries WHERE kind = :kind"), {"kind": kind}
            )
            return {names.get(row.recipient, row.recipient): row.outcome for row in rows}

    async def queued(self) -> list[datetime | None]:
        async with self.world.database.engine.connect() as db:
            rows = await db.execute(
                text(
                    "SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'deliver_digests' "
                    "AND args->>'workspace_id' = :id AND status = 'todo'"
                ),
                {"id": self.world.id},
            )
            return list(rows.scalars())

    def dms(self, user: str) -> Sequence[dict[str, Any]]:
        return self.world.sandbox.messages(self.world.sandbox.dm(user))


@pytest.fixture
async def desk(database_url: str, database: Database) -> AsyncIterator[Desk]:
    async with (
        make_world(database_url, database, roles=Roles(web=True)) as world,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.5)) as http,
    ):
        async with database.workspace(world.id) as db:
            await people.put(
                db,
                world.id,
                [Person(user, name.title(), "Europe/Berlin") for name, user in world.people.items()],
                MONDAY,
            )
        settings = world.settings
        shell = Shell(database, settings.cipher, settings.slack_api_url, http, lambda: MONDAY, 0.0)
        yield Desk(world, shell)


async def test_who_asked_for_it_reads_their_week_once(desk: Desk) -> None:
    world = desk.world
    await desk.wants_digest(world.ana, world.ben)
    await desk.gave(world.cy, world.ana, world.zed, note="for the calm release")
    for _ in range(3):
        await desk.run()

    (message,) = desk.dms(world.ana)
    assert message["text"] == "Your week with Mutual. Cy thanked you or thought of you this week."
    read = words(message["blocks"])
    assert "for the calm release\n>— Cy" in read
    assert "You get this on Mondays after 9:00, because you asked for it. Only you see it." in read
    assert desk.dms(world.ben) == []  # nothing worth saying
    assert desk.dms(world.zed) == []  # nobody asked
    assert await desk.outcomes() == {"ana": "sent", "ben": "empty"}


async def test_notes_are_signed_also_by_who_is_away_or_gone_and_none_of_them_is_suggested(desk: Desk) -> None:
    world, earlier = desk.world, MONDAY - timedelta(days=6)
    await desk.wants_digest(world.ana)
    await desk.gave(world.ben, world.ana, kind="help", at=earlier)
    await desk.gave(world.cy, world.ana, kind="help", at=earlier)
    await desk.gave(world.zed, world.ana, kind="help", at=earlier)
    await desk.gave(world.ben, world.ana, note="for the map")
    await desk.gave(world.cy, world.ana, note="for the talk")
    async with world.database.workspace(world.id) as db:
        away = Preferences(away_until=MONDAY.date() + timedelta(days=3))
        await preferences.put(db, world.id, world.ben, away)
        gone, on_vacation = (
            Person(world.cy, "Cy", is_deactivated=True),
            Person(world.zed, "Zed", on_vacation=True),
        )
        await people.put(db, world.id, [gone, on_vacation], MONDAY)
    await desk.run()

    (message,) = desk.dms(world.ana)
    read = words(message["blocks"])
    assert "for the map\n>— Ben" in read
    assert "for the talk\n>— Cy" in read
    assert suggested(message) is None


def suggested(message: dict[str, Any]) -> str | None:
    """Who is thanked late in this digest, if anybody."""
    found = re.search(
        r"(\w+) helped you on .* A late thank-you is still a good one\.", words(message["blocks"])
    )
    return found[1] if found else None


async def test_a_late_thank_you_is_suggested_once_and_only_to_the_one_who_was_helped(desk: Desk) -> None:
    world = desk.world
    await desk.wants_digest(world.ana, world.ben, world.cy)
    for helper, days in ((world.ben, 5), (world.cy, 9)):
        await desk.gave(helper, world.ana, kind="help", at=MONDAY - timedelta(days=days))
    for week in range(4):
        # Something else worth a digest, every week.
        await desk.gave(world.zed, world.ana, world.ben, world.cy, at=MONDAY + timedelta(days=7 * week - 1))
        for _ in range(2):
            await desk.run(MONDAY + timedelta(weeks=week))

    assert [suggested(message) for message in desk.dms(world.ana)] == ["Ben", "Cy", None, None]
    for helper in (world.ben, world.cy):
        assert [suggested(message) for message in desk.dms(helper)] == [None] * 4


async def test_a_suggestion_is_not_lost_with_a_digest_that_slack_refused_for_now(desk: Desk) -> None:
    world = desk.world
    await desk.wants_digest(world.ana)
    await desk.gave(world.ben, world.ana, kind="help", at=MONDAY - timedelta(days=5))
    world.sandbox.api.broken["chat.postMessage"] = SlackError("ratelimited", retry_after=47)
    await desk.run()
    world.sandbox.api.broken.clear()
    await desk.run(MONDAY + timedelta(hours=1))

    assert [suggested(message) for message in desk.dms(world.ana)] == ["Ben"]


async def test_two_workers_at_the_same_moment_send_once(desk: Desk) -> None:
    world = desk.world
    await desk.wants_digest(world.ana, world.ben, world.cy)
    await desk.gave(world.zed, world.ana, world.ben, world.cy)
    await asyncio.gather(*(desk.run() for _ in range(4)))

    assert [len(desk.dms(user)) for user in (world.ana, world.ben, world.cy)] == [1, 1, 1]


async def test_what_was_missed_is_caught_up_that_day_and_never_later(desk: Desk) -> None:
    world = desk.world
    await desk.wants_digest(world.ana)
    await desk.gave(world.cy, world.ana)
    await desk.run(MONDAY - timedelta(hours=3))
    assert desk.dms(world.ana) == []
    await desk.run(MONDAY + timedelta(days=1))
    assert desk.dms(world.ana) == []
    await desk.run(MONDAY + timedelta(hours=13))
    assert len(desk.dms(world.ana)) == 1


async def lives(desk: Desk, user: str, zone: str) -> None:
    async with desk.world.database.workspace(desk.world.id) as db:
        await people.put(db, desk.world.id, [Person(user, "Ana", zone)], MONDAY)


async def test_it_comes_where_one_is_while_the_workspaces_week_is_still_open_and_moving_gives_no_second(
    desk: Desk,
) -> None:
    world = desk.world
    await desk.wants_digest(world.ana)
    await desk.gave(world.cy, world.ana, at=MONDAY - timedelta(days=2))
    await lives(desk, world.ana, "Pacific/Auckland")
    in_auckland = datetime(
        2026, 3, 1, 20, 30, tzinfo=UTC
    )  # half past nine on Monday; Sunday evening in Berlin
    await desk.run(in_auckland - timedelta(hours=1))
    assert desk.dms(world.ana) == []
    await desk.run(in_auckland)
    (message,) = desk.dms(world.ana)
    assert message["text"].startswith("Your week with Mutual. Cy thanked you")
    read = words(message["blocks"]).splitlines()
    assert read[read.index("Received:") + 1].endswith(
        ":large_green_square:"
    )  # Saturday was last week where they are

    await lives(desk, world.ana, "America/Los_Angeles")
    for hours in (1, 21, 27, 35):  # still Sunday there, and then the whole of Monday
        await desk.run(in_auckland + timedelta(hours=hours))
    assert len(desk.dms(world.ana)) == 1
    await lives(desk, world.ana, "Asia/Tokyo")
    await desk.gave(world.ben, world.ana, at=MONDAY + timedelta(days=6))
    await desk.run(MONDAY + timedelta(days=7))
    assert len(desk.dms(world.ana)) == 2


async def test_after_days_without_a_clock_only_what_is_due_today_comes(desk: Desk) -> None:
    world = desk.world
    await desk.gave(world.cy, world.ana, world.ben, world.zed, at=MONDAY - timedelta(days=1))
    for day, user in ((4, world.ana), (6, world.ben), (0, world.zed)):  # Friday, Sunday, Monday
        await desk.wants_digest(user, digest_day=day)
    await desk.run(MONDAY)

    assert [len(desk.dms(user)) for user in (world.ana, world.ben, world.zed)] == [0, 0, 1]


async def test_refused_for_now_is_sent_when_slack_says_so_and_holds_nobody_else(desk: Desk) -> None:
    world = desk.world
    await desk.wants_digest(world.ana)
    await desk.gave(world.cy, world.ana)
    world.sandbox.api.broken["chat.postMessage"] = SlackError("ratelimited", retry_after=47)
    before = datetime.now(UTC)
    await desk.run()
    await desk.run()

    assert await desk.outcomes() == {}
    (again,) = await desk.queued()
    assert again is not None
    assert timedelta(seconds=46) < again - before < timedelta(seconds=60)
    world.sandbox.api.broken.clear()
    await desk.run()
    assert len(desk.dms(world.ana)) == 1


@pytest.mark.parametrize(
    "reason",
    ["channel_not_found", "is_archived", "messages_tab_disabled", "restricted_action", "user_disabled"],
)
async def test_refused_for_good_is_recorded_with_the_reason_and_not_tried_again(
    desk: Desk, reason: str
) -> None:
    world = desk.world
    await desk.wants_digest(world.ana)
    await desk.gave(world.cy, world.ana)
    world.sandbox.api.broken["chat.postMessage"] = SlackError(reason)
    await desk.run()
    world.sandbox.api.broken.clear()
    await desk.run()

    assert await desk.outcomes() == {"ana": reason}
    assert desk.dms(world.ana) == []


@pytest.mark.parametrize("reason", ["account_inactive", "token_revoked", "missing_scope"])
async def test_a_closed_workspace_is_asked_once_a_day_and_again_once_the_app_is_installed_anew(
    desk: Desk, reason: str
) -> None:
    world = desk.world
    await desk.wants_digest(world.ana, world.ben, world.cy)
    await desk.gave(world.zed, world.ana, world.ben, world.cy)
    world.sandbox.api.broken["chat.postMessage"] = SlackError(reason)
    async with world.database.workspace(world.id) as db:
        await db.execute(
            text("UPDATE installations SET installed_at = :at"), {"at": MONDAY - timedelta(days=9)}
        )
    for minutes in (0, 10, 20):
        await desk.run(MONDAY + timedelta(minutes=minutes))

    assert list((await desk.outcomes()).values()) == [reason]
    assert sum(method == "chat.postMessage" for method, _ in world.sandbox.calls) == 1
    world.sandbox.api.broken.clear()
    async with world.database.workspace(world.id) as db:
        await db.execute(
            text("UPDATE installations SET installed_at = :at"), {"at": MONDAY + timedelta(hours=1)}
        )
    await desk.run(MONDAY + timedelta(hours=2))
    assert sorted(str(outcome) for outcome in (await desk.outcomes()).values()) == sorted(
        [reason, "sent", "sent"]
    )


@pytest.mark.parametrize("opened", ["installations", "workspaces"])
async def test_a_closed_workspace_of_an_organisation_is_asked_once_a_day_and_again_once_it_is_let_in(
    desk: Desk, opened: str
) -> None:
    """Once the organisation installs the app anew, or adds the workspace to it again."""
    world, organisation = desk.world, f"E{desk.world.id}"
    await desk.wants_digest(world.ana, world.ben, world.cy)
    await desk.gave(world.zed, world.ana, world.ben, world.cy)
    before = MONDAY - timedelta(days=9)
    token = Installation(world.sandbox.bot_token, world.sandbox.app.bot_id, world.sandbox.bot_user_id, [])
    async with world.database.workspace(organisation) as db:
        await workspaces.add(db, organisation, name="Acme Group", timezone="UTC", is_organisation=True)
        await installations.put(db, organisation, token, world.settings.cipher, before)
    async with world.database.workspace(world.id) as db:
        await installations.remove(db, world.id, world.now())
        await workspaces.join(db, world.id, organisation, world.now(), timezone="UTC")
        await db.execute(
            text("UPDATE workspaces SET installed_at = :at WHERE workspace_id = :id"),
            {"at": before, "id": world.id},
        )
    world.sandbox.api.broken["chat.postMessage"] = SlackError("team_access_not_granted")
    for minutes in (0, 10, 20):
        await desk.run(MONDAY + timedelta(minutes=minutes))

    assert list((await desk.outcomes()).values()) == ["team_access_not_granted"]
    world.sandbox.api.broken.clear()
    async with world.database.workspace(organisation if opened == "installations" else world.id) as db:
        await db.execute(text(f"UPDATE {opened} SET installed_at = :at"), {"at": MONDAY + timedelta(hours=1)})
    await desk.run(MONDAY + timedelta(hours=2))
    assert sorted(map(str, (await desk.outcomes()).values())) == ["sent", "sent", "team_access_not_granted"]


async def test_where_slack_does_not_say_how_long_each_wait_is_longer(desk: Desk) -> None:
    world = desk.world
    await desk.wants_digest(world.ana)
    await desk.gave(world.cy, world.ana)
    world.sandbox.api.broken["chat.postMessage"] = SlackError("service_unavailable")
    waits = []
    for tries in range(7):
        before = datetime.now(UTC)
        await desk.run(tries=tries)
        (again,) = await desk.queued()
        assert again is not None
        waits.append(round((again - before).total_seconds()))
        async with world.database.engine.begin() as db:
            await db.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'"))
    assert waits == [30, 60, 120, 240, 480, 600, 600]


async def test_who_stops_it_while_a_run_goes_on_gets_none(desk: Desk) -> None:
    world = desk.world
    await desk.wants_digest(world.ana, world.ben)
    await desk.gave(world.cy, world.ana, world.ben)
    async with world.database.workspace(world.id) as db:
        waiting = await digests.waiting(db, world.id, MONDAY)
        assert len(waiting) == 2
        await preferences.stop_digest(db, world.id, world.ben)
        assert await digests.still_due(db, world.id, world.ana, MONDAY)
        assert not await digests.still_due(db, world.id, world.ben, MONDAY)
        assert not await digests.still_due(db, world.id, world.ana, MONDAY + timedelta(days=1))
        assert await personal(db, workspace_id=world.id, user_id=world.ben, now=MONDAY) is None


@pytest.mark.parametrize("error", ["internal_error", "fatal_error"])
async def test_what_may_have_arrived_is_not_sent_again(desk: Desk, error: str) -> None:
    world = desk.world
    await desk.wants_digest(world.ana)
    await desk.gave(world.cy, world.ana)
    world.sandbox.api.broken["chat.postMessage"] = SlackError(error)
    await desk.run()
    world.sandbox.api.broken.clear()
    await desk.run()

    assert await desk.outcomes() == {"ana": None}
    assert desk.dms(world.ana) == []


@pytest.mark.parametrize(
    "instead",
    [
        b"",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 4\r\nConnection: close\r\n\r\nOops",
    ],
    ids=["the line breaks", "a gateway gives up"],
)
async def test_an_answer_that_is_lost_on_the_way_is_not_sent_again(desk: Desk, instead: bytes) -> None:
    """Slack posts it, and its answer does not arrive."""
    world = desk.world
    await desk.wants_digest(world.ana)
    await desk.gave(world.cy, world.ana)

    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = world.sandbox.url.removeprefix("http://").partition(":")
        to_slack, from_us = await asyncio.open_connection(host, int(port))
        asked = await reader.read(1 << 20)
        if b"content-length" in asked.lower() and b"\r\n\r\n" in asked and not asked.split(b"\r\n\r\n", 1)[1]:
            asked += await reader.read(1 << 20)
        from_us.write(asked)
        await from_us.drain()
        await to_slack.read(64)
        writer.write(instead)
        await writer.drain()
        writer.close()
        from_us.close()

    proxy = await asyncio.start_server(through, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    async with proxy:
        behind = Desk(world, replace(desk.shell, slack_api_url=f"http://127.0.0.1:{port}/api/"))
        await behind.run()
        await behind.run()

    assert len(desk.dms(world.ana)) == 1
    assert await desk.outcomes() == {"ana": None}
    await desk.run()
    assert len(desk.dms(world.ana)) == 1


async def test_slack_out_of_reach_is_tried_again(desk: Desk) -> None:
    world = desk.world
    await desk.wants_digest(world.ana)
    await desk.gave(world.cy, world.ana)
    await Desk(world, replace(desk.shell, slack_api_url="http://127.0.0.1:9/api/")).run()

    assert await desk.outcomes() == {}
    await desk.run()
    assert len(desk.dms(world.ana)) == 1


class Time:
    """A clock and a sleep that only the pace has."""

    def __init__(self) -> None:
        self.now = 100.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def times(works: Sequence[float]) -> list[float]:
    """When messages go out at one a second, where preparing each takes so long."""
    time = Time()
    pace, sent = Pace(1.0, now=lambda: time.now, sleep=time.sleep), list[float]()
    for seconds in works:
        await pace.wait()
        time.now += seconds
        pace.spend()
        sent.append(round(time.now - 100, 3))
    return sent


async def test_the_pace_is_that_of_a_timetable_however_long_each_message_takes() -> None:
    assert await times([0.0] * 4) == [0, 1, 2, 3]
    assert await times([0.4] * 4) == [0.4, 1.4, 2.4, 3.4]
    assert await times([0.9] * 4) == [0.9, 1.9, 2.9, 3.9]
    # A slow one holds up the next ones, and they catch up without beginning twice as often.
    assert await times([0, 3.0, 0, 0, 0, 0, 0, 0]) == [0, 4, 4, 4.5, 5, 5.5, 6, 7]
    assert (await times([1.02] * 100))[-1] == 102.0


async def test_a_long_pause_is_not_made_up_for() -> None:
    sent = await times([0, 600.0, *[0.0] * 200])
    assert sent[1] == 601
    assert min(later - earlier for earlier, later in pairwise(sent[2:])) >= 0.5
    assert sent[-1] == 601 + 200 - Pace.MOST_LATE  # a minute's worth, and no more


async def test_only_one_run_waits_however_many_clocks_there_are(desk: Desk) -> None:
    async with desk.world.database.workspace(desk.world.id) as db:
        await queue.defer(db, queue.deliver_digests(desk.world.id))
    world = desk.world
    await desk.wants_digest(world.ana)
    await desk.gave(world.cy, world.ana)
    world.sandbox.api.broken["chat.postMessage"] = SlackError("ratelimited", retry_after=47)
    await desk.run()  # would go on later, and sees that a run waits already

    assert len(await desk.queued()) == 1


# Teams and channels


async def test_managers_read_about_their_team_and_their_look_is_told(desk: Desk) -> None:
    world = desk.world
    everyone = [world.ana, world.ben, world.cy, world.zed, world.mia]
    team = Team(uuid4(), "Lanterns & friends", Origin(), (world.mia,))
    async with world.database.workspace(world.id) as db:
        await teams.make(db, world.id, team, MONDAY)
        await teams.keep(db, world.id, team.team_id, everyone, MONDAY.date())
        await teams.share(db, world.id, team.team_id, world.ana, shares=True)
    for giver, receiver in zip(everyone, [*everyone[1:], everyone[0]], strict=True):
        await desk.gave(giver, receiver, kind="kudos")
    await desk.wants_digest(world.mia)
    await desk.run()
    await desk.run()

    about_team, own = desk.dms(world.mia)
    assert about_team["text"] == (
        "Lanterns &amp; friends: Much of the giving goes one way: 0 of 5 relationships (0%) went both ways."
    )
    assert "Open the team page" in words(about_team["blocks"])
    assert own["text"].startswith("Your week with Mutual.")
    async with world.database.workspace(world.id) as db:
        (look,) = (await teams.on_home(db, world.id, Person(world.ana, "Ana"), Policy(), MONDAY.date())).looks
    # The digest shows nobody's balance, so nobody is told that theirs was looked at.
    assert (look.team, look.manager, look.at_whom) == ("Lanterns & friends", world.mia, None)


async def test_where_a_team_has_no_figures_yet_nobody_is_told_that_a_manager_looked(desk: Desk) -> None:
    world = desk.world
    team = Team(uuid4(), "Lanterns", Origin(), (world.mia,))
    async with world.database.workspace(world.id) as db:
        await teams.make(db, world.id, team, MONDAY)
        await teams.keep(db, world.id, team.team_id, [world.ana, world.ben], MONDAY.date())
    await desk.wants_digest(world.mia)
    await desk.run()

    assert await desk.outcomes("team_digest") == {"mia": "empty"}
    async with world.database.workspace(world.id) as db:
        assert await teams.looks_at(db, world.id, world.ana, 10) == []


async def test_a_channel_reads_what_was_public_and_nothing_else(desk: Desk) -> None:
    world = desk.world
    async with world.database.workspace(world.id) as db:
        await policies.put(db, world.id, Policy(celebrate_channel=world.team))
        await policies.met_channel(db, world.id, world.team, policies.Channel(False, False))
        await policies.met_channel(db, world.id, world.side, policies.Channel(False, False))
        await policies.met_channel(db, world.id, "C0SECRET", policies.Channel(False, True))
        await preferences.put(db, world.id, world.zed, Preferences(thanked="private"))
    await desk.gave(world.ana, world.ben, world.cy, channel=world.team, note="for the map")
    await desk.gave(world.ben, world.ana, channel=world.side, kind="kudos", at=MONDAY - timedelta(days=2))
    await desk.gave(world.ana, world.zed, channel=world.team, note="quiet words")
    await desk.gave(world.ana, world.mia, channel=world.team, visibility="private", note="between us")
    await desk.gave(world.ana, world.mia, channel="C0SECRET", note="a secret")
    await desk.gave(world.ana, world.mia, channel="C0UNKNOWN", note="who knows")
    await desk.gave(world.cy, world.mia, channel=world.team, at=MONDAY, note="this week")
    await desk.run()
    await desk.run()

    (message,) = world.sandbox.messages(world.team)
    assert words(message["blocks"]).splitlines() == [
        "This week’s kudos and thanks",
        "Ana thanked Ben and Cy",
        ">for the map",
        "Ben gave kudos to Ana",
        "Only what was given in public, and nobody who prefers to be thanked in private.",
    ]


async def test_what_was_given_in_a_channel_that_became_private_is_not_celebrated_elsewhere(
    desk: Desk,
) -> None:
    world = desk.world
    inside = world.sandbox.add_channel("inside", members=[world.ana, world.ben])
    async with world.database.workspace(world.id) as db:
        await policies.put(db, world.id, Policy(celebrate_channel=world.team))
        for channel in (inside, world.side):
            await policies.met_channel(db, world.id, channel, policies.Channel(False, False))
    await desk.gave(world.ana, world.ben, channel=world.team, note="for the map")
    await desk.gave(world.ana, world.ben, channel=inside, note="a secret by now")
    await desk.gave(world.ben, world.ana, channel=world.side, note="seen by few")
    world.sandbox.workspace.channel(inside).is_private = True
    world.sandbox.workspace.channel(world.side).is_private = True  # Mutual is not in it
    await desk.run()

    (message,) = world.sandbox.messages(world.team)
    read = words(message["blocks"])
    assert "for the map" in read
    assert "a secret by now" not in read
    assert "seen by few" not in read


async def test_where_slack_cannot_say_now_which_channels_are_public_it_is_asked_again_later(
    desk: Desk,
) -> None:
    world = desk.world
    async with world.database.workspace(world.id) as db:
        await policies.put(db, world.id, Policy(celebrate_channel=world.team))
        await policies.met_channel(db, world.id, world.side, policies.Channel(False, False))
    await desk.gave(world.ana, world.ben, channel=world.side, note="for the map")
    world.sandbox.api.broken["conversations.info"] = SlackError("service_unavailable")
    await desk.run()
    assert len(await desk.queued()) == 1
    await Desk(world, replace(desk.shell, slack_api_url="http://127.0.0.1:9/api/")).run()
    assert world.sandbox.messages(world.team) == []

    world.sandbox.api.broken.clear()
    await desk.run()
    (message,) = world.sandbox.messages(world.team)
    assert "for the map" in words(message["blocks"])


async def test_logs_say_workspace_and_action_and_nobodys_words(desk: Desk) -> None:
    world = desk.world
    await desk.wants_digest(world.ana, world.ben)
    await desk.gave(world.cy, world.ana, world.ben, note="a very private sentence")
    with capture_logs() as logs:
        await desk.run()

    assert [(line["event"], line["workspace"], line["action"]) for line in logs] == [
        ("message_sent", world.id, "digest")
    ] * 2
    assert "private sentence" not in str(logs)
    assert "Cy" not in str(logs)


async def test_a_worker_that_is_told_to_stop_leaves_the_rest_of_a_run_to_another(desk: Desk) -> None:
    """Half a minute of digests is due, and nobody waits for all of them, nor is one cut off on its way."""
    world, now = desk.world, datetime.now(UTC)
    many = [world.sandbox.add_user(f"reader{number}") for number in range(60)]
    async with world.database.workspace(world.id) as db:
        await people.put(db, world.id, [Person(user, user) for user in many], now)
    await desk.wants_digest(*many, digest_day=now.weekday(), digest_hour=0)
    await desk.gave(world.cy, *many, at=now - timedelta(days=1))
    async with world.database.workspace(world.id) as db:
        await queue.defer(db, queue.deliver_digests(world.id))
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "slackapp", "worker"),
        env={
            **heard.clean(),
            "SLACK_SIGNING_SECRET": world.settings.slack_signing_secret.get_secret_value(),
            "SLACK_BOT_TOKEN": world.sandbox.bot_token,
            "SLACK_API_URL": world.settings.slack_api_url,
            "MUTUAL_SECRET_KEYS": world.settings.mutual_secret_keys.get_secret_value(),
            "MUTUAL_POST_INTERVAL": "0.5",
            "DATABASE_URL": str(world.settings.database_url),
        },
    )
    try:
        while len(await desk.outcomes()) < 3:
            await asyncio.sleep(0.1)
        worker.terminate()
        assert await asyncio.wait_for(worker.wait(), 10) == 0
    finally:
        if worker.returncode is None:
            worker.kill()

    told = await desk.outcomes()
    assert set(told.values()) == {"sent"}
    assert len(told) < len(many)
    assert len(await desk.queued()) == 1
