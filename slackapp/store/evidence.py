"""What the engine reads of teams, and where what it found is kept: derived from gestures, rebuilt at any time.

Apart from store/findings.py, so that only the process that looks for patterns loads the engine's numerics.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import starmap
from typing import Any
from uuid import UUID

import numpy as np
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.gestures import GESTURE_KINDS
from slackapp.domain.patterns import (
    BY_NAME,
    Away,
    Finding,
    GestureDays,
    Member,
    Rest,
    TeamHistory,
    Week,
    sentence,
)
from slackapp.domain.patterns.chance import Ints
from slackapp.domain.weeks import WEEK
from slackapp.store import absences
from slackapp.store.database import driver, in_drivers_words, plan_for_many_rows
from slackapp.store.findings import EVERYONE_ELSE
from slackapp.store.tables import findings as table
from slackapp.store.tables import people as people_table
from slackapp.store.tables import rests, team_members, teams, workspaces

MOST_WITHOUT_A_TEAM = 150  # who are still looked at together
WEEKS_BACK = 78  # 52 to say something about, and the 26 that the first of them looks back on


# What the engine reads --------------------------------------------------------------------------------------------


async def team_ids(db: AsyncConnection, workspace_id: str) -> list[UUID]:
    """Every team there is, and those without one."""
    found = await db.execute(
        select(teams.c.team_id)
        .where(teams.c.workspace_id == workspace_id, teams.c.closed_at.is_(None))
        .order_by(teams.c.team_id)
    )
    return [*found.scalars(), EVERYONE_ELSE]


async def histories(
    db: AsyncConnection, workspace_id: str, asked: Sequence[UUID], last_week: date
) -> Iterator[TeamHistory]:
    """What is known of these teams up to the end of `last_week` (its Monday), with one grouped query for them all.

    Asked once in a transaction. They come one after the other, in the order they were asked for: all of them unpacked
    would take several times the memory.
    """
    first = last_week - WEEK * (WEEKS_BACK - 1)
    members = await _members(db, workspace_id, asked, first)
    everyone = sorted({member.person for each in members.values() for member in each})
    away = [
        Away(gone.person, gone.start, gone.end)
        for gone in await absences.since(db, workspace_id, everyone, first)
    ]
    resting = await _rests(db, workspace_id, everyone)
    days = await _gestures(db, workspace_id, asked, members, first, last_week + WEEK)

    def history(number: int, team_id: UUID) -> TeamHistory:
        on_it = members[team_id]
        names = {member.person for member in on_it}
        return TeamHistory(
            team=str(team_id),
            first_week=first,
            weeks=WEEKS_BACK,
            members=tuple(on_it),
            gestures=_unpacked(days.get(number, _NO_GESTURES)),
            away=tuple(gone for gone in away if gone.person in names),
            rests=tuple(rest for rest in resting if rest.subjects[0] in names),
        )

    return starmap(history, enumerate(asked))


async def _members(
    db: AsyncConnection, workspace_id: str, asked: Sequence[UUID], first: date
) -> dict[UUID, list[Member]]:
    """Whoever was on a team when it was made has been there all along, as far as we can know."""
    found = await db.execute(
        select(
            team_members.c.team_id,
            team_members.c.user_id,
            team_members.c.joined_on,
            team_members.c.left_on,
            team_members.c.sub_group,
            func.date(func.timezone(workspaces.c.timezone, teams.c.made_at)).label("made_on"),
        )
        .join(
            teams,
            (teams.c.workspace_id == team_members.c.workspace_id)
            & (teams.c.team_id == team_members.c.team_id),
        )
        .join(workspaces, workspaces.c.workspace_id == team_members.c.workspace_id)
        .where(
            team_members.c.workspace_id == workspace_id,
            team_members.c.team_id == func.any(list(asked)),
            or_(team_members.c.left_on.is_(None), team_members.c.left_on > first),
        )
        .order_by(team_members.c.joined_on)
    )
    members: dict[UUID, dict[str, Member]] = defaultdict(dict)
    for row in found:
        joined = row.joined_on if (row.joined_on - row.made_on).days > 1 else None
        earlier = members[row.team_id].get(row.user_id)
        members[row.team_id][row.user_id] = Member(
            row.user_id, earlier.joined if earlier else joined, row.left_on, row.sub_group
        )
    if EVERYONE_ELSE in asked:
        members[EVERYONE_ELSE] = {
            person: Member(person) for person in await _without_a_team(db, workspace_id)
        }
    return {team_id: sorted(members[team_id].values(), key=lambda m: m.person) for team_id in asked}


async def _without_a_team(db: AsyncConnection, workspace_id: str) -> Sequence[str]:
    on_one = (
        select(team_members.c.user_id)
        .join(
            teams,
            (teams.c.workspace_id == team_members.c.workspace_id)
            & (teams.c.team_id == team_members.c.team_id),
        )
        .where(
            team_members.c.workspace_id == workspace_id,
            team_members.c.left_on.is_(None),
            teams.c.closed_at.is_(None),
        )
    )
    found = await db.execute(
        select(people_table.c.user_id)
        .where(
            people_table.c.workspace_id == workspace_id,
            ~(people_table.c.is_bot | people_table.c.is_stranger | people_table.c.is_deactivated),
            people_table.c.user_id.not_in(on_one),
        )
        .limit(MOST_WITHOUT_A_TEAM + 1)
    )
    alone = found.scalars().all()
    return alone if len(alone) <= MOST_WITHOUT_A_TEAM else []


async def _rests(db: AsyncConnection, workspace_id: str, people_asked: Collection[str]) -> list[Rest]:
    found = await db.execute(
        select(rests.c.pattern, rests.c.subjects, rests.c.starts_on, rests.c.ends_on).where(
            rests.c.workspace_id == workspace_id, rests.c.subjects.op("&&")(list(people_asked))
        )
    )
    return [Rest(row.pattern, tuple(row.subjects), row.starts_on, row.ends_on) for row in found]


# One number for each gesture and one array of them for each team: names, or a row for each of millions of gestures,
# would be most of what travels and most of the time. A table that is analysed tells the planner that few people meet
# many gestures; a list of values does not, and is joined to them in ways that take several times as long.
_ASKED = "CREATE TEMPORARY TABLE asked (team int, place bigint, user_id text) ON COMMIT DROP"
_ASK = """
    INSERT INTO asked
    SELECT * FROM unnest(CAST(%(team)s AS int[]), CAST(%(place)s AS bigint[]), CAST(%(user_id)s AS text[]))
