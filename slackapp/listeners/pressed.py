"""Answering whoever pressed a button, and nobody else."""

from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import replies
from slackapp.blocks.kit import Block


async def tell(
    body: dict[str, Any],
    client: AsyncWebClient,
    respond: AsyncRespond,
    text: str,
    blocks: list[Block],
    *,
    on_home: bool = True,
) -> None:
    """Only to the person who pressed. Home has no place for a message: there a small window says it."""
    if body.get("response_url"):
        await respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=False)
    elif on_home:
        await client.views_open(trigger_id=body["trigger_id"], view=replies.notice(text))
