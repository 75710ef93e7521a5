"""Somebody joins a channel: a person, who may be on its team now, or Mutual itself, which has things to say there."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.domain.deliveries import CHANNEL_CLOSED
from slackapp.listeners import teams
from slackapp.store import asks, deliveries, queue


def register(bolt: AsyncApp) -> None:
    bolt.event("member_joined_channel")(joined)


async def joined(event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
    if event["user"] != context.bot_user_id:
        await teams.member_joined(event, context, client)
        return
    workspace_id, channel = context["workspace_id"], event["channel"]
    async with context["database"].workspace(workspace_id) as db:
        # Not what was announced: its receivers were told in private.
        await deliveries.forget(db, workspace_id, channel, ["ask"], CHANNEL_CLOSED)
        waiting = await asks.to_show_in(db, workspace_id, channel, now=context["now"]())
        await queue.defer(db, *(queue.keep_ask(workspace_id, ask_id) for ask_id in waiting))
