"""What patterns found in the last closed week, as people read it and answer it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.findings import FindingWords, Measured, read_by, rests_until, with_names
from slackapp.store import people, queue
from slackapp.store.tables import findings as table
from slackapp.store.tables import remarks, rests, teams, workspaces

#: People on no team are looked at together, for their own eyes only, as long as they are few enough to be one.
EVERYONE_ELSE = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Said:
    pattern: str
    subjects: tuple[str, ...]


# How far it was looked for -------------------------------------------------------------------------------------


async def through(db: AsyncConnection, workspace_id: str) -> date | None:
    """The last closed week that was looked at; None: none yet."""
    return await db.scalar(
        select(workspaces.c.patterns_week).where(workspaces.c.workspace_id == workspace_id)
    )


async def looked_at(db: AsyncConnection, workspace_id: str, week: date) -> None:
    await db.execute(
        update(workspaces).where(workspaces.c.workspace_id == workspace_id).values(patterns_week=week)
    )


async def look_again(
    db: AsyncConnection, workspace_id: str, team_ids: Iterable[UUID], concerned: Collection[str]
) -> None:
    """Who is on these teams has changed, and so has who is on none: what stands of them is looked for once more.

    Those who are concerned read on their Homes which teams they are on, or look after.
    """
    await queue.defer(db, *queue.refresh_all_homes(workspace_id, sorted(set(concerned))))
    if week := await through(db, workspace_id):
        again = sorted({*team_ids, EVERYONE_ELSE})
        await queue.defer(db, *queue.find_patterns_of(workspace_id, again, week))


async def only_of(db: AsyncConnection, workspace_id: str, team_ids: Collection[UUID]) -> list[str]:
    """Nothing stands of any other team, such as one that was closed. Answers who was concerned."""
    gone = await db.execute(
        delete(table)
        .where(table.c.workspace_id == workspace_id, table.c.team_id != func.all(list(team_ids)))
        .returning(table.c.subjects)
    )
    return sorted({person for subjects in gone.scalars() for person in subjects})


# What people read -------------------------------------------------------------------------------------------------


#: Of several teams that say the same: what still holds, and where it began first.
_LONGEST = (table.c.state == "left", table.c.since, table.c.team_id)


async def for_person(
    db: AsyncConnection, workspace_id: str, user_id: str, today: date | None
) -> list[FindingWords]:
    """What this person may read about themselves, in their own words, each once.

    What concerns them with everybody comes before what concerns one pair, and the latest first. Where several
    teams say the same, it is told of the one where it stands longest, as in `one`.

    What somebody called expected or not helpful is not said to them again while that lasts; without a day it is too.
    What began after they said so is something new.
    """
    found = await db.execute(
        _found()
        .where(table.c.workspace_id == workspace_id, table.c.subjects.op("@>")([user_id]))
        .order_by(*_LONGEST)
    )
    told: dict[tuple[str, tuple[str, ...]], Any] = {}
    for row in found:
        told.setdefault((row.pattern, tuple(row.subjects)), row)
    rows = sorted(
        told.values(), key=lambda row: (len(row.subjects), -row.since.toordinal(), row.pattern, row.subjects)
    )
    quiet = await _quiet(db, workspace_id, user_id, today) if rows and today else {}
    names = await _names(db, workspace_id, {person for row in rows for person in row.subjects})
    said: list[FindingWords] = []
    for row in rows:
        sentence = read_by(user_id, row.subjects, row.words)
        until = quiet.get((row.pattern, tuple(row.subjects)))
        if sentence is not None and (until is None or row.since > until):
            said.append(_told(row, sentence, names))
    return said


def _found() -> Select[Any]:
    return select(table, teams.c.name.label("team")).select_from(
        table.outerjoin(
            teams, and_(teams.c.workspace_id == table.c.workspace_id, teams.c.team_id == table.c.team_id)
        )
    )


def _told(row: Any, sentence: str, names: Mapping[str, str]) -> FindingWords:
    return FindingWords(
        row.pattern, tuple(row.subjects), with_names(sentence, names), row.since, row.state, row.team
    )


async def _quiet(
    db: AsyncConnection, workspace_id: str, user_id: str, today: date
) -> dict[tuple[str, tuple[str, ...]], date]:
    """What is not said to this person, if it began by that day.

    A remark is compared by when it was made: the beginning of what has lasted for a year moves along with the weeks that
    are looked at, and that of anything moves a little when gestures come in late.
    """
    unhelpful = await db.execute(
        select(remarks.c.pattern, remarks.c.subjects, func.max(remarks.c.said_at).label("said_at"))
        .where(remarks.c.workspace_id == workspace_id, remarks.c.user_id == user_id)
        .group_by(remarks.c.pattern, remarks.c.subjects)
    )
    resting = await db.execute(
        select(rests.c.pattern, rests.c.subjects).where(
            rests.c.workspace_id == workspace_id, rests.c.user_id == user_id, rests.c.ends_on > today
        )
    )
    quiet = {(row.pattern, tuple(row.subjects)): row.said_at.date() for row in unhelpful}
    return quiet | {(row.pattern, tuple(row.subjects)): date.max for row in resting}


async def one(
    db: AsyncConnection, workspace_id: str, user_id: str, said: Said
) -> tuple[Measured, FindingWords, UUID] | None:
    """A finding this person is in, with their words for it and its team. None: it no longer holds, or is not theirs."""
    found = await db.execute(
        _found()
        .where(
            table.c.workspace_id == workspace_id,
            table.c.pattern == said.pattern,
            table.c.subjects == list(said.subjects),
        )
        .order_by(*_LONGEST)
        .limit(1)
    )
    row = found.one_or_none()
    sentence = read_by(user_id, row.subjects, row.words) if row else None
    if row is None or sentence is None:
        return None
    names = await _names(db, workspace_id, row.subjects)
    figures = row.figures
    measured = Measured(figures["window"], figures["share"], figures["low"], figures["high"])
    return measured, _told(row, sentence, names), row.team_id


async def together(
    db: AsyncConnection, workspace_id: str, team_id: UUID, user_ids: Iterable[str]
) -> Collection[str]:
    """Who of these people counts for what is found on the team: those who are or were on it, or else those on none."""
    found = await db.execute(
        text("""
            SELECT asked.user_id FROM unnest(CAST(:ids AS text[])) AS asked (user_id)
            WHERE :nobodys AND NOT EXISTS (
                SELECT FROM team_members AS m JOIN teams AS t USING (workspace_id, team_id)
                WHERE m.workspace_id = :workspace_id AND m.user_id = asked.user_id
                  AND m.left_on IS NULL AND t.closed_at IS NULL)
            OR EXISTS (SELECT FROM team_members AS m WHERE m.workspace_id = :workspace_id
                       AND m.team_id = :team_id AND m.user_id = asked.user_id)
        """),
        {
            "workspace_id": workspace_id,
            "team_id": team_id,
            "nobodys": team_id == EVERYONE_ELSE,
            "ids": list(user_ids),
        },
    )
    return set(found.scalars())


async def teams_of(db: AsyncConnection, workspace_id: str, said: Said) -> Sequence[UUID]:
    """The teams it was found on."""
    found = await db.execute(
        select(table.c.team_id).where(
            table.c.workspace_id == workspace_id,
            table.c.pattern == said.pattern,
            table.c.subjects == list(said.subjects),
        )
    )
    return found.scalars().all()


async def timezone(db: AsyncConnection, workspace_id: str) -> ZoneInfo:
    return (await people.known(db, workspace_id, [])).timezone


async def for_manager(db: AsyncConnection, workspace_id: str, team_id: UUID) -> list[FindingWords]:
    """Everything that stands about a team and its members, in a manager's words.

    Who of them is named is decided by `visibility`, not here.
    """
    found = await db.execute(
        _found()
        .where(table.c.workspace_id == workspace_id, table.c.team_id == team_id, table.c.state != "left")
        .order_by(table.c.since.desc(), table.c.pattern, table.c.subjects)
    )
    rows = [row for row in found if "manager" in row.words]
    names = await _names(db, workspace_id, {person for row in rows for person in row.subjects})
    return [_told(row, row.words["manager"], names) for row in rows]


async def _names(db: AsyncConnection, workspace_id: str, user_ids: Iterable[str]) -> dict[str, str]:
    asked = list(user_ids)
    if not asked:
        return {}
    return {
        user: person.name for user, person in (await people.known(db, workspace_id, asked)).people.items()
    }


# What people answer -----------------------------------------------------------------------------------------------


async def expect(
    db: AsyncConnection, workspace_id: str, user_id: str, said: Said, role: str, today: date
) -> None:
    """This person expects it: it rests for everyone it concerns. Only somebody it is about may say so.

    It rests from the week that was looked at last, so that what is said now falls silent at once.
    """
    if user_id not in said.subjects:
        return
    starts = await through(db, workspace_id) or today
    values = {"role": role, "starts_on": starts, "ends_on": rests_until(today)}
    await db.execute(
        insert(rests)
        .values(
            workspace_id=workspace_id,
            pattern=said.pattern,
            subjects=list(said.subjects),
            user_id=user_id,
            **values,
        )
        .on_conflict_do_update(index_elements=["workspace_id", "pattern", "subjects", "user_id"], set_=values)
    )


async def remark(
    db: AsyncConnection, workspace_id: str, user_id: str, said: Said, since: date, now: datetime
) -> None:
    """Not helpful: it is not said to this person again while it lasts. `since`: when what they read began.

    Saying so twice is once.
    """
    if user_id not in said.subjects:
        return
    await db.execute(
        insert(remarks)
        .values(
            workspace_id=workspace_id,
            pattern=said.pattern,
            subjects=list(said.subjects),
            user_id=user_id,
            since=since,
            said_at=now,
        )
        .on_conflict_do_nothing()
    )
