"""Teams: who is on them since when, who manages them, and what was looked at."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.people import Person
from slackapp.domain.policies import Policy
from slackapp.domain.roles import may
from slackapp.domain.teams import MOST_MEMBERS, Look, Membership, Origin, OwnTeam, Team, TeamsOnHome
from slackapp.store import pictures, queue
from slackapp.store.tables import TAKES_PART, looks, people, team_managers, team_members, teams

MOST_LOOKS = 3  # that Home tells

_CURRENT = team_members.c.left_on.is_(None)


# Making and changing ----------------------------------------------------------------------------------------------


async def make(db: AsyncConnection, workspace_id: str, team: Team, now: datetime) -> None:
    """Making the same team again changes nothing."""
    made = await db.execute(
        insert(teams)
        .values(
            workspace_id=workspace_id,
            team_id=team.team_id,
            name=team.name,
            origin=team.origin.kind,
            origin_id=team.origin.slack_id,
            made_at=now,
        )
        .on_conflict_do_nothing()
        .returning(teams.c.team_id)
    )
    if made.one_or_none() is not None:
        await _manage(db, workspace_id, team.team_id, team.managers)


async def change(
    db: AsyncConnection, workspace_id: str, team_id: UUID, *, name: str, managers: Sequence[str]
) -> None:
    await db.execute(
        update(teams)
        .where(teams.c.workspace_id == workspace_id, teams.c.team_id == team_id)
        .values(name=name)
    )
    await db.execute(
        delete(team_managers).where(
            team_managers.c.workspace_id == workspace_id, team_managers.c.team_id == team_id
        )
    )
    await _manage(db, workspace_id, team_id, managers)


async def _manage(db: AsyncConnection, workspace_id: str, team_id: UUID, managers: Sequence[str]) -> None:
    await db.execute(
        insert(team_managers).on_conflict_do_nothing(),
        [{"workspace_id": workspace_id, "team_id": team_id, "user_id": user} for user in managers],
    )


async def close(db: AsyncConnection, workspace_id: str, team_id: UUID, now: datetime, today: date) -> None:
    """Nobody is on the team and nobody sees it any more. The second time changes nothing."""
    await db.execute(
        update(teams)
        .where(teams.c.workspace_id == workspace_id, teams.c.team_id == team_id, teams.c.closed_at.is_(None))
        .values(closed_at=now)
    )
    await keep(db, workspace_id, team_id, [], today)


# Only those who take part: apps, strangers and people who left Slack are on no team.
_REJOIN = text(f"""
    UPDATE team_members AS spell SET left_on = NULL, shares_balance = false FROM people
    WHERE spell.workspace_id = :workspace_id AND team_id = :team_id AND left_on = :today AND spell.user_id = ANY(:ids)
      AND people.workspace_id = spell.workspace_id AND people.user_id = spell.user_id
      AND {TAKES_PART}
      AND NOT EXISTS (SELECT FROM team_members AS now WHERE now.workspace_id = :workspace_id
                      AND now.team_id = :team_id AND now.user_id = spell.user_id AND now.left_on IS NULL)
    RETURNING spell.user_id
""")  # noqa: S608
_JOIN = text(f"""
    INSERT INTO team_members (workspace_id, team_id, user_id, joined_on)
    SELECT workspace_id, :team_id, user_id, :today FROM people
    WHERE workspace_id = :workspace_id AND user_id = ANY(:ids)
      AND {TAKES_PART}
      AND (SELECT count(*) FROM team_members AS now WHERE now.workspace_id = :workspace_id
           AND now.team_id = :team_id AND now.left_on IS NULL) < :most
    ON CONFLICT DO NOTHING
    RETURNING user_id
