"""A team's page: one read of what one viewer may see, and the memory of what was told."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.balances import WINDOW_WEEKS, balance
from slackapp.domain.policies import Policy
from slackapp.domain.roles import may
from slackapp.domain.teampages import (
    LATELY,
    Flow,
    HelpFlow,
    Sharing,
    TeamFigures,
    TeamPage,
    closed_weeks,
    help_flow,
    may_count,
    newly_told,
    piece_of_ask,
    pieces_of,
    shared_in_words,
    told,
    told_figures,
)
from slackapp.domain.teams import Membership, Team, few_between, few_moved
from slackapp.domain.visibility import FLOOR, Piece, active, why_hidden
from slackapp.domain.weeks import WEEK, local_day, recent_weeks
from slackapp.store import findings, gestures, offers, people, stretches, teams
from slackapp.store.database import plan_for_many_rows

SHARING_A_PAGE = 10


async def read(
    db: AsyncConnection,
    workspace_id: str,
    team: Team,
    viewer: str,
    policy: Policy,
    now: datetime,
    number: int = 0,  # of the page of those who share
    *,
    again: bool = False,  # the look that is told already
    balances: bool = True,  # whether those that are shared are looked at too
) -> TeamPage | None:
    """What this viewer may see of the team now, with one page of those who share; None for everybody else.

    A manager's look is remembered. Weeks that closed since the last look are told from now on, if they may be.
    """
    known = await people.known(db, workspace_id, [viewer])
    today = local_day(now, known.timezone)
    weeks = closed_weeks(today, WINDOW_WEEKS)
    spells = await teams.members(db, workspace_id, team.team_id, since=weeks[0])
    on_it = [spell for spell in spells if spell.left is None]
    current = [member.person for member in on_it]
    person = known.people.get(viewer)
    manages = person is not None and may(person, "see_team_as_manager", team=team)
    if not manages and viewer not in current:
        return None
    if manages and not again:
        await teams.looked(db, workspace_id, team.team_id, viewer, now)
    sharing = {member.person for member in on_it if member.shares}
    listed = sorted(sharing - {viewer}) if manages and balances else []
    # Some may have stopped since that page was asked for.
    number = min(number, max(len(listed) - 1, 0) // SHARING_A_PAGE)
    after = (number + 1) * SHARING_A_PAGE
    shown = listed[after - SHARING_A_PAGE : after]
    for user in () if again else shown:
        await teams.looked(db, workspace_id, team.team_id, viewer, now, at_whom=user)
    shared = [await _sharing(db, workspace_id, user, now) for user in shown]
    noticed = await findings.for_manager(db, workspace_id, team.team_id)
    # Last, since others of the workspace wait meanwhile.
    found, flows, hidden = await _told(db, workspace_id, team.team_id, spells, policy, weeks, now)
    by_name, counted = told(
        noticed,
        "manager" if manages else "member",
        sharing=sharing,
        named=policy.names(today),
        figures=found,
    )
    moved = few_moved(spells, today - LATELY, policy.floor)
    # What is noticed about oneself is on one's own Home, so the viewer can take it off the number.
    private = {*current} - sharing - {viewer}
    unnamed = private & {user for flow in flows for user in (flow.giver, flow.receiver)}
    others = await teams.private_elsewhere(db, workspace_id, team.team_id, private)
    between = few_between(private, (other - {viewer} for other in others), max(policy.floor, FLOOR))
    counts = may_count(
        found, weeks, few_moved=moved, few_between=between, unnamed=unnamed, floor=policy.floor
    )
    return TeamPage(
        team=team,
        people=len(current),
        figures=found,
        hidden=hidden,
        floor=policy.floor,
        grouped=any(member.group for member in on_it),
        waiting=sum(week > found.weeks[-1] for week in weeks) if found else 0,
        findings=by_name,
        counted=counted if counts else {},
        counts=counts,
        sharing=tuple(shared),
        number=number,
        more_after=after < len(listed),
        manages=manages,
        flow=await _flow(db, workspace_id, flows, sharing, policy) if manages else None,
    )


async def _flow(
    db: AsyncConnection, workspace_id: str, flows: Sequence[Flow], sharing: Collection[str], policy: Policy
) -> HelpFlow | None:
    known = (await people.known(db, workspace_id, sharing)).people
    return help_flow(flows, {user: person.name for user, person in known.items()}, policy.floor)


async def _told(
    db: AsyncConnection,
    workspace_id: str,
    team_id: UUID,
    spells: Sequence[Membership],
    policy: Policy,
    weeks: Sequence[date],
    now: datetime,
) -> tuple[TeamFigures | None, Sequence[Flow], str | None]:
    """Figures, what they are the sum of, and why there are none."""
    current = [spell.person for spell in spells if spell.left is None]
    groups = {spell.person: spell.group for spell in spells}
    await stretches.lock(db, workspace_id)
    exchange = pieces_of(await _exchange(db, workspace_id, current, weeks))
    asks = await _asks(db, workspace_id, current, weeks)
    before = await stretches.near(db, workspace_id, team_id, current, weeks[0])
    # A thread: every combination of teams that share people is looked at, and others are answered meanwhile.
    new = await asyncio.to_thread(
        newly_told, str(team_id), current, exchange, asks, groups, weeks, before, policy.floor
    )
    await stretches.keep(db, workspace_id, new, now)
    own = {(one.part, one.first_week): one for one in [*before, *new] if one.team == str(team_id)}
    found = told_figures(own.values(), current, groups, weeks, policy.floor)
    if found is None:
        return None, (), why_hidden(len(active(exchange)), policy.floor)
    return *found, None


async def _exchange(
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


async def _asks(
    db: AsyncConnection, workspace_id: str, user_ids: Collection[str], weeks: Sequence[date]
) -> list[Piece]:
    """How these people's asks fared; the hours to the first offer are rounded to a tenth."""
    found = await db.execute(
        text(f"""
            SELECT CAST(asks.ask_id AS text) AS ask, asks.asker_id,
                   CAST(date_trunc('week', asks.asked_at AT TIME ZONE workspaces.timezone) AS date) AS week,
                   CAST(round(extract(epoch FROM min(offers.offered_at) - asks.asked_at) / 3600, 1) AS float) AS hours
            FROM asks JOIN workspaces USING (workspace_id)
            LEFT JOIN offers
              ON offers.workspace_id = asks.workspace_id AND offers.ask_id = asks.ask_id
              AND {offers.STANDS}
            WHERE asks.workspace_id = :workspace_id AND asks.asker_id = ANY(:ids) AND asks.state <> 'withdrawn'
              AND (asks.asked_at AT TIME ZONE workspaces.timezone) >= :first
              AND (asks.asked_at AT TIME ZONE workspaces.timezone) < :after
            GROUP BY asks.ask_id, asks.asker_id, asks.asked_at, workspaces.timezone
        """),  # noqa: S608
        {
            "workspace_id": workspace_id,
            "ids": list(user_ids),
            "first": weeks[0],
            "after": weeks[-1] + WEEK,
        },
    )
    return [piece_of_ask(*row) for row in found]


async def _sharing(db: AsyncConnection, workspace_id: str, user_id: str, now: datetime) -> Sharing:
    known = await people.known(db, workspace_id, [user_id])
    weeks = recent_weeks(now, known.timezone, WINDOW_WEEKS)
    found = balance(await gestures.tallies(db, workspace_id, user_id, weeks[0]), weeks)
    return Sharing(user_id, known.people[user_id].name, shared_in_words(found), found.gave, found.received)
