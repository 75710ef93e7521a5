"""What people read about asks and offers when something is not possible, and what is said before asking."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from slackapp.domain.asks import (
    NOT_YOURS,
    Ask,
    NotPossible,
    Offer,
    boundaries,
    check_asker,
    check_day,
    check_receiver,
    check_suggestion,
    checked_thanks,
    checked_words,
    choose_people,
    read_offer,
    why_no_change,
    why_no_offer,
    why_no_step,
    why_no_thanks,
    why_not_also,
)
from slackapp.domain.people import Person, read_person
from slackapp.domain.preferences import Preferences

NOW = datetime(2026, 3, 4, tzinfo=UTC)
ASK = Ask(UUID(int=1), "U0ANA", "A reader", "eyes", None, "C0TEAM", (), "open", NOW)
CY = Person("U0CY", "Cy")
OFFER = Offer(UUID(int=2), ASK.ask_id, "U0BEN", "U0ANA", "pending", None, NOW)


def refusal(deed: Callable[[], object]) -> str:
    with pytest.raises(NotPossible) as refused:
        deed()
    return str(refused.value)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("pending", "You have offered already, and Ana knows. I'll tell you when they answer."),
        ("accepted", "Ana said yes to you already. When it is done, press *I helped*."),
        ("declined", "Ana is covered for this one. Thank you for offering: it counts all the same."),
    ],
)
def test_offering_again_says_where_it_stands(state: str, sentence: str) -> None:
    mine = replace(OFFER, state=state)

    assert why_no_offer(ASK, "Ana", helper="U0BEN", mine=mine) == sentence


def test_offering_to_what_is_no_longer_there() -> None:
    def why(ask: Ask | None, helper: str = "U0BEN") -> str:
        return why_no_offer(ask, "Ana", helper=helper, mine=None)

    assert why(None) == "I can't find this any more. It may have been taken back."
    assert why(replace(ASK, state="withdrawn")) == "Ana took this ask back. Thank you for wanting to help."
    assert why(replace(ASK, channel_id=None)) == (
        "This ask went to a few people only. Thank you for wanting to help."
    )
    assert why_no_offer(ASK, "Ana", helper="U0BEN", mine=replace(OFFER, helped=True)) == (
        "You have helped with this already, and it counts."
    )


@pytest.mark.parametrize(
    ("offer", "by", "sentence"),
    [
        (OFFER, "U0ZED", "This button is for somebody else, so nothing changed."),
        (OFFER, "U0ANA", "Nothing to change: Ben's offer waits for your answer."),
        (replace(OFFER, state="accepted"), "U0ANA", "You said yes to Ben already."),
        (replace(OFFER, state="declined"), "U0ANA", "You said already that you are covered."),
        (replace(OFFER, state="expired"), "U0ANA", "This offer is over. If you still want it, say yes."),
        (
            replace(OFFER, state="withdrawn"),
            "U0ANA",
            "Ben took this offer back, so there is nothing to answer.",
        ),
        (replace(OFFER, helped=True), "U0ANA", "Ben's help counts already."),
        (OFFER, "U0BEN", "Nothing to change: Ana has not answered yet."),
        (
            replace(OFFER, claimed=True),
            "U0BEN",
            "You said so already. It counts when Ana says that it helped.",
        ),
        (replace(OFFER, state="accepted"), "U0BEN", "Nothing to change: Ana said yes to you."),
        (
            replace(OFFER, state="declined"),
            "U0BEN",
            "Ana is covered for this one. Thank you for offering: it counts all the same.",
        ),
        (replace(OFFER, state="expired"), "U0BEN", "This offer is over. You can always offer again."),
        (replace(OFFER, state="withdrawn"), "U0BEN", "You took this offer back already."),
        (replace(OFFER, state="withdrawn", made=False), "U0ANA", "This was undone already."),
        (
            replace(OFFER, state="withdrawn", made=False),
            "U0BEN",
            "This was undone, and nothing is counted.",
        ),
        (replace(OFFER, helped=True), "U0BEN", "Ana says that it helped, so it stands as help."),
        (None, "U0BEN", "I can't find this any more. It may have been taken back."),
    ],
)
def test_a_button_that_changes_nothing_says_why(offer: Offer | None, by: str, sentence: str) -> None:
    assert why_no_step(offer, by=by, helper="Ben", receiver="Ana") == sentence


@pytest.mark.parametrize(
    ("by", "sentence"),
    [
        ("U0ANA", "You took this ask back, so Ben's offer is over. You can always ask anew."),
        ("U0BEN", "Ana took the ask back. Thank you for offering: it counts all the same."),
    ],
)
def test_nobody_goes_on_about_an_ask_that_was_taken_back(by: str, sentence: str) -> None:
    gone, declined = replace(ASK, text=None, state="withdrawn"), replace(OFFER, state="declined")

    assert why_no_step(declined, by=by, helper="Ben", receiver="Ana", ask=gone) == sentence
    assert why_no_offer(gone, "Ana", helper="U0BEN", mine=declined) == (
        "Ana took this ask back. Thank you for wanting to help."
    )


def test_nobody_says_yes_to_somebody_who_left() -> None:
    told = why_no_step(
        replace(OFFER, state="expired"), by="U0ANA", helper="Ben", receiver="Ana", helper_left=True
    )

    assert told == "Ben no longer has an account here. Somebody else may be able to help."


@pytest.mark.parametrize("state", ["pending", "accepted", "expired"])
def test_help_for_somebody_who_left_cannot_be_confirmed_any_more(state: str) -> None:
    told = why_no_step(
        replace(OFFER, state=state), by="U0BEN", helper="Ben", receiver="Someone who left", receiver_left=True
    )
    assert told == (
        "Someone who left is no longer here, so nobody can say that it helped. Your offer counts all the same."
    )


@pytest.mark.parametrize(
    ("offer", "by", "sentence"),
    [
        (None, "U0ANA", "I can't find this any more. It may have been taken back."),
        (OFFER, "U0BEN", "This button is for somebody else, so nothing changed."),
        (
            replace(OFFER, helped=True, thanked=True),
            "U0ANA",
            "You have thanked Ben for this already. There is always `/kudos` for more.",
        ),
        (
            replace(OFFER, state="withdrawn"),
            "U0ANA",
            "Ben took this offer back. You can still thank them with `/kudos`.",
        ),
        (
            replace(OFFER, state="withdrawn", made=False),
            "U0ANA",
            "This was undone. You can still thank Ben with `/kudos`.",
        ),
        (replace(OFFER, state="withdrawn", made=False, helped=True), "U0ANA", None),
        (replace(OFFER, helped=True), "U0ANA", None),
    ],
)
def test_thanks_that_cannot_be_said_here_say_why(offer: Offer | None, by: str, sentence: str | None) -> None:
    assert why_no_thanks(offer, by=by, helper="Ben") == sentence


@pytest.mark.parametrize(
    ("state", "by", "sentence"),
    [
        ("open", "U0BEN", "Only Ana can change this ask. If you can help, press *I can help*."),
        ("closed", "U0BEN", "Only Ana can change this ask, and it is closed."),
        ("open", "U0ANA", "This ask is open already."),
        ("closed", "U0ANA", "This ask is closed already."),
        (
            "withdrawn",
            "U0ANA",
            "You took this ask back, and its text is gone. You can always ask anew.",
        ),
    ],
)
def test_an_ask_that_cannot_be_changed_says_why(state: str, by: str, sentence: str) -> None:
    assert why_no_change(replace(ASK, state=state), "Ana", by=by) == sentence


@pytest.mark.parametrize(
    ("situation", "ask", "by", "person", "theirs", "sentence"),
    [
        ("somebody else pressed", ASK, "U0BEN", CY, None, NOT_YOURS),
        (
            "it is closed",
            replace(ASK, state="closed"),
            "U0ANA",
            CY,
            None,
            "This ask is closed, so nobody else was asked.",
        ),
        (
            "they left",
            ASK,
            "U0ANA",
            replace(CY, is_deactivated=True),
            None,
            "They no longer have an account here, so nobody else was asked.",
        ),
        (
            "they offered",
            ASK,
            "U0ANA",
            CY,
            replace(OFFER, helper="U0CY"),
            "Cy has offered already: the offer is among these messages, and on your Home tab.",
        ),
        (
            "they were asked",
            replace(ASK, people=("U0CY",)),
            "U0ANA",
            CY,
            None,
            "Cy has your ask already.",
        ),
        (
            "they paused",
            ASK,
            "U0ANA",
            replace(CY, preferences=Preferences(paused=True)),
            None,
            "Cy has paused Mutual, so your ask would not reach them through me.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith(("they", "it", "some")) else "",
)
def test_asking_one_person_more_says_why_not(
    situation: str, ask: Ask, by: str, person: Person, theirs: Offer | None, sentence: str
) -> None:
    told = why_not_also(ask, by=by, someone="U0CY", person=person, theirs=theirs)

    assert told == sentence, situation


def test_an_asker_is_told_that_somebody_paused() -> None:
    paused = replace(CY, preferences=Preferences(paused=True))

    with pytest.raises(NotPossible, match="Cy has paused Mutual, so your ask would not reach them"):
        check_suggestion(
            ASK, "Ana", by="U0ANA", someone="U0CY", known={"U0CY": paused}, theirs=None, today=NOW.date()
        )


def test_nothing_written_and_too_much_written() -> None:
    assert refusal(lambda: checked_words("  ")) == (
        "Say in a sentence what would help, like “Somebody to look over my outline”."
    )
    assert refusal(lambda: checked_words("x" * 1001)) == (
        "This has 1,001 characters and 1,000 is the most I can keep. Shorten it a little and send it again."
    )


def test_a_line_of_thanks_is_a_line() -> None:
    assert checked_thanks("  ") is None
    assert checked_thanks(" You saved my week ") == "You saved my week"
    assert refusal(lambda: checked_thanks("x" * 301)) == (
        "A line has at most 300 characters. Shorten it a little."
    )


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (
            Person("U0X", "Deploy Bot", is_bot=True),
            "Deploy Bot is an app, and asks are for people.",
        ),
        (
            Person("U0X", "Eva", is_stranger=True),
            "Eva belongs to another organisation, and Mutual stays within yours.",
        ),
        (
            Person("U0X", "Finn", is_deactivated=True),
            "Finn no longer has an account here, so it would not reach them.",
        ),
        (
            None,
            "I don't know one of the people you chose. Pick names from the list Slack shows.",
        ),
    ],
    ids=["an app", "a stranger", "left", "unknown"],
)
def test_whoever_cannot_be_asked_is_named_also_beside_somebody_who_can(
    other: Person | None, sentence: str
) -> None:
    known = {"U0CY": CY} | ({"U0X": other} if other else {})

    assert refusal(lambda: choose_people("U0ANA", ["U0X"], known)) == sentence
    assert refusal(lambda: choose_people("U0ANA", ["U0CY", "U0X"], known)) == sentence


def test_each_of_several_who_cannot_be_asked_is_named() -> None:
    bot, left = Person("U0BOT", "Deploy Bot", is_bot=True), Person("U0FINN", "Finn", is_deactivated=True)

    assert refusal(lambda: choose_people("U0ANA", ["U0BOT", "U0FINN"], {"U0BOT": bot, "U0FINN": left})) == (
        "Deploy Bot is an app, and asks are for people. "
        "Finn no longer has an account here, so it would not reach them."
    )


def test_asking_oneself_beside_others_is_asking_the_others() -> None:
    assert choose_people("U0ANA", ["U0ANA", "U0CY", "U0CY"], {"U0CY": CY}) == ("U0CY",)


def test_somebody_who_was_not_asked_suggests_nobody() -> None:
    few = replace(ASK, channel_id=None, people=("U0BEN",))

    assert refusal(
        lambda: check_suggestion(
            few, "Ana", by="U0ZED", someone="U0CY", known={"U0CY": CY}, theirs=None, today=NOW.date()
        )
    ) == ("This ask went to a few people only, and you are not among them.")


def test_a_crowd_is_better_asked_in_a_channel() -> None:
    crowd = [f"U0{number}" for number in range(11)]

    assert refusal(lambda: choose_people("U0ANA", crowd, {})) == (
        "That is 11 people, and 10 is the most. In a channel, everybody may answer and nobody must."
    )


def test_a_day_that_is_over_unless_it_was_chosen_before() -> None:
    over = NOW.date() - timedelta(days=1)

    assert refusal(lambda: check_day(over, NOW.date())) == (
        "That day is over. Choose today or a later day, or leave it empty."
    )
    check_day(over, NOW.date(), before=over)
    check_day(None, NOW.date())


def test_an_offer_to_somebody_nobody_knows() -> None:
    assert refusal(lambda: check_receiver("U0ANA", "U0NOBODY", {})) == (
        "I don't know this person. Pick a name from the list Slack shows after @."
    )


@pytest.mark.parametrize(
    ("asker", "sentence"),
    [
        (None, "The one who asks must be a person of this workspace."),
        (Person("U0BOT", "Robo", is_bot=True), "The one who asks must be a person of this workspace."),
        (
            replace(CY, preferences=Preferences(paused=True)),
            "Cy has paused Mutual, so nothing is asked in their name.",
        ),
    ],
)
def test_a_workflow_asks_in_nobodys_name_who_could_not_hear_of_it(
    asker: Person | None, sentence: str
) -> None:
    assert refusal(lambda: check_asker(asker)) == sentence


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("<@U0BEN|ben> an hour", ("U0BEN", "an hour")),
        ("to <@U0BEN>: an hour with <@U0CY>", ("U0BEN", "an hour with <@U0CY>")),
        ("<@U0BEN>", ("U0BEN", "")),
    ],
)
def test_an_offer_begins_with_one_person(typed: str, read: tuple[str, str]) -> None:
    assert read_offer(typed) == read


def test_what_is_known_of_people_is_said_kindly_and_only_while_it_lasts() -> None:
    day = date(2026, 3, 9)
    ben = Person("U0BEN", "Ben", preferences=Preferences(at_capacity_until=day))
    cy = Person("U0CY", "Cy", preferences=Preferences(away_until=day))
    zed = Person("U0ZED", "Zed", on_vacation=True)

    assert boundaries([ben, cy, zed], day) == [
        "Ben is at capacity until 9 March. You can still ask; somebody else may have more room.",
        "Cy is away until 9 March.",
        "Zed is away right now.",
    ]
    assert boundaries([ben, cy], date(2026, 3, 10)) == []
    assert boundaries([ben], day, offering=True) == [
        "Ben is at capacity until 9 March. Help may be all the more welcome."
    ]
    assert boundaries([Person("U0MIA", "Mia", preferences=Preferences(paused=True))], day) == [
        "Mia has paused Mutual, so nothing reaches them through me right now."
    ]
    assert [person.has_room(day) for person in (ben, cy, zed)] == [False, False, False]


@pytest.mark.parametrize(("emoji", "away"), [(":palm_tree:", True), (":coffee:", False), ("", False)])
def test_a_vacation_status_means_away(emoji: str, away: bool) -> None:
    profile = {"id": "U0BEN", "team_id": "T0", "profile": {"status_emoji": emoji}}

    assert read_person(profile, workspace_id="T0").on_vacation is away
