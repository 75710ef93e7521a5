"""Reading what a form was sent with."""

from typing import Any


def filled(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What each block holds, by its id. Our forms have one element a block."""
    return {block: next(iter(fields.values())) for block, fields in view["state"]["values"].items()}


def readable_channel(channel_id: str) -> str | None:
    """A channel that others can read; a direct message is nowhere to celebrate or to ask."""
    return channel_id if channel_id.startswith(("C", "G")) else None
