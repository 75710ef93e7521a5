"""People are known as Slack knows them: read at installation and every night."""

from procrastinate import Blueprint, JobContext, RetryStrategy

from slackapp.domain.people import read_person
from slackapp.jobs.shell import shell_of, where_installed
from slackapp.store import absences, asks

tasks = Blueprint()


@tasks.task(name="sync_directory", pass_context=True, retry=RetryStrategy(max_attempts=6, exponential_wait=5))
@where_installed
async def sync_directory(context: JobContext, *, workspace_id: str) -> None:
    """Page by page, each page its own transaction: a crash in the middle loses nothing that was read."""
    shell = shell_of(context)
    client = await shell.client(workspace_id)
    cursor = ""
    while True:
        page = await client.users_list(limit=200, cursor=cursor)
        met = [read_person(member, workspace_id=workspace_id) for member in page["members"]]
        async with shell.database.workspace(workspace_id) as db:
            await absences.meet(db, workspace_id, met, shell.now())
            await asks.follow_slack(db, workspace_id, met, shell.now())
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return
