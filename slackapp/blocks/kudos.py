"""The form behind `/kudos`, the shortcut and the button on Home."""

import json
from collections.abc import Sequence
from datetime import date

from slack_sdk.models.blocks import (
    ConversationFilter,
    ConversationSelectElement,
    InputBlock,
    UserMultiSelectElement,
)

from slackapp.blocks.kit import Block, View, context, escape, modal, radio, text_input
from slackapp.domain.gestures import NOTE_LIMIT
from slackapp.domain.people import Person

REASONS = {"thanks": "They helped me", "kudos": "Great work", "just_because": "Just because"}
SEEN_BY = {"channel": "Everyone in the channel", "private": "Only them"}


def kind_of(reason: str) -> str:
    return "thanks" if reason == "thanks" else "kudos"


def kudos_form(
    *,
    people: Sequence[str] = (),
    channel_id: str | None = None,
    message: tuple[str, str] | None = None,
    helped: tuple[str, date] | None = None,
    seen_by: str | None = None,
    wishes: Sequence[Person] = (),
) -> View:
    """`wishes`: the people chosen so far, to show what they told others. `message`: (channel, ts) it is about.

    `helped`: (who, on which day), where it is about help that is recorded already.
    """
    if seen_by not in SEEN_BY:
        seen_by = "channel" if channel_id else "private"
    return modal(
        "give_kudos",
        "Give kudos",
        [
            InputBlock(
                block_id="people",
                label="Who is it for?",
                dispatch_action=True,
                element=UserMultiSelectElement(
                    action_id="people",
                    placeholder="Choose one or more people",
                    initial_users=list(people) or None,
                ),
            ),
            *_wishes(wishes),
            radio("reason", "What for?", REASONS, "thanks"),
            text_input(
                "note",
                "In your words",
                placeholder="What did it change for you?",
                hint="One concrete sentence is worth more than five stars.",
                limit=NOTE_LIMIT,
            ),
            radio("seen_by", "Who may see it?", SEEN_BY, seen_by),
            InputBlock(
                block_id="channel",
                label="Channel",
                optional=True,
                hint="Where Mutual is not a member, they are told in private instead.",
                element=ConversationSelectElement(
                    action_id="channel",
                    placeholder="Choose a channel",
                    initial_conversation=channel_id,
                    default_to_current_conversation=None if channel_id else True,
                    filter=ConversationFilter(include=["public", "private"], exclude_bot_users=True),
                ),
            ),
        ],
        submit="Send",
        private_metadata=_about(message, helped),
    )


def _about(message: tuple[str, str] | None, helped: tuple[str, date] | None) -> str:
    about = {"channel": message[0], "ts": message[1]} if message else {}
    if helped:
        about |= {"helper": helped[0], "helped_on": helped[1].isoformat()}
    return json.dumps(about) if about else ""


def _wishes(people: Sequence[Person]) -> list[Block]:
    lines = []
    for person in people[:5]:
        told = person.preferences
        if told.thanked != "either":
            how = "in private" if told.thanked == "private" else "in public"
            lines.append(f"*{escape(person.called)}* likes to be thanked {how}.")
        if told.help_me:
            lines.append(f"Good ways to help *{escape(person.called)}*: {escape(told.help_me)}")
        if told.need_now:
            lines.append(f"What *{escape(person.called)}* needs now: {escape(told.need_now)}")
    return [context(*lines[:10])] if lines else []
