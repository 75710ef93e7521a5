"""A team's page: one read of what one viewer may see, and the memory of what was shown to whom."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.balances import WINDOW_WEEKS, balance
from slackapp.domain.policies import Policy
from slackapp.domain.roles import may
from slackapp.domain.teams import (
    Flow,
    HelpFlow,
    Sharing,
    Team,
    TeamFigures,
    TeamPage,
    candidates,
    closed_weeks,
    figures,
    help_flow,
    shared_in_words,
    told,
)
from slackapp.domain.visibility import View, choose_view, why_hidden
from slackapp.domain.weeks import recent_weeks
from slackapp.store import findings, gestures, people, teams

SHARING_A_PAGE = 10


async def read(
    db: AsyncConnection,
    workspace_id: str,
    team: Team,
    viewer: str,
    policy: Policy,
    now: datetime,
    number: int = 0,  # of the page of those who share
) -> TeamPage | None:
    """What this viewer may see of the team now, with one page of those who share; None for everybody else.

    A manager's look is remembered, and so is the view behind the figures: later ones are measured against it.
    """
    known = await people.known(db, workspace_id, [viewer])
    today = now.astimezone(known.timezone).date()
    on_it = await teams.members(db, workspace_id, team.team_id)
    current = [member.person for member in on_it]
    person = known.people.get(viewer)
    manages = person is not None and may(person, "see_team_as_manager", team=team)
    if not manages and viewer not in current:
        return None
    if manages:
        await teams.looked(db, workspace_id, team.team_id, viewer, now)
    found, hidden, view, given = await _figures(db, workspace_id, team.team_id, current, policy, today, now)
    sharing = {member.person for member in on_it if member.shares}
    by_name, counted = told(
        await findings.for_manager(db, workspace_id, team.team_id, today),
        "manager" if manages else "member",
        sharing=sharing,
        named=policy.names(today),
    )
    first = number * SHARING_A_PAGE
    listed = sorted(sharing - {viewer}) if manages else []
    for user in listed[first : first + SHARING_A_PAGE]:
        await teams.looked(db, workspace_id, team.team_id, viewer, now, at_whom=user)
    return TeamPage(
        team=team,
        people=len(current),
        figures=found,
        hidden=hidden,
        floor=policy.floor,
        findings=by_name,
        counted=counted if found else {},
        sharing=tuple(
            [await _sharing(db, workspace_id, user, now) for user in listed[first : first + SHARING_A_PAGE]]
        ),
        more_before=first > 0,
        more_after=first + SHARING_A_PAGE < len(listed),
        manages=manages,
        flow=await _flow(db, workspace_id, given, view, sharing, policy) if view and manages else None,
    )


async def _flow(
    db: AsyncConnection,
    workspace_id: str,
    given: Sequence[Flow],
    view: View,
    sharing: Collection[str],
    policy: Policy,
) -> HelpFlow | None:
    known = (await people.known(db, workspace_id, sharing)).people
    return help_flow(given, view, {user: person.name for user, person in known.items()}, policy.floor)


async def _figures(
    db: AsyncConnection,
    workspace_id: str,
    team_id: UUID,
    current: Collection[str],
    policy: Policy,
    today: date,
    now: datetime,
) -> tuple[TeamFigures | None, str | None, View | None, list[Flow]]:
    weeks = closed_weeks(today, WINDOW_WEEKS)
    await teams.lock_views(db, workspace_id)
    reach = closed_weeks(today, 2 * WINDOW_WEEKS)
    given = await teams.flows(db, workspace_id, current, reach)
    own, others = await teams.shown(db, workspace_id, team_id, current, reach[0])
    wanted = candidates(given, set(current), weeks, own)
    view = choose_view(wanted, [*own, *others], policy.floor)
    if view is None:
        return None, why_hidden(len(wanted[0].people), policy.floor), None, given
    through = [view.first_week, view.last_week]
    asks = await teams.asked(db, workspace_id, view.people, through, policy.floor)
    return (
        await teams.show(db, workspace_id, team_id, view, figures(given, view, asks), now),
        None,
        view,
        given,
    )


async def _sharing(db: AsyncConnection, workspace_id: str, user_id: str, now: datetime) -> Sharing:
    known = await people.known(db, workspace_id, [user_id])
    weeks = recent_weeks(now, known.timezone, WINDOW_WEEKS)
    found = balance(await gestures.tallies(db, workspace_id, user_id, weeks[0]), weeks)
    return Sharing(user_id, known.people[user_id].name, shared_in_words(found), found.gave, found.received)
