"""Teams follow their channel or user group: events move one person at once, every night all of them are compared."""

import asyncio
from datetime import date

import structlog
from procrastinate import Blueprint, JobContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks.team import too_large
from slackapp.domain.teams import Origin, Team
from slackapp.domain.weeks import WEEK, local_day
from slackapp.jobs.delivery import AsSlackSays, Letter, composed, send
from slackapp.jobs.shell import OneByOne, Shell, shell_of, where_installed
from slackapp.store import findings, people, stretches, teams

tasks = Blueprint()
log = structlog.get_logger("slackapp.teams")

#: The channel or group is gone or closed to us: the team stays as it was, and its manager decides.
_GONE = {
    "channel_not_found",
    "is_archived",
    "missing_scope",
    "no_such_subteam",
    "not_in_channel",
    "subteam_disabled",
    "fetch_members_failed",
}
_PAUSE = 1.5  # seconds between pages: an hour of night is long, and others call Slack too


@tasks.task(name="sync_teams", pass_context=True, retry=AsSlackSays(max_attempts=6, exponential_wait=5))
@where_installed
async def sync_teams(context: JobContext, *, workspace_id: str) -> None:
    """Each team is its own transaction; doing it again moves nobody."""
    shell = shell_of(context)
    client = await shell.client(workspace_id)
    async with shell.database.workspace(workspace_id) as db:
        known = await people.known(db, workspace_id, [])
        today = local_day(shell.now(), known.timezone)
        every = await teams.every(db, workspace_id)
        await teams.follow_slack(db, workspace_id, today)
        await stretches.forget(db, workspace_id, today - WEEK * 26)
    with OneByOne() as work:
        for team in every:
            if team.origin.slack_id is not None:
                with work.each():
                    await _bring_in_step(shell, client, workspace_id, team, today)


async def _bring_in_step(
    shell: Shell, client: AsyncWebClient, workspace_id: str, team: Team, today: date
) -> None:
    try:
        members = await _members(client, team.origin)
    except SlackApiError as refused:
        error = str(refused.response["error"])
        log.warning("team_not_in_step", workspace=workspace_id, action="sync_teams", error=error)
        if error in _GONE:
            return
        raise
    async with shell.database.workspace(workspace_id) as db:
        changed = await teams.keep(db, workspace_id, team.team_id, members, today)
        if changed:
            await findings.look_again(db, workspace_id, [team.team_id], changed)
    if changed is None:
        await _tell_managers(shell, workspace_id, team)


async def _tell_managers(shell: Shell, workspace_id: str, team: Team) -> None:
    """Once each, however many nights it stays too large."""
    async with shell.database.workspace(workspace_id) as db:
        known = (await people.known(db, workspace_id, team.managers)).people
    client = await shell.client(workspace_id, once=True)
    message = composed(too_large(team))
    for person in known.values():
        if person.takes_part and not person.preferences.paused:
            letter = Letter(workspace_id, person.user_id, "team_too_large", str(team.team_id))
            await send(shell, client, letter, message)


async def _members(client: AsyncWebClient, origin: Origin) -> list[str]:
    assert origin.slack_id is not None
    if origin.kind == "group":
        found: list[str] = (await client.usergroups_users_list(usergroup=origin.slack_id))["users"]
        return found
    members: list[str] = []
    cursor = ""
    while True:
        page = await client.conversations_members(channel=origin.slack_id, limit=200, cursor=cursor)
        members += page["members"]
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return members
        await asyncio.sleep(_PAUSE)
