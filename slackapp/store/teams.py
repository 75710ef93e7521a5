"""Teams: who is on them since when, who manages them, and what was looked at and shown."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, and_, cast, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.people import Person
from slackapp.domain.policies import Policy
from slackapp.domain.roles import may
from slackapp.domain.teams import (
    AskFigures,
    Flow,
    Look,
    Membership,
    Origin,
    OwnTeam,
    Team,
    TeamFigures,
    TeamsOnHome,
)
from slackapp.domain.visibility import View
from slackapp.domain.weeks import WEEK
from slackapp.store.database import plan_for_many_rows
from slackapp.store.tables import looks, people, shown_views, team_managers, team_members, teams

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


_REJOIN = text("""
    UPDATE team_members AS spell SET left_on = NULL, shares_balance = false
    WHERE workspace_id = :workspace_id AND team_id = :team_id AND left_on = :today AND user_id = ANY(:ids)
      AND NOT EXISTS (SELECT FROM team_members AS now WHERE now.workspace_id = :workspace_id
                      AND now.team_id = :team_id AND now.user_id = spell.user_id AND now.left_on IS NULL)
""")
# Only those who take part: apps, strangers and people who left Slack are on no team.
_JOIN = text("""
    INSERT INTO team_members (workspace_id, team_id, user_id, joined_on)
    SELECT workspace_id, :team_id, user_id, :today FROM people
    WHERE workspace_id = :workspace_id AND user_id = ANY(:ids)
      AND NOT (is_bot OR is_stranger OR is_deactivated)
    ON CONFLICT DO NOTHING
    RETURNING user_id
""")


async def keep(
    db: AsyncConnection, workspace_id: str, team_id: UUID, user_ids: Collection[str], today: date
) -> list[str]:
    """From today exactly these people are on the team. Answers who left and who joined."""
    gone = await db.execute(
        update(team_members)
        .where(
            team_members.c.workspace_id == workspace_id,
            team_members.c.team_id == team_id,
            _CURRENT,
            team_members.c.user_id != func.all(list(user_ids)),
        )
        .values(left_on=today)
        .returning(team_members.c.user_id)
    )
    return [*gone.scalars(), *await join(db, workspace_id, [team_id], user_ids, today)]


async def join(
    db: AsyncConnection, workspace_id: str, team_ids: Iterable[UUID], user_ids: Collection[str], today: date
) -> list[str]:
    """Who is on the team already stays as they are. Nobody shares their balance by joining."""
    joined: list[str] = []
    for team_id in team_ids:
        asked = {"workspace_id": workspace_id, "team_id": team_id, "today": today, "ids": list(user_ids)}
        await db.execute(_REJOIN, asked)
        joined += (await db.execute(_JOIN, asked)).scalars()
    return joined


async def leave(
    db: AsyncConnection,
    workspace_id: str,
    user_id: str,
    today: date,
    team_ids: Collection[UUID] | None = None,
) -> None:
    """Leave these teams, or all: whoever left Slack is on none."""
    statement = update(team_members).where(
        team_members.c.workspace_id == workspace_id, team_members.c.user_id == user_id, _CURRENT
    )
    if team_ids is not None:
        statement = statement.where(team_members.c.team_id == func.any(list(team_ids)))
    await db.execute(statement.values(left_on=today))


async def leave_with_slack(db: AsyncConnection, workspace_id: str, today: date) -> None:
    """Whoever no longer takes part is on no team."""
    await db.execute(
        update(team_members)
        .where(
            team_members.c.workspace_id == workspace_id,
            _CURRENT,
            people.c.workspace_id == team_members.c.workspace_id,
            people.c.user_id == team_members.c.user_id,
            or_(people.c.is_bot, people.c.is_stranger, people.c.is_deactivated),
        )
        .values(left_on=today)
    )


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


def _team(row: Any) -> Team:
    return Team(row.team_id, row.name, Origin(row.origin, row.origin_id), tuple(sorted(row.managers or ())))


async def find(db: AsyncConnection, workspace_id: str, team_id: UUID) -> Team | None:
    """None: never made, or closed."""
    row = (
        await db.execute(_TEAM.where(teams.c.workspace_id == workspace_id, teams.c.team_id == team_id))
    ).one_or_none()
    return _team(row) if row else None


async def every(db: AsyncConnection, workspace_id: str) -> list[Team]:
    """All teams there are, for the weekly job and the nightly sync."""
    return [_team(row) for row in await db.execute(_TEAM.where(teams.c.workspace_id == workspace_id))]


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
    count = (
        select(func.count())
        .select_from(team_members)
        .where(
            team_members.c.workspace_id == teams.c.workspace_id,
            team_members.c.team_id == teams.c.team_id,
            _CURRENT,
        )
        .scalar_subquery()
    )
    found = await db.execute(
        _TEAM.add_columns(count.label("size"))
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
        notice=policy.notice(today),
        names={row.user_id: row.name for row in rows},
    )


async def flows(
    db: AsyncConnection, workspace_id: str, user_ids: Collection[str], weeks: Sequence[date]
) -> list[Flow]:
    """What these people gave one another in these weeks: one grouped query, whatever the history holds."""
    await plan_for_many_rows(db)
    found = await db.execute(
        text("""
            SELECT giver_id, receiver_id, kind, CAST(date_trunc('week', day) AS date) AS week,
                   count(DISTINCT day) AS days
            FROM gestures
            WHERE workspace_id = :workspace_id AND giver_id = ANY(:ids) AND receiver_id = ANY(:ids)
              AND day >= :first AND day < :after AND retracted_at IS NULL
            GROUP BY giver_id, receiver_id, kind, week
        """),
        {
            "workspace_id": workspace_id,
            "ids": list(user_ids),
            "first": weeks[0],
            "after": weeks[-1] + WEEK,
        },
    )
    return [Flow(*row) for row in found]


async def asked(
    db: AsyncConnection, workspace_id: str, user_ids: Collection[str], weeks: Sequence[date], floor: int
) -> AskFigures | None:
    """How these people's asks fared. None where fewer than `floor` of them asked: it would be about somebody."""
    row = (
        await db.execute(
            text("""
                SELECT count(*) AS asked, count(soonest) AS answered, count(DISTINCT asker_id) AS askers,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM soonest - asked_at) / 3600) AS hours
                FROM (
                    SELECT asks.asker_id, asks.asked_at, min(offers.offered_at) AS soonest
                    FROM asks LEFT JOIN offers
                      ON offers.workspace_id = asks.workspace_id AND offers.ask_id = asks.ask_id
                     AND offers.state <> 'withdrawn'
                    WHERE asks.workspace_id = :workspace_id AND asks.asker_id = ANY(:ids) AND asks.state <> 'withdrawn'
                      AND asks.asked_at >= :first AND asks.asked_at < :after
                    GROUP BY asks.ask_id, asks.asker_id, asks.asked_at
                ) AS fared
            """),
            {
                "workspace_id": workspace_id,
                "ids": list(user_ids),
                "first": weeks[0],
                "after": weeks[-1] + WEEK,
            },
        )
    ).one()
    if row.askers < floor:
        return None
    return AskFigures(row.asked, row.answered, None if row.hours is None else round(float(row.hours), 1))


