"""The shapes screens are made of. Text from people goes through `escape` or arrives as mrkdwn that Slack escaped."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import (
    Block as BlockModel,
)
from slack_sdk.models.blocks import (
    InputBlock,
    Option,
    OptionGroup,
    PlainTextInputElement,
    RadioButtonsElement,
)
from slack_sdk.models.views import View

from slackapp.domain.mrkdwn import as_typed, escape, isolated, unescape
from slackapp.domain.privacy import SOMEONE

SECTION_LIMIT = 3000

#: Slack's own JSON. The shapes every answer is made of are plain dicts: slack_sdk's models check themselves again at
#: each use, which cost a capture a sixth of its time. The rarer ones, with their many options, stay models.
Json = dict[str, Any]
Block = Json | BlockModel
Message = tuple[str, list[Block]]  # what notifications say, and what is shown
InteractiveElement = Json | JsonObject

__all__ = [
    "Block",
    "InteractiveElement",
    "Json",
    "Message",
    "Option",
    "OptionGroup",
    "View",
    "as_typed",
    "escape",
    "isolated",
    "unescape",
]


#: Characters of a message's blocks as JSON. Slack refuses a little over 13,000, which it does not document.
MESSAGE_LIMIT = 12_500


def fitted(compose: Callable[[int, int], Message], most: int) -> Message:
    """The fullest message that Slack takes.

    `compose` is given how long a quote may be and how many things may be shown, `most` at first. The last attempt is
    the answer, whatever its size.
    """
    attempts = [
        (SECTION_LIMIT, most),
        (1000, most),
        (400, most),
        (120, most),
        (120, most // 3),
        (120, most // 6),
    ]
    for longest, shown in attempts:
        text, blocks = compose(longest, max(shown, 1))
        if len(json.dumps([_plain(block) for block in blocks], ensure_ascii=False)) <= MESSAGE_LIMIT:
            break
    return text, blocks


_SLACK_ID = re.compile(r"[UW][A-Z0-9]+")


def mention(user: str) -> str:
    """What Slack shows as a name. Whoever was erased has an id that Slack knows nothing of."""
    return f"<@{user}>" if _SLACK_ID.fullmatch(user) else SOMEONE.lower()


def clipped(text: str, limit: int) -> str:
    """Cut at a word and say so with an ellipsis. Never inside a mention, a link or an escaped character."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    if (space := cut.rfind(" ")) > limit // 2:
        cut = cut[:space]
    for opening, closing in (("<", ">"), ("&", ";")):
        if (start := cut.rfind(opening)) > cut.rfind(closing):
            cut = cut[:start]
    return cut.rstrip() + "…"


def quoted(text: str, limit: int = SECTION_LIMIT) -> str:
    """A quote in mrkdwn, at most `limit` characters with the mark that each line needs."""
    return clipped("\n".join(f">{line}" for line in text.split("\n")), limit)


def header(text: str) -> Json:
    return {"type": "header", "text": {"type": "plain_text", "text": clipped(text, 150), "emoji": True}}


def section(text: str, accessory: InteractiveElement | None = None) -> Json:
    block: Json = {"type": "section", "text": _mrkdwn(text, SECTION_LIMIT)}
    if accessory is not None:
        block["accessory"] = _plain(accessory)
    return block


def columns(*texts: str) -> Json:
    """Side by side where there is room, one below the other on a phone."""
    return {"type": "section", "fields": [_mrkdwn(text, 2000) for text in texts]}


def context(*texts: str) -> Json:
    return {"type": "context", "elements": [_mrkdwn(text, SECTION_LIMIT) for text in texts]}


def divider() -> Json:
    return {"type": "divider"}


def actions(*elements: InteractiveElement, block_id: str | None = None) -> Json:
    block: Json = {"type": "actions", "elements": [_plain(element) for element in elements]}
    if block_id is not None:
        block["block_id"] = block_id
    return block


def button(text: str, action_id: str, value: str | None = None, *, style: str | None = None) -> Json:
    element: Json = {
        "type": "button",
        "text": {"type": "plain_text", "text": clipped(text, 75), "emoji": True},
        "action_id": action_id,
    }
    if value is not None:
        element["value"] = value
    if style is not None:
        element["style"] = style
    return element


def _mrkdwn(text: str, limit: int) -> Json:
    return {"type": "mrkdwn", "text": clipped(text, limit)}


def _plain(element: Block | InteractiveElement) -> Json:
    return element if isinstance(element, dict) else element.to_dict()


def option(text: str, value: str, description: str | None = None) -> Option:
    return Option(text=clipped(text, 75), value=value, description=description)


def radio(block_id: str, label: str, choices: Mapping[str, str], chosen: str) -> InputBlock:
    options = [option(text, value) for value, text in choices.items()]
    initial = next(choice for choice in options if choice.value == chosen)
    return InputBlock(
        block_id=block_id,
        label=label,
        element=RadioButtonsElement(action_id=block_id, options=options, initial_option=initial),
    )


def text_input(
    block_id: str,
    label: str,
    *,
    initial: str = "",
    placeholder: str | None = None,
    hint: str | None = None,
    limit: int,
    multiline: bool = True,
    optional: bool = True,
) -> InputBlock:
    return InputBlock(
        block_id=block_id,
        label=label,
        hint=hint,
        optional=optional,
        element=PlainTextInputElement(
            action_id=block_id,
            initial_value=initial or None,
            placeholder=placeholder,
            multiline=multiline,
            max_length=limit,
        ),
    )


def loading(title: str) -> View:
    """Opened at once, since a trigger lives three seconds, and filled when its content is there."""
    return modal("loading", title, [context("One moment…")], close="Close")


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str | None = None,
    close: str = "Cancel",
    private_metadata: str = "",
) -> View:
    return View(
        type="modal",
        callback_id=callback_id,
        title=title,
        submit=submit,
        close=close,
        blocks=list(blocks),
        private_metadata=private_metadata,
    )
