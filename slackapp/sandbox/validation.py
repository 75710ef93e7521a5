"""What Slack refuses: blocks and views checked per surface, in the words of Slack's own answers."""

import json
from collections.abc import Callable

from .elements import Json, elements


def check_blocks(blocks: object, surface: str) -> list[str]:
    return [] if isinstance(blocks, list) else ["must be an array [json-pointer:/blocks]"]


def check_view(view: Json, type_: str) -> list[str]:
    return []


def size(view: Json) -> int:
    return len(json.dumps(view, ensure_ascii=False).encode())


def with_ids(blocks: list[Json], make: Callable[[], str]) -> list[Json]:
    """The blocks with the ids that Slack fills in where the app gave none."""
    fresh: list[Json] = json.loads(json.dumps(blocks))
    for block in fresh:
        block.setdefault("block_id", make())
    for _, element in elements(fresh):
        element.setdefault("action_id", make())
    return fresh
