"""A name written from right to left stays where it stands, and turns no line around it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from slackapp.blocks import asks, offers, replies
from slackapp.blocks.kudos import kudos_form
from slackapp.domain.asks import (
    Ask,
    NotPossible,
    Offer,
    boundaries,
    check_asker,
    check_receiver,
    check_suggestion,
    choose_people,
    why_not_also,
)
from slackapp.domain.gestures import NotAGesture, check_giver, choose_receivers
from slackapp.domain.homes import Asking
from slackapp.domain.people import Person
from slackapp.domain.preferences import Preferences
from tests.world import words

NAME = "דנה לוי"
TODAY = date(2026, 3, 4)
NOW = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)
DANA = Person("U0DANA", NAME)
NAMES = {"U0DANA": NAME}
ASK = Ask(UUID(int=1), "U0DANA", "A hand", "hands", TODAY, "C0TEAM", (), "open", NOW)
OFFER = Offer(UUID(int=2), UUID(int=1), "U0DANA", "U0ANA", "pending", None, NOW)


FULL = replace(DANA, preferences=Preferences(thanked="private", help_me="Mornings", need_now="Calm"))
PAUSED = replace(DANA, preferences=Preferences(paused=True))


def stays(read: str) -> bool:
    return NAME in read and read.count(NAME) == read.count(f"\u200e\u2068{NAME}\u2069")


@pytest.mark.parametrize(
    "blocks",
    [
        asks.open_asks([ASK], NAMES)[1],
        asks.answerable_on_home([ASK], NAMES),
        asks.own_card(replace(ASK, channel_id=None), [], unreached=[DANA])[1],
        offers.on_home(Asking(going_on=(OFFER,)), NAMES, "U0ANA"),
        offers.on_home(Asking(going_on=(replace(OFFER, helper="U0ANA", receiver="U0DANA"),)), NAMES, "U0ANA"),
        offers.offered(OFFER, DANA)[1],
        offers.offered(OFFER, PAUSED)[1],
        offers.offer_form(receiver=FULL).to_dict()["blocks"],
        offers.thanks_form(OFFER, FULL, in_channel=True).to_dict()["blocks"],
        kudos_form(wishes=[FULL]).to_dict()["blocks"],
        *(
            replies.counted(kind=kind, receivers=[person], source_key="x", visibility=seen)[1]
            for kind in ("kudos", "thanks")
            for person in (DANA, FULL, PAUSED)
            for seen in ("channel", "private")
        ),
        replies.checked_in(DANA, TODAY, undone=False)[1],
        replies.checked_in(DANA, TODAY, undone=True)[1],
    ],
)
def test_in_what_people_read(blocks: list[dict[str, object]]) -> None:
    assert stays(words(blocks))


def refused(attempt: Callable[[], object]) -> str:
    with pytest.raises((NotPossible, NotAGesture)) as why:
        attempt()
    return str(why.value)


def refused_offer(person: Person) -> str:
    return refused(lambda: check_receiver("U0ANA", "U0DANA", {"U0DANA": person}))


def refused_ask(person: Person) -> str:
    return refused(lambda: choose_people("U0ANA", ["U0DANA"], {"U0DANA": person}))


def refused_kudos(person: Person) -> str:
    return refused(lambda: choose_receivers("U0ANA", ["U0DANA"], {"U0DANA": person}))


def refused_suggestion(person: Person, *, by: str = "U0ANA", theirs: Offer | None = None) -> str:
    ask = replace(ASK, asker="U0ANA")
    return refused(
        lambda: check_suggestion(
            ask, "Ana", by=by, someone="U0DANA", known={"U0DANA": person}, theirs=theirs, today=TODAY
        )
    )


@pytest.mark.parametrize(
    "sentence",
    [
        *boundaries([replace(DANA, preferences=Preferences(away_until=TODAY))], TODAY),
        *boundaries([replace(DANA, preferences=Preferences(at_capacity_until=TODAY))], TODAY),
        *boundaries([PAUSED], TODAY),
        *boundaries([replace(DANA, on_vacation=True)], TODAY),
        *(
            refused_of(replace(DANA, **what))
            for refused_of in (refused_offer, refused_kudos, refused_ask)
            for what in ({"is_bot": True}, {"is_stranger": True}, {"is_deactivated": True})
        ),
        refused_suggestion(PAUSED),
        refused_suggestion(PAUSED, by="U0BEN"),
        refused_suggestion(DANA, theirs=OFFER),
        refused(lambda: check_asker(PAUSED)),
        refused(lambda: check_giver(PAUSED)),
        why_not_also(replace(ASK, asker="U0ANA"), by="U0ANA", someone="U0DANA", person=PAUSED, theirs=None),
    ],
)
def test_in_why_something_is_not_possible(sentence: str) -> None:
    assert stays(sentence)
