"""A copy of what is stored about a person, handed to them."""

from contextlib import suppress

from procrastinate import Blueprint, JobContext, RetryStrategy
from slack_sdk.errors import SlackApiError

from slackapp.domain.deliveries import verdict
from slackapp.domain.privacy import as_csv, as_json
from slackapp.jobs.delivery import refusal
from slackapp.jobs.shell import NotInstalledError, shell_of
from slackapp.store import deliveries, privacy

tasks = Blueprint()


@tasks.task(name="send_my_data", pass_context=True, retry=RetryStrategy(max_attempts=6, exponential_wait=5))
async def send_my_data(context: JobContext, *, workspace_id: str, user_id: str, request: str) -> None:
    """Claimed first: the files arrive once, or, when nobody knows, not again."""
    shell = shell_of(context)
    about = (workspace_id, user_id, "my_data", request)
    with suppress(NotInstalledError):
        client = await shell.client(workspace_id, once=True)
        async with shell.database.workspace(workspace_id) as db:
            if not await deliveries.claim(db, *about, shell.now()):
                return
            found = await privacy.everything(db, workspace_id, user_id)
        try:
            opened = await client.conversations_open(users=user_id)
            await client.files_upload_v2(
                channel=opened["channel"]["id"],
                initial_comment="Here is what Mutual stores about you, as you asked. Not in it: what others ask of you, "
                "which is theirs, and the figures of your teams, which are about many.",
                file_uploads=[
                    {"filename": "mutual.json", "title": "Everything, as JSON", "content": as_json(found)},
                    {
                        "filename": "mutual-gestures.csv",
                        "title": "Gestures, for a spreadsheet",
                        "content": as_csv(found.get("gestures", [])),
                    },
                ],
            )
        except SlackApiError as refused:
            status, error, _ = refusal(refused)
            what = verdict(status, error)
            async with shell.database.workspace(workspace_id) as db:
                if what == "again":
                    await deliveries.release(db, *about)
                elif what != "unknown":
                    await deliveries.finish(db, *about, outcome=error or f"http_{status}")
            if what == "again":
                raise
            return
        async with shell.database.workspace(workspace_id) as db:
            await deliveries.finish(db, *about, outcome="sent")
