"""Homes that have been opened stay fresh."""

from collections.abc import Sequence
from contextlib import suppress

from procrastinate import Blueprint, JobContext, RetryStrategy
from slack_sdk.errors import SlackApiError

from slackapp.blocks.home import home
from slackapp.jobs.shell import NotInstalledError, Shell, shell_of
from slackapp.store import homes, people

tasks = Blueprint()


@tasks.task(name="refresh_homes", pass_context=True, retry=RetryStrategy(max_attempts=4, exponential_wait=3))
async def refresh_homes(context: JobContext, *, workspace_id: str, user_ids: list[str]) -> None:
    with suppress(NotInstalledError):
        await refresh(shell_of(context), workspace_id, user_ids)


async def refresh(shell: Shell, workspace_id: str, user_ids: Sequence[str]) -> None:
    """Publishing the same Home twice shows the same Home. Raises NotInstalledError, and what Slack refused last.

    One person at a time: whoever's Home Slack will not take keeps nobody else waiting.
    """
    async with shell.database.workspace(workspace_id) as db:
        opened = await people.with_home(db, workspace_id, user_ids)
    if not opened:
        return
    client = await shell.client(workspace_id)
    failed: SlackApiError | None = None
    for user in opened:
        async with shell.database.workspace(workspace_id) as db:
            found = await homes.read(db, workspace_id, user, shell.now())
        if found is None:
            continue
        try:
            await client.views_publish(user_id=user, view=home(found, shell.contact))
        except SlackApiError as refused:
            if refused.response["error"] not in {"user_not_found", "not_enabled"}:
                failed = refused
    if failed is not None:
        raise failed
