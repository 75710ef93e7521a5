"""The part of Settings in which an admin decides for the whole workspace."""

from slack_sdk.models.blocks import ChannelSelectElement, CheckboxesElement, InputBlock

from slackapp.blocks.kit import Block, context, option, radio, text_input
from slackapp.domain.policies import ANNOUNCE, NAMING, TEAM_MAKERS, Policy


def policy_fields(policy: Policy) -> list[Block]:
    in_general = option("Also in #general, when kudos are given there", "in_general")
    return [
        radio("team_makers", "Who may make teams?", TEAM_MAKERS, policy.team_makers),
        radio("naming", "What do managers of a team see by name?", NAMING, policy.naming),
        context("Whoever mostly receives is never named to anybody else, whatever you choose."),
        text_input(
            "floor",
            "Active people a team needs before its figures are shown",
            initial=str(policy.floor),
            hint="Five is the least: with fewer, figures would be about somebody in particular.",
            limit=3,
            multiline=False,
            optional=False,
        ),
        radio("announce", "Where are public kudos posted?", ANNOUNCE, policy.announce),
        _channel("kudos_channel", "The one channel for kudos", policy.kudos_channel),
        InputBlock(
            block_id="in_general",
            label="#general",
            optional=True,
            hint="Otherwise kudos given in #general are told to their receivers in private.",
            element=CheckboxesElement(
                action_id="in_general",
                options=[in_general],
                initial_options=[in_general] if policy.in_general else None,
            ),
        ),
        _channel(
            "celebrate_channel",
            "A channel that gathers the week’s public kudos on Mondays",
            policy.celebrate_channel,
        ),
    ]


def _channel(name: str, label: str, chosen: str | None) -> InputBlock:
    return InputBlock(
        block_id=name,
        label=label,
        optional=True,
        element=ChannelSelectElement(
            action_id=name, placeholder="Choose a public channel", initial_channel=chosen
        ),
    )
