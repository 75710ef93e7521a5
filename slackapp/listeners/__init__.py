"""What Slack tells us, one file per noun. Slack's dicts stop here.

To answer something new, write `register(bolt)` in its noun's file and list the file in NOUNS.
"""

from slack_bolt.async_app import AsyncApp

from slackapp.listeners import (
    asks,
    digests,
    findings,
    home,
    kudos,
    lifecycle,
    preferences,
    reactions,
    teams,
)

NOUNS = (kudos, asks, reactions, home, preferences, lifecycle, teams, digests, findings)


def register(bolt: AsyncApp) -> None:
    for noun in NOUNS:
        noun.register(bolt)
