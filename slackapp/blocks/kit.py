"""The shapes screens are made of. Text from people goes through `escape` or arrives as mrkdwn that Slack escaped."""

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    InputBlock,
    MarkdownTextObject,
    Option,
    OptionGroup,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    SectionBlock,
)
from slack_sdk.models.blocks.block_elements import InteractiveElement
from slack_sdk.models.views import View

SECTION_LIMIT = 3000

__all__ = ["Block", "InteractiveElement", "Option", "OptionGroup", "View"]


def escape(text: str) -> str:
    """Make plain text safe inside mrkdwn, as Slack asks: these three characters and no others."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """What somebody typed, from what `escape` made of it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def clipped(text: str, limit: int) -> str:
    """Cut at a word and say so with an ellipsis. Never inside a mention, a link or an escaped character."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    for opening, closing in (("<", ">"), ("&", ";")):
        if (start := cut.rfind(opening)) > cut.rfind(closing):
            cut = cut[:start]
    if (space := cut.rfind(" ")) > limit // 2:
        cut = cut[:space]
    return cut.rstrip() + "…"


def quoted(text: str, limit: int = SECTION_LIMIT) -> str:
    """A quote in mrkdwn, at most `limit` characters with the mark that each line needs."""
    return clipped("\n".join(f">{line}" for line in text.split("\n")), limit)


def header(text: str) -> HeaderBlock:
    return HeaderBlock(text=PlainTextObject(text=text, emoji=True))


def section(text: str, accessory: InteractiveElement | None = None) -> SectionBlock:
    return SectionBlock(text=MarkdownTextObject(text=clipped(text, SECTION_LIMIT)), accessory=accessory)


def context(*texts: str) -> ContextBlock:
    return ContextBlock(elements=[MarkdownTextObject(text=clipped(text, SECTION_LIMIT)) for text in texts])


def divider() -> DividerBlock:
    return DividerBlock()


def actions(*elements: InteractiveElement, block_id: str | None = None) -> ActionsBlock:
    return ActionsBlock(elements=list(elements), block_id=block_id)


def button(text: str, action_id: str, value: str | None = None, *, style: str | None = None) -> ButtonElement:
    return ButtonElement(text=text, action_id=action_id, value=value, style=style)


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
