"""Once a week has closed where the workspace is, its patterns are looked for: one job to begin, one for each batch of teams.

workspace | its teams, in batches | one grouped query a batch | the engine, team by team | findings, many teams at once |
Homes
"""

import asyncio
from datetime import date
from itertools import islice
from uuid import UUID

from procrastinate import Blueprint, JobContext, RetryStrategy

from slackapp.domain.weeks import last_closed_week
from slackapp.jobs.shell import shell_of
from slackapp.store import findings, people, queue

tasks = Blueprint()

AT_ONCE = 100  # teams whose findings are kept in one transaction


@tasks.task(name="find_patterns", pass_context=True, retry=RetryStrategy(max_attempts=6, exponential_wait=5))
async def find_patterns(context: JobContext, *, workspace_id: str, again: bool = False) -> None:
    """Nothing to do until another week has closed. `again`: gestures or teams of closed weeks have changed."""
    from slackapp.store import evidence  # noqa: PLC0415 - the engine's numerics, and only where they are needed

    shell = shell_of(context)
    async with shell.database.workspace(workspace_id) as db:
        week = last_closed_week(shell.now(), (await people.known(db, workspace_id, [])).timezone)
        if not again and await findings.through(db, workspace_id) == week:
            return
        every = await evidence.team_ids(db, workspace_id)
        if concerned := await findings.only_of(db, workspace_id, every):
            await queue.defer(db, *queue.refresh_all_homes(workspace_id, concerned))
        await queue.defer(db, *queue.find_patterns_of(workspace_id, every, week))
        await findings.looked_at(db, workspace_id, week)


@tasks.task(
    name="find_patterns_of", pass_context=True, retry=RetryStrategy(max_attempts=6, exponential_wait=5)
)
async def find_patterns_of(context: JobContext, *, workspace_id: str, team_ids: list[str], week: str) -> None:
    """Findings follow from the gestures alone, so doing this twice, or beside itself, finds the same."""
    from slackapp.domain.patterns import evaluate  # noqa: PLC0415
    from slackapp.store import evidence  # noqa: PLC0415

    shell = shell_of(context)
    last_week = date.fromisoformat(week)
    async with shell.database.workspace(workspace_id) as db:
        through = await findings.through(db, workspace_id)
        if through is not None and last_week < through:
            return  # a later week has been looked at meanwhile
        found = await evidence.histories(db, workspace_id, [UUID(team) for team in team_ids], last_week)
    concerned: set[str] = set()
    # A thread: the engine is numbers for milliseconds a team, and other jobs go on meanwhile.
    while said := await asyncio.to_thread(
        lambda: {UUID(history.team): evaluate(history) for history in islice(found, AT_ONCE)}
    ):
        async with shell.database.workspace(workspace_id) as db:
            concerned |= await evidence.keep(db, workspace_id, said)
    async with shell.database.workspace(workspace_id) as db:
        await queue.defer(db, *queue.refresh_all_homes(workspace_id, sorted(concerned)))
