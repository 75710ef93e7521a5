"""What is stored about me: seen, taken along, paused, erased. Always one's own: who asks is who signed in to Slack."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import privacy as blocks
from slackapp.blocks.kit import loading
from slackapp.domain.weeks import local_day
from slackapp.listeners.directory import acquainted
from slackapp.store import people, preferences, privacy, queue


def register(bolt: AsyncApp) -> None:
    bolt.action("open_privacy")(open_privacy)
    bolt.action("download_my_data")(download_my_data)
    bolt.action("pause_me")(pause_me)
    bolt.action("resume_me")(pause_me)
    bolt.action("erase_me")(erase_me)


async def open_privacy(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    await show_privacy(body["trigger_id"], body["user"]["id"], context, client)
    await ack()


async def show_privacy(
    trigger_id: str, user_id: str, context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    opened = await client.views_open(trigger_id=trigger_id, view=loading("Privacy"))
    workspace_id = context["workspace_id"]
    async with context["database"].workspace(workspace_id) as db:
        found = await privacy.stored(db, workspace_id, user_id)
    await client.views_update(
        view_id=opened["view"]["id"],
        hash=opened["view"]["hash"],
        view=blocks.privacy(found, context["retention"]),
    )


async def pause_me(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    """As in Settings and after `/mutual`. Pressing twice is pressing once."""
    workspace_id, user = context["workspace_id"], body["user"]["id"]
    async with acquainted(context, client, [user]) as (db, _):
        await preferences.pause(db, workspace_id, user, paused=body["actions"][0]["action_id"] == "pause_me")
        found = await privacy.stored(db, workspace_id, user)
    await ack()
    await client.views_update(view_id=body["view"]["id"], view=blocks.privacy(found, context["retention"]))


async def download_my_data(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    workspace_id = context["workspace_id"]
    async with context["database"].workspace(workspace_id) as db:
        # A view is one request: pressing twice brings one copy.
        await queue.defer(db, queue.send_my_data(workspace_id, body["user"]["id"], body["view"]["id"]))
    await ack()
    await client.views_update(view_id=body["view"]["id"], view=blocks.on_its_way())


async def erase_me(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    workspace_id, user = context["workspace_id"], body["user"]["id"]
    async with context["database"].workspace(workspace_id) as db:
        zone = (await people.known(db, workspace_id, [])).timezone
        left = await privacy.erase(db, workspace_id, user, local_day(context["now"](), zone))
        await queue.defer(
            db,
            *queue.refresh_all_homes(workspace_id, left.homes),
            *([queue.take_down_asks(workspace_id, left.asks)] if left.asks else []),
            # Lists of open asks, in all channels: a job for theirs alone would tell where they had asked.
            queue.look_after_asks(workspace_id),
            queue.find_patterns(workspace_id, again=True),
            queue.remove_pictures(workspace_id),
        )
    await ack()
    await client.views_publish(user_id=user, view=blocks.erased_home())
    await client.views_update(view_id=body["view"]["id"], view=blocks.erased())
