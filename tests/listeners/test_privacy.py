"""What is stored about me: seen, taken along, erased."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import text

from slackapp.app import Roles
from slackapp.domain.asks import Ask
from slackapp.domain.digests import Suggestion
from slackapp.domain.gestures import Mark, Source, gestures_to
from slackapp.domain.mrkdwn import escape
from slackapp.domain.people import Person
from slackapp.domain.preferences import Preferences
from slackapp.domain.teams import Origin, Team
from slackapp.domain.weeks import local_day
from slackapp.store import (
    asks,
    deliveries,
    digests,
    gestures,
    offers,
    people,
    preferences,
    privacy,
    queue,
    teams,
    workspaces,
)
from slackapp.store.database import Database
from tests.asking import asked, buttons, card, press
from tests.conftest import UTC_ZONE
from tests.world import World, make_world, rows, words


async def opened(world: World, user: str) -> dict[str, Any]:
    home = await world.sandbox.open_home(user)
    assert home is not None
    await world.sandbox.press(user, home["id"], "open_privacy")
    view = world.sandbox.modal(user)
    assert view is not None
    return view


async def everything_stored(world: World) -> str:
    return "\n".join(row for table in (await rows(world.database, world.id)).values() for row in table)


async def test_the_privacy_view_says_what_is_stored_and_for_how_long(world: World) -> None:
    await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the fix")
    await world.settle()

    read = words((await opened(world, world.ben))["blocks"])

    assert "• 1 gesture you gave and 1 gesture you received" in read
    assert "• 1 note that you wrote or received" in read
    assert (
        "• The words of a note, an ask or an offer: 90 days\n• A gesture, an ask, an offer, who looked"
        in read
    )
    assert "Nobody has looked" in read
    assert "cannot be undone" in read


async def test_the_privacy_view_counts_what_one_asked_and_offered_and_was_sent(world: World) -> None:
    await asked(world)
    await press(world, world.ben, card(world), "can_help")
    async with world.database.workspace(world.id) as db:
        for period in ("2026-W10", "2026-W11"):
            await deliveries.claim(db, world.id, world.ben, "digest", period, world.now())
        about = (world.id, world.ben, "digest", "2026-W10")
        await deliveries.finish(db, *about, outcome="sent", channel_id="D0", message_ts="1.0")

    read = words((await opened(world, world.ben))["blocks"])
    asker = words((await opened(world, world.ana))["blocks"])

    assert "• 1 offer from or to you, with the words" in read
    assert "• 1 message that Mutual sent to you" in read
    assert "• 1 ask of yours and 1 offer from or to you, with the words" in asker


async def test_whoever_is_erased_leaves_no_trace_and_what_others_gave_still_counts(world: World) -> None:
    await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the fix")
    await world.sandbox.command(world.ben, world.team, "/kudos", "@ana @cy well sailed")
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")
    await world.sandbox.react(world.ana, world.team, ts, "clap")
    async with world.database.workspace(world.id) as db:
        await preferences.put(db, world.id, world.ben, Preferences(help_me="Biscuits"))
    await world.sandbox.open_home(world.ana)
    await world.settle()
    before = (await world.facts(world.ana)).balance.by_kind

    view = await opened(world, world.ben)
    await world.sandbox.press(world.ben, view["id"], "erase_me")
    await world.settle()

    stored = await everything_stored(world)
    for trace in (world.ben, "Ben", "for the fix", "well sailed", "Biscuits"):
        assert trace not in stored
    assert (await world.facts(world.ana)).balance.by_kind == before
    assert "Someone who left" in words((world.sandbox.home(world.ana) or {})["blocks"])
    assert "Everything about you is erased." in words((world.sandbox.modal(world.ben) or {})["blocks"])
    assert "Everything about you is erased." in words((world.sandbox.home(world.ben) or {})["blocks"])


async def test_what_was_sent_to_others_about_somebody_names_them_no_more(world: World) -> None:
    """Ben was suggested to Ana, once under each of his ids on Enterprise Grid."""
    before, now = f"W{world.ben}", world.now()
    async with world.database.workspace(world.id) as db:
        for suggested in (world.ben, before):
            await deliveries.claim(db, world.id, world.ana, "suggestion", f"{uuid4()} {suggested}", now)
            await deliveries.claim(db, world.id, world.ana, "suggestion", f"one-ask {suggested}", now)
        await people.put(db, world.id, [Person(world.ben, "Ben"), Person(before, "Ben")], now)
        assert await privacy.merge(db, world.id, before, world.ben)
        assert (
            await db.scalar(
                text("SELECT count(*) FROM deliveries WHERE recipient = :ana"), {"ana": world.ana}
            )
            == 3
        )

        await privacy.erase(db, world.id, world.ben, world.now().date())

    assert world.ben not in await everything_stored(world)


async def test_nothing_leads_from_what_is_kept_to_a_message_that_says_who_it_was(world: World) -> None:
    """Ana gave kudos, asked and offered: each was posted, and Slack keeps showing her name there."""
    await asked(world)
    await press(world, world.ben, card(world), "can_help")
    await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the fix")
    await world.sandbox.command(world.zed, world.team, "/kudos", "@cy well sailed")
    await world.settle()
    async with world.database.workspace(world.id) as db:
        sent = (await db.execute(text("SELECT period, message_ts FROM deliveries"))).all()
    others = {ts for period, ts in sent if period.endswith(world.zed)}
    about = {ts for _, ts in sent} - others
    assert len(about) == 4
    assert len(others) == 1

    view = await opened(world, world.ana)
    await world.sandbox.press(world.ana, view["id"], "erase_me")
    await world.settle()

    stored = await everything_stored(world)
    assert {ts for ts in about | others if ts in stored} == others


async def test_what_somebody_who_is_erased_asked_for_is_taken_back_in_slack_too(world: World) -> None:
    """In a channel, on the list there, of one person only, and where Ana herself reads how it stands."""
    await asked(world)
    await world.sandbox.command(world.cy, world.team, "/ask", "list")
    await press(world, world.cy, world.sandbox.ephemerals(world.cy)[-1], "post_open_asks")
    await asked(world, asked=[world.ben])
    await press(world, world.ben, card(world), "know_someone")
    form = world.sandbox.modal(world.ben)
    assert form is not None
    await world.sandbox.submit(world.ben, form["id"], {"someone": world.cy})
    await world.settle()
    places = [world.team, world.sandbox.dm(world.ben), world.sandbox.dm(world.ana)]
    asks_before = [
        m for place in places for m in world.sandbox.messages(place) if "outline" in words(m["blocks"])
    ]
    assert len(asks_before) == 5

    view = await opened(world, world.ana)
    await world.sandbox.press(world.ana, view["id"], "erase_me")
    await world.settle()

    now = {m["ts"]: m for place in places for m in world.sandbox.messages(place)}
    listed = [m for m in asks_before if "1 open ask" in words(m["blocks"])]
    assert "No ask is open in this channel" in now[listed[0]["ts"]]["text"]
    for before in asks_before:
        if before not in listed:
            assert now[before["ts"]]["text"] == TAKEN_BACK
            assert words(now[before["ts"]]["blocks"]) == TAKEN_BACK
            assert buttons(now[before["ts"]]) == []
    jobs = await _jobs_of(world)
    assert "look_after_asks" in jobs
    assert not [before["ts"] for before in asks_before if before["ts"] in jobs]


TAKEN_BACK = "This ask was taken back by the person who asked."


async def test_taking_down_twice_or_what_is_out_of_reach_changes_nothing_more(world: World) -> None:
    await asked(world)
    posted = card(world)
    gone = world.sandbox.add_channel("gone", members=[world.ana], app_in=False)
    messages = [
        (gone, "1.000001"),
        ("C0NOWHERE", "1.000002"),
        (world.team, "1.000003"),
        (world.team, posted["ts"]),
    ]

    for _ in range(2):
        async with world.database.workspace(world.id) as db:
            await queue.defer(db, queue.take_down_asks(world.id, messages))
        await world.settle()

    assert card(world)["text"] == TAKEN_BACK
    assert "take_down_asks" not in await _jobs_of(world)


async def _jobs_of(world: World) -> str:
    """What the queue remembers."""
    async with world.database.engine.connect() as db:
        found = await db.execute(
            text(
                "SELECT task_name, CAST(args AS text) FROM procrastinate_jobs WHERE args ->> 'workspace_id' = :id"
            ),
            {"id": world.id},
        )
        return "\n".join(" ".join(row) for row in found)


async def test_no_message_that_is_remembered_leads_back_to_whoever_was_erased(world: World) -> None:
    """Their kudos and ask in the channel, kudos to them alone, and what Ana was told of their offer; not those of others."""
    await asked(world, world.ben)
    await world.sandbox.command(world.mia, world.team, "/kudos", "@ben for the fix")
    await world.settle()
    await world.sandbox.command(world.ben, world.team, "/kudos", "@ana well sailed")
    await world.sandbox.command(world.zed, world.team, "/kudos", "@cy nothing to do with Ben")
    async with world.database.workspace(world.id) as db:
        step = await offers.offer_unasked(
            db,
            world.id,
            "view:1",
            helper=world.ben,
            receiver=world.ana,
            words="An hour on the export",
            now=world.now(),
            day=world.now().date(),
        )
        assert step is not None
        await queue.defer(db, queue.keep_offer(world.id, step.offer.offer_id))
    await world.settle()
    assert {"announcement", "ask", "offer"} <= {kind for kind, _ in await _posted(world)}

    async with world.database.workspace(world.id) as db:
        await privacy.erase(db, world.id, world.ben, world.now().date())

    assert await _posted(world) == {("announcement", world.team)}
    kept = "\n".join((await rows(world.database, world.id))["deliveries"])
    assert f" {world.zed}" in kept
    assert f" {world.mia}" not in kept


async def test_kudos_to_several_can_be_undone_after_one_of_them_was_erased(world: World) -> None:
    await world.sandbox.command(world.ana, world.team, "/kudos", "@ben @cy for the fix")
    await world.settle()
    async with world.database.workspace(world.id) as db:
        await privacy.erase(db, world.id, world.ben, world.now().date())
    await press(world, world.ana, world.sandbox.ephemerals(world.ana)[-1], "undo")

    assert "This was taken back" in world.sandbox.messages(world.team)[-1]["text"]


async def _posted(world: World) -> set[tuple[str, str]]:
    """Of messages that could be looked up in Slack: (kind, recipient)."""
    async with world.database.workspace(world.id) as db:
        found = await db.execute(
            text("SELECT kind, recipient FROM deliveries WHERE message_ts IS NOT NULL AND kind <> 'welcome'")
        )
        return {(row.kind, row.recipient) for row in found}


async def test_whoever_was_erased_begins_anew_and_late_news_of_before_changes_nothing(world: World) -> None:
    ts = await world.sandbox.say(world.ben, world.team, "Shipped!")
    await world.sandbox.react(world.ana, world.team, ts, "clap")
    await world.settle()
    view = await opened(world, world.ben)
    await world.sandbox.press(world.ben, view["id"], "erase_me")
    await world.settle()

    await world.sandbox.unreact(world.ana, world.team, ts, "clap")
    await world.sandbox.react(world.ana, world.team, ts, "clap")
    await world.settle()
    assert await everything_counts(world) == {("Ana", "Someone who left", "kudos")}

    await world.sandbox.command(world.ana, world.team, "/kudos", "@ben welcome back")
    await world.settle()
    assert await everything_counts(world) == {
        ("Ana", "Someone who left", "kudos"),
        ("Ana", "Ben", "kudos"),
    }


async def test_mutual_can_be_paused_and_resumed_beside_what_is_stored(world: World) -> None:
    """A second press, before the first shows, changes nothing. What else they chose stays."""
    async with world.database.workspace(world.id) as db:
        await preferences.put(db, world.id, world.ben, Preferences(help_me="Biscuits"))
    view = await opened(world, world.ben)
    assert "While Mutual is paused, no message" in words(view["blocks"])

    async def press_twice(action: str) -> str:
        await world.sandbox.press(world.ben, view["id"], action)
        await world.sandbox.send(world.sandbox.deliveries[-1].payload, kind="interactivity")
        return words((world.sandbox.modal(world.ben) or {})["blocks"])

    assert "Mutual is paused for you" in await press_twice("pause_me")
    ts = await world.sandbox.say(world.ana, world.team, "Shipped!")
    await world.sandbox.react(world.ben, world.team, ts, "clap")
    await world.settle()
    assert await world.standing() == set()

    assert "While Mutual is paused" in await press_twice("resume_me")
    await world.sandbox.react(world.ben, world.team, ts, "raised_hands")
    await world.settle()
    assert await world.standing() == {("ben", "ana", "kudos")}
    assert (await world.facts(world.ben)).person.preferences == Preferences(help_me="Biscuits")


async def everything_counts(world: World) -> set[tuple[str, str, str]]:
    async with world.database.workspace(world.id) as db:
        return {
            tuple(row)
            for row in await db.execute(
                text(
                    "SELECT giver.name, receiver.name, kind FROM gestures JOIN people AS giver "
                    "ON giver.user_id = giver_id JOIN people AS receiver ON receiver.user_id = receiver_id "
                    "WHERE retracted_at IS NULL"
                )
            )
        }


async def test_homes_of_many_who_knew_whoever_is_erased_are_refreshed_some_hundreds_at_a_time(
    database_url: str, database: Database
) -> None:
    async with make_world(database_url, database, roles=Roles(web=True)) as world:
        crowd = [Person(f"U{number:04}", "One of many") for number in range(queue.HOMES + 1)]
        acts = gestures_to(
            [person.user_id for person in crowd],
            giver=world.ben,
            kind="kudos",
            source=Source("test"),
            at=world.now(),
            tz=UTC_ZONE,
        )
        async with database.workspace(world.id) as db:
            await people.put(db, world.id, [*crowd, Person(world.ben, "Ben")], world.now())
            await gestures.record(db, world.id, acts, Mark("command"), world.now())

        view = await opened(world, world.ben)
        await world.sandbox.press(world.ben, view["id"], "erase_me")

        async with database.engine.connect() as db:
            sizes = await db.scalars(
                text(
                    "SELECT jsonb_array_length(args->'user_ids') FROM procrastinate_jobs "
                    "WHERE task_name = 'refresh_homes' AND args->>'workspace_id' = :id ORDER BY 1"
                ),
                {"id": world.id},
            )
            assert sizes.all() == [1, queue.HOMES]


async def test_whoever_is_erased_leaves_their_teams_on_the_apps_day(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    """Whatever the database's clock says, and where weeks close far from it."""
    async with make_world(database_url, database, clock_file=tmp_path / "clock") as world:
        crew, zone = Team(uuid4(), "Lanterns", Origin(), (world.mia,)), ZoneInfo("Pacific/Kiritimati")
        async with database.workspace(world.id) as db:
            await workspaces.choose(db, world.id, emoji={}, timezone=zone.key)
            await teams.make(db, world.id, crew, world.now())
            await teams.keep(db, world.id, crew.team_id, [world.ben], local_day(world.now(), zone))
        world.sandbox.clock.advance(timedelta(days=3).total_seconds())

        view = await opened(world, world.ben)
        await world.sandbox.press(world.ben, view["id"], "erase_me")
        await world.settle()

        async with database.workspace(world.id) as db:
            left = await db.scalar(text("SELECT left_on FROM team_members"))
        assert left == local_day(world.now(), zone)


