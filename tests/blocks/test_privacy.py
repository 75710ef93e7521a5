"""The privacy view as the person it is about reads it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from slackapp.blocks import privacy as screens
from slackapp.blocks.kit import View
from slackapp.domain.privacy import DEFAULT, Look, Retention, Stored
from tests.world import words

AT = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)
EVERYTHING = Stored(
    gave=1204,
    received=1,
    notes=2,
    asks=3,
    offers=1,
    messages=1012,
    preferences=True,
    paused=False,
    teams=["Lanterns", "Harbour"],
    looks=[Look("Mia", AT, own_balance=False), Look("Mia", AT, own_balance=True)],
)
NOTHING = Stored(
    gave=0,
    received=0,
    notes=0,
    asks=0,
    offers=0,
    messages=0,
    preferences=False,
    paused=True,
    teams=[],
    looks=[],
)


def read(view: View) -> list[str]:
    found: list[dict[str, Any]] = view.to_dict()["blocks"]
    return words(found).splitlines()


def test_privacy_of_somebody_who_takes_part() -> None:
    assert read(screens.privacy(EVERYTHING, DEFAULT)) == [
        "What is stored about you",
        "• 1,204 gestures you gave and 1 gesture you received",
        "• 2 notes that you wrote or received",
        "• 3 asks of yours and 1 offer from or to you, with the words",
        "• 1,012 messages that Mutual sent to you: when and what about, not the words",
        "• What you chose in Settings",
        "• You are on Lanterns, Harbour",
        "• Your name and time zone, as Slack knows them",
        "For how long",
        "• The words of a note, an ask or an offer: 90 days",
        "• A gesture, an ask, an offer, who looked, what was sent: 2 years",
        "• Everything, when the app is uninstalled: removed after 30 days",
        "Who has looked",
        f"• *Mia* looked at a page of your team, <!date^{int(AT.timestamp())}^{{date_short_pretty}} {{time}}|1772620200>",
        f"• *Mia* looked at your shared balance, <!date^{int(AT.timestamp())}^{{date_short_pretty}} {{time}}|1772620200>",
        "Download my data",
        "Pause",
        *ERASING,
        "Erase me",
        "The download comes to you as a message from Mutual, as JSON and as CSV.",
        "While Mutual is paused, no message from it reaches you, and nothing is recorded from your reactions and messages.",
    ]


ERASING = [
    "Erase everything about you?",
    "Your notes, the notes people wrote to you, your settings and your name are removed from Mutual. What others gave "
    "and received keeps counting, with “Someone who left” in your place. This cannot be undone.",
    "Erase me",
    "Keep it",
]


def test_privacy_of_somebody_of_whom_nothing_is_stored_and_who_paused() -> None:
    assert read(screens.privacy(NOTHING, Retention(notes=1, gestures=365, grace=0))) == [
        "What is stored about you",
        "• 0 gestures you gave and 0 gestures you received",
        "• 0 notes that you wrote or received",
        "• No settings of your own",
        "• You are on no team",
        "• Your name and time zone, as Slack knows them",
        "For how long",
        "• The words of a note, an ask or an offer: 1 day",
        "• A gesture, an ask, an offer, who looked, what was sent: 365 days",
        "• Everything, when the app is uninstalled: removed at once",
        "Who has looked",
        "Nobody has looked at a page of your team, or at a balance you shared.",
        "Download my data",
        "Resume",
        *ERASING,
        "Erase me",
        "The download comes to you as a message from Mutual, as JSON and as CSV.",
        "Mutual is paused for you: no message from it reaches you, and nothing is recorded from your reactions and "
        "messages.",
    ]


def test_many_teams_are_not_all_listed() -> None:
    many = replace(EVERYTHING, teams=[f"Team {number}" for number in range(12)])
    assert (
        "• You are on Team 0, Team 1, Team 2, Team 3, Team 4, Team 5, Team 6, Team 7, Team 8, Team 9 and 2 more teams"
    ) in read(screens.privacy(many, DEFAULT))


def test_whoever_downloads_reads_where_it_comes_and_when() -> None:
    assert read(screens.on_its_way()) == [
        "Your data is on its way. It comes as a message from Mutual, usually within a minute."
    ]


ERASED = [
    "Everything about you is erased. Mutual no longer knows what you gave, received or wrote.",
    "What you asked for is taken back in Slack too. Other messages that were posted there are Slack's, and stay until "
    "they are deleted there. "
    "If you use Mutual again, or somebody thanks you with it, it begins anew.",
]


@pytest.mark.parametrize(
    ("view", "said"),
    [(screens.erased(), ERASED), (screens.erased_home(), ["Your give and take", *ERASED])],
    ids=["where they pressed", "Home"],
)
def test_whoever_is_erased_reads_what_is_gone_and_what_stays(view: View, said: list[str]) -> None:
    assert read(view) == said
