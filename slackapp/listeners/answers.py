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
    if _is_third(body):
        shown = await client.views_update(view_id=body["view"]["id"], view=view)
    else:
        way = client.views_push if in_a_modal(body) else client.views_open
        shown = await way(trigger_id=body["trigger_id"], view=view)
    return shown["view"]


def _is_third(body: dict[str, Any]) -> bool:
    """Slack lays no fourth modal on top of three: what comes next takes the place of the third."""
    view = body.get("view") or {}
    return in_a_modal(body) and view.get("previous_view_id") not in (None, "", view.get("root_view_id"))


def in_a_modal(body: dict[str, Any]) -> bool:
    return (body.get("view") or {}).get("type") == "modal"