async def test_a_copy_of_my_data_comes_as_a_message_once(world: World) -> None:
    await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the fix")
    await world.sandbox.command(world.zed, world.team, "/kudos", "@cy nothing to do with Ben")
    await world.settle()
    view = await opened(world, world.ben)

    crew = Team(uuid4(), "Lanterns", Origin(), (world.mia,))
    async with world.database.workspace(world.id) as db:
        await teams.make(db, world.id, crew, world.now())
        await teams.keep(db, world.id, crew.team_id, [world.ben], world.now().date())
        await teams.looked(db, world.id, crew.team_id, world.mia, world.now(), at_whom=world.ben)
        await deliveries.claim(db, world.id, world.ben, "digest", "2026-W10", world.now())

    await world.sandbox.press(world.ben, view["id"], "download_my_data")
    await world.settle()

    assert "on its way" in words((world.sandbox.modal(world.ben) or {})["blocks"])
    files = {file.name: (file.content or b"").decode() for file in world.sandbox.workspace.files.values()}
    assert set(files) == {"mutual.json", "mutual-gestures.csv"}
    copy = json.loads(files["mutual.json"])
    assert {(row["giver"], row["receiver"], row["kind"], row["note"]) for row in copy["gestures"]} == {
        ("Ana", "Ben", "thanks", "thanks for the fix"),
        ("Ben", "Ana", "help", None),
    }
    assert files["mutual-gestures.csv"].splitlines()[0].startswith("day,kind,giver,receiver")
    assert ("digest", "2026-W10") in {(row["kind"], row["period"]) for row in copy["messages"]}
    assert [(row["name"], row["at_own_balance"]) for row in copy["who_looked"]] == [("Mia", True)]
    assert "nothing to do" not in files["mutual.json"] + files["mutual-gestures.csv"]