""")  # noqa: S608


async def keep(
    db: AsyncConnection, workspace_id: str, team_id: UUID, user_ids: Collection[str], today: date
) -> list[str] | None:
    """From today exactly these people are on the team. Answers who left and who joined.

    None, and nothing changes: they are more than a team can have.
    """
    taking_part = select(func.count()).where(
        people.c.workspace_id == workspace_id,
        people.c.user_id == func.any(list(user_ids)),
        ~(people.c.is_bot | people.c.is_stranger | people.c.is_deactivated),
    )
    if len(user_ids) > MOST_MEMBERS and (await db.execute(taking_part)).scalar_one() > MOST_MEMBERS:
        return None
    gone = await db.execute(
        update(team_members)
        .where(
            team_members.c.workspace_id == workspace_id,
            team_members.c.team_id == team_id,
            _CURRENT,
            team_members.c.user_id != func.all(list(user_ids)),
        )
        .values(left_on=today)
        .returning(team_members.c.user_id, team_members.c.shares_balance)
    )
    left = gone.all()
    await _out_of_sight(db, workspace_id, [row.user_id for row in left if row.shares_balance])
    return [*(row.user_id for row in left), *await join(db, workspace_id, [team_id], user_ids, today)]


async def _out_of_sight(db: AsyncConnection, workspace_id: str, user_ids: Collection[str]) -> None:
    """Pictures that a manager has seen, and may fetch again, name those who share only while they are on the team."""
    if user_ids:
        await pictures.withdraw(db, workspace_id, user_ids)
        await queue.defer(db, queue.remove_pictures(workspace_id))


async def join(
    db: AsyncConnection, workspace_id: str, team_ids: Iterable[UUID], user_ids: Collection[str], today: date
) -> list[str]:
    """Who is on the team already stays as they are. Nobody joins a team that is closed or full, or shares by joining.

    Answers who joined, also whoever is back on the day they left.
    """
    joined: list[str] = []
    # Locked: a team that is being closed right now is waited for, and then nobody is put back on it.
    still_open = await db.scalars(
        select(teams.c.team_id)
        .where(
            teams.c.workspace_id == workspace_id,
            teams.c.team_id == func.any(list(team_ids)),
            teams.c.closed_at.is_(None),
        )
        .order_by(teams.c.team_id)
        .with_for_update(read=True)
    )
    for team_id in still_open.all():
        asked = {"workspace_id": workspace_id, "team_id": team_id, "today": today, "ids": list(user_ids)}
        joined += (await db.execute(_REJOIN, asked)).scalars()
        joined += (await db.execute(_JOIN, {**asked, "most": MOST_MEMBERS})).scalars()
    return joined


async def leave(
    db: AsyncConnection, workspace_id: str, user_id: str, today: date, team_ids: Collection[UUID]
) -> None:
    gone = await db.execute(
        update(team_members)
        .where(
            team_members.c.workspace_id == workspace_id,
            team_members.c.user_id == user_id,
            team_members.c.team_id == func.any(list(team_ids)),
            _CURRENT,
        )
        .values(left_on=today)
        .returning(team_members.c.shares_balance)
    )
    await _out_of_sight(db, workspace_id, [user_id] if any(gone.scalars()) else [])


# Who is back on the day they left was never away.
_COME_BACK = """
    WITH back AS (
        UPDATE team_members AS spell SET left_slack = false, left_on = CASE WHEN left_on = :today THEN NULL ELSE left_on END
        FROM people, teams
        WHERE spell.workspace_id = :workspace_id AND spell.left_slack {who}
          AND people.workspace_id = spell.workspace_id AND people.user_id = spell.user_id
          AND {TAKES_PART}
          AND teams.workspace_id = spell.workspace_id AND teams.team_id = spell.team_id
          AND teams.closed_at IS NULL AND teams.origin = 'people'
          AND NOT EXISTS (SELECT FROM team_members AS later WHERE later.workspace_id = spell.workspace_id
                          AND later.team_id = spell.team_id AND later.user_id = spell.user_id
                          AND later.joined_on > spell.joined_on)
        RETURNING spell.team_id, spell.user_id, spell.left_on, spell.sub_group
    )
    INSERT INTO team_members (workspace_id, team_id, user_id, joined_on, sub_group)
    SELECT :workspace_id, team_id, user_id, :today, sub_group FROM back WHERE left_on IS NOT NULL
    ON CONFLICT DO NOTHING