# What was looked at, and what was shown -----------------------------------------------------------------------------


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


async def looks_at(db: AsyncConnection, workspace_id: str, user_id: str, limit: int) -> list[Look]:
    """The latest looks at teams this person is on, made while they were on it, and at their own balance.

    A look at somebody else's shared balance is told to that person only.
    """
    found = await db.execute(
        text("""
            SELECT DISTINCT teams.name, looks.manager_id, looks.looked_at, looks.subject_id
            FROM looks
            JOIN teams USING (workspace_id, team_id)
            JOIN team_members AS spell USING (workspace_id, team_id)
            JOIN workspaces USING (workspace_id)
            WHERE looks.workspace_id = :workspace_id AND spell.user_id = :user AND spell.left_on IS NULL
              AND CAST(looks.looked_at AT TIME ZONE workspaces.timezone AS date) >= spell.joined_on
              AND (looks.subject_id IS NULL OR looks.subject_id = :user)
            ORDER BY looks.looked_at DESC LIMIT :most
        """),
        {"workspace_id": workspace_id, "user": user_id, "most": limit},
    )
    return [Look(row.name, row.manager_id, row.looked_at, row.subject_id) for row in found]


async def shown(
    db: AsyncConnection, workspace_id: str, team_id: UUID, user_ids: Collection[str], since: date
) -> tuple[list[View], list[View]]:
    """Views that were shown and overlap these people and weeks: (this team's, latest first; other teams')."""
    found = await db.execute(
        select(shown_views.c.team_id, shown_views.c.first_week, shown_views.c.weeks, shown_views.c.active)
        .where(
            shown_views.c.workspace_id == workspace_id,
            or_(
                shown_views.c.people.op("&&")(cast(list(user_ids), ARRAY(Text))),
                shown_views.c.team_id == team_id,
            ),
            shown_views.c.first_week + shown_views.c.weeks * 7 > since,
        )
        .order_by(shown_views.c.shown_at.desc(), shown_views.c.first_week.desc())
    )
    own: list[View] = []
    others: list[View] = []
    for row in found:
        (own if row.team_id == team_id else others).append(View(row.first_week, row.weeks, row.active))
    return own, others


async def show(
    db: AsyncConnection, workspace_id: str, team_id: UUID, view: View, found: TeamFigures, now: datetime
) -> TeamFigures:
    """Remember what is shown. A view shown before keeps its figures: answers those to show."""
    made_of = json.dumps([str(team_id), view.first_week.isoformat(), view.weeks, sorted(view.active.items())])
    view_id = hashlib.sha256(made_of.encode()).hexdigest()
    await db.execute(
        insert(shown_views)
        .values(
            workspace_id=workspace_id,
            view_id=view_id,
            team_id=team_id,
            first_week=view.first_week,
            weeks=view.weeks,
            people=sorted(view.people),
            active=dict(view.active),
            figures={
                "people": found.people,
                "rhythm": list(found.rhythm),
                "mutual": found.mutual,
                "one_way": found.one_way,
                "helps": found.helps,
                "helpers": found.helpers,
                "gestures": found.gestures,
                "asks": asdict(found.asks) if found.asks else None,
            },
            shown_at=now,
        )
        .on_conflict_do_nothing()
    )
    kept: dict[str, Any] = (
        await db.execute(
            select(shown_views.c.figures).where(
                shown_views.c.workspace_id == workspace_id, shown_views.c.view_id == view_id
            )
        )
    ).scalar_one()
    asks = AskFigures(**kept["asks"]) if kept.get("asks") else None
    return replace(found, **{**kept, "rhythm": tuple(kept["rhythm"]), "asks": asks})


async def lock_views(db: AsyncConnection, workspace_id: str) -> None:
    """Until this transaction ends, nobody else in the workspace decides what may be shown."""
    await db.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('views:' || :workspace_id, 0))"),
        {"workspace_id": workspace_id},
    )


async def forget_views(db: AsyncConnection, workspace_id: str, before: date) -> None:
    """Views whose weeks no figure looks at any more protect nobody."""
    await db.execute(
        delete(shown_views).where(
            shown_views.c.workspace_id == workspace_id,
            shown_views.c.first_week + shown_views.c.weeks * 7 <= before,
        )
    )
