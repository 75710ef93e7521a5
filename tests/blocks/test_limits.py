"""Every screen within Slack's limits, with the largest data there can be."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from slack_sdk.models.views import View

from slackapp.blocks import asks, replies
from slackapp.blocks import offers as offers_
from slackapp.blocks.home import home
from slackapp.blocks.kit import SECTION_LIMIT, clipped, escape, quoted
from slackapp.blocks.kudos import kudos_form
from slackapp.blocks.privacy import privacy
from slackapp.blocks.settings import settings_form
from slackapp.domain.asks import ASK_LIMIT, MOST_PEOPLE, Ask, Offer
from slackapp.domain.balances import Balance, Exchange
from slackapp.domain.findings import FindingWords
from slackapp.domain.gestures import GESTURE_KINDS, NOTE_LIMIT, Recorded, Source
from slackapp.domain.homes import Asking, CheckIns, HomeFacts, Note
from slackapp.domain.people import Person
from slackapp.domain.preferences import WISH_LIMIT, Preferences
from slackapp.domain.privacy import DEFAULT, Look, Stored
from slackapp.domain.scopes import REQUIRED
from slackapp.sandbox.validation import check_blocks, check_view, is_too_long, size
from tests.blocks.test_team_limits import on_home

NAMES = {
    "plain": "N" * 80,
    "markup": "<&>*_~`" * 11,
    "right to left": "مرحبا بالعالم الجميل " * 4,
    "emoji": "👩🏽‍🚀" * 20,
}


STATES = ("pending", "accepted", "declined", "expired", "withdrawn")


def as_json(view: View) -> dict[str, Any]:
    found: dict[str, Any] = view.to_dict()
    return found


def person(name: str, number: int = 0) -> Person:
    wishes = Preferences(
        thanked="private", help_me="&" * WISH_LIMIT, need_now="<" * WISH_LIMIT, away_until=date(2026, 3, 4)
    )
    return Person(f"U{number:010}", name[:80], is_admin=True, preferences=wishes)


def people(name: str, count: int = 30) -> list[Person]:
    return [person(name, number) for number in range(count)]


def facts(name: str, note: str) -> HomeFacts:
    weeks = tuple(date(2026, 1, 5) + timedelta(weeks=week) for week in range(12))
    others = [f"U{number:010}" for number in range(500)]
    return HomeFacts(
        person=person(name),
        balance=Balance(
            weeks=weeks,
            gave=(True,) * 12,
            received=(False,) * 11 + (True,),
            by_kind=tuple((kind.name, 99_999, 99_999) for kind in GESTURE_KINDS),
            exchanges=tuple(Exchange(other, 99_999, 99_999) for other in others),
        ),
        names=dict.fromkeys(others, name[:80]),
        notes=tuple(
            Note(other, "thanks", note, datetime(2026, 3, 4, tzinfo=UTC), "private") for other in others[:5]
        ),
        today=date(2026, 3, 4),
    )


def recorded(note: str, count: int = 30) -> list[Recorded]:
    return [
        Recorded(
            UUID(int=number),
            "U0GIVER",
            f"U{number:010}",
            "thanks",
            Source("command:" + "9" * 60, "C0TEAM"),
            "channel",
            note,
            stands=True,
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("note", ["x" * NOTE_LIMIT, escape("&" * NOTE_LIMIT), "\n" * 10 + "a\n" * 1495])
class TestLargest:
    def test_home(self, name: str, note: str) -> None:
        view = as_json(home(facts(name, note)))

        assert check_view(view, "home") == []
        assert len(view["blocks"]) <= 100
        assert size(view) < 250_000

    def test_the_answer_and_what_receivers_read(self, name: str, note: str) -> None:
        receivers = people(name)
        for text, blocks in (
            replies.counted(
                kind="thanks",
                receivers=receivers,
                source_key="command:" + "9" * 60,
                visibility="channel",
                left_out=name * 20,
            ),
            replies.announcement(recorded(note)),
            replies.private_note([*recorded(note, 1), *recorded("y" + note, 1)], "not posted"),
        ):
            assert check_blocks(blocks, "message") == []
            assert not is_too_long(blocks)
            assert len(text) < 4000

    def test_a_refusal_keeps_what_was_typed(self, name: str, note: str) -> None:
        assert check_blocks(replies.refusal(name, note)[1], "message") == []

    def test_what_is_stored_about_me(self, name: str, note: str) -> None:
        looks = tuple(Look(name[:80], datetime(2026, 3, 4, tzinfo=UTC), number > 5) for number in range(10))
        for paused in (False, True):
            found = Stored(*(999_999,) * 6, True, paused, (name[:80],) * 300, looks)
            view = as_json(privacy(found, DEFAULT))
            assert check_view(view, "modal") == []
            assert size(view) < 250_000

    def test_the_forms(self, name: str, note: str) -> None:
        views = (
            kudos_form(
                people=[one.user_id for one in people(name)], wishes=people(name), message=("C0", "1.2")
            ),
            settings_form(
                person(name),
                today=date(2026, 3, 2),
                workspace=("Europe/Berlin", {f"emoji_{n}": "kudos" for n in range(30)}),
            ),
        )
        for view in views:
            assert check_view(as_json(view), "modal") == []
            assert size(as_json(view)) < 250_000


def wanted(words: str, number: int = 1) -> Ask:
    everybody = tuple(f"U{one:010}" for one in range(MOST_PEOPLE))
    return Ask(
        UUID(int=number),
        "U0000000000",
        words,
        "eyes",
        date(2026, 9, 30),
        "C0000000000",
        everybody,
        "open",
        datetime(2026, 3, 4, tzinfo=UTC),
    )


def offered(words: str, number: int, state: str = "pending") -> Offer:
    at = datetime(2026, 3, 4, tzinfo=UTC)
    return Offer(UUID(int=number), UUID(int=1), f"U{number:010}", "U0000000000", state, words, at)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("typed", ["x" * ASK_LIMIT, "&" * ASK_LIMIT, "a\n" * (ASK_LIMIT // 2)])
class TestLargestAsks:
    def test_messages(self, name: str, typed: str) -> None:
        words = escape(typed)
        ask, offers = wanted(words), [offered(words, number) for number in range(1, 400)]
        closed, gone = replace(ask, state="closed"), replace(ask, state="withdrawn", text=None)
        person_ = Person("U0000000000", name[:80])
        messages = [
            asks.card(ask, offers),
            asks.card(ask, offers, reader=offers[0].helper),
            asks.card(closed, offers),
            asks.own_card(
                ask, offers, unreached=[person_, replace(person_, is_deactivated=True)] * MOST_PEOPLE
            ),
            asks.asked_by_workflow(ask, offers),
            *(
                make(one, offers)
                for make in (asks.not_posted, asks.not_kept, asks.kept_again)
                for one in (ask, closed, gone)
            ),
            asks.suggestion(ask, "U0000000001", "U0000000002"),
            asks.open_asks([wanted(words, number) for number in range(20)], {"U0000000000": name[:80]}),
            *(offers_.for_receiver(offered(words, 1, state), ask) for state in STATES),
            *(offers_.offer_made(offered(words, 1, state), person_) for state in STATES),
            offers_.offered(offers[0], person_, told=[name[:80] * 2] * 3),
        ]
        messages += [said for state in STATES if (said := offers_.for_helper(offered(words, 1, state), ask))]
        for text, blocks in messages:
            assert check_blocks(blocks, "message") == []
            assert not is_too_long(blocks)
            assert len(text) < 4000

    def test_forms(self, name: str, typed: str) -> None:
        words, person_ = escape(typed), person(name)
        ask = wanted(words)
        for view in (
            asks.ask_form(words=typed, told=[f"{name[:80]} is at capacity until 30 September."] * 10),
            asks.edit_form(ask, typed),
            asks.close_form(ask, [f"U{number:010}" for number in range(30)]),
            asks.know_someone_form(ask, own=True),
            asks.to_read(ask, [offered(words, number) for number in range(1, 400)], "U0000000001"),
            offers_.offer_form(receiver=person_, words=typed, told=[name[:80]] * 3),
            offers_.thanks_form(offered(typed, 1), person_, in_channel=True),
            replies.notice(name[:80]),
        ):
            assert check_view(as_json(view), "modal") == []

    def test_home(self, name: str, typed: str) -> None:
        words = escape(typed)
        going_on = tuple(replace(offered(words, number), receiver="U0GIVER") for number in range(1, 60))
        asking = Asking(
            own=tuple(wanted(words, number) for number in range(10)),
            answerable=tuple(wanted(words, number) for number in range(5)),
            going_on=going_on,
            about={offer.offer_id: words for offer in going_on},
        )
        full = replace(
            facts(name, escape("&" * NOTE_LIMIT)),
            asking=asking,
            check_ins=CheckIns(
                "U0000000001", tuple(f"U{number:010}" for number in range(60)), date(2026, 3, 4)
            ),
            findings=(FindingWords("over_giver", ("U0GIVER",), "x" * 900, date(2026, 1, 5)),) * 9,
            teams=on_home(name, 100),
            lacks=tuple(REQUIRED),
        )
        view = as_json(home(full, "help@acme.example"))

        assert check_view(view, "home") == []
        assert len(view["blocks"]) <= 100
        assert size(view) < 250_000


class TestClipping:
    def test_short_text_stays_as_it_is(self) -> None:
        assert clipped("as it is", 8) == "as it is"

    def test_it_ends_at_a_word_with_an_ellipsis(self) -> None:
        assert clipped("one two three four", 12) == "one two…"

    @pytest.mark.parametrize("whole", ["<@U0ANA>", "<https://example.com|a link>", "&amp;"])
    def test_nothing_that_belongs_together_is_cut(self, whole: str) -> None:
        for limit in range(4, 60):
            cut = clipped("word " * 3 + whole + " more" * 10, limit)
            assert len(cut) <= limit
            rest = cut.replace(whole, "")
            assert not {"<", "&", ">"} & set(rest)

    def test_a_quote_stays_within_its_limit_however_many_lines_it_has(self) -> None:
        assert len(quoted("a\n" * 3000)) <= SECTION_LIMIT