"""


async def follow_slack(
    db: AsyncConnection, workspace_id: str, today: date, user_id: str | None = None
) -> None:
    """Whoever left Slack is on no team; whoever is back is on those that were made by hand, and shares nothing yet.

    One person, or everybody. A channel or a user group brings its people back itself. The second time changes nothing.
    """
    asked = {"workspace_id": workspace_id, "today": today}
    asked |= {} if user_id is None else {"user": user_id}
    who = "" if user_id is None else "AND spell.user_id = :user"
    gone = await db.execute(
        text(f"""
            UPDATE team_members AS spell SET left_on = :today, left_slack = true, shares_balance = false FROM people
            WHERE spell.workspace_id = :workspace_id AND spell.left_on IS NULL {who}
              AND people.workspace_id = spell.workspace_id AND people.user_id = spell.user_id
              AND (people.is_bot OR people.is_stranger OR people.is_deactivated)
            RETURNING spell.user_id
        """),  # noqa: S608 - one of two conditions, both from here
        asked,
    )
    await _out_of_sight(db, workspace_id, list(gone.scalars()))
    await db.execute(text(_COME_BACK.format(TAKES_PART=TAKES_PART, who=who)), asked)


async def share(db: AsyncConnection, workspace_id: str, team_id: UUID, user_id: str, *, shares: bool) -> None:
    await db.execute(
        update(team_members)
        .where(
            team_members.c.workspace_id == workspace_id,
            team_members.c.team_id == team_id,
            team_members.c.user_id == user_id,
            _CURRENT,
        )
        .values(shares_balance=shares)
    )


async def group(
    db: AsyncConnection, workspace_id: str, team_id: UUID, name: str | None, user_ids: Collection[str]
) -> None:
    """Put these members into a sub-group; None: into none."""
    await db.execute(
        update(team_members)
        .where(
            team_members.c.workspace_id == workspace_id,
            team_members.c.team_id == team_id,
            team_members.c.user_id == func.any(list(user_ids)),
            _CURRENT,
        )
        .values(sub_group=name)
    )


# Reading ----------------------------------------------------------------------------------------------------------

_managing = team_managers.alias()
_TEAM = (
    select(
        teams.c.team_id,
        teams.c.name,
        teams.c.origin,
        teams.c.origin_id,
        select(func.array_agg(_managing.c.user_id))
        .where(_managing.c.workspace_id == teams.c.workspace_id, _managing.c.team_id == teams.c.team_id)
        .scalar_subquery()
        .label("managers"),
    )
    .where(teams.c.closed_at.is_(None))
    .order_by(teams.c.name, teams.c.team_id)
)
_SIZE = (
    select(func.count())
    .select_from(team_members)
    .where(
        team_members.c.workspace_id == teams.c.workspace_id,
        team_members.c.team_id == teams.c.team_id,
        _CURRENT,
    )
    .scalar_subquery()
    .label("size")
)


def _team(row: Any) -> Team:
    return Team(row.team_id, row.name, Origin(row.origin, row.origin_id), tuple(sorted(row.managers or ())))


async def find(db: AsyncConnection, workspace_id: str, team_id: UUID) -> Team | None:
    """None: never made, or closed."""
    row = (
        await db.execute(_TEAM.where(teams.c.workspace_id == workspace_id, teams.c.team_id == team_id))
    ).one_or_none()
    return _team(row) if row else None


async def every_with_size(db: AsyncConnection, workspace_id: str) -> list[tuple[Team, int]]:
    """All teams there are, with how many people are on each."""
    found = await db.execute(_TEAM.add_columns(_SIZE).where(teams.c.workspace_id == workspace_id))
    return [(_team(row), row.size) for row in found]


async def every(db: AsyncConnection, workspace_id: str) -> list[Team]:
    """All teams there are, for the weekly job and the nightly sync."""
    return [_team(row) for row in await db.execute(_TEAM.where(teams.c.workspace_id == workspace_id))]


async def _are_there_any(db: AsyncConnection, workspace_id: str) -> bool:
    found = await db.scalar(
        select(exists().where(teams.c.workspace_id == workspace_id, teams.c.closed_at.is_(None)))
    )
    return bool(found)


async def private_elsewhere(
    db: AsyncConnection, workspace_id: str, team_id: UUID, user_ids: Collection[str]
) -> list[set[str]]:
    """Of each other team that has one of these people on it, those who do not share their balance there."""
    found = await db.execute(
        text("""
            SELECT array_agg(user_id) AS private FROM team_members
            WHERE workspace_id = :workspace_id AND left_on IS NULL AND NOT shares_balance AND team_id <> :team_id
            GROUP BY team_id HAVING bool_or(user_id = ANY(:ids))
        """),
        {"workspace_id": workspace_id, "team_id": team_id, "ids": list(user_ids)},
    )
    return [set(row.private) for row in found]


async def kept_by(db: AsyncConnection, workspace_id: str, slack_id: str) -> list[Team]:
    """The teams that this channel or user group keeps in step."""
    found = await db.execute(_TEAM.where(teams.c.workspace_id == workspace_id, teams.c.origin_id == slack_id))
    return [_team(row) for row in found]


async def members(
    db: AsyncConnection, workspace_id: str, team_id: UUID, since: date | None = None
) -> list[Membership]:
    """Everyone on the team now, or on any day since then: one entry a spell, by person and day of joining."""
    statement = (
        select(
            team_members.c.user_id,
            team_members.c.joined_on,
            team_members.c.left_on,
            team_members.c.sub_group,
            team_members.c.shares_balance,
        )
        .where(team_members.c.workspace_id == workspace_id, team_members.c.team_id == team_id)
        .order_by(team_members.c.user_id, team_members.c.joined_on)
    )
    statement = statement.where(_CURRENT if since is None else or_(_CURRENT, team_members.c.left_on > since))
    return [Membership(*row) for row in await db.execute(statement)]


async def managed_by(db: AsyncConnection, workspace_id: str, user_id: str) -> list[tuple[Team, int]]:
    """The teams this person manages, with how many people are on each."""
    found = await db.execute(
        _TEAM.add_columns(_SIZE)
        .join(
            team_managers,
            and_(
                team_managers.c.workspace_id == teams.c.workspace_id,
                team_managers.c.team_id == teams.c.team_id,
            ),
        )
        .where(teams.c.workspace_id == workspace_id, team_managers.c.user_id == user_id)
    )
    return [(_team(row), row.size) for row in found]


async def managers(db: AsyncConnection, workspace_id: str) -> set[str]:
    """Everybody who manages any team."""
    found = await db.scalars(
        select(team_managers.c.user_id).where(team_managers.c.workspace_id == workspace_id).distinct()
    )
    return set(found)


async def of_person(db: AsyncConnection, workspace_id: str, user_id: str) -> list[OwnTeam]:
    """The teams this person is on now."""
    found = await db.execute(
        _TEAM.add_columns(team_members.c.shares_balance)
        .join(
            team_members,
            and_(
                team_members.c.workspace_id == teams.c.workspace_id,
                team_members.c.team_id == teams.c.team_id,
                _CURRENT,
            ),
        )
        .where(teams.c.workspace_id == workspace_id, team_members.c.user_id == user_id)
    )
    return [OwnTeam(_team(row), row.shares_balance) for row in found]


async def on_home(
    db: AsyncConnection, workspace_id: str, person: Person, policy: Policy, today: date
) -> TeamsOnHome:
    """Everything a person's Home says about teams."""
    mine = await of_person(db, workspace_id, person.user_id)
    managed = await managed_by(db, workspace_id, person.user_id)
    seen = await looks_at(db, workspace_id, person.user_id, MOST_LOOKS) if mine else []
    named = {user for own in mine for user in own.team.managers} | {look.manager for look in seen}
    rows = await db.execute(
        select(people.c.user_id, people.c.name).where(
            people.c.workspace_id == workspace_id, people.c.user_id == func.any(list(named))
        )
    )
    return TeamsOnHome(
        mine=tuple(mine),
        managed=tuple(managed),
        looks=tuple(seen),
        may_make=may(person, "make_team", policy=policy, manages=bool(managed)),
        may_change_any=may(person, "change_team") and await _are_there_any(db, workspace_id),
        policy=policy,
        today=today,
        names={row.user_id: row.name for row in rows},
        me=person.user_id,
    )


