"""The screens of asking, read whole, as somebody reads them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from slackapp.blocks import asks as screens
from slackapp.domain.asks import MOST_LISTED, Ask, Offer
from slackapp.domain.people import Person
from tests.asking import buttons
from tests.world import words

NOW = datetime(2026, 3, 4, tzinfo=UTC)
ASK = Ask(
    UUID(int=1), "U0ANA", "A reader for my outline", "eyes", date(2026, 3, 9), "C0TEAM", (), "open", NOW
)
PRIVATE = replace(ASK, channel_id=None, people=("U0BEN", "U0CY"))
OFFER = Offer(UUID(int=2), ASK.ask_id, "U0BEN", "U0ANA", "pending", None, NOW)


def read(blocks: Any) -> list[str]:
    return words([block if isinstance(block, dict) else block.to_dict() for block in blocks]).split("\n")


def test_how_to_ask() -> None:
    assert read(screens.usage()) == [
        "Asking is as welcome here as giving. Say what would help, and people who can will tell you.",
        "*Ask for help:* `/ask somebody to read my outline`",
        "*See what is open in a channel:* `/ask list`",
        "*Offer help:* `/offer @ben an hour on the export`, or choose *Offer help* in the menu of a message",
        "You decide where it is posted, and you can edit, close or take back an ask at any time.",
    ]


def test_the_form() -> None:
    form = screens.ask_form(told=["Ben is away right now."])

    assert set(read(form.blocks)) == {
        "What do you need?",
        "Somebody to read my outline before Friday",
        "Kind of help",
        "A second pair of eyes",
        "An answer to a question",
        "Hands on the work",
        "Somebody to think with",
        "Something else",
        "By when?",
        "In which channel?",
        "Choose a channel",
        "Or only these people",
        "Then no channel sees it: each of them gets it in a direct message.",
        "Choose one or more people",
        "Ben is away right now.",
    }


def test_the_forms_to_change_and_to_close_it() -> None:
    edit = screens.edit_form(ASK, "A reader for my outline")
    assert edit.title.text == "Edit your ask"
    assert (edit.blocks[0].element.initial_value, edit.blocks[2].element.initial_date) == (
        "A reader for my outline",
        "2026-03-09",
    )

    close = screens.close_form(ASK, ["U0BEN"])
    assert (close.title.text, close.submit.text) == ("Close your ask", "Close it")
    assert set(read(close.blocks)) == {
        "Nobody can offer any more, and everybody who waits for your answer gets a kind one.",
        "Who helped?",
        "Their help counts when you say so. Leave it empty if nobody did.",
        "Choose everybody",
    }


@pytest.mark.parametrize(
    ("own", "question", "submit"),
    [
        (True, "Whom would you like to ask as well? I'll send them your ask.", "Ask them"),
        (False, "Who might be able to help? Only the person who asked hears of it.", "Suggest"),
    ],
)
def test_knowing_somebody(own: bool, question: str, submit: str) -> None:
    form = screens.know_someone_form(ASK, own=own)

    assert set(read(form.blocks)) == {question, "Person", "Choose a person"}
    assert form.submit.text == submit


def test_the_card_while_people_answer() -> None:
    offers = [OFFER, replace(OFFER, helper="U0CY", helped=True), replace(OFFER, state="withdrawn")]

    text, blocks = screens.card(ASK, offers)

    assert text == "<@U0ANA> asks for help"
    assert read(blocks)[:3] == [
        ":raising_hand: <@U0ANA> asks for help",
        ">A reader for my outline",
        "A second pair of eyes · by 9 March · 1 person offered · 1 person helped",
    ]
    assert buttons({"blocks": blocks}) == ["I can help", "I know someone", "Edit", "Close"]


@pytest.mark.parametrize(
    ("offers", "said"),
    [
        ([], "Thank you to everybody who thought of helping."),
        ([replace(OFFER, helped=True), replace(OFFER, helped=True)], "2 people helped."),
    ],
)
def test_the_card_when_it_is_closed(offers: list[Offer], said: str) -> None:
    _, blocks = screens.card(replace(ASK, state="closed"), offers)

    assert read(blocks) == [
        "<@U0ANA> asked for help, and this ask is closed.",
        ">A reader for my outline",
        said,
        "Open it again",
    ]


def test_the_card_when_it_is_taken_back() -> None:
    gone = replace(ASK, state="withdrawn", text=None)

    assert screens.card(gone, [])[0] == "This ask was taken back by the person who asked."
    assert screens.own_card(gone, [])[0] == "You took this ask back, and its words are gone."


def test_taking_it_back_is_asked_about() -> None:
    confirm = screens.withdraw_button(ASK.ask_id)["confirm"]

    assert [confirm[part]["text"] for part in ("title", "text", "confirm", "deny")] == [
        "Take this ask back?",
        "Its text is removed for good. Help that was given still counts.",
        "Take it back",
        "Keep it",
    ]


def test_ones_own_ask_of_a_few() -> None:
    gone = Person("U0GUS", "Gus", is_deactivated=True)
    _, blocks = screens.own_card(
        PRIVATE, [OFFER], unreached=[Person("U0CY", "Cy"), gone, Person("U0ZED", "Zed")]
    )

    assert read(blocks)[:5] == [
        "Your ask is with <@U0BEN> and <@U0CY>. Nobody else reads it, and I'll tell you when somebody offers.",
        ">A reader for my outline",
        "A second pair of eyes · by 9 March · 1 person offered",
        "Gus no longer has an account here, so it does not reach them.",
        "Cy and Zed have paused Mutual, so it does not reach them. You can write to them yourself.",
    ]
    assert screens.own_card(replace(PRIVATE, people=()), [])[0].startswith("Your ask is with nobody yet.")
    closed, blocks = screens.own_card(replace(PRIVATE, state="closed"), [])
    assert closed == "Your ask is closed."
    assert buttons({"blocks": blocks}) == ["Open it again", "Take it back"]


WHY = "I can't change its card in <#C0TEAM> any more: I am no longer in the channel, or it is archived."


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (
            ASK,
            f"About your ask: {WHY} This message shows how it stands, and offers reach you here. "
            "With `/invite @Mutual` there, I'll put it right.",
        ),
        (
            replace(ASK, state="closed"),
            f"Your ask is closed. {WHY} So it may still look open there. "
            "With `/invite @Mutual` there, I'll put it right.",
        ),
        (
            replace(ASK, state="withdrawn", text=None),
            f"You took your ask back. {WHY} So its words still stand there. "
            "With `/invite @Mutual` there, I'll put it right.",
        ),
    ],
)
def test_a_card_that_can_no_longer_be_changed(ask: Ask, text: str) -> None:
    assert screens.not_kept(ask, [])[0] == text


def test_somebody_thought_of_somebody() -> None:
    text, blocks = screens.suggestion(ASK, "U0BEN", "U0CY")

    assert text == "<@U0BEN> thinks that <@U0CY> might be able to help you."
    assert read(blocks) == [text, ">A reader for my outline", "Ask them"]


def test_somebody_was_suggested_for_what_was_taken_back() -> None:
    assert screens.suggestion_over()[0] == "Somebody was suggested to you for an ask that you took back."


def test_a_list_that_cannot_show_all_says_which_it_shows() -> None:
    text, blocks = screens.open_asks([ASK] * (MOST_LISTED + 1), {"U0ANA": "Ana"})
    assert text == "The 15 open asks in this channel that are needed soonest"
    assert read(blocks).count("I can help") == MOST_LISTED
    assert screens.open_asks([ASK] * MOST_LISTED, {})[0] == "15 open asks in this channel"


def test_the_list_of_a_channel_names_people_and_calls_nobody() -> None:
    _, blocks = screens.open_asks([ASK, replace(ASK, by_when=None)], {"U0ANA": "Ana & Co"})

    assert read(blocks) == [
        "*2 open asks in this channel*",
        "*Ana &amp; Co*, by 9 March",
        ">A reader for my outline",
        "I can help",
        "*Ana &amp; Co*",
        ">A reader for my outline",
        "I can help",
        "Soonest needed first. Nobody is asked in particular.",
    ]
    assert read(screens.post_here("C0TEAM")) == [
        "Only you see this. Posted in the channel, it is kept up to date, and somebody can pin it.",
        "Post it here",
    ]
    assert screens.list_is_there("https://x.slack.com/p1")[0] == (
        "The list of open asks is in that channel already, and up to date: <https://x.slack.com/p1|here it is>."
    )


def test_home_has_ones_own_asks_and_those_of_others() -> None:
    assert read(screens.own_on_home([ASK]))[:5] == [
        "*What you asked for*",
        ">A reader for my outline",
        "Edit",
        "Close",
        "Take it back",
    ]
    assert read(screens.answerable_on_home([ASK], {"U0ANA": "Ana"})) == [
        "*Asks you could answer*",
        "*Ana*, by 9 March",
        ">A reader for my outline",
        "I can help",
    ]
    assert screens.own_on_home([]) == screens.answerable_on_home([], {}) == []
