"""What Mutual answers whoever acted, read whole."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from slackapp.blocks import mutual, replies
from slackapp.blocks.kudos import kudos_form
from slackapp.domain.gestures import DEFAULT_EMOJI, Recorded, Source
from slackapp.domain.people import Person
from slackapp.domain.preferences import Preferences
from slackapp.sandbox.validation import is_too_long
from tests.asking import buttons
from tests.world import words

BEN, CY = Person("U0BEN", "Ben"), Person("U0CY", "Cy")
QUIET = Person("U0CY", "Cy", preferences=Preferences(thanked="private"))
PAUSED = Person("U0ZED", "Zed", preferences=Preferences(paused=True))
GONE = Person("U0GUS", "Gus", is_deactivated=True)
ALSO_PAUSED = Person("U0MIA", "Mia", preferences=Preferences(paused=True))


def read(blocks: Any) -> list[str]:
    return words([block if isinstance(block, dict) else block.to_dict() for block in blocks]).split("\n")


def given(
    kind: str = "kudos", *, told: bool = True, helped: bool = False, note: str | None = None
) -> Recorded:
    return Recorded(
        UUID(int=1),
        "U0ANA",
        "U0BEN",
        kind,
        Source("command:1", "C0TEAM"),
        "channel",
        note,
        stands=True,
        told=told,
        helped=helped,
    )


def test_how_to_give() -> None:
    assert read(replies.usage(DEFAULT_EMOJI)) == [
        "Mutual keeps kudos, thanks and help in view, so that giving and receiving stay in balance.",
        "*Say it in a line:* `/kudos @ana @ben for the calm release`",
        "*Or open a form:* `/kudos` with nothing after it",
        "*Or react to a message:* :raised_hands: or :clap: is kudos, :pray: is thanks",
        "*Or from a message:* choose *Thank for this message* in its menu",
        "Your own balance is on Mutual's Home tab. Nobody else can look it up, unless you share it.",
    ]


@pytest.mark.parametrize(
    ("emoji", "line"),
    [
        ({"taco": "kudos"}, "*Or react to a message:* :taco: is kudos"),
        ({"sunflower": "thanks"}, "*Or react to a message:* :sunflower: is thanks"),
        (
            {"a": "kudos", "b": "kudos", "c": "kudos", "d": "kudos", "e": "thanks"},
            "*Or react to a message:* :a: or :b: or :c: is kudos, :e: is thanks",
        ),
        ({}, None),
    ],
)
def test_reactions_are_told_as_the_workspace_chose_them(emoji: dict[str, str], line: str | None) -> None:
    said = [told for told in read(replies.usage(emoji)) if "react" in told]

    assert said == ([line] if line else [])


def test_a_refusal_keeps_what_was_typed() -> None:
    text, blocks = replies.refusal("R&D is an app.", "@rd for the demo")

    assert text == "R&amp;D is an app."
    assert read(blocks) == [
        "R&amp;D is an app.",
        "You wrote: @rd for the demo",
        "Type `/kudos help` to see how it works.",
    ]


@pytest.mark.parametrize(
    ("receivers", "visibility", "said"),
    [
        (
            [BEN],
            "channel",
            ["Ben will see it where kudos are posted here, or hear it in private."],
        ),
        (
            [BEN, CY],
            "channel",
            ["They will see it where kudos are posted here, or hear it in private."],
        ),
        ([BEN], "private", ["Ben will hear it from Mutual in private."]),
        ([QUIET], "channel", ["Cy will hear it from Mutual in private."]),
        (
            [BEN, QUIET],
            "channel",
            ["Ben will see it where kudos are posted here. Cy will hear it in private, as they prefer."],
        ),
        ([GONE], "channel", ["Gus no longer has an account here, so it does not reach them."]),
        ([PAUSED], "channel", ["Zed has paused Mutual, and finds it on the Home tab."]),
        (
            [BEN, PAUSED, ALSO_PAUSED],
            "private",
            [
                "Ben will hear it from Mutual in private.",
                "Zed and Mia have paused Mutual, and find it on the Home tab.",
            ],
        ),
    ],
)
def test_how_receivers_come_to_know_of_it(receivers: list[Person], visibility: str, said: list[str]) -> None:
    _, blocks = replies.counted(
        kind="kudos", receivers=receivers, source_key="command:1", visibility=visibility
    )

    assert read(blocks)[1:-1] == said


def test_what_was_written_in_a_channel_tells_them_itself() -> None:
    text, blocks = replies.what_counts([given(told=False)], {"U0BEN": BEN})

    assert text == "Your kudos to Ben counted."
    assert read(blocks)[1] == "Ben can read it in your message."


@pytest.mark.parametrize(
    ("helped", "text", "can_press"),
    [
        (True, "Your thanks to Ben counted, and so did the help you thanked for.", ["Undo", "Not for help"]),
        (
            False,
            "Your thanks to Ben counted, but not as thanks for help.",
            ["Undo", "It was for help"],
        ),
    ],
)
def test_thanks_count_as_help_until_the_giver_says_otherwise(
    helped: bool, text: str, can_press: list[str]
) -> None:
    said, blocks = replies.what_counts([given("thanks", helped=helped)], {"U0BEN": BEN})

    assert said == text
    assert buttons({"blocks": blocks}) == can_press


def test_thanks_for_help_that_was_confirmed_cannot_be_not_for_help() -> None:
    confirmed = replace(given("thanks", helped=True), confirmed=True)
    said, blocks = replies.what_counts([confirmed], {"U0BEN": BEN})

    assert said == "Your thanks to Ben counted, and so did the help you thanked for."
    assert buttons({"blocks": blocks}) == ["Undo"]


def test_what_helps_somebody_is_said_when_they_were_given_something() -> None:
    ben = Person("U0BEN", "Ben", preferences=Preferences(help_me="Mornings <only>"))
    _, blocks = replies.counted(
        kind="kudos",
        receivers=[ben],
        source_key="command:1",
        visibility="private",
        left_out="Robo is an app, and kudos are for people.",
    )

    assert read(blocks)[1:4] == [
        "Ben will hear it from Mutual in private.",
        "Robo is an app, and kudos are for people.",
        "*Ben* says what helps: Mornings &lt;only&gt;",
    ]


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("a few", "Only the people it was sent to can read it. It is on your Home tab too."),
        (None, "Only the two of you know. It is on your Home tab too."),
        (
            "their wish",
            "You like to be thanked in private, so you alone are told. It is on your Home tab too.",
        ),
        (
            "outside",
            "It was given in a channel that you are not in, so you are told here. It is on your Home tab too.",
        ),
        ("closed", "You are told here because I can't post it where it was given."),
        (
            "not posted",
            "You are told here because kudos from there are not posted for all. It is on your Home tab too.",
        ),
    ],
)
def test_a_private_note_says_why_it_is_private(why: replies.Why | None, said: str) -> None:
    text, blocks = replies.private_note([given(note="for the map")], why)

    assert read(blocks) == [":raised_hands: <@U0ANA> sends you kudos", ">for the map", said]
    assert text == "<@U0ANA> sends you kudos"


def test_kudos_and_thanks_for_one_message_are_each_told_in_their_own_words() -> None:
    both = [given(note="for the map"), given("thanks", note="I was lost", helped=True)]

    text, blocks = replies.announcement(both)
    assert text == "<@U0ANA> gives kudos to <@U0BEN> · <@U0ANA> thanks <@U0BEN>"
    assert read(blocks) == [
        ":raised_hands: <@U0ANA> gives kudos to <@U0BEN>",
        ">for the map",
        ":pray: <@U0ANA> thanks <@U0BEN>",
        ">I was lost",
    ]

    text, blocks = replies.private_note(both)
    assert text == "<@U0ANA> sends you kudos · <@U0ANA> thanks you"
    assert read(blocks)[:-1] == [
        ":raised_hands: <@U0ANA> sends you kudos",
        ">for the map",
        ":pray: <@U0ANA> thanks you",
        ">I was lost",
    ]

    text, blocks = replies.what_counts(both, {"U0BEN": BEN})
    assert text == (
        "Your kudos to Ben counted. Your thanks to Ben counted, and so did the help you thanked for."
    )
    assert read(blocks)[1] == "Ben will see it where kudos are posted here, or hear it in private."
    assert buttons({"blocks": blocks}) == ["Undo", "Not for help"]


@pytest.mark.parametrize(("words", "whole"), [(2000, True), (3000, False)])
def test_several_that_are_too_long_for_one_message_are_each_shortened(words: int, whole: bool) -> None:
    note = "far " * (words // 4)

    text, blocks = replies.announcements([[given(note=note.strip())]] * 5)

    assert not is_too_long(blocks)
    assert (note.strip() in read(blocks)[1]) is whole
    assert len(blocks) == 10
    assert text.count("gives kudos") == 5


def test_checking_in_on_somebody_who_is_no_longer_here() -> None:
    text, _ = replies.checked_in(None, date(2026, 3, 4), undone=False)

    assert text == "I can't find them here any more, so nothing was recorded."


@pytest.mark.parametrize(
    ("word", "text"),
    [
        (
            "paused",
            "Paused. No message from me reaches you, and nothing is recorded from your reactions and messages. "
            "Write `resume` whenever you like.",
        ),
        ("resumed", "Welcome back. I'll tell you again when something is for you."),
        ("helped", "Your last act was an offer that helped somebody. They say so, and it stands."),
        ("nothing", "There is nothing to undo: nothing you gave within the last day stands right now."),
        (
            "crowd",
            "Your message names more than 30 people, so it is not counted as kudos: "
            "they land better when they are meant for a few.",
        ),
        (
            "undone:nothing:check_in:U0BEN:check_in:U0BEN:2026-03-04",
            "Undone: your check-in with <@U0BEN>. Nothing of it is counted.",
        ),
        (
            "undone:giver:kudos:U0BEN,left-0c5434aa:message:C1:1.2",
            "Undone: your kudos to <@U0BEN> and someone who left. Nothing of it is counted. "
            "What you wrote or reacted with stays where it is.",
        ),
        (
            "undone:us:welcome:U0BEN:command:1",
            "Undone: what you gave to <@U0BEN>. Nothing of it is counted, and whatever I posted is taken back.",
        ),
        (
            "offer_undone:U0BEN",
            "Undone: your offer to <@U0BEN>. It is taken back, and nothing of it is counted.",
        ),
    ],
)
def test_a_word_is_answered_in_a_sentence(word: str, text: str) -> None:
    assert mutual.said(word, DEFAULT_EMOJI)[0] == text


def test_what_it_can_do() -> None:
    _, blocks = mutual.said("help", DEFAULT_EMOJI)

    assert read(blocks) == [
        "Mutual keeps the give and take of help and thanks in view.",
        "*Say it in a line:* `/kudos @ana @ben for the calm release`",
        "*Or open a form:* `/kudos` with nothing after it",
        "*Or react to a message:* :raised_hands: or :clap: is kudos, :pray: is thanks",
        "*Or from a message:* choose *Thank for this message* in its menu",
        "*Ask for help:* `/ask somebody to read my outline`",
        "*Offer help:* `/offer @ben an hour on the export`",
        "Give kudos",
        "Ask for help",
        "Offer help",
        "Settings",
        "Words I know: `undo`, `pause`, `resume`, `privacy`, `help`. Your balance is on my Home tab.",
    ]


def test_what_is_kept() -> None:
    _, blocks = mutual.said("privacy", DEFAULT_EMOJI)

    assert read(blocks) == [
        "*What Mutual keeps, and who sees it*",
        "• Gestures: who gave what kind to whom, when, and the note that was written for it.",
        "• Asks and offers with their words, until they are taken back.",
        "• What you chose in *Settings*.",
        "• Where it is invited it looks for kudos in messages and keeps nothing else of them. "
        "What you write to it here is not kept.",
        "Your balance and your rhythm are for you alone, unless you share them with a team you are on. Nobody else can "
        "look up your notes. There are no points and no rankings.",
        "What is stored about me",
    ]


def test_the_form_for_kudos() -> None:
    ben = Person(
        "U0BEN", "Ben", preferences=Preferences(thanked="public", help_me="Mornings", need_now="Biscuits")
    )

    assert set(read(kudos_form(people=["U0BEN"], wishes=[ben, QUIET]).blocks)) == {
        "Who is it for?",
        "Choose one or more people",
        "*Ben* likes to be thanked in public.",
        "Good ways to help *Ben*: Mornings",
        "What *Ben* needs now: Biscuits",
        "*Cy* likes to be thanked in private.",
        "What for?",
        "They helped me",
        "Great work",
        "Just because",
        "In your words",
        "One concrete sentence is worth more than five stars.",
        "What did it change for you?",
        "Who may see it?",
        "Everyone in the channel",
        "Only them",
        "Channel",
        "Where Mutual is not a member, they are told in private instead.",
        "Choose a channel",
    }
