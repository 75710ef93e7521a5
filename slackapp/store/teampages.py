"""A team's page: one read of what one viewer may see, and the memory of what was shown to whom."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.balances import WINDOW_WEEKS, in_words
from slackapp.domain.policies import Policy
from slackapp.domain.teams import (
    Sharing,
    Team,
    TeamFigures,
    TeamPage,
    candidates,
    closed_weeks,
    figures,
    told,
)
from slackapp.domain.visibility import choose_view, why_hidden
from slackapp.store import findings, homes, people, teams

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
    today = now.astimezone((await people.known(db, workspace_id, [])).timezone).date()
    on_it = await teams.members(db, workspace_id, team.team_id)
    current = [member.person for member in on_it]
    manages = viewer in team.managers
    if not manages and viewer not in current:
        return None
    if manages:
        await teams.looked(db, workspace_id, team.team_id, viewer, now)
    found, hidden = await _figures(db, workspace_id, team.team_id, current, policy, today, now)
    sharing = {member.person for member in on_it if member.shares}
    by_name, counted = told(
        await findings.for_manager(db, workspace_id, team.team_id, today),
        "manager" if manages else "member",
        sharing=sharing,
        named=policy.names(today),
    )
    first = number * SHARING_A_PAGE
    listed = sorted(sharing - {viewer}) if manages else []
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
    )


async def _figures(
    db: AsyncConnection,
    workspace_id: str,
    team_id: UUID,
    current: Collection[str],
    policy: Policy,
    today: date,
    now: datetime,
) -> tuple[TeamFigures | None, str | None]:
    weeks = closed_weeks(today, WINDOW_WEEKS)
    await teams.lock_views(db, workspace_id)
    reach = closed_weeks(today, 2 * WINDOW_WEEKS)
    given = await teams.flows(db, workspace_id, current, reach)
    own, others = await teams.shown(db, workspace_id, team_id, current, reach[0])
    wanted = candidates(given, set(current), weeks, own)
    view = choose_view(wanted, [*own, *others], policy.floor)
    if view is None:
        return None, why_hidden(len(wanted[0].people), policy.floor)
    return await teams.show(db, workspace_id, team_id, view, figures(given, view), now), None


async def _sharing(db: AsyncConnection, workspace_id: str, user_id: str, now: datetime) -> Sharing:
    facts = await homes.read(db, workspace_id, user_id, now)
    assert facts is not None  # every member is a person
    return Sharing(user_id, facts.person.name, in_words(facts.balance))
