"""A person's settings, and for admins the workspace's."""

from collections.abc import Mapping, Sequence
from datetime import date

from slack_sdk.models.blocks import CheckboxesElement, DatePickerElement, InputBlock, StaticSelectElement

from slackapp.blocks.kit import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    header,
    modal,
    option,
    radio,
    text_input,
)
from slackapp.blocks.policies import policy_fields
from slackapp.domain.digests import DAYS
from slackapp.domain.emoji import FIELD_LIMIT, written
from slackapp.domain.people import Person
from slackapp.domain.policies import Policy
from slackapp.domain.preferences import THANKED, WISH_LIMIT


def settings_form(
    person: Person,
    *,
    today: date,
    workspace: tuple[str, Mapping[str, str]] | None = None,
    policy: Policy = Policy(),
) -> View:
    """`workspace`: (time zone, emoji meanings), for admins only, who also decide the policy."""
    chosen = person.preferences
    digest = [option("Send me a short digest once a week", "digest")]
    digests_on = digest if chosen.digest else []
    if chosen.digest_paused(today):
        paused_until = option(f"None until {chosen.digest_paused_until:%-d %B}, as I chose", "digest_paused")
        digest, digests_on = [*digest, paused_until], [*digests_on, paused_until]
    paused = option("No messages to me, and nothing recorded from my reactions and messages", "paused")
    blocks: list[Block] = [
        radio("thanked", "How do you like to be thanked?", THANKED, chosen.thanked),
        text_input(
            "help_me",
            "Good ways to help you",
            initial=chosen.help_me,
            placeholder="A second pair of eyes before I publish",
            hint="People see this when they are about to give you something.",
            limit=WISH_LIMIT,
        ),
        text_input(
            "need_now",
            "What you need right now",
            initial=chosen.need_now,
            placeholder="An hour with somebody who knows the billing code",
            limit=WISH_LIMIT,
        ),
        InputBlock(
            block_id="away_until",
            label="Away until (your last day away)",
            optional=True,
            hint="While you are away you get no digest and are suggested to nobody, people who want to ask you read that "
            "you are away, and the weeks do not count for anything. Kudos, asks and offers still reach you; to hear "
            "nothing at all, pause Mutual below.",
            element=DatePickerElement(
                action_id="away_until",
                initial_date=chosen.away_until.isoformat() if chosen.away_until else None,
            ),
        ),
        InputBlock(
            block_id="at_capacity_until",
            label="At capacity until (the last day)",
            optional=True,
            hint="You are suggested to nobody, and people who want to ask you are told so kindly.",
            element=DatePickerElement(
                action_id="at_capacity_until",
                initial_date=chosen.at_capacity_until.isoformat() if chosen.at_capacity_until else None,
            ),
        ),
        InputBlock(
            block_id="paused",
            label="Pause Mutual",
            optional=True,
            element=CheckboxesElement(
                action_id="paused", options=[paused], initial_options=[paused] if chosen.paused else None
            ),
        ),
        InputBlock(
            block_id="digest",
            label="Weekly digest",
            optional=True,
            element=CheckboxesElement(action_id="digest", options=digest, initial_options=digests_on or None),
        ),
        _select("digest_day", "Day of the digest", list(enumerate(DAYS)), chosen.digest_day),
        _select(
            "digest_hour",
            "Not before",
            [(hour, f"{hour}:00") for hour in range(24)],
            chosen.digest_hour,
        ),
        actions(button("Show me what it would say today", "preview_digest")),
    ]
    if workspace is not None:
        timezone, emoji = workspace
        blocks += [
            divider(),
            header("For the whole workspace"),
            context("You see this part because you are an admin. A change takes effect within a minute."),
            text_input(
                "timezone",
                "Time zone in which weeks close",
                initial=timezone,
                limit=60,
                multiline=False,
                optional=False,
            ),
            *(
                text_input(
                    f"emoji_{kind}",
                    f"Reactions that mean {kind}",
                    initial=written(name for name, means in emoji.items() if means == kind),
                    placeholder=":clap: :raised_hands:",
                    limit=FIELD_LIMIT,
                    multiline=False,
                )
                for kind in ("kudos", "thanks")
            ),
            *policy_fields(policy),
        ]
    return modal("settings", "Settings", blocks, submit="Save")


def _select(name: str, label: str, choices: Sequence[tuple[int, str]], chosen: int) -> InputBlock:
    options = [option(text, str(value)) for value, text in choices]
    return InputBlock(
        block_id=name,
        label=label,
        element=StaticSelectElement(
            action_id=name, options=options, initial_option=next(o for o in options if o.value == str(chosen))
        ),
    )
