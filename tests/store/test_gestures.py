"""Recording, retracting and restoring against a real PostgreSQL, each done twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations, product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from slackapp.domain.balances import Tally
from slackapp.domain.gestures import Gesture, Mark, Source, gestures_to, message_source
from slackapp.domain.people import Person
from slackapp.domain.preferences import Preferences
from slackapp.store import gestures, people, preferences, queue
from slackapp.store.database import Database
from slackapp.store.people import Known
from tests.conftest import CAST, NOW, UTC_ZONE

COMMAND = Source("command:1", "C0TEAM")
MESSAGE = message_source("C0TEAM", "1700000000.000100")


def given(
    kind: str = "kudos",
    *,
    giver: str = "U0ANA",
    to: tuple[str, ...] = ("U0BEN",),
    source: Source = COMMAND,
    note: str | None = None,
) -> list[Gesture]:
    return gestures_to(to, giver=giver, kind=kind, source=source, at=NOW, tz=UTC_ZONE, note=note)


async def standing(database: Database, workspace_id: str) -> set[tuple[str, str, str]]:
    """Everything that counts for anybody: (giver, receiver, kind)."""
    found = set()
    async with database.workspace(workspace_id) as db:
        for user in CAST:
            for tally in await gestures.tallies(db, workspace_id, user, NOW.date()):
                pair = (user, tally.other) if tally.given else (tally.other, user)
                found.add((*pair, tally.kind))
    return found


async def record(
    database: Database, workspace_id: str, acts: list[Gesture], mark: Mark = Mark("command")
) -> int:
    async with database.workspace(workspace_id) as db:
        return len(await gestures.record(db, workspace_id, acts, mark, NOW))


async def test_a_command_delivered_eleven_times_counts_once(database: Database, workspace_id: str) -> None:
    changes = [await record(database, workspace_id, given(to=("U0BEN", "U0CY"))) for _ in range(11)]

    assert changes == [2] + [0] * 10
    assert await standing(database, workspace_id) == {("U0ANA", "U0BEN", "kudos"), ("U0ANA", "U0CY", "kudos")}


async def test_thanks_also_record_the_help_they_prove(database: Database, workspace_id: str) -> None:
    await record(database, workspace_id, given("thanks"))

    assert await standing(database, workspace_id) == {
        ("U0ANA", "U0BEN", "thanks"),
        ("U0BEN", "U0ANA", "help"),
    }


async def test_undoing_thanks_takes_back_the_help_too_and_twice_is_once(
    database: Database, workspace_id: str
) -> None:
    await record(database, workspace_id, given("thanks"))

    async with database.workspace(workspace_id) as db:
        first = await gestures.retract(db, workspace_id, COMMAND.key, giver="U0ANA", now=NOW)
        second = await gestures.retract(db, workspace_id, COMMAND.key, giver="U0ANA", now=NOW)

    assert (len(first), len(second)) == (2, 0)
    assert await standing(database, workspace_id) == set()


async def test_a_late_retry_does_not_bring_back_what_was_undone(
    database: Database, workspace_id: str
) -> None:
    await record(database, workspace_id, given())
    async with database.workspace(workspace_id) as db:
        await gestures.retract(db, workspace_id, COMMAND.key, giver="U0ANA", now=NOW)

    await record(database, workspace_id, given())

    assert await standing(database, workspace_id) == set()


async def test_what_was_undone_can_be_put_back(database: Database, workspace_id: str) -> None:
    await record(database, workspace_id, given("thanks"))
    async with database.workspace(workspace_id) as db:
        await gestures.retract(db, workspace_id, COMMAND.key, giver="U0ANA", now=NOW)
        await gestures.restore(db, workspace_id, COMMAND.key, giver="U0ANA", now=NOW)

    assert len(await standing(database, workspace_id)) == 2


async def happened(database: Database, workspace_id: str, *told: Mark | str) -> list[dict[str, bool]]:
    """Ana thanks Ben for a message, a minute between what is told; answers which marks are on, of the help too."""
    acts = [replace(act, source=MESSAGE) for act in given("thanks")]
    async with database.workspace(workspace_id) as db:
        for minute, what in enumerate(told):
            now = NOW + timedelta(minutes=minute)
            if isinstance(what, Mark):
                await gestures.record(db, workspace_id, acts, replace(what, at=now.timestamp()), now)
            else:
                change = gestures.retract if what == "undo" else gestures.restore
                await change(db, workspace_id, MESSAGE.key, giver="U0ANA", now=now)
        found = await db.scalars(text("SELECT marks FROM gestures ORDER BY kind"))
        return [{name: mark[0] for name, mark in marks.items()} for marks in found]


FORM, PRAY, NO_PRAY = Mark("form"), Mark("pray"), Mark("pray", on=False)


@pytest.mark.parametrize(
    "told",
    [
        (FORM, PRAY, NO_PRAY, "undo", "put back"),
        (FORM, PRAY, "undo", NO_PRAY, "put back"),
        (PRAY, FORM, "undo", "put back", "undo", NO_PRAY, "put back"),
    ],
    ids=["taken away before", "taken away since", "undone twice"],
)
async def test_a_reaction_that_was_taken_away_is_not_put_back(
    database: Database, workspace_id: str, told: tuple[Mark | str, ...]
) -> None:
    assert await happened(database, workspace_id, *told) == [{"form": True, "pray": False}] * 2
    assert len(await standing(database, workspace_id)) == 2


@pytest.mark.parametrize(
    ("told", "on"),
    [
        ((FORM, PRAY, "undo", "put back"), {"form": True, "pray": True}),
        ((FORM, PRAY, "undo", NO_PRAY, PRAY, "undo", "put back"), {"form": False, "pray": True}),
    ],
    ids=["all that were on", "what was on at last"],
)
async def test_what_is_put_back_is_shown_by_what_was_on(
    database: Database, workspace_id: str, told: tuple[Mark | str, ...], on: dict[str, bool]
) -> None:
    assert await happened(database, workspace_id, *told) == [on] * 2
    assert len(await standing(database, workspace_id)) == 2


async def test_nothing_is_put_back_when_all_that_was_on_was_taken_away_since(
    database: Database, workspace_id: str
) -> None:
    told = (FORM, Mark("form", on=False), PRAY, "undo", NO_PRAY, "put back")
    assert await happened(database, workspace_id, *told) == [{"form": False, "pray": False}] * 2
    assert await standing(database, workspace_id) == set()


async def test_what_was_taken_back_before_marks_were_remembered_is_put_back_by_all(
    database: Database, workspace_id: str
) -> None:
    await happened(database, workspace_id, FORM, PRAY, "undo")
    async with database.workspace(workspace_id) as db:
        await db.execute(
            text(
                "UPDATE gestures SET marks = (SELECT jsonb_object_agg(key, value - 2) FROM jsonb_each(marks))"
            )
        )
        await gestures.restore(db, workspace_id, MESSAGE.key, giver="U0ANA", now=NOW + timedelta(hours=1))
    assert len(await standing(database, workspace_id)) == 2


async def test_what_was_not_for_help_is_put_back_without_it(database: Database, workspace_id: str) -> None:
    await record(database, workspace_id, given("thanks"))
    async with database.workspace(workspace_id) as db:
        for minutes, kind in ((1, "help"), (2, None)):
            at = NOW + timedelta(minutes=minutes)
            await gestures.retract(db, workspace_id, COMMAND.key, giver="U0ANA", now=at, kind=kind)
        await gestures.restore(db, workspace_id, COMMAND.key, giver="U0ANA", now=NOW + timedelta(minutes=3))

    assert await standing(database, workspace_id) == {("U0ANA", "U0BEN", "thanks")}


async def test_not_for_help_keeps_the_thanks(database: Database, workspace_id: str) -> None:
    await record(database, workspace_id, given("thanks"))

    async with database.workspace(workspace_id) as db:
        await gestures.retract(db, workspace_id, COMMAND.key, giver="U0ANA", now=NOW, kind="help")
        told = await gestures.of_source(db, workspace_id, COMMAND.key)

    assert await standing(database, workspace_id) == {("U0ANA", "U0BEN", "thanks")}
    assert [(gesture.kind, gesture.stands, gesture.helped) for gesture in told] == [("thanks", True, False)]


async def test_somebody_else_cannot_undo_it(database: Database, workspace_id: str) -> None:
    await record(database, workspace_id, given("thanks"))

    async with database.workspace(workspace_id) as db:
        assert await gestures.retract(db, workspace_id, COMMAND.key, giver="U0ZED", now=NOW) == []

    assert len(await standing(database, workspace_id)) == 2


class TestReactions:
    """Slack may send each of these late, twice, or in the wrong order."""

    async def react(
        self, database: Database, workspace_id: str, emoji: str, *, on: bool, at: float, kind: str = "kudos"
    ) -> int:
        return await record(database, workspace_id, given(kind, source=MESSAGE), Mark(emoji, on, at))

    async def test_removing_retracts_and_adding_again_restores(
        self, database: Database, workspace_id: str
    ) -> None:
        await self.react(database, workspace_id, "clap", on=True, at=1)
        await self.react(database, workspace_id, "clap", on=False, at=2)
        assert await standing(database, workspace_id) == set()

        await self.react(database, workspace_id, "clap", on=True, at=3)
        assert await standing(database, workspace_id) == {("U0ANA", "U0BEN", "kudos")}

    async def test_two_emoji_are_one_act_until_both_are_gone(
        self, database: Database, workspace_id: str
    ) -> None:
        await self.react(database, workspace_id, "clap", on=True, at=1)
        await self.react(database, workspace_id, "raised_hands", on=True, at=2)
        await self.react(database, workspace_id, "clap", on=False, at=3)
        assert len(await standing(database, workspace_id)) == 1

        await self.react(database, workspace_id, "raised_hands", on=False, at=4)
        assert await standing(database, workspace_id) == set()

    async def test_a_removal_that_overtakes_its_reaction_still_wins(
        self, database: Database, workspace_id: str
    ) -> None:
        await self.react(database, workspace_id, "clap", on=False, at=2)
        await self.react(database, workspace_id, "clap", on=True, at=1)

        assert await standing(database, workspace_id) == set()

    async def test_thanks_by_reaction_take_their_help_with_them(
        self, database: Database, workspace_id: str
    ) -> None:
        await self.react(database, workspace_id, "pray", on=True, at=1, kind="thanks")
        assert len(await standing(database, workspace_id)) == 2

        await self.react(database, workspace_id, "pray", on=False, at=2, kind="thanks")
        assert await standing(database, workspace_id) == set()


class TestAtOnce:
    """Recording in one round trip, where everything is as it was supposed."""

    async def give(
        self,
        database: Database,
        workspace_id: str,
        to: Sequence[str],
        *,
        giver: str = "U0ANA",
        kind: str = "kudos",
        source: Source = COMMAND,
        zone: str = "Europe/Berlin",
    ) -> Known | None:
        job = queue.announce(workspace_id, source.key, giver, to)
        return await gestures.record_at_once(
            database,
            workspace_id,
            given(kind, giver=giver, to=tuple(to), source=source),
            "command",
            timezone=ZoneInfo(zone),
            then=[job],
        )

    async def jobs(self, database: Database, workspace_id: str) -> int:
        async with database.workspace(workspace_id) as db:
            return int(
                await db.scalar(
                    text("SELECT count(*) FROM procrastinate_jobs WHERE args ->> 'workspace_id' = :id"),
                    {"id": workspace_id},
                )
                or 0
            )

    async def test_it_answers_the_people_and_counts_once_however_often_it_comes(
        self, database: Database, workspace_id: str
    ) -> None:
        async with database.workspace(workspace_id) as db:
            await preferences.put(db, workspace_id, "U0BEN", Preferences(thanked="private"))
        for _ in range(11):
            known = await self.give(database, workspace_id, ["U0BEN", "U0CY"])
            assert known is not None
            assert set(known.people) == {"U0ANA", "U0BEN", "U0CY"}
            assert known.people["U0BEN"].preferences.thanked == "private"
            assert known.timezone.key == "Europe/Berlin"

        assert await standing(database, workspace_id) == {
            ("U0ANA", "U0BEN", "kudos"),
            ("U0ANA", "U0CY", "kudos"),
        }
        assert await self.jobs(database, workspace_id) == 1

    async def test_it_records_what_the_long_way_records(self, database: Database, workspace_id: str) -> None:
        async def rows() -> list[Any]:
            async with database.workspace(workspace_id) as db:
                found = await db.execute(text("SELECT * FROM gestures ORDER BY receiver_id"))
                return [{**row, "recorded_at": None} for row in found.mappings()]

        await self.give(database, workspace_id, ["U0BEN", "U0CY"])
        at_once = await rows()
        async with database.workspace(workspace_id) as db:
            await db.execute(text("DELETE FROM gestures"))
        await record(database, workspace_id, given(to=("U0BEN", "U0CY")))

        assert len(at_once) == 2
        assert at_once == await rows()

    async def test_the_database_agrees_with_us_on_who_takes_part(
        self, database: Database, workspace_id: str
    ) -> None:
        sorts = [
            Person(f"U0P{number}", "P", is_bot=bot, is_stranger=stranger, is_deactivated=gone)
            for number, (bot, stranger, gone) in enumerate(product([False, True], repeat=3))
        ]
        async with database.workspace(workspace_id) as db:
            await people.put(db, workspace_id, sorts, NOW)
        takes_part = {person.user_id: person.takes_part for person in (CAST["U0ANA"], *sorts)}
        pairs = set(permutations([*takes_part, "U0NOBODY"], 2))
        expected = {pair for pair in pairs if all(takes_part.get(user) for user in pair)}
        said = {
            (giver, receiver)
            for giver, receiver in pairs
            if await self.give(
                database, workspace_id, [receiver], giver=giver, source=Source(f"command:{giver}:{receiver}")
            )
        }
        async with database.workspace(workspace_id) as db:
            found = await db.execute(text("SELECT giver_id, receiver_id FROM gestures"))
            written = {tuple(row) for row in found}

        assert expected == {("U0ANA", "U0P0"), ("U0P0", "U0ANA")}
        assert said == written == expected
        assert await self.jobs(database, workspace_id) == len(expected)

    @pytest.mark.parametrize(
        ("kind", "to", "zone"),
        [
            ("kudos", ["U0BEN"], "Europe/Paris"),
            ("kudos", ["U0BEN", "U0GONE"], "Europe/Berlin"),
            ("thanks", ["U0BEN"], "Europe/Berlin"),
        ],
        ids=["another zone than was supposed", "one of two has left", "thanks, which may belong to an offer"],
    )
    async def test_otherwise_nothing_is_recorded(
        self, database: Database, workspace_id: str, kind: str, to: list[str], zone: str
    ) -> None:
        assert await self.give(database, workspace_id, to, kind=kind, zone=zone) is None
        assert await standing(database, workspace_id) == set()
        assert await self.jobs(database, workspace_id) == 0


async def test_tallies_are_per_person_kind_and_day_from_both_sides(
    database: Database, workspace_id: str
) -> None:
    await record(database, workspace_id, given(source=Source("command:1")))
    await record(database, workspace_id, given(source=Source("command:2")))
    later = [replace(act, day=NOW.date() + timedelta(days=1)) for act in given(source=Source("command:3"))]
    await record(database, workspace_id, later)

    async with database.workspace(workspace_id) as db:
        mine = await gestures.tallies(db, workspace_id, "U0ANA", NOW.date())
        his = await gestures.tallies(db, workspace_id, "U0BEN", NOW.date() + timedelta(days=1))

    assert sorted(mine, key=lambda tally: tally.day) == [
        Tally("U0BEN", "kudos", NOW.date(), given=True, count=2),
        Tally("U0BEN", "kudos", NOW.date() + timedelta(days=1), given=True, count=1),
    ]
    assert his == [Tally("U0ANA", "kudos", NOW.date() + timedelta(days=1), given=False, count=1)]


async def test_the_latest_words_come_first_and_only_to_their_receiver(
    database: Database, workspace_id: str
) -> None:
    await record(database, workspace_id, given(note="first", source=Source("command:1")))
    second = [
        replace(act, happened_at=NOW + timedelta(hours=1))
        for act in given("thanks", note="second", source=Source("command:2"))
    ]
    await record(database, workspace_id, second)

    async with database.workspace(workspace_id) as db:
        words = await gestures.latest_notes(db, workspace_id, "U0BEN", 5)
        none = await gestures.latest_notes(db, workspace_id, "U0ANA", 5)

    assert [note.text for note in words] == ["second", "first"]
    assert none == []


@pytest.mark.parametrize("note", ["it's “quoted”", 'a "json" note', "ünïcode 🙌🏽 مرحبا", "back\\slash % _"])
async def test_words_come_back_as_they_were_written(database: Database, workspace_id: str, note: str) -> None:
    await record(database, workspace_id, given(note=note))

    async with database.workspace(workspace_id) as db:
        assert [words.text for words in await gestures.latest_notes(db, workspace_id, "U0BEN", 5)] == [note]
