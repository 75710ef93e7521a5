"""What both sides of an offer read, at every stage."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from slackapp.blocks import offers as screens
from slackapp.domain.asks import Ask, Offer
from slackapp.domain.homes import Asking
from slackapp.domain.people import Person
from slackapp.domain.preferences import Preferences
from tests.asking import buttons
from tests.world import words

NOW = datetime(2026, 3, 4, tzinfo=UTC)
ASK = Ask(UUID(int=1), "U0ANA", "A reader for my outline", "eyes", None, "C0TEAM", (), "open", NOW)
TAKEN_BACK = replace(ASK, text=None, state="withdrawn")
OFFER = Offer(UUID(int=2), ASK.ask_id, "U0BEN", "U0ANA", "pending", None, NOW)
UNASKED = replace(OFFER, ask_id=None, text="an hour on the export")
NAMES = {"U0ANA": "Ana", "U0BEN": "Ben"}
ANA = Person("U0ANA", "Ana")


def read(message: tuple[str, list[Any]] | None) -> tuple[str, list[str]]:
    assert message is not None
    text, blocks = message
    return text, buttons({"blocks": blocks})


@pytest.mark.parametrize(
    ("offer", "text", "can_press"),
    [
        (OFFER, "<@U0BEN> can help you.", ["Yes please", "Thanks, I'm covered"]),
        (UNASKED, "<@U0BEN> offers you help.", ["Yes please", "Thanks, I'm covered"]),
        (
            replace(OFFER, claimed=True),
            "<@U0BEN> says that it is done. Did it help?",
            ["This helped", "Not yet"],
        ),
        (
            replace(OFFER, state="accepted"),
            "You said yes to <@U0BEN>. When it is done, say so, and it counts for both of you.",
            ["This helped"],
        ),
        (
            replace(OFFER, state="accepted", claimed=True),
            "<@U0BEN> says that it is done. Did it help?",
            ["This helped", "Not yet"],
        ),
        (
            replace(OFFER, state="declined"),
            "You are covered, and <@U0BEN> knows that the offer was welcome.",
            ["Yes please after all"],
        ),
        (
            replace(OFFER, state="expired"),
            "<@U0BEN> offered help a while ago. If you still want it, say yes.",
            ["Yes please"],
        ),
        (replace(OFFER, state="withdrawn"), "<@U0BEN> took the offer back.", []),
        (replace(OFFER, state="withdrawn", made=False), "This was undone, and nothing is counted.", []),
        (replace(OFFER, state="accepted", helped=True), "<@U0BEN>'s help counts.", ["Say thanks", "Undo"]),
        (
            replace(OFFER, state="accepted", helped=True, thanked=True),
            "<@U0BEN>'s help counts, and your thanks too.",
            [],
        ),
    ],
)
def test_the_receiver_reads_how_it_stands_and_can_do_what_fits(
    offer: Offer, text: str, can_press: list[str]
) -> None:
    assert read(screens.for_receiver(offer, ASK if offer.ask_id else None)) == (text, can_press)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("expired", "<@U0BEN> offered help, and no longer has an account here."),
        ("declined", "You are covered, and <@U0BEN> knows that the offer was welcome."),
    ],
)
def test_nobody_says_yes_to_somebody_who_left(state: str, text: str) -> None:
    assert read(screens.for_receiver(replace(OFFER, state=state), ASK, helper_left=True)) == (text, [])


@pytest.mark.parametrize("state", ["declined", "expired"])
def test_who_took_the_ask_back_is_asked_for_no_yes(state: str) -> None:
    assert read(screens.for_receiver(replace(OFFER, state=state), TAKEN_BACK)) == (
        "You took the ask back, so <@U0BEN>'s offer is over.",
        [],
    )


def test_the_helper_reads_that_the_ask_was_taken_back() -> None:
    assert read(screens.for_helper(replace(OFFER, state="declined"), TAKEN_BACK)) == (
        "<@U0ANA> took the ask back. Thank you for offering: it counts all the same.",
        [],
    )


@pytest.mark.parametrize(
    ("offer", "text", "can_press"),
    [
        (
            replace(OFFER, state="accepted"),
            "<@U0ANA> says yes please to your help.",
            ["I helped", "Take it back"],
        ),
        (
            replace(OFFER, state="accepted", claimed=True),
            "You said that it is done. It counts when <@U0ANA> says that it helped.",
            [],
        ),
        (
            replace(OFFER, state="declined"),
            "<@U0ANA> is covered for now. Thank you for offering: it counts all the same.",
            [],
        ),
        (replace(OFFER, helped=True), "<@U0ANA> says that your help helped. It counts.", []),
    ],
)
def test_the_helper_reads_what_was_answered(offer: Offer, text: str, can_press: list[str]) -> None:
    assert read(screens.for_helper(offer, ASK)) == (text, can_press)


def test_the_helper_hears_nothing_while_nothing_was_answered() -> None:
    assert screens.for_helper(OFFER, ASK) is None
    assert screens.for_helper(replace(OFFER, state="expired"), ASK) is None


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("withdrawn", "You took your offer back."),
        ("pending", "This offer is open again."),
        ("expired", "This offer is over. Thank you for making it: it counts all the same."),
    ],
)
def test_what_an_earlier_answer_becomes(state: str, text: str) -> None:
    assert read(screens.helper_quiet(replace(OFFER, state=state))) == (text, [])


def test_a_question_that_was_answered_asks_no_more() -> None:
    claimed = replace(OFFER, claimed=True)

    assert read(screens.done_question(claimed, ASK))[0] == "<@U0BEN> says that it is done. Did it help?"
    assert read(screens.done_question(replace(claimed, helped=True), ASK)) == (
        "This question is answered.",
        [],
    )


@pytest.mark.parametrize(
    ("offer", "receiver", "text"),
    [
        (OFFER, ANA, "Thank you. Ana knows that you can help, and I'll tell you when they answer."),
        (UNASKED, ANA, "Your offer is on its way to Ana. I'll tell you when they answer."),
        (
            OFFER,
            replace(ANA, preferences=Preferences(paused=True)),
            "Thank you. Ana has paused Mutual, so your offer waits on their Home tab.",
        ),
    ],
)
def test_the_one_who_offers_reads_what_happens_next(offer: Offer, receiver: Person, text: str) -> None:
    assert read(screens.offered(offer, receiver)) == (text, ["I helped", "Take it back"])


@pytest.mark.parametrize(
    ("offer", "text"),
    [
        (UNASKED, "Your offer is on its way to Ana. I'll tell you when they answer."),
        (replace(UNASKED, state="accepted"), "You offered <@U0ANA> help."),
        (replace(UNASKED, state="withdrawn"), "You took your offer back."),
    ],
)
def test_the_answer_to_a_form_stays_true(offer: Offer, text: str) -> None:
    assert read(screens.offer_made(offer, ANA))[0] == text


@pytest.mark.parametrize(
    ("offer", "me", "text", "can_press"),
    [
        (OFFER, "U0ANA", "*Ben* can help you.", ["Yes please", "Thanks, I'm covered"]),
        (UNASKED, "U0ANA", "*Ben* offers you help.", ["Yes please", "Thanks, I'm covered"]),
        (
            replace(OFFER, claimed=True),
            "U0ANA",
            "*Ben* says that it is done. Did it help?",
            ["This helped", "Not yet"],
        ),
        (
            replace(OFFER, state="accepted"),
            "U0ANA",
            "*Ben* helps you. When it is done, say so.",
            ["This helped"],
        ),
        (
            replace(OFFER, helped=True),
            "U0ANA",
            "*Ben* helped you. A word of thanks is still welcome.",
            ["Say thanks"],
        ),
        (OFFER, "U0BEN", "*Ana* has your offer.", ["I helped", "Take it back"]),
        (
            replace(OFFER, state="accepted"),
            "U0BEN",
            "*Ana* said yes to your help.",
            ["I helped", "Take it back"],
        ),
        (
            replace(OFFER, claimed=True),
            "U0BEN",
            "You said that it is done. It counts when *Ana* says that it helped.",
            [],
        ),
    ],
)
def test_home_says_what_is_on_its_way_and_what_it_is_about(
    offer: Offer, me: str, text: str, can_press: list[str]
) -> None:
    asking = Asking(going_on=(offer,), about={offer.offer_id: "A reader for my outline"})

    blocks = screens.on_home(asking, NAMES, me)

    assert words(blocks).split("\n")[:3] == ["*Help on its way*", text, ">A reader for my outline"]
    assert buttons({"blocks": blocks}) == can_press


def test_nothing_on_its_way_takes_no_room() -> None:
    assert screens.on_home(Asking(), NAMES, "U0ANA") == []


def test_a_line_of_thanks_goes_where_the_helper_likes_it() -> None:
    def chosen(helper: Person) -> tuple[str, str]:
        view = screens.thanks_form(OFFER, helper, in_channel=True).to_dict()
        return words(view["blocks"]), view["blocks"][-1]["element"]["initial_option"]["value"]

    text, where = chosen(Person("U0BEN", "Ben"))
    assert "Ben's help counts. A line of thanks makes it land." in text
    assert where == "channel"

    text, where = chosen(Person("U0BEN", "Ben", preferences=Preferences(thanked="private")))
    assert "Ben likes to be thanked in private." in text
    assert where == "private"


def test_the_form_shows_what_the_receiver_told_others_first() -> None:
    ana = replace(ANA, preferences=Preferences(help_me="Mornings <only>", need_now="A calm week"))
    form = screens.offer_form(receiver=ana, words="an hour", told=["Ana is away right now."]).to_dict()

    assert words(form["blocks"][:1]).split("\n") == [
        "Ana is away right now.",
        "Ana says what helps: Mornings &lt;only&gt;",
        "What Ana needs now: A calm week",
    ]
    assert set(words(form["blocks"][1:]).split("\n")) == {
        "Whom do you offer help?",
        "Choose a person",
        "What do you offer?",
        "An hour on the export tomorrow",
    }


def test_the_form_for_a_line_of_thanks() -> None:
    form = screens.thanks_form(OFFER, Person("U0BEN", "Ben"), in_channel=True).to_dict()

    assert set(words(form["blocks"]).split("\n")) == {
        "Ben's help counts. A line of thanks makes it land.",
        "In a line",
        "What did it change for you?",
        "Who may see it?",
        "Everyone in the channel of the ask",
        "Only them",
    }
    in_private = screens.thanks_form(OFFER, Person("U0BEN", "Ben"), in_channel=False).to_dict()
    assert "Who may see it?" not in words(in_private["blocks"])
