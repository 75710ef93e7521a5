"""Every screen within Slack's limits, with the largest data there can be."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from slack_sdk.models.views import View

from slackapp.blocks import replies
from slackapp.blocks.home import home
from slackapp.blocks.kit import SECTION_LIMIT, clipped, escape, quoted
from slackapp.blocks.kudos import kudos_form
from slackapp.blocks.privacy import privacy
from slackapp.blocks.settings import settings_form
from slackapp.domain.balances import Balance, Exchange
from slackapp.domain.gestures import GESTURE_KINDS, NOTE_LIMIT, Recorded, Source
from slackapp.domain.homes import HomeFacts, Note
from slackapp.domain.people import Person
from slackapp.domain.preferences import WISH_LIMIT, Preferences
from slackapp.domain.privacy import DEFAULT, Look, Stored
from slackapp.sandbox.validation import check_blocks, check_view, size

NAMES = {
    "plain": "N" * 80,
    "markup": "<&>*_~`" * 11,
    "right to left": "مرحبا بالعالم الجميل " * 4,
    "emoji": "👩🏽‍🚀" * 20,
}


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
            replies.private_note(recorded(note)[0], fell_back=True),
        ):
            assert check_blocks(blocks, "message") == []
            assert len(text) < 4000

    def test_a_refusal_keeps_what_was_typed(self, name: str, note: str) -> None:
        assert check_blocks(replies.refusal(name, note), "message") == []

    def test_what_is_stored_about_me(self, name: str, note: str) -> None:
        looks = tuple(Look(name[:80], datetime(2026, 3, 4, tzinfo=UTC), number > 5) for number in range(10))
        for paused in (False, True):
            found = Stored(999_999, 999_999, 999_999, True, paused, (name[:80],) * 300, looks)
            view = as_json(privacy(found, DEFAULT))
            assert check_view(view, "modal") == []
            assert size(view) < 250_000

    def test_the_forms(self, name: str, note: str) -> None:
        views = (
            kudos_form(
                people=[one.user_id for one in people(name)], wishes=people(name), message=("C0", "1.2")
            ),
            settings_form(
                person(name), workspace=("Europe/Berlin", {f"emoji_{n}": "kudos" for n in range(30)})
            ),
        )
        for view in views:
            assert check_view(as_json(view), "modal") == []
            assert size(as_json(view)) < 250_000


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