# What was looked at -----------------------------------------------------------------------------------------------


async def looked(
    db: AsyncConnection,
    workspace_id: str,
    team_id: UUID,
    manager: str,
    now: datetime,
    at_whom: str | None = None,
) -> None:
    await db.execute(
        insert(looks).values(
            workspace_id=workspace_id,
            team_id=team_id,
            manager_id=manager,
            subject_id=at_whom,
            looked_at=now,
        )
    )


async def looks_at(
    db: AsyncConnection, workspace_id: str, user_id: str, limit: int, skip: int = 0
) -> list[Look]:
    """Looks at teams this person is on, made while they were on it, and at their own balance, day by day, latest first.

    A look at somebody else's shared balance is told to that person only.
    """
    found = await db.execute(
        text("""
            SELECT teams.name, looks.manager_id, max(looks.looked_at) AS looked_at, looks.subject_id,
                   count(DISTINCT looks.look_id) AS times
            FROM looks
            JOIN teams USING (workspace_id, team_id)
            JOIN team_members AS spell USING (workspace_id, team_id)
            JOIN workspaces USING (workspace_id)
            WHERE looks.workspace_id = :workspace_id AND spell.user_id = :user AND spell.left_on IS NULL
              AND CAST(looks.looked_at AT TIME ZONE workspaces.timezone AS date) >= spell.joined_on
              AND (looks.subject_id IS NULL OR looks.subject_id = :user)
            GROUP BY teams.team_id, teams.name, looks.manager_id, looks.subject_id,
                     CAST(looks.looked_at AT TIME ZONE workspaces.timezone AS date)
            ORDER BY 3 DESC LIMIT :most OFFSET :skip
        """),
        {"workspace_id": workspace_id, "user": user_id, "most": limit, "skip": skip},
    )
    return [Look(row.name, row.manager_id, row.looked_at, row.subject_id, row.times) for row in found]
