"""Pictures as files in Slack, where no public address could serve them.

team page in words | drawn | uploaded once | the page again, with them; whatever Slack refuses, the words stand
"""

import asyncio
from uuid import UUID

import aiohttp
import structlog
from procrastinate import Blueprint, JobContext, RetryStrategy
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import team as blocks
from slackapp.domain.teampages import pictures_of
from slackapp.jobs.shell import OneByOne, Shell, shell_of, where_installed
from slackapp.store import pictures, policies, teampages, teams

tasks = Blueprint()
log = structlog.get_logger("slackapp.pictures")

#: Seconds between tries: Slack looks at a file for a moment before it can be shown.
PATIENCE = (0.3, 0.7, 1.0, 2.0, 4.0)
#: The reader has turned the page or closed it.
_GONE = {"hash_conflict", "not_found", "view_not_found"}


@tasks.task(name="show_pictures", pass_context=True)
@where_installed
async def show_pictures(
    context: JobContext,
    *,
    workspace_id: str,
    team_id: str,
    viewer: str,
    view_id: str,
    view_hash: str,
    number: int,
) -> None:
    """Not retried: the next look asks again. The second time finds the files uploaded and the view changed."""
    shell = shell_of(context)
    client = await shell.client(workspace_id)
    async with shell.database.workspace(workspace_id) as db:
        team = await teams.find(db, workspace_id, UUID(team_id))
        policy = await policies.of(db, workspace_id)
        page = team and await teampages.read(
            db, workspace_id, team, viewer, policy, shell.now(), number, again=True
        )
        if not page:
            return
        ids = {
            name: await pictures.put(db, workspace_id, shows, shell.now())
            for name, shows in pictures_of(page).items()
        }
        files = await pictures.files(db, workspace_id, ids.values())
    try:
        for name, picture_id in ids.items():
            if picture_id not in files:
                files[picture_id] = await _upload(shell, client, workspace_id, name, picture_id)
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as refused:
        said = refused.response.get("error") if isinstance(refused, SlackApiError) else None
        log.warning(
            "picture_not_uploaded",
            workspace=workspace_id,
            action="show_pictures",
            error=said or type(refused).__name__,
        )
        return
    found = {name: blocks.filed(files[picture_id]) for name, picture_id in ids.items()}
    view = blocks.team_page(page, blocks.Pictures(**found))
    for seconds in (*PATIENCE, None):
        try:
            await client.views_update(view_id=view_id, hash=view_hash, view=view)
        except SlackApiError as refused:
            if refused.response["error"] in _GONE:
                return
            if refused.response["error"] not in blocks.PICTURE_REFUSED:
                raise
            if seconds is not None:
                await asyncio.sleep(seconds)
        else:
            return
    # Slack will not show them, perhaps because somebody deleted them there: the next look uploads them again.
    async with shell.database.workspace(workspace_id) as db:
        for picture_id in ids.values():
            await pictures.uploaded(db, workspace_id, picture_id, None)
    log.warning("picture_not_shown", workspace=workspace_id, action="show_pictures")


async def _upload(shell: Shell, client: AsyncWebClient, workspace_id: str, name: str, picture_id: str) -> str:
    from slackapp.charts.pictures import draw  # noqa: PLC0415 - matplotlib, and only where it is needed

    async with shell.database.workspace(workspace_id) as db:
        shows = await pictures.find(db, workspace_id, picture_id)
    assert shows is not None
    drawn = await asyncio.to_thread(draw, shows)
    answer = await client.files_upload_v2(filename=f"{name}.png", title=f"Team {name}", content=drawn)
    file_id: str = answer["files"][0]["id"]
    async with shell.database.workspace(workspace_id) as db:
        await pictures.uploaded(db, workspace_id, picture_id, file_id)
    return file_id


@tasks.task(
    name="remove_pictures", pass_context=True, retry=RetryStrategy(max_attempts=5, exponential_wait=4)
)
@where_installed
async def remove_pictures(context: JobContext, *, workspace_id: str) -> None:
    """A file that is gone already is as good as deleted."""
    shell = shell_of(context)
    async with shell.database.workspace(workspace_id) as db:
        old = await pictures.old(db, workspace_id, shell.now())
    gone = [picture_id for picture_id, file_id in old.items() if file_id is None]
    files = {picture_id: file_id for picture_id, file_id in old.items() if file_id is not None}
    with OneByOne() as work:
        if files:
            client = await shell.client(workspace_id)
        for picture_id, file_id in files.items():
            with work.each():
                await _delete(client, file_id)
                gone.append(picture_id)
        async with shell.database.workspace(workspace_id) as db:
            await pictures.remove(db, workspace_id, gone, shell.now())


async def _delete(client: AsyncWebClient, file_id: str) -> None:
    try:
        await client.files_delete(file=file_id)
    except SlackApiError as refused:
        if refused.response["error"] not in {"file_not_found", "file_deleted", "missing_scope"}:
            raise