async def test_a_copy_of_my_data_is_in_my_own_words_and_in_the_order_of_time(world: World) -> None:
    async with world.database.workspace(world.id) as db:
        for day, typed in enumerate(["for the calm <release> & co", "=1<2", "third", "fourth", "fifth"]):
            at, note = world.now() - timedelta(days=10 - day), f"{escape(typed)} <@{world.cy}>"
            acts = gestures_to(
                [world.ana],
                giver=world.ben,
                kind="kudos",
                source=Source(f"test:{day}"),
                at=at,
                tz=UTC_ZONE,
                note=note,
            )
            await gestures.record(db, world.id, acts, Mark("command"), world.now())
            ask = Ask(uuid4(), world.ben, note, "answer", None, world.team, (), "open", at)
            await asks.ask(db, world.id, ask)
    await world.sandbox.open_home(world.cy)
    await world.settle()

    view = await opened(world, world.ben)
    await world.sandbox.press(world.ben, view["id"], "download_my_data")
    await world.settle()

    files = {file.name: (file.content or b"").decode() for file in world.sandbox.workspace.files.values()}
    copy = json.loads(files["mutual.json"])
    written = ["for the calm <release> & co @Cy", "=1<2 @Cy", "third @Cy", "fourth @Cy", "fifth @Cy"]
    assert [row["note"] for row in copy["gestures"]] == written
    assert [row["text"] for row in copy["asks"]] == written
    in_rows = [row["note"] for row in csv.DictReader(io.StringIO(files["mutual-gestures.csv"]))]
    # What a spreadsheet would take for a formula is still held back.
    assert in_rows == [written[0], "'=1<2 @Cy", *written[2:]]


