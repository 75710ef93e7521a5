"""Opening Home."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks.home import home
from slackapp.listeners.directory import acquainted
from slackapp.store import homes, people


def register(bolt: AsyncApp) -> None:
    bolt.event("app_home_opened")(home_opened)


async def home_opened(event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
    if event.get("tab") != "home":
        return
    workspace_id, user, now = context["workspace_id"], event["user"], context["now"]()
    async with acquainted(context, client, [user]) as (db, _):
        facts = await homes.read(db, workspace_id, user, now)
        await people.opened_home(db, workspace_id, user, now)
    if facts is not None:
        await client.views_publish(user_id=user, view=home(facts, context.get("contact")))
