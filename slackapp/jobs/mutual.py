"""Answers to what people write to Mutual in a direct message."""

from procrastinate import Blueprint, JobContext

from slackapp.blocks.mutual import said
from slackapp.jobs.delivery import AsSlackSays
from slackapp.jobs.posts import Posts
from slackapp.jobs.shell import shell_of, where_installed
from slackapp.store import deliveries, workspaces

tasks = Blueprint()


@tasks.task(name="say", pass_context=True, retry=AsSlackSays(max_attempts=4, exponential_wait=3))
@where_installed
async def say(context: JobContext, *, workspace_id: str, user_id: str, word: str, about: str) -> None:
    """Also to somebody who paused: they have just written, and this is the answer."""
    shell = shell_of(context)
    async with shell.database.workspace(workspace_id) as db:
        posted = await deliveries.about(db, workspace_id, "said", about)
        emoji = await workspaces.emoji(db, workspace_id)
    client = await shell.client(workspace_id)
    await Posts(shell, client, workspace_id, "said", about, posted).keep(user_id, said(word, emoji))