async def _asked_and_offered(world: World) -> None:
    """Ana asked and Ben offered; Ben also offered unasked, and Ana said that this helped."""
    now, today = world.now(), world.now().date()
    ask = Ask(uuid4(), world.ana, "Look over my outline", "eyes", None, world.team, (world.cy,), "open", now)
    async with world.database.workspace(world.id) as db:
        await asks.ask(db, world.id, ask)
        await offers.offer(db, world.id, ask, helper=world.ben, now=now, day=today)
        step = await offers.offer_unasked(
            db,
            world.id,
            "view:1",
            helper=world.ben,
            receiver=world.ana,
            words="An hour on the export",
            now=now,
            day=today,
        )
        assert step is not None
        await offers.step(db, world.id, step.offer.offer_id, "confirm", by=world.ana, now=now)


async def _words_of_chains(world: World) -> list[tuple[Any, ...]]:
    async with world.database.workspace(world.id) as db:
        found = await db.execute(
            text("SELECT state, text FROM asks UNION ALL SELECT state, text FROM offers ORDER BY 1, 2")
        )
        return [tuple(row) for row in found]


async def test_the_words_of_asks_and_offers_go_with_whoever_is_erased_and_help_stays(world: World) -> None:
    await world.sandbox.open_home(world.ben)
    await world.settle()
    await _asked_and_offered(world)

    async with world.database.workspace(world.id) as db:
        await privacy.erase(db, world.id, world.ana, world.now().date())

    stored = await everything_stored(world)
    assert "outline" not in stored
    assert "export" not in stored
    assert world.ana not in stored
    assert await _words_of_chains(world) == [("accepted", None), ("expired", None), ("withdrawn", None)]
    assert ("help", 1, 0) in (await world.facts(world.ben)).balance.by_kind


