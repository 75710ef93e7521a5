"""A copy of what is stored about a person, handed to them."""

from procrastinate import Blueprint, JobContext

from slackapp.domain.privacy import as_csv, as_json
from slackapp.jobs.delivery import AsSlackSays, Letter, posted
from slackapp.jobs.shell import shell_of, where_installed
from slackapp.store import deliveries, privacy

tasks = Blueprint()


@tasks.task(name="send_my_data", pass_context=True, retry=AsSlackSays(max_attempts=6, exponential_wait=5))
@where_installed
async def send_my_data(context: JobContext, *, workspace_id: str, user_id: str, request: str) -> None:
    """Claimed first: the files arrive once, or, when nobody knows, not again."""
    shell = shell_of(context)
    client = await shell.client(workspace_id, once=True)
    letter = Letter(workspace_id, user_id, "my_data", request)
    async with shell.database.workspace(workspace_id) as db:
        if not await deliveries.claim(db, workspace_id, user_id, letter.kind, request, shell.now()):
            return
        found = await privacy.everything(db, workspace_id, user_id)

    async def post() -> None:
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

    await posted(shell, letter, post)
