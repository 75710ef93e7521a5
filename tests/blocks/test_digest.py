"""Digests about a team and about a channel, and the answers to their buttons, as people read them."""

from datetime import date
from uuid import UUID

import pytest

from slackapp.blocks import digest as screens
from slackapp.domain.digests import QUESTIONS, Celebrated
from slackapp.domain.teampages import TeamFigures, TeamPage
from slackapp.domain.teams import Origin, Team
from slackapp.domain.weeks import WEEK
from tests.world import words

WEEKS = tuple(date(2026, 1, 5) + WEEK * n for n in range(4))
LANTERNS = Team(UUID(int=1), "Lanterns", Origin(), ("U0MIA",))
FIGURES = TeamFigures(
    people=8, weeks=WEEKS, rhythm=(6, 8, 0, 3), mutual=6, one_way=4, helps=3, helpers=2.0, gestures=60
)


def read(message: screens.Message | None) -> tuple[str, list[str]]:
    assert message is not None
    text, blocks = message
    return text, words(
        [block if isinstance(block, dict) else block.to_dict() for block in blocks]
    ).splitlines()


def test_a_manager_reads_how_the_team_does_and_one_thing_to_try() -> None:
    assert read(screens.team_digest(TeamPage(LANTERNS, 8, FIGURES, None))) == (
        "Lanterns: Most giving comes back: 6 of 10 relationships (60%) went both ways.",
        [
            "Lanterns",
            "Most giving comes back: 6 of 10 relationships (60%) went both ways.",
            "Help was given 3 times: too little to say on whom it rests.",
            "*One thing to try*",
            "Nothing on this page stands out. Telling the team that you noticed is a fine thing to do with it.",
            "Open the team page",
            "5 January to 1 February. Members can read on their Home that managers look at these figures.",
        ],
    )


def test_a_channel_reads_what_was_given_in_public() -> None:
    given = [
        Celebrated("U1", ("U2", "U3"), "kudos", None),
        Celebrated(
            "U2", ("U1",), "thanks", "for &lt;that&gt;, with <@U3> and <!subteam^S1|@oncall>, <@U9> too"
        ),
    ]
    text, lines = read(screens.celebration(given, 3, {"U1": "Ana", "U2": "Cy", "U3": "Ben <3"}))
    assert text == "What people thanked each other for this week"
    assert lines == [
        "This week’s kudos and thanks",
        "Ana gave kudos to Ben &lt;3 and Cy",
        "Cy thanked Ana",
        ">for &lt;that&gt;, with @Ben &lt;3 and @oncall, @somebody too",
        "And 1 more.",
        "Only what was given in public, and nobody who prefers to be thanked in private.",
    ]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (screens.paused("30 March"), ["Paused. The next digest comes after 30 March.", "Change"]),
        (
            screens.stopped(),
            [
                "Stopped. No more digests, and nothing else changes. You can ask for them again in Settings.",
                "Settings",
            ],
        ),
    ],
)
def test_whoever_pauses_or_stops_reads_what_comes_next(message: screens.Message, said: list[str]) -> None:
    assert read(message) == (said[0], said)


def test_a_quiet_week_is_said_kindly_in_a_preview() -> None:
    assert read(("", screens.nothing_to_say()))[1] == [
        "There would be no digest this week: nothing happened that is worth interrupting you for.",
        "It comes when somebody thanked or helped you, or when a small gesture suggests itself.",
    ]


def test_the_questions_to_take_along_are_about_oneself_and_blame_nobody() -> None:
    assert QUESTIONS == (
        "Am I giving as much as I receive?",
        "Am I open to receiving, or do I say “it’s fine” too soon?",
        "Who made my week easier without my noticing?",
        "What would I ask for if asking cost nothing?",
        "Whom do I always ask first, and who else might like to be asked?",
        "What can I say no to, so that my yes stays glad?",
    )