async def test_whoever_was_suggested_to_somebody_leaves_no_trace_of_it(world: World) -> None:
    async with world.database.workspace(world.id) as db:
        late = Suggestion("thanks", world.cy, world.now().date())
        await digests.suggest(db, world.id, world.zed, late, "2026-W10", world.now())
    await asked(world)
    await press(world, world.ben, card(world), "know_someone")
    form = world.sandbox.modal(world.ben)
    assert form is not None
    await world.sandbox.submit(world.ben, form["id"], {"someone": world.cy})
    await world.settle()
    assert world.cy in await everything_stored(world)

    for _ in range(2):
        async with world.database.workspace(world.id) as db:
            await privacy.erase(db, world.id, world.cy, world.now().date())

    assert world.cy not in await everything_stored(world)


async def test_the_words_of_asks_and_offers_are_kept_no_longer_than_notes(world: World) -> None:
    await _asked_and_offered(world)

    async def age(days: int) -> None:
        at = {"at": world.now() - timedelta(days=days)}
        async with world.database.workspace(world.id) as db:
            for statement in (
                "UPDATE gestures SET happened_at = :at",
                "UPDATE asks SET changed_at = :at",
                "UPDATE offers SET changed_at = :at",
            ):
                await db.execute(text(statement), at)
        await run(world, "remove_old")

    await age(89)
    assert await _words_of_chains(world) == [
        ("accepted", "An hour on the export"),
        ("open", "Look over my outline"),
        ("pending", None),
    ]
    await age(91)
    assert await _words_of_chains(world) == [("accepted", None), ("pending", None), ("withdrawn", None)]
    await age(731)
    assert await _words_of_chains(world) == []


async def test_what_is_too_old_is_removed(world: World) -> None:
    await world.sandbox.command(world.ana, world.team, "/kudos", "thanks @ben for the fix")
    await world.settle()

    async def age(days: int) -> None:
        async with world.database.workspace(world.id) as db:
            await db.execute(
                text("UPDATE gestures SET happened_at = :at"), {"at": world.now() - timedelta(days=days)}
            )
        await run(world, "remove_old")

    async def kept() -> list[tuple[Any, ...]]:
        async with world.database.workspace(world.id) as db:
            return [
                tuple(row) for row in await db.execute(text("SELECT kind, note FROM gestures ORDER BY kind"))
            ]

    await age(89)
    assert await kept() == [("help", None), ("thanks", "thanks for the fix")]
    await age(91)
    assert await kept() == [("help", None), ("thanks", None)]
    await age(731)
    assert await kept() == []


async def run(world: World, task: str) -> None:
    async with world.database.workspace(world.id) as db:
        await queue.defer(db, queue.Job(task, {"workspace_id": world.id}))
    await world.settle()
