"""Answering only the person who pressed, wherever it was that they pressed."""

from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks.kit import View
from slackapp.blocks.replies import notice


async def tell(
    body: dict[str, Any],
    client: AsyncWebClient,
    respond: AsyncRespond,
    text: str,
    blocks: list[Any],
    *,
    on_home: bool = True,
) -> None:
    """Home and a modal have no place for a message: there a small window says it, on Home only where that is wanted."""
    if body.get("response_url"):
        await respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=False)
    elif on_home or in_a_modal(body):
        await show(body, client, notice(text))


async def show(body: dict[str, Any], client: AsyncWebClient, view: View) -> Any:
    """On top of the modal in which they pressed, where it was one. Answers what Slack made of it."""
    way = client.views_push if in_a_modal(body) else client.views_open
    opened = await way(trigger_id=body["trigger_id"], view=view)
    return opened["view"]


def in_a_modal(body: dict[str, Any]) -> bool:
    return (body.get("view") or {}).get("type") == "modal"