"""
_GESTURES = in_drivers_words(
    text("""
    SELECT giver.team, array_agg(
        (CAST(g.day - CAST(:first AS date) AS bigint) << 48) + (giver.place << 28) + (receiver.place << 8)
        + (array_position(CAST(:kinds AS text[]), g.kind) - 1) * 2 + CAST(g.proven AS int))
    FROM gestures AS g
    JOIN asked AS giver ON giver.user_id = g.giver_id
    JOIN asked AS receiver ON receiver.user_id = g.receiver_id AND receiver.team = giver.team
    WHERE g.workspace_id = :workspace_id AND g.day >= :first AND g.day < :after AND g.retracted_at IS NULL
    GROUP BY giver.team
    """)
)
_NO_GESTURES = np.empty(0, np.int64)
_PLACES = (1 << 20) - 1  # as many people as a team can have


class _Numbers(Loader):
    """An array of bigints as numpy reads it: after its head, for each its length and itself."""

    format = Format.BINARY

    def load(self, data: Buffer) -> Ints:
        each = np.dtype([("length", ">i4"), ("value", ">i8")])
        return np.frombuffer(data, each, offset=20)["value"].astype(np.int64)


async def _gestures(
    db: AsyncConnection,
    workspace_id: str,
    asked: Sequence[UUID],
    members: Mapping[UUID, Sequence[Member]],
    first: date,
    after: date,
) -> dict[int, Ints]:
    """By a team's place among those asked; people are places in their team's members. No gestures: no entry."""
    places = [
        (number, place, member.person)
        for number, team_id in enumerate(asked)
        for place, member in enumerate(members[team_id])
    ]
    await plan_for_many_rows(db)
    async with driver(db).cursor(binary=True) as cursor:
        cursor.adapters.register_loader(cursor.adapters.types["int8"].array_oid, _Numbers)
        await cursor.execute(_ASKED)
        await cursor.execute(
            _ASK,
            {
                "team": [number for number, _, _ in places],
                "place": [place for _, place, _ in places],
                "user_id": [person for _, _, person in places],
            },
        )
        await cursor.execute("ANALYZE asked")
        await cursor.execute(
            _GESTURES,
            {
                "workspace_id": workspace_id,
                "first": first,
                "after": after,
                "kinds": [kind.name for kind in GESTURE_KINDS],
            },
        )
        return dict(await cursor.fetchall())


def _unpacked(packed: Ints) -> GestureDays:
    """One of each giver, receiver, kind and day; help that was once recorded as such is not merely implied."""
    packed = np.sort(packed)
    packed = packed[np.diff(packed >> 1, prepend=-1) != 0]
    return GestureDays(
        day=packed >> 48,
        giver=packed >> 28 & _PLACES,
        receiver=packed >> 8 & _PLACES,
        kind=packed >> 1 & 127,
        implied=(packed & 1).astype(np.bool_),
    )


# What the engine says ---------------------------------------------------------------------------------------------


async def keep(db: AsyncConnection, workspace_id: str, said: Mapping[UUID, Week | None]) -> set[str]:
    """From now on this is what is found on these teams. Keeping it again changes nothing. Answers who is concerned."""
    every = sorted(said)
    await db.execute(  # two jobs may look at one team at once: the second waits, and keeps the same
        text(
            "SELECT pg_advisory_xact_lock(hashtextextended('findings:' || :workspace_id || ':' || team, 0)) "
            "FROM unnest(CAST(:teams AS text[])) AS team"
        ),
        {"workspace_id": workspace_id, "teams": [str(team_id) for team_id in every]},
    )
    before = await db.execute(
        delete(table)
        .where(table.c.workspace_id == workspace_id, table.c.team_id == func.any(every))
        .returning(table.c.subjects)
    )
    concerned = {person for subjects in before.scalars() for person in subjects}
    rows = [
        _row(workspace_id, team_id, finding)
        for team_id, week in said.items()
        for finding in (week.findings if week else ())
    ]
    if rows:
        await db.execute(insert(table), rows)
    return concerned.union(*(row["subjects"] for row in rows))


def _row(workspace_id: str, team_id: UUID, finding: Finding) -> dict[str, Any]:
    figures = finding.figures
    return {
        "workspace_id": workspace_id,
        "team_id": team_id,
        "pattern": finding.pattern,
        "subjects": list(finding.subjects),
        "week": finding.week,
        "state": finding.state,
        "since": finding.since,
        "words": _words(finding),
        "figures": {
            "window": figures.window,
            "counts": {name: float(count) for name, count in figures.counts.items()},
            "share": float(figures.share),
            "low": float(figures.low),
            "high": float(figures.high),
            "p": float(figures.p),
            "adjusted_p": float(figures.adjusted_p),
        },
    }


def _words(finding: Finding) -> dict[str, str]:
    """A sentence for each kind of reader, with ids for names."""
    said = {reader: sentence(finding, reader, {}) for reader in BY_NAME[finding.pattern].readers}
    return {reader: words for reader, words in said.items() if words is not None}
