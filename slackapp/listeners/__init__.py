"""What Slack tells us, one file per noun. Slack's dicts stop here.

To answer something new, write `register(bolt)` in its noun's file and list the file in NOUNS.
"""

from slack_bolt.async_app import AsyncApp

from slackapp.listeners import (
    asks,
    channels,
    check_ins,
    digests,
    findings,
    home,
    kudos,
    lifecycle,
    messages,
    mutual,
    offers,
    preferences,
    privacy,
    reactions,
    steps,
    teamlists,
    teams,
)

NOUNS = (
    kudos,
    asks,
    offers,
    check_ins,
    messages,
    mutual,
    steps,
    reactions,
    home,
    preferences,
    lifecycle,
    channels,
    teams,
    teamlists,
    digests,
    findings,
    privacy,
)


def register(bolt: AsyncApp) -> None:
    for noun in NOUNS:
        noun.register(bolt)
